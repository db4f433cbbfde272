"""画出插图：``python -m dlnotes_lib.publish.figures``。

``figures/<页面>.py`` 的每个公开函数是一张图，画成
``docs/assets/figures/<页面>/<函数>.svg``。
第一行的注释是画它的代码的指纹，所以 ``--check`` 不必画图，也不必有 matplotlib。
"""

import argparse
import ast
import importlib
import re
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dlnotes_lib.publish.stamp import stamp

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PACKAGE = Path(__file__).resolve().parents[1]
OUT = PACKAGE.parent / "docs" / "assets" / "figures"
HEAD = re.compile(r"<!-- dlnotes ([0-9a-f]{16}) -->\n")


class Name(NamedTuple):
    """一张图的名字：页面与函数。"""

    stem: str
    function: str

    def __str__(self) -> str:
        """写成 ``页面/函数``。"""
        return f"{self.stem}/{self.function}"


def discover(package: Path = PACKAGE) -> list[Name]:
    """包里的全部插图，按名字排序；只读源码，不导入。

    Examples:
        >>> from dlnotes_lib.publish.figures import discover
        >>> "regularization/shrinkage" in map(str, discover())
        True
    """
    names = []
    for path in sorted((package / "figures").glob("[!_]*.py")):
        source = path.read_text(encoding="utf-8")
        for node in ast.parse(source, str(path)).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                names.append(Name(path.stem, node.name))
    return sorted(names)


def load(name: Name, package: Path = PACKAGE) -> "Callable[[], Figure]":
    """导入画这张图的函数。"""
    module = importlib.import_module(f"{package.name}.figures.{name.stem}")
    return getattr(module, name.function)


def head(name: Name, package: Path = PACKAGE) -> str:
    """SVG 的第一行：画这张图的代码（连同渲染代码）的指纹。"""
    drawing = (package, f"figures.{name.stem}.{name.function}")
    return f"<!-- dlnotes {stamp(drawing, (PACKAGE, 'publish.svg.render'))} -->\n"


def draw(name: Name, package: Path = PACKAGE) -> str:
    """画一张图；返回文件的全文。"""
    from dlnotes_lib.publish.svg import render

    return head(name, package) + render(str(name), load(name, package)).svg


def check(package: Path = PACKAGE, out: Path = OUT) -> list[str]:
    """缺的、过期的与多余的图，一行一个。"""
    names = discover(package)
    findings = []
    for name in names:
        path = out / f"{name}.svg"
        if not path.is_file():
            findings.append(f"{name}: missing")
        elif not path.read_text(encoding="utf-8").startswith(head(name, package)):
            findings.append(f"{name}: stale, the code that draws it has changed")
    return findings + [
        f"{name}: orphan, no function draws it" for name in orphans(names, out)
    ]


def orphans(names: list[Name], out: Path = OUT) -> list[str]:
    """没有函数的 SVG，写成 ``页面/函数``。"""
    known = {str(name) for name in names}
    found = (p.relative_to(out).with_suffix("") for p in out.rglob("*.svg"))
    return sorted({path.as_posix() for path in found} - known)


def update(package: Path = PACKAGE, out: Path = OUT, *, redraw: bool = False) -> int:
    """画缺的与过期的图，删多余的图。

    Args:
        package: 含 ``figures`` 子包的包目录。
        out: 放 SVG 的目录。
        redraw: 没过期的也重画。

    Returns:
        画不出的图有几张。
    """
    names, failed = discover(package), 0
    for name in names:
        path = out / f"{name}.svg"
        try:
            if redraw or not _is_fresh(path, head(name, package)):
                _write(path, draw(name, package))
        except Exception:
            failed += 1
            traceback.print_exc()
            print(f"{name}: not drawn", file=sys.stderr)
    for orphan in orphans(names, out):
        path = out / f"{orphan}.svg"
        path.unlink()
        print(f"{orphan}: deleted")
        if path.parent != out and not any(path.parent.iterdir()):
            path.parent.rmdir()
    return failed


def _is_fresh(path: Path, first_line: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8").startswith(first_line)


def _write(path: Path, svg: str) -> None:
    if path.is_file() and path.read_bytes() == svg.encode():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(svg, encoding="utf-8", newline="\n")
    print(f"{path.parent.name}/{path.stem}: drawn")


def main(arguments: list[str] | None = None) -> int:
    """命令行入口；返回退出码。"""
    parser = argparse.ArgumentParser(description="Draw the figures of the notes.")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="list, draw nothing")
    mode.add_argument("--all", action="store_true", help="redraw every figure")
    mode.add_argument("--compare", action="store_true", help="redraw and compare")
    options = parser.parse_args(arguments)
    if not (options.check or options.compare):
        return min(update(redraw=options.all), 1)
    if options.check:
        findings = check()
    else:
        from dlnotes_lib.publish.redraw import compare

        findings = compare()
    print(*findings, sep="\n", end="\n" if findings else "")
    return min(len(findings), 1)


if __name__ == "__main__":
    sys.exit(main())
