"""量默认行为用的小工具，库与各框架共用；喂的都是 `facts` 里的那几个输入。"""

import importlib
import inspect
import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from dlnotes_lib.arrays import Array
from dlnotes_lib.publish.facts import WIDE

MODULES = {
    "np": "numpy",
    "torch": "torch",
    "tf": "tensorflow",
    "keras": "keras",
    "jax": "jax",
}


def made(call: str) -> Any:
    """照字面执行一个调用，所以印出来的就是跑过的。"""
    name = call.partition(".")[0]
    return eval(call, {name: importlib.import_module(MODULES[name])})


def default(kind: Callable[..., Any], name: str) -> Any:
    """函数签名里的默认值；没有默认值的记作 "required"。"""
    value = inspect.signature(kind).parameters[name].default
    return "required" if value is inspect.Parameter.empty else value


def outcome(run: Callable[[], Any]) -> Any:
    """跑出来的值；报错就是错误的名字。"""
    try:
        return run()
    except Exception as error:
        return type(error).__name__


def assigned(x: Any) -> float:
    """改一个元素之后的值。"""
    x[0] = 9.0
    return float(x[0])


def initial(up: Any, down: Any, bias: Any) -> dict[str, Any]:
    """两层默认的初始权重有多大；大小按 `WIDE`。"""
    return {
        "init.up": spread(up, WIDE[0][0]),
        "init.down": spread(down, WIDE[1][0]),
        "init.peak": peak(up),
        "init.bias": bool((bias == 0).all()),
    }


def losses(kind: str, measure: Any, scores: Any, shares: Any) -> dict[str, Any]:
    """一种标签的损失：喂打分得到什么，喂概率得到什么。"""
    return {
        f"loss.{kind}": digits(np.asarray(measure(scores))),
        f"loss.{kind}.shares": digits(np.asarray(measure(shares))),
    }


def class_axis(measure: Callable[[tuple[int, int]], Any]) -> list[int]:
    """打分是 (2, 3, 4) 时，类别在哪一轴：看哪一种形状的标签不报错。"""
    shapes = {1: (2, 4), 2: (2, 3)}
    got = {axis: outcome(partial(measure, shape)) for axis, shape in shapes.items()}
    return [axis for axis, value in got.items() if not isinstance(value, str)]


def centred(out: Any) -> list[int]:
    """沿哪些轴均值是 0。"""
    axes = range(out.ndim)
    return [a for a in axes if abs(np.asarray(out).mean(axis=a)).max() < 1e-5]


def seeded(call: str, draw: Callable[[Any], list[float]]) -> dict[str, Any]:
    """设两次种子，每次连抽两回；顺便看它动没动 NumPy 的全局种子。"""
    rows, others = [], []
    for _ in range(2):
        state = made(call)
        rows.append([draw(state), draw(state)])
        others.append(np.random.rand())  # noqa: NPY002  要看的正是全局的那个
    return {
        "seed.call": call,
        "seed.first": round(rows[0][0][0], 4),
        "seed.repeats": rows[0] == rows[1],
        "seed.moves": rows[0][0] != rows[0][1],
        "seed.numpy": others[0] == others[1],
    }


def spread(values: Array, fan_in: int) -> float:
    """标准差乘输入个数的平方根，两位有效数字。"""
    return float(f"{float(values.std()) * math.sqrt(fan_in):.2g}")


def peak(values: Array) -> float:
    """最大的绝对值是标准差的几倍：均匀分布是 √3，正态分布大得多。"""
    return float(f"{float(abs(values).max() / values.std()):.2g}")


def digits(values: Array) -> list[float]:
    """拉平，留四位小数。"""
    return [round(float(v), 4) + 0.0 for v in values.ravel()]  # 加 0.0：−0.0 变成 0.0


def kept(values: Array) -> float:
    """不是零的占多少，两位小数。"""
    return round(float((values != 0).mean()), 2)
