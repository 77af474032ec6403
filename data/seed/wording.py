"""The text of a review: one to three sentences that are true of the row."""

import re
from collections.abc import Mapping, Sequence
from random import Random

from label import EFFECTS, IRRITANTS, MEMBERS, RICHNESS, Item, form
from phrases import (
    AGAIN,
    ALCOHOL,
    AROMA,
    AROMAS,
    CHEAP,
    DEAR,
    DONE,
    DULL,
    FAIR,
    FEEL,
    FIRST,
    GENTLE,
    HEAVY,
    ITCH,
    LARGE,
    MATTE,
    PACK,
    PLAIN,
    PRICKLE,
    REEK,
    SLOW,
    SMALL,
    SMOOTH,
    SPOKEN,
    STING,
    TERMS,
    THIN,
    UNDONE,
    UNSAID,
    USE,
    VERDICT,
    WHILE,
    WHY,
)
from shoppers import Row, one_of, promise

FINALS: Mapping[str, Sequence[str]] = {
    "은": "은는",
    "이": "이가",
    "을": "을를",
    "과": "과와",
    "이에요": ("이에요", "예요"),
}
DIGITS_WITH_FINAL = "013678"


def particle(word: str, kind: str) -> str:
    """`word` with 은/는, 이/가, 을/를, 과/와 or 이에요/예요 after it."""
    last = word[-1]
    if last.isdigit():
        closed = last in DIGITS_WITH_FINAL
    elif "가" <= last <= "힣":
        closed = (ord(last) - ord("가")) % 28 > 0
    else:
        closed = last.upper() in "LMNR"
    return word + FINALS[kind][0 if closed else 1]


def spoken(name: str) -> str:
    return SPOKEN.get(name, name)


def notable(item: Item) -> list[str]:
    """Spoken names of what the product is bought for, from its strongest groups."""
    strong = [
        group
        for group, share in item.groups.items()
        if share >= 0.5 and group not in ("향", "오일")
    ]
    if item.texture in ("오일", "꾸덕") or not strong:
        strong.append("오일")
    names = [name for group in strong for name in MEMBERS[group]]
    held = [spoken(name) for name in names if item.has(name) and name not in UNSAID]
    return list(dict.fromkeys(held))


def cause(rng: Random, row: Row) -> str | None:
    """Spoken name of an ingredient that may well stand behind the effect."""
    groups = EFFECTS.get(row.effect, {})
    behind = {
        spoken(name) for group, weight in groups.items() if weight >= 0.6 for name in MEMBERS[group]
    }
    likely = [name for name in notable(row.item) if name in behind]
    return rng.choice(likely) if likely else None


def worst_irritant(item: Item) -> str | None:
    held = [name for name in item.ingredients if IRRITANTS.get(name, 0) >= 0.5]
    return spoken(max(held, key=lambda name: IRRITANTS[name])) if held else None


def slots(rng: Random, row: Row) -> dict[str, str | None]:
    """What may stand in a phrase; None where this product has nothing of the kind."""
    names = notable(row.item)
    pair = rng.sample(names, min(2, len(names)))
    aromas = [aroma for oil, aroma in AROMAS.items() if row.item.has(oil)]
    warm = RICHNESS[row.item.texture] < 0.3
    price = row.item.price
    return {
        "skin": row.person.skin,
        "it": row.item.noun,
        "name": row.item.name,
        "brand": row.item.brand,
        "ing": pair[0] if pair else None,
        "ing2": pair[1] if len(pair) > 1 else None,
        "cause": cause(rng, row),
        "irr": worst_irritant(row.item),
        "aroma": aromas[0] if aromas else None,
        "term": rng.choice(TERMS),
        "season": rng.choice(("봄", "여름", "초가을") if warm else ("가을", "겨울", "환절기")),
        "volume": str(row.item.volume),
        "price": f"{price // 10000}만 " if price >= 10000 else f"{price // 1000}천 ",
        "me": "나" if row.person.casual else "저",
    }


SLOT = re.compile(r"\{(\w+)(?:/(\w+))?\}")


def filled(template: str, values: Mapping[str, str | None]) -> str:
    def put(found: re.Match[str]) -> str:
        word = values[found[1]] or ""
        return particle(word, found[2]) if found[2] else word

    return SLOT.sub(put, template)


def fits(template: str, values: Mapping[str, str | None]) -> bool:
    return all(values[slot] is not None for slot, _ in SLOT.findall(template))


def casual(sentence: str) -> str:
    """해요체 → 반말."""
    body = sentence[:-1]
    for polite, plain in (("이에요", "이야"), ("예요", "야"), ("요", "")):
        if body.endswith(polite):
            return body.removesuffix(polite) + plain + sentence[-1]
    return sentence


Aspect = tuple[str, float, tuple[str, ...]]
"""Its name, its weight, and the phrases that say it."""


def good_points(row: Row) -> list[Aspect]:
    """What this row allows a reviewer to praise."""
    item, skin = row.item, row.person.skin
    oily = skin in ("지성", "복합성")
    points: list[tuple[bool, Aspect]] = [
        (True, ("feel", 2.0, FEEL[item.texture])),
        (bool(row.effect), ("effect", 5.0, done(row))),
        (row.irritation == "순해요", ("irritation", 1.6, GENTLE)),
        (row.irritation == "보통", ("irritation", 0.4, FAIR)),
        (item.groups["산"] > 0, ("polish", 1.5, SMOOTH)),
        (oily and item.groups["산"] + item.groups["허브"] > 0.5, ("sebum", 1.2, MATTE)),
        (item.groups["향"] > 0, ("scent", 0.9, AROMA)),
        (item.groups["향"] == 0, ("scent", 0.5, PLAIN)),
        (item.price <= 17000, ("price", 0.8, CHEAP)),
        (item.volume >= 200, ("volume", 0.6, LARGE)),
    ]
    return [aspect for allowed, aspect in points if allowed]


def done(row: Row) -> tuple[str, ...]:
    """How the effect shows; 주름·미백 by what the product holds."""
    if row.effect != "주름·미백":
        return DONE.get(row.effect, ())
    groups = row.item.groups
    kinds = {
        "탄력": groups["레티놀"] + groups["펩타이드"],
        "톤": groups["비타민"] + 0.3 * groups["산"],
        "윤기": groups["한방"] + groups["발효"] + 0.01,
    }
    return DONE[max(kinds, key=lambda kind: kinds[kind])]


def bad_points(row: Row) -> list[Aspect]:
    """What this row allows a reviewer to complain of; never empty."""
    item, skin, rich = row.item, row.person.skin, RICHNESS[row.item.texture]
    heavy = rich >= 0.4 if skin in ("지성", "복합성") else rich >= 0.9 and skin == "중성"
    thin = rich <= 0.25 and skin in ("건성", "악건성", "민감성") and row.effect != "보습"
    hoped = max(promise(item).items(), key=lambda pair: pair[1])[0]
    sting = PRICKLE if row.rating >= 4 else ITCH if row.rating == 3 else STING
    points: list[tuple[bool, Aspect]] = [
        (row.irritation == "자극", ("irritation", 12.0, sting)),
        (heavy, ("feel", 2.5, HEAVY)),
        (thin, ("feel", 2.5, THIN)),
        (not row.effect and row.rating <= 3, ("effect", 2.5, UNDONE[hoped])),
        (item.groups["향"] > 0, ("scent", 1.0, REEK)),
        (item.has("에탄올"), ("alcohol", 1.0, ALCOHOL)),
        (item.price >= 36000, ("price", 1.2, DEAR)),
        (item.volume <= 30, ("volume", 0.7, SMALL)),
        (bool(row.effect) and row.rating >= 3, ("pace", 1.0, SLOW)),
        (row.rating <= 2, ("dull", 1.2, DULL)),
        (True, ("pack", 0.4, PACK[form(item)])),
    ]
    return [aspect for allowed, aspect in points if allowed]


def background(row: Row) -> tuple[str, ...]:
    """How the reviewer came to it. Who soon gave up does not tell of months."""
    known = FIRST if row.first_of_brand else ()
    long = (*WHILE, *USE[form(row.item)]) if row.rating >= 3 else ()
    return (*WHY, *known, *long, *(AGAIN if row.rating >= 4 else ()))


PLANS: Mapping[int, tuple[str, ...]] = {
    # b background, v verdict, + praise, ! praise after «그래도», - complaint,
    # ~ complaint after «다만»
    5: ("b+v", "++v", "b++", "+v", "++", "v+", "+b+"),
    4: ("b+~", "+~", "++", "b+v", "+v", "++~", "++v", "b++"),
    3: ("+~", "+~v", "b-v", "-!", "-v", "b+~", "-!v"),
    2: ("b-v", "--v", "-v", "--"),
    1: ("b-v", "--v", "-v", "--"),
}


def compose(rng: Random, row: Row) -> str:
    """One to three sentences that are true of the row."""
    values = slots(rng, row)
    told: set[str] = set()
    sentences: list[str] = []

    def choose(bank: Sequence[str]) -> str:
        return filled(rng.choice([line for line in bank if fits(line, values)]), values)

    def point(points: list[Aspect], praise: bool) -> str | None:
        """A point of an aspect not told yet; None where there is none left."""
        fresh = {name: weight for name, weight, _ in points if name not in told}
        if not fresh:
            return None
        name = one_of(rng, fresh)
        told.add(name)
        line = choose(next(bank for aspect, _, bank in points if aspect == name))
        return led(rng, name, line, values) if praise else line

    for step in rng.choice(PLANS[row.rating]):
        match step:
            case "b":
                line: str | None = choose(background(row))
            case "v":
                line = choose(VERDICT[row.rating])
            case "+" | "!":
                line = point(good_points(row), praise=True)
            case _:
                line = point(bad_points(row), praise=False)
        turn = {"~": rng.choice(("다만 ", "그런데 ", "다만 ")), "!": "그래도 "}.get(step, "")
        sentences += [turn + line] if line else []
    if row.person.casual:
        sentences = [casual(line) for line in sentences]
    if row.rating == 5 and rng.random() < 0.25:
        sentences[-1] = sentences[-1][:-1] + "!"
    return " ".join(sentences)


def led(rng: Random, aspect: str, line: str, values: Mapping[str, str | None]) -> str:
    """The sentence, at times led by its subject, the skin or an ingredient."""
    chance = rng.random()
    if aspect == "feel" and chance < 0.3:
        return filled("이 {it/은} " if chance < 0.22 else "{name/은} ", values) + line
    if aspect == "effect" and chance < 0.3 and values["cause"]:
        lead = "{cause} 덕분인지 " if chance < 0.2 else "{cause/이} 들어서 그런지 "
        return filled(lead, values) + line
    if aspect in ("effect", "irritation") and chance > 0.85 and "피부" not in line:
        return filled("{skin} 피부인데 ", values) + line
    return line


def repeats(text: str, row: Row) -> bool:
    """Whether a word stands twice that a person would say once."""
    once = (row.person.skin, row.item.name, "때문인지", "그런지", "덕분인지", *notable(row.item))
    return any(text.count(word) > 1 for word in once)


def fresh_text(rng: Random, row: Row, seen: set[str]) -> str:
    """A text that nobody wrote yet; `seen` holds the letters of texts and is added to."""
    for _ in range(1000):
        text = compose(rng, row)
        key = "".join(filter(str.isalnum, text))
        if key not in seen and not repeats(text, row):
            seen.add(key)
            return text
    message = f"no new text for {row.item.id} by {row.person.name}"
    raise RuntimeError(message)
