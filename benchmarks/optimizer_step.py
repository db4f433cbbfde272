"""Adam 走一步要多久：``python benchmarks/optimizer_step.py``。

一百万个参数，float64，一个线程；PyTorch 的默认 Adam（在 CPU 上逐个张量）与 fused 的。
"""

import argparse
from collections.abc import Callable
from functools import partial

import numpy as np
from measuring import Run, alternate, machine, table
from threadpoolctl import threadpool_limits

from dlnotes_lib.arrays import Array
from dlnotes_lib.optimizers import Adam

SIZE, STEPS = 1_000_000, 10
OURS = "dlnotes"


def dlnotes(w: Array, dw: Array) -> Callable[[], Array]:
    """本库的 Adam。"""
    adam = Adam(lr=1e-3)

    def run() -> Array:
        new, state = w, adam.init(w)
        for _ in range(STEPS):
            new, state = adam.update(new, dw, state)
        return new

    return run


def torch_adam(w: Array, dw: Array, *, fused: bool | None) -> Callable[[], Array]:
    """PyTorch 的 Adam；fused 为 None 就是默认的写法。"""
    import torch

    torch.set_num_threads(1)
    theta = torch.nn.Parameter(torch.from_numpy(w.copy()))
    theta.grad = torch.from_numpy(dw)
    adam = torch.optim.Adam([theta], lr=1e-3, fused=fused)

    def run() -> Array:
        for _ in range(STEPS):
            adam.step()
        return theta.detach().numpy()

    return run


def find_present(w: Array, dw: Array) -> dict[str, Callable[[], Run]]:
    """装好了的各家，结果与本库的相同；缺的说一声。"""
    starts: dict[str, Callable[[], Run]] = {
        OURS: partial(dlnotes, w, dw),
        "PyTorch default": partial(torch_adam, w, dw, fused=None),
        "PyTorch fused": partial(torch_adam, w, dw, fused=True),
    }
    for name in list(starts):
        try:
            got = starts[name]()()
        except ImportError as error:
            print(f"- {name} is left out: {error}")
            del starts[name]
        else:
            np.testing.assert_allclose(got, starts[OURS]()(), rtol=1e-12, atol=1e-15)
    return starts


def main() -> None:
    """先把各家都导入，再限制线程数；计时，打印一张表。"""
    parser = argparse.ArgumentParser(description="Time one step of Adam.")
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    w, dw = np.random.default_rng(0).standard_normal((2, SIZE))
    starts = find_present(w, dw)
    with threadpool_limits(limits=1):
        print(f"- {machine()}")
        print(f"\nAdam, {SIZE:_} parameters, {rounds} rounds of {STEPS} steps\n")
        print(table(alternate(starts, rounds), OURS, STEPS))


if __name__ == "__main__":
    main()
