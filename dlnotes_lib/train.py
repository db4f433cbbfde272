"""训练循环：一个生成器，每走一步交出一个 `Step`。

保证：不改动传进来的参数；损失、梯度或参数变成 NaN 或 Inf 就停下报错。全部参数拼成一个
长向量 θ 来更新，只有一份状态：优化器逐元素作用，拼不拼逐位相同，拼起来快。
不做：没有回调，要记录、打印、早停，由调用者在 for 循环里做，早停就是 ``break``；
不切小批量，也不重复数据，``batches`` 有几批就走几步。
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from dlnotes_lib.arrays import Array, Params, as_array
from dlnotes_lib.minibatch import Batch
from dlnotes_lib.optimizers import Optimizer
from dlnotes_lib.packing import pack, views
from dlnotes_lib.schedules import Schedule

LossAndGrad: TypeAlias = Callable[[Params, Array, Array], tuple[float, Params]]


class Step(NamedTuple):
    """一步训练的结果。

    Attributes:
        t: 第几步，从 1 数起。
        loss: 这一批在更新之前的损失。
        params: 更新之后的参数；每一步都是新的字典、新的数组，留着也不会变。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.train import Step
        >>> step = Step(t=1, loss=0.5, params={"w": np.zeros(2)})
        >>> f"{step.t}: {step.loss}"
        '1: 0.5'
    """

    t: int
    loss: float
    params: Params


def train(
    params: Params,
    loss_and_grad: LossAndGrad,
    batches: Iterable[Batch],
    optimizer: Optimizer,
    *,
    schedule: Schedule | None = None,
) -> Iterator[Step]:
    """逐批训练；要看什么，由调用者从 `Step` 里取。

    Args:
        params: 初始参数表；各数组的 dtype 须相同。
        loss_and_grad: 收（参数表, x, y），给（损失, 梯度表）；两张表的键相同。
        batches: 一串 (x, y)。
        optimizer: 逐元素作用的优化器。
        schedule: 第 t 步（从 1 数起）的学习率；省略时用优化器自己的 lr。
            `schedules` 里的函数从 0 数起，用 `per_step` 或 `per_epoch` 换算。

    Yields:
        每一步的结果。

    Raises:
        TypeError: params 或梯度表不是字典；params 里的 dtype 不止一种。
        ShapeError: 某个梯度与它的参数不同形。
        ValueError: params 是空的；梯度表的键不符；损失、梯度或参数有 NaN 或 Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.optimizers import SGD
        >>> from dlnotes_lib.train import train
        >>> def bowl(params, x, y):
        ...     return float(params["w"] @ params["w"]) / 2, {"w": params["w"]}
        >>> batch = (np.zeros((1, 1)), np.zeros((1, 1)))
        >>> for step in train({"w": np.array([8.0])}, bowl, [batch] * 3, SGD(lr=0.5)):
        ...     print(step.t, step.loss, step.params["w"].tolist())
        1 32.0 [4.0]
        2 8.0 [2.0]
        3 2.0 [1.0]
    """
    theta = pack(params)
    _check_one_dtype(params)
    state = optimizer.init(theta)
    params = views(theta, params)
    for t, (x, y) in enumerate(batches, start=1):
        opt = optimizer if schedule is None else replace(optimizer, lr=schedule(t))
        loss, grads = loss_and_grad(params, x, y)
        _check_step(t, loss, params, grads)
        dtheta = pack({name: grads[name] for name in params})
        theta, state = opt.update(theta, dtheta, state)
        params = views(theta, params)
        yield Step(t, loss, params)


def _check_one_dtype(params: Params) -> None:
    dtypes = {as_array(name, w).dtype.name for name, w in params.items()}
    if len(dtypes) > 1:
        raise TypeError(f"params must share one dtype, got {', '.join(sorted(dtypes))}")


def _check_step(t: int, loss: float, params: Params, grads: Params) -> None:
    if not math.isfinite(loss):
        raise ValueError(f"loss must be finite, got {loss} at step {t}")
    if not isinstance(grads, dict):
        raise TypeError(f"grads must be a dict of arrays, got {type(grads).__name__}")
    if grads.keys() != params.keys():
        raise ValueError(
            f"grads must have keys {list(params)}, got {list(grads)} at step {t}"
        )
    for name, w in params.items():
        as_array(f"grads[{name!r}]", grads[name], w.shape)
