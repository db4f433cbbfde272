"""3.8 节：温度与一个打分各怎样改变四个概率。"""

import numpy as np

from dlnotes_lib.moving._drawing import Axis, Curve, Frame, Moving, Panel, Slider
from dlnotes_lib.softmax import softmax

CLASS = np.arange(4.0)


def _frame(temperature: float, chick: float) -> Frame:
    z = np.array([[5.0], [2.0], [-1.0], [chick]])
    a = softmax(z, temperature=temperature)[0][:, 0]
    even = np.array([[-0.5, 0.25], [3.5, 0.25]])
    note = f"四个概率：{'，'.join(f'{p:.3f}' for p in a)}"
    return Frame([np.column_stack([CLASS, a]), even], note)


FIGURE = Moving(
    panels=(
        Panel(
            Axis("类别", -0.6, 3.6, CLASS.tolist(), texts=("其他", "猫", "狗", "小鸡")),
            Axis("概率", 0, 1.05, (0, 0.25, 0.5, 0.75, 1)),
            (Curve("概率", "columns", "c0"), Curve("四类一样多", "dashed", "c1")),
            800,
        ),
    ),
    sliders=(
        Slider(
            "温度 T",
            (0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 20, 50, 100),
            5,
        ),
        Slider("小鸡的打分", tuple(range(-3, 9)), 6),
    ),
    frame=_frame,
)
