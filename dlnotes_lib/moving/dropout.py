"""1.6 节：保留概率变小，下一层收到的平均怎样散开；不放大的又怎样挪走。"""

import math

import numpy as np

from dlnotes_lib.experiments.dropout import kept_units
from dlnotes_lib.moving._drawing import Axis, Curve, Frame, Moving, Panel, Slider

UNITS = 50


def _frame(keep_prob: float) -> Frame:
    chance = kept_units(UNITS, keep_prob=keep_prob)
    plain = np.arange(UNITS + 1) / UNITS  # 50 个 1 丢掉一些，再取平均
    scaled = plain / keep_prob
    means = [float(chance @ values) for values in (scaled, plain)]
    std = math.sqrt(float(chance @ (scaled - means[0]) ** 2))
    note = f"除：平均 {means[0]:.2f}，标准差 {std:.2f}；不除：平均 {means[1]:.2f}"
    shown = chance > 0.001
    curves = [np.column_stack([x, chance])[shown] for x in (scaled, plain)]
    return Frame(curves, note)


FIGURE = Moving(
    panels=(
        Panel(
            Axis("下一层收到的平均", 0, 2, (0, 0.5, 1, 1.5, 2)),
            Axis("概率", 0, 0.28, (0, 0.1, 0.2)),
            (
                Curve("除以 keep_prob", "bars", "c0"),
                Curve("不除", "crosses", "c1"),
            ),
        ),
    ),
    sliders=(Slider("keep_prob", tuple(k / 20 for k in range(4, 20)), 6),),
    frame=_frame,
)
