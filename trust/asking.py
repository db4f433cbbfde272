"""问一个变异体：走到那一行的各件，哪一件先变红。"""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from trust.children import Answer, in_child, install
from trust.mutants import Mutant, sources
from trust.reach import LIBRARY, Reach, append
from trust.targets import run_tests

Check = Callable[[list[str]], list[str]]  # 第一件红的名字与它的话；都绿就是空的


class Group(NamedTuple):
    """一类：页面或测试。走到的行、怎样查一件，谁揭穿过哪个函数。"""

    kind: str
    reach: dict[str, Reach]
    check: Check
    killers: dict[tuple[str, str], str]


def check_tests(names: list[str]) -> list[str]:
    """几个测试函数，一个文件一起跑。"""
    files: dict[str, list[str]] = {}
    for name in names:
        files.setdefault(name.partition("::")[0], []).append(name)
    for several in files.values():
        if said := run_tests(several):
            guilty = [name for name in several if said.startswith(f"test: {name}")]
            return [max(guilty, key=len, default=several[0]), said]
    return []


def reached(mutant: Mutant, group: Group) -> list[Reach]:
    """走到这一行的各件，快的在前；上次揭穿同一个函数的排第一。"""
    at = (mutant.module, mutant.line)
    found = [r for r in group.reach.values() if at in r.lines]
    best = group.killers.get((mutant.module, mutant.where))
    return sorted(found, key=lambda r: (r.name != best, r.seconds))


def ask(mutant: Mutant, asked: list[Reach], check: Check) -> tuple[str, Answer] | None:
    """第一件揭穿它的与那一件的话；都没揭穿是 None。"""
    path, text = sources(LIBRARY)[mutant.module]

    def work(names: list[str]) -> list[str]:
        try:
            install(mutant, text, str(path))
        except Exception as error:
            return [names[0], f"import: {type(error).__name__}: {error}"]
        return check(names)

    if not asked:
        return None
    limit = 30 + 10 * sum(r.seconds for r in asked)
    answer = in_child(lambda: work([r.name for r in asked]), limit)
    if answer.status == "ok":
        name, said = answer.value or ("", "")
        return (name, Answer("ok", said)) if name else None
    for one in asked:  # 停不下来，或整个进程没了：一件一件地问，看是谁
        answer = in_child(lambda n=one.name: work([n]), 20 + 10 * one.seconds)
        if answer.status != "ok" or answer.value:
            said = answer.value[1] if answer.status == "ok" else answer.value
            return one.name, Answer(answer.status, said)
    return None


def digest(asked: Iterable[Reach]) -> str:
    """问了哪些件，各是什么样子。"""
    text = "".join(f"{r.name} {r.stamp}\n" for r in sorted(asked))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def try_one(mutant: Mutant, groups: list[Group], out: Path) -> None:
    """先问页面，再问测试，记下来。"""
    row: dict[str, Any] = {"mutant": mutant.name, "line": mutant.line}
    for group in groups:
        asked = reached(mutant, group)
        row[f"{group.kind}_asked"] = len(asked)
        row[f"{group.kind}_digest"] = digest(asked)
        found = ask(mutant, asked, group.check)
        if found:
            name, answer = found
            group.killers[mutant.module, mutant.where] = name
            row |= {"by": group.kind, "target": name, "status": answer.status}
            row |= {"why": str(answer.value)[:300], "stamp": group.reach[name].stamp}
            break
    append(out, row)


def valid(row: dict[str, Any], mutant: Mutant, groups: list[Group]) -> bool:
    """这个结果现在还算数：揭穿它的那一件没变；没揭穿的，该问的都没变。"""
    for group in groups:
        if row.get("by") == group.kind:
            one = group.reach.get(row["target"])
            return one is not None and one.stamp == row["stamp"]
        if row.get(f"{group.kind}_digest") != digest(reached(mutant, group)):
            return False
    return True
