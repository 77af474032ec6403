"""Which ingredients of a product are worth a word."""

from collections import Counter

from engine.domain import Ingredient, SkinProfile, SkinType
from engine.recommend.notable import Pantry
from tests.builders import ingredient

WATER, PANTHENOL, GUM, LIMONENE, PERFUME, CITRIC, RARE, PLAIN = range(1, 9)
ALLERGEN = "EU 향 알레르겐(부속서 III): 씻어 내지 않는 제품 0.001 % 초과 시 표시"
INGREDIENTS = {
    one.id: one
    for one in (
        ingredient(id=WATER, name="정제수", roles=("용제",)),
        ingredient(id=PANTHENOL, name="판테놀", roles=("피부컨디셔닝제",)),
        ingredient(id=GUM, name="잔탄검", roles=("점증제",)),
        ingredient(id=LIMONENE, name="리모넨", roles=("피부컨디셔닝제",), limits=ALLERGEN),
        ingredient(id=PERFUME, name="향료", roles=("착향제",)),
        ingredient(id=CITRIC, name="시트릭애씨드", roles=("pH조절제", "착향제")),
        ingredient(id=RARE, name="병풀추출물", roles=("진정제",)),
        ingredient(id=PLAIN, name="이름뿐", roles=("진정제",), definition=None),
    )
}
FORMULAS = {
    1: frozenset({WATER, PANTHENOL, GUM, LIMONENE, PERFUME, CITRIC}),
    2: frozenset({WATER, PANTHENOL, GUM, RARE, PLAIN}),
    3: frozenset({WATER, GUM}),
    **{number: frozenset({WATER}) for number in range(4, 13)},
    13: frozenset(),
}


def pantry(ingredients: dict[int, Ingredient] = INGREDIENTS) -> Pantry:
    holders = Counter(held for formula in FORMULAS.values() for held in formula)
    return Pantry(FORMULAS, holders, ingredients)


def test_what_is_shared_is_rare_and_cares_for_the_skin() -> None:
    assert pantry().shared(1, [2]) == ("판테놀",)


def test_what_serves_the_mixture_is_told_where_nothing_better_is_shared() -> None:
    assert pantry().shared(1, [3]) == ("잔탄검",)
    assert pantry().shared(1, [5]) == ()
    assert pantry().shared(1, []) == ()


def test_the_notable_are_rare_explained_and_caring_and_none_of_those_told_already() -> None:
    assert pantry().notable(2) == ("병풀추출물", "판테놀")
    assert pantry().notable(2, but=("병풀추출물",)) == ("판테놀",)
    assert pantry().notable(1) == ("판테놀",)
    assert pantry().notable(13) == ()


def test_all_of_the_compared_hold_what_they_have_in_common() -> None:
    assert pantry().common([1, 2]) == ("판테놀",)
    assert pantry().common([1, 2, 3]) == ("잔탄검",)
    assert pantry().common([1, 13]) == ()


def test_an_allergen_is_minded_by_everyone_and_scents_by_sensitive_skin() -> None:
    assert pantry().minded(1, SkinProfile()) == ("리모넨",)
    sensitive = SkinProfile(skin_type=SkinType.SENSITIVE)
    assert pantry().minded(1, sensitive) == ("리모넨", "향료")
    assert pantry().minded(2, sensitive) == ()
