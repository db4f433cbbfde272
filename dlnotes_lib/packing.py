"""把参数表拼成一个长向量 θ，再拆回来。

保证：次序就是字典的次序，每块按行展平；`pack` 与 `unpack` 都给副本，改动结果不会影响
原件；`views` 给的是视图，改动它就是改动 θ。
不做：不排序，不改名；梯度须先照参数表的次序排好再拼。
"""

import numpy as np

from dlnotes_lib.arrays import Array, Params, as_array


def pack(params: Params) -> Array:
    """参数表 → θ：逐块展平，首尾相接。

    Args:
        params: 参数表，共 N 个数。

    Returns:
        θ，形状 (N,)。

    Raises:
        TypeError: params 不是字典，或某个值不是数值数组。
        ValueError: params 是空的。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.packing import pack
        >>> pack({"W1": np.array([[1.0, 2.0]]), "b1": np.array([[3.0]])}).tolist()
        [1.0, 2.0, 3.0]
    """
    return np.concatenate([w.ravel() for w in _blocks("params", params).values()])


def unpack(theta: Array, like: Params) -> Params:
    """θ → 参数表：键、次序与形状照 like，数值取自 θ。

    Args:
        theta: θ，形状 (N,)；是复数就拆出复数的参数表。
        like: 照着拆的参数表，共 N 个数；只看形状，不看数值。

    Returns:
        新的参数表。

    Raises:
        TypeError: theta 或 like 的类型不对。
        ShapeError: theta 的长度不等于 N。
        ValueError: like 是空的。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.packing import pack, unpack
        >>> params = {"W1": np.ones((2, 3)), "b1": np.zeros((2, 1))}
        >>> theta = pack(params)
        >>> {name: w.shape for name, w in unpack(theta, params).items()}
        {'W1': (2, 3), 'b1': (2, 1)}
    """
    return {name: w.copy() for name, w in views(theta, like).items()}


def views(theta: Array, like: Params) -> Params:
    """与 `unpack` 相同，只是不复制：参数表里的数组就是 θ 的各段。

    Args:
        theta: θ，形状 (N,)。
        like: 照着拆的参数表，共 N 个数；只看形状，不看数值。

    Returns:
        新的字典；里面的数组与 θ 共用内存。

    Raises:
        TypeError: theta 或 like 的类型不对。
        ShapeError: theta 的长度不等于 N。
        ValueError: like 是空的。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.packing import views
        >>> theta = np.arange(3.0)
        >>> params = views(theta, {"W1": np.zeros((1, 2)), "b1": np.zeros((1, 1))})
        >>> theta[2] = 7.0
        >>> params["W1"].tolist(), params["b1"].tolist()
        ([[0.0, 1.0]], [[7.0]])
    """
    blocks = _blocks("like", like)
    theta = as_array("theta", theta, (sum(w.size for w in blocks.values()),))
    params: Params = {}
    end = 0
    for name, w in blocks.items():
        begin, end = end, end + w.size
        params[name] = theta[begin:end].reshape(w.shape)
    return params


def _blocks(name: str, params: Params) -> Params:
    if not isinstance(params, dict):
        raise TypeError(f"{name} must be a dict of arrays, got {type(params).__name__}")
    if not params:
        raise ValueError(f"{name} must not be empty, got no arrays")
    return {key: as_array(f"{name}[{key!r}]", w) for key, w in params.items()}
