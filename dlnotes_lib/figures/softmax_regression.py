"""``softmax_regression`` 一页的插图。"""

import numpy as np
from matplotlib.figure import Figure

from dlnotes_lib.experiments import softmax_regression as computed
from dlnotes_lib.figures._ink import BG, C0, C1, C2, MUTED, TEXT
from dlnotes_lib.softmax import softmax

Z = np.array([[5.0], [2.0], [-1.0], [3.0]])
CLASSES = ("其他", "猫", "狗", "小鸡")


def four_ways() -> Figure:
    """同样四个打分，四种办法各变成什么。"""
    titles = ("除以总和", "各过一次 sigmoid", "hardmax", "softmax")
    fig = Figure(figsize=(7.2, 4.8))
    axes = fig.subplots(2, 2, sharex=True, sharey=True)
    ways = computed.four_ways(Z).values()
    for ax, title, a in zip(axes.flat, titles, ways, strict=True):
        values = a.ravel()
        colors = [C1 if value < 0 else C0 for value in values]
        ax.barh(range(4), values, height=0.6, color=colors)
        for row, value in enumerate(values):
            place = (max(value, 0) + 0.03, row)
            ax.annotate(f"{value:.3f}", place, va="center")
        ax.axvline(0, color=MUTED, linewidth=1, linestyle="-")
        ax.set(title=f"{title}，和是 {values.sum():.2f}", xlim=(-0.2, 1.35))
        ax.set_yticks(range(4), labels=CLASSES)
        ax.grid(axis="y", visible=False)
    axes[0, 0].invert_yaxis()
    fig.supxlabel("得到的数", color=TEXT)
    fig.supylabel("类别", color=TEXT)
    return fig


def regions() -> Figure:
    """三团点的决策边界：标准差相同，与各不相同。"""
    u, v = np.meshgrid(np.linspace(-4, 6, 201), np.linspace(-4, 6, 201))
    grid = np.vstack([u.ravel(), v.ravel()])
    fig = Figure(figsize=(7.2, 4.2))
    axes = fig.subplots(1, 2, sharex=True, sharey=True)
    cases = (("线性的打分", (1.0, 1.0, 1.0)), ("二次的打分", (0.6, 1.0, 1.4)))
    looks = ((C0, "o"), (C1, "^"), (C2, "s"))
    for ax, (title, widths) in zip(axes, cases, strict=True):
        spreads = np.array(widths)
        x, y = computed.draw_points(150, spreads=spreads, rng=np.random.default_rng(0))
        for k, (color, marker) in enumerate(looks):
            own = x[:, y == k]
            ax.scatter(*own, s=28, color=color, marker=marker, edgecolors=BG)
        z = computed.gaussian_scores(grid, spreads=spreads)
        for k in (0, 1):  # 类 0 与类 1 的边界，也就是全部的边界
            margin = z[k] - np.delete(z, k, axis=0).max(axis=0)
            lines = {"colors": [TEXT], "linewidths": [2]}
            ax.contour(u, v, margin.reshape(u.shape), levels=[0], **lines)
        for k, (color, marker) in enumerate(looks):
            ax.plot([], [], marker, color=color, linestyle="", label=f"类 {k}")
        ax.set(title=title, xlabel="x₁", xlim=(-4, 6), ylim=(-4, 6), aspect="equal")
    axes[0].set_ylabel("x₂")
    axes[0].legend(loc="lower left", handletextpad=0.2)
    return fig


def temperature() -> Figure:
    """四个概率随温度怎样变。"""
    temperatures = np.geomspace(0.1, 100, 121)
    a = np.hstack([softmax(Z, temperature=t)[0] for t in temperatures])
    fig = Figure()
    ax = fig.subplots()
    for row, name in zip(a, CLASSES, strict=True):
        ax.plot(temperatures, row, label=name)
    ax.axvline(1, color=MUTED, linewidth=1, linestyle=":")
    ax.set(xscale="log", xlabel="温度 T（对数轴）", ylabel="概率", ylim=(-0.03, 1.05))
    ax.set_xticks([0.1, 1, 10, 100], labels=["0.1", "1", "10", "100"])
    ax.legend()
    return fig


def calibration() -> Figure:
    """把握与对的比例：真模型、过拟合的网络、同一个网络除以温度。"""
    scored = computed.overfit(points=60, hidden=64, rng=np.random.default_rng(0))
    fitted = computed.matching_temperature(scored.dev, scored.dev_y)
    spreads = np.full(3, 1.2)
    x, y = computed.draw_points(20_000, spreads=spreads, rng=np.random.default_rng(0))
    truth = softmax(computed.gaussian_scores(x, spreads=spreads))[0]
    runs = (
        ("真模型", truth, y, "o"),
        ("过拟合的网络", softmax(scored.test)[0], scored.test_y, "^"),
        ("同一网络，除以温度", _cooled(scored.test, fitted), scored.test_y, "s"),
    )
    fig = Figure(figsize=(6.4, 4.6))
    ax = fig.subplots()
    ax.plot([1 / 3, 1], [1 / 3, 1], color=MUTED, linewidth=1, linestyle=":")
    for name, a, labels, marker in runs:
        r = computed.reliability(a, labels, bins=8)
        seen = r.size >= 100
        ax.plot(r.confidence[seen], r.accuracy[seen], marker=marker, label=name)
    ax.set(xlabel="把握：最大的那个概率", ylabel="真对的比例")
    ax.legend()
    return fig


def _cooled(z: np.ndarray, t: float) -> np.ndarray:
    return softmax(z, temperature=t)[0]
