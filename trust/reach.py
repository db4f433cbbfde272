"""量一量：页面的每一件、每个测试函数，各走到库的哪些行，用多少时间。

量的结果一行一个写进 ``.trust/lines.jsonl``，带着指纹：它自己与它用到的库模块没变，
就不必重量。
"""

import hashlib
import json
import sys
import time
from collections.abc import Callable, Generator, Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from dlnotes_lib.publish.pages import ROOT
from trust.children import forget_library, in_child, traced
from trust.mutants import sources
from trust.targets import TESTS, Piece, contents, run_tests

LIBRARY = ROOT / "dlnotes_lib"
STATE = ROOT / ".trust"


class Reach(NamedTuple):
    """一件：名字、指纹、几秒、走到的行。"""

    name: str
    stamp: str
    seconds: float
    lines: frozenset[tuple[str, int]]


def read(path: Path) -> list[dict[str, Any]]:
    """一行一个 JSON；没写完的最后一行不算。"""
    rows = []
    for line in path.read_text("utf-8").splitlines() if path.exists() else []:
        try:
            rows.append(json.loads(line))
        except ValueError:
            continue
    return rows


def append(path: Path, row: dict[str, Any]) -> None:
    """加一行。"""
    with path.open("a", encoding="utf-8") as out:
        out.write(json.dumps(row, ensure_ascii=False) + "\n")


@cache
def _library() -> dict[str, tuple[Path, str]]:
    return sources(LIBRARY)


def stamp(content: str, modules: Iterable[str]) -> str:
    """一件的原文与它用到的库模块的指纹。"""
    texts = [_library()[m][1] for m in sorted(modules) if m in _library()]
    return hashlib.sha256("\0".join([content, *texts]).encode()).hexdigest()[:16]


def _row(name: str, content: str, seconds: float, lines: Any) -> dict[str, Any]:
    modules = sorted({module for module, _ in lines})
    return {
        "name": name,
        "stamp": stamp(content, modules),
        "modules": modules,
        "seconds": round(seconds, 3),
        "lines": sorted(map(list, lines)),
    }


def _tracked() -> dict[str, str]:
    return {str(path): name for name, (path, _) in sources(LIBRARY).items()}


def measure_piece(piece: Piece) -> list[dict[str, Any]]:
    """页面的一件；没改坏就红要报错。"""

    def work() -> Any:
        forget_library()
        start = time.monotonic()
        finding = piece.check()
        seconds = time.monotonic() - start
        forget_library()
        with traced(_tracked()) as seen:
            piece.check()
        return finding, seconds, sorted(map(list, seen))

    finding, seconds, lines = _measured(piece.name, work)
    if finding:
        raise SystemExit(f"{piece.name} is red without any mutant: {finding}")
    return [_row(piece.name, piece.content, seconds, lines)]


def _measured(name: str, work: Callable[[], Any]) -> Any:
    answer = in_child(work, 3600)
    if answer.status != "ok":
        raise SystemExit(f"{name}: measuring failed: {answer}")
    return answer.value


class _Lines:
    """pytest 的插件：每个测试函数走到的行；准备阶段走到的，算全文件的。"""

    def __init__(self) -> None:
        self.shared: set[tuple[str, int]] = set()
        self.found: dict[str, set[tuple[str, int]]] = {}
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Generator[None, Any, Any]:
        with traced(_tracked()) as seen:
            result = yield
        self.shared |= seen
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: Any) -> Generator[None, Any, Any]:
        _clear_caches()
        with traced(_tracked()) as seen:
            result = yield
        self.shared |= seen
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: Any) -> Generator[None, Any, Any]:
        name, start = item.nodeid.partition("[")[0], time.monotonic()
        with traced(_tracked()) as seen:
            try:
                return (yield)
            finally:
                self.found.setdefault(name, set()).update(seen)
                spent = time.monotonic() - start
                self.seconds[name] = self.seconds.get(name, 0.0) + spent


def _clear_caches() -> None:
    """忘掉库里记住的结果，免得后来的测试不走那些行。"""
    for name, module in [*sys.modules.items()]:
        if name.startswith("dlnotes_lib."):
            for value in vars(module).values():
                getattr(value, "cache_clear", lambda: None)()


def measure_suite(path: Path) -> list[dict[str, Any]]:
    """一个测试文件里的每个测试函数，最后是整个文件；没改坏就红要报错。"""
    name = path.relative_to(ROOT).as_posix()

    def work() -> Any:
        plugin = _Lines()
        forget_library()
        finding = run_tests([name], plugin)
        each = [
            [test, plugin.seconds[test], sorted(map(list, seen | plugin.shared))]
            for test, seen in plugin.found.items()
        ]
        return finding, each

    finding, each = _measured(name, work)
    if finding:
        raise SystemExit(f"{name} is red without any mutant: {finding}")
    content = own([], [path])[name]
    rows = [_row(test, content, took, lines) for test, took, lines in each]
    union = {tuple(line) for _, _, lines in each for line in lines}
    return [*rows, _row(name, content, sum(took for _, took, _ in each), union)]


def own(pieces: Iterable[Piece], suites: Iterable[Path]) -> dict[str, str]:
    """每一件、每个测试文件自己的原文。"""
    helpers = [p for p in sorted(TESTS.glob("*.py")) if not p.name.startswith("test_")]
    found = {piece.name: piece.content for piece in pieces}
    for path in suites:
        found[path.relative_to(ROOT).as_posix()] = contents([path, *helpers])
    return found


def known(path: Path, texts: dict[str, str]) -> dict[str, Reach]:
    """量过、指纹还对的。"""
    found: dict[str, Reach] = {}
    for row in read(path):
        content = texts.get(row["name"].partition("::")[0])
        if content is None or stamp(content, row["modules"]) != row["stamp"]:
            found.pop(row["name"], None)
            continue
        lines = frozenset((module, line) for module, line in row["lines"])
        found[row["name"]] = Reach(row["name"], row["stamp"], row["seconds"], lines)
    return found
