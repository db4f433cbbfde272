"""Markdown 围栏 ``source``：按名字把库里的源码放进页面。

页面里写::

    ```source
    dlnotes_lib.optimizers.Adam.update
    ```

得到 ``Adam.update`` 现在的源码（去掉 docstring，因为正文就是解释），注明文件与行号，
并链到 API 页。名字不存在时构建失败。复制键给出能单独运行的代码：带上用到的 import；
方法则给出整个类。
"""

import ast
import builtins
import html
import textwrap
from pathlib import Path
from typing import Any, NamedTuple

from pymdownx.highlight import Highlight
from pymdownx.superfences import SuperFencesException

ROOT = Path(__file__).resolve().parents[2]


class Listing(NamedTuple):
    """一段源码：在哪个文件、首行与末行、显示什么、复制什么、链到 API 页的哪一项。"""

    path: Path
    first: int
    last: int
    code: str
    copy: str
    api: str


def module_of(name: str) -> tuple[Path, list[str]]:
    """把点分名字拆成（源文件，文件里的名字）。"""
    parts = name.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        path = ROOT.joinpath(*parts[:cut]).with_suffix(".py")
        if path.is_file():
            return path, parts[cut:]
    raise LookupError(f"no module for {name!r}")


def listing(name: str) -> Listing:
    """按名字取源码。

    Raises:
        LookupError: 没有这个模块，或模块里没有这个名字。
    """
    path, names = module_of(name)
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    nodes: list[Any] = [tree]
    for part in names:
        found = [n for n in nodes[-1].body if part in bound_names(n)]
        if not found:
            raise LookupError(f"no {name!r} in {path.name}")
        nodes.append(found[-1])
    first, last = span(nodes[-1])
    return Listing(
        path=path,
        first=first,
        last=last,
        code=without_docstrings(text, nodes[-1]),
        copy=imports(tree, nodes[1], path) + without_docstrings(text, nodes[1]),
        api=".".join([module_name(path), *documented(names, nodes)]),
    )


def documented(names: list[str], nodes: list[Any]) -> list[str]:
    """API 页上有的那一截名字：私有的、函数里的，归到它所在的类或函数。"""
    for k, (name, parent) in enumerate(zip(names, nodes, strict=False)):
        if name.startswith("_") or isinstance(parent, ast.FunctionDef):
            return names[:k]
    return names


def module_name(path: Path) -> str:
    """源文件对应的模块名。"""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def bound_names(node: ast.stmt) -> set[str]:
    """一条语句定义或引入的名字。"""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(a.asname or a.name).split(".")[0] for a in node.names}
    targets = getattr(node, "targets", [getattr(node, "target", None)])
    return {t.id for t in targets if isinstance(t, ast.Name)}


def span(node: Any) -> tuple[int, int]:
    """源码的首行与末行，含装饰器。"""
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(d.lineno for d in decorators)]), node.end_lineno


def without_docstrings(text: str, node: Any) -> str:
    """节点的源码，去掉缩进与 docstring。"""
    drop: set[int] = set()
    for n in ast.walk(node):
        if isinstance(n, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(n):
            doc: Any = n.body[0]
            if len(n.body) > 1:
                drop.update(range(doc.lineno, doc.end_lineno + 1))
    lines, (first, last) = text.split("\n"), span(node)
    kept = [lines[i - 1] for i in range(first, last + 1) if i not in drop]
    return textwrap.dedent("\n".join(kept)).strip() + "\n"


def imports(tree: ast.Module, node: ast.stmt, path: Path) -> str:
    """单独运行 node 要先 import 的那些行。"""
    used = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    used -= bound_names(node) | set(dir(builtins))
    module = module_name(path)
    rows: list[str] = []
    for other in tree.body:
        names = sorted(bound_names(other) & used)
        if names and isinstance(other, ast.Import | ast.ImportFrom):
            rows.append(ast.unparse(keep(other, names)))
        elif names:
            rows.append(f"from {module} import {', '.join(names)}")
    return "".join(row + "\n" for row in rows) + ("\n\n" if rows else "")


def keep(node: Any, names: list[str]) -> Any:
    """只留下用到的名字的 import 语句。"""
    kept = [a for a in node.names if (a.asname or a.name).split(".")[0] in names]
    if isinstance(node, ast.Import):
        return ast.Import(names=kept)
    return ast.ImportFrom(module=node.module, names=kept, level=node.level)


def fence(
    source: str, language: str, css_class: str, options: Any, md: Any, **_: Any
) -> str:
    """Superfences 的 ``format`` 回调。"""
    name = source.strip()
    try:
        shown = listing(name)
    except LookupError as error:
        lines = [i for i, text in enumerate(md.source_lines, 1) if name in text]
        raise SuperFencesException(f"line {lines[0]}: {error}") from error
    where = f"{shown.path.relative_to(ROOT).as_posix()}:{shown.first}–{shown.last}"
    attrs = {"data-listing": name, "data-copy": html.escape(shown.copy)}
    code = Highlight(md).highlight(shown.code, "python", attrs=attrs)
    link = f'<autoref identifier="{shown.api}">{where}</autoref>'
    return f'<figure class="listing"><figcaption>{link}</figcaption>{code}</figure>'
