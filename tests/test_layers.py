"""线性层：值、三个梯度、形状检查。"""

import numpy as np
import pytest
from oracles import central_grad, complex_step_grad, random_shapes, rel_error

from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.layers import linear, linear_of_data, matmul


def example(rng, sizes):
    n_in, n_out, m = sizes
    shapes = [(n_in, m), (n_out, n_in), (n_out, 1), (n_out, m)]
    return [rng.standard_normal(shape) for shape in shapes]


@pytest.mark.parametrize(
    ("oracle", "tolerance"), [(complex_step_grad, 1e-12), (central_grad, 1e-8)]
)
@pytest.mark.parametrize("i", range(3), ids=["dx", "dw", "db"])
def test_back_agrees_with_the_numerical_gradient(i, oracle, tolerance, rng):
    for sizes in random_shapes(rng, 25, ndim=3):
        *args, dz = example(rng, sizes)

        def f(v, args=args, dz=dz):
            x, w, b = [*args[:i], v, *args[i + 1 :]]
            return (linear(x, w, b)[0] * dz).sum()

        grad = linear(*args)[1](dz)[i]
        assert rel_error(grad, oracle(f, args[i])) <= tolerance


def test_values_match_a_naive_triple_loop(rng):
    x, w, b, _ = example(rng, (4, 3, 5))
    z, _ = linear(x, w, b)
    for i in range(3):
        for k in range(5):
            total = sum(float(w[i, j] * x[j, k]) for j in range(4)) + float(b[i, 0])
            assert float(z[i, k]) == pytest.approx(total, rel=1e-13)


def test_by_hand():
    x, w = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[10.0, 1.0]])
    z, back = linear(x, w, np.array([[5.0]]))
    assert z.tolist() == [[18.0, 29.0]]
    dx, dw, db = back(np.array([[1.0, 2.0]]))
    assert dx.tolist() == [[10.0, 20.0], [1.0, 2.0]]
    assert dw.tolist() == [[5.0, 11.0]]
    assert db.tolist() == [[3.0]]


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
def test_dtype_is_kept_and_inputs_are_not_touched(dtype, rng):
    args = [a.astype(dtype) for a in example(rng, (4, 3, 5))]
    before = [a.copy() for a in args]
    *inputs, dz = args
    z, back = linear(*inputs)
    grads = back(dz)
    assert {z.dtype, *(g.dtype for g in grads)} == {np.dtype(dtype)}
    for now, then in zip(args, before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_the_first_layer_gives_the_same_but_no_dx(rng):
    *args, dz = example(rng, (4, 3, 5))
    (z, back), (data_z, data_back) = linear(*args), linear_of_data(*args)
    np.testing.assert_array_equal(data_z, z)
    _, dw, db = back(dz)
    data_dw, data_db = data_back(dz)
    np.testing.assert_array_equal(data_dw, dw)
    np.testing.assert_array_equal(data_db, db)


def test_without_a_bias_it_is_a_line_with_zero_bias(rng):
    for sizes in random_shapes(rng, 20, ndim=3):
        x, w, b, dz = example(rng, sizes)
        (z, back), (z0, back0) = matmul(x, w), linear(x, w, 0 * b)
        np.testing.assert_array_equal(z, z0)
        for got, want in zip(back(dz), back0(dz)[:2], strict=True):
            np.testing.assert_array_equal(got, want)


def test_nan_spreads_over_its_own_example_only():
    x = np.ones((2, 3))
    x[0, 1] = np.nan
    z, _ = linear(x, np.ones((2, 2)), np.zeros((2, 1)))
    assert np.isnan(z).tolist() == [[False, True, False]] * 2


def test_back_refuses_a_gradient_of_another_shape():
    _, back = linear(np.ones((3, 5)), np.ones((2, 3)), np.ones((2, 1)))
    with pytest.raises(ShapeError, match=r"dz must have shape \(2, 5\), got \(2, 1\)"):
        back(np.ones((2, 1)))
