"""概率由打分的差算：第 i 个是 1 / Σ e^((z_j − z_i)/T)。"""

import math


def expected(temperature: float, chick: float):
    z = (5, 2, -1, chick)
    a = [1 / sum(math.exp((other - own) / temperature) for other in z) for own in z]
    bars = [[k, p] for k, p in enumerate(a)]
    note = f"四个概率：{'，'.join(f'{p:.3f}' for p in a)}"
    return [bars, [[-0.5, 0.25], [3.5, 0.25]]], note
