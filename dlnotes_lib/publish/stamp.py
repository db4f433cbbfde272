"""代码的指纹：画一张图用到的代码没变，指纹就不变。

从一个函数出发，沿名字找到它在包内静态用到的每一条顶层语句，对规范化的语法树求散列；
文档字符串、注释与空白不算。不执行代码，看不见 ``getattr`` 与 ``importlib`` 取的名字。
"""

import ast
import hashlib
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

SIMPLE = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
    *(ast.Assign, ast.AnnAssign, ast.AugAssign),
)
SKIPPED = {"ctx", "kind", "type_comment"}


class _Module(NamedTuple):
    bound: dict[str, list[ast.stmt]]  # 顶层名字 → 定义它的语句
    always: list[ast.stmt]  # 有副作用的顶层语句
    imported: dict[str, str]  # 名字 → 带点的全名


def stamp(*symbols: tuple[Path, str]) -> str:
    """几个名字及其静态用到的一切代码的指纹。

    Args:
        symbols: 每项是（包目录，包内带点的名字），如
            ``(Path("dlnotes_lib"), "figures.adam.paths")``。

    Returns:
        16 位十六进制数。

    Raises:
        FileNotFoundError: 包里没有这个模块。

    Examples:
        >>> from pathlib import Path
        >>> import dlnotes_lib
        >>> from dlnotes_lib.publish.stamp import stamp
        >>> package = Path(dlnotes_lib.__file__).parent
        >>> len(stamp((package, "arrays.as_array")))
        16
    """
    used: set[str] = set()
    for package, name in symbols:
        used |= _used(package, f"{package.name}.{name}")
    return hashlib.sha256("\n".join(sorted(used)).encode()).hexdigest()[:16]


def _used(package: Path, symbol: str) -> set[str]:
    used, seen, todo = set[str](), set[str](), [symbol]
    while todo:
        path = todo.pop()
        if path in seen or path.split(".")[0] != package.name:
            continue
        seen.add(path)
        name, file, rest = _locate(package, path)
        module = _parse(file.read_text(encoding="utf-8"), _parent(name, file))
        if rest and rest[0] not in module.bound and rest[0] in module.imported:
            todo.append(".".join([module.imported[rest[0]], *rest[1:]]))
            continue
        wanted = rest[:1] if rest and rest[0] in module.bound else [*module.bound]
        todo += (path for key, path in module.imported.items() if key.startswith("*"))
        for statement in [s for key in wanted for s in module.bound[key]]:
            todo += _visit(name, module, statement, used)
        for statement in module.always:
            todo += _visit(name, module, statement, used)
    return used


def _visit(name: str, module: _Module, node: ast.stmt, used: set[str]) -> list[str]:
    """记下一条语句；返回它提到的名字。"""
    used.add(f"{name}:{_canonical(node)}")
    found = []
    for reference in _references(node):
        first, *rest = reference.split(".")
        if first in module.bound:
            found.append(f"{name}.{first}")
        elif first in module.imported:
            used.add(f"{name}:{first}={module.imported[first]}")
            found.append(".".join([module.imported[first], *rest]))
    return found


def _locate(package: Path, path: str) -> tuple[str, Path, list[str]]:
    """把全名分成（模块名，文件，剩下的部分）。"""
    folder, parts = package, path.split(".")
    for k, part in enumerate(parts[1:], start=1):
        if (folder / f"{part}.py").is_file():
            return ".".join(parts[: k + 1]), folder / f"{part}.py", parts[k + 1 :]
        if not (folder / part).is_dir():
            return ".".join(parts[:k]), folder / "__init__.py", parts[k:]
        folder /= part
    return path, folder / "__init__.py", []


def _parent(name: str, file: Path) -> str:
    return name if file.name == "__init__.py" else name.rpartition(".")[0]


@cache
def _parse(source: str, package: str) -> _Module:
    tree = ast.parse(source)
    module = _Module(defaultdict(list), [], {})
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module.imported.update(_imports(node, package))
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom) or _is_text(node):
            continue
        for name in _binds(node):
            module.bound[name].append(node)
        if not isinstance(node, SIMPLE):
            module.always.append(node)
    return module


def _imports(
    node: ast.Import | ast.ImportFrom, package: str
) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Import):
        for name in node.names:
            full = name.name if name.asname else name.name.split(".")[0]
            yield name.asname or full, full
        return
    here = package.split(".")
    base = here[: len(here) - node.level + 1] if node.level else []
    source = ".".join([*base, node.module] if node.module else base)
    for name in node.names:
        if name.name == "*":
            yield f"*{source}", source
        else:
            yield name.asname or name.name, f"{source}.{name.name}"


def _binds(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
        return
    for child in ast.walk(node):
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            yield child.id
        elif isinstance(child, ast.FunctionDef | ast.ClassDef):
            yield child.name


def _references(node: ast.AST) -> Iterator[str]:
    parts, base = [], node
    while isinstance(base, ast.Attribute):
        parts.append(base.attr)
        base = base.value
    if isinstance(base, ast.Name):
        yield ".".join([base.id, *reversed(parts)])
    else:
        for child in ast.iter_child_nodes(node):
            yield from _references(child)


def _is_text(node: object) -> bool:
    """文档字符串（单独成句的字符串）。"""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


@cache
def _canonical(node: ast.AST) -> str:
    """与 Python 版本无关的写法：空字段不写，字段按名字排序。"""
    fields = (
        f"{name}={_text(value)}"
        for name, value in sorted(ast.iter_fields(node), key=lambda field: field[0])
        if name not in SKIPPED and value is not None and value != []
    )
    return f"{type(node).__name__}({';'.join(fields)})"


def _text(value: object) -> str:
    if isinstance(value, ast.AST):
        return _canonical(value)
    if isinstance(value, list):
        return f"[{','.join(_text(v) for v in value if not _is_text(v))}]"
    return f"{type(value).__name__}:{value!r}"
