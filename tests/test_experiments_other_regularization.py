"""1.8 节的数字：与手算值、闭式、真的梯度下降互相印证；训练类只断言方向与宽区间。"""

import numpy as np
import pytest

from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.augment import rotate
from dlnotes_lib.datasets import make_moons
from dlnotes_lib.experiments.other_regularization import (
    MOONS,
    Curves,
    Score,
    augmented,
    gd_shrinkage,
    half_turn,
    learning_curves,
    mirror,
    ridge_shrinkage,
    shift,
    six,
    six_and_nine,
    train_digits,
)
from dlnotes_lib.stopping import EarlyStopping, replay

EIGENVALUES = np.array([10, 1, 0.1, 0.01])


def test_half_a_turn_of_the_six_is_a_nine_with_its_loop_on_top():
    nine = rotate(six(), degrees=180).round(9)
    np.testing.assert_array_equal(nine, six()[::-1, ::-1])
    assert nine[4:6, 8].tolist() == [1, 1]  # 右上有笔画
    assert six()[4:6, 8].tolist() == [0, 0]
    assert not np.array_equal(nine, six()[:, ::-1])


def test_the_pictures_are_shifted_shapes_with_noise_and_alternate():
    x, y = six_and_nine(2000, rng=np.random.default_rng(0))
    assert y.tolist() == [0, 1] * 1000
    images = x.T.reshape(-1, 13, 13)
    assert images[:, 0].std() == pytest.approx(0.2, abs=0.01)  # 边上只有噪声
    ink = images[y == 0].mean(axis=0)
    assert ink.sum() == pytest.approx(six().sum(), abs=0.3)
    assert images[y == 1].mean(axis=0)[:6].sum() > images[y == 0].mean(axis=0)[:6].sum()


def test_a_shift_reaches_all_twenty_five_places_and_loses_no_stroke(rng):
    places = {shift(six(), rng).tobytes() for _ in range(600)}
    assert len(places) == 25
    assert all(np.frombuffer(p).sum() == 16 for p in places)


@pytest.mark.parametrize(
    ("transform", "other"), [(half_turn, six()[::-1, ::-1]), (mirror, six()[:, ::-1])]
)
def test_half_of_the_pictures_are_changed(transform, other, rng):
    changed = [np.array_equal(transform(six(), rng), other) for _ in range(400)]
    assert np.mean(changed) == pytest.approx(0.5, abs=0.1)


def test_augmented_treats_every_column_as_its_own_picture():
    x = np.stack([six().ravel(), 2 * six().ravel()], axis=1)
    got = augmented(x, lambda image, _: image[::-1, ::-1], rng=np.random.default_rng(0))
    np.testing.assert_array_equal(got, x[::-1])


def test_augmentation_helps_when_it_keeps_the_label_and_hurts_when_it_does_not():
    # E13：同样的 40 张图，只换增广
    rngs = [np.random.default_rng(0) for _ in range(3)]
    plain, good, bad = (
        train_digits(t, m=40, steps=150, rng=rng)
        for t, rng in zip((None, shift, half_turn), rngs, strict=True)
    )
    assert isinstance(plain, Score)
    assert plain.train == 1
    assert good.test > plain.test + 0.1
    assert bad.test < plain.test - 0.03
    assert bad.test == pytest.approx(0.5, abs=0.06)


def test_the_dev_loss_turns_while_the_training_loss_keeps_falling():
    # E13：最优的一步不是最后一步
    rng = np.random.default_rng(3)
    curves = learning_curves(m=80, steps=1000, every=20, rng=rng)
    best = int(curves.dev.argmin())
    assert isinstance(curves, Curves)
    assert 100 <= curves.step[best] <= 400
    assert curves.dev[best] == pytest.approx(0.42, abs=0.03)
    assert curves.dev[-1] > curves.dev[best] + 0.15
    assert curves.train[-1] < curves.train[best] / 2
    progress = replay(EarlyStopping(patience=10), curves.dev.tolist())
    assert (progress.best_step, progress.step) == (best, best + 10)


def test_early_in_training_the_weights_are_near_the_start_not_near_zero():
    rng = np.random.default_rng(3)
    curves = learning_curves(m=80, steps=240, every=240, rng=rng)
    assert curves.moved[0] == 0
    assert curves.norm == pytest.approx([16, 16.3], abs=0.6)
    assert curves.moved[-1] < curves.norm[0] / 4


def test_the_curves_start_before_training_with_the_data_drawn_first():
    curves = learning_curves(m=10, steps=5, every=2, rng=np.random.default_rng(1))
    assert curves.step.tolist() == [0, 2, 4]
    rng = np.random.default_rng(1)
    for count in (10, 2000):
        rng.random(count)  # 两段弧的参数
        rng.standard_normal((2, count))
        rng.permutation(count)
    start = MOONS.init(rng)
    weights = np.concatenate([start[f"W{i}"].ravel() for i in (1, 2, 3)])
    assert curves.norm[0] == pytest.approx(np.linalg.norm(weights), rel=1e-12)


def test_lengths_and_losses_are_those_of_the_weights_after_the_stated_steps():
    curves = learning_curves(m=10, steps=4, every=2, rng=np.random.default_rng(1))
    rng = np.random.default_rng(1)
    x, y = make_moons(10, noise=0.4, rng=rng)
    x_new, y_new = make_moons(2000, noise=0.4, rng=rng)
    params = start = MOONS.init(rng)
    for _ in range(4):
        _, grads = MOONS.loss_and_grad(params, x, y, rng=rng)
        params = {name: w - 0.3 * grads[name] for name, w in params.items()}
    names = ("W1", "W2", "W3")  # 偏置不算
    length = sum(float((params[n] ** 2).sum()) for n in names) ** 0.5
    moved = sum(float(((params[n] - start[n]) ** 2).sum()) for n in names) ** 0.5
    losses = MOONS.cost(params, x, y), MOONS.cost(params, x_new, y_new)
    got = [getattr(curves, f)[-1] for f in ("train", "dev", "norm", "moved")]
    assert got == pytest.approx([*losses, length, moved], rel=1e-9)


def test_the_shrinkage_table_of_the_page():
    done = gd_shrinkage(EIGENVALUES, lr=0.05, steps=40)
    np.testing.assert_allclose(done, [1, 0.8715, 0.1817, 0.0198], atol=5e-5)
    done = ridge_shrinkage(EIGENVALUES, tau=0.5)
    np.testing.assert_allclose(done, [0.9524, 0.6667, 0.1667, 0.0196], atol=5e-5)


@pytest.mark.parametrize("steps", [0, 1, 7])
def test_gradient_descent_from_zero_shrinks_as_the_formula_says(steps, rng):
    q, _ = np.linalg.qr(rng.standard_normal((4, 4)))
    h, bottom = q @ np.diag(EIGENVALUES) @ q.T, rng.standard_normal(4)
    w = np.zeros(4)
    for _ in range(steps):
        w = w - 0.05 * h @ (w - bottom)
    done = gd_shrinkage(EIGENVALUES, lr=0.05, steps=steps)
    np.testing.assert_allclose(q.T @ w, done * (q.T @ bottom), atol=1e-12)


def test_the_ridge_solution_shrinks_as_the_formula_says(rng):
    q, _ = np.linalg.qr(rng.standard_normal((4, 4)))
    h, bottom = q @ np.diag(EIGENVALUES) @ q.T, rng.standard_normal(4)
    w = np.linalg.solve(h + 0.5 * np.eye(4), h @ bottom)
    done = ridge_shrinkage(EIGENVALUES, tau=0.5)
    np.testing.assert_allclose(q.T @ w, done * (q.T @ bottom), atol=1e-12)


def test_both_agree_to_first_order_where_the_curvature_is_small():
    small = np.array([1e-6])
    lr, steps = 0.05, 40
    ratio = gd_shrinkage(small, lr=lr, steps=steps) / ridge_shrinkage(
        small, tau=1 / (lr * steps)
    )
    assert ratio.item() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda r: six_and_nine(1, rng=r), ValueError, "m must be at least 2"),
        (lambda r: six_and_nine(4, rng=None), TypeError, "rng must be"),  # pyright: ignore
        (lambda r: shift(six(), None), TypeError, "rng must be"),  # pyright: ignore
        (lambda r: half_turn(six(), 0), TypeError, "rng must be"),  # pyright: ignore
        (lambda r: mirror(six(), 0), TypeError, "rng must be"),  # pyright: ignore
        (lambda r: augmented(np.ones((13, 13)), shift, rng=r), ShapeError, r"x must have shape \(169, \*\)"),
        (lambda r: train_digits(None, m=40, steps=0, rng=r), ValueError, "steps must be at least 1"),
        (lambda r: train_digits(None, m=1, steps=1, rng=r), ValueError, "m must be at least 2"),
        (lambda r: learning_curves(m=1, steps=1, every=1, rng=r), ValueError, "m must be at least 2"),
        (lambda r: learning_curves(m=8, steps=0, every=1, rng=r), ValueError, "steps must be at least 1"),
        (lambda r: learning_curves(m=8, steps=1, every=0, rng=r), ValueError, "every must be at least 1"),
        (lambda r: gd_shrinkage(np.ones((2, 2)), lr=0.1, steps=1), ShapeError, "eigenvalues must have shape"),
        (lambda r: gd_shrinkage(np.ones(2), lr=0, steps=1), ValueError, "lr must be in"),
        (lambda r: gd_shrinkage(np.ones(2), lr=0.1, steps=-1), ValueError, "steps must be at least 0"),
        (lambda r: ridge_shrinkage(np.ones(2), tau=0), ValueError, "tau must be in"),
        (lambda r: ridge_shrinkage(np.array([1, -1.0]), tau=1), ValueError, r"eigenvalues.min\(\) must be in"),
    ],
)  # fmt: skip
def test_bad_input_is_named(call, error, message, rng):
    with pytest.raises(error, match=message):
        call(rng)


def test_two_images_and_zero_steps_are_allowed(rng):
    x, y = six_and_nine(2, rng=rng)
    assert x.shape[1] == 2
    assert y.tolist() == [0, 1]
    assert gd_shrinkage(np.array([1.0, 2.0]), lr=0.1, steps=0).tolist() == [0, 0]
    assert learning_curves(m=8, steps=2, every=1, rng=rng).step.tolist() == [0, 1, 2]
