"""1.2 节的数字：与课程的配方、闭式、逐个标量的写法、广义逆互相印证。"""

import numpy as np
import pytest

from dlnotes_lib.diagnostics import GRID, bias_variance, diagnose
from dlnotes_lib.experiments.bias_variance import (
    SIGMA,
    Errors,
    Fan,
    by_degree,
    fan,
    median_errors,
    noisy_sine,
    polynomial,
    random_features,
    sine,
)


def parts(degree, *, n=50, repeats=2000, seed=0):
    rng = np.random.default_rng(seed)
    return bias_variance(
        polynomial(degree), sine, n=n, sigma=SIGMA, repeats=repeats, rng=rng
    )


@pytest.mark.parametrize(
    ("degree", "bias2", "var", "total"),
    [(1, 0.174, 0.012, 0.276), (3, 0.0035, 0.008, 0.101), (9, 0, 0.093, 0.183)],
)
def test_the_decomposition_of_the_lesson(degree, bias2, var, total):
    got = parts(degree)
    assert got.bias2 == pytest.approx(bias2, rel=0.05, abs=1e-4)
    assert got.var == pytest.approx(var, rel=0.05)
    assert got.total == pytest.approx(total, rel=0.02)
    assert got.mse == pytest.approx(got.total, rel=0.02)
    assert got.noise == SIGMA**2


def test_the_bias_of_the_best_line_in_closed_form():
    # 在 GRID 上对真函数做最小二乘直线，残差就是偏差（样本很多时的极限）
    slope, intercept = np.polyfit(
        np.linspace(0, 1, 100_001), sine(np.linspace(0, 1, 100_001)), 1
    )
    assert slope == pytest.approx(-6 / np.pi, rel=1e-3)
    limit = np.mean((intercept + slope * GRID - sine(GRID)) ** 2)
    assert parts(1, n=1000, repeats=100).bias2 == pytest.approx(limit, rel=0.01)


@pytest.mark.parametrize("degree", [1, 3])
def test_four_times_the_data_quarter_the_variance_and_leave_the_bias(degree):
    few, many = parts(degree, repeats=500), parts(degree, n=200, repeats=500)
    assert few.var / many.var == pytest.approx(4, rel=0.15)
    assert few.bias2 == pytest.approx(many.bias2, rel=0.05)


def test_degree_nine_wins_with_enough_data():
    rng = np.random.default_rng(0)
    cubic, nine = by_degree([3, 9], n=1000, repeats=200, rng=rng)
    assert nine.total < cubic.total - 0.002
    few_cubic, few_nine = parts(3, repeats=500), parts(9, repeats=500)
    assert few_nine.total > few_cubic.total


def test_by_degree_goes_on_with_one_generator():
    rng, again = np.random.default_rng(5), np.random.default_rng(5)
    got = by_degree([1, 2], n=20, repeats=3, rng=rng)
    want = [
        bias_variance(polynomial(d), sine, n=20, sigma=SIGMA, repeats=3, rng=again)
        for d in (1, 2)
    ]
    assert got == want


def test_a_polynomial_of_the_degree_is_fitted_exactly():
    x = np.array([0.0, 0.2, 0.5, 0.9, 1.0])
    fitted = polynomial(3)(x, 1 - 2 * x + x**3)
    np.testing.assert_allclose(fitted(GRID), 1 - 2 * GRID + GRID**3, atol=1e-12)


def test_the_fit_solves_the_normal_equations_in_powers_of_x(rng):
    x, y = noisy_sine(50, rng=rng)
    powers = np.stack([x**k for k in range(4)])
    c = np.linalg.solve(powers @ powers.T, powers @ y)
    at = np.stack([GRID**k for k in range(4)])
    np.testing.assert_allclose(polynomial(3)(x, y)(GRID), c @ at, atol=1e-9)


def test_noisy_sine_draws_x_first_and_then_the_noise():
    x, y = noisy_sine(5, rng=np.random.default_rng(3))
    r = np.random.default_rng(3)
    assert x.tolist() == r.random(5).tolist()
    np.testing.assert_allclose(y, np.sin(2 * np.pi * x) + 0.3 * r.standard_normal(5))


def test_a_fan_holds_one_curve_per_training_set_and_their_mean():
    fans, r = (
        fan(2, n=10, count=3, rng=np.random.default_rng(1)),
        np.random.default_rng(1),
    )
    assert isinstance(fans, Fan)
    curves = [polynomial(2)(*noisy_sine(10, rng=r))(GRID) for _ in range(3)]
    assert np.array_equal(fans.curves, curves)
    np.testing.assert_allclose(fans.mean, sum(curves) / 3, atol=1e-13)
    assert np.array_equal(fans.truth, np.sin(2 * np.pi * fans.x))


def test_a_few_training_sets_with_empty_ends_make_most_of_the_variance():
    fans = fan(9, n=50, count=2000, rng=np.random.default_rng(0))
    spread = ((fans.curves - fans.mean) ** 2).mean(axis=1)
    assert spread.mean() == pytest.approx(parts(9).var, rel=1e-12)
    assert np.median(spread) == pytest.approx(0.021, abs=0.001)
    worst = spread.argsort()[-20:]
    assert spread[worst].sum() / spread.sum() == pytest.approx(0.56, abs=0.02)
    r = np.random.default_rng(0)
    xs = [noisy_sine(50, rng=r)[0] for _ in range(2000)]
    empty = np.array([max(x.min(), 1 - x.max()) for x in xs])
    assert np.median(empty[worst]) > 3 * np.median(empty)


def test_one_training_set_already_tells_the_three_apart():
    rng = np.random.default_rng(0)
    data, dev = noisy_sine(50, rng=rng), noisy_sine(1000, rng=rng)
    high = []
    for degree in (1, 3, 9):
        f_hat = polynomial(degree)(*data)
        train, check = (float(np.mean((f_hat(x) - y) ** 2)) for x, y in (data, dev))
        d = diagnose(train, check, bayes_err=SIGMA**2, tol=0.02)
        high.append((d.high_bias, d.high_variance))
    assert high == [(True, False), (False, False), (False, True)]


def recipe_of_the_course(seed, p, lambd):
    """课程的配方，行约定，用广义逆或解方程。"""
    r = np.random.default_rng(seed)
    w = r.standard_normal(10) / np.sqrt(10)
    x = r.standard_normal((40, 10))
    y = x @ w + 0.5 * r.standard_normal(40)
    new = r.standard_normal((1000, 10))
    a = r.standard_normal((10, 1000)) / np.sqrt(10)
    h, h_new = (np.maximum(v @ a[:, :p], 0) / np.sqrt(p) for v in (x, new))
    c = (
        np.linalg.solve(h.T @ h + lambd * np.eye(p), h.T @ y)
        if lambd
        else np.linalg.pinv(h) @ y
    )
    return np.mean((h @ c - y) ** 2), np.mean((h_new @ c - new @ w) ** 2)


@pytest.mark.parametrize("lambd", [0, 0.1])
@pytest.mark.parametrize("p", [10, 39, 100])
def test_random_features_agree_with_the_pseudoinverse_in_rows(p, lambd):
    got = random_features([5, p], lambd=lambd, rng=np.random.default_rng(3))
    assert isinstance(got, Errors)
    train, test = recipe_of_the_course(3, p, lambd)
    assert got.train[1] == pytest.approx(train, rel=1e-6, abs=1e-15)
    assert got.test[1] == pytest.approx(test, rel=1e-6)


def test_the_minimum_norm_solution_goes_down_up_and_down_again():
    errors = median_errors([5, 10, 20, 40, 1000], lambd=0, seeds=100)
    assert errors.test[[1, 4]] == pytest.approx([0.61, 0.37], abs=0.01)
    assert 20 < errors.test[3] < 40
    assert errors.test[0] > errors.test[1] < errors.test[2] < errors.test[3]
    assert ((errors.train < 1e-9) == [False, False, False, True, True]).all()


def test_a_ridge_has_no_peak():
    errors = median_errors([10, 20, 40, 80, 200], lambd=0.1, seeds=100)
    assert errors.test[2] == pytest.approx(0.225, abs=0.01)
    assert (np.diff(errors.test) < 0).all()


def test_the_median_is_taken_over_the_seeds():
    got = median_errors([5, 50], lambd=0.1, seeds=3)
    runs = [
        random_features([5, 50], lambd=0.1, rng=np.random.default_rng(s))
        for s in range(3)
    ]
    for i in range(2):
        for k in range(2):
            assert got[i][k] == sorted(run[i][k] for run in runs)[1]


BAD = [
    (lambda r: noisy_sine(0, rng=r), ValueError, "n must be at least 1"),
    (lambda r: noisy_sine(5, rng=0), TypeError, "rng must be"),  # pyright: ignore
    (lambda r: polynomial(-1), ValueError, "degree must be at least 0"),
    (lambda r: polynomial(1.5), TypeError, "degree must be an integer"),  # pyright: ignore
    (lambda r: fan(1, n=5, count=0, rng=r), ValueError, "count must be at least 1"),
    (lambda r: random_features([1001], lambd=0, rng=r), ValueError, "features must be in"),
    (lambda r: random_features([0], lambd=0, rng=r), ValueError, "features must be at"),
    (lambda r: random_features([5], lambd=-1, rng=r), ValueError, "lambd must be in"),
    (lambda r: random_features([5], lambd=1, rng=None), TypeError, "rng must be"),  # pyright: ignore
    (lambda r: median_errors([5], lambd=0, seeds=0), ValueError, "seeds must be at"),
    (lambda r: sine("0"), TypeError, "x must be a real"),  # pyright: ignore
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), BAD)
def test_bad_input_is_named(call, error, message, rng):
    with pytest.raises(error, match=message):
        call(rng)


def test_one_random_feature_is_enough():
    found = random_features([1], lambd=0, rng=np.random.default_rng(0))
    assert found.train.shape == found.test.shape == (1,)
