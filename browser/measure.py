"""按下“运行”要等多久、训练有多慢：与原样的 Pyodide、与本机轮流比，一轮一轮地量。

在仓库的根目录下（装了 ``.[browser]``，做好了那一包，本机有 Chromium）::

    python -m browser.measure [--rounds 5]    写 trust/browser.json

“原样的”那一家：网站、脚本、NumPy 的编译都相同，只是标准库与 NumPy 没有裁过、没有编成
字节码，锁也是 npm 上的那一份（NumPy 的摘要除外）。每一轮换一家打头；每次冷启动都新开
一个 Chromium，什么缓存也没有。量的时候别让机器做别的事。
"""

import argparse
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page, Request

from browser import pack, sources, upstream
from browser.chromium import launched
from browser.serving import serving
from trust.record import write

REPORT = sources.ROOT / "trust" / "browser.json"
PAGE = "week2/08-adam/"
SCRIPTS = "assets/javascripts/cell/"
LATE = ("assets/py/", SCRIPTS)  # 按下之前不许取的
EARLY = (SCRIPTS + "cell.mjs", "assets/stylesheets/cell.css")  # 网页为按钮多载入的
CLICK = """box => new Promise((done) => {
  const start = performance.now();
  new MutationObserver((_, watch) => {
    if (box.dataset.state !== "done") return;
    watch.disconnect();
    done([performance.now() - start, box.querySelector("[role=status]").textContent]);
  }).observe(box, { attributeFilter: ["data-state"] });
  [...box.querySelectorAll("button")].find((b) => b.textContent === "运行").click();
})"""
COMPUTE = """async ([address, code]) => (await import(address)).compute(code)"""
TRAINING = """
import json, time
import numpy as np
from dlnotes_lib.datasets import load_digits_split
from dlnotes_lib.models import MLP
from dlnotes_lib.optimizers import Adam
from dlnotes_lib.train import train

rng = np.random.default_rng(0)
digits = load_digits_split(rng=rng).train
wide = rng.random((784, 1280)), rng.integers(0, 10, 1280)
TASKS = {
    "64-128-64-10": ((64, 128, 64, 10), digits.x, digits.y, 64, 5),
    "784-512-256-10": ((784, 512, 256, 10), *wide, 128, 1),
}
seconds, losses = {}, {}
for name, (sizes, x, y, size, epochs) in TASKS.items():
    model = MLP(sizes=sizes)
    params = model.init(np.random.default_rng(1))
    starts = range(0, y.size - size + 1, size)
    batches = [(x[:, i : i + size], y[i : i + size]) for i in starts] * epochs
    step = lambda p, x, y: model.loss_and_grad(p, x, y, rng=rng)
    began = time.perf_counter()
    losses[name] = [s.loss for s in train(params, step, batches, Adam(lr=0.001))][-1]
    seconds[name] = time.perf_counter() - began
print(json.dumps([seconds, losses]))
"""


def built(folder: Path) -> Path:
    """建一份网站，带着那一包。"""
    site = folder / "ours"
    command = [sys.executable, "-m", "mkdocs", "build", "-q", "--site-dir", str(site)]
    subprocess.run(command, cwd=sources.ROOT, check=True)
    return site


def with_stock(site: Path, target: Path) -> Path:
    """同一个网站，那一包换成原样的 Pyodide。"""
    shutil.copytree(site, target)
    packed = target / "assets/py"
    made = json.loads((packed / "manifest.json").read_text("utf-8"))
    shutil.rmtree(packed / made["core"])
    core, package = packed / "stock", upstream.unpacked(upstream.CACHE)
    core.mkdir()
    for name in (*pack.UNTOUCHED, pack.STDLIB):
        shutil.copyfile(package / name, core / name)
    shutil.copyfile(sources.WHEEL, core / pack.NUMPY)
    lock = json.loads((package / pack.LOCK).read_text("utf-8"))
    lock["packages"]["numpy"] |= {
        "file_name": pack.NUMPY,
        "sha256": pack.sha256(sources.WHEEL),
    }
    (core / pack.LOCK).write_text(json.dumps(lock), encoding="utf-8")
    text = pack.manifest(packed, "stock", made["library"])
    (packed / "manifest.json").write_text(text, encoding="utf-8")
    return target


class Traffic:
    """一页发出的请求：别家主机的、按下之前就取的运行用的文件。"""

    def __init__(self, page: Page, base: str) -> None:
        self.base, self.outside, self.early = base, list[str](), list[str]()
        self.pressed = False
        page.context.on("request", self.hear)

    def hear(self, request: Request) -> None:
        """记一个请求。"""
        url = request.url
        if not url.startswith((self.base, "data:", "blob:")):
            self.outside.append(url)
        path = url.removeprefix(self.base)
        if not self.pressed and path.startswith(LATE) and path not in EARLY:
            self.early.append(path)


def pressed(page: Page) -> float:
    """按下第一块的“运行”，到结果出来的秒数。"""
    box = page.locator(".highlight[data-copy]").first
    took, said = box.evaluate(CLICK)
    if not said.startswith("完成"):
        raise RuntimeError(f"the first block did not run: {said}")
    return took / 1000


def visit(chrome: Browser, base: str) -> dict[str, Any]:
    """一个什么都没有缓存的读者：第一次按，刷新以后按，接着再按；再训练两个网络。"""
    page = chrome.new_context().new_page()
    page.set_default_timeout(300_000)
    traffic = Traffic(page, base)
    page.goto(base + PAGE, wait_until="networkidle")
    traffic.pressed = True
    cold = pressed(page)
    page.reload(wait_until="networkidle")
    warm = pressed(page)
    again = pressed(page)
    address = f"{base}{SCRIPTS}python.mjs"
    seconds, losses = page.evaluate(COMPUTE, [address, TRAINING])
    return {
        "cold": cold,
        "warm": warm,
        "again": again,
        "training": seconds,
        "losses": losses,
        "outside": traffic.outside,
        "early": traffic.early,
    }


def native() -> dict[str, Any]:
    """同一段训练，在本机的 Python 里，BLAS 一个线程。"""
    done = subprocess.run(
        [sys.executable, "-c", TRAINING],
        cwd=sources.ROOT,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    seconds, losses = json.loads(done.stdout)
    return {"training": seconds, "losses": losses}


@contextmanager
def contenders() -> Iterator[dict[str, Path]]:
    """两家网站。"""
    with tempfile.TemporaryDirectory() as name:
        ours = built(Path(name))
        yield {"ours": ours, "stock": with_stock(ours, Path(name) / "stock")}


def measure(rounds: int, sites: dict[str, Path]) -> dict[str, list[dict[str, Any]]]:
    """每一轮两家与本机各来一次，每轮换一家打头；先空跑一轮，不算。"""
    found: dict[str, list[dict[str, Any]]] = {"ours": [], "stock": [], "native": []}
    for turn in range(-1, rounds):
        rows: dict[str, dict[str, Any]] = {"native": native()}
        for name in list(sites)[:: 1 if turn % 2 else -1]:
            with serving(sites[name]) as base, launched() as chrome:
                rows[name] = visit(chrome, base)
        for name in found if turn >= 0 else ():
            found[name].append(rows[name])
        print(f"round {turn + 1} of {rounds}", flush=True)
    return found


def ratio(top: list[dict[str, Any]], bottom: list[dict[str, Any]], *path: str) -> float:
    """逐轮相除，取中位数。"""

    def value(row: Any) -> float:
        for key in path:
            row = row[key]
        return row

    pairs = zip(top, bottom, strict=True)
    return round(median(value(a) / value(b) for a, b in pairs), 3)


def summary(found: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """各项的中位数与比。

    Raises:
        ValueError: 三处训练出来的损失不同：算的不是同一件事，比快慢没有意义。
    """
    ours, stock, here = found["ours"], found["stock"], found["native"]
    for task, loss in here[0]["losses"].items():
        others = [row["losses"][task] for row in (*ours, *stock, *here)]
        if max(abs(other - loss) for other in others) > 1e-6 * abs(loss):
            raise ValueError(f"the losses of {task} differ: {others}")
    clicks = {
        kind: {
            "seconds": round(median(row[kind] for row in ours), 2),
            "stock_seconds": round(median(row[kind] for row in stock), 2),
            "ratio": ratio(ours, stock, kind),
        }
        for kind in ("cold", "warm", "again")
    }
    training = {
        task: {
            "seconds": round(median(row["training"][task] for row in ours), 2),
            "native_seconds": round(median(row["training"][task] for row in here), 2),
            "ratio": ratio(ours, here, "training", task),
        }
        for task in here[0]["training"]
    }
    return {
        "rounds": len(ours),
        "clicks": clicks,
        "training": training,
        "outside": sum(len(row["outside"]) for row in ours),
        "early": sum(len(row["early"]) for row in ours),
    }


def bytes_of(sites: dict[str, Path]) -> dict[str, int]:
    """第一次运行要传的字节（压缩以后），两家的；网页为按钮多载入的。"""
    made = {
        name: json.loads((site / "assets/py/manifest.json").read_text("utf-8"))
        for name, site in sites.items()
    }
    return {
        "first_run": made["ours"]["gzip"],
        "stock_first_run": made["stock"]["gzip"],
        "page": extra_bytes(sites["ours"]),
    }


def extra_bytes(site: Path) -> int:
    """按钮让每一页多载入多少字节，压缩以后。"""
    return sum(len(gzip.compress((site / name).read_bytes())) for name in EARLY)


def main() -> int:
    """命令行。"""
    parser = argparse.ArgumentParser(description="the first run, measured")
    parser.add_argument("--rounds", type=int, default=5)
    o = parser.parse_args()
    with contenders() as sites:
        found = measure(o.rounds, sites)
        write(REPORT, **summary(found), bytes=bytes_of(sites))
    print(REPORT.read_text("utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
