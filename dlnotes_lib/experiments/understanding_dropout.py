"""1.7 节的实验：线性回归在 dropout 下的闭式解、真的抽掩码训练、两弯月牙上的小网络。

约定：线性回归的 x 形状 (n, m)，y 形状 (1, m)，w 形状 (1, n)，损失是平方和；网络的代价
是样本平均。抽样次序固定：数据、参数、然后是每一步的掩码。
不做：不算期望损失，那是 `dropout.dropout_linreg_loss`。
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from dlnotes_lib.arrays import (
    Array,
    Params,
    as_array,
    check_count,
    check_finite,
    check_interval,
    check_rng,
)
from dlnotes_lib.datasets import make_moons
from dlnotes_lib.dropout import dropout
from dlnotes_lib.models import MLP
from dlnotes_lib.optimizers import SGD, Adam
from dlnotes_lib.train import train

SIZES = (2, 64, 64, 1)
NOISE = 0.5  # 线性回归目标里噪声的标准差


class Contributions(NamedTuple):
    """各特征的贡献 w_j·‖x_j‖/√m 随罚的强度变，每行一个强度，每列一个特征。

    Attributes:
        dropout: dropout 的闭式解，强度是 (1 − p)/p；形状 (k, n)。
        ridge: 岭回归，强度是 λ/m；形状 (k, n)。
    """

    dropout: Array
    ridge: Array


class Errors(NamedTuple):
    """均方误差的平均，每个保留概率一个数。

    Attributes:
        train: 训练样本上的误差，形状 (k,)。
        test: 新样本上的误差（精确的期望），形状 (k,)。
    """

    train: Array
    test: Array


def linreg_solution(x: Array, y: Array, *, keep_prob: float) -> Array:
    r"""使 dropout 下的期望损失最小的权重，闭式解。

    $$w = yX^\top\left(XX^\top
    + \frac{1-p}{p}\,\mathrm{diag}(XX^\top)\right)^{-1}$$

    Args:
        x: 输入 X，形状 (n, m)；keep_prob 为 1 时须行满秩。
        y: 目标，形状 (1, m)。
        keep_prob: 保留概率 p，在 (0, 1] 内；1 给出最小二乘解。

    Returns:
        权重 w，形状 (1, n)。

    Raises:
        TypeError: x 或 y 不是数值数组，或 keep_prob 不是实数。
        ShapeError: 形状不符。
        ValueError: 含 NaN 或 Inf，或 keep_prob 不在 (0, 1] 内。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.understanding_dropout import linreg_solution
        >>> linreg_solution(np.ones((1, 4)), np.ones((1, 4)), keep_prob=0.5).tolist()
        [[0.5]]
    """
    x, y = _data(x, y)
    check_interval("keep_prob", keep_prob, "(0, 1]")
    p, gram = keep_prob, x @ x.T
    return _solve(gram + (1 - p) / p * np.diag(np.diag(gram)), x, y)


def ridge_solution(x: Array, y: Array, *, lambd: float) -> Array:
    r"""岭回归：使平方和加 λ‖w‖² 最小的权重。

    $$w = yX^\top\left(XX^\top + \lambda I\right)^{-1}$$

    Args:
        x: 输入 X，形状 (n, m)；lambd 为 0 时须行满秩。
        y: 目标，形状 (1, m)。
        lambd: 系数 λ，不小于 0。

    Returns:
        权重 w，形状 (1, n)。

    Raises:
        TypeError: x 或 y 不是数值数组，或 lambd 不是实数。
        ShapeError: 形状不符。
        ValueError: 含 NaN 或 Inf，或 lambd < 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.understanding_dropout import ridge_solution
        >>> ridge_solution(np.ones((1, 4)), np.ones((1, 4)), lambd=4).tolist()
        [[0.5]]
    """
    x, y = _data(x, y)
    check_interval("lambd", lambd, "[0, inf)")
    return _solve(x @ x.T + lambd * np.eye(x.shape[0]), x, y)


def train_linreg(
    x: Array,
    y: Array,
    *,
    keep_prob: float,
    lr: float,
    steps: int,
    rng: np.random.Generator,
) -> Array:
    """真的抽掩码：从零出发，每步抽一张新掩码，沿均方误差的梯度走一步。

    Args:
        x: 输入，形状 (n, m)。
        y: 目标，形状 (1, m)。
        keep_prob: 保留概率，在 (0, 1] 内。
        lr: 学习率，大于 0。
        steps: 步数。
        rng: 随机数生成器。

    Returns:
        每一步之后的权重，形状 (steps, n)。

    Raises:
        TypeError: 某个参数的类型不对。
        ShapeError: 形状不符。
        ValueError: 含 NaN 或 Inf，或某个数不在区间里。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.understanding_dropout import train_linreg
        >>> x, y, rng = np.ones((1, 4)), np.ones((1, 4)), np.random.default_rng(0)
        >>> train_linreg(x, y, keep_prob=1, lr=0.25, steps=3, rng=rng).tolist()
        [[0.5], [0.75], [0.875]]
    """
    x, y = _data(x, y)
    check_interval("lr", lr, "(0, inf)")
    check_count("steps", steps)
    w, path = np.zeros((1, x.shape[0])), []
    for _ in range(steps):
        x_drop, _ = dropout(x, keep_prob=keep_prob, rng=rng)
        dz = 2 * (w @ x_drop - y) / x.shape[1]
        w = w - lr * (dz @ x_drop.T)
        path.append(w[0])
    return np.array(path)


def orthogonal_features() -> tuple[Array, Array]:
    """三个互相正交的特征，数值大小差九倍，对目标的贡献却一样大。

    Returns:
        x，形状 (3, 4)，三行的均方根是 3、1、1/3；y，形状 (1, 4)，没有噪声。

    Examples:
        >>> from dlnotes_lib.experiments.understanding_dropout import (
        ...     orthogonal_features)
        >>> x, y = orthogonal_features()
        >>> (x @ x.T).round(2).tolist()
        [[36.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 0.44]]
    """
    signs = np.array([[1.0, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1]])
    return np.array([[3.0], [1.0], [1 / 3]]) * signs, signs.sum(axis=0, keepdims=True)


def contributions(strengths: Array) -> Contributions:
    """`orthogonal_features` 的三个特征，在两种罚之下各剩多少贡献。

    Args:
        strengths: 若干个强度，形状 (k,)，都不小于 0；对 dropout 是 (1 − p)/p，
            对岭回归是 λ/m。

    Returns:
        两张表，见 `Contributions`；强度为 0 时全是 1。

    Raises:
        TypeError: strengths 不是数值数组。
        ShapeError: strengths 不是一维。
        ValueError: 有强度小于 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.understanding_dropout import contributions
        >>> left = contributions(np.array([1.0]))
        >>> left.dropout.round(2).tolist(), left.ridge.round(2).tolist()
        ([[0.5, 0.5, 0.5]], [[0.9, 0.5, 0.1]])
    """
    strengths = as_array("strengths", strengths, (None,))
    for s in strengths:
        check_interval("strength", float(s), "[0, inf)")
    x, y = orthogonal_features()
    size = np.sqrt((x * x).mean(axis=1))
    drop = [linreg_solution(x, y, keep_prob=1 / (1 + s))[0] for s in strengths]
    ridge = [ridge_solution(x, y, lambd=s * x.shape[1])[0] for s in strengths]
    return Contributions(dropout=np.array(drop) * size, ridge=np.array(ridge) * size)


def linreg_errors(
    keep_probs: Array, *, repeats: int, rng: np.random.Generator
) -> Errors:
    """30 个特征、40 个样本，噪声的标准差是 0.5：保留概率与误差。

    特征是标准正态，每次重抽真权重与数据；新样本上的误差是 ‖w − 真权重‖² + 0.25。

    Args:
        keep_probs: 若干个保留概率，形状 (k,)，都在 (0, 1] 内。
        repeats: 重复几次取平均。
        rng: 随机数生成器。

    Returns:
        训练误差与新样本误差，见 `Errors`。

    Raises:
        TypeError: 某个参数的类型不对。
        ShapeError: keep_probs 不是一维。
        ValueError: repeats 小于 1，或有 keep_prob 不在 (0, 1] 内。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.understanding_dropout import linreg_errors
        >>> p, rng = np.array([1.0, 0.8]), np.random.default_rng(0)
        >>> errors = linreg_errors(p, repeats=20, rng=rng)
        >>> (errors.train < errors.test).tolist()
        [True, True]
    """
    keep_probs = as_array("keep_probs", keep_probs, (None,))
    check_count("repeats", repeats)
    check_rng(rng)
    n, m = 30, 40
    found = np.zeros((2, keep_probs.size))
    for _ in range(repeats):
        true = rng.standard_normal((1, n)) / np.sqrt(n)
        x = rng.standard_normal((n, m))
        y = true @ x + NOISE * rng.standard_normal((1, m))
        for k, p in enumerate(keep_probs):
            w = linreg_solution(x, y, keep_prob=float(p))
            test = ((w - true) ** 2).sum() + NOISE**2
            found[:, k] += ((y - w @ x) ** 2).mean(), test
    return Errors(*(found / repeats))


def cost_curve(
    keep_prob: float,
    *,
    steps: int,
    rng: np.random.Generator,
    change: Callable[[Params], Params] = dict,
) -> Array:
    """两弯月牙（100 个样本）上训练 2-64-64-1 的 ReLU 网络，记下每一步的代价。

    全批量梯度下降，学习率 0.02；代价是带着那一步的掩码算的，也就是训练时看到的那个数。

    Args:
        keep_prob: 隐藏层的保留概率，在 (0, 1] 内。
        steps: 步数。
        rng: 随机数生成器；依次抽数据、参数、每一步的掩码。
        change: 更新之前对梯度表做什么；省略时什么也不做。用来演示写错了会怎样。

    Returns:
        代价，形状 (steps,)。

    Raises:
        TypeError: 某个参数的类型不对。
        ValueError: steps 小于 1，或 keep_prob 不在 (0, 1] 内。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.understanding_dropout import cost_curve
        >>> cost = cost_curve(1, steps=5, rng=np.random.default_rng(0))
        >>> cost.shape, bool(np.all(np.diff(cost) < 0))
        ((5,), True)
    """
    check_count("steps", steps)
    check_rng(rng)
    batch = make_moons(100, noise=0.35, rng=rng)
    model = MLP(sizes=SIZES, loss="bce", keep_prob=keep_prob)

    def loss_and_grad(params: Params, x: Array, y: Array) -> tuple[float, Params]:
        loss, grads = model.loss_and_grad(params, x, y, rng=rng)
        return loss, change(grads)

    run = train(model.init(rng), loss_and_grad, [batch] * steps, SGD(lr=0.02))
    return np.array([step.loss for step in run])


def accuracies(keep_prob: float, *, rng: np.random.Generator) -> tuple[float, float]:
    """同样的数据与网络，用 Adam（学习率 0.03）走 150 步，训练与验证的准确率。

    准确率是关掉 dropout 算的；验证集另抽 2000 个样本。

    Args:
        keep_prob: 隐藏层的保留概率，在 (0, 1] 内。
        rng: 随机数生成器；依次抽训练集、验证集、参数、每一步的掩码。

    Returns:
        训练准确率，验证准确率。

    Raises:
        TypeError: 某个参数的类型不对。
        ValueError: keep_prob 不在 (0, 1] 内。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.understanding_dropout import accuracies
        >>> train, dev = accuracies(1, rng=np.random.default_rng(0))
        >>> train > dev
        True
    """
    check_rng(rng)
    x, y = make_moons(100, noise=0.35, rng=rng)
    x_dev, y_dev = make_moons(2000, noise=0.35, rng=rng)
    model = MLP(sizes=SIZES, loss="bce", keep_prob=keep_prob)
    params = model.init(rng)

    def loss_and_grad(params: Params, x: Array, y: Array) -> tuple[float, Params]:
        return model.loss_and_grad(params, x, y, rng=rng)

    for step in train(params, loss_and_grad, [(x, y)] * 150, Adam(lr=0.03)):
        params = step.params
    on_train, on_dev = (
        float(np.mean((model.scores(params, u) > 0) == (v == 1)))
        for u, v in ((x, y), (x_dev, y_dev))
    )
    return on_train, on_dev


def _data(x: Array, y: Array) -> tuple[Array, Array]:
    x = as_array("x", x, (None, None))
    y = as_array("y", y, (1, x.shape[1]))
    check_finite("x", x)
    check_finite("y", y)
    return x, y


def _solve(gram: Array, x: Array, y: Array) -> Array:
    """解 w·gram = y·xᵀ；gram 对称，所以转置过来解。"""
    return np.asarray(np.linalg.solve(gram, x @ y.T).T, np.float64)
