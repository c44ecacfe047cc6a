"""Sanitising: the one gate through which the HTML of articles goes before a page may show it.

An allow-list: what is not named here is gone. Ids survive only on headings and steps, classes only where the portal's
own CSS needs them, addresses only when they are http, https, mailto or lie on this site.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import nh3
from pygments.token import STANDARD_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable

HEADINGS = ("h2", "h3", "h4", "h5", "h6")

_TAGS = {
    *("a", "abbr", "aside", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del", "details", "dfn", "div"),
    *("dl", "dt", "em", "figcaption", "figure", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q"),
    *("s", "samp", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead"),
    *("tr", "u", "ul", "var", *HEADINGS),
}
_GONE_WITH_CONTENT = {
    *("script", "style", "template", "noscript", "iframe", "object", "embed", "svg", "math", "title", "textarea"),
    *("select", "button", "noembed", "noframes", "xmp", "audio", "video", "canvas", "head"),
}
_ATTRIBUTES = {
    "a": {"href"},
    "abbr": {"title"},
    "img": {"src", "alt", "width", "height", "loading"},
    "li": {"id"},
    "ol": {"start"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
    **{heading: {"id"} for heading in HEADINGS},
}
_CLASSES = {
    "aside": {"intern"},
    "div": {"codehilite"},
    "li": {"step"},
    "ol": {"steps"},
    "span": {name for name in STANDARD_TYPES.values() if name},
}
_SMALL_NUMBER = re.compile(r"[1-9]\d{0,3}", re.ASCII)
_VALUES = {
    "align": re.compile(r"left|center|right"),
    "alt": re.compile(r".*", re.DOTALL),
    "colspan": _SMALL_NUMBER,
    "height": _SMALL_NUMBER,
    "href": re.compile(r"(https?://[^/\\]|mailto:|#|/(?!/))[^\\\s\x00-\x20]*|/", re.IGNORECASE),
    "loading": re.compile(r"lazy"),
    "rowspan": _SMALL_NUMBER,
    "scope": re.compile(r"row|col"),
    "src": re.compile(r"/media/[A-Za-z0-9._%/-]+"),
    "start": _SMALL_NUMBER,
    "title": re.compile(r".*", re.DOTALL),
    "width": _SMALL_NUMBER,
}
_IDS = {"li": re.compile(r"schritt-[1-9]\d{0,3}", re.ASCII)}
_ID = re.compile(r"[a-z0-9][a-z0-9_-]*", re.ASCII)
_PASSES = 4
_OUTSIDE = re.compile(r'<a (?=href="https?:)', re.IGNORECASE)
_IMAGE = re.compile(r'<img((?: [a-z]+="[^"]*")*)>')
_ALT = re.compile(r' alt="([^"]*)"')


def sanitise(html: str, lead: Callable[[str, str], str | None] | None = None) -> str:
    """Let through only what an article may show; the result needs no second look and passes again unchanged.

    `lead` may change where each href and src leads before it is judged, or drop it by giving None.
    """

    def judge(tag: str, name: str, value: str) -> str | None:
        led = lead(name, value) if lead and name in {"href", "src"} else value
        return None if led is None else _allowed(tag, name, led)

    clean = _cleaner(judge).clean(html.encode("utf-8", "replace").decode())
    return _IMAGE.sub(_image, _OUTSIDE.sub('<a rel="noopener noreferrer" ', _settled(clean)))


def _settled(clean: str) -> str:
    """Clean once more what has changed its meaning: two headings, say, that a removed tag had kept apart."""
    for _ in range(_PASSES):
        before, clean = clean, _cleaner(_allowed).clean(clean)
        if before == clean:
            break
    return clean


def _cleaner(judge: Callable[[str, str, str], str | None]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags=_GONE_WITH_CONTENT,
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        attribute_filter=judge,
        set_tag_attribute_values={"img": {"loading": "lazy"}},
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )


def _allowed(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        return " ".join(word for word in value.split() if word in _CLASSES.get(tag, ())) or None
    if name not in _ATTRIBUTES.get(tag, ()):
        return None
    pattern = _IDS.get(tag, _ID) if name == "id" else _VALUES[name]
    return value if pattern.fullmatch(value) else None


def _image(found: re.Match[str]) -> str:
    """Keep an image that is ours; of any other only its description stays, as text."""
    if ' src="' in found[1]:
        return found[0]
    described = _ALT.search(found[1])
    return described[1].replace("&quot;", '"').replace("<", "&lt;").replace(">", "&gt;") if described else ""
