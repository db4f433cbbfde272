"""各项演习的结果写成 JSON，带着日期与提交，网站的“凭什么相信”那一页读它。"""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dlnotes_lib.publish.pages import ROOT


def commit() -> str:
    """现在的提交；库、页面或测试有改动没提交就加一个“+”，不在仓库里是空串。"""

    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=ROOT, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    changed = git("status", "--porcelain", "dlnotes_lib", "docs", "tests")
    return git("rev-parse", "--short=10", "HEAD") + "+" * bool(changed)


def write(path: Path, **data: Any) -> None:
    """写下结果。"""
    made = {"date": datetime.now(UTC).date().isoformat(), "commit": commit()}
    text = json.dumps(made | data, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")
