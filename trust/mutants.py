"""变异体：把库里的一处运算、比较、常数或 NumPy 函数换成别的，一次只换一处。

只在内存里换，不碰文件。字符串、文档、类型标注不换。一个变异体的名字是“模块.函数:
原样 → 换样 #第几处”，不含行号，所以挪动代码不改名字，登记表不会烂。
"""

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import NamedTuple

BINARY: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
}
COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
PAIRS = """
sum mean
min max
argmin argmax
minimum maximum
zeros ones
zeros_like ones_like
floor ceil
any all
exp expm1
log log1p
sqrt square
cumsum cumprod
"""
NAMES: dict[str, str] = {}
for here, there in (line.split() for line in PAIRS.strip().split("\n")):
    NAMES |= {here: there, there: here}


class Mutant(NamedTuple):
    """一处改动。

    Attributes:
        module: 模块，如 ``dlnotes_lib.losses``。
        where: 类与函数，如 ``MLP.scores``；模块一级是空的。
        change: “原样 → 换样”，再加同样的改动里的第几处。
        line: 行号，只用来看哪些页面走到了这一行。
        node: 语法树里（按 ast.walk 的次序）第几个节点。
        part: 节点里的第几处。
    """

    module: str
    where: str
    change: str
    line: int
    node: int
    part: int

    @property
    def name(self) -> str:
        """不含行号的名字。"""
        return f"{self.module}{'.' * bool(self.where)}{self.where}: {self.change}"


def mutants_of(module: str, source: str) -> list[Mutant]:
    """一个模块的全部变异体。"""
    tree = ast.parse(source)
    places, left_out = _places(tree)
    found: list[Mutant] = []
    seen: Counter[tuple[str, str]] = Counter()
    for index, node in enumerate(ast.walk(tree)):
        if node in left_out:
            continue
        for part, new in enumerate(_changes(node)):
            where = places.get(node, "")
            text = f"{_text(node)} → {_text(new)}"
            seen[where, text] += 1
            text += f" #{seen[where, text]}"
            line = getattr(node, "lineno", 0)
            found.append(Mutant(module, where, text, line, index, part))
    return found


def mutated(mutant: Mutant, source: str, filename: str) -> CodeType:
    """换掉那一处之后的模块，编译好的；行号不变。"""
    return compile(mutated_tree(mutant, source), filename, "exec")


def mutated_tree(mutant: Mutant, source: str) -> ast.Module:
    """换掉那一处之后的语法树。"""
    tree = ast.parse(source)
    target = list(ast.walk(tree))[mutant.node]
    new = list(_changes(target))[mutant.part]

    class Swap(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return new if node is target else self.generic_visit(node)

    Swap().visit(tree)
    return ast.fix_missing_locations(tree)


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """一个节点能换成的样子。"""
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in BINARY:
        new = copy.copy(node)
        new.op = BINARY[type(node.op)]()
        yield new
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        yield node.operand
    elif isinstance(node, ast.BoolOp):
        new = copy.copy(node)
        new.op = ast.And() if isinstance(node.op, ast.Or) else ast.Or()
        yield new
    elif isinstance(node, ast.Compare):
        for k, op in enumerate(node.ops):
            new = copy.copy(node)
            new.ops = [*node.ops]
            new.ops[k] = COMPARE[type(op)]()
            yield new
    elif isinstance(node, ast.Constant):
        value = node.value
        if isinstance(value, bool):
            yield ast.copy_location(ast.Constant(not value), node)
        elif isinstance(value, int | float):
            yield ast.copy_location(ast.Constant(value + 1), node)
    elif isinstance(node, ast.Attribute) and node.attr in NAMES:
        new = ast.Attribute(node.value, NAMES[node.attr], node.ctx)
        yield ast.copy_location(new, node)


def _places(tree: ast.Module) -> tuple[dict[ast.AST, str], set[ast.AST]]:
    """每个节点在哪个类与函数里；不换的节点（标注、装饰器、格式说明）。"""
    places: dict[ast.AST, str] = {}
    left_out: set[ast.AST] = set()

    def visit(node: ast.AST, where: str) -> None:
        places[node] = where
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            where = f"{where}{'.' * bool(where)}{node.name}"
        for name, value in ast.iter_fields(node):
            for child in value if isinstance(value, list) else [value]:
                if not isinstance(child, ast.AST):
                    continue
                if name in ("annotation", "returns", "decorator_list", "format_spec"):
                    left_out.update(ast.walk(child))
                visit(child, where)

    visit(tree, "")
    return places, left_out


def _text(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())


def sources(package: Path) -> dict[str, tuple[Path, str]]:
    """会被变异的模块：核心与各节的计算；画图与发布的代码不算。"""
    found = {}
    for path in sorted([*package.glob("*.py"), *package.glob("experiments/*.py")]):
        if path.name != "__init__.py":
            dotted = path.relative_to(package.parent).with_suffix("").parts
            found[".".join(dotted)] = path, path.read_text(encoding="utf-8")
    return found
