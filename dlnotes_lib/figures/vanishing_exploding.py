"""``vanishing_exploding`` 一页的插图。"""

import numpy as np
from matplotlib.figure import Figure

from dlnotes_lib.experiments.vanishing_exploding import (
    FORMATS,
    RANGES,
    begin,
    descend,
    gaussian_chain,
    lost_at,
    orthogonal_chain,
    spectra,
    walk,
)
from dlnotes_lib.figures._ink import BG, C3, MUTED, TEXT

SHORT = {"float16": "fp16", "bfloat16": "bf16", "float32": "fp32"}
MARKERS = {"float16": "o", "bfloat16": "s", "float32": "^"}


def signals() -> Figure:
    """五十个随机矩阵相乘：前向的长度与反向的长度，三种 g。"""
    fig = Figure(figsize=(6.8, 4.4))
    left, right = fig.subplots(1, 2, sharey=True)
    rng = np.random.default_rng(0)
    layers = np.arange(51)
    for g in (1.1, 1, 0.9):
        left.semilogy(layers, g**layers, color=MUTED, lw=1, ls="-")
        right.semilogy(layers, g ** layers[::-1], color=MUTED, lw=1, ls="-")
    for g in (0.9, 1, 1.1):
        x = rng.standard_normal((256, 1))
        forward, backward = walk(x, gaussian_chain(g, n=256, depth=50, rng=rng))
        left.semilogy(layers, forward, label=f"g = {g}")
        right.semilogy(layers, backward)
    left.set(title="前向 →", xlabel="层", ylabel="长度与出发时之比")
    right.set(title="← 反向", xlabel="层")
    left.set_ylim(1e-3, 1e3)
    fig.legend(loc="outside lower center", ncols=3)
    return fig


def floats() -> Figure:
    """三种浮点格式能表示的范围，以及逐层相乘在第几层越界。"""
    fig = Figure(figsize=(6.8, 4.8))
    left, right = fig.subplots(1, 2, sharey=True, width_ratios=[2, 3])
    low, high = (np.array(side) for side in zip(*RANGES.values(), strict=True))
    left.bar(range(3), high - low, bottom=low, width=0.6, color=C3)
    left.set_xticks(range(3), [SHORT[name] for name in RANGES])
    left.set(xlabel="格式", ylabel="数值", yscale="log", ylim=(1e-52, 1e47))
    left.set_yticks([1e-45, 1e-30, 1e-15, 1, 1e15, 1e30, 1e45])
    for factor, depth in ((1.5, 240), (1.1, 240), (0.5, 160)):
        layers = np.arange(depth + 1)
        right.plot(layers, factor**layers, label=f"每层乘 {factor}")
        for name, cast in FORMATS.items():
            at = lost_at(factor, depth=1000, cast=cast)
            if at <= depth:
                right.plot(at, factor**at, MARKERS[name], color=TEXT, mec=BG, ms=9)
    right.set(xlabel="层")
    for name, marker in MARKERS.items():
        right.plot(
            [], [], marker, color=TEXT, mec=BG, ms=9, label=f"{SHORT[name]} 越界"
        )
    fig.legend(loc="outside lower center", ncols=3)
    return fig


def spectrum() -> Figure:
    """前 1、2、4、8 个矩阵之积的奇异值：高斯与正交。"""
    fig = Figure(figsize=(6.8, 4.4))
    axes = fig.subplots(1, 2, sharey=True)
    rng = np.random.default_rng(0)
    chains = {
        "高斯，g = 1": gaussian_chain(1, n=64, depth=8, rng=rng),
        "正交": orthogonal_chain(64, depth=8, rng=rng),
    }
    for ax, (title, chain) in zip(axes, chains.items(), strict=True):
        products = spectra(chain)
        for depth in (1, 2, 4, 8):
            ax.semilogy(np.arange(1, 65), products[depth - 1], label=f"{depth} 层")
        ax.set(title=title, xlabel="第几大")
    axes[0].set(ylabel="奇异值", ylim=(1e-11, 1e2))
    fig.legend(
        *axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4
    )
    return fig


def training() -> Figure:
    """十层网络的代价曲线：消失、正常、爆炸，以及裁剪之后。"""
    fig = Figure(figsize=(6.8, 4.6))
    ax = fig.subplots()
    for label, name, steps, max_norm in (
        ("sigmoid", "sigmoid", 200, np.inf),
        ("ReLU", "relu", 200, np.inf),
        ("ReLU，权重乘 2", "relu x 2", 3, np.inf),
        ("ReLU，权重乘 2，裁剪", "relu x 2", 200, 1.0),
    ):
        task = begin(name, rng=np.random.default_rng(2))
        run = descend(task, steps=steps, max_norm=max_norm)
        ax.semilogy(run.losses, label=label)
    ax.set(xlabel="步", ylabel="代价 J", ylim=(0.03, 1e3))
    fig.legend(loc="outside lower center", ncols=2)
    return fig
