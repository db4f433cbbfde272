"""2.6 节：同一条山谷，重球法的 β 与 α 各管什么。"""

import numpy as np

from dlnotes_lib.landscapes import descend, rotated_quadratic
from dlnotes_lib.moving._drawing import (
    Axis,
    Curve,
    Frame,
    Moving,
    Panel,
    Slider,
    ellipse,
)
from dlnotes_lib.optimizers import HeavyBall

VALLEY = rotated_quadratic(20, 0)
RINGS = np.concatenate(
    [ellipse(VALLEY.hessian, np.zeros(2), level) for level in (0.6, 6, 24, 60)]
)


def _frame(beta: float, lr: float) -> Frame:
    ball = HeavyBall(lr=lr, beta=beta)
    path = descend(ball, VALLEY.grad, np.array([10.0, 1.0]), steps=20)
    left = float(np.hypot(*path[-1]))
    note = f"20 步之后离最低点 {left:.2g}"
    return Frame([RINGS, np.zeros((1, 2)), path], note)


FIGURE = Moving(
    panels=(
        Panel(
            Axis("w₁", -6, 11, (-5, 0, 5, 10)),
            Axis("w₂", -4, 4, (-4, -2, 0, 2, 4)),
            (
                Curve("", "thin", "muted"),
                Curve("最低点", "crosses", "c1"),
                Curve("重球法的 20 步", "trail", "c0"),
            ),
            772,
        ),
    ),
    sliders=(
        Slider("衰减率 β", tuple(k / 10 for k in range(10)), 4),
        Slider("学习率 α", tuple(k / 100 for k in range(2, 20, 2)), 5),
    ),
    frame=_frame,
)
