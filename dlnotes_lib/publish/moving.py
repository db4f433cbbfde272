"""算出会动的图的各档：``python -m dlnotes_lib.publish.moving``。

``moving/<页面>.py`` 的 ``FIGURE`` 算成 ``docs/assets/moving/<页面>.json``：每一档里
各条线的路径与图下的话，读者第一次动滑块才去取。开头是算它的代码的指纹，代码变了才重算。
"""

import argparse
import importlib
import json
import re
import sys
from pathlib import Path

from dlnotes_lib.moving._drawing import Moving, frames
from dlnotes_lib.publish.figures import PACKAGE
from dlnotes_lib.publish.stamp import stamp

OUT = PACKAGE.parent / "docs" / "assets" / "moving"
NUMBER = re.compile(r"-?\d+")
UNITS = 2  # 不同的 CPU 可以差这么多，单位是四分之一像素


def discover(package: Path = PACKAGE) -> list[str]:
    """有会动的图的页面，按名字排序。

    Examples:
        >>> from dlnotes_lib.publish.moving import discover
        >>> "ewma" in discover()
        True
    """
    return sorted(path.stem for path in (package / "moving").glob("[!_]*.py"))


def load(stem: str, package: Path = PACKAGE) -> Moving:
    """一页的会动的图。"""
    return importlib.import_module(f"{package.name}.moving.{stem}").FIGURE


def mark(stem: str, package: Path = PACKAGE) -> str:
    """算这张图的代码的指纹。"""
    return stamp(
        (package, f"moving.{stem}.FIGURE"), (PACKAGE, "moving._drawing.frames")
    )


def compute(stem: str, package: Path = PACKAGE) -> str:
    """算出一页的各档；返回文件的全文。"""
    content = {"stamp": mark(stem, package), **frames(load(stem, package))}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n"


def check(package: Path = PACKAGE, out: Path = OUT) -> list[str]:
    """缺的、过期的与多余的，一行一个。"""
    stems, found = discover(package), []
    for stem in stems:
        path = out / f"{stem}.json"
        if not path.is_file():
            found.append(f"{stem}: missing")
        elif not _is_fresh(path, mark(stem, package)):
            found.append(f"{stem}: stale, the code that computes it has changed")
    left = sorted({path.stem for path in out.glob("*")} - set(stems))
    return found + [f"{stem}: orphan, no module computes it" for stem in left]


def compare(package: Path = PACKAGE, out: Path = OUT) -> list[str]:
    """重算一遍，与已有的不同的；最后一位的舍入不算。"""
    found = []
    for stem in discover(package):
        path = out / f"{stem}.json"
        if not path.is_file():
            found.append(f"{stem}: missing")
        elif why := difference(path.read_text("utf-8"), compute(stem, package)):
            found.append(f"{stem}: recomputed frames differ: {why}")
    return found


def difference(old: str, new: str) -> str:
    """两份各档有什么不同；没有就是空串。

    Examples:
        >>> from dlnotes_lib.publish.moving import difference
        >>> one = '{"texts":[["1"]],"paths":["M1 2l3-1"],"frames":[[0,"话"]]}'
        >>> difference(one, one.replace("3-1", "4 0")), difference(one, one)
        ('', '')
        >>> difference(one, one.replace("3-1", "9-1"))
        "frame 0, curve 0: 'M1 2l3-1' became 'M1 2l9-1'"
    """
    a, b = json.loads(old), json.loads(new)
    if a["texts"] != b["texts"] or len(a["frames"]) != len(b["frames"]):
        return "another set of slider values"
    for k, (one, other) in enumerate(zip(a["frames"], b["frames"], strict=True)):
        if one[-1] != other[-1]:
            return f"frame {k}: {one[-1]!r} became {other[-1]!r}"
        for j, (i, m) in enumerate(zip(one[:-1], other[:-1], strict=True)):
            before, after = a["paths"][i], b["paths"][m]
            if not close(before, after):
                return f"frame {k}, curve {j}: {before[:40]!r} became {after[:40]!r}"
    return ""


def close(one: str, other: str) -> bool:
    """两条路径只差舍入。"""
    if NUMBER.sub("", one).replace(" ", "") != NUMBER.sub("", other).replace(" ", ""):
        return False
    old, new = ([int(n) for n in NUMBER.findall(path)] for path in (one, other))
    return len(old) == len(new) and all(
        abs(a - b) <= UNITS for a, b in zip(old, new, strict=True)
    )


def update(package: Path = PACKAGE, out: Path = OUT) -> None:
    """算缺的与过期的，删多余的。"""
    out.mkdir(parents=True, exist_ok=True)
    for stem in discover(package):
        path = out / f"{stem}.json"
        if not (path.is_file() and _is_fresh(path, mark(stem, package))):
            path.write_text(compute(stem, package), encoding="utf-8", newline="\n")
            print(f"{stem}: computed")
    for path in sorted(out.glob("*")):
        if path.stem not in discover(package):
            path.unlink()
            print(f"{path.stem}: deleted")


def _is_fresh(path: Path, expected: str) -> bool:
    return json.loads(path.read_text(encoding="utf-8"))["stamp"] == expected


def main(arguments: list[str] | None = None) -> int:
    """命令行入口；返回退出码。"""
    parser = argparse.ArgumentParser(description="Compute the moving figures.")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="list, compute nothing")
    mode.add_argument("--compare", action="store_true", help="recompute and compare")
    options = parser.parse_args(arguments)
    if not (options.check or options.compare):
        update()
        return 0
    found = check() if options.check else compare()
    print(*found, sep="\n", end="\n" if found else "")
    return min(len(found), 1)


if __name__ == "__main__":
    sys.exit(main())
