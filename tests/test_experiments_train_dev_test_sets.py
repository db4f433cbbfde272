"""1.1 节的数字：与手算值、闭式、逐行抄写的配方互相印证。"""

import math

import numpy as np
import pytest

from dlnotes_lib.experiments.train_dev_test_sets import (
    Leak,
    Scale,
    best_of,
    coverage,
    expected_best,
    samples_for_gap,
    samples_for_paired_gap,
    samples_for_width,
    scales,
    selection_leak,
    selection_leaks,
)
from dlnotes_lib.splits import wald_interval, wilson_interval


def test_expected_best_agrees_with_counting_by_hand():
    # 两个样本：P(0, 1, 2) = 1/4, 1/2, 1/4；两个模型的最大值：1/16, 8/16, 7/16
    (best,) = expected_best([2], n=2, p=0.5)
    assert best == pytest.approx((8 / 16 + 2 * 7 / 16) / 2)
    # p ≠ 1/2：P = 0.64, 0.32, 0.04；最大值：0.64², 0.96² − 0.64², 1 − 0.96²
    (best,) = expected_best([2], n=2, p=0.2)
    assert best == pytest.approx((0.96**2 - 0.64**2 + 2 * (1 - 0.96**2)) / 2)


def test_one_model_is_not_flattered():
    assert expected_best([1], n=1000, p=0.7) == pytest.approx([0.7], abs=1e-9)


def test_best_of_k_reaches_the_stated_accuracies_exactly_and_by_drawing():
    ks, stated = (1, 10, 100, 1000), [0.500, 0.524, 0.540, 0.551]
    rng = np.random.default_rng(0)
    drawn = [best_of(k, n=1000, p=0.5, repeats=2000, rng=rng).mean() for k in ks]
    exact = expected_best(ks, n=1000, p=0.5)
    np.testing.assert_allclose(exact, stated, atol=6e-4)
    np.testing.assert_allclose(drawn, exact, atol=0.003)


def test_the_best_never_exceeds_the_bound_that_needs_no_independence():
    ks = np.array([2, 10, 100, 1000])
    for n, p in ((50, 0.5), (1000, 0.5), (200, 0.9)):
        bound = p + np.sqrt(np.log(ks) / (2 * n))
        assert np.all(expected_best(ks.tolist(), n=n, p=p) <= bound)


def test_sample_sizes_agree_with_hand_values():
    assert samples_for_width(0.9, 0.01) == 3458
    assert samples_for_width(0.8, 0.01) == 6147
    assert samples_for_gap(0.95, 0.001) == 364_952  # 恰为整数，不能因浮点多出一个
    assert samples_for_paired_gap(0.02, 0.001) == 76_829
    assert samples_for_width(0.5, 0.25, z=1) == 4
    assert samples_for_gap(0.5, 0.25, z=1) == 8
    assert samples_for_paired_gap(0.5, 0.25, z=1) == 7


@pytest.mark.parametrize(("p", "width"), [(0.9, 0.01), (0.95, 0.003), (0.6, 0.07)])
def test_the_sample_size_is_the_smallest_whose_interval_is_narrow_enough(p, width):
    n = samples_for_width(p, width)
    halves = [
        (hi - lo) / 2 for lo, hi in (wald_interval(p, n), wald_interval(p, n - 1))
    ]
    assert halves[0] <= width < halves[1]


def test_the_paired_sample_size_comes_from_the_variance_of_the_difference(rng):
    d, gap = 0.3, 0.1  # 只有甲对 0.2，只有乙对 0.1
    difference = rng.choice([1, -1, 0], p=[0.2, 0.1, 0.7], size=400_000)
    n = samples_for_paired_gap(d, gap)
    assert 1.96 * difference.std() / math.sqrt(n) == pytest.approx(gap, rel=0.01)


def test_at_the_stated_size_a_real_gap_is_seen_half_of_the_time():
    rng, n = np.random.default_rng(0), samples_for_gap(0.95, 0.001)
    a, b = (rng.binomial(n, p, 4000) / n for p in (0.950, 0.951))
    se = np.sqrt(a * (1 - a) / n + b * (1 - b) / n)
    assert np.mean(b - a > 1.96 * se) == pytest.approx(0.5, abs=0.03)


def test_coverage_adds_the_probability_of_the_outcomes_inside():
    # n = 3、z = 1：威尔逊区间在 c = 1、2 时盖住 1/2，概率 6/8
    assert coverage(lambda q, n: wilson_interval(q, n, z=1), p=0.5, n=3) == (
        pytest.approx(0.75)
    )
    assert coverage(lambda q, n: (0.0, 1.0), p=0.3, n=17) == pytest.approx(1)
    assert coverage(lambda q, n: (q, q), p=0.25, n=4) == pytest.approx(0.421875)


def test_with_twenty_examples_wald_covers_far_less_than_it_says():
    assert coverage(wald_interval, p=0.95, n=20) == pytest.approx(0.639, abs=5e-4)
    assert coverage(wilson_interval, p=0.95, n=20) == pytest.approx(0.925, abs=6e-4)
    for interval in (wald_interval, wilson_interval):
        assert coverage(interval, p=0.9, n=1000) == pytest.approx(0.95, abs=0.005)


def test_scales_follow_the_course_and_more_data_gives_a_narrower_interval():
    rows = scales([1_000, 10_000, 1_000_000, 10_000_000], p=0.9)
    assert isinstance(rows[0], Scale)
    assert [row.sizes for row in rows] == [
        (600, 200, 200),
        (6000, 2000, 2000),
        (980_000, 10_000, 10_000),
        (9_950_000, 25_000, 25_000),
    ]
    halves = [row.half_width for row in rows]
    np.testing.assert_allclose(halves, [0.0416, 0.0131, 0.0059, 0.0037], atol=5e-5)


def leak_by_the_recipe(seed, leaky):
    """配方逐行抄写。"""
    r = np.random.default_rng(seed)
    x, y = r.standard_normal((5000, 60)), np.repeat([-1.0, 1.0], 30)
    r.shuffle(y)
    p = r.permutation(60)
    tr, te = p[:40], p[40:]
    s = np.arange(60) if leaky else tr
    f = np.argsort(np.abs(x[:, s] @ (y[s] - y[s].mean())))[-20:]
    centre = {c: x[f][:, tr[y[tr] == c]].mean(1) for c in (-1, 1)}
    right = 0
    for i in te:
        gap = {c: ((x[f, i] - centre[c]) ** 2).sum() for c in centre}
        right += min(gap, key=gap.__getitem__) == y[i]
    return right / 20


def test_the_leak_agrees_with_the_recipe_seed_by_seed():
    for seed, leak in enumerate(selection_leaks(5)):
        assert isinstance(leak, Leak)
        assert leak.leaky == leak_by_the_recipe(seed, leaky=True)
        assert leak.clean == leak_by_the_recipe(seed, leaky=False)


def test_selecting_before_splitting_looks_like_skill_where_there_is_none():
    leaky, clean = np.mean(selection_leaks(200), axis=0)
    assert leaky == pytest.approx(0.945, abs=0.01)
    assert clean == pytest.approx(0.485, abs=0.01)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda r: expected_best([0], n=10, p=0.5), ValueError, "k must be at least 1"),
        (lambda r: expected_best([1.5], n=10, p=0.5), TypeError, "k must be an integer"),  # pyright: ignore
        (lambda r: expected_best([1], n=0, p=0.5), ValueError, "n must be at least 1"),
        (lambda r: expected_best([1], n=10, p=1), ValueError, r"p must be in \(0, 1\)"),
        (lambda r: best_of(0, n=10, p=0.5, repeats=2, rng=r), ValueError, "k must be at least 1"),
        (lambda r: best_of(1, n=0, p=0.5, repeats=2, rng=r), ValueError, "n must be at least 1"),
        (lambda r: best_of(1, n=10, p=0, repeats=2, rng=r), ValueError, "p must be in"),
        (lambda r: best_of(1, n=10, p=0.5, repeats=0, rng=r), ValueError, "repeats must be"),
        (lambda r: best_of(1, n=10, p=0.5, repeats=2, rng=None), TypeError, "rng must be"),  # pyright: ignore
        (lambda r: samples_for_width(1, 0.1), ValueError, "p must be in"),
        (lambda r: samples_for_width(0.5, 0), ValueError, "width must be in"),
        (lambda r: samples_for_width(0.5, 0.1, z=-1), ValueError, "z must be in"),
        (lambda r: samples_for_gap(0.5, 0), ValueError, "gap must be in"),
        (lambda r: samples_for_paired_gap(0.0, 0.1), ValueError, "disagree must be in"),
        (lambda r: samples_for_paired_gap(0.02, 0.03), ValueError, r"gap must be in \(0, 0.02\]"),
        (lambda r: coverage(wald_interval, p=0.5, n=0), ValueError, "n must be at least 1"),
        (lambda r: coverage(wald_interval, p=1, n=5), ValueError, "p must be in"),
        (lambda r: scales([4], p=0.9), ValueError, "m must leave an example"),
        (lambda r: scales([100], p=1.2), ValueError, "p_hat must be in"),
        (lambda r: selection_leak(0), TypeError, "rng must be"),  # pyright: ignore
        (lambda r: selection_leaks(0), ValueError, "repeats must be at least 1"),
    ],
)  # fmt: skip
def test_bad_input_is_named(call, error, message, rng):
    with pytest.raises(error, match=message):
        call(rng)


@pytest.mark.parametrize("ends", [(0.5, 1.0), (0.0, 0.5)])
def test_an_interval_covers_its_ends(ends):
    assert coverage(lambda q, n: ends, p=0.5, n=3) == pytest.approx(1)


def test_the_advice_changes_right_after_ten_thousand_and_a_million():
    ms = [10_000, 10_001, 1_000_000, 1_000_001]
    assert [row.sizes[2] for row in scales(ms, p=0.9)] == [2000, 100, 10_000, 2500]
