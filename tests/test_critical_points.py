"""鞍面、平台、黑塞矩阵与临界点的分类：闭式、手算值、两种求导互相印证；坏输入。"""

from typing import Any

import numpy as np
import pytest
from oracles import complex_step_grad, rel_error

from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.differences import numerical_gradient
from dlnotes_lib.landscapes import (
    Plateau,
    Quadratic,
    Saddle,
    classify_critical,
    numerical_hessian,
)

NAN = float("nan")
EYE: Any = np.eye(2)
GROUND = {
    "saddle": (Saddle(), np.array([0.7, -1.3])),
    "plateau": (Plateau(), np.array([0.4, -0.9, 1.1])),
    "far plateau": (Plateau(), np.array([4.0])),
}


@pytest.mark.parametrize("name", GROUND)
def test_gradient_agrees_with_two_ways_of_differencing(name):
    ground, w = GROUND[name]
    assert rel_error(ground.grad(w), complex_step_grad(ground.cost, w)) < 1e-14
    assert rel_error(ground.grad(w), numerical_gradient(ground.cost, w)) < 1e-8


def test_saddle_by_hand():
    w = np.array([3.0, 2.0])
    assert Saddle().cost(w) == 9 / 2 - 4 / 2 + 16 / 4
    assert Saddle().grad(w).tolist() == [3.0, 8.0 - 2.0]
    for point, cost in (([0.0, 0.0], 0.0), ([0.0, 1.0], -0.25), ([0.0, -1.0], -0.25)):
        assert not Saddle().grad(np.array(point)).any()
        assert Saddle().cost(np.array(point)) == cost


def test_plateau_by_hand():
    w = np.array([3.0, 4.0])
    drop = np.exp(-12.5)
    assert Plateau().cost(w) == pytest.approx(1 - drop, rel=1e-15)
    np.testing.assert_allclose(Plateau().grad(w), [3 * drop, 4 * drop], rtol=1e-14)
    assert Plateau().cost(np.zeros(3)) == 0
    assert not Plateau().grad(np.zeros(3)).any()


def test_inputs_are_not_modified():
    for ground, w in GROUND.values():
        before = w.copy()
        ground.cost(w)
        ground.grad(w)
        numerical_hessian(ground.grad, w)
        np.testing.assert_array_equal(w, before)


def test_hessian_of_a_quadratic_is_its_matrix(rng):
    a = rng.standard_normal((5, 5))
    bowl = Quadratic(a + a.T)
    h = numerical_hessian(bowl.grad, rng.standard_normal(5))
    np.testing.assert_allclose(h, bowl.hessian, rtol=1e-14)


def test_hessian_of_the_small_landscapes_in_closed_form():
    x, y = 0.7, -1.3
    h = numerical_hessian(Saddle().grad, np.array([x, y]))
    np.testing.assert_allclose(h, [[1, 0], [0, 3 * y**2 - 1]], rtol=1e-14)
    w = np.array([0.4, -0.9, 1.1])
    want = (np.eye(3) - np.outer(w, w)) * np.exp(-(w @ w) / 2)
    np.testing.assert_allclose(numerical_hessian(Plateau().grad, w), want, rtol=1e-13)


def test_a_column_is_one_coordinate_of_the_point():
    # 梯度 (0, x²) 不是任何 J 的梯度：H[1, 0] = 2x，转置了就在 H[0, 1]
    h = numerical_hessian(lambda w: np.array([0 * w[0], w[0] ** 2]), np.array([3.0, 1]))
    assert h.tolist() == [[0.0, 0.0], [6.0, 0.0]]


CLASSES = [
    ([1.0, 2.0], 0.1, "minimum"),
    ([-1.0, -2.0], 0.1, "maximum"),
    ([1.0, -2.0], 0.1, "saddle"),
    ([1.0, -2.0, 0.0], 0.1, "saddle"),
    ([1.0, 0.0], 0.1, "degenerate"),
    ([-1.0, 0.0], 0.1, "degenerate"),
    ([0.0, 0.0], 0.1, "degenerate"),
    ([1.0, -0.05], 0.1, "degenerate"),
    ([1.0, -0.05], 0.01, "saddle"),
    ([1.0, 0.05], 0.01, "minimum"),
    ([-1.0, 0.05], 0.1, "degenerate"),
    ([0.5, 0.5], 0.5, "degenerate"),  # 恰好等于 tol 的当作 0
    ([0.0, 1.0], 0.0, "degenerate"),
    ([3.0], 0.0, "minimum"),
]


@pytest.mark.parametrize(("spectrum", "tol", "kind"), CLASSES)
def test_the_class_is_read_from_the_signs_of_the_spectrum(spectrum, tol, kind):
    assert classify_critical(np.diag(spectrum), tol=tol) == kind


@pytest.mark.parametrize(("spectrum", "tol", "kind"), CLASSES[:11])
def test_the_class_does_not_depend_on_the_axes(spectrum, tol, kind, rng):
    n = len(spectrum)
    q, _ = np.linalg.qr(rng.standard_normal((n, n)))
    h = q @ np.diag(spectrum) @ q.T
    assert classify_critical((h + h.T) / 2, tol=tol) == kind


def test_a_positive_diagonal_does_not_make_a_minimum():
    h = np.array([[1.0, 2.0], [2.0, 1.0]])
    assert classify_critical(h, tol=0.0) == "saddle"


BAD = {
    "saddle size": (lambda: Saddle().cost(np.ones(3)), ShapeError, r"w must .*\(2,\)"),
    "saddle 2-D": (lambda: Saddle().grad(EYE), ShapeError, r"w must have shape \(2,\)"),
    "plateau 2-D": (lambda: Plateau().cost(EYE), ShapeError, "w must have shape"),
    "plateau text": (lambda: Plateau().grad("4"), TypeError, "w must be a real"),  # type: ignore[arg-type]
    "hessian at a matrix": (
        lambda: numerical_hessian(lambda w: w, EYE),
        ShapeError,
        r"w must have shape \(\*,\), got \(2, 2\)",
    ),
    "hessian at a complex point": (
        lambda: numerical_hessian(lambda w: w, np.ones(2) * 1j),  # type: ignore[arg-type]
        TypeError,
        "w must be real, got dtype complex128",
    ),
    "hessian at nan": (
        lambda: numerical_hessian(lambda w: w, np.array([1.0, NAN])),
        ValueError,
        "w must be finite, got 1 non-finite of 2",
    ),
    "gradient of another size": (
        lambda: numerical_hessian(lambda w: w[:1], np.ones(2)),
        ShapeError,
        r"grad\(w \+ i\*eps\*e\) must have shape \(2,\), got \(1,\)",
    ),
    "gradient drops the imaginary part": (
        lambda: numerical_hessian(lambda w: w.real, np.ones(2)),
        TypeError,
        r"grad\(w \+ i\*eps\*e\) must be complex, got dtype float64",
    ),
    "gradient not finite": (
        lambda: numerical_hessian(lambda w: w * NAN, np.ones(2)),
        ValueError,
        r"grad\(w \+ i\*eps\*e\) must be finite",
    ),
    "hessian eps": (
        lambda: numerical_hessian(lambda w: w, np.ones(2), eps=0.0),
        ValueError,
        r"eps must be in \(0, inf\), got 0.0",
    ),
    "classify not square": (
        lambda: classify_critical(np.ones((2, 3)), tol=0.0),
        ShapeError,
        r"hessian must be square, got shape \(2, 3\)",
    ),
    "classify not symmetric": (
        lambda: classify_critical(np.array([[1.0, 0.5], [0.0, 1.0]]), tol=0.0),
        ValueError,
        "hessian must be symmetric, got entries 0.5 apart",
    ),
    "classify nan": (
        lambda: classify_critical(EYE * NAN, tol=0.0),
        ValueError,
        "hessian must be finite",
    ),
    "classify complex": (
        lambda: classify_critical(EYE * 1j, tol=0.0),
        TypeError,
        "hessian must be real",
    ),
    "negative tol": (
        lambda: classify_critical(EYE, tol=-1e-9),
        ValueError,
        r"tol must be in \[0, inf\), got -1e-09",
    ),
    "tol is text": (
        lambda: classify_critical(EYE, tol="0"),  # type: ignore[arg-type]
        TypeError,
        "tol must be a real number, got str",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_names_the_argument(name):
    call, error, message = BAD[name]
    with pytest.raises(error, match=message):
        call()
