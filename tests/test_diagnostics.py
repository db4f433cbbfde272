"""偏差与方差：诊断的表、动作的次序、分解与手算值和逐个标量的写法一致。"""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlnotes_lib.diagnostics import (
    GRID,
    LOWER_BIAS,
    LOWER_VARIANCE,
    Action,
    BiasVariance,
    Diagnosis,
    bias_variance,
    diagnose,
    recipe,
)

PERCENT = [  # 训练、验证、贝叶斯误差（%），高偏差，高方差
    ((1, 11, 0), False, True),
    ((15, 16, 0), True, False),
    ((15, 30, 0), True, True),
    ((0.5, 1, 0), False, False),
    ((15, 16, 15), False, False),
    ((3, 12, 2), False, True),
]
errors = st.integers(0, 1000).map(lambda k: k / 1000)


def constant(value):
    return lambda x, y: lambda t: np.full(t.shape, value(y))


def parts_of(fit, f=np.ones_like, *, n=4, sigma=2.0, repeats=500, seed=0):
    rng = np.random.default_rng(seed)
    return bias_variance(fit, f, n=n, sigma=sigma, repeats=repeats, rng=rng)


@pytest.mark.parametrize(("percent", "high_bias", "high_variance"), PERCENT)
def test_the_table_of_the_lesson(percent, high_bias, high_variance):
    train, dev, bayes = (p / 100 for p in percent)
    d = diagnose(train, dev, bayes_err=bayes)
    assert (d.high_bias, d.high_variance) == (high_bias, high_variance)


def test_bias_is_measured_against_the_bayes_error_and_both_can_be_high():
    # E2：同样的误差，参照不同，诊断相反；(15, 30)% 两样都高
    assert diagnose(0.15, 0.16).high_bias
    assert not diagnose(0.15, 0.16, bayes_err=0.15).high_bias
    assert diagnose(0.15, 0.30)[2:] == (True, True)


@pytest.mark.parametrize(
    ("bayes", "train", "dev"), [(0.1, 0.15, 0.2), (0.3, 0.35, 0.4)]
)
def test_a_gap_of_exactly_tol_is_high_in_spite_of_rounding(bayes, train, dev):
    assert min(train - bayes, dev - train) < 0.05  # 减法的舍入
    assert diagnose(train, dev, bayes_err=bayes) == Diagnosis(0.05, 0.05, True, True)
    assert diagnose(train, dev, bayes_err=bayes, tol=0.0501)[2:] == (False, False)


def test_tol_need_not_be_a_decimal():
    assert diagnose(1 / 3, 2 / 3, tol=1 / 3)[2:] == (True, True)


def test_negative_gaps_are_reported_and_never_high():
    assert diagnose(0.05, 0.04, bayes_err=0.08) == Diagnosis(-0.03, -0.01, False, False)


@given(errors, errors, errors)
def test_the_two_gaps_add_up_and_depend_on_differences_only(train, dev, bayes):
    d = diagnose(train, dev, bayes_err=bayes)
    assert d.avoidable_bias + d.variance_gap == pytest.approx(dev - bayes, abs=1e-11)
    assert d.high_bias == (round(1000 * train) - round(1000 * bayes) >= 50)
    assert d.high_variance == (round(1000 * dev) - round(1000 * train) >= 50)


def test_the_verdict_is_made_of_python_values():
    d = diagnose(np.float64(0.2), np.float32(0.5))  # pyright: ignore
    assert [type(v) for v in d] == [float, float, bool, bool]


def test_the_actions_are_listed_bias_first_then_variance():
    # E4：“增强网络”展开成四件事
    assert [a.name for a in LOWER_BIAS] == [
        "更大的网络",
        "训练更久",
        "换优化算法",
        "换架构",
    ]
    assert [a.name for a in LOWER_VARIANCE] == ["更多数据", "正则化", "换架构"]
    assert {a.lowers for a in LOWER_BIAS} == {"偏差"}
    assert {a.lowers for a in LOWER_VARIANCE} == {"方差"}
    assert recipe(diagnose(0.15, 0.30)) == LOWER_BIAS + LOWER_VARIANCE
    assert recipe(diagnose(0.15, 0.30))[0] == Action("偏差", "更大的网络")


@pytest.mark.parametrize(
    ("train", "dev", "actions"),
    [(0.15, 0.16, LOWER_BIAS), (0.01, 0.11, LOWER_VARIANCE), (0.005, 0.01, ())],
)
def test_only_what_is_high_is_treated(train, dev, actions):
    assert recipe(diagnose(train, dev)) == actions


def test_the_mean_of_n_labels_has_variance_sigma_squared_over_n():
    parts = parts_of(constant(np.mean), repeats=4000)
    assert parts == pytest.approx([0, 1, 4, 5, 5], abs=0.12)
    shrunk = parts_of(constant(lambda y: y.mean() / 2), repeats=4000)
    assert shrunk[:2] == pytest.approx([0.25, 0.25], abs=0.02)


def test_a_fit_that_ignores_the_data_has_bias_only():
    parts = parts_of(constant(lambda y: 4.0), lambda x: 1 + 0 * x, sigma=0.5)
    assert parts[:4] == (9.0, 0.0, 0.25, 9.25)
    assert parts.mse == pytest.approx(9.25, rel=0.01)


def test_the_parts_written_out_scalar_by_scalar_with_the_draws_in_order():
    repeats, n, sigma, f = 3, 4, 0.5, lambda x: 2 * x
    r = np.random.default_rng(7)
    slopes = []
    for _ in range(repeats):
        x = r.random(n)
        y = f(x) + sigma * r.standard_normal(n)
        slopes.append(
            sum(a * b for a, b in zip(x, y, strict=True)) / sum(a * a for a in x)
        )
    noise = r.standard_normal((repeats, 200))
    bias2 = var = mse = 0.0
    for j, t in enumerate(np.linspace(0.02, 0.98, 200)):
        mean = sum(s * t for s in slopes) / repeats
        bias2 += (mean - 2 * t) ** 2 / 200
        var += sum((s * t - mean) ** 2 for s in slopes) / repeats / 200
        mse += (
            sum(
                (2 * t + sigma * noise[i, j] - slopes[i] * t) ** 2
                for i in range(repeats)
            )
            / repeats
            / 200
        )
    fit = lambda x, y: lambda t: (x @ y) / (x @ x) * t  # noqa: E731
    got = parts_of(fit, f, n=n, sigma=sigma, repeats=repeats, seed=7)
    want = BiasVariance(bias2, var, 0.25, bias2 + var + 0.25, mse)
    assert got == pytest.approx(want, rel=1e-12, abs=0)


def test_few_repeats_inflate_bias2_by_the_variance_over_repeats_minus_one():
    runs = [parts_of(constant(np.mean), repeats=5, seed=s) for s in range(400)]
    bias2, var = np.mean(runs, axis=0)[:2]
    assert bias2 == pytest.approx(var / 4, rel=0.15)
    assert bias2 + var == pytest.approx(1, rel=0.1)


def test_without_noise_and_with_a_perfect_fit_nothing_is_left():
    assert parts_of(lambda x, y: np.ones_like, sigma=0) == (0, 0, 0, 0, 0)


def test_the_grid_keeps_away_from_the_ends():
    assert (GRID.size, GRID[0], GRID[-1]) == (200, 0.02, 0.98)


def test_the_same_seed_gives_the_same_parts_and_python_floats():
    first, second = (parts_of(constant(np.mean), repeats=5) for _ in range(2))
    assert first == second
    assert {type(p) for p in first} == {float}
    assert all(math.isfinite(p) for p in first)


def test_gaps_are_rounded_to_twelve_digits():
    assert diagnose(0.2 + 3e-13, 0.3, bayes_err=0.1).avoidable_bias == 0.1
    assert diagnose(0.2, 0.3 + 3e-13, bayes_err=0.1).variance_gap == 0.1


def test_a_gap_short_of_the_threshold_by_the_tolerance_still_counts_as_high():
    short = 0.5 - 1e-12
    assert diagnose(short, 2 * short, tol=0.5)[2:] == (True, True)
