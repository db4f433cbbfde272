"""1.1 节：训练集、验证集与测试集。"""

import math
from typing import Any

from numpy.random import Generator

from dlnotes_lib.experiments.train_dev_test_sets import (
    samples_for_gap,
    samples_for_paired_gap,
    samples_for_width,
)
from dlnotes_lib.splits import split_sizes, wald_interval, wilson_interval
from trust.formulas import Formula


def sizes_case(rng: Generator) -> dict[str, Any]:
    """一串总数与三份的百分数；29%、57%、58% 的 100 个，浮点乘积略小于整数。"""
    dev, test = int(rng.choice([29, 57, 58])), int(rng.integers(7, 30))
    return {
        "ms": [100, *rng.integers(50, 5000, size=6).tolist()],
        "percents": [100 - dev - test, dev, test],
    }


def sizes(ms: Any, percents: Any) -> Any:
    """库分的个数。"""
    return [split_sizes(m, [r / 100 for r in percents]) for m in ms]


def naive_sizes(ms: list[int], percents: list[int]) -> list[list[int]]:
    """百分数是整数，m r 的下整就是整数除法，没有舍入。"""
    found = []
    for m in ms:
        m_dev = m * percents[1] // 100
        m_test = m * percents[2] // 100
        found.append([m - m_dev - m_test, m_dev, m_test])
    return found


def interval_case(rng: Generator) -> dict[str, Any]:
    """几个准确率（两端也在内）、样本数与分位数。"""
    return {
        "p_hats": [0.0, 1.0, *rng.uniform(0.05, 0.95, size=4).tolist()],
        "n": int(rng.integers(5, 60)),
        "z": rng.uniform(0.5, 3.0),
    }


def wald(p_hats: Any, n: int, z: float) -> Any:
    """默认的 z 与给定的 z 各一遍。"""
    return [[wald_interval(p, n), wald_interval(p, n, z=z)] for p in p_hats]


def naive_wald(p_hats: list[float], n: int, z: float) -> list[float]:
    """标准误，再乘 1.96 与 z。"""
    found = []
    for p in p_hats:
        se = math.sqrt(p * (1 - p) / n)
        found += [p - 1.96 * se, p + 1.96 * se, p - z * se, p + z * se]
    return found


def wilson(p_hats: Any, n: int, z: float) -> Any:
    """库算的两端。"""
    return [wilson_interval(p, n, z=z) for p in p_hats]


def naive_wilson(p_hats: list[float], n: int, z: float) -> list[float]:
    """方括号里先减后加，再乘前面的分式。"""
    found = []
    for p in p_hats:
        root = math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
        for sign in (-1, 1):
            found.append(1 / (1 + z**2 / n) * (p + z**2 / (2 * n) + sign * z * root))
    return found


def samples_case(rng: Generator) -> dict[str, Any]:
    """准确率、要分辨的宽度与分位数；样本数上万，少一项看得出来。"""
    return {
        "p": rng.uniform(0.6, 0.95),
        "width": rng.uniform(0.002, 0.01),
        "z": rng.uniform(1.0, 3.0),
    }


def for_width(p: float, width: float, z: float) -> int:
    """库取过上整的样本数。"""
    return samples_for_width(p, width, z=z)


def naive_width(p: float, width: float, z: float) -> int:
    """照公式，再取上整。"""
    return math.ceil(p * (1 - p) * (z / width) ** 2)


def for_gap(p: float, width: float, z: float) -> int:
    """库取过上整的样本数。"""
    return samples_for_gap(p, width, z=z)


def naive_gap(p: float, width: float, z: float) -> int:
    """照公式，再取上整。"""
    return math.ceil(2 * p * (1 - p) * (z / width) ** 2)


def paired_case(rng: Generator) -> dict[str, Any]:
    """一对一错的比例 d 与差 δ；δ 够大，减去 δ² 看得出来。"""
    return {
        "d": rng.uniform(0.1, 0.3),
        "delta": rng.uniform(0.02, 0.08),
        "z": rng.uniform(1.0, 3.0),
    }


def for_pair(d: float, delta: float, z: float) -> int:
    """库取过上整的样本数。"""
    return samples_for_paired_gap(d, delta, z=z)


def naive_paired(d: float, delta: float, z: float) -> int:
    """照公式，再取上整。"""
    return math.ceil((d - delta**2) * (z / delta) ** 2)


HERE = "experiments.train_dev_test_sets"
FORMULAS = [
    Formula("1.1.1", "splits.split_sizes", sizes_case, sizes, naive_sizes),
    Formula("1.1.2", "splits.wald_interval", interval_case, wald, naive_wald),
    Formula("1.1.3", f"{HERE}.samples_for_width", samples_case, for_width, naive_width),
    Formula("1.1.4", f"{HERE}.samples_for_gap", samples_case, for_gap, naive_gap),
    Formula(
        "1.1.5", f"{HERE}.samples_for_paired_gap", paired_case, for_pair, naive_paired
    ),
    Formula("1.1.6", "splits.wilson_interval", interval_case, wilson, naive_wilson),
]
