"""What a model writes reaches a page as words, whatever it wrote."""

import re
import time
from html.parser import HTMLParser

import pytest

from concord.core.services.render import FOLDED_LIMIT, SHOWN_LIMIT, blocks_html, output_html, plain_text

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
