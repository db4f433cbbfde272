"""2.10 节：局部最优与鞍点。"""

import math
from typing import Any

import numpy as np
from numpy.random import Generator

from dlnotes_lib.experiments.local_optima import first_step
from dlnotes_lib.landscapes import (
    Plateau,
    Quadratic,
    Saddle,
    descend,
    numerical_hessian,
)
from dlnotes_lib.models import MLP
from dlnotes_lib.optimizers import SGD
from dlnotes_lib.packing import pack, unpack
from trust.formulas import Formula


def frame(mirrors: Any) -> Any:
    """两次镜面反射定出的正交方阵，一列一个特征方向；它不对称。"""
    q = np.eye(mirrors.shape[1])
    for u in mirrors:
        q = q @ (np.eye(u.size) - 2 * np.outer(u, u) / (u @ u))
    return q


def naive_frame(mirrors: list[list[float]]) -> list[list[float]]:
    """同一个方阵，逐个算。"""
    n = range(len(mirrors[0]))
    q = [[1.0 if i == j else 0.0 for j in n] for i in n]
    for u in mirrors:
        length = sum(v**2 for v in u)
        along = [sum(q[i][k] * u[k] for k in n) for i in n]
        q = [[q[i][j] - 2 * along[i] * u[j] / length for j in n] for i in n]
    return q


def rotated(lam: Any, mirrors: Any) -> Quadratic:
    """给定特征值与特征方向的二次函数。"""
    q = frame(mirrors)
    return Quadratic(q @ np.diag(lam) @ q.T)


def second_case(rng: Generator) -> dict[str, Any]:
    """位移、特征值（有正有负）、特征方向；再给鞍面的极小点一个很小的位移。"""
    return {
        "delta": rng.normal(size=3),
        "lam": np.array([1.0, -1.0, 1.0]) * rng.uniform(0.5, 3.0, size=3),
        "mirrors": rng.normal(size=(2, 3)),
        "small": rng.uniform(1e-4, 3e-4, size=2),
    }


def second(delta: Any, lam: Any, mirrors: Any, small: Any) -> list[float]:
    """库的代价：二次函数上与两种写法各比一次，鞍面的极小点旁再比一次。"""
    cost = rotated(lam, mirrors).cost(delta)
    return [cost, cost, Saddle().cost(np.array([0.0, 1.0]) + small)]


def naive_second(
    delta: list[float], lam: list[float], mirrors: list[list[float]], small: list[float]
) -> list[float]:
    """双重求和，特征方向上的单重求和；鞍面在极小点的黑塞矩阵是对角元 1 与 2。"""
    n = range(len(delta))
    q = naive_frame(mirrors)
    h = [[sum(q[i][k] * lam[k] * q[j][k] for k in n) for j in n] for i in n]
    double = 1 / 2 * sum(delta[i] * h[i][j] * delta[j] for i in n for j in n)
    along = [sum(q[i][k] * delta[i] for i in n) for k in n]
    single = 1 / 2 * sum(lam[k] * along[k] ** 2 for k in n)
    curved = 1 / 2 * (small[0] ** 2 + 2 * small[1] ** 2)
    return [double, single, -1 / 4 + curved]


def shrink_case(rng: Generator) -> dict[str, Any]:
    """位移、特征值、特征方向与步长。"""
    case = second_case(rng)
    del case["small"]
    return case | {"lr": rng.uniform(0.1, 0.6)}


def shrink(delta: Any, lam: Any, mirrors: Any, lr: float) -> Any:
    """库走三步，换到特征方向上看。"""
    bowl = rotated(lam, mirrors)
    return descend(SGD(lr=lr), bowl.grad, delta, steps=3) @ frame(mirrors)


def naive_shrink(
    delta: list[float], lam: list[float], mirrors: list[list[float]], lr: float
) -> list[list[float]]:
    """每个方向各乘各的。"""
    n = range(len(delta))
    q = naive_frame(mirrors)
    path = [[sum(q[i][k] * delta[i] for i in n) for k in n]]
    for _ in range(3):
        path.append([(1 - lr * lam[k]) * path[-1][k] for k in n])
    return path


def leave_case(rng: Generator) -> dict[str, Any]:
    """离鞍点多远、负曲率与步长。"""
    return {
        "eps": 10 ** rng.uniform(-6.0, -1.0),
        "curvature": -rng.uniform(0.2, 3.0),
        "lr": rng.uniform(0.05, 0.5),
    }


def leave(eps: float, curvature: float, lr: float) -> list[Any]:
    """库从鞍点旁出发，前四步的距离，与第一次走到 1 的步数。"""
    saddle = Quadratic(np.diag([1.0, curvature]))
    sgd, start = SGD(lr=lr), np.array([0.0, -eps])
    steps = first_step(
        sgd, saddle.grad, start, reached=lambda w: abs(w[1]) >= 1, max_steps=5000
    )
    return [abs(descend(sgd, saddle.grad, start, steps=3)[:, 1]), steps]


def naive_leave(eps: float, curvature: float, lr: float) -> list[Any]:
    """逐步放大，与向上取整的步数。"""
    growth = 1 + lr * abs(curvature)
    return [
        [growth**k * eps for k in range(4)],
        math.ceil(math.log(1 / eps) / math.log(growth)),
    ]


def plateau_case(rng: Generator) -> dict[str, Any]:
    """几个点。"""
    return {"w": rng.uniform(-3.0, 3.0, size=5)}


def plateau(w: Any) -> list[Any]:
    """库的代价与梯度。"""
    return [(Plateau().cost(v), Plateau().grad(v)) for v in w[:, None]]


def naive_plateau(w: list[float]) -> list[Any]:
    """两个式子。"""
    return [(1 - math.exp(-(v**2) / 2), v * math.exp(-(v**2) / 2)) for v in w]


def zero_case(rng: Generator) -> dict[str, Any]:
    """几个点与随意的软标签。"""
    return {
        "x": rng.normal(size=(2, 5)),
        "y": rng.uniform(0.1, 0.9, size=(1, 5)),
        "hidden": 3,
    }


def at_zero(x: Any, y: Any, hidden: int) -> list[Any]:
    """库在零点求出的黑塞矩阵：各隐藏单元的一块，与输出偏置的对角元。"""
    net = MLP(sizes=(2, hidden, 1), activation="tanh", loss="bce", scheme="xavier")
    rng = np.random.default_rng(0)
    zeros = {name: 0 * values for name, values in net.init(rng).items()}

    def grad(theta: Any) -> Any:
        return pack(net.loss_and_grad(unpack(theta, zeros), x, y, rng=rng)[1])

    h = numerical_hessian(grad, pack(zeros))
    output = 3 * hidden  # W1 占 2 倍，b1 占 1 倍，然后是 W2
    blocks = [h[output + k, 2 * k : 2 * k + 2] for k in range(hidden)]
    return [blocks, h[-1, -1]]


def naive_at_zero(x: Any, y: Any, hidden: int) -> list[Any]:
    """每个隐藏单元、每个输入各一个平均；偏置的是四分之一。"""
    m = len(y[0])
    blocks = [
        [
            1 / m * sum((1 / 2 - y[0][i]) * x[j][i] for i in range(m))
            for j in range(len(x))
        ]
        for _ in range(hidden)
    ]
    return [blocks, 1 / 4]


FORMULAS = [
    Formula("2.10.1", "landscapes.Quadratic.cost", second_case, second, naive_second),
    Formula("2.10.2", "landscapes.descend", shrink_case, shrink, naive_shrink),
    Formula(
        "2.10.3",
        "experiments.local_optima.first_step",
        leave_case,
        leave,
        naive_leave,
    ),
    Formula("2.10.4", "landscapes.Plateau.grad", plateau_case, plateau, naive_plateau),
    Formula(
        "2.10.5", "landscapes.numerical_hessian", zero_case, at_zero, naive_at_zero
    ),
]
