"""3.7 节：滑动统计量怎样攒、怎样用、怎样并进前一层，一批的方差偏小多少。"""

import math
from itertools import product
from typing import Any

import numpy as np
from numpy.random import Generator

from dlnotes_lib.experiments.batch_norm_at_test_time import running_path
from dlnotes_lib.normalization import (
    Statistics,
    batch_norm_inference,
    batch_statistics,
    fold_batch_norm,
    update_running,
)
from trust.formulas import Formula


def running_case(rng: Generator) -> dict[str, Any]:
    """旧的统计量，三批新的，与 ρ。"""
    return {
        "mean": rng.normal(size=(2, 1)),
        "var": rng.uniform(0.5, 3.0, (2, 1)),
        "means": rng.normal(size=(3, 2, 1)),
        "variances": rng.uniform(0.5, 3.0, (3, 2, 1)),
        "rho": rng.uniform(0.6, 0.95),
    }


def running(mean: Any, var: Any, means: Any, variances: Any, rho: float) -> Any:
    """库一批一批地并。"""
    kept = Statistics(mean, var)
    for seen in map(Statistics, means, variances):
        kept = update_running(kept, seen, rho=rho)
    return kept


def naive_running(mean: Any, var: Any, means: Any, variances: Any, rho: float) -> Any:
    """一个单元一个单元地并。"""
    kept_mean, kept_var = [], []
    for j in range(len(mean)):
        mu_bar, var_bar = mean[j][0], var[j][0]
        for t in range(len(means)):
            mu_bar = rho * mu_bar + (1 - rho) * means[t][j][0]
            var_bar = rho * var_bar + (1 - rho) * variances[t][j][0]
        kept_mean.append(mu_bar)
        kept_var.append(var_bar)
    return kept_mean, kept_var


def steady_case(rng: Generator) -> dict[str, Any]:
    """每批都相同的统计量，ρ 与步数。"""
    return {
        "mean": rng.normal(size=(3, 1)),
        "var": rng.uniform(1.5, 4.0, (3, 1)),
        "rho": rng.uniform(0.6, 0.95),
        "steps": int(rng.integers(3, 12)),
    }


def steady(mean: Any, var: Any, rho: float, steps: int) -> Any:
    """库走过的路。"""
    return running_path(Statistics(mean, var), rho=rho, steps=steps)


def naive_steady(mean: Any, var: Any, rho: float, steps: int) -> Any:
    """第 t 步的闭式。"""
    path = []
    for t in range(steps + 1):
        means = [(1 - rho**t) * mu for (mu,) in mean]
        path.append((means, [rho**t * 1 + (1 - rho**t) * v for (v,) in var]))
    return path


def inference_case(rng: Generator) -> dict[str, Any]:
    """一层，与攒下的统计量；ε 与方差差不多大。"""
    return {
        "z": rng.normal(size=(3, 5)),
        "gamma": rng.normal(size=(3, 1)),
        "beta": rng.normal(size=(3, 1)),
        "mean": rng.normal(size=(3, 1)),
        "var": rng.uniform(0.3, 2.0, (3, 1)),
        "eps": rng.uniform(0.2, 1.0),
    }


def inference(z: Any, gamma: Any, beta: Any, mean: Any, var: Any, eps: float) -> Any:
    """库的推断。"""
    return batch_norm_inference(z, gamma, beta, Statistics(mean, var), eps=eps)


def naive_inference(
    z: Any, gamma: Any, beta: Any, mean: Any, var: Any, eps: float
) -> Any:
    """一个数一个数地算。"""
    found = []
    for j in range(len(z)):
        s = math.sqrt(var[j][0] + eps)
        found.append([gamma[j][0] * ((v - mean[j][0]) / s) + beta[j][0] for v in z[j]])
    return found


def fold_case(rng: Generator) -> dict[str, Any]:
    """前一层的权重与偏置，与这一层的推断。"""
    case = inference_case(rng)
    del case["z"]
    return {"w": rng.normal(size=(3, 4)), "b": rng.normal(size=(3, 1))} | case


def folded(w: Any, b: Any, gamma: Any, beta: Any, mean: Any, var: Any, eps: Any) -> Any:
    """库的折叠。"""
    return fold_batch_norm(w, b, gamma, beta, Statistics(mean, var), eps=eps)


def naive_folded(
    w: Any, b: Any, gamma: Any, beta: Any, mean: Any, var: Any, eps: float
) -> Any:
    """一行权重一行权重地乘。"""
    weights, biases = [], []
    for j in range(len(w)):
        s = gamma[j][0] / math.sqrt(var[j][0] + eps)
        weights.append([s * value for value in w[j]])
        biases.append(s * (b[j][0] - mean[j][0]) + beta[j][0])
    return weights, biases


def population_case(rng: Generator) -> dict[str, Any]:
    """总体是 4 个等可能的数，两个单元；一批 2 或 3 个。"""
    return {"values": rng.normal(size=(2, 4)), "m": int(rng.integers(2, 4))}


def shrunk(values: Any, m: int) -> Any:
    """每一种批都取到，库的方差的平均。"""
    batches = product(range(values.shape[1]), repeat=m)
    found = [batch_statistics(values[:, batch]).var for batch in map(list, batches)]
    return np.mean(found, axis=0)


def naive_shrunk(values: Any, m: int) -> Any:
    """总体的方差乘一个数。"""
    found = []
    for row in values:
        mu = sum(row) / len(row)
        whole = sum((value - mu) ** 2 for value in row) / len(row)
        found.append((m - 1) / m * whole)
    return found


FORMULAS = [
    Formula(
        "3.7.1", "normalization.update_running", running_case, running, naive_running
    ),
    Formula(
        "3.7.2",
        "experiments.batch_norm_at_test_time.running_path",
        steady_case,
        steady,
        naive_steady,
    ),
    Formula(
        "3.7.3",
        "normalization.batch_norm_inference",
        inference_case,
        inference,
        naive_inference,
    ),
    Formula("3.7.4", "normalization.fold_batch_norm", fold_case, folded, naive_folded),
    Formula(
        "3.7.5", "normalization.batch_statistics", population_case, shrunk, naive_shrunk
    ),
]
