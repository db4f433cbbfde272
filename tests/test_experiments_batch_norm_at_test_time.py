"""3.7 节的数字：与照公式另写的网络、闭式、手算值互相印证。"""

from typing import Any

import numpy as np
import pytest
from figure_data.batch_norm_at_test_time import grouped, network, predict

from dlnotes_lib.averages import steps_to_unbiased
from dlnotes_lib.experiments.batch_norm_at_test_time import (
    Trained,
    accuracy,
    inference_scores,
    own_statistics_scores,
    running_path,
    trained_on_digits,
)
from dlnotes_lib.normalization import Statistics

NET = {
    "W1": np.array([[1.0, 0.0], [2.0, -1.0], [0.0, 3.0]]),
    "gamma1": np.array([[1.0], [2.0], [-1.0]]),
    "beta1": np.array([[0.5], [1.0], [4.0]]),
    "W2": np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 1.0]]),
    "b2": np.array([[1.0], [-2.0]]),
}
X = np.array([[1.0, 3.0, -2.0, 0.0, 5.0], [2.0, -1.0, 0.0, 4.0, 1.0]])
TARGET = Statistics(np.array([[5.0], [-2.0]]), np.array([[4.0], [0.25]]))


def seed(number: int = 0) -> np.random.Generator:
    return np.random.default_rng(number)


@pytest.mark.parametrize(
    ("passes", "rho", "number"), [(1, 0.9, 0), (2, 0.5, 1), (5, 0.99, 0)]
)
def test_training_is_that_of_a_network_written_out_again(passes, rho, number):
    found = trained_on_digits(passes, rho=rho, rng=seed(number))
    assert isinstance(found, Trained)
    params, running, x, y = found
    net = network(passes, rho, number)
    names = {"W1": "w1", "gamma1": "gamma", "beta1": "beta", "W2": "w2", "b2": "b2"}
    for name, other in names.items():
        np.testing.assert_allclose(params[name], getattr(net, other), atol=1e-7)
    np.testing.assert_allclose(running.mean, net.mean, atol=1e-7)
    np.testing.assert_allclose(running.var, net.var, rtol=1e-7)
    np.testing.assert_allclose(x, net.x, atol=1e-12)
    assert (y == net.y).all()
    scores = inference_scores(params, x, running)
    assert (scores.argmax(axis=0) == predict(net, x, net.mean, net.var)).all()
    scores = own_statistics_scores(params, x, size=8)
    assert (scores.argmax(axis=0) == grouped(net, x, 8)).all()


def test_inference_scores_by_hand():
    stats = Statistics(np.array([[1.0], [0.0], [3.0]]), np.array([[4.0], [1.0], [9.0]]))
    # z = 1、0、6；标准化 0、0、1；输出 0.5、1、3；ReLU 不变
    found = inference_scores(NET, X[:, :1], stats)
    np.testing.assert_allclose(found, [[0.5 + 2 + 9 + 1], [-1 + 3 - 2]], atol=1e-4)


def test_a_group_of_one_gives_the_same_scores_for_every_input():
    found = own_statistics_scores(NET, X, size=1)
    # 归一化的输出恒为 β = 0.5、1、4
    np.testing.assert_allclose(found, np.tile([[15.5], [1.0]], 5), rtol=1e-12)


def test_groups_follow_the_order_and_the_last_one_may_be_short():
    found = own_statistics_scores(NET, X, size=2)
    for start, stop in ((0, 2), (2, 4), (4, 5)):
        part = X[:, start:stop]
        z = NET["W1"] @ part
        stats = Statistics(z.mean(axis=1, keepdims=True), z.var(axis=1, keepdims=True))
        want = inference_scores(NET, part, stats)
        np.testing.assert_allclose(found[:, start:stop], want, rtol=1e-12)
    assert found.shape == (2, 5)
    whole = own_statistics_scores(NET, X, size=99)
    np.testing.assert_allclose(whole, own_statistics_scores(NET, X, size=5))


@pytest.mark.parametrize("number", [0, 1, 2])
def test_company_decides_the_accuracy_unless_the_statistics_are_fixed(number):
    params, running, x, y = trained_on_digits(5, rho=0.9, rng=seed(number))
    order = y.argsort(kind="stable")
    mixed, alike = (
        [
            accuracy(own_statistics_scores(params, x[:, i], size=size), y[i])
            for size in (1, 2, 32, 300)
        ]
        for i in (np.arange(300), order)
    )
    right = accuracy(inference_scores(params, x, running), y)
    alone = accuracy(
        np.hstack([inference_scores(params, x[:, [i]], running) for i in range(300)]), y
    )
    assert mixed[0] < 0.2
    assert mixed[0] + 0.2 < mixed[1] < 0.7 < 0.85 < mixed[2] < mixed[3] + 0.03
    assert alike[2] < 0.6
    assert mixed[3] == alike[3]
    assert right == alone > 0.9


@pytest.mark.parametrize("number", [0, 1, 2])
def test_running_statistics_help_once_they_have_seen_enough(number):
    def right(passes: int, rho: float) -> float:
        params, running, x, y = trained_on_digits(passes, rho=rho, rng=seed(number))
        return accuracy(inference_scores(params, x, running), y)

    assert right(1, 0.99) < right(1, 0.9) < right(5, 0.9)
    params, _, x, y = trained_on_digits(5, rho=0.9, rng=seed(number))
    start = Statistics(0 * params["beta1"], 0 * params["beta1"] + 1)
    assert accuracy(inference_scores(params, x, start), y) < right(5, 0.9) - 0.05


@pytest.mark.parametrize("rho", [0.0, 0.9, 0.99])
def test_the_running_path_is_the_closed_form(rho):
    path = running_path(TARGET, rho=rho, steps=60)
    assert len(path) == 61
    for t, (mean, var) in enumerate(path):
        left = rho**t
        np.testing.assert_allclose(mean, (1 - left) * TARGET.mean, rtol=1e-12)
        np.testing.assert_allclose(var, left + (1 - left) * TARGET.var, rtol=1e-12)


@pytest.mark.parametrize(("rho", "steps"), [(0.9, 44), (0.99, 459)])
def test_one_percent_takes_as_long_as_the_average_says(rho, steps):
    assert steps_to_unbiased(rho, tol=0.01) == steps
    path = running_path(TARGET, rho=rho, steps=steps)
    error = [abs(stats.mean[0, 0] - 5) / 5 for stats in path]
    assert error[-1] < 0.01 < error[-2]


def test_accuracy_by_hand():
    scores = np.array([[1.0, 2.0, 0.0], [0.0, 3.0, -1.0], [0.5, 9.0, -2.0]])
    assert accuracy(scores, np.array([0, 1, 0])) == pytest.approx(2 / 3)


def test_inputs_are_not_modified():
    before = {name: value.copy() for name, value in NET.items()}
    own_statistics_scores(NET, X, size=2)
    for name, value in NET.items():
        assert (value == before[name]).all()


ANY: Any = 0
CALLS = {
    "passes zero": (
        lambda: trained_on_digits(0, rho=0.9, rng=seed()),
        ValueError,
        "passes must be at least 1",
    ),
    "rho one": (
        lambda: trained_on_digits(1, rho=1.0, rng=seed()),
        ValueError,
        "rho must be in",
    ),
    "rng": (lambda: trained_on_digits(1, rho=0.9, rng=ANY), TypeError, "rng must"),
    "size zero": (
        lambda: own_statistics_scores(NET, X, size=0),
        ValueError,
        "size must be at least 1",
    ),
    "x not a matrix": (
        lambda: own_statistics_scores(NET, X[0], size=1),
        ValueError,
        "x must have",
    ),
    "target": (
        lambda: running_path(ANY, rho=0.9, steps=1),
        TypeError,
        "target must be a Statistics",
    ),
    "steps zero": (
        lambda: running_path(TARGET, rho=0.9, steps=0),
        ValueError,
        "steps must be at least 1",
    ),
    "rho of the path": (
        lambda: running_path(TARGET, rho=-0.1, steps=1),
        ValueError,
        "rho must be in",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), CALLS.values(), ids=CALLS)
def test_bad_input_names_the_argument(call, error, message):
    with pytest.raises(error, match=message):
        call()
