"""从 Pyodide 自带的 sysconfigdata 还原 wasm32 上的 ``pyconfig.h``，打印出来。

python3 pyconfig.py <_sysconfigdata__emscripten_….py> <任意一份本机的 pyconfig.h>；
后一份只用来知道有哪些名字。
"""

import re
import runpy
import sys
from pathlib import Path

NAMES = re.compile(r"^\s*#\s*define\s+(\w+)|^/\*\s*#undef\s+(\w+)", re.M)
KINDS = re.compile(
    r"HAVE_|SIZEOF_|ALIGNOF_|WITH_|Py_|PY_|_GNU|_POSIX|_XOPEN|STDC|RETSIG|ENABLE_|USE_"
    r"|DOUBLE_|MAJOR|MVWDELCH|SETPGRP|TIMEMODULE|WORDS|X87|SYS_SELECT|PTHREAD"
)
ZERO_COUNTS = ("SIZEOF", "ALIGNOF", "HAVE_DECL", "HAVE_DYNAMIC")
FIXED = """\
#ifndef _GNU_SOURCE
# define _GNU_SOURCE 1
#endif
#define _POSIX_C_SOURCE 200809L
#define _XOPEN_SOURCE 700
#endif"""


def line(name: str, value: object, known: set[str]) -> str:
    """一个名字的那一行；不该出现就是空的。"""
    if isinstance(value, int) and (name in known or KINDS.match(name)):
        off = value == 0 and not name.startswith(ZERO_COUNTS)
        return f"/* #undef {name} */" if off else f"#define {name} {value}"
    return f"#define {name} {value}" if name in known and value else ""


data, native = sys.argv[1:]
variables = runpy.run_path(data)["build_time_vars"]
text = Path(native).read_text(encoding="utf-8")
known = {name for pair in NAMES.findall(text) for name in pair if name}
rows = [line(name, variables[name], known) for name in sorted(variables)]
print("#ifndef Py_PYCONFIG_H\n#define Py_PYCONFIG_H")
print("\n".join(row for row in rows if row))
print(FIXED)
