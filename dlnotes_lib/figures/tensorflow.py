"""``tensorflow`` 一页的插图。"""

import numpy as np
from matplotlib.figure import Figure

from dlnotes_lib.experiments import tensorflow as computed


def precision() -> Figure:
    """同一段程序，双精度与单精度：到最低点的距离。"""
    fig = Figure()
    ax = fig.subplots()
    for dtype, name in ((np.float64, "float64"), (np.float32, "float32")):
        path = computed.descent_path(dtype=dtype)
        last = computed.last_move(path)
        far = abs(5 - path.astype(float))
        ax.plot(far, label=name, marker="o", markevery=[last], markersize=8)
    ax.set(yscale="log", xlabel="步数 k", ylabel="到最低点的距离 |5 − w|")
    ax.legend(loc="lower left")
    return fig


def mixed() -> Figure:
    """16 位的权重，与单精度的主权重：到最低点的距离。"""
    fig = Figure(figsize=(6.4, 4.6))
    ax = fig.subplots()
    for name, low in (("bfloat16", 8), ("float16", 11)):
        for kind, high in (("处处", low), ("主权重 float32，梯度", 24)):
            path = computed.precision_path(weight_bits=high, grad_bits=low, steps=500)
            ax.plot(abs(5 - path), label=f"{kind} {name}")
    ax.set(yscale="log", xlabel="步数 k", ylabel="到最低点的距离 |5 − w|")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return fig
