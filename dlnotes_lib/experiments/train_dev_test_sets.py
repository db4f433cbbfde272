"""1.1 节用到的计算：挑出来的最好、需要多少样本、区间的覆盖率、先选特征再划分。

约定：随机数只来自 ``rng`` 或写明的种子；能精确算的（最大值的期望、覆盖率）不抽样。
不做：不划分数据，那是 `dlnotes_lib.splits` 的事。
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from dlnotes_lib.arrays import Array, check_count, check_interval, check_rng
from dlnotes_lib.splits import Index, split_sizes, wald_interval


class Leak(NamedTuple):
    """同一份数据、两种次序的测试准确率。

    Attributes:
        leaky: 先用全部样本选特征，再划分。
        clean: 先划分，只用训练集选特征。
    """

    leaky: float
    clean: float


class Scale(NamedTuple):
    """一种数据总量下的划分。

    Attributes:
        m: 样本总数。
        sizes: 训练、验证、测试各多少个。
        half_width: 测试准确率的 95% 置信区间的半宽。
    """

    m: int
    sizes: tuple[int, int, int]
    half_width: float


def expected_best(ks: Sequence[int], *, n: int, p: float) -> Array:
    r"""K 个准确率都是 p 的模型里，验证准确率最高者的期望，精确值。

    各模型的对错互相独立，$F$ 是二项分布 $B(n, p)$ 的分布函数：

    $$\mathbb E\Bigl[\max_{j \le k} \hat p_j\Bigr]
    = \frac1n \sum_{c=0}^{n-1} \bigl(1 - F(c)^k\bigr)$$

    Args:
        ks: 若干个候选模型数 k。
        n: 验证集的样本数。
        p: 真实准确率，在 (0, 1) 内。

    Returns:
        期望，形状 (len(ks),)。

    Raises:
        TypeError: 某个参数的类型不对。
        ValueError: 某个 k 或 n 小于 1，或 p 不在 (0, 1) 内。

    Examples:
        >>> from dlnotes_lib.experiments.train_dev_test_sets import expected_best
        >>> expected_best([1, 2], n=1, p=0.5).round(6).tolist()
        [0.5, 0.75]
    """
    for k in ks:
        check_count("k", k)
    below = np.minimum(np.cumsum(_binomial(n, p))[:-1], 1)
    return np.array([np.sum(1 - below**k) / n for k in ks])


def best_of(
    k: int, *, n: int, p: float, repeats: int, rng: np.random.Generator
) -> Array:
    """抽样版的 `expected_best`：每次抽 k 个验证准确率，取最高的。

    Args:
        k: 候选模型数。
        n: 验证集的样本数。
        p: 真实准确率，在 (0, 1) 内。
        repeats: 重复多少次。
        rng: 随机数生成器。

    Returns:
        最高的验证准确率，形状 (repeats,)。

    Raises:
        TypeError: 某个参数的类型不对。
        ValueError: k、n 或 repeats 小于 1，或 p 不在 (0, 1) 内。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.train_dev_test_sets import best_of
        >>> rng = np.random.default_rng(0)
        >>> best = best_of(100, n=1000, p=0.5, repeats=500, rng=rng)
        >>> best.shape, bool(0.535 < best.mean() < 0.545)
        ((500,), True)
    """
    for name, value in (("k", k), ("n", n), ("repeats", repeats)):
        check_count(name, value)
    check_interval("p", p, "(0, 1)")
    check_rng(rng)
    return rng.binomial(n, p, (repeats, k)).max(axis=1) / n


def samples_for_width(p: float, width: float, *, z: float = 1.96) -> int:
    r"""要让置信区间的半宽不超过 width，需要多少个样本。

    $$n = p(1 - p)\left(\frac{z}{w}\right)^2$$

    Args:
        p: 预计的准确率，在 (0, 1) 内。
        width: 半宽 w，在 (0, 1) 内。
        z: 正态分位数。

    Returns:
        样本数，取上整。

    Raises:
        TypeError: 某个参数不是实数。
        ValueError: p 或 width 不在 (0, 1) 内，或 z 不是正的有限数。

    Examples:
        >>> from dlnotes_lib.experiments.train_dev_test_sets import samples_for_width
        >>> samples_for_width(0.9, 0.01)
        3458
    """
    check_interval("p", p, "(0, 1)")
    check_interval("width", width, "(0, 1)")
    check_interval("z", z, "(0, inf)")
    return _ceil(p * (1 - p) * (z / width) ** 2)


def samples_for_gap(p: float, gap: float, *, z: float = 1.96) -> int:
    r"""两个模型各用一份独立的测试集，差的半宽缩到 gap，每份需要多少个样本。

    $$n = 2p(1 - p)\left(\frac{z}{\delta}\right)^2$$

    Args:
        p: 两个模型的准确率，大致相同，在 (0, 1) 内。
        gap: 要分辨的差 δ，在 (0, 1) 内。
        z: 正态分位数。

    Returns:
        每份测试集的样本数，取上整。

    Raises:
        TypeError: 某个参数不是实数。
        ValueError: p 或 gap 不在 (0, 1) 内，或 z 不是正的有限数。

    Examples:
        >>> from dlnotes_lib.experiments.train_dev_test_sets import samples_for_gap
        >>> samples_for_gap(0.95, 0.001)
        364952
    """
    check_interval("p", p, "(0, 1)")
    check_interval("gap", gap, "(0, 1)")
    check_interval("z", z, "(0, inf)")
    return _ceil(2 * p * (1 - p) * (z / gap) ** 2)


def samples_for_paired_gap(disagree: float, gap: float, *, z: float = 1.96) -> int:
    r"""两个模型用同一份测试集逐个样本相比，差的半宽缩到 gap，需要多少个样本。

    一对一错的样本占 d，两种错法之差是 δ，每个样本的差取 1、−1、0，方差是 d − δ²：

    $$n = (d - \delta^2)\left(\frac{z}{\delta}\right)^2$$

    Args:
        disagree: 两个模型一对一错的比例 d，在 (0, 1) 内。
        gap: 要分辨的差 δ，在 (0, d] 内。
        z: 正态分位数。

    Returns:
        样本数，取上整。

    Raises:
        TypeError: 某个参数不是实数。
        ValueError: disagree 不在 (0, 1) 内，gap 不在 (0, disagree] 内，或 z 不是正的
            有限数。

    Examples:
        >>> from dlnotes_lib.experiments.train_dev_test_sets import (
        ...     samples_for_paired_gap,
        ... )
        >>> samples_for_paired_gap(0.02, 0.001)
        76829
    """
    check_interval("disagree", disagree, "(0, 1)")
    check_interval("gap", gap, f"(0, {disagree}]")
    check_interval("z", z, "(0, inf)")
    return _ceil((disagree - gap**2) * (z / gap) ** 2)


def coverage(
    interval: Callable[[float, int], tuple[float, float]], *, p: float, n: int
) -> float:
    r"""置信区间盖住真值 p 的概率，对全部 n + 1 种结果求和，精确值。

    $$\sum_{c=0}^{n} P(c)\,\mathbf 1\bigl[\,\text{interval}(c/n, n) \ni p\,\bigr]$$

    Args:
        interval: 收 (p_hat, n)、给 (下限, 上限) 的函数。
        p: 真实准确率，在 (0, 1) 内。
        n: 样本数。

    Returns:
        概率；名义上应当接近 0.95。

    Raises:
        TypeError: p 不是实数，或 n 不是整数。
        ValueError: p 不在 (0, 1) 内，或 n < 1。

    Examples:
        >>> from dlnotes_lib.experiments.train_dev_test_sets import coverage
        >>> from dlnotes_lib.splits import wald_interval
        >>> round(coverage(wald_interval, p=0.5, n=2), 6)    # 只有一对一错时盖得住
        0.5
    """
    chance = _binomial(n, p)
    ends = [interval(c / n, n) for c in range(n + 1)]
    return float(chance @ [float(low <= p <= high) for low, high in ends])


def scales(ms: Sequence[int], *, p: float) -> list[Scale]:
    """按课程建议的比例划分各种总量，并给出测试集的置信区间半宽。

    课程只给了量级；这里取：不超过一万用 60/20/20，不超过一百万用 98/1/1，再多用
    99.5/0.25/0.25。

    Args:
        ms: 若干个样本总数。
        p: 准确率，在 [0, 1] 内。

    Returns:
        每个总量一项，见 `Scale`。

    Raises:
        TypeError: 某个参数的类型不对。
        ValueError: 某个总量太小，或 p 不在 [0, 1] 内。

    Examples:
        >>> from dlnotes_lib.experiments.train_dev_test_sets import scales
        >>> (big,) = scales([10_000_000], p=0.9)
        >>> big.sizes, round(big.half_width, 4)
        ((9950000, 25000, 25000), 0.0037)
    """
    rows = []
    for m in ms:
        check_count("m", m)
        held_out = 0.2 if m <= 10_000 else 0.01 if m <= 1_000_000 else 0.0025
        sizes = split_sizes(m, (1 - 2 * held_out, held_out, held_out))
        rows.append(Scale(m, sizes, wald_interval(p, sizes[2])[1] - p))
    return rows


def selection_leak(rng: np.random.Generator) -> Leak:
    """标签与 5000 个特征毫无关系的 60 个样本，选 20 个特征再分类。

    分类器是最近质心；特征按与标签的相关程度选。抽样次序：特征、标签的次序、划分。

    Args:
        rng: 随机数生成器。

    Returns:
        两种次序下 20 个测试样本的准确率，见 `Leak`。

    Raises:
        TypeError: rng 不是生成器。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.train_dev_test_sets import selection_leak
        >>> leak = selection_leak(np.random.default_rng(0))
        >>> leak.leaky > 0.7 > leak.clean
        True
    """
    check_rng(rng)
    x = rng.standard_normal((5000, 60))
    y = np.repeat([-1.0, 1.0], 30)
    rng.shuffle(y)
    order = rng.permutation(60)
    train, test = order[:40], order[40:]
    return Leak(
        leaky=_centroids(x[_select(x, y)], y, train, test),
        clean=_centroids(x[_select(x[:, train], y[train])], y, train, test),
    )


def selection_leaks(repeats: int) -> list[Leak]:
    """用种子 0、1、…、repeats − 1 各做一次 `selection_leak`。

    Args:
        repeats: 重复多少次。

    Returns:
        每个种子的两个准确率。

    Raises:
        TypeError: repeats 不是整数。
        ValueError: repeats < 1。

    Examples:
        >>> from dlnotes_lib.experiments.train_dev_test_sets import selection_leaks
        >>> len(selection_leaks(3))
        3
    """
    check_count("repeats", repeats)
    return [selection_leak(np.random.default_rng(seed)) for seed in range(repeats)]


def _select(x: Array, y: Array) -> Index:
    """与标签最相关的 20 个特征的行号。"""
    return np.argsort(np.abs(x @ (y - y.mean())))[-20:]


def _centroids(x: Array, y: Array, train: Index, test: Index) -> float:
    """最近质心分类器：训练集上求两类的均值，看测试样本离哪个近。"""
    up = x[:, train[y[train] > 0]].mean(axis=1)
    down = x[:, train[y[train] < 0]].mean(axis=1)
    score = (up - down) @ (x[:, test] - (up + down)[:, None] / 2)
    return float(np.mean(np.sign(score) == y[test]))


def _binomial(n: int, p: float) -> Array:
    """P(c)，c = 0 … n；先取对数，n = 1000 也不下溢成错的数。"""
    check_count("n", n)
    check_interval("p", p, "(0, 1)")
    log = [
        math.lgamma(n + 1) - math.lgamma(c + 1) - math.lgamma(n - c + 1)
        + c * math.log(p) + (n - c) * math.log1p(-p)
        for c in range(n + 1)
    ]  # fmt: skip
    return np.exp(log)


def _ceil(n: float) -> int:
    # 恰为整数时浮点误差会让 ceil 多出一个
    return math.ceil(n * (1 - 1e-12))
