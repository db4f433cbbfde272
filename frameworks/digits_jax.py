"""用 JAX 与 Optax 训练：256 张手写数字，全批量 100 步。"""

from typing import Any

import jax
import jax.numpy as jnp
import optax

from dlnotes_lib.experiments.project_week3 import OPTIMIZERS, STEPS, digits

jax.config.update("jax_enable_x64", True)

VERSIONS = {"jax": jax.__version__, "optax": optax.__version__}


def loss(params: dict[str, Any], rows: Any, labels: Any) -> Any:
    """平均交叉熵；样本按行，权重转置了再乘。"""
    z = rows @ params["W1"].T
    z = (z - z.mean(axis=0)) / jnp.sqrt(z.var(axis=0) + 1e-5)
    a = jax.nn.relu(params["gamma1"][:, 0] * z + params["beta1"][:, 0])
    scores = a @ params["W2"].T + params["b2"][:, 0]
    each = optax.softmax_cross_entropy_with_integer_labels(scores, labels)
    return each.mean()


def optimizer(name: str) -> Any:
    """同名的优化器，超参数换成 Optax 的名字。"""
    opt: Any = OPTIMIZERS[name]
    if name == "Momentum":
        return optax.sgd((1 - opt.beta) * opt.lr, momentum=opt.beta)
    if name in ("SGD", "HeavyBall", "Nesterov"):
        beta = getattr(opt, "beta", None)
        return optax.sgd(opt.lr, momentum=beta, nesterov=name == "Nesterov")
    if name == "RMSprop":
        return optax.rmsprop(opt.lr, decay=opt.beta, eps=opt.eps, eps_in_sqrt=False)
    if name == "Adam":
        return optax.adam(opt.lr, b1=opt.beta1, b2=opt.beta2, eps=opt.eps)
    words = {"b1": opt.beta1, "b2": opt.beta2, "eps": opt.eps}
    return optax.adamw(opt.lr, weight_decay=opt.weight_decay, **words)


def train(name: str) -> list[float]:
    """100 个损失。"""
    _, start, x, y = digits()
    rows, labels = jnp.asarray(x.T), jnp.asarray(y)
    params = {key: jnp.asarray(w) for key, w in start.items()}
    opt, found = optimizer(name), []
    state = opt.init(params)
    gradient = jax.jit(jax.value_and_grad(loss))
    for _ in range(STEPS):
        value, grads = gradient(params, rows, labels)
        updates, state = opt.update(grads, state, params)
        params: Any = optax.apply_updates(params, updates)
        found.append(float(value))
    return found


def results() -> tuple[dict[str, list[float]], dict[str, Any]]:
    """（优化器 → 损失，没有滑动统计）。"""
    return {name: train(name) for name in OPTIMIZERS}, {}
