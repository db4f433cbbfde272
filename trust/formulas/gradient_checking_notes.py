"""1.14 节：梯度检验的实现要点。"""

import math
from typing import Any

import numpy as np
from numpy.random import Generator, default_rng

from dlnotes_lib.activations import relu, tanh
from dlnotes_lib.differences import central_difference
from dlnotes_lib.experiments.gradient_checking import Data, setup
from dlnotes_lib.experiments.gradient_checking_notes import (
    MODEL,
    gaps,
    noise,
    quotients,
    redrawn,
)
from trust.formulas import Formula
from trust.formulas.vanishing_exploding import naive_length, naive_passes, network


def slope_case(rng: Generator) -> dict[str, Any]:
    """一些普通的 z，一些小到 z⁴ 看不见、z² 看得见的 z。"""
    signs = rng.choice([-1.0, 1.0], size=(2, 3))
    return {
        "z": rng.normal(size=(2, 3)),
        "small": signs * rng.uniform(3e-4, 1e-3, size=(2, 3)),
    }


def slopes(z: Any, small: Any) -> Any:
    """库：tanh 的导数。"""
    return [tanh(v)[1](np.ones((2, 3)))[0] for v in (z, small)]


def naive_slopes(z: Any, small: Any) -> Any:
    """等号在普通的 z 处比，约等号在小的 z 处比。"""
    exact = [1 - math.tanh(v) ** 2 for row in z for v in row]
    return exact, [1 - v**2 for row in small for v in row]


def floor_case(rng: Generator) -> dict[str, Any]:
    """三层的网络、几个样本、λ 与步长。"""
    return {
        "params": network(rng, (3, 5, 2, 1)),
        "x": rng.normal(size=(3, 4)),
        "y": rng.uniform(size=4),
        "lambd": rng.uniform(0.2, 1.0),
        "eps": rng.uniform(0.1, 1.0),
    }


def floors(params: Any, x: Any, y: Any, lambd: float, eps: float) -> Any:
    """库：各块与全部的 floor。"""
    return gaps(params, Data(x, y[None, :], lambd), eps=eps).floor


def naive_floors(params: Any, x: Any, y: list[float], lambd: float, eps: float) -> Any:
    """√n u |J| / ε，除以两倍的 ‖dθ‖；J 与 dθ 也用循环算。"""
    m, u = len(y), 2.0**-52
    j = sum(
        lambd / (2 * m) * v**2 for i in (1, 2, 3) for r in params[f"W{i}"] for v in r
    )
    grads = {
        k: [(lambd / m * v if k[0] == "W" else 0.0) for row in w for v in row]
        for k, w in params.items()
    }
    for s in range(m):
        a, z, dz = naive_passes(params, [row[s] for row in x], y[s], "tanh")
        p = 1 / (1 + math.exp(-z[-1][0]))
        j += -(y[s] * math.log(p) + (1 - y[s]) * math.log(1 - p)) / m
        for i in range(3):
            for k in range(len(dz[i])):
                grads[f"b{i + 1}"][k] += dz[i][k] / m
                for c in range(len(a[i])):
                    grads[f"W{i + 1}"][k * len(a[i]) + c] += dz[i][k] * a[i][c] / m
    blocks = {**grads, "全部": [v for d in grads.values() for v in d]}
    return {
        name: (math.sqrt(len(d)) * u * abs(j) / eps) / (2 * naive_length(d))
        for name, d in blocks.items()
    }


def noise_case(rng: Generator) -> dict[str, Any]:
    """代价的几个可能的值；另有几个是重抽掩码真的抽到的。"""
    seed = int(rng.integers(1000))
    params, data = setup(rng=default_rng(0))
    fresh = redrawn(MODEL, data.x, data.y, rng=default_rng(seed))
    return {
        "levels": rng.normal(size=4),
        "drawn": np.array([fresh(params) for _ in range(5)]),
        "seed": seed,
        "eps": rng.uniform(0.1, 1.0, size=3),
    }


def noises(levels: Any, drawn: Any, seed: int, eps: Any) -> Any:
    """库：J₊ 与 J₋ 取遍全部组合，差分的标准差；重抽掩码时库的预言。"""
    spread = []
    for step in eps.tolist():
        values = iter(
            [float(v) for up in levels for down in levels for v in (up, down)]
        )
        found = quotients(
            lambda _, values=values: next(values),
            {"W1": np.zeros((2, 3))},
            eps=step,
            count=len(levels) ** 2,
        )
        spread.append(found.std())
    predicted = noise(eps, count=len(drawn), rng=default_rng(seed)).predicted
    return [spread] * 2, [predicted] * 2


def naive_noises(levels: list[float], drawn: list[float], seed: int, eps: Any) -> Any:
    """两个写法；全部组合除以个数，抽到的几个除以个数减一。"""
    found = []
    for values, less in ((levels, 0), (drawn, 1)):
        mean = sum(values) / len(values)
        square = sum((v - mean) ** 2 for v in values) / (len(values) - less)
        sd = math.sqrt(square)
        found.append([math.sqrt(2) * sd / (2 * e) for e in eps])
        found.append([sd / (math.sqrt(2) * e) for e in eps])
    return found


def kink_case(rng: Generator) -> dict[str, Any]:
    """步长，0 到步长之间的几个 z，步长之外的几个 z。"""
    eps = rng.uniform(0.2, 1.0)
    return {
        "z": eps * rng.uniform(0.05, 0.95, size=(2, 3)),
        "far": eps + rng.uniform(0.1, 1.0, size=3),
        "eps": eps,
    }


def kink(z: Any, far: Any, eps: float) -> Any:
    """库：ReLU 的双边差分；步长之内比等号两边，步长之外只有左边。"""
    slopes = [
        central_difference(lambda t: relu(t)[0], points, eps=eps) for points in (z, far)
    ]
    return [*slopes, slopes[0]]


def naive_kink(z: Any, far: list[float], eps: float) -> Any:
    """差分，与 (z + ε) / 2ε。"""
    points = [v for row in z for v in row]
    left = [(max(v + eps, 0) - max(v - eps, 0)) / (2 * eps) for v in [*points, *far]]
    return left, [(v + eps) / (2 * eps) for v in points]


HERE = "experiments.gradient_checking_notes"
FORMULAS = [
    Formula("1.14.1", "activations.tanh", slope_case, slopes, naive_slopes),
    Formula("1.14.2", f"{HERE}.gaps", floor_case, floors, naive_floors),
    Formula("1.14.3", f"{HERE}.noise", noise_case, noises, naive_noises),
    Formula("1.14.4", "differences.central_difference", kink_case, kink, naive_kink),
]
