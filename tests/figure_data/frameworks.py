"""``figures/frameworks.py`` 应当画出的数据：年份另写一遍；计算图上的字由测试另查。"""

YEARS = [(2009, 2020), (2014, 2017), (2015, 2019), (2015, 2015), (2015, 2022)]
YEARS += [(2015, 2022), (2015, 2026), (2015, 2026), (2016, 2026), (2017, 2026)]
YEARS += [(2018, 2026), (2020, 2026)]


def graph() -> list[object]:
    return []


def timeline() -> list[object]:
    return [[[a, k], [b, k]] for k, (a, b) in enumerate(YEARS)]
