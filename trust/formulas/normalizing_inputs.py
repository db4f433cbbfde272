"""1.9 节：归一化输入。"""

import math
from typing import Any

import numpy as np
from numpy.random import Generator

from dlnotes_lib.experiments.normalizing_inputs import (
    rates,
    relative_loss,
    steps_needed,
)
from dlnotes_lib.preprocessing import (
    Standardizer,
    condition_number,
    linear_hessian,
    with_ones,
)
from trust.formulas import Formula


def two_sets_case(rng: Generator) -> dict[str, Any]:
    """训练集与别的数据；三个特征，尺度不同。"""
    scale, middle = np.array([[0.5], [2.0], [7.0]]), np.array([[3.0], [-1.0], [4.0]])
    return {
        "x_train": scale * rng.normal(size=(3, 5)) + middle,
        "x_new": scale * rng.normal(size=(3, 4)) + middle,
    }


def standardized(x_train: Any, x_new: Any) -> Any:
    """库：μ、σ² 与标准化之后的两份数据。"""
    scaler = Standardizer.fit(x_train)
    hats = [scaler.transform(x_train), scaler.transform(x_new)]
    return scaler.mean, scaler.std**2, hats


def naive_standardized(x_train: Any, x_new: Any) -> Any:
    """两份数据用同一个 μ 与 σ。"""
    mean, variance = naive_moments(x_train)
    hats = [naive_hat(x, mean, variance) for x in (x_train, x_new)]
    return mean, variance, hats


def naive_moments(x: Any) -> tuple[list[float], list[float]]:
    """每个特征的 μ 与 σ²，除以 m。"""
    n, m = len(x), len(x[0])
    mean = [sum(x[j][i] for i in range(m)) / m for j in range(n)]
    variance = [sum((x[j][i] - mean[j]) ** 2 for i in range(m)) / m for j in range(n)]
    return mean, variance


def naive_hat(x: Any, mean: list[float], variance: list[float]) -> Any:
    """(x − μ) / σ。"""
    return [
        [(x[j][i] - mean[j]) / math.sqrt(variance[j]) for i in range(len(x[0]))]
        for j in range(len(x))
    ]


def hessian_case(rng: Generator) -> dict[str, Any]:
    """输入与标签；H 只该与输入有关。"""
    return {"x": rng.normal(size=(2, 5)) + 1.0, "y": rng.normal(size=5)}


def hessian(x: Any, y: Any) -> Any:
    """库算的 H；公式有两行，各比一次。"""
    return [linear_hessian(x)] * 2


def naive_hessian(x: Any, y: list[float]) -> Any:
    """J 的二阶差分（J 是二次的，差分没有误差），与 X̃ X̃ᵀ / m。"""
    n, m = len(x), len(y)

    def j(theta: list[float]) -> float:
        errors = [
            sum(theta[k] * x[k][i] for k in range(n)) + theta[n] - y[i]
            for i in range(m)
        ]
        return sum(error**2 for error in errors) / (2 * m)

    def at(*ones: int) -> float:
        return j([float(ones.count(k)) for k in range(n + 1)])

    order = range(n + 1)
    second = [[at(p, q) - at(p) - at(q) + at() for q in order] for p in order]
    rows = [*x, [1.0] * m]
    product = [[sum(p[i] * q[i] for i in range(m)) / m for q in rows] for p in rows]
    return second, product


def naive_eigenvalues(matrix: Any) -> list[float]:
    """对称阵的特征值，从小到大；雅可比旋转。"""
    a, n = [list(row) for row in matrix], len(matrix)
    for _ in range(30):
        for p in range(n):
            for q in range(p + 1, n):
                if a[p][q] != 0:
                    naive_rotate(a, p, q)
    return sorted(a[k][k] for k in range(n))


def naive_rotate(a: Any, p: int, q: int) -> None:
    """转一个角度，使 a[p][q] 变成 0。"""
    angle = math.atan2(2 * a[p][q], a[p][p] - a[q][q]) / 2
    c, s = math.cos(angle), math.sin(angle)
    for k in range(len(a)):
        a[p][k], a[q][k] = c * a[p][k] + s * a[q][k], c * a[q][k] - s * a[p][k]
    for k in range(len(a)):
        a[k][p], a[k][q] = c * a[k][p] + s * a[k][q], c * a[k][q] - s * a[k][p]


def worst_case(rng: Generator) -> dict[str, Any]:
    """最坏的情形：起点的误差只在最平与最陡两个方向上。"""
    x = np.array([[2.0], [0.7]]) * rng.normal(size=(2, 7)) + np.array([[1.0], [0.5]])
    a = with_ones(x)
    _, vectors = np.linalg.eigh(a @ a.T)
    shares = rng.uniform(0.5, 2.0, size=2)
    return {"x": x, "y": shares @ vectors[:, [0, -1]].T @ a}


def steps_case(rng: Generator) -> dict[str, Any]:
    """再加一个 δ，使上取整之前的步数落在两个整数正中。"""
    case = worst_case(rng)
    exact = rng.integers(20, 40) - 0.5
    kappa = np.linalg.cond(with_ones(case["x"])) ** 2
    return {**case, "tol": float(np.exp(-4 * exact / kappa))}


def steps(x: Any, y: Any, tol: float) -> Any:
    """库：条件数，学习率的上限，真要走的步数。"""
    a = with_ones(x)
    return (
        condition_number(x),
        rates(a).limit,
        steps_needed(a, y[None, :], tol=tol),
    )


def naive_steps(x: Any, y: Any, tol: float) -> Any:
    """三行；最坏的情形下，第三行的界恰好达到。"""
    low, high = naive_extremes(x)
    kappa = high / low
    return kappa, 2 / high, math.ceil(kappa / 4 * math.log(1 / tol))


def naive_extremes(x: Any) -> tuple[float, float]:
    """X̃ X̃ᵀ / m 的最小与最大特征值。"""
    m = len(x[0])
    rows = [*x, [1.0] * m]
    h = [[sum(p[i] * q[i] for i in range(m)) / m for q in rows] for p in rows]
    found = naive_eigenvalues(h)
    return found[0], found[-1]


def best_rate(x: Any, y: Any) -> Any:
    """库：最好的学习率；最坏的情形走一步，误差剩几成。"""
    a = with_ones(x)
    (loss,) = relative_loss(a, y[None, :], np.array([1]))
    return rates(a).best, np.sqrt(loss), np.sqrt(loss)


def naive_best_rate(x: Any, y: Any) -> Any:
    """α，以及 ρ 的两个写法。"""
    low, high = naive_extremes(x)
    alpha, kappa = 2 / (low + high), high / low
    return alpha, 1 - alpha * low, (kappa - 1) / (kappa + 1)


def correlation_case(rng: Generator) -> dict[str, Any]:
    """三个相关的特征。"""
    x = rng.normal(size=(3, 6))
    x[1] += 0.8 * x[0] + 2.0
    return {"x": 3.0 * x}


def correlation(x: Any) -> Any:
    """库：标准化之后的 H；每格加 1，该是 0 的格子才有相对误差可言。"""
    return linear_hessian(Standardizer.fit(x).transform(x)) + 1


def naive_correlation(x: Any) -> Any:
    """左上是 R，右下是 1，其余是 0；每格加 1。"""
    n, m = len(x), len(x[0])
    x_hat = naive_hat(x, *naive_moments(x))
    h = [[0.0] * (n + 1) for _ in range(n + 1)]
    for j in range(n):
        for k in range(n):
            h[j][k] = sum(x_hat[j][i] * x_hat[k][i] for i in range(m)) / m
    h[n][n] = 1.0
    return [[v + 1 for v in row] for row in h]


def unscaled_case(rng: Generator) -> dict[str, Any]:
    """标准化的尺子、模型与数据。"""
    return {
        "x": rng.normal(size=(3, 5)),
        "mean": rng.normal(size=(3, 1)),
        "std": rng.uniform(0.3, 3.0, size=(3, 1)),
        "w": rng.normal(size=(1, 3)),
        "b": rng.normal(),
    }


def unscaled(x: Any, mean: Any, std: Any, w: Any, b: Any) -> Any:
    """库：在标准化的输入上预测。"""
    return w @ Standardizer(mean, std).transform(x) + b


def naive_unscaled(x: Any, mean: Any, std: Any, w: Any, b: float) -> list[float]:
    """在原来的输入上预测，用 w′ 与 b′。"""
    n, m = len(x), len(x[0])
    w_raw = [w[0][j] / std[j][0] for j in range(n)]
    b_raw = b - sum(w[0][j] * mean[j][0] / std[j][0] for j in range(n))
    return [sum(w_raw[j] * x[j][i] for j in range(n)) + b_raw for i in range(m)]


FORMULAS = [
    Formula(
        "1.9.1",
        "preprocessing.Standardizer.fit",
        two_sets_case,
        standardized,
        naive_standardized,
    ),
    Formula(
        "1.9.2", "preprocessing.linear_hessian", hessian_case, hessian, naive_hessian
    ),
    Formula("1.9.3", "preprocessing.condition_number", steps_case, steps, naive_steps),
    Formula(
        "1.9.4",
        "experiments.normalizing_inputs.rates",
        worst_case,
        best_rate,
        naive_best_rate,
    ),
    Formula(
        "1.9.5",
        "preprocessing.linear_hessian",
        correlation_case,
        correlation,
        naive_correlation,
    ),
    Formula(
        "1.9.6",
        "preprocessing.Standardizer.transform",
        unscaled_case,
        unscaled,
        naive_unscaled,
    ),
]
