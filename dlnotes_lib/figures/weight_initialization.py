"""``weight_initialization`` 一页的插图。"""

import numpy as np
from matplotlib.figure import Figure

from dlnotes_lib.activations import relu, sigmoid, tanh
from dlnotes_lib.experiments.weight_initialization import (
    propagate,
    schemes,
    three_starts,
)

NAMES = {
    "0.01": "σ = 0.01",
    "1/n": "σ = 1/n（原笔记）",
    "sqrt(1/n)": "σ = √(1/n)",
    "sqrt(2/n)": "σ = √(2/n)，He",
    "1": "σ = 1",
}


def spread() -> Figure:
    """五种标准差之下，激活值的标准差怎样随层数变化。"""
    fig = Figure(figsize=(7.2, 4.6))
    axes = fig.subplots(1, 2, sharey=True)
    for ax, (name, activation) in zip(
        axes, {"ReLU": relu, "tanh": tanh}.items(), strict=True
    ):
        for scheme, std in schemes(256).items():
            result = propagate(activation, std=std, rng=np.random.default_rng(0))
            ax.semilogy(np.arange(1, 51), result.a_std, label=NAMES[scheme])
        ax.set(title=name, xlabel="层")
    axes[0].set_ylabel("激活值的标准差")
    fig.legend(
        *axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3
    )
    return fig


def histograms() -> Figure:
    """Tanh 网络第 1 层与第 10 层的激活值，三种标准差。"""
    fig = Figure(figsize=(7.2, 4.2))
    axes = fig.subplots(2, 3, sharex=True, sharey=True)
    bins = np.linspace(-1, 1, 41).tolist()
    for column, scheme in zip(axes.T, ("0.01", "sqrt(1/n)", "1"), strict=True):
        rng = np.random.default_rng(0)
        result = propagate(tanh, std=schemes(256)[scheme], depth=10, rng=rng)
        for ax, a in zip(column, (result.first, result.last), strict=True):
            weights = np.full(a.size, 1 / a.size)
            ax.hist(a.ravel(), bins=bins, weights=weights)
        column[0].set_title(NAMES[scheme])
        column[1].set_xlabel("激活值")
    axes[0, 0].set_ylabel("第 1 层，比例")
    axes[1, 0].set_ylabel("第 10 层，比例")
    return fig


def gradients() -> Figure:
    """梯度从第 20 层往回传，四种搭配。"""
    fig = Figure(figsize=(7.2, 4.2))
    ax = fig.subplots()
    stds = schemes(256)
    for name, activation, scheme in (
        ("tanh", tanh, "1"),
        ("tanh", tanh, "sqrt(1/n)"),
        ("ReLU", relu, "sqrt(2/n)"),
        ("sigmoid", sigmoid, "sqrt(1/n)"),
    ):
        rng = np.random.default_rng(0)
        result = propagate(activation, std=stds[scheme], depth=20, rng=rng)
        label = f"{name}，{NAMES[scheme]}"
        ax.semilogy(np.arange(20), result.da_std, label=label)
    ax.set(xlabel="层（0 是输入）", ylabel="梯度的标准差")
    ax.set_xticks([0, 5, 10, 15, 19])
    ax.legend(ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.2))
    return fig


def losses() -> Figure:
    """零、常数与 He 三种初始化的代价曲线。"""
    fig = Figure(figsize=(6.8, 3.8))
    ax = fig.subplots()
    names = {"zeros": "全是 0", "constant": "全是 0.1", "he": "He"}
    for key, run in three_starts(steps=1000, rng=np.random.default_rng(0)).items():
        ax.plot(run.losses, label=names[key])
    ax.set(xlabel="步", ylabel="代价 J", ylim=(0, None))
    ax.legend(loc="center right", bbox_to_anchor=(1, 0.72))
    return fig
