"""四个优化器照公式另写的一遍，不用 dlnotes_lib 的任何东西；β 取课程的值。"""

import numpy as np


def direction(kind, g, t, m, s):
    """α 之外的那一部分，与新的 m、s。"""
    if kind == "SGD":
        return g, m, s
    if kind == "RMSprop":
        s = 0.9 * s + 0.1 * g**2
        return g / (np.sqrt(s) + 1e-8), m, s
    m = 0.9 * m + 0.1 * g
    if kind == "Momentum":
        return m, m, s
    s = 0.999 * s + 0.001 * g**2
    return (m / (1 - 0.9**t)) / (np.sqrt(s / (1 - 0.999**t)) + 1e-8), m, s
