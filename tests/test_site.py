"""建好的站点：链接不断、图有替代文本、不向站外取东西、标题不跳级。"""

from pathlib import Path

import pytest
import site_findings as check
from built import Page, read_page, read_site


def planted(text: str) -> dict[str, Page]:
    """只有一页、正文是 text 的站点。"""
    return {"a/index.html": read_page("a/index.html", text)}


def test_no_link_is_dead(built_site: Path, parsed_site: dict[str, Page]) -> None:
    assert check.dead_links(parsed_site, built_site) == []


def test_every_image_has_alt(parsed_site: dict[str, Page]) -> None:
    assert check.missing_alt(parsed_site) == []


def test_nothing_is_loaded_from_elsewhere(
    built_site: Path, parsed_site: dict[str, Page]
) -> None:
    assert check.external_loads(parsed_site, built_site) == []


def test_ids_are_unique(parsed_site: dict[str, Page]) -> None:
    assert check.duplicate_ids(parsed_site) == []


def test_no_latex_is_left_as_text(parsed_site: dict[str, Page]) -> None:
    assert check.raw_latex(parsed_site) == []


def test_headings_do_not_skip_levels(parsed_site: dict[str, Page]) -> None:
    assert check.heading_jumps(parsed_site) == []


def test_a_page_is_short_when_a_failing_check_prints_it() -> None:
    deep = planted("<div>" * 40 + "字" + "</div>" * 40)
    assert len(repr(deep)) < 200
    assert len(repr(deep["a/index.html"].elements)) < 10_000


def test_the_site_that_is_checked_has_pages(parsed_site: dict[str, Page]) -> None:
    assert {"index.html", "how-to-read/index.html"} <= set(parsed_site)


LINKS = [
    ('<a href="../nowhere/">x</a>', "a/index.html:1: dead link ../nowhere/"),
    ('<img src="no.svg" alt="x">', "a/index.html:1: dead link no.svg"),
    ('\n<a href="#no">x</a>', "a/index.html:2: dead anchor #no"),
    ('<a href="../b/#无">x</a>', "a/index.html:1: dead anchor ../b/#无"),
    ('<a href="../../../x">x</a>', "a/index.html:1: dead link ../../../x"),
    ('<a href="/elsewhere/">x</a>', "a/index.html:1: dead link /elsewhere/"),
]


@pytest.mark.parametrize(("fault", "finding"), LINKS)
def test_a_dead_link_is_named(fault: str, finding: str, tmp_path: Path) -> None:
    good = '<h1 id="有">x</h1><a href="../b/#有">x</a><a href="#有">x</a>'
    good += '<a href="https://example.org/">x</a>'
    for name, text in (("a", good), ("b", good), ("a", good + fault)):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "index.html").write_text(text, encoding="utf-8")
        found = check.dead_links(read_site(tmp_path), tmp_path)
        assert name == "a" or found == []
    assert found == [finding]


LOADS = [
    '<script src="https://cdn.example/x.js"></script>',
    '<link rel="stylesheet" href="//cdn.example/x.css">',
    '<img src="http://cdn.example/x.png" alt="x">',
    '<img srcset="https://cdn.example/x.png 2x" alt="x">',
    "<style>@import 'https://cdn.example/x.css';</style>",
    '<p style="background: url(https://cdn.example/x.png)">x</p>',
    '<iframe src="https://cdn.example/"></iframe>',
]


@pytest.mark.parametrize("fault", LOADS)
def test_an_external_load_is_named(fault: str, tmp_path: Path) -> None:
    (finding,) = check.external_loads(planted(fault), tmp_path)
    assert finding.startswith("a/index.html:1: loads ")
    assert "cdn.example" in finding


def test_an_external_font_in_a_stylesheet_is_named(tmp_path: Path) -> None:
    css = "@font-face { src: url('https://cdn.example/f.woff2') }"
    (tmp_path / "x.css").write_text(css, encoding="utf-8")
    found = check.external_loads({}, tmp_path)
    assert found == ["x.css: loads https://cdn.example/f.woff2"]


def test_a_link_for_readers_is_not_a_load(tmp_path: Path) -> None:
    page = planted(
        '<a href="https://example.org/">x</a>'
        '<link rel="canonical" href="https://example.org/">'
    )
    assert check.external_loads(page, tmp_path) == []


FAULTS = [
    (check.missing_alt, '<img src="x.svg">', "image without alt: x.svg"),
    (check.missing_alt, '<img src="x.svg" alt=" ">', "image without alt: x.svg"),
    (check.duplicate_ids, '<p id="b"></p><p id="b"></p>', "duplicate id b"),
    (check.raw_latex, r"<p>损失 \frac{1}{2}</p>", r"raw LaTeX: \frac"),
    (check.raw_latex, "<p>步长 $x_t$ 太大</p>", "raw LaTeX: $x_t$"),
    (check.raw_latex, r"<td>\(x\)</td>", r"raw LaTeX: \("),
    (check.heading_jumps, "<h1>a</h1><h3>b</h3>", "h1 is followed by h3"),
]


@pytest.mark.parametrize(("finder", "fault", "finding"), FAULTS)
def test_a_planted_fault_is_named(finder, fault: str, finding: str) -> None:
    assert finder(planted(fault)) == [f"a/index.html:1: {finding}"]


def test_two_top_headings_are_named() -> None:
    found = check.heading_jumps(planted("<h1>a</h1><h1>b</h1>"))
    assert found == ["a/index.html: 2 h1 headings"]


def test_latex_in_code_and_in_formulas_is_fine() -> None:
    page = planted(r'<code>\frac</code><span class="arithmatex">\(\frac12\)</span>')
    assert check.raw_latex(page) == []


def test_prices_are_not_latex() -> None:
    assert check.raw_latex(planted("<p>从 $5 涨到 $6</p>")) == []
