"""``figures/project_week3.py`` 应当画出的数据。"""

import numpy as np

from dlnotes_lib.experiments.project_week3 import OPTIMIZERS, losses, record
from dlnotes_lib.experiments.project_week3_ports import PORTS, Port, suspect

ORDER = ("transpose", "variance", "bias", "mean", "momentum", "epsilon")


def adam_ports() -> list[object]:
    ours, t = losses(OPTIMIZERS["Adam"]), np.arange(1, 101)
    theirs = [suspect(letter, "Adam") for letter in "ABCDEF"]
    found: list[object] = [np.column_stack([t, row]) for row in theirs]
    return found + [_gap(ours, row) for row in theirs]


def signatures() -> list[object]:
    found: list[object] = []
    for name in ("SGD", "HeavyBall", "Adam"):
        ours = losses(OPTIMIZERS[name])[:20]
        for port in [*map(PORTS.get, ORDER), Port()]:
            assert port is not None
            found.append(_gap(ours, port.losses(name)[:20]))
    return found


def frameworks() -> list[object]:
    kept = record()["losses"]
    return [
        _gap(losses(OPTIMIZERS[name]), np.array(kept[framework][name]))
        for name in ("SGD", "HeavyBall", "RMSprop", "Adam")
        for framework in ("PyTorch", "TensorFlow", "Keras", "JAX")
    ]


def _gap(a, b) -> np.ndarray:
    """逐步的差；不到 1e-13 的画在 1e-13 上。"""
    gap = np.where(abs(a - b) < 1e-13, 1e-13, abs(a - b))
    return np.column_stack([np.arange(1, len(a) + 1), gap])
