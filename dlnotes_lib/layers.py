"""线性层。返回 ``(z, back)``，``back(dz)`` 按参数次序返回梯度。

保证：样本按列排放，``x.shape == (n_in, m)``；层没有状态；float32 与复数保持原来的
dtype；不改动输入。back 记住的是 x 与 w 本身，不是副本：在 back 之前别原地修改它们。
不做：不初始化参数（见 `initializers`），不除以 m（dz 里已经有 1/m，见 `losses`），
不拦 NaN 与 Inf，NaN 进就 NaN 出。
"""

from dlnotes_lib.arrays import Array, Back, as_array


def linear(x: Array, w: Array, b: Array) -> tuple[Array, Back]:
    r"""线性层 z = Wx + b。

    $$z = Wx + b, \qquad \mathrm dx = W^{\top}\mathrm dz, \quad
    \mathrm dW = \mathrm dz\, x^{\top}, \quad
    \mathrm db = \sum_{i=1}^{m} \mathrm dz^{(i)}$$

    Args:
        x: 输入，形状 (n_in, m)。
        w: 权重，形状 (n_out, n_in)。
        b: 偏置，形状 (n_out, 1)。

    Returns:
        z，形状 (n_out, m)；back(dz) 返回 (dx, dw, db)，形状依次与 x、w、b 相同。

    Raises:
        TypeError: 某个参数不是实数或复数数组。
        ShapeError: 某个参数的形状不符，消息里写明是哪一个。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.layers import linear
        >>> x, w = np.ones((3, 5)), np.ones((2, 3))
        >>> z, back = linear(x, w, np.zeros((2, 1)))
        >>> z.shape, [d.shape for d in back(z)]
        ((2, 5), [(3, 5), (2, 3), (2, 1)])
        >>> linear(x, w.T, np.zeros((2, 1)))
        Traceback (most recent call last):
        dlnotes_lib.arrays.ShapeError: w must have shape (*, 3), got (3, 2)
    """
    x = as_array("x", x, (None, None))
    w = as_array("w", w, (None, x.shape[0]))
    b = as_array("b", b, (w.shape[0], 1))
    z = w @ x + b

    def back(dz: Array) -> tuple[Array, Array, Array]:
        dz = as_array("dz", dz, z.shape)
        dx = w.T @ dz
        dw = dz @ x.T
        db = dz.sum(axis=1, keepdims=True)
        return dx, dw, db

    return z, back


def linear_of_data(x: Array, w: Array, b: Array) -> tuple[Array, Back]:
    r"""第一层的 `linear`：x 是数据，不求它的梯度。

    省下的 $\mathrm dx = W^{\top}\mathrm dz$ 是一次矩阵乘法；输入越宽，省得越多。

    Args:
        x: 数据，形状 (n_in, m)。
        w: 权重，形状 (n_out, n_in)。
        b: 偏置，形状 (n_out, 1)。

    Returns:
        z，形状 (n_out, m)；back(dz) 只返回 (dw, db)，形状依次与 w、b 相同。

    Raises:
        TypeError: 某个参数不是实数或复数数组。
        ShapeError: 某个参数的形状不符，消息里写明是哪一个。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.layers import linear_of_data
        >>> x, w = np.ones((3, 5)), np.ones((2, 3))
        >>> z, back = linear_of_data(x, w, np.zeros((2, 1)))
        >>> z.shape, [d.shape for d in back(z)]
        ((2, 5), [(2, 3), (2, 1)])
    """
    x = as_array("x", x, (None, None))
    w = as_array("w", w, (None, x.shape[0]))
    b = as_array("b", b, (w.shape[0], 1))
    z = w @ x + b

    def back(dz: Array) -> tuple[Array, Array]:
        dz = as_array("dz", dz, z.shape)
        dw = dz @ x.T
        db = dz.sum(axis=1, keepdims=True)
        return dw, db

    return z, back


def matmul(x: Array, w: Array) -> tuple[Array, Back]:
    r"""没有偏置的线性层 z = Wx：后面接批量归一化时，b 会被均值减掉。

    $$z = Wx, \qquad \mathrm dx = W^{\top}\mathrm dz, \quad
    \mathrm dW = \mathrm dz\, x^{\top}$$

    Args:
        x: 输入，形状 (n_in, m)。
        w: 权重，形状 (n_out, n_in)。

    Returns:
        z，形状 (n_out, m)；back(dz) 返回 (dx, dw)，形状依次与 x、w 相同。

    Raises:
        TypeError: 某个参数不是实数或复数数组。
        ShapeError: 某个参数的形状不符，消息里写明是哪一个。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.layers import matmul
        >>> z, back = matmul(np.ones((3, 5)), np.ones((2, 3)))
        >>> z.shape, [d.shape for d in back(z)]
        ((2, 5), [(3, 5), (2, 3)])
    """
    x = as_array("x", x, (None, None))
    w = as_array("w", w, (None, x.shape[0]))
    z = w @ x

    def back(dz: Array) -> tuple[Array, Array]:
        dz = as_array("dz", dz, z.shape)
        dx = w.T @ dz
        dw = dz @ x.T
        return dx, dw

    return z, back
