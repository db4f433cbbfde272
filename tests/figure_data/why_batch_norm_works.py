"""``figures/why_batch_norm_works.py`` 应当画出的数据：有与没有批量归一化的网络照公式另写一遍。"""

import math
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

from dlnotes_lib.datasets import load_digits_split

SIZES = (64, 32, 32, 32, 32, 10)
LRS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
ETAS = (0.05, 0.1, 0.2, 0.4)


def accuracy() -> list[object]:
    return [
        np.column_stack([LRS, [score(kind, normed, lr) for lr in LRS]])
        for kind in ("relu", "sigmoid")
        for normed in (False, True)
    ]


def ahead() -> list[object]:
    found: list[object] = []
    for normed in (False, True):
        seen = np.array(list(looks("relu", normed, 0.1)))
        step = np.arange(1, len(seen) + 1)
        low = np.column_stack([step, seen[:, 1:5].min(axis=1)])
        high = np.column_stack([step, seen[:, 1:5].max(axis=1)])
        polygon = [high[:1], low, high[-1:], high[::-1], high[:1]]
        found += [np.column_stack([step, seen[:, 0]]), np.concatenate(polygon)]
    return found


def noise() -> list[object]:
    rng = np.random.default_rng(0)
    x = digits(rng)[0]
    z = Net("relu", True, 1.0, rng).w[0] @ x
    unit = (z - z.mean(axis=1)[:, None]) / z.std(axis=1)[:, None]
    sizes, found = [2**k for k in range(1, 11)], []
    for b in sizes:
        total = sum(
            (unit[:, rng.permutation(1197)[:b]].sum(axis=1) / b) ** 2
            for _ in range(200)
        )
        found.append(math.sqrt(np.mean(total) / 200))
    fine = sorted({int(v) for v in np.geomspace(2, 1190, 200)})
    exact = [math.sqrt((1197 - b) / (b * 1196)) for b in fine]
    plain = [b**-0.5 for b in fine]
    lines = (fine, exact), (fine, plain), (sizes, found)
    return [np.column_stack(line) for line in lines]


def norms() -> list[object]:
    return [
        _near(lengths(scale, lambd))
        for lambd in (0.0, 0.05)
        for scale in (0.3, 1.0, 3.0)
    ]


def _near(want: list[float]) -> Callable[[np.ndarray], bool]:
    """接近平衡时各步的舍入会放大，所以容差放宽。"""
    return lambda line: (
        line.shape == (153, 2)
        and bool((line[:, 0] == np.arange(153)).all())
        and np.allclose(line[:, 1], want, rtol=1e-5)
    )


def digits(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    split = load_digits_split(rng=rng)
    mean = split.train.x.mean(axis=1)[:, None]
    std = np.sqrt(((split.train.x - mean) ** 2).mean(axis=1))[:, None]
    safe = np.where(std > 1e-12, std, np.inf)
    train, dev = ((part.x - mean) / safe for part in (split.train, split.dev))
    return train, split.train.y, dev, split.dev.y


class Net:
    """全连接网络，隐藏层可以有批量归一化；参数是几个列表。"""

    def __init__(
        self, kind: str, normed: bool, scale: float, rng: np.random.Generator
    ) -> None:
        self.kind, self.normed, top = kind, normed, 2 if kind == "relu" else 1
        self.w = [
            rng.standard_normal((n, k)) * math.sqrt(top / k) for k, n in pairwise(SIZES)
        ]
        self.w[:-1] = [scale * w for w in self.w[:-1]]
        self.b = [np.zeros((n, 1)) for n in SIZES[1:]]
        self.gamma = [np.ones((n, 1)) for n in SIZES[1:-1]]

    def parts(self) -> list[np.ndarray]:
        """会学的数；有批量归一化时，隐藏层的 b 就是 β。"""
        return [*self.w, *self.b, *(self.gamma if self.normed else [])]

    def moved(self, grads: list[np.ndarray], lr: float) -> "Net":
        """走一步梯度下降之后的网络。"""
        new = object.__new__(Net)
        new.kind, new.normed, new.gamma = self.kind, self.normed, self.gamma
        parts = [p - lr * g for p, g in zip(self.parts(), grads, strict=True)]
        new.w, new.b = parts[:5], parts[5:10]
        new.gamma = parts[10:] or self.gamma
        return new

    def scores(self, x: np.ndarray, seen: list | None = None) -> np.ndarray:
        """打分；seen 是各层的均值与方差，省略时用 x 自己的。"""
        a = x
        for k in range(4):
            z = self.w[k] @ a
            if self.normed:
                mu, s2 = seen[k] if seen else moments(z)
                z = self.gamma[k] * (z - mu) / np.sqrt(s2 + 1e-5)
            z = z + self.b[k]
            a = np.maximum(z, 0) if self.kind == "relu" else 1 / (1 + np.exp(-z))
        return self.w[4] @ a + self.b[4]

    def statistics(self, x: np.ndarray) -> list:
        found, a = [], x
        for k in range(4):
            z = self.w[k] @ a
            found.append(moments(z))
            z = self.gamma[k] * (z - found[k][0]) / np.sqrt(found[k][1] + 1e-5)
            z = z + self.b[k]
            a = np.maximum(z, 0) if self.kind == "relu" else 1 / (1 + np.exp(-z))
        return found

    def slopes(self, x: np.ndarray, y: np.ndarray) -> tuple[float, list[np.ndarray]]:
        """损失与梯度，次序同 parts；批量归一化照论文的链式写法，先 σ²，再 μ，再 z。"""
        m, a, kept = y.size, [x], []
        for k in range(4):
            z = self.w[k] @ a[k]
            mu, s2 = moments(z) if self.normed else (0.0, 1.0 - 1e-5)
            root = np.sqrt(s2 + 1e-5)
            norm = (z - mu) / root
            out = (self.gamma[k] * norm if self.normed else z) + self.b[k]
            kept.append((z - mu, root, norm))
            relu = self.kind == "relu"
            a.append(np.maximum(out, 0) if relu else 1 / (1 + np.exp(-out)))
        s = self.w[4] @ a[4] + self.b[4]
        s = s - s.max(axis=0)
        p = np.exp(s) / np.exp(s).sum(axis=0)
        loss = -np.log(p[y, np.arange(m)]).mean()
        d = p - np.eye(10)[y].T
        d /= m
        dw, db, dgamma = [d @ a[4].T], [d.sum(axis=1)[:, None]], []
        for k in (3, 2, 1, 0):
            d = self.w[k + 1].T @ d
            d = d * (a[k + 1] > 0 if self.kind == "relu" else a[k + 1] * (1 - a[k + 1]))
            db.insert(0, d.sum(axis=1)[:, None])
            if self.normed:
                off, root, norm = kept[k]
                dgamma.insert(0, (d * norm).sum(axis=1)[:, None])
                d = d * self.gamma[k]
                ds2 = -0.5 * (d * off).sum(axis=1)[:, None] / root**3
                dmu = -(d / root).sum(axis=1)[:, None]
                d = d / root + 2 * ds2 * off / m + dmu / m
            dw.insert(0, d @ a[k].T)
        return float(loss), [*dw, *db, *dgamma]


def moments(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mu = z.mean(axis=1)[:, None]
    return mu, ((z - mu) ** 2).mean(axis=1)[:, None]


def batches(
    x: np.ndarray, y: np.ndarray, passes: int, rng: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for _ in range(passes):
        order = rng.permutation(y.size)
        for i in range(0, y.size, 64):
            yield x[:, order[i : i + 64]], y[order[i : i + 64]]


def score(
    kind: str, normed: bool, lr: float, scale: float = 1.0, seed: int = 0
) -> float:
    """四轮以后在验证集上的准确率；出现 NaN 或 Inf 就是 0。"""
    rng = np.random.default_rng(seed)
    x, y, dev, labels = digits(rng)
    net = Net(kind, normed, scale, rng)
    with np.errstate(all="ignore"):
        for bx, by in batches(x, y, 4, rng):
            net = net.moved(net.slopes(bx, by)[1], lr)
        found = net.scores(dev, net.statistics(x) if normed else None)
    if not np.isfinite(found).all():
        return 0.0
    return sum(int(found[:, i].argmax() == labels[i]) for i in range(300)) / 300


def looks(kind: str, normed: bool, lr: float, seed: int = 0) -> Iterator[list[float]]:
    """每一步：脚下的损失、四个步长处的损失、四个梯度变化。"""
    rng = np.random.default_rng(seed)
    x, y, _, _ = digits(rng)
    net = Net(kind, normed, 1.0, rng)
    for bx, by in batches(x, y, 4, rng):
        loss, grads = net.slopes(bx, by)
        size = math.sqrt(sum(float((g**2).sum()) for g in grads))
        there = [net.moved(grads, eta).slopes(bx, by) for eta in ETAS]
        turns = [
            math.sqrt(
                sum(
                    float(((h - g) ** 2).sum()) for h, g in zip(far, grads, strict=True)
                )
            )
            for _, far in there
        ]
        yield [loss, *(value for value, _ in there), *(t / size for t in turns)]
        net = net.moved(grads, lr)


def lengths(scale: float, lambd: float, passes: int = 8, seed: int = 0) -> list[float]:
    """第二层权重的长度，学习率 0.3。"""
    rng = np.random.default_rng(seed)
    x, y, _, _ = digits(rng)
    net = Net("relu", True, scale, rng)
    found = [math.sqrt(float((net.w[1] ** 2).sum()))]
    for bx, by in batches(x, y, passes, rng):
        old = net
        net = net.moved(net.slopes(bx, by)[1], 0.3)
        for k in range(4):
            net.w[k] = net.w[k] - 0.3 * lambd * old.w[k]
        found.append(math.sqrt(float((net.w[1] ** 2).sum())))
    return found
