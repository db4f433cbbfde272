"""第三周综合项目的计算：同一个训练在本库里的损失，框架记下的损失，两条轨迹从哪步起不同。

约定：256 张手写数字，网络 64-32-10，隐藏层做批量归一化，没有偏置；全批量走 100 步。
第 t 个损失是第 t 次更新之前的，所以第 1 个只与数据、起点、前向有关。框架的损失由
``frameworks/digits.py`` 算出，存在 ``project_week3.json`` 里，读它不用装框架。
不做：不移植（见 `project_week3_ports`），不判分（见 `project_week3_grades`），不画图。
"""

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dlnotes_lib.arrays import Array, Params, as_array, check_interval
from dlnotes_lib.batch_norm_mlp import BatchNormMLP
from dlnotes_lib.datasets import load_digits_split
from dlnotes_lib.normalization import Statistics, update_running
from dlnotes_lib.optimizers import (
    SGD,
    Adam,
    AdamW,
    HeavyBall,
    Momentum,
    Nesterov,
    Optimizer,
    RMSprop,
)
from dlnotes_lib.train import Step, train

STEPS = 100
RECORD = Path(__file__).with_suffix(".json")
OPTIMIZERS: dict[str, Optimizer] = {
    "SGD": SGD(lr=0.1),
    "Momentum": Momentum(lr=0.5),
    "HeavyBall": HeavyBall(lr=0.05),
    "Nesterov": Nesterov(lr=0.05),
    "RMSprop": RMSprop(lr=0.001, beta=0.99),
    "Adam": Adam(lr=0.01),
    "AdamW": AdamW(lr=0.01),
}


class Problem(NamedTuple):
    """要在各家重做的那个训练。

    Attributes:
        model: 网络。
        params: 起点。
        x: 像素除以 16，形状 (64, 256)。
        y: 标签，形状 (256,)。
    """

    model: BatchNormMLP
    params: Params
    x: Array
    y: Array


def digits() -> Problem:
    """前 256 张手写数字（次序由种子 0 打乱），网络 64-32-10，起点由种子 1 抽出。

    Returns:
        任务。起点是两个 He 初始化的权重，γ 为 1，β 与最后的偏置为 0。

    Examples:
        >>> from dlnotes_lib.experiments.project_week3 import digits
        >>> model, params, x, y = digits()
        >>> x.shape, y[:4].tolist(), [*params]
        ((64, 256), [6, 6, 6, 2], ['W1', 'gamma1', 'beta1', 'W2', 'b2'])
    """
    x, y = load_digits_split(rng=np.random.default_rng(0)).train
    model = BatchNormMLP(sizes=(64, 32, 10))
    return Problem(model, model.init(np.random.default_rng(1)), x[:, :256], y[:256])


def run(optimizer: Optimizer, *, steps: int = STEPS) -> list[Step]:
    """用本库训练，全批量。

    Args:
        optimizer: 优化器。
        steps: 走几步。

    Returns:
        每一步的结果。

    Raises:
        ValueError: 损失、梯度或参数有 NaN 或 Inf。

    Examples:
        >>> from dlnotes_lib.experiments.project_week3 import run
        >>> from dlnotes_lib.optimizers import SGD
        >>> [round(step.loss, 4) for step in run(SGD(lr=0.1), steps=3)]
        [2.8344, 2.6666, 2.5146]
    """
    model, params, x, y = digits()
    rng = np.random.default_rng(0)  # 没有 dropout，用不到
    gradient = lambda *args: model.loss_and_grad(*args, rng=rng)  # noqa: E731
    return list(train(params, gradient, [(x, y)] * steps, optimizer))


def losses(optimizer: Optimizer, *, steps: int = STEPS) -> Array:
    """本库的损失，`run` 的每一步取一个。

    Args:
        optimizer: 优化器。
        steps: 走几步。

    Returns:
        每次更新之前的损失，形状 (steps,)。

    Raises:
        ValueError: 损失、梯度或参数有 NaN 或 Inf。

    Examples:
        >>> from dlnotes_lib.experiments.project_week3 import OPTIMIZERS, losses
        >>> losses(OPTIMIZERS["Adam"])[[0, 9, 99]].round(6).tolist()
        [2.834404, 0.828995, 0.006613]
    """
    return np.array([step.loss for step in run(optimizer, steps=steps)])


class Difference(NamedTuple):
    """两条轨迹的差别。

    Attributes:
        step: 从第几步起不同，从 1 数起。
        size: 那一步差多少。
    """

    step: int
    size: float


def first_difference(a: Array, b: Array, *, tol: float = 1e-10) -> Difference | None:
    """两条轨迹从哪一步起差得超过 tol；NaN 也算不同。

    Args:
        a: 一条轨迹，形状 (n,)。
        b: 另一条，形状相同。
        tol: 容差，不小于 0。

    Returns:
        第一处差别；处处相差不超过 tol 就是 None。

    Raises:
        TypeError: a 或 b 不是数值数组，或 tol 不是实数。
        ShapeError: a 不是一维，或 b 与它不同形。
        ValueError: tol 小于 0。

    Examples:
        >>> from dlnotes_lib.experiments.project_week3 import first_difference
        >>> first_difference([3.0, 2.0, 1.0], [3.0, 2.5, 1.0])
        Difference(step=2, size=0.5)
        >>> first_difference([3.0, 2.0], [3.0, 2.5], tol=0.5) is None
        True
    """
    check_interval("tol", tol, "[0, inf)")
    a = as_array("a", a, (None,))
    gaps = np.abs(a - as_array("b", b, a.shape))
    apart = np.flatnonzero(~(gaps <= tol))
    if apart.size == 0:
        return None
    return Difference(int(apart[0]) + 1, float(gaps[apart[0]]))


def running_statistics(optimizer: Optimizer, *, rho: float, ddof: int) -> Statistics:
    r"""训练 100 步之后隐藏层的滑动统计，从均值 0、方差 1 攒起。

    Args:
        optimizer: 优化器。
        rho: 旧值的权重 ρ。
        ddof: 每一批的方差除以 m − ddof：0 是 Keras，1 是 PyTorch。

    Returns:
        滑动均值与滑动方差，形状都是 (32, 1)。

    Examples:
        >>> from dlnotes_lib.experiments.project_week3 import running_statistics
        >>> from dlnotes_lib.optimizers import SGD
        >>> running_statistics(SGD(lr=0.1), rho=0.9, ddof=1).var.shape
        (32, 1)
    """
    model, start, x, _ = digits()
    m = x.shape[1]
    running = Statistics(np.zeros((32, 1)), np.ones((32, 1)))
    for params in [start, *(step.params for step in run(optimizer)[:-1])]:
        mean, var = model.statistics(params, x)[0]
        batch = Statistics(mean, var * m / (m - ddof))
        running = update_running(running, batch, rho=rho)
    return running


@cache
def record() -> dict[str, Any]:
    """框架记下的结果。

    Returns:
        一张表：日期 ``date``、版本 ``versions``、损失 ``losses``（框架 → 优化器 →
        100 个数）、SGD 训练之后的滑动统计 ``running``（框架 → ``mean`` 与 ``var`` →
        32 个数）、换一个后端的 Keras 的第一个损失 ``facts``。

    Examples:
        >>> from dlnotes_lib.experiments.project_week3 import record
        >>> [*record()["losses"]]
        ['PyTorch', 'TensorFlow', 'Keras', 'JAX']
        >>> len(record()["losses"]["JAX"]["Adam"])
        100
    """
    return json.loads(RECORD.read_text(encoding="utf-8"))
