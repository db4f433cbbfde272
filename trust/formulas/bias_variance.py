"""1.2 节：偏差与方差。"""

from typing import Any

import numpy as np
from numpy.random import Generator

from dlnotes_lib.diagnostics import bias_variance, diagnose
from trust.formulas import Formula


def parts_case(rng: Generator) -> dict[str, Any]:
    """几个训练集各自的预测（一行一个，一列一个点），真函数 a + b x，噪声 σ。"""
    return {
        "predictions": rng.normal(size=(5, 200)),
        "a": rng.uniform(0.5, 2.0),
        "b": rng.uniform(-2.0, -0.5),
        "sigma": rng.uniform(0.3, 1.5),
    }


def parts(predictions: Any, a: float, b: float, sigma: float) -> Any:
    """拟合的办法是依次交出准备好的预测；取四个不抽样的数。"""
    rows = iter(predictions)

    def fit(x: Any, y: Any) -> Any:
        row = next(rows)
        return lambda t: row

    found = bias_variance(
        fit,
        lambda x: a + b * x,
        n=3,
        sigma=sigma,
        repeats=len(predictions),
        rng=np.random.default_rng(0),
    )
    return found[:4]


def naive_parts(
    predictions: list[list[float]], a: float, b: float, sigma: float
) -> list[float]:
    """右边的三份与左边的期望；ε 取 ±σ 各一半，均值是 0，方差是 σ²。"""
    bias2 = var = left = 0.0
    points, sets = len(predictions[0]), len(predictions)
    for i in range(points):
        f = a + b * (0.02 + 0.96 * i / (points - 1))
        mean = sum(predictions[r][i] for r in range(sets)) / sets
        bias2 += (mean - f) ** 2 / points
        for r in range(sets):
            f_hat = predictions[r][i]
            var += (f_hat - mean) ** 2 / sets / points
            for epsilon in (-sigma, sigma):
                left += (f + epsilon - f_hat) ** 2 / 2 / sets / points
    return [bias2, var, sigma**2, left]


def gaps_case(rng: Generator) -> dict[str, Any]:
    """三个误差，各是千分之几；差可正可负。"""
    train, dev, bayes = rng.permutation(1001)[:3].tolist()
    return {"train": train, "dev": dev, "bayes": bayes}


def gaps(train: int, dev: int, bayes: int) -> Any:
    """库算的两个差。"""
    return diagnose(train / 1000, dev / 1000, bayes_err=bayes / 1000)[:2]


def naive_gaps(train: int, dev: int, bayes: int) -> list[float]:
    """整数先相减，没有舍入。"""
    return [(train - bayes) / 1000, (dev - train) / 1000]


FORMULAS = [
    Formula("1.2.1", "diagnostics.bias_variance", parts_case, parts, naive_parts),
    Formula("1.2.2", "diagnostics.diagnose", gaps_case, gaps, naive_gaps),
]
