"""2.7 节的数字：与照公式另写的一遍、闭式、手算值互相印证。"""

import math

import numpy as np
import pytest

from dlnotes_lib.experiments.adam import bowl_path
from dlnotes_lib.experiments.rmsprop import (
    START,
    AdaGrad,
    AdaGradState,
    decaying_path,
    given_path,
    valley_path,
)
from dlnotes_lib.optimizers import SGD, Adam, RMSprop


def naive(w, grad, *, lr, beta, eps, steps):
    """一个数一个数地照公式走，不用 NumPy。"""
    s, path = 0.0, [w]
    for _ in range(steps):
        g = grad(w)
        s = beta * s + (1 - beta) * g * g
        w -= lr * g / (math.sqrt(s) + eps)
        path.append(w)
    return path


@pytest.mark.parametrize("kappa", [1.0, 7.0])
def test_the_valley_is_two_independent_falls(kappa):
    got = valley_path(RMSprop(lr=0.3, beta=0.6, eps=0.5), kappa=kappa, steps=30)
    falls = [
        naive(w, lambda w, c=c: c * w, lr=0.3, beta=0.6, eps=0.5, steps=30)
        for w, c in zip(START, (1.0, kappa), strict=True)
    ]
    np.testing.assert_allclose(got, np.transpose(falls), rtol=1e-12, atol=1e-300)


def test_gradient_descent_in_the_valley_is_a_power():
    got = valley_path(SGD(lr=0.095), kappa=20, steps=20)
    t = np.arange(21)
    np.testing.assert_allclose(got[:, 0], -4 * 0.905**t, rtol=1e-12)
    np.testing.assert_allclose(got[:, 1], 4 * (-0.9) ** t, rtol=1e-12)


@pytest.mark.parametrize("kappa", [20, 200, 2000])
def test_the_compromise_leaves_the_least_in_the_slower_direction(kappa):
    def left(lr):
        return np.abs(valley_path(SGD(lr=lr), kappa=kappa, steps=20)[-1])

    best = 2 / (1 + kappa)
    np.testing.assert_allclose(*left(best), rtol=1e-9)
    assert left(best).max() < min(left(0.98 * best).max(), left(1.02 * best).max())


def test_curvature_along_the_axes_does_not_move_rmsprop():
    mild, steep = (valley_path(RMSprop(lr=0.4), kappa=k, steps=20) for k in (1, 9999))
    np.testing.assert_allclose(mild, steep, atol=1e-6)
    np.testing.assert_allclose(mild[:, 0], -mild[:, 1], rtol=1e-12)


def test_first_three_steps_by_hand():
    path = bowl_path(RMSprop(lr=0.1, beta=0.9), scale=1.0, steps=3)
    first = 1 - 0.1 / math.sqrt(0.1)
    second = first - 0.1 * first / math.sqrt(0.09 + 0.1 * first**2)
    np.testing.assert_allclose(path[:3], [1, first, second], rtol=1e-6)
    np.testing.assert_allclose(path, [1, 0.68377, 0.49887, 0.36918], atol=5e-6)


@pytest.mark.parametrize("beta", [0.5, 0.9, 0.99])
def test_a_constant_gradient_gives_the_closed_form_and_the_first_step_is_longest(beta):
    opt, t = RMSprop(lr=0.3, beta=beta), np.arange(1, 201)
    steps = -np.diff(given_path(opt, np.full(200, 7.0)))
    np.testing.assert_allclose(steps, 0.3 / np.sqrt(1 - beta**t), rtol=1e-7)
    rng = np.random.default_rng(1)
    wild = np.abs(np.diff(given_path(opt, rng.standard_cauchy(2000))))
    assert wild.max() <= 0.3 / math.sqrt(1 - beta) * (1 + 1e-9)


@pytest.mark.parametrize("start", [1.0, 1 + 1e-12, 1 - 1e-9])
def test_the_visit_and_the_return_do_not_hang_on_the_last_bits(start):
    # 页面打印的步数与位置，在起点动一点点时不变
    far = np.abs(naive(start, lambda w: w, lr=0.1, beta=0.9, eps=1e-8, steps=400))
    assert far.argmin() == 43
    assert far.min() < 1e-18
    assert far[43:].argmax() + 43 == 76
    assert far[76] == pytest.approx(0.20685, abs=1e-5)


@pytest.mark.parametrize("beta", [0.3, 0.5, 0.9])
@pytest.mark.parametrize(("lr", "scale", "eps"), [(0.1, 1, 1e-8), (0.2, 4, 0.1)])
def test_the_tail_jumps_by_half_a_step_less_epsilon(beta, lr, scale, eps):
    opt = RMSprop(lr=lr, beta=beta, eps=eps)
    tail = bowl_path(opt, scale=scale, steps=3000)[-6:]
    want = lr / 2 - eps / scale
    np.testing.assert_allclose(np.abs(tail), want, rtol=0.01)  # 容差 1%
    assert (tail[1:] * tail[:-1] < 0).all()


def test_a_large_epsilon_stops_the_jumping():
    opt = RMSprop(lr=0.1, beta=0.9, eps=0.3)
    assert abs(bowl_path(opt, scale=4.0, steps=1000)[-1]) < 1e-12


@pytest.mark.parametrize("beta", [0.2, 0.5, 0.9, 0.99])
def test_a_small_deviation_shrinks_by_the_root_of_beta(beta):
    # 推导里的 2×2 矩阵，与数值微分的递推相比
    def turn(u, s):
        s = beta * s + (1 - beta) * u * u
        return np.array([2 * u / math.sqrt(s) - u, s])

    h = 1e-6
    columns = [
        (turn(1 + h, 1) - turn(1 - h, 1)) / (2 * h),
        (turn(1, 1 + h) - turn(1, 1 - h)) / (2 * h),
    ]
    moduli = np.abs(np.linalg.eigvals(np.transpose(columns)))
    np.testing.assert_allclose(moduli, math.sqrt(beta), rtol=1e-5)


@pytest.mark.parametrize("beta", [0.01, 0.05, 0.1, 1 / 9])
def test_below_one_ninth_the_deviation_shrinks_without_turning(beta):
    matrix = [[2 * beta - 1, -beta], [2 * (1 - beta), beta]]
    values = np.linalg.eigvals(matrix)
    np.testing.assert_allclose(np.imag(values), 0, atol=1e-6)
    assert np.abs(values).max() < 1


@pytest.mark.parametrize("beta", [0.05, 0.5, 0.9])
def test_the_start_does_not_choose_the_tail_unless_beta_is_zero(beta):
    for start in (0.003, 0.03, 0.98, 7.34):
        path = naive(start, lambda w: w, lr=0.1, beta=beta, eps=1e-8, steps=1500)
        np.testing.assert_allclose(np.abs(path[-2:]), 0.05, rtol=1e-3)
    sign = naive(0.98, lambda w: w, lr=0.1, beta=0.0, eps=1e-8, steps=1000)
    np.testing.assert_allclose(np.abs(sign[-2:]), [0.08, 0.02], atol=1e-3)


@pytest.mark.parametrize("lr", [0.1, 3.0])
def test_adagrad_does_not_jump_for_ever(lr):
    far = np.abs(bowl_path(AdaGrad(lr=lr), scale=1.0, steps=3000))
    assert far[-1] < 1e-6


def test_a_decaying_step_follows_its_own_half():
    path = decaying_path(RMSprop(lr=0.1), steps=10_000)
    for t in (1000, 10_000):
        assert abs(path[t]) == pytest.approx(0.05 / math.sqrt(t), rel=0.01)


def test_decay_divides_by_the_root_of_the_step_from_one():
    got = decaying_path(SGD(lr=0.5), steps=3)
    want = np.cumprod([1, 0.5, 1 - 0.5 / math.sqrt(2), 1 - 0.5 / math.sqrt(3)])
    np.testing.assert_allclose(got, want, rtol=1e-12)


def test_given_gradients_are_taken_in_order_from_zero():
    got = given_path(SGD(lr=0.5), np.array([2.0, -6.0, 1.0]))
    assert got.tolist() == [0, -1, 2, 1.5]


def test_adagrad_is_the_naive_sum_of_squares():
    grads = np.array([3.0, -4.0, 12.0])
    got = given_path(AdaGrad(lr=0.5, eps=1.0), grads)
    roots = np.sqrt(np.cumsum(grads**2))
    assert roots.tolist() == [3, 5, 13]
    want = np.cumsum([0, *(-0.5 * grads / (roots + 1))])
    np.testing.assert_allclose(got, want, rtol=1e-12)


def test_adagrad_keeps_its_input_and_its_shape():
    opt, w, dw = AdaGrad(lr=0.1), np.ones((2, 3)), np.full((2, 3), 2.0)
    state = opt.init(w)
    new, after = opt.update(w, dw, state)
    assert new.shape == after.s.shape == (2, 3)
    assert (w == 1).all()
    assert (dw == 2).all()
    assert (state.s == 0).all()
    assert (after.s == 4).all()


def test_adagrad_remembers_and_rmsprop_forgets_a_large_first_gradient():
    grads = np.ones(10_000)
    grads[0] = 100.0
    t = np.arange(2, 10_001)
    steps = -np.diff(given_path(AdaGrad(lr=1.0), grads))[1:]
    np.testing.assert_allclose(steps, 1 / np.sqrt(9999 + t), rtol=1e-7)
    back = [
        int((-np.diff(given_path(RMSprop(lr=1.0, beta=b), grads))[1:] > 0.9).argmax())
        for b in (0.9, 0.99)
    ]
    assert 50 < back[0] < 100 < 500 < back[1] < 1000


def test_the_sign_alone_drifts_and_a_long_average_hardly():
    grads = np.array(([0.1] * 9 + [-0.9]) * 200)
    drift = []
    for beta in (0.0, 0.9, 0.99):
        path = given_path(RMSprop(lr=1.0, beta=beta), grads)
        drift.append(path[-1] - path[-11])
    # 稳定一圈的闭式：s 在大梯度处跳，其后每步乘 β 再加一点
    for beta, got in zip((0.0, 0.9, 0.99), drift, strict=True):
        loop = 0.0
        s = (
            (1 - beta)
            * sum(beta**k * g * g for k, g in enumerate([0.9, *[0.1] * 9]))
            / (1 - beta**10)
        )
        for g in [0.1] * 9 + [-0.9]:
            s = beta * s + (1 - beta) * g * g
            loop -= g / math.sqrt(s)
        assert got == pytest.approx(loop, rel=1e-6)
    assert drift[0] == pytest.approx(-8, abs=1e-5)
    assert drift[0] < drift[1] < drift[2] < 0


def test_adam_without_momentum_is_rmsprop_with_a_growing_step():
    rng = np.random.default_rng(3)
    adam = Adam(lr=0.2, beta1=0.0, beta2=0.8, eps=0.0)
    a = r = rng.standard_normal((2, 3))
    state, mine = adam.init(a), RMSprop(lr=0.2).init(r)
    for t in range(1, 6):
        dw = rng.standard_normal((2, 3))
        a, state = adam.update(a, dw, state)
        lr = 0.2 * math.sqrt(1 - 0.8**t)
        r, mine = RMSprop(lr=lr, beta=0.8, eps=0.0).update(r, dw, mine)
        np.testing.assert_allclose(a, r, rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: valley_path(SGD(lr=0.1), kappa=0.5, steps=3),
            ValueError,
            "kappa must be in",
        ),
        (
            lambda: valley_path(SGD(lr=0.1), kappa=2, steps=0),
            ValueError,
            "steps must be at least 1",
        ),
        (
            lambda: decaying_path(SGD(lr=0.1), steps=0),
            ValueError,
            "steps must be at least 1",
        ),
        (
            lambda: given_path(SGD(lr=0.1), np.ones((2, 2))),
            ValueError,
            r"grads must have shape \(\*,\), got \(2, 2\)",
        ),
        (
            lambda: given_path(SGD(lr=0.1), np.array([1.0, np.nan])),
            ValueError,
            "dw must be finite",
        ),
        (lambda: AdaGrad(lr=-0.1), ValueError, "lr must be in"),
        (lambda: AdaGrad(lr=0.1, eps=-1.0), ValueError, "eps must be in"),
        (
            lambda: AdaGrad(lr=0.1).update(
                np.ones(2), np.ones(3), AdaGradState(np.zeros(2))
            ),
            ValueError,
            r"dw must have shape \(2,\), got \(3,\)",
        ),
        (
            lambda: AdaGrad(lr=0.1).update(
                np.ones(2), np.array([np.inf, 1]), AdaGradState(np.zeros(2))
            ),
            ValueError,
            "dw must be finite",
        ),
        (
            lambda: AdaGrad(lr=0.1).update(
                np.ones(2), np.ones(2), AdaGradState(np.zeros(1))
            ),
            ValueError,
            r"state.s must have shape \(2,\), got \(1,\)",
        ),
    ],
)
def test_bad_input_names_the_argument(call, error, message):
    with pytest.raises(error, match=message):
        call()
