"""1.7 节的数字：与手算值、逐点闭式、梯度为零、抽样互相印证。"""

import numpy as np
import pytest
from oracles import complex_step_grad

from dlnotes_lib.activations import relu
from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.datasets import make_moons
from dlnotes_lib.dropout import dropout, dropout_linreg_loss
from dlnotes_lib.experiments.dropout import average_over_masks
from dlnotes_lib.experiments.understanding_dropout import (
    Contributions,
    Errors,
    accuracies,
    contributions,
    cost_curve,
    linreg_errors,
    linreg_solution,
    orthogonal_features,
    ridge_solution,
    train_linreg,
)
from dlnotes_lib.models import MLP
from dlnotes_lib.optimizers import SGD, Adam


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    return rng.standard_normal((3, 6)), rng.standard_normal((1, 6))


def test_closed_form_of_lesson_1_7(data):
    w = linreg_solution(*data, keep_prob=0.8)
    np.testing.assert_allclose(w, [[0.29753, 0.03311, -0.14634]], atol=5e-6)
    w = linreg_solution(*data, keep_prob=1)
    np.testing.assert_allclose(w, [[0.33816, 0.03614, -0.17758]], atol=5e-6)


@pytest.mark.parametrize("keep_prob", [0.3, 0.8, 1.0])
def test_the_expected_loss_is_flat_at_the_closed_form(keep_prob, data):
    x, y = data
    w = linreg_solution(x, y, keep_prob=keep_prob)
    grad = complex_step_grad(
        lambda v: dropout_linreg_loss(x, y, v, keep_prob=keep_prob), w
    )
    assert np.abs(grad).max() <= 1e-12


@pytest.mark.parametrize("lambd", [0, 4])
def test_the_ridge_loss_is_flat_at_the_ridge_solution(lambd, data):
    x, y = data

    def loss(w):
        e = y - w @ x
        return (e * e).sum() + lambd * (w * w).sum()

    grad = complex_step_grad(loss, ridge_solution(x, y, lambd=lambd))
    assert np.abs(grad).max() <= 1e-12


@pytest.mark.parametrize("copies", [1, 2, 4])
def test_copies_of_a_feature_share_the_work_evenly(copies):
    w = linreg_solution(np.ones((copies, 5)), np.ones((1, 5)), keep_prob=0.5)
    np.testing.assert_allclose(w, np.full((1, copies), 1 / (copies + 1)), rtol=1e-12)


def test_training_with_real_masks_ends_around_the_closed_form(data):
    x, y = data
    rng = np.random.default_rng(1)
    path = train_linreg(x, y, keep_prob=0.8, lr=0.01, steps=10_000, rng=rng)[1000:]
    target = linreg_solution(x, y, keep_prob=0.8)[0]
    np.testing.assert_allclose(path.mean(axis=0), target, atol=0.005)
    plain = linreg_solution(x, y, keep_prob=1)[0]
    assert np.abs(path.mean(axis=0) - plain).max() > 0.02
    assert path.std(axis=0).min() > 0.005  # 它不停在那里，只是绕着转


def test_train_linreg_follows_the_gradient_of_the_mean_square(data):
    x, y = data
    path = train_linreg(
        x, y, keep_prob=1, lr=0.1, steps=2, rng=np.random.default_rng(0)
    )
    first = 0.1 * 2 / 6 * (y @ x.T)[0]
    np.testing.assert_allclose(path[0], first, rtol=1e-12)
    second = first - 0.1 * 2 / 6 * ((first @ x - y) @ x.T)[0]
    np.testing.assert_allclose(path[1], second, rtol=1e-12)


def test_orthogonal_features_contribute_equally():
    x, y = orthogonal_features()
    np.testing.assert_allclose(x @ x.T, np.diag([36, 4, 4 / 9]), atol=1e-12)
    w = linreg_solution(x, y, keep_prob=1)[0]
    np.testing.assert_allclose(w * np.array([3, 1, 1 / 3]), 1, rtol=1e-12)


def test_dropout_shrinks_all_contributions_alike_and_ridge_the_small_ones_first():
    s = np.array([0.0, 0.25, 1.0, 10.0])
    both = contributions(s)
    assert isinstance(both, Contributions)
    for j, energy in enumerate([9, 1, 1 / 9]):
        np.testing.assert_allclose(both.dropout[:, j], 1 / (1 + s), rtol=1e-12)
        np.testing.assert_allclose(both.ridge[:, j], energy / (energy + s), rtol=1e-12)


def test_standardized_features_turn_dropout_into_plain_ridge(rng):
    x, y = rng.standard_normal((3, 50)), rng.standard_normal((1, 50))
    x = (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)
    np.testing.assert_allclose(
        linreg_solution(x, y, keep_prob=0.8),
        ridge_solution(x, y, lambd=50 * 0.25),
        rtol=1e-10,
    )


def test_repeating_the_data_changes_ridge_but_not_dropout(data):
    many = [np.tile(v, 100) for v in data]
    np.testing.assert_allclose(
        linreg_solution(*many, keep_prob=0.8),
        linreg_solution(*data, keep_prob=0.8),
        rtol=1e-10,
    )
    change = ridge_solution(*many, lambd=4) - ridge_solution(*data, lambd=4)
    assert np.abs(change).max() > 0.05


def test_errors_train_rises_and_test_dips_as_less_is_kept():
    p = np.array([1.0, 0.8, 0.5, 0.1])
    errors = linreg_errors(p, repeats=100, rng=np.random.default_rng(0))
    assert isinstance(errors, Errors)
    train, test = errors
    assert (np.diff(train) > 0).all()
    assert train[0] < 0.25  # 低于噪声：把噪声也学了进去
    assert test[1] < 0.65 < 0.9 < test[0]
    assert test[1] < test[2] < test[3]


def test_least_squares_errors_follow_the_textbook_formulas():
    # 30 个参数、40 个样本：训练 σ²(1 − n/m)，新样本 σ²(1 + n/(m − n − 1))
    p, rng = np.array([1.0]), np.random.default_rng(0)
    train, test = linreg_errors(p, repeats=2000, rng=rng)
    assert train[0] == pytest.approx(0.25 * (1 - 30 / 40), rel=0.03)
    assert test[0] == pytest.approx(0.25 * (1 + 30 / 9), rel=0.1)


def curve(keep_prob, **kwargs):
    rng = np.random.default_rng(0)
    return cost_curve(keep_prob, steps=200, rng=rng, **kwargs)


def test_the_cost_falls_every_step_only_without_dropout():
    assert (np.diff(curve(1)) < 0).all()
    for keep_prob in (0.8, 0.5):
        cost = curve(keep_prob)
        assert 0.4 < np.mean(np.diff(cost) > 0) < 0.6
        assert cost[-20:].mean() < 0.7 * cost[:20].mean()


def test_dropout_hides_a_flipped_gradient_that_keep_prob_one_shows():
    def flip(name):
        return lambda grads: {**grads, name: -grads[name]}

    for change in (dict, flip("W2"), flip("W1")):
        noisy = curve(0.5, change=change)
        assert 0.4 < np.mean(np.diff(noisy) > 0) < 0.6
        assert noisy[-20:].mean() < noisy[:20].mean()
    assert np.mean(np.diff(curve(1, change=flip("W2"))) > 0) > 0.4
    assert (np.diff(curve(1, change=flip("W1"))) < 0).all()  # 这一处它抓不住


def test_dropout_lowers_the_training_and_raises_the_dev_accuracy():
    def mean_of(keep_prob):
        runs = [
            accuracies(keep_prob, rng=np.random.default_rng(seed)) for seed in range(5)
        ]
        return np.mean(runs, axis=0)

    without, with_dropout = mean_of(1), mean_of(0.5)
    assert without[0] - with_dropout[0] > 0.04
    assert with_dropout[1] - without[1] > 0.01


@pytest.mark.parametrize("keep_prob", [0.5, 0.8])
def test_the_full_net_is_the_geometric_mean_of_its_subnets(keep_prob, rng):
    w, a = rng.standard_normal((2, 8))

    def log_sigmoid(z):
        return -np.log1p(np.exp(-z))

    one, zero = (
        average_over_masks(
            lambda t, s=s: log_sigmoid(s * (w @ t)), a, keep_prob=keep_prob
        )
        for s in (1, -1)
    )
    mean = np.exp(one) / (np.exp(one) + np.exp(zero))
    assert mean == pytest.approx(1 / (1 + np.exp(-(w @ a))), rel=1e-12)


def test_the_logistic_penalty_is_half_the_fisher_weighted_variance():
    w, x, p = np.array([0.5, -1.0, 0.8]), np.array([1.0, 0.5, -1.0]), 0.9

    def extra(scale):
        def f(t):
            return np.log1p(np.exp(scale * (w @ t)))

        exact = average_over_masks(f, x, keep_prob=p) - f(x)
        s = 1 / (1 + np.exp(-scale * (w @ x)))
        variance = (1 - p) / p * scale**2 * float((w**2 * x**2).sum())
        return exact, s * (1 - s) * variance / 2

    exact, approx = extra(1.0)
    assert exact == pytest.approx(approx, rel=0.05)
    exact, approx = extra(0.1)
    assert exact == pytest.approx(approx, rel=0.005)
    exact, approx = extra(3.0)
    assert abs(exact / approx - 1) > 0.3  # 方差大了就不准


def test_the_variance_entering_the_next_layer_shifts():
    rng = np.random.default_rng(0)
    a, _ = relu(rng.standard_normal((256, 4000)))
    w = rng.standard_normal((1, 256))
    noisy, _ = dropout(a, keep_prob=0.5, rng=rng)
    ratio = (1 - 1 / (2 * np.pi)) / (1 / 2 - 1 / (2 * np.pi))
    assert (w @ noisy).var() / (w @ a).var() == pytest.approx(ratio, rel=0.05)


R = np.random.default_rng(0)
X, Y = np.ones((2, 3)), np.ones((1, 3))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: linreg_solution(X, Y.T, keep_prob=0.5), ShapeError, r"y must have shape \(1, 3\)"),
        (lambda: linreg_solution(X, Y, keep_prob=0), ValueError, r"keep_prob must be in \(0, 1\]"),
        (lambda: linreg_solution(X * np.nan, Y, keep_prob=0.5), ValueError, "x must be finite"),
        (lambda: ridge_solution(X, Y * np.inf, lambd=1), ValueError, "y must be finite"),
        (lambda: ridge_solution(X, Y, lambd=-1), ValueError, r"lambd must be in \[0, inf\)"),
        (lambda: train_linreg(X, Y, keep_prob=0.5, lr=0, steps=1, rng=R), ValueError, r"lr must be in \(0, inf\)"),
        (lambda: train_linreg(X, Y, keep_prob=0.5, lr=1, steps=0, rng=R), ValueError, "steps must be at least 1"),
        (lambda: contributions(np.array([-1.0])), ValueError, r"strength must be in \[0, inf\)"),
        (lambda: contributions(np.ones((1, 1))), ShapeError, "strengths must have shape"),
        (lambda: linreg_errors(np.array([0.0]), repeats=1, rng=R), ValueError, "keep_prob must be in"),
        (lambda: linreg_errors(np.array([1.0]), repeats=0, rng=R), ValueError, "repeats must be at least 1"),
        (lambda: linreg_errors(np.array([1.0]), repeats=1, rng=None), TypeError, "rng must be"),  # pyright: ignore
        (lambda: cost_curve(0, steps=1, rng=R), ValueError, "keep_prob must be in"),
        (lambda: cost_curve(1, steps=0, rng=R), ValueError, "steps must be at least 1"),
        (lambda: accuracies(0.5, rng=0), TypeError, "rng must be"),  # pyright: ignore
    ],
)  # fmt: skip
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def naive_run(keep_prob, steps, optimizer, rng, dev=0):
    """同样的次序抽数、训练，照写一遍：代价，与两份数据上的准确率。"""
    parts = [make_moons(m, noise=0.35, rng=rng) for m in (100, dev) if m]
    model = MLP(sizes=(2, 64, 64, 1), loss="bce", keep_prob=keep_prob)
    params, costs = model.init(rng), []
    states = {name: optimizer.init(w) for name, w in params.items()}
    for _ in range(steps):
        cost, grads = model.loss_and_grad(params, *parts[0], rng=rng)
        costs.append(cost)
        for name, g in grads.items():
            params[name], states[name] = optimizer.update(params[name], g, states[name])
    right = [np.mean((model.scores(params, x) > 0) == (y == 1)) for x, y in parts]
    return costs, right


def test_the_two_experiments_are_plain_training_loops():
    _, right = naive_run(0.5, 150, Adam(lr=0.03), np.random.default_rng(7), dev=2000)
    assert accuracies(0.5, rng=np.random.default_rng(7)) == pytest.approx(right)
    costs, _ = naive_run(0.8, 3, SGD(lr=0.02), np.random.default_rng(7))
    curve = cost_curve(0.8, steps=3, rng=np.random.default_rng(7))
    assert curve == pytest.approx(costs)
