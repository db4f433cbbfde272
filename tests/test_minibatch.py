"""小批量：配对、恰好一次、末批、每轮重新打乱，以及坏输入。"""

import math
from typing import Any

import numpy as np
import pytest
from bad_input import refuse, uncovered
from hypothesis import given
from hypothesis import strategies as st

from dlnotes_lib import minibatch
from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.minibatch import epochs, iterate, num_batches


def rng():
    return np.random.default_rng(3)


def numbered(m: int) -> tuple[Any, Any]:
    """第 i 列的每个数都认得出是第 i 个样本。"""
    return np.arange(m) + 100.0 * np.arange(3)[:, None], np.arange(m)


@given(st.integers(1, 60), st.integers(1, 70))
def test_every_example_is_used_once_with_its_own_label(m, size):
    x, y = numbered(m)
    batches = list(iterate(x, y, size=size, rng=rng()))
    assert len(batches) == num_batches(m, size=size) == math.ceil(m / size)
    assert [by.size for _, by in batches[:-1]] == [size] * (len(batches) - 1)
    joined = np.concatenate([by for _, by in batches])
    assert sorted(joined.tolist()) == list(range(m))
    for bx, by in batches:
        np.testing.assert_array_equal(bx, x[:, by])


def test_labels_may_be_rows_and_keep_their_dtype():
    x, y = numbered(7)
    both = np.stack([y, -y])
    (bx, by), *_ = iterate(x, both, size=4, rng=rng())
    assert by.shape == (2, 4)
    assert by.dtype == y.dtype
    np.testing.assert_array_equal(by[0], -by[1])
    np.testing.assert_array_equal(bx[0], by[0])


def test_the_order_is_the_permutation_of_the_generator():
    x, y = numbered(9)
    got = np.concatenate([by for _, by in iterate(x, y, size=2, rng=rng())])
    np.testing.assert_array_equal(got, rng().permutation(9))


def test_the_data_are_left_alone():
    x, y = numbered(9)
    before = x.copy(), y.copy()
    for bx, by in iterate(x, y, size=2, rng=rng()):
        bx += 1
        by += 1
    np.testing.assert_array_equal(x, before[0])
    np.testing.assert_array_equal(y, before[1])


def test_every_epoch_is_shuffled_anew():
    x, y = numbered(10)
    batches = list(epochs(x, y, size=4, count=3, rng=rng()))
    assert [by.size for _, by in batches] == [4, 4, 2] * 3
    rounds = [np.concatenate([b[1] for b in batches[i : i + 3]]) for i in (0, 3, 6)]
    assert all(sorted(r.tolist()) == list(range(10)) for r in rounds)
    assert len({tuple(r.tolist()) for r in rounds}) == 3


def test_counts_of_the_course():
    assert num_batches(5_000_000, size=1000) == 5000
    assert num_batches(1000, size=64) == 16
    assert 1000 - 15 * 64 == 40


GOOD: dict[str, dict[str, Any]] = {
    "num_batches": {"m": 10, "size": 4},
    "iterate": {"x": np.ones((2, 10)), "y": np.ones(10), "size": 4, "rng": rng()},
    "epochs": {
        "x": np.ones((2, 10)),
        "y": np.ones(10),
        "size": 4,
        "count": 2,
        "rng": rng(),
    },
}
ARRAY = "must be a real or complex array"
COUNT = [
    (0, ValueError, "must be at least 1, got 0"),
    (-3, ValueError, "must be at least 1, got -3"),
    (2.0, TypeError, "must be an integer, got float"),
    (True, TypeError, "must be an integer, got bool"),
]
X = [
    (None, TypeError, ARRAY),
    (np.ones(10), ShapeError, "must have shape (*, *), got (10,)"),
    (np.ones((2, 0)), ShapeError, "must not be empty"),
]
Y = [
    ("abc", TypeError, ARRAY),
    (np.ones(9), ShapeError, "must have shape (10,) or (*, 10), got (9,)"),
    (np.ones((10, 1)), ShapeError, "or (*, 10), got (10, 1)"),
    (np.ones((1, 1, 10)), ShapeError, "or (*, 10), got (1, 1, 10)"),
    (3, ShapeError, "or (*, 10), got ()"),
]
RNG = [(bad, TypeError, "must be a numpy.random.Generator") for bad in (None, 0)]
CASES = [
    *[("num_batches", name, *row) for name in ("m", "size") for row in COUNT],
    *[
        (name, argument, *row)
        for name in ("iterate", "epochs")
        for argument, rows in {"x": X, "y": Y, "size": COUNT, "rng": RNG}.items()
        for row in rows
    ],
    *[("epochs", "count", *row) for row in COUNT],
]


@pytest.mark.parametrize("row", CASES, ids=lambda row: f"{row[0]}-{row[1]}")
def test_bad_input_is_refused_by_name_at_the_call(row):
    refuse(minibatch, GOOD, row)


def test_every_argument_of_every_public_function_has_a_row():
    assert uncovered(minibatch, CASES) == set()
