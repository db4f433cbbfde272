"""长跑与平时：平时少跑了多少、为什么，末尾要说；没写理由不行。"""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from built import ROOT

TOY = """import pytest

late = pytest.mark.long("要浏览器")


@pytest.mark.parametrize("n", [1, pytest.param(2, marks=late), pytest.param(3, marks=late)])
def test_each(n): ...


@pytest.mark.long("要一小时")
def test_hour():
    assert False


def test_plain(): ...
"""
SETTINGS = """[pytest]
addopts = --strict-markers -m "not long"
markers = long(reason): 只在长跑里跑
"""


def toy(folder: Path, *words: str, text: str = TOY) -> tuple[int, str]:
    """在一个小仓库里跑 pytest，返回退出码与它说的话。"""
    (folder / "pytest.ini").write_text(SETTINGS, encoding="utf-8")
    (folder / "test_toy.py").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *("-p", "long_run"), *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT / "tests"), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("words", [(), ("-n", "2")], ids=["one process", "two"])
def test_what_is_left_to_the_long_run_is_told_with_its_reasons(tmp_path, words):
    if words and find_spec("xdist") is None:
        pytest.skip("pytest-xdist is not installed")
    code, said = toy(tmp_path, *words)
    assert code == 0
    assert '留给长跑的 3 项，python -m pytest -m ""' in said
    assert "要浏览器 2 项；要一小时 1 项" in said


def test_the_long_run_runs_everything_and_leaves_nothing(tmp_path):
    code, said = toy(tmp_path, "-m", "")
    assert code == 1
    assert "1 failed, 4 passed" in said
    assert "留给长跑" not in said


def test_what_a_keyword_leaves_out_is_not_left_to_the_long_run(tmp_path):
    code, said = toy(tmp_path, "-k", "plain")
    assert code == 0
    assert "留给长跑" not in said


@pytest.mark.parametrize("mark", ["long", "long()", "long(' ')"])
def test_a_long_test_without_a_reason_is_refused(tmp_path, mark):
    text = TOY.replace('long("要一小时")', mark)
    code, said = toy(tmp_path, text=text)
    assert code != 0
    assert "test_hour: mark.long must give a reason" in said


def settings_findings(settings: str, complete: str) -> list[str]:
    """平时不跑长的、`.ci/run` 一项不漏，两处都要写着。"""
    found = []
    if '"-m", "not long"' not in settings:
        found.append("pyproject.toml does not leave the long tests out")
    runs = [line for line in complete.splitlines() if "-m pytest" in line]
    if not runs or not all(' -m "" ' in line for line in runs):
        found.append('.ci/run does not run pytest with -m ""')
    return found


def test_the_contributor_leaves_the_long_run_to_ci_and_ci_leaves_nothing():
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    complete = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert settings_findings(settings, complete) == []
    assert len(settings_findings(settings, complete.replace(' -m ""', ""))) == 1
    assert len(settings_findings(settings.replace("not long", ""), complete)) == 1


LONG_COMMANDS = [
    *("trust.corners", "trust.drill", "trust.mutation run", "frameworks/run"),
    "timeout 300 taskset -c 0,1 python -m pytest -n 2 --dist loadfile",
]


def scheduled(workflow: str) -> str:
    """定时的活儿跑的全部命令；矩阵里的各样都展开。"""
    lines = []
    for job in yaml.safe_load(workflow)["jobs"].values():
        if "'schedule'" in job.get("if", ""):
            runs = [step["run"] for step in job["steps"] if "run" in step]
            matrix = job.get("strategy", {}).get("matrix", {"": [""]})
            for name, values in matrix.items():
                mark = f"${{{{ matrix.{name} }}}}"
                lines += [r.replace(mark, str(v)) for r in runs for v in values]
    return "\n".join(lines)


def test_every_long_command_has_a_schedule():
    text = (ROOT / ".github/workflows/site.yml").read_text(encoding="utf-8")
    assert "cron:" in text
    assert [c for c in LONG_COMMANDS if c not in scheduled(text)] == []
    for command in ("trust.corners", "frameworks/run"):
        assert command not in scheduled(text.replace(command, "true"))
    assert scheduled(text.replace("== 'schedule'", "== 'push'")) == ""
