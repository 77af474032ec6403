"""What wants care, as it is told: one calm line on a card, whole sentences where one asks."""

from dataclasses import replace

import pytest

from bot.dialogue import evidence, texts
from engine.domain import (
    Basis,
    Care,
    Caution,
    Clash,
    Comparison,
    Concern,
    Evidence,
    Health,
    Ingredient,
    Pairing,
    Recommendation,
    SkinProfile,
    SkinType,
)
from tests.chat import PRODUCTS, Chat, Shop, recommended

CREAM, TONER, SERUM = PRODUCTS[0], PRODUCTS[1], PRODUCTS[2]
SALICYLIC = Caution(Care.SALICYLIC, ("살리실릭애씨드",))
CLOGGING = Caution(Care.CLOGGING, ("아이소프로필미리스테이트", "카카오씨버터", "라우릭애씨드"))


def one(product=CREAM, **counts) -> Recommendation:
    return Recommendation(product, 1.0, Basis.POPULARITY, Evidence(**counts))


def clash(other=TONER, pairing=Pairing.RETINOID_ACID) -> Clash:
    return Clash(pairing, "레티놀", "글라이콜릭애씨드", other.id, other.title)


def about(text: str) -> list[str]:
    return [line for line in text.splitlines() if "성분:" in line]


def test_a_card_has_one_line_of_caution_the_most_pressing():
    both = one(cautions=(SALICYLIC, CLOGGING), minded=("리모넨",))
    assert about(evidence.reason(both)) == ["임신·수유 중이라고 하셔서 살펴볼 성분: 살리실릭애씨드"]
    hint = one(cautions=(CLOGGING,), minded=("리모넨",))
    (line,) = about(evidence.reason(hint))
    assert line == "여드름이 고민이라면 참고할 성분: 아이소프로필미리스테이트, 카카오씨버터"


def test_their_own_skin_goes_before_a_hint():
    sensitive = one(cautions=(CLOGGING,), minded=("향료",), skin_type=SkinType.SENSITIVE)
    assert about(evidence.reason(sensitive)) == ["민감성 피부라면 살펴볼 성분: 향료"]


def test_why_names_the_rule_and_marks_a_hint_as_one():
    text = evidence.explanation(one(cautions=(SALICYLIC, CLOGGING), minded=("리모넨",)))
    assert "먼저 의사와 상의해 주세요" in text
    assert "라우릭애씨드 (토끼 귀 실험에서 모공을 막았지만, 사람 피부에서는 다를 수" in text
    assert "리모넨 (EU와 식약처가 이름을 따로 적게 하는 향 성분)" in text


def test_why_tells_what_does_not_go_with_it():
    text = evidence.explanation(one(clashes=(clash(),)))
    assert (
        f"함께 쓸 때: {CREAM.title}의 레티놀과 {TONER.title}의 글라이콜릭애씨드는 "
        "같은 날 밤에 함께 쓰지 마세요." in text
    )


@pytest.mark.parametrize(
    ("pairing", "said"),
    [
        (Pairing.RETINOID_ACID, "같은 날 밤에 함께 쓰지 마세요."),
        (Pairing.RETINOID_PEROXIDE, "아침과 밤으로 나눠 써 주세요."),
        (Pairing.RETINOIDS, "같은 날에는 하나만 써 주세요."),
    ],
)
def test_each_pairing_has_its_own_advice(pairing, said):
    assert evidence.together([one(clashes=(clash(pairing=pairing),))]).endswith(said)


def test_a_pair_of_cards_is_told_once_and_never_more_than_two_pairs():
    back = Clash(Pairing.RETINOID_ACID, "글라이콜릭애씨드", "레티놀", CREAM.id, CREAM.title)
    cards = [one(clashes=(clash(),)), one(TONER, clashes=(back,))]
    assert len(evidence.together(cards).splitlines()) == 1
    many = tuple(clash(each) for each in PRODUCTS[1:5])
    assert len(evidence.together([one(clashes=many)]).splitlines()) == 2
    assert evidence.together([one(), one(TONER)]) == ""


class Clashing(Shop):
    """Where each card does not go with one of the picks."""

    def recommend(self, query):
        return tuple(
            replace(one, evidence=replace(one.evidence, clashes=(clash(),)))
            for one in super().recommend(query)[:1]
        )


def test_under_the_cards_stands_what_does_not_go_together():
    chat = recommended(Chat(Clashing()))
    assert chat.text.splitlines()[0].startswith("함께 쓸 때: ")
    assert chat.text.endswith(texts.CLOSING)
    assert recommended().text == texts.CLOSING


def test_a_comparison_tells_it_by_the_marks():
    sides = (
        (CREAM, Evidence(clashes=(clash(),), cautions=(CLOGGING,))),
        (TONER, Evidence(minded=("리모넨",))),
    )
    text = evidence.comparison(Comparison(sides))
    assert "함께 쓸 때: ①의 레티놀과 ②의 글라이콜릭애씨드는" in text
    assert "① 아이소프로필미리스테이트, 카카오씨버터, 라우릭애씨드\n② 리모넨" in text
    assert "함께 쓸 때" not in evidence.comparison(Comparison((sides[1], (SERUM, Evidence()))))


@pytest.mark.parametrize(
    ("care", "profile", "said"),
    [
        (Care.CLOGGING, SkinProfile(concerns=(Concern.ACNE,)), "참고만 해 주세요"),
        (Care.YEAST, SkinProfile(concerns=(Concern.ACNE,)), "참고만 해 주세요"),
        (Care.SALICYLIC, SkinProfile(health=(Health.PREGNANCY,)), "의사와 상의"),
        (Care.SUN, SkinProfile(), "자외선 차단제"),
        (Care.SUN, SkinProfile(), "레티놀 같은 비타민A 계열과"),
        (Care.VITAMIN_A, SkinProfile(), "AHA(글라이콜릭애씨드 등)"),
        (Care.ALLERGEN, SkinProfile(), "향 알레르기가 있는 분"),
    ],
)
def test_a_sheet_tells_the_rules_that_hold_for_the_person(care, profile, said):
    ingredient = Ingredient(1, "이름")
    assert said in texts.minding(ingredient, profile, (care,))
    assert texts.minding(ingredient, profile, ()) == ""


@pytest.mark.parametrize("care", [Care.CLOGGING, Care.YEAST])
def test_hints_are_told_only_to_whom_acne_is_a_concern(care):
    told = SkinProfile(concerns=(Concern.PORES,), health=(Health.ALLERGY,))
    assert texts.minding(Ingredient(1, "이름"), told, (care,)) == ""
