"""第二周综合项目的计算：同一预算下训练、按验证集挑学习率、成对比较。

约定：学习率在 `GRID` 上挑，挑时用种子 `TUNING`，报告用没见过的种子 `REPORT`。划分是
固定的，种子只管起点与打乱的次序：同一个种子下，各优化器的起点与批次都相同。
不做：不判分（见 `project_week2_grades`），不画图。`DIGITS_SWEEP`、`MOONS_SWEEP`、`WINS`
三张表存着训练的结果，由 ``tests/test_experiments_project_week2.py`` 每次重做一遍。
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from dlnotes_lib.arrays import Array, Params, as_array, check_count, check_rng
from dlnotes_lib.datasets import load_digits_split, make_moons
from dlnotes_lib.minibatch import epochs, num_batches
from dlnotes_lib.models import MLP
from dlnotes_lib.optimizers import SGD, Adam, Momentum, Optimizer, RMSprop
from dlnotes_lib.splits import Part, Split, train_dev_test_split
from dlnotes_lib.train import train

Maker: TypeAlias = Callable[..., Optimizer]
Sweep: TypeAlias = Mapping[str, Sequence[float]]

BATCH = 64
GRID = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
TUNING, REPORT = (0, 1, 2), (3, 4, 5, 6, 7)
RACERS: dict[str, Maker] = {
    "SGD": SGD,
    "Momentum": Momentum,
    "RMSprop": RMSprop,
    "Adam": Adam,
}
# GRID 上各学习率训练 8 轮之后的验证损失：TUNING 三个种子的中位数
DIGITS_SWEEP: Sweep = {
    "SGD": (2.364, 2.233, 1.922, 1.214, 0.4046, 0.1819, 0.1153, 2.325, 2.391),
    "Momentum": (2.369, 2.241, 1.946, 1.28, 0.4236, 0.1861, 0.111, 0.0882, 1.29),
    "RMSprop": (0.5503, 0.1821, 0.1274, 0.1361, 0.3525, 1.666, 2.26, 3.448, 10.515),
    "Adam": (0.572, 0.1972, 0.1111, 0.0743, 0.1186, 1.588, 2.331, 2.455, 2.727),
}
MOONS_SWEEP: Sweep = {
    "SGD": (0.6199, 0.5857, 0.4669, 0.3422, 0.2232, 0.1751, 0.1276, 0.1616, 0.8446),
    "Momentum": (0.6215, 0.5927, 0.4774, 0.3522, 0.2296, 0.183, 0.1285, 0.1349, 0.1799),
    "RMSprop": (0.3413, 0.2069, 0.1234, 0.1032, 0.0951, 0.1535, 0.6952, 0.7937, 0.6925),
    "Adam": (0.3653, 0.2162, 0.1547, 0.106, 0.149, 0.1642, 0.1909, 0.6952, 0.6854),
}
# 另取种子 MORE，手写数字，学习率取 DIGITS_SWEEP 挑好的：40 次里前者验证损失低的次数
MORE = tuple(range(8, 48))
WINS: dict[tuple[str, str], int] = {
    ("Adam", "SGD"): 35,
    ("Adam", "RMSprop"): 32,
    ("Momentum", "SGD"): 31,
    ("Momentum", "RMSprop"): 31,
    ("RMSprop", "SGD"): 22,
    ("Adam", "Momentum"): 19,
}


class Problem(NamedTuple):
    """一个任务：网络与划分好的数据。

    Attributes:
        model: 网络。
        data: 训练、验证、测试三份，划分是固定的。
    """

    model: MLP
    data: Split


class Run(NamedTuple):
    """一次训练的结果。

    Attributes:
        train: 每一轮之后，整个训练集上的代价，形状 (轮数,)。
        dev: 每一轮之后的验证损失，形状 (轮数,)。
        params: 最后的参数。
    """

    train: Array
    dev: Array
    params: Params


def digits() -> Problem:
    """手写数字，网络 64-64-10，ReLU 接 softmax。

    Returns:
        任务；训练、验证、测试各 1197、300、300 个样本。

    Examples:
        >>> from dlnotes_lib.experiments.project_week2 import digits
        >>> problem = digits()
        >>> problem.model.sizes, problem.data.dev.x.shape
        ((64, 64, 10), (64, 300))
    """
    data = load_digits_split(rng=np.random.default_rng(0))
    return Problem(MLP(sizes=(64, 64, 10)), data)


def moons() -> Problem:
    """月牙数据 1000 个，噪声 0.2，网络 2-16-16-1。

    Returns:
        任务；训练、验证、测试各 600、200、200 个样本。

    Examples:
        >>> from dlnotes_lib.experiments.project_week2 import moons
        >>> problem = moons()
        >>> problem.model.sizes, problem.data.dev.x.shape
        ((2, 16, 16, 1), (2, 200))
    """
    rng = np.random.default_rng(0)
    x, y = make_moons(1000, noise=0.2, rng=rng)
    data = train_dev_test_split(x, y, ratios=(0.6, 0.2, 0.2), rng=rng)
    return Problem(MLP(sizes=(2, 16, 16, 1), loss="bce"), data)


def fit(
    problem: Problem, optimizer: Optimizer, *, rng: np.random.Generator, count: int = 8
) -> Run:
    """从头训练 count 轮，批大小 64；测试集一眼也不看。

    Args:
        problem: 任务。
        optimizer: 优化器。
        rng: 随机数生成器；先抽起点，再逐轮打乱。
        count: 轮数，也就是预算。

    Returns:
        每一轮之后的训练代价与验证损失，见 `Run`。

    Raises:
        TypeError: rng 不是生成器，或 count 不是整数。
        ValueError: count < 1，或训练中出现 NaN、Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.project_week2 import fit, moons
        >>> from dlnotes_lib.optimizers import Adam
        >>> run = fit(moons(), Adam(lr=0.03), rng=np.random.default_rng(0), count=3)
        >>> run.dev.shape, bool(run.train[0] > run.train[2])
        ((3,), True)
    """
    check_rng(rng)
    check_count("count", count)
    model, (data, dev, _) = problem
    params = model.init(rng)
    gradient = lambda *args: model.loss_and_grad(*args, rng=rng)  # noqa: E731
    batches = epochs(data.x, data.y, size=BATCH, count=count, rng=rng)
    steps = num_batches(data.x.shape[1], size=BATCH)
    curve = []
    for step in train(params, gradient, batches, optimizer):
        params = step.params
        if step.t % steps == 0:
            curve.append([model.cost(params, *data), model.cost(params, *dev)])
    of_train, of_dev = np.array(curve).T
    return Run(of_train, of_dev, params)


def accuracy(model: MLP, params: Params, part: Part) -> float:
    """准确率：多分类看哪一类打分最高，二分类看打分的符号。

    Args:
        model: 网络。
        params: 参数表。
        part: 一份数据。

    Returns:
        0 到 1 之间的数。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.project_week2 import accuracy
        >>> from dlnotes_lib.models import MLP
        >>> from dlnotes_lib.splits import Part
        >>> params = {"W1": np.array([[1.0], [-1.0]]), "b1": np.zeros((2, 1))}
        >>> part = Part(np.array([[2.0, -3.0, 5.0, 7.0]]), np.array([0, 1, 1, 0]))
        >>> accuracy(MLP(sizes=(1, 2)), params, part)
        0.75
    """
    scores = model.scores(params, part.x)
    guess = scores.argmax(axis=0) if len(scores) > 1 else scores > 0
    return float(np.mean(guess == part.y))


def tune(
    make_optimizer: Maker,
    grid: Sequence[float],
    run: Callable[[Optimizer, int], float],
    seeds: Sequence[int],
) -> float:
    """在网格上挑学习率：验证损失在各种子上的中位数最小的那个；NaN 当作无穷大。

    Args:
        make_optimizer: 收 ``lr=``，给优化器；优化器的类就行。
        grid: 要试的学习率。
        run: 收（优化器, 种子），训练一次，给验证损失。
        seeds: 种子；每个学习率都用这几个。

    Returns:
        grid 里的一个。

    Examples:
        >>> from dlnotes_lib.experiments.project_week2 import tune
        >>> from dlnotes_lib.optimizers import SGD
        >>> def run(optimizer, seed):
        ...     return (optimizer.lr - 0.3) ** 2 + seed
        >>> tune(SGD, (0.1, 0.4, 1.0), run, seeds=(0, 1, 2))
        0.4
    """
    middle = {}
    for lr in grid:
        losses = [run(make_optimizer(lr=lr), seed) for seed in seeds]
        middle[lr] = np.median(np.nan_to_num(losses, nan=np.inf, posinf=np.inf))
    return min(middle, key=lambda lr: middle[lr])


def compare(a: Array, b: Array) -> str:
    """成对比较，越小越好：每个种子上 a 都低是 "a"，都高是 "b"，此外是 "tie"。

    Args:
        a: 第一个优化器在各种子上的结果，形状 (n,)。
        b: 第二个优化器的结果，种子次序相同，形状 (n,)。

    Returns:
        ``"a"``、``"b"`` 或 ``"tie"``。

    Raises:
        TypeError: a 或 b 不是数值数组。
        ShapeError: a 不是一维，或 b 与它不同形。

    Examples:
        >>> from dlnotes_lib.experiments.project_week2 import compare
        >>> compare([0.1, 0.5], [0.2, 0.6]), compare([0.1, 0.5], [0.2, 0.4])
        ('a', 'tie')
    """
    a = as_array("a", a, (None,))
    b = as_array("b", b, a.shape)
    if np.all(a < b):
        return "a"
    return "b" if np.all(b < a) else "tie"


def tuned(sweep: Sweep) -> dict[str, Optimizer]:
    """一次搜索里各自最好的优化器。

    Args:
        sweep: 优化器的名字 → `GRID` 上各学习率的验证损失。

    Returns:
        名字 → 学习率挑好的优化器。

    Examples:
        >>> from dlnotes_lib.experiments.project_week2 import DIGITS_SWEEP, tuned
        >>> {name: opt.lr for name, opt in tuned(DIGITS_SWEEP).items()}
        {'SGD': 1.0, 'Momentum': 3.0, 'RMSprop': 0.01, 'Adam': 0.03}
    """
    best = {name: GRID[int(np.argmin(losses))] for name, losses in sweep.items()}
    return {name: RACERS[name](lr=lr) for name, lr in best.items()}
