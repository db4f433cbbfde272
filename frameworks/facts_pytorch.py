"""量 PyTorch 的默认值与行为。"""

from typing import Any

import numpy as np
import torch

from dlnotes_lib.publish import probes
from dlnotes_lib.publish.facts import BATCH, LABELS, MANY, SCORES, SHARES, WIDE
from dlnotes_lib.publish.probes import digits, kept, made, outcome


def linear() -> dict[str, Any]:
    """线性层的形状与初始化。"""
    layer = made(call := "torch.nn.Linear(3, 2)")
    torch.manual_seed(0)
    up, down = (torch.nn.Linear(*sizes).requires_grad_(False) for sizes in WIDE)
    return {
        "linear.call": call,
        "linear.weight": list(layer.weight.shape),
        "linear.bias": list(layer.bias.shape),
        "linear.output": list(layer(torch.zeros(5, 3)).shape),
        "init.call": "torch.nn.Linear",
        **probes.initial(up.weight.numpy(), down.weight.numpy(), up.bias.numpy()),
    }


def dtype() -> dict[str, Any]:
    """精度。"""
    layer = torch.nn.Linear(3, 2)
    double = torch.zeros(5, 3, dtype=torch.float64)
    return {
        "dtype.literal": name(torch.tensor(1.5)),
        "dtype.array": name(torch.tensor(np.zeros(2))),
        "dtype.weight": name(layer.weight),
        "dtype.mixed": outcome(lambda: name(layer(double))),
    }


def name(tensor: torch.Tensor) -> str:
    """精度的名字。"""
    return str(tensor.dtype).removeprefix("torch.")


def loss() -> dict[str, Any]:
    """Softmax 交叉熵：收什么，返回什么。"""
    measure = made(call := "torch.nn.CrossEntropyLoss()")
    inputs, y = (torch.tensor(SCORES), torch.tensor(SHARES)), torch.tensor(LABELS)
    hot, block = torch.eye(3)[y], torch.zeros(2, 3, 4)
    return {
        "loss.integer.call": call,
        **probes.losses("integer", lambda x: measure(x, y), *inputs),
        "loss.onehot.call": call,
        **probes.losses("onehot", lambda x: measure(x, hot), *inputs),
        "loss.axis": probes.class_axis(
            lambda shape: measure(block, torch.zeros(shape).long())
        ),
    }


def norm() -> dict[str, Any]:
    """批量归一化。"""
    kind, z = torch.nn.BatchNorm1d, torch.tensor(BATCH)[:, None]
    plain, mostly, half = (kind(1), kind(1, momentum=0.9), kind(1, momentum=0.5))
    with torch.no_grad():
        fresh = plain(z)
        mostly(z)
        half(z)
        return {
            "norm.call": "torch.nn.BatchNorm1d",
            "norm.eps": probes.default(kind, "eps"),
            "norm.momentum": probes.default(kind, "momentum"),
            "norm.mean": digits(plain.running_mean.numpy()),
            "norm.mostly": digits(mostly.running_mean.numpy()),
            "norm.half": digits(half.running_var.numpy()),
            "norm.trained": digits(kind(1).train()(z).numpy()),
            "norm.fresh": digits(fresh.numpy()),
            "norm.one": outcome(lambda: digits(kind(1).train()(z[:1]).numpy())),
        }


def dropout() -> dict[str, Any]:
    """随机失活。"""
    torch.manual_seed(0)
    layer = made(call := "torch.nn.Dropout(0.1)")
    out = layer.train()(torch.ones(MANY)).numpy()
    return {
        "dropout.call": call,
        "dropout.default": probes.default(torch.nn.Dropout, "p"),
        "dropout.kept": kept(out),
        "dropout.scale": round(float(out.max()), 4),
        "dropout.fresh": kept(torch.nn.Dropout(0.5)(torch.ones(MANY)).numpy()),
    }


def layer_norm() -> dict[str, Any]:
    """层归一化。"""
    layer = made(call := "torch.nn.LayerNorm(6)")
    out = layer(torch.arange(24.0).reshape(4, 6) ** 2)
    return {
        "layer.call": call,
        "layer.eps": probes.default(torch.nn.LayerNorm, "eps"),
        "layer.axis": probes.centred(out.detach().numpy()),
    }


def gradient() -> dict[str, Any]:
    """f = w² 在 3 处的梯度，求两次；走一步。"""
    w, found = torch.tensor(3.0, requires_grad=True), []
    for _ in range(2):
        cost = w**2
        cost.backward()
        found.append(w.grad.item())
    old = torch.tensor(3.0, requires_grad=True)
    optimizer = torch.optim.SGD([old], lr=0.1)
    (old**2).backward()
    optimizer.step()
    return {
        "grad.call": "cost.backward()",
        "grad.twice": found,
        "grad.again": outcome(cost.backward),
        "update.call": "torch.optim.SGD([w], lr=0.1).step()",
        "update.old": round(old.item(), 4),
        "update.assign": outcome(lambda: probes.assigned(torch.zeros(2))),
    }


def facts() -> dict[str, Any]:
    """全部。"""
    seeds = probes.seeded("torch.manual_seed(0)", lambda _: torch.rand(3).tolist())
    parts = (linear, dtype, loss, norm, dropout, layer_norm, gradient)
    return {k: v for part in parts for k, v in part().items()} | seeds
