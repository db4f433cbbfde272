"""3.8 节的数字：与积分、贝叶斯公式、手算值、照定义另写的一遍互相印证。"""

import math

import numpy as np
import pytest

from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.experiments.softmax_regression import (
    MEANS,
    Points,
    Reliability,
    Scored,
    draw_points,
    four_ways,
    gaussian_scores,
    linear_params,
    matching_temperature,
    overfit,
    reliability,
)
from dlnotes_lib.models import MLP
from dlnotes_lib.optimizers import Adam
from dlnotes_lib.softmax import softmax

Z = np.array([[5.0, 1.0], [2.0, 1.0], [-1.0, 2.0], [3.0, -1.0]])
EQUAL, UNEQUAL = np.array([1.2, 1.2, 1.2]), np.array([0.6, 1.0, 1.4])


def posterior(point, spreads):
    """贝叶斯公式，逐类照写。"""
    density = [
        math.exp(-((point[0] - c[0]) ** 2 + (point[1] - c[1]) ** 2) / (2 * s * s))
        / (2 * math.pi * s * s)
        for c, s in zip(MEANS.T, spreads, strict=True)
    ]
    return [d / math.fsum(density) for d in density]


@pytest.fixture(scope="module")
def plane():
    """平面上的格点、真后验、每格的概率：用来做积分。"""
    g = np.linspace(-8, 11, 761)
    x = np.vstack([c.ravel() for c in np.meshgrid(g, g)])
    joint = np.exp(gaussian_scores(x, spreads=EQUAL)) / (2 * np.pi) / 3
    weight = joint * (g[1] - g[0]) ** 2
    return gaussian_scores(x, spreads=EQUAL), weight


def test_four_ways_by_hand():
    ways = four_ways(Z)
    np.testing.assert_allclose(ways["share"][:, 0], [5 / 9, 2 / 9, -1 / 9, 1 / 3])
    np.testing.assert_allclose(ways["share"][:, 1], [1 / 3, 1 / 3, 2 / 3, -1 / 3])
    np.testing.assert_allclose(
        ways["sigmoid"][:, 0], [1 / (1 + math.exp(-v)) for v in (5, 2, -1, 3)]
    )
    assert ways["hardmax"].T.tolist() == [[1, 0, 0, 0], [0, 0, 1, 0]]
    assert ways["softmax"][0, 0] == pytest.approx(math.exp(5) / 176.2556, abs=1e-6)
    assert list(ways) == ["share", "sigmoid", "hardmax", "softmax"]


@pytest.mark.parametrize("spreads", [EQUAL, UNEQUAL], ids=["equal", "unequal"])
def test_softmax_of_the_scores_is_the_posterior(spreads):
    x = np.array([[0.0, 1.5, 3.0, -2.0, 8.0], [0.0, 2.5, -1.0, 4.0, 8.0]])
    a, _ = softmax(gaussian_scores(x, spreads=spreads))
    wanted = [posterior(point, spreads) for point in x.T]
    np.testing.assert_allclose(a.T, wanted, rtol=1e-9)


@pytest.mark.parametrize("spread", [1.0, 1.2])
def test_with_equal_spreads_the_posterior_is_a_softmax_regression(spread):
    x = np.array([[0.0, 1.5, -2.0], [0.0, 2.5, 4.0]])
    w, b = linear_params(spread)
    assert (w.shape, b.shape) == ((3, 2), (3, 1))
    wanted = [posterior(point, [spread] * 3) for point in x.T]
    np.testing.assert_allclose(softmax(w @ x + b)[0].T, wanted, rtol=1e-9)


def test_points_follow_the_documented_order_and_the_seed():
    got = draw_points(4, spreads=UNEQUAL, rng=np.random.default_rng(5))
    assert isinstance(got, Points)
    rng = np.random.default_rng(5)
    y = rng.integers(0, 3, 4)
    noise = rng.standard_normal((2, 4))
    assert got.y.tolist() == y.tolist()
    for i, k in enumerate(y):
        wanted = MEANS[:, k] + UNEQUAL[k] * noise[:, i]
        np.testing.assert_allclose(got.x[:, i], wanted, rtol=1e-15)


def test_points_have_the_centres_and_the_spreads():
    x, y = draw_points(30_000, spreads=UNEQUAL, rng=np.random.default_rng(0))
    for k in range(3):
        own = x[:, y == k]
        assert own.shape[1] == pytest.approx(10_000, abs=300)
        np.testing.assert_allclose(own.mean(axis=1), MEANS[:, k], atol=0.06)
        np.testing.assert_allclose(own.std(axis=1), UNEQUAL[k], rtol=0.03)


def test_the_published_confidences_agree_with_the_integral(plane):
    z, weight = plane
    assert weight.sum() == pytest.approx(1, abs=1e-6)
    accuracy = weight.max(axis=0).sum()
    assert accuracy == pytest.approx(0.828, abs=1e-3)
    for times, wanted in ((1 / 3, 0.59), (1.0, 0.83), (3.0, 0.94)):
        confidence = (softmax(times * z)[0].max(axis=0) * weight.sum(axis=0)).sum()
        assert confidence == pytest.approx(wanted, abs=5e-3)
        if times == 1:
            assert confidence == pytest.approx(accuracy, abs=1e-6)


def test_a_sample_gives_the_published_digits_with_room_to_spare():
    x, y = draw_points(30_000, spreads=EQUAL, rng=np.random.default_rng(0))
    w, b = linear_params(1.2)
    for times, wanted in ((1 / 3, 0.59), (1.0, 0.83), (3.0, 0.94)):
        a, _ = softmax(times * (w @ x + b))
        assert abs(a.max(axis=0).mean() - wanted) < 0.0045
        assert abs((a.argmax(axis=0) == y).mean() - 0.83) < 0.0045


def test_reliability_by_hand():
    # 把握 0.5、0.6、0.9、1，四组的边界是 1/3、1/2、2/3、5/6、1
    a = np.array([[0.5, 0.3, 0.9, 0.0], [0.25, 0.6, 0.1, 0.0], [0.25, 0.1, 0.0, 1.0]])
    r = reliability(a, np.array([0, 1, 1, 2]), bins=4)
    assert isinstance(r, Reliability)
    assert r.size.tolist() == [0, 2, 0, 2]
    np.testing.assert_allclose(r.confidence, [np.nan, 0.55, np.nan, 0.95])
    np.testing.assert_allclose(r.accuracy, [np.nan, 1.0, np.nan, 0.5])


def test_the_true_model_says_what_it_hits_in_every_group(plane):
    z, weight = plane
    a = softmax(z)[0]
    top, mass = a.max(axis=0), weight.sum(axis=0)
    group = ((top - 1 / 3) * 12).astype(int).clip(0, 7)
    for k in range(8):
        own = group == k
        hit = weight.max(axis=0)[own].sum() / mass[own].sum()
        said = (top * mass)[own].sum() / mass[own].sum()
        assert said == pytest.approx(hit, abs=1e-9)


@pytest.mark.parametrize("times", [0.4, 1.0, 2.5])
def test_the_temperature_undoes_a_factor(times):
    x, y = draw_points(20_000, spreads=EQUAL, rng=np.random.default_rng(3))
    z = gaussian_scores(x, spreads=EQUAL)
    t = matching_temperature(times * z, y)
    assert t == pytest.approx(times, rel=0.05)
    a, _ = softmax(times * z, temperature=t)
    assert a.max(axis=0).mean() == pytest.approx((a.argmax(axis=0) == y).mean())


@pytest.mark.parametrize("seed", range(4))
def test_the_overfitted_network_is_overconfident_until_cooled(seed):
    scored = overfit(points=60, hidden=64, rng=np.random.default_rng(seed))
    assert isinstance(scored, Scored)
    shapes = [scored.seen.shape, scored.dev.shape, scored.test.shape]
    assert shapes == [(3, 60), (3, 1000), (3, 20_000)]
    right = (scored.test.argmax(axis=0) == scored.test_y).mean()
    assert 0.65 < right < 0.8285  # 比不过真模型
    assert (scored.seen.argmax(axis=0) == scored.seen_y).mean() - right > 0.12
    said = softmax(scored.test)[0].max(axis=0).mean()
    assert said - right > 0.12
    t = matching_temperature(scored.dev, scored.dev_y)
    assert t > 2.5
    cooled = softmax(scored.test, temperature=t)[0].max(axis=0).mean()
    assert abs(cooled - right) < 0.04


@pytest.mark.parametrize("seed", range(3))
def test_the_published_groups_leave_room_to_spare(seed):
    scored = overfit(points=60, hidden=64, rng=np.random.default_rng(seed))
    t = matching_temperature(scored.dev, scored.dev_y)
    gaps = []
    for k in (1.0, t):
        r = reliability(softmax(scored.test, temperature=k)[0], scored.test_y, bins=8)
        gaps.append((r.confidence - r.accuracy)[r.size >= 100])
    assert gaps[0].min() > 0.02
    assert gaps[0].max() > 0.23
    assert 0.06 < np.abs(gaps[1]).max() < 0.13


RNG = np.random.default_rng(0)
BAD = {
    "sum of zero": (
        lambda: four_ways(np.array([[1.0], [-1.0]])),
        ValueError,
        "nonzero sum",
    ),
    "no points": (lambda: draw_points(0, spreads=EQUAL, rng=RNG), ValueError, "m must"),
    "two spreads": (
        lambda: draw_points(3, spreads=np.ones(2), rng=RNG),
        ShapeError,
        "spreads",
    ),
    "zero spread": (
        lambda: gaussian_scores(np.ones((2, 1)), spreads=np.array([1.0, 0.0, 1.0])),
        ValueError,
        "spreads must be positive, got 0.0",
    ),
    "three features": (
        lambda: gaussian_scores(np.ones((3, 1)), spreads=EQUAL),
        ShapeError,
        "x must have shape",
    ),
    "negative spread": (lambda: linear_params(-1.0), ValueError, "spread must be in"),
    "no bins": (
        lambda: reliability(np.ones((2, 1)), np.array([0]), bins=0),
        ValueError,
        "bins must",
    ),
    "float labels": (
        lambda: reliability(np.ones((2, 1)), np.array([0.0]), bins=2),  # pyright: ignore
        TypeError,
        "y must be integer",
    ),
    "too few labels": (
        lambda: matching_temperature(np.ones((2, 3)), np.array([0, 1])),
        ShapeError,
        r"y must have shape \(3,\), got \(2,\)",
    ),
    "seed": (
        lambda: overfit(points=60, hidden=64, rng=0),  # pyright: ignore
        TypeError,
        "rng must be",
    ),
    "no training points": (
        lambda: overfit(points=0, hidden=64, rng=RNG),
        ValueError,
        "points must be",
    ),
    "no hidden units": (
        lambda: overfit(points=60, hidden=0, rng=RNG),
        ValueError,
        "hidden must be",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), BAD.values(), ids=BAD.keys())
def test_bad_input_names_the_argument(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_an_empty_group_has_no_mean_and_a_single_example_has():
    a = np.array([[0.9, 0.55], [0.1, 0.45]])
    r = reliability(a, np.array([0, 1]), bins=3)
    assert r.size.tolist() == [1, 0, 1]
    np.testing.assert_allclose(r.confidence, [0.55, np.nan, 0.9])
    np.testing.assert_allclose(r.accuracy, [0, np.nan, 1])


def test_an_underconfident_model_is_heated_the_other_way():
    z = np.array([[0.1], [0.0]]) * np.ones((2, 10))
    y = np.array([0] * 9 + [1])  # 对九成，把握却只有 0.52
    assert matching_temperature(z, y) == pytest.approx(0.1 / math.log(9))


def test_one_column_that_sums_to_zero_is_enough_to_refuse():
    with pytest.raises(ValueError, match="nonzero sum"):
        four_ways(np.array([[1.0, 1.0], [-1.0, 1.0]]))


def test_overfitting_is_500_steps_of_adam():
    rng = np.random.default_rng(6)
    seen = draw_points(5, spreads=EQUAL, rng=rng)
    draw_points(1000, spreads=EQUAL, rng=rng)
    draw_points(20_000, spreads=EQUAL, rng=rng)
    model, adam = MLP(sizes=(2, 3, 3)), Adam(lr=0.02)
    params = model.init(rng)
    states = {name: adam.init(w) for name, w in params.items()}
    for _ in range(500):
        _, grads = model.loss_and_grad(params, seen.x, seen.y, rng=rng)
        for name, g in grads.items():
            params[name], states[name] = adam.update(params[name], g, states[name])
    got = overfit(points=5, hidden=3, rng=np.random.default_rng(6)).seen
    np.testing.assert_allclose(got, model.scores(params, seen.x), rtol=1e-9)


def test_a_model_that_is_always_wrong_is_cooled_to_the_limit():
    z = np.array([[1.0, 1.0], [0.0, 0.0]])
    assert matching_temperature(z, np.array([1, 1])) == 100
