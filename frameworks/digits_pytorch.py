"""用 PyTorch 训练：256 张手写数字，全批量 100 步。"""

from typing import Any

import torch
from torch import nn

from dlnotes_lib.experiments.project_week3 import OPTIMIZERS, STEPS, digits

VERSIONS = {"torch": torch.__version__}


def network() -> Any:
    """与库同一个起点的网络；样本按行，线性层的权重仍是（输出, 输入）。"""
    _, params, _, _ = digits()
    net = nn.Sequential(
        nn.Linear(64, 32, bias=False),
        nn.BatchNorm1d(32, eps=1e-5, momentum=0.1),
        nn.ReLU(),
        nn.Linear(32, 10),
    ).double()
    with torch.no_grad():
        net[0].weight.copy_(torch.tensor(params["W1"]))
        net[3].weight.copy_(torch.tensor(params["W2"]))
        net[3].bias.zero_()
    return net


def optimizer(name: str, params: Any) -> Any:
    """同名的优化器，超参数换成 PyTorch 的名字。"""
    opt: Any = OPTIMIZERS[name]
    if name == "Momentum":
        return torch.optim.SGD(params, lr=(1 - opt.beta) * opt.lr, momentum=opt.beta)
    if name in ("SGD", "HeavyBall", "Nesterov"):
        beta = getattr(opt, "beta", 0)
        nesterov = name == "Nesterov"
        return torch.optim.SGD(params, lr=opt.lr, momentum=beta, nesterov=nesterov)
    if name == "RMSprop":
        return torch.optim.RMSprop(params, lr=opt.lr, alpha=opt.beta, eps=opt.eps)
    betas = (opt.beta1, opt.beta2)
    if name == "Adam":
        return torch.optim.Adam(params, lr=opt.lr, betas=betas, eps=opt.eps)
    return torch.optim.AdamW(
        params, lr=opt.lr, betas=betas, eps=opt.eps, weight_decay=opt.weight_decay
    )


def train(name: str) -> tuple[list[float], dict[str, Any]]:
    """（100 个损失，隐藏层的滑动统计）。"""
    _, _, x, y = digits()
    rows, labels = torch.tensor(x.T), torch.tensor(y)
    net, found = network(), []
    opt = optimizer(name, net.parameters())
    for _ in range(STEPS):
        loss = nn.functional.cross_entropy(net(rows), labels)
        opt.zero_grad()
        loss.backward()
        opt.step()
        found.append(loss.item())
    layer = net[1]
    running = {"mean": layer.running_mean.tolist(), "var": layer.running_var.tolist()}
    return found, running


def results() -> tuple[dict[str, list[float]], dict[str, Any]]:
    """（优化器 → 损失，SGD 训练之后的滑动统计）。"""
    return {name: train(name)[0] for name in OPTIMIZERS}, train("SGD")[1]
