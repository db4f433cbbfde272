"""在浏览器里跑一串代码段，只把最后一段的输出交给页面。

规矩与 ``dlnotes_lib.publish.run_blocks`` 相同：script 整段执行，console 逐条执行并
回显结果；每一串从全新的命名空间开始。刚跑过的一串后面再接一段，就接着跑，结果与从头
跑一遍相同。这个文件不进库，由 ``worker.mjs`` 读进去；它只用标准库，所以在本机也测得了。
"""

import ast
import contextlib
import contextvars
import io
import json
import linecache
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

MOST = 100_000  # 一段最多显示这么多字
PAUSE = 0.05  # 隔多少秒交出去一批
MARK = "<第 {} 段>"
HEADER = "Traceback (most recent call last):\n"


class Screen(io.TextIOBase):
    """收下打印的文字，隔一小会儿交出去一批；太长的部分只数一数。"""

    def __init__(self, show: Callable[[str], object]) -> None:
        self._show, self._kept, self._left = show, list[str](), MOST
        self._last = time.monotonic()
        self.dropped = 0

    def write(self, text: str, /) -> int:
        """收下一段文字。"""
        if kept := text[: self._left]:
            self._kept.append(kept)
            self._left -= len(kept)
        self.dropped += len(text) - len(kept)
        if self._kept and time.monotonic() - self._last > PAUSE:
            self.hand_over()
        return len(text)

    def hand_over(self) -> None:
        """把收下的交出去。"""
        if self._kept:
            self._show("".join(self._kept))
            self._kept.clear()
        self._last = time.monotonic()


class Session:
    """一个页面的 Python，记着刚跑完的那一串。"""

    def __init__(self) -> None:
        self._done: list[list[str]] = []
        self._names: dict[str, Any] = {}
        self._context = contextvars.Context()

    def run(self, chain: str, show: Callable[[str], object]) -> str:
        """跑一串代码段，一边跑一边交出最后一段的输出。

        Args:
            chain: JSON，一串 ``[种类, 代码]``，种类是 script 或 console。
            show: 收输出的函数。

        Returns:
            JSON：``error`` 是报错（没有就是空串），``at`` 是跑到第几段，
            ``dropped`` 是太长而没有交出去的字数。
        """
        segments: list[list[str]] = json.loads(chain)
        if not self._follows(segments):
            self._done, self._names = [], {"__name__": "__main__"}
            self._context = contextvars.Context()  # NumPy 的打印选项也回到默认
        at, error, screen = 0, "", Screen(show)
        for at in range(len(self._done) + 1, len(segments) + 1):
            kind, code = segments[at - 1]
            screen = Screen(show if at == len(segments) else len)
            place = MARK.format(at)
            error = self._context.run(execute, kind, code, self._names, place, screen)
            if error:
                break
        self._done = [] if error else segments
        return json.dumps({"error": error, "at": at, "dropped": screen.dropped})

    def _follows(self, segments: list[list[str]]) -> bool:
        done = len(self._done)
        return 0 < done < len(segments) and segments[:done] == self._done


def execute(
    kind: str, code: str, names: dict[str, Any], place: str, screen: Screen
) -> str:
    """跑一段，返回报错；没有报错就是空串。"""
    linecache.cache[place] = (len(code), None, code.splitlines(keepends=True), place)
    error = ""
    with (
        contextlib.redirect_stdout(screen),
        contextlib.redirect_stderr(screen),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("always")
        try:
            for piece in pieces(kind, code, place):
                exec(piece, names)
        except BaseException as problem:
            error = report(problem)
    screen.hand_over()
    return error


def pieces(kind: str, code: str, place: str) -> Iterator[CodeType]:
    """整段，或者一条一条。"""
    tree = ast.parse(code, place)
    if kind == "script":
        yield compile(tree, place, "exec", dont_inherit=True)
    else:
        for node in tree.body:
            yield compile(ast.Interactive([node]), place, "single", dont_inherit=True)


def report(problem: BaseException) -> str:
    """只留读者那几行的 traceback。"""
    stack = traceback.extract_tb(problem.__traceback__)
    own = [frame for frame in stack if frame.filename.startswith(MARK[:2])]
    lines = traceback.format_exception_only(problem)
    if own:
        lines = [HEADER, *traceback.format_list(own), *lines]
    return "".join(lines).rstrip()


SESSION = Session()
