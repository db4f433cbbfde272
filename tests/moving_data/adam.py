"""在不转的山谷里照公式走，再把整条路转过去；Adam 在转过的山谷里逐坐标另写。"""

import math

import numpy as np

START = np.array([-8.0, 5.0])


def expected(degrees: float, kappa: float):
    turn = np.deg2rad(degrees)
    q = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    h, root = np.array([1.0, kappa]), math.sqrt(kappa)
    gd = [START * (1 - 2 / (1 + kappa) * h) ** t for t in range(31)]
    lr, beta = 4 / (1 + root) ** 2, ((root - 1) / (root + 1)) ** 2
    before, now, ball = START, START, [START]
    for _ in range(30):
        before, now = now, now - lr * h * now + beta * (now - before)
        ball.append(now)
    paths = [np.array(gd) @ q.T, np.array(ball) @ q.T, _adam(q, h)]
    far = [f"{np.linalg.norm(p[-1]):.2f}" for p in paths]
    note = f"30 步之后离最低点：梯度下降 {far[0]}，重球法 {far[1]}，Adam {far[2]}"

    def is_contour(v: np.ndarray) -> bool:
        flat = v @ q
        cost = (flat**2 @ h) / (START**2 @ h)
        return set(cost[np.isfinite(cost)].round(9)) == {0.1, 1.0}

    return [is_contour, [[0, 0]], *paths], note


def _adam(q: np.ndarray, h: np.ndarray) -> np.ndarray:
    matrix = (q * h) @ q.T
    w, m, s, path = q @ START, np.zeros(2), np.zeros(2), [q @ START]
    for t in range(1, 31):
        g = matrix @ w
        m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g**2
        w = w - m / (1 - 0.9**t) / (np.sqrt(s / (1 - 0.999**t)) + 1e-8)
        path.append(w)
    return np.array(path)
