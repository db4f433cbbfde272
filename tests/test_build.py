"""构建：没有警告、可以复现、写断的链接会按名字报出来。"""

import re
import shutil
from pathlib import Path

import pytest
from built import ROOT, build
from packed import lacking

PACK = ROOT / "docs/assets/py"

FAULTS = """# 坏页

[没有这一页](nowhere.md)、[没有这一节](#no-such-section)、[没有这个名字][dlnotes_lib.no_such]。

![没有这张图](no-such.svg)
"""


def files(site: Path) -> dict[str, bytes]:
    return {
        file.relative_to(site).as_posix(): file.read_bytes()
        for file in site.rglob("*")
        if file.is_file()
    }


@pytest.mark.long("再建一次网站")
def test_two_builds_are_byte_identical(built_site: Path, tmp_path: Path) -> None:
    code, log = build(ROOT, tmp_path / "dlnotes")
    assert code == 0, log
    first, second = files(built_site), files(tmp_path / "dlnotes")
    assert set(first) == set(second)
    assert [name for name in first if first[name] != second[name]] == []


def test_the_pack_is_copied_as_it_is_and_is_no_page(built_site: Path) -> None:
    if not PACK.exists():
        lacking("no pack: run python -m browser.pack")
    assert files(built_site / "assets/py") == files(PACK)
    kinds = {path.suffix for path in (built_site / "assets/py").rglob("*.*")}
    assert {".mjs", ".wasm", ".zip", ".whl", ".json", ".txt"} <= kinds
    for name in ("sitemap.xml", "search/search_index.json"):
        assert "assets/py" not in (built_site / name).read_text(encoding="utf-8")


def small_project(project: Path, page: str) -> None:
    """用同一份设置，只有一页的小站。"""
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "dlnotes_lib", project / "dlnotes_lib", ignore=ignore)
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    settings = re.sub(r"(?ms)^nav:\n.*?(?=^\S)", "nav: [index.md]\n", settings)
    (project / "mkdocs.yml").write_text(settings, encoding="utf-8")
    for made in ("docs/assets/figures", "docs/assets/moving"):  # 省得构建时重画
        shutil.copytree(ROOT / made, project / made)
    (project / "docs/index.md").write_text(page, encoding="utf-8")


@pytest.fixture(scope="module")
def broken_build(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str]:
    """只有坏页的小站。"""
    project = tmp_path_factory.mktemp("broken")
    small_project(project, FAULTS)
    (project / "docs/forgotten.md").write_text("# 不在目录里\n", encoding="utf-8")
    return build(project, project / "site")


@pytest.mark.parametrize(
    "name",
    [
        "a link 'nowhere.md'",
        "a link '#no-such-section'",
        "a link 'no-such.svg'",
        "cross-reference target 'dlnotes_lib.no_such'",
        "- forgotten.md",
    ],
)
def test_a_broken_reference_fails_the_build_by_name(
    name: str, broken_build: tuple[int, str]
) -> None:
    code, log = broken_build
    assert code != 0
    assert name in log


BLOCK = "# 页\n\n```pycon\n>>> 1\n1\n```\n"


def test_only_a_site_with_the_pack_has_the_scripts_that_run_blocks(tmp_path: Path):
    small_project(tmp_path, BLOCK)
    code, log = build(tmp_path, tmp_path / "site")
    assert code == 0, log
    without = (tmp_path / "site/index.html").read_text(encoding="utf-8")
    manifest = tmp_path / "docs/assets/py/manifest.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text('{"gzip": 12}', encoding="utf-8")
    code, log = build(tmp_path, tmp_path / "site")
    assert code == 0, log
    page = (tmp_path / "site/index.html").read_text(encoding="utf-8")
    added = [line.strip() for line in page.split("\n") if line not in without]
    assert added == [
        '<meta name="dlnotes-pack" content="assets/py/manifest.json" data-bytes="12">',
        '<link rel="stylesheet" href="assets/stylesheets/cell.css">',
        '<script type="module" src="assets/javascripts/cell/cell.mjs"></script>',
    ]
    assert "data-block=" in without
    assert "cell" not in without
