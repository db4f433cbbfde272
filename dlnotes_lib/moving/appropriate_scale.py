"""3.2 节：下限往小里放，线性均匀与对数均匀各把 25 个点放到哪里。"""

import math

import numpy as np

from dlnotes_lib.experiments.appropriate_scale import linear, share
from dlnotes_lib.moving._drawing import Axis, Curve, Frame, Moving, Panel, Slider
from dlnotes_lib.search import log_uniform

COUNT = 25
GOOD = (0.0018, 0.0562)  # 能用的一段


def _frame(low: float) -> Frame:
    lr = {
        "线性": np.random.default_rng(1).uniform(low, 1.0, COUNT),
        "对数": log_uniform(low, 1.0, COUNT, rng=np.random.default_rng(1)),
    }
    told = []
    for (name, points), scale in zip(lr.items(), (linear, math.log10), strict=True):
        hits = int(((points >= GOOD[0]) & (points <= GOOD[1])).sum())
        top = share(scale, low, 1.0, start=0.1, stop=1.0)
        told.append(f"{name}均匀落进能用的一段 {hits} 个，0.1 以上占 {top:.0%}")
    rows = [
        np.column_stack([x, np.full(COUNT, y)])
        for x, y in zip(lr.values(), (2, 1), strict=True)
    ]
    return Frame([*rows, np.column_stack([GOOD, [0, 0]])], "；".join(told))


FIGURE = Moving(
    panels=(
        Panel(
            Axis(
                "学习率（对数轴）", 1e-6, 1.5, [10.0**k for k in range(-6, 1)], np.log10
            ),
            Axis("", -0.6, 2.6, (0, 1, 2), texts=("能用", "对数", "线性")),
            (
                Curve("线性均匀抽的 25 个", "crosses", "c1"),
                Curve("对数均匀抽的 25 个", "dots", "c0"),
                Curve("能用的一段", "thick", "c2"),
            ),
            560,
        ),
    ),
    sliders=(Slider("下限", tuple(10 ** (k / 2) for k in range(-12, -1)), 4),),
    frame=_frame,
)
