"""Which ingredients are known to help with a concern, the best known first.

Standard names of the Korean dictionary. For wrinkles, spots and acne those stand first that the
ministry lists as active in functional cosmetics (식품의약품안전처
「기능성화장품 심사에 관한 규정」 별표 4).
The others are what dermatology texts name: exfoliating acids and urea for scaling, ceramides and
humectants for dryness, centella, panthenol and allantoin for redness (Z. D. Draelos, Cosmetic
Dermatology: Products and Procedures, on moisturizers, exfoliants and cosmeceuticals). They say
where to look: an answer quotes the dictionary's entry, never this table.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from engine.domain import Concern

KNOWN_FOR: Final[Mapping[Concern, tuple[str, ...]]] = {
    concern: tuple(names.split())
    for concern, names in {
        Concern.ACNE: "살리실릭애씨드 티트리잎추출물 약모밀추출물 징크피씨에이 나이아신아마이드 황",
        Concern.REDNESS: (
            "병풀추출물 판테놀 알란토인 다이포타슘글리시리제이트 마데카소사이드 "
            "비사보롤 쇠비름추출물"
        ),
        Concern.PORES: "살리실릭애씨드 나이아신아마이드 카올린 글라이콜릭애씨드",
        Concern.FLAKES: "락틱애씨드 글라이콜릭애씨드 우레아 글루코노락톤 세라마이드엔피",
        Concern.BLACKHEADS: "살리실릭애씨드 카올린 글라이콜릭애씨드 황",
        Concern.BUMPS: "살리실릭애씨드 글라이콜릭애씨드 락틱애씨드 글루코노락톤",
        Concern.DRYNESS: (
            "세라마이드엔피 판테놀 소듐하이알루로네이트 글리세린 스쿠알란 하이알루로닉애씨드"
        ),
        Concern.WRINKLES: "아데노신 레티놀 레티닐팔미테이트 바쿠치올 아세틸헥사펩타이드-8",
        Concern.SPOTS: (
            "나이아신아마이드 알부틴 아스코빌글루코사이드 트라넥사믹애씨드 아스코빅애씨드"
        ),
    }.items()
}


def known_for(concerns: Iterable[Concern]) -> list[str]:
    """In turn of each concern: its best known first."""
    lists = [KNOWN_FOR[concern] for concern in concerns]
    deepest = max(map(len, lists), default=0)
    turns = (names[turn] for turn in range(deepest) for names in lists if turn < len(names))
    return list(dict.fromkeys(turns))
