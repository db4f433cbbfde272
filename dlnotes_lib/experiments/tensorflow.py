r"""3.11 节的计算：一条抛物线上的梯度下降，用几位有效数字算，就停在离最低点多远的地方。

保证：只算不画；没有随机数；`descent_path` 真的用 NumPy 的那种浮点数来算，另外几个函数
在双精度里每算一次就舍入一次，位数随意（bfloat16 是 8 位）。
不做：不管指数的范围（上溢与下溢），也不导入任何框架；框架的代码写在页面上。
"""

import math

import numpy as np
from numpy.typing import DTypeLike

from dlnotes_lib.arrays import Array, as_array, check_count, check_interval
from dlnotes_lib.landscapes import descend
from dlnotes_lib.optimizers import SGD

COURSE = (1.0, -10.0, 25.0)  # 课程的系数：J(w) = w² − 10w + 25


def descent_path(
    coefficients: tuple[float, float, float] = COURSE,
    *,
    dtype: DTypeLike,
    lr: float = 0.01,
    steps: int = 1000,
) -> Array:
    r"""从 0 出发，在抛物线 $aw^2 + bw + c$ 上走梯度下降。

    $$\mathrm dw = 2aw + b, \qquad w \leftarrow w - \alpha\,\mathrm dw$$

    Args:
        coefficients: 系数 (a, b, c)；c 不影响路径。
        dtype: 用哪种浮点数算，例如 ``np.float32``。
        lr: 学习率 α。
        steps: 步数，不小于 1。

    Returns:
        经过的点，形状 (steps + 1,)，类型是 dtype。

    Raises:
        TypeError: dtype 不是浮点类型，或 lr、steps 的类型不对。
        ValueError: lr < 0，steps < 1，或者发散了。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.tensorflow import descent_path
        >>> w = descent_path(dtype=np.float64, steps=2)
        >>> w.round(6).tolist()
        [0.0, 0.1, 0.198]
    """
    if not np.issubdtype(dtype, np.floating):
        raise TypeError(f"dtype must be a floating type, got {dtype!r}")
    a, b, _ = coefficients

    def grad(w: Array) -> Array:
        return 2 * a * w + b

    return descend(SGD(lr=lr), grad, np.zeros(1, dtype), steps=steps).ravel()


def closed_form(
    coefficients: tuple[float, float, float] = COURSE,
    *,
    lr: float = 0.01,
    steps: int = 1000,
) -> Array:
    r"""同一条路的闭式，没有舍入误差（除了最后算这个式子时的）。

    $$w_\ast = -\frac{b}{2a}, \qquad w_k = w_\ast\bigl(1 - (1 - 2a\alpha)^k\bigr)$$

    Args:
        coefficients: 系数 (a, b, c)，a 大于 0。
        lr: 学习率 α，不小于 0。
        steps: 步数，不小于 1。

    Returns:
        w₀ 到 w_steps，形状 (steps + 1,)。

    Raises:
        TypeError: lr 或 a 不是实数，或 steps 不是整数。
        ValueError: a ≤ 0，lr < 0，或 steps < 1。

    Examples:
        >>> from dlnotes_lib.experiments.tensorflow import closed_form
        >>> closed_form((1.0, -20.0, 100.0), steps=2).round(6).tolist()
        [0.0, 0.2, 0.396]
    """
    a, b, _ = coefficients
    check_interval("coefficients[0]", a, "(0, inf)")
    check_interval("lr", lr, "[0, inf)")
    check_count("steps", steps)
    k = np.arange(steps + 1.0)
    w_star = -b / (2 * a)
    return w_star * (1 - (1 - 2 * a * lr) ** k)


def last_move(path: Array) -> int:
    """路径最后一次变化是第几步；从来没有变过就是 0。

    Args:
        path: 经过的点，形状 (steps + 1,)，第 0 个是起点。

    Returns:
        步数，从 1 数起。

    Raises:
        TypeError: path 不是数值数组。
        ShapeError: path 不是一维。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.tensorflow import last_move
        >>> last_move(np.array([0.0, 1.0, 1.0, 2.0, 2.0]))
        3
    """
    path = as_array("path", path, (None,))
    moved = np.flatnonzero(path[1:] != path[:-1]) + 1
    return int(moved.max(initial=0))


def ulp(x: float, *, bits: int) -> float:
    r"""p 位有效数字的浮点数里，x 处的末位单位：相邻两个数的间距。

    $$\mathrm{ulp}(x) = 2^{e - p}, \qquad 2^{e-1} \le |x| < 2^e$$

    Args:
        x: 在哪里，有限的数。
        bits: 有效数字的位数 p，不小于 1；float64 是 53，float32 是 24，float16 是 11，
            bfloat16 是 8。

    Returns:
        间距。

    Raises:
        TypeError: x 不是实数，或 bits 不是整数。
        ValueError: x 是 NaN 或 Inf，或 bits < 1。

    Examples:
        >>> from dlnotes_lib.experiments.tensorflow import ulp
        >>> ulp(5.0, bits=11), ulp(5.0, bits=8)
        (0.00390625, 0.03125)
    """
    check_interval("x", x, "(-inf, inf)")
    check_count("bits", bits)
    _, e = math.frexp(x)
    return math.ldexp(1.0, e - bits)


def rounded(x: float, *, bits: int) -> float:
    """舍入到 p 位有效数字；恰在正中就取偶的那个。

    Args:
        x: 有限的数。
        bits: 有效数字的位数 p，不小于 1。

    Returns:
        最近的、p 位写得下的数；不管指数的范围。

    Raises:
        TypeError: x 不是实数，或 bits 不是整数。
        ValueError: x 是 NaN 或 Inf，或 bits < 1。

    Examples:
        >>> from dlnotes_lib.experiments.tensorflow import rounded
        >>> rounded(5.01, bits=8), rounded(5.02, bits=8)
        (5.0, 5.03125)
    """
    unit = ulp(x, bits=bits)
    return round(x / unit) * unit


def stall_error(w_star: float, *, bits: int, lr: float) -> float:
    r"""在 $(w - w_\ast)^2$ 上，离最低点不足这么远，一步就小于半个 ulp，w 不再变。

    $$2\alpha\,|w - w_\ast| < \tfrac12\mathrm{ulp}(w_\ast)
    \iff |w - w_\ast| < \frac{\mathrm{ulp}(w_\ast)}{4\alpha}$$

    Args:
        w_star: 最低点 w*；w 与它在同一个 2 的幂区间里才准。
        bits: 有效数字的位数 p。
        lr: 学习率 α，大于 0。

    Returns:
        距离的界。

    Raises:
        TypeError: w_star 或 lr 不是实数，或 bits 不是整数。
        ValueError: lr ≤ 0，bits < 1，或 w_star 是 NaN 或 Inf。

    Examples:
        >>> from dlnotes_lib.experiments.tensorflow import stall_error
        >>> stall_error(5.0, bits=8, lr=0.0625)
        0.125
    """
    check_interval("w_star", w_star, "(-inf, inf)")
    check_interval("lr", lr, "(0, inf)")
    return ulp(w_star, bits=bits) / (4 * lr)


def precision_path(
    *, weight_bits: int, grad_bits: int, lr: float = 0.01, steps: int = 1000
) -> Array:
    """在课程的抛物线上，权重存成一种位数，梯度用另一种位数算，每算一次都舍入。

    两种位数相同，就是处处用同一种精度；weight_bits 更大，就是混合精度：主权重留在高
    精度，算梯度前先舍入成低精度。

    Args:
        weight_bits: 权重与更新的有效位数。
        grad_bits: 算梯度用的有效位数。
        lr: 学习率 α，不小于 0。
        steps: 步数，不小于 1。

    Returns:
        权重经过的点，形状 (steps + 1,)，float64。

    Raises:
        TypeError: lr 不是实数，或位数、steps 不是整数。
        ValueError: lr < 0，或位数、steps 小于 1，或者发散了。

    Examples:
        >>> from dlnotes_lib.experiments.tensorflow import precision_path
        >>> [
        ...     precision_path(weight_bits=p, grad_bits=8)[-1].round(3).item()
        ...     for p in (8, 24)
        ... ]
        [4.25, 4.984]
    """
    check_interval("lr", lr, "[0, inf)")
    check_count("weight_bits", weight_bits)
    check_count("grad_bits", grad_bits)
    check_count("steps", steps)
    w, path = 0.0, [0.0]
    alpha = rounded(lr, bits=weight_bits)
    for _ in range(steps):
        w_low = rounded(w, bits=grad_bits)
        dw = rounded(2 * w_low - 10, bits=grad_bits)
        step = rounded(alpha * dw, bits=weight_bits)
        w = rounded(w - step, bits=weight_bits)
        path.append(w)
    return np.array(path)
