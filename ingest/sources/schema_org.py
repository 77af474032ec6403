"""What a page says about its product in schema.org's words, as JSON-LD or microdata.

Both become the same plain nodes: `@type` and properties, each a text, a number, a node or a list
of them. JSON-LD that cannot be read is passed over, script by script; references by `@id` lead to
their nodes.
"""

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from parsel import Selector
from w3lib.html import remove_tags

Node = Mapping[str, Any]

SCRIPT_AT_MOST: Final = 2 * 1024 * 1024
"""Characters of one JSON-LD script."""
DEEPEST: Final = 40
"""Levels of nodes within nodes; hostile pages have more."""
PRODUCTS: Final = frozenset({"Product", "ProductGroup", "ProductModel", "IndividualProduct"})
_ELSEWHERE: Final = frozenset(
    {
        "isRelatedTo",
        "isSimilarTo",
        "isAccessoryOrSparePartFor",
        "isConsumableFor",
        "itemListElement",
        "itemOffered",
        "itemReviewed",
        "hasVariant",
        "isVariantOf",
        "review",
        "reviews",
    }
)
"""Where a product stands that is not what the page is about."""


def nodes(page: Selector, url: str) -> list[Node]:
    """The page's outermost nodes, those of `@graph` among them: JSON-LD before microdata."""
    from extruct.w3cmicrodata import MicrodataExtractor  # noqa: PLC0415  half a second

    found = [node for item in _linked(page) for node in _outermost(item)]
    found += [_plain(item) for item in MicrodataExtractor().extract_items(page.root, url)]
    named = {node["@id"]: node for node in found if _is_whole(node)}
    return [_resolved(node, named) for node in found]


def products(found: Sequence[Node]) -> list[Node]:
    """Products that a page may be about, outermost first."""
    return [node for top in found for node in _within(top) if kinds(node) & PRODUCTS]


def of_kind(found: Sequence[Node], kind: str) -> list[Node]:
    """Nodes of that type among the outermost."""
    return [node for node in found if kind in kinds(node)]


def kinds(node: Node) -> frozenset[str]:
    """«https://schema.org/Product», «schema:Product» and «Product» are all «Product»."""
    return frozenset(re.split(r"[/#:]", str(kind))[-1] for kind in listed(node.get("@type")))


def listed(value: object) -> list[Any]:
    """A property's values: none, one or several."""
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def children(node: Node, *names: str) -> list[Node]:
    """The nodes that these properties hold."""
    return [v for name in names for v in listed(node.get(name)) if isinstance(v, dict)]


def text(value: object) -> str:
    """The first text of a value, on one line, without markup; a node is told by its name."""
    for one in listed(value):
        match one:
            case bool():
                continue
            case dict():
                found = text(one.get("@value") or one.get("name") or one.get("value"))
            case int() | float():
                found = str(int(one)) if float(one).is_integer() else str(one)
            case _:
                found = " ".join(html.unescape(remove_tags(html.unescape(str(one)))).split())
        if found:
            return found
    return ""


def _linked(page: Selector) -> Iterator[object]:
    from extruct.jsonld import JsonLdExtractor  # noqa: PLC0415  half a second

    for script in page.xpath('//script[@type="application/ld+json"]'):
        if len(script.xpath("string()").get("")) > SCRIPT_AT_MOST:
            continue
        try:
            yield from JsonLdExtractor().extract_items(script.root)
        except (ValueError, RecursionError, json.JSONDecodeError):
            continue  # a shop's slip in one script says nothing about the others


def _outermost(item: object, depth: int = 0) -> Iterator[Node]:
    match item:
        case list() if depth < DEEPEST:
            for one in item:
                yield from _outermost(one, depth + 1)
        case dict() if "@graph" in item and depth < DEEPEST:
            yield from _outermost(item["@graph"], depth + 1)
            if "@type" in item:
                yield {name: value for name, value in item.items() if name != "@graph"}
        case dict():
            yield item


def _plain(item: object, depth: int = 0) -> Any:
    """extruct's microdata items, written like JSON-LD."""
    match item:
        case list() if depth < DEEPEST:
            return [_plain(one, depth + 1) for one in item]
        case {"type": kind, "properties": dict() as properties} if depth < DEEPEST:
            told = {name: _plain(value, depth + 1) for name, value in properties.items()}
            return {"@type": kind, **told}
        case dict():
            return dict(item) if depth == 0 else item.get("value", "")
        case _:
            return item


def _is_whole(node: Node) -> bool:
    return isinstance(node.get("@id"), str) and len(node) > 1


def _resolved(value: Any, named: Mapping[str, Node], depth: int = 0) -> Any:
    """With the nodes that {"@id": …} refers to; a circle of references ends."""
    if depth > DEEPEST:
        return None
    match value:
        case list():
            return [_resolved(one, named, depth + 1) for one in value]
        case {"@id": str() as name} if len(value) == 1 and name in named and depth < DEEPEST // 4:
            return _resolved(named[name], named, depth + DEEPEST // 4)
        case dict():
            return {key: _resolved(one, named, depth + 1) for key, one in value.items()}
        case _:
            return value


def _within(node: Any, depth: int = 0) -> Iterator[Node]:
    match node:
        case list() if depth < DEEPEST:
            for one in node:
                yield from _within(one, depth + 1)
        case dict() if depth < DEEPEST:
            yield node
            for name, value in node.items():
                if name not in _ELSEWHERE:
                    yield from _within(value, depth + 1)
