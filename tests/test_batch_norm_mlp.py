"""BatchNormMLP：与逐层抄写一致，两种数值梯度，推断与折叠，统计量，坏输入。"""

from functools import partial

import numpy as np
import pytest
from oracles import central_grad, complex_step_grad, rel_error
from random_network import M, batch

from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.batch_norm_mlp import BatchNormMLP
from dlnotes_lib.models import ACTIVATIONS, MLP, run_back
from dlnotes_lib.normalization import Statistics
from dlnotes_lib.optimizers import Adam
from dlnotes_lib.packing import pack, unpack
from dlnotes_lib.train import train

MODELS = {
    "no hidden layer": BatchNormMLP(sizes=(3, 4)),
    "relu softmax": BatchNormMLP(sizes=(3, 5, 2), eps=0.5),
    "sigmoid, two hidden": BatchNormMLP(
        sizes=(3, 7, 5, 4), activation="sigmoid", scheme="xavier"
    ),
    "tanh bce": BatchNormMLP(
        sizes=(2, 5, 4, 1), activation="tanh", loss="bce", eps=0.1
    ),
}
NET = MODELS["relu softmax"]
each = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)


def transcribed(model, params, x, stats=None):
    """照公式抄写的打分；stats 省略时用这一批自己的统计量。"""
    seen, last = [], len(model.sizes) - 1
    for i in range(1, last):
        z = params[f"W{i}"] @ x
        mean, var = (z.mean(1), z.var(1)) if stats is None else stats[i - 1]
        mean, var = np.reshape(mean, (-1, 1)), np.reshape(var, (-1, 1))
        seen.append((mean, var))
        z = (z - mean) / np.sqrt(var + model.eps)
        x, _ = ACTIVATIONS[model.activation](
            params[f"gamma{i}"] * z + params[f"beta{i}"]
        )
    return params[f"W{last}"] @ x + params[f"b{last}"], seen


@each
@pytest.mark.parametrize(
    ("oracle", "tolerance"), [(complex_step_grad, 1e-12), (central_grad, 1e-7)]
)
def test_gradient_of_the_whole_network(model, oracle, tolerance, rng):
    params, x, y = batch(model, rng)
    loss, grads = model.loss_and_grad(params, x, y, rng=rng)
    assert isinstance(loss, float)
    assert loss == pytest.approx(model.cost(params, x, y), rel=1e-14)
    numeric = oracle(
        lambda theta: model.cost(unpack(theta, params), x, y), pack(params)
    )
    assert rel_error(pack(grads), numeric) <= tolerance
    for name, block in unpack(numeric, params).items():
        assert rel_error(grads[name], block) <= 100 * tolerance


@each
def test_the_values_match_a_plain_transcription(model, rng):
    params, x, y = batch(model, rng)
    z, seen = transcribed(model, params, x)
    stats = model.statistics(params, x)
    assert len(stats) == len(seen) == len(model.sizes) - 2
    for got, (mean, var) in zip(stats, seen, strict=True):
        np.testing.assert_allclose(got.mean, mean, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(got.var, var, rtol=1e-12)
    if model.loss == "softmax":
        e = np.exp(z)
        expected = -np.mean(np.log(e / e.sum(axis=0))[y, np.arange(M)])
    else:
        a = 1 / (1 + np.exp(-z))
        expected = -np.mean(y * np.log(a) + (1 - y) * np.log(1 - a))
    assert model.cost(params, x, y) == pytest.approx(expected, rel=1e-13)
    np.testing.assert_allclose(model.scores(params, x, stats), z, rtol=1e-10)


@each
def test_scores_use_the_given_statistics_and_fold_into_a_plain_mlp(model, rng):
    params, x, _ = batch(model, rng)
    stats = [
        Statistics(rng.standard_normal((n, 1)), rng.uniform(0.5, 2, (n, 1)))
        for n in model.sizes[1:-1]
    ]
    one = x[:, :1]
    got = model.scores(params, one, stats)
    np.testing.assert_allclose(
        got, transcribed(model, params, one, stats)[0], rtol=1e-12
    )
    plain = MLP(sizes=model.sizes, activation=model.activation, loss=model.loss)
    folded = model.fold(params, stats)
    assert list(folded) == list(plain.init(rng))
    np.testing.assert_allclose(plain.scores(folded, x), model.scores(params, x, stats))


@each
def test_grads_have_the_keys_order_and_shapes_of_params(model, rng):
    params, x, y = batch(model, rng)
    before = [pack(params), x.copy(), y.copy()]
    _, grads = model.loss_and_grad(params, x, y, rng=rng)
    stats = model.statistics(params, x)
    model.scores(params, x, stats)
    model.fold(params, stats)
    assert list(grads) == list(params)
    assert [d.shape for d in grads.values()] == [w.shape for w in params.values()]
    for old, new in zip(before, [pack(params), x, y], strict=True):
        np.testing.assert_array_equal(new, old)


def test_the_start_follows_the_scheme_with_gamma_one_and_beta_zero():
    model = MODELS["sigmoid, two hidden"]
    params = model.init(np.random.default_rng(7))
    plain = MLP(sizes=model.sizes, scheme="xavier").init(np.random.default_rng(7))
    for name, w in params.items():
        want = {"g": 1.0, "b": 0.0}.get(name[0])
        np.testing.assert_array_equal(w, plain[name] if want is None else want)
    assert [*params] == ["W1", "gamma1", "beta1", "W2", "gamma2", "beta2", "W3", "b3"]


def test_no_random_number_is_used(rng):
    params, x, y = batch(NET, rng)
    before = rng.bit_generator.state
    NET.loss_and_grad(params, x, y, rng=rng)
    assert rng.bit_generator.state == before


def one_run(seed):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((2, 200))
    y = (x[0] * x[1] > 0).astype(int)
    model = BatchNormMLP(sizes=(2, 16, 2))
    loss_and_grad = partial(model.loss_and_grad, rng=rng)
    *_, final = train(model.init(rng), loss_and_grad, [(x, y)] * 300, Adam(lr=0.02))
    scores = model.scores(final.params, x, model.statistics(final.params, x))
    return final.loss, float((scores.argmax(axis=0) == y).mean())


def test_training_is_reproducible_and_learns_xor():
    assert one_run(0) == one_run(0)
    assert one_run(0) != one_run(1)
    assert one_run(0)[1] > 0.95


def test_run_back_hands_each_layer_the_gradient_of_the_next():
    tape = [(("x", "w"), lambda d: (2 * d, d + 1)), (("x",), lambda d: (3 * d,))]
    assert run_back(tape, np.array(5.0)) == {"x": 30.0, "w": 16.0}
    with pytest.raises(ValueError, match="zip"):
        run_back([(("x", "w"), lambda d: (d,))], np.array(5.0))


PARAMS, X, Y = batch(NET, np.random.default_rng(0))
STATS = NET.statistics(PARAMS, X)
BAD = {
    "sizes": (lambda: BatchNormMLP(sizes=(3,)), ValueError, "sizes must have"),
    "activation": (
        lambda: BatchNormMLP(sizes=(3, 2), activation="ReLU"),
        ValueError,
        "activation must be one of",
    ),
    "loss": (
        lambda: BatchNormMLP(sizes=(3, 2), loss="mse"),
        ValueError,
        "loss must be one of",
    ),
    "scheme": (
        lambda: BatchNormMLP(sizes=(3, 2), scheme="x"),
        ValueError,
        "scheme must be one of",
    ),
    "one output": (lambda: BatchNormMLP(sizes=(3, 1)), ValueError, "at least 2 for"),
    "eps zero": (
        lambda: BatchNormMLP(sizes=(3, 2), eps=0.0),
        ValueError,
        r"eps must be in \(0, inf\), got 0.0",
    ),
    "eps str": (
        lambda: BatchNormMLP(sizes=(3, 2), eps="1"),  # type: ignore[arg-type]
        TypeError,
        "eps must be a real number",
    ),
    "init rng": (lambda: NET.init(None), TypeError, "rng must be"),  # type: ignore[arg-type]
    "rng": (
        lambda: NET.loss_and_grad(PARAMS, X, Y, rng=0),  # type: ignore[arg-type]
        TypeError,
        "rng must be",
    ),
    "params list": (
        lambda: NET.cost([PARAMS], X, Y),  # type: ignore[arg-type]
        TypeError,
        "params must be a dict of arrays, got list",
    ),
    "params keys": (
        lambda: NET.cost({k: w for k, w in PARAMS.items() if k != "beta1"}, X, Y),
        ValueError,
        r"params must have keys \['W1', 'gamma1', 'beta1', 'W2', 'b2'\], got",
    ),
    "params shape": (
        lambda: NET.cost(PARAMS | {"gamma1": np.ones((4, 1))}, X, Y),
        ShapeError,
        r"params\['gamma1'\] must have shape \(5, 1\), got \(4, 1\)",
    ),
    "x": (
        lambda: NET.loss_and_grad(PARAMS, X[:2], Y, rng=np.random.default_rng(0)),
        ShapeError,
        r"x must have shape \(3, \*\), got \(2, 6\)",
    ),
    "one example": (
        lambda: NET.cost(PARAMS, X[:, :1], Y[:1]),
        ShapeError,
        "z must have at least 2 examples",
    ),
    "labels": (lambda: NET.cost(PARAMS, X, Y[:3]), ShapeError, "must have shape"),
    "no statistics": (
        lambda: NET.scores(PARAMS, X, []),
        ValueError,
        "stats must have 1 entries, got 0",
    ),
    "a bare statistics": (
        lambda: NET.scores(PARAMS, X, STATS[0]),  # type: ignore[arg-type]
        TypeError,
        "stats must be a list of Statistics, got Statistics",
    ),
    "statistics of another width": (
        lambda: NET.fold(PARAMS, [Statistics(np.zeros((4, 1)), np.ones((4, 1)))]),
        ShapeError,
        r"stats.mean must have shape \(5, 1\), got \(4, 1\)",
    ),
    "fold without statistics": (
        lambda: NET.fold(PARAMS, [*STATS, *STATS]),
        ValueError,
        "stats must have 1 entries, got 2",
    ),
    "fold params": (lambda: NET.fold({}, STATS), ValueError, "params must have keys"),
}


@pytest.mark.parametrize(("call", "error", "message"), BAD.values(), ids=BAD)
def test_bad_input_names_the_argument(call, error, message):
    with pytest.raises(error, match=message):
        call()
