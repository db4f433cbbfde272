"""坏输入：增广与早停。每一行是一次调用、期望的错误、消息里点名的参数。"""

import inspect
import re
from typing import Any

import numpy as np
import pytest

from dlnotes_lib import augment, stopping
from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.stopping import EarlyStopping

IMAGE: Any = np.ones((4, 5))
NAN, INF = float("nan"), float("inf")
ARRAY = "must be a real or complex array"
RULE = EarlyStopping(patience=2)
STARTED = RULE.update(RULE.init(), 3, 1.0, {})


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def call(name: str, **changed: Any) -> Any:
    """用好的参数调用，只换掉 changed 里的。"""
    good: dict[str, dict[str, Any]] = {
        "hflip": {"image": IMAGE},
        "translate": {"image": IMAGE, "dy": 1, "dx": -2},
        "rotate": {"image": IMAGE, "degrees": 10.0},
        "random_crop": {"image": IMAGE, "height": 2, "width": 3, "rng": rng()},
        "add_noise": {"image": IMAGE, "std": 0.1, "rng": rng()},
        "mix": {"a": IMAGE, "b": IMAGE, "lam": 0.3},
        "mixup": {"x": IMAGE, "y": IMAGE[:2], "alpha": 0.2, "rng": rng()},
        "EarlyStopping": {"patience": 2, "min_delta": 0.1},
        "replay": {"rule": RULE, "values": [1.0, 2.0]},
        "update": {"state": STARTED, "step": 4, "value": 1.0, "params": {"w": IMAGE}},
    }
    if name == "update":
        return RULE.update(**good[name] | changed)
    module = augment if hasattr(augment, name) else stopping
    return getattr(module, name)(**good[name] | changed)


Row = tuple[str, str, Any, type[Exception], str]


def rows(names: Any, argument: str, bad: list[Any]) -> list[Row]:
    return [(name, argument, *row) for name in names for row in bad]


def real(interval: str, *outside: float) -> list[Any]:
    return [
        *((v, ValueError, f"must be in {interval}, got {v}") for v in outside),
        (NAN, ValueError, f"must be in {interval}, got nan"),
        ("1", TypeError, "must be a real number, got str"),
        (None, TypeError, "must be a real number, got NoneType"),
        (True, TypeError, "must be a real number, got bool"),
        (np.ones(2), TypeError, "must be a real number, got ndarray"),
    ]


def integer(*below: int) -> list[Any]:
    return [
        *((v, ValueError, "must be at least") for v in below),
        (1.0, TypeError, "must be an integer, got float"),
        (None, TypeError, "must be an integer, got NoneType"),
        (True, TypeError, "must be an integer, got bool"),
        ("1", TypeError, "must be an integer, got str"),
    ]


IMAGES = ("hflip", "translate", "rotate", "random_crop", "add_noise")
NUMBERS = [
    (None, TypeError, ARRAY),
    ("abc", TypeError, ARRAY),
    (np.ones((4, 5), bool), TypeError, ARRAY),
    ([[1.0], [1.0, 2.0]], ShapeError, "must be a regular array"),
    (np.ones((0, 5)), ShapeError, "must not be empty"),
]
CASES: list[Row] = [
    *rows(
        IMAGES,
        "image",
        [
            *NUMBERS,
            (np.ones(5), ShapeError, "must have shape (H, W) or (H, W, C), got (5,)"),
            (np.ones((2, 4, 5, 3)), ShapeError, "(H, W, C), got (2, 4, 5, 3)"),
            (3.0, ShapeError, "(H, W, C), got ()"),
        ],
    ),
    *rows(["translate"], "dy", integer(-4, -9)),
    *rows(["translate"], "dx", integer(-5)),
    ("translate", "dy", 4, ValueError, "must be in (-4, 4), got 4"),
    ("translate", "dx", 5, ValueError, "must be in (-5, 5), got 5"),
    *rows(["rotate"], "degrees", real("(-inf, inf)", INF, -INF)),
    *rows(["random_crop"], "height", integer(0, -1)),
    *rows(["random_crop"], "width", integer(0, -1)),
    ("random_crop", "height", 5, ValueError, "must be in [1, 4], got 5"),
    ("random_crop", "width", 6, ValueError, "must be in [1, 5], got 6"),
    *rows(["add_noise"], "std", real("[0, inf)", -0.1, INF)),
    *rows(["mix"], "a", NUMBERS),
    *rows(["mix"], "b", NUMBERS),
    ("mix", "b", np.ones((5, 4)), ShapeError, "must have shape (4, 5), got (5, 4)"),
    ("mix", "b", 1.0, ShapeError, "must have shape (4, 5), got ()"),
    *rows(["mix"], "lam", real("[0, 1]", -0.1, 1.5)),
    *rows(["mixup"], "x", NUMBERS),
    ("mixup", "x", np.ones(5), ShapeError, "must have shape (*, *), got (5,)"),
    *rows(["mixup"], "y", NUMBERS),
    ("mixup", "y", np.arange(5), ShapeError, "must have shape (*, 5), got (5,)"),
    ("mixup", "y", np.ones((5, 2)), ShapeError, "must have shape (*, 5), got (5, 2)"),
    *rows(["mixup"], "alpha", real("(0, inf)", 0, -1.0, INF)),
    *rows(
        ("random_crop", "add_noise", "mixup"),
        "rng",
        [
            (bad, TypeError, "must be a numpy.random.Generator")
            for bad in (None, 0, np.random)
        ],
    ),
    *rows(["EarlyStopping"], "patience", integer(0, -1)),
    *rows(["EarlyStopping"], "min_delta", real("[0, inf)", -0.1, INF)),
    ("replay", "rule", None, TypeError, "must be an EarlyStopping, got NoneType"),
    ("replay", "rule", 2, TypeError, "must be an EarlyStopping, got int"),
    ("replay", "values", 1.0, TypeError, "must be iterable, got float"),
    ("replay", "values", [], ValueError, "must not be empty, got no values"),
    ("replay", "values[1]", [1.0, NAN], ValueError, "must be in (-inf, inf), got nan"),
    ("replay", "values[0]", "abc", TypeError, "must be a real number, got str"),
    ("replay", "values[0]", np.ones((2, 2)), TypeError, "real number, got ndarray"),
    ("update", "step", 3, ValueError, "must be at least 4, got 3"),
    *rows(["update"], "step", integer(-1)),
    *rows(["update"], "value", real("(-inf, inf)", INF, -INF)),
    ("update", "params", None, TypeError, "must be a dict, got NoneType"),
    ("update", "params", [IMAGE], TypeError, "must be a dict, got list"),
    ("update", "params['w']", {"w": "abc"}, TypeError, ARRAY),
    ("update", "params['w']", {"w": np.zeros(0)}, ShapeError, "must not be empty"),
    ("update", "params['w']", {"w": np.array([NAN])}, ValueError, "must be finite"),
]
FREE = {("update", "state"), ("update", "self")}  # 状态只由 init 与 update 给出


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
        for module in (augment, stopping)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }
    functions |= {"EarlyStopping": EarlyStopping, "update": EarlyStopping.update}
    wanted = {
        (name, argument)
        for name, function in functions.items()
        for argument in inspect.signature(function).parameters
    }
    seen = {(name, argument.split("[")[0]) for name, argument, *_ in CASES}
    assert seen | FREE == wanted


def test_the_good_arguments_are_accepted():
    for name in {name for name, *_ in CASES}:
        call(name)
