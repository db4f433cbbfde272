"""中文换行不变成空格，别处的换行照旧。"""

import markdown
import pytest

CASES = [
    ("两个字\n之间", "两个字之间"),
    ("逗号，\n之后", "逗号，之后"),
    ("逗号，\nLatin", "逗号，Latin"),
    ("用 NumPy\n算", "用 NumPy\n算"),
    ("plain\nEnglish", "plain\nEnglish"),
    ("汉字\n**加粗**\n之后", "汉字<strong>加粗</strong>之后"),
    ("汉字\n`code`\n之后", "汉字\n<code>code</code>\n之后"),
    ("标点：\n`code`", "标点：<code>code</code>"),
    ("**粗\n体**", "<strong>粗体</strong>"),
    ("换行  \n保留", "换行<br>\n保留"),
]


@pytest.mark.parametrize(("source", "shown"), CASES)
def test_a_line_break_is_dropped_only_where_no_space_belongs(
    source: str, shown: str
) -> None:
    page = markdown.markdown(source, extensions=["dlnotes_lib.publish.line_joins"])
    assert page.replace("<br />", "<br>") == f"<p>{shown}</p>"


def test_code_blocks_keep_their_lines() -> None:
    source = "    中文\n    注释"
    page = markdown.markdown(source, extensions=["dlnotes_lib.publish.line_joins"])
    assert "中文\n注释" in page


def test_a_formula_keeps_its_text_and_the_space_before_it() -> None:
    extensions = ["pymdownx.arithmatex", "dlnotes_lib.publish.line_joins"]
    settings = {"pymdownx.arithmatex": {"generic": True}}
    source = "汉字\n$\\text{汉\n字}$"
    page = markdown.markdown(source, extensions=extensions, extension_configs=settings)
    assert "汉字\n<span" in page
    assert "汉\n字" in page
