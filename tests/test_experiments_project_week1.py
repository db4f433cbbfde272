"""第一周综合项目：实验的方向、逐处修好的反向传播，与四个判分函数。"""

import numpy as np
import pytest

from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.datasets import make_moons
from dlnotes_lib.experiments.project_week1 import (
    FAULTS,
    RULE,
    STARTS,
    Scores,
    Start,
    accuracy,
    begin,
    fit,
    fit_early,
    half_repaired,
    paired_difference,
    start_std,
)
from dlnotes_lib.experiments.project_week1_grades import (
    MODEL,
    check_point,
    grade_backward,
    grade_init,
    grade_paired,
    grade_prepare,
)
from dlnotes_lib.initializers import init_params
from dlnotes_lib.models import MLP
from dlnotes_lib.optimizers import Adam
from dlnotes_lib.preprocessing import Standardizer
from dlnotes_lib.splits import Part, Split, train_dev_test_split
from dlnotes_lib.train import train


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_the_five_starts_have_the_stated_standard_deviations():
    want = [0, 0.01, 10, 1 / 50, 0.2]
    assert [start_std(name, 50) for name in STARTS] == pytest.approx(want)
    with pytest.raises(ValueError, match="name must be one of zeros"):
        start_std("xavier", 3)


def test_only_he_gets_going_quickly():
    runs = {name: begin(name, rng=rng()) for name in STARTS}
    last = {name: run.losses[-1] for name, run in runs.items()}
    assert all(isinstance(run, Start) for run in runs.values())
    assert last["zeros"] == pytest.approx(np.log(2))
    assert last["he"] < 0.08 < last["1/n"] < last["0.01"] < last["10"]
    assert runs["10"].losses[0] > 1000
    assert runs["zeros"].alive == runs["10"].alive == 0
    assert runs["he"].alive > 0.2
    spared = begin("10", rng=rng(1))  # 个别单元对个别样本还不为零，训练照样停住
    assert 0 < spared.alive < 0.02
    assert spared.losses[100] == pytest.approx(spared.losses[-1], abs=1e-6)
    assert spared.losses[-1] > 0.6
    assert runs["zeros"].accuracy == 0.5
    assert runs["he"].accuracy > 0.95


def test_twenty_layers_move_from_he_but_not_from_small_weights():
    deep = (2,) + (32,) * 20 + (1,)
    small, he = (
        begin(name, sizes=deep, lr=0.05, steps=60, rng=rng()).losses[-1]
        for name in ("0.01", "he")
    )
    assert small == pytest.approx(np.log(2), abs=1e-6)
    assert he < 0.4


def test_accuracy_counts_a_score_of_zero_as_class_zero():
    params = {"W1": np.array([[1.0]]), "b1": np.array([[0.0]])}
    x, y = np.array([[0.0, 0.0, 2.0]]), np.array([[0, 0, 0]])
    model = MLP(sizes=(1, 1), loss="bce")
    assert accuracy(model, params, (x, y)) == pytest.approx(2 / 3)


def test_l2_and_early_stopping_trade_training_accuracy_for_test_loss():
    bare = MLP(sizes=(2, 32, 32, 1), loss="bce")
    l2 = MLP(sizes=(2, 32, 32, 1), loss="bce", lambd=1)
    plain, shrunk = fit(bare, rng=rng()), fit(l2, rng=rng())
    stopped = fit_early(bare, rng=rng())
    assert isinstance(stopped, Scores)
    assert RULE.patience == 5
    assert plain.train > max(shrunk.train, stopped.train)
    assert plain.loss > 2 * max(shrunk.loss, stopped.loss)
    assert min(plain.test, shrunk.test, stopped.test) > 0.75


def test_early_stopping_returns_the_best_of_every_tenth_step():
    model, generator = MLP(sizes=(2, 32, 32, 1), loss="bce"), rng()
    data, dev, test = (
        make_moons(m, noise=0.35, rng=generator) for m in (100, 500, 2000)
    )
    gradient = lambda *args: model.loss_and_grad(*args, rng=generator)  # noqa: E731
    start = model.init(generator)
    steps = list(train(start, gradient, [data] * 140, Adam(lr=0.03)))
    best = min(steps[9::10], key=lambda step: model.cost(step.params, *dev))
    assert best.t == 30
    stopped = fit_early(model, rng=rng())
    assert stopped.loss == pytest.approx(model.cost(best.params, *test), rel=1e-9)
    assert stopped.train == accuracy(model, best.params, data)


def test_a_smaller_step_lets_the_large_start_learn_about_as_well_as_he():
    large, he_start = (begin(name, lr=0.1, rng=rng()) for name in ("10", "he"))
    assert large.losses[-1] < 0.4
    assert abs(large.losses[-1] - he_start.losses[-1]) < 0.1


def test_the_paired_difference_is_the_textbook_formula():
    a, b = rng().standard_normal((2, 7))
    d = [p - q for p, q in zip(a, b, strict=True)]
    mean = sum(d) / 7
    se = (sum((v - mean) ** 2 for v in d) / (7 * 6)) ** 0.5
    assert paired_difference(a, b) == pytest.approx((mean, se), rel=1e-12)


@pytest.mark.parametrize(
    ("a", "b", "error", "message"),
    [
        ([1.0, 2.0], [1.0], ShapeError, "b must have shape"),
        ([[1.0]], [[1.0]], ShapeError, "a must have shape"),
        ([1.0], [1.0], ShapeError, "at least 2 entries, got 1"),
        ([1.0, np.nan], [1.0, 2.0], ValueError, "a must be finite"),
        ([1.0, 2.0], [1.0, np.inf], ValueError, "b must be finite"),
    ],
)
def test_bad_pairs_are_refused(a, b, error, message):
    with pytest.raises(error, match=message):
        paired_difference(np.array(a), np.array(b))


def wrong_blocks(fixed: int) -> list[str]:
    params, x, y = check_point()
    _, right = MODEL.loss_and_grad(params, x, y, rng=rng())
    grads = half_repaired(params, x, y, lambd=MODEL.lambd, fixed=fixed)
    assert list(grads) == list(right)
    return [k for k in right if not np.allclose(grads[k], right[k], rtol=1e-9)]


def test_each_repair_uncovers_or_removes_what_the_page_says():
    assert [wrong_blocks(k) for k in range(7)] == [
        ["W1", "b1", "W2", "W3", "b3"],  # 两处系数在 b2 上互相抵消
        ["W1", "b1", "W2", "b2", "W3"],
        ["W1", "b1", "W2", "b2"],
        ["W1", "b1", "W2"],
        ["W1", "b1"],
        ["W1", "b1"],
        [],
    ]
    with pytest.raises(ValueError, match=r"fixed must be in \[0, 6\], got 7"):
        wrong_blocks(7)


def test_the_fourth_fault_turns_the_sign_and_nothing_else():
    params, x, y = check_point()
    wrong, right = (
        half_repaired(params, x, y, lambd=0.0, fixed=k)["W2"] for k in (3, 4)
    )
    np.testing.assert_array_equal(wrong, -right)


def backward(fixed: int):
    return lambda p, x, y, lambd: half_repaired(p, x, y, lambd=lambd, fixed=fixed)


@pytest.mark.parametrize("fixed", range(len(FAULTS)))
def test_the_grade_names_the_blocks_of_an_unfinished_repair(fixed: int):
    found = grade_backward(backward(fixed))
    named = [f.split()[0] for f in found if "at the start" in f]
    assert named == wrong_blocks(fixed)


def test_the_right_backward_pass_is_accepted():
    assert grade_backward(backward(6)) == []
    library = lambda p, x, y, lambd: MODEL.loss_and_grad(p, x, y, rng=rng())[1]  # noqa: E731
    assert grade_backward(library) == []


def split(x, y, generator) -> Split:
    return train_dev_test_split(x, y, ratios=(0.6, 0.2, 0.2), rng=generator)


def scaled(x, y, generator, pick) -> Split:
    parts = split(x, y, generator)
    return Split(
        *(Part(Standardizer.fit(pick(x, parts, p)).transform(p.x), p.y) for p in parts)
    )


PREPARE = {
    "right": (lambda x, parts, part: parts.train.x, None),
    "fitted on all": (lambda x, parts, part: x, "train{}: it uses every example"),
    "each its own": (lambda x, parts, part: part.x, "dev{}: it uses its own"),
}


@pytest.mark.parametrize(("pick", "message"), PREPARE.values(), ids=PREPARE.keys())
def test_a_leaking_preparation_is_named(pick, message):
    found = grade_prepare(lambda x, y, g: scaled(x, y, g, pick))
    if message is None:
        assert found == []
    else:
        name, hint = message.split("{}")
        assert f"{name}.x must use the mean and std of train{hint}" in found


def test_wrong_sizes_and_shared_examples_are_named():
    halves = lambda x, y, g: train_dev_test_split(x, y, ratios=(0.5, 0.3, 0.2), rng=g)  # noqa: E731
    assert grade_prepare(halves) == [
        "sizes must be [300, 100, 100], got [250, 150, 100]"
    ]

    def shared(x, y, generator):
        parts = split(x, y, generator)
        return parts._replace(test=parts.dev)

    assert grade_prepare(shared) == ["every example must be in exactly one part"]

    def in_order(x, y, generator):
        cuts = np.split(np.arange(x.shape[1]), [300, 400])
        scaler = Standardizer.fit(x[:, cuts[0]])
        return Split(*(Part(scaler.transform(x[:, i]), y[:, i]) for i in cuts))

    assert grade_prepare(in_order) == [
        "the split must be random, got the original order"
    ]


def he(sizes, generator):
    return init_params(sizes, scheme="he", rng=generator)


def positive(sizes, generator):
    """标准差对，均值不是 0。"""
    params = he(sizes, generator)
    for name in ("W1", "W2"):
        n_out, n = params[name].shape
        params[name] = generator.random((n_out, n)) * (24 / n) ** 0.5
    return params


INIT = {
    "xavier": (
        lambda s, g: init_params(s, scheme="xavier", rng=g),
        "W1 must have std 0.100",
    ),
    "variance": (
        lambda s, g: {k: w**2 for k, w in he(s, g).items()},
        "W1 must have std",
    ),
    "bias": (lambda s, g: {**he(s, g), "b2": np.ones((300, 1))}, "b2 must be zero"),
    "all positive": (positive, "W1 must have mean 0, got 0.173"),
    "not a number": (
        lambda s, g: {k: w + (0 if k == "b1" else np.nan) for k, w in he(s, g).items()},
        "W1 must have std 0.100, got nan",
    ),
    "shape": (lambda s, g: {k: w.T for k, w in he(s, g).items()}, "shapes must be"),
    "copied rows": (
        lambda s, g: {**he(s, g), "W2": np.tile(he((50, 100), g)["W1"], (3, 1))},
        "W2 must have no two equal entries",
    ),
}


@pytest.mark.parametrize(("init", "message"), INIT.values(), ids=INIT.keys())
def test_a_wrong_initializer_is_named(init, message):
    assert grade_init(he) == []
    assert any(f.startswith(message) for f in grade_init(init))


PAIRED = {
    "no root": (lambda a, b: ((a - b).mean(), (a - b).std(ddof=1)), "divide by sqrt"),
    "ddof": (lambda a, b: ((a - b).mean(), (a - b).std() / 3**0.5), "use ddof=1"),
    "unpaired": (
        lambda a, b: (
            (a - b).mean(),
            ((a.var(ddof=1) + b.var(ddof=1)) / 3) ** 0.5,
        ),
        "subtract seed by seed",
    ),
    "not a number": (
        lambda a, b: ((a - b).mean(), np.nan),
        "the standard error must be 0.5774, got nan",
    ),
    "a little off": (
        lambda a, b: ((a - b).mean() - 0.1, (a - b).std(ddof=1) / 3**0.5),
        "the difference must be 2.0000, got 1.9000",
    ),
    "sign": (
        lambda a, b: ((b - a).mean(), (a - b).std(ddof=1) / 3**0.5),
        "the difference must be 2.0000, got -2.0000",
    ),
}


@pytest.mark.parametrize(("paired", "message"), PAIRED.values(), ids=PAIRED.keys())
def test_a_wrong_error_bar_is_named(paired, message):
    assert grade_paired(paired_difference) == []
    (finding,) = grade_paired(paired)
    assert message in finding
