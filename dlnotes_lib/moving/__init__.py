"""会动的图：滑块每一档画什么，每页一个模块，记录都叫 ``FIGURE``。

只用实验与核心的函数算，不用 matplotlib；怎样变成网页见 `dlnotes_lib.publish.moving`。
"""
