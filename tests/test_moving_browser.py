"""会动的图在真的浏览器里：每一档与 Python 画的相同，键盘能用，没有脚本、打印时看得到。"""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

if not os.environ.get("CI"):
    pytest.importorskip("playwright.sync_api")
    pytest.importorskip("axe_playwright_python")

from chromium import axe_findings, open_page, watch
from in_chromium import need_pack
from moving_checks import page_of, settings
from playwright.sync_api import Browser, Page
from test_browser import base, chrome  # noqa: F401

from dlnotes_lib.moving._drawing import Moving
from dlnotes_lib.publish import moving

pytestmark = pytest.mark.long("浏览器里的滑块；平时由 test_moving 守着")

STEMS = moving.discover()
DRAWN = (
    """figure => [...figure.querySelectorAll(".curve")].map(c => c.getAttribute("d"))"""
)
TURN = """(figure, places) => figure.querySelectorAll("[type=range]").forEach((dial, k) => {
  dial.value = places[k];
  dial.dispatchEvent(new Event("input", {bubbles: true}));
})"""


@pytest.fixture
def tab(chrome: Browser) -> Iterator[Page]:  # noqa: F811
    context = chrome.new_context(viewport={"width": 360, "height": 800})
    yield context.new_page()
    context.close()


def figure_of(page: Page, stem: str) -> Any:
    return page.locator(f"figure[data-moving={stem}]")


def turn_to(page: Page, stem: str, figure: Moving, values: tuple[float, ...]) -> None:
    """把滑块放到这几个值，等图换好。"""
    places = [s.values.index(v) for s, v in zip(figure.sliders, values, strict=True)]
    number = 0
    for slider, place in zip(figure.sliders, places, strict=True):
        number = number * len(slider.values) + place
    figure_of(page, stem).evaluate(TURN, places)
    page.wait_for_selector(f"figure[data-moving={stem}][data-frame='{number}']")


def frame_findings(
    page: Page, stem: str, figure: Moving, values: tuple[float, ...]
) -> list[str]:
    """现在画的与 Python 在 values 处画的不同之处。"""
    frame, here = figure.frame(*values), figure_of(page, stem)
    where = f"{stem} at {', '.join(f'{v:g}' for v in values)}"
    paths = zip(here.evaluate(DRAWN), figure.paths(frame), strict=True)
    found = [
        f"{where}: curve {k} differs"
        for k, (a, b) in enumerate(paths)
        if not moving.close(a, b)
    ]
    if (note := here.locator(".note").inner_text()) != frame.note:
        found.append(f"{where}: the note is {note!r}")
    for slider, value, dial, out in zip(
        figure.sliders,
        values,
        here.locator("[type=range]").all(),
        here.locator(".dials output").all(),
        strict=True,
    ):
        if out.inner_text() != slider.show(value):
            found.append(f"{where}: {slider.label} shows {out.inner_text()!r}")
        if (
            dial.get_attribute("aria-valuetext")
            != f"{slider.show(value)}；{frame.note}"
        ):
            found.append(f"{where}: {slider.label} is not told in words")
    return found


@pytest.mark.parametrize("stem", STEMS)
def test_the_script_draws_what_python_draws(stem: str, tab: Page, base: str):  # noqa: F811
    figure, asked = moving.load(stem), list[str]()
    problems = watch(tab, base)
    tab.on("request", lambda request: asked.append(request.url))
    open_page(tab, base + page_of(stem))
    files = f"assets/moving/{stem}.json"
    assert not any(files in url for url in asked)  # 碰到滑块之前什么都不取
    start, *others = settings(figure)
    found = frame_findings(tab, stem, figure, start)
    for values in [*others, start]:
        turn_to(tab, stem, figure, values)
        found += frame_findings(tab, stem, figure, values)
    assert found == []
    assert sum(files in url for url in asked) == 1
    assert problems == []


def test_the_keyboard_turns_a_slider_found_by_its_label(tab: Page, base: str):  # noqa: F811
    open_page(tab, base + page_of("ewma"))
    dial = tab.get_by_role("slider", name="衰减率 β")
    dial.focus()
    tab.keyboard.press("End")
    tab.wait_for_selector("figure[data-moving=ewma][data-frame='13']")
    assert (dial.get_attribute("aria-valuetext") or "").startswith(
        "0.99；噪声的方差剩 0.005"
    )
    tab.keyboard.press("ArrowLeft")
    tab.wait_for_selector("figure[data-moving=ewma][data-frame='12']")
    assert frame_findings(tab, "ewma", moving.load("ewma"), (0.98,)) == []


def test_without_scripts_the_starting_frame_stands_and_no_dead_slider(
    chrome: Browser,  # noqa: F811
    base: str,  # noqa: F811
):
    context = chrome.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(base + page_of("ewma"))
    figure, frame = moving.load("ewma"), moving.load("ewma").frame(0.9)
    shown = [c.get_attribute("d") for c in page.locator("figure.moving .curve").all()]
    assert all(
        moving.close(str(a), b) for a, b in zip(shown, figure.paths(frame), strict=True)
    )
    assert page.locator("figure.moving > svg").is_visible()
    assert page.locator("figure.moving .note").inner_text() == frame.note
    assert not page.locator("figure.moving [type=range]").is_visible()
    context.close()


def test_in_print_the_picture_stays_and_the_slider_goes(tab: Page, base: str):  # noqa: F811
    open_page(tab, base + page_of("ewma"))
    tab.emulate_media(media="print")
    assert figure_of(tab, "ewma").locator("> svg").is_visible()
    assert not figure_of(tab, "ewma").locator("[type=range]").is_visible()


def test_a_file_that_does_not_come_is_said_and_asked_for_again(tab: Page, base: str):  # noqa: F811
    tab.route("**/assets/moving/*.json*", lambda route: route.abort())
    open_page(tab, base + page_of("ewma"))
    here = figure_of(tab, "ewma")
    before = here.evaluate(DRAWN)
    here.evaluate(TURN, [0])
    here.locator(".note", has_text="没有取到数据").wait_for()
    assert here.evaluate(DRAWN) == before
    tab.unroute("**/assets/moving/*.json*")
    turn_to(tab, "ewma", moving.load("ewma"), (0.3,))
    assert frame_findings(tab, "ewma", moving.load("ewma"), (0.3,)) == []


def test_a_drawing_that_differs_from_python_is_found(tab: Page, base: str):  # noqa: F811
    content = json.loads((moving.OUT / "ewma.json").read_text(encoding="utf-8"))
    curve = content["frames"][0][2]
    content["paths"][curve] = content["paths"][curve].replace("l", "l9 9 ", 1)
    content["frames"][0][-1] = "别的话"
    body = json.dumps(content)
    tab.route("**/assets/moving/*.json*", lambda route: route.fulfill(body=body))
    open_page(tab, base + page_of("ewma"))
    figure = moving.load("ewma")
    turn_to(tab, "ewma", figure, (0,))
    assert frame_findings(tab, "ewma", figure, (0,)) == [
        "ewma at 0: curve 2 differs",
        "ewma at 0: the note is '别的话'",
        "ewma at 0: 衰减率 β is not told in words",
    ]


def test_a_slider_without_a_name_is_found(tab: Page, base: str):  # noqa: F811
    open_page(tab, base + page_of("ewma"))
    assert axe_findings(tab, ["label", "svg-img-alt"]) == []
    tab.evaluate("document.querySelector('.moving label').remove()")
    tab.evaluate(
        "document.querySelector('.moving > svg').removeAttribute('aria-label')"
    )
    rules = {line.split(":")[0] for line in axe_findings(tab, ["label", "svg-img-alt"])}
    assert rules == {"axe label", "axe svg-img-alt"}


# ---------- 用真实 Python 重算：要有运行用的包 ----------

BOOT = 90_000
COMPUTE = """async ([base, program]) => {
  const { compute } = await import(`${base}assets/javascripts/cell/python.mjs`);
  return await compute(program);
}"""
PROGRAM = """import json
from dlnotes_lib.moving.{} import FIGURE
print(json.dumps(FIGURE.shown(*{})))
"""


@pytest.fixture(scope="module")
def bench(chrome: Browser, base: str) -> Iterator[Page]:  # noqa: F811
    """开着 2.3 节，Python 只启动一次。"""
    need_pack()
    context = chrome.new_context(viewport={"width": 360, "height": 800})
    page = context.new_page()
    problems = watch(page, base)
    open_page(page, base + page_of("ewma"))
    yield page
    context.close()
    assert problems == []


def test_real_python_draws_a_value_between_the_steps(bench: Page):
    asked: list[str] = []
    bench.on("request", lambda request: asked.append(request.url))
    box, button = (
        bench.get_by_role("spinbutton", name="衰减率 β"),
        bench.get_by_role("button", name="用真实 Python 重算"),
    )
    box.fill("2")  # 超出范围，浏览器不让提交
    button.press("Enter")
    assert box.evaluate("box => !box.validity.valid")
    assert not any("/assets/py/" in url for url in asked)
    box.fill("0.88")
    button.press("Enter")
    bench.wait_for_selector(".moving[data-frame=free]", timeout=BOOT)
    assert frame_findings(bench, "ewma", moving.load("ewma"), (0.88,)) == []
    assert bench.locator(".moving [role=status]").inner_text().startswith("算好了")
    dial = bench.get_by_role("slider", name="衰减率 β")
    values = moving.load("ewma").sliders[0].values
    box.fill("0.52")
    button.press("Enter")
    bench.wait_for_function("dial => dial.value === '2'", arg=dial.element_handle())
    assert values[2] == 0.5  # 最近的一档
    dial.press("ArrowLeft")
    bench.wait_for_selector("figure[data-moving=ewma][data-frame='1']")
    assert float(box.input_value()) == values[1] == 0.3
    box.fill("0.88")
    button.press("Enter")
    bench.wait_for_selector(".moving[data-frame=free]", timeout=BOOT)
    assert (
        axe_findings(bench, ["label", "button-name", "target-size", "color-contrast"])
        == []
    )


@pytest.mark.parametrize("stem", STEMS)
def test_python_in_the_browser_draws_what_python_draws_here(
    stem: str,
    bench: Page,
    base: str,  # noqa: F811
):
    figure = moving.load(stem)
    values = list(settings(figure)[-2])
    found = bench.evaluate(COMPUTE, [base, PROGRAM.format(stem, json.dumps(values))])
    here = figure.shown(*values)
    assert (found["texts"], found["note"]) == (here["texts"], here["note"])
    pairs = zip(found["paths"], here["paths"], strict=True)
    assert all(moving.close(one, other) for one, other in pairs)


def test_a_failure_of_python_is_said(tab: Page, base: str):  # noqa: F811
    need_pack()
    tab.route("**/cell/python.mjs", lambda route: route.abort())
    open_page(tab, base + page_of("ewma"))
    before = figure_of(tab, "ewma").evaluate(DRAWN)
    tab.get_by_role("button", name="用真实 Python 重算").click()
    tab.locator(".moving [role=status]", has_text="没有成功").wait_for()
    assert figure_of(tab, "ewma").evaluate(DRAWN) == before


def test_without_a_pack_there_is_no_button(tab: Page, base: str):  # noqa: F811
    def plain(route: Any) -> None:
        html = route.fetch().text()
        route.fulfill(body=html.replace('name="dlnotes-pack"', 'name="other"'))

    tab.route("**/" + page_of("ewma"), plain)
    open_page(tab, base + page_of("ewma"))
    assert tab.locator("figure.moving").count() == 1
    assert tab.locator("figure.moving form").count() == 0
