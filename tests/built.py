"""读建好的站点：把每一页 HTML 拆成元素与文字，供各项检查使用。"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).parents[1]
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta"}
VOID |= {"source", "track", "wbr"}
EPOCH = "1700000000"


@dataclass
class Element:
    """一个元素：标签、属性、行号，以及它里面直接写着的文字。"""

    tag: str
    attrs: dict[str, str]
    line: int
    inside: tuple["Element", ...] = field(repr=False)  # 层层套着，印出来没有尽头
    text: str = ""

    def has_class(self, name: str) -> bool:
        """class 里有没有 name。"""
        return name in self.attrs.get("class", "").split()


@dataclass
class Page:
    """一页：相对站点根目录的路径、全部元素、不在标签里的每一段文字。"""

    path: str
    elements: list[Element] = field(default_factory=list, repr=False)


class Reader(HTMLParser):
    """把 HTML 读成 Page。"""

    def __init__(self, path: str) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page(path)
        self.open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        element = Element(tag, values, self.getpos()[0], tuple(self.open))
        self.page.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in {element.tag for element in self.open}:
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self.open:
            self.open[-1].text += data


def read_page(path: str, text: str) -> Page:
    """一页 HTML。"""
    reader = Reader(path)
    reader.feed(text)
    reader.close()
    return reader.page


def read_site(site: Path) -> dict[str, Page]:
    """站点里全部 HTML 页，键是相对路径。"""
    files = sorted(site.rglob("*.html"))
    names = [file.relative_to(site).as_posix() for file in files]
    return {
        name: read_page(name, file.read_text(encoding="utf-8"))
        for name, file in zip(names, files, strict=True)
    }


def build(project: Path, site: Path) -> tuple[int, str]:
    """照发布时的样子建一次站点，返回退出码与全部输出。"""
    settings = {
        "SITE_URL": "https://example.org/dlnotes/",
        "SOURCE_DATE_EPOCH": EPOCH,
        "NO_MKDOCS_2_WARNING": "1",
        "PYTHONUTF8": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(site)],
        cwd=project,
        env=os.environ | settings,
        capture_output=True,
        encoding="utf-8",
    )
    return done.returncode, done.stdout + done.stderr


def warnings_in(log: str) -> list[str]:
    """构建输出里的警告与错误。"""
    return [line for line in log.splitlines() if line.startswith(("WARNING", "ERROR"))]


def shared_site(folder: Path) -> Path:
    """folder 里建好的站点：先来的建，后来的等它建完。"""
    site, log = folder / "site" / "dlnotes", folder / "site.log"
    try:
        (folder / "site").mkdir()
    except FileExistsError:
        while not log.exists():
            time.sleep(0.1)
    else:
        code, said = build(ROOT, site)
        draft = folder / "site.draft"
        draft.write_text(f"{code}\n{said}", encoding="utf-8")
        draft.rename(log)
    code, _, said = log.read_text(encoding="utf-8").partition("\n")
    assert code == "0", said
    assert warnings_in(said) == []
    return site
