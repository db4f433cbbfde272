"""同一个训练任务，各家各写一遍：同样的初值、同样的批、同样的 Adam。

每个公开函数收一个 `Task`，做好准备，返回 ``run``；``run()`` 训练到底，交出每一步（或
每一轮）的损失。缺哪一家，哪一个函数就报 ImportError。
"""

import collections
import collections.abc
import warnings
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np

from dlnotes_lib.arrays import Array, Params
from dlnotes_lib.models import MLP
from dlnotes_lib.optimizers import Adam
from dlnotes_lib.train import train

Losses: TypeAlias = list[float]
# scikit-learn 的 ε 加在修正之前的根号上；ε 取得这样小，各家才算同一件事
ADAM = Adam(lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-12)


class Task(NamedTuple):
    """训练任务：各层宽度、初值、各批 (x, y)（样本按列排放）、轮数。"""

    sizes: tuple[int, ...]
    params: Params
    batches: list[tuple[Array, Array]]
    epochs: int

    @property
    def steps(self) -> int:
        """总步数。"""
        return self.epochs * len(self.batches)

    def layers(self) -> list[tuple[Array, Array]]:
        """各层 (W, b)，照别家的排法：W 形状 (n_in, n_out)，b 形状 (n_out,)。"""
        count = len(self.sizes)
        w = [self.params[f"W{i}"].T.copy() for i in range(1, count)]
        b = [self.params[f"b{i}"].ravel().copy() for i in range(1, count)]
        return list(zip(w, b, strict=True))

    def rows(self) -> list[tuple[Array, Array]]:
        """各批 (x, y)，一行一个样本。"""
        return [(np.ascontiguousarray(x.T), y) for x, y in self.batches]


def dlnotes(task: Task) -> Callable[[], Losses]:
    """本库：页面上的 MLP、train 与 Adam。"""
    model, rng = MLP(sizes=task.sizes), np.random.default_rng(0)

    def loss_and_grad(params: Params, x: Array, y: Array) -> tuple[float, Params]:
        return model.loss_and_grad(params, x, y, rng=rng)

    def run() -> Losses:
        batches = task.batches * task.epochs
        return [step.loss for step in train(task.params, loss_and_grad, batches, ADAM)]

    return run


def torch_eager(task: Task) -> Callable[[], Losses]:
    """PyTorch，CPU，逐句执行，默认的 Adam。"""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    linears = [nn.Linear(*pair, dtype=torch.float64) for pair in pairwise(task.sizes)]
    with torch.no_grad():
        for linear, (w, b) in zip(linears, task.layers(), strict=True):
            linear.weight.copy_(torch.from_numpy(w.T))
            linear.bias.copy_(torch.from_numpy(b))
    hidden = [layer for linear in linears[:-1] for layer in (linear, nn.ReLU())]
    model, criterion = nn.Sequential(*hidden, linears[-1]), nn.CrossEntropyLoss()
    betas = (ADAM.beta1, ADAM.beta2)
    optimizer = torch.optim.Adam(model.parameters(), ADAM.lr, betas, ADAM.eps)
    batches = [(torch.from_numpy(x), torch.from_numpy(y)) for x, y in task.rows()]

    def run() -> Losses:
        losses = []
        for x, y in batches * task.epochs:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    return run


def scikit_learn(task: Task) -> Callable[[], Losses]:
    """MLPClassifier 的 fit：不打乱，不早停，没有 L2；交出每一轮的平均损失。"""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    x, y = (np.concatenate(parts) for parts in zip(*task.rows(), strict=True))
    model = MLPClassifier(
        hidden_layer_sizes=task.sizes[1:-1],
        alpha=0.0,
        batch_size=task.batches[0][1].size,
        learning_rate_init=ADAM.lr,
        beta_1=ADAM.beta1,
        beta_2=ADAM.beta2,
        epsilon=ADAM.eps,
        max_iter=1,
        n_iter_no_change=task.epochs + 1,
        shuffle=False,
        warm_start=True,  # 从下面填的初值开始
    )
    warnings.simplefilter("ignore", ConvergenceWarning)
    model.fit(x, y).set_params(max_iter=task.epochs)
    model.coefs_, model.intercepts_ = map(list, zip(*task.layers(), strict=True))

    def run() -> Losses:
        model.loss_curve_ = []
        return model.fit(x, y).loss_curve_

    return run


def numpy_ml(task: Task) -> Callable[[], Losses]:
    """numpy-ml 的 FullyConnected、CrossEntropy 与 Adam；它求的是和，这里除以 m。"""
    warnings.simplefilter("ignore")
    collections.Hashable = collections.abc.Hashable  # 它还从老地方导入这个名字
    from numpy_ml.neural_nets.layers import FullyConnected, Softmax
    from numpy_ml.neural_nets.losses import CrossEntropy
    from numpy_ml.neural_nets.optimizers import Adam

    network, last = [], len(task.sizes) - 2
    for i, (w, b) in enumerate(task.layers()):
        adam = Adam(ADAM.lr, ADAM.beta1, ADAM.beta2, ADAM.eps)
        act = None if i == last else "ReLU"
        layer = FullyConnected(w.shape[1], act, optimizer=adam)
        layer.n_in = w.shape[0]
        layer._init_params()
        layer.parameters = {"W": w, "b": b.reshape(1, -1)}
        network.append(layer)
    softmax, criterion = Softmax(), CrossEntropy()
    batches = [(x, np.eye(task.sizes[-1])[y]) for x, y in task.rows()]

    def run() -> Losses:
        losses = []
        for x, y in batches * task.epochs:
            for layer in network:
                x = layer.forward(x)
            a = softmax.forward(x, retain_derived=False)
            losses.append(criterion.loss(y, a) / len(y))
            d = criterion.grad(y, a) / len(y)
            for layer in reversed(network):
                d = layer.backward(d)
            for layer in network:
                layer.update()
        return losses

    return run


def products(task: Task) -> Callable[[], None]:
    """一步里非做不可的矩阵乘法，结果写进预先备好的数组；别的什么也不做。"""
    pairs, (x, _) = list(pairwise(task.sizes)), task.batches[0]
    w = [task.params[f"W{i}"] for i in range(1, len(task.sizes))]
    a = [x] + [np.ones((n, x.shape[1])) for n in task.sizes[1:]]
    jobs = [(w[i], a[i], np.empty_like(a[i + 1])) for i in range(len(pairs))]
    for i in reversed(range(len(pairs))):
        jobs.append((a[i + 1], a[i].T, np.empty_like(w[i])))
        if i > 0:  # 第一层的输入是数据，不求它的梯度
            jobs.append((w[i].T, a[i + 1], np.empty_like(a[i])))

    def run() -> None:
        for _ in range(task.steps):
            for left, right, out in jobs:
                np.matmul(left, right, out=out)

    return run
