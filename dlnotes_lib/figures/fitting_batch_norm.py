"""``fitting-batch-norm`` 一页的插图。"""

from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dlnotes_lib.arrays import Array
from dlnotes_lib.experiments import fitting_batch_norm as computed
from dlnotes_lib.figures._ink import BG, C0, C1, C2, C3, MUTED, TEXT
from dlnotes_lib.models import MLP
from dlnotes_lib.normalization import batch_norm
from dlnotes_lib.optimizers import SGD

PLACES = {
    "z": (0.0, 2.2),
    "μ": (3.6, 4.2),
    "σ²": (3.6, 0.2),
    "标准化": (7.2, 2.2),
    "×γ +β": (10.6, 2.2),
}
FORWARD = (
    ("z", "μ"),
    ("z", "σ²"),
    ("z", "标准化"),
    ("μ", "标准化"),
    ("σ²", "标准化"),
    ("标准化", "×γ +β"),
)


def training() -> Figure:
    """正确的反向与当成常数的反向：损失，和那个不起作用的偏置。"""
    runs = {
        "批量归一化": batch_norm,
        "反向当成常数": computed.naive_batch_norm,
    }
    setting = {"passes": 10, "lr": 0.5}
    model, count = MLP(sizes=computed.SIZES), np.arange(1, 11)
    plain = partial(computed.losses, model, SGD(lr=setting["lr"]), passes=10)
    fig = Figure(figsize=(7.2, 4.0))
    left, right = fig.subplots(1, 2)
    for (label, norm), color, mark in zip(runs.items(), (C0, C1), "os", strict=True):
        run = computed.descend(norm, **setting, rng=np.random.default_rng(0))
        style = {"marker": mark, "color": color, "label": label}
        left.plot(count, run.losses, **style)
        right.plot(np.arange(11), [0, *run.bias], **style)
    losses = plain(rng=np.random.default_rng(0))
    left.plot(count, losses, color=C2, marker="^", ls="-.", label="没有归一化")
    left.set(yscale="log", xlabel="轮", ylabel="训练损失（对数轴）", ylim=(0.05, 2.2))
    left.set_yticks([0.1, 0.2, 0.5, 1, 2], labels=["0.1", "0.2", "0.5", "1", "2"])
    left.minorticks_off()
    right.set(xlabel="轮", ylabel="偏置 b 的长度", xticks=range(0, 11, 2))
    fig.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return fig


def graph() -> Figure:
    """一个单元的计算图：灰色是前向，彩色是传回的梯度，粗细与长度成正比。"""
    z, d_out = _unit()
    parts = computed.branches(z, np.ones((1, 1)), d_out)
    norms = np.array([np.linalg.norm(part) for part in (*parts, sum(parts), d_out)])
    _, mean, var, total, came = norms / norms[0]
    fig = Figure(figsize=(7.2, 4.4))
    ax = fig.subplots()
    ax.set(xlim=(-1.3, 12.1), ylim=(-1.0, 5.2))
    ax.set_axis_off()
    for start, end in FORWARD:
        _arrow(ax, start, end, color=MUTED, width=1.2)
    _arrow(ax, "标准化", "z", color=C0, width=8)
    for name, color, norm in (("μ", C1, mean), ("σ²", C2, var)):
        width = 8 * norm
        _arrow(ax, "标准化", name, color=color, width=width)
        _arrow(ax, name, "z", color=color, width=width)
    _arrow(ax, "×γ +β", "标准化", color=TEXT, width=8 * came)
    for name, place in PLACES.items():
        _box(ax, place, name)
    _note(ax, (3.6, 3.0), "直接：1.00", C0)
    _note(ax, (3.6, 4.95), f"经 μ：{mean:.2f}", C1)
    _note(ax, (3.6, -0.65), f"经 σ²：{var:.2f}", C2)
    _note(ax, (9.2, 3.0), f"传来：{came:.2f}", TEXT)
    _note(ax, (0.0, 1.15), f"合计：{total:.2f}", TEXT)
    return fig


def residual() -> Figure:
    """同一个单元：直接的一路对标准化的 z 拟合一条直线，减掉它，剩下的就是 dz。"""
    z, d_out = _unit()
    one = np.ones((1, 1))
    norm, back = batch_norm(z, one, 0 * one)
    direct, dz = computed.branches(z, one, d_out).direct, back(d_out)[0]
    ends = np.array([norm.min(), norm.max()])
    line = np.polyval(np.polyfit(norm[0], direct[0], 1), ends)
    fig = Figure(figsize=(7.2, 3.8))
    axes = fig.subplots(1, 2, sharey=True)
    off = d_out[0] == 0
    panels = ("直接的一路", direct[0], line), ("减掉直线，就是 dz", dz[0], 0 * line)
    for ax, (title, grad, level) in zip(axes, panels, strict=True):
        ax.plot(ends, level, color=C3, label="拟合的直线")
        ax.plot(norm[0, ~off], grad[~off], "o", color=C0, ms=6, label="ReLU 亮着")
        ax.plot(norm[0, off], grad[off], "s", color=C1, mfc=BG, ms=6, label="ReLU 没亮")
        ax.set(title=title, xlabel="标准化的 z")
    axes[0].set_ylabel("传回 z 的梯度")
    fig.legend(
        *axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3
    )
    return fig


def _unit() -> tuple[Array, Array]:
    """一个单元的 z 与输出的梯度，形状都是 (1, 64)。"""
    z, d_out = computed.digits_layer(64, rng=np.random.default_rng(0))
    return z[[computed.UNIT]], d_out[[computed.UNIT]]


def _arrow(ax: Axes, start: str, end: str, *, color: str, width: float) -> None:
    style = {
        "arrowstyle": "-|>",
        "color": color,
        "linewidth": width,
        "mutation_scale": 12 + 1.5 * width,
        "shrinkA": 22,
        "shrinkB": 26,
        "connectionstyle": "arc3,rad=0.12",
    }
    ax.annotate("", xy=PLACES[end], xytext=PLACES[start], arrowprops=style)


def _box(ax: Axes, at: tuple[float, float], text: str) -> None:
    frame = {"boxstyle": "round,pad=0.5", "facecolor": BG, "edgecolor": TEXT}
    ax.text(*at, text, ha="center", va="center", bbox=frame | {"linewidth": 1.5})


def _note(ax: Axes, at: tuple[float, float], text: str, color: str) -> None:
    back = {"facecolor": BG, "edgecolor": "none", "pad": 1}
    ax.text(*at, text, ha="center", va="center", color=color, bbox=back)
