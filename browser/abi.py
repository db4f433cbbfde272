"""二进制接口的关：NumPy 的每个 .so 要的每个名字，核心都有，而且类型相同。

自己读 WebAssembly 的类型、导入、函数、导出四段；不靠 Node 的实验选项，也就不会在
选项不在时悄悄少查一半。
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

FUNCTION, TABLE, MEMORY, GLOBAL, TAG = range(5)
OWN = {"memory", "__indirect_function_table", "__stack_pointer"}
OWN |= {"__memory_base", "__table_base"}  # 装载器给每个模块的


class Reader:
    """从头往后读一段字节。"""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def __bool__(self) -> bool:
        return self.at < len(self.data)

    def take(self, count: int) -> bytes:
        """接下来的 count 个字节。"""
        self.at += count
        return self.data[self.at - count : self.at]

    def byte(self) -> int:
        """接下来的一个字节。"""
        return self.take(1)[0]

    def number(self) -> int:
        """LEB128 无符号整数。"""
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return value

    def name(self) -> str:
        """一个名字。"""
        return self.take(self.number()).decode()

    def limits(self) -> None:
        """内存与表的大小；与接口无关，读过就算。"""
        for _ in range(1 + (self.byte() & 1)):
            self.number()


@dataclass
class Module:
    """一个 WebAssembly 模块的接口。

    Attributes:
        imports: （模块名，名字，种类，类型）；只有函数与异常标记有类型。
        exports: 名字到（种类，类型）。
    """

    imports: list[tuple[str, str, int, Any]] = field(default_factory=list)
    exports: dict[str, tuple[int, Any]] = field(default_factory=dict)


def sections(data: bytes) -> Iterator[tuple[int, Reader]]:
    """逐段给出段号与内容。"""
    if data[:8] != b"\0asm\1\0\0\0":
        raise ValueError("not a WebAssembly module")
    reader = Reader(data[8:])
    while reader:
        number = reader.byte()
        yield number, Reader(reader.take(reader.number()))


def read_types(reader: Reader) -> list[Any]:
    """类型段：每个函数的（参数，结果）。"""
    types = []
    for _ in range(reader.number()):
        if (form := reader.byte()) != 0x60:
            raise ValueError(f"unknown type form {form:#x}")
        types.append((reader.take(reader.number()), reader.take(reader.number())))
    return types


def read_import(reader: Reader, types: list[Any]) -> tuple[str, str, int, Any]:
    """导入段里的一项。"""
    module, name, kind = reader.name(), reader.name(), reader.byte()
    if kind == FUNCTION:
        return module, name, kind, types[reader.number()]
    if kind == TAG:
        reader.byte()
        return module, name, kind, types[reader.number()]
    if kind == GLOBAL:
        return module, name, kind, tuple(reader.take(2))
    if kind == TABLE:
        reader.byte()
    reader.limits()
    return module, name, kind, None


def read(data: bytes) -> Module:
    """读出一个模块的接口。"""
    module, types, functions, tags = Module(), [], [], []
    for number, body in sections(data):
        if number == 1:
            types = read_types(body)
        elif number == 2:
            found = [read_import(body, types) for _ in range(body.number())]
            module.imports = found
            functions = [type_ for *_, kind, type_ in found if kind == FUNCTION]
            tags = [type_ for *_, kind, type_ in found if kind == TAG]
        elif number == 3:
            functions += [types[body.number()] for _ in range(body.number())]
        elif number == 13:
            for _ in range(body.number()):
                body.byte()
                tags.append(types[body.number()])
        elif number == 7:
            for _ in range(body.number()):
                name, kind, index = body.name(), body.byte(), body.number()
                known = {FUNCTION: functions, TAG: tags}.get(kind)
                module.exports[name] = (kind, known[index] if known else None)
    return module


def offered(core: bytes) -> dict[str, tuple[int, Any]]:
    """核心给得出的：它导出的，以及它自己从 JavaScript 那里要来的。"""
    module = read(core)
    asked = {
        name: (kind, type_)
        for source, name, kind, type_ in module.imports
        if not source.startswith("GOT.")
    }
    return asked | module.exports


def compare(name: str, data: bytes, known: dict[str, tuple[int, Any]]) -> list[str]:
    """一个 .so 要而核心没有的，或者类型不同的。"""
    module, found = read(data), []
    for source, wanted, kind, type_ in module.imports:
        if wanted in OWN or wanted in module.exports:
            continue
        if wanted not in known:
            found.append(f"{name}: no {source}.{wanted} in the core")
        elif kind in (FUNCTION, TAG) and known[wanted] != (kind, type_):
            found.append(f"{name}: {wanted} has another signature in the core")
    return found


def findings(core: bytes, wheel: dict[str, bytes]) -> list[str]:
    """一个 wheel 里全部 .so 与核心不合的地方。"""
    known = offered(core)
    return [
        finding
        for name in sorted(wheel)
        if name.endswith(".so")
        for finding in compare(name.rpartition("/")[2], wheel[name], known)
    ]
