"""从 npm 取钉住的 Pyodide，核对完整性；取过一次以后不用联网。"""

import base64
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".pack"
VERSION = "314.0.7"
INTEGRITY = (
    "sha512-0YvXxEhfEdpLfb/XkM2BFAeMROq0iMUX2bzzH9pOttyMcWkwq+HbE5uyuGD82LN7y2q"
    "+SNvi/6V5JEsOlD2R1A=="
)


class PackError(RuntimeError):
    """做不出这一包；消息写给装环境的人看。"""


def integrity(data: bytes) -> str:
    """npm 写在 package-lock.json 里的那种摘要。"""
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


def tool(name: str) -> str:
    """命令的路径；没装就说清楚。"""
    path = shutil.which(name)
    if path is None:
        raise PackError(f"{name} not found: install Node.js 20 or newer (with npm)")
    return path


def run(*command: str, cwd: Path | None = None) -> str:
    """跑一个命令，返回它打印的；失败就把它的话报出来。"""
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode:
        said = (done.stdout + done.stderr).strip()
        raise PackError(f"{Path(command[0]).name} failed ({done.returncode}):\n{said}")
    return done.stdout


def tarball(cache: Path = CACHE) -> Path:
    """npm 上的原包；缓存里没有、或与钉住的摘要不同，就重新取。

    Raises:
        PackError: 取不到，或者取来的不是钉住的那一份。
    """
    path = cache / f"pyodide-{VERSION}.tgz"
    if path.exists() and integrity(path.read_bytes()) == INTEGRITY:
        return path
    cache.mkdir(parents=True, exist_ok=True)
    run(tool("npm"), "pack", f"pyodide@{VERSION}", "--silent", cwd=cache)
    got = integrity(path.read_bytes())
    if got != INTEGRITY:
        path.unlink()
        raise PackError(f"pyodide@{VERSION}: integrity is {got}, expected {INTEGRITY}")
    return path


def unpacked(cache: Path = CACHE) -> Path:
    """解开的原包，里面有 ``pyodide.mjs``、``pyodide.asm.wasm`` 等。"""
    folder = cache / f"pyodide-{VERSION}"
    if not folder.exists():
        source = tarball(cache)
        stage = Path(tempfile.mkdtemp(dir=cache))
        with tarfile.open(source, encoding="utf-8") as archive:
            archive.extractall(stage, filter="data")
        stage.rename(folder)  # 一步到位：看得见就是解完了
    return folder / "package"
