"""在全新的解释器里单独运行一段代码，就像读者粘贴过去那样。"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from built_html import as_blocks, code_blocks
from fresh import run_each

from dlnotes_lib.publish.blocks import Block, chain, expected, runs_elsewhere
from dlnotes_lib.publish.compare import same_text

ONE_BY_ONE = """
import ast, sys
names = {"__name__": "__main__"}
for node in ast.parse(sys.stdin.read()).body:
    exec(compile(ast.Interactive([node]), "<page>", "single"), names)
"""
KEPT = ("SYSTEMROOT", "PATH", "LANG", "LC_ALL", "OPENBLAS_NUM_THREADS")
TRACE = "Traceback (most recent call last):\n"
STRICT = ("-W", "error")


def shown(failed: bool, out: str, err: str) -> str:
    """打印的文字，后面接着最后的报错。"""
    return out + ((error_of(err) or err) if failed else "")


def error_of(trace: str) -> str:
    """一段 traceback 最后的报错；没有就是空串。"""
    lines = trace.rpartition(TRACE)[2].splitlines()
    message = [i for i, line in enumerate(lines) if not line.startswith(" ")]
    return "\n".join(lines[message[0] :]) if message else ""


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
    return shown(bool(done.returncode), done.stdout, done.stderr)


Program = tuple[str, bool]  # 代码，是不是逐句
Run = Callable[[Sequence[Program]], list[str]]


def one_by_one(programs: Sequence[Program], run: Callable[..., str] = run_alone):
    """每一段起一个新的解释器。"""
    with ThreadPoolExecutor(2) as pool:
        return [*pool.map(lambda p: run(p[0], interactive=p[1]), programs)]


def forked(programs: Sequence[Program]) -> list[str]:
    """一个新的解释器里，每一段分出一个子进程：快得多，见 `fresh`。"""
    return [shown(bool(d.status), d.out, d.err) for d in run_each(programs)]


FAST: Run = forked if hasattr(os, "fork") else one_by_one
# 别人的包会发警告，也启动得慢
patiently: Run = partial(one_by_one, run=partial(run_alone, options=(), timeout=300))


def here(blocks: Sequence[Block], block: Block) -> bool:
    """在这里跑的块。"""
    kinds = ("script", "console")
    return block.kind in kinds and not runs_elsewhere(blocks, block)


def elsewhere(blocks: Sequence[Block], block: Block) -> bool:
    """要另装包、在框架那一套环境里跑的块。"""
    kinds = ("script", "console")
    return block.kind in kinds and runs_elsewhere(blocks, block)


def findings(
    html: Path, name: str, chosen: Callable[..., bool] = here, run: Run = one_by_one
) -> list[str]:
    """一个网页上、选中的块里，单独跑起来与所写不符的。"""
    found = code_blocks(html)
    blocks = as_blocks(found)
    copies = {i: pre.attrs.get("data-copy", "") for i, pre in enumerate(found)}
    todo = [block for block in blocks if chosen(blocks, block)]
    wanted = ["".join(expected(blocks, b) for b in chain(blocks, t)) for t in todo]
    got = run([(copies[b.number], b.kind == "console") for b in todo])
    return [
        f"{name}: block {block.number}: wanted {want!r}, got {printed!r}"
        for block, want, printed in zip(todo, wanted, got, strict=True)
        if not same_text(want, printed)
    ]
