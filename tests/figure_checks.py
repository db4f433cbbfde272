"""检查插图的函数：每个返回一串发现，形如 ``图名: 毛病``。"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import Collection
from matplotlib.colors import to_hex, to_rgba_array
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.text import Text

from dlnotes_lib.figures._ink import INKS
from dlnotes_lib.publish.figures import Name

PHONE = 360 - 2 * 16  # 手机正文的宽度，CSS 像素
SMALLEST = 7.5  # 手机上最小的字，CSS 像素
WIDTH = (6.4, 8)  # 英寸
MAP = "concept_map/graph"  # 首页上那一张
ALT = 10  # 替代文本至少几个字
SHOWN = re.compile(r"!\[([^\]]*)\]\((?:\.\./)?assets/figures/([\w/]+)\.svg\)")
ANY = re.compile(r"assets/figures/([\w/.-]+)\.svg")
FENCE = re.compile(r"^( *)(`{3,}|~{3,}).*?^\1\2\s*$", re.M | re.S)


def label_findings(name: str, figure: Figure) -> list[str]:
    """没有坐标名的坐标轴；共用一条轴的几幅可以只写一次。"""
    found = []
    for k, ax in enumerate(data_axes(figure)):
        for axis in "xy":
            group: Any = getattr(ax, f"get_shared_{axis}_axes")()
            labels = [getattr(a, f"get_{axis}label")() for a in group.get_siblings(ax)]
            shared = getattr(figure, f"get_sup{axis}label")()
            if ax.axison and not any(labels) and not shared:
                found.append(f"{name}: axes {k} has no {axis} label")
        if ax.images and ax.axison and _has_grid(ax):
            found.append(f"{name}: axes {k} draws its grid over an image")
    return found


def data_axes(figure: Figure) -> list[Axes]:
    """放数据的坐标系，不算色条。"""
    return [ax for ax in figure.axes if not hasattr(ax, "_colorbar")]


def _has_grid(ax: Axes) -> bool:
    lines = [*ax.get_xgridlines(), *ax.get_ygridlines()]
    return any(line.get_visible() for line in lines)


def size_findings(name: str, figure: Figure) -> list[str]:
    """图太窄太宽，或在手机上看不清的字。"""
    width = figure.get_figwidth()
    found = []
    if not WIDTH[0] <= width <= WIDTH[1]:
        found.append(f"{name}: width {width:g} in, must be {WIDTH[0]} to {WIDTH[1]}")
    for text in texts(figure):
        pixels = float(text.get_fontsize()) * PHONE / (72 * width)
        if pixels < SMALLEST - 1e-9:
            found.append(
                f"{name}: {text.get_text()!r} is {pixels:.1f} px high on a phone, "
                f"needs {SMALLEST}"
            )
    return found


def texts(figure: Figure) -> list[Text]:
    """看得见、有字的文本。"""
    found = [a for a in figure.findobj(Text) if isinstance(a, Text)]
    return [text for text in found if text.get_visible() and text.get_text().strip()]


def color_findings(name: str, figure: Figure, svg: str) -> list[str]:
    """调色板之外的颜色；位图与色图除外。"""
    inside = re.sub(r"<style>.*?</style>", "", svg, flags=re.S)
    tags = "".join(re.findall(r"<[^>]*>", inside))
    foreign = set(re.findall(r"#[0-9a-f]{6}\b", tags)) - _mapped(figure)
    # matplotlib 不写黑色的填充，从对象里找
    if any(_is_black(artist) for artist in figure.findobj()):
        foreign.add("#000000")
    return [f"{name}: {color} is outside the palette" for color in sorted(foreign)]


def _mapped(figure: Figure) -> set[str]:
    """色图给出的颜色。"""
    found: set[str] = set()
    for artist in figure.findobj():
        own = isinstance(artist, ContourSet) and artist.colors is not None
        if own or not isinstance(artist, Collection):
            continue
        if artist.get_array() is not None:
            for colors in (artist.get_facecolor(), artist.get_edgecolor()):
                found |= {to_hex(tuple(rgba)) for rgba in to_rgba_array(colors)}
    return found


def _is_black(artist: Artist) -> bool:
    if not artist.get_visible():
        return False
    colors: Any = []
    if isinstance(artist, Text):
        colors = artist.get_color() if artist.get_text().strip() else []
    elif (isinstance(artist, Patch) and artist.get_fill()) or (
        isinstance(artist, Collection) and artist.get_array() is None
    ):
        colors = artist.get_facecolor()
    return any(rgba[3] > 0 and not any(rgba[:3]) for rgba in to_rgba_array(colors))


def encoding_findings(name: str, figure: Figure) -> list[str]:
    """图例里只靠颜色区分的线。"""
    found = []
    for k, ax in enumerate(data_axes(figure)):
        seen: dict[tuple[object, ...], str] = {}
        for line in ax.lines:
            label = str(line.get_label())
            dashes = repr(getattr(line, "_unscaled_dash_pattern", None))
            look = (line.get_linestyle(), dashes, line.get_marker())
            look += (line.get_linewidth(), line.get_markerfacecolor() == INKS["bg"][0])
            if not label.startswith("_") and seen.setdefault(look, label) != label:
                found.append(
                    f"{name}: axes {k}: only colour tells {label!r} from {seen[look]!r}"
                )
    return found


def page_findings(docs: Path, names: list[Name]) -> list[str]:
    """每张图恰好在自己的页面上出现一次，带中文替代文本；首页另外借用全课的地图。"""
    found, count = [], dict.fromkeys(map(str, names), 0)
    for page, line, name, alt in _images(docs):
        where = f"{page.relative_to(docs).as_posix()}:{line}"
        stem = page_stem(page)
        borrowed = (page, name) == (docs / "index.md", MAP)
        if name not in count:
            found.append(f"{where}: no function draws {name}")
        elif alt is None:
            found.append(f"{where}: {name} must be shown as ![…](…)")
        elif name.split("/")[0] != stem and not borrowed:
            found.append(f"{where}: {name} belongs on the page {name.split('/')[0]}")
        elif len(alt) < ALT or not re.search("[一-鿿]", alt):
            found.append(f"{where}: {name} needs a Chinese alt text, got {alt!r}")
        if name in count and not borrowed:
            count[name] += 1
    shown = ((name, times) for name, times in count.items() if times != 1)
    return found + [f"{name}: shown {times} times, must be 1" for name, times in shown]


def order_findings(docs: Path, figures: Path) -> list[str]:
    """页面上图的次序与函数的次序不同；两张图对调了，替代文本就各说各的。"""
    shown: dict[str, list[str]] = {}
    for page, _, name, _ in _images(docs):
        stem, _, function = name.partition("/")
        if stem == page_stem(page):
            shown.setdefault(stem, []).append(function)
    found = []
    for stem, names in shown.items():
        source = (figures / f"{stem}.py").read_text(encoding="utf-8")
        written = re.findall(r"^def ([a-z]\w*)", source, re.M)
        if names != written:
            found.append(f"{stem}: figures in order {names}, functions {written}")
    return found


def page_stem(page: Path) -> str:
    """页面的词干，也就是图的文件夹；``weekN/project.md`` 是 ``project_weekN``。"""
    stem = re.sub(r"^\d+-", "", page.stem).replace("-", "_")
    return f"project_{page.parent.name}" if stem == "project" else stem


def _images(docs: Path) -> Iterator[tuple[Path, int, str, str | None]]:
    """每处图的（页面，行号，图名，替代文本）；不是 Markdown 图片的没有文本。"""
    for page in sorted(docs.rglob("*.md")):
        source = page.read_text(encoding="utf-8")
        source = FENCE.sub(lambda fence: "\n" * fence.group().count("\n"), source)
        alts = {m.end(): m[1].strip() for m in SHOWN.finditer(source)}
        for match in ANY.finditer(source):
            line = source.count("\n", 0, match.start()) + 1
            yield page, line, match[1], alts.get(match.end() + 1)
