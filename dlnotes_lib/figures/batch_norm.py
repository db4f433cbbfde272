"""``batch-norm`` 一页的插图。"""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from dlnotes_lib.experiments import batch_norm as computed
from dlnotes_lib.figures._ink import BG, C0, C1, MUTED
from dlnotes_lib.normalization import batch_norm, layer_norm


def units() -> Figure:
    """第二层每个单元的均值与标准差：刚初始化、训练五轮、归一化以后。"""
    fresh, trained = (
        computed.digits_scores(passes, rng=np.random.default_rng(0))[1]
        for passes in (0, 5)
    )
    one = np.ones((20, 1))
    normed, _ = batch_norm(trained, one, 0 * one)
    panels = {"刚初始化": fresh, "训练五轮以后": trained, "再做批量归一化": normed}
    fig = Figure(figsize=(7.2, 3.6))
    axes = fig.subplots(1, 3, sharey=True)
    number = np.arange(1, 21)
    for ax, (title, z) in zip(axes, panels.items(), strict=True):
        mean, std, _ = computed.units(z)
        ax.vlines(number, mean - std, mean + std, color=C0, linewidth=2)
        ax.plot(number, mean, "o", color=C1, markersize=5)
        ax.set(title=title, xlabel="单元", xticks=[1, 10, 20])
    axes[0].set_ylabel("z 的均值 ± 标准差")
    return fig


def axes() -> Figure:
    """同一个矩阵，沿样本归一化与沿单元归一化。"""
    z = computed.striped(rng=np.random.default_rng(0))
    one = np.ones((5, 1))
    panels = (
        ("z", z, None),
        ("批量归一化", batch_norm(z, one, 0 * one)[0], (-0.5, 1.5, 8, 1)),
        ("层归一化", layer_norm(z, one, 0 * one)[0], (2.5, -0.5, 1, 5)),
    )
    fig = Figure(figsize=(7.2, 2.9))
    grid = fig.subplots(1, 3, sharey=True)
    for ax, (title, values, box) in zip(grid, panels, strict=True):
        ax.imshow(values, vmin=-3, vmax=3, aspect="auto")
        if box:
            x, y, width, height = box
            ax.add_patch(
                Rectangle((x, y), width, height, fill=False, edgecolor=C1, linewidth=3)
            )
        ax.set(title=title, xlabel="样本", xticks=range(8), yticks=range(5))
        ax.set(xticklabels=range(1, 9), yticklabels=range(1, 6))
        ax.grid(visible=False)
    grid[0].set_ylabel("单元")
    bar = fig.colorbar(grid[0].images[0], ax=grid)
    bar.outline.set_edgecolor(MUTED)  # pyright: ignore
    return fig


def affine() -> Figure:
    """一个单元的打分：归一化之前、之后，再缩放平移之后；虚线是 sigmoid。"""
    z = computed.skewed_scores(1000, rng=np.random.default_rng(0))
    one = np.ones((1, 1))
    versions = {
        "z": z,
        "归一化以后，γ = 1，β = 0": batch_norm(z, one, 0 * one)[0],
        "再缩放、平移，γ = 3，β = −1": batch_norm(z, 3 * one, -one)[0],
    }
    fig = Figure(figsize=(6.4, 5.6))
    axes = fig.subplots(3, 1, sharex=True, sharey=True)
    at, bins = np.linspace(-8, 18, 261), np.linspace(-8, 18, 53)
    for ax, (title, values) in zip(axes, versions.items(), strict=True):
        ax.hist(values[0], bins, density=True, color=C0, edgecolor=BG)
        ax.plot(at, 1 / (1 + np.exp(-at)), color=C1, linestyle="--")
        ax.set(title=title, ylim=(0, 1.05), xlim=(-8, 18))
    axes[1].set_ylabel("直方图：密度；虚线：sigmoid")
    axes[-1].set_xlabel("打分")
    return fig
