"""2.9 节：学习率衰减。"""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.random import Generator

from dlnotes_lib.experiments.learning_rate_decay import (
    START,
    constant,
    expected_loss,
    noisy_path,
)
from dlnotes_lib.schedules import (
    cosine,
    exponential,
    inv_sqrt,
    inverse_time,
    linear,
    staircase,
)
from trust.formulas import Formula


def noisy_case(rng: Generator) -> dict[str, Any]:
    """学习率与种子；噪声由同一个种子抽出。"""
    seed = int(rng.integers(1000))
    return {
        "lr": rng.uniform(0.1, 0.9),
        "xi": np.random.default_rng(seed).standard_normal(5),
        "start": START,
        "seed": seed,
    }


def noisy(lr: float, xi: Any, start: float, seed: int) -> Any:
    """库走的路。"""
    schedule, rng = partial(constant, lr=lr), np.random.default_rng(seed)
    return noisy_path(schedule, steps=xi.size, rng=rng)


def naive_noisy(lr: float, xi: list[float], start: float, seed: int) -> list[float]:
    """一步一步地走。"""
    path = [start]
    for noise in xi:
        w = path[-1]
        path.append(w - lr * (w + noise))
    return path


def endless_case(rng: Generator) -> dict[str, Any]:
    """一串步数与各调度的超参数。"""
    return {
        "t": rng.integers(0, 40, size=6),
        "lr0": rng.uniform(0.1, 2.0),
        "d": rng.uniform(0.1, 2.0),
        "q": rng.uniform(0.5, 0.95),
        "n": int(rng.integers(2, 8)),
    }


def endless(t: Any, lr0: float, d: float, q: float, n: int) -> list[Any]:
    """库的四种调度。"""
    steps = t.tolist()
    return [
        [inverse_time(k, lr0=lr0, decay=d) for k in steps],
        [inv_sqrt(k, lr0=lr0) for k in steps],
        [exponential(k, lr0=lr0, factor=q) for k in steps],
        [staircase(k, lr0=lr0, factor=q, every=n) for k in steps],
    ]


def naive_endless(t: list[int], lr0: float, d: float, q: float, n: int) -> list[Any]:
    """反比、平方根、指数、阶梯。"""
    return [
        [lr0 / (1 + d * k) for k in t],
        [lr0 / math.sqrt(1 + k) for k in t],
        [lr0 * q**k for k in t],
        [lr0 * q ** math.floor(k / n) for k in t],
    ]


def finite_case(rng: Generator) -> dict[str, Any]:
    """总数、走到一半的几步与走完之后的两步。"""
    total = int(rng.integers(20, 40))
    inside = rng.integers(0, total, size=5)
    return {
        "t": np.concatenate([inside, [total, total + 7]]),
        "lr0": rng.uniform(1.0, 2.0),
        "lr_min": rng.uniform(0.1, 0.5),
        "total": total,
    }


def finite(t: Any, lr0: float, lr_min: float, total: int) -> list[Any]:
    """库的两种调度。"""
    steps = t.tolist()
    return [
        [linear(k, lr0=lr0, steps=total) for k in steps],
        [cosine(k, lr0=lr0, steps=total, lr_min=lr_min) for k in steps],
    ]


def naive_finite(t: list[int], lr0: float, lr_min: float, total: int) -> list[Any]:
    """线性、余弦；走完之后停在最后的值。"""
    straight, wave = [], []
    for k in t:
        now = k if k < total else total
        straight.append(lr0 * (1 - now / total))
        turn = 1 + math.cos(math.pi * now / total)
        wave.append(lr_min + 1 / 2 * (lr0 - lr_min) * turn)
    return [straight, wave]


def loss_case(rng: Generator) -> dict[str, Any]:
    """每一步的学习率都不同。"""
    return {"rates": rng.uniform(0.1, 0.9, size=6), "start": START}


def schedule_of(rates: Any) -> Callable[[int], float]:
    """一串学习率当调度用。"""
    return lambda t: float(rates[t])


def loss(rates: Any, start: float) -> Any:
    """库算的期望损失。"""
    return expected_loss(schedule_of(rates), steps=rates.size)


def naive_loss(rates: list[float], start: float) -> list[float]:
    """平方的期望一步一步地算，损失是它的一半。"""
    s = start**2
    found = [1 / 2 * s]
    for lr in rates:
        s = (1 - lr) ** 2 * s + lr**2
        found.append(1 / 2 * s)
    return found


def square(rates: Any, start: float) -> float:
    """库算的最后一步的期望损失的两倍。"""
    return 2 * float(expected_loss(schedule_of(rates), steps=rates.size)[-1])


def naive_square(rates: list[float], start: float) -> float:
    """起点的影响，加上各步噪声的影响。"""
    total = len(rates)
    kept = start**2 * math.prod((1 - rates[t]) ** 2 for t in range(total))
    noise = sum(
        rates[t] ** 2 * math.prod((1 - rates[r]) ** 2 for r in range(t + 1, total))
        for t in range(total)
    )
    return kept + noise


HERE = "experiments.learning_rate_decay"
FORMULAS = [
    Formula("2.9.1", f"{HERE}.noisy_path", noisy_case, noisy, naive_noisy),
    Formula("2.9.2", "schedules.inverse_time", endless_case, endless, naive_endless),
    Formula("2.9.3", "schedules.cosine", finite_case, finite, naive_finite),
    Formula("2.9.4", f"{HERE}.expected_loss", loss_case, loss, naive_loss),
    Formula("2.9.5", f"{HERE}.expected_loss", loss_case, square, naive_square),
]
