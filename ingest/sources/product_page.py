"""Products and reviews of shop pages that speak schema.org, as the tables that `load` takes.

A page gives one product. Prices are won alone: another currency, or none told, leaves the cell
empty and is counted. Ingredients and contents come from the product's own properties, else from the
table of disclosures that Korean law has every shop show (전자상거래 상품정보제공고시: «화장품법에
따라 기재해야 하는 모든 성분», «내용물의 용량 또는 중량»).
"""

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from parsel import Selector
from w3lib.url import url_query_cleaner

from engine.parsing import names
from engine.parsing.korean import squeeze
from engine.parsing.privacy import mask
from ingest.errors import InputRefused
from ingest.sources.fetching import (
    Fetched,
    Fetcher,
    NotFetched,
    Progress,
    Refused,
    Unreachable,
)
from ingest.sources.schema_org import Node, children, kinds, listed, nodes, of_kind, products, text

PRODUCT_COLUMNS: Final = (
    "product_id",
    "brand",
    "name",
    "category",
    "price",
    "volume",
    "ingredients",
    "picture",
    "url",
    "on_sale",
    "rating",
    "ratings",
)
"""The last two are for the eye; `load` passes them over."""
REVIEW_COLUMNS: Final = ("product_id", "reviewer", "rating", "text", "date")
FAILURES_AT_MOST: Final = 3
"""So many pages of one host in a row without an answer, and its others are left in peace."""
SHOWN: Final = 20
"""Addresses that the report names one by one."""

_NUMBERS: Final = ("sku", "gtin13", "gtin", "gtin14", "gtin12", "gtin8", "productID", "mpn")
_FORMULA: Final = re.compile(r"전성분|모든성분|^성분$|^ingredients?(?:list)?$|^inci$")
_CONTENTS: Final = re.compile(r"^(?:내용물의?)?(?:용량|중량|용량또는중량|내용량)|^(?:volume|size)$")
_SEE: Final = re.compile(
    r"(?:상세|별도|상품|제품)\s*(?:페이지|설명|정보|표기|이미지)?.{0,12}참[조고]"
)
_TRACKING: Final = re.compile(r"^(?:utm_.*|gclid|fbclid|n_\w+|igshid)$")
_SOLD: Final = frozenset({"OutOfStock", "SoldOut", "Discontinued"})
_LISTED: Final = re.compile(r"list|strikethrough|srp|msrp|invoice", re.IGNORECASE)
_WON: Final = re.compile(r"[₩￦]|원")


@dataclass(frozen=True, slots=True)
class Page:
    product: dict[str, str]
    """PRODUCT_COLUMNS."""
    reviews: tuple[dict[str, str], ...]
    """REVIEW_COLUMNS."""
    currency: str = ""
    """Of a price that is not in won; «?» where none is told."""
    unrated: int = 0
    """Reviews without a rating that can be read; they are left out."""


@dataclass(frozen=True, slots=True)
class Missing:
    address: str
    why: str


@dataclass(slots=True)
class Harvest:
    """What all pages gave."""

    products: list[dict[str, str]] = field(default_factory=list)
    reviews: list[dict[str, str]] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    currencies: Counter[str] = field(default_factory=Counter)
    repeated: int = 0
    unrated: int = 0
    left: Counter[str] = field(default_factory=Counter)
    """Host that does not answer → its addresses that were not asked any more."""

    @property
    def summary(self) -> str:
        lacking = [row for row in self.products if not row["ingredients"]]
        lines = [
            f"제품 {len(self.products):,}개와 리뷰 {len(self.reviews):,}개를 받았어요.",
            *([f"전성분이 없는 제품: {len(lacking):,}개"] if lacking else []),
            *(self._abroad() if self.currencies else []),
            *([f"같은 제품이 또 나온 주소: {self.repeated:,}개"] if self.repeated else []),
            *([f"별점을 읽을 수 없어 뺀 리뷰: {self.unrated:,}개"] if self.unrated else []),
            *([f"제품을 얻지 못한 주소: {len(self.missing):,}개"] if self.missing else []),
            *(f"  {one.why}" for one in self.missing[:SHOWN]),
            *([f"  그 밖에 {rest:,}개"] if (rest := len(self.missing) - SHOWN) > 0 else []),
            *(
                f"{host}: {FAILURES_AT_MOST}번 이어서 답을 받지 못해 남은 {count:,}개는 묻지 "
                "않았어요. 나중에 같은 명령을 다시 실행하면 이어서 해요."
                for host, count in self.left.items()
            ),
        ]
        return "\n".join(lines)

    def _abroad(self) -> list[str]:
        told = ", ".join(
            f"{'통화 없음' if currency == '?' else currency} {count:,}개"
            for currency, count in self.currencies.most_common()
        )
        return [f"값이 원이 아니라서 비운 제품: {told}"]


def addresses(path: Path) -> tuple[str, ...]:
    """A file with an address on each line; empty lines and those after «#» say nothing."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError as error:
        raise InputRefused(f"{path}: 그런 파일이 없어요.") from error
    except UnicodeDecodeError as error:
        raise InputRefused(f"{path.name}: 주소 파일은 utf-8로 적혀 있어야 해요.") from error
    found: dict[str, None] = {}
    for number, line in enumerate(map(str.strip, lines), start=1):
        if line and not line.startswith("#"):
            if not re.fullmatch(r"https?://[^\s/]+\S*", line, re.IGNORECASE):
                raise InputRefused(
                    f"{path.name} {number}번째 줄: http나 https로 시작하는 주소여야 하는데 "
                    f"«{line[:60]}»예요."
                )
            found[line] = None
    if not found:
        raise InputRefused(f"{path.name}: 주소가 하나도 없어요.")
    return tuple(found)


async def gather(fetcher: Fetcher, places: Sequence[str]) -> Harvest:
    """The products of all addresses; one that fails is told and the next is asked, as long as its
    host answers at all."""
    harvest, seen, failures = Harvest(), dict[str, str](), Counter[str]()
    progress = Progress("제품 페이지", len(places))
    try:
        for place in places:
            host = urlsplit(place).netloc
            if failures[host] == FAILURES_AT_MOST:
                harvest.left[host] += 1
                continue
            try:
                found = parsed(await fetcher.get(place))
                failures[host] = 0
            except NotFetched as error:
                found = Missing(place, str(error))
                failures[host] = failures[host] + 1 if _is_failure(error) else 0
            _add(harvest, seen, found)
            progress.step(found.why if isinstance(found, Missing) else found.product["name"])
    finally:
        progress.close()
    return harvest


def tables(harvest: Harvest) -> Iterator[tuple[str, Sequence[str], Sequence[dict[str, str]]]]:
    """Name of the file, columns, rows."""
    yield "products.csv", PRODUCT_COLUMNS, harvest.products
    yield "reviews.csv", REVIEW_COLUMNS, harvest.reviews


def written(columns: Sequence[str], rows: Iterable[dict[str, str]]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode("utf-8-sig")


def parsed(fetched: Fetched) -> Page | Missing:
    """The page's product and its reviews."""
    kind = fetched.content_type.partition(";")[0].strip().casefold()
    if kind and "html" not in kind and "xml" not in kind:
        return Missing(fetched.url, f"{fetched.url}: 웹 페이지가 아니라 {kind}이에요.")
    page = Selector(text=fetched.text)
    found = nodes(page, fetched.url)
    about = _about(products(found), page, fetched.url)
    if isinstance(about, str):
        return Missing(fetched.url, f"{fetched.url}: {about}")
    return _page(about, found, page, fetched.url)


def _is_failure(error: NotFetched) -> bool:
    """Of the server, not of this one page."""
    if isinstance(error, Refused):
        return error.answer.status not in (200, 404, 410)
    return isinstance(error, Unreachable)


def _add(harvest: Harvest, seen: dict[str, str], found: Page | Missing) -> None:
    """`seen`: product_id → address. One id of two hosts is two products."""
    if isinstance(found, Missing):
        harvest.missing.append(found)
        return
    number, url = found.product["product_id"], found.product["url"]
    if number in seen and urlsplit(seen[number]).netloc != urlsplit(url).netloc:
        number = _stable(url)
    if number in seen:
        harvest.repeated += 1
        return
    seen[number] = url
    harvest.products.append(found.product | {"product_id": number})
    harvest.reviews += [review | {"product_id": number} for review in found.reviews]
    harvest.unrated += found.unrated
    if found.currency:
        harvest.currencies[found.currency] += 1


# --- which product --------------------------------------------------------------------------------


def _about(candidates: Sequence[Node], page: Selector, url: str) -> Node | str:
    """The product the page is about, its JSON-LD and microdata together, or why there is none."""
    by_name: dict[str, list[Node]] = {}
    for node in candidates:
        if name := squeeze(text(node.get("name"))):
            by_name.setdefault(name, []).append(node)
    if not by_name:
        return "schema.org의 Product가 없어요."
    if len(by_name) > 1:
        own = {name: same for name, same in by_name.items() if _is_own(name, same, page, url)}
        by_name = own if len(own) == 1 else {}
    if not by_name:
        return "제품이 여럿이라 어느 것의 페이지인지 알 수 없어요."
    (same,) = by_name.values()
    merged: dict[str, Any] = {}
    for node in same:
        merged |= {name: value for name, value in node.items() if name not in merged}
    return merged


def _is_own(name: str, same: Sequence[Node], page: Selector, url: str) -> bool:
    here = {_bare(url), _bare(_canonical(page, url))}
    told = [text(node.get(key)) for node in same for key in ("url", "@id")]
    if any(place and _bare(urljoin(url, place)) in here for place in told):
        return True
    title = page.xpath('//meta[@property="og:title"]/@content').get("")
    return squeeze(title) == name


def _bare(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path.rstrip('/')}?{parts.query}"


def _canonical(page: Selector, url: str) -> str:
    """The page's address as it calls itself, where that is its own host's; without marks that
    only count who came."""
    told = urljoin(url, page.xpath('//link[@rel="canonical"]/@href').get("").strip() or url)
    place = told if urlsplit(told).netloc == urlsplit(url).netloc else url
    marks = [key for key in re.findall(r"[?&]([^=&#]+)", place) if _TRACKING.match(key)]
    return url_query_cleaner(place, marks, remove=True) if marks else place.partition("#")[0]


# --- its fields -----------------------------------------------------------------------------------


def _page(product: Node, found: Sequence[Node], page: Selector, url: str) -> Page:
    place = _canonical(page, url)
    number = next((n for key in _NUMBERS if (n := text(product.get(key)))), "") or _stable(place)
    price, currency = _price(product)
    reviews, unrated = _reviews(product, found, number)
    rating = next(iter(children(product, "aggregateRating")), {})
    row = {
        "product_id": number,
        "brand": text(product.get("brand")) or text(product.get("manufacturer")),
        "name": text(product.get("name")),
        "category": _category(product, found),
        "price": price,
        "volume": _contents(product, page),
        "ingredients": _ingredients(product, page),
        "picture": _picture(product, url),
        "url": place,
        "on_sale": _on_sale(product),
        "rating": _stars(rating) or "",
        "ratings": text(rating.get("ratingCount")) or text(rating.get("reviewCount")),
    }
    return Page(row, reviews, currency, unrated)


def _stable(url: str) -> str:
    return "page-" + hashlib.sha256(_bare(url).encode()).hexdigest()[:16]


def _price(product: Node) -> tuple[str, str]:
    """The lowest price in won, and what it is in where it is not won."""
    told = [price for offer in _offers(product) for price in _prices(offer)]
    won = [price for price, currency in told if currency == "KRW" and price]
    if won:
        return str(min(won)), ""
    return "", next((currency for _, currency in told if currency != "KRW"), "")


def _offers(product: Node) -> list[Node]:
    """Offers, those within an AggregateOffer beside it; those of its variants where it has none."""
    found = []
    for offer in children(product, "offers"):
        found += [offer, *children(offer, "offers")]
    for variant in children(product, "hasVariant") if not found else ():
        found += children(variant, "offers")
    return found


def _prices(offer: Node) -> list[tuple[int | None, str]]:
    """What is paid: not a list price that is struck through, nor the price of 100 ml."""
    paid = [offer]
    for one in children(offer, "priceSpecification"):
        if not _LISTED.search(text(one.get("priceType"))) and "referenceQuantity" not in one:
            paid.append(one)
    currency = next((c for one in paid if (c := text(one.get("priceCurrency")).upper())), "")
    told = [t for one in paid for key in ("price", "lowPrice") if (t := text(one.get(key)))]
    return [
        (names.price(amount), currency or ("KRW" if _WON.search(amount) else "?"))
        for amount in told[:1]
    ]


def _on_sale(product: Node) -> str:
    told = [re.split(r"[/#:]", text(o.get("availability")))[-1] for o in _offers(product)]
    told = [word for word in told if word]
    return "" if not told else "false" if all(word in _SOLD for word in told) else "true"


def _picture(product: Node, url: str) -> str:
    for one in listed(product.get("image")):
        told = text(one.get("url") or one.get("contentUrl")) if isinstance(one, dict) else text(one)
        place = urljoin(url, told) if told else ""
        if urlsplit(place).scheme in ("http", "https"):
            return place
    return ""


def _category(product: Node, found: Sequence[Node]) -> str:
    """The last step of «뷰티 > 스킨케어 > 크림», or of the page's crumbs before the product."""
    if told := text(product.get("category")):
        return re.split(r"\s*[>›]\s*", told)[-1]
    name = squeeze(text(product.get("name")))
    for crumbs in of_kind(found, "BreadcrumbList"):
        steps = [
            text(one.get("name")) or text(one.get("item"))
            for one in children(crumbs, "itemListElement")
        ]
        steps = [step for step in steps if step and squeeze(step) != name and "://" not in step]
        if len(steps) > 1:
            return steps[-1]
    return ""


def _ingredients(product: Node, page: Selector) -> str:
    told = [*_properties(product, _FORMULA), *(_whole(product.get(k)) for k in ("ingredients",))]
    return _first_told([*told, *_disclosed(page, _FORMULA)])


def _contents(product: Node, page: Selector) -> str:
    told = [*_properties(product, _CONTENTS), *_quantities(product)]
    return _first_told([*told, *(names.volume(cell) or "" for cell in _disclosed(page, _CONTENTS))])


def _properties(product: Node, heading: re.Pattern[str]) -> list[str]:
    return [
        _whole(one.get("value"))
        for one in children(product, "additionalProperty")
        if heading.search(squeeze(text(one.get("name")) or text(one.get("propertyID"))))
    ]


def _whole(value: object) -> str:
    """All of a property's values: a list of ingredients may be one."""
    return ", ".join(filter(None, (text(one) for one in listed(value))))


def _quantities(product: Node) -> list[str]:
    """«50 ml» of `size` and `weight`; a weight in kilograms is the parcel's."""
    units = {"MLT": "ml", "GRM": "g", "LTR": "L"}
    found = []
    for one in (value for key in ("size", "weight") for value in listed(product.get(key))):
        if isinstance(one, dict):
            unit = text(one.get("unitCode")) or text(one.get("unitText"))
            told = f"{text(one.get('value'))}{units.get(unit.upper(), unit)}"
        else:
            told = text(one)
        found.append(names.volume(told) or "")
    return found


def _disclosed(page: Selector, heading: re.Pattern[str]) -> list[str]:
    """Cells beside a heading of that kind, in tables and lists of definitions."""
    found = []
    for cell in page.xpath("//th | //dt | //td[following-sibling::td]"):
        title = squeeze(cell.xpath("string()").get("")[:200])
        if len(title) <= 60 and heading.search(title):
            beside = cell.xpath("following-sibling::*[self::td or self::dd][1]")
            found += [" ".join(one.xpath("string()").get("").split()) for one in beside]
    return found


def _first_told(cells: Iterable[str]) -> str:
    """«상세페이지 참조» tells nothing."""
    return next((cell for cell in cells if cell and not (len(cell) < 60 and _SEE.search(cell))), "")


# --- reviews --------------------------------------------------------------------------------------


def _reviews(
    product: Node, found: Sequence[Node], number: str
) -> tuple[tuple[dict[str, str], ...], int]:
    """Those within the product, and those beside it that say they are of it."""
    name = squeeze(text(product.get("name")))
    beside = [
        node
        for node in of_kind(found, "Review")
        if any(squeeze(text(one.get("name"))) == name for one in children(node, "itemReviewed"))
    ]
    told = [*children(product, "review", "reviews"), *beside]
    rows = [_review(node, number) for node in told if not kinds(node) or "Review" in kinds(node)]
    rated = [row for row in rows if row["rating"]]
    return tuple({tuple(row.values()): row for row in rated}.values()), len(rows) - len(rated)


def _review(node: Node, number: str) -> dict[str, str]:
    rating = node.get("reviewRating")
    body = next((t for key in ("reviewBody", "description") if (t := text(node.get(key)))), "")
    return {
        "product_id": number,
        "reviewer": mask(text(node.get("author"))),
        "rating": _stars(rating if isinstance(rating, dict) else {"ratingValue": rating}) or "",
        "text": mask(body),
        "date": (text(node.get("datePublished")) or text(node.get("dateCreated"))).split("T")[0],
    }


def _stars(rating: Node) -> str | None:
    """In [1, 5]: the scale from worst to best, 1 to 5 where it is not told, is stretched to it."""
    try:
        value, worst, best = (
            float(text(rating.get(key)).replace(",", ".") or default)
            for key, default in (("ratingValue", "nan"), ("worstRating", "1"), ("bestRating", "5"))
        )
    except ValueError:
        return None
    if not (worst <= value <= best and worst < best):  # nan is neither
        return None
    return f"{1 + 4 * (value - worst) / (best - worst):.3g}"
