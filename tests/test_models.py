"""MLP：整网梯度与两种数值梯度一致；值与逐层抄写一致；能学会异或。"""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from network113 import MODEL, setting
from oracles import central_grad, complex_step_grad, rel_error
from random_network import M, batch

from dlnotes_lib.models import MLP
from dlnotes_lib.optimizers import Adam
from dlnotes_lib.packing import pack, unpack
from dlnotes_lib.train import train

MODELS = {
    "no hidden layer": MLP(sizes=(3, 4), lambd=0.3),
    "relu softmax": MLP(sizes=(3, 5, 2)),
    "leaky relu, l2": MLP(sizes=(3, 5, 4, 2), activation="leaky_relu", lambd=0.7),
    "sigmoid, dropout": MLP(
        sizes=(3, 7, 4), activation="sigmoid", scheme="xavier", keep_prob=0.6
    ),
    "tanh bce": MLP(sizes=(2, 5, 4, 1), activation="tanh", loss="bce", lambd=0.7),
    "two yes-no answers": MLP(sizes=(3, 4, 2), loss="bce", keep_prob=0.5, lambd=0.1),
}
each = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)


@each
@pytest.mark.parametrize(
    ("oracle", "tolerance"), [(complex_step_grad, 1e-12), (central_grad, 1e-7)]
)
def test_gradient_of_the_whole_network(model, oracle, tolerance, rng):
    params, x, y = batch(model, rng)

    def run(p):
        return model.loss_and_grad(p, x, y, rng=np.random.default_rng(1))

    numeric = oracle(lambda theta: run(unpack(theta, params))[0], pack(params))
    assert rel_error(pack(run(params)[1]), numeric) <= tolerance
    for name, block in unpack(numeric, params).items():
        assert rel_error(run(params)[1][name], block) <= 100 * tolerance


@each
def test_cost_is_the_loss_without_dropout(model, rng):
    params, x, y = batch(model, rng)
    plain = replace(model, keep_prob=1.0)
    loss, _ = plain.loss_and_grad(params, x, y, rng=rng)
    assert model.cost(params, x, y) == pytest.approx(loss, rel=1e-14)
    assert isinstance(loss, float)


@each
def test_grads_have_the_keys_order_and_shapes_of_params(model, rng):
    params, x, y = batch(model, rng)
    _, grads = model.loss_and_grad(params, x, y, rng=rng)
    assert list(grads) == list(params)
    assert [d.shape for d in grads.values()] == [w.shape for w in params.values()]


@each
def test_inputs_are_not_modified(model, rng):
    params, x, y = batch(model, rng)
    before = [pack(params), x.copy(), y.copy()]
    model.loss_and_grad(params, x, y, rng=rng)
    model.scores(params, x)
    model.cost(params, x, y)
    for old, new in zip(before, [pack(params), x, y], strict=True):
        np.testing.assert_array_equal(new, old)


def test_the_network_of_section_1_13_matches_a_plain_transcription():
    cost, params, _, (x, y) = setting()
    w1, b1, w2, b2, w3, b3 = params.values()
    z = w3 @ np.tanh(w2 @ np.tanh(w1 @ x + b1) + b2) + b3
    np.testing.assert_allclose(MODEL.scores(params, x), z, rtol=1e-14)
    a = 1 / (1 + np.exp(-z))
    bce = -np.mean(y * np.log(a) + (1 - y) * np.log(1 - a))
    l2 = 0.7 / (2 * 20) * sum((w**2).sum() for w in (w1, w2, w3))
    assert cost(params) == pytest.approx(bce + l2, rel=1e-13)


def test_initial_parameters_follow_the_scheme_and_draw_weights_in_order():
    params = MODEL.init(np.random.default_rng(7))
    rng = np.random.default_rng(7)
    for i, (n_in, n_out) in enumerate([(2, 5), (5, 4), (4, 1)], start=1):
        expected = rng.standard_normal((n_out, n_in)) * np.sqrt(2 / (n_in + n_out))
        np.testing.assert_allclose(params[f"W{i}"], expected, rtol=1e-15)
        assert not params[f"b{i}"].any()


def test_without_dropout_no_random_number_is_used(rng):
    model = MODELS["relu softmax"]
    params, x, y = batch(model, rng)
    before = rng.bit_generator.state
    model.loss_and_grad(params, x, y, rng=rng)
    assert rng.bit_generator.state == before


def test_dropout_changes_the_loss_but_not_the_scores(rng):
    model = MODELS["sigmoid, dropout"]
    params, x, y = batch(model, rng)
    losses = {model.loss_and_grad(params, x, y, rng=rng)[0] for _ in range(5)}
    assert len(losses) == 5
    scores = [model.scores(params, x) for _ in range(2)]
    np.testing.assert_array_equal(scores[0], scores[1])


def test_dropout_acts_on_hidden_layers_only_one_mask_each_in_order(rng):
    model = MLP(sizes=(3, 5, 4, 2), activation="tanh", keep_prob=0.6)
    params, x, y = batch(model, rng)
    loss, _ = model.loss_and_grad(params, x, y, rng=np.random.default_rng(3))
    w1, b1, w2, b2, w3, b3 = params.values()
    r = np.random.default_rng(3)
    a1 = np.tanh(w1 @ x + b1) * (r.random((5, M)) < 0.6) / 0.6
    a2 = np.tanh(w2 @ a1 + b2) * (r.random((4, M)) < 0.6) / 0.6
    e = np.exp(w3 @ a2 + b3)
    expected = -np.mean(np.log(e / e.sum(axis=0))[y, np.arange(M)])
    assert loss == pytest.approx(expected, rel=1e-13)


def test_biases_are_not_penalised(rng):
    model = MODELS["leaky relu, l2"]
    params, x, y = batch(model, rng)
    free = replace(model, lambd=0.0)
    _, grads = model.loss_and_grad(params, x, y, rng=rng)
    _, plain = free.loss_and_grad(params, x, y, rng=rng)
    for name, d in grads.items():
        extra = 0.7 / M * params[name] if name.startswith("W") else 0.0
        np.testing.assert_allclose(d, plain[name] + extra, rtol=1e-12, atol=1e-15)


def one_run(seed):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((2, 200))
    y = (x[0] * x[1] > 0).astype(int)
    model = MLP(sizes=(2, 16, 2), keep_prob=0.9)
    loss_and_grad = partial(model.loss_and_grad, rng=rng)
    steps = train(model.init(rng), loss_and_grad, [(x, y)] * 300, Adam(lr=0.02))
    *_, final = steps
    hits = model.scores(final.params, x).argmax(axis=0) == y
    return final.loss, float(hits.mean())


def test_training_is_reproducible_and_learns_xor():
    assert one_run(0) == one_run(0)
    assert one_run(0) != one_run(1)
    assert one_run(0)[1] > 0.95


def test_softmax_needs_two_outputs_but_a_hidden_layer_may_have_one_unit(rng):
    with pytest.raises(ValueError, match="at least 2 for softmax, got 1"):
        MLP(sizes=(3, 4, 1))
    assert MLP(sizes=(3, 1, 2)).init(rng)["W2"].shape == (2, 1)
