"""1.11 节：权重初始化。"""

import math
from itertools import product
from typing import Any

import numpy as np
from numpy.random import Generator

from dlnotes_lib.initializers import normal_weights, uniform_limit
from dlnotes_lib.layers import linear
from dlnotes_lib.models import MLP
from trust.formulas import Formula
from trust.formulas.vanishing_exploding import RNG, Signs, naive_passes


def variance_case(rng: Generator) -> dict[str, Any]:
    """一批激活值，均值不是零；权重的标准差。"""
    return {"a": rng.normal(size=(3, 5)) + 0.7, "std": rng.uniform(0.2, 2.0)}


def variance(a: Any, std: float) -> Any:
    """库抽的权重，随机数换成 ±1 的全部组合，再对样本取方差；两行各一个。"""
    scores = []
    for signs in product((-1, 1), repeat=6):
        w = normal_weights(2, 3, std=std, rng=Signs(signs))
        z, _ = linear(a, w, np.zeros((2, 1)))
        scores.append(z)
    return np.concatenate(scores, axis=1).var(axis=1)


def naive_variance(a: Any, std: float) -> list[float]:
    """扇入乘 σ² 乘二阶矩。"""
    n_in, m = len(a), len(a[0])
    moment = sum(a[j][i] ** 2 for j in range(n_in) for i in range(m)) / (n_in * m)
    return [n_in * std**2 * moment] * 2


def limit_case(rng: Generator) -> dict[str, Any]:
    """不相等的扇入与扇出。"""
    fan_in = int(rng.integers(2, 300))
    return {"fan_in": fan_in, "fan_out": fan_in + int(rng.integers(1, 300))}


def limits(fan_in: int, fan_out: int) -> Any:
    """库：三种方案的边界，Xavier 的再来一次。"""
    schemes = ("lecun", "xavier", "he", "xavier")
    return [uniform_limit(name, fan_in=fan_in, fan_out=fan_out) for name in schemes]


def naive_limits(fan_in: int, fan_out: int) -> list[float]:
    """√3 σ，σ² 抄自页面上的表；Xavier 的闭式。"""
    variances = [1 / fan_in, 2 / (fan_in + fan_out), 2 / fan_in]
    closed = math.sqrt(6 / (fan_in + fan_out))
    return [*(math.sqrt(3) * math.sqrt(v) for v in variances), closed]


def zeros_case(rng: Generator) -> dict[str, Any]:
    """一批样本，标签是概率。"""
    return {"x": rng.normal(size=(2, 5)), "y": rng.uniform(size=5)}


def zeros(x: Any, y: Any) -> Any:
    """库：从全零出发，两种激活函数，各层的梯度。"""
    found = []
    for name in ("relu", "tanh"):
        model = MLP(sizes=(2, 4, 3, 1), activation=name, loss="bce", scheme="zeros")
        _, grads = model.loss_and_grad(model.init(RNG), x, y[None, :], rng=RNG)
        found.append([grads[key] for key in ("W1", "b1", "W2", "b2", "W3", "b3")])
    return found


def naive_zeros(x: Any, y: list[float]) -> Any:
    """前向、反向照走，dZ 里含 1/m；只有最后的偏置不是零。"""
    sizes, m, found = (2, 4, 3, 1), len(y), []
    params: dict[str, Any] = {}
    for i in (1, 2, 3):
        params[f"W{i}"] = [[0.0] * sizes[i - 1] for _ in range(sizes[i])]
        params[f"b{i}"] = [[0.0] for _ in range(sizes[i])]
    for name in ("relu", "tanh"):
        walks = [
            naive_passes(params, [row[s] for row in x], y[s], name) for s in range(m)
        ]
        for i in range(3):
            for_w = [
                sum(dz[i][k] / m * a[i][j] for a, _, dz in walks)
                for k in range(sizes[i + 1])
                for j in range(sizes[i])
            ]
            for_b = [
                sum(dz[i][k] / m for _, _, dz in walks) for k in range(sizes[i + 1])
            ]
            found.append([for_w, for_b])
    return found


FORMULAS = [
    Formula(
        "1.11.1",
        "initializers.normal_weights",
        variance_case,
        variance,
        naive_variance,
    ),
    Formula("1.11.2", "initializers.uniform_limit", limit_case, limits, naive_limits),
    Formula("1.11.3", "models.MLP.loss_and_grad", zeros_case, zeros, naive_zeros),
]
