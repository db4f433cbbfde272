"""正则化：课程的数字、罚项与梯度一致、软阈值是近端算子。"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import central_grad, complex_step_grad, random_shapes, rel_error

from dlnotes_lib.regularization import (
    l1_penalty,
    l1_subgrad,
    l2_grad,
    l2_penalty,
    soft_threshold,
    weight_decay_factor,
)

PAIRS = {"l2": (l2_penalty, l2_grad), "l1": (l1_penalty, l1_subgrad)}
each = pytest.mark.parametrize(("penalty", "grad"), PAIRS.values(), ids=PAIRS.keys())
SQUARE = np.array([[1.0, 2.0], [3.0, 4.0]])
PULLED = np.array([-3.0, -0.5, 0.2, 1.0, 4.0])


@each
@pytest.mark.parametrize(
    ("oracle", "tolerance"), [(complex_step_grad, 1e-12), (central_grad, 1e-8)]
)
def test_grad_is_the_gradient_of_the_penalty(penalty, grad, oracle, tolerance, rng):
    for shape in random_shapes(rng, 25):
        w = rng.choice([-1.0, 1.0], shape) * (0.1 + rng.random(shape))  # 避开 0
        other = rng.standard_normal((2, 3))
        numeric = oracle(lambda v, o=other: penalty([o, v], lambd=0.7, m=3), w)
        assert rel_error(grad(w, lambd=0.7, m=3), numeric) <= tolerance


def test_penalties_match_a_naive_sum_over_all_layers(rng):
    ws = [rng.standard_normal(shape) for shape in [(3, 2), (1, 3), (4,)]]
    entries = [v for w in ws for v in w.ravel().tolist()]
    squares, sizes = sum(v * v for v in entries), sum(abs(v) for v in entries)
    assert l2_penalty(ws, lambd=0.7, m=3) == pytest.approx(0.7 / 6 * squares)
    assert l1_penalty(iter(ws), lambd=0.7, m=3) == pytest.approx(0.7 / 6 * sizes)


def test_l2_uses_the_frobenius_norm_not_the_spectral_norm():
    assert l2_penalty([SQUARE], lambd=2.0, m=1) == 30.0
    assert round(float(np.linalg.norm(SQUARE, 2)), 3) == 5.465
    assert round(l2_penalty([SQUARE], lambd=0.7, m=10), 12) == 1.05


def test_weight_decay_of_lesson_1_4():
    factor = weight_decay_factor(lr=0.1, lambd=0.7, m=10)
    assert round(factor, 12) == 0.993
    assert round(factor**1000, 5) == 0.00089


def test_gradient_step_with_l2_equals_decay_then_plain_step(rng):
    w, dw = rng.standard_normal((3, 2)), rng.standard_normal((3, 2))
    stepped = w - 0.1 * (dw + l2_grad(w, lambd=0.7, m=10))
    decayed = weight_decay_factor(lr=0.1, lambd=0.7, m=10) * w - 0.1 * dw
    np.testing.assert_allclose(stepped, decayed, rtol=1e-13)


@pytest.mark.parametrize("lambd", [800, 1000])
def test_decay_at_or_beyond_the_limit_names_lambd_and_the_limit(lambd):
    message = rf"lambd must be below 2m/lr = 800, got {lambd}"
    with pytest.raises(ValueError, match=message):
        weight_decay_factor(lr=0.5, lambd=lambd, m=200)
    assert weight_decay_factor(lr=0.5, lambd=799, m=200) == pytest.approx(-0.9975)


def test_l2_shrinks_in_proportion_where_l1_cuts_to_zero():
    # ½(w − a)² + l/2·w² 的驻点：w − a + l·w = 0
    shrunk = np.array([-2.0, -0.3333, 0.1333, 0.6667, 2.6667])
    pull = shrunk - PULLED + l2_grad(shrunk, lambd=0.5, m=1)
    np.testing.assert_allclose(pull, 0.0, atol=1e-4)
    assert soft_threshold(PULLED, 0.5).tolist() == [-2.5, 0.0, 0.0, 0.5, 3.5]


def test_l1_subgradient_has_no_two_to_cancel_and_is_zero_at_zero():
    w = np.array([-3.0, 0.0, -0.0, 0.5])
    assert l1_subgrad(w, lambd=3.0, m=6).tolist() == [-0.25, 0.0, 0.0, 0.25]


@given(st.floats(-10, 10), st.floats(0, 10), st.floats(-20, 20))
def test_soft_threshold_minimizes_its_own_problem(a, t, other):
    def cost(u):
        return (u - a) ** 2 / 2 + t * abs(u)

    (best,) = soft_threshold(np.array([a]), t).tolist()
    assert cost(best) <= cost(other) + 1e-12


def test_soft_threshold_of_zero_width_changes_nothing_and_never_gives_minus_zero():
    assert soft_threshold(PULLED, 0.0).tolist() == PULLED.tolist()
    assert not np.signbit(soft_threshold(np.array([-0.2, -0.0, 0.2]), 0.5)).any()


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=4), st.floats(-3, 3))
def test_scaling_the_weights_scales_l2_twice_and_l1_once(values, c):
    w = np.array(values)
    l1, l2 = l1_penalty([w], lambd=2, m=3), l2_penalty([w], lambd=2, m=3)
    assert l1_penalty([c * w], lambd=2, m=3) == pytest.approx(abs(c) * l1, abs=1e-12)
    assert l2_penalty([c * w], lambd=2, m=3) == pytest.approx(c * c * l2, abs=1e-12)


@each
@pytest.mark.parametrize(
    ("dtype", "kind"), [("float32", float), ("float64", float), ("complex128", complex)]
)
def test_penalty_is_a_python_number(penalty, grad, dtype, kind):
    w = np.array([[1.0, -2.0]], dtype=dtype)
    assert type(penalty([w], lambd=0.5, m=2)) is kind
    assert type(penalty([w], lambd=0, m=2)) is kind


@pytest.mark.parametrize(
    "f",
    [
        lambda w: l2_grad(w, lambd=0.5, m=2),
        lambda w: l1_subgrad(w, lambd=0.5, m=2),
        lambda w: soft_threshold(w, 0.5),
    ],
    ids=["l2_grad", "l1_subgrad", "soft_threshold"],
)
def test_float32_stays_and_the_input_is_not_touched(f):
    w = np.array([[1.0, -2.0, 0.0]], dtype="float32")
    before = w.copy()
    out = f(w)
    assert out.dtype == "float32"
    assert not np.shares_memory(out, w)
    np.testing.assert_array_equal(w, before)


def test_soft_threshold_tolerates_the_complex_step():
    w = np.array([-2.0, 0.1, 3.0])
    slope = complex_step_grad(lambda v: soft_threshold(v, 0.5).sum(), w)
    assert slope.tolist() == [1.0, 0.0, 1.0]
