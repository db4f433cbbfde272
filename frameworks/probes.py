"""量默认行为用的小工具；各家都喂 `dlnotes_lib.publish.facts` 里的那几个输入。"""

import importlib
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from dlnotes_lib.publish.facts import WIDE, digits, peak, spread

MODULES = {"torch": "torch", "tf": "tensorflow", "keras": "keras", "jax": "jax"}


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
    return [a for a, s in shapes.items() if not isinstance(named(measure, s), str)]


def named(measure: Callable[[tuple[int, int]], Any], shape: tuple[int, int]) -> Any:
    """用这种形状的标签算一次；报错就是错误的名字。"""
    return outcome(lambda: measure(shape))


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
