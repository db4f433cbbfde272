r"""每个优化器真正算的式子，一行一条赋值；`parity` 把它们印在页面上。

这些字符串不只是给人看的：``tests/test_parity.py`` 照着它们逐数求值，与框架的轨迹比对。
记号：α 学习率，β 衰减率，λ 衰减系数，t 从 1 数起；状态从零开始。行末的 ``\quad (t=1)``
表示只在那一步执行。
"""

from typing import NamedTuple

Formula = tuple[str, ...]

DW = r"\mathrm dw"
MOMENTS = (
    rf"m \leftarrow \beta_1 m + (1-\beta_1)\,{DW}",
    rf"s \leftarrow \beta_2 s + (1-\beta_2)\,{DW}^2",
)
M_HAT = r"\hat m \leftarrow \frac{m}{1-\beta_1^t}"
S_HAT = r"\hat s \leftarrow \frac{s}{1-\beta_2^t}"
EWMA = rf"v \leftarrow \beta v + (1-\beta)\,{DW}"
MEAN_SQUARE = rf"s \leftarrow \beta s + (1-\beta)\,{DW}^2"
VELOCITY = rf"v \leftarrow \beta v + {DW}"
SCALED_VELOCITY = rf"v \leftarrow \beta v + \alpha\,{DW}"
DECAY = r"w \leftarrow (1-\alpha\lambda)\,w"
ADAM = (*MOMENTS, M_HAT, S_HAT)
ADAM_STEP = r"w \leftarrow w - \alpha\frac{\hat m}{\sqrt{\hat s}+\epsilon}"
HAT_RATE = r"\alpha_t \leftarrow \alpha\frac{\sqrt{1-\beta_2^t}}{1-\beta_1^t}"
HAT_STEP = r"w \leftarrow w - \alpha_t\frac{m}{\sqrt{s}+\epsilon}"

LIBRARY: dict[str, Formula] = {
    "SGD": (rf"w \leftarrow w - \alpha\,{DW}",),
    "Momentum": (EWMA, r"w \leftarrow w - \alpha v"),
    "HeavyBall": (VELOCITY, r"w \leftarrow w - \alpha v"),
    "Nesterov": (VELOCITY, rf"w \leftarrow w - \alpha({DW} + \beta v)"),
    "RMSprop": (
        MEAN_SQUARE,
        rf"w \leftarrow w - \alpha\frac{{{DW}}}{{\sqrt{{s}}+\epsilon}}",
    ),
    "Adam": (*ADAM, ADAM_STEP),
    "AdamW": (DECAY, *ADAM, ADAM_STEP),
    "AMSGrad": (
        *ADAM,
        r"\hat s_{\max} \leftarrow \max(\hat s_{\max}, \hat s)",
        r"w \leftarrow w - \alpha\frac{\hat m}{\sqrt{\hat s_{\max}}+\epsilon}",
    ),
}


class Own(NamedTuple):
    """一个框架自己的写法，与库的不同。

    Attributes:
        reason: 一句话：不同在哪里。
        formula: 它真正算的式子；α 是它自己收到的学习率。
        cases: 因此轨迹也不同的情形；别的情形轨迹一致。
    """

    reason: str
    formula: Formula
    cases: tuple[str, ...]


ALWAYS = ("fixed", "eps", "memory", "drop")
HAT = r"$\hat\epsilon$ 写法：先把两个修正并进学习率，再加 $\epsilon$"
RATE_INSIDE = "学习率乘在 $v$ 里面"
SMALLER = Own(r"学习率要乘 $1-\beta$", LIBRARY["HeavyBall"], ())
SCALED = Own(RATE_INSIDE, (SCALED_VELOCITY, r"w \leftarrow w - v"), ("drop",))
DAMPENED = Own(
    "第一步 $v$ 直接取梯度",
    (
        rf"v \leftarrow {DW} \quad (t=1)",
        rf"{EWMA} \quad (t>1)",
        r"w \leftarrow w - \alpha v",
    ),
    ("fixed", "drop"),
)
INSIDE = Own(
    r"$\epsilon$ 在根号里",
    (MEAN_SQUARE, rf"w \leftarrow w - \alpha\frac{{{DW}}}{{\sqrt{{s+\epsilon}}}}"),
    ("fixed", "eps", "drop"),
)
DECAYED = Own(HAT, (DECAY, *MOMENTS, HAT_RATE, HAT_STEP), ALWAYS)
UNCORRECTED_MAX = r"s_{\max} \leftarrow \max(s_{\max}, s)"

OWN: dict[tuple[str, str, str], Own] = {  # （框架，优化器，变体）
    ("PyTorch", "Momentum", ""): SMALLER,
    ("PyTorch", "Momentum", "dampening"): DAMPENED,
    ("Optax", "Momentum", ""): SMALLER,
    ("Keras", "Momentum", ""): Own(
        rf"学习率要乘 $1-\beta$，而且{RATE_INSIDE}", SCALED.formula, SCALED.cases
    ),
    ("Keras", "HeavyBall", ""): SCALED,
    ("Keras", "Nesterov", ""): Own(
        RATE_INSIDE,
        (SCALED_VELOCITY, rf"w \leftarrow w - (\alpha\,{DW} + \beta v)"),
        ("drop",),
    ),
    ("Optax", "RMSprop", ""): INSIDE,
    ("Keras", "RMSprop", ""): INSIDE,
    ("Keras", "Adam", ""): Own(HAT, (*MOMENTS, HAT_RATE, HAT_STEP), ALWAYS),
    ("PyTorch", "AdamW", "Adam"): Own(
        r"$\lambda w$ 加进了梯度，这是 L2",
        (rf"{DW} \leftarrow {DW} + \lambda w", *ADAM, ADAM_STEP),
        ALWAYS,
    ),
    ("Keras", "AdamW", ""): DECAYED,
    ("Keras", "AdamW", "Adam"): DECAYED,
    ("PyTorch", "AMSGrad", ""): Own(
        "先取 $s$ 的最大值，后修正",
        (
            *MOMENTS,
            M_HAT,
            UNCORRECTED_MAX,
            r"w \leftarrow w"
            r" - \alpha\frac{\hat m}{\sqrt{s_{\max}/(1-\beta_2^t)}+\epsilon}",
        ),
        ALWAYS,
    ),
    ("Optax", "AMSGrad", "uncorrected"): Own(
        "原论文的写法，不修正",
        (
            *MOMENTS,
            UNCORRECTED_MAX,
            r"w \leftarrow w - \alpha\frac{m}{\sqrt{s_{\max}}+\epsilon}",
        ),
        ALWAYS,
    ),
    ("Keras", "AMSGrad", ""): Own(
        r"$\hat\epsilon$ 写法，而且取未修正的 $s$ 的最大值",
        (
            *MOMENTS,
            UNCORRECTED_MAX,
            HAT_RATE,
            r"w \leftarrow w - \alpha_t\frac{m}{\sqrt{s_{\max}}+\epsilon}",
        ),
        ALWAYS,
    ),
}
