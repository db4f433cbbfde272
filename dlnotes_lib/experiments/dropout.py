"""1.6 节用到的计算：子网、保留个数的分布、输出的均值与波动、对全部掩码的平均。

约定：随机数只来自 ``rng``；能精确算的（分布、对掩码的平均）不抽样。
不做：不训练网络，dropout 对过拟合的效果在 1.7 节量。
"""

from collections.abc import Callable, Sequence
from itertools import product
from math import comb
from typing import NamedTuple, SupportsFloat

import numpy as np
from numpy.typing import NDArray

from dlnotes_lib.arrays import Array, as_array, check_count, check_interval
from dlnotes_lib.dropout import apply_mask, dropout, dropout_mask


class NoiseLevel(NamedTuple):
    """全 1 的输入经过 dropout 之后的统计量，每个 keep_prob 一个数。

    Attributes:
        mean: 抽样得到的均值，形状与 keep_probs 相同。
        std: 抽样得到的标准差，形状与 keep_probs 相同。
    """

    mean: Array
    std: Array


def subnets(
    sizes: Sequence[int], *, keep_prob: float, count: int, rng: np.random.Generator
) -> list[list[NDArray[np.bool_]]]:
    """从同一个网络里抽出若干个子网：每个隐藏层各抽一张掩码。

    输入层与输出层不丢。一个子网对应一个样本的一次前向传播。

    Args:
        sizes: 各隐藏层的单元数。
        keep_prob: 保留概率，在 (0, 1] 内。
        count: 抽几个子网。
        rng: 随机数生成器。

    Returns:
        count 个子网；每个子网是一列掩码，第 l 张的形状是 (sizes[l],)。

    Raises:
        TypeError: 某个参数的类型不对。
        ValueError: count 或某层的单元数小于 1，或 keep_prob 不在 (0, 1] 内。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.dropout import subnets
        >>> rng = np.random.default_rng(0)
        >>> nets = subnets([5, 4], keep_prob=0.5, count=3, rng=rng)
        >>> len(nets), [mask.shape for mask in nets[0]]
        (3, [(5,), (4,)])
    """
    check_count("count", count)
    return [
        [dropout_mask((n,), keep_prob=keep_prob, rng=rng) for n in sizes]
        for _ in range(count)
    ]


def kept_units(n: int, *, keep_prob: float) -> Array:
    r"""N 个单元里恰好保留 k 个的概率，二项分布，精确值。

    $$P(k) = \binom{n}{k}\,p^{k}(1 - p)^{n-k}, \qquad
    \mathbb E[k] = np, \quad \mathrm{Var}[k] = np(1 - p)$$

    Args:
        n: 单元数。
        keep_prob: 保留概率 p，在 (0, 1] 内。

    Returns:
        形状 (n + 1,)，第 k 个是保留 k 个的概率。

    Raises:
        TypeError: n 不是整数，或 keep_prob 不是实数。
        ValueError: n 小于 1，或 keep_prob 不在 (0, 1] 内。

    Examples:
        >>> from dlnotes_lib.experiments.dropout import kept_units
        >>> kept_units(2, keep_prob=0.5).tolist()
        [0.25, 0.5, 0.25]
    """
    check_count("n", n)
    check_interval("keep_prob", keep_prob, "(0, 1]")
    p = float(keep_prob)
    return np.array([comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)])


def noise_std(keep_probs: Array) -> Array:
    r"""输入全是 1 时，输出的标准差，公式值。

    $$\sqrt{\mathrm{Var}[\tilde a]} = \sqrt{\frac{1 - p}{p}}$$

    Args:
        keep_probs: 若干个保留概率 p，形状 (k,)，都在 (0, 1] 内。

    Returns:
        标准差，形状 (k,)。

    Raises:
        TypeError: keep_probs 不是数值数组。
        ShapeError: keep_probs 不是一维。
        ValueError: 有 keep_prob 不在 (0, 1] 内。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.dropout import noise_std
        >>> noise_std(np.array([0.2, 0.5, 0.8, 1.0])).round(3).tolist()
        [2.0, 1.0, 0.5, 0.0]
    """
    p = as_array("keep_probs", keep_probs, (None,))
    for value in p:
        check_interval("keep_prob", float(value), "(0, 1]")
    return np.sqrt((1 - p) / p)


def noise_level(
    keep_probs: Array, *, count: int, rng: np.random.Generator
) -> NoiseLevel:
    """对 count 个 1 做 dropout，量输出的均值与标准差。

    均值应当是 1，标准差应当是 `noise_std`。

    Args:
        keep_probs: 若干个保留概率，形状 (k,)，都在 (0, 1] 内。
        count: 每个保留概率抽几次。
        rng: 随机数生成器。

    Returns:
        均值与标准差，见 `NoiseLevel`。

    Raises:
        TypeError: 某个参数的类型不对。
        ShapeError: keep_probs 不是一维。
        ValueError: count 小于 1，或有 keep_prob 不在 (0, 1] 内。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.dropout import noise_level
        >>> rng = np.random.default_rng(0)
        >>> level = noise_level(np.array([0.5, 1.0]), count=1000, rng=rng)
        >>> bool(abs(level.mean[0] - 1) < 0.2), float(level.std[1])
        (True, 0.0)
    """
    keep_probs = as_array("keep_probs", keep_probs, (None,))
    check_count("count", count)
    ones = np.ones(count)
    outs = [dropout(ones, keep_prob=float(p), rng=rng)[0] for p in keep_probs]
    return NoiseLevel(
        mean=np.array([out.mean() for out in outs]),
        std=np.array([out.std() for out in outs]),
    )


def average_over_masks(
    f: Callable[[Array], SupportsFloat], a: Array, *, keep_prob: float
) -> float:
    r"""枚举全部 2ⁿ 张掩码，精确求 f 的期望。

    $$\mathbb E_D\bigl[f(\tilde a)\bigr]
    = \sum_{D} p^{|D|}(1 - p)^{n - |D|}\, f(a \odot D / p)$$

    Args:
        f: 把激活值变成一个数的函数。
        a: 激活值，形状 (n,)；n 不要超过 20。
        keep_prob: 保留概率 p，在 (0, 1] 内。

    Returns:
        期望。

    Raises:
        TypeError: a 不是数值数组，或 keep_prob 不是实数。
        ShapeError: a 不是一维。
        ValueError: n 超过 20，或 keep_prob 不在 (0, 1] 内。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.dropout import average_over_masks
        >>> average_over_masks(np.sum, np.array([1.0, 2.0]), keep_prob=0.5)
        3.0
    """
    a = as_array("a", a, (None,))
    check_interval("keep_prob", keep_prob, "(0, 1]")
    if a.size > 20:
        raise ValueError(f"a must have at most 20 units, got {a.size}")
    total = 0.0
    for bits in product([False, True], repeat=a.size):
        mask = np.array(bits)
        weight = keep_prob ** sum(bits) * (1 - keep_prob) ** (a.size - sum(bits))
        total += weight * float(f(apply_mask(a, mask, keep_prob=keep_prob)[0]))
    return total
