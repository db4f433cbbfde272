"""``understanding_mini_batch`` 一页的插图。"""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dlnotes_lib.experiments import understanding_mini_batch as computed
from dlnotes_lib.experiments.mini_batch_gd import ridge_weights
from dlnotes_lib.figures._ink import BG, C0, C1, C2, MUTED, TEXT

SIZES: tuple[int, ...] = (1, 32, 1024)
INK: dict[int, tuple[str, str, float]] = {
    1: (C1, "-", 1.2),
    32: (C0, "-", 2.0),
    1024: (C2, "--", 2.0),
}


def fair() -> Figure:
    """三种批大小：同一个学习率；各自调过学习率；各自调过，但地形一头陡一头平。"""
    fig = Figure(figsize=(7.2, 4.2))
    axes = fig.subplots(1, 3, sharey=True)
    panels = (
        ("α 都是 0.1", computed.EVEN, dict.fromkeys(SIZES, 0.1)),
        ("各自调过", computed.EVEN, _tuned("even")),
        ("各自调过\n陡缓差一百倍", computed.SKEWED, _tuned("skewed")),
    )
    for ax, (title, curvatures, rates) in zip(axes, panels, strict=True):
        x, y = computed.regression(curvatures, 1024, rng=np.random.default_rng(0))
        for size, (color, dash, width) in INK.items():
            rng = np.random.default_rng(1)
            path = computed.walk(x, y, size=size, lr=rates[size], count=10, rng=rng)
            every = max(1, 64 // size)
            loss = computed.excess(path[::every], x, y)
            epoch = np.arange(loss.size) * every * size / 1024
            ax.plot(epoch, loss, color=color, ls=dash, lw=width, label=f"批大小 {size}")
        ax.set(title=title, xlabel="轮", yscale="log", ylim=(1e-5, 10), xlim=(0, 10))
        ax.set_xticks((0, 3, 6, 9))
    axes[0].set_ylabel("超额损失")
    fig.legend(
        *axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3
    )
    return fig


def variance() -> Figure:
    """一批的平均值的方差随批大小：无放回与有放回，总共 1000 个样本。"""
    b = np.arange(1, 1000)
    factor = [computed.variance_factor(1000, size=int(k)) for k in b]
    half = computed.variance_factor(1000, size=500)
    fig = Figure()
    ax = fig.subplots()
    ax.plot(b, 1 / b, color=C1, ls="--", label="有放回：1/b")
    ax.plot(b, factor, color=C0, label="无放回")
    ax.plot([500, 500], [1 / 500, half], "o", color=TEXT, label="b = 500：差一半")
    ax.set(xscale="log", yscale="log", xlabel="批大小 b（共 1000 个样本）")
    ax.set(ylabel="方差（总体方差的几倍）")
    ax.legend(loc="lower left")
    return fig


def paths() -> Figure:
    """两个权重，学习率 0.3，各走 60 步：批越大路越直。"""
    curvatures = np.array([1.0, 0.2])
    x, y = computed.regression(curvatures, 1024, rng=np.random.default_rng(0))
    u, v = np.meshgrid(np.linspace(-0.3, 2.3, 53), np.linspace(-0.3, 2.3, 53))
    grid = np.stack([u.ravel(), v.ravel()], axis=1)
    level = computed.excess(grid, x, y).reshape(u.shape)
    best = ridge_weights(x, y, lambd=0.0)
    fig = Figure(figsize=(7.2, 3.2))
    axes = fig.subplots(1, 3, sharey=True)
    for ax, size in zip(axes, (1024, 32, 1), strict=True):
        path = computed.walk(
            x, y, size=size, lr=0.3, count=-(-60 * size // 1024),
            rng=np.random.default_rng(1),
        )[:61]  # fmt: skip
        ax.contour(
            u, v, level, levels=[0.02, 0.1, 0.3, 0.6], colors=[MUTED], linewidths=[1]
        )
        ax.plot(*path.T, color=INK[size][0], ls="-", lw=1.2)
        ax.plot(*best.T, "*", color=TEXT, mec=BG, ms=14)
        ax.set(title=f"批大小 {size}", xlabel="w₁", xlim=(-0.3, 2.3), ylim=(-0.3, 2.3))
        ax.set_xticks((0, 1, 2))
    axes[0].set_ylabel("w₂")
    return fig


def ball() -> Figure:
    """学习率恒定时晃动的方差：公式与两万条链。"""
    lr = np.linspace(0.02, 1.96, 98)
    shown = (0.1, 0.5, 1.0, 1.5, 1.9)
    measured = [
        computed.jitter(a, steps=60, count=20_000, rng=np.random.default_rng(0)).var()
        for a in shown
    ]
    fig = Figure()
    ax = fig.subplots()
    ax.plot(lr, [computed.noise_ball(a) for a in lr], color=C0, label="α/(2 − α)")
    ax.plot(lr, lr / 2, color=MUTED, ls="--", label="α/2")
    ax.plot(shown, measured, "o", color=C1, mec=BG, ms=9, label="两万条链量出来的")
    ax.set(xlabel="学习率 α", ylabel="w 的方差", yscale="log", xlim=(0, 2))
    ax.legend(loc="upper left")
    return fig


def critical() -> Figure:
    """各自调过学习率，降到目标要几步：起初成反比，后来不再减少。"""
    sizes = 4 ** np.arange(1, 8)
    fine = np.geomspace(4, 16384, 61)
    fig = Figure(figsize=(7.2, 4.6))
    ax = fig.subplots()
    for target, color, mark in ((0.002, C1, "s"), (0.01, C0, "o")):
        steps = [
            computed.best_steps(computed.SKEWED, size=int(b), target=target).steps
            for b in sizes
        ]
        far = computed.best_steps(computed.SKEWED, size=10**9, target=target).steps
        scale = 4 * (steps[0] / far - 1)
        ax.plot(sizes, steps, mark, color=color, ms=8, label=f"降到 {target}")
        ax.plot(fine, far * (1 + scale / fine), color=color, ls="-", lw=1.2)
        ax.plot(fine, far * scale / fine, color=MUTED, ls=":", lw=1.5)
        ax.axvline(scale, color=color, ls="--", lw=1)
    ax.set(xscale="log", yscale="log", xlabel="批大小 b", ylabel="步数")
    ax.set_ylim(10, 6000)
    ax.legend(handles=[*ax.get_legend_handles_labels()[0], *_keys()])
    return fig


def _keys() -> list[Line2D]:
    """三种线型的图例，不属于哪一个目标。"""
    keys = (("-", "按公式"), (":", "永远成反比"), ("--", "b = B"))
    return [
        Line2D([], [], color=TEXT, ls=dash, lw=1.2, label=name) for dash, name in keys
    ]


def _tuned(name: str) -> dict[int, float]:
    return {size: computed.TUNED[name, size] for size in SIZES}
