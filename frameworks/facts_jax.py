"""量 JAX 的默认行为。JAX 没有层，也没有优化器，能量的只有这些。"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dlnotes_lib.publish import probes
from dlnotes_lib.publish.probes import made, outcome


def dtype() -> dict[str, Any]:
    """精度。"""
    w, double = jnp.zeros((3, 2)), np.zeros((5, 3))
    return {
        "dtype.literal": str(jnp.asarray(1.5).dtype),
        "dtype.array": str(jnp.asarray(np.zeros(2)).dtype),
        "dtype.mixed": outcome(lambda: str((double @ w).dtype)),
    }


def layer_norm() -> dict[str, Any]:
    """层归一化里不带参数的那一半。"""
    function = made(call := "jax.nn.standardize")
    return {
        "layer.call": call,
        "layer.eps": probes.default(function, "epsilon"),
        "layer.axis": probes.centred(function(jnp.arange(24.0).reshape(4, 6) ** 2)),
    }


def gradient() -> dict[str, Any]:
    """f = w² 在 3 处的梯度，求两次。"""
    dw = jax.grad(lambda w: w**2)
    _, back = jax.vjp(lambda w: w**2, 3.0)
    back(1.0)
    return {
        "grad.call": "jax.grad(f)(w)",
        "grad.twice": [float(dw(3.0)), float(dw(3.0))],
        "grad.again": outcome(lambda: float(back(1.0)[0])),
        "update.assign": outcome(lambda: probes.assigned(jnp.zeros(2))),
    }


def facts() -> dict[str, Any]:
    """全部。"""
    seeds = probes.seeded(
        "jax.random.key(0)", lambda key: jax.random.uniform(key, 3).tolist()
    )
    parts = (dtype, layer_norm, gradient)
    return {k: v for part in parts for k, v in part().items()} | seeds
