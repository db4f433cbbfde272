"""2.1 节：数据都只看一遍，批大小不同，走几步，走到哪里。"""

import numpy as np

from dlnotes_lib.experiments.mini_batch_gd import (
    one_pass,
    ridge_weights,
    squared_loss,
    two_features,
)
from dlnotes_lib.moving._drawing import (
    Axis,
    Curve,
    Frame,
    Moving,
    Panel,
    Slider,
    ellipse,
)


def _frame(size: float) -> Frame:
    x, y = two_features(1000, rng=np.random.default_rng(0))
    best = ridge_weights(x, y, lambd=0.0)
    walk = one_pass(x, y, size=int(size), lr=0.5, rng=np.random.default_rng(1))
    ends = [squared_loss({"w": w}, x, y)[0] for w in (walk[-1:], best)]
    h = x @ x.T / x.shape[1]
    rings = [ellipse(h, best, level) for level in (0.03, 0.13, 0.33, 0.7, 1.2)]
    note = f"走了 {len(walk) - 1} 步，代价 {ends[0]:.2f}；最低是 {ends[1]:.2f}"
    return Frame([np.concatenate(rings), best, walk], note)


FIGURE = Moving(
    panels=(
        Panel(
            Axis("w₁", -0.5, 3.3, (0, 1, 2, 3)),
            Axis("w₂", -1.1, 1.4, (-1, 0, 1)),
            (
                Curve("", "thin", "muted"),
                Curve("最低点", "crosses", "c1"),
                Curve("看一遍数据走的路", "trail", "c0"),
            ),
            1080,
        ),
    ),
    sliders=(Slider("批大小", (1000, 500, 250, 128, 64, 32, 16, 8, 4, 2), 4),),
    frame=_frame,
)
