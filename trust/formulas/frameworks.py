"""3.10 节：反向模式。"""

import math
from typing import Any

from numpy.random import Generator

from dlnotes_lib.autodiff import Value
from trust.formulas import Formula

UNARY = ("tanh", "exp", "log", "relu")


def program_case(rng: Generator) -> dict[str, Any]:
    """四个现成的数，与一串运算：（名字，第一个输入，第二个输入）。"""
    steps: list[tuple[str, int, int]] = []
    for _ in range(7):  # 每一步都用上一步的结果，另一个输入随意，可以是同一个
        name = ("add", "mul", "tanh", "relu", "square")[int(rng.integers(5))]
        here = 4 + len(steps)
        steps.append((name, here - 1, int(rng.integers(here))))
    steps.append(("mul", 10, 10))
    steps += [("tanh", 11, 0), ("exp", 12, 0), ("square", 13, 0), ("add", 14, 13)]
    steps += [("log", 15, 0), ("mul", 16, 3), ("add", 17, int(rng.integers(4)))]
    return {"data": rng.normal(size=4), "steps": steps}


def reverse(data: Any, steps: Any) -> list[float]:
    """库反向走一遍，每个数收到的梯度。"""
    nodes = [Value(v) for v in data.tolist()]
    for name, i, k in steps:
        if name in UNARY:
            nodes.append(getattr(nodes[i], name)())
        elif name == "square":
            nodes.append(nodes[i] ** 2)
        else:
            a, b = nodes[i], nodes[k]
            nodes.append(a + b if name == "add" else a * b)
    nodes[-1].backward()
    return [node.grad for node in nodes]


def naive_reverse(data: list[float], steps: Any) -> list[float]:
    """从后往前，每个数看遍后面用到它的结果。"""
    v, first = list(data), len(data)
    for name, i, k in steps:
        v.append(result(name, v[i], v[k]))
    dv = [0.0] * len(v)
    dv[-1] = 1.0
    for i in range(len(v) - 2, -1, -1):
        for j in range(first, len(v)):
            name, one, two = steps[j - first]
            by_one, by_two = partials(name, v[one], v[two])
            if one == i:
                dv[i] += dv[j] * by_one
            if two == i:
                dv[i] += dv[j] * by_two
    return dv


def result(name: str, a: float, b: float) -> float:
    """一步运算。"""
    if name == "add":
        return a + b
    if name == "mul":
        return a * b
    if name == "square":
        return a**2
    return max(a, 0.0) if name == "relu" else getattr(math, name)(a)


def partials(name: str, a: float, b: float) -> tuple[float, float]:
    """一步运算对两个输入的偏导；只有一个输入时，第二个是 0。"""
    if name == "add":
        return 1.0, 1.0
    if name == "mul":
        return b, a
    if name == "relu":
        return (1.0 if a > 0 else 0.0), 0.0
    slopes = {"square": 2 * a, "tanh": 1 - math.tanh(a) ** 2}
    if name in slopes:
        return slopes[name], 0.0
    return (math.exp(a) if name == "exp" else 1 / a), 0.0


FORMULAS = [
    Formula("3.10.1", "autodiff.Value.backward", program_case, reverse, naive_reverse),
]
