"""各项演习的结果写成表：改坏的处、埋过的错、公式的誊写、版本的三个角。

结果在 ``trust/`` 里，写着哪天、哪个提交上跑的。
"""

import json
import tomllib
from collections import Counter
from typing import Any

from dlnotes_lib.publish.grids import grid
from dlnotes_lib.publish.lessons import link
from dlnotes_lib.publish.pages import ROOT


def load(name: str) -> Any:
    """一项演习的结果。"""
    return json.loads((ROOT / "trust" / f"{name}.json").read_text(encoding="utf-8"))


def share(part: int, whole: int) -> str:
    """百分数，一位小数，向下取：99.96% 不写成 100%。"""
    return f"{part * 1000 // whole / 10:.1f}%" if whole else "—"


def tally(data: dict[str, Any]) -> Counter[str]:
    """全部模块的变异体加在一起。"""
    total: Counter[str] = Counter()
    for module in data["modules"].values():
        total.update(module)
    return total


def equivalent() -> list[dict[str, Any]]:
    """等价的变异体的账。"""
    text = (ROOT / "trust" / "equivalent.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["equivalent"]


def mutants() -> str:
    """全部的变异体，再是各模块的。"""
    data = load("mutation")
    named = [("合计", dict(tally(data))), *sorted(data["modules"].items())]
    rows = []
    for name, n in named:
        left = n["mutants"] - n.get("equivalent", 0)
        page, test = n.get("page", 0), n.get("test", 0)
        rest = [n.get("open", 0), n.get("alive", 0)]
        shown = breakable(name) if name != "合计" else f"**{name}**"
        cells = [n["mutants"], n.get("equivalent", 0), share(page, left)]
        rows.append([shown, *map(str, [*cells, share(page + test, left), *rest])])
    head = ["模块", "处数", "其中等价", "页面揭穿", "连同测试", "还没问测试", "没揭穿"]
    return grid(head, rows)


def breakable(name: str) -> str:
    """模块的名字，窄屏上只在点与下划线后面换行。"""
    return f"<code>{name.replace('.', '.<wbr>').replace('_', '_<wbr>')}</code>"


def alive() -> str:
    """没有被揭穿的变异体。"""
    data = load("mutation")
    left = tally(data)["open"]
    rest = f"问过测试的里没有；还有 {left} 处没问过。" if left else "没有。"
    return "\n".join(f"- `{short(name)}`" for name in data["alive"]) or rest


def ledger() -> str:
    """等价的变异体与理由。"""
    rows = [
        [entry["reason"], "<br>".join(f"`{cell(m)}`" for m in entry["mutants"])]
        for entry in equivalent()
    ]
    return grid(["为什么换了也没有区别", "哪些"], rows)


def short(mutant: str) -> str:
    """变异体的名字，不带包名。"""
    return mutant.removeprefix("dlnotes_lib.")


def cell(mutant: str) -> str:
    """变异体的名字，写得进表格。"""
    return short(mutant).replace("|", "\\|")


def faults() -> str:
    """埋过的错。"""
    rows = [
        [
            row["kind"],
            row["what"],
            row["published"] or "",
            "抓住" if row["verdict"] == "caught" else f"**{row['verdict']}**",
            "<br>".join(f"`{by.split('::')[-1]}`" for by in row["by"]),
        ]
        for row in load("drill")["rows"]
    ]
    return grid(["种类", "埋下的错", "真有人这样写", "结果", "抓住它的检查"], rows)


def transcriptions() -> str:
    """公式、库里的函数、誊写与误差。"""
    rows = []
    for row in load("formulas")["rows"]:
        lesson = row["tag"].rpartition(".")[0]
        function = row["function"]
        rows.append(
            [
                link(lesson, f"{lesson} 节"),
                f"({row['tag']})",
                f"`{function}`",
                f"`{row['oracle'].removeprefix('trust.formulas.')}`",
                f"{row['error']:.0e}" if row["error"] else "0",
            ]
        )
    return grid(["课文", "公式", "库里的函数", "誊写", "最大相对误差"], rows)


def corners() -> str:
    """版本的三个角。"""
    rows = [
        [r["python"], r["numpy"], str(r["doctests"]), str(r["blocks"])]
        for r in load("corners")["rows"]
    ]
    return grid(["Python", "NumPy", "通过的 doctest", "跑过的代码块"], rows)


def first_run() -> str:
    """按下“运行”：传多少、等多久，与原样的 Pyodide 比。"""
    data = load("browser")
    sizes = [data["bytes"][k] for k in ("first_run", "stock_first_run")]
    amounts = [f"{n / 1e6:.2f} MB" for n in sizes]
    names = {"cold": "第一次按", "warm": "刷新以后按", "again": "接着再按"}
    rows = [["第一次要下载", *amounts, f"{sizes[0] / sizes[1]:.2f}"]]
    for kind, name in names.items():
        row = data["clicks"][kind]
        times = [f"{row[k]:.2f} 秒" for k in ("seconds", "stock_seconds")]
        rows.append([f"{name}，到结果出来", *times, f"{row['ratio']:.2f}"])
    return grid(["量什么", "这里", "原样的 Pyodide", "这里比原样"], rows)


def training() -> str:
    """训练一个网络：浏览器里与本机。"""
    rows = [
        [
            task.replace("-", " → "),
            f"{row['seconds']:.2f} 秒",
            f"{row['native_seconds']:.2f} 秒",
            f"{row['ratio']:.1f} 倍",
        ]
        for task, row in load("browser")["training"].items()
    ]
    return grid(["网络", "浏览器里", "同一台电脑上", "浏览器比电脑"], rows)
