"""``momentum`` 一页的插图。"""

import numpy as np
from matplotlib.figure import Figure

from dlnotes_lib.experiments import momentum as computed
from dlnotes_lib.figures._ink import C0, C1, MUTED
from dlnotes_lib.optimizers import HeavyBall, Momentum

NAMES = {
    "gd": "梯度下降，最好的 α",
    "safe gd": "梯度下降，α = 1/L",
    "heavy ball": "重球法，最好的 α 与 β",
    "nesterov": "Nesterov，α = 1/L",
}


def valley() -> Figure:
    """κ = 20 的山谷：三个优化器各走 20 步。"""
    u, v = np.meshgrid(np.linspace(-1.5, 11, 126), np.linspace(-2.1, 2.1, 85))
    cost = (u**2 + 20 * v**2) / 2
    levels = [60 * share for share in (0.01, 0.1, 0.4, 1)]
    fig = Figure(figsize=(6.4, 7.0))
    axes = fig.subplots(3, 1, sharex=True)
    paths = computed.valley_paths(kappa=20, steps=20)
    for ax, (name, path) in zip(axes, paths.items(), strict=True):
        ax.contour(u, v, cost, levels=levels, colors=[MUTED], linewidths=[1])
        ax.plot(*path.T, "-o", color=C0, ms=4, lw=1.2)
        ax.plot(0, 0, "*", color=C1, ms=14)
        ax.set(title=NAMES[name], ylabel="w₂", aspect="equal", yticks=[-2, -1, 0, 1, 2])
    axes[-1].set_xlabel("w₁")
    return fig


def radius() -> Figure:
    """每步大约乘几，随 αλ 变；三个 β。"""
    x = np.linspace(0, 4, 401)
    fig = Figure()
    ax = fig.subplots()
    for beta in (0.0, 0.5, 0.9):
        found = [
            computed.spectral_radius(
                computed.step_matrix(lr=float(a), beta=beta, curvature=1.0)
            )
            for a in x
        ]
        ax.plot(x, found, label=f"β = {beta:g}")
    ax.axhline(1, color=MUTED, lw=1, ls=":")
    ax.set(xlabel="αλ", ylabel="谱半径：每步大约乘几", xlim=(0, 4), ylim=(0, 1.3))
    ax.legend(loc="lower right")
    return fig


def steps() -> Figure:
    """步数怎样随条件数变。"""
    kappas = (10, 20, 50, 100, 200, 500, 1000)
    found = [
        [computed.settle(opt, kappa=k) or np.nan for opt in computed.tuned(k).values()]
        for k in kappas
    ]
    fig = Figure(figsize=(6.4, 4.6))
    ax = fig.subplots()
    for counts, mark, name in zip(
        np.transpose(found), "osD^", NAMES.values(), strict=True
    ):
        ax.loglog(kappas, counts, marker=mark, ms=6, label=name)
    ax.set(xlabel="条件数 κ", ylabel="步数", ylim=(10, 2e5))
    ax.legend(loc="upper left")
    return fig


def terminal() -> Figure:
    """梯度先是 1，四十步之后变成 −1，速度怎样变。"""
    grads = np.repeat([1.0, -1.0], 40)
    t = np.arange(1, 81)
    fig = Figure(figsize=(7.2, 3.8))
    axes = fig.subplots(1, 2)
    kinds = ((Momentum, "课程的写法"), (HeavyBall, "经典写法"))
    for ax, (kind, title) in zip(axes, kinds, strict=True):
        for beta in (0.8, 0.9):
            v = computed.velocities(kind(lr=0.1, beta=beta), grads)
            ax.plot(t, v, label=f"β = {beta:g}")
        ax.plot(t, grads, color=MUTED, lw=1, ls=":", label="梯度")
        ax.set(title=title, xlabel="步数", ylabel="速度 v")
    axes[0].legend(loc="lower left")
    return fig
