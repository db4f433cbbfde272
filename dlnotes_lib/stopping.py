"""早停：看验证损失，连续 patience 次没有刷新最优就停，并留住最优时的参数。

保证：规则是冻结的值，进度一进一出；最优参数是复制品，训练再往下走也不会改动它；
验证值或参数里有 NaN 或 Inf 就报错。
不做：不算验证损失，不控制循环；停由调用者 ``break``，取哪份参数由调用者从进度里拿。
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from dlnotes_lib.arrays import (
    Params,
    as_array,
    check_count,
    check_finite,
    check_interval,
)


class Progress(NamedTuple):
    """早停的进度。

    Attributes:
        step: 最近一次评估在第几步；还没评估时是 −1。
        best_step: 最优的那次在第几步；还没评估时是 −1。
        best_value: 最优的验证值；还没评估时是正无穷。
        best_params: 最优时的参数，复制品。
        waited: 连续几次没有改进。
        stop: 该停了。

    Examples:
        >>> from dlnotes_lib.stopping import Progress
        >>> progress = Progress(7, 5, 0.4, {}, waited=2, stop=True)
        >>> progress.best_step, progress.stop
        (5, True)
    """

    step: int
    best_step: int
    best_value: float
    best_params: Params
    waited: int
    stop: bool


@dataclass(frozen=True, kw_only=True)
class EarlyStopping:
    r"""早停的规则；越小越好的验证值。

    $$\text{改进} \iff v_t < v_{\text{best}} - \delta, \qquad
    \text{停} \iff \text{连续 } P \text{ 次评估没有改进}$$

    Attributes:
        patience: 耐心值 P，不小于 1；数的是评估的次数，不是训练的步数。
        min_delta: 至少要低多少才算改进，δ，不小于 0。

    Raises:
        TypeError: patience 不是整数，或 min_delta 不是实数。
        ValueError: patience < 1，或 min_delta 是负数或不是有限数。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.stopping import EarlyStopping
        >>> rule = EarlyStopping(patience=2)
        >>> progress = rule.init()
        >>> for t, value in enumerate([5.0, 3.0, 4.0, 3.5, 1.0]):
        ...     params = {"w": np.array([float(t)])}
        ...     progress = rule.update(progress, t, value, params)
        ...     if progress.stop:
        ...         break
        >>> progress.step, progress.best_step, progress.best_params["w"].tolist()
        (3, 1, [1.0])
    """

    patience: int
    min_delta: float = 0.0

    def __post_init__(self) -> None:
        check_count("patience", self.patience)
        check_interval("min_delta", self.min_delta, "[0, inf)")

    def init(self) -> Progress:
        """还没有评估过的进度。"""
        return Progress(-1, -1, math.inf, {}, waited=0, stop=False)

    def update(
        self, state: Progress, step: int, value: float, params: Params
    ) -> Progress:
        """记下第 step 步（必须递增）的验证值；params 是这一步的参数，可以是 {}。"""
        check_count("step", step, state.step + 1)
        check_interval("value", value, "(-inf, inf)")
        checked = _checked(params)
        if value < state.best_value - self.min_delta:
            copies = {name: w.copy() for name, w in checked.items()}
            return Progress(step, step, float(value), copies, waited=0, stop=False)
        waited = state.waited + 1
        return state._replace(step=step, waited=waited, stop=waited >= self.patience)


def replay(rule: EarlyStopping, values: Iterable[float]) -> Progress:
    """拿一条录好的验证曲线，看这条规则会在哪里停。

    Args:
        rule: 早停的规则。
        values: 各次评估的验证值；第 k 个当作第 k 步，从 0 数起。停了就不再往后取。

    Returns:
        停下时（或曲线走完时）的进度；没有参数，best_params 是 {}。

    Raises:
        TypeError: rule 不是 `EarlyStopping`，values 不是一串实数。
        ValueError: values 是空的，或停下之前有 NaN 或 Inf。

    Examples:
        >>> from dlnotes_lib.stopping import EarlyStopping, replay
        >>> curve = [5, 4, 3, 3.1, 3.2, 2.9, 3.0, 3.1, 3.3]
        >>> progress = replay(EarlyStopping(patience=2), curve)
        >>> progress.step, progress.best_step, progress.best_value
        (4, 2, 3.0)
    """
    if not isinstance(rule, EarlyStopping):
        raise TypeError(f"rule must be an EarlyStopping, got {type(rule).__name__}")
    if not isinstance(values, Iterable):
        raise TypeError(f"values must be iterable, got {type(values).__name__}")
    progress = rule.init()
    for k, value in enumerate(values):
        check_interval(f"values[{k}]", value, "(-inf, inf)")
        progress = rule.update(progress, k, value, {})
        if progress.stop:
            break
    if progress.step < 0:
        raise ValueError("values must not be empty, got no values")
    return progress


def _checked(params: Params) -> Params:
    if not isinstance(params, dict):
        raise TypeError(f"params must be a dict, got {type(params).__name__}")
    checked = {name: as_array(f"params[{name!r}]", w) for name, w in params.items()}
    for name, w in checked.items():
        check_finite(f"params[{name!r}]", w)
    return checked
