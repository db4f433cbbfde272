"""第三周项目的记录：写成文字，比两份；不需要框架。"""

import json
from typing import Any

from dlnotes_lib.experiments.project_week3 import first_difference

JAX_FACT = "Keras on JAX, first loss"


def as_text(data: dict[str, Any]) -> str:
    """写成 JSON：一条轨迹一行；数字是 ``repr``，一位不少。"""
    lines = [f"{json.dumps(key)}: {json.dumps(data[key])}" for key in data]
    for i, part in enumerate(data):
        if part in ("losses", "running"):
            blocks = []
            for name, table in data[part].items():
                rows = [
                    f"    {json.dumps(k)}: {json.dumps(v)}" for k, v in table.items()
                ]
                blocks.append(
                    f"  {json.dumps(name)}: {{\n" + ",\n".join(rows) + "\n  }"
                )
            lines[i] = f"{json.dumps(part)}: {{\n" + ",\n".join(blocks) + "\n}"
    return "{\n" + ",\n".join(lines) + "\n}\n"


def rows(data: dict[str, Any]) -> dict[str, Any]:
    """全部轨迹：名字 → 一串数。"""
    return {
        " ".join((part, name, key)): row
        for part in ("losses", "running")
        for name, table in data[part].items()
        for key, row in table.items()
    }


def differences(committed: dict[str, Any], fresh: dict[str, Any]) -> list[str]:
    """两份记录在哪里不同，一处一行；版本与日期不算，末位也不算。"""
    old, new = rows(committed), rows(fresh)
    found = [
        f"{key}: only in one of the two" for key in sorted(old.keys() ^ new.keys())
    ]
    for key in sorted(old.keys() & new.keys()):
        if gap := first_difference(old[key], new[key]):
            found.append(f"{key}: number {gap.step} differs by {gap.size:.1e}")
    a, b = (data["facts"][JAX_FACT] for data in (committed, fresh))
    return found if abs(a - b) < 1e-6 else [*found, f"{JAX_FACT}: was {a}, is {b}"]
