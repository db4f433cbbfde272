"""数据集。同一个种子得到同样的数据，因为抽样次序是固定的。

保证：样本按列排放，气温是一串数 (days,)；随机数只来自 ``rng``；不联网，手写数字就在
``digits.npz`` 里。
不做：合成的数据不切分、不归一化（见 `splits` 与 `preprocessing`）。
"""

from pathlib import Path

import numpy as np

from dlnotes_lib.arrays import (
    Array,
    check_count,
    check_interval,
    check_rng,
    to_columns,
)
from dlnotes_lib.splits import Split, train_dev_test_split

DIGITS = Path(__file__).with_name("digits.npz")


def make_moons(
    m: int, *, noise: float, rng: np.random.Generator
) -> tuple[Array, Array]:
    r"""两弯月牙：上弧标 0，下弧标 1，一条直线分不开。

    $$\text{上弧 } (\cos t, \sin t), \qquad
    \text{下弧 } (1 - \cos t,\ \tfrac12 - \sin t), \qquad t \sim U(0, \pi)$$

    抽样次序：上弧的 ⌊m/2⌋ 个 t，下弧的其余 t，噪声，最后打乱。

    Args:
        m: 样本数，不小于 2。
        noise: 噪声的标准差，不小于 0。
        rng: 随机数生成器。

    Returns:
        x，形状 (2, m)；y，形状 (1, m)，取值 0.0 或 1.0。

    Raises:
        TypeError: m 不是整数，noise 不是实数，或 rng 不是生成器。
        ValueError: m < 2，或 noise < 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.datasets import make_moons
        >>> x, y = make_moons(5, noise=0.2, rng=np.random.default_rng(0))
        >>> x.shape, y.shape, sorted(y.ravel().tolist())
        ((2, 5), (1, 5), [0.0, 0.0, 1.0, 1.0, 1.0])
    """
    check_count("m", m, 2)
    check_interval("noise", noise, "[0, inf)")
    check_rng(rng)
    half = m // 2
    t1 = rng.random(half) * np.pi
    t2 = rng.random(m - half) * np.pi
    upper = np.stack([np.cos(t1), np.sin(t1)])
    lower = np.stack([1 - np.cos(t2), 0.5 - np.sin(t2)])
    x = np.concatenate([upper, lower], axis=1)
    x = x + noise * rng.standard_normal(x.shape)
    y = np.concatenate([np.zeros(half), np.ones(m - half)]).reshape(1, m)
    order = rng.permutation(m)
    return x[:, order], y[:, order]


def london_like_trend(days: int) -> Array:
    r"""虚构城市的真趋势：没有噪声时，第 t 天该有的气温，t 从 1 数起。

    $$11 + 7\sin\frac{2\pi(t - 110)}{365}$$

    Args:
        days: 天数，不小于 1；一年是 365 天。

    Returns:
        气温（℃），形状 (days,)；在 4 到 18 之间。

    Raises:
        TypeError: days 不是整数。
        ValueError: days < 1。

    Examples:
        >>> from dlnotes_lib.datasets import london_like_trend
        >>> trend = london_like_trend(365)
        >>> float(trend[109]), round(float(trend.max()), 2), int(trend.argmax()) + 1
        (11.0, 18.0, 201)
    """
    check_count("days", days)
    t = np.arange(1, days + 1)
    return 11 + 7 * np.sin(2 * np.pi * (t - 110) / 365)


def london_like(days: int, *, rng: np.random.Generator) -> Array:
    r"""虚构城市每天的气温：真趋势加标准差 2.5 的噪声。是造的，不是伦敦的记录。

    $$\theta_t = 11 + 7\sin\frac{2\pi(t - 110)}{365} + 2.5\,\xi_t,
    \qquad \xi_t \sim N(0, 1)$$

    抽样次序：第 1 天到第 days 天的 ξ，一次抽完；多要几天，前面的不变。

    Args:
        days: 天数，不小于 1。
        rng: 随机数生成器。

    Returns:
        气温（℃），形状 (days,)；真趋势见 `london_like_trend`。

    Raises:
        TypeError: days 不是整数，或 rng 不是生成器。
        ValueError: days < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.datasets import london_like
        >>> london_like(365, rng=np.random.default_rng(42)).shape
        (365,)
    """
    check_rng(rng)
    return london_like_trend(days) + 2.5 * rng.standard_normal(days)


def load_digits_split(*, rng: np.random.Generator) -> Split:
    """8×8 的手写数字 1797 个，随机划成 1197、300、300 个。

    Args:
        rng: 随机数生成器，只用一次 ``permutation(1797)``。

    Returns:
        三份数据，见 `dlnotes_lib.splits.Split`；x 的形状是 (64, m)，灰度 0–16 除以
        16；y 是 (m,) 的整数标签 0–9。

    Raises:
        TypeError: rng 不是生成器。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.datasets import load_digits_split
        >>> digits = load_digits_split(rng=np.random.default_rng(0))
        >>> digits.train.x.shape, digits.dev.y.shape, float(digits.test.x.max())
        ((64, 1197), (300,), 1.0)

    References:
        Alpaydin & Kaynak, 1998, Optical Recognition of Handwritten Digits, UCI
        Machine Learning Repository（CC BY 4.0）；scikit-learn 自带的也是这一份。
    """
    check_rng(rng)
    with np.load(DIGITS) as stored:
        x, y = to_columns(stored["x"] / 16), stored["y"].astype(np.int64)
    m = y.size
    ratios = (1 - 600 / m, 300 / m, 300 / m)
    return train_dev_test_split(x, y, ratios=ratios, rng=rng)
