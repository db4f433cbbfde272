"""埋错演习的单子：每个错埋在哪里，该由哪个检查抓住。只有数据，怎样埋见 `trust.drill`。

都是真实的讲义里会有的错，照别人会写的样子写。``published`` 不空的，是课程笔记里真的
发表过的：E 号见勘误表，N 号是公开的中文笔记里传抄的。
"""

from typing import NamedTuple

STRICT_BUILD = "mkdocs build --strict"


class Edit(NamedTuple):
    """一处改动。

    Attributes:
        path: 文件，相对仓库的根。
        old: 原文，恰好出现一次；空的表示新建文件。
        new: 换成什么。
    """

    path: str
    old: str
    new: str


class Fault(NamedTuple):
    """一个错。

    Attributes:
        name: 名字。
        what: 一句话，错在哪里。
        kind: 种类。
        edits: 怎样埋。
        checks: 必须抓住它的检查，全部要红：pytest 的编号，或 ``STRICT_BUILD``。
        published: 真的发表过的错，它的编号。
        stale: 错就错在插图没有重画，所以埋下以后不重画。
    """

    name: str
    what: str
    kind: str
    edits: tuple[Edit, ...]
    checks: tuple[str, ...]
    published: str = ""
    stale: bool = False


LIB, DOCS = "dlnotes_lib/", "docs/"
NORMALIZATION, OPTIMIZERS = LIB + "normalization.py", LIB + "optimizers.py"
W1, W2, W3 = DOCS + "week1/", DOCS + "week2/", DOCS + "week3/"
REGULARIZATION, NUMERICAL = (
    W1 + "04-regularization.md",
    W1 + "12-numerical-gradients.md",
)
DROPOUT, BIAS, ADAM = (
    W1 + "06-dropout.md",
    W2 + "05-bias-correction.md",
    W2 + "08-adam.md",
)
DECAY = W2 + "09-learning-rate-decay.md"


def _blocks(page: str) -> str:
    """一页的代码块打印的与页面写的相同。"""
    return f"tests/test_pages.py::test_every_block_prints_what_the_page_shows[{page}]"


def _form(page: str) -> str:
    """一页的样子。"""
    return f"tests/test_pages.py::test_a_lesson_has_the_form_of_a_lesson[{page}]"


def _data(figure: str) -> str:
    """一张图的数据就是实验的数据。"""
    test = "test_a_figure_shows_the_data_of_its_experiment"
    return f"tests/test_figures.py::{test}[{figure}]"


def _look(figure: str) -> str:
    """一张图的标注、大小与颜色。"""
    test = "test_a_figure_is_labelled_legible_and_in_the_palette"
    return f"tests/test_figures.py::{test}[{figure}]"


def _numbers(stem: str) -> str:
    """散文里的数都在本页打印过。"""
    test = "test_every_number_in_prose_is_printed_on_its_page"
    return f"tests/test_numbers.py::{test}[{stem}]"


def _words(stem: str) -> str:
    """文字与术语。"""
    return f"tests/test_words.py::test_a_page_has_no_slip_of_the_pen[{stem}]"


def _formula(test: str) -> str:
    """编了号的公式。"""
    return f"tests/test_formulas.py::{test}"


def _moving(test: str) -> str:
    """会动的图。"""
    return f"tests/test_moving.py::{test}"


CELL = DOCS + "assets/javascripts/cell/"
ON_ITS_PAGE = "tests/test_figures.py::test_every_figure_is_shown_on_its_own_page"
BY_HAND = "tests/test_optimizers.py::test_two_steps_by_hand"
SITE = "tests/test_site.py::"

FORMULAS = (
    Fault(
        "cross-entropy-sign",
        "交叉熵漏了负号",
        "符号",
        (
            Edit(
                LIB + "losses.py",
                "loss = (log_sum - (y * z).sum(axis=0)).sum() / m",
                "loss = ((y * z).sum(axis=0) - log_sum).sum() / m",
            ),
        ),
        (
            _blocks("week3/09-training-softmax"),
            "tests/test_losses.py::test_loss_matches_a_naive_scalar_transcription[soft]",
        ),
        published="N12",
    ),
    Fault(
        "fold-sign",
        "折叠批量归一化时均值加成了正的",
        "符号",
        (
            Edit(
                NORMALIZATION,
                "return s * w, s * (b - mean) + beta",
                "return s * w, s * (b + mean) + beta",
            ),
        ),
        (
            _blocks("week3/07-batch-norm-at-test-time"),
            "tests/test_normalization.py::test_folding_gives_the_same_outputs",
        ),
    ),
    Fault(
        "l2-without-m",
        "L2 的梯度漏了 1/m",
        "漏 1/m",
        (
            Edit(
                LIB + "regularization.py",
                'return lambd / m * _finite("w", w)',
                'return lambd * _finite("w", w)',
            ),
        ),
        (
            _blocks("week1/04-regularization"),
            "tests/test_regularization.py::"
            "test_gradient_step_with_l2_equals_decay_then_plain_step",
        ),
    ),
    Fault(
        "bce-without-m",
        "二元交叉熵的 dz 忘了除以样本数",
        "漏 1/m",
        (Edit(LIB + "losses.py", "dz = (a - y) / m", "dz = a - y"),),
        (
            _blocks("week1/13-gradient-checking"),
            "tests/test_losses.py::test_dz_agrees_with_the_numerical_gradient"
            "[complex_step_grad-1e-12-bce]",
        ),
    ),
    Fault(
        "decay-on-gradient",
        "收缩因子乘在导数上，权重没有缩小",
        "公式抄错",
        (
            Edit(
                LIB + "experiments/regularization.py",
                "dw = dw + l2_grad(fit.w, lambd=lambd, m=data.y.shape[1])",
                "dw = dw * (1 - lr * lambd / data.y.shape[1])",
            ),
        ),
        (
            _blocks("week1/04-regularization"),
            _data("regularization/weight_paths"),
        ),
        published="E10",
    ),
    Fault(
        "adam-eps-in-root",
        "Adam 的 ε 挪进了根号",
        "ε 挪了位置",
        (
            Edit(
                OPTIMIZERS,
                "w = w - self.lr * m_hat / (np.sqrt(s_hat) + self.eps)",
                "w = w - self.lr * m_hat / np.sqrt(s_hat + self.eps)",
            ),
        ),
        (
            _blocks("week2/08-adam"),
            f"{BY_HAND}[Adam]",
            "tests/test_parity.py::"
            "test_the_library_agrees_or_the_difference_is_known[PyTorch Adam [eps]]",
        ),
    ),
    Fault(
        "rmsprop-eps-in-root",
        "RMSprop 的 ε 挪进了根号",
        "ε 挪了位置",
        (
            Edit(
                OPTIMIZERS,
                "return w - self.lr * dw / (np.sqrt(s) + self.eps), RMSpropState(s)",
                "return w - self.lr * dw / np.sqrt(s + self.eps), RMSpropState(s)",
            ),
        ),
        (_blocks("week2/07-rmsprop"), f"{BY_HAND}[RMSprop]"),
    ),
    Fault(
        "adam-t-stands-still",
        "Adam 的 t 忘了加一，一直用第一步的修正",
        "差一步",
        (
            Edit(
                OPTIMIZERS,
                "return w, AdamState(t, m, s)",
                "return w, AdamState(state.t, m, s)",
            ),
        ),
        (_blocks("week2/08-adam"), f"{BY_HAND}[Adam]"),
    ),
    Fault(
        "adam-corrected-state",
        "修正后的矩写回了状态，下一步再修正一遍",
        "公式抄错",
        (
            Edit(
                OPTIMIZERS,
                "return w, AdamState(t, m, s)",
                "return w, AdamState(t, m_hat, s_hat)",
            ),
        ),
        (_blocks("week2/08-adam"), f"{BY_HAND}[Adam]"),
        published="N9",
    ),
    Fault(
        "bias-correction-times",
        "偏差修正乘了权重的和，该是除",
        "公式抄错",
        (
            Edit(
                LIB + "averages.py",
                "return v / (1 - beta**t)",
                "return v * (1 - beta**t)",
            ),
        ),
        (
            _blocks("week2/05-bias-correction"),
            _data("bias_correction/start"),
            "tests/test_averages.py::test_a_constant_series_is_exact_after_correction",
        ),
        published="N8",
    ),
    Fault(
        "one-sided-gradient",
        "数值梯度用了单边差分",
        "单边差分",
        (
            Edit(
                LIB + "differences.py",
                "d_approx[i] = (_cost(cost, up) - _cost(cost, down)) / (2 * eps)",
                "d_approx[i] = (_cost(cost, up) - first) / eps",
            ),
        ),
        (
            _blocks("week1/13-gradient-checking"),
            "tests/test_gradcheck.py::test_a_correct_gradient_of_44_parameters_is_ok",
        ),
    ),
    Fault(
        "difference-without-parentheses",
        "双边差分漏了括号，先除后减",
        "公式抄错",
        (
            Edit(
                LIB + "differences.py",
                "return (_value(f, x + eps, x) - _value(f, x - eps, x)) / (2 * eps)",
                "return _value(f, x + eps, x) - _value(f, x - eps, x) / 2 * eps",
            ),
        ),
        (
            _blocks("week1/12-numerical-gradients"),
            _data("numerical_gradients/errors"),
            "tests/test_differences.py::"
            "test_the_cube_at_one_gives_the_two_numbers_of_the_course",
        ),
        published="E21",
    ),
    Fault(
        "squared-sum-of-differences",
        "相对误差写成差的和的平方，正负抵消",
        "公式抄错",
        (
            Edit(
                LIB + "gradcheck.py",
                "return float(np.linalg.norm(a - b) / "
                "(np.linalg.norm(a) + np.linalg.norm(b)))",
                "return float((a - b).sum() ** 2)",
            ),
        ),
        (
            _blocks("week1/13-gradient-checking"),
            "tests/test_gradcheck.py::test_relative_error_by_hand",
        ),
        published="E27",
    ),
    Fault(
        "norm-without-root",
        "范数漏了开方",
        "公式抄错",
        (
            Edit(
                LIB + "gradcheck.py",
                "return float(np.linalg.norm(a - b) / "
                "(np.linalg.norm(a) + np.linalg.norm(b)))",
                "return float(((a - b) ** 2).sum() / ((a**2).sum() + (b**2).sum()))",
            ),
        ),
        (
            _blocks("week1/13-gradient-checking"),
            "tests/test_gradcheck.py::test_relative_error_by_hand",
        ),
        published="N6",
    ),
    Fault(
        "unbiased-batch-variance",
        "批量归一化的方差除以 m − 1",
        "有偏与无偏",
        (
            Edit(
                NORMALIZATION,
                "var = ((z - mean) ** 2).mean(axis=1, keepdims=True)",
                "var = z.var(axis=1, ddof=1, keepdims=True)",
            ),
        ),
        (
            _blocks("week3/04-batch-norm"),
            _blocks("week3/07-batch-norm-at-test-time"),
            "tests/test_normalization.py::test_batch_norm_by_hand",
        ),
    ),
    Fault(
        "batch-statistics-at-test-time",
        "测试时用了这一批自己的统计量",
        "测试时用批统计",
        (
            Edit(
                NORMALIZATION,
                "mean, var = _checked(stats, z.shape[0])",
                "_checked(stats, z.shape[0])\n    mean, var = batch_statistics(z)",
            ),
        ),
        (
            _blocks("week3/07-batch-norm-at-test-time"),
            _data("batch_norm_at_test_time/batch_size"),
            NORMALIZATION + "::dlnotes_lib.normalization.batch_norm_inference",
        ),
    ),
    Fault(
        "divided-by-variance",
        "标准化除以了方差，该除以标准差",
        "公式抄错",
        (
            Edit(
                LIB + "preprocessing.py",
                "x_hat = (x - self.mean) / np.where(varies, self.std, 1)",
                "x_hat = (x - self.mean) / np.where(varies, self.std**2, 1)",
            ),
        ),
        (
            _blocks("week1/09-normalizing-inputs"),
            _data("normalizing_inputs/scatter"),
            "tests/test_preprocessing.py::"
            "test_the_divisor_is_the_standard_deviation_and_not_the_variance",
        ),
        published="N5",
    ),
    Fault(
        "variance-for-std",
        "初始化把方差当标准差乘",
        "公式抄错",
        (
            Edit(
                LIB + "initializers.py",
                "return math.sqrt(_VARIANCE[scheme](fan_in, fan_out))",
                "return _VARIANCE[scheme](fan_in, fan_out)",
            ),
        ),
        (
            _blocks("week1/11-weight-initialization"),
            "tests/test_initializers.py::test_target_std_by_hand[he-0.5]",
        ),
        published="E18",
    ),
    Fault(
        "he-and-lecun-swapped",
        "两种初始化张冠李戴",
        "公式抄错",
        (
            Edit(
                LIB + "initializers.py",
                '"lecun": lambda fan_in, fan_out: 1 / fan_in',
                '"lecun": lambda fan_in, fan_out: 2 / fan_in',
            ),
            Edit(
                LIB + "initializers.py",
                '"he": lambda fan_in, fan_out: 2 / fan_in',
                '"he": lambda fan_in, fan_out: 1 / fan_in',
            ),
        ),
        (
            _blocks("week1/11-weight-initialization"),
            "tests/test_initializers.py::test_target_std_by_hand[he-0.5]",
        ),
        published="E20",
    ),
    Fault(
        "weights-transposed",
        "权重的形状写反，成了（输入，输出）",
        "形状",
        (
            Edit(
                LIB + "initializers.py",
                "rng.standard_normal((n_out, n_in))",
                "rng.standard_normal((n_in, n_out))",
            ),
        ),
        (
            _blocks("week1/11-weight-initialization"),
            "tests/test_initializers.py::"
            "test_params_are_drawn_layer_by_layer_with_zero_biases",
        ),
        published="N3",
    ),
    Fault(
        "dropout-not-scaled",
        "随机失活训练时不除以保留概率，预测时也不缩放",
        "公式抄错",
        (
            Edit(
                LIB + "dropout.py",
                "out = a * mask / keep_prob",
                "out = a * mask",
            ),
        ),
        (
            _blocks("week1/06-dropout"),
            "tests/test_dropout.py::test_by_hand",
        ),
        published="E12",
    ),
    Fault(
        "decay-without-parentheses",
        "反比衰减漏了括号，先除后乘",
        "公式抄错",
        (
            Edit(
                LIB + "schedules.py",
                "return lr0 / (1 + decay * t)",
                "return lr0 / (1 + decay) * t",
            ),
        ),
        (
            _blocks("week2/09-learning-rate-decay"),
            _data("learning_rate_decay/curves"),
            "tests/test_schedules.py::test_published_values",
        ),
    ),
    Fault(
        "schedule-one-early",
        "调度早了一步，第一步就不是起始学习率",
        "差一步",
        (
            Edit(
                LIB + "schedules.py",
                "return schedule(step - 1)\n",
                "return schedule(step)\n",
            ),
        ),
        (
            _blocks("week2/09-learning-rate-decay"),
            "tests/test_schedules.py::test_units_count_finished_steps_and_finished_epochs",
        ),
    ),
    Fault(
        "error-swallowed",
        "λ 越过上限不再报错，算出没有意义的因子",
        "吞掉报错",
        (
            Edit(
                LIB + "regularization.py",
                "    if factor <= -1:\n"
                '        raise ValueError(f"lambd must be below 2m/lr = '
                '{2 * m / lr:g}, got {lambd}")\n',
                "",
            ),
        ),
        (_blocks("week1/04-regularization"),),
    ),
    Fault(
        "golden-vector",
        "对照框架的轨迹里改了一个数",
        "对照数据",
        (
            Edit(
                LIB + "publish/golden.json",
                '"betas": [0.875, 0.75], "eps": 0.0009765625}, "path": '
                "[[[0.6245136186770428",
                '"betas": [0.875, 0.75], "eps": 0.0009765625}, "path": '
                "[[[0.6245163186770428",
            ),
        ),
        (
            "tests/test_parity.py::"
            "test_the_library_agrees_or_the_difference_is_known[PyTorch Adam [memory]]",
        ),
    ),
)

FIGURES = (
    Fault(
        "mean-and-std-swapped",
        "图里均值与标准差的点画反了",
        "图画错",
        (
            Edit(
                LIB + "figures/dropout.py",
                'ax.plot(keep_probs, level.mean, "s"',
                'ax.plot(keep_probs, level.std, "s"',
            ),
            Edit(
                LIB + "figures/dropout.py",
                'ax.plot(keep_probs, level.std, "o"',
                'ax.plot(keep_probs, level.mean, "o"',
            ),
        ),
        (_data("dropout/noise"),),
    ),
    Fault(
        "ratio-upside-down",
        "图里的倍数画成了倒数",
        "图画错",
        (
            Edit(
                LIB + "figures/adam.py",
                'ax.plot(t, ratio, label="不修正")',
                'ax.plot(t, 1 / ratio, label="不修正")',
            ),
        ),
        (_data("adam/bias_correction"),),
    ),
    Fault(
        "figure-without-seed",
        "画图的随机数没有种子，每次不同",
        "图画错",
        (
            Edit(
                LIB + "figures/dropout.py",
                "rng = np.random.default_rng(3)",
                "rng = np.random.default_rng()",
            ),
        ),
        (
            _data("dropout/subnets"),
            "tests/test_figures.py::"
            "test_a_figure_drawn_twice_gives_the_same_bytes[dropout/subnets]",
        ),
    ),
    Fault(
        "figure-stale",
        "改了画图的代码，没有重画",
        "过期的图",
        (
            Edit(
                LIB + "figures/dropout.py",
                '(bottom, 1 / keep_prob, C2, "丢弃，再除以 0.8")',
                '(bottom, 1 / keep_prob, C2, "丢弃后放大")',
            ),
        ),
        (
            "tests/test_figures.py::"
            "test_no_committed_figure_is_missing_stale_or_left_over",
        ),
        stale=True,
    ),
    Fault(
        "missing-glyph",
        "图上的字是从 PDF 复制来的部首字，没有字形",
        "缺字形",
        (
            Edit(
                LIB + "figures/dropout.py",
                '"下一层收到的平均值"',
                '"下⼀层收到的平均值"',
            ),
        ),
        (_look("dropout/shift"),),
    ),
    Fault(
        "ink-outside-palette",
        "图里用了调色板之外的灰，深色下看不见",
        "对比度",
        (
            Edit(
                LIB + "figures/adam.py",
                "color=TEXT, linestyle=",
                'color="#404040", linestyle=',
            ),
        ),
        (_look("adam/weight_decay"),),
    ),
    Fault(
        "figures-swapped",
        "同一页的两张图对调了",
        "图放错",
        (
            Edit(DROPOUT, "figures/dropout/shift.svg", "figures/dropout/NOISE.svg"),
            Edit(DROPOUT, "figures/dropout/noise.svg", "figures/dropout/shift.svg"),
            Edit(DROPOUT, "figures/dropout/NOISE.svg", "figures/dropout/noise.svg"),
        ),
        (
            "tests/test_figures.py::"
            "test_figures_come_on_the_page_in_the_order_of_their_functions",
        ),
    ),
    Fault(
        "figure-of-another-page",
        "放了别的一页的图",
        "图放错",
        (
            Edit(
                W2 + "07-rmsprop.md",
                "## 想法\n",
                "![动量的山谷里，重球法二十步就到了底](../assets/figures/momentum/valley.svg)"
                "\n\n## 想法\n",
            ),
        ),
        (ON_ITS_PAGE,),
    ),
    Fault(
        "alt-missing",
        "图没有替代文本",
        "替代文本",
        (
            Edit(
                REGULARIZATION,
                "![L1 把小于阈值的系数直接压到零，L2 只按比例缩小]",
                "![]",
            ),
        ),
        (ON_ITS_PAGE, SITE + "test_every_image_has_alt"),
        published="E36",
    ),
)

BLOCKS = (
    Fault(
        "printed-output",
        "学习率衰减的例子抄成 0.67、0.5、0.4，小数点错一位",
        "输出不符",
        (
            Edit(
                DECAY,
                "(1, 2, 3, 4)]\n[0.1, 0.0667, 0.05, 0.04]",
                "(1, 2, 3, 4)]\n[0.1, 0.67, 0.5, 0.4]",
            ),
        ),
        (_blocks("week2/09-learning-rate-decay"),),
        published="N11",
    ),
    Fault(
        "other-error-message",
        "页面上的报错不是程序报的那一句",
        "报错不符",
        (
            Edit(
                REGULARIZATION,
                "ValueError: lambd must be below 2m/lr = 800, got 1000",
                "ValueError: lambd must be below 2m/lr, got 1000",
            ),
        ),
        (_blocks("week1/04-regularization"),),
    ),
    Fault(
        "traceback-left-out",
        "会报错的例子没有写出报错",
        "吞掉报错",
        (
            Edit(
                REGULARIZATION,
                "\nTraceback (most recent call last):\n    ...\n"
                "ValueError: lambd must be below 2m/lr = 800, got 1000\n",
                "\n",
            ),
        ),
        (_blocks("week1/04-regularization"),),
    ),
    Fault(
        "needs-the-block-above",
        "少了一行 import，要先跑上一块才行",
        "不能单独跑",
        (
            Edit(
                ADAM,
                ">>> import numpy as np\n"
                ">>> from dlnotes_lib.optimizers import Adam\n"
                ">>> adam = Adam(lr=0.001)\n",
                ">>> adam = Adam(lr=0.001)\n",
            ),
        ),
        (_blocks("week2/08-adam"),),
    ),
    Fault(
        "shape-as-tuple",
        "randn 收了一个元组，照抄就报 TypeError",
        "输出不符",
        (
            Edit(
                W1 + "11-weight-initialization.md",
                "## 想法\n",
                "```pycon\n>>> import numpy as np\n"
                ">>> np.random.randn((3, 2)).shape\n(3, 2)\n```\n\n## 想法\n",
            ),
        ),
        (_blocks("week1/11-weight-initialization"),),
        published="E19",
    ),
    Fault(
        "block-skipped-silently",
        "跑不过的例子换成普通文本，不再有人跑",
        "不声不响地跳过",
        (
            Edit(
                REGULARIZATION,
                "```pycon\n>>> from dlnotes_lib.regularization import "
                "weight_decay_factor\n>>> weight_decay_factor(lr=0.5, lambd=1000",
                "```text\n>>> from dlnotes_lib.regularization import "
                "weight_decay_factor\n>>> weight_decay_factor(lr=0.5, lambd=1000",
            ),
        ),
        (_blocks("week1/04-regularization"), STRICT_BUILD),
    ),
    Fault(
        "block-as-html",
        "代码直接写成 HTML，绕过了登记",
        "不声不响地跳过",
        (
            Edit(
                REGULARIZATION,
                "## 想法\n",
                "<pre><code>&gt;&gt;&gt; 0.1 + 0.2\n0.3</code></pre>\n\n## 想法\n",
            ),
        ),
        ("tests/test_census.py::test_every_rendered_block_is_collected",),
    ),
    Fault(
        "copy-without-imports",
        "源码清单的复制键只复制看得见的几行，少了 import",
        "复制不符",
        (
            Edit(
                LIB + "publish/listing.py",
                "html.escape(shown.copy)",
                "html.escape(shown.code)",
            ),
        ),
        (
            "tests/test_listing.py::"
            "test_a_listing_tells_file_and_lines_and_links_to_the_api",
        ),
    ),
    Fault(
        "copy-of-the-last-block-only",
        "接上一段的块，复制键只复制自己",
        "复制不符",
        (
            Edit(
                LIB + "publish/blocks.py",
                'return "".join(code_of(b) for b in chain(blocks, block))',
                "return code_of(block)",
            ),
        ),
        (
            "tests/test_blocks.py::"
            "test_a_continued_block_says_so_and_copies_the_whole_chain",
        ),
    ),
    Fault(
        "unknown-listing",
        "清单里的函数名库里没有",
        "源码清单",
        (
            Edit(
                NUMERICAL,
                "```source\ndlnotes_lib.differences.central_difference\n",
                "```source\ndlnotes_lib.differences.two_sided_difference\n",
            ),
        ),
        (_blocks("week1/12-numerical-gradients"), STRICT_BUILD),
    ),
)

PROSE = (
    Fault(
        "stale-number",
        "散文里的步数是旧的，块里已经打印别的数",
        "过期的数",
        (Edit(ADAM, "二阶矩那一半要 4603 步", "二阶矩那一半要 4605 步"),),
        (_numbers("08-adam"),),
    ),
    Fault(
        "number-out-of-nowhere",
        "一个结果，哪一块都没有打印",
        "没有出处的数",
        (
            Edit(
                DROPOUT,
                "## 想法\n",
                "实测准确率因此高了 3.74 个百分点。\n\n## 想法\n",
            ),
        ),
        (_numbers("06-dropout"),),
    ),
    Fault(
        "ten-times-too-many",
        "五百万个样本写成五千万",
        "过期的数",
        (
            Edit(
                W2 + "01-mini-batch-gd.md",
                "课程的例子是 $m$ 为 500 万",
                "课程的例子是 $m$ 为 5000 万",
            ),
        ),
        (_numbers("01-mini-batch-gd"),),
        published="N7",
    ),
    Fault(
        "formula-sign",
        "页面的公式里减号写成加号，代码没有错",
        "公式抄错",
        (
            Edit(
                ADAM,
                "w &\\leftarrow w - \\alpha\\,\\frac{\\hat m}{\\sqrt{\\hat s}",
                "w &\\leftarrow w + \\alpha\\,\\frac{\\hat m}{\\sqrt{\\hat s}",
            ),
        ),
        (
            "tests/test_parity_lessons.py::"
            "test_the_lesson_shows_the_formula_that_the_library_runs[Adam]",
        ),
    ),
    Fault(
        "misspelt-lambda",
        "λ 拼成 lamda",
        "笔误",
        (
            Edit(
                REGULARIZATION,
                "标签本身带随机性",
                "取 lamda 等于零。标签本身带随机性",
            ),
        ),
        (_words("04-regularization"),),
        published="E6",
    ),
    Fault(
        "half-width-comma",
        "中文里用了半角逗号",
        "半角标点",
        (Edit(ADAM, "更新一阶矩，更新二阶矩", "更新一阶矩,更新二阶矩"),),
        (_words("08-adam"),),
        published="E36",
    ),
    Fault(
        "radical-in-prose",
        "从 PDF 复制来的部首字，样子一样，搜索不到",
        "缺字形",
        (Edit(ADAM, "## 想法\n", "## 想法\n\n先看⼀步怎样走。\n"),),
        (_words("08-adam"),),
    ),
    Fault(
        "batch-regularization",
        "批量归一化误译成批量正则化",
        "术语",
        (
            Edit(
                W3 + "04-batch-norm.md",
                "批量归一化（batch normalization），简称 BN",
                "批量正则化，简称 BN",
            ),
        ),
        (_words("04-batch-norm"),),
        published="E29",
    ),
    Fault(
        "regularizing-inputs",
        "归一化输入误译成正则化输入",
        "术语",
        (
            Edit(
                W1 + "09-normalizing-inputs.md",
                "# 1.9 归一化输入\n",
                "# 1.9 正则化输入\n",
            ),
        ),
        ("tests/test_concept_map.py::test_a_page_agrees_with_the_graph[1.9]",),
        published="E14",
    ),
    Fault(
        "heading-without-space",
        "标题的井号后面没有空格",
        "标题",
        (Edit(REGULARIZATION, "\n## 公式\n", "\n##公式\n"),),
        (_form("week1/04-regularization"),),
        published="E36",
    ),
    Fault(
        "default-of-keras",
        "抄错了一家框架的默认值",
        "对照数据",
        (
            Edit(
                ADAM,
                "$\\sqrt{s}+\\hat\\epsilon$ | 1e-7 | 0.004 |",
                "$\\sqrt{s}+\\hat\\epsilon$ | 1e-8 | 0.004 |",
            ),
        ),
        (
            "tests/test_parity_lessons.py::"
            "test_the_defaults_of_adam_on_the_page_are_those_of_the_signature",
        ),
    ),
    Fault(
        "erratum-without-guard",
        "勘误指的测试改了名，没有人守着它",
        "勘误",
        (
            Edit(
                LIB + "publish/errata.toml",
                "::test_squaring_after_summing_lets_errors_cancel",
                "::test_squaring_after_summing",
            ),
        ),
        (
            "tests/test_errata.py::"
            "test_every_erratum_is_whole_guarded_and_shown_by_its_page",
        ),
    ),
    Fault(
        "erratum-of-another-lesson",
        "勘误登记到了别的一节",
        "勘误",
        (
            Edit(
                LIB + "publish/errata.toml",
                'lesson = "1.11"\noriginal = "“初始化',
                'lesson = "1.12"\noriginal = "“初始化',
            ),
        ),
        (
            "tests/test_errata.py::"
            "test_every_erratum_is_whole_guarded_and_shown_by_its_page",
        ),
    ),
)

SITE_FAULTS = (
    Fault(
        "broken-anchor",
        "改了标题，别页指到它的链接断了",
        "断链",
        (Edit(W2 + "07-rmsprop.md", "### 到了也停不住\n", "### 停不住\n"),),
        (STRICT_BUILD,),
    ),
    Fault(
        "raw-latex",
        "公式少了一个美元号，读者看到的是 LaTeX",
        "裸露的 LaTeX",
        (
            Edit(
                BIAS,
                "首步 $\\hat v_1 = \\theta_1$。",
                "首步 \\hat v_1 = \\theta_1$。",
            ),
        ),
        (SITE + "test_no_latex_is_left_as_text",),
    ),
    Fault(
        "formula-that-cannot-be-set",
        "公式少了一个花括号，排不出来",
        "裸露的 LaTeX",
        (
            Edit(
                BIAS,
                "\\hat v_t = \\frac{v_t}{1-\\beta^t}\n\\tag{2.5.2}",
                "\\hat v_t = \\frac{v_t}{1-\\beta^t\n\\tag{2.5.2}",
            ),
        ),
        ("tests/test_math.py::test_every_formula_can_be_set",),
    ),
    Fault(
        "duplicate-heading-id",
        "两个标题用了同一个锚点",
        "断链",
        (Edit(BIAS, "{ #moments }", "{ #recursion }"),),
        (SITE + "test_ids_are_unique",),
    ),
    Fault(
        "orphan-page",
        "写了一页，目录里没有",
        "断链",
        (Edit(W3 + "notes.md", "", "# 补记\n\n还没有写完。\n"),),
        (STRICT_BUILD,),
    ),
    Fault(
        "external-image",
        "图从别的网站取",
        "站外的东西",
        (
            Edit(
                DOCS + "how-to-read.md",
                "## 从哪里读起\n",
                '<img src="https://example.org/map.png" alt="课程的地图">\n\n'
                "## 从哪里读起\n",
            ),
        ),
        (SITE + "test_nothing_is_loaded_from_elsewhere",),
    ),
    Fault(
        "external-font",
        "主题的字体从网上取",
        "站外的东西",
        (
            Edit(
                "mkdocs.yml",
                "  font: false            # 不用网络字体\n",
                "  font:\n    text: Noto Sans SC\n",
            ),
        ),
        (SITE + "test_nothing_is_loaded_from_elsewhere",),
    ),
    Fault(
        "low-contrast",
        "浅色下的次要文字太淡",
        "对比度",
        (
            Edit(
                DOCS + "assets/stylesheets/extra.css",
                "--md-default-fg-color--light: #535b66;",
                "--md-default-fg-color--light: #a3abb6;",
            ),
        ),
        ("tests/test_browser.py::test_a_page_is_clean[how-to-read]",),
    ),
)

CODE = (
    Fault(
        "import-from-above",
        "低层的模块导入了高层的",
        "依赖方向",
        (
            Edit(
                LIB + "losses.py",
                "import numpy as np\nfrom numpy.typing",
                "import numpy as np\nfrom dlnotes_lib.models import MLP  # noqa: F401\n"
                "from numpy.typing",
            ),
        ),
        ("tests/test_architecture.py::test_imports_point_down[dlnotes_lib.losses]",),
    ),
    Fault(
        "docstring-without-example",
        "公开的函数没有例子",
        "缺例子",
        (
            Edit(
                LIB + "averages.py",
                "    Examples:\n"
                "        >>> from dlnotes_lib.averages import half_life\n"
                "        >>> round(half_life(0.9), 2)\n"
                "        6.58\n",
                "",
            ),
        ),
        (
            "tests/test_architecture.py::"
            "test_every_public_name_has_a_page_an_example_and_a_test"
            "[dlnotes_lib.averages]",
        ),
    ),
)

TRANSCRIPTIONS = (
    Fault(
        "formula-fan-out",
        "页面的公式里扇入写成扇出，代码没有错",
        "公式与誊写",
        (
            Edit(
                W1 + "11-weight-initialization.md",
                "\\mathrm{Var}(z) = n_{\\text{in}}\\,\\sigma_w^2",
                "\\mathrm{Var}(z) = n_{\\text{out}}\\,\\sigma_w^2",
            ),
        ),
        (_formula("test_the_page_prints_the_formula_that_was_transcribed[1.11.1]"),),
    ),
    Fault(
        "formula-without-transcription",
        "新编了号的公式没有誊写",
        "公式与誊写",
        (
            Edit(
                DECAY,
                "## 实现\n",
                "$$\n\\alpha_t = \\alpha_0 / t\n\\tag{2.9.99}\n$$\n\n## 实现\n",
            ),
        ),
        (
            _formula(
                "test_every_number_on_a_page_has_its_formula_and_the_other_way_round"
            ),
        ),
    ),
    Fault(
        "variance-of-fan-out",
        "He 初始化的方差除以了扇出",
        "公式与誊写",
        (
            Edit(
                LIB + "initializers.py",
                '"he": lambda fan_in, fan_out: 2 / fan_in,',
                '"he": lambda fan_in, fan_out: 2 / fan_out,',
            ),
        ),
        (
            _blocks("week1/11-weight-initialization"),
            _formula("test_the_library_computes_the_formula[1.11.2]"),
        ),
    ),
)

BROWSER = (
    Fault(
        "output-as-markup",
        "浏览器里打印的标签被当成了网页",
        "浏览器",
        (Edit(CELL + "cell.mjs", "textContent: text }", "innerHTML: text }"),),
        ("tests/test_cell.py::test_tags_that_are_printed_are_text",),
    ),
    Fault(
        "python-before-the-click",
        "没有按“运行”就开始下载",
        "浏览器",
        (Edit(CELL + "cell.mjs", "if (pack) ", "python(); if (pack) "),),
        (
            "tests/test_cell.py::"
            "test_nothing_is_fetched_and_nothing_runs_before_the_first_click"
            "[plain]",
        ),
    ),
    Fault(
        "stop-that-waits",
        "“停止”等程序自己跑完",
        "浏览器",
        (Edit(CELL + "python.mjs", "  worker?.terminate();\n", ""),),
        ("tests/test_cell.py::test_an_endless_loop_is_stopped_within_a_second",),
    ),
    Fault(
        "unsaid-difference",
        "浏览器里整数溢出，页面没有写",
        "浏览器",
        (
            Edit(
                DOCS + "browser.md",
                '```text title="浏览器里的输出"\n32\n1932053504\n```\n',
                "",
            ),
        ),
        (
            "tests/test_browser_blocks.py::"
            "test_every_block_prints_the_same_in_the_browser[browser]",
        ),
    ),
    Fault(
        "old-library-in-the-pack",
        "库改了，浏览器里跑的还是旧的",
        "浏览器",
        (
            Edit(
                LIB + "averages.py",
                "return v / (1 - beta**t)",
                "return v / (1.0 - beta**t)",
            ),
        ),
        ("tests/test_pack.py::test_the_pack_is_current_and_whole",),
    ),
)

MOVING_FIGURES = (
    Fault(
        "frame-of-another-beta",
        "滑块写着 β，图里画的是它的平方",
        "会动的图",
        (
            Edit(
                LIB + "moving/ewma.py",
                "v = ewma(theta, beta=beta)[365:]",
                "v = ewma(theta, beta=beta**2)[365:]",
            ),
        ),
        (
            _moving("test_the_frames_show_the_data_of_their_experiment[ewma]"),
            _moving("test_the_committed_frames_are_what_the_code_computes[ewma]"),
        ),
    ),
    Fault(
        "frame-edited-by-hand",
        "一档的说明是手改的，代码算出来的不是它",
        "会动的图",
        (
            Edit(
                DOCS + "assets/moving/ewma.json",
                "噪声的方差剩 1.000，斜坡晚 0.0 步；",
                "噪声的方差剩 1.100，斜坡晚 0.0 步；",
            ),
        ),
        (_moving("test_the_committed_frames_are_what_the_code_computes[ewma]"),),
    ),
    Fault(
        "slider-one-step-off",
        "滑块拨到一档，图换成前一档",
        "会动的图",
        (
            Edit(
                DOCS + "assets/javascripts/moving.js",
                "const row = [...frames[number]];",
                "const row = [...frames[Math.max(number - 1, 0)]];",
            ),
        ),
        (
            "tests/test_moving_browser.py::"
            "test_the_script_draws_what_python_draws[ewma]",
        ),
    ),
)

FAULTS: tuple[Fault, ...] = (
    *FORMULAS,
    *FIGURES,
    *BLOCKS,
    *PROSE,
    *SITE_FAULTS,
    *CODE,
    *TRANSCRIPTIONS,
    *BROWSER,
    *MOVING_FIGURES,
)
