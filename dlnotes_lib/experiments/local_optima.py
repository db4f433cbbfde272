"""2.10 节的实验：小网络的鞍点、全正的概率、鞍面与平台上的优化器。

保证：只算不画；网络只有四个点的数据，全批量，没有噪声；要随机数的只用传进来的 rng。
不做：不按优化器各自搜索步长，同一个 α = 0.1 只为看机理，不是排名。
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dlnotes_lib.arrays import Array, Params, as_array, check_count, check_rng
from dlnotes_lib.landscapes import Plateau, Saddle
from dlnotes_lib.models import MLP
from dlnotes_lib.optimizers import SGD, Adam, HeavyBall, Momentum, Optimizer, RMSprop
from dlnotes_lib.packing import pack, unpack

POINTS = np.array([[-1.0, -1.0, 1.0, 1.0], [-1.0, 1.0, -1.0, 1.0]])
SPLIT = np.array([[0.0, 0.0, 1.0, 1.0]])  # 标签就是 x₁ 的符号
XOR = np.array([[0.0, 1.0, 1.0, 0.0]])  # 异或

RACERS: dict[str, Optimizer] = {
    "梯度下降": SGD(lr=0.1),
    "动量，课程写法": Momentum(lr=0.1, beta=0.9),
    "动量，经典写法": HeavyBall(lr=0.1, beta=0.9),
    "RMSprop": RMSprop(lr=0.1, beta=0.9),
    "Adam": Adam(lr=0.1),
}


@dataclass(frozen=True, eq=False, kw_only=True)
class TinyNet:
    """一个 2–hidden–1 的 tanh 网络在四个点上的代价，写成 θ 的函数。

    θ 依次是 W1、b1、W2、b2，共 4·hidden + 1 个数；可以是复数。

    Attributes:
        hidden: 隐藏单元的个数。
        labels: 四个点的标签，形状 (1, 4)，只有 0 与 1。
        lambd: L2 系数 λ；只罚 W。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.local_optima import XOR, TinyNet
        >>> net = TinyNet(hidden=3, labels=XOR)
        >>> net.size, round(net.cost(np.zeros(13)), 4)
        (13, 0.6931)
        >>> bool((net.grad(np.zeros(13)) == 0).all())
        True
    """

    hidden: int
    labels: Array
    lambd: float = 0.0

    def __post_init__(self) -> None:
        check_count("hidden", self.hidden)
        as_array("labels", self.labels, (1, 4))

    @property
    def size(self) -> int:
        """θ 有几个数。"""
        return 4 * self.hidden + 1

    def cost(self, theta: Array) -> float:
        """J(θ)；θ 形状 (size,)。"""
        return self._model().cost(self._params(theta), POINTS, self.labels)

    def grad(self, theta: Array) -> Array:
        """J 在 θ 处的梯度，形状 (size,)。"""
        rng = np.random.default_rng(0)  # 没有 dropout，用不到
        params = self._params(theta)
        _, grads = self._model().loss_and_grad(params, POINTS, self.labels, rng=rng)
        return pack(grads)

    def scores(self, theta: Array) -> Array:
        """四个点的打分，形状 (1, 4)；大于 0 判为 1。"""
        return self._model().scores(self._params(theta), POINTS)

    def init(self, rng: np.random.Generator) -> Array:
        """Xavier 初始化的 θ，形状 (size,)。"""
        return pack(self._model().init(rng))

    def _model(self) -> MLP:
        return MLP(
            sizes=(2, self.hidden, 1),
            activation="tanh",
            loss="bce",
            scheme="xavier",
            lambd=self.lambd,
        )

    def _params(self, theta: Array) -> Params:
        h = self.hidden
        shapes = {"W1": (h, 2), "b1": (h, 1), "W2": (1, h), "b2": (1, 1)}
        theta = as_array("theta", theta, (self.size,))
        return unpack(theta, {name: np.zeros(shape) for name, shape in shapes.items()})


def small_start(scale: float, size: int) -> Array:
    """离零点很近的起点 scale·(sin 1, sin 2, …)：方向随便取，但没有随机数。

    Args:
        scale: 有多近。
        size: θ 有几个数，不小于 1。

    Returns:
        起点，形状 (size,)。

    Raises:
        ValueError: size < 1。

    Examples:
        >>> from dlnotes_lib.experiments.local_optima import small_start
        >>> small_start(0.1, 3).round(4).tolist()
        [0.0841, 0.0909, 0.0141]
    """
    check_count("size", size)
    return scale * np.sin(np.arange(1.0, size + 1))


def settle(
    net: TinyNet, *, rng: np.random.Generator, steps: int
) -> tuple[Array, Array]:
    """从 Xavier 初始化出发，用 Adam（α = 0.05）走 steps 步。

    Args:
        net: 网络。
        rng: 随机数生成器，只用来初始化。
        steps: 步数，不小于 1。

    Returns:
        起点与终点，形状都是 (net.size,)。

    Raises:
        TypeError: rng 不是随机数生成器，或 steps 不是整数。
        ValueError: steps < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.local_optima import XOR, TinyNet, settle
        >>> net = TinyNet(hidden=2, labels=XOR, lambd=0.04)
        >>> start, end = settle(net, rng=np.random.default_rng(0), steps=100)
        >>> net.cost(end) < net.cost(start)
        True
    """
    check_rng(rng)
    check_count("steps", steps)
    start = theta = net.init(rng)
    adam = Adam(lr=0.05)
    state = adam.init(theta)
    for _ in range(steps):
        theta, state = adam.update(theta, net.grad(theta), state)
    return start, theta


def first_step(
    optimizer: Optimizer,
    grad: Callable[[Array], Array],
    w0: Array,
    *,
    reached: Callable[[Array], bool],
    max_steps: int,
) -> int | None:
    """走到第几步第一次 reached(w) 为真。

    Args:
        optimizer: 优化器。
        grad: 梯度函数。
        w0: 起点。
        reached: 到了没有。
        max_steps: 最多走几步，不小于 1。

    Returns:
        步数（起点就满足则是 0）；走不到是 None。

    Raises:
        ValueError: max_steps < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.local_optima import first_step
        >>> from dlnotes_lib.optimizers import SGD
        >>> first_step(
        ...     SGD(lr=0.5),
        ...     lambda w: -w,
        ...     np.array([0.01]),
        ...     reached=lambda w: w[0] >= 1,
        ...     max_steps=99,
        ... )
        12
    """
    check_count("max_steps", max_steps)
    w, state = w0, optimizer.init(w0)
    for t in range(max_steps + 1):
        if reached(w):
            return t
        w, state = optimizer.update(w, grad(w), state)
    return None


def steps_to_floor(
    optimizer: Optimizer, landscape: Saddle | Plateau, w0: Array, *, floor: float
) -> int | None:
    """代价第一次比最低值高不到 0.001 是第几步；3000 步还不行是 None。

    Args:
        optimizer: 优化器。
        landscape: 鞍面或平台。
        w0: 起点。
        floor: 代价的最低值。

    Returns:
        步数，或 None。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.local_optima import steps_to_floor
        >>> from dlnotes_lib.landscapes import Saddle
        >>> from dlnotes_lib.optimizers import SGD
        >>> start = np.array([1.0, 1e-6])
        >>> steps_to_floor(SGD(lr=0.5), Saddle(), start, floor=-0.25)
        36
    """
    return first_step(
        optimizer,
        landscape.grad,
        w0,
        reached=lambda w: landscape.cost(w) < floor + 0.001,
        max_steps=3000,
    )


def goe(n: int, count: int, *, rng: np.random.Generator) -> Array:
    """随机对称矩阵：对角元方差 1，其余方差 ½（高斯正交系综）。

    Args:
        n: 阶数，不小于 1。
        count: 个数，不小于 1。
        rng: 随机数生成器。

    Returns:
        形状 (count, n, n)。

    Raises:
        TypeError: rng 不是随机数生成器。
        ValueError: n < 1 或 count < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.local_optima import goe
        >>> h = goe(3, 10, rng=np.random.default_rng(0))
        >>> h.shape, bool((h == h.transpose(0, 2, 1)).all())
        ((10, 3, 3), True)
    """
    check_rng(rng)
    check_count("n", n)
    check_count("count", count)
    a = rng.standard_normal((count, n, n))
    return (a + a.transpose(0, 2, 1)) / 2


def all_positive_probability(n: int) -> float:
    r"""n 阶高斯正交系综的特征值全为正的概率，精确值。

    特征值的联合密度正比于 $\prod_{i<j}|\lambda_i-\lambda_j|\,e^{-\sum\lambda_i^2/2}$。
    de Bruijn 的公式把它在“每个 λ 都在区间 I 里”上的积分写成反对称矩阵 A(I) 的普法夫式，
    平方就是行列式，于是

    $$p_n = \sqrt{\frac{\det A(0,\infty)}{\det A(-\infty,\infty)}}$$

    Args:
        n: 阶数，1 到 12；再大，双精度的行列式就不可靠了。

    Returns:
        概率。

    Raises:
        ValueError: n 不在 1 到 12 之间。

    Examples:
        >>> from dlnotes_lib.experiments.local_optima import all_positive_probability
        >>> [round(all_positive_probability(n), 5) for n in (1, 2, 3)]
        [0.5, 0.14645, 0.02492]

    References:
        de Bruijn, 1955, On some multiple integrals involving determinants.
    """
    check_count("n", n)
    if n > 12:
        raise ValueError(f"n must be at most 12, got {n}")
    quarter = math.pi / 4
    half = _skew(n, (0.0, quarter, 2 * quarter))
    full = _skew(n, (-3 * quarter, quarter, 5 * quarter))
    return math.sqrt(np.linalg.det(half) / np.linalg.det(full))


def _skew(n: int, cuts: tuple[float, float, float]) -> Array:
    """A[i, j] = ∬ sgn(y − x) xⁱyʲ e^{−(x² + y²)/2}，用极坐标；n 为奇数时添一行一列。"""
    power = np.arange(float(n))
    node, weight = np.polynomial.legendre.leggauss(40)
    a = np.zeros((n + n % 2, n + n % 2))
    for low, high, sign in ((*cuts[:2], -1), (*cuts[1:], 1)):
        angle = (low + high) / 2 + (high - low) / 2 * node
        c, s = np.cos(angle) ** power[:, None], np.sin(angle) ** power[:, None]
        a[:n, :n] += sign * (high - low) / 2 * (c * weight) @ s.T
    total = power[:, None] + power
    a[:n, :n] *= _moment(total + 1)
    if n % 2:
        sides = 1 if cuts[0] == 0 else 1 + (-1.0) ** power
        a[:n, n] = sides * _moment(power)
        a[n, :n] = -a[:n, n]
    return a


def _moment(k: Array) -> Array:
    """∫₀^∞ rᵏ e^{−r²/2} dr。"""
    gamma = np.vectorize(math.gamma, otypes=[float])
    return 2 ** ((k - 1) / 2) * gamma((k + 1) / 2)
