"""构建时算出的表，写成 Markdown。"""


def grid(head: list[str], rows: list[list[str]]) -> str:
    """Markdown 表格。"""
    table = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in table)
