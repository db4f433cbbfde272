"""月牙：抽样次序、形状、无噪声时落在弧上；气温：照配方，多要几天前面不变。

手写数字：划分照配方，与 scikit-learn 的同一份。
"""

import math

import numpy as np
import pytest

from dlnotes_lib.datasets import (
    DIGITS,
    load_digits_split,
    london_like,
    london_like_trend,
    make_moons,
)


def recipe(m, noise, seed):
    """配方逐字抄写：t1、t2、噪声、打乱。"""
    r = np.random.default_rng(seed)
    h = m // 2
    t1, t2 = r.random(h) * np.pi, r.random(m - h) * np.pi
    points = [(np.cos(t), np.sin(t)) for t in t1]
    points += [(1 - np.cos(t), 0.5 - np.sin(t)) for t in t2]
    x = np.array(points).T + noise * r.standard_normal((2, m))
    y = np.array([[0.0] * h + [1.0] * (m - h)])
    p = r.permutation(m)
    return x[:, p], y[:, p]


@pytest.mark.parametrize(("m", "noise"), [(2, 0.0), (7, 0.3), (20, 0.2)])
def test_draws_in_the_order_of_the_recipe(m, noise):
    x, y = make_moons(m, noise=noise, rng=np.random.default_rng(5))
    expected_x, expected_y = recipe(m, noise, 5)
    np.testing.assert_allclose(x, expected_x, rtol=1e-15)
    np.testing.assert_array_equal(y, expected_y)


def test_shapes_dtypes_and_the_odd_example_goes_to_class_one(rng):
    x, y = make_moons(7, noise=0.1, rng=rng)
    assert (x.shape, y.shape) == ((2, 7), (1, 7))
    assert (x.dtype, y.dtype) == (np.float64, np.float64)
    assert y.sum() == 4


def test_without_noise_every_point_is_on_its_arc(rng):
    x, y = make_moons(200, noise=0.0, rng=rng)
    centre = np.where(y == 0, [[0.0], [0.0]], [[1.0], [0.5]])
    np.testing.assert_allclose(((x - centre) ** 2).sum(axis=0), 1.0)
    assert (x[1] - centre[1] >= 0).tolist() == (y[0] == 0).tolist()


def test_the_same_seed_gives_the_same_moons_and_the_examples_are_shuffled():
    x, y = make_moons(50, noise=0.1, rng=np.random.default_rng(1))
    again, _ = make_moons(50, noise=0.1, rng=np.random.default_rng(1))
    np.testing.assert_array_equal(x, again)
    assert 0 < y[0, :25].sum() < 25


def test_temperatures_follow_the_recipe_day_by_day():
    theta = london_like(400, rng=np.random.default_rng(42))
    r = np.random.default_rng(42)
    for t in range(1, 401):
        season = 7 * math.sin(2 * math.pi * (t - 110) / 365)
        assert theta[t - 1] == pytest.approx(11 + season + 2.5 * r.standard_normal())


def test_more_days_leave_the_earlier_ones_as_they_were():
    short, long = (london_like(d, rng=np.random.default_rng(3)) for d in (10, 700))
    assert (short.shape, long.shape, long.dtype) == ((10,), (700,), np.float64)
    np.testing.assert_array_equal(long[:10], short)


def test_the_trend_repeats_each_year_between_four_and_eighteen():
    trend = london_like_trend(730)
    np.testing.assert_allclose(trend[:365], trend[365:], rtol=1e-12)
    assert trend[109] == 11  # 第 110 天是平均气温
    assert (trend.max(), trend.min()) == pytest.approx((18, 4), abs=1e-3)
    assert trend[:365].mean() == pytest.approx(11, rel=1e-12)


def test_the_noise_around_the_trend_is_white_with_the_stated_spread():
    noise = london_like(100_000, rng=np.random.default_rng(1))
    noise = noise - london_like_trend(100_000)
    assert noise.mean() == pytest.approx(0, abs=0.04)
    assert noise.std() == pytest.approx(2.5, abs=0.03)
    assert np.corrcoef(noise[:-1], noise[1:])[0, 1] == pytest.approx(0, abs=0.015)


def test_the_digits_are_those_of_scikit_learn():
    bundled = pytest.importorskip("sklearn.datasets").load_digits()
    with np.load(DIGITS) as stored:
        np.testing.assert_array_equal(stored["x"], bundled.data)
        np.testing.assert_array_equal(stored["y"], bundled.target)


def test_digits_are_split_as_in_the_recipe():
    stored = np.load(DIGITS)
    order = np.random.default_rng(0).permutation(1797)
    parts = load_digits_split(rng=np.random.default_rng(0))
    cuts = order[:1197], order[1197:1497], order[1497:]
    for part, cut in zip(parts, cuts, strict=True):
        np.testing.assert_array_equal(part.x, stored["x"][cut].T / 16)
        np.testing.assert_array_equal(part.y, stored["y"][cut])
    assert [part.x.shape for part in parts] == [(64, 1197), (64, 300), (64, 300)]
    assert (parts.train.x.min(), parts.train.x.max()) == (0, 1)
    assert parts.train.x.dtype == np.float64
    assert np.issubdtype(parts.train.y.dtype, np.integer)


@pytest.mark.parametrize("bad", [None, 0, np.random])
def test_digits_want_a_generator_before_anything_is_loaded(bad):
    with pytest.raises(TypeError, match=r"rng must be a numpy.random.Generator"):
        load_digits_split(rng=bad)


def test_two_examples_are_one_of_each_moon(rng):
    x, y = make_moons(2, noise=0, rng=rng)
    assert (x.shape, sorted(y.ravel())) == ((2, 2), [0, 1])
