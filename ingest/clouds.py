"""Word clouds of Korean nouns, a category each: needs the extra `report` (Kiwi and wordcloud)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from math import ceil
from typing import Any, Final, Protocol

from engine.domain import SkinType
from engine.drawing import REGULAR, drawable
from ingest.parts import Cloud, Word

NEEDED: Final = ("kiwipiepy", "wordcloud")
INSTALL: Final = "python -m pip install -c constraints.txt -e '.[report]'"
TITLE: Final = "말 구름"
REVIEWS_AT_MOST: Final = 1000
"""Of a category, evenly over the load: a cloud does not change with more."""
REVIEWS_AT_LEAST: Final = 10
CATEGORIES_AT_MOST: Final = 12
WORDS_AT_MOST: Final = 45
WIDTH: Final = 640
HEIGHT: Final = 420
MARGIN: Final = 12
"""Wide, for wordcloud draws a word lower than the room it kept, by a tenth of its size."""
SMALLEST: Final = 22
LARGEST: Final = 66
SEED: Final = 8
_NOUNS: Final = ("NNG", "NNP")
_EMPTY: Final = frozenset(
    word
    for line in (
        "제품 상품 화장품 사용 구매 구입 리뷰 후기 생각 정도 느낌 다음 처음 이번",
        "지금 요즘 오늘 하루 아침 저녁 사람 친구 언니 가족 때문 덕분 마음 조금",
        "이것저것 기대 차이 부분 경우 자체 전체 계속 거의 만큼 동안",
        "피부 종일 특별 주문 주변 바람 자리",
    )
    for word in line.split()
)
"""Nouns that say nothing of the product."""

_OWN: Final = (
    "앰플",
    "세럼",
    "속건조",
    "속당김",
    "무향",
    "톤업",
    "백탁",
    "잔주름",
    "유수분",
    "물광",
)

Nouns = Mapping[str, int]
"""Noun → reviews that hold it."""


class Reader(Protocol):
    """What Kiwi does for us."""

    def tokenize(self, texts: Iterable[str], /) -> Iterable[Sequence[Any]]: ...


def missing() -> tuple[str, ...]:
    """The packages that are not installed."""
    return tuple(name for name in NEEDED if find_spec(name) is None)


def reader(own: Iterable[str] = ()) -> Reader:
    """Kiwi, opened: two seconds. `own` are nouns that it would take apart: ingredients, say."""
    from kiwipiepy import Kiwi  # noqa: PLC0415 - an extra

    kiwi = Kiwi(num_workers=1)
    for noun in dict.fromkeys((*SkinType, *_OWN, *own)):
        kiwi.add_user_word(noun, "NNP")
    opened: Reader = kiwi
    return opened


def sample(texts: Sequence[str]) -> list[str]:
    """At most so many of those that say something, evenly over all."""
    told = [text for text in texts if text]
    step = max(len(told) / REVIEWS_AT_MOST, 1.0)
    return [told[int(place * step)] for place in range(min(len(told), REVIEWS_AT_MOST))]


def nouns(texts: Sequence[str], kiwi: Reader) -> Nouns:
    """How many of the texts hold each noun of two letters or more."""
    counts: Counter[str] = Counter()
    for tokens in kiwi.tokenize(texts):
        found = {token.form for token in tokens if token.tag in _NOUNS}
        counts.update(noun for noun in found if len(noun) > 1 and noun not in _EMPTY)
    return counts


def cloud(key: str, category: str, counts: Nouns, reviews: int) -> Cloud | None:
    """None where no noun was found twice. The same counts make the same cloud.

    The category's own words are left out: that creams are called creams says nothing.
    """
    from wordcloud import WordCloud  # noqa: PLC0415 - an extra

    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    common = {
        noun: count
        for noun, count in ranked
        if count > 1 and noun not in category and drawable(noun) == noun
    }
    if not common:
        return None
    made = WordCloud(
        font_path=str(REGULAR),
        width=WIDTH,
        max_words=WORDS_AT_MOST,
        height=HEIGHT,
        margin=MARGIN,
        prefer_horizontal=1.0,
        min_font_size=SMALLEST,
        max_font_size=LARGEST,
        relative_scaling=0.5,
        random_state=SEED,
    ).generate_from_frequencies(common)
    words = tuple(_placed(item, common) for item in made.layout_)
    lowest = max(word.y + word.size / 4 for word in words)
    return Cloud(key, TITLE, category, words, reviews, WIDTH, max(HEIGHT, ceil(lowest)))


def _placed(item: Any, counts: Nouns) -> Word:
    """wordcloud says where the letters' ascent begins: (row, column); here it is the baseline."""
    from PIL import ImageFont  # noqa: PLC0415 - wordcloud's own

    (text, _), size, (row, column), _, _ = item
    font = ImageFont.truetype(str(REGULAR), size)
    ascent, _ = font.getmetrics()
    return Word(text, counts[text], float(column), float(row + ascent), font.getlength(text), size)
