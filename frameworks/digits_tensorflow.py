"""用 TensorFlow 训练：256 张手写数字，全批量 100 步。

前向与梯度由 TensorFlow 算，更新用本库的优化器：TensorFlow 2 自己的优化器就是 Keras 的，
见 `digits_keras`。
"""

from typing import Any

import tensorflow as tf

from dlnotes_lib.experiments.project_week3 import OPTIMIZERS, STEPS, digits
from dlnotes_lib.train import train

VERSIONS = {"tensorflow": tf.__version__}


def loss(params: dict[str, Any], rows: Any, labels: Any) -> Any:
    """平均交叉熵；样本按行，权重转置了再乘。"""
    z = tf.matmul(rows, params["W1"], transpose_b=True)
    mean, var = tf.nn.moments(z, axes=[0])
    gamma, beta = params["gamma1"][:, 0], params["beta1"][:, 0]
    a = tf.nn.relu(tf.nn.batch_normalization(z, mean, var, beta, gamma, 1e-5))
    scores = tf.matmul(a, params["W2"], transpose_b=True) + params["b2"][:, 0]
    return tf.reduce_mean(
        tf.nn.sparse_softmax_cross_entropy_with_logits(labels, scores)
    )


def loss_and_grad(params: Any, x: Any, y: Any) -> tuple[float, Any]:
    """（损失，梯度），都换回 NumPy。"""
    tensors = {name: tf.constant(w) for name, w in params.items()}
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        value = loss(tensors, tf.constant(x.T), tf.constant(y))
    grads = tape.gradient(value, tensors)
    return float(value), {name: g.numpy() for name, g in grads.items()}


def results() -> tuple[dict[str, list[float]], dict[str, Any]]:
    """（优化器 → 损失，没有滑动统计）。"""
    _, params, x, y = digits()
    found = {}
    for name, opt in OPTIMIZERS.items():
        steps = train(params, loss_and_grad, [(x, y)] * STEPS, opt)
        found[name] = [step.loss for step in steps]
    return found, {}
