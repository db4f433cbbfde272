"""训练循环：一步一步交出结果；日程只改学习率；坏数立刻停下。"""

import itertools
from dataclasses import dataclass, replace

import numpy as np
import pytest
from test_optimizers import ALL

from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.optimizers import SGD, Adam, Momentum
from dlnotes_lib.train import Step, train

NOTHING = (np.zeros((1, 1)), np.zeros((1, 1)))


def bowl(params, x, y):
    """各参数平方和的一半。"""
    return sum(float((w**2).sum()) / 2 for w in params.values()), dict(params)


def start():
    return {"w": np.array([1.0]), "b": np.array([[2.0, 3.0]])}


def test_one_step_per_batch_with_the_loss_before_and_the_params_after():
    steps = list(train({"w": np.array([1.0])}, bowl, [NOTHING] * 3, SGD(lr=0.5)))
    assert all(isinstance(s, Step) for s in steps)
    assert [s.t for s in steps] == [1, 2, 3]
    assert [s.loss for s in steps] == [0.5, 0.125, 0.03125]
    assert [s.params["w"].tolist() for s in steps] == [[0.5], [0.25], [0.125]]


def test_the_start_and_every_earlier_step_are_left_alone():
    params = start()
    steps = list(train(params, bowl, [NOTHING] * 3, Adam(lr=0.5)))
    assert params["w"].tolist() == [1.0]
    assert params["b"].tolist() == [[2.0, 3.0]]
    assert len({id(s.params) for s in steps}) == 3


def test_batches_reach_the_loss_in_order():
    seen = []

    def spy(params, x, y):
        seen.append((x, y))
        return 0.0, dict(params)

    list(train(start(), spy, [(1, 2), (3, 4)], SGD(lr=0.1)))  # type: ignore[list-item]
    assert seen == [(1, 2), (3, 4)]


def test_nothing_is_computed_before_it_is_asked_for():
    steps = train(start(), bowl, itertools.repeat(NOTHING), SGD(lr=0.1))
    assert next(steps).t == 1
    assert next(steps).t == 2


def test_every_parameter_has_its_own_state_over_time():
    def constant(params, x, y):
        return 0.0, {"w": np.array([1.0]), "b": np.array([[10.0, -20.0]])}

    *_, final = train(start(), constant, [NOTHING] * 3, Momentum(lr=0.1, beta=0.5))
    moved = 0.1 * (0.5 + 0.75 + 0.875)
    np.testing.assert_allclose(final.params["w"], 1 - moved)
    np.testing.assert_allclose(
        final.params["b"], [[2 - 10 * moved, 3 + 20 * moved]], rtol=1e-14
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", ALL, ids=lambda o: type(o).__name__)
def test_one_long_theta_and_one_array_at_a_time_agree_bit_for_bit(
    optimizer, dtype, rng
):
    shapes = {"W": (7, 11), "b": (7, 1), "scale": (), "wide": (3, 501)}
    params = {k: rng.standard_normal(s).astype(dtype) for k, s in shapes.items()}
    params["W"] = np.asfortranarray(params["W"])
    slopes = [
        {k: rng.standard_normal(s).astype(dtype) for k, s in shapes.items()}
        for _ in range(5)
    ]
    alone, states = dict(params), {k: optimizer.init(w) for k, w in params.items()}
    dealt = iter(slopes)
    steps = train(params, lambda p, x, y: (0.0, next(dealt)), [NOTHING] * 5, optimizer)
    for step, grads in zip(steps, slopes, strict=True):
        for k, w in alone.items():
            alone[k], states[k] = optimizer.update(w, grads[k], states[k])
        assert list(step.params) == list(params)
        for k, w in alone.items():
            assert step.params[k].dtype == np.dtype(dtype)
            np.testing.assert_array_equal(step.params[k], w, strict=True)


def test_the_order_of_the_gradients_does_not_matter():
    def backwards(params, x, y):
        return 0.0, dict(reversed(params.items()))

    (step,) = train(start(), backwards, [NOTHING], SGD(lr=0.5))
    assert step.params["w"].tolist() == [0.5]
    assert step.params["b"].tolist() == [[1.0, 1.5]]


def test_a_kept_step_never_changes():
    kept, copies = [], []
    for step in train(start(), bowl, [NOTHING] * 4, Adam(lr=0.5)):
        kept.append(step.params)
        copies.append({name: w.copy() for name, w in step.params.items()})
    for params, copied in zip(kept, copies, strict=True):
        for name, w in params.items():
            np.testing.assert_array_equal(w, copied[name])


def test_a_gradient_of_another_shape_is_named_even_if_its_size_fits():
    def lying(params, x, y):
        return 0.0, {"w": params["w"], "b": params["b"].T}

    with pytest.raises(ShapeError, match=r"grads\['b'\] must have shape \(1, 2\)"):
        next(train(start(), lying, [NOTHING], SGD(lr=0.1)))


def test_parameters_of_two_dtypes_are_refused_and_integers_count_as_float64():
    mixed = {"w": np.ones(2, dtype=np.float32), "b": np.ones(1)}
    with pytest.raises(TypeError, match=r"share one dtype, got float32, float64"):
        next(train(mixed, bowl, [NOTHING], SGD(lr=0.1)))
    whole = {"w": np.array([2]), "b": np.ones(1)}
    (step,) = train(whole, bowl, [NOTHING], SGD(lr=0.5))
    assert [w.tolist() for w in step.params.values()] == [[1.0], [0.5]]


def test_schedule_replaces_the_learning_rate_from_step_one():
    asked = []

    def schedule(t):
        asked.append(t)
        return 1 / t

    steps = train(
        {"w": np.array([1.0])}, bowl, [NOTHING] * 3, SGD(lr=9.0), schedule=schedule
    )
    assert [float(s.params["w"][0]) for s in steps] == [0.0, 0.0, 0.0]
    assert asked == [1, 2, 3]


def test_schedule_keeps_the_state_and_the_other_hyper_parameters():
    optimizer = Momentum(lr=9.0, beta=0.5)

    def by_hand():
        params, state = {"w": np.array([1.0])}, optimizer.init(np.array([1.0]))
        for t in (1, 2, 3):
            w, state = replace(optimizer, lr=0.1 * t).update(
                params["w"], params["w"], state
            )
            params = {"w": w}
        return params["w"]

    *_, final = train(
        {"w": np.array([1.0])},
        bowl,
        [NOTHING] * 3,
        optimizer,
        schedule=lambda t: 0.1 * t,
    )
    np.testing.assert_array_equal(final.params["w"], by_hand())


def test_an_optimizer_written_elsewhere_works_too():
    @dataclass(frozen=True)
    class SignDescent:
        lr: float

        def init(self, w):
            return None

        def update(self, w, dw, state):
            return w - self.lr * np.sign(dw), None

    *_, final = train({"w": np.ones(2)}, bowl, [NOTHING] * 4, SignDescent(0.25))
    assert final.params["w"].tolist() == [0.0, 0.0]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_a_loss_that_is_not_finite_stops_at_its_step(bad):
    losses = iter([1.0, bad, 1.0])

    def loss_and_grad(params, x, y):
        return next(losses), dict(params)

    steps = train(start(), loss_and_grad, [NOTHING] * 3, SGD(lr=0.1))
    assert next(steps).t == 1
    with pytest.raises(ValueError, match=r"loss must be finite, got .* at step 2"):
        next(steps)
