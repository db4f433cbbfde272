"""埋错演习：真实的讲义里会有的错，一个个埋进拷贝，看点了名的检查红不红。

在仓库的根目录下（装了 ``.[browser,oracles]``，做好了浏览器里的包，有 Chromium）::

    python -m trust.drill [--only 名字里的一段] [--jobs 2] [--whole]

每个进程一份拷贝、一个虚拟环境；先确认没埋错时点了名的检查全绿，再逐个：埋、重画插图
（动了库的代码时，贡献者也要画）、跑点了名的测试文件、读哪些测试红了、复原。一个文件里
有参数的测试只跑点了名的参数；``--whole`` 跑全部测试。单子在 `trust.faults`。结果写进
``trust/drill.json``；有一个错不是由点了名的检查抓住的，退出码就是 1。
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from trust import outcomes
from trust.faults import FAULTS, STRICT_BUILD, Fault
from trust.record import write

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "trust" / "drill.json"
FIGURES = Path("docs/assets/figures")
LEFT_OUT = (".git", ".trust", "site", ".venv", ".bench", ".ruff_cache")
MADE = ("__pycache__", ".pytest_cache", ".hypothesis", "*.egg-info")
SETTINGS = {
    "CI": "true",
    "PYTHONUTF8": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "NO_MKDOCS_2_WARNING": "1",
    "SOURCE_DATE_EPOCH": "1704067200",
}
LIMIT = 1800


@dataclass(frozen=True)
class Copy:
    """仓库的一份拷贝与它自己的解释器。

    Attributes:
        root: 拷贝的根目录。
        python: 解释器；从哪里启动，导入的都是拷贝里的库。
    """

    root: Path
    python: Path

    def run(self, *words: str, **extra: str) -> int:
        """在拷贝里跑一条 Python 命令，返回退出码；超时也算失败。"""
        env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        try:
            return subprocess.run(
                [str(self.python), *words],
                cwd=self.root,
                env=env | SETTINGS | extra,
                capture_output=True,
                timeout=LIMIT,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            return 1


def copy_of(source: Path, folder: Path) -> Copy:
    """拷一份，配一个环境：先找拷贝，再找现在这个环境里装的包。"""
    root, home = folder / "repository", folder / "venv"
    shutil.copytree(source, root, ignore=shutil.ignore_patterns(*LEFT_OUT, *MADE))
    venv.create(home, symlinks=os.name != "nt")
    (site,) = home.glob("**/site-packages")
    packages = [p for p in map(Path, sys.path) if p.name == "site-packages"]
    lines = [
        str(root),
        *(f"import site; site.addsitedir({str(p)!r})" for p in packages),
    ]
    (site / "drill.pth").write_text("\n".join(lines) + "\n", encoding="utf-8")
    shutil.copy(outcomes.__file__, site / "drill_outcomes.py")
    return Copy(root, home / ("Scripts" if os.name == "nt" else "bin") / "python")


def digest(root: Path) -> str:
    """拷贝里全部文件的指纹；跑测试时自己产生的不算。"""
    found = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root).parts
        if path.is_file() and not any(Path(p).match(m) for p in inside for m in MADE):
            found.update("/".join(inside).encode() + path.read_bytes())
    return found.hexdigest()


def edited(text: str, old: str, new: str) -> str:
    """换掉恰好出现一次的 old。"""
    if text.count(old) != 1:
        raise ValueError(f"old text must occur once, got {text.count(old)}: {old!r}")
    return text.replace(old, new)


def forget_bytecode(root: Path) -> None:
    """删掉字节码：同一秒里改成一样长的代码，Python 看不出它旧了。"""
    for folder in [*root.rglob("__pycache__")]:
        shutil.rmtree(folder)


@contextmanager
def planted(copy: Copy, fault: Fault) -> Iterator[None]:
    """埋下，出来时复原；连同重画过的插图。"""
    drawn, aside = copy.root / FIGURES, copy.root.parent / "figures"
    before = {
        path: path.read_text("utf-8") if path.exists() else None
        for path in (copy.root / edit.path for edit in fault.edits)
    }
    if drawn.exists():
        shutil.copytree(drawn, aside)
    try:
        for edit in fault.edits:
            path = copy.root / edit.path
            text = edited(path.read_text("utf-8"), *edit[1:]) if edit.old else edit.new
            path.write_text(text, encoding="utf-8")
        forget_bytecode(copy.root)
        yield
    finally:
        for path, text in before.items():
            if text is None:
                path.unlink(missing_ok=True)
            else:
                path.write_text(text, encoding="utf-8")
        if aside.exists():
            shutil.rmtree(drawn)
            shutil.move(aside, drawn)
        forget_bytecode(copy.root)


def redrawn(fault: Fault) -> bool:
    """动了库的代码，先重画插图；错就错在没有重画的除外。"""
    code = any(e.path.startswith("dlnotes_lib/") for e in fault.edits)
    return code and not fault.stale


def failures(copy: Copy, checks: Sequence[str], whole: bool) -> dict[str, str]:
    """跑点了名的测试文件（或全部），返回每个测试的结局。"""
    tests = [check for check in checks if check != STRICT_BUILD]
    files = [] if whole else list(dict.fromkeys(c.partition("::")[0] for c in tests))
    found: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        if tests or whole:
            out = Path(folder) / "outcomes.json"
            words = ("-q", "-m", "", "-p", "no:cacheprovider", "-p", "drill_outcomes")
            named = json.dumps([] if whole else tests)
            settings = {"DRILL_OUTCOMES": str(out), "DRILL_CHECKS": named}
            copy.run("-m", "pytest", *words, *files, **settings)
            found |= json.loads(out.read_text("utf-8")) if out.exists() else {}
        if STRICT_BUILD in checks or whole:
            code = copy.run("-m", "mkdocs", "build", "--strict", "--site-dir", folder)
            found[STRICT_BUILD] = "failed" if code else "passed"
    return found


def red_controls(copy: Copy, faults: Iterable[Fault]) -> list[str]:
    """没埋错时就没有通过的检查（跳过也不算通过）。"""
    checks = list(dict.fromkeys(c for fault in faults for c in fault.checks))
    found = failures(copy, checks, whole=False)
    return [
        f"{c}: {found.get(c, 'did not run')}"
        for c in checks
        if found.get(c) != "passed"
    ]


def tried(copy: Copy, fault: Fault, whole: bool) -> dict[str, Any]:
    """埋一个错，看谁红了。"""
    start, clean = time.monotonic(), digest(copy.root)
    with planted(copy, fault):
        drawing = redrawn(fault) and copy.run("-m", "dlnotes_lib.publish.figures")
        found = failures(copy, fault.checks, whole)
    if digest(copy.root) != clean:
        raise RuntimeError(f"{fault.name} left something behind in the copy")
    if drawing:
        found["dlnotes_lib.publish.figures"] = "failed"
    seconds = round(time.monotonic() - start, 1)
    return judged(fault, found) | {"seconds": seconds}


def judged(fault: Fault, found: dict[str, str]) -> dict[str, Any]:
    """表里的一行：点了名的都红才算抓住；只有别的红了是 elsewhere。"""
    red = [name for name, outcome in found.items() if outcome == "failed"]
    by = [check for check in fault.checks if check in red]
    others = [name for name in red if name not in by]
    caught = len(by) == len(fault.checks)
    return {
        "fault": fault.name,
        "what": fault.what,
        "kind": fault.kind,
        "published": fault.published,
        "expected": list(fault.checks),
        "by": by,
        "not_run": [check for check in fault.checks if check not in found],
        "others": len(others),
        "other": others[:3],
        "verdict": "caught" if caught else "elsewhere" if red else "missed",
    }


def drill(
    source: Path, faults: Sequence[Fault], *, jobs: int, whole: bool
) -> Iterator[dict[str, Any]]:
    """全部埋一遍，做完一个交一个；没埋错就有红的，报 SystemExit。"""
    with tempfile.TemporaryDirectory() as folder:
        copies: SimpleQueue[Copy] = SimpleQueue()
        for job in range(jobs):
            copies.put(copy_of(source, Path(folder) / str(job)))
        first = copies.get()
        if red := red_controls(first, faults):
            raise SystemExit("the control is red:\n" + "\n".join(red))
        print(f"control green, {len(faults)} faults to plant", flush=True)
        copies.put(first)

        def one(fault: Fault) -> dict[str, Any]:
            copy = copies.get()
            row = tried(copy, fault, whole)
            copies.put(copy)
            print(line(row), flush=True)
            return row

        with ThreadPoolExecutor(jobs) as pool:
            yield from pool.map(one, faults)


def line(row: dict[str, Any]) -> str:
    """表里的一行：错，结局，谁抓住的，秒数。"""
    by = row["by"] if row["verdict"] == "caught" else row["other"]
    names = ", ".join(name.rpartition("/")[2] for name in by) or "-"
    if row["verdict"] != "caught":
        names += f"; expected {', '.join(row['expected'])}"
    if row["not_run"]:
        names += f"; did not run: {', '.join(row['not_run'])}"
    return f"{row['verdict']:9} {row['fault']:28} {row['seconds']:6.1f} s  {names}"


def report(rows: list[dict[str, Any]], fingerprint: str, path: Path) -> None:
    """写结果；只做了一部分时，代码没变就并进上次的。"""
    old = json.loads(path.read_text("utf-8")) if path.exists() else {}
    known = {r["fault"]: r for r in old.get("rows", [])}
    if old.get("fingerprint") != fingerprint:
        known = {}
    known |= {row["fault"]: row for row in rows}
    merged = [known[f.name] for f in FAULTS if f.name in known]
    write(
        path,
        fingerprint=fingerprint,
        faults=len(FAULTS),
        caught=sum(row["verdict"] == "caught" for row in merged),
        rows=merged,
    )


def fingerprint() -> str:
    """库、页面、测试的指纹。"""
    found = hashlib.sha256()
    for pattern in ("dlnotes_lib/**/*.py", "docs/**/*.md", "tests/**/*.py"):
        for path in sorted(ROOT.glob(pattern)):
            name = path.relative_to(ROOT).as_posix()
            found.update(name.encode() + path.read_bytes())
    return found.hexdigest()[:16]


def main() -> int:
    """命令行。"""
    parser = argparse.ArgumentParser(description="planted-fault drill")
    parser.add_argument("--only", default="", help="名字里含有它的")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--whole", action="store_true", help="每个错都跑全部测试")
    o = parser.parse_args()
    faults = [fault for fault in FAULTS if o.only in fault.name]
    start, before = time.monotonic(), fingerprint()
    rows = []
    for row in drill(ROOT, faults, jobs=min(o.jobs, len(faults)), whole=o.whole):
        rows.append(row)
        report(rows, before, REPORT)
    caught = sum(row["verdict"] == "caught" for row in rows)
    seconds = time.monotonic() - start
    print(f"caught {caught}/{len(rows)} in {seconds:.0f} s")
    return int(caught < len(rows))


if __name__ == "__main__":
    sys.exit(main())
