"""库自己的默认值与行为：同样的输入，当场量；对照页上“这里”那一行就是它。"""

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
from dlnotes_lib.publish.facts import BATCH, LABELS, MANY, SCORES, SHARES, WIDE, Facts
from dlnotes_lib.publish.probes import (
    assigned,
    centred,
    default,
    digits,
    initial,
    kept,
    losses,
    outcome,
    seeded,
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
        **initial(up["W1"], down["W1"], up["b1"]),
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
        **losses("integer", lambda x: softmax_cross_entropy(x, y)[0], z, p),
        "loss.onehot.call": "soft_cross_entropy",
        **losses("onehot", lambda x: soft_cross_entropy(x, hot)[0], z, p),
    }


def _norm() -> Facts:
    z, one = np.array([BATCH]), np.ones((1, 1))
    start, batch = Statistics(0 * one, one), batch_statistics(z)
    return {
        "norm.call": "batch_norm(z, gamma, beta)",
        "norm.eps": default(batch_norm, "eps"),
        "norm.momentum": default(update_running, "rho"),
        "norm.mostly": digits(update_running(start, batch, rho=0.9).mean),
        "norm.half": digits(update_running(start, batch, rho=0.5).var),
        "norm.trained": digits(batch_norm(z, one, 0 * one)[0]),
        "norm.one": outcome(lambda: digits(batch_norm(z[:, :1], one, 0 * one)[0])),
    }


def _dropout() -> Facts:
    a, rng = np.ones((MANY, 1)), np.random.default_rng(0)
    out, _ = dropout(a, keep_prob=0.1, rng=rng)
    return {
        "dropout.call": "dropout(a, keep_prob=0.1, rng=rng)",
        "dropout.default": default(dropout, "keep_prob"),
        "dropout.kept": kept(out),
        "dropout.scale": round(float(out.max()), 4),
        "dropout.fresh": kept(dropout(a, keep_prob=0.5, rng=rng)[0]),
    }


def _layer_norm() -> Facts:
    z = np.arange(24.0).reshape(6, 4) ** 2
    out, _ = layer_norm(z, np.ones((6, 1)), np.zeros((6, 1)))
    return {
        "layer.call": "layer_norm(z, gamma, beta)",
        "layer.eps": default(layer_norm, "eps"),
        "layer.axis": centred(out),
    }


def _gradient() -> Facts:
    w, sgd, one = np.full((1, 1), 3.0), SGD(lr=0.1), np.ones((1, 1))
    _, back = linear(w, w, np.zeros((1, 1)))  # w·w，两条路的梯度相加
    found = [(dx + dw).item() for dx, dw, _ in (back(one), back(one))]
    sgd.update(w, np.full((1, 1), found[0]), sgd.init(w))
    return {
        "grad.call": "back(dz)",
        "grad.twice": found,
        "grad.again": found[1],
        "update.call": "SGD(lr=0.1).update(w, dw, state)",
        "update.old": round(w.item(), 4),
        "update.assign": outcome(lambda: assigned(np.zeros(2))),
    }


def _seed() -> Facts:
    return seeded("np.random.default_rng(0)", lambda rng: rng.random(3).tolist())
