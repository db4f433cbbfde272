"""版本的三个角：写明的范围就是跑过的范围；找不到解释器、例子不符，都点名变红。"""

import json
import re
import stat
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dlnotes_lib.publish.pages import ROOT
from trust import corners
from trust.corners import CORNERS, REPORT, Corner, RedError, find, within


def report() -> list[dict[str, Any]]:
    return json.loads(REPORT.read_text(encoding="utf-8"))["rows"]


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def allows(requirement: str, version: str) -> bool:
    """``numpy==2.2.*``、``numpy>=2.4`` 这样的要求，某个版本合不合。"""
    name, relation, asked = re.fullmatch(r"(\w+)(==|>=)(\S+)", requirement).groups()  # pyright: ignore
    assert name == "numpy"
    if relation == ">=":
        return numbers(version) >= numbers(asked)
    return within(version, asked.removesuffix(".*"))


def documented() -> dict[str, Any]:
    """写给人看的范围：pyproject.toml 与 README 里的。"""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    python = r"Programming Language :: Python :: (\d+\.\d+)"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    said = re.search(r"Python ([\d.]+) 或更新的版本（在 ([\d.、]+) 上测过）", readme)
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    return {
        "python": project["requires-python"],
        "numpy": project["dependencies"],
        "pythons": re.findall(python, "\n".join(project["classifiers"])),
        "readme": said and said.groups(),
        "pinned": re.findall(r"^numpy==(\S+)$", pins, re.M)[0],
    }


def range_findings(said: dict[str, Any], rows: list[dict[str, Any]]) -> list[str]:
    """写明的范围与跑过的三行不同的地方。"""
    tested = [(row["python"], row["numpy"]) for row in rows]
    minors = [".".join(python.split(".")[:2]) for python, _ in tested]
    (oldest, numpy), newest = tested[0], tested[-1][1]
    lower = numpy.removesuffix(".0")
    checks = {
        f"requires-python is {said['python']}": said["python"] == f">={oldest}",
        f"dependencies are {said['numpy']}": said["numpy"] == [f"numpy>={lower}"],
        f"classifiers name {said['pythons']}": said["pythons"] == minors,
        f"README says {said['readme']}": said["readme"] == (oldest, "、".join(minors)),
        "corners are not in order": [*map(numbers, minors)]
        == sorted({*map(numbers, minors)})
        and sorted({numbers(n) for _, n in tested}) == [numbers(n) for _, n in tested],
        f"constraints pin numpy {said['pinned']}": numbers(said["pinned"])
        <= numbers(newest),
    }
    return [
        f"{what}, tested were {tested}" for what, right in checks.items() if not right
    ]


def stale_findings(wanted: list[Corner], rows: list[dict[str, Any]]) -> list[str]:
    """结果里的行不是这几个角跑出来的地方。"""
    found = []
    if [row["asked"] for row in rows] != [list(corner) for corner in wanted]:
        found.append(
            "trust/corners.json holds other corners: run python -m trust.corners"
        )
    for row in rows:
        python, numpy = row["asked"]
        if not within(row["python"], python) or not allows(numpy, row["numpy"]):
            found.append(f"{row['python']}, {row['numpy']} is not {python}, {numpy}")
    if len({(row["doctests"], row["blocks"]) for row in rows}) != 1:
        found.append("the corners ran different numbers of doctests or blocks")
    return found


def test_the_documented_range_is_what_was_tested():
    assert range_findings(documented(), report()) == []


def test_the_report_is_of_these_corners():
    assert stale_findings(CORNERS, report()) == []
    assert len(CORNERS) == 3
    assert CORNERS[0].numpy.startswith("numpy==")
    assert CORNERS[-1].numpy.startswith("numpy>=")  # 不封顶：装得到的最新的
    assert all(row["doctests"] > 400 and row["blocks"] > 900 for row in report())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("python", ">=3.11.6"),
        ("numpy", ["numpy>=1.26"]),
        ("pythons", ["3.11", "3.12", "3.13", "3.14"]),
        ("readme", None),
        ("readme", ("3.11.5", "3.11、3.12、3.13")),
        ("pinned", "99.0"),
    ],
)
def test_a_range_that_was_not_tested_is_found(key: str, value: Any):
    (finding,) = range_findings(documented() | {key: value}, report())
    assert "tested were" in finding


def test_corners_out_of_order_are_found():
    first, middle, last = report()
    swapped = [first, middle | {"numpy": last["numpy"]}, last]
    assert "not in order" in range_findings(documented(), swapped)[0]


def changed(rows: list[dict[str, Any]], key: str, value: Any) -> list[dict[str, Any]]:
    return [rows[0] | {key: value}, *rows[1:]]


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (lambda rows: rows[:2], "holds other corners"),
        (
            lambda rows: changed(rows, "asked", ["3.11", "numpy==2.0.0"]),
            "other corners",
        ),
        (lambda rows: changed(rows, "python", "3.12.1"), "is not 3.11.7"),
        (lambda rows: changed(rows, "numpy", "2.0.1"), "2.0.1 is not"),
        (lambda rows: changed(rows, "blocks", 3), "different numbers"),
    ],
)
def test_a_stale_report_is_found(change: Callable[..., Any], finding: str):
    assert any(finding in said for said in stale_findings(CORNERS, change(report())))


@pytest.mark.parametrize(
    ("version", "asked", "inside"),
    [
        ("3.12.1", "3.12", True),
        ("3.12.1", "3.12.1", True),
        ("3.12.1", "3.1", False),
        ("3.11.7", "3.11.70", False),
        ("3.11.70", "3.11.7", False),
    ],
)
def test_versions_are_compared_part_by_part(version: str, asked: str, inside: bool):
    assert within(version, asked) is inside


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """一个空的 PATH，也没有 pyenv；放进去的才找得到。"""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "bin").mkdir()
    return tmp_path


def interpreter(path: Path, prints: str) -> str:
    """一个假的解释器，只会说自己的版本；什么都不说就是坏的。"""
    path.parent.mkdir(parents=True, exist_ok=True)
    says = f"echo {prints}" if prints else "exit 127"
    path.write_text(f"#!/bin/sh\n{says}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


posix = pytest.mark.skipif(sys.platform == "win32", reason="needs #! scripts")


@posix
def test_an_interpreter_is_found_on_the_path_and_in_pyenv(nowhere: Path):
    interpreter(nowhere / "bin/python3.11", "")  # 垫片，背后什么也没有
    interpreter(nowhere / ".pyenv/versions/3.11.6/bin/python", "3.11.6")
    wanted = interpreter(nowhere / ".pyenv/versions/3.11.7/bin/python", "3.11.7")
    assert find("3.11.7") == wanted
    first = interpreter(nowhere / "bin/python3.11", "3.11.9")
    assert find("3.11") == first
    assert find("3.11.7") == wanted


@posix
def test_an_absent_interpreter_is_an_error_that_names_it(nowhere: Path):
    interpreter(nowhere / "bin/python3.12", "3.12.3")
    interpreter(nowhere / "bin/python3.1", "3.12.3")
    for asked in ("3.11.7", "3.12.1", "3.1"):
        with pytest.raises(FileNotFoundError, match=f"no Python {re.escape(asked)} "):
            find(asked)


@posix
def test_a_corner_without_its_interpreter_is_red_not_skipped(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(corners, "REPORT", nowhere / "corners.json")
    monkeypatch.setattr(sys, "argv", ["corners"])
    assert corners.main() == 1
    assert capsys.readouterr().err.count("no Python 3.1") == len(CORNERS)
    assert not (nowhere / "corners.json").exists()


PAGE = """# 页

```pycon
>>> 1 + 1
2
```

```pycon
>>> import warnings
>>> SHOWN
```
"""
DEPRECATED = "warnings.warn('old', DeprecationWarning)"


def test_a_block_that_prints_otherwise_or_warns_makes_the_corner_red(tmp_path: Path):
    path = tmp_path / "page.md"
    path.write_text(PAGE.replace("SHOWN", "2 + 2\n4"), encoding="utf-8")
    assert corners.blocks(sys.executable, [path]) == 2
    for shown, said in (("2 + 2\n5", "4"), (DEPRECATED, "DeprecationWarning: old")):
        path.write_text(PAGE.replace("SHOWN", shown), encoding="utf-8")
        with pytest.raises(RedError, match=r"page\.md:10: ") as red:
            corners.blocks(sys.executable, [path])
        assert said in str(red.value)


MODULE = '''"""模块。"""


def double(x):
    """两倍。

    >>> import warnings
    >>> SHOWN
    """
    return 2 * x
'''


def test_a_doctest_that_prints_otherwise_or_warns_makes_the_corner_red(tmp_path: Path):
    path = tmp_path / "dlnotes_lib/toy.py"
    path.parent.mkdir()
    path.write_text(MODULE.replace("SHOWN", "double(2)\n    4"), encoding="utf-8")
    assert corners.doctests(sys.executable, tmp_path) == 1
    for shown, said in (("double(2)\n    5", "5"), (DEPRECATED, "DeprecationWarning")):
        path.write_text(MODULE.replace("SHOWN", shown), encoding="utf-8")
        with pytest.raises(RedError, match=r"toy\.double") as red:
            corners.doctests(sys.executable, tmp_path)
        assert said in str(red.value)


def test_a_red_corner_is_named(monkeypatch: pytest.MonkeyPatch):
    def fails(command: list[str], cwd: Path = ROOT) -> str:
        raise RedError("week2/08-adam.md:3: 输出不符")

    monkeypatch.setattr(corners, "output", fails)
    monkeypatch.setattr(corners, "find", lambda asked: sys.executable)
    with pytest.raises(RedError, match=r"Python 3\.12, numpy==2\.2\.\* is red: week2"):
        corners.passed(CORNERS[1])
