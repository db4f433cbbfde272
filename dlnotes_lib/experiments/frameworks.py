r"""3.10 节的实验：计算图上的梯度、反向的代价、五种写法共用的小网络、框架的年表。

保证：只算不画，没有随机数；`start` 的权重由公式给出，各家框架从同样的数出发。
不做：不用任何框架；各家的写法在页面的标签页里。年份只写到年，每一行都有出处。
"""

import sys
from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dlnotes_lib.arrays import Array, Params, as_array, check_count
from dlnotes_lib.autodiff import Value, topological

Values: TypeAlias = dict[str, list[list[Value]]]


class Flow(NamedTuple):
    """反向时沿图上一条边流过的梯度。

    Attributes:
        source: 流向哪个节点，它是那次运算的输入。
        target: 从哪个节点来。
        d: 流过的梯度；一个节点收到的各条相加，就是它的 grad。
    """

    source: str
    target: str
    d: float


class Work(NamedTuple):
    """前向与反向各做了多少。

    Attributes:
        forward: 前向的运算次数，也就是有输入的节点数。
        back: 反向调了几次 back。
        additions: 反向往 grad 里加了几次。
    """

    forward: int
    back: int
    additions: int


class Start(NamedTuple):
    """五种写法共用的数据与起点，列约定。

    Attributes:
        x: 输入，形状 (2, 6)。
        y: 整数标签，形状 (6,)，三类。
        params: 2-4-3 网络的 W1、b1、W2、b2。
    """

    x: Array
    y: NDArray[np.int64]
    params: Params


class Framework(NamedTuple):
    """年表的一行；首尾都是日历年，由各自的出处证明。

    Attributes:
        name: 名字。
        first: 出处里写明的首次发布、开源或论文的年份；代码可能更早就能下载。
        last: 最后一次发布的年份，2026 年 11 月查。
        first_source: first 的出处。
        last_source: last 的出处。
    """

    name: str
    first: int
    last: int
    first_source: str
    last_source: str


# 年份都在出处里；last 另用软件包的上传日期核对过（Caffe、Theano、Lasagne 除外）
FRAMEWORKS = (
    Framework(
        "Theano",
        2009,
        2020,
        "https://github.com/Theano/Theano/blob/master/HISTORY.txt",
        "https://github.com/Theano/Theano/releases",
    ),
    Framework(
        "Caffe",
        2014,
        2017,
        "https://arxiv.org/abs/1408.5093",
        "https://github.com/BVLC/caffe/pull/5539",
    ),
    Framework(
        "CNTK",
        2015,
        2019,
        "https://github.com/microsoft/CNTK#readme",
        "https://github.com/microsoft/CNTK/releases",
    ),
    Framework(
        "Lasagne",
        2015,
        2015,
        "https://github.com/Lasagne/Lasagne/blob/master/CHANGES.rst",
        "https://github.com/Lasagne/Lasagne/releases",
    ),
    Framework(
        "MXNet",
        2015,
        2022,
        "https://arxiv.org/abs/1512.01274",
        "https://github.com/apache/mxnet/releases",
    ),
    Framework(
        "Chainer",
        2015,
        2022,
        "http://learningsys.org/papers/LearningSys_2015_paper_33.pdf",
        "https://github.com/chainer/chainer/releases",
    ),
    Framework(
        "Keras",
        2015,
        2026,
        "https://github.com/topics/keras",
        "https://github.com/keras-team/keras/releases",
    ),
    Framework(
        "TensorFlow",
        2015,
        2026,
        "https://arxiv.org/abs/1603.04467",
        "https://github.com/tensorflow/tensorflow/releases",
    ),
    Framework(
        "PaddlePaddle",
        2016,
        2026,
        "https://github.com/PaddlePaddle/Paddle#readme",
        "https://github.com/PaddlePaddle/Paddle/releases",
    ),
    Framework(
        "PyTorch",
        2017,
        2026,
        "https://pytorch.org/blog/a-year-in/",
        "https://github.com/pytorch/pytorch/releases",
    ),
    Framework(
        "JAX",
        2018,
        2026,
        "https://mlsys.org/Conferences/doc/2018/146.pdf",
        "https://github.com/jax-ml/jax/releases",
    ),
    Framework(
        "MindSpore",
        2020,
        2026,
        "https://www.mindspore.cn/versions",
        "https://www.mindspore.cn/versions",
    ),
)


def twice_used() -> dict[str, Value]:
    """f = xy + x 在 (2, 3) 处的计算图，已经反向走过；x 用了两次。

    Returns:
        名字到节点：x、y、xy、f。

    Examples:
        >>> from dlnotes_lib.experiments.frameworks import twice_used
        >>> {name: node.grad for name, node in twice_used().items()}
        {'x': 4.0, 'y': 2.0, 'xy': 1.0, 'f': 1.0}
    """
    x, y = Value(2.0), Value(3.0)
    xy = x * y
    f = xy + x
    f.backward()
    return {"x": x, "y": y, "xy": xy, "f": f}


def flows(named: dict[str, Value]) -> list[Flow]:
    """图上每条边流过的梯度；图要先反向走过。

    Args:
        named: 名字到节点，图里的节点都要有名字。

    Returns:
        各条边，先终点后输入，次序同 named。

    Raises:
        ValueError: 有节点的输入没有名字。

    Examples:
        >>> from dlnotes_lib.experiments.frameworks import flows, twice_used
        >>> for source, target, d in flows(twice_used()):
        ...     print(target, "→", source, d)
        xy → x 3.0
        xy → y 2.0
        f → xy 1.0
        f → x 1.0
    """
    names = {id(node): name for name, node in named.items()}
    found = []
    for target, node in named.items():
        for source, d in zip(node.inputs, node.back(node.grad), strict=True):
            if id(source) not in names:
                raise ValueError(f"named must name every node, got {source!r} unnamed")
            found.append(Flow(names[id(source)], target, d))
    return found


def work(end: Value) -> Work:
    """从 end 反向走一遍，数前向与反向各做了多少；数的是次数，不是时间。

    Args:
        end: 图的终点；走完之后各节点的 grad 是新的。

    Returns:
        三个次数。

    Examples:
        >>> from dlnotes_lib.autodiff import Value
        >>> from dlnotes_lib.experiments.frameworks import work
        >>> x, y = Value(2.0), Value(3.0)
        >>> work(x * y + x)
        Work(forward=2, back=2, additions=4)
    """
    nodes = [node for node in topological(end) if node.inputs]
    backs = [node.back for node in nodes]
    sizes: list[int] = []
    for node, back in zip(nodes, backs, strict=True):
        node.back = _counted(back, sizes)
    end.backward()
    for node, back in zip(nodes, backs, strict=True):
        node.back = back
    return Work(len(nodes), len(sizes), sum(sizes))


def python_calls(run: Callable[[], object]) -> int:
    """run 运行时，Python 调用了几次函数，用 C 写的也算；数的是次数，不是时间。

    Args:
        run: 要跑的事，不收参数；返回值不用。

    Returns:
        次数，run 自己也算一次。

    Examples:
        >>> from dlnotes_lib.experiments.frameworks import python_calls
        >>> python_calls(lambda: (abs(-1), abs(-2)))
        3
    """
    events: list[str] = []
    before = sys.getprofile()
    sys.setprofile(lambda frame, event, arg: events.append(event))
    try:
        run()
    finally:
        sys.setprofile(before)
    return sum(e in ("call", "c_call") for e in events) - 1  # 减去撤下记录那一次


def tree_size(end: Value) -> int:
    """不共享中间结果时，end 这个式子展开之后有几个节点。

    一条路一条路地反向走，走过的节点也是这么多。

    Args:
        end: 图的终点。

    Returns:
        节点数；用了两次的节点，连同它上游的全部，算两遍。

    Examples:
        >>> from dlnotes_lib.autodiff import Value
        >>> from dlnotes_lib.experiments.frameworks import tree_size
        >>> x = Value(2.0)
        >>> square = x * x
        >>> tree_size(square), tree_size(square * square)
        (3, 7)
    """
    sizes: dict[int, int] = {}
    for node in topological(end):
        sizes[id(node)] = 1 + sum(sizes[id(source)] for source in node.inputs)
    return sizes[id(end)]


def logistic(x: Value, *, steps: int) -> Value:
    r"""把 $x \leftarrow 4x(1 - x)$ 做 steps 次。

    Args:
        x: 起点。
        steps: 次数。

    Returns:
        最后的 x，连同它的计算图。

    Raises:
        ValueError: steps < 1。

    Examples:
        >>> from dlnotes_lib.autodiff import Value
        >>> from dlnotes_lib.experiments.frameworks import logistic
        >>> x = Value(0.25)
        >>> f = logistic(x, steps=1)
        >>> f.backward()
        >>> f.data, x.grad
        (0.75, 2.0)
    """
    check_count("steps", steps)
    for _ in range(steps):
        x = 4 * x * (1 - x)
    return x


def start() -> Start:
    """2-4-3 网络的数据与起点，全由公式给出。

    Returns:
        数据与参数，列约定。

    Examples:
        >>> from dlnotes_lib.experiments.frameworks import start
        >>> x, y, params = start()
        >>> x.shape, y.tolist()
        ((2, 6), [0, 1, 2, 0, 1, 2])
        >>> [w.shape for w in params.values()]
        [(4, 2), (4, 1), (3, 4), (3, 1)]
    """
    x = np.cos(np.arange(12.0)).reshape(2, 6)
    y = np.arange(6) % 3
    w1 = np.sin(np.arange(8.0)).reshape(4, 2)
    w2 = np.sin(np.arange(12.0)).reshape(3, 4)
    b1, b2 = np.full((4, 1), 0.1), np.arange(3.0).reshape(3, 1) / 10
    return Start(x, y, {"W1": w1, "b1": b1, "W2": w2, "b2": b2})


def as_values(params: Params) -> Values:
    """把参数表里的每个数变成 `Value`。

    Args:
        params: 参数表，都是二维数组。

    Returns:
        同样的键，值是一行一行的 Value。

    Raises:
        ShapeError: 有一个数组不是二维。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.frameworks import as_values
        >>> as_values({"W1": np.array([[1.5, 2.5]])})["W1"][0][1]
        Value(data=2.5, grad=0)
    """
    tables = {name: as_array(name, w, (None, None)) for name, w in params.items()}
    return {
        name: [[Value(v) for v in row] for row in w.tolist()]
        for name, w in tables.items()
    }


def scalar_loss(params: Values, x: Array, y: NDArray[np.integer]) -> Value:
    """tanh 隐藏层加 softmax 交叉熵，一个数一个数地算。

    Args:
        params: W1、b1、W2、b2，由 `as_values` 得到。
        x: 输入，形状 (n_x, m)。
        y: 整数标签，形状 (m,)。

    Returns:
        样本平均的损失，连同它的计算图。

    Examples:
        >>> from dlnotes_lib.experiments.frameworks import as_values, scalar_loss, start
        >>> x, y, params = start()
        >>> round(scalar_loss(as_values(params), x, y).data, 4)
        1.3117
    """
    total = Value(0.0)
    for column, label in zip(x.T.tolist(), y.tolist(), strict=True):
        hidden = [z.tanh() for z in _affine(params["W1"], params["b1"], column)]
        scores = _affine(params["W2"], params["b2"], hidden)
        total = total + _sum(z.exp() for z in scores).log() - scores[label]
    return total / len(y)


def grads_of(params: Values) -> Params:
    """取出每个 `Value` 的 grad，排回数组。

    Args:
        params: 由 `as_values` 得到的参数。

    Returns:
        同样的键，值是数组。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.frameworks import as_values, grads_of
        >>> params = as_values({"W1": np.array([[1.5, 2.5]])})
        >>> (params["W1"][0][0] * params["W1"][0][1]).backward()
        >>> grads_of(params)["W1"].tolist()
        [[2.5, 1.5]]
    """
    return {
        name: np.array([[value.grad for value in row] for row in w])
        for name, w in params.items()
    }


def _affine(w: list[list[Value]], b: list[list[Value]], x: list) -> list[Value]:
    return [
        _sum(w_ij * x_j for w_ij, x_j in zip(row, x, strict=True)) + b_i
        for row, (b_i,) in zip(w, b, strict=True)
    ]


def _sum(values: Iterable[Value]) -> Value:
    first, *rest = values
    for value in rest:
        first = first + value
    return first


def _counted(
    back: Callable[[float], tuple[float, ...]], sizes: list[int]
) -> Callable[[float], tuple[float, ...]]:
    def counted(d: float) -> tuple[float, ...]:
        slopes = back(d)
        sizes.append(len(slopes))
        return slopes

    return counted
