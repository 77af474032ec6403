"""Which product each figure of a sentence is told of, and which of two it sets above the other."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from engine.domain import Effect, Passage, SkinType
from engine.generation.checks import numbers
from engine.generation.facts import ProductFacts, ReviewFacts
from engine.parsing.korean import squeeze

SIGN: Final = "◈"
"""Stands for a product's name."""
_SKINS: Final = re.compile("|".join(sorted((one.value for one in SkinType), key=len, reverse=True)))
_IN_TURN: Final = re.compile(r"차례로|각각|순서대로|순으로|순이")
_JOINED: Final = re.compile(r"\s*(?:[,·/]|와|과|이랑|랑|하고|및|그리고)?\s*")
_APART: Final = re.compile(
    r"^\S*\s*(?:만큼\s*|정도\s*|씩\s*)?(?:더|차이|비싸|저렴|싸|높|낮|많|적|덜)"
)
_UNITS: Final = ("won", "points", "count", "volume", "")
_EVEN: Final = re.compile(r"같[아은다]|비슷|똑같|차이\S{0,2}\s*(?:없|거의)|않|아니")
_MORE: Final = re.compile(r"더\s|더욱|훨씬|가장|제일|조금\s|살짝\s|약간\s|쪽이")
_UP: Final = r"(?:높|많|크|커[요서]|큰|넉넉|좋|우수)"
_DOWN: Final = r"(?:낮|적[어은다고]|작[아은다고]|덜|모자라)"
_MANY: Final = re.compile(r"많|적[어은다고]")
_ALIKE: Final = re.compile(
    r"똑같이|나란히|(?:둘|셋)\s*다\s|(?:두|세)\s*(?:제품|가지)\s*(?:모두|다)\s"
)
_EFFECTS: Final[Mapping[Effect, str]] = {
    Effect.MOISTURE: r"보습|촉촉",
    Effect.SOOTHING: r"진정",
    Effect.AGEING: r"주름|미백|탄력",
}

Value = Callable[[str, "_Facts"], float | None]


@dataclass(frozen=True, slots=True)
class Mention:
    start: int
    """In the signed sentence."""
    title: str
    """Squeezed."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A sentence with one sign for each product of those shown."""

    text: str
    mentions: tuple[Mention, ...]


@dataclass(frozen=True, slots=True)
class _Facts:
    products: Mapping[str, ProductFacts]
    reviews: Mapping[str, ReviewFacts]


def signed(sentence: str, passages: Sequence[Passage]) -> Signed:
    """Products by their title, by it without the brand, or by a brand that one alone has."""
    names = _spellings(passages)
    if not names:
        return Signed(sentence, ())
    longest = sorted(names, key=len, reverse=True)
    either = "|".join(r"\s*".join(map(re.escape, one)) for one in longest)
    said = re.compile(rf"(?<![가-힣])(?:{either})")
    text, mentions, at = "", [], 0
    for found in said.finditer(sentence):
        text += sentence[at : found.start()]
        mentions.append(Mention(len(text), names[squeeze(found[0])]))
        text, at = text + SIGN, found.end()
    return Signed(text + sentence[at:], tuple(mentions))


def _spellings(passages: Sequence[Passage]) -> dict[str, str]:
    titles = {one.title for one in passages if one.kind.value in ("product", "reviews")}
    names: dict[str, str] = {}
    for title in titles:
        brand, _, bare = title.partition(" ")
        names |= {squeeze(one): squeeze(title) for one in (title, bare) if len(squeeze(one)) > 2}
        if sum(one.startswith(f"{brand} ") for one in titles) == 1 and len(brand) > 1:
            names.setdefault(squeeze(brand), squeeze(title))
    kinds = [title.split()[-1] for title in titles]
    for title, kind in zip(titles, kinds, strict=True):
        if len(titles) > 1 and kinds.count(kind) == 1:
            names.setdefault(squeeze(kind), squeeze(title))
    return names


# --- figures ------------------------------------------------------------------------------------


def misplaced(one: Signed, passages: Sequence[Passage], question: str) -> bool:
    """Whether a figure is told of the product named before it where it is another's."""
    texts: dict[str, list[str]] = {}
    for passage in passages:
        texts.setdefault(squeeze(passage.title), []).append(passage.text)
    if len(texts) < 2:
        return False
    if _ALIKE.search(one.text) and _not_of_all(one, texts, question):
        return True
    if not one.mentions:
        return False
    if _IN_TURN.search(one.text):
        return _turned_round(one, texts, question)
    return any(
        _is_anothers(figure, owners, texts, one.text, question) for figure, owners in _owned(one)
    )


def _not_of_all(one: Signed, texts: Mapping[str, Sequence[str]], question: str) -> bool:
    """«두 제품 점수가 똑같이 4.8점» where one alone has it."""
    titles = {mention.title for mention in one.mentions}
    told = [given for title, given in texts.items() if not titles or title in titles]
    for figure, _ in numbers.placed(one.text):
        fits = partial(_fits, figure, sentence=one.text, question=question)
        found = [any(fits(text) for text in given) for given in told]
        if figure.unit in ("won", "points", "volume") and any(found) and not all(found):
            return not _one_kind(told)
    return False


def _one_kind(told: Sequence[Sequence[str]]) -> bool:
    """Of one product the card alone is shown, of another the reviews: nothing can be set so."""
    carded = [any("가격: " in text for text in given) for given in told]
    return not all(carded) and any(carded)


def _owned(one: Signed) -> Iterator[tuple[numbers.Figure, Sequence[str]]]:
    """Each figure with the products it may be of: of two named together, in their order where
    as many figures follow."""
    for start, end, owners in _segments(one):
        found = [
            figure
            for figure, place in numbers.placed(one.text)
            if start <= place <= end
            and figure.unit in _UNITS
            and not _APART.match(one.text[place:])
        ]
        units = {figure.unit for figure in found}
        in_order = len(owners) > 1 and len(units) == 1 and len(found) == len(owners)
        for at, figure in enumerate(found):
            yield figure, (owners[at],) if in_order else owners


def _segments(one: Signed) -> Iterator[tuple[int, int, Sequence[str]]]:
    groups: list[tuple[int, int, list[str]]] = []
    for mention in one.mentions:
        between = one.text[groups[-1][1] : mention.start] if groups else "."
        if groups and _JOINED.fullmatch(between):
            start, _, titles = groups[-1]
            groups[-1] = (start, mention.start + 1, [*titles, mention.title])
        else:
            groups.append((mention.start, mention.start + 1, [mention.title]))
    for at, (_, end, titles) in enumerate(groups):
        begins = 0 if at == 0 and len(groups) == 1 else end
        ends = groups[at + 1][0] if at + 1 < len(groups) else len(one.text)
        if at + 1 < len(groups) and one.text[end : end + 3].lstrip("의").startswith("보다"):
            continue
        yield begins, ends, titles


def _turned_round(one: Signed, texts: Mapping[str, Sequence[str]], question: str) -> bool:
    """«A와 B는 각각 3.7점과 3.8점»: the figures in the order of the names."""
    titles = list(dict.fromkeys(mention.title for mention in one.mentions))
    found = [figure for figure, _ in numbers.placed(one.text) if figure.unit in _UNITS]
    if len(found) != len(titles) or len({figure.unit for figure in found}) != 1:
        return False
    return any(
        _is_anothers(figure, [title], texts, one.text, question)
        for figure, title in zip(found, titles, strict=True)
    )


def _is_anothers(
    figure: numbers.Figure,
    owners: Sequence[str],
    texts: Mapping[str, Sequence[str]],
    sentence: str,
    question: str,
) -> bool:
    fits = partial(_fits, figure, sentence=sentence, question=question)
    own = any(fits(text) for title in owners for text in texts.get(title, ()))
    others = (text for title, given in texts.items() if title not in owners for text in given)
    return not own and any(fits(text) for text in others)


def _fits(figure: numbers.Figure, text: str, *, sentence: str, question: str) -> bool:
    skins = figure.skins or frozenset(_SKINS.findall(sentence)[:1])
    asked = frozenset(_SKINS.findall(question))
    for known in numbers.told(text):
        if not figure.is_told_by(known) or not figure.agrees(known):
            continue
        if figure.unit != "points":
            return True
        if (skins & known.skins) or (not skins and (not known.skins or known.skins & asked)):
            return True
    return False


# --- one against the other ----------------------------------------------------------------------


def compared(
    one: Signed, products: Sequence[ProductFacts], reviews: Sequence[ReviewFacts]
) -> Iterator[bool]:
    """Of «A가 B보다 …» and of «A가 더 …» where two are shown: whether it is so."""
    facts = _Facts(
        {squeeze(each.title): each for each in products},
        {squeeze(each.title): each for each in reviews},
    )
    pair = _pair(one, list(dict.fromkeys((*facts.products, *facts.reviews))))
    if pair is None or _EVEN.search(one.text):
        return
    for values, up in _measures(one.text):
        found = [_difference(value, pair, facts) for value in values]
        known = [each for each in found if each is not None]
        if known:
            yield any(each > 0 if up else each < 0 for each in known)


def _pair(one: Signed, titles: Sequence[str]) -> tuple[str, str] | None:
    """The one that is set above or below, and the other."""
    named = list(dict.fromkeys(mention.title for mention in one.mentions))
    than = re.search(rf"{SIGN}(?:의\s*\S+?|\s*쪽)?\s*보다", one.text)
    if than is not None and len(named) == 2:
        less = next(each.title for each in one.mentions if each.start == than.start())
        return next(each for each in named if each != less), less
    if than is not None and len(named) == 1 and len(titles) == 2:
        return next(each for each in titles if each != named[0]), named[0]
    if not named or len(titles) != 2 or not _MORE.search(one.text):
        return None
    place = _MORE.search(one.text)
    if place is None:
        return None
    before = [each.title for each in one.mentions if each.start < place.start()]
    if not before:
        return None
    subject = before[-1]
    return subject, next(each for each in titles if each != subject)


def _difference(value: Value, pair: tuple[str, str], facts: _Facts) -> float | None:
    one, other = (value(title, facts) for title in pair)
    return None if one is None or other is None else one - other


def _measures(text: str) -> Iterator[tuple[list[Value], bool]]:
    """What is compared, each by one or more counts, and whether more of it is meant."""
    last = text[text.rfind(SIGN) :] if SIGN in text else text
    up, down = re.search(_UP, last) is not None, re.search(_DOWN, last) is not None
    skin = _SKINS.search(text)
    if re.search(r"비싸|비싼|비쌉", text):
        yield [_price], re.search(r"덜\s*비", text) is None
        return
    if re.search(r"저렴|(?<!비)싸[요고며다]|(?<!비)싼", text):
        yield [_price], False
        return
    if re.search(r"순하|순한(?!\s*정도)|순해|순함|자극", text):
        yield from _gentler(text, skin)
        return
    effects = [name for name, said in _EFFECTS.items() if re.search(said, text)]
    if effects and up != down and re.search(r"리뷰|후기|말|효과|분", text):
        yield [partial(_effect, effects[0])], up
        return
    if skin is not None:
        if re.search(r"높|만족|맞|좋|어울|추천|낫|나아", last):
            yield [partial(_skin_rating, SkinType(skin[0]))], True
        elif re.search(r"평점|점수|별점|점", text) and down:
            yield [partial(_skin_rating, SkinType(skin[0]))], False
        return
    if up == down:
        return
    if re.search(r"가격|값", text):
        yield [_price], up
    elif re.search(r"용량|ml|(?<![가-힣])양[이은도]", text):
        yield [_volume], up
    elif re.search(r"평점|점수|별점|\d점", text):
        yield [_rating], up
    elif re.search(r"(?<!다는 )(?<!말한 )(?:리뷰|후기)\S{0,2}", text) and _MANY.search(last):
        yield [_reviewed], up


def _gentler(text: str, skin: re.Match[str] | None) -> Iterator[tuple[list[Value], bool]]:
    gentle = re.search(r"순하|순한(?!\s*정도)|순해|순함|자극\S*\s*(?:더\s*)?(?:덜|적|없)", text)
    less = re.search(r"덜\s*순|순\S*\s*(?:\S+\s)?(?:적[어은]|낮)", text)
    if skin is None and (gentle or re.search(r"자극\S*\s*(?:\S+\s){0,3}(?:많|강|심)", text)):
        up = gentle is not None and less is None
        yield ([_gentle_share, _gentle_count] if gentle else [_gentle_share]), up


def _price(title: str, facts: _Facts) -> float | None:
    return facts.products[title].price if title in facts.products else None


def _volume(title: str, facts: _Facts) -> float | None:
    written = facts.products[title].volume if title in facts.products else None
    number = re.match(r"\d+(?:\.\d+)?", written or "")
    return float(number[0]) if number else None


def _rating(title: str, facts: _Facts) -> float | None:
    if title in facts.reviews:
        return facts.reviews[title].rating
    return facts.products[title].rating if title in facts.products else None


def _reviewed(title: str, facts: _Facts) -> float | None:
    either = facts.reviews.get(title) or facts.products.get(title)
    return either.reviews if either else None


def _gentle_count(title: str, facts: _Facts) -> float | None:
    one = facts.reviews.get(title)
    return one.gentle if one and one.told else None


def _gentle_share(title: str, facts: _Facts) -> float | None:
    one = facts.reviews.get(title)
    return one.gentle / one.told if one and one.told else None


def _effect(effect: Effect, title: str, facts: _Facts) -> float | None:
    one = facts.reviews.get(title)
    return one.effects.get(effect, 0) if one else None


def _skin_rating(skin: SkinType, title: str, facts: _Facts) -> float | None:
    one = facts.reviews.get(title)
    return one.skins[skin].rating if one and skin in one.skins else None
