"""1.8 节：数据增广与早停。"""

import math
from typing import Any

import numpy as np
from numpy.random import Generator, default_rng

from dlnotes_lib.augment import mixup, translate
from dlnotes_lib.experiments.other_regularization import (
    MODEL,
    SIDE,
    augmented,
    gd_shrinkage,
    ridge_shrinkage,
)
from dlnotes_lib.stopping import EarlyStopping
from trust.formulas import Formula


def family_case(rng: Generator) -> dict[str, Any]:
    """三张图，一族等可能的平移，一个网络。"""
    params = MODEL.init(rng)
    return {
        "x": rng.normal(size=(SIDE * SIDE, 3)),
        "y": rng.permutation([0, 1, 1]),
        "shifts": rng.permutation(25)[:4],
        "params": {k: w + 0.1 * rng.normal(size=w.shape) for k, w in params.items()},
    }


def family(x: Any, y: Any, shifts: Any, params: Any) -> Any:
    """库：族里的每个变换给整批各做一次，代价再平均。"""
    costs = []
    for shift in shifts:
        dy, dx = int(shift) // 5 - 2, int(shift) % 5 - 2
        moved = augmented(
            x, lambda image, _, dy=dy, dx=dx: translate(image, dy=dy, dx=dx), rng=RNG
        )
        costs.append(MODEL.cost(params, moved, y))
    return np.mean(costs)


RNG = default_rng(0)  # 平移是给定的，用不到


def naive_family(x: Any, y: Any, shifts: list[int], params: Any) -> float:
    """对每个样本取变换的平均，再对样本取平均。"""
    m, total = len(y), 0.0
    for i in range(m):
        expected = 0.0
        for shift in shifts:
            dy, dx = shift // 5 - 2, shift % 5 - 2
            moved = []
            for r in range(13):
                for c in range(13):
                    inside = 0 <= r - dy < 13 and 0 <= c - dx < 13
                    moved.append(x[(r - dy) * 13 + (c - dx)][i] if inside else 0.0)
            expected += naive_loss(moved, y[i], params) / len(shifts)
        total += expected
    return total / m


def naive_loss(x: list[float], y: int, params: Any) -> float:
    """ReLU 的两层网络，softmax 交叉熵，一个样本。"""
    hidden = [max(z, 0.0) for z in naive_linear(x, params["W1"], params["b1"])]
    scores = naive_linear(hidden, params["W2"], params["b2"])
    return math.log(sum(math.exp(z) for z in scores)) - scores[y]


def naive_linear(x: list[float], w: Any, b: Any) -> list[float]:
    """Wx + b，一个样本。"""
    return [sum(w[i][j] * x[j] for j in range(len(x))) + b[i][0] for i in range(len(w))]


def shift_case(rng: Generator) -> dict[str, Any]:
    """一张彩色图与位移；向上、向下、向左、向右都有。"""
    return {
        "image": rng.normal(size=(5, 6, 3)),
        "dy": int(rng.integers(-4, 5)),
        "dx": int(rng.integers(-5, 6)),
    }


def naive_shift(image: Any, dy: int, dx: int) -> Any:
    """每一格问自己来自哪里；出界填 0。"""
    height, width, channels = len(image), len(image[0]), len(image[0][0])
    out = []
    for i in range(height):
        for j in range(width):
            inside = 0 <= i - dy < height and 0 <= j - dx < width
            out.append(image[i - dy][j - dx] if inside else [0.0] * channels)
    return out


def mixup_case(rng: Generator) -> dict[str, Any]:
    """一批样本与标签，以及照说明的次序抽出来的 λ 与排列。"""
    seed, alpha = int(rng.integers(1000)), rng.uniform(0.3, 3.0)
    again = default_rng(seed)
    return {
        "x": rng.normal(size=(4, 5)),
        "y": rng.dirichlet(np.ones(3), size=5).T,
        "alpha": alpha,
        "seed": seed,
        "lam": again.beta(alpha, alpha),
        "partner": again.permutation(5),
    }


def mixed(x: Any, y: Any, alpha: float, seed: int, lam: Any, partner: Any) -> Any:
    """库自己抽 λ 与排列。"""
    return mixup(x, y, alpha=alpha, rng=default_rng(seed))


def naive_mixed(
    x: Any, y: Any, alpha: float, seed: int, lam: float, partner: list[int]
) -> Any:
    """样本与标签用同一个 λ、同一个 j。"""
    m = len(partner)
    x_new = [
        [lam * row[i] + (1 - lam) * row[partner[i]] for i in range(m)] for row in x
    ]
    y_new = [
        [lam * row[i] + (1 - lam) * row[partner[i]] for i in range(m)] for row in y
    ]
    return x_new, y_new


def stopping_case(rng: Generator) -> dict[str, Any]:
    """先降后平的验证曲线；数都是 1/64 的倍数，恰好差 δ 的情形常有。"""
    t = np.arange(14)
    curve = np.maximum(10 - 2 * t, 0) + rng.integers(0, 5, size=14)
    return {
        "values": curve / 4 + rng.integers(1000) / 64,
        "patience": int(rng.integers(2, 5)),
        "min_delta": rng.integers(1, 3) / 4,
    }


def stopping(values: Any, patience: int, min_delta: Any) -> Any:
    """库：逐次评估，记下最优在哪、是多少、停不停。"""
    rule = EarlyStopping(patience=patience, min_delta=float(min_delta))
    state, found = rule.init(), []
    for t, value in enumerate(values):
        state = rule.update(state, t, float(value), {})
        found.append([state.best_step, state.best_value, state.stop])
        if state.stop:
            break
    return found


def naive_stopping(values: list[float], patience: int, min_delta: float) -> Any:
    """每次评估记一个“有没有改进”；最近 P 个都没有就停。"""
    best_step, best, improved, found = -1, math.inf, [], []
    for t in range(len(values)):
        improved.append(values[t] < best - min_delta)
        if improved[t]:
            best_step, best = t, values[t]
        stop = t + 1 >= patience and not any(improved[t + 1 - patience :])
        found.append([best_step, best, stop])
        if stop:
            break
    return found


def shrinkage_case(rng: Generator) -> dict[str, Any]:
    """几个曲率；αλ 有的大于 1，都小于 2。"""
    return {
        "eigenvalues": rng.uniform(0.05, 3.0, size=5),
        "lr": rng.uniform(0.1, 0.6),
        "steps": int(rng.integers(2, 20)),
    }


def gd(eigenvalues: Any, lr: float, steps: int) -> Any:
    """库：梯度下降走完几成。"""
    return gd_shrinkage(eigenvalues, lr=lr, steps=steps)


def naive_gd(eigenvalues: list[float], lr: float, steps: int) -> list[float]:
    """一个方向一个方向地算。"""
    return [1 - (1 - lr * curvature) ** steps for curvature in eigenvalues]


def ridge(eigenvalues: Any, lr: float, steps: int) -> Any:
    """库：与那么多步相当的 L2 停在几成。"""
    return ridge_shrinkage(eigenvalues, tau=1 / (lr * steps))


def naive_ridge(eigenvalues: list[float], lr: float, steps: int) -> list[float]:
    """τ 取 1 / (αt)。"""
    tau = 1 / (lr * steps)
    return [curvature / (curvature + tau) for curvature in eigenvalues]


FORMULAS = [
    Formula(
        "1.8.1",
        "experiments.other_regularization.augmented",
        family_case,
        family,
        naive_family,
    ),
    Formula("1.8.2", "augment.translate", shift_case, translate, naive_shift),
    Formula("1.8.3", "augment.mixup", mixup_case, mixed, naive_mixed),
    Formula(
        "1.8.4",
        "stopping.EarlyStopping.update",
        stopping_case,
        stopping,
        naive_stopping,
    ),
    Formula(
        "1.8.5",
        "experiments.other_regularization.gd_shrinkage",
        shrinkage_case,
        gd,
        naive_gd,
    ),
    Formula(
        "1.8.6",
        "experiments.other_regularization.ridge_shrinkage",
        shrinkage_case,
        ridge,
        naive_ridge,
    ),
]
