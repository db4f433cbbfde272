"""3.2 节的计算：一把标度把多少点分给一段，以及学习率对手写数字误差的影响。

约定：标度是一个递增的函数 φ；“在标度上均匀”是说 φ(x) 均匀分布。
做三把标度里的两把（对数用 ``math.log10``），不做抽样：抽样在 `dlnotes_lib.search`。
"""

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from dlnotes_lib.arrays import check_interval, check_rng
from dlnotes_lib.averages import efold_window
from dlnotes_lib.datasets import load_digits_split
from dlnotes_lib.minibatch import epochs
from dlnotes_lib.models import MLP
from dlnotes_lib.optimizers import Adam
from dlnotes_lib.train import train


def linear(x: float) -> float:
    """线性标度：轴上等长就是差相等。

    Args:
        x: 一个数。

    Returns:
        x。

    Examples:
        >>> from dlnotes_lib.experiments.appropriate_scale import linear
        >>> linear(0.5)
        0.5
    """
    return x


def log_window(beta: float) -> float:
    r"""窗口的对数标度：轴上等长就是窗口的倍数相等。

    $$\varphi(\beta) = \log_{10}\frac{1}{1 - \beta} = -\log_{10}(1 - \beta)$$

    Args:
        beta: 衰减率 β，在 [0, 1) 内。

    Returns:
        e 折窗口以 10 为底的对数。

    Raises:
        TypeError: beta 不是实数。
        ValueError: beta 不在 [0, 1) 内。

    Examples:
        >>> from dlnotes_lib.experiments.appropriate_scale import log_window
        >>> [round(log_window(beta), 6) for beta in (0.0, 0.9, 0.99)]
        [0.0, 1.0, 2.0]
    """
    return math.log10(efold_window(beta))


def share(
    scale: Callable[[float], float],
    low: float,
    high: float,
    *,
    start: float,
    stop: float,
) -> float:
    r"""在标度上均匀地抽，落进一段的概率。

    $$\frac{\varphi(d) - \varphi(c)}{\varphi(b) - \varphi(a)}$$

    Args:
        scale: 标度 φ，在 [a, b] 上递增。
        low: 整个范围的下限 a。
        high: 整个范围的上限 b，大于 a。
        start: 这一段的起点 c，在 [a, b] 内。
        stop: 这一段的终点 d，在 [c, b] 内。

    Returns:
        概率，在 0 与 1 之间。

    Raises:
        TypeError: 某个端点不是实数。
        ValueError: 端点的次序不对。

    Examples:
        >>> import math
        >>> from dlnotes_lib.experiments.appropriate_scale import linear, share
        >>> share(linear, 0.0, 10.0, start=0.0, stop=1.0)
        0.1
        >>> round(share(math.log10, 0.1, 10.0, start=0.1, stop=1.0), 6)
        0.5
    """
    check_interval("low", low, "(-inf, inf)")
    check_interval("high", high, f"({low}, inf)")
    check_interval("start", start, f"[{low}, {high}]")
    check_interval("stop", stop, f"[{start}, {high}]")
    return (scale(stop) - scale(start)) / (scale(high) - scale(low))


def digits_error(lr: float, *, rng: np.random.Generator) -> float:
    """一个小网络用 Adam 学三轮手写数字，验证集上的错误率。

    宽度 64-32-32-32-10，ReLU，批大小 64。

    Args:
        lr: 学习率，大于 0。
        rng: 随机数生成器；依次用于划分数据、初始化、打乱。

    Returns:
        验证集里认错的比例。

    Raises:
        TypeError: lr 不是实数，或 rng 不是生成器。
        ValueError: lr 不大于 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.appropriate_scale import digits_error
        >>> digits_error(0.01, rng=np.random.default_rng(0)) < 0.1
        True
    """
    check_interval("lr", lr, "(0, inf)")
    check_rng(rng)
    digits = load_digits_split(rng=rng)
    model = MLP(sizes=(64, 32, 32, 32, 10))
    params = model.init(rng)
    loss_and_grad = partial(model.loss_and_grad, rng=rng)
    batches = epochs(digits.train.x, digits.train.y, size=64, count=3, rng=rng)
    for step in train(params, loss_and_grad, batches, Adam(lr=lr)):
        params = step.params
    guess = model.scores(params, digits.dev.x).argmax(axis=0)
    return float(np.mean(guess != digits.dev.y))
