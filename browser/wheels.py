"""本库的 wheel：纯源码，不用 Node 就能写。

编成字节码要多传 0.45 MB，只省约 0.1 秒的编译；放源码，``inspect.getsource`` 与回溯
里的代码也都还在。
"""

import base64
import hashlib
import zipfile
from pathlib import Path

DATE = (1980, 1, 1, 0, 0, 0)


def record(files: dict[str, bytes], own: str) -> bytes:
    """Wheel 的 RECORD：每个文件的摘要与大小。"""
    rows = []
    for name, data in files.items():
        mark = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=")
        rows.append(f"{name},sha256={mark.decode()},{len(data)}\n")
    return "".join([*rows, f"{own},,\n"]).encode()


def write(path: Path, files: dict[str, bytes], method: int, level: int) -> None:
    """写一个 zip：日期、权限、次序都固定，同样的文件总是同样的字节。"""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, DATE)
            info.create_system = 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, data, method, level)


def read(path: Path) -> dict[str, bytes]:
    """一个 zip 里的全部文件。"""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        return {name: archive.read(name) for name in names}
