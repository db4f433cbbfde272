"""1.11 节：权重的标准差乘 √n 是多少，信号与梯度就怎样穿过 50 层。"""

import numpy as np

from dlnotes_lib.activations import relu, tanh
from dlnotes_lib.experiments.weight_initialization import propagate
from dlnotes_lib.moving._drawing import Axis, Curve, Frame, Moving, Panel, Slider

WIDTH, DEPTH = 256, 50
LAYER = np.arange(0.0, DEPTH + 1)


def _frame(scale: float) -> Frame:
    std = scale / WIDTH**0.5
    found = [
        propagate(g, std=std, n=WIDTH, depth=DEPTH, rng=np.random.default_rng(0))
        for g in (relu, tanh)
    ]
    curves = [np.column_stack([LAYER[1:], spread.a_std]) for spread in found]
    curves += [np.column_stack([LAYER[:-1], spread.da_std]) for spread in found]
    ends = [f"{x:.0e}" for s in found for x in (s.a_std[-1], s.da_std[0])]
    note = (
        f"ReLU：末层 {ends[0]}，传到输入的梯度 {ends[1]}；"
        f"tanh：末层 {ends[2]}，传到输入的梯度 {ends[3]}"
    )
    return Frame(curves, note)


FIGURE = Moving(
    panels=(
        Panel(
            Axis("第几层", 0, DEPTH, (0, 10, 20, 30, 40, 50)),
            Axis(
                "标准差",
                1e-15,
                1e9,
                (1e-15, 1e-10, 1e-5, 1, 1e5),
                np.log10,
            ),
            (
                Curve("ReLU 的激活值", "line", "c0"),
                Curve("tanh 的激活值", "dashed", "c1"),
                Curve("ReLU 的梯度", "thin", "c0"),
                Curve("tanh 的梯度", "dotted", "c1"),
            ),
        ),
    ),
    sliders=(
        Slider(
            "标准差 × √n",
            (0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 2**0.5, 1.5, 1.6, 1.8, 2),
            9,
        ),
    ),
    frame=_frame,
)
