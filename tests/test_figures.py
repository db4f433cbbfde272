"""每张插图：画得出、看得清、可复现、没过期，数据就是实验的数据，恰好在自己的页面上。"""

import importlib
import itertools
from functools import cache

import numpy as np
import pytest
from drawn import data_findings
from figure_checks import (
    color_findings,
    encoding_findings,
    label_findings,
    order_findings,
    page_findings,
    size_findings,
)

from dlnotes_lib.figures._ink import INKS
from dlnotes_lib.publish.figures import OUT, PACKAGE, Name, check, discover, draw, load
from dlnotes_lib.publish.svg import Picture, render

NAMES = discover()
AGAIN = pytest.mark.long("每张图再画一遍")
EACH = pytest.mark.parametrize("name", NAMES, ids=str)
SERIES = [ink for ink in INKS if ink[1:].isdigit()]
SCHEMES = pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
# Machado 等（2009），程度 1.0：正常、红、绿、蓝色盲，作用于线性 RGB
EYES = {
    "normal": np.eye(3),
    "protan": [
        [0.1523, 1.0526, -0.2049],
        [0.1145, 0.7863, 0.0992],
        [-0.0039, -0.0481, 1.052],
    ],
    "deutan": [
        [0.3673, 0.8607, -0.228],
        [0.2801, 0.6725, 0.0474],
        [-0.0118, 0.0429, 0.9689],
    ],
    "tritan": [
        [1.2555, -0.0767, -0.1788],
        [-0.0784, 0.9308, 0.1476],
        [0.0047, 0.6914, 0.3039],
    ],
}


@cache
def picture(name: Name) -> Picture:
    return render(str(name), load(name))


@EACH
def test_a_figure_is_labelled_legible_and_in_the_palette(name: Name):
    figure, svg = picture(name)
    assert label_findings(str(name), figure) == []
    assert size_findings(str(name), figure) == []
    assert color_findings(str(name), figure, svg) == []
    assert encoding_findings(str(name), figure) == []


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=[] if n in NAMES[::8] else AGAIN, id=str(n)) for n in NAMES],
)
def test_a_figure_drawn_twice_gives_the_same_bytes(name: Name):
    assert render(str(name), load(name)).svg == picture(name).svg


@EACH
def test_a_figure_shows_the_data_of_its_experiment(name: Name):
    try:
        module = importlib.import_module(f"figure_data.{name.stem}")
    except ModuleNotFoundError:
        module = None
    expected = getattr(module, name.function, None)
    assert data_findings(str(name), picture(name).figure, expected) == []


def test_no_committed_figure_is_missing_stale_or_left_over():
    assert check() == []


def test_every_figure_is_shown_on_its_own_page():
    assert page_findings(PACKAGE.parent / "docs", NAMES) == []


def test_figures_come_on_the_page_in_the_order_of_their_functions():
    assert order_findings(PACKAGE.parent / "docs", PACKAGE / "figures") == []


def test_a_committed_file_is_what_the_command_writes():
    name = Name("regularization", "shrinkage")
    text = (OUT / f"{name}.svg").read_bytes().decode()
    assert text.startswith("<!-- dlnotes ")
    assert "\r" not in text
    assert draw(name).splitlines()[0] == text.splitlines()[0]


def linear(color: str) -> np.ndarray:
    c = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    dark, light = sorted(
        float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other)
    )
    return (light + 0.05) / (dark + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = [
        [0.4124, 0.3576, 0.1805],
        [0.2126, 0.7152, 0.0722],
        [0.0193, 0.1192, 0.9505],
    ]
    xyz = np.clip(to_xyz @ rgb, 0, None) / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_contrast_agrees_with_the_definition():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@SCHEMES
@pytest.mark.parametrize(
    ("ink", "ratio"), [("text", 7), ("muted", 4.5), *((ink, 3) for ink in SERIES)]
)
def test_inks_stand_out_from_the_background(scheme: int, ink: str, ratio: float):
    assert contrast(INKS[ink][scheme], INKS["bg"][scheme]) >= ratio


@SCHEMES
@pytest.mark.parametrize("eye", EYES)
def test_series_colours_stay_apart_for_every_eye(scheme: int, eye: str):
    seen = [lab(np.clip(EYES[eye] @ linear(INKS[ink][scheme]), 0, 1)) for ink in SERIES]
    distances = [np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)]
    assert len(seen) == 6
    assert min(distances) > 20
