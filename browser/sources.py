"""包里放什么：标准库与 NumPy 去掉哪些，本库放哪些；各自的摘要。"""

import hashlib
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

from browser import upstream, wheels

ROOT = Path(__file__).parents[1]
HERE = Path(__file__).parent
WHEEL = HERE / "wheels/numpy-2.4.6-1dlnotes-cp314-cp314-pyemscripten_2026_0_wasm32.whl"
LICENCES = HERE / "licences"
RECIPE = ("pack.py", "sources.py", "wheels.py", "repack.py", "repack.mjs")

# 标准库里在浏览器中用不上的：进程与网络服务、终端、邮件、别家的操作系统、旧式编码
UNUSED = re.compile(
    r"""
    ^( multiprocessing | xmlrpc | wsgiref | sqlite3 | dbm | venv | ensurepip
    | xml/(dom|sax) | concurrent/interpreters | ctypes/macholib | __phello__
    | site-packages ) /
    | ^( imaplib | mailbox | smtplib | ftplib | poplib | netrc | nntplib
      | mimetypes | webbrowser | pty | tty | getpass | wave | plistlib
      | modulefinder | pyclbr | tabnanny | zipapp | compileall | fileinput | filecmp
      | __hello__ | antigravity | this | nturl2path | sre_\w+ | trace | shelve
      | ctypes/(_aix|wintypes) | asyncio/(windows_\w+|proactor_events|tools|__main__)
      | http/(client|server|cookies|cookiejar) | urllib/(request|robotparser)
      | email/mime/\w+ | concurrent/futures/(process|interpreter)
      | _pyrepl/(?!__init__|pager|types|utils|trace)\w+
      | encodings/( cp(?!437|1252)\w+ | mac_\w+ | iso8859_(?!1\b|15)\w+ | koi8_\w
        | johab | kz1048 | hp_roman8 | palmos | ptcp154 | tis_620 | shift_\w+ | euc_\w+
        | iso2022_\w+ | hz | oem | mbcs | quopri_codec | uu_codec )
      ) \.py $
    """,
    re.X,
)
# NumPy 里给编译器、类型检查器、打包工具和它自己的测试用的
FOR_DEVELOPERS = re.compile(
    r"^numpy/(.*/)?(tests?|f2py|_pyinstaller|_examples|distutils|include|pkgconfig)/"
    r"|^numpy/(.*/)?(conftest\.py|cversions\.py|py\.typed|[\w.-]+\.(pyi|pxd|pyx|a|h|build))$"
)
# 没有编译器就没有 f2py；留一个空的，from numpy import * 才不出错
STAND_IN = {
    "numpy/f2py/__init__.py": b'"""Not in this pack: f2py needs a compiler."""\n'
}
OUTER = ("figures", "publish")
# 第二周的对照页要用的两个文件；publish 里别的都用来建网站
SHOWN = ("publish/__init__.py", "publish/golden.py", "publish/golden.json")


def digest(parts: Iterable[bytes]) -> str:
    """一串内容合在一起的 sha256；各段的长度也算在内。"""
    total = hashlib.sha256()
    for part in parts:
        total.update(hashlib.sha256(part).digest())
    return total.hexdigest()


def kept(files: dict[str, bytes], dropped: re.Pattern[str]) -> dict[str, bytes]:
    """去掉 dropped 之后剩下的。"""
    return {k: v for k, v in files.items() if not dropped.search(k)}


def recipe() -> list[bytes]:
    """决定产物字节的那几个文件。"""
    made_by = [HERE / name for name in RECIPE]
    return [path.read_bytes() for path in made_by]


def core_name() -> str:
    """核心文件夹的名字：Pyodide 的版本，加上它的全部来源的摘要。"""
    shipped = [path.read_bytes() for path in sorted(LICENCES.iterdir())]
    sources = [upstream.INTEGRITY.encode(), WHEEL.read_bytes(), *recipe(), *shipped]
    return f"{upstream.VERSION}-{digest(sources)[:8]}"


def version() -> str:
    """本库的版本。"""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["project"]["version"]


def library(root: Path = ROOT) -> dict[str, bytes]:
    """读者在浏览器里用得到的库：核心、各节的计算与它们的数据。"""
    package = root / "dlnotes_lib"
    names = {
        path.relative_to(package).as_posix(): path
        for path in sorted(package.rglob("*"))
        if path.suffix in {".py", ".npz", ".json"}
    }
    return {
        f"dlnotes_lib/{name}": path.read_bytes()
        for name, path in names.items()
        if name in SHOWN or name.split("/")[0] not in OUTER
    }


def library_wheel(root: Path = ROOT) -> tuple[str, dict[str, bytes]]:
    """本库的 wheel：文件名（构建号里是全部源文件的摘要）与里面的全部文件。"""
    info = f"dlnotes_lib-{version()}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: dlnotes_lib\nVersion: {version()}\n"
    files = library(root) | {
        f"{info}/METADATA": metadata.encode(),
        f"{info}/licenses/LICENSE": (root / "LICENSE").read_bytes(),
    }
    parts = [part for name, data in files.items() for part in (name.encode(), data)]
    build = f"0h{digest(parts)[:12]}"
    wheel = "Wheel-Version: 1.0\nGenerator: browser.pack\nRoot-Is-Purelib: true\n"
    wheel += f"Tag: py3-none-any\nBuild: {build}\n"
    files[f"{info}/WHEEL"] = wheel.encode()
    own = f"{info}/RECORD"
    files[own] = wheels.record(files, own)
    return f"dlnotes_lib-{version()}-{build}-py3-none-any.whl", files
