"""用 PyTorch 走一遍。"""

from typing import Any

import torch


def hyper(optimizer: str, variant: str, case: dict[str, Any]) -> dict[str, Any]:
    """一种情形，换成 PyTorch 的名字。"""
    lr, beta = case["lr"], case["beta"]
    adam = {"lr": lr, "betas": (case["beta1"], case["beta2"]), "eps": case["eps"]}
    course = {"lr": [(1 - beta) * a for a in lr], "momentum": beta}
    dampened = {"lr": lr, "momentum": beta, "dampening": beta}
    return {
        "SGD": {"lr": lr},
        "Momentum": dampened if variant == "dampening" else course,
        "HeavyBall": {"lr": lr, "momentum": beta},
        "Nesterov": {"lr": lr, "momentum": beta, "nesterov": True},
        "RMSprop": {"lr": lr, "alpha": beta, "eps": case["eps"]},
        "Adam": adam,
        "AdamW": adam | {"weight_decay": case["weight_decay"]},
        "AMSGrad": adam | {"amsgrad": True},
    }[optimizer]


CALLS = {
    ("SGD", ""): torch.optim.SGD,
    ("Momentum", ""): torch.optim.SGD,
    ("Momentum", "dampening"): torch.optim.SGD,
    ("HeavyBall", ""): torch.optim.SGD,
    ("Nesterov", ""): torch.optim.SGD,
    ("RMSprop", ""): torch.optim.RMSprop,
    ("Adam", ""): torch.optim.Adam,
    ("AdamW", ""): torch.optim.AdamW,
    ("AdamW", "Adam"): torch.optim.Adam,
    ("AMSGrad", ""): torch.optim.Adam,
}
VERSIONS = {"torch": torch.__version__}
PREFIX = "torch.optim"


def walk(call: Any, words: dict[str, Any], w: Any, grads: Any) -> Any:
    """依次用这些梯度走，返回每一步之后的参数。"""
    rates = words["lr"]
    param = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    optimizer = call([param], **words | {"lr": rates[0]})
    path = []
    for lr, grad in zip(rates, grads, strict=True):
        optimizer.param_groups[0]["lr"] = lr
        param.grad = torch.tensor(grad, dtype=torch.float64)
        optimizer.step()
        path.append(param.detach().tolist())
    return path
