"""1.14 节用到的计算：小权重怎样盖住错误，重抽掩码的噪声，训练一阵后再验一次。

约定：网络、代价与两份反向传播来自 1.13 节的实验；u 是双精度的机器精度
``np.finfo(float).eps``；随机数只来自 ``rng``，固定掩码就是每次用同一个种子重新开始。
不做：不画图；ReLU 的拐点与批量归一化在页面上直接算。
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from dlnotes_lib.arrays import (
    Array,
    Params,
    ShapeError,
    as_array,
    check_count,
    check_interval,
    check_rng,
)
from dlnotes_lib.datasets import make_moons
from dlnotes_lib.experiments.gradient_checking import (
    Data,
    Gradient,
    cost,
    gradient,
    no_slope,
    setup,
)
from dlnotes_lib.gradcheck import relative_error
from dlnotes_lib.models import MLP
from dlnotes_lib.packing import pack

MODEL = MLP(
    sizes=(2, 5, 4, 1),
    activation="tanh",
    loss="bce",
    scheme="xavier",
    keep_prob=0.8,
    lambd=0.7,
)


def start(*, std: float, rng: np.random.Generator) -> tuple[Params, Data]:
    """20 个月牙样本与 2-5-4-1 的参数：权重 N(0, std²)，偏置为零，λ = 0。

    Args:
        std: 权重的标准差 σ，大于 0。
        rng: 随机数生成器；依次抽样本与各层权重。

    Returns:
        参数表，键是 W1、b1、W2、b2、W3、b3；数据，两类各 10 个。

    Raises:
        TypeError: std 不是实数，或 rng 不是生成器。
        ValueError: std ≤ 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.gradient_checking_notes import start
        >>> params, data = start(std=0.01, rng=np.random.default_rng(0))
        >>> float(data.y.sum()), bool(abs(params["W1"]).max() < 0.05)
        (10.0, True)
    """
    check_interval("std", std, "(0, inf)")
    x, y = make_moons(20, noise=0.2, rng=rng)
    params: Params = {}
    for i, (n_in, n_out) in enumerate(((2, 5), (5, 4), (4, 1)), start=1):
        params[f"W{i}"] = std * rng.standard_normal((n_out, n_in))
        params[f"b{i}"] = np.zeros((n_out, 1))
    return params, Data(x, y, lambd=0.0)


def train(
    gradient: Gradient, params: Params, data: Data, *, lr: float, steps: int
) -> Params:
    """照着给的梯度（对的或错的）做梯度下降，返回最后的参数。

    Args:
        gradient: 收参数表与数据，返回梯度表。
        params: 起点，不会被改动。
        data: 样本与 λ。
        lr: 学习率 α。
        steps: 步数。

    Returns:
        新的参数表。

    Raises:
        TypeError: lr 不是实数，或 steps 不是整数。
        ValueError: lr ≤ 0，steps < 1，或训练中出现 NaN、Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.gradient_checking import cost, gradient
        >>> from dlnotes_lib.experiments.gradient_checking_notes import start, train
        >>> params, data = start(std=0.5, rng=np.random.default_rng(0))
        >>> trained = train(gradient, params, data, lr=1.0, steps=50)
        >>> cost(trained, data) < cost(params, data)
        True
    """
    check_interval("lr", lr, "(0, inf)")
    check_count("steps", steps)
    for _ in range(steps):
        grads = gradient(params, data)
        params = {name: w - lr * grads[name] for name, w in params.items()}
    return params


class Gaps(NamedTuple):
    """一处参数上的两种误差，键是各块的名字与“全部”。

    Attributes:
        fault: 漏掉 g′(z1) 的梯度与正确梯度的相对误差；两边都是反向传播，没有差分。
        floor: 差分的舍入误差大约折合多少相对误差，比它小的错看不见。
    """

    fault: dict[str, float]
    floor: dict[str, float]


def gaps(params: Params, data: Data, *, eps: float = 1e-5) -> Gaps:
    r"""漏掉 g′(z1) 有多显眼，差分又能看多细。

    $$\text{floor} \approx \frac{\sqrt n\, u\lvert J\rvert/\varepsilon}
    {2\lVert\mathrm d\theta\rVert_2}$$

    Args:
        params: 参数表，键是 W1、b1、W2、b2、W3、b3。
        data: 样本与 λ。
        eps: 差分步长 ε。

    Returns:
        两种误差；n 与 dθ 是那一块的大小与梯度。

    Raises:
        ShapeError: 参数与样本的形状对不上。
        ValueError: 打分或标签里有 NaN 或 Inf，λ < 0，或 eps ≤ 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.gradient_checking_notes import gaps, start
        >>> found = gaps(*start(std=0.01, rng=np.random.default_rng(0)))
        >>> round(found.fault["全部"], 6), found.fault["W3"]
        (0.000189, 0.0)
    """
    check_interval("eps", eps, "(0, inf)")
    right, wrong = gradient(params, data), no_slope(params, data)
    right, wrong = right | {"全部": pack(right)}, wrong | {"全部": pack(wrong)}
    noise = np.finfo(float).eps * cost(params, data) / eps
    fault = {name: relative_error(right[name], wrong[name]) for name in right}
    floor = {
        name: float(np.sqrt(d.size) * noise / (2 * np.linalg.norm(d)))
        for name, d in right.items()
    }
    return Gaps(fault, floor)


def by_scale(stds: Array, *, rng: np.random.Generator) -> tuple[Array, Array]:
    """同一组正态数乘不同的 σ，看错误与舍入误差怎样随 σ 变。

    Args:
        stds: 各个 σ，形状 (k,)，大于 0。
        rng: 随机数生成器。

    Returns:
        漏导数的总误差与舍入误差的大小，形状都是 (k,)。

    Raises:
        TypeError: stds 不是数值数组，或 rng 不是生成器。
        ShapeError: stds 不是一维。
        ValueError: 某个 σ ≤ 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.gradient_checking_notes import by_scale
        >>> stds = np.array([1e-3, 1e-1])
        >>> fault, floor = by_scale(stds, rng=np.random.default_rng(0))
        >>> (fault < floor).tolist()
        [True, False]
    """
    stds = as_array("stds", stds, (None,))
    for k, std in enumerate(stds.tolist()):
        check_interval(f"stds[{k}]", std, "(0, inf)")
    units, data = start(std=1.0, rng=rng)
    found = [gaps({k: std * w for k, w in units.items()}, data) for std in stds]
    fault, floor = ([g[i]["全部"] for g in found] for i in (0, 1))
    return np.array(fault), np.array(floor)


def frozen(model: MLP, x: Array, y: Array, *, seed: int) -> Callable[[Params], float]:
    """固定掩码的代价：每次都从同一个种子重新抽，抽到的总是同一批掩码。

    Args:
        model: 网络，keep_prob 可以小于 1。
        x: 输入，形状 (n_x, m)。
        y: 标签，形状见 `models.MLP`。
        seed: 种子，不小于 0。

    Returns:
        代价函数，收参数表，没有随机性。

    Raises:
        TypeError: seed 不是整数。
        ValueError: seed < 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.gradient_checking import setup
        >>> from dlnotes_lib.experiments.gradient_checking_notes import MODEL, frozen
        >>> params, data = setup(rng=np.random.default_rng(0))
        >>> j = frozen(MODEL, data.x, data.y, seed=3)
        >>> j(params) == j(params)
        True
    """
    check_count("seed", seed, 0)
    return lambda params: model.loss_and_grad(
        params, x, y, rng=np.random.default_rng(seed)
    )[0]


def redrawn(
    model: MLP, x: Array, y: Array, *, rng: np.random.Generator
) -> Callable[[Params], float]:
    """每次重抽掩码的代价：同一个 θ 算两次，结果不同。

    Args:
        model: 网络，keep_prob 小于 1 才有随机性。
        x: 输入，形状 (n_x, m)。
        y: 标签，形状见 `models.MLP`。
        rng: 随机数生成器，每次调用都接着往下抽。

    Returns:
        代价函数，收参数表，有随机性。

    Raises:
        TypeError: rng 不是生成器。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.gradient_checking import setup
        >>> from dlnotes_lib.experiments.gradient_checking_notes import MODEL, redrawn
        >>> params, data = setup(rng=np.random.default_rng(0))
        >>> j = redrawn(MODEL, data.x, data.y, rng=np.random.default_rng(4))
        >>> j(params) == j(params)
        False
    """
    check_rng(rng)
    return lambda params: model.loss_and_grad(params, x, y, rng=rng)[0]


def quotients(
    cost: Callable[[Params], float], params: Params, *, eps: float, count: int
) -> Array:
    """对 W1 左上角那个数反复做双边差分，不查代价有没有随机性。

    Args:
        cost: 代价 J，收参数表。
        params: 参数表，有 W1 这一块。
        eps: 差分步长 ε。
        count: 做几次。

    Returns:
        各次的差分，形状 (count,)。

    Raises:
        ShapeError: params 里没有二维的 W1。
        ValueError: eps ≤ 0，或 count < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.gradient_checking_notes import quotients
        >>> params = {"W1": np.array([[3.0]])}
        >>> cost = lambda p: float((p["W1"] ** 2).sum())
        >>> quotients(cost, params, eps=0.01, count=2).round(6).tolist()
        [6.0, 6.0]
    """
    check_interval("eps", eps, "(0, inf)")
    check_count("count", count)
    if "W1" not in params or np.ndim(params["W1"]) != 2:
        raise ShapeError(f"params must have a matrix W1, got keys {list(params)}")
    up, down = ({**params, "W1": params["W1"].copy()} for _ in range(2))
    up["W1"][0, 0] += eps
    down["W1"][0, 0] -= eps
    return np.array([(cost(up) - cost(down)) / (2 * eps) for _ in range(count)])


class Noise(NamedTuple):
    """重抽掩码时，差分随步长的变化。

    Attributes:
        spread: 各步长下差分的标准差，形状 (k,)。
        predicted: 公式 sd(J)/(√2 ε)，形状 (k,)。
        fixed: 固定掩码时差分的绝对值，形状 (k,)。
    """

    spread: Array
    predicted: Array
    fixed: Array


def noise(steps: Array, *, count: int, rng: np.random.Generator) -> Noise:
    """1.13 节的网络加上 keep_prob = 0.8：差分的噪声与步长的关系。

    Args:
        steps: 各个步长 ε，形状 (k,)，大于 0。
        count: 每个步长做几次差分；sd(J) 也用这么多次估计。
        rng: 随机数生成器，用来抽掩码；参数与数据总是种子 0，固定的掩码用种子 3。

    Returns:
        测得的噪声、公式的预言、固定掩码时的差分。

    Raises:
        TypeError: steps 不是数值数组，count 不是整数，或 rng 不是生成器。
        ShapeError: steps 不是一维。
        ValueError: 某个步长 ≤ 0，或 count < 2。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.gradient_checking_notes import noise
        >>> steps = np.array([1e-5, 1e-3])
        >>> found = noise(steps, count=50, rng=np.random.default_rng(4))
        >>> (found.spread > 10 * found.fixed).tolist()
        [True, True]
    """
    steps = as_array("steps", steps, (None,))
    check_count("count", count, 2)
    params, data = setup(rng=np.random.default_rng(0))
    fixed = frozen(MODEL, data.x, data.y, seed=3)
    fresh = redrawn(MODEL, data.x, data.y, rng=rng)
    sd = np.std([fresh(params) for _ in range(count)], ddof=1)
    spread = [
        quotients(fresh, params, eps=e, count=count).std(ddof=1) for e in steps.tolist()
    ]
    flat = [quotients(fixed, params, eps=e, count=1)[0] for e in steps.tolist()]
    return Noise(np.array(spread), sd / (np.sqrt(2) * steps), np.abs(flat))
