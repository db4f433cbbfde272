"""2.1 节：小批量梯度下降。"""

import cmath
import math
from itertools import pairwise, permutations
from typing import Any

import numpy as np
from numpy.random import Generator

from dlnotes_lib.experiments.mini_batch_gd import (
    course_ridge_loss,
    penalized,
    ridge_weights,
    squared_loss,
)
from dlnotes_lib.minibatch import epochs, iterate, num_batches
from dlnotes_lib.models import MLP
from dlnotes_lib.optimizers import SGD
from dlnotes_lib.train import train
from trust.formulas import Formula

NET = MLP(sizes=(3, 2, 1), activation="tanh", loss="bce", scheme="xavier")


def slices_case(rng: Generator) -> dict[str, Any]:
    """数据、批大小与种子；排列由同一个种子抽出。"""
    m, seed = int(rng.integers(7, 14)), int(rng.integers(1000))
    return {
        "x": rng.normal(size=(2, m)),
        "y": rng.normal(size=(1, m)),
        "b": int(rng.integers(3, 6)),
        "pi": np.random.default_rng(seed).permutation(m),
        "seed": seed,
    }


def slices(x: Any, y: Any, b: int, pi: Any, seed: int) -> Any:
    """库切出的批，一列一列地；最后是批数。"""
    batches = iterate(x, y, size=b, rng=np.random.default_rng(seed))
    columns = [[bx.T, by.T] for bx, by in batches]
    return [*columns, num_batches(x.shape[1], size=b)]


def naive_slices(
    x: list[list[float]], y: list[list[float]], b: int, pi: list[int], seed: int
) -> list[Any]:
    """第 t 批从第 (t-1)b+1 个取到第 tb 个，末批取到 m 为止。"""
    m = len(x[0])
    count = math.ceil(m / b)
    found: list[Any] = []
    for t in range(1, count + 1):
        places = range((t - 1) * b + 1, min(t * b, m) + 1)
        chosen = [pi[k - 1] for k in places]  # Python 从 0 数起
        found += [[[row[i] for row in data] for i in chosen] for data in (x, y)]
    return [*found, count]


def steps_case(rng: Generator) -> dict[str, Any]:
    """五组样本数、批大小与轮数。"""
    return {
        "m": rng.integers(5, 40, size=5),
        "b": rng.integers(2, 9, size=5),
        "count": rng.integers(2, 6, size=5),
    }


def steps(m: Any, b: Any, count: Any) -> list[int]:
    """库真的走这么多轮，数一数有几批。"""
    found = []
    for total, size, rounds in zip(m.tolist(), b.tolist(), count.tolist(), strict=True):
        x, rng = np.zeros((1, total)), np.random.default_rng(0)
        found.append(sum(1 for _ in epochs(x, x, size=size, count=rounds, rng=rng)))
    return found


def naive_steps(m: list[int], b: list[int], count: list[int]) -> list[int]:
    """轮数乘向上取整的商。"""
    return [count[i] * math.ceil(m[i] / b[i]) for i in range(len(m))]


def update_case(rng: Generator) -> dict[str, Any]:
    """七个样本分成 4 个与 3 个两批；两层网络。"""
    return {
        "x": rng.normal(size=(3, 7)),
        "y": rng.uniform(size=(1, 7)),
        "cuts": [0, 4, 7],
        "params": {
            "W1": rng.normal(size=(2, 3)),
            "b1": rng.normal(size=(2, 1)),
            "W2": rng.normal(size=(1, 2)),
            "b2": rng.normal(size=(1, 1)),
        },
        "lambd": rng.uniform(1.0, 3.0),
        "lr": rng.uniform(0.2, 1.0),
    }


def updates(x: Any, y: Any, cuts: Any, params: Any, lambd: float, lr: float) -> Any:
    """库走完两批：每步的代价与走完之后的参数。"""
    loss = penalized(NET, lambd=lambd, m=x.shape[1], rng=np.random.default_rng(0))
    batches = [(x[:, i:j], y[:, i:j]) for i, j in pairwise(cuts)]
    return [(s.loss, s.params) for s in train(params, loss, batches, SGD(lr=lr))]


def naive_updates(
    x: Any, y: Any, cuts: list[int], params: Any, lambd: float, lr: float
) -> list[Any]:
    """代价照公式算；对每个数的偏导用复步微分，不另写求导公式。"""
    found = []
    m = len(x[0])
    for start, stop in pairwise(cuts):
        batch = [[row[i] for row in x] for i in range(start, stop)]
        labels = y[0][start:stop]
        after = {k: [list(row) for row in rows] for k, rows in params.items()}
        for name, rows in params.items():
            for i in range(len(rows)):
                for j in range(len(rows[i])):
                    moved = {k: [list(r) for r in v] for k, v in params.items()}
                    moved[name][i][j] += 1e-30j
                    slope = batch_cost(moved, batch, labels, lambd, m).imag / 1e-30
                    after[name][i][j] = rows[i][j] - lr * slope
        cost = batch_cost(params, batch, labels, lambd, m)
        found.append((complex(cost).real, after))
        params = after
    return found


def batch_cost(params: Any, batch: Any, labels: Any, lambd: float, m: int) -> Any:
    """一批的平均损失，加上除以 2m 的罚项。"""
    total: Any = 0.0
    for column, y in zip(batch, labels, strict=True):
        z = params["b2"][0][0]
        for k in range(len(params["W1"])):
            inner = params["b1"][k][0]
            for j in range(len(column)):
                inner += params["W1"][k][j] * column[j]
            z += params["W2"][0][k] * cmath.tanh(inner)
        a = 1 / (1 + cmath.exp(-z))
        total += -y * cmath.log(a) - (1 - y) * cmath.log(1 - a)
    squares = sum(v * v for name in ("W1", "W2") for row in params[name] for v in row)
    return total / len(batch) + lambd / (2 * m) * squares


def unbiased_case(rng: Generator) -> dict[str, Any]:
    """五个样本，每批两个，末批一个。"""
    return {
        "x": rng.normal(size=(2, 5)),
        "y": rng.normal(size=(1, 5)),
        "w": rng.normal(size=(1, 2)),
        "b": 2,
    }


def full_gradient(x: Any, y: Any, w: Any, b: int) -> Any:
    """全批量的梯度：三批的期望与加权和都该等于它。"""
    return [squared_loss({"w": w}, x, y)[1]["w"]] * 4


def naive_unbiased(x: Any, y: Any, w: Any, b: int) -> list[Any]:
    """列举全部次序：每一批梯度的平均；再取其中一种次序，按样本数加权。"""
    n, m = len(x), len(y[0])
    orders = list(permutations(range(m)))
    count = math.ceil(m / b)
    means = [[0.0] * n for _ in range(count)]
    weighted = [0.0] * n
    for order in orders:
        for t in range(count):
            chosen = order[t * b : (t + 1) * b]
            for j in range(n):
                g = sum(residual(x, y, w, i) * x[j][i] for i in chosen) / len(chosen)
                means[t][j] += g / len(orders)
                if order == orders[77]:
                    weighted[j] += len(chosen) / m * g
    return [*means, weighted]


def residual(x: Any, y: Any, w: Any, i: int) -> float:
    """第 i 个样本的预测减标签。"""
    return sum(w[0][j] * x[j][i] for j in range(len(x))) - y[0][i]


def penalty_case(rng: Generator) -> dict[str, Any]:
    """一批的样本、权重、λ 与总数。"""
    return {
        "w": rng.normal(size=(1, 3)),
        "x": rng.normal(size=(3, int(rng.integers(4, 9)))),
        "lambd": rng.uniform(0.5, 5.0),
        "m": int(rng.integers(10, 50)),
    }


def penalty(w: Any, x: Any, lambd: float, m: int) -> list[float]:
    """拟合得分毫不差，库的代价就只剩罚项。"""
    return [course_ridge_loss({"w": w}, x, w @ x, lambd=lambd)[0]] * 2


def naive_penalty(w: Any, x: Any, lambd: float, m: int) -> list[float]:
    """等号两边。"""
    b = len(x[0])
    squares = sum(v**2 for row in w for v in row)
    return [lambd / (2 * b) * squares, m / b * (lambd / (2 * m)) * squares]


def lowest_case(rng: Generator) -> dict[str, Any]:
    """只有一个特征的数据。"""
    return {
        "x": rng.normal(size=(1, 6)),
        "y": rng.normal(size=(1, 6)),
        "lambd": rng.uniform(0.5, 5.0),
    }


def lowest(x: Any, y: Any, lambd: float) -> Any:
    """库解出的最低点。"""
    return ridge_weights(x, y, lambd=lambd)


def naive_lowest(x: Any, y: Any, lambd: float) -> float:
    """两个和相除。"""
    xy = sum(x[0][i] * y[0][i] for i in range(len(x[0])))
    return xy / (sum(v**2 for v in x[0]) + lambd)


FORMULAS = [
    Formula("2.1.1", "minibatch.iterate", slices_case, slices, naive_slices),
    Formula("2.1.2", "minibatch.epochs", steps_case, steps, naive_steps),
    Formula(
        "2.1.3",
        "experiments.mini_batch_gd.penalized",
        update_case,
        updates,
        naive_updates,
    ),
    Formula(
        "2.1.4",
        "experiments.mini_batch_gd.squared_loss",
        unbiased_case,
        full_gradient,
        naive_unbiased,
    ),
    Formula(
        "2.1.5",
        "experiments.mini_batch_gd.course_ridge_loss",
        penalty_case,
        penalty,
        naive_penalty,
    ),
    Formula(
        "2.1.6",
        "experiments.mini_batch_gd.ridge_weights",
        lowest_case,
        lowest,
        naive_lowest,
    ),
]
