"""3.11 节：抛物线上的梯度下降，浮点数的间距，什么时候停。"""

from typing import Any

import numpy as np
from numpy.random import Generator

from dlnotes_lib.experiments.tensorflow import (
    closed_form,
    descent_path,
    rounded,
    stall_error,
    ulp,
)
from trust.formulas import Formula


def walk_case(rng: Generator) -> dict[str, Any]:
    """抛物线的系数、学习率与步数。"""
    a = rng.uniform(0.3, 2.0)
    return {
        "a": a,
        "b": rng.uniform(-10.0, 10.0),
        "c": rng.normal(),
        "alpha": rng.uniform(0.05, 0.4) / a,
        "steps": int(rng.integers(3, 9)),
    }


def walk(a: float, b: float, c: float, alpha: float, steps: int) -> Any:
    """库走的路到最低点的距离，与库的闭式；闭式要等于走的路。"""
    path = descent_path((a, b, c), dtype=np.float64, lr=alpha, steps=steps)
    closed = closed_form((a, b, c), lr=alpha, steps=steps)
    return path[1:] + b / (2 * a), path, closed


def naive_walk(a: float, b: float, c: float, alpha: float, steps: int) -> Any:
    """距离每步乘一个数，与闭式。"""
    lowest = -b / (2 * a)
    apart, gap = [], 0 - lowest
    for _ in range(steps):
        gap = (1 - 2 * a * alpha) * gap
        apart.append(gap)
    path = [lowest * (1 - (1 - 2 * a * alpha) ** k) for k in range(steps + 1)]
    return apart, path, path


def spacing_case(rng: Generator) -> dict[str, Any]:
    """几个数（有负的，有 2 的幂）与几种位数。"""
    x = rng.normal(size=4) * 10.0 ** rng.integers(-3, 4, size=4)
    powers = 2.0 ** rng.integers(-6, 7, size=2)
    return {"x": [*x.tolist(), *powers.tolist()], "bits": rng.integers(4, 53, size=3)}


def spacing(x: Any, bits: Any) -> Any:
    """库的间距。"""
    return [[ulp(value, bits=p) for p in bits.tolist()] for value in x]


def naive_spacing(x: list[float], bits: list[int]) -> Any:
    """先找出 e。"""
    return [[unit(value, p) for p in bits] for value in x]


def unit(x: float, p: int) -> float:
    """2 的 e − p 次方；满足条件的 e 只有一个。"""
    (e,) = [e for e in range(-40, 40) if 2.0 ** (e - 1) <= abs(x) < 2.0**e]
    return 2.0 ** (e - p)


def stop_case(rng: Generator) -> dict[str, Any]:
    """一些 p 位的 w（不是 2 的幂），更新在半个 ulp 上下；乘积没有舍入。"""
    bits = int(rng.integers(6, 25))
    e = rng.integers(-2, 5, size=30)
    whole = rng.integers(2 ** (bits - 1) + 1, 2**bits, size=30)
    step = rng.choice([0.3, 0.45, 0.49, 0.51, 0.55, 0.8, 1.3], size=30)
    alpha = 2.0 ** -int(rng.integers(2, 8))
    sign = rng.choice([-1.0, 1.0], size=30)
    return {
        "w": whole * 2.0 ** (e - bits),
        "dw": sign * step * 2.0 ** (e - bits) / alpha,
        "alpha": alpha,
        "bits": bits,
    }


def stopped(w: Any, dw: Any, alpha: float, bits: int) -> list[bool]:
    """库舍入以后还是 w 吗。"""
    pairs = zip(w.tolist(), dw.tolist(), strict=True)
    return [rounded(at - alpha * d, bits=bits) == at for at, d in pairs]


def naive_stopped(w: Any, dw: Any, alpha: float, bits: int) -> list[bool]:
    """公式成立吗。"""
    pairs = zip(w, dw, strict=True)
    return [alpha * abs(d) < 1 / 2 * unit(at, bits) for at, d in pairs]


def stall_case(rng: Generator) -> dict[str, Any]:
    """几种位数，一个学习率。"""
    return {
        "bits": rng.integers(4, 54, size=4),
        "alpha": rng.uniform(0.005, 0.2),
    }


def stall(bits: Any, alpha: float) -> Any:
    """库的界；课程的学习率是 0.01。"""
    return [
        (stall_error(5.0, bits=p, lr=alpha), stall_error(5.0, bits=p, lr=0.01))
        for p in bits.tolist()
    ]


def naive_stall(bits: list[int], alpha: float) -> Any:
    """一般的学习率，与 0.01。"""
    return [(unit(5.0, p) / (4 * alpha), 25 * unit(5.0, p)) for p in bits]


HERE = "experiments.tensorflow"
FORMULAS = [
    Formula("3.11.1", f"{HERE}.descent_path", walk_case, walk, naive_walk),
    Formula("3.11.2", f"{HERE}.ulp", spacing_case, spacing, naive_spacing),
    Formula("3.11.3", f"{HERE}.rounded", stop_case, stopped, naive_stopped),
    Formula("3.11.4", f"{HERE}.stall_error", stall_case, stall, naive_stall),
]
