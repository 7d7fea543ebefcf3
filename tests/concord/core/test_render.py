"""What a model writes reaches a page as words, whatever it wrote."""

import re
import time
from html.parser import HTMLParser

import pytest

from concord.core.services.render import (
    FOLDED_LIMIT,
    SHOWN_LIMIT,
    blocks_html,
    output_html,
    plain_text,
    visible,
)

HARMLESS_TAGS = {
    "a", "b", "strong", "em", "i", "s", "del", "code", "pre", "br", "hr", "p", "ul", "ol", "li", "blockquote", "div", "span",
    "table", "thead", "tbody", "tr", "td", "th", "h3", "h4", "h5", "h6", "details", "summary", "img",
}  # fmt: skip
HARMLESS_ATTRIBUTES = {
    "href", "rel", "target", "dir", "class", "start", "tabindex", "role", "aria-label", "src", "alt",
}  # fmt: skip

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<style>body{display:none}</style><p style='position:fixed'>x</p>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href='javascript:alert(1)' onclick=alert(1)>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](vbscript:x)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](//evil.example/a)",
    "[x](file:///etc/passwd)",
    "![x](https://evil.example/pixel.png)",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    '![x" onerror="alert(1)](https://evil.example/a.png)',
    '[x](https://ok.example/"onmouseover="alert(1))',
    '[x](https://ok.example "t\\" onmouseover=alert(1)")',
    "[x]\n\n[x]: javascript:alert(1)",
    "<javascript:alert(1)>",
    '```html" onclick="alert(1)\n<script>alert(1)</script>\n```',
    "```\n</code></pre><script>alert(1)</script>\n```",
    "| a |\n|---|\n| <script>alert(1)</script> |",
    "# <img src=x onerror=alert(1)>",
    "</div></main><form action=/x><input name=password></form>",
    "<!--><script>alert(1)</script>-->",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "⟦U+202E⟧<script>alert(1)</script>",
    "`<script>alert(1)</script>`",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "{{ constructor }} {% load x %}",
    '[x](https://ok.example/\u202e" onclick="y)',
]


class Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


def assert_harmless(html: str) -> None:
    for tag, attributes in Elements(html).found:
        assert tag in HARMLESS_TAGS, tag
        assert set(attributes) <= HARMLESS_ATTRIBUTES, attributes
        if "href" in attributes:
            assert re.match(r"(https?|mailto):", attributes["href"] or "", re.IGNORECASE), attributes
            assert set((attributes["rel"] or "").split()) >= {"nofollow", "noopener"}
        if "src" in attributes:
            assert (attributes["src"] or "").startswith("/w/"), attributes


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("kind", ["markdown", "text", "code", "unheard-of"])
def test_an_attack_becomes_words(attack: str, kind: str) -> None:
    assert_harmless(output_html(attack, kind))


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_in_a_block_becomes_words(attack: str) -> None:
    blocks = [
        {"type": "text", "text": attack},
        {"type": attack, "alt": attack},
        {"type": "image", "alt": attack, "file": attack},
        {"type": "image", "alt": attack, "file": 3},
        {
            "type": "chat",
            "turns": [{"role": attack, "content": attack}, {"role": "user", "content": [attack]}],
        },
        {attack: attack},
        attack,
    ]
    assert_harmless(blocks_html(blocks, "acme"))


def test_what_a_model_wrote_as_html_is_still_to_be_read() -> None:
    html = output_html("before <script>alert(1)</script> after")
    assert Elements(html).words.strip() == "before <script>alert(1)</script> after"


def test_markdown_is_rendered() -> None:
    html = output_html(
        "# Title\n\n**bold** and `code`\n\n| a |\n|---|\n| 1 |\n\n```py\nx < 1\n```\nline\nbreak"
    )
    tags = [tag for tag, _ in Elements(html).found]
    assert {"h3", "strong", "code", "table", "td", "pre", "br"} <= set(tags)
    assert "x &lt; 1" in html


def test_text_and_code_are_shown_letter_by_letter() -> None:
    assert Elements(output_html("**a**\n  b", "text")).words == "**a**\n  b"
    assert Elements(output_html("**a**\n  b", "code")).words == "**a**\n  b"


def test_a_good_link_leads_out_and_tells_nothing() -> None:
    html = output_html("[there](https://example.org/a?b=1&c=2)")
    assert 'href="https://example.org/a?b=1&amp;c=2"' in html
    assert 'rel="nofollow noopener noreferrer"' in html
    assert 'target="_blank"' in html


def test_a_remote_image_is_described_not_loaded() -> None:
    html = output_html("![a cat](https://evil.example/pixel.png)")
    assert "<img" not in html
    assert "a cat" in html
    assert "evil.example" not in html


@pytest.mark.parametrize("hidden", ["\u202e", "\u2066", "\x00", "\x1b", "\U000e0041", "\x85"])
@pytest.mark.parametrize("kind", ["markdown", "text", "code"])
def test_what_hides_or_reorders_text_is_drawn_as_a_mark(hidden: str, kind: str) -> None:
    html = output_html(f"pay{hidden}load", kind)
    assert hidden not in html
    assert f'<span class="invisible-character">U+{ord(hidden):04X}</span>' in html


def test_marks_of_right_to_left_and_joined_scripts_stay() -> None:
    text = "שלום\u200f می\u200cخواهم 👩\u200d🔬"
    assert text in output_html(text)


def test_each_paragraph_finds_its_own_direction() -> None:
    html = output_html("hello\n\nשלום")
    assert html.count('<p dir="auto">') == 2


def test_a_line_of_a_million_letters_is_quick_and_folded() -> None:
    begun = time.process_time()
    html = output_html("x" * 1_000_000)
    assert time.process_time() - begun < 0.5
    shown, folded = html.split("<details", 1)
    assert shown.count("x") == SHOWN_LIMIT
    assert folded.count("x") >= 1_000_000 - SHOWN_LIMIT


def test_beyond_every_limit_the_page_says_what_is_missing() -> None:
    html = output_html("x" * (FOLDED_LIMIT + 5))
    assert "The last 5 characters are only in the export" in html
    assert len(html) < FOLDED_LIMIT + 1000


@pytest.mark.parametrize(
    "piece", ["[", "*a ", "> ", "![[(", "[a](b", "_a__b*", "- ", "|a", "<a ", "`a``", "[a]["]
)
def test_crafted_markdown_takes_no_more_than_moments(piece: str) -> None:
    line = (piece * 5000)[:4900] + "\n"
    begun = time.process_time()
    output_html(line * 8)
    assert time.process_time() - begun < 3


def test_deep_nesting_ends() -> None:
    assert_harmless(output_html(">" * 20_000))
    assert_harmless(output_html("".join("  " * depth + "- a\n" for depth in range(150))))
    blocks: list[object] = ["bottom"]
    for _ in range(50):
        blocks = [{"type": "chat", "turns": [{"role": "user", "content": blocks}]}]
    assert_harmless(blocks_html(blocks))


@pytest.mark.parametrize(
    "odd", [None, 3, {"a": 1}, [None, 3, [1]], [{}], [{"type": "chat", "turns": 4}], "text", []]
)
def test_content_of_an_unforeseen_shape_is_shown_not_an_error(odd: object) -> None:
    assert_harmless(blocks_html(odd, "acme"))
    assert isinstance(plain_text(odd), str)


def test_an_image_is_a_file_of_the_workspace_or_its_description() -> None:
    block = {"type": "image", "file": 7, "alt": 'a "cat"'}
    assert "<img" not in blocks_html([block])
    html = blocks_html([block], "acme")
    assert ('src="/w/acme/files/7/"' in html) or "a &quot;cat&quot;" in html


def test_chat_turns_say_whose_they_are() -> None:
    html = blocks_html(
        [
            {
                "type": "chat",
                "turns": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "**Ho**"}],
            }
        ]
    )
    assert html.index("User") < html.index("Hi") < html.index("Assistant") < html.index("<strong>Ho</strong>")


def test_plain_text_of_blocks() -> None:
    blocks = [
        {"type": "markdown", "text": "a"},
        {"type": "image", "alt": "cat"},
        {"type": "chat", "turns": [{"role": "user", "content": "b"}]},
    ]
    assert plain_text(blocks) == "a\n\n[image: cat]\n\nUser: b"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("# a", "<h3"),
        ("## a", "<h4"),
        ("#### a", "<h6"),
        ("###### a", "<h6"),
    ],
)
def test_a_heading_stands_two_levels_down_and_never_below_the_sixth(text: str, shown: str) -> None:
    html = output_html(text)
    assert shown in html
    assert html.count("<h") == 1


def test_a_table_scrolls_in_a_box_that_a_keyboard_reaches() -> None:
    html = output_html("| a | b |\n|---|---|\n| 1 | 2 |")
    assert '<div class="scroll" tabindex="0" role="group" aria-label="Table">' in html
    assert html.count("<td") == 2


@pytest.mark.parametrize(("length", "rendered"), [(40_000 - 2, True), (40_000 + 1, False)])
def test_markdown_is_rendered_up_to_its_limit(length: int, rendered: bool) -> None:
    line = "*a* " + "b" * 95 + "\n"
    text = (line * 500)[:length]
    assert ("<em>" in output_html(text)) == rendered


@pytest.mark.parametrize(("length", "rendered"), [(5_000, True), (5_001, False)])
def test_a_line_is_rendered_up_to_its_limit(length: int, rendered: bool) -> None:
    assert ("<em>" in output_html("*a* " + "b" * (length - 4))) == rendered


def test_what_is_folded_is_counted_and_nothing_is_lost_between() -> None:
    text = "a" * SHOWN_LIMIT + "b" * 1234
    html = output_html(text)
    assert f"1,234 more characters of {len(text):,}. Show them" in html
    assert "only in the export" not in html
    assert "<details" not in output_html("a" * SHOWN_LIMIT)
    exact = output_html("x" * FOLDED_LIMIT)
    assert "only in the export" not in exact


@pytest.mark.parametrize(("blocks", "left"), [(500, None), (501, "1 more blocks"), (777, "277 more blocks")])
def test_at_most_five_hundred_blocks_are_shown(blocks: int, left: str | None) -> None:
    html = blocks_html([f"block {place}." for place in range(blocks)])
    assert "block 499." in html
    assert "block 500." not in html
    assert (left is None) == ("are not shown" not in html)
    assert left is None or left in html


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        (7, True),
        ("7", True),
        (0, False),
        (None, False),
        (-1, False),
        ("x", False),
        ([7], False),
        (float("inf"), False),
    ],
)
def test_only_a_stored_files_number_is_an_image(file: object, shown: bool) -> None:
    html = blocks_html([{"type": "image", "file": file, "alt": "a cat"}], "acme")
    assert ('<img src="/w/acme/files/7/" alt="a cat">' in html) == shown
    assert ("[image: a cat]" in html) == (not shown)


def test_a_role_that_is_none_is_shown_as_text_and_styled_as_other() -> None:
    html = blocks_html(
        [{"type": "chat", "messages": [{"role": "<b>", "text": "Hi"}, {"content": "Ho"}, "no turn"]}]
    )
    assert '<div class="turn turn-other"><span class="turn-role">&lt;b&gt;</span>' in html
    assert '<div class="turn turn-user"><span class="turn-role">User</span>' in html
    assert html.count('class="turn ') == 2


def test_a_block_of_an_unknown_kind_is_named() -> None:
    assert "[audio: a song]" in blocks_html([{"type": "audio", "name": "a song"}])
    assert "[audio: no description]" in blocks_html([{"type": "audio"}])
    assert plain_text([{"type": "audio", "alt": "a song"}, {"text": None}, {"type": "image"}]) == (
        "[audio: a song]\n\n[image: no description]"
    )


@pytest.mark.parametrize(
    ("hidden", "mark"),
    [("\u202e", "⟦U+202E⟧"), ("\x07", "⟦U+0007⟧"), ("\U000e0061", "⟦U+E0061⟧"), ("\ud800", "⟦U+D800⟧")],
)
def test_every_character_that_hides_others_is_named(hidden: str, mark: str) -> None:
    assert visible(f"a{hidden}b") == f"a{mark}b"


@pytest.mark.parametrize("kept", ["\t", "\n", "\r", "\u200d", "\u200f", "\u00a0", "é", "😀", "\ufeff"])
def test_what_letters_need_is_left_as_it_is(kept: str) -> None:
    assert visible(f"a{kept}b") == f"a{kept}b"


@pytest.mark.parametrize("address", ["http://a.example", "HTTPS://a.example", "mailto:a@b.example"])
def test_links_lead_to_the_web_and_to_mail(address: str) -> None:
    assert "<a " in output_html(f"[x]({address})")
