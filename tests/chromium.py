"""用真的浏览器看建好的站点：打开一页，说出哪里不对。"""

from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
MORE_RULES = ["aria-dialog-name", "empty-table-header"]
COLOUR_RULES = ["color-contrast", "link-in-text-block"]  # 换配色只影响颜色
STILL = (
    "*, ::before, ::after { transition: none !important; animation: none !important }"
)


def watch(page: Page, base: str) -> list[str]:
    """记下页面以后发出的外部请求、失败的请求、控制台的警告与错误。"""
    found: list[str] = []

    def request(asked: Any) -> None:
        if not asked.url.startswith((base, "data:", "blob:")):
            found.append(f"external request: {asked.url}")

    def response(got: Any) -> None:
        if got.status >= 400:
            found.append(f"status {got.status}: {got.url}")

    def console(message: Any) -> None:
        if message.type in ("error", "warning"):
            found.append(f"console {message.type}: {message.text}")

    page.on("request", request)
    page.on("response", response)
    page.on("console", console)
    page.on("pageerror", lambda error: found.append(f"script error: {error}"))
    return found


def open_page(page: Page, url: str) -> None:
    """打开一页，等公式排好、动画停下。"""
    page.goto(url, wait_until="load")
    page.add_style_tag(content=STILL)
    page.wait_for_function("window.document$ !== undefined")
    page.evaluate("document.fonts.ready.then(() => undefined)")


def use_scheme(page: Page, scheme: str) -> None:
    """用页眉上的按钮换到 light 或 dark。"""
    name = {"light": "default", "dark": "slate"}[scheme]
    page.evaluate(
        "name => document.querySelector(`[data-md-color-scheme=${name}].md-option`)"
        ".click()",
        name,
    )
    page.wait_for_function(
        "name => document.body.dataset.mdColorScheme === name", arg=name
    )


def formula_findings(page: Page) -> list[str]:
    """没有排出来的公式。"""
    return page.evaluate(
        """() => [
          ...[...document.querySelectorAll(".arithmatex")]
            .filter(node => !node.querySelector(".katex-html"))
            .map(node => "formula not rendered: " + node.textContent.slice(0, 60)),
          ...[...document.querySelectorAll(".katex-error")]
            .map(node => "formula in error: " + node.title.slice(0, 80)),
        ]"""
    )


def scroll_findings(page: Page) -> list[str]:
    """把页面撑宽的元素；自带滚动框的不算。"""
    return page.evaluate(
        """() => {
          const limit = document.documentElement.clientWidth;
          const clipped = node => {
            for (let box = node.parentElement; box && box !== document.body;
                 box = box.parentElement)
              if (getComputedStyle(box).overflowX !== "visible") return true;
            return false;
          };
          return [...document.querySelectorAll(".md-content *, .md-header *, .md-footer *")]
            .filter(node => node.getBoundingClientRect().right > limit + 1)
            .filter(node => node.checkVisibility() && !clipped(node))
            .map(node => `wider than ${limit}px: <${node.localName} class="${
              node.getAttribute("class") ?? ""}"> ${node.textContent.trim().slice(0, 40)}`)
            .slice(0, 5);
        }"""
    )


def lighten(page: Page) -> None:
    """让 axe 少看重复的东西：大页从五秒多减到不足一秒，能看出的问题不变。

    公式换成同样宽的一小段字（它的 HTML 对读屏软件隐藏，颜色随正文）；一个代码块里
    同一种颜色的记号只留第一个。
    """
    page.evaluate(
        """() => {
          for (const katex of document.querySelectorAll(".katex")) {
            const stand = document.createElement("span");
            if (katex.closest("div.arithmatex")) {
              stand.style.display = "inline-block";
              stand.style.width = katex.scrollWidth + "px";
            }
            stand.textContent = "公式";
            katex.replaceChildren(stand);
          }
          for (const code of document.querySelectorAll("pre code")) {
            const seen = new Set();
            for (const token of code.querySelectorAll("span[class]")) {
              if (token.children.length) continue;
              if (seen.has(token.className)) token.replaceWith(token.textContent);
              else seen.add(token.className);
            }
          }
        }"""
    )


def axe_findings(page: Page, rules: list[str] | None = None) -> list[str]:
    """WCAG A 与 AA 的违规；给了 rules 就只查这几条。"""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    options = {
        "runOnly": {"type": "rule", "values": rules}
        if rules
        else {"type": "tag", "values": TAGS},
        "rules": {name: {"enabled": True} for name in MORE_RULES},
        "resultTypes": ["violations"],
    }
    violations = page.evaluate(
        "options => axe.run(options).then(result => result.violations)", options
    )
    return [
        f"axe {v['id']}: {node['target'][-1]}: {node['failureSummary'].splitlines()[-1]}"
        for v in violations
        for node in v["nodes"]
    ]


def punctuation_findings(page: Page) -> list[str]:
    """短公式后面的标点被甩到下一行行首。"""
    return page.evaluate(
        """() => [...document.querySelectorAll("span.arithmatex")]
          .filter(node => node.querySelectorAll(".katex-base").length === 1)
          .map(node => [node, node.nextSibling])
          .filter(([, next]) => next?.nodeType === Node.TEXT_NODE)
          .filter(([, next]) => /^[，。；：？！、）】》”’]/.test(next.data))
          .filter(([node, next]) => {
            const range = document.createRange();
            range.setStart(next, 0);
            range.setEnd(next, 1);
            const mark = range.getBoundingClientRect();
            return mark.width && mark.left < node.getBoundingClientRect().right - 1;
          })
          .map(([node]) => "punctuation at the start of a line after "
            + node.querySelector("annotation")?.textContent)"""
    )


def print_findings(page: Page) -> list[str]:
    """打印时仍然折叠着的内容。"""
    page.emulate_media(media="print")
    page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    hidden = page.evaluate(
        """() => [...document.querySelectorAll("details > :not(summary), .tabbed-block")]
          .filter(node => !node.checkVisibility({contentVisibilityAuto: true}))
          .map(node => "hidden in print: " + node.textContent.trim().slice(0, 60))"""
    )
    page.emulate_media(media="screen")
    return hidden


def review(page: Page, url: str, found: list[str]) -> list[str]:
    """打开一页，在两种配色、两种宽度下看一遍；found 是 watch 给的记录。"""
    found.clear()
    page.set_viewport_size({"width": 360, "height": 800})
    open_page(page, url)
    said = formula_findings(page) + punctuation_findings(page)
    said += scroll_findings(page) + print_findings(page)
    lighten(page)
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for scheme, rules in (("light", None), ("dark", COLOUR_RULES)):
            use_scheme(page, scheme)
            said += [f"{scheme} {width}: {f}" for f in axe_findings(page, rules)]
    return said + found


def first_result(page: Page, query: str) -> str:
    """在搜索框里键入 query，返回第一条结果的路径（不含锚点）。"""
    page.keyboard.press("s")
    page.wait_for_selector(".md-search__input:focus")
    page.keyboard.insert_text(query)
    page.keyboard.press("End")  # 主题只听 keyup
    link = page.locator(".md-search-result__item a").first
    link.wait_for()
    return (link.get_attribute("href") or "").split("#")[0].split("?")[0]
