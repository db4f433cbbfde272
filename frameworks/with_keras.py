"""用 Keras 3 走一遍；后端默认是 JAX，可用环境变量 ``KERAS_BACKEND`` 换。"""

import os
from typing import Any

import jax

os.environ.setdefault("KERAS_BACKEND", "jax")
jax.config.update("jax_enable_x64", True)

import keras  # noqa: E402  （后端要在导入之前定）

rate = keras.optimizers.SGD(learning_rate=0.1).learning_rate
FACTS = {"Keras learning_rate dtype": str(rate.dtype)}  # 没有 set_floatx 时
keras.config.set_floatx("float64")


def hyper(optimizer: str, variant: str, case: dict[str, Any]) -> dict[str, Any]:
    """一种情形，换成 Keras 的名字。"""
    rate, beta = {"learning_rate": case["lr"]}, case["beta"]
    eps = {"epsilon": case["eps"]}
    adam = rate | {"beta_1": case["beta1"], "beta_2": case["beta2"]} | eps
    course = {"learning_rate": [(1 - beta) * a for a in case["lr"]], "momentum": beta}
    return {
        "SGD": rate,
        "Momentum": course,
        "HeavyBall": rate | {"momentum": beta},
        "Nesterov": rate | {"momentum": beta, "nesterov": True},
        "RMSprop": rate | {"rho": beta} | eps,
        "Adam": adam,
        "AdamW": adam | {"weight_decay": case["weight_decay"]},
        "AMSGrad": adam | {"amsgrad": True},
    }[optimizer]


CALLS = {
    ("SGD", ""): keras.optimizers.SGD,
    ("Momentum", ""): keras.optimizers.SGD,
    ("HeavyBall", ""): keras.optimizers.SGD,
    ("Nesterov", ""): keras.optimizers.SGD,
    ("RMSprop", ""): keras.optimizers.RMSprop,
    ("Adam", ""): keras.optimizers.Adam,
    ("AdamW", ""): keras.optimizers.AdamW,
    ("AdamW", "Adam"): keras.optimizers.Adam,
    ("AMSGrad", ""): keras.optimizers.Adam,
}
VERSIONS = {"keras": keras.__version__}
PREFIX = "keras.optimizers"


def walk(call: Any, words: dict[str, Any], w: Any, grads: Any) -> Any:
    """依次用这些梯度走，返回每一步之后的参数。"""
    rates = words["learning_rate"]
    param = keras.Variable(keras.ops.convert_to_tensor(w, dtype="float64"))
    optimizer = call(**words | {"learning_rate": rates[0]})
    path = []
    for lr, grad in zip(rates, grads, strict=True):
        optimizer.learning_rate = lr
        optimizer.apply([keras.ops.convert_to_tensor(grad, dtype="float64")], [param])
        path.append(keras.ops.convert_to_numpy(param).tolist())
    return path
