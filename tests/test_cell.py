"""代码块上的按钮：按下之前什么也不取；运行、停止、编辑、还原；键盘与读屏软件都用得上。"""

import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

if not os.environ.get("CI"):
    pytest.importorskip("playwright.sync_api")
    pytest.importorskip("axe_playwright_python")

from chromium import axe_findings, open_page, scroll_findings, use_scheme
from in_chromium import SCRIPTS, need_pack
from playwright.sync_api import Browser, Locator, Page, Request
from test_browser import base, chrome, new_page, planted_site  # noqa: F401

from browser.measure import LATE, extra_bytes

pytestmark = pytest.mark.long("浏览器里的按钮；平时由 test_runner 守着")

LESSON = "week1/06-dropout/"
BOOT = 90_000
ALLOWED = 5000  # 网页为这些按钮多载入的字节，压缩以后


def click(box: Locator, name: str) -> None:
    box.get_by_role("button", name=name, exact=True).click()


def status(box: Locator) -> str:
    return box.get_by_role("status").inner_text()


def finished(box: Locator) -> str:
    """等它跑完，返回说明。"""
    box.page.wait_for_function(
        "box => box.dataset.state === 'done'", arg=box.element_handle(), timeout=BOOT
    )
    return status(box)


def output(box: Locator) -> str:
    return box.get_by_role("log").inner_text()


def run(box: Locator) -> str:
    click(box, "运行")
    said = finished(box)
    assert said.startswith(("完成", "出错")), said
    return output(box) if box.get_by_role("log").is_visible() else ""


def write(box: Locator, code: str) -> None:
    click(box, "编辑")
    box.get_by_role("textbox").fill(code)


def run_code(box: Locator, code: str) -> str:
    write(box, code)
    return run(box)


@pytest.fixture(scope="module")
def bench(chrome, base) -> Iterator[tuple[Page, list[str]]]:  # noqa: F811
    """开着一课的页面，Python 启动一次，几个测试轮流用。"""
    need_pack()
    page, found = new_page(chrome, base)
    open_page(page, base + LESSON)
    yield page, found
    page.context.close()
    assert found == []


@pytest.fixture
def lesson(bench: tuple[Page, list[str]]) -> Iterator[Page]:
    page, _ = bench
    yield page
    buttons = page.get_by_role("button", name="还原", exact=True)
    while buttons.count():
        buttons.first.click()


@pytest.fixture
def box(lesson: Page) -> Locator:
    """课文里的第一段整段程序。"""
    return lesson.locator(".highlight[data-kind=script]").first


def test_a_block_prints_what_the_page_shows(box: Locator):
    shown = box.locator("xpath=following-sibling::*[1]").locator("code").inner_text()
    assert run(box).split() == shown.split()
    assert re.fullmatch(r"完成，用时 \d+\.\d\d 秒", status(box))


def test_a_block_runs_the_ones_it_continues(lesson: Page):
    last = lesson.locator(".highlight[data-continues]").first
    assert "Error" not in run(last)
    before = lesson.locator(".highlight[data-copy]:has(~ .highlight[data-continues])")
    write(before.last, "1 / 0")
    said = run(last)
    assert said.startswith("前面的第 1 段先出了错：\nTraceback")
    assert said.endswith("ZeroDivisionError: division by zero")


def test_an_endless_loop_is_stopped_within_a_second(box: Locator):
    write(box, "while True:\n    pass")
    click(box, "运行")
    box.get_by_text("运行中").wait_for(timeout=BOOT)
    (busy,) = [w for w in box.page.workers if w.url.endswith("/worker.mjs")]
    start = time.monotonic()
    click(box, "停止")
    assert finished(box) == "已停止"
    assert time.monotonic() - start < 1
    while busy in box.page.workers and time.monotonic() - start < 10:
        box.page.wait_for_timeout(50)  # Chromium 等两秒才真的掐断
    assert busy not in box.page.workers
    assert box.page.evaluate("document.activeElement.textContent") == "运行"
    assert run_code(box, "print(1 + 1)") == "2\n"


def test_an_endless_print_can_be_stopped_too(box: Locator):
    write(box, "while True:\n    print('啊' * 50)")
    click(box, "运行")
    box.get_by_text("啊啊").first.wait_for(timeout=BOOT)
    click(box, "停止")
    assert finished(box) == "已停止"
    assert len(output(box)) <= 100_000


def test_output_that_is_too_long_is_cut(box: Locator):
    said = run_code(box, "print('a' * 150_000)")
    assert said.rstrip().endswith("（太长，后面 50001 个字没有显示）")
    assert said.count("a") == 100_000


def test_an_error_shows_only_the_lines_of_the_reader(box: Locator):
    said = run_code(box, "from dlnotes_lib.dropout import dropout\ndropout(1, 2)")
    assert said.startswith(
        'Traceback (most recent call last):\n  File "<第 1 段>", line 2'
    )
    assert said.count("File") == 1
    assert status(box).startswith("出错")


def test_input_does_not_wait(box: Locator):
    assert run_code(box, "input()").endswith("EOFError: EOF when reading a line")


def test_restoring_brings_back_the_page(box: Locator):
    code = box.locator("code").first.inner_text()
    run_code(box, "print('改过')")
    click(box, "还原")
    assert box.locator("code").first.inner_text() == code
    assert not box.get_by_role("log").is_visible()
    assert box.get_by_role("textbox").count() == 0
    assert "改过" not in run(box)


def test_copying_gives_the_edited_code(box: Locator, lesson: Page):
    lesson.context.grant_permissions(["clipboard-read", "clipboard-write"])
    write(box, "print('改过')")
    box.locator("[data-md-type=copy]").click()
    lesson.wait_for_function(
        "async () => (await navigator.clipboard.readText()) === \"print('改过')\""
    )


def test_everything_can_be_done_by_keyboard(box: Locator, lesson: Page):
    keys = lesson.keyboard
    box.get_by_role("button", name="运行", exact=True).focus()
    keys.press("Tab")
    keys.press("Enter")  # 编辑
    area = box.get_by_role("textbox")
    area.wait_for()
    keys.press("Control+a")
    keys.type("for i in range(2):\nprint(i)")  # 冒号后面自动缩进
    keys.press("Enter")
    keys.press("Shift+Tab")
    keys.press("Tab")
    keys.type("print('完')")
    keys.press("Control+Enter")
    assert finished(box).startswith("完成")
    assert output(box) == "0\n完\n1\n完\n"
    assert area.evaluate("node => node === document.activeElement")
    keys.press("Tab")
    assert area.evaluate("node => node === document.activeElement")
    keys.press("Escape")
    keys.press("Tab")
    assert not area.evaluate("node => node === document.activeElement")
    keys.press("Shift+Tab")
    keys.press("Escape")
    keys.press("Shift+Tab")
    assert not area.evaluate("node => node === document.activeElement")


def test_after_a_long_line_the_start_of_the_next_is_seen(box: Locator):
    write(box, "x = 1")
    area = box.get_by_role("textbox")
    area.press("Control+End")
    area.press_sequentially(" + 1" * 50)
    assert area.evaluate("area => area.scrollLeft") > 100
    area.press("Enter")
    area.press_sequentially("y")
    assert area.evaluate("area => area.scrollLeft") == 0


def test_another_script_can_compute_with_the_same_python(lesson: Page, base: str):  # noqa: F811
    compute = "([url, code]) => import(url).then(({ compute }) => compute(code))"
    python = f"{base}{SCRIPTS}python.mjs"
    code = "import json\nimport numpy as np\nprint(json.dumps(np.arange(3).tolist()))"
    assert lesson.evaluate(compute, [python, code]) == [0, 1, 2]
    with pytest.raises(Exception, match="ZeroDivisionError"):
        lesson.evaluate(compute, [python, "1 / 0"])


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_buttons_and_results_are_accessible(
    scheme: str, width: int, box: Locator, lesson: Page
):
    lesson.set_viewport_size({"width": width, "height": 800})
    use_scheme(lesson, scheme)
    run_code(box, "print('很长的一行' * 40)\n1 / 0")
    other = lesson.locator(".highlight[data-kind=console]").first
    run(other)
    assert scroll_findings(lesson) == []
    assert axe_findings(lesson) == []
    for part in box.get_by_role("button").all():
        if part.is_visible():
            assert (part.bounding_box() or {})["height"] >= 24


# ---------- 打开页面的时候 ----------


def requests_of(page: Page) -> list[str]:
    """page 以后发出的请求。"""
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    return asked


def early(asked: list[str]) -> list[str]:
    """按下之前不该有的请求。"""
    return [
        url
        for url in asked
        if any(part in url for part in LATE) and not url.endswith("/cell.mjs")
    ]


def opened(chrome: Browser, base: str, address: str) -> tuple[list[str], int]:  # noqa: F811
    """打开一页、从头走到尾、焦点停在正文里，返回不该有的请求与 Worker 的个数。"""
    page, _ = new_page(chrome, base)
    asked = requests_of(page)
    open_page(page, base + address)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.mouse.move(600, 400)
    page.wait_for_load_state("networkidle")
    workers = [w for w in page.workers if SCRIPTS in w.url]
    page.context.close()
    return early(asked), len(workers)


CODE = quote("print('URL')")
ADDRESSES = {
    "plain": LESSON,
    "query": f"{LESSON}?code={CODE}&run=1",
    "hash": f"{LESSON}#{CODE}",
    "search": f"{LESSON}?h={CODE}",
}


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES.keys())
def test_nothing_is_fetched_and_nothing_runs_before_the_first_click(
    address: str,
    chrome: Browser,  # noqa: F811
    base: str,  # noqa: F811
):
    need_pack()
    assert opened(chrome, base, address) == ([], 0)


def test_the_first_click_asks_no_other_host_and_shows_bytes(chrome, base):  # noqa: F811
    need_pack()
    page, found = new_page(chrome, base)
    open_page(page, base + LESSON)
    page.evaluate(
        """() => {
          window.said = [];
          const note = () => said.push(document.querySelector(".dl-pane p")?.innerText);
          new MutationObserver(note).observe(document.body,
            { subtree: true, childList: true, characterData: true });
        }"""
    )
    first = page.locator(".highlight[data-copy]").first
    click(first, "运行")
    assert finished(first).startswith("完成")
    said = page.evaluate(
        "said.filter(text => /\\d+\\.\\d \\/ \\d+\\.\\d MB/.test(text))"
    )
    amounts = [float(re.findall(r"[\d.]+", text)[0]) for text in said]
    assert amounts == sorted(amounts)
    assert amounts[-1] > 8
    page.context.close()
    assert found == []


def test_a_reader_who_saves_data_is_asked_first(chrome, base):  # noqa: F811
    need_pack()
    page, _ = new_page(chrome, base)
    page.add_init_script(
        "Object.defineProperty(navigator, 'connection', { value: { saveData: true } })"
    )
    asked = requests_of(page)
    open_page(page, base + LESSON)
    first = page.locator(".highlight[data-copy]").first
    click(first, "运行")
    assert re.fullmatch(r"第一次运行要下载 \d+\.\d MB，再按一次.*", status(first))
    assert early(asked) == []
    run(first)
    page.context.close()


def test_a_download_that_fails_can_be_tried_again(chrome, base):  # noqa: F811
    need_pack()
    page, _ = new_page(chrome, base)
    open_page(page, base + LESSON)
    first = page.locator(".highlight[data-copy]").first
    page.route("**/*.whl", lambda route: route.fulfill(status=503))
    click(first, "运行")
    assert finished(first).startswith("没有成功：503 ")
    page.unroute("**/*.whl")
    run(first)
    page.context.close()


def test_without_javascript_the_page_is_what_it_was(chrome, base):  # noqa: F811
    need_pack()
    context = chrome.new_context(java_script_enabled=False)
    page = context.new_page()
    asked = requests_of(page)
    page.goto(base + LESSON)
    assert page.locator("article button").count() == 0
    assert early(asked) == []
    assert page.locator(".highlight[data-copy] code").first.is_visible()
    context.close()


def test_the_buttons_add_little_to_a_page(built_site: Path):
    assert extra_bytes(built_site) < ALLOWED


# ---------- 埋下的错 ----------

Finder = Callable[[Browser, str], object]


def fetched(chrome: Browser, base: str) -> object:  # noqa: F811
    return opened(chrome, base, LESSON)[0]


def ran_from_hash(chrome: Browser, base: str) -> object:  # noqa: F811
    return opened(chrome, base, ADDRESSES["hash"])[1]


def after_a_run(
    look: Callable[[Page, Locator], object], code: str = "print(1)"
) -> Finder:
    """跑一段代码，再看 look 看见什么。"""

    def find(chrome: Browser, base: str) -> object:  # noqa: F811
        page, found = new_page(chrome, base)
        open_page(page, base + LESSON)
        first = page.locator(".highlight[data-copy]").first
        run_code(first, code)
        seen = look(page, first) or [f for f in found if "external" in f]
        page.context.close()
        return seen

    return find


def markup(page: Page, first: Locator) -> object:
    return first.locator(".dl-out :is(script, b)").count()


TAGS = "print('<script>window.hit = 1</script><b>粗</b>')"
FAULTS: dict[str, tuple[Finder, str, str, str]] = {
    "a byte before the click": (
        fetched,
        "cell.mjs",
        "if (pack) ",
        "python(); if (pack) ",
    ),
    "code in the hash": (
        ran_from_hash,
        "cell.mjs",
        "if (pack) ",
        "if (location.hash) python().then((p) => p.run([['script', location.hash]]));"
        "if (pack) ",
    ),
    "another host": (
        after_a_run(lambda page, first: None),
        "worker.mjs",
        "async function boot(manifest) {",
        "async function boot(manifest) {\n"
        "  plain('https://example.org/x').catch(() => 0);",
    ),
    "output as markup": (
        after_a_run(markup, TAGS),
        "cell.mjs",
        "textContent: text }",
        "innerHTML: text }",
    ),
}


def test_tags_that_are_printed_are_text(box: Locator, lesson: Page):
    assert run_code(box, TAGS) == "<script>window.hit = 1</script><b>粗</b>\n"
    assert markup(lesson, box) == 0
    assert lesson.evaluate("window.hit") is None


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_planted_fault_is_found(fault, chrome, planted_site):  # noqa: F811
    need_pack()
    find, name, old, new = fault
    site, base = planted_site  # noqa: F811
    script = site / SCRIPTS / name
    sound = script.read_text(encoding="utf-8")
    assert sound.count(old) == 1
    script.write_text(sound.replace(old, new), encoding="utf-8")
    try:
        assert find(chrome, base)
    finally:
        script.write_text(sound, encoding="utf-8")


def test_a_heavier_page_is_found(tmp_path: Path, built_site: Path):
    for name in (SCRIPTS + "cell.mjs", "assets/stylesheets/cell.css"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        noise = bytes(hash(str(i)) % 256 for i in range(3000))
        (tmp_path / name).write_bytes((built_site / name).read_bytes() + noise)
    assert extra_bytes(tmp_path) > ALLOWED
