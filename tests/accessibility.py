"""What axe finds wrong with a page.

Only what is wrong leaves the browser: a report of all that is right takes longer than the look itself.
"""

from typing import Any

from axe_playwright_python.sync_playwright import Axe

LOOKS = ((1280, "light"), (1280, "dark"), (390, "light"))
# A theme changes colours and nothing else, so in the dark only these two are asked again.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
SAY = """([where, options]) => axe.run(where, options).then((result) => result.violations.map(
    (one) => `${one.id}: ${one.help}\\n    ${one.nodes.map((node) => node.html.slice(0, 200)).slice(0, 3).join("\\n    ")}`
))"""
WIDTHS = "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"


def violations(
    page: Any, *, options: dict[str, Any] | None = None, without: tuple[str, ...] = ()
) -> list[str]:
    """One sentence for each rule that the page breaks as it stands; `without` what these selectors find."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    where = {"include": [["html"]], "exclude": [[selector] for selector in without]}
    found: list[str] = page.evaluate(SAY, [where, {**(options or {}), "resultTypes": ["violations"]}])
    return found


def violations_in_all_looks(
    page: Any, *, options: dict[str, Any] | None = None, without: tuple[str, ...] = ()
) -> list[str]:
    """The same of a loaded page in both themes and on a phone, where it must not scroll sideways either.

    Nothing here is made by a script that asks for the width or the theme, so one loading shows all three.
    """
    wrong: list[str] = []
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        asked = COLOURS if scheme == "dark" else options
        look = f"at {width} px, {scheme}: "
        wrong += [look + one for one in violations(page, options=asked, without=without)]
        wide, room = page.evaluate(WIDTHS)
        wrong += [f"{look}scrolls sideways, {wide} in {room}"] if wide > room else []
    return wrong
