"""What wants care: each rule, what it catches and what it does not, and what clashes."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from engine.domain import Care, Concern, Health, Ingredient, Pairing, SkinProfile, SkinType
from engine.parsing.korean import squeeze
from engine.recommend.cautions import (
    ACIDS,
    PAIRS,
    PEROXIDE,
    RETINOIDS,
    RULE_OF,
    RULES,
    Strength,
    cares,
    conflicts,
    evening_only,
)
from engine.recommend.notable import Pantry
from engine.store.avoidance import group_of

DICTIONARY = (
    Path(__file__).resolve().parents[2]
    / ".."
    / "shared"
    / "data"
    / "ingredients"
    / "kcia_names_eu_functions.csv"
)
SEED = Path(__file__).resolve().parents[2] / "data" / "seed" / "ingredients.csv"
PREGNANT = SkinProfile(health=(Health.PREGNANCY,))
ACNE = SkinProfile(concerns=(Concern.ACNE,))
MEDICINES = {"레티날", "트레티노인", "아다팔렌", "타자로텐", "6-메틸쿠마린"}
"""Words that a typed list may hold, and a scent; the dictionary of cosmetics has none of them."""


def known(name: str, **changes) -> Ingredient:
    return Ingredient(1, name, **changes)


@pytest.fixture(scope="module")
def dictionary() -> dict[str, str]:
    """Korean standard name → INCI name."""
    if not DICTIONARY.exists():
        pytest.skip("the shared ingredient dictionary is not here")
    with DICTIONARY.open(encoding="utf-8") as file:
        return {row["name_ko"]: row["inci_name"] for row in csv.DictReader(file)}


@pytest.mark.parametrize(
    ("name", "care"),
    [
        ("레티놀", Care.VITAMIN_A),
        ("하이드록시피나콜론레티노에이트", Care.VITAMIN_A),
        ("살리실릭애씨드", Care.SALICYLIC),
        ("리모넨", Care.ALLERGEN),
        ("멘톨", Care.ALLERGEN),
        ("라벤더오일", Care.ALLERGEN),
        ("아이소프로필미리스테이트", Care.CLOGGING),
        ("카카오씨버터", Care.CLOGGING),
        ("스테아릭애씨드", Care.YEAST),
        ("솔비탄올리에이트", Care.YEAST),
        ("글라이콜릭애씨드", Care.SUN),
    ],
)
def test_a_name_falls_under_its_rule(name, care):
    assert care in cares(known(name))


@pytest.mark.parametrize(
    "name",
    [
        *("정제수", "글리세린", "판테놀", "바쿠치올", "하이드로제네이티드레티놀", "시트릭애씨드"),
        *("나이아신아마이드", "벤질알코올", "세틸알코올", "카프릴릭/카프릭트라이글리세라이드"),
        *("에칠헥실살리실레이트", "플로레틴", "스쿠알란", "아스코빅애씨드", "락토바이오닉애씨드"),
    ],
)
def test_what_only_sounds_alike_falls_under_none(name):
    assert cares(known(name)) == ()


def test_roles_and_limits_tell_what_names_do_not():
    assert cares(known("새향", roles=("착향제",))) == (Care.SCENT, Care.STING)
    assert cares(known("산", roles=("pH조절제", "각질제거제"))) == ()
    assert cares(known("새로운것", limits="EU 향 알레르겐(부속서 III)")) == (Care.ALLERGEN,)


def test_a_rule_holds_only_for_whom_it_concerns():
    hints = (Care.CLOGGING, Care.YEAST)
    assert all(ACNE.minds(care) and not SkinProfile().minds(care) for care in hints)
    assert PREGNANT.minds(Care.VITAMIN_A) and PREGNANT.minds(Care.SALICYLIC)
    assert not ACNE.minds(Care.SALICYLIC)
    assert SkinProfile(skin_type=SkinType.SENSITIVE).minds(Care.STING)
    assert SkinProfile(health=(Health.ATOPY,)).minds(Care.SCENT)
    assert not SkinProfile(health=(Health.ATOPY,)).minds(Care.STING)
    assert SkinProfile().minds(Care.ALLERGEN)


def test_every_care_has_one_rule_with_a_dated_or_numbered_source():
    assert [*RULE_OF] == [rule.care for rule in RULES] and {*RULE_OF} == {*Care}
    sources = [rule.source for rule in RULES] + [pair.source for pair in PAIRS]
    assert all(any(sign.isdigit() for sign in source) for source in sources)
    assert {rule.care for rule in RULES if rule.hint} == {Care.CLOGGING, Care.YEAST}


def test_what_is_left_out_in_pregnancy_is_what_the_rule_names(dictionary):
    assert RULE_OF[Care.VITAMIN_A].strength is Strength.LEFT_OUT
    group = group_of(squeeze(Health.PREGNANCY))
    assert group is not None
    caught = {name for name in dictionary if RETINOIDS.holds(name)}
    assert caught and all(group.holds(name, ()) for name in caught)
    assert {name for name in dictionary if group.holds(name, ())} == caught


def test_no_pattern_catches_a_wrong_name(dictionary):
    """By the INCI name, which the patterns do not look at."""
    retinoids = [dictionary[name] for name in dictionary if RETINOIDS.holds(name)]
    assert all("retin" in inci.lower() for inci in retinoids) and len(retinoids) == 22
    yeast = [dictionary[name] for name in dictionary if RULE_OF[Care.YEAST].members.holds(name)]
    fats = ("laur", "myrist", "palmit", "stear", "ole", "linole", "arachid", "behen", "polysorb")
    assert all(any(fat in inci.lower() for fat in fats) for inci in yeast)
    assert not [inci for inci in yeast if "PEG" in inci or "Polyglyceryl" in inci]


def test_every_name_of_the_table_is_one_of_the_dictionary(dictionary):
    names = {name for rule in RULES for name in rule.members.names}
    names |= RETINOIDS.names | ACIDS.names
    assert names - {*dictionary} == MEDICINES


def test_the_seed_s_marked_allergens_are_all_in_the_table():
    with SEED.open(encoding="utf-8") as file:
        marked = {row["name"] for row in csv.DictReader(file) if "향 알레르겐" in row["limits"]}
    assert marked and {one for one in marked if Care.ALLERGEN in cares(known(one))} == marked


# --- together -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "pairing"),
    [
        ("레티놀", "글라이콜릭애씨드", Pairing.RETINOID_ACID),
        ("살리실릭애씨드", "레틴알", Pairing.RETINOID_ACID),
        ("레티놀", "벤조일퍼옥사이드", Pairing.RETINOID_PEROXIDE),
        ("레티놀", "레티닐팔미테이트", Pairing.RETINOIDS),
    ],
)
def test_two_products_clash_whichever_comes_first(one, other, pairing):
    (found,) = conflicts([("정제수", one), ("글리세린",), ("정제수", other)])
    assert (found.pairing, found.first, found.second, found.names) == (pairing, 0, 2, (one, other))
    (back,) = conflicts([{other}, {one}])
    assert (back.pairing, back.names) == (pairing, (other, one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("아스코빅애씨드", "나이아신아마이드"),
        ("아스코빅애씨드", "카퍼트라이펩타이드-1"),
        ("아스코빅애씨드", "레티놀"),
        ("레티놀", "시트릭애씨드"),
        ("글라이콜릭애씨드", "살리실릭애씨드"),
        ("바쿠치올", "글라이콜릭애씨드"),
    ],
)
def test_what_has_no_basis_is_no_conflict(one, other):
    assert conflicts([[one], [other]]) == ()


def test_one_formula_does_not_clash_with_itself():
    assert conflicts([["레티놀", "글라이콜릭애씨드", "레티닐팔미테이트"]]) == ()
    assert conflicts([]) == ()


def test_vitamin_a_and_peels_are_for_the_evening():
    assert evening_only(["정제수", "살리실릭애씨드", "레티놀"]) == ("레티놀", "살리실릭애씨드")
    assert evening_only(["정제수", "나이아신아마이드"]) == ()
    assert evening_only([*PEROXIDE.names]) == ()


# --- a load's products --------------------------------------------------------------------------


def pantry(*formulas: tuple[str, ...]) -> Pantry:
    """Products 1, 2, …"""
    names = sorted({name for formula in formulas for name in formula})
    ids = {name: number for number, name in enumerate(names, start=1)}
    held = {
        product: frozenset(ids[name] for name in formula)
        for product, formula in enumerate(formulas, start=1)
    }
    ingredients = {number: Ingredient(number, name) for name, number in ids.items()}
    return Pantry(held, Counter(one for formula in held.values() for one in formula), ingredients)


def test_a_product_s_cautions_are_those_of_the_person():
    here = pantry(("정제수", "살리실릭애씨드", "아이소프로필미리스테이트", "스테아릭애씨드"))
    assert here.cautions(1, SkinProfile()) == ()
    (pressing,) = here.cautions(1, PREGNANT)
    assert (pressing.care, pressing.names) == (Care.SALICYLIC, ("살리실릭애씨드",))
    (hint,) = here.cautions(1, ACNE)
    assert (hint.care, hint.names) == (Care.CLOGGING, ("아이소프로필미리스테이트",))


def test_a_product_clashes_with_those_beside_it_and_never_with_itself():
    here = pantry(("레티놀",), ("글라이콜릭애씨드",), ("판테놀",))
    (clash,) = here.clashes(1, {1: "밤 크림", 2: "필링", 3: "로션"})
    assert (clash.product, clash.title) == (2, "필링")
    assert (clash.name, clash.other) == ("레티놀", "글라이콜릭애씨드")
    assert here.clashes(3, {1: "밤 크림", 2: "필링"}) == ()
    assert here.clashes(1, {1: "밤 크림"}) == here.clashes(9, {1: "밤 크림"}) == ()
