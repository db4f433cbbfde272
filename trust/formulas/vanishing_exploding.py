"""1.10 节：梯度消失与梯度爆炸。"""

import math
from itertools import product
from typing import Any

import numpy as np
from numpy.random import PCG64, Generator

from dlnotes_lib.activations import relu, sigmoid, tanh
from dlnotes_lib.experiments.vanishing_exploding import (
    Task,
    clip_norm,
    gaussian_chain,
    layer_norms,
    spectra,
    walk,
)
from dlnotes_lib.layers import linear
from dlnotes_lib.models import MLP
from trust.formulas import Formula
from trust.formulas.normalizing_inputs import naive_eigenvalues

RNG = np.random.default_rng(0)  # 没有 dropout，用不到


class Signs(Generator):
    """按给定的次序交出 ±1，冒充标准正态数：均值 0，方差 1，期望可以穷举。"""

    def __init__(self, signs: tuple[int, ...]) -> None:
        super().__init__(PCG64(0))
        self.signs = np.array(signs, dtype=float)

    def standard_normal(self, size: Any = None, *_: Any, **__: Any) -> Any:
        """交出一块。"""
        return self.signs.reshape(size)


def power_case(rng: Generator) -> dict[str, Any]:
    """一个数 ω，一个输入，层数。"""
    return {
        "x": rng.normal(size=(3, 1)),
        "omega": rng.uniform(0.4, 1.8),
        "depth": int(rng.integers(2, 6)),
    }


def power(x: Any, omega: float, depth: int) -> Any:
    """库：每一层的长度；等号有两个，各比一次。"""
    forward = walk(x, [omega * np.eye(3)] * depth).forward
    return [forward[-1] * np.linalg.norm(x)] * 2


def naive_power(x: Any, omega: float, depth: int) -> list[float]:
    """逐层乘 ωI；一次乘 ω 的 L 次方。"""
    a = [row[0] for row in x]
    for _ in range(depth):
        eye = [[omega if i == j else 0.0 for j in range(3)] for i in range(3)]
        a = naive_times(eye, a)
    return [naive_length(a), naive_length([omega**depth * row[0] for row in x])]


def naive_times(w: Any, x: list[float]) -> list[float]:
    """Wx。"""
    return [sum(w[i][j] * x[j] for j in range(len(x))) for i in range(len(w))]


def naive_length(x: list[float]) -> float:
    """‖x‖。"""
    return math.sqrt(sum(v**2 for v in x))


def back_case(rng: Generator) -> dict[str, Any]:
    """一层的打分、下一层的权重、传到下一层的梯度。"""
    return {
        "z": rng.normal(size=(4, 1)),
        "w": rng.normal(size=(3, 4)),
        "b": rng.normal(size=(3, 1)),
        "dz_next": rng.normal(size=(3, 1)),
    }


def back(z: Any, w: Any, b: Any, dz_next: Any) -> Any:
    """库：三种激活函数各走一次。"""
    found = []
    for g in (sigmoid, tanh, relu):
        a, back_a = g(z)
        _, back_z = linear(a, w, b)
        da, _, _ = back_z(dz_next)
        found.append(back_a(da))
    return found


def naive_back(z: Any, w: Any, b: Any, dz_next: Any) -> Any:
    """diag(g′(z)) Wᵀ dz，一个分量一个分量地算。"""
    found = []
    for name in ("sigmoid", "tanh", "relu"):
        for j in range(len(z)):
            da = sum(w[i][j] * dz_next[i][0] for i in range(len(w)))
            found.append(naive_slope(name, z[j][0]) * da)
    return found


def naive_g(name: str, z: float) -> float:
    """激活函数。"""
    if name == "relu":
        return max(z, 0.0)
    return math.tanh(z) if name == "tanh" else 1 / (1 + math.exp(-z))


def naive_slope(name: str, z: float) -> float:
    """激活函数的导数。"""
    a = naive_g(name, z)
    if name == "relu":
        return 1.0 if z > 0 else 0.0
    return 1 - a**2 if name == "tanh" else a * (1 - a)


def stretch_case(rng: Generator) -> dict[str, Any]:
    """一个方阵（公式只说方阵，所以装在元组里）与一个向量。"""
    return {"rows": tuple(rng.normal(size=(3, 3))), "x": rng.normal(size=(3, 1))}


def stretch(rows: Any, x: Any) -> Any:
    """库：最小奇异值、真正的长度、最大奇异值，依次不减。"""
    w, length = np.array(rows), np.linalg.norm(x)
    (s,) = spectra([w])
    return s[-1] * length, walk(x, [w]).forward[-1] * length, s[0] * length


def naive_stretch(rows: Any, x: Any) -> list[float]:
    """奇异值是 WᵀW 的特征值的平方根；排好序，不等式成立时次序就与库相同。"""
    x = [row[0] for row in x]
    low, high = naive_singular(rows)
    length = naive_length(x)
    return sorted([low * length, naive_length(naive_times(rows, x)), high * length])


def naive_singular(w: Any) -> tuple[float, float]:
    """最小与最大的奇异值。"""
    n = len(w[0])
    gram = [[sum(row[j] * row[k] for row in w) for k in range(n)] for j in range(n)]
    found = naive_eigenvalues(gram)
    return math.sqrt(max(found[0], 0.0)), math.sqrt(found[-1])


def mean_case(rng: Generator) -> dict[str, Any]:
    """一个向量，二维或三维，与倍数 g。"""
    return {
        "x": rng.normal(size=int(rng.integers(2, 4))),
        "g": rng.uniform(0.5, 2.0),
    }


def mean_stretch(x: Any, g: float) -> Any:
    """库的矩阵，随机数换成 ±1 的全部组合，长度的平方取平均。"""
    n, squares = len(x), []
    for signs in product((-1, 1), repeat=n * n):
        (w,) = gaussian_chain(g, n=n, depth=1, rng=Signs(signs))
        squares.append(np.sum((w @ x) ** 2))
    return [np.mean(squares)] * 2


def naive_mean_stretch(x: list[float], g: float) -> list[float]:
    """两个写法。"""
    n, square = len(x), naive_length(x) ** 2
    variance = g**2 / n
    return [n * variance * square, g**2 * square]


def quarter_case(rng: Generator) -> dict[str, Any]:
    """取等号的情形：z = 0，梯度沿最大奇异值的方向。"""
    w = rng.normal(size=(3, 4))
    direction = np.linalg.svd(w).U[:, :1]
    return {"w": w, "dz_next": rng.uniform(0.5, 2.0) * direction}


def quarter(w: Any, dz_next: Any) -> Any:
    """库：往回一层之后的长度。"""
    a, back_a = sigmoid(np.zeros((4, 1)))
    _, back_z = linear(a, w, np.zeros((3, 1)))
    return np.linalg.norm(back_a(back_z(dz_next)[0])[0])


def naive_quarter(w: Any, dz_next: Any) -> float:
    """¼ σ_max ‖dz‖。"""
    _, high = naive_singular(w)
    return 1 / 4 * high * naive_length([row[0] for row in dz_next])


def network(rng: Generator, sizes: tuple[int, ...]) -> dict[str, Any]:
    """参数表，权重与偏置都是随机数。"""
    params = {}
    for i in range(1, len(sizes)):
        params[f"W{i}"] = rng.normal(size=(sizes[i], sizes[i - 1]))
        params[f"b{i}"] = rng.normal(size=(sizes[i], 1))
    return params


def product_case(rng: Generator) -> dict[str, Any]:
    """一个样本与一个三层的 sigmoid 网络。"""
    return {
        "params": network(rng, (2, 3, 4, 1)),
        "x": rng.normal(size=(2, 1)),
        "y": rng.uniform(size=(1, 1)).ravel(),
    }


def products(params: Any, x: Any, y: Any) -> Any:
    """库：各层的 dW 与它的长度。"""
    model = MLP(sizes=(2, 3, 4, 1), activation="sigmoid", loss="bce")
    label = y[None, :]
    _, grads = model.loss_and_grad(params, x, label, rng=RNG)
    dws = [grads[f"W{i}"] for i in (1, 2, 3)]
    return dws, layer_norms(Task(model, params, x, label))


def naive_products(params: Any, x: Any, y: list[float]) -> Any:
    """一头是梯度，一头是信号。"""
    a, _, dz = naive_passes(params, [row[0] for row in x], y[0], "sigmoid")
    dws = [[[d * s for s in a[i]] for d in dz[i]] for i in range(3)]
    return dws, [naive_length(dz[i]) * naive_length(a[i]) for i in range(3)]


def naive_passes(params: Any, x: list[float], y: float, name: str) -> Any:
    """一个样本走一趟：各层的输入 a、打分 z、打分的梯度 dz；损失是二元交叉熵。"""
    depth = len(params) // 2
    a, z, dz = [x], [], []
    for i in range(1, depth + 1):
        w, b = params[f"W{i}"], params[f"b{i}"]
        wa = naive_times(w, a[-1])
        z.append([wa[k] + b[k][0] for k in range(len(b))])
        a.append([naive_g(name, v) for v in z[-1]])
    dz = [[naive_g("sigmoid", v) - y for v in z[-1]]]
    for i in range(depth - 1, 0, -1):
        w = params[f"W{i + 1}"]
        d = [sum(w[k][j] * dz[0][k] for k in range(len(w))) for j in range(len(w[0]))]
        dz.insert(0, [naive_slope(name, z[i - 1][j]) * d[j] for j in range(len(d))])
    return a[:-1], z, dz


def inner_case(rng: Generator) -> dict[str, Any]:
    """几个样本与一个 ReLU 网络，偏置是 0。"""
    params = network(rng, (2, 6, 5, 1))
    return {
        "params": {k: w if k[0] == "W" else 0 * w for k, w in params.items()},
        "x": rng.normal(size=(2, 4)),
        "y": rng.uniform(size=4),
    }


def inner(params: Any, x: Any, y: Any) -> Any:
    """库：各层 W 与 dW 的内积，比两次。"""
    model = MLP(sizes=(2, 6, 5, 1), loss="bce")
    _, grads = model.loss_and_grad(params, x, y[None, :], rng=RNG)
    return [[np.sum(params[k] * grads[k]) for k in ("W1", "W2", "W3")]] * 2


def naive_inner(params: Any, x: Any, y: list[float]) -> Any:
    """内积；某一层乘 c 就是打分乘 c，所以它也是 J 对这个 c 的导数，各层相同。"""
    m, sums, slope = len(y), [0.0] * 3, 0.0
    for s in range(m):
        a, z, dz = naive_passes(params, [row[s] for row in x], y[s], "relu")
        for i in range(3):
            w = params[f"W{i + 1}"]
            for k in range(len(w)):
                for j in range(len(w[0])):
                    sums[i] += w[k][j] * dz[i][k] * a[i][j] / m
        slope += (naive_g("sigmoid", z[-1][0]) - y[s]) * z[-1][0] / m
    return sums, [slope] * 3


def clip_case(rng: Generator) -> dict[str, Any]:
    """两块梯度；上限有时比长度大，有时比它小。"""
    w, b = rng.normal(size=(3, 2)), rng.normal(size=(3, 1))
    length = np.sqrt(np.sum(w**2) + np.sum(b**2))
    return {"w": w, "b": b, "c": length * rng.uniform(0.3, 1.7)}


def clip(w: Any, b: Any, c: float) -> Any:
    """库裁剪。"""
    return clip_norm({"W1": w, "b1": b}, max_norm=float(c))


def naive_clip(w: Any, b: Any, c: float) -> list[float]:
    """拼成一个长向量，太长就缩短。"""
    d_theta = [v for block in (w, b) for row in block for v in row]
    scale = min(1, c / naive_length(d_theta))
    return [scale * v for v in d_theta]


HERE = "experiments.vanishing_exploding"
FORMULAS = [
    Formula("1.10.1", f"{HERE}.walk", power_case, power, naive_power),
    Formula("1.10.2", "layers.linear", back_case, back, naive_back),
    Formula("1.10.3", f"{HERE}.spectra", stretch_case, stretch, naive_stretch),
    Formula(
        "1.10.4", f"{HERE}.gaussian_chain", mean_case, mean_stretch, naive_mean_stretch
    ),
    Formula("1.10.5", "activations.sigmoid", quarter_case, quarter, naive_quarter),
    Formula("1.10.6", f"{HERE}.layer_norms", product_case, products, naive_products),
    Formula("1.10.7", "models.MLP.loss_and_grad", inner_case, inner, naive_inner),
    Formula("1.10.8", f"{HERE}.clip_norm", clip_case, clip, naive_clip),
]
