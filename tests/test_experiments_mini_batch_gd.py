"""2.1 节的数字：与闭式、手算值、照公式另写的一遍互相印证。"""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.datasets import make_moons
from dlnotes_lib.experiments.mini_batch_gd import (
    NET,
    course_ridge_loss,
    fit,
    in_order,
    one_pass,
    penalized,
    ridge_loss,
    ridge_weights,
    settled,
    share_of_ones,
    squared_loss,
    two_features,
)
from dlnotes_lib.minibatch import epochs, iterate
from dlnotes_lib.optimizers import SGD
from dlnotes_lib.train import train

FOUR = np.array([[1.0, 2.0, 3.0, 4.0]])


def rng(seed=0):
    return np.random.default_rng(seed)


def test_two_features_are_correlated_and_only_the_first_matters():
    x, y = two_features(40_000, rng=rng())
    assert np.mean(x[0] * x[1]) == pytest.approx(0.6, abs=0.02)
    np.testing.assert_allclose(x.std(axis=1), 1, atol=0.02)
    np.testing.assert_allclose(ridge_weights(x, y, lambd=0.0), [[2, 0]], atol=0.02)
    assert np.std(y - 2 * x[:1]) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("size", [1, 3, 7])
def test_squared_loss_is_the_mean_over_the_batch_and_its_gradient(size):
    x, y = two_features(size, rng=rng())
    w = np.array([[0.5, -1.5]])
    loss, grads = squared_loss({"w": w}, x, y)
    naive = sum((w[0] @ x[:, i] - y[0, i]) ** 2 / 2 for i in range(size)) / size
    assert loss == pytest.approx(naive, rel=1e-12)
    for k in range(2):
        h = np.zeros((1, 2))
        h[0, k] = 1e-6
        up, down = (squared_loss({"w": w + s * h}, x, y)[0] for s in (1, -1))
        assert grads["w"][0, k] == pytest.approx((up - down) / 2e-6, rel=1e-6)


def test_ridge_divides_the_penalty_by_the_training_set_and_the_course_by_the_batch():
    w, x, y = np.array([[3.0]]), FOUR[:, :2], 2 * FOUR[:, :2]
    data, data_grad = squared_loss({"w": w}, x, y)
    loss, grads = ridge_loss({"w": w}, x, y, lambd=5.0, m=4)
    assert loss - data == pytest.approx(5 / (2 * 4) * 9)
    assert (grads["w"] - data_grad["w"]).item() == pytest.approx(5 / 4 * 3)
    loss, grads = course_ridge_loss({"w": w}, x, y, lambd=5.0)
    assert loss - data == pytest.approx(5 / (2 * 2) * 9)
    assert (grads["w"] - data_grad["w"]).item() == pytest.approx(5 / 2 * 3)


@pytest.mark.parametrize(("size", "want"), [(4, 60 / 33), (2, 60 / 36), (1, 60 / 42)])
def test_the_course_form_strengthens_the_penalty_m_over_b_times(size, want):
    data = FOUR, 2 * FOUR
    assert ridge_weights(*data, lambd=3 * 4 / size).item() == pytest.approx(want)
    run = partial(settled, data=data, size=size, steps=800, lr=0.005)
    course = run(partial(course_ridge_loss, lambd=3), rng=rng())
    right = run(partial(ridge_loss, lambd=3, m=4), rng=rng())
    assert course.item() == pytest.approx(want, abs=0.006)
    assert right.item() == pytest.approx(60 / 33, abs=0.003)


def test_ridge_weights_are_where_the_gradient_vanishes():
    x, y = two_features(30, rng=rng())
    w = ridge_weights(x, y, lambd=7.0)
    _, grads = ridge_loss({"w": w}, x, y, lambd=7.0, m=30)
    np.testing.assert_allclose(grads["w"], 0, atol=1e-12)


def test_batch_size_no_longer_matters_when_the_penalty_is_divided_by_m():
    data = two_features(1024, rng=rng())
    whole = ridge_weights(*data, lambd=32)
    loss = partial(ridge_loss, lambd=32, m=1024)
    for size in (4, 64):
        w = settled(loss, data, size=size, steps=600, lr=0.1, rng=rng())
        np.testing.assert_allclose(w, whole, atol=0.05)


@pytest.mark.parametrize("seed", range(3))
def test_one_pass_in_mini_batches_beats_the_best_single_step(seed):
    x, y = two_features(1000, rng=rng(seed))
    mini = one_pass(x, y, size=64, lr=0.5, rng=rng(seed))
    full = one_pass(x, y, size=1000, lr=0.5, rng=rng(seed))
    assert mini.shape == (17, 2)
    np.testing.assert_allclose(full, [[0, 0], 0.5 * (y @ x.T)[0] / 1000], rtol=1e-12)
    g, h = full[1] / 0.5, x @ x.T / 1000
    best = g * (g @ g) / (g @ h @ g)  # 沿这个方向的精确步长
    cost = [squared_loss({"w": w[None]}, x, y)[0] for w in (mini[-1], best, full[1])]
    assert cost[0] < 0.5 * cost[1] < 0.5 * cost[2]


def test_one_pass_follows_the_order_of_its_generator():
    x, y = two_features(10, rng=rng())
    got = one_pass(x, y, size=4, lr=0.1, rng=rng(3))
    order, w = rng(3).permutation(10), np.zeros(2)
    for chosen in (order[:4], order[4:8], order[8:]):
        w = w - 0.1 * (w @ x[:, chosen] - y[0, chosen]) @ x[:, chosen].T / chosen.size
    np.testing.assert_allclose(got[-1], w, rtol=1e-12)


def test_settled_averages_the_second_half_of_whole_epochs():
    # 4 个样本、每批 3 个：一轮 2 步，3 步凑成 4 步；取第 3、4 步的平均
    data = np.ones((1, 4)), np.full((1, 4), 8.0)
    got = settled(squared_loss, data, size=3, steps=3, lr=0.5, rng=rng())
    assert got.item() == pytest.approx((7 + 7.5) / 2)


def test_the_network_divides_its_own_penalty_by_the_batch_and_penalized_by_m():
    params, x, y = NET.init(rng()), rng(1).standard_normal((2, 5)), np.ones((1, 5))
    loss, plain = NET.loss_and_grad(params, x, y, rng=rng())
    squares = sum((params[k] ** 2).sum() for k in ("W1", "W2"))
    got, grads = penalized(NET, lambd=3.0, m=50, rng=rng())(params, x, y)
    assert got - loss == pytest.approx(3 / (2 * 50) * squares)
    own, trap = replace(NET, lambd=3.0).loss_and_grad(params, x, y, rng=rng())
    assert own - loss == pytest.approx(3 / (2 * 5) * squares)
    for name, w in params.items():
        weight = name[0] == "W"
        np.testing.assert_allclose(grads[name] - plain[name], weight * 3 / 50 * w)
        np.testing.assert_allclose(trap[name] - plain[name], weight * 3 / 5 * w)
    mended, mended_grads = replace(NET, lambd=3.0 * 5 / 50).loss_and_grad(
        params, x, y, rng=rng()
    )
    assert mended == pytest.approx(got)
    for name in params:
        np.testing.assert_allclose(mended_grads[name], grads[name])


def test_in_order_never_shuffles():
    x, y = two_features(5, rng=rng())
    batches = list(in_order(x, y, size=2, count=2))
    assert [by.shape[1] for _, by in batches] == [2, 2, 1] * 2
    for start in (0, 3):
        joined = [
            np.concatenate(part, axis=1)
            for part in zip(*batches[start : start + 3], strict=True)
        ]
        np.testing.assert_array_equal(joined[0], x)
        np.testing.assert_array_equal(joined[1], y)


def test_a_fixed_order_settles_off_the_mean_by_hand():
    # w ← (w + y)/2，次序 0、0、1、1：一轮 w → w/16 + 3/4，不动点 0.8
    x, y = np.ones((1, 4)), np.array([[0.0, 0.0, 1.0, 1.0]])
    start = {"w": np.array([[0.5]])}
    *_, last = train(start, squared_loss, in_order(x, y, size=1, count=30), SGD(lr=0.5))
    assert last.params["w"].item() == pytest.approx(0.8)


@pytest.mark.parametrize("seed", range(3))
def test_sorted_data_swing_and_shuffled_data_do_not(seed):
    x, y = make_moons(1000, noise=0.2, rng=rng(seed))
    by_label = np.argsort(y[0], kind="stable")
    x, y = x[:, by_label], y[:, by_label]
    swings = []
    for batches in (
        in_order(x, y, size=50, count=5),
        epochs(x, y, size=50, count=5, rng=rng(seed)),
    ):
        last = fit(batches, rng=rng(seed))[80:]
        share = [share_of_ones(step.params, x) for step in last]
        swings.append(max(share) - min(share))
    assert swings[0] > 0.25
    assert swings[1] < 0.12


@pytest.mark.parametrize("seed", range(3))
def test_torn_pairs_leave_the_loss_at_ln_2(seed):
    x, y = make_moons(1000, noise=0.2, rng=rng(seed))
    r = rng(seed)
    torn = [
        batch
        for _ in range(10)
        for batch in iterate(x, y[:, r.permutation(1000)], size=16, rng=r)
    ]
    right = epochs(x, y, size=16, count=10, rng=r)
    ends = []
    for batches in (torn, right):
        steps = fit(batches, rng=rng(seed))
        ends.append(np.mean([step.loss for step in steps[-63:]]))
    assert ends[0] == pytest.approx(np.log(2), abs=0.02)
    assert ends[1] < 0.25


@pytest.mark.parametrize("seed", range(4))
def test_more_steps_on_the_same_data_get_further(seed):
    x, y = make_moons(1000, noise=0.2, rng=rng())
    costs = []
    for size in (1000, 64, 8):
        steps = fit(epochs(x, y, size=size, count=10, rng=rng(seed)), rng=rng(9 + seed))
        costs.append(NET.cost(steps[-1].params, x, y))
    assert costs[0] > costs[1] + 0.03 > costs[2] + 0.06


def test_inputs_are_left_alone():
    x, y = two_features(10, rng=rng())
    w = np.ones((1, 2))
    before = x.copy(), y.copy(), w.copy()
    ridge_loss({"w": w}, x, y, lambd=1.0, m=10)
    ridge_weights(x, y, lambd=1.0)
    one_pass(x, y, size=4, lr=0.1, rng=rng())
    for now, old in zip((x, y, w), before, strict=True):
        np.testing.assert_array_equal(now, old)


W = {"w": np.zeros((1, 1))}
BAD = [
    (lambda: two_features(0, rng=rng()), ValueError, "m must be at least 1"),
    (lambda: two_features(5, rng=0), TypeError, "rng must be"),  # pyright: ignore
    (lambda: squared_loss(W, FOUR, FOUR.T), ShapeError, "y must have shape"),
    (lambda: squared_loss(W, FOUR.T, FOUR), ShapeError, "w'] must have shape"),
    (lambda: ridge_loss(W, FOUR, FOUR, lambd=-1, m=4), ValueError, "lambd must be"),
    (lambda: ridge_loss(W, FOUR, FOUR, lambd=1, m=0), ValueError, "m must be"),
    (lambda: course_ridge_loss(W, FOUR, FOUR, lambd=-1), ValueError, "lambd must"),
    (lambda: ridge_weights(FOUR, FOUR, lambd=-1), ValueError, "lambd must be"),
    (lambda: ridge_weights(FOUR, FOUR.T, lambd=1), ShapeError, "y must have"),
    (lambda: one_pass(FOUR, FOUR, size=0, lr=1, rng=rng()), ValueError, "size must"),
    (
        lambda: settled(squared_loss, (FOUR, FOUR), size=1, steps=0, lr=1, rng=rng()),
        ValueError,
        "steps must be",
    ),
    (
        lambda: penalized(replace(NET, lambd=1.0), lambd=1, m=4, rng=rng()),
        ValueError,
        "model must have lambd 0, got 1.0",
    ),
    (lambda: next(in_order(FOUR, FOUR, size=0, count=1)), ValueError, "size must"),
    (lambda: next(in_order(FOUR, FOUR, size=1, count=0)), ValueError, "count must"),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD)
def test_bad_input_names_the_argument(call, error, message):
    with pytest.raises(error, match=message):
        call()
