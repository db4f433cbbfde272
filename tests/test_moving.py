"""会动的图：各档的数据另算一遍，路径照约定画，文件没有过期，网页里有一开始那一档。"""

import importlib
import itertools
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from moving_checks import (
    data_findings,
    page_findings,
    record_findings,
    settings,
    weight_findings,
)
from pymdownx.superfences import SuperFencesException

from dlnotes_lib.figures._ink import INKS
from dlnotes_lib.moving import _drawing
from dlnotes_lib.moving._drawing import Axis, Curve, Frame, Moving, Panel, Slider
from dlnotes_lib.publish import hooks, moving, moving_fence
from dlnotes_lib.publish.pages import DOCS, ROOT

STEMS = moving.discover()
EACH = pytest.mark.parametrize("stem", STEMS)


def expected(stem: str):
    return importlib.import_module(f"moving_data.{stem}").expected


@EACH
def test_the_frames_show_the_data_of_their_experiment(stem: str):
    assert data_findings(stem, moving.load(stem), expected(stem)) == []


@EACH
def test_the_record_is_complete(stem: str):
    assert record_findings(stem, moving.load(stem)) == []


@EACH
def test_the_committed_frames_are_what_the_code_computes(stem: str):
    content = json.loads((moving.OUT / f"{stem}.json").read_text(encoding="utf-8"))
    figure = moving.load(stem)
    places = list(itertools.product(*(s.values for s in figure.sliders)))
    assert len(content["frames"]) == len(places)
    for values in settings(figure):
        frame = figure.frame(*values)
        *numbers, note = content["frames"][places.index(values)]
        assert note == frame.note
        for number, path in zip(numbers, figure.paths(frame), strict=True):
            assert moving.close(content["paths"][number], path)


def test_no_committed_file_is_missing_stale_or_left_over():
    assert moving.check() == []


def test_no_file_is_too_heavy():
    assert weight_findings(moving.OUT) == []


def test_every_moving_figure_is_shown_on_its_own_page():
    assert page_findings(DOCS, STEMS) == []


def toy(**changes: object) -> Moving:
    """一条线 y = slope·x，斜率是滑块。"""

    def frame(slope: float) -> Frame:
        return Frame([np.array([[0, 0], [1.0, slope]])], f"斜率 {slope:g}")

    panel = Panel(
        Axis("x", 0, 1, (0, 1)), Axis("y", -2, 2, (0,)), (Curve("线", "line", "c0"),)
    )
    figure = Moving(
        panels=(panel,), sliders=(Slider("斜率", (-1, 0, 2), 1),), frame=frame
    )
    return replace(figure, **changes)


def toy_expected(slope: float):
    return [[[0, 0], [1, slope]]], f"斜率 {slope:g}"


def test_a_sound_figure_is_not_reported():
    assert data_findings("toy", toy(), toy_expected) == []
    assert record_findings("toy", toy()) == []


def broken(points: np.ndarray | None = None, note: str = "斜率 2") -> Moving:
    """只有最后一档不对。"""
    bad = Frame([np.array([[0, 0], [1.0, 2.0]]) if points is None else points], note)
    return toy(frame=lambda slope: bad if slope == 2 else toy().frame(slope))


def test_a_wrong_frame_a_wrong_note_and_a_missing_curve_are_found():
    wrong = broken(np.array([[0, 0], [1.0, 2.1]]))
    assert data_findings("toy", wrong, toy_expected) == [
        "toy at 2: curve 0 is not the expected data"
    ]
    (finding,) = data_findings("toy", broken(note="斜率 3"), toy_expected)
    assert finding == "toy at 2: the note is '斜率 3', expected '斜率 2'"
    none = toy(frame=lambda slope: Frame([], f"斜率 {slope:g}"))
    assert "0 curves, expected 1" in data_findings("toy", none, toy_expected)[0]


PANEL = toy().panels[0]
BAD_RECORDS = [
    (
        {"panels": (PANEL._replace(x=PANEL.x._replace(label="")),)},
        "lacks an axis label",
    ),
    (
        {"panels": (PANEL._replace(curves=(Curve("", "wave", "c0"),)),)},
        "no mark 'wave'",
    ),
    (
        {
            "panels": (
                PANEL._replace(
                    curves=(Curve("甲", "line", "c0"), Curve("乙", "line", "c1"))
                ),
            )
        },
        "only colour tells",
    ),
    ({"sliders": (Slider("", (1, 2), 0),)}, "slider has no label"),
    ({"sliders": (Slider("a", (1, 2), 2),)}, "starts outside its values"),
    ({"sliders": (Slider("a", (1, 3, 2), 0),)}, "is not in order"),
]


@pytest.mark.parametrize(
    ("changes", "message"), BAD_RECORDS, ids=[m for _, m in BAD_RECORDS]
)
def test_an_incomplete_record_is_found(changes: dict[str, object], message: str):
    assert any(message in f for f in record_findings("toy", toy(**changes)))


def test_a_line_is_placed_and_drawn_in_quarter_pixels():
    assert (_drawing.SPAN, PANEL.height) == (1640, 960)
    assert toy().paths(toy().frame(2)) == ["M0 480l1640-480"]
    assert toy().paths(toy().frame(-1)) == ["M0 480l1640 240"]


def test_a_log_axis_places_powers_evenly_and_drops_what_it_cannot_show():
    panel = PANEL._replace(x=Axis("x", 0.01, 100, (1,), np.log10))
    points = np.array([[0.01, 0], [0.1, 0], [1, 1], [0, 0], [-1, 0], [100, 2]])
    placed = _drawing.place(panel, points)
    assert placed[[0, 1, 2, 5]].tolist() == [
        [0, 480],
        [410, 480],
        [820, 240],
        [1640, 0],
    ]
    assert np.isnan(placed[3:5]).all()


def test_a_line_breaks_where_a_point_is_missing_or_far_away():
    points = np.array(
        [[0, 0], [10, 5], [np.nan, np.nan], [7, 7], [np.nan, np.nan], [1, 2], [1, 3]]
    )
    assert _drawing.line(points, 9) == "M0 0l10 5M1 2l0 1"
    far = _drawing.place(PANEL, np.array([[0, 0], [0.5, 1e9], [np.inf, 0]]))
    assert np.isnan(far[1:]).all()
    assert not np.isnan(far[0]).any()


def ends(path: str) -> list[tuple[int, int]]:
    """照 SVG 的规则走一遍，每个 m 或 M 的落点。"""
    x = y = 0
    found = []
    for kind, text in re.findall(r"([MmlhV])([^MmlhV]*)", path):
        n = [int(v) for v in re.findall(r"-?\d+", text)]
        if kind in "Mm":
            x, y = (n[0], n[1]) if kind == "M" else (x + n[0], y + n[1])
            found.append((x, y))
        elif kind == "l":
            x, y = x + sum(n[::2]), y + sum(n[1::2])
        else:
            x, y = (x + n[0], y) if kind == "h" else (x, n[0])
    return found


@pytest.mark.parametrize(
    ("mark", "shift"), [("trail", (-12, 0)), ("dots", (0, 0)), ("bars", (0, 0))]
)
def test_every_point_gets_its_mark(mark: str, shift: tuple[int, int]):
    points = np.array([[100, 50], [90, 70], [300, 20]])
    path = _drawing.MARKS[mark](points, 900)
    want = [(int(x) + shift[0], int(y) + shift[1]) for x, y in points]
    assert ends(path)[-3:] == want


def test_a_cross_has_its_middle_on_the_point():
    points = np.array([[100, 50], [90, 70]])
    starts = ends(_drawing.crosses(points, 900))
    assert starts == [(86, 36), (114, 36), (86, 36), (76, 56), (104, 56), (76, 56)]


def test_marks_without_points_are_empty():
    none = np.zeros((0, 2))
    assert {draw(none, 9) for draw in _drawing.MARKS.values()} == {""}


def test_an_ellipse_is_a_level_set_and_ends_with_a_break():
    h, center = np.array([[2.0, 0.6], [0.6, 1.0]]), np.array([[3.0], [-1.0]])
    ring = _drawing.ellipse(h, center, 0.7)
    off = ring[:-1] - center.T
    assert np.allclose(np.einsum("ki,ij,kj->k", off, h, off) / 2, 0.7)
    assert np.isnan(ring[-1]).all()
    assert np.allclose(ring[0], ring[-2])


def test_frames_store_each_path_once_and_turn_the_last_slider_fastest():
    flat = toy(
        sliders=(Slider("a", (-1, 2), 0), Slider("b", (0, 1, 5), 1, "{:.1f}")),
        frame=lambda a, b: Frame([np.array([[0, 0], [1.0, a]])], f"{a} {b}"),
    )
    found = _drawing.frames(flat)
    assert found["texts"] == [["−1", "2"], ["0.0", "1.0", "5.0"]]
    assert len(found["paths"]) == 2
    assert found["frames"][:4] == [[0, "-1 0"], [0, "-1 1"], [0, "-1 5"], [1, "2 0"]]
    assert moving_fence.first(flat) == 1


def test_a_free_value_is_drawn_like_a_step():
    figure = moving.load("momentum")
    shown, frame = figure.shown(0.45, 0.11), figure.frame(0.45, 0.11)
    assert shown == {
        "paths": figure.paths(frame),
        "texts": ["0.45", "0.11"],
        "note": frame.note,
    }
    html = fenced("momentum\n重球法二十步走到最低点旁边")
    alphas = [0.02, 0.04, 0.06, 0.08, 0.1, 0.12, 0.14, 0.16, 0.18]
    shown = ",".join(map(str, alphas))
    assert f'data-values="[{shown}]" data-step="any"' in html
    assert 'data-step="1"' in fenced("mini_batch_gd\n替代文本")


def test_computing_twice_gives_the_same_bytes():
    assert moving.compute("softmax_regression") == moving.compute("softmax_regression")


def fenced(text: str) -> str:
    return moving_fence.fence(text, "moving", "moving", {}, None)


def test_the_page_holds_the_starting_frame_without_any_script():
    figure = moving.load("ewma")
    frame = figure.frame(0.9)
    html = fenced("ewma\n平均贴着真趋势，\n不再上下抖")
    for path in figure.paths(frame):
        assert f'd="{path}"' in html
    assert 'role="img" aria-label="平均贴着真趋势， 不再上下抖"' in html
    assert f'aria-live="off">{frame.note}</output>' in html
    assert '<label for="moving-ewma-0">衰减率 β</label><input type="range"' in html
    assert "<script" not in html


BAD_FENCES = [("nothing\n替代文本", "no moving figure"), ("ewma", "needs an alt text")]


@pytest.mark.parametrize(("text", "message"), BAD_FENCES)
def test_a_bad_fence_stops_the_build(text: str, message: str):
    with pytest.raises(SuperFencesException, match=message):
        fenced(text)


def test_a_missing_file_stops_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(moving_fence, "OUT", tmp_path)
    with pytest.raises(
        SuperFencesException, match=r"run python -m dlnotes_lib\.publish"
    ):
        fenced("ewma\n替代文本")


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    for stem in STEMS:
        (tmp_path / f"{stem}.json").write_bytes(
            (moving.OUT / f"{stem}.json").read_bytes()
        )
    return tmp_path


def test_missing_stale_and_orphan_files_are_found(copied: Path):
    (copied / "adam.json").unlink()
    old = json.loads((copied / "ewma.json").read_text(encoding="utf-8"))
    (copied / "ewma.json").write_text(
        json.dumps(old | {"stamp": "0"}), encoding="utf-8"
    )
    (copied / "gone.json").write_text("{}", encoding="utf-8")
    assert moving.check(out=copied) == [
        "adam: missing",
        "ewma: stale, the code that computes it has changed",
        "gone: orphan, no module computes it",
    ]


def test_update_computes_what_is_stale_and_deletes_what_is_left_over(
    copied: Path, capsys: pytest.CaptureFixture[str]
):
    text = (copied / "softmax_regression.json").read_text(encoding="utf-8")
    (copied / "softmax_regression.json").unlink()
    (copied / "gone.json").write_text("{}", encoding="utf-8")
    moving.update(out=copied)
    assert capsys.readouterr().out == "softmax_regression: computed\ngone: deleted\n"
    again = (copied / "softmax_regression.json").read_text(encoding="utf-8")
    assert moving.difference(text, again) == ""


CONTENT = {
    "texts": [["1", "2"]],
    "paths": ["M1 2l3-1", "M0 0h0"],
    "frames": [[0, "甲"], [1, "乙"]],
}
CHANGES = [
    (("l3-1", "l4 1"), ""),
    (("l3-1", "l9-1"), "frame 0, curve 0"),
    (("l3-1", "l3-1 1 1"), "frame 0, curve 0"),
    (("甲", "丙"), "frame 0: '甲' became '丙'"),
    (('["1", "2"]', '["1", "3"]'), "another set of slider values"),
]


@pytest.mark.parametrize(("change", "message"), CHANGES)
def test_only_a_rounding_is_forgiven_between_machines(
    change: tuple[str, str], message: str
):
    text = json.dumps(CONTENT, ensure_ascii=False)
    assert change[0] in text
    found = moving.difference(text, text.replace(*change))
    assert found.startswith(message) if message else found == ""


def test_a_heavy_file_is_found(tmp_path: Path):
    noise = np.random.default_rng(0).bytes(30_000).hex()
    (tmp_path / "adam.json").write_text(json.dumps({"x": noise}), encoding="utf-8")
    assert weight_findings(tmp_path) == []
    (tmp_path / "adam.json").write_text(json.dumps({"x": noise * 2}), encoding="utf-8")
    (finding,) = weight_findings(tmp_path)
    assert finding.startswith("adam: ")


def a_page(folder: Path, name: str, body: str) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"# 题\n\n```moving\n{body}\n```\n", encoding="utf-8")


BAD_PAGES = [
    ("week2/03-ewma.md", "ewma\ncurve", "needs a Chinese alt text"),
    ("week2/04-other.md", "ewma\n这条线贴着真趋势，不抖", "belongs on its own page"),
    ("week2/03-ewma.md", "wave\n这条线贴着真趋势，不抖", "no moving figure wave"),
    ("week2/03-ewma.md", "ewma", "needs a Chinese alt text"),
]


@pytest.mark.parametrize(("name", "body", "message"), BAD_PAGES)
def test_a_figure_shown_badly_is_found(
    tmp_path: Path, name: str, body: str, message: str
):
    a_page(tmp_path, name, body)
    assert any(message in f for f in page_findings(tmp_path, ["ewma"]))


def test_a_figure_not_shown_is_found(tmp_path: Path):
    assert page_findings(tmp_path, ["ewma"]) == ["ewma: shown 0 times, must be 1"]
    a_page(tmp_path, "week2/03-ewma.md", "ewma\n这条线贴着真趋势，不再抖")
    assert page_findings(tmp_path, ["ewma"]) == []


CSS = (DOCS / "assets/stylesheets/extra.css").read_text(encoding="utf-8")


def inks_in_css(css: str) -> dict[str, list[str]]:
    """样式表里写的墨色：名字 → 浅色值、深色值。"""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"--dl-(c\d|muted): (#\w+);", css):
        found.setdefault(name, []).append(value)
    return found


def test_the_style_sheet_uses_the_inks_of_the_figures():
    want = {n: [*v] for n, v in INKS.items() if n == "muted" or n[1:].isdigit()}
    assert inks_in_css(CSS) == want
    assert inks_in_css(CSS.replace("#d76400", "#d76401")) != want


def test_every_mark_and_ink_has_a_style():
    curves = [c for s in STEMS for p in moving.load(s).panels for c in p.curves]
    for name in {c.mark for c in curves} | {c.ink for c in curves}:
        assert re.search(rf"\.moving [^{{]*\.{name}\b", CSS), name


def test_the_hook_computes_moving_figures_without_writing_bytecode():
    assert hooks.MOVING[1:] == ("-B", "-m", "dlnotes_lib.publish.moving")


def test_the_script_stays_small():
    script = (DOCS / "assets/javascripts/moving.js").read_text(encoding="utf-8")
    assert len(script.splitlines()) <= 150
    assert "assets/javascripts/moving.js" in (ROOT / "mkdocs.yml").read_text("utf-8")
