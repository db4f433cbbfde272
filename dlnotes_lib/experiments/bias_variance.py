"""1.2 节的实验：同一个函数、不同的训练集，多项式拟合得有多偏、有多散；以及双下降。

一维输入的形状是 (n,)，真函数是 sin 2πx，噪声的标准差是 ``SIGMA``。
随机特征回归照列约定，一列一个样本。只算不画。
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.polynomial import Chebyshev

from dlnotes_lib.activations import relu
from dlnotes_lib.arrays import (
    Array,
    as_array,
    check_count,
    check_interval,
    check_rng,
)
from dlnotes_lib.diagnostics import GRID, BiasVariance, Fit, bias_variance

SIGMA = 0.3


class Fan(NamedTuple):
    """许多个训练集各自的拟合。

    Attributes:
        x: 画图的横坐标，形状 (200,)。
        truth: 真函数的值，形状 (200,)。
        curves: 每行一个训练集的拟合，形状 (count, 200)。
        mean: 全部拟合的平均，形状 (200,)。
    """

    x: Array
    truth: Array
    curves: Array
    mean: Array


class Errors(NamedTuple):
    """一串特征数各自的均方误差，形状都是 (k,)。

    Attributes:
        train: 训练误差，对带噪声的标签算。
        test: 测试误差，在 1000 个新样本上对没有噪声的真值算。
    """

    train: Array
    test: Array


def sine(x: Array) -> Array:
    """真函数 sin 2πx。

    Args:
        x: 任意形状。

    Returns:
        与 x 同形。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.bias_variance import sine
        >>> sine(np.array([0.0, 0.25, 0.75])).round(4).tolist()
        [0.0, 1.0, -1.0]
    """
    return np.sin(2 * np.pi * as_array("x", x))


def noisy_sine(n: int, *, rng: np.random.Generator) -> tuple[Array, Array]:
    """抽一个训练集：先抽 x ~ U(0, 1)，再抽 y = sin 2πx + 0.3ξ。

    Args:
        n: 样本数。
        rng: 随机数生成器。

    Returns:
        x 与 y，形状都是 (n,)。

    Raises:
        TypeError: n 不是整数，或 rng 不是 ``np.random.Generator``。
        ValueError: n < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.bias_variance import noisy_sine
        >>> x, y = noisy_sine(50, rng=np.random.default_rng(0))
        >>> x.shape, y.shape, bool(x.min() >= 0), bool(x.max() < 1)
        ((50,), (50,), True, True)
    """
    check_count("n", n)
    check_rng(rng)
    x = rng.random(n)
    return x, sine(x) + SIGMA * rng.standard_normal(n)


def polynomial(degree: int) -> Fit:
    """用最小二乘拟合 degree 次多项式的办法，交给 `diagnostics.bias_variance`。

    内部用切比雪夫基（域 [0, 1]），张成的函数与普通多项式相同，数值上稳得多。

    Args:
        degree: 次数，不小于 0；样本要多于次数。

    Returns:
        一个函数，收 (x, y)，给出拟合好的预测函数。

    Raises:
        TypeError: degree 不是整数。
        ValueError: degree < 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.bias_variance import polynomial
        >>> line = polynomial(1)(np.array([0.0, 0.5, 1.0]), np.array([1, 2, 3]))
        >>> round(float(line(0.25)), 4)
        1.5
    """
    check_count("degree", degree, 0)
    return lambda x, y: Chebyshev.fit(x, y, degree, domain=[0, 1])


def fan(degree: int, *, n: int, count: int, rng: np.random.Generator) -> Fan:
    """抽 count 个训练集，各拟合一条 degree 次多项式。

    Args:
        degree: 次数。
        n: 每个训练集的样本数。
        count: 抽几个训练集。
        rng: 随机数生成器。

    Returns:
        各条曲线与它们的平均，见 `Fan`。

    Raises:
        TypeError: 某个参数的类型不对。
        ValueError: 次数或个数太小。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.bias_variance import fan
        >>> rng = np.random.default_rng(0)
        >>> fans = fan(1, n=50, count=20, rng=rng)
        >>> fans.curves.shape, fans.mean.shape
        ((20, 200), (200,))
    """
    check_count("count", count)
    fit = polynomial(degree)
    curves = np.array([fit(*noisy_sine(n, rng=rng))(GRID) for _ in range(count)])
    return Fan(GRID, sine(GRID), curves, curves.mean(axis=0))


def by_degree(
    degrees: Sequence[int], *, n: int, repeats: int, rng: np.random.Generator
) -> list[BiasVariance]:
    """一串次数各自的分解，依次用同一个 rng。

    Args:
        degrees: 一串次数。
        n: 每个训练集的样本数。
        repeats: 每个次数抽几个训练集。
        rng: 随机数生成器。

    Returns:
        与 degrees 一样长的一串分解。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.bias_variance import by_degree
        >>> rng = np.random.default_rng(0)
        >>> line, cubic = by_degree([1, 3], n=50, repeats=200, rng=rng)
        >>> line.bias2 > 10 * cubic.bias2, round(line.noise, 4)
        (True, 0.09)
    """
    return [
        bias_variance(polynomial(d), sine, n=n, sigma=SIGMA, repeats=repeats, rng=rng)
        for d in degrees
    ]


def random_features(
    features: Sequence[int], *, lambd: float, rng: np.random.Generator
) -> Errors:
    r"""40 个样本、p 个随机 ReLU 特征的线性回归，p 从小到大，看两种误差。

    $$h = \mathrm{relu}(A_{:,1:p}^{\top}x)/\sqrt p, \qquad
    c = \arg\min_c \lVert c\,h - y\rVert^2 + \lambda\lVert c\rVert^2$$

    λ = 0 时取最小范数解。抽样次序：真权重 w (10,)，训练 x，噪声，测试 x，A (10, 1000)；
    各个 p 用同一份数据的前 p 个特征。

    Args:
        features: 一串特征数 p，都在 1 到 1000 之间。
        lambd: 岭系数 λ，不小于 0。
        rng: 随机数生成器。

    Returns:
        训练误差与测试误差，见 `Errors`。

    Raises:
        TypeError: 某个参数的类型不对。
        ValueError: 特征数不在 1 到 1000 之间，或 lambd < 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.bias_variance import random_features
        >>> rng = np.random.default_rng(0)
        >>> errors = random_features([10, 40, 1000], lambd=0, rng=rng)
        >>> (errors.train < 1e-9).tolist()
        [False, True, True]
        >>> bool(errors.test.argmax() == 1)
        True
    """
    for p in features:
        check_count("features", p)
        check_interval("features", p, "[1, 1000]")
    check_interval("lambd", lambd, "[0, inf)")
    check_rng(rng)
    w = rng.standard_normal(10) / np.sqrt(10)
    x = rng.standard_normal((40, 10)).T
    y = w @ x + 0.5 * rng.standard_normal(40)
    x_new = rng.standard_normal((1000, 10)).T
    a = rng.standard_normal((10, 1000))[:, : max(features)] / np.sqrt(10)
    h, h_new = relu(a.T @ x)[0], relu(a.T @ x_new)[0]
    train, test = [], []
    for p in features:
        c = _ridge(h[:p] / np.sqrt(p), y, lambd)
        train.append(np.mean((c @ h[:p] / np.sqrt(p) - y) ** 2))
        test.append(np.mean((c @ h_new[:p] / np.sqrt(p) - w @ x_new) ** 2))
    return Errors(np.array(train), np.array(test))


def median_errors(features: Sequence[int], *, lambd: float, seeds: int) -> Errors:
    """种子 0 到 seeds − 1 各跑一遍 `random_features`，逐个特征数取中位数。

    Args:
        features: 一串特征数，都在 1 到 1000 之间。
        lambd: 岭系数 λ，不小于 0。
        seeds: 几个种子。

    Returns:
        两种误差的中位数，见 `Errors`。

    Raises:
        TypeError: 某个参数的类型不对。
        ValueError: seeds < 1，或 `random_features` 不收的取值。

    Examples:
        >>> from dlnotes_lib.experiments.bias_variance import median_errors
        >>> errors = median_errors([10, 40], lambd=0, seeds=5)
        >>> bool(errors.test[1] > 5 * errors.test[0])
        True
    """
    check_count("seeds", seeds)
    rngs = [np.random.default_rng(seed) for seed in range(seeds)]
    runs = [random_features(features, lambd=lambd, rng=rng) for rng in rngs]
    train, test = (np.median(errors, axis=0) for errors in zip(*runs, strict=True))
    return Errors(train, test)


def _ridge(h: Array, y: Array, lambd: float) -> Array:
    u, s, vt = np.linalg.svd(h, full_matrices=False)
    keep = s > 1e-12 * s[0]  # λ = 0 时只留非零奇异值，就是最小范数解
    gain = s[keep] / (s[keep] ** 2 + lambd)
    return u[:, keep] @ (gain * (vt[keep] @ y))
