"""数值导数：1.12 的数、收敛阶、三种方法的精度。"""

import math
from typing import Any

import numpy as np
import pytest

from dlnotes_lib.differences import (
    central_difference,
    complex_step,
    forward_difference,
    numerical_gradient,
)

DIFFERENCES = {"forward": forward_difference, "central": central_difference}
each = pytest.mark.parametrize("difference", DIFFERENCES.values(), ids=DIFFERENCES)


def cube(t):
    return t**3


def exp_error(difference, eps):
    """e^x 在 1 处的相对误差。"""
    return abs(float(difference(np.exp, 1.0, eps=eps)) - math.e) / math.e


def test_the_cube_at_one_gives_the_two_numbers_of_the_course():
    assert float(forward_difference(cube, 1.0, eps=0.01)) == pytest.approx(3.0301)
    assert float(central_difference(cube, 1.0, eps=0.01)) == pytest.approx(3.0001)


@pytest.mark.parametrize(
    ("difference", "eps", "low", "high"),
    [
        (forward_difference, 1e-2, 4.9e-3, 5.1e-3),
        (central_difference, 1e-2, 1.6e-5, 1.8e-5),
        (complex_step, 1e-2, 1.6e-5, 1.8e-5),
        (forward_difference, 1e-5, 4.9e-6, 5.1e-6),
        # 截断 1.7e-11；exp 每差一个末位再加 8e-12，所以只有上限
        (central_difference, 1e-5, 0, 1e-10),
        (complex_step, 1e-5, 1.6e-11, 1.8e-11),
    ],
)
def test_relative_errors_on_exp(difference, eps, low, high):
    assert low <= exp_error(difference, eps) <= high


@pytest.mark.parametrize("eps", [1e-8, 1e-12, 1e-16, 1e-20, 1e-200])
def test_complex_step_stays_exact_however_small_the_step(eps):
    assert exp_error(complex_step, eps) < 1e-15


@each
def test_a_step_below_rounding_loses_everything(difference):
    assert 1 + 1e-17 == 1 - 1e-17 == 1  # 1 - 1e-16 却不是 1
    assert exp_error(difference, 1e-17) == 1.0


@pytest.mark.parametrize(
    ("difference", "order"), [(forward_difference, 1), (central_difference, 2)]
)
def test_order_of_convergence(difference, order):
    ratio = exp_error(difference, 1e-2) / exp_error(difference, 1e-3)
    assert math.log10(ratio) == pytest.approx(order, abs=0.01)


def test_single_precision_is_good_near_a_hundredth_and_useless_at_1e_minus_7():
    def error(eps):
        got = central_difference(np.exp, np.float32(1), eps=eps)
        assert got.dtype == np.float32
        return abs(float(got) - math.e) / math.e

    # 函数值是 2^-22 的整数倍，商是 2^-22 / 2e-7 = 1.19 的整数倍，离 e 最近的也差 12%
    assert error(1e-2) < 1e-4
    assert error(1e-7) > 0.1


@pytest.mark.parametrize("step", [3e-6, -3e-6])
def test_next_to_the_kink_of_relu_the_difference_is_in_between(step):
    got = central_difference(lambda v: np.maximum(v, 0), step, eps=1e-5)
    assert float(got) == pytest.approx(0.65 if step > 0 else 0.35)


@pytest.mark.parametrize("shape", [(), (4,), (2, 3)])
def test_arrays_are_differentiated_element_by_element(shape, rng):
    x = rng.standard_normal(shape)
    before = np.copy(x)
    for got in (
        forward_difference(np.sin, x, eps=1e-8),
        central_difference(np.sin, x, eps=1e-5),
        complex_step(np.sin, x),
    ):
        assert np.shape(got) == shape
        np.testing.assert_allclose(got, np.cos(x), atol=1e-6)
    np.testing.assert_array_equal(x, before)


def test_numerical_gradient_of_a_quadratic_form(rng):
    h = rng.standard_normal((5, 5))
    theta = rng.standard_normal(5)
    got = numerical_gradient(lambda v: v @ h @ v, theta)
    np.testing.assert_allclose(got, (h + h.T) @ theta, rtol=1e-8)


def test_numerical_gradient_needs_two_evaluations_per_coordinate_plus_two():
    calls = []
    numerical_gradient(lambda v: calls.append(1) or float(v.sum()), np.zeros(7))
    assert len(calls) == 2 * 7 + 2


def test_a_cost_that_spoils_its_argument_changes_nothing():
    def spoiling(v):
        value = float(v @ v)
        v[:] = 99.0
        return value

    theta = np.array([1.0, -2.0])
    np.testing.assert_allclose(numerical_gradient(spoiling, theta), [2.0, -4.0])
    assert theta.tolist() == [1.0, -2.0]


def test_float32_theta_is_checked_in_double_precision():
    theta: Any = np.array([1.0, 2.0], dtype=np.float32)
    got = numerical_gradient(lambda v: float(v @ v), theta)
    assert got.dtype == np.float64
    np.testing.assert_allclose(got, [2.0, 4.0], rtol=1e-9)


def test_a_random_cost_is_refused(rng):
    with pytest.raises(ValueError, match="cost is random: two evaluations"):
        numerical_gradient(lambda v: float(v.sum() + rng.random()), np.zeros(2))


def test_a_cost_that_draws_from_a_new_generator_each_time_is_not_random():
    got = numerical_gradient(
        lambda v: float(v.sum() + np.random.default_rng(0).random()), np.zeros(2)
    )
    np.testing.assert_allclose(got, [1.0, 1.0])
