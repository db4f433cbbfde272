"""2.6 节：动量梯度下降。"""

import math
from typing import Any

import numpy as np
from numpy.random import Generator

from dlnotes_lib.experiments.momentum import (
    kinked_grad,
    noise_variance,
    spectral_radius,
    step_matrix,
)
from dlnotes_lib.landscapes import optimal_heavy_ball
from dlnotes_lib.optimizers import HeavyBall, Momentum, MomentumState, Nesterov
from trust.formulas import Formula


def walk_case(rng: Generator) -> dict[str, Any]:
    """起点、几步梯度与两个超参数。"""
    return {
        "w": rng.normal(size=(2, 3)),
        "grads": rng.normal(size=(4, 2, 3)),
        "lr": rng.uniform(0.1, 1.0),
        "beta": rng.uniform(0.2, 0.9),
    }


def walk(optimizer: Any, w: Any, grads: Any) -> list[Any]:
    """库每走一步之后的参数。"""
    found, state = [], optimizer.init(w)
    for dw in grads:
        w, state = optimizer.update(w, dw, state)
        found.append(w)
    return found


def course(w: Any, grads: Any, lr: float, beta: float) -> list[Any]:
    """课程写法。"""
    return walk(Momentum(lr=lr, beta=beta), w, grads)


def classic(w: Any, grads: Any, lr: float, beta: float) -> list[Any]:
    """经典写法。"""
    return walk(HeavyBall(lr=lr, beta=beta), w, grads)


def nesterov(w: Any, grads: Any, lr: float, beta: float) -> list[Any]:
    """Nesterov 动量。"""
    return walk(Nesterov(lr=lr, beta=beta), w, grads)


def naive_course(w: Any, grads: Any, lr: float, beta: float) -> list[Any]:
    """平均梯度，照它走。"""
    found = []
    v = [[0.0 for _ in row] for row in w]
    for dw in grads:
        v = [
            [beta * v[i][j] + (1 - beta) * dw[i][j] for j in range(len(w[0]))]
            for i in range(len(w))
        ]
        w = [[w[i][j] - lr * v[i][j] for j in range(len(w[0]))] for i in range(len(w))]
        found.append(w)
    return found


def naive_classic(w: Any, grads: Any, lr: float, beta: float) -> list[Any]:
    """梯度前面没有因子。"""
    found = []
    v = [[0.0 for _ in row] for row in w]
    for dw in grads:
        v = [
            [beta * v[i][j] + dw[i][j] for j in range(len(w[0]))] for i in range(len(w))
        ]
        w = [[w[i][j] - lr * v[i][j] for j in range(len(w[0]))] for i in range(len(w))]
        found.append(w)
    return found


def naive_exchange(w: Any, grads: Any, lr: float, beta: float) -> list[Any]:
    """学习率换算之后，照经典写法走。"""
    return naive_classic(w, grads, (1 - beta) * lr, beta)


def naive_nesterov(w: Any, grads: Any, lr: float, beta: float) -> list[Any]:
    """速度更新之后，梯度再加一次。"""
    found = []
    v = [[0.0 for _ in row] for row in w]
    for dw in grads:
        v = [
            [beta * v[i][j] + dw[i][j] for j in range(len(w[0]))] for i in range(len(w))
        ]
        w = [
            [w[i][j] - lr * (dw[i][j] + beta * v[i][j]) for j in range(len(w[0]))]
            for i in range(len(w))
        ]
        found.append(w)
    return found


def ahead_case(rng: Generator) -> dict[str, Any]:
    """目标是各坐标的 w⁴/4 + c w²/2 之和，不是二次的。"""
    return {
        "w": rng.normal(size=5),
        "c": rng.uniform(0.5, 2.0, size=5),
        "lr": rng.uniform(0.05, 0.2),
        "beta": rng.uniform(0.2, 0.9),
    }


def ahead(w: Any, c: Any, lr: float, beta: float) -> list[Any]:
    """库走的是“看到的那一点”；减去旧速度的那一段，换回 u。"""
    optimizer, found = Nesterov(lr=lr, beta=beta), []
    state = optimizer.init(w)
    for _ in range(4):
        w, state = optimizer.update(w, w**3 + c * w, state)
        found.append((w, w + lr * beta * state.v))
    return found


def naive_ahead(w: list[float], c: list[float], lr: float, beta: float) -> list[Any]:
    """先顺着旧速度走过去，在那里求梯度。"""
    u, v, found = w, [0.0] * len(w), []
    for _ in range(4):
        for i in range(len(u)):
            seen = u[i] - lr * beta * v[i]
            v[i] = beta * v[i] + seen**3 + c[i] * seen
        u = [u[i] - lr * v[i] for i in range(len(u))]
        found.append(([u[i] - lr * beta * v[i] for i in range(len(u))], u))
    return found


def matrix_case(rng: Generator) -> dict[str, Any]:
    """相邻两步的参数：第一行是现在，第二行是上一步。"""
    return {
        "pair": rng.normal(size=(2, 3)),
        "lr": rng.uniform(0.1, 1.0),
        "beta": rng.uniform(0.2, 0.9),
        "curvature": rng.uniform(0.5, 3.0),
    }


def matrix(pair: Any, lr: float, beta: float, curvature: float) -> list[Any]:
    """库的矩阵乘上去；再让重球法从同样的两步走一步。"""
    by_matrix = step_matrix(lr=lr, beta=beta, curvature=curvature) @ pair
    now, before = pair
    state = MomentumState(v=(before - now) / lr)
    after, _ = HeavyBall(lr=lr, beta=beta).update(now, curvature * now, state)
    return [by_matrix, after, now]


def naive_matrix(
    pair: list[list[float]], lr: float, beta: float, curvature: float
) -> list[Any]:
    """矩阵乘法写成循环。"""
    rows = [[1 + beta - lr * curvature, -beta], [1.0, 0.0]]
    product = [
        [sum(rows[i][k] * pair[k][j] for k in range(2)) for j in range(len(pair[0]))]
        for i in range(2)
    ]
    return [product, product]


def radius_case(rng: Generator) -> dict[str, Any]:
    """αλ 分别在区间左边、里面、右边：两实根、共轭、两实根；离两端都远。"""
    beta = rng.uniform(0.2, 0.8)
    low, high = (1 - math.sqrt(beta)) ** 2, (1 + math.sqrt(beta)) ** 2
    steep = [
        low * rng.uniform(0.2, 0.6),
        low + (high - low) * rng.uniform(0.2, 0.8),
        high * rng.uniform(1.2, 1.6),
    ]
    return {"steep": np.array(steep), "beta": beta, "lr": rng.uniform(0.1, 1.0)}


def radius(steep: Any, beta: float, lr: float) -> list[Any]:
    """库的谱半径，与库的矩阵的特征值的实部。"""
    matrices = [step_matrix(lr=lr, beta=beta, curvature=a / lr) for a in steep.tolist()]
    return [(spectral_radius(m), np.sort(np.linalg.eigvals(m).real)) for m in matrices]


def naive_radius(steep: list[float], beta: float, lr: float) -> list[Any]:
    """解二次方程，取绝对值最大的根。"""
    found = []
    for a in steep:
        b = -(1 + beta - lr * (a / lr))
        inside = b**2 - 4 * beta
        if inside < 0:
            root = complex(0.0, math.sqrt(-inside))
        else:
            root = complex(math.sqrt(inside), 0.0)
        low, high = (-b - root) / 2, (-b + root) / 2
        found.append((max(abs(low), abs(high)), [low.real, high.real]))
    return found


def tuning_case(rng: Generator) -> dict[str, Any]:
    """最小与最大的曲率。"""
    mu = rng.uniform(0.1, 2.0)
    return {"mu": mu, "top": mu * rng.uniform(2.0, 100.0)}


def tuning(mu: float, top: float) -> list[float]:
    """库的超参数：α 一次，β 与两个等式各比一次。"""
    found = optimal_heavy_ball(mu=mu, L=top)
    return [found.lr, found.beta, found.beta]


def naive_tuning(mu: float, top: float) -> list[float]:
    """两个等式相加得 α，再各自解出 β。"""
    lr = (2 / (math.sqrt(top) + math.sqrt(mu))) ** 2
    left = 1 - math.sqrt(lr * mu)
    right = math.sqrt(lr * top) - 1
    return [lr, left**2, right**2]


def kinked_case(rng: Generator) -> dict[str, Any]:
    """每一段里各有三个点。"""
    edges = np.array([[-2.0, 1.0], [1.0, 2.0], [2.0, 4.0]])
    return {"w": rng.uniform(edges[:, :1], edges[:, 1:], size=(3, 4))}


def kinked(w: Any) -> Any:
    """库的梯度。"""
    return kinked_grad(w)


def naive_kinked(w: Any) -> list[list[float]]:
    """三段。"""
    return [
        [25 * v if v < 1 else v + 24 if 1 <= v < 2 else 25 * v - 24 for v in row]
        for row in w
    ]


def spread_case(rng: Generator) -> dict[str, Any]:
    """学习率与衰减率。"""
    return {"lr": rng.uniform(0.1, 1.5), "beta": rng.uniform(0.2, 0.9)}


def spread(lr: float, beta: float) -> list[float]:
    """库的闭式，与两种写法各比一次。"""
    return [noise_variance(lr=lr, beta=beta)] * 2


def naive_spread(lr: float, beta: float) -> list[float]:
    """两个等号右边。"""
    phi = 1 + beta - lr
    return [
        lr**2 * (1 + beta) / ((1 - beta) * ((1 + beta) ** 2 - phi**2)),
        lr * (1 + beta) / ((1 - beta) * (2 * (1 + beta) - lr)),
    ]


HERE = "experiments.momentum"
FORMULAS = [
    Formula("2.6.1", "optimizers.Momentum.update", walk_case, course, naive_course),
    Formula("2.6.2", "optimizers.HeavyBall.update", walk_case, classic, naive_classic),
    Formula("2.6.3", "optimizers.Momentum.update", walk_case, course, naive_exchange),
    Formula("2.6.4", "optimizers.Nesterov.update", ahead_case, ahead, naive_ahead),
    Formula("2.6.5", "optimizers.Nesterov.update", walk_case, nesterov, naive_nesterov),
    Formula("2.6.6", f"{HERE}.step_matrix", matrix_case, matrix, naive_matrix),
    Formula("2.6.7", f"{HERE}.spectral_radius", radius_case, radius, naive_radius),
    Formula(
        "2.6.8", "landscapes.optimal_heavy_ball", tuning_case, tuning, naive_tuning
    ),
    Formula("2.6.9", f"{HERE}.kinked_grad", kinked_case, kinked, naive_kinked),
    Formula("2.6.10", f"{HERE}.noise_variance", spread_case, spread, naive_spread),
]
