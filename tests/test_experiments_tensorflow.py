"""3.11 节的数字：与分数的精确运算、NumPy 自己的浮点数、整数的位互相印证；各标签页印的字相同。"""

import re
from fractions import Fraction

import numpy as np
import pytest
from bad_input import Row, refuse, uncovered

from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.experiments import tensorflow as lesson
from dlnotes_lib.experiments.tensorflow import (
    COURSE,
    closed_form,
    descent_path,
    last_move,
    precision_path,
    rounded,
    stall_error,
    ulp,
)
from dlnotes_lib.publish.pages import DOCS

FORMATS = {53: np.float64, 24: np.float32, 11: np.float16}
STOPS = {53: 1631, 24: 636, 11: 190}


def nearest(x: Fraction, bits: int) -> Fraction:
    """精确的舍入：最近的 p 位数，正中取偶。"""
    if x == 0:
        return x
    e = 0
    while abs(x) >= Fraction(2) ** e:
        e += 1
    while abs(x) < Fraction(2) ** (e - 1):
        e -= 1
    unit = Fraction(2) ** (e - bits)
    return round(x / unit) * unit  # 分数的 round 也是正中取偶


def exact_walk(bits: int, *, steps: int) -> list[float]:
    """分数里走，只在该舍入的地方舍入。"""
    alpha, w, path = nearest(Fraction(0.01), bits), Fraction(0), [0.0]
    for _ in range(steps):
        dw = nearest(2 * w - 10, bits)
        w = nearest(w - nearest(alpha * dw, bits), bits)
        path.append(float(w))
    return path


@pytest.mark.parametrize(("bits", "dtype"), FORMATS.items())
def test_simulated_rounding_is_what_the_hardware_does(bits, dtype):
    real = descent_path(dtype=dtype, steps=700)
    assert real.dtype == dtype
    ours = precision_path(weight_bits=bits, grad_bits=bits, steps=700)
    np.testing.assert_array_equal(ours, real.astype(float))


@pytest.mark.parametrize("bits", [8, 11, 24])
def test_paths_agree_with_exact_fractions(bits):
    ours = precision_path(weight_bits=bits, grad_bits=bits, steps=700)
    assert ours.tolist() == exact_walk(bits, steps=700)


@pytest.mark.parametrize(("bits", "dtype"), FORMATS.items())
def test_every_format_stops_24_ulps_short(bits, dtype):
    path = descent_path(dtype=dtype, steps=2000)
    assert last_move(path) == STOPS[bits]
    assert (5 - float(path[-1])) / float(np.spacing(dtype(5))) == 24
    assert stall_error(5.0, bits=bits, lr=0.01) == 25 * float(np.spacing(dtype(5)))


def test_bfloat16_stops_at_four_and_a_quarter():
    path = precision_path(weight_bits=8, grad_bits=8)
    assert (path[-1], last_move(path)) == (4.25, 89)


def test_the_numbers_of_the_course():
    single, double = descent_path(dtype=np.float32), descent_path(dtype=np.float64)
    assert (str(single[1]), str(single[-1])) == ("0.099999994", "4.9999886")
    assert double[1] == pytest.approx(0.1, rel=1e-15)
    assert double[-1] == pytest.approx(4.999999991585, abs=5e-13)
    fed = descent_path((1.0, -20.0, 100.0), dtype=np.float64)
    assert fed[-1] == pytest.approx(9.99999998317, abs=5e-12)


@pytest.mark.parametrize("coefficients", [(1.0, -10.0, 25.0), (3.0, 4.0, -1.0)])
def test_closed_form_agrees_with_the_walk(coefficients):
    walk = descent_path(coefficients, dtype=np.float64, lr=0.03, steps=40)
    closed = closed_form(coefficients, lr=0.03, steps=40)
    assert closed.shape == (41,)
    np.testing.assert_allclose(walk, closed, rtol=1e-12)


def test_two_steps_by_hand():
    # a = 3, b = 4, α = 0.25：w₁ = −1，w₂ = −1 − 0.25·(−6 + 4) = −0.5
    path = descent_path((3.0, 4.0, 9.0), dtype=np.float64, lr=0.25, steps=2)
    assert path.tolist() == [0.0, -1.0, -0.5]


@pytest.mark.parametrize(("lr", "ulps"), [(0.1, 2), (0.01, 24), (0.001, 250)])
def test_a_smaller_step_stops_farther_away(lr, ulps):
    path = descent_path(dtype=np.float32, lr=lr, steps=6000)
    assert last_move(path) < 5900
    assert (5 - float(path[-1])) / 2**-21 == ulps
    assert ulps * 2**-21 <= stall_error(5.0, bits=24, lr=lr)


def test_master_weights_reach_the_resolution_of_the_low_precision():
    for bits in (8, 11):
        path = precision_path(weight_bits=24, grad_bits=bits, steps=600)
        assert rounded(path[-1].item(), bits=bits) == 5
        half = ulp(5.0, bits=bits) / 2
        assert 0.95 * half < 5 - path[-1] < half


@pytest.mark.parametrize("x", [5.0, -5.0, 4.0, 3.999, 0.1, 1e-7])
def test_ulp_and_rounded_agree_with_numpy(x):
    assert ulp(x, bits=53) == abs(float(np.spacing(x)))
    for bits, dtype in ((24, np.float32), (11, np.float16)):
        if abs(x) > 1e-4:  # float16 再小就是次正规数
            assert rounded(x, bits=bits) == float(dtype(x))
            low = dtype(x)
            assert ulp(float(low), bits=bits) == abs(float(np.spacing(low)))


def test_ties_go_to_even():
    assert [rounded(x, bits=3) for x in (4.5, 5.5, -4.5, 0.0)] == [4.0, 6.0, -4.0, 0.0]


def test_last_move_counts_from_one_and_may_be_zero():
    assert last_move(np.array([2.0, 2.0, 2.0])) == 0
    assert last_move(np.array([0.0, 1.0])) == 1
    assert last_move(np.array([0.0, 1.0, 0.0, 0.0])) == 2


GOOD = {
    "descent_path": {
        "coefficients": (1.0, -10.0, 25.0),
        "dtype": np.float32,
        "lr": 0.01,
        "steps": 2,
    },
    "closed_form": {"coefficients": (1.0, -10.0, 25.0), "lr": 0.01, "steps": 2},
    "last_move": {"path": np.zeros(2)},
    "ulp": {"x": 5.0, "bits": 8},
    "rounded": {"x": 5.0, "bits": 8},
    "stall_error": {"w_star": 5.0, "bits": 8, "lr": 0.01},
    "precision_path": {"weight_bits": 8, "grad_bits": 8, "lr": 0.01, "steps": 2},
}
BAD: list[Row] = [
    ("descent_path", "dtype", np.int64, TypeError, "must be a floating type"),
    ("descent_path", "dtype", complex, TypeError, "must be a floating type"),
    ("descent_path", "lr", -0.1, ValueError, "must be in [0, inf)"),
    ("descent_path", "steps", 0, ValueError, "must be at least 1"),
    ("closed_form", "lr", -0.1, ValueError, "must be in [0, inf)"),
    ("closed_form", "steps", 2.0, TypeError, "must be an integer"),
    ("last_move", "path", np.zeros((2, 2)), ShapeError, "must have shape"),
    ("ulp", "x", float("nan"), ValueError, "must be in (-inf, inf)"),
    ("ulp", "bits", 0, ValueError, "must be at least 1"),
    ("rounded", "x", float("inf"), ValueError, "must be in (-inf, inf)"),
    ("rounded", "bits", 8.0, TypeError, "must be an integer"),
    ("stall_error", "w_star", float("inf"), ValueError, "must be in (-inf, inf)"),
    ("stall_error", "lr", 0.0, ValueError, "must be in (0, inf)"),
    ("stall_error", "bits", 0, ValueError, "must be at least 1"),
    ("precision_path", "weight_bits", 0, ValueError, "must be at least 1"),
    ("precision_path", "grad_bits", 0, ValueError, "must be at least 1"),
    ("precision_path", "lr", -1.0, ValueError, "must be in [0, inf)"),
    ("precision_path", "steps", 0, ValueError, "must be at least 1"),
]


@pytest.mark.parametrize("row", BAD, ids=lambda r: f"{r[0]}-{r[1]}-{r[2]}")
def test_bad_input_names_the_argument(row):
    refuse(lesson, GOOD, row)


def test_a_parabola_that_opens_downward_has_no_closed_form():
    with pytest.raises(ValueError, match=r"coefficients\[0\] must be in \(0, inf\)"):
        closed_form((-1.0, 0.0, 0.0))


def test_every_argument_has_a_bad_value():
    elsewhere = {
        ("descent_path", "coefficients"),  # 只解包，不另查
        ("closed_form", "coefficients"),  # 上一个测试
    }
    assert uncovered(lesson, BAD) == elsewhere


def tab_groups(text: str) -> list[dict[str, str]]:
    """页面上每一组标签页：标签到它的输出；组与组之间隔着正文。"""
    groups: list[dict[str, str]] = []
    inside = False
    for part in re.split(r"^(?==== \")|^(?=[^\s=])", text, flags=re.M):
        tab = re.match(r'=== "(.+)"\n', part)
        if tab and not inside:
            groups.append({})
        inside = bool(tab)
        if tab:
            shown = re.search(r'```text title="输出"\n(.*?)```', part, re.S)
            lines = shown[1].splitlines() if shown else []
            groups[-1][tab[1]] = "\n".join(line.strip() for line in lines).strip()
    return groups


def different(groups: list[dict[str, str]]) -> list[dict[str, str]]:
    """没有输出，或者各标签印的字不同的组。"""
    return [g for g in groups if len(set(g.values())) != 1 or "" in g.values()]


def test_the_tabs_of_a_group_print_the_same_text():
    groups = tab_groups((DOCS / "week3/11-tensorflow.md").read_text(encoding="utf-8"))
    assert [list(group) for group in groups] == [
        ["NumPy", "PyTorch", "TensorFlow 1（历史）", "TensorFlow", "Keras", "JAX"],
    ]
    assert different(groups) == []


TAB = '=== "{}"\n\n    ```python\n    f()\n    ```\n\n    ```text title="输出"\n    {}\n    ```\n\n'


def test_a_tab_that_prints_something_else_is_found():
    same = TAB.format("A", "1 2") + TAB.format("B", "1 2") + "正文\n\n"
    assert tab_groups(same + same) == [{"A": "1 2", "B": "1 2"}] * 2
    assert different(tab_groups(same)) == []
    assert different(tab_groups(same.replace("1 2", "1 3", 1))) != []
    assert different(tab_groups('=== "A"\n\n    字\n')) == [{"A": ""}]


def test_a_path_that_never_moves_has_no_last_move():
    assert last_move(np.ones(4)) == 0


def test_the_parabola_of_the_course_touches_zero_at_five():
    a, b, c = COURSE
    assert (-b / (2 * a), a * 25 + b * 5 + c) == (5, 0)
