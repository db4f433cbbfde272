"""在 Pyodide 里跑：把一批源文件编成字节码，写成逐字节可复现的 zip。

字节码的格式随 Python 的小版本变，所以由将来跑它的那个解释器来编；压缩也用它带的库，
换一台机器产物不变。
"""

import ast
import importlib.util
import json
import zipfile
from dataclasses import dataclass
from importlib import _bootstrap_external
from pathlib import Path

from browser import wheels

ZSTD = 93  # zipfile.ZIP_ZSTANDARD，Python 3.14 起才有名字
LEVELS = {zipfile.ZIP_DEFLATED: 9, ZSTD: 19}
OWN = ("pyodide/", "_pyodide/")  # Pyodide 启动时要读自己的文档字符串
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, kw_only=True)
class Job:
    """一件要做的事。

    Attributes:
        source: 不压缩的 zip，里面是源文件。
        target: 写到哪里。
        where: 装好以后所在的文件夹，写进字节码，回溯里看得到。
        method: zip 的压缩方法。
        docs: 保留文档字符串。
        record: wheel 的 RECORD 的名字；不是 wheel 就空着。
    """

    source: str
    target: str
    where: str
    method: int
    docs: bool
    record: str


def without_docs(tree: ast.Module) -> ast.Module:
    """去掉文档字符串；assert 留着。"""
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False):
            empty = ast.copy_location(ast.Pass(), node.body[0])
            node.body[:1] = [] if len(node.body) > 1 else [empty]
    return tree


def bytecode(name: str, source: bytes, *, where: str, docs: bool) -> bytes:
    """一个模块的 .pyc；用之前不再核对源码。"""
    tree = ast.parse(source, name)
    tree = tree if docs or name.startswith(OWN) else without_docs(tree)
    code = compile(tree, f"{where}/{name}", "exec", dont_inherit=True, optimize=0)
    mark = importlib.util.source_hash(source)
    as_pyc = _bootstrap_external._code_to_hash_pyc  # pyright: ignore
    return bytes(as_pyc(code, mark, False))


def contents(files: dict[str, bytes], job: Job) -> dict[str, bytes]:
    """成品里的文件：源码换成字节码，别的照旧。"""
    made = {}
    for name, data in sorted(files.items()):
        if name.endswith(".py"):
            made[name + "c"] = bytecode(name, data, where=job.where, docs=job.docs)
        else:
            made[name] = data
    return made


def do(job: Job) -> None:
    """做一件事。"""
    files = wheels.read(Path(job.source))
    files.pop(job.record, None)
    made = contents(files, job)
    if job.record:
        made[job.record] = wheels.record(made, job.record)
    wheels.write(Path(job.target), made, job.method, LEVELS[job.method])


def main(listed: str) -> None:
    """做完单子上的事；路径都相对于当前文件夹。"""
    for job in json.loads(Path(listed).read_text(encoding="utf-8")):
        do(Job(**job))
