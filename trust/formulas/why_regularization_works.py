"""1.5 节：为什么正则化能减少过拟合。"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.random import Generator

from dlnotes_lib.activations import tanh
from dlnotes_lib.arrays import Array
from dlnotes_lib.experiments.why_regularization_works import (
    Run,
    influence,
    tanh_linear_error,
)
from dlnotes_lib.models import MLP
from trust.formulas import Formula

SIZES = (2, 4, 3, 1)


def net_case(rng: Generator) -> dict[str, Any]:
    """三层的网络与一批样本，λ 与倍数 c；权重与偏置都不是零。"""
    params = {}
    for i in (1, 2, 3):
        params[f"W{i}"] = rng.normal(size=(SIZES[i], SIZES[i - 1]))
        params[f"b{i}"] = rng.normal(size=(SIZES[i], 1))
    return {
        "params": params,
        "x": rng.normal(size=(2, 5)),
        "y": rng.integers(0, 2, size=(1, 5)).astype(float),
        "lambd": rng.uniform(1.0, 5.0),
        "c": rng.uniform(0.2, 3.0),
    }


def net(activation: str, lambd: float = 0.0) -> MLP:
    """2-4-3-1 的网络。"""
    return MLP(sizes=SIZES, activation=activation, loss="bce", lambd=lambd)


def sizes(params: Any, x: Any, y: Any, lambd: float, c: float) -> Any:
    """两个隐层每个单元的影响。"""
    return influence(Run(net("tanh"), params, x, y, x, y))


def naive_sizes(params: Any, x: Any, y: Any, lambd: float, c: float) -> list[float]:
    """第 l 层第 j 行的长度，乘第 l + 1 层第 j 列的长度。"""
    found = []
    for layer in (1, 2):
        w, after = params[f"W{layer}"], params[f"W{layer + 1}"]
        for j in range(len(w)):
            row = math.sqrt(sum(w[j][k] ** 2 for k in range(len(w[j]))))
            column = math.sqrt(sum(after[i][j] ** 2 for i in range(len(after))))
            found.append(row * column)
    return found


def truncated(f: Callable[[Array], Array], at: float, step: Array, order: int) -> Array:
    """f 在 at 处的泰勒多项式，到 order 次，在 at + step 处的值。

    系数由柯西积分公式算：取半径 0.7 的圆上 64 点的平均，离 tanh 的奇点够远。
    """
    turn = np.exp(2j * np.pi * np.arange(64) / 64)
    values = f(at + 0.7 * turn)
    total = np.zeros_like(step)
    for k in range(order + 1):
        total = total + np.mean(values / (0.7 * turn) ** k).real * step**k
    return total


def tanh_case(rng: Generator) -> dict[str, Any]:
    """一串 z，有正有负，都不太小。"""
    return {"z": rng.uniform(0.3, 2.0, size=5) * [1, -1, 1, -1, 1]}


def near_zero(z: Any) -> Any:
    """tanh 到四次、相对误差到三次的泰勒多项式；再加相对误差本身。"""
    return [
        truncated(lambda v: tanh(v)[0], 0.0, z, 4),
        truncated(tanh_linear_error, 0.0, z, 3),
        tanh_linear_error(z),
    ]


def naive_near_zero(z: list[float]) -> Any:
    """大 O 之前的项；第二行的左边也照写。"""
    return [
        [v - v**3 / 3 for v in z],
        [v**2 / 3 for v in z],
        [(v - math.tanh(v)) / v for v in z],
    ]


def tangent_case(rng: Generator) -> dict[str, Any]:
    """工作点 b 与一串 δ。"""
    return {"b": rng.uniform(0.3, 1.5), "delta": rng.uniform(-0.5, 0.5, size=5)}


def tangent(b: float, delta: Any) -> Any:
    """库的 tanh 与它的反向；再由柯西积分公式取一次的泰勒多项式。"""
    a, back = tanh(np.array(b))
    forward = [a + back(np.array(d))[0] for d in delta]
    return [forward, truncated(lambda v: tanh(v)[0], b, delta, 1)]


def naive_tangent(b: float, delta: list[float]) -> Any:
    """大 O 之前的项，两遍。"""
    line = [math.tanh(b) + (1 - math.tanh(b) ** 2) * d for d in delta]
    return [line, line]


def scaled(params: Any, x: Any, y: Any, lambd: float, c: float) -> Any:
    """偏置为零，权重都乘 c 之后的打分。"""
    small = {k: c * v if k[0] == "W" else 0 * v for k, v in params.items()}
    return net("relu").scores(small, x)


def naive_scaled(params: Any, x: Any, y: Any, lambd: float, c: float) -> list[float]:
    """先算 f(W)，再乘 c 的 L 次方。"""
    no_bias = {k: v if k[0] == "W" else [[0.0]] * len(v) for k, v in params.items()}
    found = forward(no_bias, x, lambda v: max(v, 0.0))
    return [c**3 * v for v in found]


def cost(params: Any, x: Any, y: Any, lambd: float, c: float) -> float:
    """网络的总代价。"""
    return net("tanh", lambd).cost(params, x, y)


def naive_cost(params: Any, x: Any, y: Any, lambd: float, c: float) -> float:
    """平均交叉熵，加三层的平方和；偏置不罚。"""
    m, loss = len(x[0]), 0.0
    for z, (target,) in zip(
        forward(params, x, math.tanh), zip(*y, strict=True), strict=True
    ):
        y_hat = 1 / (1 + math.exp(-z))
        loss -= target * math.log(y_hat) + (1 - target) * math.log(1 - y_hat)
    squares = 0.0
    for layer in (1, 2, 3):
        for row in params[f"W{layer}"]:
            for v in row:
                squares += v**2
    return 1 / m * loss + lambd / (2 * m) * squares


def forward(params: Any, x: Any, g: Callable[[float], float]) -> list[float]:
    """每个样本的打分；隐层的激活函数是 g，输出层没有。"""
    found = []
    for k in range(len(x[0])):
        a = [row[k] for row in x]
        for layer in (1, 2, 3):
            w, b = params[f"W{layer}"], params[f"b{layer}"]
            z = [
                b[i][0] + sum(w[i][j] * a[j] for j in range(len(a)))
                for i in range(len(w))
            ]
            a = [g(v) for v in z] if layer < 3 else z
        found.append(a[0])
    return found


HERE = "experiments.why_regularization_works"
FORMULAS = [
    Formula("1.5.1", f"{HERE}.influence", net_case, sizes, naive_sizes),
    Formula(
        "1.5.2", f"{HERE}.tanh_linear_error", tanh_case, near_zero, naive_near_zero
    ),
    Formula("1.5.3", "activations.tanh", tangent_case, tangent, naive_tangent),
    Formula("1.5.4", "models.MLP.scores", net_case, scaled, naive_scaled),
    Formula("1.5.5", "models.MLP.cost", net_case, cost, naive_cost),
]
