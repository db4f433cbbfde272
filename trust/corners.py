"""版本的三个角：最旧、中间、最新的 Python 与 NumPy，各建一个环境，跑全部例子。

在仓库的根目录下::

    python -m trust.corners              三个角都跑，写 trust/corners.json
    python -m trust.corners --corner 0   只跑最旧的

每个角装好 ``.[test]``，NumPy 钉在那个版本，把警告当成错误，跑库里的 doctest 与页面上的
全部代码块。Python 从 PATH 与 pyenv 里找，找不到的角报错，不跳过；有一个角红了，点出它的
名字与不符的地方，不写结果。
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from dlnotes_lib.publish.pages import ROOT
from trust.record import write

REPORT = ROOT / "trust" / "corners.json"


class Corner(NamedTuple):
    """一对版本：Python 写前几段，NumPy 写成 pip 认得的要求。"""

    python: str
    numpy: str

    def __str__(self) -> str:
        return f"Python {self.python}, {self.numpy}"


CORNERS = [
    Corner("3.11.7", "numpy==2.0.0"),
    Corner("3.12", "numpy==2.2.*"),
    Corner("3.13", "numpy>=2.4"),
]
PYTHON = "import platform; print(platform.python_version())"
NUMPY = "import numpy; print(numpy.__version__)"
DOCTESTS = ("--doctest-modules", "--ignore=dlnotes_lib/publish", "-W", "error")


class RedError(Exception):
    """一条命令失败了；它说的话在后面。"""


def output(command: list[str], cwd: Path = ROOT) -> str:
    """命令打印的文字。

    Raises:
        RedError: 命令失败。
    """
    done = subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | {"PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise RedError(f"{' '.join(command)} failed\n{done.stdout[-4000:]}")
    return done.stdout


def within(version: str, asked: str) -> bool:
    """3.12.1 是一种 3.12，3.1 不是。"""
    return f"{version}.".startswith(f"{asked}.")


def candidates(asked: str) -> Iterable[Path]:
    """可能是这个版本的解释器：PATH 里的，再是 pyenv 里的。"""
    name = "python" + ".".join(asked.split(".")[:2])
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        yield Path(folder) / name
    yield from sorted(Path.home().glob(".pyenv/versions/*/bin/python"))


def find(asked: str) -> str:
    """某个版本的解释器。

    Raises:
        FileNotFoundError: PATH 与 pyenv 里都没有。
    """
    for path in filter(Path.is_file, candidates(asked)):
        try:
            version = output([str(path), "-c", PYTHON]).strip()
        except (OSError, RedError):
            continue  # pyenv 的垫片，背后没有这个版本
        if within(version, asked):
            return str(path)
    raise FileNotFoundError(f"no Python {asked} found on PATH or in ~/.pyenv")


def doctests(python: str, cwd: Path = ROOT) -> int:
    """跑 cwd 里的库的 doctest，返回几个；有一个不对就报 RedError。"""
    said = output([python, "-m", "pytest", "-q", *DOCTESTS, "dlnotes_lib"], cwd)
    return int(re.findall(r"(\d+) passed", said)[-1])


def blocks(python: str, pages: Iterable[Path] = ()) -> int:
    """跑页面（默认全部）上的代码块，返回几块；有一块不对就报 RedError。"""
    command = [python, "-m", "dlnotes_lib.publish.run_blocks", *map(str, pages)]
    return int(re.findall(r"(\d+) blocks", output(command))[-1])


def passed(corner: Corner) -> dict[str, Any]:
    """在一个角里跑，返回结果里的一行；有一处不符就报 RedError，点出是哪个角。"""
    try:
        with tempfile.TemporaryDirectory() as folder:
            output([find(corner.python), "-m", "venv", folder])
            python = str(Path(folder) / "bin" / "python")
            wanted = [corner.numpy, "-e", ".[test]"]
            output([python, "-m", "pip", "install", "-q", *wanted])
            return {
                "asked": list(corner),
                "python": output([python, "-c", PYTHON]).strip(),
                "numpy": output([python, "-c", NUMPY]).strip(),
                "doctests": doctests(python),
                "blocks": blocks(python),
            }
    except RedError as error:
        raise RedError(f"the corner {corner} is red: {error}") from error


def main() -> int:
    """命令行。"""
    parser = argparse.ArgumentParser(description="three corners of the versions")
    parser.add_argument("--corner", type=int, choices=range(len(CORNERS)))
    chosen = parser.parse_args().corner
    rows, red = [], False
    for corner in CORNERS if chosen is None else [CORNERS[chosen]]:
        try:
            rows.append(passed(corner))
            print(rows[-1], flush=True)
        except (RedError, FileNotFoundError) as error:
            red = True
            print(error, file=sys.stderr, flush=True)
    if chosen is None and not red:
        write(REPORT, rows=rows)
    return int(red)


if __name__ == "__main__":
    sys.exit(main())
