"""页面的每一件走到库的哪些行，每个测试文件用到哪些模块。

页面的一件，跑一遍就知道；结果一行一个写进 ``.trust/lines.jsonl``，带着指纹：它自己与它
用到的库模块没变，就不必重量。测试文件不跑，只看它直接导入了哪些模块。
"""

import ast
import hashlib
import json
import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from dlnotes_lib.publish.pages import ROOT
from trust.children import forget_library, in_child, traced
from trust.mutants import sources
from trust.targets import TESTS, Piece, contents

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


def _tracked() -> dict[str, str]:
    return {str(path): name for name, (path, _) in sources(LIBRARY).items()}


def measure(piece: Piece) -> dict[str, Any]:
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

    answer = in_child(work, 3600)
    if answer.status != "ok":
        raise SystemExit(f"{piece.name}: measuring failed: {answer}")
    finding, seconds, lines = answer.value
    if finding:
        raise SystemExit(f"{piece.name} is red without any mutant: {finding}")
    modules = sorted({module for module, _ in lines})
    return {
        "name": piece.name,
        "stamp": stamp(piece.content, modules),
        "modules": modules,
        "seconds": round(seconds, 3),
        "lines": lines,
    }


def known(path: Path, pieces: Iterable[Piece]) -> dict[str, Reach]:
    """量过、指纹还对的。"""
    own = {piece.name: piece.content for piece in pieces}
    found: dict[str, Reach] = {}
    for row in read(path):
        content = own.get(row["name"])
        if content is None or stamp(content, row["modules"]) != row["stamp"]:
            found.pop(row["name"], None)
            continue
        lines = frozenset((module, line) for module, line in row["lines"])
        found[row["name"]] = Reach(row["name"], row["stamp"], row["seconds"], lines)
    return found


def _imports(path: Path) -> set[str]:
    """一个文件直接导入的名字，``from a import b`` 算 a 与 a.b。"""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{a.name}" for a in node.names)}
    return found


@cache
def helpers(path: Path) -> frozenset[Path]:
    """一个测试文件导入的、导入的导入的测试用的文件；``trust.formulas`` 全算。"""
    offered = {p.stem: [p] for p in TESTS.glob("*.py")}
    offered["trust.formulas"] = sorted((ROOT / "trust/formulas").glob("*.py"))
    found, todo = {TESTS / "conftest.py"}, [path]
    while todo:
        names = _imports(todo.pop()) & set(offered)
        new = {p for name in names for p in offered[name]} - found
        found |= new
        todo += new
    return frozenset(found - {path})


def imported(path: Path) -> set[str]:
    """一个文件直接导入的库模块；测试导入 ``trust.formulas``，那里导入的也算。"""
    found = _imports(path)
    if path.parent == TESTS and "trust.formulas" in found:
        formulas = sorted((ROOT / "trust/formulas").glob("[a-z]*.py"))
        found = found.union(*map(imported, formulas))
    return found & set(_library())


@cache
def closure(module: str) -> frozenset[str]:
    """一个模块与它导入的、导入的导入的库模块。"""
    found, todo = {module}, [module]
    while todo:
        new = imported(_library()[todo.pop()][0]) - found
        found |= new
        todo += new
    return frozenset(found)


def suite_reach(path: Path) -> Reach:
    """一个测试文件：直接导入的模块，每一行都算走到；doctest 算那个模块自己。"""
    modules = imported(path) if path.parent == TESTS else {module_of(path)}
    below = frozenset().union(*map(closure, modules))
    lines = frozenset(
        (m, k) for m in modules for k in range(len(_library()[m][1].splitlines()) + 1)
    )
    name = path.relative_to(ROOT).as_posix()
    # 没量过用时：按长短排；宁可多等，叫停在 pytest 里看着像是测试失败
    seconds = 60 + len(path.read_text(encoding="utf-8")) / 1e4
    return Reach(
        name, stamp(contents([path, *sorted(helpers(path))]), below), seconds, lines
    )


def module_of(path: Path) -> str:
    """库的源文件是哪个模块。"""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)
