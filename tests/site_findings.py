"""对建好的 HTML 的检查；每个函数返回一串“页:行: 哪里不对”。"""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from built import Element, Page

LOADED_LINKS = {"stylesheet", "icon", "preload", "preconnect", "modulepreload"}
LOADED_LINKS |= {"prefetch", "dns-prefetch", "manifest", "apple-touch-icon"}
SOURCES = ("src", "srcset", "poster", "data")
EMBEDS = {"img", "script", "source", "iframe", "embed", "object", "video", "audio"}
REMOTE = re.compile(r"^\s*(?:https?:)?//")
CSS_LOAD = re.compile(r"(?:url\(\s*|@import\s+)['\"]?([^'\")\s;]+)")
LATEX = re.compile(r"\\[a-zA-Z]{2,}|\\[(\[]|\$[^$\n]*[\\_^{][^$\n]*\$|\$\$")
NOT_PROSE = {"script", "style", "code", "pre", "title", "svg"}

Site = dict[str, Page]


def say(page: Page, element: Element, message: str) -> str:
    return f"{page.path}:{element.line}: {message}"


def targets(element: Element) -> list[str]:
    """元素指向的地址。"""
    names = ("href", "src") if element.tag != "base" else ()
    return [element.attrs[name] for name in names if name in element.attrs]


def resolve(page: Page, link: str, root: str) -> str | None:
    """站内链接对应的路径（相对站点根）；指到站外时是 None。"""
    path = unquote(urlsplit(link).path)
    if path.startswith("/"):
        return path.removeprefix(f"/{root}/") if path.startswith(f"/{root}/") else None
    parts = page.path.split("/")[:-1] if path else [page.path]
    for part in path.split("/") if path else ():
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def dead_links(site: Site, folder: Path) -> list[str]:
    """指向不存在的页面、文件或锚点的链接，包括直接写成 HTML 的。"""
    found = []
    ids = {
        name: {e.attrs.get("id") for e in page.elements} for name, page in site.items()
    }
    for page in site.values():
        for element in page.elements:
            for link in targets(element):
                if urlsplit(link).scheme or link.startswith("//"):
                    continue
                path = resolve(page, link, folder.name)
                if path is not None and (folder / path).is_dir():
                    path = f"{path.rstrip('/')}/index.html".lstrip("/")
                anchor = unquote(urlsplit(link).fragment)
                if path is None or not (folder / path).is_file():
                    found.append(say(page, element, f"dead link {link}"))
                elif anchor and path in ids and anchor not in ids[path]:
                    found.append(say(page, element, f"dead anchor {link}"))
    return found


def missing_alt(site: Site) -> list[str]:
    """没有替代文本的图。"""
    return [
        say(page, element, f"image without alt: {element.attrs.get('src', '')}")
        for page in site.values()
        for element in page.elements
        if element.tag == "img" and not element.attrs.get("alt", "").strip()
    ]


def loads(element: Element) -> list[str]:
    """浏览器一打开页面就会去取的地址。"""
    found = CSS_LOAD.findall(element.attrs.get("style", ""))
    if element.tag == "style":
        found += CSS_LOAD.findall(element.text)
    if element.tag == "link" and LOADED_LINKS & {*element.attrs["rel"].split()}:
        found.append(element.attrs.get("href", ""))
    if element.tag in EMBEDS:
        found += [element.attrs[name] for name in SOURCES if name in element.attrs]
    return found


def external_loads(site: Site, folder: Path) -> list[str]:
    """从别的网站取的脚本、样式、图与字体。"""
    in_pages = [
        say(page, element, f"loads {address}")
        for page in site.values()
        for element in page.elements
        for address in loads(element)
        if REMOTE.match(address)
    ]
    in_styles = [
        f"{file.relative_to(folder).as_posix()}: loads {address}"
        for file in sorted(folder.rglob("*.css"))
        for address in CSS_LOAD.findall(file.read_text(encoding="utf-8"))
        if REMOTE.match(address)
    ]
    return in_pages + in_styles


def duplicate_ids(site: Site) -> list[str]:
    """一页里出现两次的 id；主题自用的 ``__`` 开头的不算。"""
    found = []
    for page in site.values():
        seen: set[str] = set()
        for element in page.elements:
            name = element.attrs.get("id", "__")
            if name in seen:
                found.append(say(page, element, f"duplicate id {name}"))
            if not name.startswith("__"):
                seen.add(name)
    return found


def raw_latex(site: Site) -> list[str]:
    """没有被认成公式、原样露在正文里的 LaTeX。"""
    return [
        say(page, element, f"raw LaTeX: {hit[0][:40]}")
        for page in site.values()
        for element in page.elements
        if not any(
            e.tag in NOT_PROSE or e.has_class("arithmatex")
            for e in (*element.inside, element)
        )
        for hit in LATEX.finditer(element.text)
    ]


def heading_jumps(site: Site) -> list[str]:
    """跳级的标题，以及没有或不止一个一级标题的页。"""
    found = []
    for page in site.values():
        before = 0
        heads = [e for e in page.elements if re.fullmatch("h[1-6]", e.tag)]
        for element in heads:
            level = int(element.tag[1])
            if level > before + 1:
                found.append(say(page, element, f"h{before} is followed by h{level}"))
            before = level
        if (count := sum(e.tag == "h1" for e in heads)) != 1:
            found.append(f"{page.path}: {count} h1 headings")
    return found
