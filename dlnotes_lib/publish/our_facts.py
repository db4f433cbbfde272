"""库自己的默认值与行为：同样的输入，当场量；对照页上“这里”那一行就是它。"""

from typing import Any

import numpy as np

from dlnotes_lib.dropout import dropout
from dlnotes_lib.initializers import init_params
from dlnotes_lib.layers import linear
from dlnotes_lib.losses import one_hot, soft_cross_entropy, softmax_cross_entropy
from dlnotes_lib.normalization import (
    Statistics,
    batch_norm,
    batch_statistics,
    layer_norm,
    update_running,
)
from dlnotes_lib.optimizers import SGD
from dlnotes_lib.publish.facts import (
    BATCH,
    LABELS,
    MANY,
    SCORES,
    SHARES,
    WIDE,
    Facts,
    digits,
    kept,
    peak,
    spread,
)


def library() -> Facts:
    """全部。"""
    parts = (_linear, _dtype, _loss, _norm, _dropout, _layer_norm, _gradient, _seed)
    return {key: value for part in parts for key, value in part().items()}


def _linear() -> Facts:
    params = init_params((3, 2), scheme="he", rng=np.random.default_rng(0))
    z, _ = linear(np.zeros((3, 5)), params["W1"], params["b1"])
    up, down = (
        init_params(sizes, scheme="he", rng=np.random.default_rng(0)) for sizes in WIDE
    )
    return {
        "linear.call": "linear(x, w, b)",
        "linear.weight": list(params["W1"].shape),
        "linear.bias": list(params["b1"].shape),
        "linear.output": list(z.shape),
        "init.call": 'init_params(…, scheme="he")',
        "init.up": spread(up["W1"], WIDE[0][0]),
        "init.down": spread(down["W1"], WIDE[1][0]),
        "init.peak": peak(up["W1"]),
        "init.bias": bool((up["b1"] == 0).all()),
    }


def _dtype() -> Facts:
    params = init_params((3, 2), scheme="he", rng=np.random.default_rng(0))
    z, _ = linear(np.zeros((3, 5)), params["W1"], params["b1"])
    return {
        "dtype.literal": str(np.array(1.5).dtype),
        "dtype.array": str(np.array(np.zeros(2)).dtype),
        "dtype.weight": str(params["W1"].dtype),
        "dtype.mixed": str(z.dtype),
    }


def _loss() -> Facts:
    z, p, y = np.array(SCORES).T, np.array(SHARES).T, np.array(LABELS)
    hot = one_hot(y, 3)
    return {
        "loss.integer.call": "softmax_cross_entropy",
        "loss.integer": digits(np.array(softmax_cross_entropy(z, y)[0])),
        "loss.integer.shares": digits(np.array(softmax_cross_entropy(p, y)[0])),
        "loss.onehot.call": "soft_cross_entropy",
        "loss.onehot": digits(np.array(soft_cross_entropy(z, hot)[0])),
        "loss.onehot.shares": digits(np.array(soft_cross_entropy(p, hot)[0])),
    }


def _norm() -> Facts:
    z, one = np.array([BATCH]), np.ones((1, 1))
    start, batch = Statistics(0 * one, one), batch_statistics(z)
    try:
        batch_norm(z[:, :1], one, 0 * one)
        alone: str | None = None
    except ValueError as error:
        alone = type(error).__name__
    return {
        "norm.call": "batch_norm(z, gamma, beta)",
        "norm.eps": _default(batch_norm, "eps"),
        "norm.momentum": "required",
        "norm.mostly": digits(update_running(start, batch, rho=0.9).mean),
        "norm.half": digits(update_running(start, batch, rho=0.5).var),
        "norm.trained": digits(batch_norm(z, one, 0 * one)[0]),
        "norm.one": alone,
    }


def _default(function: Any, name: str) -> Any:
    """只许用名字传的参数的默认值。"""
    return function.__kwdefaults__[name]


def _dropout() -> Facts:
    a, rng = np.ones((MANY, 1)), np.random.default_rng(0)
    out, _ = dropout(a, keep_prob=0.1, rng=rng)
    return {
        "dropout.call": "dropout(a, keep_prob=0.1, rng=rng)",
        "dropout.default": "required",
        "dropout.kept": kept(out),
        "dropout.scale": round(float(out.max()), 4),
        "dropout.fresh": kept(dropout(a, keep_prob=0.5, rng=rng)[0]),
    }


def _layer_norm() -> Facts:
    z = np.arange(24.0).reshape(6, 4) ** 2
    out, _ = layer_norm(z, np.ones((6, 1)), np.zeros((6, 1)))
    return {
        "layer.call": "layer_norm(z, gamma, beta)",
        "layer.eps": _default(layer_norm, "eps"),
        "layer.axis": [a for a in (0, 1) if abs(out.mean(axis=a)).max() < 1e-5],
    }


def _gradient() -> Facts:
    w, sgd, one = np.full((1, 1), 3.0), SGD(lr=0.1), np.ones((1, 1))
    _, back = linear(w, w, np.zeros((1, 1)))  # w·w，两条路的梯度相加
    found = [(dx + dw).item() for dx, dw, _ in (back(one), back(one))]
    sgd.update(w, np.full((1, 1), found[0]), sgd.init(w))
    old, x = w.item(), np.zeros(2)
    x[0] = 9.0
    return {
        "grad.call": "back(dz)",
        "grad.twice": found,
        "grad.again": found[1],
        "update.call": "SGD(lr=0.1).update(w, dw, state)",
        "update.old": round(old, 4),
        "update.assign": float(x[0]),
    }


def _seed() -> Facts:
    rows, others = [], []
    for _ in range(2):
        rng = np.random.default_rng(0)
        rows.append([rng.random(3).tolist() for _ in range(2)])
        others.append(np.random.rand())  # noqa: NPY002  看它动没动全局的那个
    return {
        "seed.call": "np.random.default_rng(0)",
        "seed.first": round(rows[0][0][0], 4),
        "seed.repeats": rows[0] == rows[1],
        "seed.moves": rows[0][0] != rows[0][1],
        "seed.numpy": others[0] == others[1],
    }
