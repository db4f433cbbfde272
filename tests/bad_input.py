"""坏输入表的零件：一行是一次坏调用；多数行由下面几个小函数成批写出。

用法：模块的测试把各行放进一张表，对每行调用 `refused`，再断言 `missing` 是空的。
函数都能用一组好参数写出时更短：一行是（函数名, 参数, 坏值, 异常, 消息），见 `refuse`。
"""

import inspect
import re
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import pytest

from dlnotes_lib.arrays import ShapeError


class Case(NamedTuple):
    """表的一行。"""

    function: Callable[..., Any]
    argument: str
    kind: str
    call: Callable[[Any], Any]
    value: Any
    error: type[Exception]
    message: str


Call = Callable[[Any], Any]
Function = Callable[..., Any]
RNG = np.random.default_rng(0)
NAN, INF = float("nan"), float("inf")
REAL = "must be a real or complex array"


def array(function: Function, argument: str, call: Call) -> list[Case]:
    """任何数组参数都不接受的东西。"""
    rows = [
        ("empty", np.zeros((0, 3)), ShapeError, "must not be empty"),
        ("ragged", [[1.0], [1.0, 2.0]], ShapeError, "must be a regular array"),
        ("str", "abc", TypeError, REAL),
        ("none", None, TypeError, REAL),
        ("object", np.array([[1.0, None]]), TypeError, REAL),
        ("bool", np.ones((2, 3), dtype=bool), TypeError, REAL),
    ]
    return [Case(function, argument, k, call, v, e, m) for k, v, e, m in rows]


def shaped(function: Function, argument: str, call: Call, *bad: Any) -> list[Case]:
    """维数或大小不对。"""
    return [
        Case(function, argument, f"shape {s}", call, np.ones(s), ShapeError, "shape")
        for s in bad
    ]


def finite(function: Function, argument: str, call: Call, shape: Any) -> list[Case]:
    """NaN 与两种 Inf，只坏一个元素。"""
    rows = []
    for bad in (NAN, INF, -INF):
        x = np.full(shape, 0.5)
        x.flat[-1] = bad
        message = f"must be finite, got 1 non-finite of {x.size}"
        rows.append(Case(function, argument, f"{bad}", call, x, ValueError, message))
    return rows


def number(function: Function, argument: str, call: Call, *bad: float) -> list[Case]:
    """实数超参数：类型不对、NaN、出界。"""
    wrong = [("str", "1"), ("none", None), ("bool", True), ("array", np.ones(2))]
    return [
        *(
            Case(function, argument, k, call, v, TypeError, "must be a real number")
            for k, v in wrong
        ),
        *(
            Case(function, argument, f"{v}", call, v, ValueError, "must be in")
            for v in (NAN, *bad)
        ),
    ]


def count(function: Function, argument: str, call: Call) -> list[Case]:
    """个数：不是整数，或小于 1。"""
    wrong = [("str", "1"), ("none", None), ("bool", True), ("float", 2.0)]
    return [
        *(
            Case(function, argument, k, call, v, TypeError, "must be an integer")
            for k, v in wrong
        ),
        *(
            Case(function, argument, f"{v}", call, v, ValueError, "must be at least 1")
            for v in (0, -1)
        ),
    ]


def generator(function: Function, call: Call) -> list[Case]:
    """随机数生成器：没有默认值，也不收种子。"""
    wrong = [("none", None), ("seed", 0), ("module", np.random)]
    message = "must be a numpy.random.Generator"
    return [Case(function, "rng", k, call, v, TypeError, message) for k, v in wrong]


def refused(case: Case) -> None:
    """这一行真的报错，消息以参数名开头。"""
    with pytest.raises(case.error) as caught:
        case.call(case.value)
    assert re.match(rf"{re.escape(case.argument)} must ", str(caught.value))
    assert case.message in str(caught.value)


def case_id(case: Case) -> str:
    """测试项的名字。"""
    return f"{case.function.__name__}-{case.argument}-{case.kind}"


def missing(module: ModuleType, cases: list[Case]) -> set[tuple[str, str]]:
    """模块的公开函数里，表中没有一行的（函数, 参数）。"""
    functions = {
        function
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }
    tested = {(c.function, c.argument.split("[")[0]) for c in cases}
    return {
        (function.__name__, argument)
        for function in functions
        for argument in inspect.signature(function).parameters
        if (function, argument) not in tested
    }


Good = dict[str, dict[str, Any]]
Row = tuple[str, str, Any, type[Exception], str]


def refuse(module: ModuleType, good: Good, row: Row) -> None:
    """好参数收下；换上坏的那一个就报错，消息以参数名开头。"""
    name, argument, value, error, message = row
    function = getattr(module, name)
    function(**good[name])
    bad = good[name] | {argument: value}
    refused(Case(function, argument, "", lambda v: function(**v), bad, error, message))


def uncovered(module: ModuleType, rows: Sequence[Row]) -> set[tuple[str, str]]:
    """模块的公开函数里，表中没有一行的（函数名, 参数）。"""
    cases = [Case(getattr(module, n), a, "", id, None, e, "") for n, a, _, e, _ in rows]
    return missing(module, cases)
