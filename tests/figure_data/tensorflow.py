"""``figures/tensorflow.py`` 应当画出的数据：单个数照公式另写，bfloat16 用整数的位来舍入。"""

import numpy as np


def precision() -> list[object]:
    steps = np.arange(1001)
    wide = 5.0 * 0.98**steps
    single = [np.float32(0)]
    for _ in range(1000):
        w = single[-1]
        single.append(w - np.float32(0.01) * (w + w - np.float32(10)))
    return [
        lambda line: (
            (line[:, 0] == steps).all()
            and np.allclose(line[:, 1], wide, rtol=1e-5, atol=0)
        ),
        np.column_stack([steps, 5 - np.array(single, float)]),
    ]


def mixed() -> list[object]:
    steps = np.arange(501)
    paths = (_pure(_bfloat16), _master(_bfloat16), _pure(np.float16), _master(_half))
    return [np.column_stack([steps, np.abs(5 - path)]) for path in paths]


def _bfloat16(x: float) -> np.float32:
    """把 float32 的低 16 位舍掉，恰在正中就取偶。"""
    bits = int(np.float32(x).view(np.uint32))
    bits += 0x7FFF + (bits >> 16 & 1)
    return np.uint32(bits & 0xFFFF0000).view(np.float32)


def _half(x: float) -> np.float32:
    return np.float32(np.float16(x))


def _pure(low) -> np.ndarray:
    w = low(0)
    path = [w]
    for _ in range(500):
        w = low(w - low(low(0.01) * low(low(2) * w - low(10))))
        path.append(w)
    return np.array(path, float)


def _master(low) -> np.ndarray:
    w = np.float32(0)
    path = [w]
    for _ in range(500):
        dw = low(2 * low(w) - np.float32(10))
        w = w - np.float32(0.01) * dw
        path.append(w)
    return np.array(path, float)
