"""2.1 节的实验：一遍数据走几步、罚项该除以谁、没打乱会怎样。

约定：样本按列排放；线性模型没有偏置，参数表只有 ``w``，形状 (1, n)；J 是样本平均。
做法：能用方程直接解的都另给闭式，训练的结果与它对照。
不做：不讲噪声有多大（2.2 节）；`course_ridge_loss` 与 `in_order` 是有意写错的对照。
"""

from collections.abc import Iterable, Iterator
from functools import partial

import numpy as np

from dlnotes_lib.arrays import (
    Array,
    Params,
    as_array,
    check_count,
    check_interval,
    check_rng,
)
from dlnotes_lib.minibatch import Batch, epochs, iterate, num_batches
from dlnotes_lib.models import MLP
from dlnotes_lib.optimizers import SGD
from dlnotes_lib.regularization import l2_grad, l2_penalty
from dlnotes_lib.train import LossAndGrad, Step, train

NET = MLP(sizes=(2, 16, 1), activation="tanh", loss="bce", scheme="xavier")


def two_features(m: int, *, rng: np.random.Generator) -> Batch:
    r"""两个相关的特征：$y = 2x_1 + \text{噪声}$，第二个特征没有用。

    $x_2 = 0.6x_1 + 0.8u$，所以两个特征的相关系数约 0.6；噪声的标准差是 0.5。
    抽样次序：$x_1$ 与 u 各 m 个标准正态数，再是 m 个噪声。

    Args:
        m: 样本数。
        rng: 随机数生成器。

    Returns:
        x，形状 (2, m)；y，形状 (1, m)。

    Raises:
        TypeError: m 不是整数，或 rng 不是生成器。
        ValueError: m < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.mini_batch_gd import two_features
        >>> x, y = two_features(1000, rng=np.random.default_rng(0))
        >>> x.shape, y.shape
        ((2, 1000), (1, 1000))
    """
    check_count("m", m)
    check_rng(rng)
    first, other = rng.standard_normal((2, m))
    x = np.stack([first, 0.6 * first + 0.8 * other])
    return x, 2 * x[:1] + 0.5 * rng.standard_normal((1, m))


def squared_loss(params: Params, x: Array, y: Array) -> tuple[float, Params]:
    r"""一批样本的平方损失与梯度；除的是这一批的样本数。

    $$J = \frac{1}{2b}\sum_{i=1}^{b}\bigl(wx^{(i)} - y^{(i)}\bigr)^2$$

    Args:
        params: 参数表，只有 w，形状 (1, n)。
        x: 一批输入，形状 (n, b)。
        y: 一批标签，形状 (1, b)。

    Returns:
        J 与梯度表。

    Raises:
        TypeError: 某个数组不是数值数组。
        ShapeError: 形状与上面不符。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.mini_batch_gd import squared_loss
        >>> x, y = np.array([[1.0, 2.0]]), np.array([[2.0, 4.0]])
        >>> loss, grads = squared_loss({"w": np.zeros((1, 1))}, x, y)
        >>> loss, grads["w"].tolist()
        (5.0, [[-5.0]])
    """
    x = as_array("x", x, (None, None))
    n, b = x.shape
    w = as_array("params['w']", params["w"], (1, n))
    y = as_array("y", y, (1, b))
    z = w @ x
    loss = ((z - y) ** 2).sum() / (2 * b)
    dz = (z - y) / b
    return float(loss), {"w": dz @ x.T}


def ridge_loss(
    params: Params, x: Array, y: Array, *, lambd: float, m: int
) -> tuple[float, Params]:
    r"""一批样本的 J，罚项除以训练集的样本数 m，不是这一批的 b。

    $$J^{\{t\}} = \frac{1}{2b}\sum_{i=1}^{b}\bigl(wx^{(i)} - y^{(i)}\bigr)^2
    + \frac{\lambda}{2m}\lVert w\rVert^2$$

    Args:
        params: 参数表，只有 w，形状 (1, n)。
        x: 一批输入，形状 (n, b)。
        y: 一批标签，形状 (1, b)。
        lambd: λ，不小于 0。
        m: 训练集的样本数。

    Returns:
        J 与梯度表。

    Raises:
        TypeError: 某个参数的类型不对。
        ShapeError: 形状与上面不符。
        ValueError: lambd < 0，或 m < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.mini_batch_gd import ridge_loss
        >>> x, y = np.array([[1.0, 2.0]]), np.array([[2.0, 4.0]])
        >>> loss, grads = ridge_loss({"w": np.ones((1, 1))}, x, y, lambd=6.0, m=4)
        >>> loss, grads["w"].tolist()
        (2.0, [[-1.0]])
    """
    loss, grads = squared_loss(params, x, y)
    w = params["w"]
    loss = loss + l2_penalty([w], lambd=lambd, m=m)
    dw = grads["w"] + l2_grad(w, lambd=lambd, m=m)
    return loss, {"w": dw}


def course_ridge_loss(
    params: Params, x: Array, y: Array, *, lambd: float
) -> tuple[float, Params]:
    r"""照课程幻灯片：罚项除以这一批的 b，于是批越小罚得越狠（有意写错的对照）。

    Args:
        params: 参数表，只有 w，形状 (1, n)。
        x: 一批输入，形状 (n, b)。
        y: 一批标签，形状 (1, b)。
        lambd: λ，不小于 0。

    Returns:
        J 与梯度表。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.mini_batch_gd import course_ridge_loss
        >>> x, y = np.array([[1.0, 2.0]]), np.array([[2.0, 4.0]])
        >>> loss, grads = course_ridge_loss({"w": np.ones((1, 1))}, x, y, lambd=6.0)
        >>> loss, grads["w"].tolist()
        (2.75, [[0.5]])
    """
    return ridge_loss(params, x, y, lambd=lambd, m=x.shape[1])


def ridge_weights(x: Array, y: Array, *, lambd: float) -> Array:
    r"""全批量代价的最小点，解方程：$w(XX^{\top} + \lambda I) = YX^{\top}$。

    Args:
        x: 输入，形状 (n, m)。
        y: 标签，形状 (1, m)。
        lambd: λ，不小于 0；为 0 时 x 的各行须线性无关。

    Returns:
        w，形状 (1, n)。

    Raises:
        TypeError: 某个参数的类型不对。
        ShapeError: 形状与上面不符。
        ValueError: lambd < 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.mini_batch_gd import ridge_weights
        >>> x = np.array([[1.0, 2.0, 3.0, 4.0]])
        >>> ridge_weights(x, 2 * x, lambd=3.0).round(4).tolist()
        [[1.8182]]
    """
    check_interval("lambd", lambd, "[0, inf)")
    x = as_array("x", x, (None, None))
    y = as_array("y", y, (1, x.shape[1]))
    w = np.linalg.solve(x @ x.T + lambd * np.eye(len(x)), x @ y.T).T
    return as_array("w", w)


def one_pass(
    x: Array, y: Array, *, size: int, lr: float, rng: np.random.Generator
) -> Array:
    """从零出发，把数据看一遍，走过的点。

    Args:
        x: 输入，形状 (n, m)。
        y: 标签，形状 (1, m)。
        size: 批大小；取 m 就是全批量。
        lr: 学习率。
        rng: 随机数生成器，只用来打乱。

    Returns:
        路径，形状 (步数 + 1, n)，第 0 行是起点。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.mini_batch_gd import one_pass
        >>> x, y = np.ones((1, 4)), np.full((1, 4), 8.0)
        >>> one_pass(x, y, size=2, lr=0.5, rng=np.random.default_rng(0)).tolist()
        [[0.0], [4.0], [6.0]]
    """
    batches = iterate(x, y, size=size, rng=rng)
    w = np.zeros((1, x.shape[0]))
    walk = train({"w": w}, squared_loss, batches, SGD(lr=lr))
    return np.concatenate([w, *(step.params["w"] for step in walk)])


def settled(
    loss_and_grad: LossAndGrad,
    data: Batch,
    *,
    size: int,
    steps: int,
    lr: float,
    rng: np.random.Generator,
) -> Array:
    """小批量训练最后停在哪里：至少走 steps 步，取后一半的 w 的平均。

    小批量会一直抖动，平均之后才看得出它绕着哪一点。

    Args:
        loss_and_grad: 收（参数表, x, y），给（损失, 梯度表）。
        data: (x, y)，形状 (n, m) 与 (1, m)。
        size: 批大小。
        steps: 步数，凑满整轮。
        lr: 学习率。
        rng: 随机数生成器，只用来打乱。

    Returns:
        w 的平均，形状 (1, n)。

    Raises:
        ValueError: steps < 1，或 size < 1，或训练发散。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.mini_batch_gd import settled, squared_loss
        >>> data = np.ones((1, 4)), np.full((1, 4), 8.0)
        >>> rng = np.random.default_rng(0)
        >>> w = settled(squared_loss, data, size=2, steps=99, lr=0.5, rng=rng)
        >>> w.round(4).tolist()
        [[8.0]]
    """
    check_count("steps", steps)
    x, y = data
    count = -(-steps // num_batches(x.shape[1], size=size))
    batches = epochs(x, y, size=size, count=count, rng=rng)
    start = {"w": np.zeros((1, x.shape[0]))}
    path = [s.params["w"] for s in train(start, loss_and_grad, batches, SGD(lr=lr))]
    return np.mean(path[len(path) // 2 :], axis=0)


def penalized(
    model: MLP, *, lambd: float, m: int, rng: np.random.Generator
) -> LossAndGrad:
    r"""给网络的小批损失补上除以 m 的罚项；网络自己的 lambd 要留在 0。

    Args:
        model: 网络，lambd 为 0。
        lambd: λ，不小于 0。
        m: 训练集的样本数。
        rng: 随机数生成器，交给 dropout。

    Returns:
        函数，收（参数表, x, y），给（损失, 梯度表）。

    Raises:
        ValueError: model.lambd 不是 0，罚项会加两遍。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.mini_batch_gd import NET, penalized
        >>> rng = np.random.default_rng(0)
        >>> loss_and_grad = penalized(NET, lambd=1.0, m=1000, rng=rng)
        >>> x, y = np.zeros((2, 4)), np.zeros((1, 4))
        >>> loss, _ = loss_and_grad(NET.init(rng), x, y)
        >>> bool(loss > np.log(2))
        True
    """
    if model.lambd != 0:
        raise ValueError(f"model must have lambd 0, got {model.lambd}")

    def loss_and_grad(params: Params, x: Array, y: Array) -> tuple[float, Params]:
        loss, grads = model.loss_and_grad(params, x, y, rng=rng)
        weights = {name: w for name, w in params.items() if name.startswith("W")}
        loss = loss + l2_penalty(weights.values(), lambd=lambd, m=m)
        for name, w in weights.items():
            grads[name] = grads[name] + l2_grad(w, lambd=lambd, m=m)
        return loss, grads

    return loss_and_grad


def in_order(x: Array, y: Array, *, size: int, count: int) -> Iterator[Batch]:
    """照原来的次序切批，走 count 轮，从不打乱（有意写错的对照）。

    Args:
        x: 输入，形状 (n, m)。
        y: 标签，形状 (k, m)。
        size: 批大小。
        count: 轮数。

    Yields:
        一批 (x, y)。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.mini_batch_gd import in_order
        >>> x = np.arange(5.0)[None]
        >>> [bx.tolist() for bx, _ in in_order(x, x, size=3, count=1)]
        [[[0.0, 1.0, 2.0]], [[3.0, 4.0]]]
    """
    check_count("size", size)
    check_count("count", count)
    for _ in range(count):
        for i in range(0, x.shape[1], size):
            yield x[:, i : i + size], y[:, i : i + size]


def fit(batches: Iterable[Batch], *, rng: np.random.Generator) -> list[Step]:
    """用一个 2-16-1 的 tanh 网络走完这些批，学习率 0.5。

    Args:
        batches: 一串 (x, y)，形状 (2, b) 与 (1, b)。
        rng: 随机数生成器，只用来初始化。

    Returns:
        每一步的结果，见 `dlnotes_lib.train.Step`。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.mini_batch_gd import fit
        >>> batch = np.array([[-1.0, 1.0], [0.0, 0.0]]), np.array([[0.0, 1.0]])
        >>> steps = fit([batch] * 20, rng=np.random.default_rng(0))
        >>> len(steps), steps[-1].loss < steps[0].loss
        (20, True)
    """
    params = NET.init(rng)
    loss_and_grad = partial(NET.loss_and_grad, rng=rng)
    return list(train(params, loss_and_grad, batches, SGD(lr=0.5)))


def share_of_ones(params: Params, x: Array) -> float:
    """网络把多少样本判成 1。

    Args:
        params: 参数表。
        x: 输入，形状 (2, m)。

    Returns:
        比例，在 [0, 1] 内。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.mini_batch_gd import NET, share_of_ones
        >>> params = NET.init(np.random.default_rng(0))
        >>> share_of_ones(params, np.array([[1.0, -1.0], [2.0, -2.0]]))
        0.5
    """
    return float(np.mean(NET.scores(params, x) > 0))
