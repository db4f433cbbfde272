"""1.13 节的网络与数据：2-5-4-1 tanh，44 个参数，m = 20，λ = 0.7。"""

from functools import partial

import numpy as np

from dlnotes_lib.datasets import make_moons
from dlnotes_lib.models import MLP

M, LAMBD = 20, 0.7
MODEL = MLP(
    sizes=(2, 5, 4, 1), activation="tanh", loss="bce", scheme="xavier", lambd=LAMBD
)


def setting(model=MODEL):
    """按配方的抽样次序：数据、权重、各偏置加 0.1 倍正态数。"""
    rng = np.random.default_rng(0)
    x, y = make_moons(M, noise=0.2, rng=rng)
    params = model.init(rng)
    for name in ("b1", "b2", "b3"):
        params[name] = params[name] + 0.1 * rng.standard_normal(params[name].shape)
    _, grads = model.loss_and_grad(params, x, y, rng=np.random.default_rng(3))
    return partial(model.cost, x=x, y=y), params, grads, (x, y)


def without_tanh_derivative(params, x, y):
    """第一层漏乘 g'(z)；反向传播另写一遍，不用库里的 back。"""
    w1, b1, w2, b2, w3, b3 = params.values()
    a1 = np.tanh(w1 @ x + b1)
    a2 = np.tanh(w2 @ a1 + b2)
    dz3 = (1 / (1 + np.exp(-(w3 @ a2 + b3))) - y) / M
    dz2 = w3.T @ dz3 * (1 - a2**2)
    dz1 = w2.T @ dz2
    dw1 = dz1 @ x.T + LAMBD / M * w1
    return {"W1": dw1, "b1": dz1.sum(axis=1, keepdims=True)}


def bump(params, name, amount):
    """一块里的第 [0, 0] 个分量加上 amount。"""
    block = params[name].copy()
    block[0, 0] += amount
    return {name: block}


def bugs():
    """1.13 的九种错误：名字 → 有错的梯度表。"""
    _, params, d, (x, y) = setting()
    changed = {
        "no lambda": {
            name: d[name] - LAMBD / M * params[name] for name in ("W1", "W2", "W3")
        },
        "no 1/m": {name: M * d[name] for name in d},
        "db2 sum": {"b2": M * d["b2"]},
        "dW1 sign": {"W1": -d["W1"]},
        "no g'": without_tanh_derivative(params, x, y),
        "dW3 twice": {"W3": 2 * d["W3"]},
        "db1 +1%": {"b1": 1.01 * d["b1"]},
        "one +1e-3": bump(d, "W1", 1e-3),
        "one +1e-6": bump(d, "W1", 1e-6),
    }
    return {name: d | blocks for name, blocks in changed.items()}
