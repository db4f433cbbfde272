"""激活函数：值、梯度、稳定性、dtype。"""

import math
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import central_grad, complex_step_grad, random_shapes, rel_error

from dlnotes_lib.activations import leaky_relu, relu, sigmoid, tanh
from dlnotes_lib.arrays import ShapeError

STEEP_LEAK = partial(leaky_relu, slope=0.3)
ALL = {"sigmoid": sigmoid, "tanh": tanh, "relu": relu, "leaky_relu": STEEP_LEAK}
each = pytest.mark.parametrize("activation", ALL.values(), ids=ALL.keys())
NAIVE = {
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "tanh": lambda z: (math.exp(z) - math.exp(-z)) / (math.exp(z) + math.exp(-z)),
    "relu": lambda z: max(z, 0.0),
    "leaky_relu": lambda z: z if z > 0 else 0.3 * z,
}


def away_from_zero(rng, shape):
    """符号随机，|z| ≥ 0.1：避开 ReLU 的拐点。"""
    return rng.choice([-1.0, 1.0], shape) * (0.1 + rng.exponential(1.0, shape))


@each
@pytest.mark.parametrize(
    ("oracle", "tolerance"), [(complex_step_grad, 1e-12), (central_grad, 1e-8)]
)
def test_back_agrees_with_the_numerical_gradient(activation, oracle, tolerance, rng):
    for shape in random_shapes(rng, 25):
        z, da = away_from_zero(rng, shape), rng.standard_normal(shape)
        (dz,) = activation(z)[1](da)
        numeric = oracle(lambda v, da=da: (activation(v)[0] * da).sum(), z)
        assert rel_error(dz, numeric) <= tolerance


@pytest.mark.parametrize("name", ALL)
def test_values_match_a_naive_scalar_transcription(name, rng):
    z = 4 * rng.standard_normal((3, 50))
    expected = [[NAIVE[name](float(v)) for v in row] for row in z]
    np.testing.assert_allclose(ALL[name](z)[0], expected, rtol=1e-13)


@each
@pytest.mark.parametrize("shape", [(), (1,), (4,), (2, 3), (2, 3, 4)])
def test_any_shape_is_kept(activation, shape):
    z = np.full(shape, 0.5)
    a, back = activation(z)
    assert np.shape(a) == shape
    assert np.shape(back(np.ones(shape))[0]) == shape


@each
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
def test_dtype_is_kept_and_inputs_are_not_touched(activation, dtype):
    z = np.array([[-2.0, 0.0, 3.0]], dtype=dtype)
    da = np.array([[1.0, 2.0, 3.0]], dtype=dtype)
    z_before, da_before = z.copy(), da.copy()
    a, back = activation(z)
    a_before = a.copy()
    (dz,) = back(da)
    assert a.dtype == dz.dtype == dtype
    np.testing.assert_array_equal(z, z_before)
    np.testing.assert_array_equal(da, da_before)
    np.testing.assert_array_equal(a, a_before)
    assert not np.shares_memory(a, z)
    assert not np.shares_memory(dz, da)


@each
def test_nan_comes_out_where_it_went_in(activation):
    a, _ = activation(np.array([1.0, np.nan, -1.0]))
    assert np.isnan(a).tolist() == [False, True, False]


@each
def test_huge_inputs_stay_exact_and_silent(activation):
    a, back = activation(np.array([-np.inf, -1e6, 1e6, np.inf]))
    assert not np.isnan(a).any()
    assert np.isfinite(back(np.ones(4))[0]).all()


@each
def test_back_refuses_a_gradient_of_another_shape(activation):
    _, back = activation(np.ones((2, 3)))
    with pytest.raises(ShapeError, match=r"da must have shape \(2, 3\), got \(3, 2\)"):
        back(np.ones((3, 2)))


@given(st.floats(-700, 700))
def test_sigmoid_of_z_and_of_minus_z_add_up_to_one(z):
    a, _ = sigmoid(np.array([z, -z]))
    assert a.sum() == pytest.approx(1.0, abs=1e-15)


@given(st.floats(-300, 300))
def test_sigmoid_is_half_of_one_plus_tanh_of_half(z):
    (a,), (t,) = sigmoid(np.array([z]))[0], tanh(np.array([z / 2]))[0]
    assert a == pytest.approx((1 + t) / 2, abs=1e-15)


@given(st.floats(-1e3, 1e3))
def test_leaky_relu_is_relu_of_z_minus_slope_times_relu_of_minus_z(z):
    (up,), (down,) = relu(np.array([z]))[0], relu(np.array([-z]))[0]
    assert leaky_relu(np.array([z]), slope=0.2)[0][0] == up - 0.2 * down


def test_sigmoid_keeps_its_small_tail():
    # (1 + tanh(z/2)) / 2 在这里得 0；真值是 e^{-40}
    assert float(sigmoid(np.array([-40.0]))[0][0]) == pytest.approx(
        math.exp(-40), rel=1e-14, abs=0
    )


def test_relu_never_gives_minus_zero():
    for repeats in (1, 3, 40):  # 长短不同，NumPy 走的指令也不同
        for dtype in (np.float32, np.float64):
            z: Any = np.repeat(np.array([-1.0, -0.0, 0.0], dtype=dtype), repeats)
            a, back = relu(z)
            (dz,) = back(np.full_like(z, -1.0))
            assert not np.signbit(a).any()
            assert not np.signbit(dz).any()


def test_relu_looks_at_the_real_part_only():
    a, back = relu(np.array([0 + 1j, -1 + 2j, 0 - 3j, 2 - 3j]))
    assert a.tolist() == [0, 0, 0, 2 - 3j]
    assert back(np.full(4, 5 + 1j))[0].tolist() == [0, 0, 0, 5 + 1j]


def test_leaky_relu_uses_slope_one_percent_unless_told():
    a, back = leaky_relu(np.array([-100.0, 100.0]))
    assert a.tolist() == [-1.0, 100.0]
    assert back(np.ones(2))[0].tolist() == [0.01, 1.0]


@pytest.mark.parametrize(
    ("z", "percent"), [(0.1, 0.33), (0.5, 7.58), (1.0, 23.8), (2.0, 51.8)]
)
def test_tanh_leaves_its_tangent_by_the_percentages_of_lesson_1_5(z, percent):
    a = float(tanh(np.array([z]))[0][0])
    assert (z - a) / z * 100 == pytest.approx(percent, abs=0.05)


def test_central_difference_across_the_relu_kink_gives_0_65():
    assert float(central_grad(lambda v: relu(v)[0].sum(), 3e-6, h=1e-5)) == (
        pytest.approx(0.65)
    )


def test_relu_of_a_normal_with_variance_two_has_std_0_8256():
    z = np.linspace(-14, 14, 280_001)
    density = np.exp(-z * z / 4) / math.sqrt(4 * math.pi) * (z[1] - z[0])
    a, _ = relu(z)
    mean, second = float((a * density).sum()), float((a * a * density).sum())
    assert round(math.sqrt(second - mean**2), 4) == 0.8256


def test_leaky_relu_at_zero_takes_the_slope_of_the_negative_side():
    a, back = leaky_relu(np.zeros(1), slope=0.25)
    assert (a.item(), back(np.array([4.0]))[0].item()) == (0.0, 1.0)
