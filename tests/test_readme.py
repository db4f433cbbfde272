"""README 写给新来的人：一屏长，两条命令，没有浏览器那一套时测试也收集得起来。"""

import os
import subprocess
import sys

import pytest
from built import ROOT

COMMANDS = [
    'python -m pip install -e ".[docs]" && python -m mkdocs serve',
    'python -m pip install -e ".[test]" && python -m pytest -n 2 --dist loadfile',
]
COLLECT = """
import sys


class Without:
    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, *rest):
        hidden = name.split(".")[0] in {missing!r}
        return None if hidden else self.finder.find_spec(name, *rest)

    def __getattr__(self, name):
        return getattr(self.finder, name)


sys.meta_path[:] = map(Without, sys.meta_path)
import pytest
sys.exit(pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", "tests"]))
"""


def readme_findings(text: str) -> list[str]:
    """README 的毛病：太长、少一条命令、没有图。"""
    found = [
        f"README lacks the command {c}" for c in COMMANDS if f"\n{c}\n" not in text
    ]
    if text.count("\n") > 60:
        found.append(f"README has {text.count(chr(10))} lines, must fit one screen")
    if "](docs/assets/figures/" not in text:
        found.append("README shows no figure of the project")
    return found


def test_the_readme_is_short_and_gives_both_commands():
    assert readme_findings((ROOT / "README.md").read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("old", [*COMMANDS, "](docs/assets/figures/"])
def test_a_readme_without_a_part_is_found(old: str):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(readme_findings(text.replace(old, ""))) == 1
    assert len(readme_findings(text + "\n" * 60)) == 1


def collect_without(*missing: str) -> int:
    """假装没装这些包，只收集测试；返回退出码。"""
    env = {k: v for k, v in os.environ.items() if k != "CI"}
    done = subprocess.run(
        [sys.executable, "-c", COLLECT.format(missing=missing)],
        cwd=ROOT,
        env={**env, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        check=False,
    )
    return done.returncode


def test_the_tests_are_collected_without_the_browser_packages():
    assert collect_without("playwright", "axe_playwright_python", "sklearn") == 0


def test_a_package_the_tests_need_is_missed():
    assert collect_without("hypothesis") != 0
