"""``numerical_gradients`` 一页的插图。"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dlnotes_lib.arrays import Array
from dlnotes_lib.experiments import numerical_gradients as computed
from dlnotes_lib.figures._ink import C0, C1, C2, DASHES, MUTED

Curve: TypeAlias = Callable[[Array], Array]
FLOOR = 1e-16  # 对数轴上画不出 0，更小的误差都画在这里


def secants() -> Figure:
    """θ³ 在 1 处的切线与两条割线：ε = 0.5，以及 ε = 0.01 时减去切线之后。"""
    fig = Figure(figsize=(7.4, 4.4))
    left, right = fig.subplots(1, 2)
    t = np.linspace(0.4, 1.6, 121)
    left.plot(t, computed.cube(t), label="θ³")
    left.plot(t, 1 + 3 * (t - 1), color=MUTED, linestyle=DASHES[3], label="切线")
    _secants(left, 0.5, computed.cube)
    left.set(xlabel="θ", ylabel="函数值", title="ε = 0.5", ylim=(-1.1, 4.3))
    left.legend(loc="upper left")
    t = np.linspace(0.988, 1.012, 121)
    high = lambda t: 1e4 * computed.above_tangent(t)  # noqa: E731
    right.plot(t, high(t))
    right.axhline(0, color=MUTED, linestyle=DASHES[3])
    _secants(right, 0.01, high)
    right.set(xlabel="θ", ylabel="比切线高多少（1e-4）", title="ε = 0.01，减去切线")
    right.set_xticks([0.99, 1, 1.01])
    return fig


def errors() -> Figure:
    """e^x 在 1 处，三种方法的误差随 ε 变化，和两条误差界。"""
    found = computed.exp_errors(10.0 ** np.arange(-16, -0.9, 0.25))
    fig = Figure(figsize=(6.8, 4.8))
    ax = fig.subplots()
    look = ("单边差分", "o", C1, 7), ("中心差分", "s", C2, 4.5), ("复步", "^", C0, 5)
    for (label, marker, ink, size), rel in zip(look, found[1:], strict=True):
        seen = np.maximum(rel, FLOOR)
        dots = {"linestyle": "none", "markersize": size}
        ax.plot(found.steps, seen, marker, color=ink, label=label, **dots)
    e, u = float(np.e), 2.0**-52
    lines = (
        computed.forward_bound(found.steps, f=e, f2=e, u=u) / e,
        computed.central_bound(found.steps, f=e, f3=e, u=u) / e,
    )
    for line, ink, dash in zip(lines, (C1, C2), DASHES[1:3], strict=True):
        ax.plot(found.steps, line, color=ink, linestyle=dash, linewidth=1.3)
    ax.set(xscale="log", yscale="log", ylim=(3e-17, 30))
    ax.set(xlabel="步长 ε", ylabel="相对误差")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3)
    return fig


def precision() -> Figure:
    """θ³ 在 1 处的中心差分，单精度与双精度。"""
    steps = 10.0 ** np.arange(-10, -0.9, 0.25)
    fig = Figure()
    ax = fig.subplots()
    double = computed.errors(computed.cube, 1.0, 3.0, steps).central
    ax.plot(steps, computed.single_errors(steps), "o--", label="float32")
    ax.plot(steps, double, "s-", color=C2, label="float64")
    ax.set(xscale="log", yscale="log", xlabel="步长 ε", ylabel="相对误差")
    ax.legend()
    return fig


def _secants(ax: Axes, eps: float, f: Curve) -> None:
    """画过 1 与 1 + ε、过 1 ± ε 的两条割线。"""
    for label, a, ink, dash, marker in (
        ("单边割线", 1.0, C1, DASHES[1], "o"),
        ("中心割线", 1 - eps, C2, DASHES[2], "s"),
    ):
        t = np.array([a, 1 + eps])
        style = {"color": ink, "linestyle": dash, "marker": marker}
        ax.plot(t, f(t), label=label, **style)
