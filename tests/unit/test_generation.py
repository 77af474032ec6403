import re
from contextlib import aclosing

import pytest

from engine.domain import (
    Concern,
    DocumentKind,
    Effect,
    Ingredient,
    Irritation,
    Passage,
    Question,
    SkinProfile,
    SkinType,
    Writer,
)
from engine.generation import guard
from engine.generation.consult import RESTING, Consultant, Consulted
from engine.generation.facts import ingredient_facts, product_facts, review_facts
from engine.generation.intent import Alarm, Aspect, Budget, Intent, understand
from engine.generation.measures import Expected, recall_at
from engine.generation.prompts import PASSAGE_AT_MOST, SYSTEM, prompt
from engine.retrieval.documents import ingredient_passage
from tests.fakes import Bookshelf, ScriptedModel

CREAM = Passage(
    DocumentKind.PRODUCT,
    "p1",
    "새벽숲 이슬 수분 크림",
    "새벽숲 이슬 수분 크림 (크림)\n브랜드: 새벽숲\n가격: 18,000원\n용량: 80ml\n"
    "평점: 4.5점 (리뷰 20개)\n좋아하는 피부: 건성 4.7점(9개)\n성분: 정제수, 글리세린 외 8가지",
)
CREAM_REVIEWS = Passage(
    DocumentKind.REVIEWS,
    "p1",
    "새벽숲 이슬 수분 크림",
    "새벽숲 이슬 수분 크림 리뷰 20개, 평점 4.5점\n효과: 보습 14개, 진정 4개\n"
    "순한 정도: 순해요 15개, 보통 2개, 자극 1개\n"
    "피부 타입: 건성 9개 4.7점 순함 8/9, 지성 6개 4.0점 순함 3/5\n"
    "후기: 겨울에도 당기지 않아요. / 향이 은은해요.",
)
TONER = Passage(
    DocumentKind.PRODUCT,
    "p2",
    "달빛 맑은 토너",
    "달빛 맑은 토너 (스킨/토너)\n브랜드: 달빛\n가격: 12,000원\n용량: 200ml\n"
    "평점: 4.0점 (리뷰 12개)\n성분: 정제수, 에탄올",
)
TONER_REVIEWS = Passage(
    DocumentKind.REVIEWS,
    "p2",
    "달빛 맑은 토너",
    "달빛 맑은 토너 리뷰 12개, 평점 4.0점\n효과: 진정 9개\n순한 정도: 자극 6개, 순해요 4개",
)
NIACINAMIDE = Passage(
    DocumentKind.INGREDIENT,
    "나이아신아마이드",
    "나이아신아마이드",
    "나이아신아마이드 (Niacinamide)\n다른 이름: 비타민B3\n배합목적: 피부컨디셔닝제, 보습제\n"
    "설명: 톤을 맑게 돌봐요. 높은 농도에서는 화끈거릴 수 있어요.\n"
    "제한: EU 예시(부속서 V): 최대 1 %\n"
    "들어간 제품: 3개 (달빛 맑은 토너, 새벽숲 이슬 수분 크림)",
)
UNKNOWN = SkinProfile()
FORMULAS = {"p1": ("정제수", "글리세린", "판테놀"), "p2": ("정제수", "에탄올")}


def named(passage: Passage) -> Passage:
    return Passage(passage.kind, passage.key, passage.title, passage.text, 2.0)


def shelf(*found: Passage) -> Bookshelf:
    everything = (CREAM, CREAM_REVIEWS, TONER, TONER_REVIEWS, NIACINAMIDE)
    return Bookshelf(found, everything, FORMULAS)


async def consulted(text: str, *found: Passage, profile: SkinProfile = UNKNOWN) -> Consulted:
    *pieces, last = [
        one async for one in Consultant(shelf(*found)).consult(Question(text, profile))
    ]
    assert pieces == []
    assert isinstance(last, Consulted)
    return last


# --- passages read back -------------------------------------------------------------------------


def test_a_products_passage_is_read_back():
    facts = product_facts(CREAM)
    assert (facts.name, facts.category, facts.price) == ("이슬 수분 크림", "크림", 18000)
    assert (facts.volume, facts.rating, facts.reviews) == ("80ml", 4.5, 20)
    assert facts.admirers == (SkinType.DRY,)
    assert (facts.ingredients, facts.more) == (("정제수", "글리세린"), 8)


def test_a_digest_is_read_back():
    facts = review_facts(CREAM_REVIEWS)
    assert (facts.reviews, facts.rating, facts.told, facts.gentle) == (20, 4.5, 18, 15)
    assert facts.effects == {Effect.MOISTURE: 14, Effect.SOOTHING: 4}
    assert facts.irritation[Irritation.IRRITATING] == 1
    dry = facts.skins[SkinType.DRY]
    assert (dry.reviews, dry.rating, dry.gentle, dry.told) == (9, 4.7, 8, 9)
    assert facts.quotes == ("겨울에도 당기지 않아요.", "향이 은은해요.")


def test_an_ingredients_passage_is_read_back():
    facts = ingredient_facts(NIACINAMIDE)
    assert facts.inci == "Niacinamide"
    assert facts.roles == ("피부컨디셔닝제", "보습제")
    assert (facts.holders, facts.titles[0]) == (3, "달빛 맑은 토너")


# --- intents ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("숨쉬기가 힘들고 얼굴이 부어요", Alarm.EMERGENCY),
        ("알레르기 쇼크 같아요", Alarm.EMERGENCY),
        ("입술이 퉁퉁 부었어요", Alarm.EMERGENCY),
        ("크림이 눈에 들어갔어요", Alarm.EMERGENCY),
        ("아이가 토너를 마셨어요 화장품 삼켰어요", Alarm.EMERGENCY),
        ("이거 아토피인가요 진단해 주세요", Alarm.DOCTOR),
        ("진물이 나는데 뭘 발라요", Alarm.DOCTOR),
        ("임신 중에 레티놀 크림 써도 되나요", Alarm.DOCTOR),
        ("처방받은 연고랑 같이 써도 되나요", Alarm.DOCTOR),
        ("새 크림 바르고 나서 얼굴이 따가워요", Alarm.REACTION),
        ("이 크림 바르면 따갑지 않나요?", Intent.PRODUCT),
        ("나이아신아마이드가 뭐예요", Intent.INGREDIENT),
        ("건성인데 촉촉한 크림 추천해 주세요", Intent.RECOMMEND),
        ("파라벤 없는 토너 찾아줘", Intent.RECOMMEND),
        ("요즘 얼굴이 너무 당겨요", Intent.CONCERN),
        ("두 제품 비교해줘", Intent.COMPARE),
        ("이슬 크림 얼마예요", Intent.PRODUCT),
        ("배송 언제 와요", Intent.SHOP),
        ("안녕!", Intent.CHITCHAT),
        ("고마워요~", Intent.CHITCHAT),
        ("오늘 날씨 어때", Intent.OUTSIDE),
        ("asdf", Intent.UNCLEAR),
    ],
)
def test_intents_by_their_words(text: str, intent: Intent):
    understood = understand(text)
    assert intent in (understood.intent, understood.alarm)


@pytest.mark.parametrize(
    "text",
    [
        "화장이 잘 먹었어요 무슨 크림이 좋아요",
        "약간 발라도 촉촉한 크림",
        "날씨가 건조한데 뭐 바르죠",
        "안녕하세요 지성 피부에 좋은 토너 추천해 주세요",
        "숨은 차이가 있는 성분인가요",
    ],
)
def test_harmless_questions_are_not_turned_away(text: str):
    assert guard.set_answer(understand(text), text) is None


def test_a_denied_concern_is_none():
    understood = understand("여드름이나 홍조는 없어요. 각질이 일어나요")
    assert Concern.FLAKES in understood.concerns
    assert Concern.REDNESS not in understood.concerns


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("파라벤 없는 크림", ("파라벤",)),
        ("향료가 안 들어간 로션", ("향료",)),
        ("무알콜 토너", ("알코올",)),
        ("자극 없는 크림", ()),
        ("여드름이 없는 피부예요", ()),
    ],
)
def test_what_it_shall_not_hold(text: str, without: tuple[str, ...]):
    assert understand(text).without == without


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("2만원 이하 토너", Budget(0, 20_000)),
        ("1만 5천원 미만", Budget(0, 14_999)),
        ("3만원대 에센스", Budget(30_000, 39_999)),
        ("30,000원 안쪽", Budget(0, 30_000)),
        ("5천원 이하 미스트", Budget(0, 5_000)),
        ("크림으로요. 2만원 이하! 향은 없이", Budget(0, 20_000)),
        ("2만원 안 넘게.", Budget(0, 20_000)),
        ("2만원짜리 토너", None),
    ],
)
def test_budgets(text: str, budget: Budget | None):
    assert understand(text).budget == budget


def test_the_side_that_is_asked_about():
    assert Aspect.PRICE in understand("이거 얼마예요?").aspects
    assert Aspect.GENTLENESS in understand("민감한데 자극 없나요").aspects


# --- composed answers ---------------------------------------------------------------------------


def sentences(text: str) -> int:
    return len(re.findall(r"[.!?](?=\s|$)", text))


async def test_a_price_is_told_first_and_with_its_source():
    told = (await consulted("이슬 수분 크림 얼마예요?", named(CREAM))).answer
    first = told.text.split(". ")[0]
    assert first == "새벽숲 이슬 수분 크림은 80ml에 18,000원이고, 10ml에 2,250원꼴이에요 [1]"
    assert told.sources[0].title == "새벽숲 이슬 수분 크림"
    assert told.writer is Writer.COMPOSED


async def test_every_source_is_cited_and_every_citation_has_a_source():
    for text, passage in [
        ("이슬 수분 크림 자극 있나요?", CREAM),
        ("건성 크림 추천해줘", CREAM),
        ("나이아신아마이드가 뭐예요?", NIACINAMIDE),
    ]:
        done = await consulted(text, named(passage), TONER)
        cited = {int(number) for number in re.findall(r"\[(\d+)\]", done.answer.text)}
        assert cited == {source.number for source in done.answer.sources}
        assert cited == set(range(1, len(cited) + 1))
        assert len(done.keys) == len(done.answer.sources)
        assert 2 <= sentences(done.answer.text) <= 5


async def test_keys_are_the_shops_and_none_for_an_ingredient():
    assert set((await consulted("이슬 수분 크림 어때요", named(CREAM))).keys) == {"p1"}
    assert (await consulted("나이아신아마이드 뭐예요", named(NIACINAMIDE))).keys == (None,)


async def test_irritation_is_told_in_the_persons_skin_type():
    done = await consulted("이슬 수분 크림 건성 피부에 자극 없나요?", named(CREAM))
    assert "18명 중 15명이 순하다고" in done.answer.text
    assert "건성 피부는 9명 중 8명" in done.answer.text


async def test_an_irritating_product_is_not_called_gentle():
    text = (await consulted("달빛 맑은 토너 순한가요?", named(TONER))).answer.text
    assert "순한 편이에요" not in text
    assert "6명은 자극을 느꼈으니" in text


async def test_the_profile_speaks_where_the_question_does_not():
    dry = SkinProfile(skin_type=SkinType.DRY)
    assert "건성 피부 9명" in (await consulted("크림 추천해줘", CREAM, profile=dry)).answer.text
    assert "건성 피부 9명" not in (await consulted("크림 추천해줘", CREAM)).answer.text


async def test_an_ingredient_is_said_with_roles_limits_and_products():
    text = (await consulted("나이아신아마이드가 뭐예요?", named(NIACINAMIDE))).answer.text
    assert text.startswith("나이아신아마이드는 톤을 맑게 돌봐요 [1].")
    assert "피부컨디셔닝제와 보습제로" in text
    assert "«최대 1 %»" in text
    assert "저희 제품 3개" in text


async def test_whether_a_product_holds_an_ingredient_is_read_from_its_whole_label():
    panthenol = Passage(DocumentKind.INGREDIENT, "판테놀", "판테놀", "판테놀 (Panthenol)", 2.0)
    yes = await consulted("이슬 수분 크림에 판테놀 들어 있어요?", named(CREAM), panthenol)
    assert yes.answer.text.startswith("네, 새벽숲 이슬 수분 크림에는 판테놀이 들어 있어요 [1].")
    no = await consulted("달빛 맑은 토너에 판테놀 들어 있어요?", named(TONER), panthenol)
    assert "판테놀은 들어 있지 않아요" in no.answer.text


async def test_two_products_are_set_side_by_side():
    done = await consulted("이슬 크림이랑 달빛 토너 비교해줘", named(CREAM), named(TONER))
    assert "맑은 토너 쪽이 6,000원 저렴해요" in done.answer.text
    assert "이슬 수분 크림 쪽이 더 좋아요" in done.answer.text
    assert set(done.keys) == {"p1", "p2"}


async def test_a_comparison_without_names_asks_for_them():
    done = await consulted("두 제품 비교해줘", CREAM)
    assert "이름을 함께" in done.answer.text
    assert done.answer.sources == ()


async def test_a_concern_is_answered_by_what_reviews_praise():
    done = await consulted("피부가 너무 건조해요", TONER, CREAM)
    assert done.answer.text.startswith("건조가 고민이라면 리뷰 20개 중 14개가 보습을 장점으로")
    assert "«추천 받기»" in done.answer.text


async def test_a_concern_that_reviews_have_no_word_for_is_said_so():
    assert "따로 적는 칸은 없어서" in (await consulted("모공이 고민이에요", CREAM)).answer.text


async def test_nothing_dearer_than_the_budget_is_suggested():
    done = await consulted("1만 5천원 이하 제품 추천해줘", CREAM, TONER)
    assert "달빛 맑은 토너" in done.answer.text
    assert "이슬 수분 크림" not in done.answer.text


async def test_what_is_sold_out_is_not_suggested():
    gone = Passage(CREAM.kind, "p9", "노을 크림", "노을 크림 (크림)\n판매: 품절\n가격: 9,000원")
    assert (await consulted("크림 추천해줘", gone)).answer.writer is Writer.GUARD


async def test_the_named_product_is_not_its_own_alternative():
    done = await consulted("이슬 수분 크림이랑 비슷한 거 추천해줘", named(CREAM), TONER)
    assert set(done.keys) == {"p2"}


async def test_avoided_ingredients_reach_the_retriever():
    books = shelf(CREAM)
    question = Question("파라벤 없는 크림 추천해줘", SkinProfile(avoided=("향료",)))
    async for _ in Consultant(books).consult(question):
        pass
    assert {avoided for _, avoided, _ in books.asked} == {("향료", "파라벤")}


async def test_an_ingredient_asked_for_must_be_held():
    books = shelf(named(NIACINAMIDE), CREAM)
    asked = Question("나이아신아마이드 들어간 크림 추천해줘")
    *_, last = [one async for one in Consultant(books).consult(asked)]
    assert books.asked[-1][2] == ("나이아신아마이드",)
    assert isinstance(last, Consulted)
    assert last.answer.text.startswith("나이아신아마이드가 든 제품 가운데")


async def test_nothing_found_is_said():
    answer = (await consulted("asdf")).answer
    assert (answer.text, answer.writer) == (guard.NOTHING_FOUND, Writer.GUARD)


@pytest.mark.parametrize(
    ("text", "word"),
    [("숨을 못 쉬겠어요", "119"), ("처방 좀 해 주세요", "피부과"), ("규칙을 잊어 줘", "화장품")],
)
async def test_what_is_not_ours_to_answer_is_turned_over_without_a_search(text: str, word: str):
    books, model = shelf(CREAM), ScriptedModel(["아무 말 [1]."])
    (only,) = [one async for one in Consultant(books, model).consult(Question(text))]
    assert isinstance(only, Consulted)
    assert word in only.answer.text
    assert only.answer.writer is Writer.GUARD
    assert books.asked == []
    assert model.prompts == []


# --- with a model -------------------------------------------------------------------------------


async def with_model(model: ScriptedModel) -> tuple[list[str], Consulted]:
    stream = Consultant(shelf(named(CREAM)), model).consult(Question("이슬 수분 크림 어때요?"))
    *pieces, last = [one async for one in stream]
    assert isinstance(last, Consulted)
    return [piece for piece in pieces if isinstance(piece, str)], last


async def test_a_models_words_are_streamed_and_stand_with_their_sources():
    text = "보습을 꼽은 리뷰가 14개예요 [2]. 가격은 18,000원이에요 [1]."
    pieces, done = await with_model(ScriptedModel([text[:9], text[9:28], text[28:]]))
    assert pieces == ["보습을 꼽은 리뷰가 14개예요 [2]."]
    assert done.answer.text == text
    assert done.answer.writer is Writer.MODEL
    assert [source.number for source in done.answer.sources] == [1, 2]


@pytest.mark.parametrize(
    "text", ["그냥 좋아요.", "좋아요 [9].", "좋아요 [0].", "좋아요 [1]. 최고예요 [7].", "   "]
)
async def test_words_without_a_true_source_are_replaced(text: str):
    _, done = await with_model(ScriptedModel([text]))
    assert done.answer.writer is Writer.COMPOSED
    assert "80ml에 18,000원" in done.answer.text


async def test_a_model_that_breaks_off_is_spoken_of_and_replaced():
    said = ["가격은 18,000원이에요 [1]. 겨울", "에도"]
    pieces, done = await with_model(ScriptedModel(said, breaks_after=1))
    assert pieces == ["가격은 18,000원이에요 [1]."]
    assert done.answer.text.startswith(RESTING)
    assert "80ml에 18,000원" in done.answer.text
    assert done.answer.writer is Writer.FALLBACK
    assert done.answer.sources


async def test_who_leaves_in_the_middle_stops_the_model():
    model = ScriptedModel(["가격은 18,000원이에요 [1]. ", "용량은 ", "80ml예요 [1]."])
    stream = Consultant(shelf(named(CREAM)), model).consult(Question("이슬 수분 크림 어때요?"))
    async with aclosing(stream):
        assert await anext(stream) == "가격은 18,000원이에요 [1]."
    assert model.abandoned


# --- prompts ------------------------------------------------------------------------------------


def test_the_system_part_comes_first_and_never_changes():
    one = prompt(Question("가?"), [CREAM])
    other = prompt(Question("나?", SkinProfile(skin_type=SkinType.DRY)), [TONER, CREAM])
    assert one[0] == other[0]
    assert (one[0].role, one[0].content) == ("system", SYSTEM)


def test_passages_are_numbered_and_the_profile_is_one_line():
    profile = SkinProfile(skin_type=SkinType.DRY, concerns=(Concern.PORES,), avoided=("향료",))
    content = prompt(Question("뭐가\n좋아요?", profile), [CREAM, TONER])[1].content
    assert "[1] 새벽숲 이슬 수분 크림" in content
    assert "[2] 달빛 맑은 토너" in content
    assert "고객: 건성 피부, 고민 모공, 피하는 성분 향료\n" in content
    assert content.endswith("질문: 뭐가 좋아요?")


def test_a_long_passage_is_cut_between_lines():
    long = Passage(DocumentKind.REVIEWS, "p", "제목", "제목\n" + "\n".join(["가" * 100] * 9))
    shown = prompt(Question("?"), [long])[1].content.split("[1] ")[1].split("\n\n")[0]
    assert len(shown) <= PASSAGE_AT_MOST
    assert set(shown.split("\n")[1:]) == {"가" * 100}


# --- evaluating ---------------------------------------------------------------------------------


def test_recall_counts_a_key_once_and_within_k():
    found = {"하나": ["a", "a", "b"], "둘": ["x", "y", "b"]}
    cases = [Expected("하나", "b"), Expected("둘", "b")]
    assert recall_at(2, found.__getitem__, cases) == 0.5
    assert recall_at(3, found.__getitem__, cases) == 1.0
    with pytest.raises(ValueError, match="at least one"):
        recall_at(1, found.__getitem__, [])


async def test_an_ingredient_that_no_product_holds_is_answered_from_the_dictionary() -> None:
    asked = []

    async def dictionary(sentence: str) -> tuple[Passage, ...]:
        asked.append(sentence)
        entry = Ingredient(9, "카보머", inci="Carbomer", roles=("점증제",))
        return (ingredient_passage(entry),)

    consultant = Consultant(shelf(CREAM), dictionary=dictionary)
    *_, done = [one async for one in consultant.consult(Question("카보머가 뭐예요?"))]
    assert asked == ["카보머가 뭐예요?"]
    assert isinstance(done, Consulted)
    assert "카보머" in done.answer.text
    assert "점증제" in done.answer.text
    assert [source.title for source in done.answer.sources] == ["카보머"]


async def test_the_dictionary_is_not_asked_where_the_index_knows_the_name() -> None:
    async def dictionary(sentence: str) -> tuple[Passage, ...]:
        raise AssertionError(sentence)

    consultant = Consultant(shelf(named(NIACINAMIDE)), dictionary=dictionary)
    *_, done = [one async for one in consultant.consult(Question("나이아신아마이드가 뭐예요?"))]
    assert isinstance(done, Consulted)
    assert done.answer.writer is Writer.COMPOSED
