"""1.9 节的数字：闭式、真走与界互相印证。"""

import math

import numpy as np
import pytest

from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.datasets import make_moons
from dlnotes_lib.experiments.normalizing_inputs import (
    Days,
    Rates,
    best_fit,
    network_accuracy,
    rates,
    relative_loss,
    shop_days,
    steps_needed,
    versions,
    walk,
)
from dlnotes_lib.models import MLP
from dlnotes_lib.preprocessing import Standardizer, condition_number, with_ones


def shop(top=1000.0, m=500) -> Days:
    return shop_days(m, top=top, rng=np.random.default_rng(0))


def test_the_recipe_draws_the_first_feature_then_the_second():
    r = np.random.default_rng(0)
    x1, x2 = r.uniform(1, 1000, 500), r.uniform(0, 1, 500)
    x, y = shop()
    np.testing.assert_array_equal(x, [x1, x2])
    np.testing.assert_allclose(y, [0.01 * x1 + 2 * x2 + 1], rtol=1e-14)


@pytest.mark.parametrize(
    ("name", "kappa", "limit", "steps"),
    [
        ("raw", 6.46e6, 5.48e-6, 22_294_790),
        ("centered", 1.06e6, 2.41e-5, 3_131_566),
        ("standardized", 1.142, 1.875, 3),
    ],
)
def test_the_numbers_of_the_curriculum_come_out(name, kappa, limit, steps):
    x, y = shop()
    v = versions(x)[name]
    assert condition_number(v) == pytest.approx(kappa, rel=5e-3)
    assert rates(with_ones(v)).limit == pytest.approx(limit, rel=5e-3, abs=0)
    needed = steps_needed(with_ones(v), y, tol=1e-6)
    assert needed == pytest.approx(steps, rel=1e-3)
    assert needed <= math.ceil(condition_number(v) / 4 * math.log(1e6))


def test_dividing_by_the_variance_leaves_the_condition_number_where_it_was():
    # N5
    x, _ = shop()
    scaler = Standardizer.fit(x)
    wrong = condition_number((x - scaler.mean) / scaler.std**2)
    assert wrong == pytest.approx(condition_number(x - scaler.mean), rel=1e-6)


@pytest.mark.parametrize("top", [2.0, 5.0, 40.0])
@pytest.mark.parametrize("name", ["raw", "centered", "standardized"])
def test_the_closed_form_agrees_with_really_walking(name, top):
    x, y = shop(top, 50)
    a = with_ones(versions(x)[name])
    path = walk(a, y, steps=60)
    losses = np.mean((path @ a - y) ** 2, axis=1) / 2
    closed = relative_loss(a, y, np.arange(61.0))
    np.testing.assert_allclose(closed, losses / losses[0], rtol=1e-8, atol=1e-20)


def test_the_count_of_steps_is_the_first_below_the_threshold():
    x, y = shop(2.0, 50)
    a = with_ones(versions(x)["centered"])
    k = steps_needed(a, y, tol=1e-6)
    before, after = relative_loss(a, y, np.array([k - 1.0, k]))
    assert k > 10
    assert after <= 1e-6 < before


@pytest.mark.parametrize("tol", [0.1, 1e-3, 1e-9])
def test_the_bound_of_the_page_is_never_exceeded(tol, rng):
    for _ in range(20):
        a = rng.standard_normal((3, 9)) * rng.uniform(0.1, 10, (3, 1)) + 1
        y = rng.standard_normal((1, 3)) @ a
        kappa = np.linalg.cond(a) ** 2
        assert steps_needed(a, y, tol=tol) <= math.ceil(kappa / 4 * math.log(1 / tol))


def test_the_bound_is_nearly_reached_when_the_start_lies_on_the_flattest_direction():
    a = np.diag([1.0, 10.0]) * math.sqrt(2)  # κ = 100
    y = np.array([[1.0, 0.0]]) @ a
    bound = 100 / 4 * math.log(1e6)
    assert 0.98 * bound < steps_needed(a, y, tol=1e-6) <= math.ceil(bound)


def test_the_best_rate_is_best_in_the_worst_case_and_the_limit_is_a_limit():
    a = np.diag([1.0, 3.0]) * math.sqrt(2)
    values = np.array([1.0, 9.0])
    best, limit = rates(a).best, rates(a).limit
    assert (best, limit) == pytest.approx((0.2, 2 / 9))
    worst = [abs(1 - lr * values).max() for lr in (0.95 * best, best, 1.05 * best)]
    assert worst[1] == min(worst)
    assert (
        abs(1 - 0.999 * limit * values).max()
        < 1
        < abs(1 - 1.001 * limit * values).max()
    )


def test_ten_times_the_scale_costs_about_a_hundred_times_the_steps():
    for name in ("raw", "centered"):
        few, many = (
            steps_needed(with_ones(versions(x)[name]), y, tol=1e-6)
            for x, y in (shop(100), shop(1000))
        )
        assert 80 < many / few < 125
    for top in (2, 10, 100, 1000):
        x, y = shop(top)
        a = with_ones(versions(x)["standardized"])
        assert steps_needed(a, y, tol=1e-6) in (2, 3)


def test_twelve_steps_reach_the_star_only_after_standardizing():
    x, y = shop(6)
    v = versions(x)
    for a, target, near in (
        (v["raw"], y - 1, False),
        (v["standardized"], y - y.mean(), True),
    ):
        best = np.linalg.lstsq(a.T, target[0], rcond=None)[0]
        gap = float(np.linalg.norm(walk(a, target, steps=12)[-1] - best))
        assert (gap < 1e-6) is near
        assert near or gap > 1.5
    assert np.linalg.cond(v["raw"]) ** 2 == pytest.approx(133.3, abs=0.1)
    assert steps_needed(v["raw"], y - 1, tol=1e-6) == pytest.approx(461, abs=1)


def test_normalizing_is_not_regularizing_the_best_fit_stays_the_same(rng):
    # E14：归一化不改变最好的预测，正则化改变；而且罚的轻重与单位有关
    x, _ = shop(m=40)
    y = rng.standard_normal((1, 40))
    x_hat = Standardizer.fit(x).transform(x)
    plain = best_fit(x, y, lambd=0)
    np.testing.assert_allclose(best_fit(x_hat, y, lambd=0), plain, atol=1e-9)
    for v in (x, x_hat):
        assert abs(best_fit(v, y, lambd=10) - plain).max() > 1e-3
    assert abs(best_fit(x, y, lambd=10) - best_fit(x_hat, y, lambd=10)).max() > 1e-3


@pytest.mark.parametrize("lambd", [0.0, 0.7, 30.0])
def test_best_fit_is_where_the_gradient_of_the_penalized_cost_vanishes(lambd, rng):
    x, y = rng.standard_normal((2, 9)) + 3, rng.standard_normal((1, 9))
    z = best_fit(x, y, lambd=lambd)
    wb = np.linalg.lstsq(with_ones(x).T, z[0], rcond=None)[0]
    dz = (z - y) / 9
    np.testing.assert_allclose(dz @ x.T + lambd / 9 * wb[:2], 0, atol=1e-12)
    assert dz.sum() == pytest.approx(0, abs=1e-12)


def test_another_ruler_for_the_test_set_gives_wrong_predictions():
    rng = np.random.default_rng(0)
    x, y = shop_days(500, rng=rng)
    scaler = Standardizer.fit(x)
    a = with_ones(scaler.transform(x))
    wb = np.linalg.lstsq(a.T, y[0], rcond=None)[0]
    x_new, y_new = shop_days(500, rng=rng)
    busy = x_new[0] > 800
    errors = [
        abs(wb @ with_ones(s.transform(x_new[:, busy])) - y_new[0, busy]).mean()
        for s in (scaler, Standardizer.fit(x_new[:, busy]))
    ]
    assert errors[0] < 1e-10
    assert errors[1] == pytest.approx(3.6, abs=0.2)


@pytest.mark.parametrize("seed", [0, 1])
def test_a_small_network_learns_the_moons_only_after_standardizing(seed):
    x, y = make_moons(200, noise=0.1, rng=np.random.default_rng(seed))
    x = np.array([[100], [1]]) * x + np.array([[500], [0]])
    raw, standardized = (
        max(
            network_accuracy(v, y, lr=lr, steps=300, rng=np.random.default_rng(seed))
            for lr in (0.1, 1)
        )
        for v in (x, Standardizer.fit(x).transform(x))
    )
    assert raw < 0.7
    assert standardized > 0.95


def test_three_constant_pixels_among_the_digits():
    datasets = pytest.importorskip("sklearn.datasets")
    x = datasets.load_digits().data.T
    assert x.shape == (64, 1797)
    assert int((Standardizer.fit(x).std == 0).sum()) == 3
    for seed in (1, 2, 3):
        order = np.random.default_rng(seed).permutation(1797)
        scaler = Standardizer.fit(x[:, order[:1197]])
        constant = scaler.std[:, 0] == 0
        assert int(constant.sum()) == 4
        assert int((np.ptp(x[constant], axis=1) > 0).sum()) == 1


A, Y = np.array([[3.0, 0.0], [0.0, 1.0]]), np.array([[3.0, 1.0]])
K = np.array([1.0])


def test_the_types_of_the_results():
    assert isinstance(shop(), Days)
    assert isinstance(rates(A), Rates)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda r: shop_days(0, rng=r), ValueError, "m must be at least 1"),
        (lambda r: shop_days(5, top=1, rng=r), ValueError, r"top must be in \(1, inf\)"),
        (lambda r: shop_days(5, rng=None), TypeError, "rng must be"),  # pyright: ignore
        (lambda r: versions(np.ones(3)), ShapeError, "x must have shape"),
        (lambda r: versions(np.array([[np.nan]])), ValueError, "x must be finite"),
        (lambda r: rates(np.ones((2, 5))), ValueError, "a must have linearly independent rows"),
        (lambda r: rates(np.ones((3, 2))), ValueError, "a must have linearly independent rows"),
        (lambda r: rates(np.array([[np.inf, 1.0]])), ValueError, "a must be finite"),
        (lambda r: rates(np.ones(2)), ShapeError, "a must have shape"),
        (lambda r: relative_loss(A, Y[:, :1], K), ShapeError, "y must have shape"),
        (lambda r: relative_loss(A, Y, -K), ValueError, "steps must be at least 0"),
        (lambda r: relative_loss(A, Y, Y), ShapeError, "steps must have shape"),
        (lambda r: relative_loss(A, 0 * Y, K), ValueError, "y must not put the minimum"),
        (lambda r: relative_loss(A, Y * np.nan, K), ValueError, "y must be finite"),
        (lambda r: steps_needed(A, Y, tol=1), ValueError, r"tol must be in \(0, 1\)"),
        (lambda r: walk(A, Y, steps=0), ValueError, "steps must be at least 1"),
        (lambda r: walk(A, Y.T, steps=1), ShapeError, "y must have shape"),
        (lambda r: best_fit(A, Y, lambd=-1), ValueError, "lambd must be in"),
        (lambda r: best_fit(A, Y, lambd=0), ValueError, "a must have linearly independent rows"),
        (lambda r: network_accuracy(A, Y, lr=0.1, steps=0, rng=r), ValueError, "steps must be at least 1"),
        (lambda r: network_accuracy(A, Y.T, lr=0.1, steps=1, rng=r), ShapeError, "y must have shape"),
        (lambda r: network_accuracy(A, Y / 3, lr=-1, steps=1, rng=r), ValueError, "lr must be in"),
    ],
)  # fmt: skip
def test_bad_input_is_named(call, error, message, rng):
    with pytest.raises(error, match=message):
        call(rng)


def test_steps_may_mix_zero_and_more_but_not_go_below():
    assert relative_loss(A, Y, np.array([0.0, 1.0]))[0] == pytest.approx(1)
    with pytest.raises(ValueError, match="steps must be at least 0, got -2"):
        relative_loss(A, Y, np.array([-2.0, 3.0]))


def test_the_small_network_has_16_units_and_says_1_above_zero(rng):
    x, y = make_moons(200, noise=0.4, rng=rng)
    got = network_accuracy(x, y, lr=0.5, steps=5, rng=np.random.default_rng(3))
    start = np.random.default_rng(3)
    model = MLP(sizes=(2, 16, 1), activation="tanh", loss="bce", scheme="xavier")
    params = model.init(start)
    for _ in range(5):
        _, grads = model.loss_and_grad(params, x, y, rng=start)
        params = {name: w - 0.5 * grads[name] for name, w in params.items()}
    right = (model.scores(params, x) > 0) == (y == 1)
    assert got == right.mean() < 1
