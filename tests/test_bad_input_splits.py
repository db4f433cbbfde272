"""坏输入：每一行是一次调用、期望的错误、消息里点名的参数。"""

import inspect
import re
from typing import Any

import numpy as np
import pytest

from dlnotes_lib import splits
from dlnotes_lib.arrays import ShapeError

X: Any = np.ones((2, 10))
Y: Any = np.arange(10)
G: Any = np.arange(10) // 2  # 五组，每组两个
S: Any = np.arange(10) % 2  # 两层，每层五个
R = (0.6, 0.2, 0.2)
NAN, INF = float("nan"), float("inf")
ARRAY = "must be a real or complex array"
NAMES = "must be integers or strings, got dtype"


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def call(name: str, **changed: Any) -> Any:
    """用好的参数调用，只换掉 changed 里的。"""
    good: dict[str, Any] = {
        "split_sizes": {"m": 10, "ratios": R},
        "train_dev_test_split": {"x": X, "y": Y, "ratios": R, "rng": rng()},
        "stratified_split": {"x": X, "y": Y, "strata": S, "ratios": R, "rng": rng()},
        "grouped_split": {"x": X, "y": Y, "groups": G, "ratios": R, "rng": rng()},
        "kfold": {"m": 10, "k": 3, "rng": rng()},
        "wald_interval": {"p_hat": 0.9, "n": 100, "z": 1.96},
        "wilson_interval": {"p_hat": 0.9, "n": 100, "z": 1.96},
    }
    return getattr(splits, name)(**good[name] | changed)


ANY_SPLIT = ("train_dev_test_split", "stratified_split", "grouped_split")
INTERVALS = ("wald_interval", "wilson_interval")
Row = tuple[str, str, Any, type[Exception], str]


def rows(names: Any, argument: str, bad: list[Any]) -> list[Row]:
    return [(name, argument, *row) for name in names for row in bad]


COUNT = [
    (0, ValueError, "must be at least"),
    (-1, ValueError, "must be at least"),
    (2.0, TypeError, "must be an integer, got float"),
    (True, TypeError, "must be an integer, got bool"),
    (None, TypeError, "must be an integer, got NoneType"),
    ("10", TypeError, "must be an integer, got str"),
]
CASES: list[Row] = [
    *rows(("split_sizes", "kfold"), "m", COUNT),
    ("split_sizes", "m", 4, ValueError, "in every part, got 4 -> (4, 0, 0)"),
    ("kfold", "k", 11, ValueError, "must be at most m = 10, got 11"),
    *rows(["kfold"], "k", [*COUNT, (1, ValueError, "must be at least 2, got 1")]),
    *rows(
        ("split_sizes", *ANY_SPLIT),
        "ratios",
        [
            (None, TypeError, "must be a sequence, got NoneType"),
            (0.6, TypeError, "must be a sequence, got float"),
            ("abc", TypeError, "must be a sequence, got str"),
            ((0.8, 0.2), ValueError, "must have 3 entries, got 2"),
            ((), ValueError, "must have 3 entries, got 0"),
            ((0.6, 0.3, 0.2), ValueError, "must sum to 1, got 1.1"),
            ((0.5, 0.2, 0.2), ValueError, "must sum to 1, got 0.9"),
        ],
    ),
    *rows(
        ("split_sizes", *ANY_SPLIT),
        "ratios[1]",
        [
            ((0.8, 0.0, 0.2), ValueError, "must be in (0, 1), got 0.0"),
            ((1.1, -0.3, 0.2)[::-1], ValueError, "must be in (0, 1), got -0.3"),
            ((0.6, NAN, 0.2), ValueError, "must be in (0, 1), got nan"),
            ((0.6, "0.2", 0.2), TypeError, "must be a real number, got str"),
        ],
    ),
    *rows(
        ANY_SPLIT,
        "x",
        [
            (None, TypeError, ARRAY),
            ("abc", TypeError, ARRAY),
            ([[1.0], [1.0, 2.0]], ShapeError, "must be a regular array"),
            (np.ones((2, 0)), ShapeError, "must not be empty"),
            (np.ones(10), ShapeError, "must have shape (*, *), got (10,)"),
            (np.ones((2, 5, 10)), ShapeError, "must have shape (*, *), got (2, 5, 10)"),
        ],
    ),
    *rows(
        ANY_SPLIT,
        "y",
        [
            (None, TypeError, ARRAY),
            (np.array(["a"] * 10), TypeError, ARRAY),
            (np.zeros(0), ShapeError, "must not be empty"),
            (np.arange(9), ShapeError, "must have shape (10,) or (*, 10), got (9,)"),
            (np.ones((10, 1)), ShapeError, "or (*, 10), got (10, 1)"),
            (np.ones((1, 1, 10)), ShapeError, "or (*, 10), got (1, 1, 10)"),
            (3, ShapeError, "or (*, 10), got ()"),
        ],
    ),
    *[
        (name, argument, *row)
        for name, argument in (("stratified_split", "strata"), ("grouped_split", "groups"))
        for row in [
            (None, TypeError, f"{NAMES} object"),
            (np.ones(10), TypeError, f"{NAMES} float64"),
            (np.ones(10, dtype=bool), TypeError, f"{NAMES} bool"),
            ([[1], [1, 2]], ShapeError, "must be a regular array"),
            (np.arange(9), ShapeError, "must have shape (10,), got (9,)"),
            (G.reshape(1, 10), ShapeError, "must have shape (10,), got (1, 10)"),
        ]
    ],
    ("stratified_split", "strata", G, ValueError, "for every part, got 2 of 0"),
    ("grouped_split", "groups", S, ValueError, "for every part, got 2 groups"),
    *rows(
        (*ANY_SPLIT, "kfold"),
        "rng",
        [
            (bad, TypeError, "must be a numpy.random.Generator")
            for bad in (None, 0, np.random)
        ],
    ),
    *rows(
        INTERVALS,
        "p_hat",
        [
            (-0.1, ValueError, "must be in [0, 1], got -0.1"),
            (1.1, ValueError, "must be in [0, 1], got 1.1"),
            (90, ValueError, "must be in [0, 1], got 90"),
            (NAN, ValueError, "must be in [0, 1], got nan"),
            ("0.9", TypeError, "must be a real number, got str"),
            (np.ones(2), TypeError, "must be a real number, got ndarray"),
        ],
    ),
    *rows(INTERVALS, "n", COUNT),
    *rows(
        INTERVALS,
        "z",
        [
            (0, ValueError, "must be in (0, inf), got 0"),
            (INF, ValueError, "must be in (0, inf), got inf"),
            (NAN, ValueError, "must be in (0, inf), got nan"),
            (None, TypeError, "must be a real number, got NoneType"),
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "argument", "value", "error", "message"),
    CASES,
    ids=[f"{name}-{argument}-{i}" for i, (name, argument, *_) in enumerate(CASES)],
)
def test_bad_input_is_refused_by_name(name, argument, value, error, message):
    with pytest.raises(error) as caught:
        call(name, **{argument.split("[")[0]: value})
    assert re.match(rf"{re.escape(argument)} must ", str(caught.value))
    assert message in str(caught.value)


def test_every_argument_of_every_public_function_has_a_row():
    functions = {
        name: function
        for name, function in inspect.getmembers(splits, inspect.isfunction)
        if function.__module__ == "dlnotes_lib.splits" and not name.startswith("_")
    }
    wanted = {
        (name, argument)
        for name, function in functions.items()
        for argument in inspect.signature(function).parameters
    }
    assert {(name, argument.split("[")[0]) for name, argument, *_ in CASES} == wanted


def test_the_good_arguments_are_accepted():
    for name, _, *_ in CASES:
        call(name)
