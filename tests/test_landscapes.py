"""小地形：二次函数、2.6 与 2.8 的轨迹和步数表。"""

import math

import numpy as np
import pytest
from oracles import complex_step_grad, rel_error

from dlnotes_lib.landscapes import (
    Quadratic,
    Tuning,
    descend,
    optimal_gd,
    optimal_heavy_ball,
    rotated_quadratic,
    steps_to,
)
from dlnotes_lib.optimizers import SGD, Adam, Momentum, RMSprop

BOWL = Quadratic(np.diag([1.0, 10.0]))
GRID = sorted(a * 10.0**k for k in range(-4, 1) for a in (1, 2, 5))
KINDS = (SGD, Momentum, RMSprop, Adam)


def test_gradient_agrees_with_the_complex_step(rng):
    a = rng.standard_normal((4, 4))
    bowl, w = Quadratic(a + a.T), rng.standard_normal(4)
    assert rel_error(bowl.grad(w), complex_step_grad(bowl.cost, w)) < 1e-14


def test_cost_by_hand():
    bowl = Quadratic(np.array([[2.0, 1.0], [1.0, 4.0]]))
    assert bowl.cost(np.array([1.0, 3.0])) == (2 + 2 * 3 + 4 * 9) / 2
    assert bowl.grad(np.array([1.0, 3.0])).tolist() == [5.0, 13.0]


def test_the_hessian_is_a_read_only_copy():
    h = np.eye(2)
    bowl = Quadratic(h)
    h[0, 0] = 9.0
    assert bowl.hessian.tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert not bowl.hessian.flags.writeable


@pytest.mark.parametrize(("kappa", "degrees"), [(1, 0), (100, 15), (1000, -45)])
def test_rotation_keeps_the_eigenvalues_and_turns_the_valley(kappa, degrees):
    h = rotated_quadratic(kappa, degrees).hessian
    np.testing.assert_allclose(np.linalg.eigvalsh(h), [1, kappa], rtol=1e-10)
    phi = math.radians(degrees)
    valley = np.array([math.cos(phi), math.sin(phi)])
    np.testing.assert_allclose(h @ valley, valley, atol=1e-10)


def worst_radius(lr, beta, curvatures):
    """重球法在各曲率上的谱半径里最大的一个，由特征方程的根算。"""
    roots = [np.roots([1, -(1 + beta - lr * c), beta]) for c in curvatures]
    return max(np.abs(r).max() for r in roots)


@pytest.mark.parametrize(("mu", "top"), [(1.0, 9.0), (0.25, 16.0), (3.0, 300.0)])
@pytest.mark.parametrize("optimal", [optimal_gd, optimal_heavy_ball])
def test_the_optimal_setting_has_its_rate_and_no_neighbour_is_better(optimal, mu, top):
    lr, beta, rate = optimal(mu=mu, L=top)
    curvatures = np.linspace(mu, top, 60)
    assert worst_radius(lr, beta, curvatures) == pytest.approx(rate, abs=1e-6)
    for bend in (0.97, 1.03):
        assert worst_radius(lr * bend, beta, curvatures) > rate + 1e-6
        if beta:
            assert worst_radius(lr, beta * bend, curvatures) > rate + 1e-6


def test_the_optimal_settings_by_hand():
    assert optimal_gd(mu=1, L=7) == Tuning(lr=1 / 4, beta=0, rate=3 / 4)
    lr, beta, rate = optimal_heavy_ball(mu=1, L=100)
    np.testing.assert_allclose(
        [lr, beta, rate], [4 / 121, 81 / 121, 9 / 11], rtol=1e-14
    )
    assert optimal_heavy_ball(mu=4, L=4) == Tuning(lr=1 / 4, beta=0, rate=0)


TRACES = {  # 从 (1, 1) 出发，α = 0.1
    "momentum": (Momentum(lr=0.1), [(0.99, 0.9), (0.9711, 0.72), (0.94438, 0.486)]),
    "heavy ball": (Momentum(lr=1.0), [(0.9, 0.0), (0.72, -0.9), (0.486, -0.81)]),
    "rmsprop": (RMSprop(lr=0.1), [(0.68377,) * 2, (0.49887,) * 2, (0.36918,) * 2]),
    "adam": (Adam(lr=0.1), [(0.9,) * 2, (0.80041,) * 2, (0.70159,) * 2]),
}


@pytest.mark.parametrize("name", TRACES)
def test_three_steps_of_the_course_example(name):
    optimizer, expected = TRACES[name]
    path = descend(optimizer, BOWL.grad, np.ones(2), steps=3)
    assert path.shape == (4, 2)
    assert path[0].tolist() == [1.0, 1.0]
    np.testing.assert_allclose(path[1:], expected, atol=6e-6)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_adam_after_a_hundred_steps_ignores_the_scale_of_the_gradient(scale):
    path = descend(Adam(lr=0.01), lambda w: scale * BOWL.grad(w), np.ones(2), steps=100)
    np.testing.assert_allclose(path[-1], 0.22445, atol=1e-5)


@pytest.mark.parametrize(
    ("kappa", "best", "safe", "heavy"), [(10, 71, 132, 27), (100, 709, 1375, 95)]
)
def test_steps_against_the_condition_number(kappa, best, safe, heavy):
    root = math.sqrt(kappa)
    beta = ((root - 1) / (root + 1)) ** 2
    lr = 4 / (root + 1) ** 2 / (1 - beta)  # 课程写法：α 除以 1 − β
    optimizers = (
        SGD(lr=2 / (kappa + 1)),
        SGD(lr=1 / kappa),
        Momentum(lr=lr, beta=beta),
    )
    bowl = rotated_quadratic(kappa, 0)
    got = [
        steps_to(opt, bowl.grad, np.ones(2), tol=1e-6, max_steps=2000)
        for opt in optimizers
    ]
    assert got == [best, safe, heavy]


@pytest.mark.parametrize(
    ("optimizer", "steps"),
    [(SGD(lr=1.0), 1), (SGD(lr=0.5), 20), (Momentum(lr=0.5), 190)],
)
def test_momentum_is_slower_on_a_round_bowl(optimizer, steps):
    got = steps_to(optimizer, lambda w: w, np.ones(1), tol=1e-6, max_steps=500)
    assert got == steps


def test_rmsprop_ends_in_a_swing_of_half_the_learning_rate():
    path = descend(RMSprop(lr=0.01), lambda w: w, np.ones(1), steps=2000)
    np.testing.assert_allclose(np.abs(path[-10:]), 0.005, rtol=0.01)
    assert (path[-10:-1] * path[-9:] < 0).all()


def best_steps(kind, bowl, limit):
    """网格上各自最好的学习率要几步；比已知最好的还慢就提前停。"""
    best = limit
    for lr in reversed(GRID):
        got = steps_to(
            kind(lr=lr), bowl.grad, np.array([-8.0, 5.0]), tol=1e-2, max_steps=best
        )
        best = best if got is None else got
    return best


@pytest.mark.parametrize(
    ("kappa", "degrees", "expected"),
    [
        (100, 0, (666, 105, 8, 85)),
        (100, 15, (644, 105, 904, 79)),
        (100, 45, (534, 103, 1020, 105)),
        (1000, 0, (6682, 265, 8, 85)),
        (1000, 45, (5355, 215, 3688, 648)),
    ],
)
def test_rotation_table(kappa, degrees, expected):
    bowl = rotated_quadratic(kappa, degrees)
    got = [best_steps(kind, bowl, 20_000) for kind in KINDS]
    np.testing.assert_allclose(got, expected, rtol=0.02)


@pytest.mark.parametrize("kind", [SGD, Momentum])
def test_gradient_descent_and_momentum_commute_with_rotation(kind):
    turned, phi = rotated_quadratic(20, 30), math.radians(30)
    r = np.array([[math.cos(phi), -math.sin(phi)], [math.sin(phi), math.cos(phi)]])
    w0 = np.array([-8.0, 5.0])
    straight = descend(kind(lr=0.05), rotated_quadratic(20, 0).grad, w0, steps=30)
    rotated = descend(kind(lr=0.05), turned.grad, r @ w0, steps=30)
    np.testing.assert_allclose(rotated, straight @ r.T, atol=1e-12)


@pytest.mark.parametrize("kind", [RMSprop, Adam])
def test_rmsprop_and_adam_do_not_commute_with_rotation(kind):
    turned, phi = rotated_quadratic(20, 30), math.radians(30)
    r = np.array([[math.cos(phi), -math.sin(phi)], [math.sin(phi), math.cos(phi)]])
    w0 = np.array([-8.0, 5.0])
    straight = descend(kind(lr=0.05), rotated_quadratic(20, 0).grad, w0, steps=30)
    rotated = descend(kind(lr=0.05), turned.grad, r @ w0, steps=30)
    assert np.abs(rotated - straight @ r.T).max() > 0.1


def test_steps_are_counted_from_zero_and_a_missed_target_is_none():
    def steps(w0, *, lr=0.5, max_steps=3):
        return steps_to(
            SGD(lr=lr), lambda w: w, np.array([w0]), tol=1.5, max_steps=max_steps
        )

    assert steps(1.0) == 0
    assert steps(8.0) == 3
    assert steps(8.0, max_steps=2) is None
    assert steps(1e9, max_steps=99) is None
    assert steps(8.0, lr=1e6, max_steps=99) is None


def test_a_diverging_descent_is_an_error_not_a_path_of_nan():
    with pytest.raises(ValueError, match="must be finite"):
        descend(SGD(lr=1e200), lambda w: w, np.ones(1), steps=5)


def test_the_flat_bowl_is_allowed_and_so_is_asymmetry_of_the_size_of_rounding():
    assert Quadratic(np.zeros((2, 2))).cost(np.ones(2)) == 0
    h = np.array([[1e4, 0.0], [1e-7, 1e4]])
    assert Quadratic(h).hessian.tolist() == h.tolist()


def test_steps_count_up_to_the_tolerance_and_up_to_the_point_of_divergence():
    def steps(w0, tol):
        return steps_to(SGD(lr=0.5), lambda w: w, np.array([w0]), tol=tol, max_steps=60)

    assert steps(8.0, 4.0) == 2  # 恰好在 4 不算
    assert steps(1e8, 1.0) == 27
    assert steps(1e8 + 0.5, 1.0) is None
