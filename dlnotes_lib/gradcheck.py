r"""梯度检验：反向传播给的 dθ，是不是代价 J(θ) 的梯度。

保证：θ 与参数表不被改动，代价函数每次拿到的都是新副本；代价有随机性就报错，不给
结论；输入与代价里有 NaN 或 Inf 也报错。
不做：不保证 J 本身写对了，只看导数与 J 是否一致；ReLU 拐点附近的差分不可信。
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from dlnotes_lib.arrays import Array, Params, as_array, check_finite, check_rng
from dlnotes_lib.differences import central_difference, numerical_gradient
from dlnotes_lib.packing import pack, unpack


def relative_error(a: Array, b: Array) -> float:
    r"""两个梯度的相对误差，与梯度的尺度无关。

    $$\frac{\lVert a - b\rVert_2}{\lVert a\rVert_2 + \lVert b\rVert_2}$$

    Args:
        a: 任意形状。
        b: 与 a 同形。

    Returns:
        0 到 1 之间的数；两者全为零时是 0。

    Raises:
        TypeError: a 或 b 不是数值数组。
        ShapeError: 形状不同。
        ValueError: 有 NaN 或 Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.gradcheck import relative_error
        >>> a = np.array([3.0, 4.0])
        >>> round(relative_error(a, 2 * a), 6), relative_error(0 * a, 0 * a)
        (0.333333, 0.0)
    """
    a = as_array("a", a)
    b = as_array("b", b, a.shape)
    check_finite("a", a)
    check_finite("b", b)
    scale = max(np.abs(a).max(), np.abs(b).max())  # 先除掉它，平方才不溢出也不变成零
    if scale == 0:
        return 0.0
    a, b = a / scale, b / scale
    return float(np.linalg.norm(a - b) / (np.linalg.norm(a) + np.linalg.norm(b)))


class GradCheck(NamedTuple):
    """梯度检验的结果；怎样得来见 `gradient_check`。

    Attributes:
        rel: 全部参数的相对误差。
        per_block: 各块的相对误差，键与参数表相同。
        worst: 误差最大的一块。
        verdict: ``"ok"``、``"suspicious"`` 或 ``"wrong"``，只由 rel 决定。

    Examples:
        >>> from dlnotes_lib.gradcheck import GradCheck
        >>> errors = {"W1": 3e-10, "b1": 0.2}
        >>> GradCheck(rel=0.1, per_block=errors, worst="b1", verdict="wrong").worst
        'b1'
    """

    rel: float
    per_block: dict[str, float]
    worst: str
    verdict: str


def gradient_check(
    cost: Callable[[Params], float],
    params: Params,
    grads: Params,
    *,
    eps: float = 1e-5,
) -> GradCheck:
    r"""把整张参数表拼成 θ，逐分量差分，与 grads 比较。

    $$\text{rel} = \frac{\lVert \mathrm d\theta_{\text{approx}} - \mathrm d\theta
    \rVert_2}{\lVert \mathrm d\theta_{\text{approx}}\rVert_2
    + \lVert \mathrm d\theta\rVert_2}$$

    课程的三条线是 1e-7（很好）、1e-5（复查）、1e-3（多半有错）。这里 rel ≤ 1e-7 判
    ``"ok"``，≤ 1e-5 判 ``"suspicious"``，再大判 ``"wrong"``：双精度、ε = 1e-5 时正确的
    实现在 1e-10 上下，而一块偏置的梯度多出 1% 就有 3e-4，不必等到 1e-3。
    rel 会淹没单个分量的小错，per_block 帮你找到它；但某块梯度本该全为零时，差分的
    舍入误差会让那块的相对误差接近 1，不算错。

    Args:
        cost: 代价 J，收参数表，返回一个实数；不能有随机性。
        params: 参数表，共 N 个数。
        grads: 待检验的梯度，键与形状同 params，次序可以不同。
        eps: 差分步长 ε。

    Returns:
        检验结果。

    Raises:
        TypeError: params、grads 或代价的类型不对。
        ShapeError: 某块梯度与参数不同形。
        ValueError: 键不同；cost 是随机的；有 NaN 或 Inf；eps ≤ 0。

    Examples:
        db 漏乘 2，看得出错在 b 这一块：

        >>> import numpy as np
        >>> from dlnotes_lib.gradcheck import gradient_check
        >>> w, b = np.array([3.0, -1.0]), np.array([2.0])
        >>> def cost(p):
        ...     return float((p["w"] ** 2).sum() + (p["b"] ** 2).sum())
        >>> result = gradient_check(cost, {"w": w, "b": b}, {"w": 2 * w, "b": b})
        >>> result.worst, result.verdict, round(result.per_block["b"], 4)
        ('b', 'wrong', 0.3333)
    """
    theta, grads = pack(params), _in_order(grads, params)
    d_approx = numerical_gradient(lambda v: cost(unpack(v, params)), theta, eps=eps)
    rel = relative_error(d_approx, pack(grads))
    blocks = unpack(d_approx, params)
    per_block = {name: relative_error(blocks[name], d) for name, d in grads.items()}
    worst = max(per_block, key=lambda name: per_block[name])
    verdict = "ok" if rel <= 1e-7 else "suspicious" if rel <= 1e-5 else "wrong"
    return GradCheck(rel, per_block, worst, verdict)


def directional_check(
    cost: Callable[[Params], float],
    params: Params,
    grads: Params,
    *,
    rng: np.random.Generator,
    eps: float = 1e-5,
) -> float:
    r"""沿一个随机方向 u 检验，只算 2 次代价，参数再多也做得起。

    $$\frac{J(\theta + \varepsilon u) - J(\theta - \varepsilon u)}{2\varepsilon}
    \approx u^{\top}\mathrm d\theta, \qquad \lVert u\rVert = 1$$

    Args:
        cost: 代价 J，收参数表，返回一个实数；有随机性这里查不出来。
        params: 参数表。
        grads: 待检验的梯度，键与形状同 params。
        rng: 随机数生成器，用来抽方向。
        eps: 差分步长 ε。

    Returns:
        两个方向导数的相对误差；碰巧 u 与 dθ 近乎垂直时偏大，换个方向再试。

    Raises:
        TypeError: 参数类型不对，或 rng 不是生成器。
        ShapeError: 某块梯度与参数不同形，或代价不是一个数。
        ValueError: 键不同；有 NaN 或 Inf；eps ≤ 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.gradcheck import directional_check
        >>> w, rng = np.linspace(-1, 1, 1000), np.random.default_rng(0)
        >>> def cost(p):
        ...     return float((p["w"] ** 2).sum())
        >>> directional_check(cost, {"w": w}, {"w": 2 * w}, rng=rng) < 1e-7
        True
    """
    check_rng(rng)
    theta, d_theta = pack(params), pack(_in_order(grads, params))
    u = rng.standard_normal(theta.size)
    u /= np.linalg.norm(u)
    slope = central_difference(
        lambda step: cost(unpack(theta + step * u, params)), 0.0, eps=eps
    )
    return relative_error(slope, u @ d_theta)


def _in_order(grads: Params, params: Params) -> Params:
    if not isinstance(grads, dict):
        raise TypeError(f"grads must be a dict of arrays, got {type(grads).__name__}")
    if grads.keys() != params.keys():
        raise ValueError(f"grads must have keys {list(params)}, got {list(grads)}")
    return {k: as_array(f"grads[{k!r}]", grads[k], np.shape(params[k])) for k in params}
