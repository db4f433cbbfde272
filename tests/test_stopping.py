"""早停：与逐句转写一致，边界是严格小于，最优参数是复制品。"""

import math
from dataclasses import FrozenInstanceError
from itertools import count
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlnotes_lib.stopping import EarlyStopping, Progress, replay

CURVE = [5, 4, 3, 3.1, 3.2, 2.9, 3.0, 3.1, 3.3]
VALUES = st.lists(st.integers(-9, 9).map(float), min_size=1, max_size=30)


def by_hand(values: list[float], patience: int, delta: float) -> tuple[int, int]:
    """课程的说法逐句写出来：（停在哪，最优在哪）。"""
    best, where, bad = math.inf, -1, 0
    for k, v in enumerate(values):
        if v < best - delta:
            best, where, bad = v, k, 0
        else:
            bad += 1
        if bad == patience:
            return k, where
    return len(values) - 1, where


@pytest.mark.parametrize(
    ("patience", "stop", "best", "value"),
    [(1, 3, 2, 3), (2, 4, 2, 3), (3, 8, 5, 2.9)],
)
def test_more_patience_stops_later_and_may_find_a_better_step(
    patience, stop, best, value
):
    progress = replay(EarlyStopping(patience=patience), CURVE)
    assert progress.stop
    assert (progress.step, progress.best_step, progress.best_value) == (
        stop,
        best,
        value,
    )


@given(values=VALUES, patience=st.integers(1, 5), delta=st.integers(0, 3))
def test_the_rule_agrees_with_its_words(values, patience, delta):
    progress = replay(EarlyStopping(patience=patience, min_delta=delta), values)
    stop, best = by_hand(values, patience, delta)
    assert (progress.step, progress.best_step) == (stop, best)
    assert progress.best_value == values[best]
    assert progress.stop == (progress.waited == patience)
    assert progress.waited <= patience


@given(values=VALUES, patience=st.integers(1, 5))
def test_without_a_margin_the_best_is_the_first_minimum_seen(values, patience):
    progress = replay(EarlyStopping(patience=patience), values)
    seen = values[: progress.step + 1]
    assert progress.best_step == seen.index(min(seen))


def test_an_equal_value_is_no_improvement_and_neither_is_one_within_the_margin():
    assert replay(EarlyStopping(patience=1), [3, 3, 1]).step == 1
    rule = EarlyStopping(patience=1, min_delta=0.5)
    assert replay(rule, [3, 2.5, 1]).step == 1
    assert replay(rule, [3, 2.25, 2]).best_step == 1


def test_many_small_gains_below_the_margin_count_once_they_add_up():
    # 与最优比，不与上一次比
    rule = EarlyStopping(patience=3, min_delta=1)
    assert replay(rule, [5, 4.5, 4.25, 3.75]).best_step == 3


def test_patience_counts_evaluations_whatever_the_steps_between_them():
    rule = EarlyStopping(patience=2)
    progress = rule.init()
    for t, value in [(20, 3.0), (40, 4.0), (900, 5.0)]:
        progress = rule.update(progress, t, value, {})
    assert progress == Progress(900, 20, 3.0, {}, waited=2, stop=True)


def test_the_best_parameters_are_a_copy_that_later_training_cannot_touch():
    rule, w = EarlyStopping(patience=2), np.array([[1.0, 2.0]])
    progress = rule.update(rule.init(), 0, 1.0, {"W1": w})
    w -= 10
    assert progress.best_params["W1"].tolist() == [[1, 2]]
    progress = rule.update(progress, 1, 2.0, {"W1": w})
    assert progress.best_params["W1"].tolist() == [[1, 2]]
    progress = rule.update(progress, 2, 0.5, {"W1": w})
    assert progress.best_params["W1"].tolist() == [[-9, -8]]


def test_an_update_leaves_the_old_progress_as_it_was():
    rule = EarlyStopping(patience=1)
    first = rule.update(rule.init(), 0, 1.0, {})
    rule.update(first, 1, 2.0, {})
    rule.update(first, 1, 0.0, {})
    assert first == Progress(0, 0, 1.0, {}, waited=0, stop=False)


def test_going_on_after_the_stop_can_still_find_a_better_step():
    rule = EarlyStopping(patience=1)
    progress = replay(rule, [1, 2])
    assert progress.stop
    assert rule.update(progress, 2, 0.5, {}).stop is False


def test_replay_draws_nothing_after_the_stop():
    values = (float(k) for k in count())
    assert replay(EarlyStopping(patience=3), values).step == 3
    assert next(values) == 4


def test_a_curve_that_ends_before_the_stop_says_so():
    progress = replay(EarlyStopping(patience=5), [3, 2, 2.5])
    assert (progress.stop, progress.waited, progress.best_step) == (False, 1, 1)


def test_the_rule_cannot_be_changed_after_it_is_made():
    rule: Any = EarlyStopping(patience=2)
    with pytest.raises(FrozenInstanceError):
        rule.patience = 3


def test_values_may_be_negative_and_numpy_numbers():
    progress = replay(EarlyStopping(patience=2), np.array([-1.0, -2.0, -1.5]))
    assert progress.best_value == -2
    assert type(progress.best_value) is float


def test_before_the_first_value_nothing_has_been_seen():
    want = Progress(-1, -1, math.inf, {}, waited=0, stop=False)
    assert EarlyStopping(patience=2).init() == want
    assert replay(EarlyStopping(patience=2), [0.5]).step == 0
