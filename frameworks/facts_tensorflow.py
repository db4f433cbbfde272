"""量 TensorFlow 自己的默认值与行为（``tf`` 与 ``tf.nn``）；层与优化器归 Keras。"""

from typing import Any

import numpy as np
import tensorflow as tf

from dlnotes_lib.publish import probes
from dlnotes_lib.publish.facts import LABELS, MANY, SCORES, SHARES
from dlnotes_lib.publish.probes import kept, made, outcome


def dtype() -> dict[str, Any]:
    """精度。"""
    w, double = tf.zeros((3, 2)), tf.zeros((5, 3), tf.float64)
    return {
        "dtype.literal": tf.constant(1.5).dtype.name,
        "dtype.array": tf.constant(np.zeros(2)).dtype.name,
        "dtype.mixed": outcome(lambda: tf.matmul(double, w).dtype.name),
    }


def loss() -> dict[str, Any]:
    """Softmax 交叉熵：收什么，返回什么。"""
    integer = made(first := "tf.nn.sparse_softmax_cross_entropy_with_logits")
    onehot = made(second := "tf.nn.softmax_cross_entropy_with_logits")
    inputs = (tf.constant(SCORES), tf.constant(SHARES))
    y, block = tf.constant(LABELS), tf.zeros((2, 3, 4))
    hot = tf.one_hot(y, 3)
    return {
        "loss.integer.call": first,
        **probes.losses("integer", lambda x: integer(y, x), *inputs),
        "loss.onehot.call": second,
        **probes.losses("onehot", lambda x: onehot(hot, x), *inputs),
        "loss.axis": probes.class_axis(
            lambda shape: integer(tf.zeros(shape, tf.int32), block)
        ),
    }


def norm() -> dict[str, Any]:
    """批量归一化：只有式子，没有滑动统计量。"""
    function = made(call := "tf.nn.batch_normalization")
    eps = probes.default(function, "variance_epsilon")
    return {"norm.call": call, "norm.eps": eps}


def dropout() -> dict[str, Any]:
    """随机失活：没有“训练／推断”之分，调用就丢。"""
    tf.random.set_seed(0)
    function = made(call := "tf.nn.dropout")
    out = function(tf.ones(MANY), 0.1).numpy()
    return {
        "dropout.call": f"{call}(x, 0.1)",
        "dropout.default": probes.default(function, "rate"),
        "dropout.kept": kept(out),
        "dropout.scale": round(float(out.max()), 4),
        "dropout.fresh": kept(function(tf.ones(MANY), 0.5).numpy()),
    }


def gradient() -> dict[str, Any]:
    """f = w² 在 3 处的梯度，求两次；走一步。"""
    w, found = tf.Variable(3.0), []
    for _ in range(2):
        with tf.GradientTape() as tape:
            cost = w**2
        found.append(float(tape.gradient(cost, w)))
    old = tf.Variable(3.0)
    old.assign_sub(0.1 * found[0])
    return {
        "grad.call": "tape.gradient(cost, w)",
        "grad.twice": found,
        "grad.again": outcome(lambda: float(tape.gradient(cost, w))),
        "update.call": "w.assign_sub(0.1 * dw)",
        "update.old": round(float(old), 4),
        "update.assign": outcome(lambda: probes.assigned(tf.zeros(2))),
    }


def facts() -> dict[str, Any]:
    """全部。"""
    seeds = probes.seeded(
        "tf.random.set_seed(0)", lambda _: tf.random.uniform([3]).numpy().tolist()
    )
    parts = (dtype, loss, norm, dropout, gradient)
    return {k: v for part in parts for k, v in part().items()} | seeds
