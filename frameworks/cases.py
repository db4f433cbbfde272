r"""对照用的输入：参数、梯度、超参数，全是分母为 2 的幂的小分数，由公式写出。

这样的数在二进制里没有舍入，单精度也装得下，所以对不上就是公式不同，不是数不同。
超参数用库里的名字；``lr`` 一步一个数。
"""

from typing import Any

STEPS = 12
SHAPE = (2, 3)

FIXED: dict[str, Any] = {
    "lr": [1 / 8] * STEPS,
    "beta": 7 / 8,
    "beta1": 7 / 8,
    "beta2": 1 - 2**-10,
    "eps": 2**-10,
    "weight_decay": 1 / 2,
}
CASES = {
    "fixed": FIXED,
    "eps": FIXED | {"eps": 1.0},  # 加错地方的 ε 看得见
    "memory": FIXED | {"beta2": 3 / 4},  # 二阶矩忘得快，最大值才起作用
    "drop": FIXED | {"lr": [1 / 8] * 6 + [1 / 32] * 6},  # 学习率中途改变
}
USES = {  # 库里的优化器用到哪几个超参数
    "SGD": {"lr"},
    "Momentum": {"lr", "beta"},
    "HeavyBall": {"lr", "beta"},
    "Nesterov": {"lr", "beta"},
    "RMSprop": {"lr", "beta", "eps"},
    "Adam": {"lr", "beta1", "beta2", "eps"},
    "AdamW": {"lr", "beta1", "beta2", "eps", "weight_decay"},
    "AMSGrad": {"lr", "beta1", "beta2", "eps"},
}


def start() -> list[list[float]]:
    """起点：-3/2 到 2 之间的四分之一的倍数，没有零。"""
    rows, columns = SHAPE
    signs = (1, -1)
    return [
        [signs[(i + j) % 2] * (2 + (3 * i + 2 * j) % 7) / 4 for j in range(columns)]
        for i in range(rows)
    ]


def gradients() -> list[list[list[float]]]:
    """每一步的梯度：-1/2 到 1/2 之间的八分之一的倍数，有零，也变号。"""
    rows, columns = SHAPE
    return [
        [
            [((t * (3 * i + j + 2) + 3 * j) % 9 - 4) / 8 for j in range(columns)]
            for i in range(rows)
        ]
        for t in range(1, STEPS + 1)
    ]


def cases_of(optimizer: str) -> list[str]:
    """一个优化器要跑的情形：fixed，以及改动了它的超参数的那些。"""
    return [
        name
        for name, case in CASES.items()
        if case is FIXED or any(case[h] != FIXED[h] for h in USES[optimizer])
    ]
