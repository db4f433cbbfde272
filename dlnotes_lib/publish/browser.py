"""在读者的浏览器里运行：有没有运行用的包，哪些块不能在那里跑。

包由 ``python -m browser.pack`` 做好，放在 ``docs/assets/py/``，不进仓库。没有它，网页就
没有“运行”按钮，其余一样。按钮与运行的脚本在 ``docs/assets/javascripts/cell/``。
"""

import ast
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from dlnotes_lib.publish.blocks import Block, chain, code_of

MANIFEST = "assets/py/manifest.json"
ABSENT = {  # 浏览器里的 Python 没有的东西：调用哪些模块就用到它
    "线程": {"concurrent.futures", "threading"},
    "进程": {"multiprocessing", "subprocess"},
    "网络连接": {"socket", "http.client", "urllib.request"},
    "画图用的 Matplotlib": {"matplotlib"},
}


class Pack(NamedTuple):
    """运行用的包：清单在站点里的路径，第一次运行要下载多少字节。"""

    manifest: str
    bytes: int


def find_pack(docs: Path) -> Pack | None:
    """docs 里做好的包；没有就是 None。"""
    path = docs / MANIFEST
    if not path.is_file():
        return None
    return Pack(MANIFEST, json.loads(path.read_text(encoding="utf-8"))["gzip"])


def unrunnable(blocks: Sequence[Block], block: Block) -> str:
    """这一块不能在浏览器里跑的理由；能跑就是空串。"""
    before = chain(blocks, block)
    if needs := sorted({name for b in before for name in b.needs}):
        return f"要另装 {'、'.join(needs)}"
    used = {name for b in before for name in called(code_of(b))}
    lacking = [
        thing
        for thing, modules in ABSENT.items()
        if any(f"{name}.".startswith(f"{m}.") for name in used for m in modules)
    ]
    return f"那里没有{'、'.join(lacking)}" if lacking else ""


def called(code: str) -> Iterator[str]:
    """代码里调用到的、import 进来的东西的全名；语法有错的代码什么也没调用。"""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return
    origin = dict(imports(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            root = node.func
            while isinstance(root, ast.Attribute):
                root = root.value
            if isinstance(root, ast.Name) and root.id in origin:
                yield origin[root.id]


def imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """import 进来的名字与它的全名。"""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                bound = alias.asname or alias.name.split(".")[0]
                yield bound, alias.name
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"
