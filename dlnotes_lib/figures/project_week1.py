"""``week1/project`` 一页的插图。"""

from dataclasses import replace
from functools import cache

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from dlnotes_lib.arrays import Array
from dlnotes_lib.experiments.project_week1 import (
    FAULTS,
    STARTS,
    begin,
    fit,
    fit_early,
    half_repaired,
)
from dlnotes_lib.experiments.project_week1_grades import MODEL, check_point
from dlnotes_lib.figures._ink import BG, C0, C1, GRID, MUTED, TEXT
from dlnotes_lib.gradcheck import gradient_check
from dlnotes_lib.models import MLP

LABELS = ("全零", "标准差 0.01", "标准差 10", "标准差 1/n", "He")


def starts() -> Figure:
    """五种起点的代价曲线。"""
    fig = Figure(figsize=(6.8, 4.2))
    ax = fig.subplots()
    for name, label in zip(STARTS, LABELS, strict=True):
        ax.plot(begin(name, rng=np.random.default_rng(0)).losses, label=label)
    ax.set(xlabel="步数", ylabel="训练代价 J", ylim=(0, 0.9))
    ax.legend(loc="upper center", ncols=3, bbox_to_anchor=(0.5, 1.28))
    return fig


@cache
def _scores() -> dict[str, Array]:
    """每种做法在五个种子上的（训练准确率, 测试准确率, 测试损失）。"""
    bare = MLP(sizes=(2, 32, 32, 1), loss="bce")
    runs = {"不加": (fit, bare)}
    for lambd in (0.3, 1, 10):
        runs[f"L2，λ = {lambd:g}"] = (fit, replace(bare, lambd=lambd))
    runs["dropout 0.8"] = (fit, replace(bare, keep_prob=0.8))
    runs["早停"] = (fit_early, bare)
    table = {}
    for name, (run, model) in runs.items():
        rngs = map(np.random.default_rng, range(5))
        table[name] = np.array([run(model, rng=rng) for rng in rngs])
    return table


def regularizers() -> Figure:
    """六种做法的测试准确率与测试损失，各带一个标准误。"""
    table = _scores()
    rows = np.arange(len(table))
    fig = Figure(figsize=(7.2, 4))
    axes = fig.subplots(1, 2, sharey=True)
    for ax, column, color in zip(axes, (1, 2), (C0, C1), strict=True):
        values = np.array([scores[:, column] for scores in table.values()])
        mean = values.mean(axis=1)
        se = values.std(axis=1, ddof=1) / np.sqrt(values.shape[1])
        ax.hlines(rows, mean - se, mean + se, color=color, lw=3)
        ax.plot(mean, rows, "o", color=color, mec=BG, ms=9)
    axes[0].set(xlabel="测试准确率", ylabel="做法", xlim=(0.79, 0.89))
    axes[1].set(xlabel="测试损失", xlim=(0, 1.5))
    axes[0].set_yticks(rows, list(table))
    axes[0].invert_yaxis()
    return fig


def repair() -> Figure:
    """修好前 k 处之后，六块梯度的相对误差，大于 1e-7 的填色。"""
    params, x, y = check_point()
    names, count = list(params), len(FAULTS) + 1
    fig = Figure(figsize=(7.2, 4.2))
    ax = fig.subplots()
    for k in range(count):
        grads = half_repaired(params, x, y, lambd=MODEL.lambd, fixed=k)
        result = gradient_check(lambda p: MODEL.cost(p, x, y), params, grads)
        for j, error in enumerate(result.per_block.values()):
            if error > 1e-7:
                ax.add_patch(Rectangle((j, k), 1, 1, facecolor=C1, alpha=0.35))
            text, color = (f"{error:.2g}", TEXT) if error > 1e-7 else ("·", MUTED)
            middle = ax.text(j + 0.5, k + 0.5, text, fontsize=12, color=color)
            middle.set(ha="center", va="center")
    ax.hlines(np.arange(count + 1), 0, len(names), color=GRID, linewidth=1)
    ax.vlines(np.arange(len(names) + 1), 0, count, color=GRID, linewidth=1)
    ax.set(xlim=(0, len(names)), ylim=(count, 0))
    ax.set_xticks(np.arange(len(names)) + 0.5, [f"d{name}" for name in names])
    ax.set_yticks(np.arange(count) + 0.5, ["原样", *(f"再修：{f}" for f in FAULTS)])
    ax.set_xlabel("梯度的块", labelpad=8)
    ax.set_ylabel("修到第几处")
    ax.xaxis.set(ticks_position="top", label_position="top")
    ax.tick_params(length=0)
    ax.set_frame_on(False)
    ax.grid(visible=False)
    return fig
