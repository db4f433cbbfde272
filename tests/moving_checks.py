"""检查会动的图的函数：每个返回一串发现，形如 ``页名: 毛病``。"""

import gzip
import importlib
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from drawn import agrees
from figure_checks import ALT, page_stem

from dlnotes_lib.moving._drawing import MARKS, Moving
from dlnotes_lib.publish.pages import DOCS

FENCE = re.compile(r"^ *```moving\n(.*?)^ *```", re.M | re.S)
LIMIT = 40_000  # 一张图的各档，gzip 之后的字节
Expect = Callable[..., tuple[Sequence[Any], Any]]


def settings(figure: Moving) -> list[tuple[float, ...]]:
    """拿来比的几档：一开始的，以及每个滑块单独拖到两头与四分之一处。"""
    start = [s.values[s.start] for s in figure.sliders]
    found = [tuple(start)]
    for k, slider in enumerate(figure.sliders):
        for value in (
            slider.values[0],
            slider.values[len(slider.values) // 4],
            slider.values[-1],
        ):
            found.append((*start[:k], value, *start[k + 1 :]))
    return list(dict.fromkeys(found))


def page_of(stem: str) -> str:
    """放这张图的页面，在站点里的地址。"""
    (page,) = [p for p in DOCS.glob("week*/*.md") if page_stem(p) == stem]
    return f"{page.parent.name}/{page.stem}/"


def data_findings(stem: str, figure: Moving, expected: Expect) -> list[str]:
    """各档的数据与话，同独立算出的不同之处。"""
    found = []
    for values in settings(figure):
        frame, (curves, note) = figure.frame(*values), expected(*values)
        where = f"{stem} at {', '.join(f'{v:g}' for v in values)}"
        if len(frame.curves) != len(curves):
            found.append(f"{where}: {len(frame.curves)} curves, expected {len(curves)}")
            continue
        found += [
            f"{where}: curve {k} is not the expected data"
            for k, (array, item) in enumerate(zip(frame.curves, curves, strict=True))
            if not agrees(array, item)
        ]
        same = note(frame.note) if callable(note) else frame.note == note
        if not same:
            found.append(f"{where}: the note is {frame.note!r}, expected {note!r}")
    return found


def figure_findings(stem: str) -> list[str]:
    """一页的会动的图，给变异演习用；算不出来也算一处。"""
    from dlnotes_lib.publish.moving import load

    try:
        expected = importlib.import_module(f"moving_data.{stem}").expected
        return data_findings(stem, load(stem), expected)
    except Exception as error:
        return [f"{stem}: {type(error).__name__}: {error}"]


def record_findings(stem: str, figure: Moving) -> list[str]:
    """记录里缺的名字、画不了的画法、只靠颜色区分的线、出界的起点。"""
    found = []
    for k, panel in enumerate(figure.panels):
        if not panel.x.label or not (panel.y.label or panel.y.texts):
            found.append(f"{stem}: panel {k} lacks an axis label")
        seen: dict[str, str] = {}
        for curve in panel.curves:
            if curve.mark not in MARKS:
                found.append(f"{stem}: no mark {curve.mark!r}")
            if seen.setdefault(curve.mark, curve.ink) != curve.ink:
                found.append(f"{stem}: only colour tells two {curve.mark} apart")
    for slider in figure.sliders:
        if not slider.label:
            found.append(f"{stem}: a slider has no label")
        if not 0 < slider.start + 1 <= len(slider.values):
            found.append(f"{stem}: slider {slider.label} starts outside its values")
        if list(slider.values) not in (
            sorted(slider.values),
            sorted(slider.values)[::-1],
        ):
            found.append(f"{stem}: slider {slider.label} is not in order")
    return found


def weight_findings(folder: Path) -> list[str]:
    """太重的文件。"""
    return [
        f"{path.stem}: {size} bytes gzipped, must be at most {LIMIT}"
        for path in sorted(folder.glob("*.json"))
        if (size := len(gzip.compress(path.read_bytes(), 9))) > LIMIT
    ]


def page_findings(docs: Path, stems: list[str]) -> list[str]:
    """每张恰好在自己的页面上出现一次，带中文替代文本。"""
    found, count = [], dict.fromkeys(stems, 0)
    for page, stem, alt in _fences(docs):
        where = page.relative_to(docs).as_posix()
        if stem not in count:
            found.append(f"{where}: no moving figure {stem}")
            continue
        count[stem] += 1
        if stem != page_stem(page):
            found.append(f"{where}: {stem} belongs on its own page")
        if len(alt) < ALT or not re.search("[一-鿿]", alt):
            found.append(f"{where}: {stem} needs a Chinese alt text, got {alt!r}")
    shown = ((stem, times) for stem, times in count.items() if times != 1)
    return found + [f"{stem}: shown {times} times, must be 1" for stem, times in shown]


def _fences(docs: Path) -> Iterator[tuple[Path, str, str]]:
    for page in sorted(docs.rglob("*.md")):
        for body in FENCE.findall(page.read_text(encoding="utf-8")):
            stem, _, alt = body.partition("\n")
            yield page, stem.strip(), alt.strip()
