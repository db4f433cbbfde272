r"""标量的反向模式自动微分：记下每一步运算，再倒着走一遍。

保证：一个节点被用几次，几条路的梯度就相加；`Value.backward` 从零算起，调几次都
一样；图再深也不会栈溢出。
不做：只有标量，没有数组；要快、要上 GPU，用框架。
"""

import math
from collections.abc import Callable, Iterator
from typing import TypeAlias

Number: TypeAlias = "Value | float | int"


class Value:
    """一个数，连同它是怎么算出来的。

    Attributes:
        data: 数值。
        grad: 最近一次 ``backward`` 的起点对它的偏导；没有算过是 0。

    Raises:
        TypeError: data 不是实数。

    Examples:
        >>> from dlnotes_lib.autodiff import Value
        >>> w = Value(0.0)
        >>> f = w**2 - 10 * w + 25
        >>> f.backward()
        >>> f.data, w.grad
        (25.0, -10.0)

        同一个节点用两次，梯度相加：

        >>> from dlnotes_lib.autodiff import Value
        >>> x, y = Value(2.0), Value(3.0)
        >>> (x * y + x).backward()
        >>> x.grad, y.grad
        (4.0, 2.0)

    References:
        Baydin 等, 2018, https://arxiv.org/abs/1502.05767 ，第 3.2 节。
    """

    def __init__(self, data: float) -> None:
        if isinstance(data, bool) or not isinstance(data, int | float):
            raise TypeError(f"data must be a real number, got {type(data).__name__}")
        self.data = float(data)
        self.grad = 0.0
        self.inputs: tuple[Value, ...] = ()
        self.back: Callable[[float], tuple[float, ...]] = lambda d: ()

    def __repr__(self) -> str:
        return f"Value(data={self.data:g}, grad={self.grad:g})"

    def __add__(self, other: Number) -> "Value":
        """a + b；两边都收到 d。"""
        other = _value(other)
        return record(self.data + other.data, (self, other), lambda d: (d, d))

    def __mul__(self, other: Number) -> "Value":
        """a·b；a 收到 d·b，b 收到 d·a。"""
        other = _value(other)
        a, b = self.data, other.data
        return record(a * b, (self, other), lambda d: (d * b, d * a))

    def __pow__(self, power: float) -> "Value":
        if isinstance(power, Value) or not isinstance(power, int | float):
            raise TypeError(f"power must be a number, got {type(power).__name__}")
        a = self.data
        if (a < 0 and power != int(power)) or (a == 0 and power < 1 and power):
            raise ValueError(f"data must be positive for power {power:g}, got {a:g}")
        slope = power * a ** (power - 1) if power else 0.0
        return record(a**power, (self,), lambda d: (d * slope,))

    def exp(self) -> "Value":
        """指数 e^x；导数是它自己。"""
        out = math.exp(self.data)
        return record(out, (self,), lambda d: (d * out,))

    def log(self) -> "Value":
        """自然对数；导数是 1/x。data 不大于 0 时报 ValueError。"""
        if self.data <= 0:
            raise ValueError(f"data must be positive for log, got {self.data:g}")
        a = self.data
        return record(math.log(a), (self,), lambda d: (d / a,))

    def tanh(self) -> "Value":
        """双曲正切；导数是 1 − tanh²x。"""
        out = math.tanh(self.data)
        return record(out, (self,), lambda d: (d * (1 - out**2),))

    def relu(self) -> "Value":
        """max(0, x)；x 为 0 时导数取 0。"""
        positive = self.data > 0
        return record(
            self.data if positive else 0.0, (self,), lambda d: (d if positive else 0.0,)
        )

    def backward(self) -> None:
        """从自己出发，把偏导填进图里每个节点的 grad。"""
        order = list(topological(self))
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(order):  # 每个节点都在用到它的节点之后
            for source, d in zip(node.inputs, node.back(node.grad), strict=True):
                source.grad += d

    def __neg__(self) -> "Value":
        return self * -1

    def __sub__(self, other: Number) -> "Value":
        return self + -_value(other)

    def __truediv__(self, other: Number) -> "Value":
        return self * _value(other) ** -1

    def __radd__(self, other: float) -> "Value":
        return self + other

    def __rmul__(self, other: float) -> "Value":
        return self * other

    def __rsub__(self, other: float) -> "Value":
        return _value(other) - self

    def __rtruediv__(self, other: float) -> "Value":
        return _value(other) / self


def _value(x: Number) -> Value:
    return x if isinstance(x, Value) else Value(x)


def record(
    data: float,
    inputs: tuple[Value, ...],
    back: Callable[[float], tuple[float, ...]],
) -> Value:
    """记下一次运算；给 `Value` 添运算就用它。

    Args:
        data: 运算的结果。
        inputs: 运算的输入。
        back: 收结果的梯度，返回传给各个输入的梯度，次序同 inputs。

    Returns:
        新的节点。

    Examples:
        >>> from dlnotes_lib.autodiff import Value, record
        >>> x = Value(3.0)
        >>> square = record(x.data**2, (x,), lambda d: (d * 2 * x.data,))
        >>> (square + x).backward()
        >>> square.data, x.grad
        (9.0, 7.0)
    """
    out = Value(data)
    out.inputs, out.back = inputs, back
    return out


def topological(end: Value) -> Iterator[Value]:
    """算出 end 要用到的全部节点，每个一次，输入总在用到它的节点之前。

    用栈，不用递归，图再深也不溢出。

    Args:
        end: 图的终点。

    Yields:
        节点；最后一个是 end。

    Examples:
        >>> from dlnotes_lib.autodiff import Value, topological
        >>> x, y = Value(2.0), Value(3.0)
        >>> [node.data for node in topological(x * y + x)]
        [2.0, 3.0, 6.0, 8.0]
    """
    seen, stack = set[int](), [(end, False)]
    while stack:
        node, done = stack.pop()
        if done:
            yield node
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack += [(source, False) for source in node.inputs]
