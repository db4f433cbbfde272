"""变异演习：改坏库里的每一处，看讲它的页面红不红，再看全部测试红不红。

在仓库的根目录下（Linux 或 macOS，装了 ``.[test]``）::

    python -m trust.mutation run [--sample 200] [--jobs 2]   接着上次没做完的往下做
    python -m trust.mutation canary                          随机重验 20 个“揭穿了”的
    python -m trust.mutation report                          写 trust/mutation.json

第一步量每个页面、每个测试文件走到哪些行；第二步逐个变异体，只问走到那一行的页面，第一个
变红就算揭穿；没有页面揭穿的，再问走到那一行的测试文件。每个变异体在分出来的子进程里，
不碰文件。结果一行一个写进 ``.trust/``，断了可以接着做；库、页面或测试变了就从头来。
"""

import argparse
import ast
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from dlnotes_lib.publish.pages import ROOT
from trust.children import Answer, in_child, install, traced
from trust.mutants import Mutant, mutants_of, mutated_tree, sources
from trust.targets import PageTarget, SuiteTarget, pages, suites

STATE = ROOT / ".trust"
REPORT = ROOT / "trust" / "mutation.json"
Target = PageTarget | SuiteTarget


class Group(NamedTuple):
    """一类目标（页面或测试）：走到的行、用时，谁揭穿过哪个函数。"""

    kind: str
    targets: dict[str, Target]
    lines: dict[str, set[tuple[str, int]]]
    seconds: dict[str, float]
    killers: dict[tuple[str, str], str]


def fingerprint() -> str:
    """库、页面、测试的指纹。"""
    digest = hashlib.sha256()
    for pattern in ("dlnotes_lib/**/*.py", "docs/**/*.md", "tests/**/*.py"):
        for path in sorted(ROOT.glob(pattern)):
            name = path.relative_to(ROOT).as_posix()
            digest.update(name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def everything() -> list[Mutant]:
    """库的全部变异体。"""
    found = sources(ROOT / "dlnotes_lib").items()
    return [m for module, (_, text) in found for m in mutants_of(module, text)]


def measure(targets: Iterable[Target], folder: Path) -> dict[str, dict[str, Any]]:
    """每个目标走到的行与用时；量过的从文件里读。没改坏就红的目标要报错。"""
    path = folder / "lines.jsonl"
    found = {r["target"]: r for r in read(path)}
    files = {str(p): name for name, (p, _) in sources(ROOT / "dlnotes_lib").items()}
    for target in targets:
        if target.name in found:
            continue
        start = time.monotonic()
        plain = in_child(target.check, 900)
        seconds = time.monotonic() - start
        if plain.status != "ok" or plain.value:
            raise SystemExit(f"{target.name} is red without any mutant: {plain}")
        answer = in_child(lambda t=target: traced(t.check, files), 3600)
        if answer.status != "ok":
            raise SystemExit(f"{target.name}: tracing failed: {answer}")
        row = {"target": target.name, "seconds": seconds, "lines": answer.value}
        append(path, row)
        found[target.name] = row
        print(f"{target.name}: {seconds:.1f} s, {len(answer.value)} lines", flush=True)
    return found


def ask(
    mutant: Mutant, targets: list[Target], seconds: dict[str, float]
) -> tuple[str, Answer] | None:
    """第一个揭穿它的目标与它的话；都没揭穿是 None。"""
    path, text = sources(ROOT / "dlnotes_lib")[mutant.module]

    def check(target: Target) -> str:
        try:
            install(mutant, text, str(path))
        except Exception as error:
            return f"import: {type(error).__name__}: {error}"
        return target.check()

    for target in targets:
        limit = 20 + 10 * seconds[target.name]
        answer = in_child(lambda t=target: check(t), limit)
        if answer.status != "ok" or answer.value:
            return target.name, answer
    return None


def reached(mutant: Mutant, group: Group) -> list[str]:
    """走到这一行的目标，快的在前；上次揭穿同一个函数的排第一。"""
    at = (mutant.module, mutant.line)
    names = [name for name, lines in group.lines.items() if at in lines]
    names.sort(key=group.seconds.__getitem__)
    best = group.killers.get((mutant.module, mutant.where))
    return sorted(names, key=lambda name: name != best)


def shard(todo: list[Mutant], groups: list[Group], out: Path) -> None:
    """一个进程的活：逐个变异体，先问页面，再问测试。"""
    for mutant in todo:
        row: dict[str, Any] = {"mutant": mutant.name, "line": mutant.line}
        for group in groups:
            names = reached(mutant, group)
            row[f"{group.kind}_asked"] = len(names)
            found = ask(mutant, [group.targets[n] for n in names], group.seconds)
            if found:
                name, answer = found
                group.killers[mutant.module, mutant.where] = name
                row |= {"by": group.kind, "target": name, "status": answer.status}
                row["why"] = str(answer.value)[:300]
                break
        append(out, row)


def run(sample: int | None, jobs: int, seed: int, only: str, suite: bool) -> None:
    """做完全部变异体；做过的跳过。"""
    os.environ["CI"] = "true"  # hypothesis 在 CI 里固定例子
    folder = STATE / fingerprint()
    folder.mkdir(parents=True, exist_ok=True)
    groups = []
    for kind, targets in [("page", pages()), ("test", suites())][: 1 + suite]:
        rows = measure(targets, folder)
        groups.append(
            Group(
                kind=kind,
                targets={t.name: t for t in targets},
                lines={t.name: set(map(tuple, rows[t.name]["lines"])) for t in targets},
                seconds={t.name: rows[t.name]["seconds"] for t in targets},
                killers={},
            )
        )
    done = {r["mutant"] for r in results(folder)}
    todo = [m for m in everything() if only in m.name]
    random.Random(seed).shuffle(todo)
    todo = [m for m in todo[:sample] if m.name not in done]
    print(f"{len(todo)} mutants to do, {len(done)} done", flush=True)
    children = []
    for k in range(jobs):
        pid = os.fork()
        if pid == 0:
            shard(todo[k::jobs], groups, folder / f"results-{k}.jsonl")
            os._exit(0)
        children.append(pid)
    watch(children, folder, len(done) + len(todo))


def watch(children: list[int], folder: Path, total: int) -> None:
    """每半分钟报一次进度，直到都做完。"""
    start, last = time.monotonic(), 0.0
    while children:
        pid, _ = os.waitpid(-1, os.WNOHANG)
        if pid:
            children.remove(pid)
        time.sleep(0.2)
        if time.monotonic() - last > 30 or not children:
            last = time.monotonic()
            rows = results(folder)
            by_page = sum(r.get("by") == "page" for r in rows)
            alive = sum("by" not in r for r in rows)
            print(
                f"{len(rows)}/{total} in {last - start:.0f} s: pages kill {by_page}, "
                f"{alive} survive",
                flush=True,
            )


def canary(chosen: list[dict[str, Any]]) -> list[str]:
    """重验“揭穿了”的变异体：写进一份副本的文件里，用全新的进程跑揭穿它的目标。

    返回没有变红的；先跑一遍没改过的副本，它必须是绿的。
    """
    found = {m.name: m for m in everything()}
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder) / "copy"
        shutil.copytree(ROOT, copied, ignore=shutil.ignore_patterns(".*", "site"))
        for row in chosen:
            mutant, target = found[row["mutant"]], row["target"]
            path, text = sources(ROOT / "dlnotes_lib")[mutant.module]
            victim = copied / path.relative_to(ROOT)
            green = fresh(copied, target)
            victim.write_text(ast.unparse(mutated_tree(mutant, text)), "utf-8")
            red = fresh(copied, target)
            victim.write_text(text, "utf-8")
            good = not green and bool(red)
            print("ok " if good else "BAD", mutant.name, "|", red[:100], flush=True)
            failed += [] if good else [mutant.name]
    return failed


def fresh(root: Path, target: str) -> str:
    """在全新的进程里，用 root 那一份库查一个目标；绿的是空串。"""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "trust.targets", target],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return done.stdout.strip() or (done.stderr.strip() if done.returncode else "")


def summary(folder: Path) -> dict[str, Any]:
    """交给网站的结果：各模块多少个、页面揭穿多少、全部揭穿多少，以及没揭穿的。"""
    rows = results(folder)
    modules: dict[str, Counter[str]] = {}
    for row in rows:
        module = row["mutant"].split(":")[0].split(".")
        name = ".".join(module[1:3] if module[1] == "experiments" else module[1:2])
        tally = modules.setdefault(name, Counter())
        tally["mutants"] += 1
        tally[row.get("by", "alive")] += 1
        tally["timeout"] += row.get("status") == "timeout"
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "fingerprint": folder.name,
        "possible": len(everything()),
        "modules": {name: dict(modules[name]) for name in sorted(modules)},
        "alive": sorted(r["mutant"] for r in rows if "by" not in r),
    }


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


def results(folder: Path) -> list[dict[str, Any]]:
    """已经做完的。"""
    return [r for path in sorted(folder.glob("results-*.jsonl")) for r in read(path)]


def main() -> int:
    """命令行。"""
    parser = argparse.ArgumentParser(description="mutation drill")
    parser.add_argument("command", choices=["run", "canary", "report"])
    parser.add_argument("--sample", type=int, help="只做随机的这么多个")
    parser.add_argument("--only", default="", help="名字里含有它的")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pages-only", action="store_true")
    o = parser.parse_args()
    if o.command == "run":
        run(o.sample, o.jobs, o.seed, o.only, not o.pages_only)
    if o.command == "canary":
        killed = [r for r in results(STATE / fingerprint()) if "by" in r]
        count = min(o.sample or 20, len(killed))
        return int(bool(canary(random.Random(o.seed).sample(killed, count))))
    if o.command == "report":
        text = json.dumps(summary(STATE / fingerprint()), ensure_ascii=False, indent=1)
        REPORT.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
