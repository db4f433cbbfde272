"""3.6 节：尺度不变与它的推论，ε 带来的偏差，怎样量平滑，批均值的噪声。"""

import math
from itertools import combinations
from typing import Any

import numpy as np
from numpy.random import Generator

from dlnotes_lib.batch_norm_mlp import BatchNormMLP
from dlnotes_lib.experiments.why_batch_norm_works import look_ahead, scaled
from dlnotes_lib.normalization import batch_norm, batch_statistics
from trust.formulas import Formula
from trust.formulas.appropriate_scale import crossing

NONE = 1e-30  # 加到方差上，舍入以后等于没有加


def network_case(rng: Generator) -> dict[str, Any]:
    """3-4-2 的网络，一批 5 个样本，标签两类都有。"""
    shapes = {"W1": (4, 3), "gamma1": (4, 1), "beta1": (4, 1), "W2": (2, 4)}
    shapes["b2"] = 2, 1
    return {
        "params": {name: rng.normal(size=shape) for name, shape in shapes.items()},
        "x": rng.normal(size=(3, 5)),
        "y": np.array([0, 1, 1, 0, 1]),
    }


def library_network(eps: float) -> BatchNormMLP:
    """隐藏层是 tanh。"""
    return BatchNormMLP(sizes=(3, 4, 2), activation="tanh", eps=eps)


def library_slope(params: Any, x: Any, y: Any, eps: float = NONE) -> Any:
    """库的代价与梯度。"""
    unused = np.random.default_rng(0)
    return library_network(eps).loss_and_grad(params, x, y, rng=unused)


def naive_slope(params: Any, x: Any, y: Any, eps: float = 0.0) -> Any:
    """代价与梯度，按 3.4、3.5、3.9 节的公式一个数一个数地算。"""
    z, m = product(params["W1"], x), len(y)
    norm = [normalized(row, eps) for row in z]
    a = [
        [math.tanh(gamma * v + beta) for v in row]
        for row, (gamma,), (beta,) in zip(
            norm, params["gamma1"], params["beta1"], strict=True
        )
    ]
    cost, d_scores = output(product(params["W2"], a), params["b2"], y)
    da = product(transposed(params["W2"]), d_scores)
    grads: Any = {"W1": [], "gamma1": [], "beta1": []}
    for j, (gamma,) in enumerate(params["gamma1"]):
        d = [da[j][i] * (1 - a[j][i] ** 2) for i in range(m)]
        d_gamma, d_beta = sum(d[i] * norm[j][i] for i in range(m)), sum(d)
        rest = [m * d[i] - d_beta - norm[j][i] * d_gamma for i in range(m)]
        dz = times(gamma / (m * math.sqrt(variance(z[j]) + eps)), [rest])
        grads["W1"] += product(dz, transposed(x))
        grads["gamma1"].append([d_gamma])
        grads["beta1"].append([d_beta])
    b2 = [[sum(row)] for row in d_scores]
    return cost, grads | {"W2": product(d_scores, transposed(a)), "b2": b2}


def output(z: Any, b: Any, y: list[int]) -> Any:
    """softmax 交叉熵：代价，与对打分的梯度。"""
    cost, d, m = 0.0, [[0.0] * len(y) for _ in z], len(y)
    for i in range(m):
        t = [math.exp(z[k][i] + b[k][0]) for k in range(len(z))]
        cost -= math.log(t[y[i]] / sum(t)) / m
        for k in range(len(z)):
            d[k][i] = (t[k] / sum(t) - (k == y[i])) / m
    return cost, d


def product(w: Any, a: Any) -> Any:
    """矩阵乘法，三重循环。"""
    return [
        [sum(row[k] * a[k][i] for k in range(len(a))) for i in range(len(a[0]))]
        for row in w
    ]


def transposed(w: Any) -> Any:
    """转置。"""
    return [[row[i] for row in w] for i in range(len(w[0]))]


def variance(row: list[float]) -> float:
    """方差，除以 m。"""
    mu = sum(row) / len(row)
    return sum((value - mu) ** 2 for value in row) / len(row)


def normalized(row: list[float], eps: float) -> list[float]:
    """一个单元的标准化。"""
    mu = sum(row) / len(row)
    return [(value - mu) / math.sqrt(variance(row) + eps) for value in row]


def length(w: Any) -> float:
    """各元素平方和再开方。"""
    return math.sqrt(sum(value**2 for row in w for value in row))


def times(c: float, w: Any) -> Any:
    """每个元素乘 c。"""
    return [[c * value for value in row] for row in w]


def minus(w: Any, v: Any) -> Any:
    """对应元素相减。"""
    pairs = zip(w, v, strict=True)
    return [[p - q for p, q in zip(*rows, strict=True)] for rows in pairs]


def scaled_case(rng: Generator) -> dict[str, Any]:
    """网络，与权重乘的数。"""
    return network_case(rng) | {"c": 10 ** rng.uniform(-1.0, 1.0)}


def invariant(params: Any, x: Any, y: Any, c: float) -> Any:
    """库在 cW 上的归一化与代价。"""
    more = scaled(params, c)
    one = np.ones_like(params["beta1"])
    z_norm, _ = batch_norm(more["W1"] @ x, one, 0 * one, eps=NONE)
    return z_norm, library_network(NONE).cost(more, x, y)


def naive_invariant(params: Any, x: Any, y: Any, c: float) -> Any:
    """在 W 上的归一化与代价，没有 ε。"""
    z_norm = [normalized(row, 0.0) for row in product(params["W1"], x)]
    return z_norm, naive_slope(params, x, y)[0]


def step_case(rng: Generator) -> dict[str, Any]:
    """网络、权重乘的数、学习率。"""
    return scaled_case(rng) | {"alpha": rng.uniform(0.5, 5.0)}


def corollaries(params: Any, x: Any, y: Any, c: float, alpha: float) -> Any:
    """库在 cW 上的梯度；梯度与权重的内积；走一步以后的长度。"""
    w, dw = params["W1"], library_slope(params, x, y)[1]["W1"]
    longer = library_slope(scaled(params, c), x, y)[1]["W1"]
    return longer, (w * dw).sum(), ((w - alpha * dw) ** 2).sum()


def naive_corollaries(params: Any, x: Any, y: Any, c: float, alpha: float) -> Any:
    """三个推论的右边。"""
    dw = naive_slope(params, x, y)[1]["W1"]
    longer = times(1 / c, dw)
    return longer, 0.0, length(params["W1"]) ** 2 + alpha**2 * length(dw) ** 2


def direction_case(rng: Generator) -> dict[str, Any]:
    """网络与学习率。"""
    return network_case(rng) | {"alpha": rng.uniform(0.5, 5.0)}


def direction(params: Any, x: Any, y: Any, alpha: float) -> Any:
    """库走一步，以原来的长度为单位。"""
    w = params["W1"]
    return (w - alpha * library_slope(params, x, y)[1]["W1"]) / np.sqrt((w**2).sum())


def naive_direction(params: Any, x: Any, y: Any, alpha: float) -> Any:
    """只用方向上的梯度。"""
    size = length(params["W1"])
    unit = times(1 / size, params["W1"])
    dw = naive_slope(params | {"W1": unit}, x, y)[1]["W1"]
    return minus(unit, times(alpha / size**2, dw))


def decay_case(rng: Generator) -> dict[str, Any]:
    """网络、学习率与权重衰减。"""
    return direction_case(rng) | {"lambd": rng.uniform(0.05, 0.15)}


def decayed(params: Any, x: Any, y: Any, alpha: float, lambd: float) -> Any:
    """库衰减着走一步以后的长度；哪个长度走一步不变。"""
    unit = params["W1"] / np.sqrt((params["W1"] ** 2).sum())

    def after(w: Any) -> float:
        dw = library_slope(params | {"W1": w}, x, y)[1]["W1"]
        return float((((1 - alpha * lambd) * w - alpha * dw) ** 2).sum())

    still = crossing(lambda size: size**2 - after(size * unit), 1e-3, 1e3)
    return after(params["W1"]), alpha / still**2


def naive_decayed(params: Any, x: Any, y: Any, alpha: float, lambd: float) -> Any:
    """递推一次，与平衡时的有效学习率。"""
    square = length(params["W1"]) ** 2
    unit = times(1 / math.sqrt(square), params["W1"])
    g_hat = length(naive_slope(params | {"W1": unit}, x, y)[1]["W1"])
    kept = (1 - alpha * lambd) ** 2
    after = kept * square + alpha**2 * g_hat**2 / square
    return after, math.sqrt(1 - kept) / g_hat


def eps_case(rng: Generator) -> dict[str, Any]:
    """网络与不小的 ε。"""
    return network_case(rng) | {"eps": rng.uniform(0.2, 1.0)}


def tilted(params: Any, x: Any, y: Any, eps: float) -> Any:
    """库的每个单元的权重与梯度的内积。"""
    dw = library_slope(params, x, y, eps)[1]["W1"]
    return (params["W1"] * dw).sum(axis=1)


def naive_tilted(params: Any, x: Any, y: Any, eps: float) -> Any:
    """每个单元的右边。"""
    d_gamma = naive_slope(params, x, y, eps)[1]["gamma1"]
    var = [variance(row) for row in product(params["W1"], x)]
    return [
        eps / (var[j] + eps) * params["gamma1"][j][0] * d_gamma[j][0]
        for j in range(len(var))
    ]


def ahead_case(rng: Generator) -> dict[str, Any]:
    """网络、ε 与两个步长。"""
    return eps_case(rng) | {"rates": rng.uniform(0.1, 2.0, size=2)}


def ahead(params: Any, x: Any, y: Any, eps: float, rates: Any) -> Any:
    """库往前看。"""
    model = library_network(eps)
    seen = look_ahead(model, params, x, y, rates=rates.tolist())
    return seen.turn, seen.predicted


def naive_ahead(params: Any, x: Any, y: Any, eps: float, rates: list[float]) -> Any:
    """全部参数一起往前走。"""
    cost, g = naive_slope(params, x, y, eps)
    size = math.sqrt(sum(length(dw) ** 2 for dw in g.values()))
    turns, predicted = [], []
    for eta in rates:
        there = {name: minus(w, times(eta, g[name])) for name, w in params.items()}
        cost_there, g_there = naive_slope(there, x, y, eps)
        change = [length(minus(g_there[name], g[name])) ** 2 for name in g]
        turns.append(math.sqrt(sum(change)) / size)
        predicted.append((cost - cost_there) / (eta * size**2))
    return turns, predicted


def draws_case(rng: Generator) -> dict[str, Any]:
    """6 个样本，一批 2 到 4 个。"""
    return {"z": rng.normal(size=(2, 6)), "b": int(rng.integers(2, 5))}


def noise(z: Any, b: int) -> Any:
    """全部的批都取到，库的均值的标准差。"""
    batches = combinations(range(z.shape[1]), b)
    means = [batch_statistics(z[:, batch]).mean for batch in map(list, batches)]
    return np.std(means, axis=0)


def naive_noise(z: Any, b: int) -> Any:
    """闭式。"""
    total = len(z[0])
    shrink = math.sqrt((total - b) / (total - 1))
    return [math.sqrt(variance(row)) / math.sqrt(b) * shrink for row in z]


MODEL = "batch_norm_mlp.BatchNormMLP"
SLOPE = f"{MODEL}.loss_and_grad"
FORMULAS = [
    Formula("3.6.1", f"{MODEL}.cost", scaled_case, invariant, naive_invariant),
    Formula("3.6.2", SLOPE, step_case, corollaries, naive_corollaries),
    Formula("3.6.3", SLOPE, direction_case, direction, naive_direction),
    Formula("3.6.4", SLOPE, decay_case, decayed, naive_decayed),
    Formula("3.6.5", SLOPE, eps_case, tilted, naive_tilted),
    Formula(
        "3.6.6",
        "experiments.why_batch_norm_works.look_ahead",
        ahead_case,
        ahead,
        naive_ahead,
    ),
    Formula("3.6.7", "normalization.batch_statistics", draws_case, noise, naive_noise),
]
