"""坏输入表：每个公开函数的每个参数，给坏值就报错，消息以参数名开头。

一行是 (函数, 参数, 坏法, 调用, 坏值, 期望的异常, 消息)。多数行由下面几个小函数成批写出；
加一个函数，就在对应模块那一组里加几行。
"""

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from bad_input import (
    INF,
    NAN,
    REAL,
    RNG,
    Call,
    Case,
    Function,
    array,
    case_id,
    count,
    finite,
    generator,
    missing,
    number,
    refused,
    shaped,
)

from dlnotes_lib.activations import leaky_relu, relu, sigmoid, tanh
from dlnotes_lib.arrays import (
    ShapeError,
    as_array,
    as_params,
    check_count,
    check_finite,
    check_interval,
    check_rng,
    to_columns,
    to_rows,
)
from dlnotes_lib.dropout import (
    apply_mask,
    dropout,
    dropout_linreg_loss,
    dropout_mask,
)
from dlnotes_lib.initializers import (
    init_params,
    init_weights,
    normal_weights,
    target_std,
    uniform_limit,
)
from dlnotes_lib.layers import linear, linear_of_data, matmul
from dlnotes_lib.losses import (
    bce_with_logits,
    one_hot,
    smooth_labels,
    soft_cross_entropy,
    softmax_cross_entropy,
)
from dlnotes_lib.regularization import (
    l1_penalty,
    l1_subgrad,
    l2_grad,
    l2_penalty,
    soft_threshold,
    weight_decay_factor,
)


def scheme(function: Function, call: Call) -> list[Case]:
    """初始化方案的名字。"""
    options = "must be one of zeros, lecun, xavier, he, got"
    return [
        Case(function, "scheme", "none", call, None, TypeError, "must be a string"),
        Case(function, "scheme", "list", call, ["he"], TypeError, "must be a string"),
        Case(function, "scheme", "unknown", call, "kaiming", ValueError, options),
        Case(function, "scheme", "empty", call, "", ValueError, options),
    ]


X, B, W = np.ones((2, 3)), np.ones((4, 1)), np.ones((4, 2))
SOFT = np.array([[0.25, 0.5, 1.0], [0.75, 0.5, 0.0]])
Y, MASK = np.array([0, 1, 1]), np.ones((2, 3), dtype=bool)

ARRAYS = [
    *(
        row
        for f, name in [(to_columns, "x_rows"), (to_rows, "x")]
        for row in [*array(f, name, f), *shaped(f, name, f, (3,), (2, 3, 1), ())]
    ),
    *array(as_array, "x", lambda v: as_array("x", v)),
    *(
        Case(
            as_params, "params", kind, lambda v: as_params(v, {"w": (2, 3)}), bad, e, m
        )
        for kind, bad, e, m in [
            ("list", [1], TypeError, "must be a dict of arrays, got list"),
            ("key", {"v": X}, ValueError, "must have keys ['w'], got ['v']"),
        ]
    ),
    *finite(check_finite, "x", lambda v: check_finite("x", v), (2, 3)),
    *number(check_interval, "p", lambda v: check_interval("p", v, "(0, 1]"), 0, 1.1),
    *count(check_count, "k", lambda v: check_count("k", v)),
    *generator(check_rng, check_rng),
]

ACTIVATIONS = [
    row
    for f in (sigmoid, tanh, relu, leaky_relu)
    for row in [
        *array(f, "z", f),
        *array(f, "da", lambda v, f=f: f(X)[1](v)),
        *shaped(f, "da", lambda v, f=f: f(X)[1](v), (3, 2), (2, 1), (3,), ()),
    ]
] + number(leaky_relu, "slope", lambda v: leaky_relu(X, slope=v), -0.1, 0, 1, INF)

LAYERS = [
    row
    for f in (linear, linear_of_data)
    for row in [
        *array(f, "x", lambda v, f=f: f(v, W, B)),
        *shaped(f, "x", lambda v, f=f: f(v, W, B), (2,), (2, 3, 1), ()),
        *array(f, "w", lambda v, f=f: f(X, v, B)),
        *shaped(f, "w", lambda v, f=f: f(X, v, B), (2, 4), (4, 3), (2,), ()),
        *array(f, "b", lambda v, f=f: f(X, W, v)),
        *shaped(f, "b", lambda v, f=f: f(X, W, v), (4,), (1, 4), (2, 1), (4, 3), ()),
        *array(f, "dz", f(X, W, B)[1]),
        *shaped(f, "dz", f(X, W, B)[1], (4, 1), (3, 4), (2, 3), ()),
    ]
] + [
    *array(matmul, "x", lambda v: matmul(v, W)),
    *shaped(matmul, "x", lambda v: matmul(v, W), (2,), (2, 3, 1), ()),
    *array(matmul, "w", lambda v: matmul(X, v)),
    *shaped(matmul, "w", lambda v: matmul(X, v), (2, 4), (4, 3), (2,), ()),
    *array(matmul, "dz", matmul(X, W)[1]),
    *shaped(matmul, "dz", matmul(X, W)[1], (4, 1), (3, 4), (2, 3), ()),
]


def label(kind: str, value: Any, error: type[Exception], message: str) -> Case:
    """一行 softmax 标签。"""
    f = softmax_cross_entropy
    return Case(f, "y", kind, lambda v: f(X, v), value, error, message)


def target(kind: str, value: Any, error: type[Exception], message: str) -> Case:
    """一行 bce 标签。"""
    f = bce_with_logits
    return Case(f, "y", kind, lambda v: f(X, v), value, error, message)


LOSSES = [
    *array(bce_with_logits, "z", lambda v: bce_with_logits(v, X)),
    *shaped(bce_with_logits, "z", lambda v: bce_with_logits(v, X), (3,), (2, 3, 1), ()),
    *finite(bce_with_logits, "z", lambda v: bce_with_logits(v, X), (2, 3)),
    *array(bce_with_logits, "y", lambda v: bce_with_logits(X, v)),
    *shaped(bce_with_logits, "y", lambda v: bce_with_logits(X, v), (3, 2), (1, 3), ()),
    *finite(bce_with_logits, "y", lambda v: bce_with_logits(X, v), (2, 3)),
    target("-1", -X, ValueError, r"must be in [0, 1], got values from -1.0 to -1.0"),
    target("1.5", 1.5 * X, ValueError, r"must be in [0, 1], got values from 1.5"),
    target("complex", X + 0j, TypeError, "must be real, got dtype complex128"),
    *array(softmax_cross_entropy, "z", lambda v: softmax_cross_entropy(v, Y)),
    *shaped(
        softmax_cross_entropy, "z", lambda v: softmax_cross_entropy(v, Y), (3,), ()
    ),
    *finite(softmax_cross_entropy, "z", lambda v: softmax_cross_entropy(v, Y), (2, 3)),
    *array(softmax_cross_entropy, "y", lambda v: softmax_cross_entropy(X, v))[:-1],
    label("bool", np.array([True, False, True]), TypeError, REAL),
    label("one-hot", np.eye(2, 3, dtype=int), ShapeError, "must have shape (3,)"),
    label("row", Y[None, :], ShapeError, "must have shape (3,), got (1, 3)"),
    label("too few", Y[:2], ShapeError, "must have shape (3,), got (2,)"),
    label("float", Y * 1.0, TypeError, "must be integer labels, got dtype float64"),
    label("nan", np.array([0, 1, NAN]), TypeError, "must be integer labels"),
    label("-1", np.array([0, 1, -1]), ValueError, "must be labels in 0..1"),
    label("C", np.array([0, 1, 2]), ValueError, "must be labels in 0..1"),
    *array(soft_cross_entropy, "z", lambda v: soft_cross_entropy(v, SOFT)),
    *finite(soft_cross_entropy, "z", lambda v: soft_cross_entropy(v, SOFT), (2, 3)),
    *array(soft_cross_entropy, "y", lambda v: soft_cross_entropy(X, v)),
    *shaped(soft_cross_entropy, "y", lambda v: soft_cross_entropy(X, v), (3,), (3, 2)),
    *finite(soft_cross_entropy, "y", lambda v: soft_cross_entropy(X, v), (2, 3)),
    *(
        Case(soft_cross_entropy, "y", k, lambda v: soft_cross_entropy(X, v), v, e, m)
        for k, v, e, m in [
            ("-1", -SOFT, ValueError, "must be in [0, 1], got values from -1.0"),
            ("sum", SOFT / 2, ValueError, "columns that sum to 1, got a sum of 0.5"),
            ("complex", SOFT + 0j, TypeError, "must be real, got dtype complex128"),
        ]
    ),
    *array(one_hot, "y", lambda v: one_hot(v, 3))[:-1],
    *shaped(one_hot, "y", lambda v: one_hot(v, 3), (2, 3), ()),
    Case(one_hot, "y", "C", lambda v: one_hot(v, 2), Y + 1, ValueError, "in 0..1"),
    Case(one_hot, "y", "float", lambda v: one_hot(v, 2), Y * 1.0, TypeError, "integer"),
    *count(one_hot, "classes", lambda v: one_hot(Y, v)),
    *array(smooth_labels, "y", lambda v: smooth_labels(v, smoothing=0.1)),
    *shaped(smooth_labels, "y", lambda v: smooth_labels(v, smoothing=0.1), (3,)),
    *finite(smooth_labels, "y", lambda v: smooth_labels(v, smoothing=0.1), (2, 3)),
    *number(
        smooth_labels, "smoothing", lambda v: smooth_labels(SOFT, smoothing=v), -0.1, 1
    ),
]


def strength(function: Function, call: Callable[..., Any]) -> list[Case]:
    """Call(lambd=…, m=…) 的两个超参数。"""
    return [
        *number(function, "lambd", lambda v: call(lambd=v, m=2), -0.1, INF),
        *count(function, "m", lambda v: call(lambd=0.5, m=v)),
    ]


def penalty(function: Function) -> list[Case]:
    """收一串权重的罚项：坏的是第二个。"""

    def call(v: Any) -> Any:
        return function([X, v], lambd=0.5, m=2)

    def whole(v: Any) -> Any:
        return function(v, lambd=0.5, m=2)

    empty, number_ = "must not be empty", "must be iterable, got float"
    return [
        *array(function, "weights[1]", call),
        *finite(function, "weights[1]", call, (2, 3)),
        Case(function, "weights", "empty list", whole, [], ValueError, empty),
        Case(function, "weights", "number", whole, 0.5, TypeError, number_),
        Case(function, "weights[0]", "dict", whole, {"W1": X}, TypeError, REAL),
        *strength(function, lambda **k: function([X], **k)),
    ]


def gradient(function: Function) -> list[Case]:
    """收一个权重的梯度。"""

    def call(v: Any) -> Any:
        return function(v, lambd=0.5, m=2)

    return [
        *array(function, "w", call),
        *finite(function, "w", call, (2, 3)),
        *strength(function, lambda **k: function(X, **k)),
    ]


REGULARIZATION = [
    *penalty(l2_penalty),
    *penalty(l1_penalty),
    *gradient(l2_grad),
    *gradient(l1_subgrad),
    *array(soft_threshold, "w", lambda v: soft_threshold(v, 0.5)),
    *finite(soft_threshold, "w", lambda v: soft_threshold(v, 0.5), (2, 3)),
    *number(soft_threshold, "t", lambda v: soft_threshold(X, v), -0.1, INF),
    *strength(weight_decay_factor, lambda **k: weight_decay_factor(lr=0.1, **k)),
    *number(
        weight_decay_factor,
        "lr",
        lambda v: weight_decay_factor(lr=v, lambd=0.5, m=2),
        *(-0.1, 0, INF),
    ),
    Case(
        weight_decay_factor,
        "lambd",
        "at the limit",
        lambda v: weight_decay_factor(lr=0.5, lambd=v, m=200),
        800,
        ValueError,
        "must be below 2m/lr = 800, got 800",
    ),
]


def mask(kind: str, value: Any, error: type[Exception], message: str) -> Case:
    """一行掩码。"""

    def call(v: Any) -> Any:
        return apply_mask(X, v, keep_prob=0.5)

    return Case(apply_mask, "mask", kind, call, value, error, message)


def shape(name: str, value: Any, error: type[Exception], message: str) -> Case:
    """一行掩码形状。"""

    def call(v: Any) -> Any:
        return dropout_mask(v, keep_prob=0.5, rng=RNG)

    return Case(dropout_mask, name, f"{value}", call, value, error, message)


def linreg(argument: str, *bad: Any) -> list[Case]:
    """Dropout 下的线性回归：一个数组参数的坏法。"""
    good = {"x": np.ones((2, 3)), "y": np.ones((1, 3)), "w": np.ones((1, 2))}
    f = dropout_linreg_loss

    def call(v: Any) -> Any:
        return f(**{**good, argument: v}, keep_prob=0.5)

    return [
        *array(f, argument, call),
        *shaped(f, argument, call, *bad),
        *finite(f, argument, call, good[argument].shape),
    ]


BACK_DROPOUT = apply_mask(X, MASK, keep_prob=0.5)[1]
OUT = (-0.1, 0, 1.1, INF)
DROPOUT = [
    shape("shape", [2, 3], TypeError, "must be a tuple, got list"),
    shape("shape", 3, TypeError, "must be a tuple, got int"),
    shape("shape", None, TypeError, "must be a tuple, got NoneType"),
    shape("shape[1]", (2, 0), ValueError, "must be at least 1, got 0"),
    shape("shape[0]", (-1, 3), ValueError, "must be at least 1, got -1"),
    shape("shape[1]", (2, 3.0), TypeError, "must be an integer, got float"),
    *number(
        dropout_mask,
        "keep_prob",
        lambda v: dropout_mask((2, 3), keep_prob=v, rng=RNG),
        *OUT,
    ),
    *generator(dropout_mask, lambda v: dropout_mask((2, 3), keep_prob=0.5, rng=v)),
    *array(apply_mask, "a", lambda v: apply_mask(v, MASK, keep_prob=0.5)),
    *array(apply_mask, "d", BACK_DROPOUT),
    *shaped(apply_mask, "d", BACK_DROPOUT, (3, 2), (2, 1), (3,), ()),
    mask("float", X, TypeError, "must be a boolean array, got dtype float64"),
    mask("none", None, TypeError, "must be a boolean array, got dtype object"),
    mask("str", "abc", TypeError, "must be a boolean array, got dtype <U3"),
    mask("ragged", [[True], [True, False]], ShapeError, "must be a regular array"),
    mask("empty", MASK[:0], ShapeError, "must have shape (2, 3), got (0, 3)"),
    mask("shared", MASK[:, :1], ShapeError, "must have shape (2, 3), got (2, 1)"),
    *number(apply_mask, "keep_prob", lambda v: apply_mask(X, MASK, keep_prob=v), *OUT),
    *array(dropout, "a", lambda v: dropout(v, keep_prob=0.5, rng=RNG)),
    *array(dropout, "d", lambda v: dropout(X, keep_prob=0.5, rng=RNG)[1](v)),
    *number(dropout, "keep_prob", lambda v: dropout(X, keep_prob=v, rng=RNG), *OUT),
    *generator(dropout, lambda v: dropout(X, keep_prob=0.5, rng=v)),
    *linreg("x", (2,), (2, 3, 1), ()),
    *linreg("y", (3,), (3, 1), (1, 2), (2, 3), ()),
    *linreg("w", (2,), (2, 1), (1, 3), (2, 2), ()),
    *number(
        dropout_linreg_loss,
        "keep_prob",
        lambda v: dropout_linreg_loss(X, X[:1], X[:1, :2], keep_prob=v),
        *OUT,
    ),
]


def fans(function: Function) -> list[Case]:
    """target_std 与 uniform_limit 共有的行。"""
    return [
        *scheme(function, lambda v: function(v, fan_in=2, fan_out=3)),
        *count(function, "fan_in", lambda v: function("he", fan_in=v, fan_out=3)),
        *count(function, "fan_out", lambda v: function("he", fan_in=2, fan_out=v)),
    ]


def width(name: str, value: Any, error: type[Exception], message: str) -> Case:
    """一行网络宽度。"""

    def call(v: Any) -> Any:
        return init_params(v, scheme="he", rng=RNG)

    return Case(init_params, name, f"{value}", call, value, error, message)


def weights(function: Function, **rest: Any) -> list[Case]:
    """normal_weights 与 init_weights 共有的行。"""
    return [
        *count(function, "n_out", lambda v: function(v, 2, **rest, rng=RNG)),
        *count(function, "n_in", lambda v: function(3, v, **rest, rng=RNG)),
        *generator(function, lambda v: function(3, 2, **rest, rng=v)),
    ]


INITIALIZERS = [
    *fans(target_std),
    *fans(uniform_limit),
    *weights(normal_weights, std=0.1),
    *number(
        normal_weights,
        "std",
        lambda v: normal_weights(3, 2, std=v, rng=RNG),
        *(-0.1, INF),
    ),
    *weights(init_weights, scheme="he"),
    *scheme(init_weights, lambda v: init_weights(3, 2, scheme=v, rng=RNG)),
    width("sizes", 3, TypeError, "must be a sequence, got int"),
    width("sizes", None, TypeError, "must be a sequence, got NoneType"),
    width("sizes", (), ValueError, "must have at least 2 entries, got 0"),
    width("sizes", (3,), ValueError, "must have at least 2 entries, got 1"),
    width("sizes[1]", (3, 0, 1), ValueError, "must be at least 1, got 0"),
    width("sizes[2]", (3, 2, -1), ValueError, "must be at least 1, got -1"),
    width("sizes[0]", (3.0, 2), TypeError, "must be an integer, got float"),
    width("sizes[0]", "32", TypeError, "must be an integer, got str"),
    *scheme(init_params, lambda v: init_params((3, 2), scheme=v, rng=RNG)),
    *generator(init_params, lambda v: init_params((3, 2), scheme="he", rng=v)),
]

GROUPS = {
    "arrays": ARRAYS,
    "activations": ACTIVATIONS,
    "layers": LAYERS,
    "losses": LOSSES,
    "regularization": REGULARIZATION,
    "dropout": DROPOUT,
    "initializers": INITIALIZERS,
}
CASES = [case for group in GROUPS.values() for case in group]


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_bad_input_is_refused_by_name(case: Case) -> None:
    refused(case)


@pytest.mark.parametrize("name", GROUPS)
def test_every_argument_of_every_public_function_has_a_row(name: str) -> None:
    module = importlib.import_module(f"dlnotes_lib.{name}")
    untested = missing(module, GROUPS[name])
    # arrays 里的 name、shapes、interval 由库自己写，不是读者的输入
    own = {"name", "shape", "shapes", "value", "interval", "minimum"}
    assert not {(f, a) for f, a in untested if name != "arrays" or a not in own}


def test_a_function_without_a_row_is_found():
    rows = [case for case in LAYERS if case.argument != "b"]
    assert missing(importlib.import_module("dlnotes_lib.layers"), rows) == {
        ("linear", "b"),
        ("linear_of_data", "b"),
    }
