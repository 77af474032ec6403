import pytest

from engine.domain import Effect, Irritation, SkinType
from engine.parsing.skin import effect, irritation, skin_type


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("지성 | 쿨톤 | 트러블 | 블랙헤드", SkinType.OILY),
        ("28세 · 복합성 ·", SkinType.COMBINATION),
        ("복합성에 좋아요", SkinType.COMBINATION),
        ("악건성", SkinType.VERY_DRY),
        ("건성", SkinType.DRY),
        ("민감성", SkinType.SENSITIVE),
        ("중성", SkinType.NORMAL),
        ("Oily", SkinType.OILY),
        ("웜톤 | 모공", None),
        ("", None),
        (None, None),
        (float("nan"), None),
    ],
)
def test_the_first_skin_type_named_counts(raw: object, kind: SkinType | None) -> None:
    assert skin_type(raw) is kind


@pytest.mark.parametrize("member", SkinType)
def test_every_skin_type_reads_as_itself(member: SkinType) -> None:
    assert skin_type(member.value) is member


@pytest.mark.parametrize("member", Effect)
def test_every_effect_reads_as_itself(member: Effect) -> None:
    assert effect(member.value) is member


@pytest.mark.parametrize("member", Irritation)
def test_every_irritation_reads_as_itself(member: Irritation) -> None:
    assert irritation(member.value) is member


def test_sentences_of_polls_are_read() -> None:
    assert effect("보습에 좋아요") is Effect.MOISTURE
    assert effect("주름/미백에 좋아요") is Effect.AGEING
    assert effect("향이 좋아요") is None
    assert irritation("자극없이 순해요") is Irritation.GENTLE
    assert irritation("자극이 거의 없어요") is Irritation.GENTLE
    assert irritation("보통이에요") is Irritation.NORMAL
    assert irritation("자극이 느껴져요") is Irritation.IRRITATING
