r"""超参数搜索：抽样的标度、网格与随机、并行地跑、逐次减半与 Hyperband。

约定：一组超参数是 ``dict``；目标函数收（一组超参数, rng）给一个数，越小越好。
保证：每次试验有自己的 rng，由 ``rng.spawn`` 分出，结果与谁先跑完无关；失败的试验带着
原因交回来，不会丢，也不会停掉别的；跑在哪里由调用者给的 ``Executor`` 决定。
不做：不起进程池，不打印进度（每完成一次就交出一个 `Trial`，由调用者打印），不存盘。
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, as_completed
from itertools import product
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from dlnotes_lib.arrays import Array, check_count, check_interval, check_rng

Config: TypeAlias = dict[str, Any]
Objective: TypeAlias = Callable[[Config, np.random.Generator], float]
BudgetObjective: TypeAlias = Callable[[Config, int, np.random.Generator], float]


class Trial(NamedTuple):
    """一次试验的结果。

    Attributes:
        number: 这组超参数在输入里的位置，从 0 数起。
        config: 超参数。
        score: 目标函数的值，越小越好；失败时是 ``math.inf``。
        error: 失败的原因；成功是 ``None``。

    Examples:
        >>> from dlnotes_lib.search import Trial
        >>> Trial(number=3, config={"lr": 0.1}, score=0.25, error=None).score
        0.25
    """

    number: int
    config: Config
    score: float
    error: str | None


def log_uniform(
    low: float, high: float, size: int, *, rng: np.random.Generator
) -> Array:
    r"""对数均匀：每个数量级分到同样多的点。

    $$r \sim U(\log_{10} a, \log_{10} b), \qquad \alpha = 10^r$$

    Args:
        low: 下限 a，大于 0。
        high: 上限 b，大于 a。
        size: 个数，不小于 1。
        rng: 随机数生成器，用一次 ``random(size)``。

    Returns:
        形状 (size,)，都在 [a, b] 内。

    Raises:
        TypeError: 某个参数的类型不对。
        ValueError: low 不大于 0，high 不大于 low，或 size < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.search import log_uniform
        >>> lr = log_uniform(1e-4, 1.0, 1000, rng=np.random.default_rng(0))
        >>> bool((lr >= 1e-4).all() and (lr <= 1).all())
        True
        >>> 0.2 < float((lr < 1e-3).mean()) < 0.3
        True

    References:
        Bergstra & Bengio, 2012, Random Search for Hyper-Parameter Optimization。
    """
    check_interval("low", low, "(0, inf)")
    check_interval("high", high, f"({low}, inf)")
    check_count("size", size)
    check_rng(rng)
    r = math.log10(low) + (math.log10(high) - math.log10(low)) * rng.random(size)
    return np.clip(np.power(10.0, r), low, high)


def one_minus_log_uniform(
    low: float, high: float, size: int, *, rng: np.random.Generator
) -> Array:
    r"""让 $1 - \beta$ 对数均匀：衰减率 β 越近 1 影响越大，点也越密。

    $$\beta = 1 - 10^r, \qquad r \sim U(\log_{10}(1 - b), \log_{10}(1 - a))$$

    Args:
        low: β 的下限 a，不小于 0。
        high: β 的上限 b，大于 a，小于 1。
        size: 个数，不小于 1。
        rng: 随机数生成器，用一次 ``random(size)``。

    Returns:
        形状 (size,)，都在 [a, b] 内。

    Raises:
        TypeError: 某个参数的类型不对。
        ValueError: low 不在 [0, 1)，high 不在 (low, 1)，两者近到 1 − β 舍入后相同，
            或 size < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.search import one_minus_log_uniform
        >>> rng = np.random.default_rng(0)
        >>> beta = one_minus_log_uniform(0.9, 0.999, 1000, rng=rng)
        >>> 0.45 < float((beta < 0.99).mean()) < 0.55
        True
    """
    check_interval("low", low, "[0, 1)")
    check_interval("high", high, f"({low}, 1)")
    if 1 - high == 1 - low:  # 比 1 − β 的舍入还窄
        rounding = "by more than the rounding of 1 - high"
        raise ValueError(f"high must be above {low} {rounding}, got {high}")
    gap = log_uniform(1 - high, 1 - low, size, rng=rng)
    return np.clip(1 - gap, low, high)


def p_hit(n: int, fraction: float) -> float:
    r"""独立抽 n 次，至少一次落进占比 q 的好区域的概率。

    $$1 - (1 - q)^n$$

    Args:
        n: 试验次数，不小于 1。
        fraction: 好区域的占比 q，在 [0, 1] 内。

    Returns:
        概率。

    Raises:
        TypeError: n 不是整数，或 fraction 不是实数。
        ValueError: n < 1，或 fraction 不在 [0, 1] 内。

    Examples:
        >>> from dlnotes_lib.search import p_hit
        >>> [round(p_hit(n, 0.05), 4) for n in (25, 58, 59)]
        [0.7226, 0.949, 0.9515]
    """
    check_count("n", n)
    check_interval("fraction", fraction, "[0, 1]")
    return 1 - (1 - fraction) ** n


def grid(choices: Mapping[str, Sequence[Any] | Array]) -> list[Config]:
    """网格：每个超参数的每个取值两两搭配。

    Args:
        choices: 名字 → 要试的值。

    Returns:
        全部搭配，最后一个名字变得最快。

    Raises:
        TypeError: choices 不是映射，或某一项不是值的序列。
        ValueError: choices 是空的，或某一项没有值。

    Examples:
        >>> from dlnotes_lib.search import grid
        >>> grid({"lr": [0.1, 1.0], "beta": [0.9]})
        [{'lr': 0.1, 'beta': 0.9}, {'lr': 1.0, 'beta': 0.9}]
    """
    _check_table("choices", choices)
    for name, values in choices.items():
        if isinstance(values, str) or not isinstance(values, Sequence | np.ndarray):
            got = type(values).__name__
            raise TypeError(f"choices[{name!r}] must be a sequence, got {got}")
        if len(values) == 0:
            raise ValueError(f"choices[{name!r}] must not be empty, got no values")
    return [
        dict(zip(choices, values, strict=True)) for values in product(*choices.values())
    ]


def random_configs(
    samplers: Mapping[str, Callable[[np.random.Generator], Any]],
    n: int,
    *,
    rng: np.random.Generator,
) -> list[Config]:
    """随机：每组的每个超参数各抽一次。

    Args:
        samplers: 名字 → 收 rng、给一个值的函数。
        n: 组数，不小于 1。
        rng: 随机数生成器；逐组、按名字的次序使用。

    Returns:
        n 组超参数。

    Raises:
        TypeError: samplers 不是映射，某一项不能调用，n 不是整数，或 rng 不是生成器。
        ValueError: samplers 是空的，或 n < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.search import log_uniform, random_configs
        >>> configs = random_configs(
        ...     {"lr": lambda rng: float(log_uniform(1e-4, 1.0, 1, rng=rng)[0])},
        ...     3,
        ...     rng=np.random.default_rng(0),
        ... )
        >>> len({config["lr"] for config in configs})
        3
    """
    _check_table("samplers", samplers)
    for name, sampler in samplers.items():
        if not callable(sampler):
            got = type(sampler).__name__
            raise TypeError(f"samplers[{name!r}] must be callable, got {got}")
    check_count("n", n)
    check_rng(rng)
    return [{name: draw(rng) for name, draw in samplers.items()} for _ in range(n)]


def run_trials(
    objective: Objective,
    configs: Sequence[Config],
    *,
    executor: Executor,
    rng: np.random.Generator,
) -> Iterator[Trial]:
    """把每组超参数交给执行器去试，完成一个交出一个。

    从一个核到进程池、到集群，只换 executor：``ThreadPoolExecutor``、
    ``ProcessPoolExecutor``、Dask 的 ``Client.get_executor()``……都行。

    Args:
        objective: 收（超参数, rng）给一个数，越小越好；跨进程时须是模块里的函数。
        configs: 要试的各组超参数。
        executor: 标准库 ``concurrent.futures`` 的执行器；由调用者开、由调用者关。
        rng: 随机数生成器；为每次试验分出一个，与执行次序无关。

    Yields:
        `Trial`，次序是完成的次序；要原来的次序，按 number 排。

    Raises:
        TypeError: executor 不是 ``Executor``，objective 不能调用，或 rng 不是生成器。
        ValueError: configs 是空的。

    Examples:
        >>> from concurrent.futures import ThreadPoolExecutor
        >>> import numpy as np
        >>> from dlnotes_lib.search import best_trial, grid, run_trials
        >>> def cost(config, rng):
        ...     return (config["lr"] - 0.3) ** 2
        >>> with ThreadPoolExecutor(2) as pool:
        ...     trials = list(
        ...         run_trials(
        ...             cost,
        ...             grid({"lr": [0.1, 0.3, 1.0]}),
        ...             executor=pool,
        ...             rng=np.random.default_rng(0),
        ...         )
        ...     )
        >>> best_trial(trials).config
        {'lr': 0.3}
    """
    if not isinstance(executor, Executor):
        got = type(executor).__name__
        raise TypeError(f"executor must be a concurrent.futures.Executor, got {got}")
    if not callable(objective):
        got = type(objective).__name__
        raise TypeError(f"objective must be callable, got {got}")
    check_rng(rng)
    if not len(configs):
        raise ValueError("configs must not be empty, got no trials")
    jobs = {
        executor.submit(objective, dict(config), own): index
        for index, (config, own) in enumerate(
            zip(configs, rng.spawn(len(configs)), strict=True)
        )
    }
    return _collected(jobs, configs)


def best_trial(trials: Sequence[Trial]) -> Trial:
    """得分最小的试验；并列时取 number 最小的，与完成的次序无关。

    Args:
        trials: 至少一次成功的试验。

    Returns:
        最好的一次。

    Raises:
        ValueError: trials 是空的，或全部失败；消息带着第一个失败的原因。

    Examples:
        >>> from dlnotes_lib.search import Trial, best_trial
        >>> a = Trial(0, {"lr": 1.0}, 0.5, None)
        >>> b = Trial(1, {"lr": 0.1}, 0.2, None)
        >>> best_trial([b, a]).config
        {'lr': 0.1}
    """
    if not trials:
        raise ValueError("trials must not be empty, got no trials")
    best = min(trials, key=lambda trial: (trial.score, trial.number))
    if best.error is not None:
        raise ValueError(f"trials must have a success, first failure: {best.error}")
    return best


def halving_rungs(
    n: int, *, budget: int, eta: int, max_budget: int
) -> list[tuple[int, int]]:
    r"""逐次减半的各级：组数除以 η，预算乘 η，直到只剩一组或到了上限。

    $$(n, r),\ (\lfloor n/\eta\rfloor, r\eta),\ (\lfloor n/\eta^2\rfloor, r\eta^2),
    \ \dots$$

    Args:
        n: 开始的组数，不小于 1。
        budget: 开始的预算 r（步数、轮数……），不小于 1。
        eta: 每级留下几分之一，不小于 2。
        max_budget: 一组最多的预算 R，不小于 r。

    Returns:
        各级的（组数, 预算）。

    Raises:
        TypeError: 某个参数不是整数。
        ValueError: 某个参数太小。

    Examples:
        >>> from dlnotes_lib.search import halving_rungs
        >>> halving_rungs(27, budget=1, eta=3, max_budget=27)
        [(27, 1), (9, 3), (3, 9), (1, 27)]

    References:
        Jamieson & Talwalkar, 2016, https://arxiv.org/abs/1502.07943 。
    """
    check_count("n", n)
    check_count("budget", budget)
    check_count("eta", eta, 2)
    check_count("max_budget", max_budget, budget)
    rungs = []
    while n >= 1 and budget <= max_budget:
        rungs.append((n, budget))
        n, budget = n // eta, budget * eta
    return rungs


def hyperband_brackets(max_budget: int, *, eta: int) -> list[list[tuple[int, int]]]:
    r"""Hyperband：几套逐次减半，起始预算从小到大，对冲“淘汰得太早”的风险。

    $$s = s_{\max}, \dots, 0: \quad
    n = \Bigl\lceil \frac{s_{\max} + 1}{s + 1}\,\eta^s \Bigr\rceil, \quad
    r = R\,\eta^{-s}, \qquad s_{\max} = \lfloor \log_\eta R \rfloor$$

    Args:
        max_budget: 一组最多的预算 R，是 η 的整数次幂。
        eta: 每级留下几分之一，不小于 2。

    Returns:
        每一套的各级（组数, 预算），见 `halving_rungs`。

    Raises:
        TypeError: 某个参数不是整数。
        ValueError: max_budget < 1、eta < 2，或 max_budget 不是 eta 的整数次幂。

    Examples:
        >>> from dlnotes_lib.search import hyperband_brackets
        >>> [rungs[0] for rungs in hyperband_brackets(81, eta=3)]
        [(81, 1), (34, 3), (15, 9), (8, 27), (5, 81)]

    References:
        Li 等, 2018, https://arxiv.org/abs/1603.06560 ，算法 1。
    """
    check_count("max_budget", max_budget)
    check_count("eta", eta, 2)
    s_max = 0
    while eta ** (s_max + 1) <= max_budget:
        s_max += 1
    if eta**s_max != max_budget:
        raise ValueError(f"max_budget must be a power of {eta}, got {max_budget}")
    return [
        halving_rungs(
            -(-(s_max + 1) * eta**s // (s + 1)),  # 整数的向上取整
            budget=max_budget // eta**s,
            eta=eta,
            max_budget=max_budget,
        )
        for s in range(s_max, -1, -1)
    ]


def successive_halving(
    objective: BudgetObjective,
    configs: Sequence[Config],
    rungs: Sequence[tuple[int, int]],
    *,
    executor: Executor,
    rng: np.random.Generator,
) -> list[list[Trial]]:
    """逐次减半：每一级用更多的预算重试上一级最好的几组。

    Args:
        objective: 收（超参数, 预算, rng）给一个数，越小越好。
        configs: 开始的各组，数目等于 ``rungs[0][0]``。
        rungs: 各级的（组数, 预算），见 `halving_rungs`。
        executor: 标准库的执行器，见 `run_trials`。
        rng: 随机数生成器；每一级为每组分出新的。

    Returns:
        每一级的试验，按 number 排；number 是在 configs 里的位置。

    Raises:
        TypeError: executor、objective 或 rng 的类型不对。
        ValueError: rungs 是空的，或 configs 的数目不是 ``rungs[0][0]``。

    Examples:
        >>> from concurrent.futures import ThreadPoolExecutor
        >>> import numpy as np
        >>> from dlnotes_lib.search import grid, halving_rungs, successive_halving
        >>> def loss(config, budget, rng):
        ...     return config["floor"] + 1 / budget
        >>> with ThreadPoolExecutor(2) as pool:
        ...     levels = successive_halving(
        ...         loss,
        ...         grid({"floor": [3, 1, 2, 0]}),
        ...         halving_rungs(4, budget=1, eta=2, max_budget=4),
        ...         executor=pool,
        ...         rng=np.random.default_rng(0),
        ...     )
        >>> [[trial.number for trial in level] for level in levels]
        [[0, 1, 2, 3], [1, 3], [3]]
    """
    if not callable(objective):  # 包进 _Budgeted 之后就看不出来了
        got = type(objective).__name__
        raise TypeError(f"objective must be callable, got {got}")
    if not rungs:
        raise ValueError("rungs must not be empty, got no rungs")
    if len(configs) != rungs[0][0]:
        raise ValueError(f"configs must have {rungs[0][0]} entries, got {len(configs)}")
    alive, levels = list(range(len(configs))), []
    for n, budget in rungs:
        if levels:
            ranked = sorted(levels[-1], key=lambda trial: (trial.score, trial.number))
            alive = sorted(trial.number for trial in ranked[:n])
        job = _Budgeted(objective, budget)
        chosen = [configs[i] for i in alive]
        done = sorted(run_trials(job, chosen, executor=executor, rng=rng))
        levels.append([t._replace(number=alive[t.number]) for t in done])
    return levels


class _Budgeted:
    """固定预算之后的目标函数；是类而不是 lambda，才能送到别的进程。"""

    def __init__(self, objective: BudgetObjective, budget: int) -> None:
        self.objective, self.budget = objective, budget

    def __call__(self, config: Config, rng: np.random.Generator) -> float:
        return self.objective(config, self.budget, rng)


def _collected(
    jobs: dict[Future[float], int], configs: Sequence[Config]
) -> Iterator[Trial]:
    try:
        for job in as_completed(jobs):
            yield _trial(jobs[job], configs[jobs[job]], job)
    finally:
        for job in jobs:  # 调用者半路停下：还没开始的不再跑
            job.cancel()


def _trial(index: int, config: Config, job: Future[float]) -> Trial:
    error = job.exception()
    if error is not None:
        text = f"{type(error).__name__}: {error}"
        return Trial(index, dict(config), math.inf, text)
    score = job.result()
    try:
        check_interval("score", score, "(-inf, inf)")
    except (TypeError, ValueError) as bad:
        return Trial(index, dict(config), math.inf, f"{type(bad).__name__}: {bad}")
    return Trial(index, dict(config), float(score), None)


def _check_table(name: str, table: Mapping[str, Any]) -> None:
    if not isinstance(table, Mapping):
        raise TypeError(f"{name} must be a mapping, got {type(table).__name__}")
    if not table:
        raise ValueError(f"{name} must not be empty, got no entries")
