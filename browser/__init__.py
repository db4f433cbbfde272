"""在浏览器里跑 NumPy 用的那一包，由 npm 的 Pyodide 与 ``wheels/`` 里的 NumPy 做出。"""
