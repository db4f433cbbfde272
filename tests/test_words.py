"""文字：中西文排版、术语、常见笔误。代码与公式先遮住，再逐行检查。

术语表 docs/glossary.md 就是数据：一个英文词只有一个中文译名；“不写”一列的写法到处都不许出现。
"""

import re
from pathlib import Path

import pytest

from dlnotes_lib.publish.errata import entries
from dlnotes_lib.publish.pages import DOCS, page_files

SLIPS = {
    r"您": "用“你”",
    r"[！!](?![=\[])": "不用感叹号",
    r"显然|众所周知|不难看出|魔法|显而易见": "不用这类词",
    r"[「」『』]": "引号用 “ ”",
    r"[\u2e80-\u2fdf\uf900-\ufaff]": "部首字，不是汉字，搜索不到",
    r"(?<=[\u4e00-\u9fff]),|,(?=[\u4e00-\u9fff])": "中文里用全角逗号",
    r"(?<=[\u4e00-\u9fff])[;:?]|[;:?](?=[\u4e00-\u9fff])": "中文里用全角标点",
    r"\.\.\.|。。": "省略号写 ……",
    r"([的了是在和把])\1": "叠字",
    r"登陆|即然|己经|既使|象这样|至所以|帐号|其它": "错别字",
    r"lamda|Lamda|Relu|Numpy|Pytorch|Tensorflow|Matplotlib(?=库)|MKDocs": "拼写",
    r"(?<=[\u4e00-\u9fff])“ | ”(?=[\u4e00-\u9fff])": "引号内侧不空格",
    r"[\u4e00-\u9fff] +[，。；：、）？]|[，。；：、（] +[\u4e00-\u9fff]": "全角标点旁不空格",
}
GLOSSARY = DOCS / "glossary.md"


def masked(text: str) -> list[str]:
    """遮住代码与公式、去掉缩进后的各行；行数不变。"""
    lines, fence = [], ""
    for line in text.split("\n"):
        mark = re.match(r"[\s>]*(```+|~~~+)", line)
        if mark and (not fence or mark[1] == fence):
            fence = "" if fence else mark[1]
            lines.append("")
        else:
            lines.append("" if fence else re.sub(r"^[\s>]+|^ *[!?]{3}", "", line))
    joined = "\n".join(lines)
    for pattern in (r"\$\$.*?\$\$", r"<!--.*?-->"):
        joined = re.sub(pattern, lambda m: "\n" * m[0].count("\n"), joined, flags=re.S)
    joined = re.sub(r"\$[^$\n]+\$|`[^`\n]+`", "CODE", joined)
    joined = re.sub(r"\]\([^)\n]*\)(\{[^}\n]*\})?", "]", joined)
    return re.sub(r"\]\[[^\]\n]*\]", "]", joined).split("\n")


def terms(text: str) -> list[tuple[str, str, list[str]]]:
    """术语表的各行：（中文，英文，不写的写法）。"""
    rows = []
    for line in text.split("\n"):
        cells = [c.strip() for c in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 4 and cells[0] not in ("中文", "---"):
            rows.append((cells[0], cells[1], re.findall(r"“([^”]+)”", cells[3])))
    return rows


def typography(name: str, lines: list[str]) -> list[str]:
    """中西文之间的空格与标点。"""
    autocorrect = pytest.importorskip("autocorrect_py")
    result = autocorrect.lint_for("\n".join(lines), "page.md")
    return [f"{name}:{r.line}: 排版 {r.old!r} → {r.new!r}" for r in result.lines]


def slips(name: str, lines: list[str]) -> list[str]:
    """常见笔误。"""
    return [
        f"{name}:{number}: {why}（{m[0]!r}）"
        for number, line in enumerate(lines, 1)
        for pattern, why in SLIPS.items()
        for m in re.finditer(pattern, line)
    ]


def terminology(name: str, lines: list[str], glossary: str) -> list[str]:
    """不许写的译名；“中文（English）”必须与术语表一致。"""
    rows = terms(glossary)
    known = {english.lower(): chinese for chinese, english, _ in rows}
    found = []
    for number, line in enumerate(lines, 1):
        for chinese, _, never in rows:
            for word in never:
                if word in line:
                    found.append(f"{name}:{number}: 写“{chinese}”，不写“{word}”")
        for m in re.finditer(
            r"([\u4e00-\u9fff/ \dA-Z]+)（([A-Za-z][A-Za-z \-/]+)）", line
        ):
            want = known.get(m[2].strip().lower())
            if want and not m[1].strip().endswith(want):
                found.append(f"{name}:{number}: {m[2]} 译作“{want}”，这里是“{m[1]}”")
    return found


def findings(name: str, text: str, glossary: str) -> list[str]:
    """一页的全部文字问题。"""
    lines = masked(text)
    found = typography(name, lines) + slips(name, lines)
    if name == "glossary.md":  # 它自己要列出不写的写法
        return found
    return found + terminology(name, lines, glossary)


@pytest.mark.parametrize("path", page_files(), ids=lambda p: p.stem)
def test_a_page_has_no_slip_of_the_pen(path: Path):
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(DOCS).as_posix()
    found = findings(name, text, GLOSSARY.read_text(encoding="utf-8"))
    assert not found, "\n".join(found)


def test_the_errata_have_no_slip_of_the_pen():
    glossary = GLOSSARY.read_text(encoding="utf-8")
    text = "\n".join(f"{e['problem']}\n\n{e['correction']}\n" for e in entries())
    lines = masked(text)
    found = typography("errata.toml", lines) + slips("errata.toml", lines)
    assert not found, "\n".join(found + terminology("errata.toml", [], glossary))


def test_the_glossary_gives_every_term_one_name():
    rows = terms(GLOSSARY.read_text(encoding="utf-8"))
    english = [e.lower() for _, e, _ in rows]
    chinese = {c for c, _, _ in rows}
    assert len(rows) >= 100
    assert len(set(english)) == len(english)
    assert not chinese & {word for _, _, never in rows for word in never}


TERMS = "| 偏置 | bias (parameter) | 见 1.4 | “偏差项” |\n| 掩码 | mask | | “掩膜” |\n"
FAULTS = {
    "space before Latin": ("用Adam优化。", "排版"),
    "space around a formula": ("公式$x$很短。", "排版"),
    "half-width comma": ("先算,再看。", "全角逗号"),
    "half-width comma in an admonition": (
        '!!! note "注"\n\n    先算,再看。',
        "全角逗号",
    ),
    "in a list in a tab": ('=== "一"\n\n    - 用Adam优化。', "排版"),
    "in a table": ("| 用Adam优化 |\n|---|\n", "排版"),
    "您": ("请您看。", "用“你”"),
    "exclamation mark": ("很快！", "感叹号"),
    "corner quotes": ("叫做「掩码」。", "引号"),
    "doubled word": ("这是是错的。", "叠字"),
    "obviously": ("显然成立。", "不用这类词"),
    "misspelt lambda": ("取 lamda 为零。", "拼写"),
    "radical copied from a PDF": ("先走⼀步。", "部首字"),
    "wrong character": ("即然如此。", "错别字"),
    "space before punctuation": ("很好 。", "全角标点旁不空格"),
    "forbidden term": ("这里的偏差项不罚。", "写“偏置”，不写“偏差项”"),
    "another name for a term": ("它的面具（mask）是布尔值。", "mask 译作“掩码”"),
}


@pytest.mark.parametrize(("text", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_a_slip_is_found_and_named_with_its_line(text, message):
    found = findings("a.md", f"# 页\n\n{text}\n", TERMS)
    assert any(message in f and re.match(r"a\.md:[3-5]: ", f) for f in found)


@pytest.mark.parametrize(
    "text",
    [
        "用 Adam 优化，掩码（mask）与偏置（bias (parameter)）。",
        "```python\nx=1 # 中文,abc\n```",
        "取 $x,y$ 与 `f(中文,x)`。",
        "$$\n\\text{中文,x}\n$$",
        "见 [论文](https://a.org/x,y)，占 3%，15°。",
    ],
)
def test_sound_prose_code_and_formulas_are_not_reported(text):
    assert findings("a.md", f"# 页\n\n{text}\n", TERMS) == []
