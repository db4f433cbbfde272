"""1.13 节：梯度检验。"""

import math
from typing import Any

import numpy as np
from numpy.random import Generator

from dlnotes_lib.differences import numerical_gradient
from dlnotes_lib.gradcheck import gradient_check, relative_error
from dlnotes_lib.packing import pack
from trust.formulas import Formula


def tables_case(rng: Generator) -> dict[str, Any]:
    """参数表与梯度表，两层。"""
    shapes = {"W1": (3, 2), "b1": (3, 1), "W2": (4, 3), "b2": (4, 1)}
    return {
        "params": {k: rng.normal(size=shape) for k, shape in shapes.items()},
        "grads": {k: rng.normal(size=shape) for k, shape in shapes.items()},
    }


def packed(params: Any, grads: Any) -> Any:
    """库：两个长向量。"""
    return pack(params), pack(grads)


def naive_packed(params: Any, grads: Any) -> Any:
    """先 W 后 b，一层一层；每块按行展平。"""
    found = []
    for table in (params, grads):
        vector = []
        for layer in (1, 2):
            for name in (f"W{layer}", f"b{layer}"):
                block = table[name]
                for i in range(len(block)):
                    for j in range(len(block[0])):
                        vector.append(block[i][j])
        found.append(vector)
    return found


def cost_case(rng: Generator) -> dict[str, Any]:
    """三次的代价：步长看得见。"""
    return {
        "theta": rng.normal(size=5),
        "c": rng.normal(size=5),
        "eps": rng.uniform(0.2, 1.0),
    }


def differences(theta: Any, c: Any, eps: float) -> Any:
    """库：逐分量差分。"""

    def cost(v: Any) -> float:
        return float(np.sum(c * v**3) + np.sum(v[:-1] * v[1:]))

    return numerical_gradient(cost, theta, eps=eps)


def naive_differences(theta: list[float], c: list[float], eps: float) -> list[float]:
    """第 i 个分量往前一步、往后一步。"""

    def j(v: list[float]) -> float:
        cubes = sum(c[k] * v[k] ** 3 for k in range(len(v)))
        return cubes + sum(v[k] * v[k + 1] for k in range(len(v) - 1))

    found = []
    n = len(theta)
    for i in range(n):
        e = [1.0 if k == i else 0.0 for k in range(n)]
        up = [theta[k] + eps * e[k] for k in range(n)]
        down = [theta[k] - eps * e[k] for k in range(n)]
        found.append((j(up) - j(down)) / (2 * eps))
    return found


def pair_case(rng: Generator) -> dict[str, Any]:
    """两个不同的梯度，长度也不同。"""
    a = rng.normal(size=(3, 4))
    return {"a": a, "b": 1.5 * a + rng.normal(size=(3, 4))}


def naive_relative(a: Any, b: Any) -> float:
    """差的长度，除以两个长度之和；长度要开方。"""
    approx = [v for row in a for v in row]
    exact = [v for row in b for v in row]
    gap = naive_length([approx[k] - exact[k] for k in range(len(exact))])
    return gap / (naive_length(approx) + naive_length(exact))


def naive_length(x: list[float]) -> float:
    """‖x‖₂。"""
    return math.sqrt(sum(v**2 for v in x))


def factor_case(rng: Generator) -> dict[str, Any]:
    """两块，一块差正的 c 倍，一块差负的 c 倍。"""
    return {
        "w": rng.normal(size=(2, 3)),
        "b": rng.normal(size=(2, 1)),
        "c": rng.uniform(0.1, 3.0, size=2) * np.array([1, -1]),
    }


def factor(w: Any, b: Any, c: Any) -> Any:
    """库：二次的代价，差分没有截断误差；逐块的相对误差。"""

    def cost(p: Any) -> float:
        return float(np.sum(p["W1"] ** 2) + np.sum(p["b1"] ** 2))

    grads = {"W1": c[0] * 2 * w, "b1": c[1] * 2 * b}
    found = gradient_check(cost, {"W1": w, "b1": b}, grads, eps=0.5)
    return found.per_block["W1"], found.per_block["b1"]


def naive_factor(w: Any, b: Any, c: list[float]) -> list[float]:
    """只与 c 有关；c ≤ 0 时是 1。"""
    return [abs(v - 1) / (abs(v) + 1) for v in c]


FORMULAS = [
    Formula("1.13.1", "packing.pack", tables_case, packed, naive_packed),
    Formula(
        "1.13.2",
        "differences.numerical_gradient",
        cost_case,
        differences,
        naive_differences,
    ),
    Formula(
        "1.13.3", "gradcheck.relative_error", pair_case, relative_error, naive_relative
    ),
    Formula("1.13.4", "gradcheck.gradient_check", factor_case, factor, naive_factor),
]
