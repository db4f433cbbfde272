"""1.3 节：机器学习的基本流程。"""

from itertools import product
from typing import Any

import numpy as np
from numpy.random import Generator

from dlnotes_lib.experiments.bias_variance import polynomial
from trust.formulas import Formula


def fit_case(rng: Generator) -> dict[str, Any]:
    """几个固定的 x、真值 f、噪声 σ，k 个系数的多项式；k < m。"""
    m = int(rng.integers(5, 7))
    return {
        "x": (np.arange(m) + rng.uniform(0.2, 0.8, size=m)) / m,
        "f": rng.normal(size=m),
        "sigma": rng.uniform(0.5, 1.5),
        "k": int(rng.integers(2, 4)),
    }


def errors(x: Any, f: Any, sigma: float, k: int) -> list[float]:
    """训练与测试的均方误差，对噪声 ±σ 的全部组合取平均；每一组真的拟合一次。"""
    fit, train, test = polynomial(k - 1), [], []
    for signs in product([-1.0, 1.0], repeat=len(x)):
        y = f + sigma * np.array(signs)
        y_hat = fit(x, y)(x)
        train.append(np.mean((y - y_hat) ** 2))
        for new in (-sigma, sigma):  # 每个点换一个新标签，两种各一半
            test.append(np.mean((f + new - y_hat) ** 2))
    return [float(np.mean(train)), float(np.mean(test))]


def naive_errors(x: list[float], f: list[float], sigma: float, k: int) -> list[float]:
    """B 是拟合真值 f 剩下的均方。"""
    m, p = len(x), design(x, k)
    inverse_gram = inverse(gram(p))
    right = [sum(p[a][i] * f[i] for i in range(m)) for a in range(k)]
    c = [sum(inverse_gram[a][b] * right[b] for b in range(k)) for a in range(k)]
    b = 0.0
    for i in range(m):
        b += (f[i] - sum(c[a] * p[a][i] for a in range(k))) ** 2 / m
    return [b + sigma**2 * (1 - k / m), b + sigma**2 * (1 + k / m)]


def hat(x: Any, f: Any, sigma: float, k: int) -> Any:
    """拟合值 yH 对每个标签是线性的：第 i 行是只有第 i 个标签为 1 时的拟合。"""
    fit = polynomial(k - 1)
    h = np.array([fit(x, row)(x) for row in np.eye(len(x))])
    return [f @ h, fit(x, f)(x), h, h, h, np.trace(h), np.trace(h)]


def naive_hat(x: list[float], f: list[float], sigma: float, k: int) -> Any:
    """H、它的转置、平方与迹；f 当作标签 y，yH 两遍。"""
    m, p = len(x), design(x, k)
    inner = inverse(gram(p))
    h = [[0.0] * m for _ in range(m)]
    for i, j in product(range(m), range(m)):
        for a, b in product(range(k), range(k)):
            h[i][j] += p[a][i] * inner[a][b] * p[b][j]
    fitted = [sum(f[i] * h[i][j] for i in range(m)) for j in range(m)]
    transposed = [[h[j][i] for j in range(m)] for i in range(m)]
    square = [
        [sum(h[i][r] * h[r][j] for r in range(m)) for j in range(m)] for i in range(m)
    ]
    pp = gram(p)
    trace = sum(inner[a][b] * pp[b][a] for a in range(k) for b in range(k))
    return [fitted, fitted, h, transposed, square, trace, k]


def design(x: list[float], k: int) -> list[list[float]]:
    """设计矩阵 P，形状 (k, m)：第 a 行是 x 的 a 次方。"""
    return [[v**a for v in x] for a in range(k)]


def gram(p: list[list[float]]) -> list[list[float]]:
    """P Pᵀ，形状 (k, k)。"""
    m = len(p[0])
    return [[sum(u[i] * v[i] for i in range(m)) for v in p] for u in p]


def inverse(a: list[list[float]]) -> list[list[float]]:
    """高斯–若尔当消元求逆；格拉姆矩阵正定，不用换行。"""
    n = len(a)
    rows = [a[i] + [float(i == j) for j in range(n)] for i in range(n)]
    for c in range(n):
        rows[c] = [v / rows[c][c] for v in rows[c]]
        for r in range(n):
            if r != c:
                factor = rows[r][c]
                rows[r] = [
                    v - factor * w for v, w in zip(rows[r], rows[c], strict=True)
                ]
    return [row[n:] for row in rows]


FIT = "experiments.bias_variance.polynomial"
FORMULAS = [
    Formula("1.3.1", FIT, fit_case, errors, naive_errors),
    Formula("1.3.2", FIT, fit_case, hat, naive_hat),
]
