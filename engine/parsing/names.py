"""Product names without their promotions and sizes, volumes and prices as labels write them."""

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from engine.parsing.korean import squeeze

# --- the parts of a name that are no name ---------------------------------------------------------

_NUMBER: Final = r"\d+(?:,\d{3})*(?:\.\d+)?"
_UNIT: Final = (
    r"(?:ml|㎖|mg|㎎|kg|㎏|fl\.?\s?oz|oz|ea|pcs?|매입|개입|매|개|장|입|정|캡슐|포|팩|g|l|p|cc)"
)
_AMOUNT: Final = rf"{_NUMBER}\s?{_UNIT}(?![a-z가-힣])"
_TIMES: Final = r"\s?[x*×]\s?"
_MEASURE: Final = (
    rf"(?:{_NUMBER}{_TIMES})?{_AMOUNT}(?:{_TIMES}{_NUMBER}(?:\s?{_UNIT}(?![a-z가-힣]))?)*"
)
_SIZE: Final = re.compile(rf"(?<![\d.,a-z+]){_MEASURE}(?:\s?[+/&]\s?{_MEASURE})*", re.IGNORECASE)
_SET: Final = (
    r"(?:(?:더블|듀오|트리플|단독|한정|특별|스페셜|대용량|올영|미니|점보)?\s?"
    r"(?:기획(?:세트|팩|상품)?|증정(?:품|기획)?|본품|리필(?:팩|용)?|사은품|단품)"
    r"|\d\s?\+\s?\d|택\s?\d)"
)
_SET_WORD: Final = re.compile(_SET)
_TAIL_WORD: Final = re.compile(
    rf"{_SET}|세트|단독|한정(?:판|수량)?|대용량|증량|리뉴얼|단종|품절|[+/&,|:·-]+"
)
"""Words that go from a name's end, not from its middle."""
_QUALIFIER: Final = re.compile(
    r"더블|듀오|트리플|단독|한정|특별|스페셜|대용량|올영|미니|점보|[+/&]"
)
"""Words that go when a set word behind them went."""
_PROMOTION: Final = re.compile(
    rf"{_SET}|이벤트|세일|할인|특가|신상|신제품|단독|한정|에디션|리뉴얼|쿠폰|무료|단종|품절"
    r"|재입고|대용량|증량|옵션|예약|콜라보|컬래버|어워[즈드]|랭킹|\d위|임박|유통기한|올영|세트"
    r"|(?<![a-z])(?:new|best|hot|only|pick|sale|event|md)(?![a-z])|[^\s]픽(?![가-힣])",
    re.IGNORECASE,
)
_FOR_WHOM: Final = re.compile(r"(?:용|타입|케어|피부|spf.*|pa\++.*)$", re.IGNORECASE)
_TAG: Final = re.compile(r"\[[^\[\]]*\]|【[^【】]*】")
_ROUND: Final = re.compile(r"\([^()]*\)")
_MARKS: Final = re.compile(r"[®™©℠]")


def product_name(raw: str, brand: str = "") -> str:
    """The name without promotion tags and sizes.

    «[1+1/리뷰이벤트] 라운드 그린 토너 80ml 기획 (+30ml)» → «라운드 그린 토너». A tag that says
    whom it is for («[모공 케어]», «[SPF50+]») stays, and so does a tag that is the brand. A step
    that would leave no letter or digit is left out, so a name is never emptied. Idempotent: the
    steps are repeated until nothing changes.
    """
    name = _spaced(raw)
    while (shorter := _pass(name, brand)) != name:
        name = shorter
    return name


def _pass(name: str, brand: str) -> str:
    for step in _STEPS:
        name = _kept(step, name, brand)
    return name


def _kept(step: Callable[[str, str], str], name: str, brand: str) -> str:
    """The step's result, or the name as it was where nothing readable would be left."""
    shorter = _spaced(step(name, brand))
    return shorter if squeeze(shorter) or (shorter and not squeeze(name)) else name


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _normal(name: str, brand: str) -> str:
    return unicodedata.normalize("NFKC", _MARKS.sub("", name))


def _without_tags(name: str, brand: str) -> str:
    """Square brackets: before the name all but those for somebody, elsewhere promotions only."""

    def kept(tag: re.Match[str]) -> str:
        inside = tag[0][1:-1].strip()
        if brand and squeeze(inside) == squeeze(brand):
            return f" {inside} "
        leads = not squeeze(_TAG.sub("", name[: tag.start()]))
        promotes = bool(_PROMOTION.search(inside)) or not squeeze(_SIZE.sub("", inside))
        goes = promotes or (leads and not _FOR_WHOM.search(inside))
        return " " if goes else tag[0]

    return _TAG.sub(kept, name)


def _without_notes(name: str, brand: str) -> str:
    """Round brackets go where they hold a size or a promotion, and nothing else matters."""

    def kept(note: re.Match[str]) -> str:
        inside = note[0][1:-1]
        empty = not squeeze(_SIZE.sub("", inside))
        return " " if empty or _PROMOTION.search(inside) else note[0]

    return _ROUND.sub(kept, name)


def _without_size(name: str, brand: str) -> str:
    return _SIZE.sub(" ", name)


def _without_sets(name: str, brand: str) -> str:
    """Cut at the first set word that follows a name: what comes behind it is the extra."""
    words = re.sub(rf"\s*\+\s*(?={_SET})", " ", name).split()
    for place, word in enumerate(words):
        if place and _SET_WORD.match(word) and _is_set(word):
            return " ".join(_without_end(words[:place], _QUALIFIER))
    return name


def _is_set(word: str) -> bool:
    """«기획», «본품+리필», «증정)»; not «리필형»."""
    return all(_TAIL_WORD.fullmatch(part) for part in re.split(r"(?<!\d)\+|[/&,)]", word) if part)


def _without_tail(name: str, brand: str) -> str:
    """Set words, discontinuations and left-over joints at the end; «2종 세트» is a product."""
    words = name.split()
    if len(words) > 1 and words[-1] == "세트" and re.search(r"\d종$", words[-2]):
        return name
    kept = " ".join(_without_end(words, _TAIL_WORD))
    return re.sub(r"(?:(?<=\s)[+&·]|[,/|:]|(?<=\s)-)+\s*$", "", kept)


def _without_end(words: list[str], pattern: re.Pattern[str]) -> list[str]:
    while len(words) > 1 and pattern.fullmatch(words[-1]):
        words = words[:-1]
    return words


def _without_head(name: str, brand: str) -> str:
    """Joints and set words before the name."""
    bare = re.sub(r"^(?:[+&·,/|:]|-(?=\s))+\s*", "", name)
    first, _, rest = bare.partition(" ")
    return rest if _SET_WORD.fullmatch(first) else bare


def _brand_once(name: str, brand: str) -> str:
    """«라운드 라운드 토너» of the brand «라운드» → «라운드 토너»."""
    twice = f"{brand} {brand} "
    return name.removeprefix(f"{brand} ") if brand and name.startswith(twice) else name


def telling_tags(raw: str) -> tuple[str, ...]:
    """What stands in the square brackets that neither promote nor tell a size: «[리치]», «[로즈]».

    `product_name` takes some of them off; they may be all that tells two products apart.
    """
    inside = (tag[1:-1].strip() for tag in _TAG.findall(unicodedata.normalize("NFKC", raw)))
    return tuple(
        tag for tag in inside if squeeze(_SIZE.sub("", tag)) and not _PROMOTION.search(tag)
    )


def product_key(name: str, brand: str = "") -> str:
    """What two writings of one product's name share: «[1+1] 새벽숲 이슬 크림 80ml» and «이슬
    크림» of the brand «새벽숲» are «새벽숲이슬크림».

    Empty where the name says nothing; without a brand the name alone.
    """
    maker, bare = squeeze(brand), squeeze(product_name(name, brand))
    while maker and bare.startswith(maker) and bare != maker:
        bare = bare.removeprefix(maker)
    return maker + bare if bare else ""


_STEPS: Final = (
    _normal,
    _without_tags,
    _without_notes,
    _without_size,
    _without_sets,
    _without_tail,
    _without_head,
    _brand_once,
)

# --- volumes and prices ---------------------------------------------------------------------------

_WON: Final = re.compile(r"[₩\\]?\s*(\d{1,3}(?:,\d{3})+|\d+)(?:\.0+)?\s*(?:원|won|krw)?", re.I)
_GLUED: Final = re.compile(r"(?P<volume>.*?)(?P<price>\d{1,3}(?:,\d{3})+|\d+)\s*원\s*", re.DOTALL)
_COUNTED: Final = re.compile(
    r"(?P<volume>.*[*x×]\s?)(?P<times>\d+?)(?P<price>[1-9]\d{0,2}(?:,\d{3})+)\s*원\s*", re.I
)
"""«50ml*234,900원»: a multiplier without a unit stands before the price."""


def volume(raw: object) -> str | None:
    """The first size in the text, as the label writes it but without blanks: «80ml», «18ml*4매»."""
    if not isinstance(raw, str):
        return None
    match = _SIZE.search(unicodedata.normalize("NFKC", raw))
    return re.sub(r"\s", "", match[0]) if match else None


def price(raw: object) -> int | None:
    """Won: «19,000원», «₩19,000», 19000.0; None where there is no one price or it is negative."""
    if isinstance(raw, bool) or raw is None:
        return None
    if isinstance(raw, int | float):
        return int(raw) if raw >= 0 and raw == int(raw) else None  # nan fails the first test
    match = _WON.fullmatch(unicodedata.normalize("NFKC", str(raw)).strip())
    return int(match[1].replace(",", "")) if match else None


def volume_and_price(raw: object) -> tuple[str | None, int | None]:
    """A volume and a price that were glued together: «180ml19,000원» → («180ml», 19000).

    In «50ml*234,900원» the multiplier is the shortest number above 1 that leaves a price: 2 of
    34,900. «-13,000원» has no volume.
    """
    text = unicodedata.normalize("NFKC", raw).strip() if isinstance(raw, str) else ""
    match = _multiplied(text) or _plain(text)
    if match is None:
        return volume(text), None
    amount, won = match
    return re.sub(r"\s", "", amount).strip("-") or None, price(won)


def _multiplied(text: str) -> tuple[str, str] | None:
    match = _COUNTED.fullmatch(text)
    if match is None:
        return None
    digits = match["times"] + match["price"].split(",")[0]
    thousands = match["price"].split(",", 1)[1]
    for cut in range(1, len(digits)):
        times, lead = digits[:cut], digits[cut:]
        if int(times) > 1 and lead[0] != "0" and len(lead) <= 3:
            return match["volume"] + times, f"{lead},{thousands}"
    return None


def _plain(text: str) -> tuple[str, str] | None:
    match = _GLUED.fullmatch(text)
    return (match["volume"], match["price"]) if match else None
