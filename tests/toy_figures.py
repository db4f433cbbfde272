"""一个临时的小包，两张图；给机器的测试埋错误用。"""

import importlib
import itertools
import sys
from pathlib import Path

SERIAL = itertools.count()
ADAM = '''"""插图。"""

from matplotlib.figure import Figure

from {package}.experiments import adam as computed
from {package}.experiments.adam import LIMIT

COLOR = "C1"
UNUSED = 1


def path() -> Figure:
    """路径。"""
    fig = Figure()
    fig.subplots().plot(_halves(), color=COLOR)
    return fig


def other() -> Figure:
    """另一张。"""
    return Figure()


def _halves():
    return [v / 2 for v in computed.values(LIMIT)]
'''
COMPUTED = '''"""实验。"""

LIMIT = 3
STEP = 1


def values(limit):
    """一串数。"""
    return list(range(0, limit, STEP))


def unused():
    return 0
'''


def make(folder: Path) -> Path:
    """写出小包；每次名字不同，免得导入缓存串味。"""
    root = folder / f"toy{next(SERIAL)}"
    for part in (root, root / "experiments", root / "figures"):
        part.mkdir()
        (part / "__init__.py").touch()
    source = ADAM.replace("{package}", root.name)
    (root / "figures" / "adam.py").write_text(source, encoding="utf-8")
    (root / "experiments" / "adam.py").write_text(COMPUTED, encoding="utf-8")
    (root / "figures" / "_ink.py").write_text("def no_figure(): ...", encoding="utf-8")
    return root


def edit(path: Path, old: str, new: str) -> None:
    """改一处，并忘掉已导入的小包。"""
    source = path.read_text(encoding="utf-8")
    assert old in source
    path.write_text(source.replace(old, new), encoding="utf-8")
    importlib.invalidate_caches()
    for name in [n for n in sys.modules if n.split(".")[0][:3] == "toy" and "." in n]:
        del sys.modules[name]
