r"""式子与代码：每个编了号的公式，各有一份只用 Python 标量与循环的誊写，与库逐例比对。

一节一个模块，名字与页面相同（``adam.py`` 讲 2.8 节）。模块里的 ``FORMULAS`` 是一串
`Formula`；编号就是页面上 ``\tag{2.8.1}`` 里的那个。

    python -m trust.formulas                全部算一遍，写 trust/formulas.json
    python -m trust.formulas --read 2.8.1   改过的式子对着誊写重看过了，记下它的指纹
"""

import hashlib
import importlib
import json
import math
import pkgutil
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.random import Generator

from dlnotes_lib.publish.pages import DOCS

CASES = 20
TAG = re.compile(r"\\tag\{(\d\.\d+\.\d+)\}")
DISPLAY = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
PRINTED = Path(__file__).with_name("printed.json")


class Formula(NamedTuple):
    """一个编了号的公式。

    Attributes:
        tag: 编号，如 ``"2.8.1"``。
        function: 库里算它的函数，不带包名，如 ``"optimizers.Adam.update"``。
        case: 给一个随机数发生器，造一组参数；不许有方阵。
        library: 用库算；参数就是那一组。
        naive: 照着公式誊写；同样的参数，数组变成嵌套的列表，只许用标量、循环与 math。
    """

    tag: str
    function: str
    case: Callable[[Generator], dict[str, Any]]
    library: Callable[..., Any]
    naive: Callable[..., Any]

    @property
    def lesson(self) -> str:
        """哪一节，如 ``"2.8"``。"""
        return self.tag.rpartition(".")[0]


def listed(value: Any) -> Any:
    """数组变成嵌套的列表，NumPy 的标量变成 Python 的。"""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, dict):
        return {key: listed(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [listed(part) for part in value]
    return value


def flat(value: Any) -> list[float]:
    """嵌套的列表、元组、字典与数组里的全部数，按次序。"""
    value = listed(value)
    if isinstance(value, dict):
        value = [value[key] for key in sorted(value)]
    if isinstance(value, list):
        return [number for part in value for number in flat(part)]
    return [float(value)]


def difference(formula: Formula, seed: int) -> float:
    """一组随机参数上，库与誊写的最大相对误差。

    接近零的数可能是相消剩下的，分母不小于这一组里最大的数的百万分之一。

    Raises:
        ValueError: 两边个数不同，或有一边不是有限的数。
    """
    case = formula.case(np.random.default_rng(seed))
    found = flat(formula.library(**case))
    wanted = flat(formula.naive(**listed(case)))
    if len(found) != len(wanted):
        raise ValueError(f"{formula.tag}: {len(found)} numbers, {len(wanted)} expected")
    if not all(map(math.isfinite, found + wanted)):
        raise ValueError(f"{formula.tag}: not finite: {found} or {wanted}")
    floor = 1e-6 * max(map(abs, wanted)) or 1.0
    pairs = zip(found, wanted, strict=True)
    return max(abs(a - b) / max(abs(b), floor) for a, b in pairs)


def largest(formula: Formula, cases: int = CASES) -> float:
    """许多组随机参数里最大的误差。"""
    return max(difference(formula, seed) for seed in range(cases))


def registry() -> list[Formula]:
    """全部公式，按编号。"""
    found: list[Formula] = []
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        if not module.name.endswith("__main__"):
            found += importlib.import_module(module.name).FORMULAS
    return sorted(found, key=lambda f: [*map(int, f.tag.split("."))])


def tags() -> Iterator[tuple[str, str]]:
    """页面上的全部编号：（页面，编号），按先后。"""
    for path in sorted(DOCS.glob("week*/*.md")):
        for tag in TAG.findall(path.read_text(encoding="utf-8")):
            yield path.relative_to(DOCS).as_posix(), tag


def printed(text: str) -> dict[str, str]:
    """一页原文里每个编号的式子的指纹；空白不算。"""
    found = {}
    for display in DISPLAY.findall(text):
        seen = hashlib.sha256("".join(display.split()).encode()).hexdigest()[:12]
        found |= dict.fromkeys(TAG.findall(display), seen)
    return found


def on_pages() -> dict[str, str]:
    """全部编了号的式子现在的指纹。"""
    texts = (p.read_text(encoding="utf-8") for p in sorted(DOCS.glob("week*/*.md")))
    return {tag: seen for text in texts for tag, seen in printed(text).items()}


def as_read() -> dict[str, str]:
    """誊写时看到的式子的指纹。"""
    return json.loads(PRINTED.read_text(encoding="utf-8"))
