"""在本机临时提供一个文件夹，给浏览器用。"""

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class QuietHandler(SimpleHTTPRequestHandler):
    """不往终端打印访问记录。"""

    def log_message(self, format: str, *args: Any) -> None:
        """什么也不印。"""


@contextmanager
def serving(root: Path) -> Iterator[str]:
    """在 127.0.0.1 的空闲端口上提供 root，给出网址。"""
    handler = functools.partial(QuietHandler, directory=str(root))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
