"""激活函数。每个函数返回 ``(a, back)``，``back(da)`` 返回 ``(dz,)``。

保证：逐元素作用，任何形状都行，输出与输入同形；不溢出；float32 与复数保持原来的
dtype（复步微分要用复数，分支只看实部）；不改动输入。
不做：不拦 NaN 与 Inf，NaN 进就 NaN 出。softmax 不逐元素，在 `softmax`。
"""

import numpy as np

from dlnotes_lib.arrays import Array, Back, as_array, check_interval


def sigmoid(z: Array) -> tuple[Array, Back]:
    r"""Sigmoid：把任意实数压进 (0, 1)。

    $$a = \frac{1}{1 + e^{-z}} = \frac{e^{z}}{1 + e^{z}},
    \qquad \mathrm dz = \mathrm da \cdot a(1 - a)$$

    z 为负时用第二个写法，指数总不大于 1，|z| = 1000 也不溢出。

    Args:
        z: 任意形状。

    Returns:
        a，与 z 同形；back(da) 返回 (dz,)，与 z 同形。

    Raises:
        TypeError: z 或 da 不是实数或复数数组。
        ShapeError: z 没有元素，或 da 与 z 不同形。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.activations import sigmoid
        >>> a, back = sigmoid(np.array([-1000.0, 0.0, 1000.0]))
        >>> a.tolist()
        [0.0, 0.5, 1.0]
        >>> back(np.ones(3))[0].tolist()
        [0.0, 0.25, 0.0]
    """
    z = as_array("z", z)
    negative = z.real < 0
    e = np.exp(np.where(negative, z, -z))  # e^{-|z|}，不大于 1
    a = np.where(negative, e, 1) / (1 + e)

    def back(da: Array) -> tuple[Array]:
        da = as_array("da", da, z.shape)
        return (da * a * (1 - a),)

    return a, back


def tanh(z: Array) -> tuple[Array, Back]:
    r"""双曲正切：把任意实数压进 (−1, 1)，零点附近近似于直线 a = z。

    $$a = \tanh z, \qquad \mathrm dz = \mathrm da \cdot (1 - a^2)$$

    Args:
        z: 任意形状。

    Returns:
        a，与 z 同形；back(da) 返回 (dz,)，与 z 同形。

    Raises:
        TypeError: z 或 da 不是实数或复数数组。
        ShapeError: z 没有元素，或 da 与 z 不同形。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.activations import tanh
        >>> a, back = tanh(np.array([0.1, 2.0]))
        >>> a.round(4).tolist()
        [0.0997, 0.964]
        >>> back(np.ones(2))[0].round(4).tolist()
        [0.9901, 0.0707]
    """
    z = as_array("z", z)
    a = np.tanh(z)

    def back(da: Array) -> tuple[Array]:
        da = as_array("da", da, z.shape)
        return (da * (1 - a**2),)

    return a, back


def relu(z: Array) -> tuple[Array, Back]:
    r"""ReLU：正的照过，其余变成 0（不会出现 −0.0）。

    $$a = \max(z, 0), \qquad
    \mathrm dz = \begin{cases}\mathrm da & z > 0\\ 0 & z \le 0\end{cases}$$

    z = 0 处不可导，这里取 0。

    Args:
        z: 任意形状。

    Returns:
        a，与 z 同形；back(da) 返回 (dz,)，与 z 同形。

    Raises:
        TypeError: z 或 da 不是实数或复数数组。
        ShapeError: z 没有元素，或 da 与 z 不同形。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.activations import relu
        >>> a, back = relu(np.array([-2.0, 0.0, 3.0]))
        >>> a.tolist()
        [0.0, 0.0, 3.0]
        >>> back(np.array([5.0, 5.0, 5.0]))[0].tolist()
        [0.0, 0.0, 5.0]
    """
    z = as_array("z", z)
    on = z.real > 0  # 乘它，不用 np.where：真假参半时，分支让 np.where 慢几倍
    a = np.maximum(z, 0) * on  # 复数也只看实部

    def back(da: Array) -> tuple[Array]:
        da = as_array("da", da, z.shape)
        return (da * on + 0,)  # 加 0：不留 −0.0

    return a, back


def leaky_relu(z: Array, *, slope: float = 0.01) -> tuple[Array, Back]:
    r"""带泄漏的 ReLU：负的一侧不变成 0，而是乘一个小斜率。

    $$a = \begin{cases}z & z > 0\\ cz & z \le 0\end{cases}, \qquad
    \mathrm dz = \begin{cases}\mathrm da & z > 0\\ c\,\mathrm da & z \le 0\end{cases}$$

    Args:
        z: 任意形状。
        slope: 负侧的斜率 c，在 (0, 1) 内；要 c = 0 请用 `relu`。

    Returns:
        a，与 z 同形；back(da) 返回 (dz,)，与 z 同形。

    Raises:
        TypeError: z 或 da 不是实数或复数数组，slope 不是实数。
        ShapeError: z 没有元素，或 da 与 z 不同形。
        ValueError: slope 不在 (0, 1) 内。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.activations import leaky_relu
        >>> a, back = leaky_relu(np.array([-2.0, 3.0]), slope=0.1)
        >>> a.round(4).tolist()
        [-0.2, 3.0]
        >>> back(np.array([5.0, 5.0]))[0].round(4).tolist()
        [0.5, 5.0]
    """
    z = as_array("z", z)
    check_interval("slope", slope, "(0, 1)")
    positive = z.real > 0
    a = np.where(positive, z, slope * z)

    def back(da: Array) -> tuple[Array]:
        da = as_array("da", da, z.shape)
        return (np.where(positive, da, slope * da),)

    return a, back
