"""1.4 节的数字：与复步微分、最优性条件、逐个标量的写法、网格搜索互相印证。"""

import math

import numpy as np
import pytest
from oracles import complex_step_grad, rel_error

from dlnotes_lib.experiments.regularization import (
    BOTTOM,
    BOWL,
    STRENGTH,
    TRUE_WEIGHTS,
    ZERO,
    Data,
    Fit,
    ShrinkageCurves,
    Touch,
    l1_proximal_step,
    l1_subgradient_step,
    l2_step,
    shrinkage_curves,
    sparse_data,
    touch,
    train,
    weight_path,
)


@pytest.fixture(scope="module")
def data() -> Data:
    return sparse_data(200, rng=np.random.default_rng(0))


@pytest.fixture(scope="module")
def ista(data) -> Fit:
    return train(l1_proximal_step, data, lambd=20, steps=5000)


@pytest.fixture
def small(rng) -> tuple[Data, Fit]:
    x, y = rng.standard_normal((50, 7)), np.array([[0.0, 1, 1, 0, 1, 0, 0]])
    w = rng.choice([-1.0, 1.0], (1, 50)) * (0.1 + rng.random((1, 50)))
    return Data(x, y), Fit(w, np.array([[0.3]]))


def mean_loss(data, w, b):
    z = w @ data.x + b
    return (np.log(1 + np.exp(z)) - data.y * z).sum() / data.y.shape[1]


def cost(penalty, data, w, b, lambd):
    return mean_loss(data, w, b) + lambd / (2 * data.y.shape[1]) * penalty(w)


def data_gradient(data, fit):
    a = 1 / (1 + np.exp(-(fit.w @ data.x + fit.b)))
    return (a - data.y) @ data.x.T / data.y.shape[1]


def accuracy(data, fit):
    return float(np.mean((fit.w @ data.x + fit.b > 0) == (data.y == 1)))


def test_the_data_are_drawn_in_the_order_of_the_recipe(data):
    r = np.random.default_rng(0)
    x = r.standard_normal((50, 200))
    w = [3, -2, 2, -1.5, 1]
    u = r.random(200)
    for i in range(200):
        p = 1 / (1 + math.exp(-sum(w[j] * x[j, i] for j in range(5))))
        assert data.y[0, i] == (u[i] < p)
    assert np.array_equal(data.x, x)
    assert np.count_nonzero(TRUE_WEIGHTS) == 5


@pytest.mark.parametrize(
    ("step", "penalty"),
    [
        (l2_step, lambda w: (w * w).sum()),
        (l1_subgradient_step, lambda w: (np.sign(w.real) * w).sum()),
    ],
)
def test_a_step_descends_the_penalized_cost_and_leaves_b_unpenalized(
    step, penalty, small
):
    data, fit = small
    after = step(data, fit, lambd=3.0, lr=0.25)
    dw = complex_step_grad(lambda w: cost(penalty, data, w, fit.b, 3.0), fit.w)
    db = complex_step_grad(lambda b: mean_loss(data, fit.w, b), fit.b)
    assert rel_error((fit.w - after.w) / 0.25, dw) < 1e-12
    assert rel_error((fit.b - after.b) / 0.25, db) < 1e-12


def test_a_proximal_step_written_out_scalar_by_scalar(small):
    data, fit = small
    after = l1_proximal_step(data, fit, lambd=3.0, lr=0.25)
    moved = fit.w - 0.25 * data_gradient(data, fit)
    t = 0.25 * 3.0 / 14
    for u, w in zip(moved[0].tolist(), after.w[0].tolist(), strict=True):
        want = 0.0 if abs(u) <= t else u - math.copysign(t, u)
        assert w == pytest.approx(want, abs=1e-14)


def test_only_the_proximal_method_gives_exact_zeros(data, ista):
    assert np.flatnonzero(ista.w).tolist() == [0, 1, 2, 3, 4]
    for step, lambd in [(l1_subgradient_step, 20), (l2_step, 10)]:
        fit = train(step, data, lambd=lambd, steps=1000)
        assert np.count_nonzero(fit.w) == 50


def test_the_subgradient_method_gives_no_zero_even_after_5000_steps(data):
    fit = train(l1_subgradient_step, data, lambd=20, steps=5000)
    assert np.count_nonzero(fit.w) == 50
    assert np.abs(fit.w[0, 5:]).max() < 0.05


def test_the_proximal_solution_meets_the_optimality_conditions(data, ista):
    pull, level = data_gradient(data, ista)[0], 20 / 400
    kept = ista.w[0] != 0
    np.testing.assert_allclose(
        pull[kept], -level * np.sign(ista.w[0, kept]), atol=1e-10
    )
    assert (np.abs(pull[~kept]) < level).all()


@pytest.mark.parametrize(("lambd", "norm"), [(1, 3.99), (10, 1.80), (100, 0.55)])
def test_the_l2_solution_is_stationary_and_has_the_length_of_the_page(
    data, lambd, norm
):
    fit = train(l2_step, data, lambd=lambd, steps=5000)
    np.testing.assert_allclose(
        data_gradient(data, fit), -lambd / 200 * fit.w, atol=1e-8
    )
    assert np.linalg.norm(fit.w) == pytest.approx(norm, abs=0.005)


def test_without_a_penalty_the_weights_fit_the_noise_and_keep_growing(data):
    rng = np.random.default_rng(0)
    again, new = sparse_data(200, rng=rng), sparse_data(10000, rng=rng)
    assert np.array_equal(again.x, data.x)
    fit = train(l2_step, data, lambd=0, steps=5000)
    later = train(l2_step, data, lambd=0, steps=100, start=fit)
    assert np.linalg.norm(fit.w) == pytest.approx(12.47, abs=0.01)
    assert np.linalg.norm(later.w) > np.linalg.norm(fit.w) + 0.05
    assert np.abs(fit.w[0, 5:]).max() == pytest.approx(2.29, abs=0.01)
    assert accuracy(data, fit) == pytest.approx(0.935, abs=0.006)
    assert accuracy(new, fit) == pytest.approx(0.80, abs=0.005)
    assert accuracy(new, Fit(TRUE_WEIGHTS, ZERO.b)) == pytest.approx(0.881, abs=0.002)


def test_other_seeds_keep_at_most_eight_weights_but_seldom_the_right_five():
    kept = []
    for seed in range(1, 11):
        other = sparse_data(200, rng=np.random.default_rng(seed))
        fit = train(l1_proximal_step, other, lambd=20, steps=500)
        kept.append(np.flatnonzero(fit.w).tolist())
    assert {len(k) for k in kept} <= {5, 6, 7, 8}
    assert sum(k == [0, 1, 2, 3, 4] for k in kept) == 2


def test_beyond_2m_over_lr_each_step_multiplies_the_weights_by_the_factor(data):
    before = train(l2_step, data, lambd=1000, steps=40)
    after = l2_step(data, before, lambd=1000, lr=0.5)
    np.testing.assert_allclose(after.w, -1.5 * before.w, rtol=1e-3)


def test_the_curvature_of_the_data_lowers_the_limit(data):
    h = np.linalg.eigvalsh(data.x @ data.x.T / 200).max() / 4
    assert 680 < 800 - 200 * h < 700
    for lambd, settles in [(680, True), (700, False)]:
        fit = train(l2_step, data, lambd=lambd, steps=1000)
        after = l2_step(data, fit, lambd=lambd, lr=0.5)
        twice = l2_step(data, after, lambd=lambd, lr=0.5)
        assert np.allclose(fit.w, after.w, atol=1e-3) == settles
        assert np.allclose(fit.w, twice.w, atol=1e-3)


def test_a_path_ends_where_training_from_zero_ends(data):
    path = weight_path(l2_step, data, [100, 30], steps=500)
    alone = train(l2_step, data, lambd=30, steps=3000)
    assert path.shape == (2, 50)
    np.testing.assert_allclose(path[1], alone.w[0], atol=1e-6)


def test_training_is_the_step_repeated_and_a_path_goes_on_from_the_last_result(data):
    once = l2_step(data, ZERO, lambd=100, lr=0.5)
    twice = l2_step(data, once, lambd=100, lr=0.5)
    assert np.array_equal(train(l2_step, data, lambd=100, steps=2).w, twice.w)
    third = l2_step(data, twice, lambd=30, lr=0.5)
    fourth = l2_step(data, third, lambd=30, lr=0.5)
    path = weight_path(l2_step, data, [100, 30], steps=2)
    assert np.array_equal(path, np.concatenate([twice.w, fourth.w]))


def test_along_the_path_l1_loses_weights_one_by_one_and_l2_none(data):
    lambdas = [100, 60, 40, 20, 10]
    l1 = weight_path(l1_proximal_step, data, lambdas, steps=500)
    l2 = weight_path(l2_step, data, lambdas, steps=500)
    assert np.count_nonzero(l1, axis=1).tolist() == [0, 3, 4, 5, 10]
    assert np.count_nonzero(l2, axis=1).tolist() == [50] * 5


def test_the_touching_points_by_hand_and_by_searching_a_grid():
    points = touch(1.0)
    assert isinstance(points, Touch)
    np.testing.assert_allclose(points.l2, [[1.0], [0.5]], atol=1e-12)
    np.testing.assert_allclose(points.l1, [[1.25], [0.0]], atol=1e-12)
    u, v = np.meshgrid(np.arange(-40, 61) / 20, np.arange(-40, 61) / 20)
    p, q = u - BOTTOM[0, 0], v - BOTTOM[1, 0]
    bowl = (BOWL[0, 0] * p * p + 2 * BOWL[0, 1] * p * q + BOWL[1, 1] * q * q) / 2
    for penalty, w in [((u * u + v * v) / 2, points.l2), (abs(u) + abs(v), points.l1)]:
        best = np.argmin(bowl + penalty)
        np.testing.assert_allclose([u.flat[best], v.flat[best]], w[:, 0], atol=1e-12)


def test_a_penalty_of_zero_leaves_the_bottom_where_it_is():
    for w in touch(0):
        np.testing.assert_allclose(w, BOTTOM, atol=1e-12)


def test_each_point_of_the_shrinkage_curves_minimizes_its_problem():
    curves = shrinkage_curves()
    assert isinstance(curves, ShrinkageCurves)
    u = np.arange(-4000, 4001)[:, None] / 1000
    fit = (u - curves.a) ** 2 / 2
    for penalty, w in [(u * u / 2, curves.l2), (np.abs(u), curves.l1)]:
        best = u[np.argmin(fit + STRENGTH * penalty, axis=0), 0]
        np.testing.assert_allclose(w, best, atol=1e-3)


def test_only_l1_has_a_whole_interval_of_exact_zeros():
    curves = shrinkage_curves()
    assert curves.a[curves.l1 == 0].tolist() == [k / 10 for k in range(-5, 6)]
    assert curves.a[curves.l2 == 0].tolist() == [0.0]


BAD = [
    (lambda: sparse_data(0, rng=np.random.default_rng(0)), ValueError, "m must be"),
    (lambda: sparse_data(5, rng=0), TypeError, "rng must be"),  # pyright: ignore
    (lambda: touch(-1), ValueError, "strength must be in"),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_training_needs_a_step_and_a_penalty_not_below_zero(data):
    with pytest.raises(ValueError, match="steps must be at least 1"):
        train(l2_step, data, lambd=1, steps=0)
    for step in (l2_step, l1_subgradient_step, l1_proximal_step):
        with pytest.raises(ValueError, match="lambd must be in"):
            step(data, ZERO, lambd=-1, lr=0.5)


def test_training_leaves_the_start_untouched(data):
    train(l2_step, data, lambd=1, steps=3)
    assert not ZERO.w.any()
    assert not ZERO.b.any()


@pytest.mark.parametrize("strength", [0.3, 2.0])
def test_the_l1_point_has_the_slope_of_the_penalty(strength):
    w = touch(strength).l1
    slope = BOWL @ (w - BOTTOM)
    held = w != 0
    assert slope[held] == pytest.approx(-strength * np.sign(w[held]), abs=1e-9)
    assert (np.abs(slope) <= strength + 1e-9).all()
