"""3.8 节：softmax 的前向与反向，它的几条性质，三团点的真后验。"""

import math
from typing import Any

import numpy as np
from numpy.random import Generator

from dlnotes_lib.experiments.softmax_regression import (
    MEANS,
    gaussian_scores,
    linear_params,
)
from dlnotes_lib.layers import linear
from dlnotes_lib.softmax import log_softmax, logsumexp, softmax
from trust.formulas import Formula
from trust.formulas.appropriate_scale import crossing


def layer_case(rng: Generator) -> dict[str, Any]:
    """3 个输入、4 类、5 个样本。"""
    return {
        "w": rng.normal(size=(4, 3)),
        "b": rng.normal(size=(4, 1)),
        "x": rng.normal(size=(3, 5)),
    }


def forward(w: Any, b: Any, x: Any) -> Any:
    """库的打分与概率。"""
    z, _ = linear(x, w, b)
    return z, softmax(z)[0]


def naive_forward(w: Any, b: Any, x: Any) -> Any:
    """打分，再一列一列地取概率。"""
    z = [
        [
            sum(w[k][n] * x[n][i] for n in range(len(x))) + b[k][0]
            for i in range(len(x[0]))
        ]
        for k in range(len(w))
    ]
    return z, by_column(z, probabilities)


def probabilities(z: list[float]) -> list[float]:
    """一个样本的概率。"""
    t = [math.exp(value) for value in z]
    return [value / sum(t) for value in t]


def by_column(z: Any, change: Any) -> Any:
    """每一列各做一次，再排回去。"""
    columns = [change([row[i] for row in z]) for i in range(len(z[0]))]
    return [[column[k] for column in columns] for k in range(len(columns[0]))]


def scores_case(rng: Generator) -> dict[str, Any]:
    """3 类、5 个样本的打分。"""
    return {"z": rng.normal(0.0, 2.0, size=(3, 5))}


def ratios(z: Any) -> Any:
    """库的概率之比，与对数之差。"""
    a, log_a = softmax(z)[0], log_softmax(z)[0]
    return a[:, None] / a, log_a[:, None] - log_a


def naive_ratios(z: Any) -> Any:
    """只看两个打分的差。"""
    found = [
        [[z[i][s] - z[j][s] for s in range(len(z[0]))] for j in range(len(z))]
        for i in range(len(z))
    ]
    return [[[math.exp(d) for d in row] for row in table] for table in found], found


def shift_case(rng: Generator) -> dict[str, Any]:
    """打分，与要减的数。"""
    return scores_case(rng) | {"c": rng.normal(0.0, 3.0)}


def shifted(z: Any, c: float) -> Any:
    """库在 z − c 上；等式的三段各比一次。"""
    a, _ = softmax(z - c)
    return a, a, a


def naive_shifted(z: Any, c: float) -> Any:
    """等式的三段。"""

    def left(column: list[float]) -> list[float]:
        total = sum(math.exp(v - c) for v in column)
        return [math.exp(v - c) / total for v in column]

    def middle(column: list[float]) -> list[float]:
        below = math.exp(-c) * sum(math.exp(v) for v in column)
        return [math.exp(-c) * math.exp(v) / below for v in column]

    return by_column(z, left), by_column(z, middle), by_column(z, probabilities)


def pair_case(rng: Generator) -> dict[str, Any]:
    """两类、5 个样本的打分。"""
    return {"z": rng.normal(0.0, 2.0, size=(2, 5))}


def first(z: Any) -> Any:
    """库的第一类的概率；等式的两段各比一次。"""
    a = softmax(z)[0][0]
    return a, a


def naive_first(z: Any) -> Any:
    """两类的 softmax，与逻辑回归。"""
    pairs = [*zip(*z, strict=True)]
    ratio = [math.exp(p) / (math.exp(p) + math.exp(q)) for p, q in pairs]
    return ratio, [1 / (1 + math.exp(-(p - q))) for p, q in pairs]


def line_case(rng: Generator) -> dict[str, Any]:
    """四类，平面上的一条直线，要看的两类。"""
    i, j = rng.permutation(4)[:2].tolist()
    w, turn = rng.normal(size=(4, 2)), rng.uniform(-1.0, 1.0)
    across, (c, s) = w[i] - w[j], (np.cos(turn), np.sin(turn))
    along = np.array([[c, -s], [s, c]]) @ across  # 与分界线不平行，往第 i 类走
    return {
        "w": w,
        "b": rng.normal(size=(4, 1)),
        "start": rng.normal(size=2),
        "along": along,
        "i": i,
        "j": j,
    }


def border(w: Any, b: Any, start: Any, along: Any, i: int, j: int) -> float:
    """沿直线走到库的两个概率相等。"""

    def ahead(t: float) -> float:
        log_a, _ = log_softmax(w @ (start + t * along)[:, None] + b)
        return float(log_a[i, 0] - log_a[j, 0])

    return crossing(ahead, -1e4, 1e4)


def naive_border(w: Any, b: Any, start: Any, along: Any, i: int, j: int) -> float:
    """公式对走的路程是一次的，解出来。"""
    here, rise = b[i][0] - b[j][0], 0.0
    for n in range(len(start)):
        here += (w[i][n] - w[j][n]) * start[n]
        rise += (w[i][n] - w[j][n]) * along[n]
    return -here / rise


def jacobian(z: Any) -> Any:
    """库的反向喂单位向量，一行一行地得；等式的两行各比一次。"""
    rows = [softmax(z)[1](row)[0] for row in np.eye(len(z))[:, :, None] + 0 * z]
    return rows, rows


def naive_jacobian(z: Any) -> Any:
    """逐个元素的，与矩阵的；最后一维是样本。"""
    a, c = by_column(z, probabilities), len(z)
    entries = [
        [
            [p * ((i == k) - q) for p, q in zip(a[i], a[k], strict=True)]
            for k in range(c)
        ]
        for i in range(c)
    ]
    tables = []
    for s in range(len(z[0])):
        diag = [[a[i][s] if i == k else 0.0 for k in range(c)] for i in range(c)]
        outer = [[a[i][s] * a[k][s] for k in range(c)] for i in range(c)]
        tables.append([[diag[i][k] - outer[i][k] for k in range(c)] for i in range(c)])
    turned = [[[t[i][k] for t in tables] for k in range(c)] for i in range(c)]
    return entries, turned


def back_case(rng: Generator) -> dict[str, Any]:
    """打分，与传到概率的梯度。"""
    return scores_case(rng) | {"da": rng.normal(size=(3, 5))}


def backward(z: Any, da: Any) -> Any:
    """库的反向。"""
    return softmax(z)[1](da)[0]


def naive_backward(z: Any, da: Any) -> Any:
    """不排出矩阵。"""
    a = by_column(z, probabilities)
    found = [[0.0] * len(z[0]) for _ in z]
    for s in range(len(z[0])):
        mean = sum(a[j][s] * da[j][s] for j in range(len(z)))
        for k in range(len(z)):
            found[k][s] = a[k][s] * (da[k][s] - mean)
    return found


def warm_case(rng: Generator) -> dict[str, Any]:
    """打分与温度。"""
    return scores_case(rng) | {"temperature": rng.uniform(0.3, 5.0)}


def warm(z: Any, temperature: float) -> Any:
    """库的概率。"""
    return softmax(z, temperature=temperature)[0]


def naive_warm(z: Any, temperature: float) -> Any:
    """先除以温度。"""

    def divided(column: list[float]) -> list[float]:
        total = sum(math.exp(v / temperature) for v in column)
        return [math.exp(v / temperature) / total for v in column]

    return by_column(z, divided)


def logs(z: Any) -> Any:
    """库的对数概率与 lse；等式的两段各比一次。"""
    lse = logsumexp(z)
    return log_softmax(z)[0], lse, lse


def naive_logs(z: Any) -> Any:
    """直接算的 lse，与先提出最大值的。"""
    plain, safe = [], []
    for column in zip(*z, strict=True):
        c = max(column)
        plain.append(math.log(sum(math.exp(v) for v in column)))
        safe.append(c + math.log(sum(math.exp(v - c) for v in column)))
    return [[v - plain[s] for s, v in enumerate(row)] for row in z], plain, safe


def blobs_case(rng: Generator) -> dict[str, Any]:
    """三个中心、几个点、标准差。"""
    return {
        "means": MEANS.copy(),
        "x": rng.normal(1.0, 2.0, size=(2, 5)),
        "spread": rng.uniform(0.6, 3.0),
    }


def blobs(means: Any, x: Any, spread: float) -> Any:
    """库的两种打分过 softmax，与 W、b。"""
    w, b = linear_params(spread)
    scores = gaussian_scores(x, spreads=np.full(3, spread))
    return softmax(scores)[0], softmax(linear(x, w, b)[0])[0], w, b


def naive_blobs(means: Any, x: Any, spread: float) -> Any:
    """密度的对数，与线性的打分。"""
    z, w, b = [], [], []
    for i in range(3):
        mu = [means[0][i], means[1][i]]
        square = sum(value**2 for value in mu)
        w.append([value / spread**2 for value in mu])
        b.append(-square / (2 * spread**2))
        z.append([])
        for s in range(len(x[0])):
            apart = (x[0][s] - mu[0]) ** 2 + (x[1][s] - mu[1]) ** 2
            z[i].append(-apart / (2 * spread**2))
    straight = [
        [w[i][0] * p + w[i][1] * q + b[i] for p, q in zip(*x, strict=True)]
        for i in range(3)
    ]
    return by_column(z, probabilities), by_column(straight, probabilities), w, b


SOFTMAX = "softmax.softmax"
FORMULAS = [
    Formula("3.8.1", SOFTMAX, layer_case, forward, naive_forward),
    Formula("3.8.2", SOFTMAX, scores_case, ratios, naive_ratios),
    Formula("3.8.3", SOFTMAX, shift_case, shifted, naive_shifted),
    Formula("3.8.4", SOFTMAX, pair_case, first, naive_first),
    Formula("3.8.5", "softmax.log_softmax", line_case, border, naive_border),
    Formula("3.8.6", SOFTMAX, scores_case, jacobian, naive_jacobian),
    Formula("3.8.7", SOFTMAX, back_case, backward, naive_backward),
    Formula("3.8.8", SOFTMAX, warm_case, warm, naive_warm),
    Formula("3.8.9", "softmax.logsumexp", scores_case, logs, naive_logs),
    Formula(
        "3.8.10",
        "experiments.softmax_regression.linear_params",
        blobs_case,
        blobs,
        naive_blobs,
    ),
]
