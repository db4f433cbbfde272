"""变异演习：改坏库里的每一处，看讲它的页面红不红，再看全部测试红不红。

在仓库的根目录下（Linux 或 macOS，装了 ``.[test,oracles]``）::

    python -m trust.mutation run [--sample 200] [--jobs 2]   接着上次没做完的往下做
    python -m trust.mutation canary                          随机重验 20 个“揭穿了”的
    python -m trust.mutation report                          写 trust/mutation.json
    python -m trust.mutation alive                           没揭穿、账上也没有的

先量页面的每一件、每个测试函数走到哪些行（`trust.reach`）；再逐个变异体，在分出来的子进程
里换上它，依次问走到那一行的各件，第一件变红就算揭穿；页面都没揭穿的，再问测试。不碰文件。
结果一行一个写进 ``.trust/``，断了可以接着做；某一件或它用到的库变了，只重问与它有关的。
"""

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dlnotes_lib.publish.pages import ROOT
from trust import reach
from trust.asking import Group, check_tests, try_one, valid
from trust.mutants import Mutant
from trust.reach import STATE, append, read
from trust.targets import pages, suites
from trust.verdict import canary, everything, ledger, summary

REPORT = ROOT / "trust" / "mutation.json"
LINES = "lines.jsonl"


def groups(folder: Path, jobs: int, suite: bool) -> list[Group]:
    """量好的两类；量过而没变的从文件里读。"""
    pieces, files = pages(), suites() if suite else []
    own = reach.own(pieces, files)
    have = reach.known(folder / LINES, own)
    todo: list[Callable[[], list[dict[str, Any]]]] = []
    for piece in pieces:
        if piece.name not in have:
            todo.append(lambda p=piece: reach.measure_piece(p))
    for path in files:
        if path.relative_to(ROOT).as_posix() not in have:
            todo.append(lambda p=path: reach.measure_suite(p))
    print(f"{len(todo)} of {len(pieces) + len(files)} to measure", flush=True)
    in_parallel([lambda w=w: _measure(w, folder / LINES) for w in todo], jobs)
    have = reach.known(folder / LINES, own)
    by_name = {piece.name: piece for piece in pieces}
    found = {name: have[name] for name in by_name}

    def check(names: list[str]) -> list[str]:
        said = ((name, by_name[name].check()) for name in names)
        return next(([name, text] for name, text in said if text), [])

    tests = {name: r for name, r in have.items() if "::" in name}
    both = [Group("page", found, check, {}), Group("test", tests, check_tests, {})]
    return both[: 1 + suite]


def _measure(work: Callable[[], list[dict[str, Any]]], path: Path) -> None:
    for row in work():
        append(path, row)


def in_parallel(todo: list[Callable[[], None]], jobs: int) -> None:
    """分给几个进程做；有一个没做完就报错。"""
    children = []
    for k in range(jobs):
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                for work in todo[k::jobs]:
                    work()
                code = 0
            finally:
                os._exit(code)
        children.append(pid)
    if any(os.waitpid(pid, 0)[1] for pid in children):
        raise SystemExit("a worker failed, see above")


def finished(folder: Path, groups: list[Group]) -> dict[str, dict[str, Any]]:
    """还算数的结果，按变异体的名字。"""
    mutants = {m.name: m for m in everything()}
    rows = [r for path in sorted(folder.glob("results-*.jsonl")) for r in read(path)]
    return {
        row["mutant"]: row
        for row in rows
        if row["mutant"] in mutants and valid(row, mutants[row["mutant"]], groups)
    }


def run(o: argparse.Namespace) -> None:
    """做完全部变异体；做过而且还算数的跳过。"""
    STATE.mkdir(exist_ok=True)
    measured = groups(STATE, o.jobs, not o.pages_only)
    done = finished(STATE, measured)
    todo = [m for m in everything() if o.only in m.name]
    random.Random(o.seed).shuffle(todo)
    todo = [m for m in todo[: o.sample] if m.name not in done]
    print(f"{len(todo)} mutants to do, {len(done)} done", flush=True)
    start, total = time.monotonic(), len(todo)
    files = [STATE / f"results-{k}.jsonl" for k in range(o.jobs)]

    def one(k: int, mutant: Mutant) -> None:
        try_one(mutant, measured, files[k % o.jobs])
        if k % 50 == 0:
            spent = time.monotonic() - start
            print(f"{k}/{total} in {spent:.0f} s: {mutant.name}", flush=True)

    in_parallel([lambda k=k, m=m: one(k, m) for k, m in enumerate(todo)], o.jobs)


def main() -> int:
    """命令行。"""
    parser = argparse.ArgumentParser(description="mutation drill")
    parser.add_argument("command", choices=["run", "canary", "report", "alive"])
    parser.add_argument("--sample", type=int, help="只做随机的这么多个")
    parser.add_argument("--only", default="", help="名字里含有它的")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pages-only", action="store_true")
    o = parser.parse_args()
    os.environ["CI"] = "true"  # hypothesis 在 CI 里固定例子
    if o.command == "run":
        run(o)
        return 0
    rows = [*finished(STATE, groups(STATE, o.jobs, not o.pages_only)).values()]
    rows = [row for row in rows if o.only in row["mutant"]]
    if o.command == "canary":
        killed = [r for r in rows if "by" in r]
        count = min(o.sample or 20, len(killed))
        return int(bool(canary(random.Random(o.seed).sample(killed, count))))
    if o.command == "report":
        text = json.dumps(summary(rows, ledger()), ensure_ascii=False, indent=1)
        REPORT.write_text(text + "\n", encoding="utf-8")
    if o.command == "alive":
        alive = [r for r in rows if "by" not in r and r["mutant"] not in ledger()]
        for row in sorted(alive, key=lambda r: r["mutant"]):
            print(f"{row['mutant']} | {row['line']}, {row['page_asked']} asked")
    return 0


if __name__ == "__main__":
    sys.exit(main())
