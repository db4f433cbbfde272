"""版本的三个角：最旧、中间、最新的 Python 与 NumPy，各建一个环境，跑全部例子。

在仓库的根目录下::

    python -m trust.corners              三个角都跑，写 trust/corners.json
    python -m trust.corners --corner 0   只跑最旧的

每个角装好 ``.[test]``，NumPy 钉在那个版本，把警告当成错误，跑库里的 doctest 与页面上的
全部代码块。Python 从 PATH 与 pyenv 里找，找不到的角报错，不跳过。
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from dlnotes_lib.publish.pages import ROOT

REPORT = ROOT / "trust" / "corners.json"


class Corner(NamedTuple):
    """一对版本；NumPy 写成 pip 认得的要求。"""

    python: str
    numpy: str


CORNERS = [
    Corner("3.11", "numpy==2.0.0"),
    Corner("3.12", "numpy==2.2.*"),
    Corner("3.13", "numpy>=2.4"),
]
PYTHON = "import platform; print(platform.python_version())"
NUMPY = "import numpy; print(numpy.__version__)"


def find(version: str) -> str:
    """某个版本的解释器。

    Raises:
        FileNotFoundError: PATH 与 pyenv 里都没有。
    """
    pyenv = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    for command in [*map(str, pyenv), f"python{version}"]:
        try:
            text = output([command, "-c", PYTHON])
        except (OSError, subprocess.CalledProcessError):
            continue
        if text.startswith(f"{version}."):
            return command
    raise FileNotFoundError(f"no Python {version} found")


def output(command: list[str]) -> str:
    """命令打印的文字；失败就报错，连同它说了什么。"""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        print(done.stdout[-4000:], file=sys.stderr)
        done.check_returncode()
    return done.stdout


def passed(corner: Corner) -> dict[str, Any]:
    """在一个角里跑；有一处不符就报错。"""
    with tempfile.TemporaryDirectory() as folder:
        output([find(corner.python), "-m", "venv", folder])
        python = str(Path(folder) / "bin" / "python")
        output([python, "-m", "pip", "install", "-q", corner.numpy, "-e", ".[test]"])
        versions = [output([python, "-c", what]).strip() for what in (PYTHON, NUMPY)]
        modules = ["dlnotes_lib", "--ignore=dlnotes_lib/publish", "-W", "error"]
        doctests = output([python, "-m", "pytest", "-q", *modules])
        blocks = output([python, "-m", "dlnotes_lib.publish.run_blocks"])
    found = re.search(r"(\d+) passed", doctests)
    assert found
    assert "all outputs agree" in blocks
    return {
        "python": versions[0],
        "numpy": versions[1],
        "doctests": int(found[1]),
        "date": datetime.now(UTC).date().isoformat(),
    }


def main() -> int:
    """命令行。"""
    parser = argparse.ArgumentParser(description="three corners of the versions")
    parser.add_argument("--corner", type=int, choices=range(len(CORNERS)))
    chosen = parser.parse_args().corner
    rows = []
    for corner in CORNERS if chosen is None else [CORNERS[chosen]]:
        rows.append(passed(corner))
        print(rows[-1], flush=True)
    if chosen is None:
        REPORT.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
