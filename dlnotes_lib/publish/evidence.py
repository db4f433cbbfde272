"""Markdown 围栏 ``evidence``：凭什么相信这个网站，构建时由各项演习的结果算出。

围栏里写 `TABLES` 里的一个名字。代码块当场数；其余读 ``trust/`` 里的结果，那里写着哪天、
哪个提交上跑的。
"""

from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from markdown import Markdown
from pymdownx.superfences import SuperFencesException

from dlnotes_lib.publish import drills, golden, moving
from dlnotes_lib.publish.blocks import runs_elsewhere
from dlnotes_lib.publish.browser import unrunnable
from dlnotes_lib.publish.drills import load, share, tally
from dlnotes_lib.publish.figures import discover
from dlnotes_lib.publish.formulas import OWN
from dlnotes_lib.publish.grids import grid
from dlnotes_lib.publish.pages import DOCS, Page, page_files, render

PAGE = DOCS / "trust.md"


def pages() -> list[Page]:
    """除了这一页自己，全部页面。"""
    paths = [path for path in page_files() if path != PAGE]
    return _rendered(tuple((path, path.stat().st_mtime_ns) for path in paths))


@lru_cache(maxsize=1)
def _rendered(paths: tuple[tuple[Path, int], ...]) -> list[Page]:
    """几张表要用同一批页面，只渲染一遍；有一页改过就重来。"""
    return [render(path) for path, _ in paths]


def blocks(rendered: list[Page]) -> Counter[str]:
    """代码块：在这里跑或比较的、在框架环境里跑的、写明不跑的。"""
    found: Counter[str] = Counter()
    for page in rendered:
        for block in page.blocks:
            elsewhere = runs_elsewhere(page.blocks, block)
            skipped = block.skip is not None
            found["skipped" if skipped else "elsewhere" if elsewhere else "run"] += 1
    return found


def summary() -> str:
    """一眼看完的总表。"""
    rows = [
        ["代码块", counted(), "每次推送"],
        ["在浏览器里运行", pressed(), "每次推送"],
        ["插图", drawn(), "每次推送"],
        ["公式", formulas(), f"每次推送；误差：{when('formulas')}"],
        ["改坏库里的一处", mutation(), when("mutation")],
        ["埋错", planted(), when("drill")],
        ["版本", versions(), when("corners")],
        ["与框架对照", parity(), "每次推送；每月另用最新的版本重走"],
    ]
    return grid(["查什么", "结果", "什么时候"], rows)


def when(name: str) -> str:
    """哪天、哪个提交。"""
    data = load(name)
    return f"{data['date']}，`{data['commit']}`"


def counted() -> str:
    """代码块的普查。"""
    count = blocks(pages())
    return (
        f"渲染 {count.total()} 块：在这里跑或比较 {count['run']}，"
        f"在框架的环境或浏览器里跑 {count['elsewhere']}，"
        f"写明理由不跑 {count['skipped']}"
    )


def pressed() -> str:
    """读者能按“运行”的，与写明不能在浏览器里跑的。"""
    stays = [
        bool(unrunnable(page.blocks, block))
        for page in pages()
        for block in page.blocks
        if block.kind in ("script", "console") and block.skip is None
    ]
    return (
        f"{stays.count(False)} 块在 Chromium 里跑过，打印的与页面写的相同；"
        f"{stays.count(True)} 块写明为什么不能"
    )


def drawn() -> str:
    """插图，连同会动的。"""
    return (
        f"{len(discover())} 张，另有会动的 {len(moving.discover())} 张，"
        "图里的数据都与另写的预期比对"
    )


def formulas() -> str:
    """公式与代码。"""
    rows = load("formulas")["rows"]
    worst = max(row["error"] for row in rows)
    return (
        f"{len(rows)} 个编号的公式，各用 {rows[0]['cases']} 组随机数与库比对，"
        f"最大相对误差 {worst:.1e}"
    )


def mutation() -> str:
    """变异演习。"""
    total = tally(load("mutation"))
    left, seen = total["mutants"] - total["equivalent"], load("canary")["rows"]
    return (
        f"{total['mutants']} 处，其中 {total['equivalent']} 处等价，不算；"
        f"只看页面，揭穿 {share(total['page'], left)}；"
        f"加上测试，揭穿 {share(total['page'] + total['test'], left)}"
        + f"；揭穿的里有 {total['timeout']} 处是算得太久被叫停"
        + (f"（还有 {total['open']} 处没有问过测试）" if total["open"] else "")
        + f"；随机抽 {len(seen)} 处重验，{sum(row['good'] for row in seen)} 处成立"
    )


def planted() -> str:
    """埋错演习。"""
    data = load("drill")
    return f"{data['faults']} 个，被点了名的检查抓住 {data['caught']} 个"


def versions() -> str:
    """版本的三个角。"""
    rows = load("corners")["rows"]
    return "；".join(f"Python {r['python']} 与 NumPy {r['numpy']}" for r in rows)


def parity() -> str:
    """走过的轨迹，多少与库一致，多少是列出的不同。"""
    data = golden.load()
    versions = "、".join(f"{name} {v}" for name, v in data["versions"].items())
    known = [own for own in OWN.values() if own.cases]
    other = sum(
        run["case"] in own.cases
        for key, own in OWN.items()
        for run in data["runs"]
        if (run["framework"], run["optimizer"], run["variant"]) == key
    )
    return (
        f"{len(data['runs'])} 条轨迹：与库一致 {len(data['runs']) - other} 条；"
        f"不同 {other} 条，都属于 {len(known)} 处已知的不同（{versions}）"
    )


def skipped() -> str:
    """写明不跑的代码块与理由。"""
    rows = [
        [page.name, str(block.line), block.skip]
        for page in pages()
        for block in page.blocks
        if block.skip is not None
    ]
    return grid(["页面", "行", "理由"], rows)


TABLES: dict[str, Callable[[], str]] = {
    "summary": summary,
    "mutants": drills.mutants,
    "alive": drills.alive,
    "ledger": drills.ledger,
    "faults": drills.faults,
    "transcriptions": drills.transcriptions,
    "corners": drills.corners,
    "first-run": drills.first_run,
    "training": drills.training,
    "skipped": skipped,
}


def fence(
    source: str, language: str, css_class: str, options: Any, md: Any, **_: Any
) -> str:
    """Superfences 的 ``format`` 回调。

    Raises:
        SuperFencesException: 表算不出来。别的异常 superfences 会吞掉，照登原文。
    """
    name = source.strip()
    try:
        text = TABLES[name]()
    except Exception as error:
        raise SuperFencesException(f"evidence {name!r}: {error!r}") from error
    inner = Markdown(extensions=["tables", "md_in_html"])
    return f'<div class="evidence {name}" data-computed>{inner.convert(text)}</div>'
