"""在分出来的子进程里做一件事：库的模块重新导入，其中一个换成变异体。

父进程只读不改；子进程做完就退出，所以变异体留不下来。只在有 fork 的系统上用。
"""

import importlib
import importlib.util
import json
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from dlnotes_lib.publish.pages import ROOT
from trust.mutants import Mutant, mutated

KEPT = "dlnotes_lib.publish"
HOLDERS = (str(ROOT / "tests"), str(ROOT / "trust/formulas"))
LIMIT = 20_000


class Answer(NamedTuple):
    """子进程的回答：``"ok"``、``"raised"``、``"died"`` 或 ``"timeout"``，与它的值。"""

    status: str
    value: Any


def in_child(function: Callable[[], Any], timeout: float) -> Answer:
    """在子进程里调用，值要能写成 JSON；超时就杀掉。"""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        _answer(function, writer)
    os.close(writer)
    text, ended = _read(reader, timeout)
    os.close(reader)
    if not ended:
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    if not ended:
        return Answer("timeout", f"more than {timeout:.0f} s")
    try:
        return Answer(*json.loads(text))
    except ValueError:
        return Answer("died", "no answer")


def _answer(function: Callable[[], Any], writer: int) -> None:
    """子进程：安静地做完，写下回答，不做任何收尾就退出。"""
    os.setpgid(0, 0)
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    try:
        answer = ["ok", function()]
    except BaseException as error:
        answer = ["raised", "".join(traceback.format_exception_only(error))[:LIMIT]]
    with os.fdopen(writer, "w", encoding="utf-8") as out:
        json.dump(answer, out)
    os._exit(0)


def _read(reader: int, timeout: float) -> tuple[str, bool]:
    """读到对方写完为止；第二项是有没有等到。"""
    deadline, parts = time.monotonic() + timeout, []
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([reader], [], [], left)[0]:
            break
        part = os.read(reader, 1 << 16)
        if not part:
            return b"".join(parts).decode("utf-8", "replace"), True
        parts.append(part)
    return "", False


class Stopped(BaseException):
    """算得太久，叫停；不从 Exception 来，免得被别的代码接住。"""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """最多用这么多秒的 CPU，多了就抛 Stopped；忙着的机器不算它的错。"""

    def stop(*_: Any) -> None:
        raise Stopped

    signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def forget_library() -> None:
    """忘掉已经导入的库模块（发布用的除外）与手里有库的函数的模块，下次重新导入。"""
    for name, module in [*sys.modules.items()]:
        file = getattr(module, "__file__", None) or ""
        inside = name.startswith("dlnotes_lib.") and not name.startswith(KEPT)
        if inside or file.startswith(HOLDERS):
            del sys.modules[name]
            parent, _, child = name.rpartition(".")
            if parent in sys.modules:  # 否则 from 包 import 模块 拿到的还是旧的
                vars(sys.modules[parent]).pop(child, None)


def install(mutant: Mutant, source: str, filename: str) -> None:
    """把变异体装成那个模块；只该在子进程里用。"""
    forget_library()
    spec = importlib.util.find_spec(mutant.module)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[mutant.module] = module
    exec(mutated(mutant, source, filename), module.__dict__)
    parent, _, child = mutant.module.rpartition(".")
    setattr(importlib.import_module(parent), child, module)


@contextmanager
def traced(files: dict[str, str]) -> Iterator[set[tuple[str, int]]]:
    """记下其间走到过的（模块，行号）；files 是源文件到模块名的表。"""
    seen: set[tuple[str, int]] = set()

    def local(frame: Any, event: str, _: Any) -> Any:
        if event == "line":
            seen.add((files[frame.f_code.co_filename], frame.f_lineno))
        return local

    def trace(frame: Any, event: str, _: Any) -> Any:
        return local if frame.f_code.co_filename in files else None

    sys.settrace(trace)
    try:
        yield seen
    finally:
        sys.settrace(None)
