"""2.6 节的数字：与照公式另写的一遍、闭式、手算值互相印证。"""

import math

import numpy as np
import pytest

from dlnotes_lib.experiments.momentum import (
    kinked_grad,
    noise_variance,
    settle,
    simulated_variance,
    spectral_radius,
    step_matrix,
    tuned,
    valley_paths,
    velocities,
)
from dlnotes_lib.landscapes import descend
from dlnotes_lib.optimizers import SGD, HeavyBall, Momentum, Nesterov


def walk(kappa, lr, beta, *, look, w0=(1.0, 1.0), steps):
    """两步递推，不用速度：返回看到的点 w 与（Nesterov 的）u。"""
    h = np.array([1.0, kappa])
    u = w = before = np.array(w0)
    seen, base = [w], [u]
    for _ in range(steps):
        if look:
            u = w - lr * h * w
            w, before = u + beta * (u - before), u
        else:
            w, before = w - lr * h * w + beta * (w - before), w
        seen.append(w)
        base.append(u)
    return np.array(seen), np.array(base)


def last_outside(path):
    return int(np.nonzero(np.hypot(*path.T) >= 1e-6)[0][-1]) + 1


TABLE = {
    10: (71, 132, 27, 43, 44),
    100: (709, 1375, 95, 157, 158),
    1000: (7082, 13809, 321, 518, 519),
}


@pytest.mark.parametrize("kappa", TABLE)
def test_the_step_table_is_what_a_recursion_without_velocity_gives(kappa):
    root = math.sqrt(kappa)
    best = ((root - 1) / (root + 1)) ** 2
    settings = [
        (2 / (kappa + 1), 0.0, False),
        (1 / kappa, 0.0, False),
        (4 / (root + 1) ** 2, best, False),
        (1 / kappa, (root - 1) / (root + 1), True),
    ]
    walks = [
        walk(kappa, lr, beta, look=look, steps=16_000) for lr, beta, look in settings
    ]
    got = [last_outside(seen) for seen, _ in walks] + [last_outside(walks[3][1])]
    assert tuple(got) == TABLE[kappa]
    assert [settle(o, kappa=kappa) for o in tuned(kappa).values()] == got[:4]


@pytest.mark.parametrize("kappa", TABLE)
def test_the_counts_of_the_table_survive_a_tiny_nudge(kappa):
    for name, nudge in (("heavy ball", 1 + 1e-9), ("nesterov", 1 - 1e-9)):
        opt = tuned(kappa)[name]
        assert isinstance(opt, HeavyBall | Nesterov)
        bent = type(opt)(lr=opt.lr * nudge, beta=opt.beta)
        assert settle(bent, kappa=kappa) == settle(opt, kappa=kappa)


@pytest.mark.parametrize(
    ("optimizer", "kappa", "steps"),
    [
        (Momentum(lr=0.2), 100, 266),
        (HeavyBall(lr=0.02), 100, 266),
        (HeavyBall(lr=0.2), 100, None),
        (Momentum(lr=0.02), 100, 530),
        (SGD(lr=0.5), 1, 21),
        (Momentum(lr=0.5), 1, 269),
        (Nesterov(lr=0.01), 100, 236),
        (Nesterov(lr=0.015), 100, None),
        (HeavyBall(lr=0.03), 100, 279),
        (HeavyBall(lr=0.001), 1000, 1246),
    ],
)
def test_counts_of_the_mistakes(optimizer, kappa, steps):
    assert settle(optimizer, kappa=kappa) == steps


def test_settling_is_later_than_the_first_touch_and_a_stay_counts_consecutive_steps():
    opt = Momentum(lr=0.5)
    assert [settle(opt, kappa=1, window=n) for n in (1, 100)] == [190, 269]
    assert settle(SGD(lr=1.0), kappa=1) == 1
    assert settle(SGD(lr=0.5), kappa=1, window=5, max_steps=25) == 21
    assert settle(SGD(lr=0.5), kappa=1, window=5, max_steps=24) is None


def test_the_paths_in_the_valley_are_the_recursions():
    paths = valley_paths(kappa=20, steps=20)
    root = math.sqrt(20)
    best = ((root - 1) / (root + 1)) ** 2
    want = {
        "gd": walk(20, 2 / 21, 0.0, look=False, w0=(10.0, 1.0), steps=20)[0],
        "heavy ball": walk(
            20, 4 / (root + 1) ** 2, best, look=False, w0=(10.0, 1.0), steps=20
        )[0],
        "nesterov": walk(
            20, 1 / 20, (root - 1) / (root + 1), look=True, w0=(10.0, 1.0), steps=20
        )[0],
    }
    assert list(paths) == list(want)
    for name, path in want.items():
        np.testing.assert_allclose(paths[name], path, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("beta", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("curvature", [-0.5, 0.02, 1.0, 4.5])
def test_the_step_matrix_moves_the_heavy_ball(beta, curvature):
    matrix = step_matrix(lr=0.7, beta=beta, curvature=curvature)
    path = descend(
        HeavyBall(lr=0.7, beta=beta), lambda w: curvature * w, np.array([1.5]), steps=5
    ).ravel()
    for t in range(1, 5):
        np.testing.assert_allclose(
            matrix @ path[t - 1 : t + 1][::-1], path[t : t + 2][::-1], rtol=1e-12
        )


def test_the_spectral_radius_is_flat_between_the_double_roots():
    for a in np.linspace((1 - 0.9) ** 2, (1 + 0.9) ** 2, 9)[1:-1]:
        matrix = step_matrix(lr=float(a), beta=0.81, curvature=1.0)
        assert spectral_radius(matrix) == pytest.approx(0.9, rel=1e-12)
    outside = spectral_radius(step_matrix(lr=1.0, beta=0.25, curvature=3.0))
    assert outside == pytest.approx((1.75 + math.sqrt(1.75**2 - 1)) / 2, rel=1e-12)
    assert spectral_radius(np.diag([2.0, -3.0, 1.0])) == 3


@pytest.mark.parametrize("beta", [0.0, 0.8, 0.9])
def test_velocities_are_weighted_sums_of_the_gradients(beta):
    grads = np.array([2.0, -1.0, 0.5, 4.0, 4.0])
    sums = [
        sum(beta ** (t - k) * grads[k] for k in range(t + 1)) for t in range(grads.size)
    ]
    for kind, weight in ((Momentum, 1 - beta), (HeavyBall, 1.0), (Nesterov, 1.0)):
        got = velocities(kind(lr=0.1, beta=beta), grads)
        np.testing.assert_allclose(got, weight * np.array(sums), rtol=1e-12)


def test_velocity_needs_seven_steps_to_turn_back():
    grads = np.repeat([1.0, -1.0], 40)
    for kind in (Momentum, HeavyBall):
        v = velocities(kind(lr=0.1, beta=0.9), grads)
        assert (v[40:46] > 0).all()
        assert (v[46:] < 0).all()


@pytest.mark.parametrize(
    ("lr", "beta"), [(0.2, 0.0), (0.02, 0.9), (0.2, 0.9), (1, 0.4)]
)
def test_noise_variance_solves_the_covariance_equation(lr, beta):
    a = np.array([[1 + beta - lr, -beta], [1.0, 0.0]])
    q = np.array([[lr**2, 0.0], [0.0, 0.0]])
    p = np.linalg.solve(np.eye(4) - np.kron(a, a), q.ravel()).reshape(2, 2)
    assert noise_variance(lr=lr, beta=beta) == pytest.approx(p[0, 0], rel=1e-9)


@pytest.mark.parametrize(
    ("optimizer", "lr", "beta"),
    [
        (SGD(lr=0.2), 0.2, 0.0),
        (Momentum(lr=0.2), 0.02, 0.9),
        (HeavyBall(lr=0.2), 0.2, 0.9),
    ],
)
@pytest.mark.parametrize("seed", [0, 1])
def test_the_simulation_agrees_with_the_closed_form(optimizer, lr, beta, seed):
    got = simulated_variance(optimizer, rng=np.random.default_rng(seed))
    assert got == pytest.approx(noise_variance(lr=lr, beta=beta), rel=0.05)


def test_the_kinked_gradient_is_continuous_and_has_two_slopes():
    w = np.array([-2.0, 0.0, 1 - 1e-12, 1.0, 1.5, 2 - 1e-12, 2.0, 4.0])
    want = [-50, 0, 25, 25, 25.5, 26, 26, 76]
    np.testing.assert_allclose(kinked_grad(w), want, atol=1e-9)


def test_the_heavy_ball_circles_between_three_points_and_the_others_arrive():
    cycle = np.array([792, -2208, 2592]) / 1225
    for start in (3.1, 3.3, 3.45):
        path = descend(
            tuned(25)["heavy ball"], kinked_grad, np.array([start]), steps=600
        )
        np.testing.assert_allclose(np.sort(path[-3:, 0]), np.sort(cycle), rtol=1e-9)
    for name in ("gd", "safe gd", "nesterov"):
        path = descend(tuned(25)[name], kinked_grad, np.array([3.3]), steps=600)
        assert abs(path[-1, 0]) < 1e-9


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: tuned(0.5), ValueError, r"kappa must be in \[1, inf\), got 0.5"),
        (lambda: settle(SGD(lr=0.1), kappa=0.5), ValueError, "kappa must be in"),
        (lambda: settle(SGD(lr=0.1), kappa=1, window=0), ValueError, "window must be"),
        (
            lambda: settle(SGD(lr=0.1), kappa=1, max_steps=0),
            ValueError,
            "max_steps must be",
        ),
        (lambda: valley_paths(kappa=20, steps=0), ValueError, "steps must be"),
        (
            lambda: step_matrix(lr=-1.0, beta=0.5, curvature=1.0),
            ValueError,
            "lr must be in",
        ),
        (
            lambda: step_matrix(lr=1.0, beta=1.0, curvature=1.0),
            ValueError,
            "beta must be in",
        ),
        (
            lambda: step_matrix(lr=1.0, beta=0.5, curvature=math.nan),
            ValueError,
            "curvature must be in",
        ),
        (lambda: spectral_radius(np.ones(3)), ValueError, "matrix must have shape"),
        (
            lambda: velocities(Momentum(lr=0.1), np.ones((2, 2))),
            ValueError,
            "grads must have shape",
        ),
        (lambda: noise_variance(lr=4.0, beta=0.5), ValueError, "lr must be in"),
        (lambda: noise_variance(lr=0.1, beta=1.0), ValueError, "beta must be in"),
        (
            lambda: simulated_variance(SGD(lr=0.1), rng=0),  # pyright: ignore
            TypeError,
            "rng must be",
        ),
        (
            lambda: simulated_variance(
                SGD(lr=0.1), rng=np.random.default_rng(0), steps=0
            ),
            ValueError,
            "steps must be",
        ),
        (lambda: kinked_grad(["a"]), TypeError, "w must be"),  # pyright: ignore
    ],
)
def test_bad_input_names_the_argument(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_settling_needs_every_step_it_is_given_and_no_more():
    def halving(**options):  # √2·2⁻ᵗ 第一次小于 1e-6 是 t = 21
        return settle(SGD(lr=0.5), kappa=1, **options)

    assert [halving(window=1, max_steps=n) for n in (20, 21)] == [None, 21]
    assert [halving(max_steps=n) for n in (119, 120)] == [None, 21]
    assert [halving(window=n) for n in (19_980, 19_981)] == [21, None]


def test_noise_variance_holds_up_to_the_limit_of_stability():
    assert noise_variance(lr=2.5, beta=0.5) == pytest.approx(15)
    with pytest.raises(ValueError, match=r"lr must be in \[0, 3\.0\)"):
        noise_variance(lr=3.0, beta=0.5)


def test_one_measured_step_is_the_step_after_200():
    rng, w = np.random.default_rng(5), np.zeros(2000)
    for _ in range(201):
        w = w - 0.01 * (w + rng.standard_normal(2000))  # 走得慢，起点还没有忘
    got = simulated_variance(SGD(lr=0.01), rng=np.random.default_rng(5), steps=1)
    assert got == pytest.approx(np.mean(w**2))
    default, stated = (
        simulated_variance(SGD(lr=0.5), rng=np.random.default_rng(5), **steps)
        for steps in ({}, {"steps": 400})
    )
    assert default == stated
