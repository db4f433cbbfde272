"""概念图：哪一节用到哪一节。数据写在这里，图与各页的“前置”都照它核对。

约定：小节号如 "1.4"；只记直接的前置。
不做：不记弱的联系，那些写在页面正文的链接里。
"""

from collections.abc import Mapping

LESSONS: dict[str, str] = {
    "1.1": "训练集、验证集与测试集",
    "1.2": "偏差与方差",
    "1.3": "机器学习的基本流程",
    "1.4": "正则化：L2、L1 与权重衰减",
    "1.5": "为什么正则化能减少过拟合",
    "1.6": "Dropout 正则化",
    "1.7": "理解 dropout",
    "1.8": "其他正则化方法：数据增广与早停",
    "1.9": "归一化输入",
    "1.10": "梯度消失与梯度爆炸",
    "1.11": "神经网络的权重初始化",
    "1.12": "梯度的数值逼近",
    "1.13": "梯度检验",
    "1.14": "梯度检验的实现要点",
    "2.1": "小批量梯度下降",
    "2.2": "理解小批量梯度下降",
    "2.3": "指数加权平均",
    "2.4": "理解指数加权平均",
    "2.5": "指数加权平均的偏差修正",
    "2.6": "动量梯度下降",
    "2.7": "RMSprop",
    "2.8": "Adam 优化算法",
    "2.9": "学习率衰减",
    "2.10": "局部最优与鞍点",
    "3.1": "调参过程",
    "3.2": "为超参数选择合适的标度",
    "3.3": "熊猫方式与鱼子酱方式",
    "3.4": "归一化网络的激活值（批量归一化）",
    "3.5": "把批量归一化嵌入神经网络",
    "3.6": "批量归一化为什么奏效",
    "3.7": "测试时的批量归一化",
    "3.8": "Softmax 回归",
    "3.9": "训练一个 softmax 分类器",
    "3.10": "深度学习框架",
    "3.11": "TensorFlow：从会话到即时执行",
}
PREREQUISITES: dict[str, tuple[str, ...]] = {
    "1.2": ("1.1",),
    "1.3": ("1.2",),
    "1.4": ("1.2",),
    "1.5": ("1.4",),
    "1.6": ("1.4",),
    "1.7": ("1.6",),
    "1.8": ("1.1", "1.4"),
    "1.9": ("1.1",),
    "1.11": ("1.10",),
    "1.13": ("1.12",),
    "1.14": ("1.13", "1.6"),
    "2.1": ("1.4",),
    "2.2": ("2.1",),
    "2.4": ("2.3",),
    "2.5": ("2.4",),
    "2.6": ("2.3", "1.9"),
    "2.7": ("2.3",),
    "2.8": ("2.5", "2.6", "2.7"),
    "2.9": ("2.2",),
    "2.10": ("2.6", "2.7", "2.8"),
    "3.1": ("1.1",),
    "3.2": ("2.4", "3.1"),
    "3.3": ("3.1", "3.2"),
    "3.4": ("1.9", "2.1"),
    "3.5": ("3.4", "1.13"),
    "3.6": ("3.5", "2.6"),
    "3.7": ("2.5", "3.5"),
    "3.9": ("3.8", "1.13"),
    "3.10": ("1.12",),
    "3.11": ("3.10", "2.6"),
}


def depths(
    lessons: Mapping[str, str], prerequisites: Mapping[str, tuple[str, ...]]
) -> dict[str, int]:
    """每一节的深度：没有前置的是 0，其余比最深的前置多 1。

    Args:
        lessons: 小节号到题目。
        prerequisites: 小节号到它的直接前置。

    Returns:
        小节号到深度，次序与 lessons 相同。

    Raises:
        ValueError: 前置里有未知的小节，或依赖绕成了圈。

    Examples:
        >>> from dlnotes_lib.experiments.concept_map import depths
        >>> depths({"a": "", "b": "", "c": ""}, {"b": ("a",), "c": ("a", "b")})
        {'a': 0, 'b': 1, 'c': 2}
    """
    named = set(prerequisites).union(*prerequisites.values())
    if unknown := sorted(named - set(lessons)):
        raise ValueError(f"prerequisites must name lessons, got {unknown}")
    found: dict[str, int] = {}
    while len(found) < len(lessons):
        ready = [
            lesson
            for lesson in lessons
            if lesson not in found
            and all(need in found for need in prerequisites.get(lesson, ()))
        ]
        if not ready:
            left = sorted(set(lessons) - set(found))
            raise ValueError(f"prerequisites must not form a cycle, got one in {left}")
        for lesson in ready:
            needs = prerequisites.get(lesson, ())
            found[lesson] = max((found[need] + 1 for need in needs), default=0)
    return {lesson: found[lesson] for lesson in lessons}


def positions() -> dict[str, tuple[int, int]]:
    """概念图里每一节的位置（列是深度，行是同一列里的次序）。

    Returns:
        小节号到 (列, 行)；行从 0 往下数。

    Examples:
        >>> from dlnotes_lib.experiments.concept_map import positions
        >>> positions()["1.1"], positions()["1.2"]
        ((0, 0), (1, 0))
    """
    depth = depths(LESSONS, PREREQUISITES)
    rows = dict.fromkeys(depth.values(), -1)
    placed: dict[str, tuple[int, int]] = {}
    for lesson, column in depth.items():
        rows[column] += 1
        placed[lesson] = (column, rows[column])
    return placed
