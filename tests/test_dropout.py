"""随机失活：掩码的统计、期望与方差、固定掩码的梯度。"""

import itertools

import numpy as np
import pytest
from oracles import central_grad, complex_step_grad, random_shapes, rel_error

from dlnotes_lib.activations import relu
from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.dropout import (
    apply_mask,
    dropout,
    dropout_linreg_loss,
    dropout_mask,
)


@pytest.mark.parametrize(
    ("oracle", "tolerance"), [(complex_step_grad, 1e-12), (central_grad, 1e-8)]
)
def test_back_agrees_with_the_numerical_gradient_under_a_fixed_mask(
    oracle, tolerance, rng
):
    for shape in random_shapes(rng, 25):
        a, d = rng.standard_normal(shape), rng.standard_normal(shape)
        mask = dropout_mask(shape, keep_prob=0.6, rng=rng)

        def f(v, mask=mask, d=d):
            return (apply_mask(v, mask, keep_prob=0.6)[0] * d).sum()

        (da,) = apply_mask(a, mask, keep_prob=0.6)[1](d)
        assert rel_error(da, oracle(f, a)) <= tolerance


def test_dropout_is_a_mask_from_the_rng_applied_once(rng):
    a, d = rng.standard_normal((5, 3)), rng.standard_normal((5, 3))
    mask = dropout_mask((5, 3), keep_prob=0.6, rng=np.random.default_rng(7))
    expected, expected_back = apply_mask(a, mask, keep_prob=0.6)
    out, back = dropout(a, keep_prob=0.6, rng=np.random.default_rng(7))
    np.testing.assert_array_equal(out, expected)
    for _ in range(2):  # 反向不重新抽掩码
        np.testing.assert_array_equal(back(d)[0], expected_back(d)[0])


def test_by_hand():
    mask = np.array([[True, False], [False, True], [True, True]])
    a = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    out, back = apply_mask(a, mask, keep_prob=0.25)
    assert out.tolist() == [[4.0, 0.0], [0.0, 16.0], [20.0, 24.0]]
    assert back(np.ones((3, 2)))[0].tolist() == [[4.0, 0.0], [0.0, 4.0], [4.0, 4.0]]


def test_a_million_ones_reproduce_lesson_1_6():
    rng = np.random.default_rng(0)
    out, _ = dropout(np.ones((1000, 1000)), keep_prob=0.8, rng=rng)
    assert np.unique(out).tolist() == [0.0, 1.25]
    assert round(float(out.mean()), 4) == 0.9998
    assert round(float(out.var()), 4) == 0.2501


def test_fifty_units_lose_ten_give_or_take_2_83():
    rng = np.random.default_rng(0)
    lost = 50 - dropout_mask((50, 20_000), keep_prob=0.8, rng=rng).sum(axis=0)
    assert float(lost.mean()) == pytest.approx(10.0, abs=0.1)
    assert float(lost.std()) == pytest.approx(2.83, abs=0.06)


@pytest.mark.parametrize("keep_prob", [0.2, 0.5, 0.8])
def test_expectation_is_kept_and_variance_is_a_squared_times_odds(keep_prob):
    # 一个单元，丢与留两种掩码，按概率加权，没有抽样误差
    a = np.array([[3.0]])
    kept, _ = apply_mask(a, np.array([[True]]), keep_prob=keep_prob)
    lost, _ = apply_mask(a, np.array([[False]]), keep_prob=keep_prob)
    values, chances = np.array([kept, lost]).ravel(), [keep_prob, 1 - keep_prob]
    mean = float(np.dot(values, chances))
    variance = float(np.dot((values - mean) ** 2, chances))
    assert mean == pytest.approx(3.0)
    assert variance == pytest.approx(9.0 * (1 - keep_prob) / keep_prob)


def test_expectation_is_not_kept_through_a_relu():
    w, a = np.array([[1.0, -1.0]]), np.ones((2, 1))
    outs = [
        relu(w @ apply_mask(a, np.array([[d1], [d2]]), keep_prob=0.5)[0])[0].item()
        for d1, d2 in itertools.product([True, False], repeat=2)
    ]
    assert sum(outs) / 4 == 0.5
    assert relu(w @ a)[0].item() == 0.0


def test_every_example_gets_its_own_mask(rng):
    mask = dropout_mask((50, 200), keep_prob=0.5, rng=rng)
    assert len({column.tobytes() for column in mask.T}) == 200
    assert len({row.tobytes() for row in mask}) == 50


def test_keep_prob_one_switches_dropout_off(rng):
    a = rng.standard_normal((4, 3))
    out, back = dropout(a, keep_prob=1, rng=rng)
    np.testing.assert_array_equal(out, a)
    np.testing.assert_array_equal(back(a)[0], a)
    assert not np.shares_memory(out, a)


def test_mask_is_boolean_and_depends_only_on_the_seed():
    first, again, other = (
        dropout_mask((3, 4), keep_prob=0.5, rng=np.random.default_rng(s))
        for s in (1, 1, 2)
    )
    assert first.dtype == bool
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
def test_dtype_is_kept_and_inputs_are_not_touched(dtype, rng):
    a, mask = np.full((2, 3), 2, dtype=dtype), np.eye(2, 3, dtype=bool)
    a_before, mask_before = a.copy(), mask.copy()
    out, back = apply_mask(a, mask, keep_prob=0.5)
    assert out.dtype == back(a)[0].dtype == dtype
    assert dropout(a, keep_prob=0.5, rng=rng)[0].dtype == dtype
    np.testing.assert_array_equal(a, a_before)
    np.testing.assert_array_equal(mask, mask_before)


def test_nan_comes_out_where_it_went_in():
    a = np.array([[np.nan, 1.0]])
    out, _ = apply_mask(a, np.array([[True, True]]), keep_prob=0.5)
    assert np.isnan(out).tolist() == [[True, False]]


@pytest.mark.parametrize("shape", [(), (3,), (2, 3, 4)])
def test_any_shape_is_kept(shape, rng):
    assert dropout_mask(shape, keep_prob=0.5, rng=rng).shape == shape
    out, back = dropout(np.ones(shape), keep_prob=0.5, rng=rng)
    assert np.shape(out) == np.shape(back(np.ones(shape))[0]) == shape


def test_back_refuses_a_gradient_of_another_shape(rng):
    _, back = dropout(np.ones((2, 3)), keep_prob=0.5, rng=rng)
    with pytest.raises(ShapeError, match=r"d must have shape \(2, 3\), got \(2, 1\)"):
        back(np.ones((2, 1)))


def expected_loss_by_enumeration(x, y, w, p):
    """逐样本枚举全部 2ⁿ 张掩码，按概率加权；只用 Python 的数。"""
    total = 0.0
    for i in range(x.shape[1]):
        for d in itertools.product([0, 1], repeat=x.shape[0]):
            chance, z = 1.0, 0.0
            for j, kept in enumerate(d):
                chance *= p if kept else 1 - p
                z += w[0, j] * x[j, i] * kept / p
            total += chance * (y[0, i] - z) ** 2
    return total


@pytest.mark.parametrize("keep_prob", [0.3, 0.8, 1.0])
@pytest.mark.parametrize("shape", [(1, 4), (3, 6), (5, 2)])
def test_linreg_loss_is_the_average_over_every_mask(shape, keep_prob, rng):
    n, m = shape
    x, y, w = (rng.standard_normal(s) for s in [(n, m), (1, m), (1, n)])
    loss = dropout_linreg_loss(x, y, w, keep_prob=keep_prob)
    expected = expected_loss_by_enumeration(x, y, w, keep_prob)
    assert loss == pytest.approx(expected, rel=1e-13, abs=0)


def test_linreg_loss_of_lesson_1_7():
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((3, 6)), rng.standard_normal((1, 6))
    loss = dropout_linreg_loss(x, y, np.array([[0.5, -1.0, 2.0]]), keep_prob=0.8)
    assert loss == pytest.approx(60.00717, abs=5e-6)


@pytest.mark.parametrize(
    ("keep_prob", "loss"), [(1, 8), (0.5, 8 + 29), (0.25, 8 + 3 * 29)]
)
def test_linreg_loss_by_hand(keep_prob, loss):
    # 误差 (2, −2)；罚项 (1 − p)/p · (4·(1 + 4) + 1·(9 + 0))
    x, y = np.array([[1, 2], [3, 0]]), np.array([[1, 2]])
    assert dropout_linreg_loss(x, y, np.array([[2, -1]]), keep_prob=keep_prob) == loss


def test_linreg_loss_does_not_care_about_the_units_of_a_feature(rng):
    x, y, w = (rng.standard_normal(s) for s in [(3, 5), (1, 5), (1, 3)])
    units = np.array([[1000.0], [1.0], [0.01]])
    other = dropout_linreg_loss(x * units, y, w / units.T, keep_prob=0.6)
    loss = dropout_linreg_loss(x, y, w, keep_prob=0.6)
    assert other == pytest.approx(loss, rel=1e-12, abs=0)


def test_linreg_loss_is_analytic_so_that_a_complex_step_gives_its_gradient(rng):
    x, y, w = (rng.standard_normal(s) for s in [(3, 5), (1, 5), (1, 3)])
    p = 0.6
    grad = complex_step_grad(lambda v: dropout_linreg_loss(x, y, v, keep_prob=p), w)
    energy = np.array([sum(v * v for v in row) for row in x])
    expected = -2 * (y - w @ x) @ x.T + 2 * (1 - p) / p * w * energy
    assert rel_error(grad, expected) <= 1e-14


def test_linreg_loss_leaves_its_inputs_alone(rng):
    x, y, w = (rng.standard_normal(s) for s in [(3, 5), (1, 5), (1, 3)])
    before = [v.copy() for v in (x, y, w)]
    assert type(dropout_linreg_loss(x, y, w, keep_prob=0.6)) is float
    for now, then in zip((x, y, w), before, strict=True):
        np.testing.assert_array_equal(now, then)
