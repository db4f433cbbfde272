"""划分的定律（一个不多、一个不少、不重叠、组不拆散）与置信区间的手算值。"""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlnotes_lib.splits import (
    Part,
    Split,
    grouped_split,
    kfold,
    split_sizes,
    stratified_split,
    train_dev_test_split,
    wald_interval,
    wilson_interval,
)

SEEDS = st.integers(0, 2**32 - 1)
PERCENTS = st.tuples(st.integers(1, 49), st.integers(1, 49))


def ratios_of(percents: tuple[int, int]) -> tuple[float, float, float]:
    dev, test = percents
    return (100 - dev - test) / 100, dev / 100, test / 100


def numbered(m: int) -> tuple[Any, Any]:
    """第 i 列是 (i, −i)，标签也是 i：配错一对就看得出来。"""
    i = np.arange(m)
    return np.stack([i, -i]).astype(float), i


def assert_partition(parts: Split, m: int) -> None:
    """三份合起来恰好是 0 … m − 1，x 与 y 仍然配对。"""
    assert sorted(np.concatenate([part.y for part in parts]).tolist()) == list(range(m))
    for part in parts:
        np.testing.assert_array_equal(part.x, np.stack([part.y, -part.y]))


@pytest.mark.parametrize(
    ("m", "ratios", "sizes"),
    [
        (10_000, (0.6, 0.2, 0.2), (6000, 2000, 2000)),
        (101, (0.6, 0.2, 0.2), (61, 20, 20)),
        (1_000_000, (0.98, 0.01, 0.01), (980_000, 10_000, 10_000)),
        (100, (0.42, 0.29, 0.29), (42, 29, 29)),  # 0.29 * 100 在浮点里不到 29
        (1797, (1197 / 1797, 300 / 1797, 300 / 1797), (1197, 300, 300)),
        (10, (0.5, 0.3, 0.2), (5, 3, 2)),
        (3, (0.3, 0.35, 0.35), (1, 1, 1)),
    ],
)  # fmt: skip
def test_split_sizes_agree_with_hand_values(m, ratios, sizes):
    assert split_sizes(m, ratios) == sizes


def test_the_default_ratios_are_sixty_twenty_twenty():
    assert split_sizes(10_000) == (6000, 2000, 2000)


@given(m=st.integers(200, 10**9), percents=PERCENTS)
def test_split_sizes_are_the_exact_floors_and_the_rest_goes_to_training(m, percents):
    train, dev, test = split_sizes(m, ratios_of(percents))
    assert (dev, test) == tuple(m * Fraction(p, 100) // 1 for p in percents)
    assert train + dev + test == m


@given(m=st.integers(100, 300), percents=PERCENTS, seed=SEEDS)
def test_a_random_split_is_a_partition_of_the_stated_sizes(m, percents, seed):
    x, y = numbered(m)
    rng = np.random.default_rng(seed)
    parts = train_dev_test_split(x, y, ratios=ratios_of(percents), rng=rng)
    assert_partition(parts, m)
    assert tuple(part.y.size for part in parts) == split_sizes(m, ratios_of(percents))


@given(
    strata=st.lists(st.sampled_from("abc"), min_size=5, max_size=80),
    percents=st.tuples(st.integers(20, 40), st.integers(20, 40)),
    seed=SEEDS,
)
def test_a_stratified_split_is_a_partition_with_the_stated_sizes_in_every_stratum(
    strata, percents, seed
):
    names = np.array(strata * 5)  # 每一层至少五个
    x, y = numbered(names.size)
    rng, ratios = np.random.default_rng(seed), ratios_of(percents)
    parts = stratified_split(x, y, names, ratios=ratios, rng=rng)
    assert_partition(parts, names.size)
    for name in set(strata):
        seen = tuple(int((names[part.y] == name).sum()) for part in parts)
        assert seen == split_sizes(int((names == name).sum()), ratios)


@given(
    groups=st.lists(st.integers(-3, 8), min_size=1, max_size=60),
    percents=st.tuples(st.integers(20, 40), st.integers(20, 40)),
    seed=SEEDS,
)
def test_a_grouped_split_is_a_partition_that_keeps_every_group_whole(
    groups, percents, seed
):
    names = np.array([*groups, 101, 102, 103, 104, 105])  # 至少五组
    x, y = numbered(names.size)
    rng, ratios = np.random.default_rng(seed), ratios_of(percents)
    parts = grouped_split(x, y, names, ratios=ratios, rng=rng)
    assert_partition(parts, names.size)
    seen = [set(names[part.y].tolist()) for part in parts]
    assert not seen[0] & seen[1]
    assert not seen[0] & seen[2]
    assert not seen[1] & seen[2]
    sizes = split_sizes(len(set(names.tolist())), ratios)
    assert tuple(len(s) for s in seen) == sizes


@given(data=st.data(), m=st.integers(2, 60), seed=SEEDS)
def test_every_example_is_in_the_dev_part_of_exactly_one_fold(data, m, seed):
    k = data.draw(st.integers(2, m))
    folds = kfold(m, k, rng=np.random.default_rng(seed))
    assert len(folds) == k
    assert sorted(np.concatenate([dev for _, dev in folds])) == list(range(m))
    for train, dev in folds:
        assert sorted([*train, *dev]) == list(range(m))
        assert dev.size in (m // k, m // k + 1)


def test_a_random_split_takes_consecutive_pieces_of_one_permutation():
    x, y = numbered(10)
    order = np.random.default_rng(7).permutation(10)
    rng = np.random.default_rng(7)
    train, dev, test = train_dev_test_split(x, y, ratios=(0.5, 0.3, 0.2), rng=rng)
    assert train.y.tolist() == order[:5].tolist()
    assert dev.y.tolist() == order[5:8].tolist()
    assert test.y.tolist() == order[8:].tolist()


SPLITS = [
    lambda x, y, rng: train_dev_test_split(x, y, ratios=(0.5, 0.25, 0.25), rng=rng),
    lambda x, y, rng: stratified_split(
        x, y, np.arange(y.shape[-1]) % 2, ratios=(0.5, 0.25, 0.25), rng=rng
    ),
    lambda x, y, rng: grouped_split(
        x, y, np.arange(y.shape[-1]) // 2, ratios=(0.5, 0.25, 0.25), rng=rng
    ),
]
EACH = pytest.mark.parametrize("split", SPLITS, ids=["random", "stratified", "grouped"])


@EACH
def test_the_same_seed_gives_the_same_split_and_another_seed_another(split):
    x, y = numbered(200)
    first, again, other = (split(x, y, np.random.default_rng(s)) for s in (1, 1, 2))
    assert [p.y.tolist() for p in first] == [p.y.tolist() for p in again]
    assert [p.y.tolist() for p in first] != [p.y.tolist() for p in other]


@EACH
def test_every_example_is_equally_likely_to_be_held_out(split):
    x, y = numbered(40)
    seen = np.zeros((3, 40))
    for seed in range(400):
        for k, part in enumerate(split(x, y, np.random.default_rng(seed))):
            seen[k, part.y] += 1 / 400
    wanted = np.array([[0.5], [0.25], [0.25]]) + np.zeros((3, 40))
    np.testing.assert_allclose(seen, wanted, atol=0.12)  # 五倍标准误


@EACH
def test_every_part_is_shuffled(split):
    x, y = numbered(200)
    for part in split(x, y, np.random.default_rng(0)):
        assert part.y.tolist() != sorted(part.y.tolist())


@EACH
@pytest.mark.parametrize("dtype", [np.int64, np.float32])
@pytest.mark.parametrize("shape", [(40,), (1, 40), (3, 40)])
def test_labels_keep_their_dtype_and_their_leading_axis(split, shape, dtype, rng):
    y = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    parts = split(np.arange(40.0).reshape(1, 40), y, rng)
    for part in parts:
        assert part.y.dtype == dtype
        np.testing.assert_array_equal(part.y, y[..., part.x[0].astype(int)])
    assert isinstance(parts, Split)
    assert isinstance(parts.dev, Part)


@EACH
def test_the_parts_are_copies_and_the_input_is_left_alone(split, rng):
    x, y = numbered(40)
    before = x.copy(), y.copy()
    for part in split(x, y, rng):
        part.x[:] = 99
        part.y[:] = 99
    np.testing.assert_array_equal(x, before[0])
    np.testing.assert_array_equal(y, before[1])


def test_a_split_does_not_look_at_values_so_missing_ones_pass(rng):
    x, y = numbered(10)
    x[0, 3] = np.nan
    parts = train_dev_test_split(x, y, ratios=(0.6, 0.2, 0.2), rng=rng)
    assert sum(int(np.isnan(part.x).sum()) for part in parts) == 1


def test_leave_one_out_is_kfold_with_k_equal_to_m(rng):
    folds = kfold(5, 5, rng=rng)
    assert [dev.size for _, dev in folds] == [1] * 5


def test_intervals_agree_with_hand_values():
    assert wald_interval(0.9, 1000) == pytest.approx((0.8814, 0.9186), abs=5e-5)
    assert wald_interval(0.9, 10_000) == pytest.approx((0.8941, 0.9059), abs=5e-5)
    assert wald_interval(0.5, 4, z=1) == (0.25, 0.75)
    assert wilson_interval(0.9, 1000) == pytest.approx((0.8798, 0.9171), abs=5e-5)
    assert wilson_interval(0.5, 3, z=1) == pytest.approx((0.25, 0.75), abs=1e-15)
    assert wilson_interval(0, 1, z=1) == pytest.approx((0, 0.5), abs=1e-15)


@given(p=st.floats(0, 1), n=st.integers(1, 10**6), z=st.floats(0.1, 5, allow_nan=False))
def test_the_wilson_ends_are_where_the_gap_is_z_standard_errors(p, n, z):
    low, high = wilson_interval(p, n, z=z)
    assert 0 <= low <= p + 1e-12
    assert p - 1e-12 <= high <= 1
    for end in (low, high):
        assert (p - end) ** 2 == pytest.approx(z**2 * end * (1 - end) / n, abs=1e-9)


@given(p=st.floats(0, 1), n=st.integers(1, 10**6))
def test_wald_is_symmetric_about_the_estimate_and_wilson_mirrors(p, n):
    low, high = wald_interval(p, n)
    assert (low + high) / 2 == pytest.approx(p, abs=1e-12)
    left, right = wilson_interval(p, n)
    mirrored = wilson_interval(1 - p, n)
    assert mirrored == pytest.approx((1 - right, 1 - left), abs=1e-12)


def test_wald_collapses_where_wilson_does_not():
    assert wald_interval(1, 20) == (1, 1)
    low, high = wilson_interval(1, 20)
    assert (low, high) == pytest.approx((0.8389, 1), abs=5e-5)
    assert wald_interval(0.02, 20)[0] < 0


def test_rounding_does_not_push_the_wilson_ends_out_of_the_unit_interval():
    assert max(wilson_interval(1, n)[1] for n in range(1, 60)) == 1
    assert min(wilson_interval(0, n)[0] for n in range(1, 60)) == 0
