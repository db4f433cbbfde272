"""``figures/concept_map.py`` 应当画出的数据：每条依赖一条线，每周一组点。"""

from dlnotes_lib.experiments.concept_map import LESSONS, PREREQUISITES, positions


def graph() -> list[list[list[float]]]:
    at = {lesson: [float(x), float(-y)] for lesson, (x, y) in positions().items()}
    lines = [[at[a], at[b]] for b, needs in PREREQUISITES.items() for a in needs]
    weeks = [[at[n] for n in LESSONS if n.startswith(f"{w}.")] for w in (1, 2, 3)]
    return [*lines, *weeks]
