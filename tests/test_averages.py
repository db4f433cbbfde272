"""指数加权平均：手算值、闭式、按定义求和，以及坏输入。"""

import math
from typing import Any

import numpy as np
import pytest
from bad_input import refuse, uncovered
from hypothesis import given
from hypothesis import strategies as st

from dlnotes_lib import averages
from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.averages import (
    bias_corrected,
    efold_window,
    ewma,
    half_life,
    mean_age,
    steps_to_unbiased,
    variance_window,
    weights,
)

BETAS = st.floats(0, 0.99)


def test_three_steps_by_hand():
    v = ewma(np.array([10.0, 20.0, 30.0]), beta=0.9)
    np.testing.assert_allclose(v, [1.0, 2.9, 5.61], rtol=1e-14)
    expected = [1.0 / 0.1, 2.9 / 0.19, 5.61 / 0.271]
    np.testing.assert_allclose(bias_corrected(v, beta=0.9), expected, rtol=1e-14)


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=20), BETAS)
def test_the_recursion_is_the_weighted_sum(theta, beta):
    v = ewma(np.array(theta), beta=beta)
    for t in range(1, len(theta) + 1):
        terms = [(1 - beta) * beta**k * theta[t - k - 1] for k in range(t)]
        assert v[t - 1] == pytest.approx(math.fsum(terms), rel=1e-9, abs=1e-9)
        assert weights(t, beta=beta) @ np.array(theta[:t])[::-1] == pytest.approx(
            math.fsum(terms), rel=1e-9, abs=1e-9
        )


@given(BETAS, st.integers(1, 200))
def test_the_weights_sum_to_one_minus_beta_to_the_t(beta, t):
    assert weights(t, beta=beta).sum() == pytest.approx(1 - beta**t, rel=1e-12)


@given(st.floats(-50, 50), BETAS, st.integers(1, 60))
def test_a_constant_series_is_exact_after_correction(value, beta, steps):
    v = ewma(np.full(steps, value), beta=beta)
    tiny = 1e-300  # 再小就是次正规数，没有这么多位
    wanted = value * (1 - beta ** np.arange(1, steps + 1))
    np.testing.assert_allclose(v, wanted, rtol=1e-7, atol=tiny)
    np.testing.assert_allclose(
        bias_corrected(v, beta=beta), value, rtol=1e-9, atol=tiny
    )


def test_rows_are_averaged_on_their_own_and_the_input_is_left_alone(rng):
    theta = rng.standard_normal((2, 3, 7))
    before = theta.copy()
    together = bias_corrected(ewma(theta, beta=0.8), beta=0.8)
    np.testing.assert_array_equal(theta, before)
    assert together.shape == (2, 3, 7)
    for i in np.ndindex(2, 3):
        alone = bias_corrected(ewma(theta[i], beta=0.8), beta=0.8)
        np.testing.assert_array_equal(together[i], alone)


def test_beta_zero_gives_the_series_back():
    theta = np.array([3.0, -1.0, 4.0])
    np.testing.assert_array_equal(ewma(theta, beta=0.0), theta)
    np.testing.assert_array_equal(bias_corrected(theta, beta=0.0), theta)


def test_float32_stays_float32():
    v = ewma(np.ones(3, dtype=np.float32), beta=0.5)  # pyright: ignore
    assert v.dtype == np.float32


@pytest.mark.parametrize(
    ("beta", "efold", "age", "variance", "half"),
    [(0.5, 2, 1, 3, 1.0), (0.9, 10, 9, 19, 6.5788), (0.98, 50, 49, 99, 34.3096)],
)
def test_the_windows(beta, efold, age, variance, half):
    assert efold_window(beta) == pytest.approx(efold)
    assert mean_age(beta) == pytest.approx(age)
    assert variance_window(beta) == pytest.approx(variance)
    assert half_life(beta) == pytest.approx(half, abs=1e-4)


@given(st.floats(0.01, 0.99))
def test_the_windows_mean_what_they_say(beta):
    k = np.arange(6000)
    share = weights(6000, beta=beta)
    assert mean_age(beta) == pytest.approx((share * k).sum(), rel=1e-6)
    assert 1 / variance_window(beta) == pytest.approx((share**2).sum(), rel=1e-6)
    assert beta ** half_life(beta) == pytest.approx(0.5)
    assert share[int(efold_window(beta)) :].sum() <= 0.5  # 窗内占一半以上


@given(st.floats(0.01, 0.9999), st.floats(1e-6, 0.9))
def test_steps_to_unbiased_is_the_first_such_step(beta, tol):
    t = steps_to_unbiased(beta, tol=tol)
    assert beta**t <= tol * (1 + 1e-9)
    assert beta ** (t - 1) >= tol * (1 - 1e-9)


def test_the_steps_of_the_course():
    steps = [steps_to_unbiased(b, tol=0.01) for b in (0.9, 0.98, 0.99, 0.999)]
    assert steps == [44, 228, 459, 4603]


NAN, INF = float("nan"), float("inf")
ARRAY = "must be a real or complex array"
GOOD: dict[str, dict[str, Any]] = {
    "ewma": {"theta": np.ones(3), "beta": 0.9},
    "bias_corrected": {"v": np.ones(3), "beta": 0.9},
    "weights": {"t": 3, "beta": 0.9},
    "efold_window": {"beta": 0.9},
    "mean_age": {"beta": 0.9},
    "variance_window": {"beta": 0.9},
    "half_life": {"beta": 0.9},
    "steps_to_unbiased": {"beta": 0.9, "tol": 0.01},
}
SERIES = [
    (None, TypeError, ARRAY),
    (["a"], TypeError, ARRAY),
    (np.zeros(0), ShapeError, "must not be empty"),
    (3.0, ShapeError, "must have shape (*,), got ()"),
    ([1.0, NAN], ValueError, "must be finite, got 1 non-finite of 2"),
]
RATE = [
    ("0.9", TypeError, "must be a real number, got str"),
    (None, TypeError, "must be a real number, got NoneType"),
    (NAN, ValueError, "1), got nan"),
    (1.0, ValueError, "1), got 1.0"),
    (-0.1, ValueError, "1), got -0.1"),
]
OPEN = [(0.0, ValueError, "must be in (0, 1), got 0.0")]
STEPS = [
    (0, ValueError, "must be at least 1, got 0"),
    (2.0, TypeError, "must be an integer, got float"),
]
CASES = [
    *[("ewma", "theta", *row) for row in SERIES],
    *[("bias_corrected", "v", *row) for row in SERIES],
    *[(name, "beta", *row) for name in GOOD for row in RATE],
    *[(name, "beta", *row) for name in ("half_life", "steps_to_unbiased") for row in OPEN],
    *[("steps_to_unbiased", "tol", *row) for row in [*RATE, *OPEN]],
    *[("weights", "t", *row) for row in STEPS],
]  # fmt: skip


@pytest.mark.parametrize("row", CASES, ids=lambda row: f"{row[0]}-{row[1]}")
def test_bad_input_is_refused_by_name(row):
    refuse(averages, GOOD, row)


def test_every_argument_of_every_public_function_has_a_row():
    assert uncovered(averages, CASES) == set()
