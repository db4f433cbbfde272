"""1.4 节：正则化。"""

import math
from typing import Any

import numpy as np
from numpy.random import Generator

from dlnotes_lib.experiments.regularization import (
    Data,
    Fit,
    l2_step,
    shrinkage_curves,
)
from dlnotes_lib.layers import linear
from dlnotes_lib.losses import bce_with_logits
from dlnotes_lib.models import MLP
from dlnotes_lib.regularization import (
    l1_penalty,
    l1_subgrad,
    l2_penalty,
    soft_threshold,
    weight_decay_factor,
)
from trust.formulas import Formula


def cost_case(rng: Generator) -> dict[str, Any]:
    """输出层的打分与标签，两层不同形状的权重，λ。"""
    return {
        "z": rng.normal(size=(2, 5)),
        "y": rng.integers(0, 2, size=(2, 5)),
        "weights": [rng.normal(size=(4, 3)), rng.normal(size=(2, 4))],
        "lambd": rng.uniform(1.0, 5.0),
    }


def cost(z: Any, y: Any, weights: Any, lambd: float) -> float:
    """平均损失加 L2 罚项。"""
    return bce_with_logits(z, y)[0] + l2_penalty(weights, lambd=lambd, m=z.shape[1])


def naive_cost(z: Any, y: Any, weights: Any, lambd: float) -> float:
    """损失取交叉熵；每层的弗罗贝尼乌斯范数先开方再平方。"""
    m, penalty = len(z[0]), 0.0
    for w in weights:
        norm = math.sqrt(sum(v**2 for row in w for v in row))
        penalty += norm**2
    return mean_loss(z, y) + lambd / (2 * m) * penalty


def layer_case(rng: Generator) -> dict[str, Any]:
    """只有一层的网络：x、y、W、b，λ 与学习率；W 有一个零。"""
    w = rng.normal(size=(2, 3))
    w[1, 0] = 0.0
    return {
        "x": rng.normal(size=(3, 5)),
        "y": rng.integers(0, 2, size=(2, 5)).astype(float),
        "w": w,
        "b": rng.normal(size=(2, 1)),
        "lambd": rng.uniform(1.0, 5.0),
        "lr": rng.uniform(0.2, 0.8),
    }


def grad(x: Any, y: Any, w: Any, b: Any, lambd: float, lr: float) -> Any:
    """网络给的 dW。"""
    net = MLP(sizes=(3, 2), loss="bce", lambd=lambd)
    _, grads = net.loss_and_grad({"W1": w, "b1": b}, x, y, rng=np.random.default_rng(0))
    return grads["W1"]


def naive_grad(x: Any, y: Any, w: Any, b: Any, lambd: float, lr: float) -> Any:
    """反向传播的那部分（已含 1/m），加罚项的那部分。"""
    m, dw_bp = len(x[0]), backprop(x, y, w, b)[0]
    return [
        [dw_bp[i][j] + lambd / m * w[i][j] for j in range(len(w[0]))]
        for i in range(len(w))
    ]


def walk(x: Any, y: Any, w: Any, b: Any, lambd: float, lr: float) -> Any:
    """先乘因子再走一步，与把罚项加进梯度的一步，各走三步。"""
    factor, fit = weight_decay_factor(lr=lr, lambd=lambd, m=x.shape[1]), Fit(w, b)
    for _ in range(3):
        z, back = linear(x, w, b)
        _, dw_bp, db = back(bce_with_logits(z, y)[1])
        w, b = factor * w - lr * dw_bp, b - lr * db
        fit = l2_step(Data(x, y), fit, lambd=lambd, lr=lr)
    return [w, fit.w]


def naive_walk(x: Any, y: Any, w: Any, b: Any, lambd: float, lr: float) -> Any:
    """三步，两条路是同一条。"""
    m = len(x[0])
    for _ in range(3):
        dw_bp, db = backprop(x, y, w, b)
        w = [
            [(1 - lr * lambd / m) * v - lr * d for v, d in zip(*rows, strict=True)]
            for rows in zip(w, dw_bp, strict=True)
        ]
        b = [[b[i][0] - lr * db[i]] for i in range(len(b))]
    return [w, w]


def l1_case(rng: Generator) -> dict[str, Any]:
    """同上，另有一层权重，只进罚项。"""
    return {**layer_case(rng), "other": rng.normal(size=(4, 3))}


def l1(x: Any, y: Any, w: Any, b: Any, lambd: float, lr: float, other: Any) -> Any:
    """L1 的 J 与 dW。"""
    m = x.shape[1]
    z, back = linear(x, w, b)
    loss, dz = bce_with_logits(z, y)
    dw = back(dz)[1] + l1_subgrad(w, lambd=lambd, m=m)
    return [loss + l1_penalty([w, other], lambd=lambd, m=m), dw]


def naive_l1(
    x: Any, y: Any, w: Any, b: Any, lambd: float, lr: float, other: Any
) -> Any:
    """两层的绝对值之和；sign(0) 是 0。"""
    m, dw_bp = len(x[0]), backprop(x, y, w, b)[0]
    norms = sum(abs(v) for layer in (w, other) for row in layer for v in row)
    dw = [
        [dw_bp[i][j] + lambd / (2 * m) * sign(w[i][j]) for j in range(len(w[0]))]
        for i in range(len(w))
    ]
    return [mean_loss(scores(x, w, b), y) + lambd / (2 * m) * norms, dw]


def shrink_case(rng: Generator) -> dict[str, Any]:
    """强度 l 与一串 a，有的够不着；`shrinkage_curves` 里（l = 0.5）的几个下标。"""
    picks = [
        *rng.integers(0, 30, 2),
        *rng.integers(36, 45, 2),
        *rng.integers(55, 81, 2),
    ]
    return {
        "a": rng.uniform(-3.0, 3.0, size=8),
        "strength": rng.uniform(0.3, 1.5),
        "picks": [int(k) for k in picks],
    }


def shrink(a: Any, strength: float, picks: Any) -> Any:
    """每个数写两遍：一遍对公式右边，一遍对左边的最低点。"""
    curves = shrinkage_curves()
    ridge, lasso = curves.l2[picks], curves.l1[picks]
    soft = soft_threshold(a, strength)
    return [ridge, ridge, lasso, lasso, soft, soft]


def naive_shrink(a: list[float], strength: float, picks: list[int]) -> Any:
    """右边照写；左边由斜率的正负两分找最低点。"""
    points = [(k - 40) / 10 for k in picks]
    half = [
        [c / (1 + 0.5) for c in points],
        [lowest(c, lambda w: 0.5 * w) for c in points],
        [sign(c) * max(abs(c) - 0.5, 0) for c in points],
        [lowest(c, lambda w: 0.5 * sign(w)) for c in points],
    ]
    return [
        *half,
        [sign(c) * max(abs(c) - strength, 0) for c in a],
        [lowest(c, lambda w: strength * sign(w)) for c in a],
    ]


def lowest(a: float, slope: Any) -> float:
    """½(w − a)² 加一个凸罚项的最低点：总斜率由负变正的地方；slope 是罚项的斜率。"""
    low, high = -abs(a) - 1.0, abs(a) + 1.0
    for _ in range(200):
        w = (low + high) / 2
        if (w - a) + slope(w) > 0:
            high = w
        else:
            low = w
    return (low + high) / 2


def sign(v: float) -> float:
    """正、零、负。"""
    return float(v > 0) - float(v < 0)


def scores(x: Any, w: Any, b: Any) -> list[list[float]]:
    """W x + b。"""
    return [
        [
            b[i][0] + sum(w[i][j] * x[j][k] for j in range(len(x)))
            for k in range(len(x[0]))
        ]
        for i in range(len(w))
    ]


def mean_loss(z: Any, y: Any) -> float:
    """m 个样本的平均交叉熵；几个输出相加。"""
    total = 0.0
    for i in range(len(z)):
        for k in range(len(z[0])):
            y_hat = 1 / (1 + math.exp(-z[i][k]))
            total -= y[i][k] * math.log(y_hat) + (1 - y[i][k]) * math.log(1 - y_hat)
    return total / len(z[0])


def backprop(x: Any, y: Any, w: Any, b: Any) -> tuple[list[list[float]], list[float]]:
    """平均交叉熵对 W 与 b 的梯度，不含罚项。"""
    z, m = scores(x, w, b), len(x[0])
    dz = [
        [(1 / (1 + math.exp(-z[i][k])) - y[i][k]) / m for k in range(m)]
        for i in range(len(w))
    ]
    dw: list[list[float]] = [
        [sum(d[k] * r[k] for k in range(m)) for r in x] for d in dz
    ]
    return dw, [sum(d) for d in dz]


SHRINK = "regularization.soft_threshold"
DECAY = "regularization.weight_decay_factor"
FORMULAS = [
    Formula("1.4.1", "regularization.l2_penalty", cost_case, cost, naive_cost),
    Formula("1.4.2", "regularization.l2_grad", layer_case, grad, naive_grad),
    Formula("1.4.3", DECAY, layer_case, walk, naive_walk),
    Formula("1.4.4", "regularization.l1_subgrad", l1_case, l1, naive_l1),
    Formula("1.4.5", SHRINK, shrink_case, shrink, naive_shrink),
]
