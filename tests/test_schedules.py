"""学习率调度：手算值、逐数抄写的公式、性质，以及坏输入。"""

import math
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlnotes_lib.optimizers import SGD
from dlnotes_lib.schedules import (
    Schedule,
    cosine,
    exponential,
    inv_sqrt,
    inverse_time,
    linear,
    per_epoch,
    per_step,
    staircase,
    warmup_cosine,
    wsd,
)
from dlnotes_lib.train import train

NAN, INF = float("nan"), float("inf")
RISE = 0.2 / math.sqrt(2)
HALF: Any = 0.5
OPEN_ENDED: dict[str, Any] = {
    "inverse_time": partial(inverse_time, decay=0.7),
    "exponential": partial(exponential, factor=0.9),
    "inv_sqrt": inv_sqrt,
    "staircase": partial(staircase, factor=0.3, every=4),
}
PLANNED: dict[str, Any] = {
    "linear": partial(linear, steps=12),
    "cosine": partial(cosine, steps=12),
    "warmup_cosine": partial(warmup_cosine, warmup=5, steps=12),
    "wsd": partial(wsd, warmup=3, steps=12, cooldown=4),
}
ALL = OPEN_ENDED | PLANNED


@pytest.mark.parametrize(
    ("schedule", "want"),
    [
        (partial(inverse_time, lr0=0.2, decay=1), [0.2, 0.1, 0.2 / 3, 0.05, 0.04]),
        (partial(inverse_time, lr0=0.6, decay=0.5), [0.6, 0.4, 0.3, 0.24, 0.2]),
        (partial(exponential, lr0=0.2, factor=0.95), [0.2, 0.19, 0.1805]),
        (
            partial(inv_sqrt, lr0=0.6),
            [0.6, 0.6 / math.sqrt(2), 0.6 / math.sqrt(3), 0.3],
        ),
        (
            partial(staircase, lr0=0.8, factor=0.5, every=3),
            [0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2],
        ),
        (partial(linear, lr0=0.8, steps=4), [0.8, 0.6, 0.4, 0.2, 0, 0, 0]),
        (
            partial(cosine, lr0=0.8, steps=4, lr_min=0.2),
            [0.8, 0.5 + 0.3 / math.sqrt(2), 0.5, 0.5 - 0.3 / math.sqrt(2), 0.2, 0.2],
        ),
        (
            partial(warmup_cosine, lr0=0.6, warmup=3, steps=7, lr_min=0.2),
            [0.2, 0.4, 0.6, 0.6, 0.4 + RISE, 0.4, 0.4 - RISE, 0.2, 0.2],
        ),
        (
            partial(wsd, lr0=0.8, warmup=2, steps=8, cooldown=4),
            [0.4, 0.8, 0.8, 0.8, 0.8, 0.6, 0.4, 0.2, 0, 0],
        ),
        (partial(wsd, lr0=0.8, warmup=2, steps=4, cooldown=2), [0.4, 0.8, 0.8, 0.4, 0]),
    ],
)
def test_values_by_hand(schedule: Schedule, want):
    got = [schedule(t) for t in range(len(want))]
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-15)


def test_published_values():
    course = [inverse_time(e, lr0=0.2, decay=1) for e in (1, 2, 3, 4)]
    np.testing.assert_allclose(course, [0.1, 0.0667, 0.05, 0.04], atol=5e-5)
    powers = [exponential(e, lr0=0.2, factor=0.95) for e in (1, 10, 50)]
    np.testing.assert_allclose(powers, [0.19, 0.1197, 0.0154], atol=5e-5)
    waves = [cosine(t, lr0=0.1, steps=100) for t in (0, 25, 50, 75, 100)]
    np.testing.assert_allclose(waves, [0.1, 0.08536, 0.05, 0.01464, 0], atol=5e-6)


@given(st.integers(0, 300), st.integers(1, 300), st.floats(0.01, 10))
def test_cosine_is_the_square_of_a_half_angle(t, steps, lr0):
    angle = math.pi / 2 * min(1, t / steps)
    want = lr0 * math.cos(angle) ** 2
    assert cosine(t, lr0=lr0, steps=steps) == pytest.approx(want, abs=1e-12)


@pytest.mark.parametrize("name", ALL)
def test_scales_with_the_first_rate_and_never_goes_negative(name):
    for t in range(30):
        one = ALL[name](t, lr0=1.0)
        assert 0 <= one <= 1
        assert ALL[name](t, lr0=0.3) == pytest.approx(0.3 * one, rel=1e-12)


@pytest.mark.parametrize("name", [*OPEN_ENDED, "linear", "cosine"])
def test_starts_at_the_first_rate_and_only_falls(name):
    rates = [ALL[name](t, lr0=0.4) for t in range(30)]
    assert rates[0] == 0.4
    assert all(a >= b for a, b in pairwise(rates))


@pytest.mark.parametrize("name", PLANNED)
def test_a_planned_schedule_ends_and_stays(name):
    rates = [PLANNED[name](t, lr0=0.4) for t in range(40)]
    assert min(rates[:12]) > 0  # 计划之内每一步都走
    assert max(rates[12:]) < 1e-15


@pytest.mark.parametrize("name", ["warmup_cosine", "wsd"])
def test_warmup_rises_evenly_from_a_rate_above_zero(name):
    warmup = PLANNED[name].keywords["warmup"]
    rates = [PLANNED[name](t, lr0=0.6) for t in range(warmup + 1)]
    steps = np.diff([0.0, *rates[:warmup]])
    np.testing.assert_allclose(steps, 0.6 / warmup, rtol=1e-12)
    assert rates[warmup - 1] == rates[warmup] == 0.6


def test_the_flat_part_of_wsd_does_not_depend_on_the_end():
    def rates(steps):
        return [wsd(t, lr0=0.4, warmup=3, steps=steps, cooldown=5) for t in range(10)]

    assert rates(15) == rates(1500)


def test_floors_of_the_cosines_are_reached():
    assert cosine(9, lr0=0.4, steps=9, lr_min=0.1) == pytest.approx(0.1, rel=1e-12)
    end = warmup_cosine(9, lr0=0.4, warmup=3, steps=9, lr_min=0.1)
    assert end == pytest.approx(0.1, rel=1e-12)


def seen(step: int) -> float:
    """把收到的 t 原样交回来。"""
    return float(step)


def test_units_count_finished_steps_and_finished_epochs():
    assert [per_step(seen)(k) for k in (1, 2, 7)] == [0, 1, 6]
    by_epoch = per_epoch(seen, batches=3)
    assert [by_epoch(k) for k in range(1, 8)] == [0, 0, 0, 1, 1, 1, 2]
    assert [per_epoch(seen, batches=1)(k) for k in (1, 2)] == [0, 1]


def test_train_uses_the_rate_of_each_step():
    def slope(params, x, y):
        return float(params["w"][0]), {"w": np.ones(1)}

    def walk(schedule):
        batch = (np.zeros((1, 1)), np.zeros((1, 1)))
        steps = train(
            {"w": np.ones(1)}, slope, [batch] * 4, SGD(lr=9), schedule=schedule
        )
        return [float(s.params["w"][0]) for s in steps]

    plan = partial(linear, lr0=0.4, steps=4)
    np.testing.assert_allclose(walk(per_step(plan)), [0.6, 0.3, 0.1, 0.0], atol=1e-15)
    rough = per_epoch(partial(linear, lr0=0.4, steps=2), batches=2)
    np.testing.assert_allclose(walk(rough), [0.6, 0.2, 0.0, -0.2], atol=1e-15)


BAD: dict[str, tuple[Any, type[Exception], str]] = {
    "fraction of a step": (
        lambda: inverse_time(HALF, lr0=0.1, decay=1),
        TypeError,
        "t must be an integer, got float",
    ),
    "decay": (
        lambda: inverse_time(0, lr0=0.1, decay=-1),
        ValueError,
        r"decay must be in \[0, inf\), got -1",
    ),
    "factor of zero": (
        lambda: exponential(0, lr0=0.1, factor=0.0),
        ValueError,
        r"factor must be in \(0, 1\], got 0.0",
    ),
    "growing factor": (
        lambda: staircase(0, lr0=0.1, factor=1.5, every=2),
        ValueError,
        r"factor must be in \(0, 1\], got 1.5",
    ),
    "every": (
        lambda: staircase(0, lr0=0.1, factor=0.5, every=0),
        ValueError,
        "every must be at least 1, got 0",
    ),
    "fraction of every": (
        lambda: staircase(0, lr0=0.1, factor=0.5, every=HALF),
        TypeError,
        "every must be an integer",
    ),
    "steps of linear": (
        lambda: linear(0, lr0=0.1, steps=0),
        ValueError,
        "steps must be at least 1, got 0",
    ),
    "steps of cosine": (
        lambda: cosine(0, lr0=0.1, steps=HALF),
        TypeError,
        "steps must be an integer, got float",
    ),
    "floor above the start": (
        lambda: cosine(0, lr0=0.1, steps=5, lr_min=0.2),
        ValueError,
        r"lr_min must be in \[0, 0.1\], got 0.2",
    ),
    "floor of the warmup": (
        lambda: warmup_cosine(0, lr0=0.1, warmup=2, steps=5, lr_min=0.2),
        ValueError,
        r"lr_min must be in \[0, 0.1\], got 0.2",
    ),
    "no warmup": (
        lambda: warmup_cosine(0, lr0=0.1, warmup=0, steps=5),
        ValueError,
        "warmup must be at least 1, got 0",
    ),
    "warmup to the end": (
        lambda: warmup_cosine(0, lr0=0.1, warmup=5, steps=5),
        ValueError,
        "steps must be at least 6, got 5",
    ),
    "warmup of wsd": (
        lambda: wsd(0, lr0=0.1, warmup=0, steps=5, cooldown=1),
        ValueError,
        "warmup must be at least 1, got 0",
    ),
    "cooldown": (
        lambda: wsd(0, lr0=0.1, warmup=1, steps=5, cooldown=0),
        ValueError,
        "cooldown must be at least 1, got 0",
    ),
    "no room": (
        lambda: wsd(0, lr0=0.1, warmup=3, steps=5, cooldown=3),
        ValueError,
        "steps must be at least 6, got 5",
    ),
    "step zero": (
        lambda: per_step(seen)(0),
        ValueError,
        "step must be at least 1, got 0",
    ),
    "step zero of an epoch": (
        lambda: per_epoch(seen, batches=3)(0),
        ValueError,
        "step must be at least 1, got 0",
    ),
    "empty epoch": (
        lambda: per_epoch(seen, batches=0),
        ValueError,
        "batches must be at least 1, got 0",
    ),
    "fraction of a batch": (
        lambda: per_epoch(seen, batches=HALF),
        TypeError,
        "batches must be an integer, got float",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_by_name(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("name", ALL)
def test_every_schedule_refuses_a_bad_step_or_rate(name):
    with pytest.raises(ValueError, match="t must be at least 0, got -1"):
        ALL[name](-1, lr0=0.1)
    with pytest.raises(TypeError, match="t must be an integer, got bool"):
        ALL[name](True, lr0=0.1)
    for lr0 in (-0.1, NAN, INF):
        with pytest.raises(ValueError, match="lr0 must be in"):
            ALL[name](0, lr0=lr0)
    with pytest.raises(TypeError, match="lr0 must be a real number, got str"):
        ALL[name](0, lr0="0.1")
    with pytest.raises(TypeError):
        ALL[name](0, 0.1)  # 超参数只能按名字给


def test_one_step_after_the_warmup_is_enough_and_wsd_needs_room_for_both_ends():
    assert warmup_cosine(2, lr0=0.4, warmup=2, steps=3) == 0.4
    assert warmup_cosine(3, lr0=0.4, warmup=2, steps=3) == 0
    with pytest.raises(ValueError, match="steps must be at least 5, got 4"):
        wsd(0, lr0=0.4, warmup=2, steps=4, cooldown=3)
