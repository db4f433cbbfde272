"""第三周综合项目的判分：每个函数收你写的函数或结果，返回一串毛病，空的就是通过。

保证：不改动你的输入；结果每次相同；毛病里写明从第几步起、差多少。
不做：不评写法；你的函数自己抛的错照样抛出来。
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from dlnotes_lib.arrays import Array
from dlnotes_lib.experiments.project_week3 import (
    OPTIMIZERS,
    STEPS,
    Difference,
    digits,
    first_difference,
    losses,
)
from dlnotes_lib.experiments.project_week3_ports import (
    PORTS,
    SUSPECTS,
    TRIED,
    Port,
    reshaped,
    signature,
)

Training: TypeAlias = Callable[..., Sequence[float] | Array]
Comparison: TypeAlias = Callable[[Array, Array, float], Any]

FRAMEWORKS = ("PyTorch", "TensorFlow", "Keras", "JAX")
PORT_FAULTS: dict[str, Port] = {  # 毛病 → 犯了它的移植
    "transpose W, do not reshape it": Port(kernel=reshaped),
    "divide the variance by m, not m - 1": Port(ddof=1),
    "use eps = 1e-5 in batch norm, not 1e-3": Port(eps=1e-3),
    "divide the gradient by m": Port(scale=256.0),
    "differentiate the mean and the variance too": Port(through=0.0),
}
PAIRS: dict[str, tuple[list[float], list[float], tuple[int, float] | None]] = {
    "equal": ([3.0, 2.0, 1.0], [3.0, 2.0, 1.0], None),
    "apart by exactly the tolerance": ([3.0, 2.0], [3.125, 1.875], None),
    "a little beyond the tolerance": ([4.0], [4.125 + 2**-20], (1, 0.125 + 2**-20)),
    "apart at step 1 only": ([3.0, 2.0, 1.0], [3.5, 2.0, 1.0], (1, 0.5)),
    "apart in the middle, together at the end": (
        [3.0, 2.5, 2.0, 1.0],
        [3.0, 2.25, 1.25, 1.0],
        (2, 0.25),
    ),
    "the first one is higher": ([3.0, 2.0], [3.0, 1.5], (2, 0.5)),
    "the difference grows": ([3.0, 2.0, 1.0], [3.0, 2.25, 1.5], (2, 0.25)),
    "one becomes NaN": ([3.0, 2.0], [3.0, np.nan], (2, np.nan)),
    "both become NaN": ([3.0, np.nan], [3.0, np.nan], (2, np.nan)),
    "one becomes NaN later": ([3.0, 2.0, 1.0], [3.5, 2.0, np.nan], (1, 0.5)),
}
TOLERANCE = 0.125  # 二进制里恰好，与上面的差比得准
BOUNDS: dict[str, dict[str, float]] = {  # Keras 之外，处处 1e-10
    "Keras": {
        "Momentum": 1e-6,
        "HeavyBall": 1e-6,
        "Nesterov": 1e-6,
        "RMSprop": 1e-2,
        "Adam": 1e-3,
        "Adam, default epsilon": 1e-3,
        "AdamW": 1e-3,
    }
}


def grade_port(port: Training) -> list[str]:
    """任务一：行约定的移植，SGD 走 10 步。

    Args:
        port: ``port(x, y, w1, w2, lr, steps)``，x 形状 (256, 64)，w1、w2 是列约定的
            权重；返回每次更新之前的损失。

    Returns:
        一串毛病。

    Examples:
        >>> from dlnotes_lib.experiments.project_week3_grades import grade_port
        >>> from dlnotes_lib.experiments.project_week3_ports import Port
        >>> grade_port(lambda x, y, w1, w2, lr, steps: Port().losses("SGD", steps=10))
        []
        >>> wrong = Port(ddof=1)
        >>> grade_port(lambda x, y, w1, w2, lr, steps: wrong.losses("SGD", steps=10))
        ['loss 1 must be 2.834404, got 2.832627: divide the variance by m, not m - 1']
    """
    _, params, x, y = digits()
    given = [x.T.copy(), y.copy(), params["W1"].copy(), params["W2"].copy()]
    kept = [array.copy() for array in given]
    got = np.asarray(port(*given, 0.1, 10), dtype=float)
    for name, array, before in zip(("x", "y", "w1", "w2"), given, kept, strict=True):
        if not np.array_equal(array, before):
            return [f"{name} must not be changed"]
    if got.shape != (10,):
        return [f"port must return 10 losses, got shape {got.shape}"]
    longer = losses(OPTIMIZERS["SGD"], steps=11)
    want = longer[:10]
    gap = first_difference(want, got)
    if gap is None:
        return []
    places = 6 if not gap.size < 1e-5 else 12
    shown = f"{want[gap.step - 1]:.{places}f}, got {got[gap.step - 1]:.{places}f}"
    return [f"loss {gap.step} must be {shown}{_hint(gap, got, longer)}"]


def grade_first_difference(compare: Comparison) -> list[str]:
    """任务二：两条轨迹从哪一步起不同。

    Args:
        compare: ``compare(a, b, tol)``，返回两个数（第几步、差多少）或 None。

    Returns:
        一串毛病，写明反例。

    Examples:
        >>> from dlnotes_lib.experiments.project_week3 import first_difference
        >>> from dlnotes_lib.experiments.project_week3_grades import (
        ...     grade_first_difference,
        ... )
        >>> def compare(a, b, tol):
        ...     return first_difference(a, b, tol=tol)
        >>> grade_first_difference(compare)
        []
    """
    found = []
    for case, (a, b, want) in PAIRS.items():
        got = compare(np.array(a), np.array(b), TOLERANCE)
        if not _same(got, want):
            found.append(f"{case}: must be {want}, got {_plain(got)}")
    return found


def grade_verdicts(verdicts: Mapping[str, str]) -> list[str]:
    """任务三：六份移植各错在哪里。

    Args:
        verdicts: 字母 → `PORTS` 里的名字。

    Returns:
        一串毛病，写明与哪一条证据不符。

    Examples:
        >>> from dlnotes_lib.experiments.project_week3_grades import grade_verdicts
        >>> from dlnotes_lib.experiments.project_week3_ports import SUSPECTS
        >>> grade_verdicts(SUSPECTS)
        []
        >>> grade_verdicts(SUSPECTS | {"A": "momentum"})
        ["A is not 'momentum': under SGD that starts at —, this at 2: 1e+00"]
    """
    found = []
    for letter, fault in SUSPECTS.items():
        said = verdicts.get(letter)
        if said not in PORTS:
            found.append(f"{letter} must be one of {', '.join(PORTS)}, got {said!r}")
        elif said != fault:
            found.append(f"{letter} is not {said!r}: {_evidence(said, fault)}")
    return found


def grade_framework(
    framework: str, optimizer: str, got: Sequence[float] | Array
) -> list[str]:
    """合起来：一个框架走出的 100 个损失与本库的差，有没有超过该有的上限。

    Args:
        framework: PyTorch、TensorFlow、Keras 或 JAX。
        optimizer: `OPTIMIZERS` 里的名字，或 ``"Adam, default epsilon"``。
        got: 100 个损失。

    Returns:
        一串毛病。

    Raises:
        ValueError: framework 或 optimizer 不在上面这些名字里。

    Examples:
        >>> from dlnotes_lib.experiments.project_week3 import record
        >>> from dlnotes_lib.experiments.project_week3_grades import grade_framework
        >>> keras = record()["losses"]["Keras"]["Adam"]
        >>> grade_framework("Keras", "Adam", keras)
        []
        >>> grade_framework("PyTorch", "Adam", keras)
        ['PyTorch Adam: from step 2 on apart by 9e-06, allowed is 1e-10']
    """
    _check_name("framework", framework, FRAMEWORKS)
    _check_name("optimizer", optimizer, OPTIMIZERS | BOUNDS["Keras"])
    bound = BOUNDS.get(framework, {}).get(optimizer, 1e-10)
    got = np.asarray(got, dtype=float)
    if got.shape != (STEPS,):
        return [f"{framework} {optimizer}: must have 100 losses, got shape {got.shape}"]
    want = losses(OPTIMIZERS[optimizer.split(",")[0]])
    gap = first_difference(want, got, tol=bound)
    if gap is None:
        return []
    apart = f"from step {gap.step} on apart by {gap.size:.0e}"
    return [f"{framework} {optimizer}: {apart}, allowed is {bound:.0e}"]


def _hint(gap: Difference, got: Array, longer: Array) -> str:
    """像是哪一种错：第一处不同的步数与那个损失都相同。往后的不比，写法不同会越走越远。"""
    known = {fault: port.losses("SGD", steps=10) for fault, port in PORT_FAULTS.items()}
    known["record the loss before the update"] = longer[1:]
    known["average the loss, do not sum it"] = 256 * longer[:10]
    for fault, wrong in known.items():
        first = first_difference(longer[:10], wrong)
        if first and first.step == gap.step and _near(got, wrong, gap.step):
            return f": {fault}"
    return ": is everything in double precision?" if gap.size < 1e-5 else ""


def _near(got: Array, wrong: Array, step: int) -> bool:
    return bool(np.isclose(got[step - 1], wrong[step - 1], rtol=1e-9, atol=0))


def _same(got: Any, want: tuple[int, float] | None) -> bool:
    if want is None or not _is_pair(got):
        return got is want
    same_gap = np.array_equal(np.ravel(got[1]), [want[1]], equal_nan=True)
    return bool(got[0] == want[0]) and same_gap


def _is_pair(got: Any) -> bool:
    """两个数：元组、列表、数组都行。"""
    return isinstance(got, tuple | list | np.ndarray) and [*map(np.size, got)] == [1, 1]


def _plain(got: Any) -> str:
    return str(tuple(np.asarray(v).item() for v in got) if _is_pair(got) else got)


def _check_name(argument: str, got: str, known: Collection[str]) -> None:
    if got not in known:
        raise ValueError(f"{argument} must be one of {', '.join(known)}, got {got!r}")


def _evidence(said: str, fault: str) -> str:
    """两种错的特征第一处不同的地方。"""
    claimed, seen = signature(said), signature(fault)
    name = next(name for name in TRIED if claimed[name] != seen[name])
    return f"under {name} that starts at {claimed[name]}, this at {seen[name]}"
