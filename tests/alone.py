"""在全新的解释器里单独运行一段代码，就像读者粘贴过去那样。"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from built_html import as_blocks, code_blocks

from dlnotes_lib.publish.blocks import Block, chain, expected, runs_elsewhere
from dlnotes_lib.publish.compare import same_text

ONE_BY_ONE = """
import ast, sys
names = {"__name__": "__main__"}
for node in ast.parse(sys.stdin.read()).body:
    exec(compile(ast.Interactive([node]), "<page>", "single"), names)
"""
KEPT = ("SYSTEMROOT", "PATH", "LANG", "LC_ALL", "OPENBLAS_NUM_THREADS")


STRICT = ("-W", "error")


def run_alone(
    code: str, *, interactive: bool, options: Sequence[str] = STRICT, timeout: int = 60
) -> str:
    """返回打印的文字，后面接着最后的报错；目录是空的，警告就是错误。"""
    how = ["-c", ONE_BY_ONE] if interactive else ["-"]
    with tempfile.TemporaryDirectory() as empty:
        done = subprocess.run(
            [sys.executable, "-I", "-X", "utf8", *options, *how],
            input=code,
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=empty,
            env={k: os.environ[k] for k in KEPT if k in os.environ},
            timeout=timeout,
            check=False,
        )
    error = error_of(done.stderr) or done.stderr
    return done.stdout + (error if done.returncode else "")


def error_of(trace: str) -> str:
    """一段 traceback 最后的报错；没有就是空串。"""
    _, _, last = trace.rpartition("Traceback (most recent call last):\n")
    lines = last.splitlines()
    message = [i for i, line in enumerate(lines) if not line.startswith(" ")]
    return "\n".join(lines[message[0] :]) if message else ""


Run = Callable[[str, bool], str]


def run_strictly(code: str, interactive: bool) -> str:
    """本库自己的块：警告就是错误。"""
    return run_alone(code, interactive=interactive)


def here(blocks: Sequence[Block], block: Block) -> bool:
    """在这里跑的块。"""
    kinds = ("script", "console")
    return block.kind in kinds and not runs_elsewhere(blocks, block)


def elsewhere(blocks: Sequence[Block], block: Block) -> bool:
    """要另装包、在框架那一套环境里跑的块。"""
    kinds = ("script", "console")
    return block.kind in kinds and runs_elsewhere(blocks, block)


def findings(
    html: Path, name: str, chosen: Callable[..., bool] = here, run: Run = run_strictly
) -> list[str]:
    """一个网页上、选中的块里，单独跑起来与所写不符的。"""
    found = code_blocks(html)
    blocks = as_blocks(found)
    copies = {i: pre.attrs.get("data-copy", "") for i, pre in enumerate(found)}

    def check(block: Block) -> str:
        wanted = "".join(expected(blocks, b) for b in chain(blocks, block))
        got = run(copies[block.number], block.kind == "console")
        if same_text(wanted, got):
            return ""
        return f"{name}: block {block.number}: wanted {wanted!r}, got {got!r}"

    with ThreadPoolExecutor(2) as pool:
        todo = [block for block in blocks if chosen(blocks, block)]
        return [finding for finding in pool.map(check, todo) if finding]
