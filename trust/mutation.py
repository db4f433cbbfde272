"""变异演习：改坏库里的每一处，看讲它的页面红不红，再看全部测试红不红。

在仓库的根目录下（Linux 或 macOS，装了 ``.[test,oracles]``）::

    python -m trust.mutation run [--sample 200] [--jobs 2]    接着上次没做完的往下做
    python -m trust.mutation canary     随机重验 20 个“揭穿了”的，写 trust/canary.json
    python -m trust.mutation report     写 trust/mutation.json
    python -m trust.mutation alive      没揭穿、账上也没有的

先量页面的每一件走到哪些行（`trust.reach`）；再逐个变异体，在分出来的子进程里换上它，
依次问走到那一行的各件，第一件变红就算揭穿；页面都没揭穿的，再问直接导入那个模块的测试
文件。不碰文件。结果一行一个写进 ``.trust/``，断了可以接着做；某一件或它用到的库变了，
只重问与它有关的。做完还有没揭穿的（只问页面时：页面揭穿的不到八成五），退出码是 1。
"""

import argparse
import multiprocessing
import os
import random
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from dlnotes_lib.publish.pages import ROOT
from trust import reach
from trust.asking import Group, try_one, valid
from trust.mutants import Mutant
from trust.reach import STATE, append, read
from trust.record import write
from trust.targets import pages, run_tests, suites
from trust.verdict import canary, everything, ledger, summary

REPORT = ROOT / "trust" / "mutation.json"
CANARY = ROOT / "trust" / "canary.json"
GOAL = 0.85  # 只看页面，至少揭穿几成
LINES = "lines.jsonl"


def groups(folder: Path, jobs: int, suite: bool) -> list[Group]:
    """两类：页面的各件（没量过、变了的现在量），测试文件。"""
    pieces = pages()
    have = reach.known(folder / LINES, pieces)
    todo = [piece for piece in pieces if piece.name not in have]
    print(f"{len(todo)} of {len(pieces)} pieces to measure", flush=True)
    lines = folder / LINES
    work = [lambda p=p: append(lines, reach.measure(p)) for p in todo]
    in_parallel(work, jobs)
    have, by_name = reach.known(lines, pieces), {p.name: p for p in pieces}

    tests = {r.name: r for r in map(reach.suite_reach, suites()) if r.lines}
    shown = {name: have[name] for name in by_name}
    pages_first = Group("page", shown, lambda name: by_name[name].check(), {})
    tests_next = Group("test", tests, lambda name: run_tests([name]), {})
    return [pages_first, tests_next][: 1 + suite]


_TODO: list[Callable[[], None]] = []


def _take(todo: list[Callable[[], None]]) -> None:
    _TODO[:] = todo


def _do(k: int) -> None:
    _TODO[k]()


def in_parallel(todo: list[Callable[[], None]], jobs: int) -> None:
    """分给几个进程做，谁空了谁接着做下一个；有一个报错就报错。"""
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(jobs, fork, _take, (todo,)) as pool:
        for _ in pool.map(_do, range(len(todo))):
            pass


def before(folder: Path) -> dict[str, dict[str, Any]]:
    """做过的结果，每个变异体最后的一个。"""
    paths = sorted(folder.glob("results-*.jsonl"))
    return {row["mutant"]: row for path in paths for row in read(path)}


def finished(folder: Path, groups: list[Group]) -> dict[str, dict[str, Any]]:
    """还算数的结果，按变异体的名字。"""
    rows, mutants = before(folder), everything()
    return {
        m.name: rows[m.name]
        for m in mutants
        if m.name in rows and valid(rows[m.name], m, groups)
    }


def known(folder: Path, groups: list[Group]) -> list[dict[str, Any]]:
    """还算数的结果；页面没揭穿、测试还没问过的，记成 ``"open"``。"""
    shown, both = finished(folder, groups[:1]), finished(folder, groups)
    rows = shown | both
    return [
        row if "by" in row or name in both else row | {"by": "open"}
        for name, row in rows.items()
    ]


def judged(
    rows: list[dict[str, Any]], equal: dict[str, str], *, pages_only: bool
) -> int:
    """退出码：达到目标是 0。"""
    counted = [row for row in rows if "by" in row or row["mutant"] not in equal]
    killed = sum("by" in row for row in counted)
    print(f"killed {killed} of {len(counted)} that are not equivalent", flush=True)
    return int(killed < (GOAL if pages_only else 1) * len(counted))


def run(o: argparse.Namespace) -> int:
    """做完全部变异体；做过而且还算数的跳过。"""
    STATE.mkdir(exist_ok=True)
    measured = groups(STATE, o.jobs, not o.pages_only)
    done, old = finished(STATE, measured), before(STATE)
    chosen = [m for m in everything() if o.only in m.name]
    random.Random(o.seed).shuffle(chosen)
    chosen = chosen[: o.sample]
    todo = [m for m in chosen if m.name not in done]
    todo.sort(key=lambda m: m.name in ledger())  # 大概揭不穿的最慢，放在最后
    print(f"{len(todo)} mutants to do, {len(done)} done", flush=True)
    start, total = time.monotonic(), len(todo)
    out = STATE / f"results-{time.time_ns()}.jsonl"

    def one(k: int, mutant: Mutant) -> None:
        try_one(mutant, measured, out, old.get(mutant.name, {}))
        if k % 50 == 0:
            spent = time.monotonic() - start
            print(f"{k}/{total} in {spent:.0f} s: {mutant.name}", flush=True)

    in_parallel([lambda k=k, m=m: one(k, m) for k, m in enumerate(todo)], o.jobs)
    now = before(STATE)
    return judged([now[m.name] for m in chosen], ledger(), pages_only=o.pages_only)


def main() -> int:
    """命令行。"""
    parser = argparse.ArgumentParser(description="mutation drill")
    parser.add_argument("command", choices=["run", "canary", "report", "alive"])
    parser.add_argument("--sample", type=int, help="只做随机的这么多个")
    parser.add_argument("--only", default="", help="名字里含有它的")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1000)
    parser.add_argument("--pages-only", action="store_true")
    o = parser.parse_args()
    os.environ["CI"] = "true"  # hypothesis 在 CI 里固定例子
    if o.command == "run":
        return run(o)
    rows = known(STATE, groups(STATE, o.jobs, not o.pages_only))
    rows = [row for row in rows if o.only in row["mutant"]]
    if o.command == "canary":
        killed = [r for r in rows if r.get("by") in ("page", "test")]
        count = min(o.sample or 20, len(killed))
        seen = canary(random.Random(o.seed).sample(killed, count))
        write(CANARY, seed=o.seed, rows=seen)
        return int(not all(row["good"] for row in seen))
    if o.command == "report":
        write(REPORT, **summary(rows, ledger()))
    if o.command == "alive":
        alive = [r for r in rows if "by" not in r and r["mutant"] not in ledger()]
        for row in sorted(alive, key=lambda r: r["mutant"]):
            print(f"{row['mutant']} | {row['line']}, {row['page_asked']} asked")
    return 0


if __name__ == "__main__":
    sys.exit(main())
