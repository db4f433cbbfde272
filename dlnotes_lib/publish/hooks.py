"""MkDocs 的钩子：构建之前重画过期的插图、重算会动的图；有运行用的包，就告诉模板。

画图另起一个进程，所以 ``mkdocs serve`` 不重启也用得上改过的代码；只写变了的文件，
不写字节码，所以不会引起循环构建。没有 matplotlib 时只提示，不出错。
"""

import importlib.util
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from dlnotes_lib.publish.browser import find_pack

LOG = logging.getLogger("mkdocs.hooks.figures")
COMMAND = (sys.executable, "-B", "-m", "dlnotes_lib.publish.figures")
MOVING = (sys.executable, "-B", "-m", "dlnotes_lib.publish.moving")
ROOT = Path(__file__).resolve().parents[2]


def on_config(config: Any) -> None:
    """模板用 ``config.extra.pack`` 决定要不要带上“运行”的脚本。"""
    config.extra["pack"] = find_pack(Path(config.docs_dir))


def on_pre_build(config: object) -> None:
    """重画过期的插图，重算会动的图；不成就在构建日志里警告。"""
    can_draw = importlib.util.find_spec("matplotlib") is not None
    run_figures(COMMAND if can_draw else (*COMMAND, "--check"), can_draw=can_draw)
    run_figures(MOVING, can_draw=True)  # 只用 NumPy


def run_figures(command: tuple[str, ...], *, can_draw: bool) -> None:
    """跑命令，把它说的话写进构建日志。

    Args:
        command: 要跑的命令。
        can_draw: 有没有 matplotlib；没有时过期的图只算提示。
    """
    result = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    for line in result.stdout.splitlines():
        hint = "" if can_draw else "（没有 matplotlib，保留旧图）"
        LOG.info("figure %s%s", line, hint)
    if result.returncode and can_draw:
        LOG.warning("figures not drawn:\n%s", result.stderr.strip())
