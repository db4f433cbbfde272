"""``figures/pandas_vs_caviar.py`` 应当画出的数据：曲线、淘汰与递推照公式另写。"""

import numpy as np

LAST = 27


def elimination() -> list[object]:
    rng = np.random.default_rng(0)
    final, slow = rng.random(27), rng.random(27)
    left, found = list(range(27)), []
    for stop, keep in ((1, 9), (3, 3), (9, 1), (27, 0)):
        left.sort(key=lambda i, t=stop: _loss(final[i], slow[i], t))
        for i in left[keep:]:
            t = 0.5 + (stop - 0.5) * np.arange(60) / 59
            found += [np.column_stack([t, _loss(final[i], slow[i], t)])]
            found += [[[stop, _loss(final[i], slow[i], stop)]]]
        left = left[:keep]
    return found


def regret() -> list[object]:
    s = 10 ** np.linspace(-1, 3, 17)
    halving = [(27, 1), (9, 3), (3, 9), (1, 27)]
    mixed = [halving, [(12, 3), (4, 9), (1, 27)], [(6, 9), (2, 27)], [(4, 27)]]
    return [
        _near(s, lambda x: 0.2),
        _near(s, lambda x: _regret([halving], x)),
        _near(s, lambda x: 1 / 16),
        _near(s, lambda x: _regret(mixed, x)),
    ]


def crossing() -> list[object]:
    t, found = np.arange(28), []
    for lr in (0.6, 0.15):  # 等比数列求和
        q = (1 - lr) ** (2 * t)
        found.append(np.column_stack([t, 12.5 * q + lr / (2 - lr) * (1 - q) / 2]))
    s, lr = [25.0], 0.5
    for k in range(1, 28):
        s.append(s[-1] - 2 * lr * s[-1] + lr**2 * (s[-1] + 1))
        if k % 3 == 0 and s[k] > 0.8 * s[k - 3]:
            lr /= 2
    return [*found, np.column_stack([t, np.array(s) / 2])]


def _loss(final, slow, t):
    return final + slow / np.sqrt(t) - slow / np.sqrt(LAST)


def _near(s, value):
    want = np.array([value(x) for x in s])

    def near(line):
        close = np.allclose(line[:, 1], want, rtol=0.15, atol=0.004)
        return np.allclose(line[:, 0], s) and close

    return near


def _regret(brackets, spread: float) -> float:
    rng, chosen = np.random.default_rng(7), []
    for _ in range(400):
        best = []
        for rungs in brackets:
            left, seen = rng.random((rungs[0][0], 2)) * [1, spread], LAST
            for keep, t in rungs:
                left = left[np.argsort(_loss(left[:, 0], left[:, 1], seen))[:keep]]
                seen = t
            best.append(left[:, 0].min())
        chosen.append(min(best))
    return float(np.mean(chosen))
