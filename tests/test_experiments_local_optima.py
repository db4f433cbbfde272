"""2.10 节的数字：闭式、手算值、另写的一遍；步数离门槛不能只差一根头发。"""

import itertools
import math

import numpy as np
import pytest
from oracles import complex_step_grad, rel_error

from dlnotes_lib.experiments.local_optima import (
    POINTS,
    RACERS,
    SPLIT,
    XOR,
    TinyNet,
    all_positive_probability,
    first_step,
    goe,
    settle,
    small_start,
    steps_to_floor,
)
from dlnotes_lib.landscapes import (
    Plateau,
    Saddle,
    classify_critical,
    descend,
    numerical_hessian,
)
from dlnotes_lib.optimizers import SGD

NAMES = ["梯度下降", "动量，课程写法", "动量，经典写法", "RMSprop", "Adam"]


def forward(theta, hidden):
    """照公式另写的前向。"""
    w1, b1, w2, b2 = np.split(theta, [2 * hidden, 3 * hidden, 4 * hidden])
    a1 = np.tanh(w1.reshape(hidden, 2) @ POINTS + b1[:, None])
    return w2 @ a1 + b2


@pytest.mark.parametrize(("hidden", "lambd"), [(2, 0.0), (3, 0.04)])
def test_the_net_is_the_formula(hidden, lambd, rng):
    net = TinyNet(hidden=hidden, labels=XOR, lambd=lambd)
    theta = rng.standard_normal(net.size)
    z = forward(theta, hidden)
    loss = np.mean(np.log1p(np.exp(z)) - XOR * z)
    squares = theta[: 2 * hidden] @ theta[: 2 * hidden]
    squares += theta[3 * hidden : 4 * hidden] @ theta[3 * hidden : 4 * hidden]
    assert net.cost(theta) == pytest.approx(loss + lambd / 8 * squares, rel=1e-12)
    np.testing.assert_allclose(net.scores(theta), z[None, :], rtol=1e-12)
    assert rel_error(net.grad(theta), complex_step_grad(net.cost, theta)) < 1e-13


@pytest.mark.parametrize("labels", [SPLIT, XOR])
@pytest.mark.parametrize("hidden", [2, 3])
def test_spectrum_at_zero_in_closed_form(labels, hidden):
    net = TinyNet(hidden=hidden, labels=labels)
    zero = np.zeros(net.size)
    pull = np.linalg.norm(((0.5 - labels) * POINTS).mean(axis=1))
    want = [-pull] * hidden + [0.0] * 2 * hidden + [0.25] + [pull] * hidden
    lam = np.linalg.eigvalsh(numerical_hessian(net.grad, zero))
    assert not net.grad(zero).any()
    np.testing.assert_allclose(lam, np.sort(want), atol=1e-14)


def test_only_xor_makes_the_zero_point_degenerate():
    def kind(labels):
        net = TinyNet(hidden=3, labels=labels)
        return classify_critical(numerical_hessian(net.grad, np.zeros(13)), tol=1e-9)

    assert (kind(SPLIT), kind(XOR)) == ("saddle", "degenerate")


def test_each_decade_closer_costs_the_predicted_steps():
    net = TinyNet(hidden=3, labels=SPLIT)
    steps = [
        first_step(
            SGD(lr=0.1),
            net.grad,
            small_start(10.0**-k, net.size),
            reached=lambda w: net.cost(w) < 0.5,
            max_steps=600,
        )
        for k in (2, 4, 6, 8, 10)
    ]
    assert steps == [94, 189, 283, 377, 472]
    predicted = 2 * math.log(10) / math.log(1.05)
    assert np.abs(np.diff(np.array(steps)) - predicted).max() < 1


@pytest.mark.parametrize("scale", [1e-2, 1e-6, 1e-10])
def test_costs_do_not_sit_on_the_threshold(scale):
    net = TinyNet(hidden=3, labels=SPLIT)
    path = descend(SGD(lr=0.1), net.grad, small_start(scale, net.size), steps=500)
    assert min(abs(net.cost(w) - 0.5) for w in path) > 0.001


def test_small_start_has_no_random_numbers():
    np.testing.assert_allclose(
        small_start(2.0, 3), [2 * math.sin(k) for k in (1, 2, 3)], rtol=1e-15
    )


@pytest.mark.parametrize(("eps", "want"), [(1e-2, 26), (1e-6, 76), (1e-12, 152)])
def test_escape_from_the_plain_saddle(eps, want):
    h = np.diag([2.0, -2.0])
    got = first_step(
        SGD(lr=0.1),
        lambda w: h @ w,
        np.array([1.0, eps]),
        reached=lambda w: abs(w[1]) >= 1,
        max_steps=999,
    )
    exact = math.log(1 / eps) / math.log(1.2)
    assert got == want == math.ceil(exact)
    assert 0.1 < exact % 1 < 0.9


def test_on_the_axis_it_never_leaves():
    start = np.array([1.0, 0.0])
    assert steps_to_floor(SGD(lr=0.1), Saddle(), start, floor=-0.25) is None


def test_first_step_counts_from_zero():
    def count(w0, most=9):
        return first_step(
            SGD(lr=0.5),
            lambda w: -w,
            np.array([w0]),
            reached=lambda w: w[0] >= 1,
            max_steps=most,
        )

    assert (count(1.0), count(0.6), count(0.1), count(0.1, 5)) == (0, 2, 6, None)


def test_race_over_the_saddle_and_the_plateau():
    assert [*RACERS] == NAMES
    start, far = np.array([1.0, 1e-6]), np.array([4.0])
    leave = [steps_to_floor(o, Saddle(), start, floor=-0.25) for o in RACERS.values()]
    cross = [steps_to_floor(o, Plateau(), far, floor=0.0) for o in RACERS.values()]
    assert leave == [158, 231, 73, 10, 11]
    assert cross == [2236, 2280, 288, 22, 54]
    tuned = [
        (steps_to_floor(SGD(lr=lr), Saddle(), start, floor=-0.25)) for lr in (0.5, 0.9)
    ]
    assert tuned == [36, 22]
    assert steps_to_floor(SGD(lr=0.9), Plateau(), far, floor=0.0) == 250


@pytest.mark.parametrize("nudge", [-1e-12, 1e-12])
def test_counts_of_the_race_survive_a_tiny_nudge(nudge):
    start, far = np.array([1.0, 1e-6]) * (1 + nudge), np.array([4.0 + nudge])
    leave = [steps_to_floor(o, Saddle(), start, floor=-0.25) for o in RACERS.values()]
    cross = [steps_to_floor(o, Plateau(), far, floor=0.0) for o in RACERS.values()]
    assert leave == [158, 231, 73, 10, 11]
    assert cross == [2236, 2280, 288, 22, 54]


@pytest.mark.parametrize(
    ("name", "want"),
    list(zip(NAMES, [2212, 2270, 266, 15, 33], strict=True)),
)
def test_steps_until_the_edge_of_the_well(name, want):
    got = first_step(
        RACERS[name],
        Plateau().grad,
        np.array([4.0]),
        reached=lambda w: abs(w[0]) < 0.5,
        max_steps=3000,
    )
    assert got == want


@pytest.mark.parametrize("seed", range(8))
def test_training_ends_in_strict_minima_some_of_them_bad(seed):
    net = TinyNet(hidden=2, labels=XOR, lambd=0.04)
    start, end = settle(net, rng=np.random.default_rng(seed), steps=300)
    lam = np.linalg.eigvalsh(numerical_hessian(net.grad, start))
    assert lam[0] < -0.05
    assert lam[-1] > 0.05
    assert np.linalg.norm(net.grad(end)) < 1e-5
    assert np.linalg.eigvalsh(numerical_hessian(net.grad, end))[0] > 0.005
    right = int(np.sum((net.scores(end) > 0) == (XOR == 1)))
    cost = round(net.cost(end), 4)
    assert (cost, right) in ((0.2065, 4), (0.4537, 2))


def test_a_wider_net_has_no_bad_ending_here():
    net = TinyNet(hidden=3, labels=XOR, lambd=0.04)
    ends = [settle(net, rng=np.random.default_rng(s), steps=500)[1] for s in range(8)]
    assert max(np.linalg.norm(net.grad(end)) for end in ends) < 1e-5
    assert {round(net.cost(end), 4) for end in ends} == {0.1959, 0.2049}
    lowest = [np.linalg.eigvalsh(numerical_hessian(net.grad, end))[0] for end in ends]
    assert min(lowest) > 0.004
    assert all(((net.scores(end) > 0) == (XOR == 1)).all() for end in ends)


def test_goe_has_the_stated_variances():
    h = goe(3, 40_000, rng=np.random.default_rng(0))
    variance = (h**2).mean(axis=0)
    np.testing.assert_allclose(variance, (1 + np.eye(3)) / 2, rtol=0.04)
    np.testing.assert_array_equal(h, h.transpose(0, 2, 1))


CLOSED = {
    1: 0.5,
    2: (2 - math.sqrt(2)) / 4,
    3: (math.pi - 2 * math.sqrt(2)) / (4 * math.pi),
}


@pytest.mark.parametrize("n", CLOSED)
def test_probability_in_closed_form(n):
    assert all_positive_probability(n) == pytest.approx(CLOSED[n], rel=1e-12)


def all_pivots_positive(n, count, rng):
    """消元的主元全为正的频率：不求特征值，主元一变负就丢掉这个矩阵。"""
    a = rng.standard_normal((count, n, n))
    h = a + a.transpose(0, 2, 1)
    while h.shape[1]:
        h = h[h[:, 0, 0] > 0]
        if h.shape[1] == 1:
            break
        column = h[:, 1:, :1] / h[:, :1, :1]
        h = h[:, 1:, 1:] - column * h[:, :1, 1:]
    return len(h) / count


@pytest.mark.parametrize(("n", "count"), [(2, 50_000), (4, 200_000), (5, 400_000)])
def test_probability_agrees_with_elimination(n, count):
    p = all_positive_probability(n)
    seen = all_pivots_positive(n, count, np.random.default_rng(7))
    assert abs(seen - p) < 4 * math.sqrt(p * (1 - p) / count)


def test_probability_falls_faster_than_coins_and_slower_than_its_limit():
    log_p = [-math.log(all_positive_probability(n)) for n in range(1, 13)]
    n = np.arange(1, 13)
    assert (np.diff(log_p / n**2) < 0).all()
    assert (np.diff(log_p / n) > 0).all()
    assert log_p[-1] / 144 > math.log(3) / 4


def test_probability_by_integrating_the_density_on_a_grid():
    # n = 2 的联合密度 |λ₁ − λ₂| exp(−(λ₁² + λ₂²)/2) 在格点上求和
    x = np.linspace(-8, 8, 1601)
    one, two = np.meshgrid(x, x)
    density = np.abs(one - two) * np.exp(-(one**2 + two**2) / 2)
    inside = (np.minimum(one, two) > 0) + 0.5 * (np.minimum(one, two) == 0)
    want = (density * inside).sum() / density.sum()
    assert all_positive_probability(2) == pytest.approx(want, rel=1e-3)


@pytest.mark.parametrize(("shift", "share"), [(0.0, 0.5), (0.5, 0.1955), (1.1, 0.0)])
def test_shifted_spectrum_follows_the_semicircle(shift, share):
    h = goe(200, 1, rng=np.random.default_rng(3))[0] + shift * 20 * np.eye(200)
    seen = np.mean(np.linalg.eigvalsh(h) < 0)
    assert abs(seen - share) < 0.02
    exact = 0.5 - (math.asin(min(shift, 1)) / math.pi)
    exact -= min(shift, 1) * math.sqrt(1 - min(shift, 1) ** 2) / math.pi
    assert exact == pytest.approx(share, abs=1e-4)


@pytest.mark.parametrize("alpha", [0.1, 1.0])
def test_growth_of_momentum_is_the_root_of_its_equation(alpha):
    y, v, last = 1e-9, 0.0, 1.0
    for _ in range(200):
        v = 0.9 * v - 0.1 * y
        last, y = y, y - alpha * v
    total = 1.9 + 0.1 * alpha
    root = (total + math.sqrt(total**2 - 4 * 0.9)) / 2
    assert y / last == pytest.approx(root, rel=1e-9)
    assert root == pytest.approx({0.1: 1.0647, 1.0: 1.3162}[alpha], abs=1e-4)


@pytest.mark.parametrize("beta", [0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("pull", [1e-3, 0.1, 1.0, 30.0])  # α|λ|
def test_momentum_never_outgrows_gradient_descent_at_the_same_alpha(beta, pull):
    rho = 1 + pull
    left, right = (rho - 1) * (rho - beta), pull * (1 - beta) * rho
    assert left - right == pytest.approx(beta * pull**2, rel=1e-9)
    total = 1 + beta + pull * (1 - beta)
    assert 1 < (total + math.sqrt(total**2 - 4 * beta)) / 2 < rho


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: TinyNet(hidden=0, labels=XOR), ValueError, "hidden must be at least"),
        (lambda: TinyNet(hidden=2, labels=XOR[0]), ValueError, "labels must have"),
        (
            lambda: TinyNet(hidden=2, labels=XOR).cost(np.zeros(13)),
            ValueError,
            r"theta must have shape \(9,\), got \(13,\)",
        ),
        (lambda: small_start(0.1, 0), ValueError, "size must be at least 1"),
        (
            lambda: settle(TinyNet(hidden=2, labels=XOR), rng=0, steps=1),  # pyright: ignore
            TypeError,
            "rng must be",
        ),
        (
            lambda: settle(
                TinyNet(hidden=2, labels=XOR), rng=np.random.default_rng(0), steps=0
            ),
            ValueError,
            "steps must be at least 1",
        ),
        (
            lambda: first_step(
                SGD(lr=0.1),
                lambda w: w,
                np.ones(1),
                reached=lambda w: False,
                max_steps=0,
            ),
            ValueError,
            "max_steps must be at least 1",
        ),
        (lambda: goe(0, 1, rng=np.random.default_rng(0)), ValueError, "n must be at"),
        (lambda: goe(2, 0, rng=np.random.default_rng(0)), ValueError, "count must be"),
        (lambda: goe(2, 1, rng=1), TypeError, "rng must be"),  # pyright: ignore
        (lambda: all_positive_probability(0), ValueError, "n must be at least 1"),
        (lambda: all_positive_probability(13), ValueError, "n must be at most 12"),
    ],
)
def test_bad_input_names_the_argument(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_relabelling_the_hidden_units_gives_another_minimum_of_the_same_cost():
    net = TinyNet(hidden=2, labels=XOR, lambd=0.04)
    _, end = settle(net, rng=np.random.default_rng(4), steps=300)
    w1, b1, w2, b2 = np.split(end, [4, 6, 8])
    costs = []
    for order, signs in itertools.product(([0, 1], [1, 0]), ([1, 1], [1, -1])):
        s = np.array(signs)
        turned = (w1.reshape(2, 2)[order] * s[:, None]).ravel()
        moved = np.concatenate([turned, b1[order] * s, w2[order] * s, b2])
        costs.append(net.cost(moved))
    np.testing.assert_allclose(costs, net.cost(end), rtol=1e-12)


def test_the_last_step_allowed_counts_and_the_next_does_not():
    def halved(most):
        return first_step(
            SGD(lr=0.5),
            lambda w: w,
            np.ones(1),
            reached=lambda w: w[0] < 0.2,
            max_steps=most,
        )

    assert [halved(n) for n in (2, 3, 4)] == [None, 3, 3]


def test_the_floor_may_be_reached_at_step_3000_but_not_later():
    start = np.array([4.5])  # 平台上走 3000 步，还没有到井底
    path = descend(SGD(lr=1e-3), Plateau().grad, start, steps=3001)
    costs = [Plateau().cost(w) for w in path[-3:]]
    assert costs[0] - costs[1] > 1e-12
    floors = [(high + low) / 2 - 0.001 for high, low in itertools.pairwise(costs)]
    found = [steps_to_floor(SGD(lr=1e-3), Plateau(), start, floor=f) for f in floors]
    assert found == [3000, None]
