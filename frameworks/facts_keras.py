"""量 Keras 3 的默认值与行为；后端是不指定时的那一个（这里记下是谁）。"""

from typing import Any

import keras
import numpy as np

from dlnotes_lib.publish import probes
from dlnotes_lib.publish.facts import BATCH, LABELS, MANY, SCORES, SHARES, WIDE
from dlnotes_lib.publish.probes import digits, kept, made, outcome

layers, losses = keras.layers, keras.losses


def dense(n_in: int, n_out: int) -> Any:
    """建好的线性层。"""
    layer = layers.Dense(n_out)
    layer.build((None, n_in))
    return layer


def linear() -> dict[str, Any]:
    """线性层的形状与初始化。"""
    layer = made(call := "keras.layers.Dense(2)")
    out = layer(np.zeros((5, 3)))
    keras.utils.set_random_seed(0)
    up, down = (dense(*sizes) for sizes in WIDE)
    arrays = (up.kernel.numpy(), down.kernel.numpy(), up.bias.numpy())
    return {
        "linear.call": call,
        "linear.weight": list(layer.kernel.shape),
        "linear.bias": list(layer.bias.shape),
        "linear.output": list(out.shape),
        "init.call": "keras.layers.Dense",
        **probes.initial(*arrays),
    }


def dtype() -> dict[str, Any]:
    """精度。"""
    layer, tensor = dense(3, 2), keras.ops.convert_to_tensor
    double = tensor(np.zeros((5, 3)))
    name = keras.backend.standardize_dtype
    return {
        "dtype.literal": name(tensor(1.5).dtype),
        "dtype.array": name(tensor(np.zeros(2)).dtype),
        "dtype.weight": name(layer.kernel.dtype),
        "dtype.mixed": outcome(lambda: name(layer(double).dtype)),
    }


def loss() -> dict[str, Any]:
    """Softmax 交叉熵：收什么，返回什么。"""
    integer = made(first := "keras.losses.SparseCategoricalCrossentropy()")
    onehot = made(second := "keras.losses.CategoricalCrossentropy()")
    scores, shares = np.float32(SCORES), np.float32(SHARES)
    y, block = np.array(LABELS), np.full((2, 3, 4), 0.25, np.float32)
    hot = np.eye(3, dtype=np.float32)[y]
    return {
        "loss.integer.call": first,
        **probes.losses("integer", lambda x: integer(y, x), scores, shares),
        "loss.onehot.call": second,
        **probes.losses("onehot", lambda x: onehot(hot, x), scores, shares),
        "loss.axis": probes.class_axis(
            lambda shape: integer(np.zeros(shape, int), block)
        ),
    }


def norm() -> dict[str, Any]:
    """批量归一化。"""
    kind, z = layers.BatchNormalization, np.float32(BATCH)[:, None]
    plain, mostly, half = kind(), kind(momentum=0.9), kind(momentum=0.5)
    trained = plain(z, training=True)
    mostly(z, training=True)
    half(z, training=True)
    return {
        "norm.call": "keras.layers.BatchNormalization",
        "norm.eps": probes.default(kind, "epsilon"),
        "norm.momentum": probes.default(kind, "momentum"),
        "norm.mean": digits(plain.moving_mean.numpy()),
        "norm.mostly": digits(mostly.moving_mean.numpy()),
        "norm.half": digits(half.moving_variance.numpy()),
        "norm.trained": digits(np.asarray(trained)),
        "norm.fresh": digits(np.asarray(kind()(z))),
        "norm.one": outcome(lambda: digits(np.asarray(kind()(z[:1], training=True)))),
    }


def dropout() -> dict[str, Any]:
    """随机失活。"""
    keras.utils.set_random_seed(0)
    layer, one = made(call := "keras.layers.Dropout(0.1)"), np.ones(MANY, np.float32)
    out = np.asarray(layer(one, training=True))
    return {
        "dropout.call": call,
        "dropout.default": probes.default(layers.Dropout, "rate"),
        "dropout.kept": kept(out),
        "dropout.scale": round(float(out.max()), 4),
        "dropout.fresh": kept(np.asarray(layers.Dropout(0.5)(one))),
    }


def layer_norm() -> dict[str, Any]:
    """层归一化。"""
    layer = made(call := "keras.layers.LayerNormalization()")
    out = layer(np.arange(24, dtype=np.float32).reshape(4, 6) ** 2)
    return {
        "layer.call": call,
        "layer.eps": probes.default(layers.LayerNormalization, "epsilon"),
        "layer.axis": probes.centred(np.asarray(out)),
    }


def update() -> dict[str, Any]:
    """从 3 走一步，梯度是 6。"""
    w, x = keras.Variable(3.0), keras.ops.zeros(2)
    keras.optimizers.SGD(0.1).apply([keras.ops.convert_to_tensor(6.0)], [w])
    return {
        "update.call": "keras.optimizers.SGD(0.1).apply([dw], [w])",
        "update.old": round(float(w.numpy()), 4),
        "update.assign": outcome(lambda: probes.assigned(x)),
    }


def facts() -> dict[str, Any]:
    """全部。"""
    seeds = probes.seeded(
        "keras.utils.set_random_seed(0)",
        lambda _: np.asarray(keras.random.uniform([3])).tolist(),
    )
    parts = (linear, dtype, loss, norm, dropout, layer_norm, update)
    found = {k: v for part in parts for k, v in part().items()}
    return found | seeds | {"backend": keras.backend.backend()}
