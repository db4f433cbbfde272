"""1.12 节的数字：与手算值、泰勒公式、误差界互相印证。"""

import math
from decimal import Decimal, getcontext

import numpy as np
import pytest

from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.differences import (
    central_difference,
    complex_step,
    forward_difference,
)
from dlnotes_lib.experiments.numerical_gradients import (
    above_tangent,
    best_steps,
    central_bound,
    cube,
    errors,
    exp_errors,
    forward_bound,
    single_errors,
)

E, U = math.e, 2.0**-52


def order(error, small=1e-3):
    """误差像 C ε^p 时的 p。"""
    return math.log10(error(10 * small) / error(small))


def test_the_formula_of_the_notes_without_parentheses_gives_1_0254():
    e = 0.01
    assert cube(1 + e) - cube(1 - e) / 2 * e == pytest.approx(1.0254, abs=5e-5)
    assert (cube(1 + e) - cube(1 - e)) / (2 * e) == pytest.approx(3.0001, abs=1e-9)


def test_the_two_sided_difference_is_a_slope_and_its_error_is_something_else():
    slope = float(central_difference(cube, 1.0, eps=0.01))
    assert slope == pytest.approx(3.0001)
    assert slope - 3 == pytest.approx(1e-4, rel=1e-6)


def test_the_two_sided_error_is_of_second_order_and_the_one_sided_of_first():
    def error(difference):
        return lambda eps: abs(float(difference(np.exp, 1.0, eps=eps)) - E)

    assert order(error(forward_difference)) == pytest.approx(1, abs=0.005)
    assert order(error(central_difference)) == pytest.approx(2, abs=0.005)
    assert order(error(complex_step)) == pytest.approx(2, abs=0.005)


@pytest.mark.parametrize(("eps", "one", "two"), [(0.5, 4.75, 3.25), (0.01, 3.0301, 3.0001)])  # fmt: skip
def test_the_secants_of_the_cube_follow_the_expansion(eps, one, two):
    # ((1+ε)³ − 1)/ε = 3 + 3ε + ε²，中心只剩 3 + ε²
    assert one == pytest.approx(3 + 3 * eps + eps**2)
    assert two == pytest.approx(3 + eps**2)
    assert float(forward_difference(cube, 1.0, eps=eps)) == pytest.approx(one)
    assert float(central_difference(cube, 1.0, eps=eps)) == pytest.approx(two)


def test_above_tangent_is_what_taylor_leaves_over():
    h = np.array([-0.5, -0.01, 0.0, 0.01, 2.0])
    np.testing.assert_allclose(above_tangent(1 + h), 3 * h**2 + h**3, atol=1e-14)


def test_the_errors_of_the_cube_are_those_of_the_expansion_where_truncation_rules():
    steps = np.array([0.1, 1e-2, 1e-3])
    found = errors(cube, 1.0, 3.0, steps)
    np.testing.assert_allclose(found.forward, steps + steps**2 / 3, rtol=1e-9)
    np.testing.assert_allclose(found.central, steps**2 / 3, rtol=1e-5)
    np.testing.assert_allclose(found.complex_, steps**2 / 3, rtol=1e-6)


def test_the_cube_loses_its_digits_exactly_as_double_precision_says():
    # 逐步按 IEEE 双精度舍入（Decimal 精确，float() 舍入），与机器无关
    getcontext().prec = 80

    def times(a, b):
        return float(Decimal(a) * Decimal(b))

    def exact_cube(t):
        return times(times(t, t), t)

    eps = 1e-12
    up, down = float(Decimal(1) + Decimal(eps)), float(Decimal(1) - Decimal(eps))
    one = float((Decimal(exact_cube(up)) - 1) / Decimal(eps))
    two = float(Decimal(exact_cube(up)) - Decimal(exact_cube(down))) / 2e-12
    found = errors(cube, 1.0, 3.0, np.array([1e-12]))
    assert found.forward[0] == pytest.approx(abs(one - 3) / 3, rel=1e-9)
    assert found.central[0] == pytest.approx(abs(two - 3) / 3, rel=1e-9)
    assert f"{found.forward[0]:.1e} {found.central[0]:.1e}" == "8.9e-05 3.3e-05"
    assert f"{exact_cube(up):.17f}" == "1.00000000000300027"


@pytest.mark.parametrize(
    ("eps", "forward", "central", "complex_"),
    [
        (1e-2, (4.9e-3, 5.1e-3), (1.6e-5, 1.8e-5), (1.6e-5, 1.8e-5)),
        (1e-5, (4.9e-6, 5.1e-6), (0, 6e-11), (1.6e-11, 1.8e-11)),
        (1e-8, (0, 1e-7), (0, 5e-8), (0, 1e-15)),
        (1e-12, (0, 1e-3), (0, 5e-4), (0, 1e-15)),
        (1e-16, (1, 1), (0.05, 5), (0, 1e-15)),
    ],
)
def test_the_errors_on_exp_are_of_the_size_the_lesson_says(
    eps, forward, central, complex_
):
    found = exp_errors(np.array([eps]))
    for (low, high), error in zip((forward, central, complex_), found[1:], strict=True):
        assert low <= error[0] <= high


def test_the_measured_errors_stay_under_the_two_bounds():
    found = exp_errors(10.0 ** np.arange(-16, -0.9, 0.25))
    one = forward_bound(found.steps, f=E, f2=E, u=U) / E
    two = central_bound(found.steps, f=E, f3=E, u=U) / E
    assert np.all(found.forward < 1.1 * one)
    assert np.all(found.central < 1.1 * two)
    # 界不是空话：截断的一段几乎取等，舍入的一段最差处也超过界的十分之一
    assert np.all(found.central[-10:] > 0.9 * two[-10:])
    assert np.max(found.central[:24] / two[:24]) > 0.1


@pytest.mark.parametrize("f", [0.3, 2.0])
def test_the_best_steps_are_where_the_bounds_are_lowest(f):
    f2, f3, u = 5.0, -7.0, 1e-4
    one, two = best_steps(f=f, f2=f2, f3=f3, u=u)
    near = np.linspace(0.9, 1.1, 2001)
    first = forward_bound(one * near, f=f, f2=f2, u=u)
    second = central_bound(two * near, f=f, f3=f3, u=u)
    assert near[first.argmin()] == pytest.approx(1, abs=1e-3)
    assert near[second.argmin()] == pytest.approx(1, abs=1e-3)
    assert first.min() == pytest.approx(f2 * one, rel=1e-6)
    assert second.min() == pytest.approx(7 / 2 * two**2, rel=1e-6)


def test_in_double_precision_the_best_steps_are_3e_8_and_9e_6():
    one, two = best_steps(f=E, f2=E, f3=E)
    assert (f"{one:.1e}", f"{two:.1e}") == ("3.0e-08", "8.7e-06")
    assert f"{U ** (1 / 2):.1e} {U ** (1 / 3):.1e}" == "1.5e-08 6.1e-06"


def test_single_precision_is_best_near_a_hundredth_and_lost_at_1e_minus_8():
    steps = np.array([1e-2, 1e-3, 1e-5, 1e-7, 1e-8])
    found = single_errors(steps)
    shown = " ".join(f"{v:.1e}" for v in found)
    assert shown == "3.2e-05 6.9e-06 1.4e-03 1.9e-01 1.0e+00"
    assert errors(cube, 1.0, 3.0, steps[1:]).central.max() < 1e-6


@pytest.mark.parametrize("real", [np.float64, np.float32])
def test_central_is_free_of_truncation_on_parabolas_and_forward_is_off_by_a_eps(real):
    f, x = (lambda t: 5 * t * t - 3 * t + 7), real(2)
    assert float(central_difference(f, x, eps=0.125)) == 17
    assert float(forward_difference(f, x, eps=0.125)) == 17 + 5 * 0.125


def test_a_step_below_the_spacing_of_the_argument_moves_nothing():
    assert float(central_difference(lambda t: t * t, 1e12, eps=1e-5)) == 0
    slope = float(central_difference(lambda t: t * t, 1e12, eps=1e7))
    assert slope == pytest.approx(2e12, rel=1e-9)


def test_conjugation_silently_kills_the_complex_step_and_abs_is_refused():
    assert float(complex_step(lambda t: t * np.conj(t), 3.0)) == 0
    folded = complex_step(lambda t: np.where(t.real < 0, -t, t) ** 2, -3.0)
    assert float(folded) == pytest.approx(-6)
    with pytest.raises(TypeError, match="must be complex, got dtype float64"):
        complex_step(lambda t: np.abs(t) ** 2, 3.0)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: above_tangent("a"), TypeError, "t must be a real or complex array"),  # pyright: ignore
        (lambda: errors(cube, 1.0, 0.0, np.ones(1)), ValueError, "slope must not be 0"),
        (lambda: errors(cube, 1.0, 3.0, np.ones((1, 1))), ShapeError, "steps must have shape"),
        (lambda: errors(cube, 1j, 3.0, np.ones(1)), TypeError, "x must be real"),  # pyright: ignore
        (lambda: exp_errors(np.array([1.0, 0.0])), ValueError, r"eps must be in \(0, inf\)"),
        (lambda: single_errors(np.array([-1.0])), ValueError, r"eps must be in \(0, inf\)"),
        (lambda: single_errors(1.0), ShapeError, "steps must have shape"),  # pyright: ignore
        (lambda: forward_bound(np.array([1.0, -2.0]), f=1, f2=1, u=1), ValueError, "eps must be positive, got minimum -2.0"),
        (lambda: central_bound(np.array([np.nan]), f=1, f3=1, u=1), ValueError, "eps must be finite"),
        (lambda: central_bound(np.ones(1), f=1, f3=1, u=0), ValueError, r"u must be in \(0, inf\)"),
        (lambda: best_steps(f=1, f2=1, f3=0), ValueError, "f3 must not be 0"),
        (lambda: best_steps(f=1, f2=1, f3=1, u=-1), ValueError, r"u must be in \(0, inf\)"),
    ],
)  # fmt: skip
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_one_is_an_ordinary_value_for_slope_and_derivatives():
    assert errors(lambda t: t, 1.0, 1.0, np.array([0.5])).central[0] == 0
    forward, central = best_steps(f=1, f2=1, f3=1, u=1e-6)
    assert forward == pytest.approx(2e-3)
    assert central == pytest.approx(3 ** (1 / 3) * 1e-2)


def test_a_step_of_zero_among_good_ones_is_refused():
    with pytest.raises(ValueError, match=r"eps must be positive, got minimum 0\.0"):
        forward_bound(np.array([1.0, 0.0]), f=1, f2=1, u=1)
