"""坏输入：每一行是一次调用、期望的错误、消息里点名的参数。"""

from typing import Any

import numpy as np
import pytest

from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.datasets import london_like, london_like_trend, make_moons
from dlnotes_lib.differences import (
    central_difference,
    complex_step,
    forward_difference,
    numerical_gradient,
)
from dlnotes_lib.gradcheck import directional_check, gradient_check, relative_error
from dlnotes_lib.landscapes import (
    Quadratic,
    descend,
    optimal_gd,
    optimal_heavy_ball,
    rotated_quadratic,
    steps_to,
)
from dlnotes_lib.models import MLP
from dlnotes_lib.optimizers import (
    SGD,
    Adam,
    AdamState,
    AdamW,
    AMSGrad,
    HeavyBall,
    Momentum,
    Nesterov,
    RMSprop,
    _matched,
)
from dlnotes_lib.packing import pack, unpack
from dlnotes_lib.train import train

NAN, INF = float("nan"), float("inf")
ONE: Any = np.ones(2)
P: Any = {"W": np.ones((2, 3)), "b": np.zeros((2, 1))}
X: Any = np.ones((3, 4))
Y: Any = np.array([0, 1, 1, 0])
NET = MLP(sizes=(3, 2))
NET_P: Any = {"W1": np.ones((2, 3)), "b1": np.zeros((2, 1))}
OPTIMIZERS: list[Any] = [
    SGD,
    Momentum,
    HeavyBall,
    Nesterov,
    RMSprop,
    Adam,
    AdamW,
    AMSGrad,
]
OPTIMIZER_IDS = [kind.__name__ for kind in OPTIMIZERS]


def rng() -> Any:
    return np.random.default_rng(0)


def norm(p: Any) -> Any:
    return sum(float((w**2).sum()) for w in p.values())


def step(kind: Any, w: Any, dw: Any, state: Any = "init") -> Any:
    """走一步；state 省略时用配套的初始状态。"""
    optimizer = kind(lr=0.1)
    return optimizer.update(
        w, dw, optimizer.init(np.ones(2)) if state == "init" else state
    )


def net(**fields: Any) -> Any:
    changed: dict[str, Any] = {"sizes": (3, 2)} | fields
    return MLP(**changed)


def lossy(params: Any = P, loss: Any = 1.0, grads: Any = P) -> Any:
    """训练一步。"""
    return list(train(params, lambda *_: (loss, grads), [(X, X)], SGD(lr=0.1)))


UPDATES = [
    (ONE, np.ones(3), ShapeError, r"dw must have shape \(2,\), got \(3,\)"),
    (ONE, np.ones((2, 1)), ShapeError, r"dw must have shape \(2,\), got \(2, 1\)"),
    (ONE, [], ShapeError, "dw must not be empty"),
    (ONE, [NAN, 1.0], ValueError, "dw must be finite, got 1 non-finite of 2"),
    (ONE, [INF, -INF], ValueError, "dw must be finite, got 2 non-finite of 2"),
    ([NAN, 1.0], ONE, ValueError, "w must be finite"),
    ([True, False], ONE, TypeError, "w must be a real or complex array"),
    (ONE, ["a", "b"], TypeError, "dw must be a real or complex array"),
    (ONE, None, TypeError, "dw must be a real or complex array"),
]


@pytest.mark.parametrize("kind", OPTIMIZERS, ids=OPTIMIZER_IDS)
@pytest.mark.parametrize(("w", "dw", "error", "message"), UPDATES)
def test_bad_updates_are_refused(kind, w, dw, error, message):
    with pytest.raises(error, match=message):
        step(kind, w, dw)


@pytest.mark.parametrize("kind", OPTIMIZERS, ids=OPTIMIZER_IDS)
@pytest.mark.parametrize("state", [(), {"v": ONE}, 3])
def test_a_state_of_another_kind_is_refused(kind, state):
    with pytest.raises(TypeError, match=r"state must be a \w+, got \w+"):
        step(kind, ONE, ONE, state)


@pytest.mark.parametrize("kind", OPTIMIZERS[1:], ids=OPTIMIZER_IDS[1:])
def test_the_state_of_another_parameter_is_refused(kind):
    optimizer = kind(lr=0.1)
    state = optimizer.init(np.ones((2, 3)))
    with pytest.raises(ShapeError, match=r"state\.\w+ must have shape \(2, 1\)"):
        optimizer.update(np.ones((2, 1)), np.ones((2, 1)), state)
    with pytest.raises(TypeError, match="state must be a"):
        optimizer.update(ONE, ONE, None)


@pytest.mark.parametrize("kind", OPTIMIZERS[1:], ids=OPTIMIZER_IDS[1:])
@pytest.mark.parametrize("w", [[], "abc", [True]])
def test_no_state_is_made_for_something_that_is_not_a_parameter(kind, w):
    with pytest.raises((TypeError, ShapeError), match=r"^w must"):
        kind(lr=0.1).init(w)


HYPER = [
    *[(kind, "lr") for kind in OPTIMIZERS],
    *[(kind, "beta") for kind in (Momentum, HeavyBall, Nesterov)],
    (RMSprop, "beta"),
    (RMSprop, "eps"),
    (AdamW, "weight_decay"),
    *[(k, n) for k in (Adam, AdamW, AMSGrad) for n in ("beta1", "beta2", "eps")],
]


@pytest.mark.parametrize(("kind", "name"), HYPER)
@pytest.mark.parametrize("value", [-0.1, NAN, INF])
def test_hyper_parameters_outside_their_interval_are_refused(kind, name, value):
    with pytest.raises(ValueError, match=rf"^{name} must be in \[0, "):
        kind(**({"lr": 0.1} | {name: value}))


@pytest.mark.parametrize(("kind", "name"), HYPER)
@pytest.mark.parametrize("value", ["0.1", None, True, [0.1]])
def test_hyper_parameters_that_are_not_numbers_are_refused(kind, name, value):
    with pytest.raises(TypeError, match=rf"^{name} must be a real number"):
        kind(**({"lr": 0.1} | {name: value}))


@pytest.mark.parametrize(("kind", "name"), [h for h in HYPER if "beta" in h[1]])
def test_a_decay_rate_of_one_is_refused(kind, name):
    with pytest.raises(ValueError, match=rf"^{name} must be in \[0, 1\), got 1"):
        kind(**({"lr": 0.1} | {name: 1.0}))


CALLS: dict[str, tuple[Any, type[Exception], str]] = {
    # differences
    "forward eps 0": (
        lambda: forward_difference(np.sin, 1.0, eps=0.0),
        ValueError,
        r"eps must be in \(0, inf\)",
    ),
    "forward eps text": (
        lambda: forward_difference(np.sin, 1.0, eps="a"),  # type: ignore[arg-type]
        TypeError,
        "eps must be a real number",
    ),
    "central eps negative": (
        lambda: central_difference(np.sin, 1.0, eps=-1e-5),
        ValueError,
        "eps must be in",
    ),
    "central x complex": (
        lambda: central_difference(np.sin, 1j, eps=1e-5),
        TypeError,
        "x must be real",
    ),
    "central x empty": (
        lambda: central_difference(np.sin, [], eps=1e-5),
        ShapeError,
        "x must not be empty",
    ),
    "central x nan": (
        lambda: central_difference(np.sin, NAN, eps=1e-5),
        ValueError,
        "x must be finite",
    ),
    "central f of another shape": (
        lambda: central_difference(np.sum, ONE, eps=1e-5),
        ShapeError,
        r"f\(x\) must have shape \(2,\), got \(\)",
    ),
    "central f infinite": (
        lambda: central_difference(lambda v: v * INF, 1.0, eps=1e-5),
        ValueError,
        r"f\(x\) must be finite",
    ),
    "complex step on a function that drops the imaginary part": (
        lambda: complex_step(np.abs, 1.0),
        TypeError,
        r"f\(x \+ i\*eps\) must be complex",
    ),
    "complex step eps": (
        lambda: complex_step(np.sin, 1.0, eps=0.0),
        ValueError,
        "eps must be in",
    ),
    # numerical_gradient
    "theta 2-D": (
        lambda: numerical_gradient(np.sum, np.ones((2, 2))),
        ShapeError,
        r"theta must have shape \(\*,\), got \(2, 2\)",
    ),
    "theta empty": (
        lambda: numerical_gradient(np.sum, np.ones(0)),
        ShapeError,
        "theta must not be empty",
    ),
    "theta nan": (
        lambda: numerical_gradient(np.sum, np.array([NAN])),
        ValueError,
        "theta must be finite",
    ),
    "theta complex": (
        lambda: numerical_gradient(np.sum, ONE * 1j),
        TypeError,
        "theta must be real",
    ),
    "cost is an array": (
        lambda: numerical_gradient(lambda v: v, ONE),  # type: ignore[arg-type]
        ShapeError,
        r"cost must have shape \(\), got \(2,\)",
    ),
    "cost nan": (
        lambda: numerical_gradient(lambda v: NAN, ONE),
        ValueError,
        "cost must be finite",
    ),
    "cost complex": (
        lambda: numerical_gradient(lambda v: 1j, ONE),  # type: ignore[arg-type]
        TypeError,
        "cost must be real",
    ),
    "cost none": (
        lambda: numerical_gradient(lambda v: None, ONE),  # type: ignore[arg-type]
        TypeError,
        "cost must be a real or complex array",
    ),
    "numerical eps": (
        lambda: numerical_gradient(np.sum, ONE, eps=0.0),
        ValueError,
        "eps must be in",
    ),
    # packing
    "pack list": (
        lambda: pack([ONE]),  # type: ignore[arg-type]
        TypeError,
        "params must be a dict of arrays, got list",
    ),
    "pack nothing": (lambda: pack({}), ValueError, "params must not be empty"),
    "pack text": (
        lambda: pack({"W": "a"}),  # type: ignore[dict-item]
        TypeError,
        r"params\['W'\] must be a real or complex array",
    ),
    "unpack too short": (
        lambda: unpack(np.ones(7), P),
        ShapeError,
        r"theta must have shape \(8,\), got \(7,\)",
    ),
    "unpack 2-D": (lambda: unpack(np.ones((8, 1)), P), ShapeError, "theta must have"),
    "unpack like": (lambda: unpack(ONE, {}), ValueError, "like must not be empty"),
    # gradcheck
    "relative error shapes": (
        lambda: relative_error(ONE, np.ones((2, 1))),
        ShapeError,
        r"b must have shape \(2,\), got \(2, 1\)",
    ),
    "relative error nan in a": (
        lambda: relative_error(np.array([NAN, 1.0]), ONE),
        ValueError,
        "a must be finite",
    ),
    "relative error inf in b": (
        lambda: relative_error(ONE, np.array([INF, 1.0])),
        ValueError,
        "b must be finite",
    ),
    "grads missing a key": (
        lambda: gradient_check(norm, P, {"W": P["W"]}),
        ValueError,
        r"grads must have keys \['W', 'b'\], got \['W'\]",
    ),
    "grads with another key": (
        lambda: gradient_check(norm, P, P | {"c": ONE}),
        ValueError,
        "grads must have keys",
    ),
    "grads of another shape": (
        lambda: gradient_check(norm, P, P | {"b": np.zeros((1, 2))}),
        ShapeError,
        r"grads\['b'\] must have shape \(2, 1\), got \(1, 2\)",
    ),
    "grads not a dict": (
        lambda: gradient_check(norm, P, [ONE]),  # type: ignore[arg-type]
        TypeError,
        "grads must be a dict of arrays, got list",
    ),
    "grads nan": (
        lambda: gradient_check(norm, P, P | {"b": np.full((2, 1), NAN)}),
        ValueError,
        "must be finite, got 2 non-finite of 8",
    ),
    "gradient check eps": (
        lambda: gradient_check(norm, P, P, eps=-1.0),
        ValueError,
        "eps must be in",
    ),
    "directional rng": (
        lambda: directional_check(norm, P, P, rng=0),  # type: ignore[arg-type]
        TypeError,
        "rng must be a numpy.random.Generator, got int",
    ),
    "directional keys": (
        lambda: directional_check(norm, P, {}, rng=rng()),
        ValueError,
        "grads must have keys",
    ),
    # landscapes
    "hessian not square": (
        lambda: Quadratic(np.ones((2, 3))),
        ShapeError,
        r"hessian must be square, got shape \(2, 3\)",
    ),
    "hessian 1-D": (lambda: Quadratic(ONE), ShapeError, "hessian must have shape"),
    "hessian not symmetric": (
        lambda: Quadratic(np.array([[1.0, 0.5], [0.0, 1.0]])),
        ValueError,
        "hessian must be symmetric, got entries 0.5 apart",
    ),
    "hessian nan": (
        lambda: Quadratic(np.full((2, 2), NAN)),
        ValueError,
        "hessian must be finite",
    ),
    "hessian complex": (
        lambda: Quadratic(np.eye(2) * 1j),  # type: ignore[arg-type]
        TypeError,
        "hessian must be real",
    ),
    "quadratic at a point of another size": (
        lambda: Quadratic(np.eye(2)).cost(np.ones(3)),
        ShapeError,
        r"w must have shape \(2,\), got \(3,\)",
    ),
    "quadratic gradient": (
        lambda: Quadratic(np.eye(2)).grad(np.ones((2, 1))),
        ShapeError,
        "w must have shape",
    ),
    "kappa below one": (
        lambda: rotated_quadratic(0.5, 0),
        ValueError,
        r"kappa must be in \[1, inf\)",
    ),
    "degrees infinite": (
        lambda: rotated_quadratic(2, INF),
        ValueError,
        "degrees must be in",
    ),
    "gd curvature zero": (
        lambda: optimal_gd(mu=0.0, L=1.0),
        ValueError,
        r"mu must be in \(0, inf\), got 0\.0",
    ),
    "gd curvatures swapped": (
        lambda: optimal_gd(mu=10.0, L=1.0),
        ValueError,
        r"L must be in \[10\.0, inf\), got 1\.0",
    ),
    "gd curvature text": (
        lambda: optimal_gd(mu="1", L=1.0),  # type: ignore[arg-type]
        TypeError,
        "mu must be a real number, got str",
    ),
    "heavy ball curvature infinite": (
        lambda: optimal_heavy_ball(mu=1.0, L=INF),
        ValueError,
        r"L must be in \[1\.0, inf\), got inf",
    ),
    "heavy ball curvature nan": (
        lambda: optimal_heavy_ball(mu=NAN, L=1.0),
        ValueError,
        "mu must be in",
    ),
    "heavy ball curvature array": (
        lambda: optimal_heavy_ball(mu=1.0, L=ONE),
        TypeError,
        "L must be a real number, got ndarray",
    ),
    "descend steps": (
        lambda: descend(SGD(lr=0.1), np.sin, ONE, steps=0),
        ValueError,
        "steps must be at least 1, got 0",
    ),
    "descend start": (
        lambda: descend(SGD(lr=0.1), np.sin, np.ones((2, 1)), steps=1),
        ShapeError,
        "w0 must have shape",
    ),
    "descend gradient": (
        lambda: descend(SGD(lr=0.1), lambda w: w[:1], ONE, steps=1),
        ShapeError,
        "dw must have shape",
    ),
    "steps_to tol": (
        lambda: steps_to(SGD(lr=0.1), np.sin, ONE, tol=0.0, max_steps=1),
        ValueError,
        r"tol must be in \(0, inf\)",
    ),
    "steps_to max_steps": (
        lambda: steps_to(SGD(lr=0.1), np.sin, ONE, tol=1.0, max_steps=1.5),  # type: ignore[arg-type]
        TypeError,
        "max_steps must be an integer",
    ),
    "steps_to start": (
        lambda: steps_to(SGD(lr=0.1), np.sin, ONE * NAN, tol=1.0, max_steps=1),
        ValueError,
        "w0 must be finite",
    ),
    # models
    "sizes one": (lambda: net(sizes=(3,)), ValueError, "sizes must have at least 2"),
    "sizes list": (lambda: net(sizes=[3, 2]), TypeError, "sizes must be a tuple"),
    "sizes zero": (
        lambda: net(sizes=(3, 0, 2)),
        ValueError,
        r"sizes\[1\] must be at least 1, got 0",
    ),
    "sizes float": (
        lambda: net(sizes=(3, 2.0)),
        TypeError,
        r"sizes\[1\] must be an integer",
    ),
    "softmax with one output": (
        lambda: net(sizes=(3, 1)),
        ValueError,
        r"sizes\[-1\] must be at least 2 for softmax",
    ),
    "activation": (
        lambda: net(activation="ReLU"),
        ValueError,
        "activation must be one of relu, tanh, sigmoid, leaky_relu, got 'ReLU'",
    ),
    "loss": (
        lambda: net(loss="mse"),
        ValueError,
        "loss must be one of softmax, bce, got 'mse'",
    ),
    "scheme": (
        lambda: net(scheme="glorot"),
        ValueError,
        "scheme must be one of .*xavier.*got 'glorot'",
    ),
    "keep_prob": (
        lambda: net(keep_prob=0.0),
        ValueError,
        r"keep_prob must be in \(0, 1\]",
    ),
    "lambd": (lambda: net(lambd=-0.1), ValueError, r"lambd must be in \[0, inf\)"),
    "init rng": (lambda: NET.init(None), TypeError, "rng must be"),  # type: ignore[arg-type]
    "loss_and_grad rng": (
        lambda: NET.loss_and_grad(NET_P, X, Y, rng=None),  # type: ignore[arg-type]
        TypeError,
        "rng must be a numpy.random.Generator, got NoneType",
    ),
    "params of another network": (
        lambda: NET.scores(P, X),
        ValueError,
        r"params must have keys \['W1', 'b1'\], got \['W', 'b'\]",
    ),
    "params not a dict": (
        lambda: NET.scores([ONE], X),  # type: ignore[arg-type]
        TypeError,
        "params must be a dict of arrays, got list",
    ),
    "params transposed": (
        lambda: NET.cost(NET_P | {"W1": np.ones((3, 2))}, X, Y),
        ShapeError,
        r"params\['W1'\] must have shape \(2, 3\), got \(3, 2\)",
    ),
    "params nan": (
        lambda: NET.cost(NET_P | {"b1": np.full((2, 1), NAN)}, X, Y),
        ValueError,
        "z must be finite",
    ),
    "x in rows": (
        lambda: NET.scores(NET_P, X.T),
        ShapeError,
        r"x must have shape \(3, \*\), got \(4, 3\)",
    ),
    "x empty": (
        lambda: NET.scores(NET_P, np.ones((3, 0))),
        ShapeError,
        "x must not be empty",
    ),
    "x text": (
        lambda: NET.scores(NET_P, [["a"]]),  # type: ignore[arg-type]
        TypeError,
        "x must be a real or complex array",
    ),
    "labels float": (
        lambda: NET.loss_and_grad(NET_P, X, Y * 1.0, rng=rng()),
        TypeError,
        "y must be integer labels",
    ),
    "labels out of range": (
        lambda: NET.loss_and_grad(NET_P, X, Y + 1, rng=rng()),
        ValueError,
        r"y must be labels in 0\.\.1",
    ),
    "labels too few": (
        lambda: NET.cost(NET_P, X, Y[:3]),
        ShapeError,
        r"y must have shape \(4,\), got \(3,\)",
    ),
    "bce labels 1-D": (
        lambda: net(loss="bce").cost(NET_P, X, Y),
        ShapeError,
        r"y must have shape \(2, 4\), got \(4,\)",
    ),
    # train
    "train params": (
        lambda: lossy(params=[ONE]),
        TypeError,
        "params must be a dict of arrays, got list",
    ),
    "train nothing": (lambda: lossy(params={}), ValueError, "params must not be empty"),
    "train loss": (
        lambda: lossy(loss=NAN),
        ValueError,
        "loss must be finite, got nan at step 1",
    ),
    "train grads missing": (
        lambda: lossy(grads={"W": P["W"]}),
        ValueError,
        r"grads must have keys \['W', 'b'\], got \['W'\] at step 1",
    ),
    "train grads not a dict": (
        lambda: lossy(grads=[ONE]),
        TypeError,
        "grads must be a dict of arrays, got list",
    ),
    "train grads nan": (
        lambda: lossy(grads=P | {"b": np.full((2, 1), INF)}),
        ValueError,
        "dw must be finite",
    ),
    "train schedule": (
        lambda: list(
            train(
                P,
                lambda p, x, y: (1.0, p),
                [(X, X)],
                SGD(lr=0.1),
                schedule=lambda t: -0.1,
            )
        ),
        ValueError,
        "lr must be in",
    ),
    # datasets
    "moons of one": (
        lambda: make_moons(1, noise=0.1, rng=rng()),
        ValueError,
        "m must be at least 2, got 1",
    ),
    "moons of a fraction": (
        lambda: make_moons(2.5, noise=0.1, rng=rng()),  # type: ignore[arg-type]
        TypeError,
        "m must be an integer",
    ),
    "moons noise": (
        lambda: make_moons(4, noise=-0.1, rng=rng()),
        ValueError,
        r"noise must be in \[0, inf\)",
    ),
    "moons rng": (
        lambda: make_moons(4, noise=0.1, rng=0),  # type: ignore[arg-type]
        TypeError,
        "rng must be a numpy.random.Generator, got int",
    ),
    "no days": (
        lambda: london_like(0, rng=rng()),
        ValueError,
        "days must be at least 1, got 0",
    ),
    "days of a fraction": (
        lambda: london_like(36.5, rng=rng()),  # type: ignore[arg-type]
        TypeError,
        "days must be an integer, got float",
    ),
    "days rng": (
        lambda: london_like(4, rng=None),  # type: ignore[arg-type]
        TypeError,
        "rng must be a numpy.random.Generator, got NoneType",
    ),
    "trend of no days": (
        lambda: london_like_trend(-1),
        ValueError,
        "days must be at least 1, got -1",
    ),
    "trend of a truth value": (
        lambda: london_like_trend(True),
        TypeError,
        "days must be an integer, got bool",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), CALLS.values(), ids=CALLS)
def test_bad_input_is_refused_by_name(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_wrong_state_field_is_named():
    state = AdamState(t=1, m=ONE, s=np.ones(3))
    with pytest.raises(
        ShapeError, match=r"state\.s must have shape \(2,\), got \(3,\)"
    ):
        Adam().update(ONE, ONE, state)


def test_a_good_step_passes_the_checks_and_comes_back_as_floats():
    state = AdamState(t=1, m=ONE, s=ONE)
    w, dw = _matched([1, 2], [3, 4], state, AdamState)  # type: ignore[arg-type]
    assert (w.tolist(), dw.tolist()) == ([1.0, 2.0], [3.0, 4.0])
    assert _matched(ONE, ONE, None, type(None))[0] is ONE
