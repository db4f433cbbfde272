"""第一周综合项目的判分：每个函数收你写的函数，返回一串毛病，空的就是通过。

保证：不改动你的函数；判分用的数据自己抽，种子固定，结果每次相同。
不做：只查题目要求的几件事，不评写法；你的函数自己抛的错照样抛出来。
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from dlnotes_lib.arrays import Array, Params
from dlnotes_lib.datasets import make_moons
from dlnotes_lib.experiments.project_week1 import paired_difference
from dlnotes_lib.gradcheck import gradient_check
from dlnotes_lib.models import MLP
from dlnotes_lib.optimizers import SGD
from dlnotes_lib.splits import Split
from dlnotes_lib.train import train

MODEL = MLP(
    sizes=(2, 4, 4, 1), activation="tanh", loss="bce", scheme="xavier", lambd=0.7
)
Backward: TypeAlias = Callable[[Params, Array, Array, float], Params]


def grade_prepare(prepare: Callable[..., Split]) -> list[str]:
    """任务一：划分与标准化。

    Args:
        prepare: ``prepare(x, y, rng)``，返回 `dlnotes_lib.splits.Split`。

    Returns:
        一串毛病。

    Examples:
        >>> from dlnotes_lib.experiments.project_week1_grades import grade_prepare
        >>> from dlnotes_lib.splits import train_dev_test_split
        >>> def prepare(x, y, rng):
        ...     return train_dev_test_split(x, y, ratios=(0.6, 0.2, 0.2), rng=rng)
        >>> for finding in grade_prepare(prepare):
        ...     print(finding.partition(",")[0])
        train.x must use the mean and std of train
        dev.x must use the mean and std of train
        test.x must use the mean and std of train
    """
    x, _ = make_moons(500, noise=0.2, rng=np.random.default_rng(0))
    x = x * np.array([[1.0], [1000.0]]) + 50
    y = np.arange(500).reshape(1, 500)  # 标签就是编号，看得出每一列去了哪里
    parts = prepare(x, y, np.random.default_rng(1))
    sizes = [part.x.shape[1] for part in parts]
    if sizes != [300, 100, 100]:
        return [f"sizes must be [300, 100, 100], got {sizes}"]
    columns = [part.y.ravel() for part in parts]
    if sorted(np.concatenate(columns).tolist()) != list(range(500)):
        return ["every example must be in exactly one part"]
    found = []
    if np.all(np.diff(np.concatenate(columns)) == 1):
        found.append("the split must be random, got the original order")
    for name, part, own in zip(parts._fields, parts, columns, strict=True):
        hints = {"": columns[0], ": it uses every example": y.ravel()}
        hints[": it uses its own"] = own
        fits = [h for h, k in hints.items() if _scaled(part.x, x[:, own], x[:, k])]
        if "" not in fits:
            hint = fits[0] if fits else f", it has {_moments(part.x)}"
            found.append(f"{name}.x must use the mean and std of train{hint}")
    return found


def grade_init(init: Callable[..., Params]) -> list[str]:
    """任务二：He 初始化。

    Args:
        init: ``init(sizes, rng)``，返回参数表 W1、b1、W2、b2……

    Returns:
        一串毛病。

    Examples:
        >>> from dlnotes_lib.experiments.project_week1_grades import grade_init
        >>> from dlnotes_lib.initializers import init_params
        >>> grade_init(lambda sizes, rng: init_params(sizes, scheme="he", rng=rng))
        []
        >>> grade_init(lambda sizes, rng: init_params(sizes, scheme="lecun", rng=rng))
        ['W1 must have std 0.100, got 0.071', 'W2 must have std 0.200, got 0.141']
    """
    params = init((200, 50, 300), np.random.default_rng(0))
    shapes = {"W1": (50, 200), "b1": (50, 1), "W2": (300, 50), "b2": (300, 1)}
    if {name: np.shape(w) for name, w in params.items()} != shapes:
        return [f"shapes must be {shapes}"]
    found = []
    for name, std in (("W1", 0.1), ("W2", 0.2)):
        got = float(params[name].std())
        if not abs(got / std - 1) <= 0.05:  # 一万个数，抽样误差约 0.7%
            found.append(f"{name} must have std {std:.3f}, got {got:.3f}")
        mean = float(params[name].mean())
        if not abs(mean) <= 0.05 * std:  # 抽样误差约 1%
            found.append(f"{name} must have mean 0, got {mean:.3f}")
        if np.unique(params[name]).size < params[name].size:
            found.append(f"{name} must have no two equal entries")
    biases = [name for name in ("b1", "b2") if params[name].any()]
    return found + [f"{name} must be zero" for name in biases]


def grade_paired(paired: Callable[..., tuple[float, float]]) -> list[str]:
    """任务三：成对的差与它的标准误。

    Args:
        paired: ``paired(a, b)``，返回 (平均差, 标准误)。

    Returns:
        一串毛病。

    Examples:
        >>> from dlnotes_lib.experiments.project_week1_grades import grade_paired
        >>> def paired(a, b):
        ...     d = a - b
        ...     return d.mean(), d.std(ddof=1)
        >>> grade_paired(paired)
        ['the standard error must be 0.5774, got 1.0000: divide by sqrt(n)']
    """
    a, b = np.array([5.0, 9.0, 4.0]), np.array([4.0, 6.0, 2.0])
    want, got = paired_difference(a, b), paired(a, b)
    found = []
    if not abs(got[0] - want[0]) <= 1e-9:  # NaN 也算不对
        found.append(f"the difference must be {want[0]:.4f}, got {got[0]:.4f}")
    d = a - b
    apart = float(np.sqrt(a.var(ddof=1) / 3 + b.var(ddof=1) / 3))
    hints = {
        float(d.std(ddof=1)): ": divide by sqrt(n)",
        float(d.std() / np.sqrt(3)): ": use ddof=1",
        apart: ": subtract seed by seed first",
    }
    if not abs(got[1] - want[1]) <= 1e-9:
        hint = next((h for v, h in hints.items() if abs(v - got[1]) < 1e-9), "")
        found.append(
            f"the standard error must be {want[1]:.4f}, got {got[1]:.4f}{hint}"
        )
    return found


def grade_backward(backward: Backward) -> list[str]:
    """任务四：反向传播，在起点验一次，训练 30 步之后再验一次。

    Args:
        backward: ``backward(params, x, y, lambd)``，返回梯度表；网络是 ``MODEL``。

    Returns:
        一串毛病，写明哪一块、误差多大。

    Examples:
        >>> from dlnotes_lib.experiments.project_week1 import half_repaired
        >>> from dlnotes_lib.experiments.project_week1_grades import grade_backward
        >>> def backward(params, x, y, lambd):
        ...     return half_repaired(params, x, y, lambd=lambd, fixed=6)
        >>> grade_backward(backward)
        []
    """
    params, x, y = check_point()
    found = []
    for when in ("at the start", "after training"):
        cost = lambda p: MODEL.cost(p, x, y)  # noqa: E731
        grads = backward(params, x, y, MODEL.lambd)
        result = gradient_check(cost, params, grads)
        for name, error in result.per_block.items():
            if error > 1e-7:
                found.append(f"{name} {when}: relative error {error:.2g}")
        params = _trained(params, x, y)
    return found


def check_point() -> tuple[Params, Array, Array]:
    """任务四检验用的参数与 20 个样本；偏置也取随机数，不留零。

    Returns:
        (params, x, y)，每次相同。

    Examples:
        >>> from dlnotes_lib.experiments.project_week1_grades import check_point
        >>> params, x, y = check_point()
        >>> {name: w.shape for name, w in params.items()}["W2"], x.shape, y.shape
        ((4, 4), (2, 20), (1, 20))
    """
    rng = np.random.default_rng(0)
    x, y = make_moons(20, noise=0.2, rng=rng)
    params = MODEL.init(rng)
    for name in ("b1", "b2", "b3"):
        params[name] = 0.1 * rng.standard_normal(params[name].shape)
    return params, x, y


def _trained(params: Params, x: Array, y: Array) -> Params:
    rng = np.random.default_rng(0)  # 没有 dropout，用不到
    gradient = lambda *args: MODEL.loss_and_grad(*args, rng=rng)  # noqa: E731
    for step in train(params, gradient, [(x, y)] * 30, SGD(lr=0.5)):
        params = step.params
    return params


def _moments(x: Array) -> str:
    mean, std = (", ".join(f"{v:.1f}" for v in f(x, axis=1)) for f in (np.mean, np.std))
    return f"mean [{mean}] and std [{std}]"


def _scaled(got: Array, x: Array, source: Array) -> bool:
    mean, std = source.mean(axis=1, keepdims=True), source.std(axis=1, keepdims=True)
    return bool(np.allclose(got, (x - mean) / std))
