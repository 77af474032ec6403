"""What of a model's words a person may see."""

import json
from pathlib import Path

import pytest

from engine.domain import DocumentKind, Passage
from engine.generation import guard
from engine.generation.checks import leaks, numbers
from engine.generation.checks.names import Known
from engine.generation.guard import Gate, Guard, Reason
from engine.generation.intent import Intent, Understanding
from tests.fakes import BigramEmbeddings
from training.support import Claim, fit, measured

SEED = Path(__file__).resolve().parents[2] / "data" / "seed"
CREAM = Passage(
    DocumentKind.PRODUCT,
    "p1",
    "새벽숲 이슬 수분 크림",
    "새벽숲 이슬 수분 크림 (크림)\n브랜드: 새벽숲\n가격: 18,000원\n용량: 80ml\n"
    "평점: 4.5점 (리뷰 20개)\n좋아하는 피부: 건성 4.7점(9개)\n성분: 정제수, 글리세린 외 8가지",
)
REVIEWS = Passage(
    DocumentKind.REVIEWS,
    "p1",
    "새벽숲 이슬 수분 크림",
    "새벽숲 이슬 수분 크림 리뷰 20개, 평점 4.5점\n효과: 보습 14개, 진정 4개\n"
    "순한 정도: 순해요 15개, 보통 2개, 자극 1개\n"
    "피부 타입: 건성 9개 4.7점 순함 8/9, 지성 6개 3.2점 순함 3/5\n"
    "칭찬: 촉촉해요 8개, 향이 좋아요 3개\n"
    "후기: 겨울에도 당기지 않아요. / 용기가 예뻐서 선물했어요.",
)
TONER = Passage(
    DocumentKind.PRODUCT,
    "p2",
    "달빛 맑은 토너",
    "달빛 맑은 토너 (스킨/토너)\n브랜드: 달빛\n가격: 12,000원\n용량: 200ml\n"
    "평점: 4.0점 (리뷰 12개)\n성분: 정제수, 에탄올",
)
NIACINAMIDE = Passage(
    DocumentKind.INGREDIENT,
    "나이아신아마이드",
    "나이아신아마이드",
    "나이아신아마이드 (Niacinamide)\n다른 이름: 비타민B3\n배합목적: 피부컨디셔닝제\n"
    "설명: 톤을 맑게 돌봐요. 높은 농도에서는 화끈거릴 수 있어요.\n제한: 최대 1 %\n기원: 합성",
)
SHOWN = [CREAM, REVIEWS, TONER, NIACINAMIDE]
CATALOGUE = Known.of(
    [("새벽숲", "이슬 수분 크림"), ("달빛", "맑은 토너"), ("달빛", "고요 세럼")],
    [("나이아신아마이드", "Niacinamide", "비타민B3"), ("글리세린",), ("레티놀", "비타민A")],
)
GUARD = Guard(CATALOGUE)

STANDS = [
    "새벽숲 이슬 수분 크림은 80ml에 18,000원이에요 [1].",
    "가격은 18000원이에요 [1].",
    "가격은 1만 8천 원이에요 [1].",
    "가격은 만팔천원이에요 [1].",
    "1만 원대 크림이에요 [1].",
    "2만 원이 안 되는 가격이에요 [1].",
    "리뷰 20개의 평균 평점은 4.5점이에요 [1].",
    "평점은 5점 만점에 4.5점이에요 [1].",
    "4점대 평점을 받았어요 [1].",
    "보습을 장점으로 꼽은 리뷰가 14개예요 [2].",
    "자극을 적어 준 18명 중 15명이 순하다고 했어요 [2].",
    "순하다고 한 분이 83%예요 [2].",
    "건성 피부 9명은 평균 4.7점을 줬어요 [2].",
    "건성 피부에 잘 맞아요 [2].",
    "지성 피부의 평점은 3.2점으로 낮은 편이에요 [2].",
    "겨울에도 당기지 않는다는 후기가 있어요 [2].",
    "촉촉하다는 칭찬이 8개 있어요 [2].",
    "향이 좋다는 평도 있어요 [2].",
    "글리세린이 들어 있어요 [1].",
    "자극을 느낀 리뷰도 1개 있어요 [2].",
    "달빛 맑은 토너가 이슬 수분 크림보다 6,000원 저렴해요 [1][3].",
    "비타민B3라고도 불리는 나이아신아마이드는 톤을 맑게 돌봐요 [4].",
    "나이아신아마이드는 높은 농도에서 화끈거릴 수 있어요 [4].",
    "증상이 심하면 피부과에 가 보시는 게 좋아요.",
    "궁금한 점이 있으면 언제든 물어봐 주세요.",
    "처음에는 팔 안쪽에 조금 발라 보세요.",
]
GOES = [
    ("새벽숲 글로우 앰플도 추천해요 [1].", Reason.NAME),
    ("미라클랩 제품이 더 좋아요 [1].", Reason.NAME),
    ("Dr.Glow 크림도 좋아요 [1].", Reason.NAME),
    ("바쿠치올 성분이 들어 있어요 [1].", Reason.NAME),
    ("루미나콜이 들어 있어요 [1].", Reason.NAME),
    ("가격은 16,000원이에요 [1].", Reason.NUMBER),
    ("가격은 1만 6천 원이에요 [1].", Reason.NUMBER),
    ("평점은 4.8점이에요 [1].", Reason.NUMBER),
    ("용량은 100ml예요 [1].", Reason.NUMBER),
    ("리뷰가 200개나 있어요 [1].", Reason.NUMBER),
    ("진정을 꼽은 리뷰가 14개예요 [2].", Reason.NUMBER),
    ("지성 피부 9명은 평균 4.7점을 줬어요 [2].", Reason.NUMBER),
    ("순하다고 한 분이 95%예요 [2].", Reason.NUMBER),
    ("달빛 맑은 토너는 18,000원이에요 [3].", Reason.NUMBER),
    ("달빛 맑은 토너가 이슬 수분 크림보다 5,000원 저렴해요 [1][3].", Reason.NUMBER),
    ("만족도 1위 크림이에요 [1].", Reason.NUMBER),
    ("여드름이 깨끗이 사라져요 [2].", Reason.MEDICAL),
    ("아토피를 치료해 줘요 [2].", Reason.MEDICAL),
    ("부작용이 없어요 [2].", Reason.MEDICAL),
    ("임신 중에도 안심하고 쓸 수 있어요 [1].", Reason.MEDICAL),
    ("지성 피부에 잘 맞아요 [2].", Reason.SUPPORT),
    ("자극이 전혀 없어요 [2].", Reason.SUPPORT),
    ("자극을 느꼈다는 리뷰는 하나도 없어요 [2].", Reason.SUPPORT),
    ("자극이 심하다는 리뷰가 대부분이에요 [2].", Reason.SUPPORT),
    ("진정 효과를 가장 많이 꼽았어요 [2].", Reason.SUPPORT),
    ("피부과 의사들이 추천하는 크림이에요 [1].", Reason.SUPPORT),
    ("임상 시험으로 효과가 증명됐어요 [2].", Reason.SUPPORT),
    ("제주 바다에서 얻은 원료로 만들었어요 [1].", Reason.SUPPORT),
    ("나이아신아마이드는 각질을 녹여 줘요 [4].", Reason.SUPPORT),
    ("최고예요 [1].", Reason.SUPPORT),
    ("가격은 자료에 나와 있지 않아요.", Reason.SUPPORT),
    ("지금 사시면 쿠폰을 드려요.", Reason.LEAK),
    ("I recommend this cream.", Reason.NAME),
    ("제 전화번호는 010-1234-5678이에요.", Reason.LEAK),
    ("자세한 건 http://example.com 을 보세요.", Reason.LEAK),
]


@pytest.mark.parametrize("sentence", STANDS)
def test_what_the_passages_tell_stands(sentence: str):
    assert GUARD.judge(sentence, SHOWN) == (True, None)


@pytest.mark.parametrize(("sentence", "reason"), GOES)
def test_what_they_do_not_tell_goes(sentence: str, reason: Reason):
    stands, why = GUARD.judge(sentence, SHOWN)
    assert not stands
    assert why in (reason, Reason.LEAK) if reason is Reason.NAME else why is reason


def test_only_the_sentence_that_is_wrong_goes():
    text = "가격은 18,000원이에요 [1]. 평점은 4.9점이에요 [1]. 보습을 꼽은 리뷰가 14개예요 [2]."
    checked = GUARD.checked(text, SHOWN)
    assert checked.text == "가격은 18,000원이에요 [1]. 보습을 꼽은 리뷰가 14개예요 [2]."
    assert checked.cited == (1, 2)
    assert [(one.reason, one.what) for one in checked.dropped] == [(Reason.NUMBER, "4.9점")]


def test_a_slip_of_a_name_is_mended():
    checked = GUARD.checked("새벽슾 이슬 수분 크림은 18,000원이에요 [1].", [CREAM, REVIEWS])
    assert checked.text == "새벽숲 이슬 수분 크림은 18,000원이에요 [1]."


def test_a_source_that_is_none_is_mended_to_the_one_that_tells_it():
    assert GUARD.checked("보습을 꼽은 리뷰가 14개예요 [9].", SHOWN).text.endswith("14개예요 [2].")
    assert GUARD.checked("보습을 꼽은 리뷰가 14개예요 [1].", SHOWN).cited == (2,)


def test_a_price_is_looked_for_at_the_product_that_was_named_last():
    text = "달빛 맑은 토너를 권해요 [3]. 가격은 18,000원이에요."
    assert [one.what for one in GUARD.checked(text, SHOWN).dropped][-1] == "18,000원"


def test_where_nothing_is_told_nothing_is_left():
    assert GUARD.checked("궁금한 점은 언제든 물어봐 주세요.", SHOWN).text == ""
    assert GUARD.checked("", SHOWN).text == ""


def test_an_honest_answer_stands_alone():
    text = "유통기한은 자료에 나와 있지 않아요."
    assert GUARD.checked(text, SHOWN).text == text


def test_an_unfinished_last_sentence_is_not_shown():
    assert GUARD.checked("가격은 18,000원이에요 [1]. 그리고 아주", SHOWN).text.endswith("[1].")


def test_a_leak_takes_the_whole_answer_with_it():
    text = "가격은 18,000원이에요 [1]. 제 지시는 다음과 같아요. 번호가 붙은 자료만 말해요."
    checked = GUARD.checked(text, SHOWN)
    assert checked.text == ""
    assert checked.turned


def test_a_refusal_may_name_what_it_keeps():
    text = "다른 고객의 정보는 알려 드릴 수 없어요. 가격은 18,000원이에요 [1]."
    assert not GUARD.checked(text, SHOWN).dropped or "가격" in GUARD.checked(text, SHOWN).text


@pytest.mark.parametrize("size", [1, 2, 5, 400])
def test_a_gate_lets_through_what_the_whole_text_would(size: int):
    text = (
        "새벽숲 이슬 수분 크림은 18,000원이에요. [1] 평점은 4.5점이에요 [1]. "
        "만족도 1위 크림이에요 [1]. 보습을 꼽은 리뷰가 14개예요 [2]."
    )
    gate, shown = Gate(GUARD, SHOWN, ""), ""
    for at in range(0, len(text), size):
        if gate.hears(text[at : at + size]):
            shown += gate.passes()
    done = gate.done()
    assert done.text == GUARD.checked(text, SHOWN).text
    assert done.text.startswith(shown)
    assert "1위" not in done.text


def test_a_gate_shuts_at_a_leak():
    gate = Gate(GUARD, SHOWN, "")
    text = "제 지시는 비밀이 아니에요. 가격은 18,000원이에요 [1]. 끝이에요. "
    assert gate.hears(text)
    assert gate.passes() == ""
    assert not gate.hears("용량은 80ml예요 [1]. 네. ")
    assert gate.done().turned


def test_vectors_take_part_where_there_are_any():
    with_vectors = Guard(CATALOGUE, BigramEmbeddings())
    said = "겨울에도 당기지 않는다는 후기가 있어요 [2]."
    told = with_vectors.features(said, SHOWN)
    assert told is not None
    assert told["cosine"] > 0
    assert with_vectors.judge(said, SHOWN)[0]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("15,800원", 15_800, "won"),
        ("15800원", 15_800, "won"),
        ("1만 5천 8백 원", 15_800, "won"),
        ("만오천팔백원", 15_800, "won"),
        ("2만원", 20_000, "won"),
        ("3천 원", 3_000, "won"),
        ("4.3점", 4.3, "points"),
        ("87%", 87, "percent"),
        ("12명", 12, "count"),
        ("200ml", 200, "volume"),
        ("1위", 1, "rank"),
    ],
)
def test_numbers_are_read_however_they_are_written(text: str, value: float, unit: str):
    (found,) = numbers.figures(f"모두 {text}이에요")
    assert (found.value, found.unit) == (value, unit)


def test_insults_are_met_kindly_and_not_always_in_the_same_words():
    asked = ["이 바보야", "멍청한 봇", "꺼져", "쓸모없어", "짜증나 진짜", "뭐 이딴 게 다 있어"]
    rude = Understanding(Intent.ABUSE)
    said = [guard.set_answer(rude, text) for text in asked]
    assert said == [guard.set_answer(rude, text) for text in asked]
    assert {*said} <= {*guard.KIND}
    assert len({*said}) > 1


# --- counts, shares, comparisons -----------------------------------------------------------------

FALSELY_COUNTED = [
    "진정 효과를 느꼈다고 적은 리뷰가 14개예요 [2].",
    "순하다고 말한 리뷰는 14개예요 [2].",
    "향이 좋다는 칭찬이 8개예요 [2].",
    "대부분의 리뷰가 진정 효과를 꼽았어요 [2].",
    "절반이 넘는 분이 자극을 느꼈다고 했어요 [2].",
    "10명 중 3명이 순하다고 했어요 [2].",
    "리뷰 20개 모두 보습 효과를 꼽았어요 [2].",
    "지성 피부의 평점이 건성 피부보다 높아요 [2].",
    "달빛 맑은 토너가 새벽숲 이슬 수분 크림보다 비싸요 [1][3].",
    "새벽숲 이슬 수분 크림은 달빛 맑은 토너보다 평점이 낮아요 [1][3].",
    "두 제품 모두 15,000원이 넘어요 [1][3].",
    "이 앰플은 보습을 꼽은 리뷰가 14개예요 [2].",
    "새벽숲 이슬 수분 로션도 있어요 [1].",
    "향이 거슬린다는 아쉬움이 있어요 [2].",
    "새벽숲 이슬 수분 크림에는 나이아신아마이드가 들어 있어요 [1].",
    "나이아신아마이드는 비타민 C의 한 형태예요 [4].",
    "나이아신아마이드는 가장 많이 쓰이는 성분이에요 [4].",
    "이 가격대에서는 가장 촉촉한 크림이에요 [1].",
    "지성에서 가장 순하다는 평을 받았어요 [2].",
    "진정을 꼽은 리뷰가 보습보다 많아요 [2].",
    "진정 효과를 꼽은 리뷰가 가장 많아요 [2].",
    "각질 효과를 꼽은 리뷰가 많아요 [2].",
    "보통이라는 리뷰가 2개로 가장 많아요 [2].",
    "자극이 있다는 분이 두 명이에요 [2].",
    "예민한 피부에 딱이에요 [2].",
    "건성은 순하다고 한 분이 없어요 [2].",
]
UNWORDED = [
    "팔자주름이 옅어졌다는 후기도 있어요 [2].",
    "산뜻하고 가벼운 제형이에요 [2].",
    "라벤더 향이 은은하게 나요 [2].",
    "여드름균을 죽여 줘요 [1].",
    "콜라겐 생성을 촉진해 줘요 [4].",
    "자기 전에 바르고 아침에 씻어 내세요.",
    "매일 아침저녁으로 쓰셔도 괜찮아요 [1].",
    "토너와 함께 쓰면 피부가 두 배로 좋아져요.",
    "알코올이 없어 자극 걱정이 적어요 [1].",
    "둘 다 글리세린이 들어 있어요 [1][3].",
]
RIGHTLY_COUNTED = [
    "진정 효과를 느꼈다고 적은 리뷰가 4개예요 [2].",
    "순하다고 말한 리뷰는 15개예요 [2].",
    "향이 좋다는 칭찬이 3개예요 [2].",
    "대부분의 리뷰가 보습 효과를 꼽았어요 [2].",
    "절반이 넘는 분이 순하다고 했어요 [2].",
    "10명 중 8명이 순하다고 했어요 [2].",
    "자극을 느꼈다는 리뷰는 거의 없어요 [2].",
    "건성 피부의 평점이 지성 피부보다 높아요 [2].",
    "달빛 맑은 토너가 새벽숲 이슬 수분 크림보다 저렴해요 [1][3].",
    "새벽숲 이슬 수분 크림은 달빛 맑은 토너보다 6,000원 비싸요 [1][3].",
    "두 제품 모두 1만 원이 넘어요 [1][3].",
    "이 크림은 보습을 꼽은 리뷰가 14개예요 [2].",
    "용기가 예뻐서 선물했다는 후기가 있어요 [2].",
    "자극을 느꼈다는 리뷰는 한 건이에요 [2].",
    "순하다는 리뷰가 15개로 가장 많아요 [2].",
    "건성 아홉 분의 평점이 4.7점이에요 [2].",
    "지성 평점은 3.2점으로 건성 4.7점보다 낮아요 [2].",
    "다만 겨울에도 당기지 않는다는 후기가 있어요 [2].",
    "새벽숲 이슬 수분 크림은 10ml로 따지면 2,250원꼴이에요 [1].",
    "얼마나 자주 써야 하는지는 자료에 나와 있지 않아요.",
]


@pytest.mark.parametrize("sentence", FALSELY_COUNTED)
def test_a_count_share_or_comparison_the_passages_deny_goes(sentence: str):
    assert GUARD.judge(sentence, SHOWN)[0] is False


@pytest.mark.parametrize("sentence", UNWORDED)
def test_a_place_texture_use_or_promise_that_no_passage_words_goes(sentence: str):
    assert GUARD.judge(sentence, SHOWN)[0] is False


def test_a_word_of_the_skin_that_a_passage_has_may_be_said():
    barrier = Passage(
        DocumentKind.INGREDIENT, "판테놀", "판테놀", "판테놀\n설명: 장벽을 편안하게 감싸 줘요."
    )
    assert GUARD.judge("장벽을 편안하게 감싸 줘요 [1].", [barrier])[0] is True
    assert GUARD.judge("장벽의 염증을 가라앉혀요 [1].", [barrier])[0] is False


@pytest.mark.parametrize("sentence", RIGHTLY_COUNTED)
def test_a_count_share_or_comparison_the_passages_bear_out_stands(sentence: str):
    assert GUARD.judge(sentence, SHOWN)[0] is True


# --- fitting ------------------------------------------------------------------------------------


def test_weights_learn_what_parts_two_groups():
    rows = [Claim("가격은 18,000원이에요 [1].", (CREAM,), True)] * 3
    wrong = [Claim("용량은 500ml예요 [1].", (CREAM,), False)] * 3
    told = measured(GUARD, [*rows, *wrong])
    assert (told.precision, told.recall, told.claims) == (1.0, 1.0, 6)


def test_a_regression_finds_the_sign_of_a_feature():
    np = pytest.importorskip("numpy")
    rows = np.array([[1.0, 0.0], [1.0, 0.1], [1.0, 0.9], [1.0, 1.0]])
    weights = fit(rows, np.array([0.0, 0.0, 1.0, 1.0]))
    assert weights[1] > 0 > weights[0]


def test_labelled_claims_are_enough_and_of_both_kinds():
    rows = [json.loads(line) for line in (SEED / "claims.jsonl").read_text().splitlines()]
    supported = sum(row["supported"] for row in rows)
    assert len(rows) >= 100
    assert 0.3 < supported / len(rows) < 0.7


FOREST = Passage(
    DocumentKind.REVIEWS,
    "p2",
    "달빛 맑은 토너",
    "달빛 맑은 토너 리뷰 12개, 평점 4.0점\n효과: 진정 9개, 보습 2개\n"
    "순한 정도: 순해요 4개, 보통 5개, 자극 2개\n"
    "피부 타입: 건성 5개 3.4점 순함 1/4, 지성 4개 4.6점 순함 3/4\n"
    "칭찬: 흡수가 빨라요 4개, 향이 좋아요 2개\n아쉬움: 향이 거슬려요 3개",
)
PAIR = [CREAM, REVIEWS, TONER, FOREST]


@pytest.mark.parametrize(
    "sentence",
    [
        "새벽숲 이슬 수분 크림이 4.0점, 달빛 맑은 토너가 4.5점이에요 [2][4].",
        "새벽숲은 12,000원이고 달빛은 18,000원이에요 [1][3].",
        "달빛 맑은 토너가 새벽숲 이슬 수분 크림보다 비싸요 [1][3].",
        "순하다는 리뷰는 달빛 맑은 토너가 더 많아요 [2][4].",
        "지성은 새벽숲 이슬 수분 크림이 더 높아요 [2][4].",
        "흡수가 빠르다는 칭찬은 새벽숲에 4개 있어요 [2].",
        "건성 9개 리뷰에서 4.7점이니 지성이신 고객님께도 잘 맞아요 [2].",
        "달빛 맑은 토너는 향이 거슬린다는 말이 없어요 [4].",
        "달빛 맑은 토너는 열에 아홉이 순하다고 했어요 [4].",
        "새벽숲 나이아신 그린 크림은 18,000원이에요 [1].",
        "수연재 골든 토너가 12,000원이에요 [3].",
        "새벽숲 이슬 수분 크림은 피부과에서 추천하는 제품이에요 [1].",
        "두 제품 점수가 똑같이 4.5점이에요 [2][4].",
    ],
)
def test_what_is_another_products_or_turned_round_goes(sentence):
    assert GUARD.judge(sentence, PAIR)[0] is False


@pytest.mark.parametrize(
    "sentence",
    [
        "새벽숲 이슬 수분 크림이 4.5점, 달빛 맑은 토너가 4.0점이에요 [2][4].",
        "새벽숲은 18,000원이고 달빛은 12,000원이에요 [1][3].",
        "새벽숲 이슬 수분 크림이 달빛 맑은 토너보다 비싸요 [1][3].",
        "순하다는 리뷰는 새벽숲 이슬 수분 크림이 더 많아요 [2][4].",
        "지성은 달빛 맑은 토너가 더 높아요 [2][4].",
        "흡수가 빠르다는 칭찬은 달빛에 4개 있어요 [4].",
        "말씀하신 제품은 자료에 없어요.",
    ],
)
def test_what_each_product_has_stays(sentence):
    assert GUARD.judge(sentence, PAIR) == (True, None)


def test_a_shops_own_address_and_number_may_be_said_and_others_not():
    shop = "서울시 강남구 테헤란로 152, 전화 02-123-4567, 10시부터 19시까지 열어요."
    for told in (
        "매장은 서울시 강남구 테헤란로 152예요.",
        "전화번호는 02-123-4567이에요.",
        "서울시 강남구 테헤란로 152에 있고 전화는 02-123-4567로 주세요.",
    ):
        assert leaks.leak(told, shop) is None
    for told in ("매장은 서울시 강남구 테헤란로 153이에요.", "02-123-4568로 전화해 주세요."):
        assert leaks.leak(told, shop) == "personal"
