"""把一个插图函数变成 SVG 文本：同样的代码得到同样的字节，中文不会变成方块。

matplotlib 只负责排版；颜色换成随浅色、深色切换的 CSS 变量，字体换成读者系统里的字体。
"""

import io
import re
import warnings
from collections.abc import Callable
from functools import lru_cache
from html import unescape
from typing import Any, NamedTuple

import matplotlib as mpl
from matplotlib import cbook, font_manager
from matplotlib.figure import Figure
from matplotlib.text import Text

from dlnotes_lib.figures._ink import INKS, LATIN, STYLE
from dlnotes_lib.publish import cjk

FONTS = (
    'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","PingFang SC",'
    '"Hiragino Sans GB","Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC",'
    "sans-serif"
)
NO_METADATA = dict.fromkeys(("Date", "Creator", "Format", "Type"))


class FigureError(ValueError):
    """图里有浏览器或 matplotlib 画不出的字。"""


class Picture(NamedTuple):
    """画好的图与它的 SVG 文本。"""

    figure: Figure
    svg: str


def render(name: str, draw: Callable[[], Figure]) -> Picture:
    """画一张图并整理它的 SVG。

    Args:
        name: 报错时用的图名，如 ``"adam/paths"``。
        draw: 不收参数、返回 ``Figure`` 的函数。

    Returns:
        图与 SVG 文本；文本以 ``<svg`` 开头，换行只有 LF。

    Raises:
        TypeError: draw 没有返回 ``Figure``。
        FigureError: 公式里有中文，或者有字体里没有的字符。

    Examples:
        >>> from matplotlib.figure import Figure
        >>> from dlnotes_lib.publish.svg import render
        >>> render("demo/empty", lambda: Figure()).svg[:4]
        '<svg'
    """
    cjk.register()
    buffer = io.StringIO()
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()
        style: Any = STYLE
        mpl.rcParams.update(style)
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)
        figure = draw()
        if not isinstance(figure, Figure):
            raise TypeError(f"{name} must return a Figure, got {type(figure).__name__}")
        figure.savefig(buffer, format="svg", metadata=NO_METADATA)
    raw = buffer.getvalue()
    _check_characters(name, figure, raw)
    return Picture(figure, _tidy(raw))


def _check_characters(name: str, figure: Figure, svg: str) -> None:
    """每个字都要量得出宽度；公式（$…$）里只许有拉丁字体里的字。"""
    for artist in figure.findobj(Text):
        label = getattr(artist, "get_text", str)()
        if cbook.is_math_text(label) and (bad := sorted(set(label) - _latin())):
            raise FigureError(
                f"{name}: mathtext cannot draw {bad[0]!r} in {label!r}; "
                "use Unicode (θ₁) instead of $…$ next to Chinese"
            )
    drawn = re.sub(r"<style.*?</style>|<!--.*?-->|<[^>]*>", "", svg, flags=re.S)
    known = _latin() | {chr(c) for c in cjk.code_points()} | {"\n"}
    if bad := sorted((set(unescape(drawn)) - known) | (set(drawn) & {"¤"})):
        raise FigureError(f"{name}: no font has {bad[0]!r} (U+{ord(bad[0]):04X})")


@lru_cache
def _latin() -> frozenset[str]:
    font = font_manager.get_font(font_manager.findfont(LATIN))
    return frozenset(map(chr, font.get_charmap()))


def _tidy(svg: str) -> str:
    svg = re.sub(r"<!--.*?-->", "", svg[svg.index("<svg") :], flags=re.S)
    svg = re.sub(r"<style.*?</style>", "", svg, count=1, flags=re.S)
    svg = re.sub(r"<[^>]*>", lambda tag: tidy_tag(tag.group()), svg)
    used = dict.fromkeys(re.findall(r'(?:href="#|url\(#)([^")]+)', svg))
    for k, old in enumerate(used):
        svg = re.sub(rf'(?<=[#"]){re.escape(old)}(?=["\)])', f"i{k}", svg)
    svg = re.sub(r' id="(?!i\d+")[^"]*"', "", svg)
    svg = svg.replace("<svg ", '<svg lang="zh-CN" ', 1)
    svg = svg.replace("<defs>", f"<defs>\n  <style>{_css()}</style>", 1)
    return re.sub(r"\s*\n", "\n", svg)


def tidy_tag(tag: str) -> str:
    """整理一个标签：字体、颜色换成变量，坐标留两位小数。

    Examples:
        >>> from dlnotes_lib.publish.svg import tidy_tag
        >>> tidy_tag('<use x="1.23456" style="fill: #ffffff"/>')
        '<use x="1.23" style="fill: var(--bg)"/>'
    """
    tag = re.sub(r'font-family: [^;"]*', "font-family: var(--font)", tag)
    tag = re.sub(r'(font: [^;"]*?px) [^;"]*', r"\1 var(--font)", tag)  # 3.10 的写法
    tag = re.sub(r' transform="rotate\(-?0 [^"]*"', "", tag)
    tag = re.sub(r"(?:scale|matrix)\([^)]*\)|-?\d+\.\d+(?:e-?\d+)?", _round, tag)
    for ink, (light, _) in INKS.items():
        tag = tag.replace(light, f"var(--{ink})")
    return tag


def _round(number: re.Match[str]) -> str:
    text = number.group()
    if text[-1] == ")":  # 缩放系数不能舍入
        return text
    text = f"{float(text):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _css() -> str:
    light = ";".join(f"--{ink}:{value}" for ink, (value, _) in INKS.items())
    dark = ";".join(f"--{ink}:{value}" for ink, (_, value) in INKS.items())
    return (
        f"svg{{color-scheme:light dark;{light}}}"
        f"@media (prefers-color-scheme:dark){{svg{{{dark}}}}}"
        "*{stroke-linejoin:round;stroke-linecap:butt}"
        f"text{{white-space:pre}}svg{{--font:{FONTS}}}"
    )
