"""1.12 节：梯度的数值逼近。"""

import math
from collections.abc import Callable
from typing import Any

from numpy.random import Generator

from dlnotes_lib.differences import (
    central_difference,
    complex_step,
    forward_difference,
)
from dlnotes_lib.experiments.numerical_gradients import (
    best_steps,
    central_bound,
    forward_bound,
)
from trust.formulas import Formula


def quadratic_case(rng: Generator) -> dict[str, Any]:
    """二次多项式：单边差分的展开式到 ε 为止，没有余项。"""
    return polynomial_case(rng, 2)


def quartic_case(rng: Generator) -> dict[str, Any]:
    """四次多项式：另外两个展开式到 ε² 为止，没有余项。"""
    return polynomial_case(rng, 4)


def polynomial_case(rng: Generator, degree: int) -> dict[str, Any]:
    """系数、若干个点与一个大步长。"""
    return {
        "x": rng.normal(size=(2, 3)),
        "coefficients": tuple(rng.normal(size=degree + 1).tolist()),
        "eps": rng.uniform(0.2, 1.0),
    }


def library_of(method: Callable[..., Any]) -> Callable[..., Any]:
    """库的一种数值导数；等号两边各比一次。"""

    def library(x: Any, coefficients: Any, eps: float) -> Any:
        def f(t: Any) -> Any:
            value = 0 * t
            for c in reversed(coefficients):
                value = value * t + c
            return value

        return [method(f, x, eps=eps)] * 2

    return library


def naive_f(coefficients: Any, t: Any) -> Any:
    """多项式的值，t 可以是复数。"""
    return sum(c * t**k for k, c in enumerate(coefficients))


def naive_derivative(coefficients: Any, t: float, order: int) -> float:
    """多项式的各阶导数。"""
    return sum(
        c * math.perm(k, order) * t ** (k - order)
        for k, c in enumerate(coefficients)
        if k >= order
    )


def naive_forward(x: Any, coefficients: Any, eps: float) -> Any:
    """差商；f′ + ε f″ / 2。"""
    points = [t for row in x for t in row]
    quotients = [
        (naive_f(coefficients, t + eps) - naive_f(coefficients, t)) / eps
        for t in points
    ]
    expansions = [
        naive_derivative(coefficients, t, 1)
        + eps / 2 * naive_derivative(coefficients, t, 2)
        for t in points
    ]
    return quotients, expansions


def naive_central(x: Any, coefficients: Any, eps: float) -> Any:
    """差商；f′ + ε² f‴ / 6。"""
    points = [t for row in x for t in row]
    quotients = [
        (naive_f(coefficients, t + eps) - naive_f(coefficients, t - eps)) / (2 * eps)
        for t in points
    ]
    expansions = [
        naive_derivative(coefficients, t, 1)
        + eps**2 / 6 * naive_derivative(coefficients, t, 3)
        for t in points
    ]
    return quotients, expansions


def naive_complex(x: Any, coefficients: Any, eps: float) -> Any:
    """虚部除以 ε；f′ − ε² f‴ / 6。"""
    points = [t for row in x for t in row]
    quotients = [naive_f(coefficients, complex(t, eps)).imag / eps for t in points]
    expansions = [
        naive_derivative(coefficients, t, 1)
        - eps**2 / 6 * naive_derivative(coefficients, t, 3)
        for t in points
    ]
    return quotients, expansions


def bound_case(rng: Generator) -> dict[str, Any]:
    """几个步长；函数值与导数有正有负。"""
    return {"eps": rng.uniform(0.2, 2.0, size=(2, 3)), **values(rng)}


def values(rng: Generator) -> dict[str, Any]:
    """函数值、二阶与三阶导数、相对误差的界。"""
    signs = rng.choice([-1.0, 1.0], size=3)
    f, f2, f3 = signs * rng.uniform(0.5, 2.0, size=3)
    return {"f": f, "f2": f2, "f3": f3, "u": rng.uniform(0.1, 1.0)}


def bounds(eps: Any, f: float, f2: float, f3: float, u: float) -> Any:
    """库：两个界。"""
    return forward_bound(eps, f=f, f2=f2, u=u), central_bound(eps, f=f, f3=f3, u=u)


def naive_bounds(eps: Any, f: float, f2: float, f3: float, u: float) -> Any:
    """截断误差加舍入误差。"""
    steps = [e for row in eps for e in row]
    one = [abs(f2) / 2 * e + 2 * u * abs(f) / e for e in steps]
    two = [abs(f3) / 6 * e**2 + u * abs(f) / e for e in steps]
    return one, two


def naive_best(f: float, f2: float, f3: float, u: float) -> Any:
    """使界最小的两个步长。"""
    one = 2 * math.sqrt(u * abs(f) / abs(f2))
    two = (3 * u * abs(f) / abs(f3)) ** (1 / 3)
    return one, two


HERE = "experiments.numerical_gradients"
FORMULAS = [
    Formula(
        "1.12.1",
        "differences.forward_difference",
        quadratic_case,
        library_of(forward_difference),
        naive_forward,
    ),
    Formula(
        "1.12.2",
        "differences.central_difference",
        quartic_case,
        library_of(central_difference),
        naive_central,
    ),
    Formula(
        "1.12.3",
        "differences.complex_step",
        quartic_case,
        library_of(complex_step),
        naive_complex,
    ),
    Formula("1.12.4", f"{HERE}.central_bound", bound_case, bounds, naive_bounds),
    Formula("1.12.5", f"{HERE}.best_steps", values, best_steps, naive_best),
]
