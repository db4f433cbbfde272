"""能把变异体揭穿的东西，拆成小件：页面上的一串代码块、一张图，或一个测试文件。

小件的 check() 返回第一处不对，没有就是空串。页面只看三样：打印的文字、断言、图里的
数据；指纹与源码清单不算，它们看得见每一次编辑。
"""

import contextlib
import hashlib
import importlib
import io
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from dlnotes_lib.publish.blocks import runs_elsewhere
from dlnotes_lib.publish.evidence import PAGE as EVIDENCE
from dlnotes_lib.publish.figures import Name, discover, load
from dlnotes_lib.publish.pages import DOCS, ROOT, Page, page_files, render
from dlnotes_lib.publish.run_blocks import findings, run_page

FIGURE = re.compile(r"assets/figures/(\w+)/(\w+)\.svg")
MOVING = re.compile(r"^```moving\n(\w+)$", re.M)
TESTS = ROOT / "tests"


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def contents(paths: Iterable[Path]) -> str:
    """几个文件的原文。"""
    return repr([(path.name, _text(path)) for path in paths])


@dataclass(frozen=True)
class Chain:
    """一串接着跑的代码块，连同写着输出的块。"""

    page: Page

    @property
    def name(self) -> str:
        """如 ``week2/08-adam.md#1f2e3d4c``：按原文取名，前面插进一块也不改名。"""
        digest = hashlib.sha256(self.content.encode()).hexdigest()
        return f"{self.page.name}#{digest[:8]}"

    @property
    def content(self) -> str:
        """它自己是什么样子：各块的原文。"""
        return repr([(b.kind, b.continues, b.source) for b in self.page.blocks])

    @property
    def runs(self) -> bool:
        """有没有在这里跑的代码。"""
        blocks = self.page.blocks
        code = [b for b in blocks if b.kind in ("script", "console")]
        return any(not runs_elsewhere(blocks, b) for b in code)

    def check(self) -> str:
        """第一处不符的输出。"""
        found = findings(self.page, run_page(self.page))
        return f"output: {found[0]}" if found else ""


@dataclass(frozen=True)
class Drawn:
    """页面上的一张图；画不出来也算不符。"""

    page: Page
    figure: Name

    @property
    def name(self) -> str:
        """如 ``week2/08-adam.md#adam/path``。"""
        return f"{self.page.name}#{self.figure.stem}/{self.figure.function}"

    @property
    def content(self) -> str:
        """它自己是什么样子：画图的函数与预期的数据。"""
        folders = (ROOT / "dlnotes_lib/figures", TESTS / "figure_data")
        return contents(folder / f"{self.figure.stem}.py" for folder in folders)

    def check(self) -> str:
        """图的数据与预期不符之处。"""
        from drawn import data_findings

        stem, function = self.figure
        try:
            expected = importlib.import_module(f"figure_data.{stem}")
            figure = load(self.figure)()
            found = data_findings(str(self.figure), figure, getattr(expected, function))
        except Exception as error:
            found = [f"{self.figure}: {type(error).__name__}: {error}"]
        return f"figure: {found[0]}" if found else ""


@dataclass(frozen=True)
class Moving:
    """页面上一张会动的图。"""

    page: Page
    stem: str

    @property
    def name(self) -> str:
        """如 ``week2/03-ewma.md#moving/ewma``。"""
        return f"{self.page.name}#moving/{self.stem}"

    @property
    def content(self) -> str:
        """它自己是什么样子：算各帧的函数与预期的数据。"""
        folders = (ROOT / "dlnotes_lib/moving", TESTS / "moving_data")
        return contents(folder / f"{self.stem}.py" for folder in folders)

    def check(self) -> str:
        """各帧的数据与预期不符之处。"""
        from moving_checks import figure_findings

        found = figure_findings(self.stem)
        return f"moving: {found[0]}" if found else ""


Piece = Chain | Drawn | Moving


def pieces_of(path: Path) -> list[Piece]:
    """一个页面的全部小件。"""
    if str(TESTS) not in sys.path:
        sys.path.insert(0, str(TESTS))
    importlib.import_module("moving_checks")
    importlib.import_module("drawn")  # 连同 matplotlib，省得每个子进程各导入一遍
    page = render(path)
    chains = [Chain(replace(page, blocks=blocks)) for blocks in _chains(page)]
    runnable = [c for c in chains if c.runs]
    text = "\n".join(page.lines)
    shown = dict.fromkeys(Name(*s) for s in FIGURE.findall(text))
    known = set(discover())
    figures = [name for name in shown if name in known and _own(page, name)]
    drawn = [Drawn(page, name) for name in figures]
    return [*runnable, *drawn, *(Moving(page, stem) for stem in MOVING.findall(text))]


def _chains(page: Page) -> Iterator[list[Any]]:
    """拆成一串一串：不接上一段的代码块起头。"""
    group: list[Any] = []
    for block in page.blocks:
        if block.kind in ("script", "console") and not block.continues and group:
            yield group
            group = []
        group.append(block)
    if group:
        yield group


def _own(page: Page, name: Name) -> bool:
    """图是不是这一页自己的（首页借用别页的图）。"""
    return page.path.parent != DOCS or name.stem == "concept_map"


def pages() -> list[Piece]:
    """全部页面的全部小件；展示演习结果的那一页不参加演习。"""
    paths = [path for path in page_files() if path != EVIDENCE]
    return [piece for path in paths for piece in pieces_of(path)]


def suites() -> list[Path]:
    """可能用到库的测试文件，加上每个有 doctest 的模块。

    查源码清单、插图指纹、结构的测试看得见每一次编辑；它们不导入被改的模块，所以不会问到。
    """
    modules = sorted((ROOT / "dlnotes_lib").glob("*.py"))
    modules += sorted((ROOT / "dlnotes_lib/experiments").glob("*.py"))
    doctests = [p for p in modules if ">>> " in p.read_text(encoding="utf-8")]
    return [*sorted(TESTS.glob("test_*.py")), *doctests]


class _Watch:
    """记下第一个失败的测试。"""

    failed = ""

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed and not self.failed:
            last = report.longreprtext.strip().rpartition("\n")[2]
            self.failed = f"{report.nodeid}: {last}"

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed and not self.failed:
            self.failed = f"{report.nodeid}: collection"


def run_tests(names: Iterable[str], *plugins: Any) -> str:
    """跑几个测试（``tests/test_x.py`` 或 ``…::test_y``），第一个失败的是谁。"""
    import pytest

    watch = _Watch()
    words = ["-x", "-q", "-m", "", "-p", "no:cacheprovider", f"--rootdir={ROOT}"]
    with contextlib.redirect_stdout(io.StringIO()):
        code = pytest.main([*words, *names], plugins=[watch, *plugins])
    ended_well = code in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    return "" if ended_well else f"test: {watch.failed or code}"


def check(name: str) -> str:
    """按名字查一件。"""
    page, _, _ = name.partition("#")
    if "#" not in name:
        return run_tests([name])
    (piece,) = [p for p in pieces_of(DOCS / page) if p.name == name]
    return piece.check()


def main() -> int:
    """查一件：``python -m trust.targets week2/08-adam.md#adam/path``；绿的不打印。"""
    print(check(sys.argv[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
