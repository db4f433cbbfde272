"""只有宽度的中文字体：排版时量得出中文多宽，字形留给读者的浏览器。

每个汉字与全角标点都是一个 1 em 见方的方框，不随机器变化，也不随仓库分发任何字体。
"""

import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib import font_manager

from dlnotes_lib.figures._ink import CJK

EM, DESCENT = 1000, -120
RANGES = (
    (0x3000, 0x312F),  # 标点、假名、注音
    (0x3400, 0x4DBF),  # 扩展 A
    (0x4E00, 0x9FFF),  # 基本汉字
    (0xF900, 0xFAFF),  # 兼容汉字
    (0xFE30, 0xFE4F),  # 竖排标点
    (0xFF01, 0xFF60),  # 全角字符
    (0xFFE0, 0xFFE6),  # 全角符号
)


def code_points() -> Iterator[int]:
    """逐个交出字体覆盖的码位。

    Examples:
        >>> from dlnotes_lib.publish.cjk import code_points
        >>> [c for c in "偏a，“" if ord(c) in set(code_points())]
        ['偏', '，']
    """
    for first, last in RANGES:
        yield from range(first, last + 1)


@lru_cache
def register() -> tempfile.TemporaryDirectory[str]:
    """造出字体并交给 matplotlib；同一进程只做一次。

    Returns:
        存放字体的临时目录；缓存留住它，进程结束时删除。

    Examples:
        >>> from matplotlib.font_manager import findfont
        >>> from dlnotes_lib.figures._ink import CJK
        >>> from dlnotes_lib.publish.cjk import register
        >>> folder = register()
        >>> findfont(CJK).startswith(folder.name)
        True
    """
    folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    path = Path(folder.name) / "cjk.ttf"
    _build(path)
    font_manager.fontManager.addfont(path)
    return folder


def _build(path: Path) -> None:
    pen = TTGlyphPen(None)
    pen.moveTo((0, DESCENT))
    for corner in ((0, EM + DESCENT), (EM, EM + DESCENT), (EM, DESCENT)):
        pen.lineTo(corner)
    pen.closePath()
    glyphs = [".notdef", "box"]
    font = FontBuilder(EM, isTTF=True)
    font.setupGlyphOrder(glyphs)
    font.setupCharacterMap(dict.fromkeys(code_points(), "box"))
    font.setupGlyf(dict.fromkeys(glyphs, pen.glyph()))
    font.setupHorizontalMetrics(dict.fromkeys(glyphs, (EM, 0)))
    font.setupHorizontalHeader(ascent=EM + DESCENT, descent=DESCENT)
    font.setupNameTable({"familyName": CJK, "styleName": "Regular"})
    font.setupOS2(sTypoAscender=EM + DESCENT, sTypoDescender=DESCENT)
    font.setupPost()
    font.save(path)
