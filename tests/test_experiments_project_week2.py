"""第二周综合项目：网格由另写的一遍训练重做，比较的方向，与四个判分函数。"""

from itertools import combinations, pairwise, product

import numpy as np
import pytest
from naive_steps import direction

from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.experiments.project_week2 import (
    BATCH,
    DIGITS_SWEEP,
    GRID,
    MOONS_SWEEP,
    MORE,
    RACERS,
    REPORT,
    TUNING,
    WINS,
    Problem,
    Run,
    accuracy,
    compare,
    digits,
    fit,
    moons,
    tune,
    tuned,
)
from dlnotes_lib.experiments.project_week2_grades import (
    ADAM_FAULTS,
    LOSSES,
    PAIRS,
    SEEDS,
    WRONG_PICKS,
    faulty_step,
    grade_adam,
    grade_batches,
    grade_compare,
    grade_tune,
)
from dlnotes_lib.minibatch import iterate
from dlnotes_lib.models import MLP
from dlnotes_lib.optimizers import SGD, Adam, AdamState, HeavyBall, Momentum
from dlnotes_lib.splits import Part


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


# 整个网格另写一遍：27 个网络（9 个学习率 × 3 个种子）叠在一起同时走，不用库的训练循环


def starts(problem: Problem, seeds) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """（每一层的起点，形状 (种子, n_out, n_in)；每个种子全部轮次的次序）。"""
    sizes, m = problem.model.sizes, problem.data.train.y.shape[-1]
    layers = [[] for _ in sizes[1:]]
    orders = []
    for seed in seeds:
        own = rng(seed)
        for layer, (n, n_out) in zip(layers, pairwise(sizes), strict=True):
            layer.append(own.standard_normal((n_out, n)) * np.sqrt(2 / n))
        orders.append(np.stack([own.permutation(m) for _ in range(8)]))
    return [np.array(layer) for layer in layers], orders


def outputs(weights, biases, x):
    """各层的激活值；最后一个是打分。"""
    a = [x]
    for w, b in zip(weights, biases, strict=True):
        z = w @ a[-1] + b
        a.append(np.maximum(z, 0) if len(a) < len(weights) else z)
    return a


def probabilities(z):
    if z.shape[-2] == 1:
        return 0.5 * (1 + np.tanh(z / 2))
    e = np.exp(z - z.max(axis=-2, keepdims=True))
    return e / e.sum(axis=-2, keepdims=True)


def losses(z, y):
    """每个网络的平均交叉熵；y 是独热的列，或一行 0、1。"""
    if z.shape[-2] == 1:
        return np.mean(np.logaddexp(0, z) - y * z, axis=(-2, -1))
    top = z.max(axis=-2, keepdims=True)
    log_sum = top + np.log(np.exp(z - top).sum(axis=-2, keepdims=True))
    return -np.mean(np.sum(y * (z - log_sum), axis=-2), axis=-1)


def searched(problem: Problem, kind: str, grid=GRID, seeds=TUNING) -> np.ndarray:
    """每个学习率、每个种子的验证损失，形状 (学习率, 种子)。"""
    (x, y), (dev_x, dev_y), _ = problem.data
    if y.ndim == 1:
        y, dev_y = np.eye(10)[y].T, np.eye(10)[dev_y].T
    layers, orders = starts(problem, seeds)
    weights = [np.tile(w, (len(grid), 1, 1)) for w in layers]
    biases = [np.zeros((*w.shape[:2], 1)) for w in weights]
    lr = np.repeat(grid, len(seeds))[:, None, None]
    m = [np.zeros_like(p) for p in weights + biases]
    s = [np.zeros_like(p) for p in weights + biases]
    t = 0
    for epoch in range(8):
        order = np.array([own[epoch] for own in orders])
        for i in range(0, order.shape[1], 64):
            pick = order[:, i : i + 64]
            bx, by = (
                np.tile(v[:, pick].swapaxes(0, 1), (len(grid), 1, 1)) for v in (x, y)
            )
            a = outputs(weights, biases, bx)
            dz = (probabilities(a[-1]) - by) / pick.shape[1]
            dw, db = [], []
            for k in reversed(range(len(weights))):
                dw.insert(0, dz @ a[k].swapaxes(1, 2))
                db.insert(0, dz.sum(axis=2, keepdims=True))
                dz = (weights[k].swapaxes(1, 2) @ dz) * (a[k] > 0)
            t, params = t + 1, weights + biases
            for k, g in enumerate(dw + db):
                d, m[k], s[k] = direction(kind, g, t, m[k], s[k])
                params[k] = params[k] - lr * d
            weights, biases = params[: len(weights)], params[len(weights) :]
    loss = losses(outputs(weights, biases, dev_x)[-1], dev_y)
    return loss.reshape(len(grid), len(seeds))


SEARCHES = [
    (problem, sweep, kind)
    for problem, sweep in ((digits, DIGITS_SWEEP), (moons, MOONS_SWEEP))
    for kind in RACERS
]


@pytest.mark.parametrize(("problem", "sweep", "kind"), SEARCHES)
def test_the_stored_search_is_what_a_second_program_finds(problem, sweep, kind):
    got = np.median(searched(problem(), kind), axis=1)
    stored = np.array(sweep[kind])
    # 学习率太大时，末位的舍入会长成看得见的差别
    calm = (stored < 0.6) | (np.arange(len(GRID)) < stored.argmin())
    slack = np.where(stored < 1, 6e-5, 6e-4)  # 表里写到第四位或第三位小数
    assert (np.abs(got - stored) < slack)[calm].all()
    assert (got[~calm] > 0.55).all()
    assert got.argmin() == stored.argmin()
    assert 0 < stored.argmin() < len(GRID) - 1  # 最好的不在格子两端
    assert BATCH == 64


def test_forty_more_seeds_are_counted_by_the_second_program():
    assert not {*MORE} & {*TUNING, *REPORT}
    assert len(MORE) == 40
    best = {name: opt.lr for name, opt in tuned(DIGITS_SWEEP).items()}
    loss = {n: searched(digits(), n, (lr,), MORE)[0] for n, lr in best.items()}
    assert {frozenset(pair) for pair in WINS} == {
        frozenset(pair) for pair in combinations(RACERS, 2)
    }
    assert {(a, b): np.sum(loss[a] < loss[b]) for a, b in WINS} == WINS
    gaps = [np.abs(loss[a] - loss[b]).min() for a, b in WINS]
    assert min(gaps) > 1e-5  # 没有一次悬在舍入上


def test_fit_walks_the_same_path_as_the_search():
    problem, lr = moons(), 0.03
    dev = [fit(problem, Adam(lr=lr), rng=rng(s)).dev[-1] for s in TUNING]
    assert np.median(dev) == pytest.approx(
        MOONS_SWEEP["Adam"][GRID.index(lr)], abs=6e-5
    )


def test_a_run_holds_one_entry_per_epoch_and_the_last_parameters():
    problem = moons()
    run = fit(problem, SGD(lr=0.1), rng=rng(), count=2)
    assert isinstance(run, Run)
    assert run.train.shape == run.dev.shape == (2,)
    model, (train, dev, _) = problem
    assert run.train[1] == model.cost(run.params, *train)
    assert run.dev[1] == model.cost(run.params, *dev)
    again = fit(problem, SGD(lr=0.1), rng=rng(), count=1)
    assert again.dev[0] == run.dev[0]


def test_the_same_seed_gives_every_optimizer_the_same_start_and_batches():
    problem = moons()
    one, other = (
        fit(problem, opt, rng=rng(4), count=1) for opt in (SGD(lr=0.0), Adam(lr=0.0))
    )
    assert one.dev[0] == other.dev[0]


def test_one_learning_rate_for_all_turns_the_order_around():
    def at(sweep, lr):
        sgd, momentum, rms, adam = (row[GRID.index(lr)] for row in sweep.values())
        return max(sgd, momentum), min(sgd, momentum), max(rms, adam), min(rms, adam)

    for sweep in (DIGITS_SWEEP, MOONS_SWEEP):
        _, low, high, _ = at(sweep, 0.001)
        assert low > 1.5 * high
    high, _, _, low = at(DIGITS_SWEEP, 1.0)
    assert low > 10 * high


@pytest.fixture(scope="module")
def fresh() -> dict[str, list[Run]]:
    problem = digits()
    return {
        name: [fit(problem, opt, rng=rng(s)) for s in REPORT]
        for name, opt in tuned(DIGITS_SWEEP).items()
    }


def told_apart(values: dict[str, np.ndarray]) -> set[str]:
    """“低的<高的”：每个种子上都低的对。"""
    pairs = [(a, b) for a in values for b in values if a != b]
    return {f"{a}<{b}" for a, b in pairs if (values[a] < values[b]).all()}


def test_tuned_optimizers_that_five_seeds_tell_apart(fresh):
    last = {
        k: {n: np.array([getattr(r, k)[-1] for r in rs]) for n, rs in fresh.items()}
        for k in ("train", "dev")
    }
    slow = ("SGD", "RMSprop")
    assert told_apart(last["dev"]) == {f"Adam<{b}" for b in slow}
    fast = ("Momentum", "Adam")
    assert told_apart(last["train"]) == {f"{a}<{b}" for a in fast for b in slow}
    for a, b in product(fast, slow):
        assert np.median(last["train"][b]) > 2 * np.median(last["train"][a])
        assert last["train"][b].min() > last["train"][a].max()  # 带子分开


def test_five_seeds_do_not_tell_the_test_accuracies_apart(fresh):
    model, test = digits().model, digits().data.test
    wrong = {
        n: np.array([round(300 * (1 - accuracy(model, r.params, test))) for r in rs])
        for n, rs in fresh.items()
    }
    assert told_apart(wrong) == set()


def test_most_chosen_learning_rates_look_worse_on_fresh_seeds(fresh):
    worse = {
        name
        for name, runs in fresh.items()
        if np.median([run.dev[-1] for run in runs]) > min(DIGITS_SWEEP[name])
    }
    assert worse == {"SGD", "Momentum", "Adam"}


def test_heavy_ball_is_the_same_algorithm_at_a_tenth_of_the_rate():
    problem = digits()
    course = fit(problem, Momentum(lr=0.1), rng=rng(3), count=2)
    ball = fit(problem, HeavyBall(lr=0.01), rng=rng(3), count=2)
    np.testing.assert_allclose(ball.dev, course.dev, rtol=1e-9)


def test_the_verdict_on_moons_turns_when_one_side_is_tuned_badly():
    problem, opts = moons(), tuned(MOONS_SWEEP)

    def dev(opt):
        return np.array([fit(problem, opt, rng=rng(s)).dev[-1] for s in REPORT])

    sgd, adam, other = dev(opts["SGD"]), dev(opts["Adam"]), dev(SGD(lr=0.3))
    assert compare(adam, sgd) == "tie"
    assert compare(adam, other) == "a"


def test_accuracy_counts_classes_and_signs():
    two = {"W1": np.array([[1.0], [-1.0]]), "b1": np.zeros((2, 1))}
    x = np.array([[2.0, -3.0, 5.0]])
    assert accuracy(
        MLP(sizes=(1, 2)), two, Part(x, np.array([0, 1, 1]))
    ) == pytest.approx(2 / 3)
    one = {"W1": np.array([[1.0]]), "b1": np.array([[0.0]])}
    part = Part(np.array([[2.0, -3.0, 0.0]]), np.array([[1.0, 1.0, 0.0]]))
    assert accuracy(MLP(sizes=(1, 1), loss="bce"), one, part) == pytest.approx(2 / 3)


def test_bad_input_names_the_argument():
    with pytest.raises(TypeError, match="rng must be"):
        fit(moons(), SGD(lr=0.1), rng=0)  # pyright: ignore
    with pytest.raises(ValueError, match="count must be at least 1"):
        fit(moons(), SGD(lr=0.1), rng=rng(), count=0)
    with pytest.raises(ShapeError, match="b must have shape"):
        compare(np.ones(3), np.ones(2))
    with pytest.raises(ShapeError, match="a must have shape"):
        compare(np.ones((3, 1)), np.ones((3, 1)))


# 判分函数


def library_batches(x, y, size, rng):
    return iterate(x, y, size=size, rng=rng)


def sliced(order_x, order_y, x, y, size):
    for i in range(0, len(order_y), size):
        yield x[:, order_x[i : i + size]], y[order_y[i : i + size]]


def same_order(order):
    def batches(x, y, size, g):
        picked = order(y.size, g)
        return sliced(picked, picked, x, y, size)

    return batches


def apart(x, y, size, g):
    return sliced(g.permutation(y.size), g.permutation(y.size), x, y, size)


def no_tail(x, y, size, g):
    return [b for b in library_batches(x, y, size, g) if b[1].size == size]


def empty_tail(x, y, size, g):
    order = g.permutation(y.size)
    for k in range(y.size // size + 1):
        pick = order[k * size : (k + 1) * size]
        yield x[:, pick], y[pick]


def lost_single(x, y, size, g):
    order = g.permutation(y.size)
    for i in range(0, y.size - 1, size):
        yield x[:, order[i : i + size]], y[order[i : i + size]]


def within_blocks(x, y, size, g):
    for i in range(0, y.size, size):
        pick = i + g.permutation(min(size, y.size - i))
        yield x[:, pick], y[pick]


def in_place(x, y, size, g):
    order = g.permutation(y.size)
    x[:], y[:] = x[:, order], y[order]
    return sliced(np.arange(y.size), np.arange(y.size), x, y, size)


def not_a_number(x, y, size, g):
    return [(bx * np.nan, by) for bx, by in library_batches(x, y, size, g)]


BATCHES = {
    "nothing": (lambda x, y, size, g: None, "must give (x, y) pairs, got NoneType"),
    "empty": (
        lambda x, y, size, g: [],
        "8 examples in batches of 4 must give [4, 4], got []",
    ),
    "no tail": (no_tail, "must give [4, 4, 2], got [4, 4]"),
    "empty tail": (empty_tail, "must give [4, 4], got [4, 4, 0]"),
    "lost single": (lost_single, "must give [3, 3, 3, 1], got [3, 3, 3]"),
    "size written in": (
        lambda x, y, size, g: library_batches(x, y, 4, g),
        "10 examples in batches of 3 must give [3, 3, 3, 1], got [4, 4, 2]",
    ),
    "within blocks": (within_blocks, "must change batches, got y 0 always in batch 1"),
    "all but the last": (
        same_order(lambda m, g: np.append(g.permutation(m - 1), m - 1)),
        "must change batches, got y 9 always in batch 3",
    ),
    "rows": (
        lambda x, y, size, g: [(bx.T, by) for bx, by in library_batches(x, y, size, g)],
        "must have shapes (2, 4) and (4,), got (4, 2) and (4,)",
    ),
    "shuffled apart": (apart, "must go with its own x"),
    "not a number": (not_a_number, "must go with its own x, got x [nan, nan]"),
    "with replacement": (
        same_order(lambda m, g: g.integers(m, size=m)),
        "every example must come exactly once",
    ),
    "in order": (same_order(lambda m, g: np.arange(m)), "the order must be random"),
    "own seed": (
        same_order(lambda m, g: rng(7).permutation(m)),
        "the next epoch must come in another order",
    ),
    "other source": (
        same_order(lambda m, g: np.random.default_rng().permutation(m)),
        "the same seed must give the same order",
    ),
    "in place": (in_place, "x and y must not be changed"),
}


@pytest.mark.parametrize(("batches", "message"), BATCHES.values(), ids=BATCHES.keys())
def test_a_wrong_iterator_is_named(batches, message):
    assert grade_batches(library_batches) == []
    assert any(message in finding for finding in grade_batches(batches))


def right_step(w, dw, m, s, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * dw
    s = beta2 * s + (1 - beta2) * dw**2
    m_hat, s_hat = m / (1 - beta1**t), s / (1 - beta2**t)
    return w - lr * m_hat / (np.sqrt(s_hat) + eps), m, s


def moments(dw, m, s, b1, b2):
    return b1 * m + (1 - b1) * dw, b2 * s + (1 - b2) * dw * dw


def uncorrected(w, dw, m, s, t, lr, b1, b2, eps):
    m, s = moments(dw, m, s, b1, b2)
    return w - lr * m / (s**0.5 + eps), m, s


def from_zero(w, dw, m, s, t, *rest):
    return right_step(w, dw, m, s, np.float64(t - 1), *rest)


def written_back(w, dw, m, s, t, lr, b1, b2, eps):
    m, s = moments(dw, m, s, b1, b2)
    m, s = m / (1 - b1**t), s / (1 - b2**t)
    return w - lr * m / (s**0.5 + eps), m, s


def inside(w, dw, m, s, t, lr, b1, b2, eps):
    m, s = moments(dw, m, s, b1, b2)
    return w - lr * m / (1 - b1**t) / (s / (1 - b2**t) + eps) ** 0.5, m, s


def epsilon_hat(w, dw, m, s, t, lr, b1, b2, eps):
    m, s = moments(dw, m, s, b1, b2)
    rate = lr * (1 - b2**t) ** 0.5 / (1 - b1**t)
    return w - rate * m / (s**0.5 + eps), m, s


def not_squared(w, dw, m, s, t, lr, b1, b2, eps):
    m, s = b1 * m + (1 - b1) * dw, b2 * s + (1 - b2) * dw
    return w - lr * m / (1 - b1**t) / ((s / (1 - b2**t)) ** 0.5 + eps), m, s


def swapped(w, dw, m, s, t, lr, b1, b2, eps):
    return right_step(w, dw, m, s, t, lr, 1 - b1, 1 - b2, eps)


def no_root(w, dw, m, s, t, lr, b1, b2, eps):
    m, s = moments(dw, m, s, b1, b2)
    return w - lr * m / (1 - b1**t) / (s / (1 - b2**t) + eps), m, s


def uphill(w, dw, m, s, t, lr, *rest):
    return right_step(w, dw, m, s, t, -lr, *rest)


WRITTEN = (
    uncorrected,
    from_zero,
    written_back,
    inside,
    epsilon_hat,
    not_squared,
    swapped,
    no_root,
    uphill,
)


@pytest.mark.parametrize(
    ("step", "fault"), [*zip(WRITTEN, ADAM_FAULTS, strict=True)], ids=ADAM_FAULTS
)
def test_a_wrong_adam_step_is_named(step, fault):
    assert grade_adam(right_step) == []
    (finding,) = grade_adam(step)
    assert finding.startswith("step ")
    assert finding.endswith(f": {fault}")


def test_the_fault_free_variant_is_the_library():
    w = m = s = np.array([2.0])
    adam = Adam(lr=0.5, beta1=0.5, beta2=0.8, eps=1.0)
    want, state = adam.update(w, np.array([3.0]), AdamState(1, m, s))
    got = faulty_step("")(w, np.array([3.0]), m, s, 2, 0.5, 0.5, 0.8, 1.0)
    np.testing.assert_allclose(got, [want, state.m, state.s], rtol=1e-12)


def beta1_turned(w, dw, m, s, t, lr, b1, b2, eps):
    _, s = moments(dw, m, s, b1, b2)
    m = (1 - b1) * m + b1 * dw
    m_hat, s_hat = m / (1 - b1**t), s / (1 - b2**t)
    return w - lr * m_hat / (s_hat**0.5 + eps), m, s


def beta2_turned(w, dw, m, s, t, lr, b1, b2, eps):
    m, _ = moments(dw, m, s, b1, b2)
    s = (1 - b2) * s + b2 * dw * dw
    m_hat, s_hat = m / (1 - b1**t), s / (1 - b2**t)
    return w - lr * m_hat / (s_hat**0.5 + eps), m, s


def beta1_for_both(w, dw, m, s, t, lr, b1, b2, eps):
    return right_step(w, dw, m, s, t, lr, b1, b1, eps)


def beta1_for_lr(w, dw, m, s, t, lr, b1, b2, eps):
    return right_step(w, dw, m, s, t, b1, b1, b2, eps)


def changes_m(*given):
    out = right_step(*given)
    given[2][:] += 1
    return out


STEPS = {
    "nothing": (lambda *a: None, "must return (w, m, s), got NoneType"),
    "only w": (lambda *a: right_step(*a)[:1], "must return (w, m, s)"),
    "stands still": (lambda w, dw, m, s, *a: (w, m, s), "step 1: w must be"),
    "not a number": (
        lambda w, dw, m, s, *a: (w * np.nan, m, s),
        "got [[nan, nan, nan]]",
    ),
    "other shape": (
        lambda w, *a: (right_step(w, *a)[0][:, :1], *right_step(w, *a)[1:]),
        "step 1: w must be",
    ),
    "beta1 turned": (beta1_turned, "step 1: w must be"),
    "beta2 turned": (beta2_turned, "step 1: w must be"),
    "beta1 for both": (beta1_for_both, "step 2: w must be"),
    "beta1 for lr": (beta1_for_lr, "step 1: w must be"),
    "in place": (changes_m, "m must not be changed"),
}


@pytest.mark.parametrize(("step", "message"), STEPS.values(), ids=STEPS.keys())
def test_a_step_that_is_no_step_is_named(step, message):
    (finding,) = grade_adam(step)
    assert message in finding


def choose(rule, seeds=SEEDS):
    def tuner(make_optimizer, grid, run, _):
        return min(
            grid, key=lambda lr: rule([run(make_optimizer(lr=lr), s) for s in seeds])
        )

    return tuner


def finite(rule):
    return lambda v: float(rule(np.nan_to_num(v, nan=np.inf, posinf=np.inf)))


def survivors(v):
    kept = [x for x in v if x == x]
    return np.median(kept) if kept else np.inf


TUNERS = {
    "nan": (choose(np.median), "got 10.0: a diverged run is infinitely bad"),
    "dropped": (choose(survivors), "got 3.0: a diverged run is infinitely bad, do not"),
    "mean": (
        choose(finite(np.mean)),
        "got 1.0: take the median over the seeds, not the mean",
    ),
    "luckiest": (choose(finite(np.min)), "got 0.3: take the median"),
    "first": (choose(finite(lambda v: v[0])), "got 0.03: take the median"),
    "last": (choose(finite(lambda v: v[-1])), "got 0.01: take the median"),
    "one seed": (choose(finite(np.median), SEEDS[:1]), "got (10.0, 6) 0 times"),
    "twice": (choose(finite(np.median), SEEDS * 2), "got (10.0, 5) 2 times"),
    "index": (
        lambda make, grid, run, seeds: grid.index(
            choose(finite(np.median))(make, grid, run, 0)
        ),
        "the best learning rate is 0.1, got 4",
    ),
    "nothing": (lambda *a: None, "got (10.0, 5) 0 times"),
    "runs in vain": (
        lambda make, grid, run, seeds: (
            [run(make(lr=lr), s) for lr in grid for s in seeds] and None
        ),
        "the best learning rate is 0.1, got None",
    ),
    "answers nan": (
        lambda *a: choose(finite(np.median))(*a) * np.nan,
        "the best learning rate is 0.1, got nan",
    ),
}


@pytest.mark.parametrize(("tuner", "message"), TUNERS.values(), ids=TUNERS.keys())
def test_an_unfair_search_is_named(tuner, message):
    assert grade_tune(tune) == []
    assert set(WRONG_PICKS) == set(LOSSES) - {0.1}
    (finding,) = grade_tune(tuner)
    assert message in finding


def test_tune_survives_divergence_and_uses_the_given_seeds():
    def run(optimizer, seed):
        return np.nan if optimizer.lr > 1 else optimizer.lr * seed

    assert tune(SGD, (10.0, 0.2, 0.1), run, (1, 2)) == 0.1


COMPARERS = {
    "mean": (
        lambda a, b: "a" if a.mean() < b.mean() else "b",
        "the lower mean but loses",
    ),
    "bands": (
        lambda a, b: "a" if a.max() < b.min() else "b" if b.max() < a.min() else "tie",
        "a is lower by 0.01 on every seed",
    ),
    "sorted": (lambda a, b: compare(np.sort(a), np.sort(b)), "only after sorting"),
    "not strict": (
        lambda a, b: "a" if np.all(a <= b) else "b" if np.all(b <= a) else "tie",
        "one seed is equal",
    ),
    "not strict for b": (
        lambda a, b: "a" if np.all(a < b) else "b" if np.all(b <= a) else "tie",
        "one seed is equal, b is lower on the rest",
    ),
    "careless for b": (
        lambda a, b: "a" if np.all(a < b) else "b" if np.mean(b < a) > 0.5 else "tie",
        "b has the lower mean but loses one seed",
    ),
    "finite b": (
        lambda a, b: compare(a, b) if np.isfinite(a).all() else "tie",
        "a diverged on one seed: must be 'b'",
    ),
    "higher wins": (lambda a, b: compare(b, a), "b is lower by 0.01"),
    "majority": (
        lambda a, b: (
            "a" if np.mean(a < b) > 0.5 else "b" if np.mean(b < a) > 0.5 else "tie"
        ),
        "loses one seed",
    ),
    "dropped": (
        lambda a, b: compare(*(v[np.isfinite(a + b)] for v in (a, b))),
        "both diverged",
    ),
    "nothing": (lambda a, b: None, "must be 'a', got None"),
    "not a number": (lambda a, b: np.nan, "must be 'tie', got nan"),
}


@pytest.mark.parametrize(
    ("comparer", "message"), COMPARERS.values(), ids=COMPARERS.keys()
)
def test_a_wrong_comparison_is_named_by_its_counterexample(comparer, message):
    assert grade_compare(compare) == []
    assert any(message in finding for finding in grade_compare(comparer))


def test_the_pairs_cover_every_verdict_as_worked_out_by_hand():
    verdicts = [compare(*map(np.array, pair)) for pair in PAIRS.values()]
    assert verdicts == ["a", "b", *["tie"] * 5, "a", "b", "tie"]
