"""插图的检查：埋进去的每种错误都要被点名。"""

import re
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from drawn import data_findings, drawn
from figure_checks import (
    color_findings,
    encoding_findings,
    label_findings,
    order_findings,
    page_findings,
    size_findings,
)
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle

from dlnotes_lib.figures._ink import C0, C1, INKS, MUTED
from dlnotes_lib.publish.figures import Name
from dlnotes_lib.publish.svg import FigureError, Picture, render, tidy_tag

DATA = [[0.0, 1.0], [2.0, 3.0], [4.0, 9.0]]
NOISE = np.random.default_rng(0)


def picture(change: Callable[[Axes], object], **size: tuple[float, float]) -> Picture:
    """一张合格的图，再动一处。"""

    def draw() -> Figure:
        fig = Figure(**size)  # pyright: ignore
        ax = fig.subplots()
        ax.plot(*np.transpose(DATA), label="代价")
        ax.set(xlabel="步数（次）", ylabel="代价 J")
        change(ax)
        return fig

    return render("demo/plot", draw)


def findings(shown: Picture) -> list[str]:
    """除了数据与页面以外的全部发现。"""
    figure, svg = shown
    return [
        *label_findings("demo/plot", figure),
        *size_findings("demo/plot", figure),
        *color_findings("demo/plot", figure, svg),
        *encoding_findings("demo/plot", figure),
    ]


GOOD = {
    "nothing": lambda ax: None,
    "inks": lambda ax: ax.bar([1, 2], [1, 2], color=C0, edgecolor=MUTED, hatch="//"),
    "cycle": lambda ax: [ax.plot([1, 2], label=str(k)) for k in range(5)],
    "markers": lambda ax: ax.plot([1, 2], "o", color=C0, label="抽样"),
    "colour map": lambda ax: ax.scatter([1, 2], [3, 4], c=[0.1, 0.7]),
    "filled contours": lambda ax: ax.contourf(np.eye(4)),
    "contours": lambda ax: ax.contour(np.eye(4), colors=MUTED),
    "no axes": lambda ax: (ax.set(xlabel="", ylabel=""), ax.set_axis_off()),
    "colour bar": lambda ax: ax.figure.colorbar(ax.scatter([1], [2], c=[3])),
    "mathtext": lambda ax: ax.set_title(r"$\hat y^{(2)}$"),
    "tick names": lambda ax: ax.set_xticks([1, 2], ["训练集", "验证集"]),
    "see-through": lambda ax: ax.fill_between([1, 2], [3, 4], alpha=0.2, color=C1),
}


@pytest.mark.parametrize("change", GOOD.values(), ids=GOOD.keys())
def test_a_good_figure_gives_no_finding(change):
    assert findings(picture(change)) == []


OUTSIDE = "demo/plot: #{} is outside the palette"
BAD = {
    "no x label": (lambda ax: ax.set_xlabel(""), "axes 0 has no x label"),
    "no y label": (lambda ax: ax.set_ylabel(""), "axes 0 has no y label"),
    "second axes": (lambda ax: ax.twinx().plot([5, 6], "o"), "axes 1 has no y label"),
    "grid on image": (lambda ax: ax.imshow(np.eye(3)), "axes 0 draws its grid over"),
    "red line": (lambda ax: ax.plot([1, 2], color="red"), OUTSIDE.format("ff0000")),
    "grey contours": (
        lambda ax: ax.contour(np.eye(4), colors="0.8"),
        OUTSIDE.format("cccccc"),
    ),
    "black line": (lambda ax: ax.axhline(1, color="k"), OUTSIDE.format("000000")),
    "black text": (lambda ax: ax.text(1, 2, "a", color="k"), OUTSIDE.format("000000")),
    "black bars": (lambda ax: ax.bar(1, 2, color="black"), OUTSIDE.format("000000")),
    "black dots": (lambda ax: ax.scatter(1, 2, color="k"), OUTSIDE.format("000000")),
    "small text": (lambda ax: ax.text(1, 2, "小", fontsize=9), "'小' is 6.4 px high"),
    "colour alone": (
        lambda ax: ax.plot([1, 2], "-", color=C1, label="误差"),
        "only colour tells '误差' from '代价'",
    ),
}


@pytest.mark.parametrize(("change", "message"), BAD.values(), ids=BAD.keys())
def test_each_planted_fault_is_named(change, message):
    found = findings(picture(change))
    assert len(found) == 1
    assert message in found[0]


@pytest.mark.parametrize("width", [6.3, 8.1])
def test_a_figure_too_narrow_or_too_wide_is_named(width: float):
    found = findings(picture(lambda ax: None, figsize=(width, 3)))
    assert found[0] == f"demo/plot: width {width} in, must be 6.4 to 8"


REFUSED = {
    "Chinese in mathtext": ("代价 $J$", r"demo/plot: mathtext cannot draw '代'"),
    "a full-width mark in mathtext": ("$J$，$w$", "mathtext cannot draw '，'"),
    "no glyph": ("猫 \U0001f408", r"demo/plot: no font has '.' \(U\+1F408\)"),
    "the replacement mark": ("a ¤ b", r"demo/plot: no font has '¤' \(U\+00A4\)"),
}


@pytest.mark.parametrize(("label", "message"), REFUSED.values(), ids=REFUSED.keys())
@pytest.mark.parametrize("place", ["title", "xlabel", "legend", "tick"])
def test_a_character_nothing_can_draw_is_refused(place, label, message):
    def change(ax: Axes) -> None:
        if place == "legend":
            ax.legend([label])
        elif place == "tick":
            ax.set_xticks([2], [label])
        else:
            ax.set(**{place: label})  # pyright: ignore

    with pytest.raises(FigureError, match=message):
        picture(change)


def test_a_function_that_returns_no_figure_is_refused():
    with pytest.raises(TypeError, match="demo/plot must return a Figure, got NoneType"):
        render("demo/plot", lambda: None)  # pyright: ignore


def test_an_unseeded_figure_is_not_reproducible():
    def noisy(ax: Axes) -> object:
        return ax.plot(NOISE.normal(size=3))  # 每次调用都往下抽

    assert picture(noisy).svg != picture(noisy).svg
    assert picture(GOOD["inks"]).svg == picture(GOOD["inks"]).svg


def test_the_svg_has_both_schemes_a_background_and_no_foreign_font():
    svg = picture(GOOD["mathtext"]).svg
    for light, dark in INKS.values():
        assert svg.count(light) == svg.count(dark) == 1
    assert 'style="fill: var(--bg)"' in svg
    assert "@media (prefers-color-scheme:dark)" in svg
    for wrong in ("DejaVu", "dlnotes CJK", "<metadata", "<!--", "\r", "¤"):
        assert wrong not in svg
    assert "代价 J</text>" in svg
    styles = re.findall(r'<t(?:ext|span)[^>]*style="([^"]*)"', svg)
    assert all("font-family: var(--font)" in style for style in styles)


def test_coordinates_have_at_most_two_decimals():
    tags = "".join(re.findall(r"<[^>]*>", picture(GOOD["see-through"]).svg))
    assert re.search(r"\d\.\d\d\b", tags)
    assert not re.search(r"\d\.\d{3}", tags)


def test_the_readers_own_matplotlib_settings_change_nothing():
    with mpl.rc_context({"lines.marker": "x", "figure.dpi": 50, "font.size": 5}):
        mine = picture(GOOD["cycle"]).svg
    assert mine == picture(GOOD["cycle"]).svg


def test_the_font_shorthand_of_older_matplotlib_is_replaced_too():
    tag = "<text style=\"font: 700 13px 'DejaVu Sans', Arial; fill: #24292f\">"
    want = '<text style="font: 700 13px var(--font); fill: var(--text)">'
    assert tidy_tag(tag) == want


def test_a_chinese_label_is_measured_one_em_a_character():
    def draw() -> Figure:
        fig = Figure()
        fig.text(0, 0, "偏差，方差")
        return fig

    shown = render("demo/text", draw)
    box = shown.figure.texts[0].get_window_extent()
    assert box.width == pytest.approx(5 * 13, abs=0.5)  # SVG 按 72 dpi 排版


SHAPES = {
    "line": (lambda ax: ax.axhline(7), [[0, 7], [1, 7]]),
    "bars": (lambda ax: ax.bar([1, 2], [5, 6]), [[1, 5], [2, 6]]),
    "flat bars": (lambda ax: ax.barh([1, 2], [5, 6]), [[1, 5], [2, 6]]),
    "histogram": (lambda ax: ax.hist([1, 1, 3], bins=[0, 2, 4]), [[1, 2], [3, 1]]),
    "stairs": (lambda ax: ax.stairs([3, 1], [0, 2, 4]), [3, 1]),
    "box": (lambda ax: ax.add_patch(Rectangle((1, 2), 3, 4)), [[1, 2, 3, 4]]),
    "dots": (lambda ax: ax.scatter([1, 2], [3, 5]), [[1, 3], [2, 5]]),
    "dyed dots": (lambda ax: ax.scatter([1], [3], c=[9]), [[1, 3, 9]]),
    "arrows": (lambda ax: ax.quiver([1], [2], [3], [4]), [[1, 2, 3, 4]]),
    "segments": (lambda ax: ax.vlines([5], 1, 2), [[5, 1], [5, 2]]),
    "mesh": (lambda ax: ax.pcolormesh([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
    "image": (lambda ax: ax.imshow([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
    "contours": (
        lambda ax: ax.contour([0, 1], [0, 1], [[0, 1], [0, 1]], levels=[0.5]),
        lambda v: np.allclose(v[:, 0], v[:, 2]) and len(v) >= 2,
    ),
}


@pytest.mark.parametrize(("change", "want"), SHAPES.values(), ids=SHAPES.keys())
def test_drawn_data_is_read_back_and_any_other_data_is_found(change, want):
    figure = picture(change).figure
    order = [DATA, want] if len(drawn(figure)[0]) == 3 else [want, DATA]
    assert data_findings("demo/plot", figure, lambda: order) == []
    wrong = (lambda _: False) if callable(want) else np.asarray(want) + 1e-6
    other = [wrong if item is want else item for item in order]
    (found,) = data_findings("demo/plot", figure, lambda: other)
    assert "is not the expected data" in found


def test_swapped_lost_and_unlisted_data_are_found():
    figure = picture(lambda ax: ax.plot([5, 6], label="误差")).figure
    right = [DATA, [[0, 5], [1, 6]]]
    assert data_findings("demo/plot", figure, lambda: right) == []
    assert len(data_findings("demo/plot", figure, lambda: right[::-1])) == 2
    swapped = [np.asarray(a)[:, ::-1] for a in right]
    assert len(data_findings("demo/plot", figure, lambda: swapped)) == 2
    assert "expected 1" in data_findings("demo/plot", figure, lambda: right[:1])[0]
    missing = "demo/plot: no function plot in tests/figure_data/demo.py"
    assert data_findings("demo/plot", figure, None) == [missing]


def test_arrows_and_rounded_boxes_are_not_data():
    def change(ax: Axes) -> None:
        ax.annotate("点", (1, 2), (3, 4), arrowprops={"arrowstyle": "->"})
        ax.add_patch(FancyBboxPatch((0, 0), 1, 1))

    assert len(drawn(picture(change).figure)) == 1


NAMES = [Name("adam", "path"), Name("he_init", "spread")]
PATH = "![Adam 先走得快，后来绕着最低点打转](../assets/figures/adam/path.svg)\n"
SPREAD = "![激活值的标准差五十层不变](../assets/figures/he_init/spread.svg){ .wide }\n"
PAGES = {"week2/08-adam.md": PATH, "week1/11-he-init.md": SPREAD}
FENCED = "```markdown\n" + PATH + "```\n"
WRONG = {
    "shown twice": ({"week2/08-adam.md": PATH + PATH}, ["shown 2 times"]),
    "shown nowhere": ({"week2/08-adam.md": "文字\n"}, ["adam/path: shown 0 times"]),
    "only in a fence": ({"week2/08-adam.md": FENCED}, ["adam/path: shown 0 times"]),
    "on two pages": (
        {"week2/09-decay.md": PATH},
        ["week2/09-decay.md:1: adam/path belongs on the page adam", "shown 2 times"],
    ),
    "no alt": (
        {
            "week2/08-adam.md": "\n"
            + PATH.replace("Adam 先走得快，后来绕着最低点打转", "")
        },
        ["week2/08-adam.md:2: adam/path needs a Chinese alt text, got ''"],
    ),
    "short alt": (
        {"week2/08-adam.md": PATH.replace("Adam 先走得快，后来绕着最低点打转", "路径")},
        ["got '路径'"],
    ),
    "English alt": (
        {
            "week2/08-adam.md": PATH.replace(
                "Adam 先走得快，后来绕着最低点打转", "path of Adam"
            )
        },
        ["got 'path of Adam'"],
    ),
    "raw HTML": (
        {"week2/08-adam.md": '<img src="../assets/figures/adam/path.svg">\n'},
        ["adam/path must be shown as ![…]"],
    ),
    "unknown figure": (
        {"week2/10-x.md": PATH.replace("adam/path", "adam/paht")},
        ["week2/10-x.md:1: no function draws adam/paht"],
    ),
}


def site(folder: Path, pages: dict[str, str]) -> Path:
    for name, text in pages.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


PROJECT = "![六种做法里准确率分不出高下](../assets/figures/project_week1/all.svg)\n"


def test_a_project_page_owns_the_figures_of_its_own_week_only(tmp_path: Path):
    names = [Name("project_week1", "all")]
    assert (
        page_findings(site(tmp_path / "a", {"week1/project.md": PROJECT}), names) == []
    )
    other = site(tmp_path / "b", {"week2/project.md": PROJECT})
    where = "week2/project.md:1: project_week1/all belongs on the page project_week1"
    assert page_findings(other, names) == [where]


def test_a_site_that_shows_every_figure_once_gives_no_finding(tmp_path: Path):
    top = SPREAD.replace("he_init", "map").replace("../", "")
    pages = {**PAGES, "index.md": FENCED, "map.md": top}
    names = [*NAMES, Name("map", "spread")]
    assert page_findings(site(tmp_path, pages), names) == []


def test_only_the_home_page_may_borrow_the_map_and_only_the_map(tmp_path: Path):
    own = "![全课三十五节的依赖图，从左往右](assets/figures/concept_map/graph.svg)"
    names = [Name("concept_map", "graph")]
    good = site(tmp_path / "a", {"concept-map.md": own, "index.md": own})
    assert page_findings(good, names) == []
    only_home = site(tmp_path / "b", {"index.md": own})
    assert page_findings(only_home, names) == [
        "concept_map/graph: shown 0 times, must be 1"
    ]
    elsewhere = site(tmp_path / "c", {"concept-map.md": own, "notation.md": own})
    assert page_findings(elsewhere, names) == [
        "notation.md:1: concept_map/graph belongs on the page concept_map",
        "concept_map/graph: shown 2 times, must be 1",
    ]


def test_a_figure_between_two_indented_fences_is_seen(tmp_path: Path):
    fence = "    ```text\n    x\n{}    ```\n"
    first, last = fence.format(""), fence.format("\n")  # 结束之前空一行
    page = f"??? note\n\n{first}\n    {PATH}\n{last}"
    assert page_findings(site(tmp_path, {"week2/08-adam.md": page}), NAMES[:1]) == []


@pytest.mark.parametrize(("pages", "messages"), WRONG.values(), ids=WRONG.keys())
def test_each_planted_page_fault_is_named(tmp_path: Path, pages, messages):
    found = page_findings(site(tmp_path, {**PAGES, **pages}), NAMES)
    assert len(found) == len(messages)
    for finding, message in zip(found, messages, strict=True):
        assert message in finding


def test_two_figures_that_changed_places_are_found(tmp_path: Path):
    (tmp_path / "adam.py").write_text("def one(): ...\n\n\ndef two(): ...\n", "utf-8")
    first, second = (f"![x](../assets/figures/adam/{n}.svg)\n" for n in ("one", "two"))
    borrowed = {"index.md": second.replace("../", "")}
    right = site(tmp_path / "a", {"week2/08-adam.md": first + second, **borrowed})
    assert order_findings(right, tmp_path) == []
    wrong = site(tmp_path / "b", {"week2/08-adam.md": second + first})
    (finding,) = order_findings(wrong, tmp_path)
    assert finding.startswith("adam: figures in order ['two', 'one']")
