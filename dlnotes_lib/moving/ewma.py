"""2.3 节：β 从 0 到 0.99，平均怎样由抖变平、由准变晚。"""

import numpy as np

from dlnotes_lib.averages import ewma, mean_age, variance_window
from dlnotes_lib.datasets import london_like, london_like_trend
from dlnotes_lib.moving._drawing import Axis, Curve, Frame, Moving, Panel, Slider

DAY = np.arange(1.0, 366.0)


def _frame(beta: float) -> Frame:
    theta = london_like(730, rng=np.random.default_rng(42))
    trend = london_like_trend(365)
    v = ewma(theta, beta=beta)[365:]  # 第二年
    left, lag = 1 / variance_window(beta), mean_age(beta)
    off = float(np.sqrt(np.mean((v - trend) ** 2)))
    note = f"噪声的方差剩 {left:.3f}，斜坡晚 {lag:.1f} 步；这一年离真趋势 {off:.2f} 度"
    curves = [np.column_stack([DAY, y]) for y in (theta[365:], trend, v)]
    return Frame(curves, note)


FIGURE = Moving(
    panels=(
        Panel(
            Axis("第几天", 0, 366, (0, 100, 200, 300)),
            Axis("气温（℃）", -3, 25, (0, 10, 20)),
            (
                Curve("读数", "specks", "muted"),
                Curve("真趋势", "dashed", "c1"),
                Curve("平均 v", "line", "c0"),
            ),
        ),
    ),
    sliders=(
        Slider(
            "衰减率 β",
            (0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.96, 0.97, 0.98, 0.99),
            7,
        ),
    ),
    frame=_frame,
)
