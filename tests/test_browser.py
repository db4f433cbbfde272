"""用真的浏览器看每一页：不出站、不报错、不横滚、公式排好、无障碍、能打印、能搜到。"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from built import ROOT

if not os.environ.get("CI"):
    pytest.importorskip("playwright.sync_api")
    pytest.importorskip("axe_playwright_python")

from chromium import first_result, open_page, review, watch
from playwright.sync_api import Browser, Page

from browser.chromium import chromium, launched
from browser.serving import serving

DOCS = ROOT / "docs"
STEMS = sorted(
    p.relative_to(DOCS).with_suffix("").as_posix() for p in DOCS.rglob("*.md")
)
EACH_KIND = {  # 平时看的：每种页面一页
    *("index", "404", "week1/06-dropout", "week3/10-frameworks"),
    "reference/optimizers",
}
LATER = pytest.mark.long("浏览器看每一页")


def address(stem: str) -> str:
    """页面在站点里的地址：``week2/08-adam`` → ``week2/08-adam/``。"""
    return "" if stem == "index" else f"{stem.removesuffix('/index')}/"


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    if chromium() is None and not os.environ.get("CI"):
        pytest.skip("no Chromium found: set CHROMIUM to its path")
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def base(built_site: Path) -> Iterator[str]:
    with serving(built_site.parent) as url:
        yield f"{url}dlnotes/"


def new_page(chrome: Browser, base: str) -> tuple[Page, list[str]]:
    """一个空白页与它的记录；站外的请求一律掐断，只留下记录。"""
    page = chrome.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.route(lambda url: not url.startswith(base), lambda route: route.abort())
    return page, watch(page, base)


@pytest.fixture(scope="module")
def watched(chrome: Browser, base: str) -> Iterator[tuple[Page, list[str]]]:
    page, found = new_page(chrome, base)
    yield page, found
    page.context.close()


@pytest.fixture
def tab(chrome: Browser, base: str) -> Iterator[Page]:
    page, found = new_page(chrome, base)
    yield page
    page.context.close()
    assert found == []


@pytest.mark.parametrize(
    "stem",
    [pytest.param(s, marks=[] if s in EACH_KIND else LATER) for s in [*STEMS, "404"]],
)
def test_a_page_is_clean(stem: str, watched: tuple[Page, list[str]], base: str) -> None:
    page, found = watched
    name = "404.html" if stem == "404" else address(stem)
    assert review(page, base + name, found) == []


def test_the_pages_looked_at_every_time_exist() -> None:
    assert {*STEMS, "404"} >= EACH_KIND


BAD_FORMULA = '<span class="arithmatex">\\(\\frac{a\\)</span>'
LATE = (
    "<script>addEventListener('load', () => document.querySelector('article')"
    ".insertAdjacentHTML('beforeend', '<b class=arithmatex>x</b>'))</script>"
)
FONT = (
    "<style>@font-face { font-family: f; src: url(https://example.org/f.woff2) }</style>"
    "<p style='font-family: f'>字</p>"
)
LOOSE = (
    "<style>.dl-together { white-space: normal !important }</style>"
    "<p style='width: 0'><span class='arithmatex'>\\(x\\)</span>，字</p>"
)
UNPRINTED = (
    "<style>@media print { .gone { display: none } }</style>"
    "<details><summary>题</summary><p class='gone'>答案</p></details>"
)
PLAIN_LINK = (
    "<p>前面有不少别的字，<a href='#' style='text-decoration: none !important'>"
    "链接在这里</a>，后面也有不少字。</p>"
)
FAULTS = [
    ("<img src='https://example.org/a.png' alt='x'>", "external request: https://ex"),
    (FONT, "external request: https://example.org/f.woff2"),
    ("<img src='no-such.png' alt='x'>", "status 404: "),
    ("<script>console.error('坏了')</script>", "console error: 坏了"),
    ("<script>throw new Error('boom')</script>", "script error: boom"),
    ("<div style='width: 900px'>太宽</div>", "wider than 360px: <div"),
    (BAD_FORMULA, "formula in error: "),
    (LATE, "formula not rendered: x"),
    ("<p style='color: #999'>太浅的字看不清</p>", "light 1280: axe color-contrast"),
    ("<p style='color: #444'>太深的字看不清</p>", "dark 360: axe color-contrast"),
    ("<button></button>", "light 1280: axe button-name"),
    (PLAIN_LINK, "light 1280: axe link-in-text-block"),
    ("<div role='dialog'>没有名字</div>", "axe aria-dialog-name"),
    (LOOSE, "punctuation at the start of a line after x"),
    (UNPRINTED, "hidden in print: 答案"),
]


@pytest.fixture(scope="module")
def planted_site(
    built_site: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, str]]:
    """站点的一份拷贝，可以往里种错。"""
    site = tmp_path_factory.mktemp("planted") / "dlnotes"
    shutil.copytree(built_site, site)
    with serving(site.parent) as url:
        yield site, f"{url}dlnotes/"


@pytest.mark.long("浏览器那一套检查自己")
@pytest.mark.parametrize(("fault", "finding"), FAULTS, ids=[f for _, f in FAULTS])
def test_a_planted_fault_is_found(
    fault: str, finding: str, planted_site: tuple[Path, str], chrome: Browser
) -> None:
    site, base = planted_site
    html = (site / "404.html").read_text(encoding="utf-8")
    bad = html.replace("</article>", f"{fault}</article>")
    (site / "planted.html").write_text(bad, encoding="utf-8")
    page, found = new_page(chrome, base)
    said = review(page, f"{base}planted.html", found)
    page.context.close()
    assert any(finding in line for line in said), said


SEARCHES = [
    ("正则化", "week1/04-regularization"),
    ("随机失活", "week1/06-dropout"),
    ("权重初始化", "week1/11-weight-initialization"),
    ("梯度检验", "week1/13-gradient-checking"),
    ("偏差修正", "week2/05-bias-correction"),
    ("dropout", "week1/06-dropout"),
    ("Adam", "week2/08-adam"),
    ("批量归一化", "week3/04-batch-norm"),
    ("softmax", "week3/08-softmax-regression"),
    ("TensorFlow", "week3/11-tensorflow"),
]


@pytest.mark.parametrize(("query", "stem"), SEARCHES)
def test_search_finds_the_lesson_first(
    query: str, stem: str, tab: Page, base: str
) -> None:
    open_page(tab, base)
    assert first_result(tab, query).removeprefix(base) == address(stem)


def test_the_keyboard_reaches_skip_link_scheme_and_search(tab: Page, base: str) -> None:
    open_page(tab, f"{base}how-to-read/")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.matches('.md-skip')")
    reached = set()
    for _ in range(6):
        tab.keyboard.press("Tab")
        reached.add(tab.evaluate("document.activeElement.className"))
    assert {"md-option", "md-search__input"} <= {name.split()[0] for name in reached}
    tab.keyboard.press("Escape")
    tab.keyboard.press("s")
    tab.wait_for_selector(".md-search__input:focus")
    tab.wait_for_function("document.getElementById('__search').checked")  # 打开了
    tab.keyboard.press("Escape")
    tab.wait_for_function("!document.activeElement.matches('.md-search__input')")


@pytest.mark.parametrize("toggle", ["__drawer", "__search"])
def test_the_keyboard_opens_menus_on_a_narrow_screen(
    toggle: str, tab: Page, base: str
) -> None:
    tab.set_viewport_size({"width": 360, "height": 800})
    open_page(tab, base)
    tab.focus(f".md-header label[for={toggle}]")
    tab.keyboard.press("Enter")
    tab.wait_for_function("id => document.getElementById(id).checked", arg=toggle)


def test_wide_tables_and_formulas_can_be_scrolled_by_keyboard(
    tab: Page, base: str
) -> None:
    tab.set_viewport_size({"width": 360, "height": 800})
    open_page(tab, f"{base}notation/")
    box = tab.locator(".md-typeset__scrollwrap[tabindex='0']").first
    box.focus()
    tab.keyboard.press("ArrowRight")
    handle = box.element_handle()
    tab.wait_for_function("box => box.scrollLeft > 0", arg=handle)
    assert box.get_attribute("aria-label") == "表格，可左右滚动"
