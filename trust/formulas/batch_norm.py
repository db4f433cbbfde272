"""3.4 节：批量归一化的一步、它的性质、γ 与 β 的梯度。"""

import math
from typing import Any

import numpy as np
from numpy.random import Generator

from dlnotes_lib.normalization import batch_norm, batch_statistics
from trust.formulas import Formula


def layer_case(rng: Generator) -> dict[str, Any]:
    """3 个单元、5 个样本，ε 与方差差不多大。"""
    return {
        "z": rng.normal(1.0, 2.0, size=(3, 5)),
        "gamma": rng.normal(size=(3, 1)),
        "beta": rng.normal(size=(3, 1)),
        "eps": rng.uniform(0.2, 1.0),
    }


def forward(z: Any, gamma: Any, beta: Any, eps: float) -> Any:
    """库的均值、方差、标准化、输出。"""
    one = np.ones_like(gamma)
    z_norm, _ = batch_norm(z, one, 0 * one, eps=eps)
    return batch_statistics(z), z_norm, batch_norm(z, gamma, beta, eps=eps)[0]


def naive_forward(z: Any, gamma: Any, beta: Any, eps: float) -> Any:
    """一个单元一个单元地算。"""
    means, variances, norms, outs = [], [], [], []
    for j in range(len(z)):
        mu, var = moments(z[j])
        norm = [(value - mu) / math.sqrt(var + eps) for value in z[j]]
        means.append(mu)
        variances.append(var)
        norms.append(norm)
        outs.append([gamma[j][0] * value + beta[j][0] for value in norm])
    return means, variances, norms, outs


def moments(row: list[float]) -> tuple[float, float]:
    """均值与方差，都除以 m。"""
    m = len(row)
    mu = sum(row) / m
    return mu, sum((value - mu) ** 2 for value in row) / m


def scores_case(rng: Generator) -> dict[str, Any]:
    """打分与 ε。"""
    z = rng.normal(1.0, 2.0, size=(3, 5))
    return {"z": z, "eps": rng.uniform(0.2, 1.0)}


def variance(z: Any, eps: float) -> Any:
    """库标准化之后的方差；等式两边各比一次。"""
    one = np.ones((len(z), 1))
    var = batch_statistics(batch_norm(z, one, 0 * one, eps=eps)[0]).var
    return var, var


def naive_variance(z: Any, eps: float) -> Any:
    """等式的两边。"""
    left, right = [], []
    for row in z:
        mu, var = moments(row)
        left.append(sum((v - mu) ** 2 / (var + eps) for v in row) / len(row))
        right.append(var / (var + eps))
    return left, right


def restored(z: Any, eps: float) -> Any:
    """库取那一组 γ 与 β 的输出，连同这一组；等式两边各比一次。"""
    mean, var = batch_statistics(z)
    gamma = np.sqrt(var + eps)
    out, _ = batch_norm(z, gamma, mean, eps=eps)
    return gamma, mean, out, out


def naive_restored(z: Any, eps: float) -> Any:
    """γ、β，等式的两边。"""
    gammas, betas, left = [], [], []
    for row in z:
        mu, var = moments(row)
        s = math.sqrt(var + eps)
        gammas.append(s)
        betas.append(mu)
        left.append([s * ((v - mu) / math.sqrt(var + eps)) + mu for v in row])
    return gammas, betas, left, z


def moved_case(rng: Generator) -> dict[str, Any]:
    """打分、ε、放大的倍数与平移。"""
    return scores_case(rng) | {"c": rng.uniform(0.2, 5.0), "d": rng.normal()}


def moved(z: Any, eps: float, c: float, d: float) -> Any:
    """库在 cz + d 上；等式两边各比一次。"""
    one = np.ones((len(z), 1))
    out, _ = batch_norm(c * z + d, one, 0 * one, eps=eps)
    return out, out


def naive_moved(z: Any, eps: float, c: float, d: float) -> Any:
    """等式的两边。"""
    left, right = [], []
    for row in z:
        mu, var = moments(row)
        top = [c * v + d - (c * mu + d) for v in row]
        left.append([v / math.sqrt(c**2 * var + eps) for v in top])
        right.append([(v - mu) / math.sqrt(var + eps / c**2) for v in row])
    return left, right


def back_case(rng: Generator) -> dict[str, Any]:
    """一层，与传到输出的梯度。"""
    return layer_case(rng) | {"d_out": rng.normal(size=(3, 5))}


def gradients(z: Any, gamma: Any, beta: Any, eps: float, d_out: Any) -> Any:
    """库的 dγ 与 dβ。"""
    return batch_norm(z, gamma, beta, eps=eps)[1](d_out)[1:]


def naive_gradients(z: Any, gamma: Any, beta: Any, eps: float, d_out: Any) -> Any:
    """沿样本求和。"""
    d_gamma, d_beta = [], []
    for row, d in zip(z, d_out, strict=True):
        mu, var = moments(row)
        norm = [(value - mu) / math.sqrt(var + eps) for value in row]
        d_gamma.append(sum(d[i] * norm[i] for i in range(len(row))))
        d_beta.append(sum(d[i] for i in range(len(row))))
    return d_gamma, d_beta


NORM = "normalization.batch_norm"
FORMULAS = [
    Formula("3.4.1", NORM, layer_case, forward, naive_forward),
    Formula("3.4.2", NORM, scores_case, variance, naive_variance),
    Formula("3.4.3", NORM, scores_case, restored, naive_restored),
    Formula("3.4.4", NORM, moved_case, moved, naive_moved),
    Formula("3.4.5", NORM, back_case, gradients, naive_gradients),
]
