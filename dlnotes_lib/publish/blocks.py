"""代码块：它是什么、复制时得到什么、照着跑该看到什么。

一页上的代码块只有六种：``script``（整段 Python）、``console``（带 ``>>>``）、
``output`` 与 ``error``（上一段 script 的输出或报错）、``browser``（上一段在浏览器里的
输出，与本机不同时才写）、``skipped``（写明理由、不跑）。
写明需要别的包的块（``needs``）不在这里跑，由 ``tests/test_elsewhere.py`` 在装了那些
包的环境里跑。
"""

import doctest
from collections.abc import Sequence
from dataclasses import dataclass

from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

ROLES = {"输出": "output", "报错": "error"}
BROWSER = "浏览器里的输出"
LANGUAGES = {"Python": "script", "Python console session": "console"}
TRACEBACK = "Traceback (most recent call last):\n"


@dataclass(frozen=True, kw_only=True)
class Block:
    """页面上的一个代码块。

    Attributes:
        number: 它是这一页的第几块，从 0 数起。
        line: 第一行代码在页面源文件里的行号，从 1 数起。
        kind: script、console、output、error、browser、skipped 之一。
        source: 围栏里的原文。
        continues: 是否接着上一段往下跑。
        skip: 不跑的理由；要跑的块是 None。
        needs: 跑它要另装的包；只用本库就能跑的块是空的。
    """

    number: int
    line: int
    kind: str
    source: str
    continues: bool = False
    skip: str | None = None
    needs: tuple[str, ...] = ()


def kind_of(language: str, title: str | None, skip: str | None) -> str:
    """代码块属于哪一种；哪一种都不是就报错。"""
    if skip is not None:
        if not skip.strip():
            raise ValueError("data-skip must give a reason")
        return "skipped"
    if language == "text" and title in ROLES:
        return ROLES[title]
    if language == "text" and title == BROWSER:
        return "browser"
    try:
        return LANGUAGES[get_lexer_by_name(language).name]
    except (ClassNotFound, KeyError):
        raise ValueError(
            f"code block of language {language!r} is neither run nor skipped: "
            "make it python or pycon, or state a reason in data-skip"
        ) from None


def needs_of(text: str | None) -> tuple[str, ...]:
    """``data-needs`` 里写的包名，用空格隔开。"""
    if text is not None and not text.split():
        raise ValueError("data-needs must name a package")
    return tuple((text or "").split())


def runs_elsewhere(blocks: Sequence[Block], block: Block) -> bool:
    """这一块（或它所属的那段程序）要在装了别的包的环境或浏览器里跑。"""
    if block.kind == "browser":
        return True
    if block.kind in ROLES.values():
        before = [b for b in blocks if b.number == block.number - 1]
        return bool(before) and runs_elsewhere(blocks, before[0])
    if block.kind not in ("script", "console"):
        return False
    return any(b.needs for b in chain(blocks, block))


def examples(source: str) -> list[doctest.Example]:
    """把 ``>>>`` 块拆成一条条例子。"""
    return doctest.DocTestParser().get_examples(source + "\n")


def code_of(block: Block) -> str:
    """块里能跑的代码：不带提示符，也不带输出。"""
    if block.kind == "console":
        return "".join(example.source for example in examples(block.source))
    return block.source.rstrip("\n") + "\n"


def chain(blocks: Sequence[Block], block: Block) -> list[Block]:
    """跑 block 之前要先跑的块，连同它自己，按次序。"""
    runnable = [b for b in blocks if b.kind in ("script", "console")]
    end = runnable.index(block) + 1
    start = max(i for i in range(end) if not runnable[i].continues)
    return runnable[start:end]


def copy_text(blocks: Sequence[Block], block: Block) -> str:
    """按下复制键得到的代码：整条链，拿去就能跑。"""
    return "".join(code_of(b) for b in chain(blocks, block))


def answer(blocks: Sequence[Block], script: Block) -> Block | None:
    """紧跟在 script 后面的输出块或报错块。"""
    after = [b for b in blocks if b.number == script.number + 1]
    return after[0] if after and after[0].kind in ROLES.values() else None


def in_browser(blocks: Sequence[Block], block: Block) -> Block | None:
    """写着 block 在浏览器里的输出的块；没有写就是与本机相同。"""
    shown = answer(blocks, block) or block
    after = [b for b in blocks if b.number == shown.number + 1]
    return after[0] if after and after[0].kind == "browser" else None


def expected(blocks: Sequence[Block], block: Block) -> str:
    """照页面所写，单独一块应当打印的文字；会报错的话，后面接着最后的报错。"""
    if block.kind == "script":
        shown = answer(blocks, block)
        return shown.source + "\n" if shown else ""
    return "".join(e.exc_msg or e.want for e in examples(block.source))


def raises(blocks: Sequence[Block], block: Block) -> bool:
    """照页面所写，这一块是不是以报错结束。"""
    if block.kind == "script":
        shown = answer(blocks, block)
        return shown is not None and shown.kind == "error"
    return any(e.exc_msg for e in examples(block.source))


def problems(blocks: Sequence[Block], block: Block) -> str:
    """块摆得对不对：对就返回空串，否则说明哪里不对。"""
    runnable = [b for b in blocks if b.kind in ("script", "console")]
    before = [b.kind for b in blocks[:-1]]
    if block.kind in ROLES.values() and before[-1:] != ["script"]:
        return f"an {block.kind} block must follow a python block"
    if block.kind == "browser" and not (
        {*before[-1:]} & {"script", "console", *ROLES.values()}
    ):
        return "a browser block must follow a python block or its output"
    if block.continues:
        if block not in runnable or runnable[0] is block:
            return "there is no block above to continue"
        if runnable[-2].kind != block.kind:
            return "can only continue a block of its own kind"
        if raises(blocks, runnable[-2]):
            return "cannot continue a block that raises"
    if block.kind == "console":
        parts = examples(block.source)
        if not parts:
            return "a pycon block needs a >>> prompt"
        if any(e.exc_msg for e in parts[:-1]):
            return "an example that raises must be the last of its block"
    return ""
