"""2.7 节：RMSprop。"""

import math
from typing import Any

import numpy as np
from numpy.random import Generator

from dlnotes_lib.experiments.adam import bowl_path
from dlnotes_lib.optimizers import RMSprop
from trust.formulas import Formula


def walk_case(rng: Generator) -> dict[str, Any]:
    """起点、几步梯度与三个超参数。"""
    return {
        "w": rng.normal(size=(2, 3)),
        "grads": rng.normal(size=(4, 2, 3)),
        "lr": rng.uniform(0.1, 1.0),
        "beta": rng.uniform(0.2, 0.9),
        "eps": rng.uniform(0.1, 1.0),
    }


def walk(w: Any, grads: Any, **settings: float) -> Any:
    """库走完全部梯度。"""
    rmsprop = RMSprop(**settings)
    state = rmsprop.init(w)
    for dw in grads:
        w, state = rmsprop.update(w, dw, state)
    return w


def naive_walk(w: Any, grads: Any, lr: float, beta: float, eps: float) -> list[float]:
    """一个参数一个参数地走。"""
    found = []
    for i in range(len(w)):
        for j in range(len(w[0])):
            here, s = w[i][j], 0.0
            for step in grads:
                dw = step[i][j]
                s = beta * s + (1 - beta) * dw**2
                here = here - lr * dw / (math.sqrt(s) + eps)
            found.append(here)
    return found


def first_case(rng: Generator) -> dict[str, Any]:
    """有正有负的梯度。"""
    return {
        "g": rng.uniform(0.1, 3.0, size=(2, 3)) * np.array([1.0, -1.0, 1.0]),
        "lr": rng.uniform(0.1, 1.0),
        "beta": rng.uniform(0.2, 0.9),
    }


def first(g: Any, lr: float, beta: float) -> list[Any]:
    """库从零走的第一步，与等式两边各比一次。"""
    rmsprop, w = RMSprop(lr=lr, beta=beta, eps=0.0), np.zeros_like(g)
    return [rmsprop.update(w, g, rmsprop.init(w))[0]] * 2


def naive_first(g: Any, lr: float, beta: float) -> list[Any]:
    """等式两边。"""
    numbers = [v for row in g for v in row]
    left = [-lr * v / math.sqrt((1 - beta) * v**2) for v in numbers]
    right = [-lr / math.sqrt(1 - beta) * math.copysign(1, v) for v in numbers]
    return [left, right]


def bounce_case(rng: Generator) -> dict[str, Any]:
    """学习率、衰减率与曲率。"""
    return {
        "lr": rng.uniform(0.05, 0.5),
        "beta": rng.uniform(0.3, 0.7),
        "curvature": rng.uniform(0.5, 5.0),
    }


def bounce(lr: float, beta: float, curvature: float) -> Any:
    """库走一千步，最后两步离最低点多远。"""
    rmsprop = RMSprop(lr=lr, beta=beta, eps=1e-14)
    return abs(bowl_path(rmsprop, scale=curvature, steps=1000)[-2:])


def naive_bounce(lr: float, beta: float, curvature: float) -> list[float]:
    """学习率的一半。"""
    return [lr / 2, lr / 2]


FORMULAS = [
    Formula("2.7.1", "optimizers.RMSprop.update", walk_case, walk, naive_walk),
    Formula("2.7.2", "optimizers.RMSprop.update", first_case, first, naive_first),
    Formula("2.7.3", "optimizers.RMSprop.update", bounce_case, bounce, naive_bounce),
]
