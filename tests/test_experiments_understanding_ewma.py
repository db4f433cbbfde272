"""2.4 节的数字：与按定义逐项求和、真走一遍、闭式、手算值互相印证。"""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bad_input import refuse, uncovered
from hypothesis import given
from hypothesis import strategies as st

from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.averages import ewma, mean_age, variance_window, weights
from dlnotes_lib.experiments import understanding_ewma as experiments
from dlnotes_lib.experiments.ewma import seasonal_error, sliding_mean
from dlnotes_lib.experiments.understanding_ewma import (
    effective_size,
    efold_ratio,
    mean_age_of,
    season_error,
    walk_error,
    window_weights,
)

BETAS = st.floats(0, 0.98)
PROFILES = st.lists(st.integers(0, 20), min_size=1, max_size=12).filter(any)


def settled(beta: float) -> np.ndarray:
    """走稳以后的权重：尾巴小到可以忽略。"""
    return weights(2000, beta=beta)


@given(PROFILES)
def test_age_and_size_are_the_sums_of_the_definition(profile):
    total = sum(profile)
    age = Fraction(sum(k * x for k, x in enumerate(profile)), total)
    size = Fraction(total**2, sum(x * x for x in profile))
    w = np.array(profile, float)
    assert mean_age_of(w) == pytest.approx(float(age), rel=1e-12, abs=1e-12)
    assert effective_size(w) == pytest.approx(float(size), rel=1e-12)
    assert effective_size(7 * w) == pytest.approx(effective_size(w))  # 只看比例
    assert mean_age_of(7 * w) == pytest.approx(mean_age_of(w))
    assert 1 <= effective_size(w) * (1 + 1e-12) <= len(profile) * (1 + 1e-9)


@given(st.integers(1, 60))
def test_a_window_is_as_long_as_it_says(n):
    w = window_weights(n)
    assert w.shape == (n,)
    assert w.sum() == pytest.approx(1)
    assert effective_size(w) == pytest.approx(n)
    assert mean_age_of(w) == pytest.approx((n - 1) / 2)


@given(BETAS)
def test_the_settled_average_has_the_windows_of_the_library(beta):
    w = settled(beta)
    assert mean_age_of(w) == pytest.approx(mean_age(beta), rel=1e-9, abs=1e-12)
    assert effective_size(w) == pytest.approx(variance_window(beta), rel=1e-9)
    assert mean_age_of(w) == pytest.approx((effective_size(w) - 1) / 2, abs=1e-9)


@given(st.floats(0.01, 0.9999), st.integers(1, 2000))
def test_a_short_history_follows_its_closed_form(beta, t):
    w = weights(t, beta=beta)
    left = beta**t
    size = (1 + beta) / (1 - beta) * (1 - left) / (1 + left)
    age = beta / (1 - beta) - t * left / (1 - left)
    assert effective_size(w) == pytest.approx(size, rel=1e-6)
    assert mean_age_of(w) == pytest.approx(age, rel=1e-4, abs=1e-6)


def test_five_hundred_steps_of_the_second_moment():
    w = weights(500, beta=0.999)
    assert w.sum() == pytest.approx(0.3936, abs=5e-5)
    assert w[-1] / w[0] == pytest.approx(0.999**499)
    assert effective_size(w) == pytest.approx(489.8, abs=0.05)
    assert mean_age_of(w) == pytest.approx(228.74, abs=0.005)
    assert effective_size(weights(500, beta=0.95)) == pytest.approx(39, abs=1e-6)


@pytest.mark.parametrize(
    ("beta", "left"), [(0.0, 0), (0.5, 0.25), (0.9, 0.3487), (0.98, 0.3642)]
)
def test_the_table_of_the_ratio(beta, left):
    assert efold_ratio(beta) == pytest.approx(left, abs=5e-5)


@given(st.floats(0.001, 0.9995), st.floats(0.001, 0.9995))
def test_the_ratio_climbs_towards_one_over_e_from_below(one, other):
    low, high = sorted((one, other))
    assert efold_ratio(low) <= efold_ratio(high) * (1 + 1e-9)
    assert efold_ratio(high) < 1 / math.e


@given(st.floats(0.9, 0.9999))
def test_the_ratio_misses_one_over_e_by_half_of_one_minus_beta(beta):
    miss = 1 - efold_ratio(beta) * math.e
    eps = 1 - beta
    assert eps / 2 < miss * (1 + 1e-9)
    assert miss == pytest.approx(eps / 2 + 5 * eps**2 / 24, abs=0.3 * eps**3 + 1e-12)


@given(PROFILES, st.integers(3, 30))
def test_the_season_error_is_what_one_period_shows(profile, period):
    w = np.array(profile, float) / sum(profile)
    t = np.arange(period)
    truth = 3 * np.sin(2 * np.pi * t / period)
    seen = sum(
        x * 3 * np.sin(2 * np.pi * (t - k) / period) for k, x in enumerate(w.tolist())
    )
    lag = np.mean((seen - truth) ** 2)
    noise = 4 * math.fsum(x * x for x in w)
    got = season_error(w, amplitude=3.0, period=period, sigma=2.0)
    assert got == pytest.approx(math.sqrt(lag + noise), rel=1e-9)


@given(BETAS)
def test_the_season_error_agrees_with_the_closed_form_of_the_recursion(beta):
    city = {"amplitude": 7, "period": 365, "sigma": 2.5}
    want = np.sqrt(sum(seasonal_error(np.array(beta), **city)))
    assert season_error(settled(beta), **city) == pytest.approx(float(want), rel=1e-9)


@given(PROFILES)
def test_the_walk_error_adds_up_increment_by_increment(profile):
    # 误差 = Σ w_k (x_{t−k} − x_t) + Σ w_k ξ_{t−k}；x_t − x_{t−k} 是最近 k 个增量的和
    w = [x / sum(profile) for x in profile]
    missed = [math.fsum(w[j:]) for j in range(1, len(w))]  # 第 j 新的增量
    want = 9 * math.fsum(r * r for r in missed) + 4 * math.fsum(x * x for x in w)
    got = walk_error(np.array(w), step=3.0, sigma=2.0)
    assert got == pytest.approx(math.sqrt(want), rel=1e-9)


@given(BETAS, st.integers(1, 60))
def test_the_walk_error_of_average_and_window_in_closed_form(beta, n):
    ours = 0.25 * beta**2 / (1 - beta**2) + 6.25 * (1 - beta) / (1 + beta)
    theirs = 0.25 * (n - 1) * (2 * n - 1) / (6 * n) + 6.25 / n
    for w, want in ((settled(beta), ours), (window_weights(n), theirs)):
        got = walk_error(w, step=0.5, sigma=2.5)
        assert got == pytest.approx(math.sqrt(want), rel=1e-6)


def test_the_walk_error_is_what_many_walks_show():
    rng = np.random.default_rng(3)
    truth = np.cumsum(0.5 * rng.standard_normal((4000, 300)), axis=1)
    theta = truth + 2.5 * rng.standard_normal(truth.shape)
    for v, w in (
        (ewma(theta, beta=0.82), settled(0.82)),
        (sliding_mean(theta, window=9), window_weights(9)),
    ):
        measured = math.sqrt(np.mean((v[:, -1] - truth[:, -1]) ** 2))
        assert measured == pytest.approx(walk_error(w, step=0.5, sigma=2.5), rel=0.05)


def test_neither_family_wins_on_every_signal():
    ours = [weights(3000, beta=k / 100) for k in range(100)]
    theirs = [window_weights(n) for n in range(1, 100)]
    city = {"amplitude": 7, "period": 365, "sigma": 2.5}
    seasons = [min(season_error(w, **city) for w in fam) for fam in (ours, theirs)]
    walks = [
        min(walk_error(w, step=0.5, sigma=2.5) for w in fam) for fam in (ours, theirs)
    ]
    assert seasons == pytest.approx([0.8587, 0.8602], abs=1e-4)
    assert walks == pytest.approx([1.0636, 1.1507], abs=1e-4)
    jump = [1 - w[:19].sum() for w in (weights(400, beta=0.9), window_weights(19))]
    assert jump == pytest.approx([0.9**19, 0], abs=1e-12)
    nearer = [0.9**day < 1 - day / 19 for day in range(1, 20)]
    assert nearer == [True] * 15 + [False] * 4


def test_a_jump_is_the_running_sum_of_the_weights():
    theta = np.repeat([10.0, 30.0], [400, 45])
    v, u = ewma(theta, beta=0.9), sliding_mean(theta, window=19)
    days = np.arange(1, 46)
    np.testing.assert_allclose(v[400:], 30 - 20 * 0.9**days, rtol=1e-12)
    share = np.minimum(days / 19, 1)
    np.testing.assert_allclose(u[382:], 10 + 20 * share, rtol=1e-12)


@pytest.mark.parametrize("factor", [2, 4, 16])
def test_a_power_of_beta_keeps_the_memory_per_example(factor):
    # 每 factor 步才看一次：旧值剩下的比例与逐步走完全相同
    v = ewma(np.r_[1.0, np.zeros(factor)], beta=0.999)
    assert v[-1] / v[0] == pytest.approx(0.999**factor)


def test_inputs_are_left_alone():
    w = np.array([0.5, 0.25, 0.25])
    before = w.copy()
    mean_age_of(w)
    effective_size(w)
    season_error(w, amplitude=1, period=9, sigma=1)
    walk_error(w, step=1, sigma=1)
    np.testing.assert_array_equal(w, before)


NAN, INF = float("nan"), float("inf")
W = np.array([0.5, 0.25, 0.25])
GOOD: dict[str, dict[str, Any]] = {
    "window_weights": {"length": 3},
    "efold_ratio": {"beta": 0.9},
    "mean_age_of": {"w": W},
    "effective_size": {"w": W},
    "season_error": {"w": W, "amplitude": 7, "period": 365, "sigma": 2.5},
    "walk_error": {"w": W, "step": 0.5, "sigma": 2.5},
}
PROFILE = [
    ("w", TypeError, "must be a real or complex array"),
    (np.array([1j]), TypeError, "must be a real number, got complex"),
    ([], ShapeError, "must not be empty"),
    (1.0, ShapeError, "must have shape (*,), got ()"),
    (np.ones((2, 2)), ShapeError, "must have shape (*,), got (2, 2)"),
    ([1.0, NAN], ValueError, "must be finite, got 1 non-finite of 2"),
    ([1.5, -0.5], ValueError, "must be in [0, inf), got -0.5"),
    ([0.0, 0.0], ValueError, "must have a positive sum, got 0"),
]
SIZE = [
    ("7", TypeError, "must be a real number, got str"),
    (NAN, ValueError, "must be in [0, inf), got nan"),
    (-1, ValueError, "must be in [0, inf), got -1"),
]
CASES = [
    ("window_weights", "length", 0, ValueError, "must be at least 1, got 0"),
    ("window_weights", "length", 2.0, TypeError, "must be an integer, got float"),
    ("efold_ratio", "beta", 1.0, ValueError, "must be in [0, 1), got 1.0"),
    ("efold_ratio", "beta", -0.1, ValueError, "must be in [0, 1), got -0.1"),
    ("efold_ratio", "beta", None, TypeError, "must be a real number, got NoneType"),
    *[(name, "w", *row) for name in GOOD if "w" in GOOD[name] for row in PROFILE],
    ("season_error", "w", [0.5, 0.4], ValueError, "must sum to 1, got 0.9"),
    ("walk_error", "w", [1.0, 1.0], ValueError, "must sum to 1, got 2"),
    *[("season_error", a, *row) for a in ("amplitude", "sigma") for row in SIZE],
    ("season_error", "period", 2, ValueError, "must be in (2, inf), got 2"),
    ("season_error", "period", "9", TypeError, "must be a real number, got str"),
    *[("walk_error", a, *row) for a in ("step", "sigma") for row in SIZE],
]


@pytest.mark.parametrize("row", CASES, ids=lambda row: f"{row[0]}-{row[1]}")
def test_bad_input_is_refused_by_name(row):
    refuse(experiments, GOOD, row)


def test_every_argument_of_every_public_function_has_a_row():
    assert uncovered(experiments, CASES) == set()
