"""``figures/numerical_gradients.py`` 应当画出的数据：差分与界都另写一遍。"""

import numpy as np

E, U = float(np.e), 2.0**-52


def secants() -> list[object]:
    wide, near = np.linspace(0.4, 1.6, 121), np.linspace(0.988, 1.012, 121)
    left = [
        np.column_stack([wide, wide**3]),
        np.column_stack([wide, 3 * wide - 2]),
        [[1, 1], [1.5, 3.375]],
        [[0.5, 0.125], [1.5, 3.375]],
    ]
    # 泰勒：θ³ − 切线 = 3h² + h³
    h = near - 1
    right = [
        _near(np.column_stack([near, 1e4 * (3 * h**2 + h**3)])),
        [[0, 0], [1, 0]],
        _near([[1, 0], [1.01, 3.01]]),
        _near([[0.99, 2.99], [1.01, 3.01]]),
    ]
    return [*left, *right]


def errors() -> list[object]:
    steps = 10.0 ** np.arange(-16, -0.9, 0.25)
    up, down = (np.array([np.exp(1 + s * h) for h in steps]) for s in (1, -1))
    turned = np.array([np.exp(1 + 1j * h).imag for h in steps])
    slopes = (up - np.exp(1.0)) / steps, (up - down) / (2 * steps), turned / steps
    dots = [
        _small(np.column_stack([steps, np.maximum(abs(d - E) / E, 1e-16)]))
        for d in slopes
    ]
    bounds = steps / 2 + 2 * U / steps, steps**2 / 6 + U / steps
    return [*dots, *(_small(np.column_stack([steps, b])) for b in bounds)]


def precision() -> list[object]:
    steps = 10.0 ** np.arange(-10, -0.9, 0.25)
    return [_cube(steps, np.float32), _cube(steps, np.float64)]


def _cube(steps, real):
    rows = []
    for h in steps:
        a, b = real(1) + real(h), real(1) - real(h)
        slope = (a * a * a - b * b * b) / real(2 * h)
        rows.append([h, abs(float(slope) - 3) / 3])
    return _small(rows)


def _near(want):
    return lambda got: np.shape(got) == np.shape(want) and np.allclose(got, want)


def _small(want):
    """小数也要对上：默认的 1e-12 会放过整段曲线。"""
    return lambda got: (
        np.shape(got) == np.shape(want)
        and np.allclose(got, want, rtol=1e-6, atol=3e-16)
    )
