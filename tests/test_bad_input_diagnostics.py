"""偏差与方差的坏输入：一行是一次调用、期望的错误、消息里点名的参数。"""

import inspect
import re
from typing import Any

import numpy as np
import pytest

from dlnotes_lib import diagnostics
from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.diagnostics import bias_variance, diagnose, recipe

NAN, INF = float("nan"), float("inf")
REAL, COUNT = "must be a real number", "must be an integer"


def err(**changed: Any) -> Any:
    arguments: dict[str, Any] = {"train_err": 0.1, "dev_err": 0.2} | changed
    return diagnose(**arguments)


def good(x: Any, y: Any) -> Any:
    return np.ones_like


def bv(**changed: Any) -> Any:
    rng = np.random.default_rng(0)
    arguments: dict[str, Any] = {"fit": good, "f": np.ones_like} | {
        "n": 4, "sigma": 0.5, "repeats": 2, "rng": rng
    } | changed  # fmt: skip
    return bias_variance(**arguments)


def gives(value: Any) -> Any:
    """拟合之后总给出 value。"""
    return lambda x, y: lambda t: value


def spoiled(bad: float) -> Any:
    values = np.ones(200)
    values[-1] = bad
    return values


CASES = [
    *(
        (diagnose, name, bad, lambda name=name, bad=bad: err(**{name: bad}), error, message)
        for name in ("train_err", "dev_err", "bayes_err", "tol")
        for bad, error, message in [
            ("0.1", TypeError, REAL),
            (None, TypeError, REAL),
            (True, TypeError, REAL),
            (np.ones(2), TypeError, REAL),
            (NAN, ValueError, "must be in"),
            (INF, ValueError, "must be in"),
            (-0.1, ValueError, "must be in"),
            (15, ValueError, "must be in"),
        ]
    ),
    (diagnose, "tol", 0, lambda: err(tol=0), ValueError, "must be in (0, 1], got 0"),
    *(
        (recipe, "d", bad, lambda bad=bad: recipe(bad), TypeError, f"must be a Diagnosis, got {kind}")
        for bad, kind in [(None, "NoneType"), ((0.1, 0.2, True, True), "tuple"), ("高偏差", "str")]
    ),
    *(
        (bias_variance, name, bad, lambda name=name, bad=bad: bv(**{name: bad}), TypeError, "must be callable")
        for name in ("fit", "f")
        for bad in (None, 3.0, "sine")
    ),
    *(
        (bias_variance, name, bad, lambda name=name, bad=bad: bv(**{name: bad}), error, message)
        for name, least in (("n", 1), ("repeats", 2))
        for bad, error, message in [
            ("4", TypeError, COUNT),
            (4.0, TypeError, COUNT),
            (True, TypeError, COUNT),
            (None, TypeError, COUNT),
            (least - 1, ValueError, f"must be at least {least}"),
            (-1, ValueError, f"must be at least {least}"),
        ]
    ),
    *(
        (bias_variance, "sigma", bad, lambda bad=bad: bv(sigma=bad), error, message)
        for bad, error, message in [
            ("1", TypeError, REAL),
            (None, TypeError, REAL),
            (-0.1, ValueError, "must be in [0, inf)"),
            (NAN, ValueError, "must be in [0, inf)"),
            (INF, ValueError, "must be in [0, inf)"),
        ]
    ),
    *(
        (bias_variance, "rng", bad, lambda bad=bad: bv(rng=bad), TypeError, "must be a numpy.random.Generator")
        for bad in (None, 0, np.random)
    ),
    *(
        (bias_variance, name, kind, lambda call=call: call(), error, message)
        for name, wrap in (
            ("f(x)", lambda value: bv(f=lambda x: value)),
            ("fit(x, y)(x)", lambda value: bv(fit=gives(value))),
        )
        for kind, call, error, message in [
            ("scalar", lambda wrap=wrap: wrap(1.0), ShapeError, "must have shape (200,), got ()"),
            ("row", lambda wrap=wrap: wrap(np.ones((1, 200))), ShapeError, "got (1, 200)"),
            ("none", lambda wrap=wrap: wrap(None), TypeError, "must be a real or complex array"),
            ("complex", lambda wrap=wrap: wrap(np.ones(200) + 0j), TypeError, "must be real, got dtype complex128"),
            ("nan", lambda wrap=wrap: wrap(spoiled(NAN)), ValueError, "must be finite, got 1 non-finite of 200"),
            ("inf", lambda wrap=wrap: wrap(spoiled(-INF)), ValueError, "must be finite, got 1 non-finite of 200"),
        ]
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("function", "argument", "bad", "call", "error", "message"),
    CASES,
    ids=[f"{c[0].__name__}-{c[1]}-{str(c[2])[:12]}-{i}" for i, c in enumerate(CASES)],
)
def test_bad_input_is_refused_by_name(function, argument, bad, call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value).startswith(f"{argument} must ")
    assert message in str(caught.value)


def test_every_argument_of_every_public_function_has_a_row():
    functions = {
        function
        for name, function in inspect.getmembers(diagnostics, inspect.isfunction)
        if function.__module__ == diagnostics.__name__ and not name.startswith("_")
    }
    tested = {(c[0], re.split(r"[\[(]", c[1])[0]) for c in CASES}
    assert {
        (function, argument)
        for function in functions
        for argument in inspect.signature(function).parameters
    } == tested
