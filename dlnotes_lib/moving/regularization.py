"""1.4 节：λ 越来越大，L2 与 L1 各把 50 个权重变成什么样。"""

import numpy as np

from dlnotes_lib.experiments.regularization import (
    TRUE_WEIGHTS,
    l1_proximal_step,
    l2_step,
    sparse_data,
    train,
)
from dlnotes_lib.moving._drawing import Axis, Curve, Frame, Moving, Panel, Slider

FEATURE = np.arange(1.0, 51.0)


def _frame(lambd: float) -> Frame:
    data = sparse_data(200, rng=np.random.default_rng(0))
    l2 = train(l2_step, data, lambd=lambd, steps=1000).w[0]
    l1 = train(l1_proximal_step, data, lambd=lambd, steps=1000).w[0]
    zeros = [int(np.sum(w == 0)) for w in (l1, l2)]
    size = float(np.linalg.norm(l2))
    note = f"恰好为零的：L1 {zeros[0]} 个，L2 {zeros[1]} 个；L2 的权重长 {size:.2f}"
    curves = [np.column_stack([FEATURE, w]) for w in (TRUE_WEIGHTS[0], l2, l1)]
    return Frame(curves, note)


FIGURE = Moving(
    panels=(
        Panel(
            Axis("第几个权重", 0, 51, (1, 10, 20, 30, 40, 50)),
            Axis("权重", -3.5, 3.5, (-3, -2, -1, 0, 1, 2, 3)),
            (
                Curve("真权重", "specks", "muted"),
                Curve("L2", "crosses", "c1"),
                Curve("L1", "dots", "c0"),
            ),
        ),
    ),
    sliders=(
        Slider("λ", (3, 4, 5, 7, 10, 14, 20, 28, 40, 50, 60, 70, 80, 90, 100), 6),
    ),
    frame=_frame,
)
