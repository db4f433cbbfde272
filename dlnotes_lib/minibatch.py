"""小批量：把数据打乱，切成一批一批。

保证：x 与 y 用同一个排列，每个样本一轮恰好用一次；末批可能不足 size 个；不改动输入。
不做：不算损失，不除以批大小（样本平均在 `losses` 里），不跨轮拼批。
"""

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np

from dlnotes_lib.arrays import Array, ShapeError, as_array, check_count, check_rng

Batch: TypeAlias = tuple[Array, Array]


def num_batches(m: int, *, size: int) -> int:
    r"""一轮有几批：$\lceil m / b\rceil$。

    Args:
        m: 样本数，不小于 1。
        size: 批大小 b，不小于 1。

    Returns:
        批数，也就是一轮走几步。

    Raises:
        TypeError: m 或 size 不是整数。
        ValueError: m 或 size 小于 1。

    Examples:
        >>> from dlnotes_lib.minibatch import num_batches
        >>> num_batches(5_000_000, size=1000), num_batches(1000, size=64)
        (5000, 16)
    """
    check_count("m", m)
    check_count("size", size)
    return -(-m // size)


def iterate(
    x: Array, y: Array, *, size: int, rng: np.random.Generator
) -> Iterator[Batch]:
    r"""打乱一次，切成小批，依次交出一轮的 $(X^{\{t\}}, Y^{\{t\}})$。

    Args:
        x: 输入，形状 (n_x, m)。
        y: 标签，形状 (m,) 或 (k, m)。
        size: 批大小 b，不小于 1；大于 m 时整轮只有一批。
        rng: 随机数生成器；调用时就用掉一个 ``permutation(m)``。

    Returns:
        迭代器，每次交出 (x, y)，形状 (n_x, b) 与 (b,) 或 (k, b)；末批可能更小。

    Raises:
        TypeError: x 或 y 不是数值数组，size 不是整数，或 rng 不是生成器。
        ShapeError: x 不是二维，或 y 的样本数不是 m。
        ValueError: size < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.minibatch import iterate
        >>> x, y = np.arange(20.0).reshape(2, 10), np.arange(10)
        >>> for bx, by in iterate(x, y, size=4, rng=np.random.default_rng(0)):
        ...     print(bx.shape, (bx[0] == by).all())
        (2, 4) True
        (2, 4) True
        (2, 2) True
    """
    x, y = _paired(x, y)
    check_count("size", size)
    check_rng(rng)
    m = x.shape[1]
    order = rng.permutation(m)
    x, y = x[:, order], y[..., order]
    return ((x[:, i : i + size], y[..., i : i + size]) for i in range(0, m, size))


def epochs(
    x: Array, y: Array, *, size: int, count: int, rng: np.random.Generator
) -> Iterator[Batch]:
    """连着走 count 轮，每轮重新打乱。

    Args:
        x: 输入，形状 (n_x, m)。
        y: 标签，形状 (m,) 或 (k, m)。
        size: 批大小，不小于 1。
        count: 轮数，不小于 1。
        rng: 随机数生成器，每轮用掉一个 ``permutation(m)``。

    Returns:
        迭代器，共 count × ⌈m/size⌉ 批，正是 `dlnotes_lib.train.train` 要的 batches。

    Raises:
        TypeError: x 或 y 不是数值数组，size 或 count 不是整数，或 rng 不是生成器。
        ShapeError: x 不是二维，或 y 的样本数不是 m。
        ValueError: size 或 count 小于 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.minibatch import epochs
        >>> x, y = np.zeros((2, 10)), np.zeros(10)
        >>> rng = np.random.default_rng(0)
        >>> sum(1 for _ in epochs(x, y, size=4, count=5, rng=rng))
        15
    """
    x, y = _paired(x, y)
    check_count("size", size)
    check_count("count", count)
    check_rng(rng)
    return (batch for _ in range(count) for batch in iterate(x, y, size=size, rng=rng))


def _paired(x: Array, y: Array) -> Batch:
    x, given = as_array("x", x, (None, None)), as_array("y", y)
    m = x.shape[1]
    if given.ndim not in (1, 2) or given.shape[-1] != m:
        raise ShapeError(f"y must have shape ({m},) or (*, {m}), got {given.shape}")
    return x, np.asarray(y)  # 整数标签保持整数
