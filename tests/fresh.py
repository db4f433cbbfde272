"""一批程序，各自在一个刚起来的解释器里跑；解释器只起一次，一段程序分出一个子进程。

子进程里只多了一样东西：NumPy 已经导入过。名字、打印设置、随机数、当前目录都是新的。
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

SERVER = """
import ast, json, os, signal, sys, types
import numpy

def statements(code, interactive):
    if not interactive:
        return [compile(code, "<stdin>", "exec")]
    nodes = ast.parse(code).body
    return [compile(ast.Interactive([n]), "<page>", "single") for n in nodes]

def child(code, interactive, folder, seconds):
    os.chdir(folder + "/empty")
    for number, name in enumerate(("out", "err"), 1):
        os.dup2(os.open(f"{folder}/{name}", os.O_WRONLY | os.O_CREAT), number)
    signal.alarm(seconds)
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    for statement in statements(code, interactive):
        exec(statement, main.__dict__)

for code, interactive, folder, seconds in json.load(sys.stdin):
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            child(code, interactive, folder, seconds)
            status = 0
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    print(os.waitpid(pid, 0)[1], flush=True)
"""
KEPT = ("SYSTEMROOT", "PATH", "LANG", "LC_ALL")


class Done(NamedTuple):
    """一段程序跑完：退出状态（0 是好的）与它打印的文字。"""

    status: int
    out: str
    err: str


def run_each(programs: Sequence[tuple[str, bool]], seconds: int = 60) -> list[Done]:
    """跑每一段（代码，是不是逐句），警告就是错误；超过 seconds 秒的被掐断。"""
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name) / str(number) for number in range(len(programs))]
        for folder in folders:
            (folder / "empty").mkdir(parents=True)
        todo = [
            (*program, str(folder), seconds)
            for program, folder in zip(programs, folders, strict=True)
        ]
        kept = {k: os.environ[k] for k in KEPT if k in os.environ}
        answer = subprocess.run(
            [sys.executable, "-I", "-X", "utf8", "-W", "error", "-c", SERVER],
            input=json.dumps(todo),
            capture_output=True,
            encoding="utf-8",
            env=kept | {"OPENBLAS_NUM_THREADS": "1"},  # 有别的线程就不该分进程
            check=True,
        )
        statuses = map(int, answer.stdout.split())
        return [
            Done(status, *((folder / n).read_text("utf-8") for n in ("out", "err")))
            for status, folder in zip(statuses, folders, strict=True)
        ]
