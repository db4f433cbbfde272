"""2.3 节的数字：与真走一遍、按权重求和、闭式、手算值互相印证。"""

import math
from typing import Any

import numpy as np
import pytest
from bad_input import refuse, uncovered
from hypothesis import given
from hypothesis import strategies as st

from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.averages import ewma, mean_age, variance_window
from dlnotes_lib.datasets import london_like, london_like_trend
from dlnotes_lib.experiments import ewma as experiments
from dlnotes_lib.experiments.ewma import (
    Response,
    SquaredError,
    bad_day,
    measured_rmse,
    seasonal_error,
    sine_response,
    sliding_mean,
)

CITY = {"amplitude": 7, "period": 365, "sigma": 2.5}
BETAS = st.floats(0, 0.97)
PERIODS = st.integers(3, 40)


def settled(beta: float, period: int) -> tuple[np.ndarray, np.ndarray]:
    """走到稳态之后的一整个周期：（输入，平均），照递推另写一遍。"""
    cycles = math.ceil(900 / period)
    x = np.sin(2 * np.pi * np.arange(period * cycles) / period)
    v, path = 0.0, []
    for value in x:
        v = v - (1 - beta) * (v - value)
        path.append(v)
    return x[-period:], np.array(path[-period:])


@given(BETAS, PERIODS)
def test_the_lag_part_is_what_a_noiseless_season_loses(beta, period):
    x, v = settled(beta, period)
    lag, noise = seasonal_error(np.array(beta), amplitude=3.0, period=period, sigma=0.0)
    assert float(noise) == 0
    assert float(lag) == pytest.approx(9 * np.mean((v - x) ** 2), rel=1e-6, abs=1e-9)


@given(BETAS, st.floats(0.1, 10))
def test_the_noise_part_is_the_sum_of_the_squared_weights(beta, sigma):
    lag, noise = seasonal_error(np.array(beta), amplitude=0, period=9, sigma=sigma)
    squares = ((1 - beta) * beta ** np.arange(2000.0)) ** 2
    assert float(lag) == 0
    assert float(noise) == pytest.approx(sigma**2 * math.fsum(squares), rel=1e-9)


@given(BETAS, PERIODS)
def test_the_response_is_the_sine_that_comes_out(beta, period):
    _, v = settled(beta, period)
    gain, delay = sine_response(beta, period=period)
    t = np.arange(period)
    expected = gain * np.sin(2 * np.pi * (t - delay) / period)
    np.testing.assert_allclose(v, expected, atol=1e-6)
    assert 0 <= delay <= period / 4 + 1e-9  # 相位最多晚四分之一个周期


@given(BETAS, st.floats(2.5, 500))
def test_error_and_response_tell_the_same_story(beta, period):
    # |1 − H|² = 1 − 2·倍数·cos(ω·滞后) + 倍数²
    gain, delay = sine_response(beta, period=period)
    angle = 2 * math.pi / period * delay
    lag = seasonal_error(np.array(beta), amplitude=2, period=period, sigma=1).lag
    assert float(lag) == pytest.approx(2 * (1 - 2 * gain * math.cos(angle) + gain**2))


@pytest.mark.parametrize("beta", [0.5, 0.9, 0.98])
def test_a_slow_season_is_a_ramp(beta):
    gain, delay = sine_response(beta, period=1e6)
    assert delay == pytest.approx(mean_age(beta), rel=1e-3)
    assert gain == pytest.approx(1, abs=1e-3)
    lag = seasonal_error(np.array(beta), amplitude=5, period=1e6, sigma=1).lag
    slope = 5 * 2 * math.pi / 1e6
    assert float(lag) == pytest.approx(slope**2 / 2 * mean_age(beta) ** 2, rel=1e-3)


def test_beta_zero_changes_nothing_and_the_parts_have_the_shape_of_beta():
    assert sine_response(0.0, period=9) == Response(gain=1.0, delay=0.0)
    parts = seasonal_error(np.zeros((2, 3)), amplitude=5, period=9, sigma=2.0)
    assert isinstance(parts, SquaredError)
    np.testing.assert_array_equal(parts.lag, np.zeros((2, 3)))
    np.testing.assert_array_equal(parts.noise, np.full((2, 3), 4.0))


def test_ramp_lag_and_noise_ratio_of_the_curriculum():
    ramp = np.arange(1.0, 2001.0)
    lags = [ramp[-1] - ewma(ramp, beta=b)[-1] for b in (0.5, 0.9, 0.98)]
    np.testing.assert_allclose(lags, [1, 9, 49], rtol=1e-9)
    ratios = [1 / variance_window(b) for b in (0.5, 0.9, 0.98)]
    np.testing.assert_allclose(ratios, [0.3333, 0.0526, 0.0101], atol=5e-5)


def test_white_noise_is_damped_by_the_stated_ratio():
    xi = np.random.default_rng(5).standard_normal((1000, 1500))
    for beta in (0.5, 0.9, 0.98):
        left = ewma(xi, beta=beta)[:, 500:].var()
        assert left == pytest.approx((1 - beta) / (1 + beta), rel=0.05)


@pytest.mark.parametrize(
    ("beta", "hottest", "top"),
    [(0.0, 201, 18.0), (0.9, 210, 17.91), (0.98, 242, 16.33)],
)
def test_the_season_comes_late_and_low(beta, hottest, top):
    v = ewma(london_like_trend(730), beta=beta)[365:]
    gain, delay = sine_response(beta, period=365)
    assert v.argmax() + 1 == hottest == round(110 + 365 / 4 + delay)
    assert v.max() == pytest.approx(top, abs=5e-3)
    assert v.max() == pytest.approx(11 + 7 * gain, abs=2e-3)


def test_the_lag_of_the_season_is_not_the_lag_of_the_ramp():
    delay = sine_response(0.98, period=365).delay
    assert delay == pytest.approx(40.497, abs=1e-3)
    assert mean_age(0.98) == pytest.approx(49)


@pytest.mark.parametrize("seed", [0, 1, 42])
def test_measured_errors_agree_with_the_closed_form_and_have_a_bottom(seed):
    betas = [0.0, 0.5, 0.85, 0.9, 0.98]
    rmse = measured_rmse(betas, years=40, rng=np.random.default_rng(seed))
    expected = np.sqrt(np.sum(seasonal_error(np.array(betas), **CITY), axis=0))
    np.testing.assert_allclose(rmse, expected, rtol=0.05)
    assert rmse[2] < rmse[3] < rmse[1] < rmse[0] < rmse[4]


def test_the_first_year_is_generated_but_not_measured():
    theta = london_like(730, rng=np.random.default_rng(7))
    v, path = 0.0, []
    for x in theta:
        v = 0.98 * v + 0.02 * x
        path.append(v)
    errors = np.array(path[365:]) - london_like_trend(365)
    (got,) = measured_rmse([0.98], years=1, rng=np.random.default_rng(7))
    assert got == pytest.approx(math.sqrt(np.mean(errors**2)), rel=1e-9)


@pytest.mark.parametrize(
    ("amplitude", "sigma", "best"),
    [(7, 2.5, 0.85), (7, 5.0, 0.90), (14, 2.5, 0.78), (0, 2.5, 0.99)],
)
def test_the_best_beta_follows_the_noise_and_flees_the_slope(amplitude, sigma, best):
    betas = np.arange(100) / 100
    city = {"amplitude": amplitude, "period": 365, "sigma": sigma}
    total = np.sum(seasonal_error(betas, **city), axis=0)
    assert betas[total.argmin()] == best
    first, second = np.sort(total)[:2]
    assert second > first * (1 + 1e-4)  # 不靠末位分胜负
    falls = np.diff(total) < 0
    assert falls[: total.argmin()].all()  # 先一路降，再一路升
    assert not falls[total.argmin() :].any()


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=30), st.data())
def test_the_window_is_a_plain_mean(theta, data):
    n = data.draw(st.integers(1, len(theta)))
    got = sliding_mean(np.array(theta), window=n)
    want = [math.fsum(theta[t - n : t]) / n for t in range(n, len(theta) + 1)]
    np.testing.assert_allclose(got, want, atol=1e-12)


def test_windows_average_each_row_and_leave_the_input_alone(rng):
    theta = rng.standard_normal((2, 5))
    before = theta.copy()
    got = sliding_mean(theta, window=3)
    np.testing.assert_array_equal(theta, before)
    assert got.shape == (2, 3)
    np.testing.assert_allclose(got[1], sliding_mean(theta[1], window=3))


@pytest.mark.parametrize("beta", [0.5, 0.9, 0.98])
def test_a_window_as_quiet_as_the_average_is_as_late(beta):
    n = round(variance_window(beta))
    ramp = np.arange(1.0, 3001.0)
    late = [3000 - x[-1] for x in (ewma(ramp, beta=beta), sliding_mean(ramp, window=n))]
    np.testing.assert_allclose(late, (n - 1) / 2, rtol=1e-9)


@pytest.mark.parametrize("drift", [0.01, 0.1, 1.0])
def test_on_a_random_walk_the_average_beats_every_window(drift):
    # 真值每步走方差为 drift 的一步，读数的噪声方差是 1；误差是两串独立的数的和
    beta = np.linspace(0, 0.999, 5000)
    average = (1 - beta) / (1 + beta) + drift * beta**2 / (1 - beta**2)
    n = np.arange(1, 400)
    window = 1 / n + drift * (n - 1) * (2 * n - 1) / (6 * n)
    assert average.min() < 0.9 * window.min()


def test_on_the_season_the_best_window_is_as_good_as_the_best_average():
    betas = np.linspace(0, 0.99, 1000)
    best = np.sqrt(np.sum(seasonal_error(betas, **CITY), axis=0)).min()
    season = np.exp(2j * np.pi * np.arange(365) / 365)
    errors = []
    for n in range(1, 60):
        late = 1 - np.mean(np.conj(season[:n]))
        errors.append(math.sqrt(49 / 2 * abs(late) ** 2 + 6.25 / n))
    assert min(errors) == pytest.approx(best, rel=0.01)


def test_a_bad_day_fades_in_one_and_drops_out_of_the_other():
    readings = bad_day(80, day=20, excess=20)
    assert readings.shape == (80,)
    assert {k + 1: float(x) for k, x in enumerate(readings) if x} == {20: 20.0}
    v, u = ewma(readings, beta=0.9), sliding_mean(readings, window=19)
    k = np.arange(61)
    np.testing.assert_allclose(v[19:], 2 * 0.9**k, rtol=1e-12)
    np.testing.assert_allclose(u[1:20], 20 / 19, rtol=1e-12)
    assert u[0] == 0
    assert (u[20:] == 0).all()
    assert (v[19:] > 0).all()


NAN, INF = float("nan"), float("inf")
RNG = np.random.default_rng(0)
GOOD: dict[str, dict[str, Any]] = {
    "seasonal_error": {"beta": np.array([0.5, 0.9]), **CITY},
    "sine_response": {"beta": 0.9, "period": 365},
    "measured_rmse": {"betas": [0.5], "years": 1, "rng": RNG},
    "sliding_mean": {"theta": np.ones(5), "window": 2},
    "bad_day": {"days": 5, "day": 2, "excess": 20.0},
}
COUNT = [
    (0, ValueError, "must be at least 1, got 0"),
    (2.0, TypeError, "must be an integer, got float"),
]
NUMBER = [
    ("7", TypeError, "must be a real number, got str"),
    (NAN, ValueError, "inf), got nan"),
]
CASES = [
    ("seasonal_error", "beta", "0.9", TypeError, "must be a real or complex array"),
    ("seasonal_error", "beta", [], ShapeError, "must not be empty"),
    ("seasonal_error", "beta", [0.5, 1.0], ValueError, "must be in [0, 1), got 1.0"),
    ("seasonal_error", "beta", [0.5, -0.1], ValueError, "must be in [0, 1), got -0.1"),
    ("seasonal_error", "beta", [0.5, NAN], ValueError, "must be in [0, 1), got nan"),
    ("seasonal_error", "beta", [0.5j], TypeError, "must be a real number"),
    *[("seasonal_error", a, *row) for a in CITY for row in NUMBER],
    ("seasonal_error", "amplitude", -1, ValueError, "must be in [0, inf), got -1"),
    ("seasonal_error", "sigma", -1, ValueError, "must be in [0, inf), got -1"),
    ("seasonal_error", "period", 2, ValueError, "must be in (2, inf), got 2"),
    ("sine_response", "beta", 1.0, ValueError, "must be in [0, 1), got 1.0"),
    ("sine_response", "beta", None, TypeError, "must be a real number, got NoneType"),
    ("sine_response", "period", 2.0, ValueError, "must be in (2, inf), got 2.0"),
    *[("sine_response", "period", *row) for row in NUMBER],
    *[("measured_rmse", "years", *row) for row in COUNT],
    ("measured_rmse", "rng", 0, TypeError, "must be a numpy.random.Generator, got int"),
    ("sliding_mean", "theta", None, TypeError, "must be a real or complex array"),
    ("sliding_mean", "theta", [], ShapeError, "must not be empty"),
    ("sliding_mean", "theta", 3.0, ShapeError, "must have shape (*,), got ()"),
    ("sliding_mean", "theta", [1.0, INF], ValueError, "must be finite, got 1"),
    *[("sliding_mean", "window", *row) for row in COUNT],
    ("sliding_mean", "window", 6, ValueError, "must be at most 5, got 6"),
    *[("bad_day", "days", *row) for row in COUNT],
    *[("bad_day", "day", *row) for row in COUNT],
    ("bad_day", "day", 6, ValueError, "must be at most 5, got 6"),
    *[("bad_day", "excess", *row) for row in NUMBER],
    ("bad_day", "excess", INF, ValueError, "must be in (-inf, inf), got inf"),
]


@pytest.mark.parametrize("row", CASES, ids=lambda row: f"{row[0]}-{row[1]}")
def test_bad_input_is_refused_by_name(row):
    refuse(experiments, GOOD, row)


def test_a_bad_beta_in_the_list_is_refused():
    with pytest.raises(ValueError, match=r"beta must be in \[0, 1\), got 1\.0"):
        measured_rmse([0.5, 1.0], years=1, rng=RNG)


def test_every_argument_of_every_public_function_has_a_row():
    # betas 是一串数，坏的那个由上面一条测试管
    assert uncovered(experiments, CASES) == {("measured_rmse", "betas")}


def test_the_last_day_can_be_the_bad_one():
    assert bad_day(3, day=3, excess=2.0).tolist() == [0, 0, 2]
