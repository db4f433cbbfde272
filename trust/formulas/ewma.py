"""2.3 节：指数加权平均。"""

import math
from typing import Any

import numpy as np
from numpy.random import Generator

from dlnotes_lib.averages import ewma, mean_age
from dlnotes_lib.experiments.ewma import seasonal_error, sine_response
from trust.formulas import Formula


def readings_case(rng: Generator) -> dict[str, Any]:
    """两串读数与衰减率。"""
    return {"theta": rng.normal(size=(2, 5)), "beta": rng.uniform(0.2, 0.9)}


def averages(theta: Any, beta: float) -> Any:
    """库算的每一步。"""
    return ewma(theta, beta=beta)


def naive_recursion(theta: Any, beta: float) -> list[Any]:
    """旧值留 β 份，新值加 1-β 份。"""
    found = []
    for row in theta:
        v = 0.0
        for reading in row:
            v = beta * v + (1 - beta) * reading
            found.append(v)
    return found


def naive_step(theta: Any, beta: float) -> list[Any]:
    """朝新读数挪一小步。"""
    found = []
    for row in theta:
        v = 0.0
        for reading in row:
            v = v + (1 - beta) * (reading - v)
            found.append(v)
    return found


def noise_case(rng: Generator) -> dict[str, Any]:
    """几个衰减率与噪声的标准差。"""
    return {"beta": rng.uniform(0.1, 0.95, size=4), "sigma": rng.uniform(0.5, 3.0)}


def noise(beta: Any, sigma: float) -> list[Any]:
    """库的噪声项：与递推、与两种写法各比一次。"""
    found = seasonal_error(beta, amplitude=1.0, period=10.0, sigma=sigma)
    return [found.noise] * 3


def naive_noise(beta: list[float], sigma: float) -> list[Any]:
    """方差的平衡，与比值的两种写法。"""
    v = [sigma**2 * (1 - b) / (1 + b) for b in beta]
    balance = [
        b**2 * before + (1 - b) ** 2 * sigma**2
        for b, before in zip(beta, v, strict=True)
    ]
    middle = [sigma**2 * ((1 - b) ** 2 / (1 - b**2)) for b in beta]
    return [balance, middle, v]


def ramp_case(rng: Generator) -> dict[str, Any]:
    """一条斜坡与衰减率；走四百步，起点的影响已经没有。"""
    return {
        "a": rng.uniform(-5.0, 5.0),
        "c": rng.uniform(0.5, 2.0),
        "beta": rng.uniform(0.2, 0.9),
        "t": [398, 399, 400],
    }


def ramp(a: float, c: float, beta: float, t: list[int]) -> list[Any]:
    """库算到第 400 步的最后三个，与等式两边各比一次；再加滞后。"""
    v = ewma(a + c * np.arange(1.0, t[-1] + 1), beta=beta)[-len(t) :]
    return [v, v, mean_age(beta)]


def naive_ramp(a: float, c: float, beta: float, t: list[int]) -> list[Any]:
    """等式两边，与解出的 d。"""
    d = beta / (1 - beta)
    left = [a + c * (k - d) for k in t]
    right = [beta * (a + c * (k - 1 - d)) + (1 - beta) * (a + c * k) for k in t]
    return [left, right, d]


def season_case(rng: Generator) -> dict[str, Any]:
    """几个衰减率、正弦与噪声。"""
    return {
        "beta": rng.uniform(0.1, 0.95, size=4),
        "amplitude": rng.uniform(1.0, 8.0),
        "period": rng.uniform(4.0, 30.0),
        "sigma": rng.uniform(0.5, 3.0),
    }


def season(beta: Any, **signal: float) -> list[Any]:
    """库的两项与它们的和。"""
    error = seasonal_error(beta, **signal)
    return [error.lag, error.noise, error.lag + error.noise]


def naive_season(
    beta: list[float], amplitude: float, period: float, sigma: float
) -> list[Any]:
    """滞后、噪声、合起来。"""
    q = 4 * math.sin(math.pi / period) ** 2
    lag = [amplitude**2 / 2 * (b**2 * q / ((1 - b) ** 2 + b * q)) for b in beta]
    spread = [sigma**2 * ((1 - b) / (1 + b)) for b in beta]
    return [lag, spread, [x + y for x, y in zip(lag, spread, strict=True)]]


def response_case(rng: Generator) -> dict[str, Any]:
    """衰减率与周期。"""
    return {"beta": rng.uniform(0.2, 0.9), "period": rng.uniform(3.0, 30.0)}


def response(beta: float, period: float) -> list[float]:
    """库的倍数与滞后，换回复数的实部与虚部；H 代进递推的右边，再比一次。"""
    gain, delay = sine_response(beta, period=period)
    angle = -delay * 2 * math.pi / period
    return [gain * math.cos(angle), gain * math.sin(angle)] * 2


def naive_response(beta: float, period: float) -> list[float]:
    """复数的除法，与它满足的方程。"""
    omega = 2 * math.pi / period
    turn = complex(math.cos(-omega), math.sin(-omega))
    h = (1 - beta) / (1 - beta * turn)
    again = beta * h * turn + (1 - beta)
    return [h.real, h.imag, again.real, again.imag]


FORMULAS = [
    Formula("2.3.1", "averages.ewma", readings_case, averages, naive_recursion),
    Formula("2.3.2", "averages.ewma", readings_case, averages, naive_step),
    Formula("2.3.3", "experiments.ewma.seasonal_error", noise_case, noise, naive_noise),
    Formula("2.3.4", "averages.mean_age", ramp_case, ramp, naive_ramp),
    Formula(
        "2.3.5", "experiments.ewma.seasonal_error", season_case, season, naive_season
    ),
    Formula(
        "2.3.6",
        "experiments.ewma.sine_response",
        response_case,
        response,
        naive_response,
    ),
]
