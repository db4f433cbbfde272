"""数据集。同一个种子得到同样的数据，因为抽样次序是固定的。

保证：样本按列排放；随机数只来自 ``rng``；不联网，手写数字就在 ``digits.npz`` 里。
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
