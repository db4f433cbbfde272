"""变异演习的结论：随机重验，按模块汇总，等价的变异体记在账上。"""

import ast
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

from dlnotes_lib.publish.pages import ROOT
from trust import reach
from trust.mutants import Mutant, mutants_of, mutated_tree, sources
from trust.reach import LIBRARY

LEDGER = ROOT / "trust" / "equivalent.toml"


def everything() -> list[Mutant]:
    """库的全部变异体。"""
    found = sources(LIBRARY).items()
    return [m for module, (_, text) in found for m in mutants_of(module, text)]


def canary(chosen: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """重验“揭穿了”的变异体：写进一份副本的文件里，用全新的进程查揭穿它的那一件。

    每个一行：没改坏的副本绿不绿，改坏了红不红；两样都对才是 good。
    """
    found = {m.name: m for m in everything()}
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder) / "copy"
        shutil.copytree(ROOT, copied, ignore=shutil.ignore_patterns(".*", "site", "py"))
        for row in chosen:
            mutant, target = found[row["mutant"]], row["target"]
            path, text = sources(LIBRARY)[mutant.module]
            victim = copied / path.relative_to(ROOT)
            victim.write_text(ast.unparse(ast.parse(text)), "utf-8")  # 只差那一处
            green = fresh(copied, target)
            victim.write_text(ast.unparse(mutated_tree(mutant, text)), "utf-8")
            red = fresh(copied, target)
            victim.write_text(text, "utf-8")
            good = not green and bool(red)
            print("ok " if good else "BAD", mutant.name, "|", red[:100], flush=True)
            said = {"before": green[:200], "after": red[:200], "good": good}
            rows.append({"mutant": mutant.name, "target": target} | said)
    return rows


def fresh(root: Path, target: str) -> str:
    """在全新的进程里，用 root 那一份库查一件；绿的是空串，停不下来也算红。"""
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "trust.targets", target],
            cwd=root,
            env=os.environ | {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "timeout"
    return done.stdout.strip() or (done.stderr.strip() if done.returncode else "")


def unit(mutant: str) -> str:
    """变异体在哪个模块，不带包名。"""
    module = mutant.split(":")[0].split(".")
    return ".".join(module[1:3] if module[1] == "experiments" else module[1:2])


def summary(rows: list[dict[str, Any]], ledger: dict[str, str]) -> dict[str, Any]:
    """交给网站的结果：各模块多少个，页面揭穿多少，全部揭穿多少，等价的与没揭穿的。"""
    modules: dict[str, Counter[str]] = {}
    for row in rows:
        tally = modules.setdefault(unit(row["mutant"]), Counter())
        unkilled = row.get("by", "open") == "open"
        equivalent = unkilled and row["mutant"] in ledger
        tally["mutants"] += 1
        tally["equivalent" if equivalent else row.get("by", "alive")] += 1
        tally["timeout"] += "timeout" in (row.get("why"), row.get("status"))
    alive = [r["mutant"] for r in rows if "by" not in r and r["mutant"] not in ledger]
    return {
        "library": library_digest(),
        "possible": len(everything()),
        "modules": {name: dict(modules[name]) for name in sorted(modules)},
        "alive": sorted(alive),
    }


def library_digest() -> str:
    """会被变异的全部源码的指纹。"""
    return reach.stamp("", sources(LIBRARY))


def ledger() -> dict[str, str]:
    """等价的变异体的账：名字与理由。"""
    entries = tomllib.loads(LEDGER.read_text(encoding="utf-8"))["equivalent"]
    return {name: e["reason"] for e in entries for name in e["mutants"]}
