"""Wishes beyond the data: said in a sentence, and the rest of the wish answered."""

from contextlib import aclosing

import pytest

from engine.domain import DocumentKind, Passage, Question, Writer
from engine.generation.beyond import animal, beyond, fragrant, told
from engine.generation.checks.names import Known
from engine.generation.consult import Consultant, Consulted
from engine.generation.intent import understand
from engine.generation.model import Queued
from engine.generation.unknown import Stock, What
from tests.fakes import Bookshelf, ScriptedModel


def cream(key: str, name: str, price: int, score: float = 0.0) -> Passage:
    text = f"새벽숲 {name} (토너)\n브랜드: 새벽숲\n가격: {price:,}원\n용량: 80ml"
    return Passage(DocumentKind.PRODUCT, key, f"새벽숲 {name}", text, score=score)


MOSS = cream("p1", "이끼 진정 토너", 18_000)
HONEY = cream("p2", "꿀물 보습 토너", 15_000)
FORMULAS = {
    "p1": ("정제수", "글리세린"),
    "p2": ("정제수", "꿀추출물", "향료"),
    "p3": ("정제수", "리날룰"),
}


async def asked(
    text: str, *found: Passage, model: ScriptedModel | None = None
) -> tuple[list[str | Queued], Consulted]:
    shelf = Bookshelf(found, formulas=FORMULAS)
    async with aclosing(Consultant(shelf, model).consult(Question(text))) as pieces:
        *before, last = [piece async for piece in pieces]
    assert isinstance(last, Consulted)
    return [one for one in before if not isinstance(one, Consulted)], last


# --- what is wished -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("비건 토너 추천해줘", ("비건인지",)),
        ("비건인증크림 있나여?", ("비건인지",)),
        ("크루얼티프리 크림 있어요?", ("동물실험을 했는지",)),
        ("동물 실험 안 한 로션", ("동물실험을 했는지",)),
        ("할랄 로션 있나요", ("할랄 인증을 받았는지",)),
        ("유기농 인증 토너", ("유기농 인증을 받았는지",)),
        ("임산부용 크림", ("임신·수유 중에 써도 되는지",)),
        ("향수 향 나는 로션", ("향수 향이 나는지",)),
        ("장미향 크림", ("장미 향이 나는지",)),
        ("할랄이고 비건인 크림", ("할랄 인증을 받았는지", "비건인지")),
    ],
)
def test_what_no_data_tell_is_heard(text: str, wishes: tuple[str, ...]):
    assert understand(text).beyond == wishes


@pytest.mark.parametrize(
    "text",
    [
        "비건 아니어도 돼요",
        "비건이 뭐예요?",
        "장미향료 들어 있어요?",
        "향수 팔아요?",
        "촉촉한 크림 추천해줘",
        "향이 좋은 로션",
    ],
)
def test_what_is_not_wished_is_not_heard(text: str):
    assert beyond(text) == ()


def test_a_products_name_wishes_nothing():
    assert understand("유기농 알로에 젤 얼마예요?", " 얼마예요?").beyond == ()
    assert understand("무향 장벽 크림 얼마예요?", " 얼마예요?").without == ()


def test_the_particle_fits_and_all_is_one_sentence():
    wishes = ("비건인지", "할랄 인증을 받았는지")
    assert told(wishes) == "비건인지, 할랄 인증을 받았는지는 자료에 없어서 알 수 없어요."


@pytest.mark.parametrize("text", ["무향 로션", "향 없는 크림", "향이 안 나는 토너 있어요?"])
def test_without_scent_is_a_wish_that_formulas_answer(text: str):
    understood = understand(text)
    assert (understood.without, understood.beyond) == (("향료",), ())


def test_a_claim_is_no_ingredient_to_do_without():
    assert understand("크루얼티프리 크림 추천").without == ()


# --- what a formula tells -----------------------------------------------------------------------


def test_what_comes_from_an_animal_is_known_by_its_name():
    formula = (
        "정제수",
        "꿀추출물",
        "비즈왁스",
        "하이드롤라이즈드콜라겐",
        "식물성콜라겐",
        "밀크씨슬",
    )
    assert animal(formula) == ("꿀추출물", "비즈왁스", "하이드롤라이즈드콜라겐")


def test_fragrance_is_known_by_its_name_and_its_allergens():
    assert fragrant(("정제수", "향료", "리날룰", "라우릴알코올")) == ("향료", "리날룰")


# --- answers ------------------------------------------------------------------------------------


async def test_the_data_do_not_tell_and_the_rest_is_recommended():
    _, done = await asked("비건 토너 추천해줘", MOSS)
    first, rest = done.answer.text.split(". ", 1)
    assert first == "비건인지는 자료에 없어서 알 수 없어요"
    assert "이끼 진정 토너" in rest


async def test_who_wants_vegan_products_is_shown_no_honey():
    _, vegan = await asked("비건 토너 추천해줘", HONEY, MOSS)
    _, any_one = await asked("토너 추천해줘", HONEY, MOSS)
    assert "꿀물" not in vegan.answer.text
    assert "꿀물" in any_one.answer.text


async def test_a_formula_tells_that_a_product_is_not_vegan():
    _, done = await asked("꿀물 보습 토너 비건이에요?", cream("p2", "꿀물 보습 토너", 15_000, 1.0))
    assert "꿀추출물이 들어 있어서 비건으로 보기 어려워요 [1]" in done.answer.text
    assert "알 수 없어요" not in done.answer.text


async def test_what_one_formula_tells_is_not_known_of_the_others():
    named = cream("p2", "꿀물 보습 토너", 15_000, 1.0)
    _, done = await asked("꿀물 보습 토너랑 비슷한 비건 토너 추천해줘", named, MOSS)
    assert done.answer.text.startswith("비건인지는 자료에 없어서 알 수 없어요.")
    assert "이끼 진정 토너" in done.answer.text


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("p1", "전성분에 향료는 들어 있지 않아요 [1]"),
        ("p2", "전성분에는 향료가 들어 있어요 [1]"),
        ("p3", "향을 낼 수 있는 리날룰이 들어 있어요 [1]"),
    ],
)
async def test_a_formula_tells_of_fragrance(key: str, words: str):
    _, done = await asked("이끼 토너 향이 안 나는 제품이에요?", cream(key, "이끼 토너", 9_000, 1.0))
    assert words in done.answer.text
    assert "자료에 없어서" not in done.answer.text


async def test_nothing_is_said_where_nothing_is_recommended():
    _, done = await asked("비건 토너 추천해줘")
    assert "비건인지" not in done.answer.text


async def test_a_models_answer_begins_with_it_too():
    price, size = "새벽숲 이끼 진정 토너는 18,000원이에요 [1]. ", "용량은 80ml예요 [1]. "
    model = ScriptedModel([price, size, "용량은"])
    pieces, done = await asked("비건 토너 추천해줘", MOSS, model=model)
    told_first = "비건인지는 자료에 없어서 알 수 없어요. 새벽숲 이끼"
    assert done.answer.writer is Writer.MODEL
    assert done.answer.text.startswith(told_first)
    assert str(pieces[0]).startswith(told_first)
    assert "".join(map(str, pieces)).count("비건인지") == 1


def test_the_words_of_two_names_side_by_side_are_no_kind():
    """«무향 수분 세럼» holds the letters of 향수, and the shop sells none."""
    known = Known.of([("살결서재", "무향 수분 세럼")], [])
    missing = Stock(known).missing(understand("향수 추천해줘"), "향수 추천해줘")
    assert missing is not None
    assert (missing.what, missing.names) == (What.KIND, ("향수",))
