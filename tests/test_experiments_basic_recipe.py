"""1.3 节的数字：学习曲线与闭式、帽子矩阵、逐个训练集的写法一致；流程一轮一轮走得通。"""

import math

import numpy as np
import pytest

from dlnotes_lib.datasets import make_moons
from dlnotes_lib.diagnostics import diagnose, recipe
from dlnotes_lib.dropout import dropout
from dlnotes_lib.experiments.basic_recipe import (
    MIDDLES,
    NOISE,
    ROUNDS,
    Curve,
    Round,
    learning_curve,
    moons_bayes_error,
    moons_errors,
)
from dlnotes_lib.experiments.bias_variance import SIGMA
from dlnotes_lib.regularization import soft_threshold

FLOOR = SIGMA**2
LINE = 0.5 - 3 / math.pi**2 + FLOOR


@pytest.fixture(scope="module")
def line() -> Curve:
    return learning_curve(1, [15, 60, 2000], repeats=300)


@pytest.fixture(scope="module")
def nine() -> Curve:
    return learning_curve(9, [15, 60, 2000], repeats=300)


def errors(sizes, m, steps, seed=0):
    rng = np.random.default_rng(seed)
    return moons_errors(sizes, m=m, steps=steps, rng=rng)


def test_the_curves_of_the_lesson(line, nine):
    assert line.m.tolist() == nine.m.tolist() == [15, 60, 2000]
    assert line.train == pytest.approx([0.244, 0.277, 0.286], abs=2e-3)
    assert line.test == pytest.approx([0.320, 0.294, 0.286], abs=2e-3)
    assert nine.train == pytest.approx([0.026, 0.073, 0.090], abs=2e-3)
    assert nine.test[1:] == pytest.approx([0.111, 0.090], abs=2e-3)
    assert 8 < nine.test[0] < 16


def test_more_data_stops_the_line_at_its_bias_and_nine_at_the_noise(line, nine):
    assert line.test[2] == pytest.approx(LINE, abs=1e-3)
    assert line.train[2] == pytest.approx(LINE, abs=1e-3)
    assert nine.test[2] == pytest.approx(FLOOR, abs=1e-3)
    assert line.test[2] - line.train[2] < 0.01
    assert nine.test[2] - nine.train[2] < 0.01


def test_the_grid_of_middles_integrates_where_a_grid_with_ends_would_not():
    def best(x):
        f = np.sin(2 * np.pi * x)
        return np.mean((f - (3 - 6 * x) / np.pi) ** 2) + FLOOR

    assert best(MIDDLES) == pytest.approx(LINE, abs=1e-5)
    assert best(np.linspace(0, 1, 500)) > LINE + 0.001


def test_a_point_of_the_curve_written_out_with_its_seed():
    r, train, test = np.random.default_rng([0, 2, 7]), [], []
    for _ in range(3):
        x = r.random(7)
        y = np.sin(2 * np.pi * x) + 0.3 * r.standard_normal(7)
        c = np.polyfit(x, y, 2)
        train.append(
            sum((np.polyval(c, a) - b) ** 2 for a, b in zip(x, y, strict=True)) / 7
        )
        t = (np.arange(500) + 0.5) / 500
        test.append(np.mean((np.polyval(c, t) - np.sin(2 * np.pi * t)) ** 2) + 0.09)
    got = learning_curve(2, [5, 7], repeats=3)
    assert got.train[1] == pytest.approx(sorted(train)[1], rel=1e-9)
    assert got.test[1] == pytest.approx(sorted(test)[1], rel=1e-9)


@pytest.mark.parametrize(("degree", "m"), [(1, 12), (3, 12), (3, 40)])
def test_with_fixed_x_the_two_errors_are_bias_plus_noise_times_one_minus_or_plus_k_over_m(
    degree, m, rng
):
    x, k = rng.random(m), degree + 1
    p = np.stack([x**j for j in range(k)])
    h = p.T @ np.linalg.solve(p @ p.T, p)
    f = np.sin(2 * np.pi * x)
    y = f + SIGMA * rng.standard_normal((20_000, m))
    new = f + SIGMA * rng.standard_normal(y.shape)
    floor = np.mean((f - f @ h) ** 2)
    assert np.trace(h) == pytest.approx(k)
    assert np.mean((y - y @ h) ** 2) == pytest.approx(
        floor + FLOOR * (1 - k / m), rel=0.01
    )
    assert np.mean((new - y @ h) ** 2) == pytest.approx(
        floor + FLOOR * (1 + k / m), rel=0.01
    )


@pytest.mark.parametrize("m", [180, 360])
def test_the_gap_follows_two_sigma_squared_k_over_m(m):
    curve = learning_curve(9, [m], repeats=300)
    assert curve.test[0] - curve.train[0] == pytest.approx(1.8 / m, rel=0.3)


def test_the_bayes_error_of_moons_is_about_eight_percent_and_no_rule_does_better():
    rng = np.random.default_rng(0)
    assert moons_bayes_error(NOISE, m=4000, rng=rng) == pytest.approx(0.081, abs=0.01)
    assert min(errors((2, 32, 32, 1), 1000, 300, seed)[1] for seed in range(3)) > 0.07


def test_far_apart_moons_have_no_bayes_error_and_a_sample_is_judged_point_by_point():
    assert moons_bayes_error(0.05, m=500, rng=np.random.default_rng(1)) == 0.0
    x, y = make_moons(400, noise=0.6, rng=np.random.default_rng(4))
    arc = [(j + 0.5) / 400 * math.pi for j in range(400)]
    wrong = 0
    for p, q, lower in zip(x[0].tolist(), x[1].tolist(), y[0].tolist(), strict=True):
        up = low = 0.0
        for t in arc:
            u = (p - math.cos(t)) ** 2 + (q - math.sin(t)) ** 2
            v = (p - 1 + math.cos(t)) ** 2 + (q - 0.5 + math.sin(t)) ** 2
            up, low = up + math.exp(-u / 0.72), low + math.exp(-v / 0.72)
        wrong += (low > up) != bool(lower)
    got = moons_bayes_error(0.6, m=400, rng=np.random.default_rng(4))
    assert got == pytest.approx(wrong / 400, abs=1e-12)


def test_following_the_recipe_round_by_round_ends_at_the_bayes_error():
    assert all(isinstance(r, Round) for r in ROUNDS)
    names = []
    for r in ROUNDS:
        train, dev = errors(r.sizes, r.m, r.steps)
        d = diagnose(train, dev, bayes_err=0.08, tol=0.03)
        names.append([action.name for action in recipe(d)])
    for before, r in zip(names, ROUNDS[1:], strict=False):
        assert r.action in before  # 每一轮做的，都是上一轮给出的动作
    assert names[-1] == []


@pytest.mark.parametrize("seed", range(1, 5))
def test_the_last_round_needs_nothing_more_with_other_seeds_either(seed):
    train, dev = errors((2, 32, 32, 1), 1000, 300, seed)
    assert recipe(diagnose(train, dev, bayes_err=0.08, tol=0.03)) == ()


def test_data_do_not_help_a_model_that_is_too_weak():
    few, many = errors((2, 1), 50, 300), errors((2, 1), 1000, 300)
    assert min(few[1], many[1]) > 0.14
    assert few[1] - many[1] < 0.02


def test_training_longer_lowers_both_errors_while_the_bias_is_high():
    pairs = np.array([errors((2, 32, 32, 1), 1000, s) for s in (5, 50, 300)])
    assert (np.diff(pairs, axis=0) < -0.01).all()
    short = errors((2, 32, 32, 1), 1000, 15)
    assert diagnose(*short, bayes_err=0.08, tol=0.03)[2:] == (True, False)


def test_moons_are_drawn_in_order_validation_training_parameters():
    r = np.random.default_rng(2)
    x_dev, y_dev = make_moons(4000, noise=0.3, rng=r)
    x, y = make_moons(20, noise=0.3, rng=r)
    w = r.standard_normal((1, 2)) * math.sqrt(2 / 3)
    z = w @ x
    dw = ((1 / (1 + np.exp(-z)) - y) / 20) @ x.T
    db = ((1 / (1 + np.exp(-z)) - y) / 20).sum()
    w, b = w - 0.02 * np.sign(dw), -0.02 * np.sign(db)  # Adam 的第一步
    want = [np.mean((w @ u + b > 0) != (v == 1)) for u, v in ((x, y), (x_dev, y_dev))]
    assert errors((2, 1), 20, 1, seed=2) == pytest.approx(want)


def test_l2_removes_nothing_l1_removes_some_dropout_removes_for_one_step():
    # E5：“其实就是去掉一些影响因子”只说中了 L1
    w = np.array([3.0, -0.4, 0.2, 1.0])
    assert np.count_nonzero(w / (1 + 0.5)) == 4
    assert np.count_nonzero(soft_threshold(w, 0.5)) == 2
    rng = np.random.default_rng(1)
    first, second = (dropout(np.ones(4), keep_prob=0.5, rng=rng)[0] for _ in range(2))
    assert ((first > 0) | (second > 0)).all()
    assert not ((first > 0) & (second > 0)).any()


BAD = [
    (lambda r: learning_curve(-1, [5], repeats=2), ValueError, "degree must be at least 0"),
    (lambda r: learning_curve(3, [3], repeats=2), ValueError, "sizes must be at least 4"),
    (lambda r: learning_curve(1, [5], repeats=0), ValueError, "repeats must be at least 1"),
    (lambda r: moons_bayes_error(0, m=5, rng=r), ValueError, "noise must be in"),
    (lambda r: moons_bayes_error(0.3, m=1, rng=r), ValueError, "m must be at least 2"),
    (lambda r: moons_bayes_error(0.3, m=5, rng=0), TypeError, "rng must be"),  # pyright: ignore
    (lambda r: moons_errors((2, 1), m=1, steps=1, rng=r), ValueError, "m must be at least 2"),
    (lambda r: moons_errors((2, 1), m=5, steps=0, rng=r), ValueError, "steps must be at least 1"),
    (lambda r: moons_errors((2, 1), m=5, steps=1, rng=None), TypeError, "rng must be"),  # pyright: ignore
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), BAD)
def test_bad_input_is_named(call, error, message, rng):
    with pytest.raises(error, match=message):
        call(rng)


def test_the_rounds_are_those_of_the_page():
    assert [tuple(r[1:]) for r in ROUNDS] == [
        ((2, 1), 50, 300),
        ((2, 32, 32, 1), 50, 15),
        ((2, 32, 32, 1), 50, 300),
        ((2, 32, 32, 1), 1000, 300),
    ]


def test_the_bayes_error_counts_with_a_midpoint_grid_of_400():
    x, y = make_moons(4000, noise=0.35, rng=np.random.default_rng(0))
    t = np.pi * np.arange(1, 800, 2) / 800
    upper, lower = (np.cos(t), np.sin(t)), (1 - np.cos(t), 0.5 - np.sin(t))
    density = [
        sum(
            np.exp(-((x[0] - u) ** 2 + (x[1] - v) ** 2) / 0.245)
            for u, v in zip(*c, strict=True)
        )
        for c in (upper, lower)
    ]
    wrong = (density[1] > density[0]) != (y[0] == 1)
    got = moons_bayes_error(0.35, m=4000, rng=np.random.default_rng(0))
    assert got == wrong.sum() / 4000
