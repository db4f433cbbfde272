"""重画每张图，与提交的比一比；最后一位的舍入差别不算不同。

不同的 CPU 会让坐标差百分之一像素，让位图差一级灰度；文字、颜色与结构必须一样。
"""

import base64
import io
import re
from pathlib import Path

import numpy as np
from PIL import Image

from dlnotes_lib.publish.figures import OUT, PACKAGE, discover, draw

PIXELS, LEVELS = 0.02, 2
TAG = re.compile(r"(<[^>]*>)")
BITMAP = re.compile(r'(?<=data:image/png;base64,)[^"]*')
NUMBER = re.compile(r"(?<![\w#.])-?\d+(?:\.\d+)?(?:e-?\d+)?")


def compare(package: Path = PACKAGE, out: Path = OUT) -> list[str]:
    """与重画结果不同（或还没有提交）的图，一行一个。"""
    findings = []
    for name in discover(package):
        path = out / f"{name}.svg"
        if not path.is_file():
            findings.append(f"{name}: missing")
        elif why := difference(path.read_text("utf-8"), draw(name, package)):
            findings.append(f"{name}: redrawn figure differs: {why}")
    return findings


def difference(old: str, new: str) -> str:
    """两份 SVG 有什么不同；没有就是空串。

    Examples:
        >>> from dlnotes_lib.publish.redraw import difference
        >>> difference('<use x="1.23"/>', '<use x="1.24"/>')
        ''
        >>> difference("<text>1.23</text>", "<text>1.24</text>")
        "'1.23' became '1.24'"
    """
    pairs = zip(TAG.split(old), TAG.split(new), strict=False)
    for one, other in pairs:
        if one != other and not (one.startswith("<") and _close(one, other)):
            return f"{one[:60]!r} became {other[:60]!r}"
    return "" if old.count("<") == new.count("<") else "another number of elements"


def _close(one: str, other: str) -> bool:
    if not _same_bitmap(BITMAP.findall(one), BITMAP.findall(other)):
        return False
    one, other = BITMAP.sub("", one), BITMAP.sub("", other)
    if NUMBER.sub("", one) != NUMBER.sub("", other):
        return False
    old, new = (np.array(NUMBER.findall(tag), float) for tag in (one, other))
    return bool(np.all(np.abs(old - new) <= PIXELS + 1e-9))


def _same_bitmap(one: list[str], other: list[str]) -> bool:
    for old, new in zip(one, other, strict=False):
        a, b = (_pixels(data) for data in (old, new))
        if a.shape != b.shape or np.abs(a - b).max() > LEVELS:
            return False
    return len(one) == len(other)


def _pixels(data: str) -> np.ndarray:
    image = Image.open(io.BytesIO(base64.b64decode(data)))
    return np.asarray(image.convert("RGBA"), dtype=float)
