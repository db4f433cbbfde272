"""训练一个 MLP 要多久：``python benchmarks/training.py``。

两个网络：手写数字 64-128-64-10，批 64；784-512-256-10，批 128，输入是随机数。都是
float64、ReLU、softmax、Adam，BLAS 只用一个线程。计时之前先核对：各家算出的损失相同。
"""

import argparse
from collections.abc import Callable
from functools import partial

import contenders
import numpy as np
from contenders import Task
from measuring import alternate, machine, table
from threadpoolctl import threadpool_limits

from dlnotes_lib.datasets import load_digits_split
from dlnotes_lib.models import MLP

OURS = "dlnotes"
CONTENDERS: dict[str, Callable[[Task], Callable[[], object]]] = {
    OURS: contenders.dlnotes,
    "PyTorch eager": contenders.torch_eager,
    "scikit-learn": contenders.scikit_learn,
    "numpy-ml": contenders.numpy_ml,
    "bare products": contenders.products,
}


def digits() -> Task:
    """手写数字：18 批，每批 64 个。"""
    rng = np.random.default_rng(0)
    train = load_digits_split(rng=rng).train
    return _task((64, 128, 64, 10), train.x, train.y, batch=64, epochs=10)


def wide() -> Task:
    """784 维的随机输入：10 批，每批 128 个。"""
    rng = np.random.default_rng(0)
    x, y = rng.random((784, 1280)), rng.integers(0, 10, 1280)
    return _task((784, 512, 256, 10), x, y, batch=128, epochs=4)


def _task(sizes, x, y, *, batch: int, epochs: int) -> Task:
    starts = range(0, y.size - batch + 1, batch)
    batches = [(x[:, i : i + batch].copy(), y[i : i + batch].copy()) for i in starts]
    params = MLP(sizes=sizes).init(np.random.default_rng(1))
    return Task(sizes, params, batches, epochs)


def check_same_losses(task: Task, present: list[str]) -> None:
    """各家前五步的损失与本库的相同；不同就不必计时了。

    scikit-learn 只报平均损失，ε 的地方也不同，所以比五步的平均，容差也宽。
    """
    task = task._replace(batches=task.batches[:5], epochs=1)
    losses = {name: CONTENDERS[name](task)() for name in present}
    for name in ("PyTorch eager", "numpy-ml"):
        if name in losses:
            np.testing.assert_allclose(losses[name], losses[OURS], rtol=1e-9)
    if "scikit-learn" in losses:
        mean = [np.mean(losses[OURS])]
        np.testing.assert_allclose(losses["scikit-learn"], mean, rtol=1e-6)


def find_present(task: Task) -> list[str]:
    """装好了的各家；缺的说一声。"""
    present = []
    for name, contender in CONTENDERS.items():
        try:
            contender(task)
            present.append(name)
        except ImportError as error:
            print(f"- {name} is left out: {error}")
    return present


def measure(task: Task, present: list[str], rounds: int) -> None:
    """一个任务：核对，计时，打印一张表。"""
    check_same_losses(task, present)
    starts = {name: partial(CONTENDERS[name], task) for name in present}
    times = alternate(starts, rounds)
    sizes, batch = "-".join(map(str, task.sizes)), task.batches[0][1].size
    print(f"\n{sizes}, batch {batch}, {rounds} rounds of {task.steps} steps\n")
    print(table(times, OURS, task.steps), flush=True)


def main() -> None:
    """先把各家都导入，再限制线程数：晚导入的 BLAS 限制不到。"""
    parser = argparse.ArgumentParser(description="Time the training of an MLP.")
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    present = find_present(wide())
    with threadpool_limits(limits=1):
        print(f"- {machine()}")
        for make_task in (digits, wide):
            try:
                measure(make_task(), present, rounds)
            except ImportError as error:
                print(f"\n{make_task.__name__} is left out: {error}")


if __name__ == "__main__":
    main()
