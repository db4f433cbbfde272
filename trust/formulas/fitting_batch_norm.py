"""3.5 节：批量归一化接在哪里，梯度的三条路，两条不变量。"""

import math
from typing import Any

from numpy.random import Generator

from dlnotes_lib.batch_norm_mlp import BatchNormMLP
from dlnotes_lib.experiments.fitting_batch_norm import branches
from dlnotes_lib.normalization import batch_norm
from trust.formulas import Formula


def network_case(rng: Generator) -> dict[str, Any]:
    """两个隐藏层的网络，激活随机挑一个。"""
    names = ("relu", "tanh", "sigmoid")
    shapes = {
        "W1": (4, 3),
        "gamma1": (4, 1),
        "beta1": (4, 1),
        "W2": (5, 4),
        "gamma2": (5, 1),
        "beta2": (5, 1),
        "W3": (2, 5),
        "b3": (2, 1),
    }
    return {
        "params": {name: rng.normal(size=shape) for name, shape in shapes.items()},
        "x": rng.normal(size=(3, 6)),
        "activation": names[int(rng.integers(3))],
        "eps": rng.uniform(0.2, 1.0),
    }


def network(params: Any, x: Any, activation: str, eps: float) -> Any:
    """库的每个隐藏层的均值与方差，与输出层的打分。"""
    model = BatchNormMLP(sizes=(3, 4, 5, 2), activation=activation, eps=eps)
    stats = model.statistics(params, x)
    return stats, model.scores(params, x, stats)


def naive_network(params: Any, x: Any, activation: str, eps: float) -> Any:
    """一层一层地走。"""
    g = {"relu": lambda t: max(t, 0.0), "tanh": math.tanh, "sigmoid": sigmoid}
    a, stats = x, []
    for layer in (1, 2):
        z = product(params[f"W{layer}"], a)
        a = []
        for j in range(len(z)):
            gamma, beta = params[f"gamma{layer}"][j][0], params[f"beta{layer}"][j][0]
            z_tilde = [gamma * v + beta for v in normalized(z[j], eps)]
            a.append([g[activation](v) for v in z_tilde])
        moved = [moments(row) for row in z]
        stats.append([[mu for mu, _ in moved], [var for _, var in moved]])
    z = product(params["W3"], a)
    return stats, [[v + params["b3"][j][0] for v in z[j]] for j in range(len(z))]


def sigmoid(t: float) -> float:
    """一个数的 sigmoid。"""
    return 1 / (1 + math.exp(-t))


def product(w: Any, a: Any) -> Any:
    """矩阵乘法，三重循环。"""
    return [
        [sum(row[k] * a[k][i] for k in range(len(a))) for i in range(len(a[0]))]
        for row in w
    ]


def moments(row: list[float]) -> tuple[float, float]:
    """均值与方差，都除以 m。"""
    m = len(row)
    mu = sum(row) / m
    return mu, sum((value - mu) ** 2 for value in row) / m


def normalized(row: list[float], eps: float) -> list[float]:
    """一个单元的标准化。"""
    mu, var = moments(row)
    return [(value - mu) / math.sqrt(var + eps) for value in row]


def back_case(rng: Generator) -> dict[str, Any]:
    """3 个单元、5 个样本，与传到输出的梯度；ε 与方差差不多大。"""
    return {
        "z": rng.normal(1.0, 2.0, size=(3, 5)),
        "gamma": rng.normal(size=(3, 1)),
        "d_out": rng.normal(size=(3, 5)),
        "eps": rng.uniform(0.2, 1.0),
    }


def paths(z: Any, gamma: Any, d_out: Any, eps: float) -> Any:
    """库的三路，与合起来的梯度。"""
    return branches(z, gamma, d_out, eps=eps), gradient(z, gamma, d_out, eps)


def naive_paths(z: Any, gamma: Any, d_out: Any, eps: float) -> Any:
    """先求 σ² 与 μ 的梯度，再分给每个样本。"""
    direct, via_mu, via_var, total = [], [], [], []
    for j in range(len(z)):
        mu, var = moments(z[j])
        m, s = len(z[j]), math.sqrt(var + eps)
        delta = [gamma[j][0] * d for d in d_out[j]]
        d_var = -sum(delta[i] * (z[j][i] - mu) for i in range(m)) / (2 * s**3)
        d_mu = -sum(delta) / s
        direct.append([delta[i] / s for i in range(m)])
        via_mu.append([d_mu / m for i in range(m)])
        via_var.append([2 * (z[j][i] - mu) / m * d_var for i in range(m)])
        total.append([direct[j][i] + via_mu[j][i] + via_var[j][i] for i in range(m)])
    return direct, via_mu, via_var, total


def gradient(z: Any, gamma: Any, d_out: Any, eps: float) -> Any:
    """库的 dz。"""
    return batch_norm(z, gamma, 0 * gamma, eps=eps)[1](d_out)[0]


def naive_gradient(z: Any, gamma: Any, d_out: Any, eps: float) -> Any:
    """整理以后的一行。"""
    found = []
    for j in range(len(z)):
        _, var = moments(z[j])
        m, s = len(z[j]), math.sqrt(var + eps)
        norm, d = normalized(z[j], eps), d_out[j]
        d_beta = sum(d)
        d_gamma = sum(d[i] * norm[i] for i in range(m))
        found.append(
            [
                gamma[j][0] / (m * s) * (m * d[i] - d_beta - norm[i] * d_gamma)
                for i in range(m)
            ]
        )
    return found


def sums(z: Any, gamma: Any, d_out: Any, eps: float) -> Any:
    """库的两个和；第一个是 0，加 1 再比相对误差。"""
    z_norm, _ = batch_norm(z, gamma / gamma, 0 * gamma, eps=eps)
    dz = gradient(z, gamma, d_out, eps)
    return 1 + dz.sum(axis=1), (dz * z_norm).sum(axis=1)


def naive_sums(z: Any, gamma: Any, d_out: Any, eps: float) -> Any:
    """两条不变量的右边。"""
    second = []
    for j in range(len(z)):
        _, var = moments(z[j])
        norm, s = normalized(z[j], eps), math.sqrt(var + eps)
        d_gamma = sum(d_out[j][i] * norm[i] for i in range(len(norm)))
        second.append(eps * gamma[j][0] * d_gamma / s**3)
    return [1 + 0 for _ in z], second


NORM = "normalization.batch_norm"
FORMULAS = [
    Formula(
        "3.5.1",
        "batch_norm_mlp.BatchNormMLP.statistics",
        network_case,
        network,
        naive_network,
    ),
    Formula(
        "3.5.2",
        "experiments.fitting_batch_norm.branches",
        back_case,
        paths,
        naive_paths,
    ),
    Formula("3.5.3", NORM, back_case, gradient, naive_gradient),
    Formula("3.5.4", NORM, back_case, sums, naive_sums),
]
