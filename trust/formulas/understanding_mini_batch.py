"""2.2 节：理解小批量梯度下降。"""

from itertools import combinations, permutations, product
from typing import Any

import numpy as np
from numpy.random import Generator

from dlnotes_lib.experiments.understanding_mini_batch import (
    NOISE,
    gradient_noise,
    noise_ball,
    noise_scale,
    stream_step,
    variance_factor,
)
from dlnotes_lib.landscapes import Quadratic
from dlnotes_lib.optimizers import SGD
from trust.formulas import Formula


def variance_case(rng: Generator) -> dict[str, Any]:
    """几个样本的梯度与批大小。"""
    return {"g": rng.normal(size=6), "b": int(rng.integers(2, 6))}


def variance(g: Any, b: int) -> list[float]:
    """库的系数乘方差；与列举、与公式各比一次。"""
    return [float(g.var()) * variance_factor(g.size, size=b)] * 2


def naive_variance(g: list[float], b: int) -> list[float]:
    """左边列举全部的小批，右边照公式。"""
    m = len(g)
    center = sum(g) / m
    s2 = sum((v - center) ** 2 for v in g) / m
    means = [sum(chosen) / b for chosen in combinations(g, b)]
    spread = sum((v - center) ** 2 for v in means) / len(means)
    return [spread, s2 / b * (m - b) / (m - 1)]


def noisy_case(rng: Generator) -> dict[str, Any]:
    """单个样本的噪声等可能地取三个数，平均为零。"""
    noise = rng.normal(size=3)
    return {
        "noise": noise - noise.mean(),
        "w": rng.normal(),
        "lr": rng.uniform(0.1, 0.8),
        "curvature": rng.uniform(0.3, 2.0),
        "b": 2,
    }


def noisy(noise: Any, w: float, lr: float, curvature: float, b: int) -> list[Any]:
    """库对全部可能的噪声各走一步；噪声的方差由列举得出。"""
    xi = np.array([np.mean(drawn) for drawn in product(noise, repeat=b)])
    here = np.full(xi.size, w)
    after, _ = SGD(lr=lr).update(here, curvature * here + xi, None)
    return [after, xi.var()]


def naive_noisy(
    noise: list[float], w: float, lr: float, curvature: float, b: int
) -> list[Any]:
    """缩小，再减去噪声。"""
    found = []
    for drawn in product(noise, repeat=b):
        xi = sum(drawn) / b
        found.append((1 - lr * curvature) * w - lr * xi)
    sigma2 = sum(v**2 for v in noise) / len(noise)
    return [found, sigma2 / b]


def ball_case(rng: Generator) -> dict[str, Any]:
    """学习率、曲率、噪声与批大小。"""
    return {
        "lr": rng.uniform(0.1, 0.9),
        "curvature": rng.uniform(0.3, 2.0),
        "noise": rng.uniform(0.5, 3.0),
        "size": int(rng.integers(2, 9)),
    }


def ball(lr: float, curvature: float, noise: float, size: int) -> float:
    """库算的方差。"""
    return noise_ball(lr, curvature=curvature, noise=noise, size=size)


def naive_ball(lr: float, curvature: float, noise: float, size: int) -> float:
    """两个分式相乘。"""
    return lr / (2 - lr * curvature) * (noise / (size * curvature))


def one_step_case(rng: Generator) -> dict[str, Any]:
    """起点、定出黑塞矩阵的两行、单个样本的噪声（平均为零）。"""
    noise = rng.normal(size=(4, 3))
    return {
        "w": rng.normal(size=3),
        "rows": rng.normal(size=(2, 3)),
        "noise": noise - noise.mean(axis=0),
        "lr": rng.uniform(0.1, 0.8),
        "b": 2,
    }


def one_step(w: Any, rows: Any, noise: Any, lr: float, b: int) -> float:
    """库对全部可能的小批各走一步，代价取平均。"""
    bowl = Quadratic(rows.T @ rows)
    drawn = product(noise, repeat=b)
    moved = (w - lr * (bowl.grad(w) + np.mean(chosen, axis=0)) for chosen in drawn)
    return float(np.mean([bowl.cost(v) for v in moved]))


def naive_one_step(w: list[float], rows: Any, noise: Any, lr: float, b: int) -> float:
    """梯度、黑塞矩阵、协方差矩阵都写成二重循环。"""
    n = range(len(w))
    h = [[sum(row[i] * row[j] for row in rows) for j in n] for i in n]
    sigma = [[sum(e[i] * e[j] for e in noise) / len(noise) for j in n] for i in n]
    g = [sum(h[i][j] * w[j] for j in n) for i in n]
    cost = sum(w[i] * h[i][j] * w[j] for i in n for j in n) / 2
    curved = sum(g[i] * h[i][j] * g[j] for i in n for j in n)
    trace = sum(h[i][j] * sigma[j][i] for i in n for j in n)
    return cost - lr * sum(v**2 for v in g) + lr**2 / 2 * (curved + trace / b)


def best_case(rng: Generator) -> dict[str, Any]:
    """各方向的误差与曲率、批大小、标签噪声的方差。"""
    return {
        "second": rng.uniform(0.2, 2.0, size=4),
        "curvatures": rng.uniform(0.2, 2.0, size=4),
        "size": int(rng.integers(2, 20)),
        "sigma2": NOISE,
    }


def best(second: Any, curvatures: Any, size: int, sigma2: float) -> list[float]:
    """库的期望损失是学习率的抛物线：三点定出最低点，再走一步看降了多少。"""

    def loss(lr: float) -> float:
        after = stream_step(second, curvatures, size=size, lr=lr)
        return float(after @ curvatures) / 2

    start, one, two = loss(0.0), loss(1.0), loss(2.0)
    square = (two - 2 * one + start) / 2
    lr = (square - (one - start)) / (2 * square)
    return [lr, start - loss(lr), noise_scale(second, curvatures)]


def naive_best(
    second: list[float], curvatures: list[float], size: int, sigma2: float
) -> list[float]:
    """没有噪声时的两个值，各除以 1 + B/b。"""
    n = range(len(second))
    sigma = naive_covariance(second, curvatures, sigma2)
    squares = sum(curvatures[i] ** 2 * second[i] for i in n)  # G 的第 i 个是 λδ
    curved = sum(curvatures[i] ** 3 * second[i] for i in n)
    scale = sum(curvatures[i] * sigma[i] for i in n) / curved
    lr_max = squares / curved
    gain_max = lr_max * squares / 2
    return [lr_max / (1 + scale / size), gain_max / (1 + scale / size), scale]


def naive_covariance(
    second: list[float], curvatures: list[float], sigma2: float
) -> list[float]:
    """单个样本的梯度在各方向上的方差。"""
    total = sum(c * s for c, s in zip(curvatures, second, strict=True))
    return [
        c * (c * s + total + sigma2) for c, s in zip(curvatures, second, strict=True)
    ]


def stream_case(rng: Generator) -> dict[str, Any]:
    """两行误差各有自己的学习率。"""
    return {
        "second": rng.uniform(0.2, 2.0, size=(2, 3)),
        "curvatures": rng.uniform(0.2, 2.0, size=3),
        "size": int(rng.integers(2, 9)),
        "lr": rng.uniform(0.1, 0.9, size=(2, 1)),
        "sigma2": NOISE,
    }


def stream(second: Any, curvatures: Any, size: int, lr: Any, sigma2: float) -> Any:
    """库走三步：每步的噪声与误差。"""
    found = []
    for _ in range(3):
        found.append(gradient_noise(second, curvatures))
        second = stream_step(second, curvatures, size=size, lr=lr)
        found.append(second)
    return found


def naive_stream(
    second: Any, curvatures: list[float], size: int, lr: Any, sigma2: float
) -> list[Any]:
    """逐行逐方向。"""
    found = []
    for _ in range(3):
        noise = [naive_covariance(row, curvatures, sigma2) for row in second]
        second = [
            [
                (1 - lr[r][0] * curvatures[i]) ** 2 * second[r][i]
                + lr[r][0] ** 2 / size * noise[r][i]
                for i in range(len(curvatures))
            ]
            for r in range(len(second))
        ]
        found += [noise, second]
    return found


def shuffled_case(rng: Generator) -> dict[str, Any]:
    """四个样本的噪声，平均为零，方差为一。"""
    noise = rng.normal(size=4)
    noise = noise - noise.mean()
    return {"noise": noise / noise.std(), "lr": rng.uniform(0.1, 0.7)}


def shuffled(noise: Any, lr: float) -> Any:
    """库从零出发，照全部次序各走一轮；再由衰减的倍数解出停住的方差。"""
    orders = np.array(list(permutations(noise)))
    w, one = np.zeros(len(orders)), np.ones(1)
    for xi in orders.T:
        w, _ = SGD(lr=lr).update(w, w + xi, None)
        one, _ = SGD(lr=lr).update(one, one, None)
    return w.var() / (1 - one**2)


def naive_shuffled(noise: list[float], lr: float) -> float:
    """右边的第二项，除以 1 减去 V 前面的倍数。"""
    m = len(noise)
    v = [lr * (1 - lr) ** (m - k) for k in range(1, m + 1)]
    added = (m * sum(a**2 for a in v) - sum(v) ** 2) / (m - 1)
    return added / (1 - (1 - lr) ** (2 * m))


HERE = "experiments.understanding_mini_batch"
FORMULAS = [
    Formula(
        "2.2.1", f"{HERE}.variance_factor", variance_case, variance, naive_variance
    ),
    Formula("2.2.2", "optimizers.SGD.update", noisy_case, noisy, naive_noisy),
    Formula("2.2.3", f"{HERE}.noise_ball", ball_case, ball, naive_ball),
    Formula(
        "2.2.4", "landscapes.Quadratic.cost", one_step_case, one_step, naive_one_step
    ),
    Formula("2.2.5", f"{HERE}.noise_scale", best_case, best, naive_best),
    Formula("2.2.6", f"{HERE}.stream_step", stream_case, stream, naive_stream),
    Formula("2.2.7", "optimizers.SGD.update", shuffled_case, shuffled, naive_shuffled),
]
