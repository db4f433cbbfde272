"""训练循环：一步一步交出结果；日程只改学习率；坏数立刻停下。"""

import itertools
from dataclasses import dataclass, replace

import numpy as np
import pytest

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
