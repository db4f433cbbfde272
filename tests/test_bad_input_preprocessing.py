"""坏输入：每一行是一次调用、期望的错误、消息里点名的参数。"""

import inspect
import re
from typing import Any

import numpy as np
import pytest

from dlnotes_lib import preprocessing
from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.preprocessing import Standardizer

X: Any = np.array([[1.0, 2.0, 4.0], [3.0, 1.0, 5.0]])
COLUMN: Any = np.ones((2, 1))
NAN, INF = float("nan"), float("inf")
SCALER = Standardizer(COLUMN, COLUMN)
CALLS: dict[str, tuple[Any, dict[str, Any]]] = {
    "Standardizer": (Standardizer, {"mean": COLUMN, "std": COLUMN}),
    "fit": (Standardizer.fit, {"x": X}),
    "transform": (SCALER.transform, {"x": X}),
    "inverse_transform": (SCALER.inverse_transform, {"x_hat": X}),
    "with_ones": (preprocessing.with_ones, {"x": X}),
    "linear_hessian": (preprocessing.linear_hessian, {"x": X}),
    "condition_number": (preprocessing.condition_number, {"x": X}),
}
Row = tuple[str, str, Any, type[Exception], str]


def rows(names: Any, argument: str, bad: list[Any]) -> list[Row]:
    return [(name, argument, *row) for name in names for row in bad]


NOT_AN_ARRAY = [
    (None, TypeError, "must be a real or complex array"),
    ("abc", TypeError, "must be a real or complex array"),
    (
        np.ones((2, 3), bool),
        TypeError,
        "must be a real or complex array, got dtype bool",
    ),
    ([[1.0, 2.0], [3.0]], ShapeError, "must be a regular array, got ragged data"),
    (3.0, ShapeError, "must have shape"),
    (np.ones(3), ShapeError, "must have shape"),
    (np.ones((2, 3, 1)), ShapeError, "must have shape"),
    (np.ones((2, 0)), ShapeError, "must not be empty, got shape (2, 0)"),
]
NOT_REAL = [(X + 0j, TypeError, "must be real, got dtype complex128")]
NOT_FINITE = [
    ([[1.0, NAN, 2.0]], ValueError, "must be finite, got 1 non-finite of 3 values"),
    ([[INF, -INF, 2.0]], ValueError, "must be finite, got 2 non-finite of 3 values"),
]
COLUMNS = [
    *NOT_AN_ARRAY,
    (COLUMN + 0j, TypeError, "must be real, got dtype complex128"),
    (X, ShapeError, ", 1), got (2, 3)"),
    ([[NAN], [1.0]], ValueError, "must be finite, got 1 non-finite of 2 values"),
    ([[INF], [1.0]], ValueError, "must be finite, got 1 non-finite of 2 values"),
]
CASES: list[Row] = [
    *rows(["Standardizer"], "mean", COLUMNS),
    *rows(
        ["Standardizer"],
        "std",
        [
            *COLUMNS,
            (np.ones((3, 1)), ShapeError, "must have shape (2, 1), got (3, 1)"),
            ([[1.0], [-2.0]], ValueError, "must be at least 0, got -2"),
        ],
    ),
    *rows(
        ("fit", "linear_hessian", "condition_number"),
        "x",
        [*NOT_AN_ARRAY, *NOT_REAL, *NOT_FINITE],
    ),
    *rows(("transform", "with_ones"), "x", NOT_AN_ARRAY),
    *rows(["inverse_transform"], "x_hat", NOT_AN_ARRAY),
    ("transform", "x", np.ones((3, 2)), ShapeError, "must have shape (2, *), got (3, 2)"),
    ("inverse_transform", "x_hat", np.ones((3, 2)), ShapeError, "must have shape (2, *), got (3, 2)"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "argument", "value", "error", "message"),
    CASES,
    ids=[f"{name}-{argument}-{i}" for i, (name, argument, *_) in enumerate(CASES)],
)
def test_bad_input_is_refused_by_name(name, argument, value, error, message):
    function, good = CALLS[name]
    with pytest.raises(error) as caught:
        function(**good | {argument: value})
    assert type(caught.value) is error
    assert re.match(rf"{argument} must ", str(caught.value))
    assert message in str(caught.value)


def test_numbers_too_large_to_square_are_refused_instead_of_giving_zeros():
    with pytest.raises(ValueError, match="std must be finite, got 1 non-finite"):
        Standardizer.fit(np.array([[1e200, -1e200]]))
    with pytest.raises(ValueError, match="mean must be finite, got 1 non-finite"):
        Standardizer.fit(np.array([[1.7e308, 1.7e308]]))


def test_every_argument_of_every_public_function_has_a_row():
    found = {
        name
        for name, item in inspect.getmembers(preprocessing)
        if getattr(item, "__module__", "") == "dlnotes_lib.preprocessing"
        and callable(item)
        and not name.startswith("_")
    }
    methods = {n for n in vars(Standardizer) if n[0] != "_"} - {"mean", "std"}
    assert found | methods == set(CALLS)
    wanted = {
        (n, a) for n, (f, _) in CALLS.items() for a in inspect.signature(f).parameters
    }
    assert {(name, argument) for name, argument, *_ in CASES} == wanted


def test_the_good_arguments_are_accepted():
    for function, good in CALLS.values():
        function(**good)
