"""3.9 节的数字：与手算值、闭式、逐样本的朴素写法、复步微分互相印证。"""

import math
from functools import cache

import numpy as np
import pytest
from oracles import complex_step_grad, rel_error

from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.datasets import load_digits_split
from dlnotes_lib.experiments.training_softmax import (
    Fit,
    accuracy,
    best_gap,
    descend,
    example_losses,
    mean_differences,
    recovery,
    smoothed_loss,
    squared_error,
    two_class,
)
from dlnotes_lib.losses import one_hot, soft_cross_entropy, softmax_cross_entropy
from dlnotes_lib.splits import Part

ZERO = np.zeros((10, 64))


@cache
def digits():
    return load_digits_split(rng=np.random.default_rng(0))


@cache
def trained():
    x, y = digits().train
    return descend(x, y, softmax_cross_entropy, w=ZERO, lr=0.5, steps=500)


def naive_descend(x, y, w, lr, steps):
    """逐样本、逐分量照公式写，不用矩阵乘法。"""
    (n, m), classes = x.shape, len(w)
    w, b = [list(row) for row in w.tolist()], [0.0] * classes
    losses = []
    for _ in range(steps):
        total = 0.0
        dw, db = np.zeros((classes, n)), np.zeros(classes)
        for i in range(m):
            column = x[:, i].tolist()
            t = [
                math.exp(sum(p * q for p, q in zip(w[k], column, strict=True)) + b[k])
                for k in range(classes)
            ]
            total -= math.log(t[y[i]] / sum(t)) / m
            for k in range(classes):
                d = (t[k] / sum(t) - (k == y[i])) / m
                db[k] += d
                dw[k] += d * x[:, i]
        w = (np.array(w) - lr * dw).tolist()
        b = (np.array(b) - lr * db).tolist()
        losses.append(total)
    return w, b, losses


def test_descend_matches_a_naive_transcription(rng):
    x, y = rng.standard_normal((3, 7)), rng.integers(4, size=7)
    start = rng.standard_normal((4, 3))
    fit = descend(x, y, softmax_cross_entropy, w=start, lr=0.7, steps=5)
    w, b, losses = naive_descend(x, y, start, 0.7, 5)
    np.testing.assert_allclose(fit.w, w, rtol=1e-12)
    np.testing.assert_allclose(fit.b[:, 0], b, rtol=1e-12)
    np.testing.assert_allclose(fit.losses, losses, rtol=1e-12)


def test_descend_leaves_the_start_alone():
    x, y, w = np.ones((2, 3)), np.array([0, 1, 1]), np.zeros((2, 2))
    descend(x, y, softmax_cross_entropy, w=w, lr=1.0, steps=2)
    assert not w.any()


def test_digits_reach_the_published_band():
    fit, (train, dev, test) = trained(), digits()
    assert fit.losses[0] == pytest.approx(math.log(10), rel=1e-12)
    assert 0.16 < fit.losses[-1] < 0.19
    assert (np.diff(fit.losses) < 0).all()
    assert accuracy(fit, train) == pytest.approx(0.967, abs=0.01)
    assert accuracy(fit, dev) == pytest.approx(0.960, abs=0.01)
    assert accuracy(fit, test) == pytest.approx(0.967, abs=0.01)


@pytest.mark.parametrize("part", range(3))
def test_no_digit_is_so_close_to_a_tie_that_rounding_could_turn_it(part):
    fit = trained()
    scores = np.sort(fit.w @ digits()[part].x + fit.b, axis=0)
    assert (scores[-1] - scores[-2]).min() > 1e-6


def test_the_first_step_writes_class_means_into_the_rows():
    x, y = digits().train
    fit = descend(x, y, softmax_cross_entropy, w=ZERO, lr=0.5, steps=1)
    for k in range(10):
        share, mean = (y == k).mean(), x[:, y == k].mean(axis=1)
        want = 0.5 * (share * mean - x.mean(axis=1) / 10)
        np.testing.assert_allclose(fit.w[k], want, atol=1e-14)


def test_templates_resemble_the_differences_more_than_the_digits():
    x, y = digits().train
    differences = mean_differences(x, y, classes=10)
    for k, row in enumerate(trained().w):
        means = [x[:, y == j].mean(axis=1) for j in range(10)]
        np.testing.assert_allclose(differences[k], means[k] - x.mean(axis=1))
        r = [np.corrcoef(row, d)[0, 1] for d in differences]
        assert np.argmax(r) == k
        assert r[k] > 0.85 > 0.7 > np.corrcoef(row, means[k])[0, 1]


def test_rows_keep_summing_to_zero():
    np.testing.assert_allclose(trained().w.sum(axis=0), 0, atol=1e-12)


def test_example_losses_average_to_the_loss_and_pick_the_label():
    fit, part = trained(), digits().dev
    losses = example_losses(fit, part)
    want = softmax_cross_entropy(fit.w @ part.x + fit.b, part.y)[0]
    assert losses.mean() == pytest.approx(want, rel=1e-12)
    z = fit.w @ part.x[:, 7] + fit.b[:, 0]
    p = math.exp(z[part.y[7]]) / sum(math.exp(v) for v in z)
    assert losses[7] == pytest.approx(-math.log(p), rel=1e-9)


def test_the_six_hardest_digits_are_wrong_and_their_order_is_not_a_tie():
    fit, part = trained(), digits().dev
    losses = example_losses(fit, part)
    order = np.argsort(-losses)
    answer = (fit.w @ part.x + fit.b).argmax(axis=0)
    assert (answer[order[:6]] != part.y[order[:6]]).all()
    assert (-np.diff(losses[order[:7]])).min() > 1e-6


def test_accuracy_counts_the_bias():
    fit = Fit(np.zeros((2, 1)), np.array([[0.0], [1.0]]), np.zeros(1))
    assert accuracy(fit, Part(np.ones((1, 4)), np.array([1, 0, 1, 1]))) == 0.75


def test_squared_error_is_half_the_mean_square_and_its_gradient_is_right(rng):
    z, y = rng.standard_normal((3, 4)), one_hot(np.array([0, 2, 1, 2]), 3)
    a = np.exp(z) / np.exp(z).sum(axis=0)
    loss, dz = squared_error(z, y)
    assert loss == pytest.approx(((a - y) ** 2).sum() / 8, rel=1e-12)

    def cost(v):
        p = np.exp(v) / np.exp(v).sum(axis=0)
        return ((p - y) ** 2).sum() / 8

    assert rel_error(dz, complex_step_grad(cost, z)) < 1e-12


@pytest.mark.parametrize(("gap", "steps"), [(2, 5), (4, 19), (6, 108), (8, 755)])
def test_squared_error_is_slow_where_cross_entropy_is_not(gap, steps):
    g, t = float(gap), 0
    while g >= 0:  # 只走打分的差：每步减去 4p(1 − p)²
        p = 1 / (1 + math.exp(g))
        g, t = g - 4 * p * (1 - p) ** 2, t + 1
    assert t == steps
    for loss, want in ((squared_error, steps), (soft_cross_entropy, gap // 2 + 1)):
        path = recovery(loss, gap=gap, lr=1.0, steps=1000)
        assert path[0] == pytest.approx(1 / (1 + math.exp(gap)))
        assert (path > 0.5).argmax() == want
        assert abs(path[[want - 1, want]] - 0.5).min() > 1e-3  # 不是险胜


def test_two_class_curves_are_the_closed_forms():
    p = np.array([0.9, 0.3, 1e-3])
    value, slope = two_class(soft_cross_entropy, p)
    np.testing.assert_allclose(value, -np.log(p), rtol=1e-12)
    np.testing.assert_allclose(slope, 1 - p, rtol=1e-12)
    value, slope = two_class(squared_error, p)
    np.testing.assert_allclose(value, (1 - p) ** 2, rtol=1e-12)
    np.testing.assert_allclose(slope, 2 * p * (1 - p) ** 2, rtol=1e-9)


@pytest.mark.parametrize(("classes", "floor"), [(4, 0.3488), (10, 0.5003)])
def test_smoothing_has_its_lowest_loss_where_it_should(classes, floor):
    best = best_gap(classes=classes, smoothing=0.1)
    near = smoothed_loss(
        best + np.array([-0.1, 0, 0.1]), classes=classes, smoothing=0.1
    )
    assert near[1] == pytest.approx(floor, abs=5e-5)
    assert near[1] < min(near[0], near[2])
    # 那里的概率恰是平滑的标签
    assert math.exp(best) == pytest.approx((0.9 + 0.1 / classes) / (0.1 / classes))


def test_without_smoothing_the_loss_keeps_falling():
    gaps = np.linspace(0, 30, 31)
    losses = smoothed_loss(gaps, classes=3, smoothing=0.0)
    np.testing.assert_allclose(losses, np.log1p(2 * np.exp(-gaps)), atol=1e-14)
    assert (np.diff(losses) < 0).all()


def stuck(loss, *, lr, seed):
    x, y = digits().train
    start = np.random.default_rng(seed).standard_normal((10, 64))
    fit = descend(x, one_hot(y, 10), loss, w=start, lr=lr, steps=200)
    return (example_losses(fit, digits().train) > math.log(100)).mean()


@pytest.mark.parametrize("seed", range(3))
def test_from_a_bad_start_squared_error_stays_stuck_at_the_same_rate(seed):
    assert stuck(soft_cross_entropy, lr=0.5, seed=seed) < 0.01
    assert stuck(squared_error, lr=0.5, seed=seed) > 0.15


def test_a_larger_rate_frees_most_but_not_all_starts():
    shares = [stuck(squared_error, lr=10.0, seed=seed) for seed in range(3)]
    assert shares[0] > 0.08
    assert max(shares[1:]) < 0.01


def test_from_zero_squared_error_learns_too():
    x, y = digits().train
    fit = descend(x, one_hot(y, 10), squared_error, w=ZERO, lr=0.5, steps=300)
    assert accuracy(fit, digits().dev) > 0.85


@pytest.mark.parametrize("power", [-1, 0, 1])
def test_a_wrong_factor_m_hides_in_the_accuracy_whatever_the_last_bits(power):
    x, y = digits().train
    lr, bands = 0.5 * y.size**power, {-1: (0.71, 0.8), 0: (0.91, 1), 1: (0.94, 1)}
    low, high = bands[power]
    for seed in range(3):  # 漏除的一行步子极大：起点差一点点，准确率仍在带内
        w = 1e-9 * np.random.default_rng(seed).standard_normal((10, 64))
        fit = descend(x, y, softmax_cross_entropy, w=w, lr=lr, steps=100)
        assert low < accuracy(fit, digits().dev) < high


def test_twenty_digits_are_learnt_by_heart():
    x, y = (part[..., :20] for part in digits().train)
    fit = descend(x, y, softmax_cross_entropy, w=ZERO, lr=0.5, steps=500)
    assert 0.01 < fit.losses[-1] < 0.02
    assert accuracy(fit, Part(x, y)) == 1


X, Y = np.ones((2, 3)), np.array([0, 1, 1])
BAD = {
    "steps": (
        lambda: descend(X, Y, softmax_cross_entropy, w=np.zeros((2, 2)), lr=1, steps=0),
        ValueError,
        "steps must be",
    ),
    "lr": (
        lambda: descend(X, Y, softmax_cross_entropy, w=np.zeros((2, 2)), lr=0, steps=1),
        ValueError,
        "lr must be in",
    ),
    "w": (
        lambda: descend(X, Y, softmax_cross_entropy, w=np.zeros((2, 3)), lr=1, steps=1),
        ShapeError,
        "w must have shape",
    ),
    "y": (
        lambda: squared_error(np.zeros((2, 3)), np.zeros((3, 2))),
        ShapeError,
        "y must have shape",
    ),
    "recovery": (
        lambda: recovery(squared_error, gap=1, lr=1, steps=0),
        ValueError,
        "steps must be",
    ),
    "smoothing": (
        lambda: best_gap(classes=4, smoothing=0.0),
        ValueError,
        "smoothing must be in",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), BAD.values(), ids=BAD.keys())
def test_bad_input_names_the_argument(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_the_bias_starts_at_zero_and_keeps_its_sum():
    x, y = np.array([[1.0, -2.0, 0.5]]), np.eye(3)[:, [0, 2, 1]]
    fit = descend(x, y, soft_cross_entropy, w=np.zeros((3, 1)), lr=0.3, steps=1)
    assert fit.b.ravel() == pytest.approx(0.3 * (y - 1 / 3).mean(axis=1))
