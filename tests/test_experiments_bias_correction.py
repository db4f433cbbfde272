"""2.5 节的数字：与逐步真走、按权重求和、手算值、模拟互相印证。"""

import math
from typing import Any

import numpy as np
import pytest
from bad_input import refuse, uncovered
from hypothesis import given
from hypothesis import strategies as st

from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.averages import (
    bias_corrected,
    ewma,
    mean_age,
    variance_window,
    weights,
)
from dlnotes_lib.experiments import bias_correction as experiments
from dlnotes_lib.experiments.adam import uncorrected_ratio
from dlnotes_lib.experiments.bias_correction import (
    Starts,
    corrected_age,
    effective_count,
    start_rmse,
    start_weights,
    three_starts,
)
from dlnotes_lib.experiments.understanding_ewma import effective_size

BETAS = st.floats(0, 0.99)
STEPS = st.integers(1, 60)


def shares(t: int, beta: float) -> list[list[float]]:
    """三组权重，先旧后新，照定义另写一遍。"""
    zero = [(1 - beta) * beta**k for k in reversed(range(t))]
    first = [zero[0] + beta**t, *zero[1:]]
    return [zero, first, [w / math.fsum(zero) for w in zero]]


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=30), BETAS)
def test_the_three_starts_are_three_recursions(theta, beta):
    zero, first, corrected = 0.0, theta[0], 0.0
    paths = three_starts(np.array(theta), beta=beta)
    for t, x in enumerate(theta, start=1):
        zero = beta * zero + (1 - beta) * x
        first = beta * first + (1 - beta) * x
        # 只留修正值的那条递推
        corrected += (1 - beta) / (1 - beta**t) * (x - corrected)
        got = [path[t - 1] for path in paths]
        np.testing.assert_allclose(got, [zero, first, corrected], atol=1e-9)


@given(STEPS, BETAS)
def test_the_weights_are_those_of_the_definition(t, beta):
    got = start_weights(t, beta=beta)
    np.testing.assert_allclose(got, shares(t, beta), rtol=1e-9, atol=1e-15)
    sums = [w.sum() for w in got]
    np.testing.assert_allclose(sums, [1 - beta**t, 1, 1], rtol=1e-9)


@given(STEPS, BETAS)
def test_the_effective_count_is_one_over_the_squared_weights(t, beta):
    share = shares(t, beta)[2]
    want = 1 / math.fsum(w * w for w in share)
    got = float(effective_count(t, beta=beta))
    assert got == pytest.approx(want, rel=1e-9)
    assert 1 - 1e-9 <= got <= min(t, variance_window(beta)) * (1 + 1e-9)
    kept = effective_size(weights(t, beta=beta))  # 2.4 节的写法，没有修正
    assert got == pytest.approx(kept, rel=1e-9)


@given(STEPS, BETAS)
def test_the_age_is_the_mean_of_the_ages_and_the_lag_of_a_ramp(t, beta):
    share = shares(t, beta)[2]
    want = math.fsum(w * (t - 1 - i) for i, w in enumerate(share))
    got = float(corrected_age(t, beta=beta))
    assert got == pytest.approx(want, rel=1e-7, abs=1e-7)
    ramp = np.arange(1.0, t + 1)
    late = t - bias_corrected(ewma(ramp, beta=beta), beta=beta)[-1]
    assert got == pytest.approx(late, rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("beta", [0.5, 0.9, 0.98])
def test_both_windows_end_where_the_settled_average_is(beta):
    assert effective_count(np.array(5e3), beta=beta) == pytest.approx(
        variance_window(beta)
    )
    assert corrected_age(np.array(5e3), beta=beta) == pytest.approx(mean_age(beta))


@given(STEPS, BETAS, st.floats(-20, 20), st.floats(0, 10))
def test_the_error_is_bias_and_spread_by_the_weights(t, beta, mean, sigma):
    got = start_rmse(t, beta=beta, mean=mean, sigma=sigma)
    for error, share in zip(got, shares(t, beta), strict=True):
        bias = mean * (1 - math.fsum(share))
        spread = sigma * math.sqrt(math.fsum(w * w for w in share))
        assert float(error) == pytest.approx(math.hypot(bias, spread), abs=1e-7)


@pytest.mark.parametrize("seed", [0, 1])
def test_measured_errors_agree_with_the_closed_form(seed):
    rng = np.random.default_rng(seed)
    readings = 11 + 2.5 * rng.standard_normal((4000, 100))
    for t in (1, 10, 100):
        formula = start_rmse(np.array(float(t)), beta=0.98, mean=11, sigma=2.5)
        for v, want in zip(three_starts(readings, beta=0.98), formula, strict=True):
            found = math.sqrt(np.mean((v[:, t - 1] - 11) ** 2))
            assert found == pytest.approx(float(want), rel=0.05)


def test_shapes_follow_t_and_theta(rng):
    theta = rng.standard_normal((2, 3, 4))
    before = theta.copy()
    paths = three_starts(theta, beta=0.7)
    np.testing.assert_array_equal(theta, before)
    assert isinstance(paths, Starts)
    for path in paths:
        assert path.shape == (2, 3, 4)
    np.testing.assert_array_equal(
        paths.first[1, 2], three_starts(theta[1, 2], beta=0.7).first
    )
    t = np.array([[1.0, 2, 3], [4, 5, 6]])
    assert effective_count(t, beta=0.9).shape == (2, 3)
    assert corrected_age(t, beta=0.9).shape == (2, 3)
    assert [e.shape for e in start_rmse(t, beta=0.9, mean=1, sigma=1)] == [(2, 3)] * 3


def test_the_hand_values_of_the_curriculum():
    zero, first, corrected = three_starts(np.array([40.0, 44.0]), beta=0.98)
    np.testing.assert_allclose(zero, [0.8, 1.664], rtol=1e-12)
    np.testing.assert_allclose(first, [40, 40.08], rtol=1e-12)
    np.testing.assert_allclose(corrected, [40, 1.664 / 0.0396], rtol=1e-12)
    share = start_weights(2, beta=0.98).corrected
    np.testing.assert_allclose(share, [0.98 / 1.98, 1 / 1.98], rtol=1e-12)


@given(
    st.lists(st.floats(-30, 40), min_size=1, max_size=20),
    st.floats(0.1, 0.99),
    st.floats(-5, 5),
    st.floats(-300, 300),
)
def test_a_corrected_average_commutes_with_a_change_of_units(theta, beta, scale, shift):
    x = np.array(theta)
    here = bias_corrected(ewma(x, beta=beta), beta=beta)
    there = bias_corrected(ewma(scale * x + shift, beta=beta), beta=beta)
    np.testing.assert_allclose(there, scale * here + shift, atol=1e-7)


@pytest.mark.parametrize("t", [1, 3, 10, 100, 2000])
def test_twice_the_age_plus_one_is_the_window_of_radam(t):
    beta2 = 0.999
    rho = 2 / (1 - beta2) - 1 - 2 * t * beta2**t / (1 - beta2**t)
    assert 2 * float(corrected_age(t, beta=beta2)) + 1 == pytest.approx(rho, rel=1e-9)


@pytest.mark.parametrize(
    ("beta1", "beta2", "first", "peak", "top"),
    [
        (0.9, 0.999, 3.1623, 12, 6.5685),
        (0.95, 0.999, 1.5811, 25, 4.5976),
        (0.9, 0.99, 1.0, 13, 2.1311),
        (0.9, 0.95, 0.4472, 20, 1.0967),
    ],
)
def test_the_peaks_of_uncorrected_adam(beta1, beta2, first, peak, top):
    ratio = uncorrected_ratio(np.arange(1.0, 5001), beta1=beta1, beta2=beta2)
    assert ratio[0] == pytest.approx(first, abs=5e-5)
    assert ratio.argmax() + 1 == peak
    assert ratio[peak - 1] == pytest.approx(top, abs=5e-5)
    assert ratio[peak - 1] > max(ratio[peak - 2], ratio[peak]) * (1 + 1e-5)


def test_equal_rates_never_step_too_far():
    ratio = uncorrected_ratio(np.arange(1.0, 5001), beta1=0.95, beta2=0.95)
    np.testing.assert_allclose(ratio, np.sqrt(1 - 0.95 ** np.arange(1, 5001)))


def test_a_small_mean_is_better_left_uncorrected():
    t = np.arange(1.0, 401)
    small = start_rmse(t, beta=0.98, mean=0.5, sigma=2.5)
    assert (small.zero < np.minimum(small.first, small.corrected)).all()
    large = start_rmse(t[:150], beta=0.98, mean=11, sigma=2.5)
    assert (large.corrected <= np.minimum(large.first, large.zero) + 1e-12).all()


NAN, INF = float("nan"), float("inf")
ARRAY = "must be a real or complex array"
GOOD: dict[str, dict[str, Any]] = {
    "three_starts": {"theta": np.ones(3), "beta": 0.9},
    "start_weights": {"t": 3, "beta": 0.9},
    "effective_count": {"t": np.arange(1, 4), "beta": 0.9},
    "corrected_age": {"t": np.arange(1, 4), "beta": 0.9},
    "start_rmse": {"t": np.arange(1, 4), "beta": 0.9, "mean": 1.0, "sigma": 2.0},
}
RATE = [
    ("0.9", TypeError, "must be a real number, got str"),
    (NAN, ValueError, "must be in [0, 1), got nan"),
    (1.0, ValueError, "must be in [0, 1), got 1.0"),
    (-0.1, ValueError, "must be in [0, 1), got -0.1"),
]
TIME = [
    (None, TypeError, ARRAY),
    ([], ShapeError, "must not be empty"),
    ([1, 0], ValueError, "must be in [1, inf), got 0"),
    ([1.0, NAN], ValueError, "must be in [1, inf), got nan"),
    ([1j], TypeError, "must be a real number"),
]
CASES = [
    ("three_starts", "theta", ["a"], TypeError, ARRAY),
    ("three_starts", "theta", [], ShapeError, "must not be empty"),
    ("three_starts", "theta", 3.0, ShapeError, "must have shape (*,), got ()"),
    ("three_starts", "theta", [1.0, INF], ValueError, "must be finite, got 1"),
    ("start_weights", "t", 0, ValueError, "must be at least 1, got 0"),
    ("start_weights", "t", 2.0, TypeError, "must be an integer, got float"),
    *[
        (name, "t", *row)
        for name in ("effective_count", "corrected_age", "start_rmse")
        for row in TIME
    ],
    *[(name, "beta", *row) for name in GOOD for row in RATE],
    ("start_rmse", "mean", "1", TypeError, "must be a real number, got str"),
    ("start_rmse", "mean", INF, ValueError, "must be in (-inf, inf), got inf"),
    ("start_rmse", "sigma", None, TypeError, "must be a real number, got NoneType"),
    ("start_rmse", "sigma", -1, ValueError, "must be in [0, inf), got -1"),
]


@pytest.mark.parametrize("row", CASES, ids=lambda row: f"{row[0]}-{row[1]}")
def test_bad_input_is_refused_by_name(row):
    refuse(experiments, GOOD, row)


def test_every_argument_of_every_public_function_has_a_row():
    assert uncovered(experiments, CASES) == set()
