"""代码块的机器：一块不漏、跑得对、改得对。每个检查都有一个会让它变红的样例。"""

from pathlib import Path

import pytest
from pymdownx.superfences import SuperFencesException

from dlnotes_lib.publish import run_blocks
from dlnotes_lib.publish.blocks import copy_text
from dlnotes_lib.publish.compare import same_text
from dlnotes_lib.publish.pages import render
from dlnotes_lib.publish.run_blocks import run_page

WRONG = ">>> 1 + 1\n3"


def page_of(tmp_path: Path, text: str):
    path = tmp_path / "page.md"
    path.write_text(text, encoding="utf-8")
    return render(path)


def findings(page):
    return run_blocks.findings(page, run_page(page))


def updated(page):
    return run_blocks.updated(page, run_page(page))


def indent(text: str, by: str = "    ") -> str:
    return "\n".join(by + line for line in text.split("\n"))


FORMS = {
    "plain": f"```pycon\n{WRONG}\n```",
    "alias": '```py title="例"\nprint(3)\n```\n\n```text title="输出"\n4\n```',
    "title": f'```pycon title="例"\n{WRONG}\n```',
    "highlighted lines": f'```pycon hl_lines="1"\n{WRONG}\n```',
    "braces": f"```{{.pycon}}\n{WRONG}\n```",
    "braces with a class": f"```{{ .pycon .wide }}\n{WRONG}\n```",
    "tildes": f"~~~pycon\n{WRONG}\n~~~",
    "capital": f"```Pycon\n{WRONG}\n```",
    "admonition": f"!!! note\n\n    ```pycon\n{indent(WRONG)}\n    ```",
    "folded": f'??? note "练习"\n\n    ```pycon\n{indent(WRONG)}\n    ```',
    "tab": f'=== "一"\n\n    ```pycon\n{indent(WRONG)}\n    ```',
    "list": f"1. 一\n\n    ```pycon\n{indent(WRONG)}\n    ```",
    "quote": f"> ```pycon\n{indent(WRONG, '> ')}\n> ```",
    "no blank line before the fence": f"文字\n```pycon\n{WRONG}\n```",
    "tab in admonition": '!!! note\n\n    === "一"\n\n        ```pycon\n'
    f"{indent(WRONG, ' ' * 8)}\n        ```",
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS.keys())
def test_a_wrong_output_is_found_in_every_form_of_block(tmp_path, text):
    page = page_of(tmp_path, f"# 页\n\n{text}\n")
    (finding,) = findings(page)
    code = next(i for i, s in enumerate(page.lines, 1) if ">>>" in s or "print" in s)
    assert finding.startswith(f"page.md:{code}: 输出不符")


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS.keys())
def test_update_mends_the_output_in_place_in_every_form(tmp_path, text):
    page = page_of(tmp_path, f"# 页\n\n{text}\n\n结尾\n")
    mended = page_of(tmp_path, updated(page))
    assert findings(mended) == []
    assert len(mended.lines) == len(page.lines)
    changed = [(a, b) for a, b in zip(page.lines, mended.lines, strict=True) if a != b]
    assert len(changed) == 1


FAULTS = {
    "wrong error": (
        '```python\nint("x")\n```\n\n```text title="报错"\nValueError: y\n```'
    ),
    "error without being told": '```pycon\n>>> int("x")\n1\n```',
    "told an error that does not come": (
        ">>> 1".join(
            ["```pycon\n", "\nTraceback (most recent call last):\nOSError: x\n```"]
        )
    ),
    "output that is not shown": "```python\nprint(1)\n```",
    "shown output that does not come": '```python\nx = 1\n```\n\n```text title="输出"\n1\n```',
    "warning": "```pycon\n>>> import numpy as np\n>>> np.log(np.zeros(1)).tolist()\n[-inf]\n```",
    "uses a name of another block": "```pycon\n>>> x = 1\n```\n\n```pycon\n>>> x\n1\n```",
    "order of two numbers": "```pycon\n>>> [0.0, 1.0]\n[1.0, 0.0]\n```",
    "rounded where it is not": "```pycon\n>>> 9.999999999999993\n10.0\n```",
}


@pytest.mark.parametrize("text", FAULTS.values(), ids=FAULTS.keys())
def test_a_block_that_does_not_do_what_it_shows_is_found(tmp_path, text):
    assert findings(page_of(tmp_path, text))


REFUSED = {
    "a language that is neither run nor skipped": (
        "```bash\nls\n```",
        "neither run nor",
    ),
    "no language": ("```\nls\n```", "neither run nor"),
    "an empty reason": ('```{ .bash data-skip="" }\nls\n```', "must give a reason"),
    "an output of nothing": ('```text title="输出"\n1\n```', "must follow a python"),
    "continuing nothing": ("```{ .pycon .continues }\n>>> 1\n1\n```", "no block above"),
    "continuing an error": (
        '```python\n1/0\n```\n\n```text title="报错"\nZeroDivisionError: x\n```\n\n'
        "```{ .python .continues }\nx = 1\n```",
        "block that raises",
    ),
    "continuing another kind": (
        "```python\nx = 1\n```\n\n```{ .pycon .continues }\n>>> x\n1\n```",
        "of its own kind",
    ),
    "a console without prompt": ("```pycon\n1 + 1\n```", "needs a >>> prompt"),
    "an error that is not the last": (
        "```pycon\n>>> 1/0\nTraceback (most recent call last):\nZeroDivisionError: "
        "division by zero\n>>> 1\n1\n```",
        "must be the last",
    ),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_a_misplaced_block_stops_the_build_and_names_its_line(tmp_path, text, message):
    fences = [i for i, s in enumerate(text.split("\n"), 3) if s.startswith("```")]
    with pytest.raises(SuperFencesException, match=message) as error:
        page_of(tmp_path, f"# 页\n\n{text}\n")
    assert f"line {fences[-2] + 1}:" in str(error.value)


def test_a_continued_block_says_so_and_copies_the_whole_chain(tmp_path):
    page = page_of(
        tmp_path,
        "```pycon\n>>> x = 1\n>>> x\n1\n```\n\n```{ .pycon .continues }\n>>> x + 1\n2\n```",
    )
    assert findings(page) == []
    assert copy_text(page.blocks, page.blocks[1]) == "x = 1\nx\nx + 1\n"
    assert "接上一段" in page.html
    assert 'data-copy="x = 1\nx\nx + 1\n"' in page.html


def test_update_fills_an_empty_output_block_in_its_place(tmp_path):
    text = (
        '文\n\n```python\nprint(1)\nprint(2)\n```\n\n```text title="输出"\n```\n\n尾\n'
    )
    page = page_of(tmp_path, text)
    assert updated(page) == text.replace('"输出"\n', '"输出"\n1\n2\n')


def test_a_skipped_block_is_counted_and_keeps_its_reason(tmp_path):
    page = page_of(tmp_path, '```{ .bash data-skip="由 CI 执行" }\nls\n```')
    assert [(b.kind, b.skip) for b in page.blocks] == [("skipped", "由 CI 执行")]
    assert run_page(page) == []


def test_front_matter_does_not_shift_the_line_numbers(tmp_path):
    page = page_of(tmp_path, f"---\ntitle: 页\n---\n# 页\n\n```pycon\n{WRONG}\n```\n")
    assert findings(page)[0].startswith("page.md:7:")


SAME = [
    ("array([1., 2.])", "array([1.,  2.])", True),
    ("[ 0.5]", "[0.5]", True),
    ("array([1., 0.])", "array([0., 1.])", False),
    ("0.3", "0.2", False),
    ("0.30", "0.3", False),
    ("10.0", "9.999999999999993", False),
    ("0.1234567", "0.12345671", True),
    ("0.1234567", "0.1234577", False),
    ("1.0000001e-9", "1.0000002e-9", True),
    ("x1 = 3", "x2 = 3", False),
    ("(3, 1)", "(1, 3)", False),
    ("-0.0", "0.0", False),
]


@pytest.mark.parametrize(("wanted", "got", "same"), SAME)
def test_outputs_are_compared_as_text_and_only_long_numbers_loosely(wanted, got, same):
    assert same_text(wanted, got) is same


ELSEWHERE = """```{ .python data-needs="torch numpy" }
import torch
print(torch.tensor(1.0))
```

```text title="输出"
tensor(1.)
```

```{ .python .continues }
print(3)
```

```pycon
>>> 1 + 1
2
```
"""


def test_a_block_that_needs_another_package_is_not_run_here_but_counted(tmp_path):
    page = page_of(tmp_path, ELSEWHERE)
    results = run_page(page)
    assert [r.got for r in results] == ["2\n"]
    assert run_blocks.findings(page, results) == []
    assert run_blocks.census(page, results) == (4, 1, 0, 3)
    assert "需要 torch、numpy" in page.html
    assert page.blocks[0].needs == ("torch", "numpy")


def test_the_blocks_that_need_other_packages_can_be_run_by_themselves(tmp_path):
    text = ELSEWHERE.replace("torch numpy", "json").replace(
        "import torch\nprint(torch.tensor(1.0))",
        "import json, warnings\nwarnings.warn('theirs')\nprint(json.dumps([1]))",
    )
    page = page_of(tmp_path, text)
    results = run_page(page, elsewhere=True)
    assert [r.got for r in results] == ["[1]\n", "3\n"]
    (finding, _) = run_blocks.findings(page, results)
    assert "期望: 'tensor(1.)" in finding
    assert "[1]" in run_blocks.updated(page, results)


def test_a_block_that_needs_nothing_by_name_is_refused(tmp_path):
    with pytest.raises(SuperFencesException, match="must name a package"):
        page_of(tmp_path, ELSEWHERE.replace("torch numpy", " "))
