"""输入的标准化，以及它要治的病：条件数。

约定：样本按列排放，μ 与 σ 逐特征（逐行）算，形状 (n, 1)；`Standardizer` 是一个值，
造好就不再变，所以没有“还没拟合就使用”这回事；不改动输入。
不做：不划分数据（先划分，再只用训练集拟合）；不去相关（白化）。
"""

from dataclasses import dataclass

import numpy as np

from dlnotes_lib.arrays import Array, as_array, check_finite


@dataclass(frozen=True, eq=False)
class Standardizer:
    r"""逐特征减去均值、除以标准差；μ 与 σ 来自训练集，验证与测试照用。

    $$\hat x_j = \frac{x_j - \mu_j}{\sigma_j}$$

    训练集里恒定的特征 σ = 0，没有尺度可言：`transform` 一律给 0，哪怕新数据里它变了，
    因为它的权重从没有收到过数据的梯度；`inverse_transform` 给回 μ。

    Attributes:
        mean: μ，形状 (n, 1)；存的是只读的副本。
        std: σ，形状 (n, 1)，恒定的特征是 0；存的是只读的副本。

    Raises:
        TypeError: mean 或 std 不是实数数组。
        ShapeError: mean 不是 (n, 1)，或 std 与它不同形。
        ValueError: mean 或 std 有 NaN 或 Inf，或 std 有负数。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.preprocessing import Standardizer
        >>> x_train = np.array([[1, 2, 3, 4], [10, 10, 30, 30]])
        >>> scaler = Standardizer.fit(x_train)
        >>> scaler.mean.ravel().tolist(), scaler.std.ravel().round(4).tolist()
        ([2.5, 20.0], [1.118, 10.0])
        >>> scaler.transform(x_train).round(4).tolist()
        [[-1.3416, -0.4472, 0.4472, 1.3416], [-1.0, -1.0, 1.0, 1.0]]

    References:
        LeCun 等，1998，*Efficient BackProp*，第 4.3 节。scikit-learn 的
        ``StandardScaler`` 遇到恒定特征改除以 1，新数据里的变化会原样放进来；这里给 0。
    """

    mean: Array
    std: Array

    def __post_init__(self) -> None:
        mean = _real("mean", self.mean, (None, 1)).copy()
        std = _real("std", self.std, mean.shape).copy()
        check_finite("mean", mean)
        check_finite("std", std)
        if std.min() < 0:
            raise ValueError(f"std must be at least 0, got {std.min():g}")
        for name, value in (("mean", mean), ("std", std)):
            value.flags.writeable = False
            object.__setattr__(self, name, value)

    @classmethod
    def fit(cls, x: Array) -> "Standardizer":
        r"""由训练集算出 μ 与 σ。

        $$\mu = \frac1m\sum_i x^{(i)}, \qquad
        \sigma^2 = \frac1m\sum_i \bigl(x^{(i)} - \mu\bigr)^2$$

        恒定按“最大值等于最小值”判断：舍入会让恒定特征的 σ 差一点不是 0。

        Args:
            x: 训练集，形状 (n, m)。

        Returns:
            一个 `Standardizer`；float32 的输入得到 float32 的 μ 与 σ。

        Raises:
            TypeError: x 不是实数数组。
            ShapeError: x 不是二维。
            ValueError: x 有 NaN 或 Inf，或大到 σ 溢出。

        Examples:
            >>> import numpy as np
            >>> from dlnotes_lib.preprocessing import Standardizer
            >>> scaler = Standardizer.fit(np.array([[1.0, 3.0], [0.1, 0.1]]))
            >>> scaler.std.tolist()
            [[1.0], [0.0]]
        """
        x = _real("x", x, (None, None))
        check_finite("x", x)
        with np.errstate(over="ignore", invalid="ignore"):  # 溢出由 cls 报错
            mean = x.mean(axis=1, keepdims=True)
            std = np.sqrt(((x - mean) ** 2).mean(axis=1, keepdims=True))
        constant = x.max(axis=1, keepdims=True) == x.min(axis=1, keepdims=True)
        return cls(mean, np.where(constant, 0, std))

    def transform(self, x: Array) -> Array:
        """标准化：(x − μ) / σ；恒定的特征给 0。

        Args:
            x: 形状 (n, m)，m 任意，只有一个样本也行。其余特征里的 NaN 照样传下去。

        Returns:
            形状 (n, m)。

        Raises:
            TypeError: x 不是数值数组。
            ShapeError: x 不是二维，或特征数不是 n。

        Examples:
            >>> import numpy as np
            >>> from dlnotes_lib.preprocessing import Standardizer
            >>> mean, std = np.array([[5.0], [7.0]]), np.array([[2.0], [0.0]])
            >>> scaler = Standardizer(mean, std)
            >>> scaler.transform(np.array([[9.0], [8.0]])).tolist()
            [[2.0], [0.0]]
        """
        x = as_array("x", x, (self.mean.shape[0], None))
        varies = self.std > 0
        x_hat = (x - self.mean) / np.where(varies, self.std, 1)
        return np.where(varies, x_hat, 0)

    def inverse_transform(self, x_hat: Array) -> Array:
        """还原：σ x̂ + μ；恒定的特征给 μ。

        Args:
            x_hat: 标准化之后的数据，形状 (n, m)。

        Returns:
            形状 (n, m)。

        Raises:
            TypeError: x_hat 不是数值数组。
            ShapeError: x_hat 不是二维，或特征数不是 n。

        Examples:
            >>> import numpy as np
            >>> from dlnotes_lib.preprocessing import Standardizer
            >>> mean, std = np.array([[5.0], [7.0]]), np.array([[2.0], [0.0]])
            >>> scaler = Standardizer(mean, std)
            >>> scaler.inverse_transform(np.array([[2.0], [0.0]])).tolist()
            [[9.0], [7.0]]
        """
        x_hat = as_array("x_hat", x_hat, (self.mean.shape[0], None))
        return self.std * x_hat + self.mean


def with_ones(x: Array) -> Array:
    r"""在最下面加一行 1，于是偏置也是一个权重：$wx + b = [w\ b]\,\tilde x$。

    Args:
        x: 形状 (n, m)。

    Returns:
        $\tilde X$，形状 (n + 1, m)。

    Raises:
        TypeError: x 不是数值数组。
        ShapeError: x 不是二维。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.preprocessing import with_ones
        >>> with_ones(np.array([[5.0, 6.0]])).tolist()
        [[5.0, 6.0], [1.0, 1.0]]
    """
    x = as_array("x", x, (None, None))
    return np.vstack([x, np.ones_like(x[:1])])


def linear_hessian(x: Array) -> Array:
    r"""线性回归的代价的黑塞矩阵；它只由输入决定，与 w、b、Y 无关。

    $$J = \frac{1}{2m}\sum_i\bigl(wx^{(i)} + b - y^{(i)}\bigr)^2, \qquad
    H = \frac1m \tilde X \tilde X^{\top}$$

    Args:
        x: 输入，形状 (n, m)。

    Returns:
        H，形状 (n + 1, n + 1)，最后一行一列属于偏置。

    Raises:
        TypeError: x 不是实数数组。
        ShapeError: x 不是二维。
        ValueError: x 有 NaN 或 Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.preprocessing import linear_hessian
        >>> linear_hessian(np.array([[1.0, 3.0]])).tolist()
        [[5.0, 2.0], [2.0, 1.0]]
    """
    x = _real("x", x, (None, None))
    check_finite("x", x)
    x_tilde = with_ones(x)
    return x_tilde @ x_tilde.T / x.shape[1]


def condition_number(x: Array) -> float:
    r"""`linear_hessian` 的条件数：最大曲率与最小曲率之比，偏置计入。

    $$\kappa = \frac{\lambda_{\max}}{\lambda_{\min}}
    = \left(\frac{s_{\max}}{s_{\min}}\right)^2$$

    s 是 $\tilde X$ 的奇异值；由它来算，比先求 H 少损失一半的有效数字。没有偏置的模型用
    ``np.linalg.cond(x) ** 2``。

    Args:
        x: 输入，形状 (n, m)。

    Returns:
        κ，不小于 1。有特征恒定、特征之间线性相关或 m ≤ n 时，最小点不唯一，κ 是
        ``inf``；尺度差到双精度分不清时也是 ``inf``。

    Raises:
        TypeError: x 不是实数数组。
        ShapeError: x 不是二维。
        ValueError: x 有 NaN 或 Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.preprocessing import condition_number
        >>> round(condition_number(np.array([[-10.0, 10.0]])), 6)
        100.0
    """
    x = _real("x", x, (None, None)).astype(np.float64)
    check_finite("x", x)
    n, m = x.shape
    s = np.linalg.svd(with_ones(x), compute_uv=False)
    if m <= n or s[-1] <= s[0] * m * np.finfo(np.float64).eps:
        return float("inf")
    return (s[0] / s[-1]).item() ** 2


def _real(name: str, x: Array, shape: tuple[int | None, ...]) -> Array:
    x = as_array(name, x, shape)
    if np.iscomplexobj(x):
        raise TypeError(f"{name} must be real, got dtype {x.dtype}")
    return x
