"""问一个变异体：走到那一行的各件，哪一件先变红。"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from trust.children import Answer, Stopped, in_child, install, limited
from trust.mutants import Mutant, sources
from trust.reach import LIBRARY, Reach, append

Check = Callable[[str], str]  # 一件的名字 → 第一处不对，没有就是空的


class Group(NamedTuple):
    """一类：页面或测试。走到的行、怎样查一件，谁揭穿过哪个函数。"""

    kind: str
    reach: dict[str, Reach]
    check: Check
    killers: dict[tuple[str, str], str]


def reached(mutant: Mutant, group: Group) -> list[Reach]:
    """走到这一行的各件：上次揭穿同一个函数的排第一，名字里有这个模块的其次，快的在前。"""
    at = (mutant.module, mutant.line)
    found = [r for r in group.reach.values() if at in r.lines]
    best = group.killers.get((mutant.module, mutant.where))
    own = mutant.module.rpartition(".")[2] + ".py"
    return sorted(found, key=lambda r: (r.name != best, own not in r.name, r.seconds))


def ask(mutant: Mutant, asked: list[Reach], check: Check) -> tuple[str, Answer] | None:
    """第一件揭穿它的与那一件的话；都没揭穿是 None。"""
    path, text = sources(LIBRARY)[mutant.module]

    def work() -> list[str]:
        try:
            install(mutant, text, str(path))
        except Exception as error:
            return [asked[0].name, f"import: {type(error).__name__}: {error}"]
        for one in asked:
            try:
                with limited(5 + 5 * one.seconds):
                    said = check(one.name)
            except Stopped:
                said = "timeout"
            if said:
                return [one.name, said]
        return []

    if not asked:
        return None
    answer = in_child(work, 600 + 20 * sum(r.seconds for r in asked))
    if answer.status != "ok":  # 整个进程没了，或者停在 Python 之外
        return asked[0].name, answer
    return (answer.value[0], Answer("ok", answer.value[1])) if answer.value else None


def try_one(
    mutant: Mutant, groups: list[Group], out: Path, before: dict[str, Any]
) -> None:
    """先问页面，再问测试，记下来；before 里问过、没揭穿、也没变的各件不再问。"""
    row: dict[str, Any] = {"mutant": mutant.name, "line": mutant.line}
    for group in groups:
        to_ask = reached(mutant, group)
        row[f"{group.kind}_asked"] = len(to_ask)
        silent = set(before.get(f"{group.kind}_silent", []))
        found = ask(mutant, [r for r in to_ask if r.stamp not in silent], group.check)
        if found:
            name, answer = found
            group.killers[mutant.module, mutant.where] = name
            row |= {"by": group.kind, "target": name, "status": answer.status}
            row |= {"why": str(answer.value)[:300], "stamp": group.reach[name].stamp}
            break
        row[f"{group.kind}_silent"] = sorted(r.stamp for r in to_ask)
    append(out, row)


def valid(row: dict[str, Any], mutant: Mutant, groups: list[Group]) -> bool:
    """这个结果现在还算数：揭穿它的那一件没变；没揭穿的，该问的都问过，而且没变。"""
    for group in groups:
        if row.get("by") == group.kind:
            one = group.reach.get(row["target"])
            return one is not None and one.stamp == row["stamp"]
        silent = row.get(f"{group.kind}_silent")
        if silent is None or not {r.stamp for r in reached(mutant, group)} <= {*silent}:
            return False
    return True
