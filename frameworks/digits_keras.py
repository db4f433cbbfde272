"""用 Keras 3 训练：256 张手写数字，全批量 100 步；后端默认是 TensorFlow。

双精度只有这个后端做得到：别的后端上，批量归一化层在内部退回单精度。换一个后端看::

    KERAS_BACKEND=jax python -m frameworks.digits_keras    # 只印第一个损失
"""

import os
import subprocess
import sys
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("JAX_ENABLE_X64", "1")

import keras
import numpy as np

from dlnotes_lib.experiments.project_week3 import (
    OPTIMIZERS,
    STEPS,
    digits,
)

keras.config.set_floatx("float64")
DEFAULT = "Adam, default epsilon"
VERSIONS = {"keras": keras.__version__}


def network() -> Any:
    """与库同一个起点的网络；核是权重的转置。"""
    _, params, _, _ = digits()
    net = keras.Sequential(
        [
            keras.Input((64,)),
            keras.layers.Dense(32, use_bias=False),
            keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5),
            keras.layers.ReLU(),
            keras.layers.Dense(10),
        ]
    )
    net.layers[0].set_weights([params["W1"].T])
    net.layers[3].set_weights([params["W2"].T, np.zeros(10)])
    return net


def optimizer(name: str) -> Any:
    """同名的优化器，超参数换成 Keras 的名字。"""
    if name == DEFAULT:
        return keras.optimizers.Adam(0.01)
    opt: Any = OPTIMIZERS[name]
    if name == "Momentum":
        return keras.optimizers.SGD((1 - opt.beta) * opt.lr, momentum=opt.beta)
    if name in ("SGD", "HeavyBall", "Nesterov"):
        beta = getattr(opt, "beta", 0.0)
        return keras.optimizers.SGD(opt.lr, beta, nesterov=name == "Nesterov")
    if name == "RMSprop":
        return keras.optimizers.RMSprop(opt.lr, rho=opt.beta, epsilon=opt.eps)
    words = {"beta_1": opt.beta1, "beta_2": opt.beta2, "epsilon": opt.eps}
    if name == "Adam":
        return keras.optimizers.Adam(opt.lr, **words)
    return keras.optimizers.AdamW(opt.lr, opt.weight_decay, **words)


def train(name: str) -> tuple[list[float], dict[str, Any]]:
    """（100 个损失，隐藏层的滑动统计）。"""
    _, _, x, y = digits()
    net = network()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    net.compile(optimizer(name), loss)
    found = [float(net.train_on_batch(x.T, y)) for _ in range(STEPS)]
    _, _, mean, var = net.layers[1].get_weights()
    return found, {"mean": mean.tolist(), "var": var.tolist()}


def results() -> tuple[dict[str, list[float]], dict[str, Any]]:
    """（优化器 → 损失，SGD 训练之后的滑动统计）。"""
    found = {name: train(name)[0] for name in [*OPTIMIZERS, DEFAULT]}
    return found, train("SGD")[1]


def first_loss_on(backend: str) -> float:
    """换一个后端，第一个损失；后端换不了，所以另开一个进程。"""
    done = subprocess.run(
        [sys.executable, "-m", "frameworks.digits_keras"],
        env=os.environ | {"KERAS_BACKEND": backend},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return float(done.stdout.split()[-1])


if __name__ == "__main__":
    print(train("SGD")[0][0])
