"""平时那一跑用多久：贡献者每次改动跑的命令，量一遍，记下来。

在仓库的根目录下（装了 ``.[browser]``）::

    python -m trust.short          量平时那一跑，写 trust/short.json
    python -m trust.short --long   量全部测试，只打印

限度是两个核 5 分钟。机器可能在忙别的，所以看的是 CPU 秒：600 里留出六分之一，因为两个
进程不会同时收工。超过了，退出码是 1。
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from dlnotes_lib.publish.pages import ROOT
from trust.record import write

REPORT = ROOT / "trust" / "short.json"
PYTEST = ("-m", "pytest", "-n", "2", "--dist", "loadfile")
OWN = "tests/test_short.py::test_the_short_run_was_timed_with_every_file_and_is_short"
LIMIT = 500


def by_file(report: Path) -> tuple[int, dict[str, float]]:
    """JUnit 报告里有几个测试、每个文件用了多少 CPU 秒；doctest 合成一个。"""
    cases = [*ElementTree.parse(report).iter("testcase")]
    seconds: defaultdict[str, float] = defaultdict(float)
    for case in cases:
        parts = case.attrib["classname"].split(".")
        name = parts[-1] if parts[-1].startswith("test_") else "doctests"
        used = case.find("properties/property[@name='cpu']")
        seconds[name] += 0.0 if used is None else float(used.attrib["value"])
    return len(cases), {name: round(s, 1) for name, s in sorted(seconds.items())}


def measured(cwd: Path, words: Sequence[str] = PYTEST) -> tuple[int, dict[str, Any]]:
    """在 cwd 里跑一遍，返回退出码与要记下来的一行。"""
    start, before = time.monotonic(), sum(os.times()[2:4])
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "junit.xml"
        done = subprocess.run(
            [
                *(sys.executable, *words, f"--deselect={OWN}"),  # 它要看这一次的结果
                *("-p", "trust.cpu_times", f"--junitxml={report}"),
            ],
            cwd=cwd,
            env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
            stdout=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )
        print(done.stdout[-3000:], flush=True)
        if not report.is_file():
            raise SystemExit(f"pytest gave up, exit code {done.returncode}")
        tests, files = by_file(report)
    left = re.search(r"留给长跑的 (\d+) 项", done.stdout)
    return done.returncode, {
        "cpu": round(sum(os.times()[2:4]) - before),
        "seconds": round(time.monotonic() - start),
        "cores": os.cpu_count(),
        "tests": tests,
        "left": int(left[1]) if left else 0,
        "files": files,
    }


def findings(row: dict[str, Any], files: Sequence[str]) -> list[str]:
    """量得的结果不行的地方：太久，或者有测试文件还没量过。"""
    found = []
    if row["cpu"] > LIMIT:
        found.append(f"the short run takes {row['cpu']} CPU s, limit {LIMIT:.0f}")
    found += [
        f"{f} was never timed: run python -m trust.short"
        for f in files
        if f not in row["files"]
    ]
    return found


def main() -> int:
    """命令行。"""
    parser = argparse.ArgumentParser(description="time of the contributor's run")
    parser.add_argument("--long", action="store_true", help="量全部测试，只打印")
    whole = parser.parse_args().long
    code, row = measured(ROOT, (*PYTEST, "-m", "") if whole else PYTEST)
    print(json.dumps(row, indent=1))
    if whole or code:
        return code
    write(REPORT, **row)
    return int(bool(findings(row, [])))


if __name__ == "__main__":
    sys.exit(main())
