"""在全新的解释器里单独运行一段代码，就像读者粘贴过去那样。"""

import os
import subprocess
import sys
import tempfile

ONE_BY_ONE = """
import ast, sys
names = {"__name__": "__main__"}
for node in ast.parse(sys.stdin.read()).body:
    exec(compile(ast.Interactive([node]), "<page>", "single"), names)
"""
KEPT = ("SYSTEMROOT", "PATH", "LANG", "LC_ALL", "OPENBLAS_NUM_THREADS")


def run_alone(code: str, *, interactive: bool) -> str:
    """返回打印的文字，后面接着最后的报错；目录是空的，警告就是错误。"""
    how = ["-c", ONE_BY_ONE] if interactive else ["-"]
    with tempfile.TemporaryDirectory() as empty:
        done = subprocess.run(
            [sys.executable, "-I", "-X", "utf8", "-W", "error", *how],
            input=code,
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=empty,
            env={k: os.environ[k] for k in KEPT if k in os.environ},
            timeout=60,
            check=False,
        )
    marker = "Traceback (most recent call last):\n"
    _, _, trace = done.stderr.rpartition(marker)
    lines = trace.splitlines()
    message = [i for i, line in enumerate(lines) if not line.startswith(" ")]
    error = "\n".join(lines[message[0] :]) if message else done.stderr
    return done.stdout + (error if done.returncode else "")
