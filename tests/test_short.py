"""平时那一跑：量过、没超过限度，新的测试文件也量过；量法在一个小仓库里试过。"""

import json
from pathlib import Path
from typing import Any

from built import ROOT

from trust.short import LIMIT, REPORT, findings, measured

FILES = [  # 整个文件都留给长跑的，平时不跑，也就没有量
    path.stem
    for path in sorted((ROOT / "tests").glob("test_*.py"))
    if "\npytestmark = pytest.mark.long(" not in path.read_text(encoding="utf-8")
]


def report() -> dict[str, Any]:
    return json.loads(REPORT.read_text(encoding="utf-8"))


def test_the_short_run_was_timed_with_every_file_and_is_short():
    assert findings(report(), FILES) == []


def test_a_run_that_is_too_long_or_a_file_that_was_never_timed_is_found():
    good = {"cpu": LIMIT, "files": dict.fromkeys(FILES, 1.0)}
    assert findings(good, FILES) == []
    (finding,) = findings(good | {"cpu": LIMIT + 1}, FILES)
    assert "limit 500" in finding
    assert "test_cell" not in FILES
    assert "test_losses" in FILES
    (finding,) = findings(good, [*FILES, "test_new"])
    assert finding.startswith("test_new was never timed")


TOY = """import subprocess, sys, time
import pytest

BUSY = "import os\\nend = os.times()[0] + 0.4\\nwhile os.times()[0] < end: pass"


def test_here():
    exec(BUSY)


def test_in_another_process():
    subprocess.run([sys.executable, "-c", BUSY])


@pytest.mark.skip
def test_not():
    exec(BUSY)
"""


def test_cpu_is_counted_by_file_with_the_processes_a_test_starts(tmp_path: Path):
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (tmp_path / "test_busy.py").write_text(TOY, encoding="utf-8")
    idle = "import time\n\n\ndef test_idle():\n    time.sleep(0.5)\n"
    (tmp_path / "test_idle.py").write_text(idle, encoding="utf-8")
    code, row = measured(tmp_path, ("-m", "pytest", "-p", "no:cacheprovider"))
    assert (code, row["tests"], row["left"]) == (0, 4, 0)
    assert 0.8 <= row["files"]["test_busy"] < 3  # 连同解释器的启动
    assert row["files"]["test_idle"] < 0.2
    assert row["cpu"] <= 10
    assert row["seconds"] >= 1
