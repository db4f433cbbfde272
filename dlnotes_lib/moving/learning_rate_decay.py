"""2.9 节：起点与衰减率相同，四种调度各把期望损失降到哪里。"""

import math
from functools import partial

import numpy as np

from dlnotes_lib.experiments.learning_rate_decay import STEPS, constant, expected_loss
from dlnotes_lib.moving._drawing import Axis, Curve, Frame, Moving, Panel, Slider
from dlnotes_lib.schedules import cosine, exponential, inverse_time

SHOWN = np.unique(np.geomspace(1, STEPS, 70).round().astype(int))
NAMES = ("恒定", "反比", "指数", "余弦")


def _frame(lr0: float, decay: float) -> Frame:
    schedules = (
        partial(constant, lr=lr0),
        partial(inverse_time, lr0=lr0, decay=decay),
        partial(exponential, lr0=lr0, factor=math.exp(-decay)),
        partial(cosine, lr0=lr0, steps=STEPS),
    )
    rates = [np.array([s(int(t) - 1) for t in SHOWN]) for s in schedules]
    losses = [expected_loss(s) for s in schedules]
    curves = [np.column_stack([SHOWN, rate]) for rate in rates]
    curves += [np.column_stack([SHOWN, loss[SHOWN]]) for loss in losses]
    ends = (f"{name} {x[-1]:.2g}" for name, x in zip(NAMES, losses, strict=True))
    return Frame(curves, f"走完 {STEPS} 步的期望损失：{'，'.join(ends)}")


STEP = Axis("第几步", 1, STEPS, (1, 10, 100, 1000), np.log10)
CURVES = (
    Curve("恒定", "thin", "muted"),
    Curve("反比 α₀/(1 + dt)", "line", "c0"),
    Curve("指数 α₀e^(−dt)", "dashed", "c1"),
    Curve("余弦，不用 d", "dotted", "c2"),
)

FIGURE = Moving(
    panels=(
        Panel(
            STEP,
            Axis("学习率", 1e-5, 2, (1e-5, 1e-4, 1e-3, 0.01, 0.1, 1), np.log10),
            CURVES,
            700,
        ),
        Panel(
            STEP,
            Axis("期望损失", 1e-4, 30, (1e-4, 1e-3, 0.01, 0.1, 1, 10), np.log10),
            tuple(curve._replace(name="") for curve in CURVES),
            800,
        ),
    ),
    sliders=(
        Slider("起始学习率 α₀", (0.02, 0.05, 0.1, 0.2, 0.5, 1), 4),
        Slider("衰减率 d", (0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1), 3),
    ),
    frame=_frame,
)
