"""搜索：标度与命中概率的闭式，网格，并行的试验在三种执行器上结果相同，以及坏输入。"""

import math
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from bad_input import RNG, Case, case_id, count, generator, missing, number, refused
from hypothesis import given
from hypothesis import strategies as st

from dlnotes_lib import search
from dlnotes_lib.search import (
    Trial,
    best_trial,
    grid,
    halving_rungs,
    hyperband_brackets,
    log_uniform,
    one_minus_log_uniform,
    p_hit,
    random_configs,
    run_trials,
    successive_halving,
)


def rng():
    return np.random.default_rng(7)


def test_log_uniform_puts_the_same_share_in_every_decade():
    x = log_uniform(1e-4, 1.0, 40_000, rng=rng())
    decades = np.floor(np.log10(x)).astype(int)
    shares = [(decades == k).mean() for k in (-4, -3, -2, -1)]
    np.testing.assert_allclose(shares, 0.25, atol=0.01)
    assert np.median(x) == pytest.approx(0.01, rel=0.05)
    assert x.mean() == pytest.approx((1 - 1e-4) / math.log(1e4), rel=0.05)
    expected = 10.0 ** (-4 + 4 * rng().random(5))
    np.testing.assert_allclose(log_uniform(1e-4, 1.0, 5, rng=rng()), expected)


def test_one_minus_log_uniform_does_so_for_one_minus_beta():
    beta = one_minus_log_uniform(0.9, 0.999, 40_000, rng=rng())
    assert (beta.min() >= 0.9, beta.max() <= 0.999) == (True, True)
    assert (beta < 0.99).mean() == pytest.approx(0.5, abs=0.01)
    linear = rng().uniform(0.9, 0.999, 40_000)
    assert (linear < 0.99).mean() == pytest.approx(0.909, abs=0.01)


@given(st.floats(1e-6, 1.0), st.floats(1.01, 1e6), st.integers(1, 50))
def test_samples_stay_within_their_bounds(low, factor, size):
    x = log_uniform(low, low * factor, size, rng=rng())
    assert x.shape == (size,)
    assert ((x >= low) & (x <= low * factor)).all()


@given(st.floats(0, 1, exclude_max=True), st.floats(0, 1, exclude_max=True))
def test_the_narrowest_range_of_beta_works_or_names_what_the_caller_gave(a, b):
    for low, high in ((min(a, b), max(a, b)), (a, math.nextafter(a, 1))):
        if high in (low, 1):
            continue
        if 1 - low == 1 - high:
            message = f"^high must be above {low} .*, got {high}$"
            with pytest.raises(ValueError, match=message):
                one_minus_log_uniform(low, high, 20, rng=rng())
        else:
            x = one_minus_log_uniform(low, high, 20, rng=rng())
            assert ((x >= low) & (x <= high)).all()


@given(st.integers(1, 200), st.floats(0, 1))
def test_p_hit_is_the_complement_of_missing_every_time(n, fraction):
    missed = math.prod([1 - fraction] * n)
    assert p_hit(n, fraction) == pytest.approx(1 - missed, abs=1e-12)


def test_fifty_nine_trials_hit_the_best_twentieth():
    assert p_hit(58, 0.05) < 0.95 < p_hit(59, 0.05)
    assert math.log(0.05) / math.log(0.95) == pytest.approx(58.4, abs=0.05)


def test_a_grid_is_every_combination_in_order():
    got = grid({"a": [1, 2], "b": ["x", "y", "z"]})
    assert got == [{"a": a, "b": b} for a in (1, 2) for b in "xyz"]
    assert grid({"a": np.array([1.0, 2.0])})[1] == {"a": 2.0}


def test_random_configs_draw_name_by_name():
    draws = {"a": lambda r: r.random(), "b": lambda r: int(r.integers(9))}
    r = rng()
    expected = [{"a": r.random(), "b": int(r.integers(9))} for _ in range(4)]
    assert random_configs(draws, 4, rng=rng()) == expected


def noisy(config: dict[str, Any], own: np.random.Generator) -> float:
    """每次试验用自己的 rng；先提交的反而后完成。"""
    time.sleep(0.002 * (6 - config["x"]))
    if config["x"] == 3:
        raise RuntimeError("diverged")
    return config["x"] + float(own.random())


def spawned(n: int) -> list[float]:
    return [float(r.random()) for r in rng().spawn(n)]


def outcome(executor) -> list[Trial]:
    trials = run_trials(
        noisy, grid({"x": list(range(6))}), executor=executor, rng=rng()
    )
    return sorted(trials)


def expected_trials() -> list[Trial]:
    draws = spawned(6)
    return [
        Trial(x, {"x": x}, math.inf, "RuntimeError: diverged")
        if x == 3
        else Trial(x, {"x": x}, x + draws[x], None)
        for x in range(6)
    ]


@pytest.mark.parametrize("workers", [1, 4])
def test_threads_give_the_same_trials_whatever_finishes_first(workers):
    with ThreadPoolExecutor(workers) as pool:
        assert outcome(pool) == expected_trials()


def test_a_pool_of_processes_gives_the_same_trials():
    with ProcessPoolExecutor(2) as pool:
        assert outcome(pool) == expected_trials()


def test_a_dask_cluster_gives_the_same_trials():
    distributed = pytest.importorskip("distributed")
    cloudpickle = pytest.importorskip("cloudpickle")
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        assert outcome(client.get_executor()) == expected_trials()


def test_trials_arrive_as_they_finish_and_the_rest_is_cancelled_on_stopping():
    started: list[int] = []

    def slow(config: dict[str, Any], own: np.random.Generator) -> float:
        started.append(config["x"])
        time.sleep(0.01)
        return 0.0

    with ThreadPoolExecutor(1) as pool:
        trials = run_trials(
            slow, grid({"x": list(range(50))}), executor=pool, rng=rng()
        )
        assert next(trials).number == 0
        trials.close()  # pyright: ignore
    assert len(started) < 50


@pytest.mark.parametrize(
    ("score", "error"),
    [
        (math.nan, "ValueError: score must be in (-inf, inf), got nan"),
        (math.inf, "ValueError: score must be in (-inf, inf), got inf"),
        ("good", "TypeError: score must be a real number, got str"),
        (None, "TypeError: score must be a real number, got NoneType"),
    ],
)
def test_a_score_that_is_not_a_number_is_a_failure_with_its_reason(score, error):
    with ThreadPoolExecutor(1) as pool:
        (trial,) = run_trials(
            lambda config, own: score, [{"lr": 3.0}], executor=pool, rng=rng()
        )
    assert trial == Trial(0, {"lr": 3.0}, math.inf, error)


def test_the_best_trial_is_the_lowest_score_and_the_first_of_equals():
    trials = [Trial(i, {}, score, None) for i, score in enumerate([0.5, 0.2, 0.2])]
    assert best_trial(trials).number == 1
    assert best_trial(trials[::-1]).number == 1
    failed = Trial(9, {}, math.inf, "RuntimeError: diverged")
    assert best_trial([failed, trials[0]]) == trials[0]


def test_the_rungs_and_brackets_of_the_course():
    rungs = halving_rungs(27, budget=1, eta=3, max_budget=27)
    assert rungs == [(27, 1), (9, 3), (3, 9), (1, 27)]
    assert sum(n * r for n, r in rungs) == 108
    starts = [b[0] for b in hyperband_brackets(81, eta=3)]
    assert starts == [(81, 1), (34, 3), (15, 9), (8, 27), (5, 81)]
    for s, (n, r) in zip((4, 3, 2, 1, 0), starts, strict=True):
        assert n == math.ceil(5 / (s + 1) * 3**s - 1e-9)
        assert r == 81 / 3**s
    assert halving_rungs(10, budget=2, eta=2, max_budget=9) == [(10, 2), (5, 4), (2, 8)]


def curve(config: dict[str, Any], budget: int, own: np.random.Generator) -> float:
    return config["floor"] + config["c"] / math.sqrt(budget)


def test_successive_halving_keeps_the_best_of_every_rung():
    configs = [{"floor": 8 - i, "c": 1.0} for i in range(9)]
    rungs = halving_rungs(9, budget=1, eta=3, max_budget=9)
    with ThreadPoolExecutor(3) as pool:
        levels = successive_halving(curve, configs, rungs, executor=pool, rng=rng())
    assert [[t.number for t in level] for level in levels] == [
        list(range(9)),
        [6, 7, 8],
        [8],
    ]
    assert levels[1][2].score == pytest.approx(1 / math.sqrt(3))


def test_successive_halving_drops_failures_first_and_works_with_processes():
    configs = [{"floor": 0.0, "c": 1.0}, {"floor": 1.0}, {"floor": 2.0, "c": 1.0}]
    with ProcessPoolExecutor(2) as pool:
        levels = successive_halving(
            curve, configs, [(3, 1), (2, 4)], executor=pool, rng=rng()
        )
    assert levels[0][1].error == "KeyError: 'c'"
    assert [t.number for t in levels[1]] == [0, 2]


def trials_call(**changed: Any) -> Any:
    with ThreadPoolExecutor(1) as pool:
        good = {
            "objective": lambda config, own: 0.0,
            "configs": [{}],
            "executor": pool,
            "rng": RNG,
        }
        call = good | changed
        objective, configs = call.pop("objective"), call.pop("configs")
        return run_trials(objective, configs, **call)


def halving_call(**changed: Any) -> Any:
    with ThreadPoolExecutor(1) as pool:
        good = {
            "objective": lambda config, budget, own: 0.0,
            "configs": [{}, {}],
            "rungs": [(2, 1)],
            "executor": pool,
            "rng": RNG,
        }
        call = good | changed
        args = [call.pop(name) for name in ("objective", "configs", "rungs")]
        return successive_halving(*args, **call)


def row(function: Any, argument: str, call: Any, bad: Any, error: Any, message: str):
    """一行：名字是坏值的样子。"""
    return Case(function, argument, repr(bad)[:20], call, bad, error, message)


def shared(function: Any, call: Any) -> list[Case]:
    """run_trials 与 successive_halving 共有的坏输入。"""

    def change(name: str) -> Any:
        return lambda v: call(**{name: v})

    executor, objective = change("executor"), change("objective")
    message = "must be a concurrent.futures.Executor"
    return [
        row(function, "executor", executor, None, TypeError, message),
        row(function, "executor", executor, map, TypeError, message),
        *generator(function, change("rng")),
        row(function, "configs", change("configs"), [], ValueError, "must"),
        *(
            [row(function, "objective", objective, 3, TypeError, "must be callable")]
            if function is run_trials
            else []
        ),
    ]


LOG, BETA = log_uniform, one_minus_log_uniform
FAILED = [Trial(0, {}, math.inf, "RuntimeError: x")]
CASES = [
    *number(LOG, "low", lambda v: LOG(v, 1.0, 3, rng=RNG), 0.0, -1.0),
    *number(LOG, "high", lambda v: LOG(0.5, v, 3, rng=RNG), 0.5, 0.1),
    *count(LOG, "size", lambda v: LOG(0.1, 1.0, v, rng=RNG)),
    *generator(LOG, lambda v: LOG(0.1, 1.0, 3, rng=v)),
    *number(BETA, "low", lambda v: BETA(v, 0.99, 3, rng=RNG), -0.1, 1.0),
    *number(BETA, "high", lambda v: BETA(0.9, v, 3, rng=RNG), 0.9, 1.0),
    row(
        BETA,
        "high",
        lambda v: BETA(1e-17, v, 3, rng=RNG),
        2e-17,
        ValueError,
        "must be above 1e-17 by more than the rounding of 1 - high, got 2e-17",
    ),
    *count(BETA, "size", lambda v: BETA(0.1, 0.9, v, rng=RNG)),
    *generator(BETA, lambda v: BETA(0.1, 0.9, 3, rng=v)),
    *count(p_hit, "n", lambda v: p_hit(v, 0.1)),
    *number(p_hit, "fraction", lambda v: p_hit(3, v), -0.1, 1.1),
    row(grid, "choices", grid, [1], TypeError, "must be a mapping, got list"),
    row(grid, "choices", grid, {}, ValueError, "must not be empty"),
    row(grid, "choices['a']", grid, {"a": 3}, TypeError, "must be a sequence, got int"),
    row(grid, "choices['a']", grid, {"a": "xy"}, TypeError, "sequence, got str"),
    row(grid, "choices['a']", grid, {"a": []}, ValueError, "must not be empty"),
    *(
        row(
            random_configs,
            name,
            lambda v: random_configs(v, 3, rng=RNG),
            bad,
            error,
            message,
        )
        for name, bad, error, message in [
            ("samplers", [1], TypeError, "must be a mapping, got list"),
            ("samplers", {}, ValueError, "must not be empty"),
            ("samplers['a']", {"a": 3}, TypeError, "must be callable, got int"),
        ]
    ),
    *count(random_configs, "n", lambda v: random_configs({"a": id}, v, rng=RNG)),
    *generator(random_configs, lambda v: random_configs({"a": id}, 2, rng=v)),
    *shared(run_trials, trials_call),
    *shared(successive_halving, halving_call),
    row(
        successive_halving,
        "objective",
        lambda v: halving_call(objective=v),
        3,
        TypeError,
        "must be callable, got int",
    ),
    row(
        successive_halving,
        "rungs",
        lambda v: halving_call(rungs=v),
        [],
        ValueError,
        "must not be empty",
    ),
    row(best_trial, "trials", best_trial, [], ValueError, "must not be empty"),
    row(best_trial, "trials", best_trial, FAILED, ValueError, "RuntimeError: x"),
    *(
        case
        for name in ("n", "budget", "eta", "max_budget")
        for case in count(
            halving_rungs,
            name,
            lambda v, name=name: halving_rungs(
                **({"n": 9, "budget": 1, "eta": 3, "max_budget": 9} | {name: v})
            ),
        )
        if not (name == "eta" and case.error is ValueError)
    ),
    row(
        halving_rungs,
        "eta",
        lambda v: halving_rungs(9, budget=1, eta=v, max_budget=9),
        1,
        ValueError,
        "must be at least 2, got 1",
    ),
    *count(hyperband_brackets, "max_budget", lambda v: hyperband_brackets(v, eta=3)),
    row(
        hyperband_brackets,
        "max_budget",
        lambda v: hyperband_brackets(v, eta=3),
        80,
        ValueError,
        "must be a power of 3, got 80",
    ),
    row(
        hyperband_brackets,
        "eta",
        lambda v: hyperband_brackets(81, eta=v),
        1,
        ValueError,
        "must be at least 2, got 1",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_bad_input_is_refused_by_name(case: Case):
    refused(case)


def test_every_argument_of_every_public_function_has_a_row():
    assert missing(search, CASES) == set()


def test_a_budget_of_one_leaves_one_bracket():
    assert hyperband_brackets(1, eta=3) == [[(1, 1)]]


def test_halving_wants_as_many_configs_as_the_first_rung():
    wanted = pytest.raises(ValueError, match=r"configs must have 4 entries, got 1$")
    with ThreadPoolExecutor(1) as pool, wanted:
        successive_halving(
            lambda config, budget, rng: 0.0,
            [{}],
            [(4, 2), (2, 7)],
            executor=pool,
            rng=np.random.default_rng(0),
        )
