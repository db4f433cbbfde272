"""用 Optax（JAX）走一遍。"""

from typing import Any

import jax
import jax.numpy as jnp
import optax

jax.config.update("jax_enable_x64", True)


def hyper(optimizer: str, variant: str, case: dict[str, Any]) -> dict[str, Any]:
    """一种情形，换成 Optax 的名字。"""
    rate, beta = {"learning_rate": case["lr"]}, case["beta"]
    adam = rate | {"b1": case["beta1"], "b2": case["beta2"], "eps": case["eps"]}
    outside = {"eps_in_sqrt": False} if variant == "eps_in_sqrt=False" else {}
    corrections = ("bias_correction_mu", "bias_correction_nu")
    uncorrected = dict.fromkeys(corrections, False) if variant == "uncorrected" else {}
    course = {"learning_rate": [(1 - beta) * a for a in case["lr"]], "momentum": beta}
    return {
        "SGD": rate,
        "Momentum": course,
        "HeavyBall": rate | {"momentum": beta},
        "Nesterov": rate | {"momentum": beta, "nesterov": True},
        "RMSprop": rate | {"decay": beta, "eps": case["eps"]} | outside,
        "Adam": adam,
        "AdamW": adam | {"weight_decay": case["weight_decay"]},
        "AMSGrad": adam | uncorrected,
    }[optimizer]


CALLS = {
    ("SGD", ""): optax.sgd,
    ("Momentum", ""): optax.sgd,
    ("HeavyBall", ""): optax.sgd,
    ("Nesterov", ""): optax.sgd,
    ("RMSprop", ""): optax.rmsprop,
    ("RMSprop", "eps_in_sqrt=False"): optax.rmsprop,
    ("Adam", ""): optax.adam,
    ("AdamW", ""): optax.adamw,
    ("AMSGrad", ""): optax.amsgrad,
    ("AMSGrad", "uncorrected"): optax.amsgrad,
}
VERSIONS = {"jax": jax.__version__, "optax": optax.__version__}
PREFIX = "optax"


def walk(call: Any, words: dict[str, Any], w: Any, grads: Any) -> Any:
    """依次用这些梯度走，返回每一步之后的参数。"""
    rates = jnp.asarray(words["learning_rate"])
    optimizer = call(**words | {"learning_rate": lambda count: rates[count]})
    param, path = jnp.asarray(w, dtype=jnp.float64), []
    state = optimizer.init(param)
    for grad in grads:
        updates, state = optimizer.update(jnp.asarray(grad), state, param)
        param = optax.apply_updates(param, updates)
        path.append(param.tolist())
    return path
