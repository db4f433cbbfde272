"""2.8 节：山谷连同起点一起转，谁的路跟着转，谁的路变了样。"""

import math

import numpy as np

from dlnotes_lib.experiments.adam import turned_paths
from dlnotes_lib.landscapes import rotated_quadratic
from dlnotes_lib.moving._drawing import (
    Axis,
    Curve,
    Frame,
    Moving,
    Panel,
    Slider,
    ellipse,
)

STEPS = 30


def _frame(degrees: float, kappa: float) -> Frame:
    paths = [*turned_paths(kappa, degrees, steps=STEPS).values()]
    far = [f"{math.hypot(*path[-1].tolist()):.2f}" for path in paths]
    note = f"{STEPS} 步之后离最低点：梯度下降 {far[0]}，重球法 {far[1]}，Adam {far[2]}"
    valley = rotated_quadratic(kappa, degrees)
    top = valley.cost(paths[0][0])  # 起点的高度
    rings = [ellipse(valley.hessian, np.zeros(2), top * share) for share in (0.1, 1)]
    return Frame([np.concatenate(rings), np.zeros((1, 2)), *paths], note)


FIGURE = Moving(
    panels=(
        Panel(
            Axis("w₁", -11, 9, (-10, -5, 0, 5)),
            Axis("w₂", -10, 8, (-10, -5, 0, 5)),
            (
                Curve("", "thin", "muted"),
                Curve("最低点", "crosses", "c4"),
                Curve("梯度下降", "dots", "c2"),
                Curve("重球法", "line", "c1"),
                Curve("Adam", "trail", "c0"),
            ),
            1476,
        ),
    ),
    sliders=(
        Slider("转过的角度", tuple(k * 7.5 for k in range(13)), 0, "{:.4g}°"),
        Slider("条件数 κ", (3, 10, 30, 100), 2),
    ),
    frame=_frame,
)
