"""The pages about methods: every page and link works, every figure's link names a page, no address reaches a file."""

import importlib
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.template import Context, Template
from django.test import Client

import concord.stats
from concord.core.services import method_pages
from concord.core.services.method_pages import page_about, shelf

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "docs" / "methods"
SLUGS = sorted(path.stem for path in FOLDER.glob("*.md"))
PACKAGES = sorted(name for name in concord.stats.__all__ if name.islower())
# Where the figures of an app's pages are computed: all in one home, and of a study's raters beside it.
ESTIMATES = "platform/concord/estimates"
SOURCES = {
    "annotation": [ESTIMATES, "annotation/quality"],
    "evaluation": [ESTIMATES, "evaluation/selectors"],
    "scorecards": [ESTIMATES, "platform/concord/scorecards/report"],
}
TAG = re.compile(r"{% (?:how_computed|method_name) (.*?) %}")


class Read(HTMLParser):
    """Ids, links and headings of a page, and the elements and attributes that it is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        self.attributes |= given.keys()
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [given["href"] or ""] if tag == "a" and "href" in given else []


def address(slug: str) -> str:
    return "/methods/" if slug == "index" else f"/methods/{slug}/"


def article(html: str) -> str:
    return html.split("<article", 1)[1].split("</article>", 1)[0]


@pytest.fixture(scope="module")
def pages() -> dict[str, Read]:
    """Every page as a person without an account gets it; nothing of it comes from the database."""
    return {address(slug): Read(Client().get(address(slug)).content.decode()) for slug in SLUGS}


@pytest.mark.parametrize("slug", SLUGS)
def test_every_page_is_shown_to_anyone_under_its_title(client: Client, slug: str) -> None:
    response = client.get(address(slug))
    assert response.status_code == 200
    html = response.content.decode()
    title = (FOLDER / f"{slug}.md").read_text().splitlines()[0].removeprefix("# ")
    found = re.search(r"<h1>(.*?)</h1>", html)
    assert found is not None
    assert found.group(1).replace("&#x27;", "'") == title
    assert html.count("<h1") == 1, "the title stands once"
    for section in re.findall(r"^## (.+)$", (FOLDER / f"{slug}.md").read_text(), flags=re.MULTILINE):
        assert html.count(f">{section}</a></h2>") == 1, section


def test_every_link_of_every_page_leads_to_a_page_and_a_part_of_it(pages: dict[str, Read]) -> None:
    followed = 0
    for here, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), f"{here} has an id twice"
        for link in page.links:
            if link == "/" or link.startswith("https://"):
                continue
            path, _, part = link.partition("#")
            assert (path or here) in pages, f"{here} leads to {link}"
            assert not part or part in pages[path or here].ids, f"{here} leads to {link}"
            followed += 1
    written = sum(len(re.findall(r"\]\(\w+\.md", path.read_text())) for path in FOLDER.glob("*.md"))
    assert followed > written > 150, "the links between the files are links between the pages"


def test_no_link_of_the_files_was_lost(client: Client) -> None:
    for slug in SLUGS:
        written = re.findall(r"(?<!!)\[[^\]]+\]\((\w+)\.md", (FOLDER / f"{slug}.md").read_text())
        shown = article(client.get(address(slug)).content.decode())
        for target in set(written):
            assert f'href="{address(target)}' in shown, f"{slug} leads no more to {target}"


def test_the_pages_bring_no_script_no_style_and_load_nothing(pages: dict[str, Read]) -> None:
    for slug in SLUGS:
        found = Read(article(Client().get(address(slug)).content.decode()))
        assert not found.tags & {"script", "style", "img", "iframe", "form", "link"}, slug
        assert "style" not in found.attributes
        assert not {name for name in found.attributes if name.startswith("on")}


def test_one_can_read_from_the_first_page_to_the_last_and_back(client: Client) -> None:
    order = list(shelf().pages)
    assert sorted([*order, "index"]) == SLUGS
    assert order[:3] == ["krippendorff_alpha", "alpha_parts", "percent_agreement"], (
        "in the order of the index"
    )
    seen, url = [], address(order[0])
    while url:
        html = client.get(url).content.decode()
        seen.append(url)
        assert '<a class="method-all" href="/methods/">' in html
        following = re.search(r'rel="next" href="([^"]+)"', html)
        back = re.search(r'rel="prev" href="([^"]+)"', html)
        assert (back.group(1) if back else "") == (seen[-2] if len(seen) > 1 else "")
        url = following.group(1) if following else ""
    assert seen == [address(slug) for slug in order]


@pytest.mark.parametrize(
    "path",
    [
        "/methods/nothing_of_this_name/", "/methods/index/", "/methods/index.md", "/methods/kappa.md/",
        "/methods/clusters.svg", "/methods/clusters/", "/methods/../../README/", "/methods/../README.md",
        "/methods/%2e%2e/", "/methods/%2e%2e/%2e%2e/README/", "/methods/..%2f..%2fREADME.md/", "/methods/%2e%2e%2fguide/",
        "/methods/%252e%252e%252fguide/", "/methods/..\\guide/", "/methods//etc/passwd/", "/methods/%2fetc%2fpasswd/",
        "/methods/guide/", "/methods/~root/", "/methods/kappa/../../guide/", "/methods/KAPPA/", "/methods/kappa%00/",
    ],
)  # fmt: skip
def test_whatever_is_no_page_is_not_there(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == (400 if "%00" in path else 404)


def test_an_address_never_reaches_the_file_system(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.get("/methods/kappa/")

    def refuse(*arguments: Any, **more: Any) -> None:
        raise AssertionError(f"a file was read: {arguments}")

    for name in ("read_text", "read_bytes", "open", "exists", "glob"):
        monkeypatch.setattr(Path, name, refuse)
    assert client.get("/methods/rater_cards/").status_code == 200
    assert client.get("/methods/rater_card/").status_code == 404


class TestFromFigureToPage:
    @pytest.mark.parametrize("package", PACKAGES)
    def test_every_estimator_has_a_page(self, package: str) -> None:
        module = importlib.import_module(f"concord.stats.{package}")
        for name in module.__all__:
            if callable(getattr(module, name)) and name.islower():
                page = page_about(f"{package}.{name}")
                assert page is not None, f"{package}.{name}"
                assert f"`{package}.{name}`" in page.text.split("\n\n")[0]

    @pytest.mark.parametrize("app", sorted(SOURCES))
    def test_what_a_page_names_has_a_page_and_is_what_computes_its_figures(self, app: str) -> None:
        """A link to a method that the app never calls would be a lie."""
        templates = "".join(path.read_text() for path in sorted((ROOT / "templates" / app).glob("*.html")))
        named = [name for tag in TAG.findall(templates) for name in re.findall(r'"([a-z_]+\.[a-z_]+)"', tag)]
        code = "".join(path.read_text() for folder in SOURCES[app] for path in (ROOT / folder).glob("*.py"))
        named += re.findall(r'estimator="([a-z]+\.[a-z_]+)"', code)
        assert len(set(named)) >= 2
        for name in sorted(set(named)):
            assert page_about(name) is not None, f"{name} has no page"
            assert re.search(rf"(?<![\"\w]){re.escape(name)}\b(?!\")", code), (
                f"nothing in {SOURCES[app]} calls {name}"
            )

    def test_the_line_beneath_a_figure_names_each_page_once(self) -> None:
        line = Template('{% how_computed "ranking.bradley_terry" more %}').render(
            Context({"more": ["ranking.VoteCounts", "comparison.holm"]})
        )
        assert re.findall(r'href="([^"]+)"', line) == ["/methods/bradley_terry/", "/methods/multiplicity/"]
        assert "How this is computed" in line
        assert "no-print" in line

    def test_a_method_without_a_page_is_words(self) -> None:
        tags = '{% method_name "made.up" words %}{% how_computed "made.up" %}'
        assert Template(tags).render(Context({"words": "<b>"})) == "&lt;b&gt;"


class TestWithoutThePages:
    """An installation that came without docs/: links vanish, nothing breaks."""

    @pytest.fixture(autouse=True)
    def missing(self, settings: Any, tmp_path: Path) -> None:
        settings.METHOD_PAGES = tmp_path / "docs" / "methods"

    def test_links_vanish(self) -> None:
        names = '{% method_name "agreement.krippendorff_alpha" "Krippendorff\'s alpha" %}'
        lines = '{% how_computed "comparison.mean" %}{% methods_link "Methods" %}'
        assert Template(names + lines).render(Context()) == "Krippendorff's alpha"

    @pytest.mark.parametrize("path", ["/methods/", "/methods/kappa/"])
    def test_the_pages_are_not_there(self, client: Client, path: str) -> None:
        assert client.get(path).status_code == 404


class TestRendering:
    def html(self, tmp_path: Path, settings: Any, text: str, **files: str) -> str:
        (tmp_path / "page.md").write_text(f"# Page\n\n{text}\n")
        for name, content in files.items():
            (tmp_path / name.replace("_", ".")).write_text(content)
        settings.METHOD_PAGES = tmp_path
        return str(method_pages.shown(shelf().pages["page"]).html)

    def test_nothing_but_markdown_gets_through(self, tmp_path: Path, settings: Any) -> None:
        html = self.html(
            tmp_path, settings,
            "<script>alert(1)</script> [x](javascript:alert(1)) ![p](x.svg) <b onclick=alert(1)>y</b>",
            x_svg="<svg onload='alert(1)'><script>alert(1)</script><style>*{color:red}</style><text x='1'>drawn</text></svg>",
        )  # fmt: skip
        found = Read(html)
        assert "script" not in found.tags
        assert "style" not in found.tags
        assert "onload" not in found.attributes
        assert "onclick" not in found.attributes
        assert found.links == []
        assert '<text x="1">drawn</text>' in html

    def test_links_to_what_is_no_page_are_words(self, tmp_path: Path, settings: Any) -> None:
        html = self.html(
            tmp_path, settings,
            "[a](../guide.md) [b](gone.md) [c](page.md#part) [d](#part) [e](https://example.org/) [f](/etc/passwd)\n\n## Part",
        )  # fmt: skip
        assert Read(html).links == ["/methods/page/#part", "#part", "https://example.org/", "#part"]
        assert "<a>a</a>" in html

    def test_headings_of_one_name_have_each_an_address(self, tmp_path: Path, settings: Any) -> None:
        assert Read(self.html(tmp_path, settings, "## Same\n\n## Same\n\n### Näme & `code`, 2")).ids == [
            "same", "same-1", "näme--code-2",
        ]  # fmt: skip

    def test_a_picture_stands_in_a_figure_with_its_words(self, tmp_path: Path, settings: Any) -> None:
        html = self.html(
            tmp_path, settings, "![What it is](a.svg)", a_svg="<svg viewBox='0 0 2 1'><path d='M0 0'/></svg>"
        )
        assert '<figure class="figure" tabindex="0"><svg viewBox="0 0 2 1">' in html
        assert "<figcaption>What it is</figcaption></figure>" in html
        assert "<p>" not in html

    def test_a_row_that_heads_others_takes_the_whole_width(self, tmp_path: Path, settings: Any) -> None:
        html = self.html(
            tmp_path,
            settings,
            "| a | b |\n|---|---|\n| **Group** | |\n| x | 15: .951 |\n| **y** | z |\n| w | |",
        )
        assert '<td colspan="2"><strong>Group</strong></td>\n</tr>' in html
        assert '<td class="nowrap">15: .951</td>' in html
        assert html.count("<td") == 1 + 2 + 2 + 2

    def test_sources_are_led_to(self, tmp_path: Path, settings: Any) -> None:
        html = self.html(
            tmp_path, settings, "One (1985), doi:10.1016/0304-4076(85)90158-7; two, arXiv:2311.01453."
        )
        assert Read(html).links == [
            "https://doi.org/10.1016/0304-4076(85)90158-7", "https://arxiv.org/abs/2311.01453",
        ]  # fmt: skip


@pytest.mark.django_db
def test_whoever_reads_figures_finds_the_methods_in_the_menu(client: Client, viewer: Any, rater: Any) -> None:
    for user, shown in ((viewer, True), (rater, False)):
        client.force_login(user)
        frame = client.get("/methods/").content.decode().split("</header>")[0]
        assert ('<a href="/methods/">Methods</a>' in frame) == shown
