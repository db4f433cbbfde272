"""Markdown 围栏 ``moving``：放一张会动的图。

页面里写::

    ```moving
    ewma
    β=0.9 的线贴着真趋势……
    ```

头一行是页名，余下的是替代文本，说出一开始那一档的结论。得到的 SVG 与文字都在网页里，
没有 JavaScript、打印时也看得到；滑块各档的路径由 ``moving.js`` 去取。
"""

import json
from html import escape
from typing import Any

from pymdownx.superfences import SuperFencesException

from dlnotes_lib.moving._drawing import (
    BOTTOM,
    LEFT,
    MARKS,
    SPAN,
    TOP,
    WIDTH,
    Axis,
    Curve,
    Moving,
    Panel,
    Slider,
)
from dlnotes_lib.publish.moving import OUT, discover, load

SWATCH = {"line": "M0 24h112", "trail": "M0 24h112m-68 0l12-12 12 12-12 12-12-12"}
SPOT = {"dots": "M56 24h0", "specks": "M56 24h0", "crosses": "M42 10l28 28m0-28l-28 28"}
SWATCH |= SPOT | {"bars": "M56 44V4", "columns": "M56 44V4"}


def fence(
    source: str, language: str, css_class: str, options: Any, md: Any, **_: Any
) -> str:
    """Superfences 的 ``format`` 回调。"""
    stem, *rest = source.strip().split("\n")
    alt = " ".join(" ".join(rest).split())
    if stem not in discover():
        raise SuperFencesException(f"no moving figure {stem!r}")
    if not alt:
        raise SuperFencesException(f"moving figure {stem!r} needs an alt text")
    path = OUT / f"{stem}.json"
    if not path.is_file():
        raise SuperFencesException(f"run python -m dlnotes_lib.publish.moving: {stem}")
    return html(stem, alt, load(stem), json.loads(path.read_text(encoding="utf-8")))


def html(stem: str, alt: str, figure: Moving, content: dict[str, Any]) -> str:
    """整张图：一开始那一档的 SVG、图例、滑块、图下的话。"""
    *numbers, note = content["frames"][first(figure)]
    paths = [content["paths"][number] for number in numbers]
    return (
        f'<figure class="moving" data-moving="{stem}" data-stamp="{content["stamp"]}" '
        f"data-search-exclude>{svg(alt, figure, paths)}{key(figure)}"
        f'<div class="dials">{dials(stem, figure, content["texts"], note)}</div>'
        f'<output class="note" aria-live="off">{escape(note)}</output></figure>'
    )


def first(figure: Moving) -> int:
    """一开始是第几档；最后一个滑块变得最快。"""
    number = 0
    for slider in figure.sliders:
        number = number * len(slider.values) + slider.start
    return number


def svg(alt: str, figure: Moving, paths: list[str]) -> str:
    """坐标轴与线。"""
    drawn, top, rest = "", 0, list(paths)
    for panel in figure.panels:
        count = len(panel.curves)
        drawn += f'<g transform="translate({LEFT} {top + TOP})">{frame(panel)}'
        drawn += curves(panel, rest[:count]) + "</g>"
        rest, top = rest[count:], top + TOP + panel.height + BOTTOM
    return (
        f'<svg role="img" aria-label="{escape(alt)}" viewBox="0 0 {WIDTH} {top}">'
        f"{drawn}</svg>"
    )


def frame(panel: Panel) -> str:
    """一幅的格线、刻度与轴名。"""
    bottom, lines, words = panel.height, "", ""
    for share, label in ticks(panel.x):
        x = round(share * SPAN)
        lines += f"M{x} 0V{bottom}"
        words += f'<text x="{x}" y="{bottom + 68}" text-anchor="middle">{label}</text>'
    for share, label in ticks(panel.y):
        y = round((1 - share) * bottom)
        lines += f"M0 {y}H{SPAN}"
        words += f'<text x="-20" y="{y + 20}" text-anchor="end">{label}</text>'
    middle = SPAN // 2
    words += f'<text x="{middle}" y="{bottom + 148}" text-anchor="middle">'
    words += f"{escape(panel.x.label)}</text>"
    words += f'<text x="{24 - LEFT}" y="-44">{escape(panel.y.label)}</text>'
    axes = f'<path class="axis" d="M0 0V{bottom}H{SPAN}"/>'
    return f'<path class="grid" d="{lines}"/>{axes}{words}'


def ticks(axis: Axis) -> list[tuple[float, str]]:
    """各个刻度：从低端起走了几成，写什么。"""
    texts = axis.texts or tuple(f"{t:g}".replace("-", "−") for t in axis.ticks)
    shares = [float(axis.share(tick)) for tick in axis.ticks]
    return list(zip(shares, map(escape, texts), strict=True))


def curves(panel: Panel, paths: list[str]) -> str:
    """线；里层的 svg 只管剪掉框外的部分。"""
    drawn = "".join(
        f'<path class="curve {look(curve)}" d="{path}"/>'
        for curve, path in zip(panel.curves, paths, strict=True)
    )
    return f'<svg width="{SPAN}" height="{panel.height}">{drawn}</svg>'


def look(curve: Curve) -> str:
    """画法与颜色，都是 CSS 里的类。"""
    assert curve.mark in MARKS
    return f"{curve.mark} {curve.ink}"


def key(figure: Moving) -> str:
    """图例。"""
    named = [c for panel in figure.panels for c in panel.curves if c.name]
    items = "".join(
        f'<span><svg viewBox="0 0 112 48" aria-hidden="true"><path class="{look(c)}" '
        f'd="{SWATCH.get(c.mark, SWATCH["line"])}"/></svg>{escape(c.name)}</span>'
        for c in named
    )
    return f'<div class="key">{items}</div>'


def free(slider: Slider) -> str:
    """各档的值与自选值的步长；各档都是整数时，自选的也须是整数。"""
    step = 1 if all(float(v).is_integer() for v in slider.values) else "any"
    values = ",".join(f"{value:.4g}" for value in slider.values)
    return f'data-values="[{values}]" data-step="{step}"'


def dials(stem: str, figure: Moving, texts: list[list[str]], note: str) -> str:
    """每个滑块一行：名字、滑块、现在的值。"""
    rows = ""
    for k, slider in enumerate(figure.sliders):
        name, now = f"moving-{stem}-{k}", escape(texts[k][slider.start])
        rows += (
            f'<label for="{name}">{escape(slider.label)}</label>'
            f'<input type="range" id="{name}" min="0" max="{len(slider.values) - 1}" '
            f'value="{slider.start}" autocomplete="off" {free(slider)} '
            f'aria-valuetext="{now}；{escape(note)}">'
            f'<output for="{name}" aria-live="off">{now}</output>'
        )
    return rows
