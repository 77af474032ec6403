"""What comes of an answer: what it spoke of, a second one, why it was no good, what the person told
of themselves, and the day's limit."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.dialogue import texts
from bot.dialogue.lately import SILENCE
from bot.dialogue.model import (
    AnswerAgain,
    Answered,
    AnswerPreferred,
    Consult,
    Consulting,
    Dialogue,
    Failure,
    FeedbackGiven,
    GiveReason,
    KeepSaid,
    LaySideBySide,
    Menu,
    Open,
    Prefer,
    ProfileAmended,
    QuestionAnswered,
    RateAnswer,
    Reason,
    Surveying,
)
from bot.memory import read as recalled
from bot.memory import written as kept
from engine.domain import (
    AgeBand,
    Answer,
    Concern,
    DocumentKind,
    Gender,
    Health,
    SkinProfile,
    SkinType,
    Source,
    Talk,
    Trace,
    Writer,
)
from engine.generation.intent import Intent
from tests.chat import START, Chat, agreed, picking, recommended, refused

QUESTION = "크림 중에 좋은 것은요?"
IN_DETAIL = "달빛 수분 크림을 자세히 알려 주세요"
OF_A_MODEL = Answer("답", writer=Writer.MODEL, trace=Trace("3", "tiny", ("product:p001",)))
PAIR = [texts.FIRST_BETTER, texts.SECOND_BETTER]


def asked(question: str = QUESTION, someone: Chat | None = None) -> Chat:
    """The answer is waited for."""
    chat = someone or agreed()
    chat.patient = True
    return chat.says(question)


def answered(answer: Answer, question: str = QUESTION, someone: Chat | None = None) -> Chat:
    chat = asked(question, someone)
    chat.patient = False
    return chat.late(Answered(chat.dialogue.ticket, chat._now(), answer))


def given(chat: Chat) -> list[FeedbackGiven]:
    return [fact for fact in chat.facts if isinstance(fact, FeedbackGiven)]


class TestTalk:
    def test_the_next_question_knows_what_was_spoken_of(self):
        chat = agreed().says(QUESTION)
        spoken = chat.shop.consulted(chat.request.question).talk
        assert spoken.products
        chat.says("그건 얼마야?")
        assert chat.request.question.talk == spoken
        assert "달빛 수분 크림: " in chat.text

    def test_an_answer_that_speaks_of_nothing_leaves_what_was_spoken_of(self):
        chat = agreed().says(QUESTION).says("고마워요!").says("그건 얼마야?")
        assert chat.request.question.talk.question == QUESTION

    @pytest.mark.parametrize(("seconds", "known"), [(-60, True), (0, False)])
    def test_half_an_hour_of_silence_ends_it(self, seconds, known):
        chat = agreed().says(QUESTION)
        chat.seconds += int(SILENCE.total_seconds()) + seconds
        chat.says("그건 얼마야?")
        assert bool(chat.request.question.talk.products) == known

    def test_going_home_does_not_end_it_a_new_survey_does(self):
        chat = picking().says("처음으로").says(QUESTION).says("처음으로")
        assert chat.dialogue.spoken is not None
        chat.presses("내 정보").presses("설문 다시 하기").presses("건너뛰기")
        for _ in range(5):
            chat.presses("건너뛰기")
        chat.presses("이대로 저장").says("처음으로").says("그건 얼마야?")
        assert chat.request.question.talk == Talk()

    def test_it_goes_with_the_consent(self):
        chat = agreed().says(QUESTION).says("처음으로").presses("내 정보")
        chat.presses("동의 거두기").presses("거두고 지우기")
        assert chat.dialogue.spoken is None

    def test_an_open_question_is_kept_without_it_and_asked_again_with_it(self):
        chat = agreed().says(QUESTION)
        chat.patient = True
        chat.says("그건 얼마야?")
        talk = chat.request.question.talk
        assert isinstance(chat.dialogue.open, Consult)
        assert chat.dialogue.open.question.talk == Talk() != talk
        chat.redrawn()
        assert chat.request.question.talk == talk

    @pytest.mark.parametrize(
        ("look", "spoken"),
        [
            (lambda: agreed().says(QUESTION).presses("온결 보습 크림"), "온결 보습 크림"),
            (recommended, "숲속 시카 로션"),
            (lambda: recommended().presses("성분 보기"), "숲속 시카 로션"),
            (lambda: recommended().presses("왜 추천했나요?"), "숲속 시카 로션"),
            (lambda: recommended().presses("비교하기"), "숲속 시카 로션"),
        ],
    )
    def test_what_was_looked_at_last_was_spoken_of_too(self, look, spoken):
        chat = look().says("처음으로").says("그건 얼마야?")
        assert chat.text.startswith(f"{spoken}: ")

    def test_an_ingredient_that_was_looked_up_was_spoken_of(self):
        chat = agreed().says("/ingredient 판테놀").says("처음으로").says("그건 어디에 좋아요?")
        assert chat.request.question.talk == Talk(ingredients=("판테놀",))

    def test_long_names_are_left_out(self):
        long = Talk(("가" * 200, "p001"), ("나" * 20, "다" * 70), "라" * 1_000)
        chat = answered(replace(OF_A_MODEL, talk=long))
        assert chat.dialogue.spoken is not None
        assert chat.dialogue.spoken.talk == Talk((), ("나" * 20,), "라" * 40)


class TestAgain:
    def test_a_model_is_asked_once_more_and_the_better_answer_chosen(self):
        chat = agreed().says(IN_DETAIL)
        assert chat.labels[:3] == ["👍", "👎", "다시 답해줘"]
        first = chat.dialogue.ticket
        chat.presses("다시 답해줘")
        assert chat.request.question.again
        assert chat.request.question.text == IN_DETAIL
        assert chat.text.startswith(f"{texts.ANOTHER_ANSWER}\n\n다르게 말하면, ")
        assert chat.labels[:4] == [*PAIR, "👍", "👎"]
        assert texts.AGAIN not in chat.labels
        second = chat.fact
        assert isinstance(second, QuestionAnswered)
        assert (second.question, second.again_of) == (IN_DETAIL, first)
        assert second.answer.trace.prompt_version == "3"
        chat.presses(texts.SECOND_BETTER)
        assert chat.fact == AnswerPreferred(chat.fact.at, second.ticket, second=True)
        assert chat.toasts == [texts.PREFERENCE_THANKS]

    def test_it_is_put_to_what_was_spoken_of_then(self):
        chat = agreed().says(QUESTION)
        before = chat.shop.consulted(chat.request.question).talk
        chat.says("그건 얼마야? 자세히").presses("다시 답해줘")
        assert chat.request.question.talk == before

    @pytest.mark.parametrize(
        ("answer", "offered"),
        [
            (OF_A_MODEL, True),
            (Answer("답", writer=Writer.COMPOSED, trace=Trace(model="tiny")), True),
            (Answer("답", writer=Writer.COMPOSED), False),
            (Answer("답", writer=Writer.FALLBACK, trace=Trace(model="tiny")), False),
            (Answer("답", writer=Writer.GUARD, trace=Trace(model="tiny")), False),
        ],
    )
    def test_it_is_offered_where_a_model_could_write_another(self, answer, offered):
        assert (texts.AGAIN in answered(answer).labels) == offered

    def test_beside_a_survey_or_recommendations_it_is_not_offered(self):
        assert texts.AGAIN not in recommended().says(IN_DETAIL).labels
        assert texts.AGAIN not in agreed().presses("추천 받기").says(IN_DETAIL).labels

    def test_without_consent_another_is_given_and_nothing_is_compared(self):
        chat = refused().says(IN_DETAIL).presses("다시 답해줘")
        assert texts.ANOTHER_ANSWER in chat.text
        assert not {*PAIR, "👍"} & {*chat.labels}
        chat.taps(Prefer(chat.dialogue.ticket, second=True))
        assert not any(isinstance(one, AnswerPreferred | QuestionAnswered) for one in chat.facts)

    def test_what_came_back_composed_is_not_compared(self):
        chat = agreed().says(IN_DETAIL)
        chat.patient = True
        chat.presses("다시 답해줘").late(
            Answered(2, START, Answer("쉬어요", writer=Writer.FALLBACK))
        )
        assert not {*PAIR, texts.AGAIN} & {*chat.labels}
        assert texts.ANOTHER_ANSWER not in chat.text

    def test_a_double_tap_asks_once(self):
        chat = agreed().says(IN_DETAIL)
        chat.patient = True
        ticket = chat.dialogue.ticket
        chat.presses("다시 답해줘")
        number = len(chat.requests)
        chat.taps(AnswerAgain(ticket))
        assert chat.toasts == [texts.WAITING]
        assert len(chat.requests) == number

    def test_the_button_of_another_question_asks_nothing(self):
        chat = agreed().says(IN_DETAIL).says(QUESTION)
        number = len(chat.requests)
        chat.taps(AnswerAgain(1))
        assert chat.toasts == [texts.NO_OTHER_ANSWER]
        assert len(chat.requests) == number

    def test_where_it_failed_it_can_be_tried_again(self):
        chat = agreed().says(IN_DETAIL)
        ticket, works = chat.dialogue.ticket, chat.shop
        chat.shop = replace(works, failing=Failure.UNAVAILABLE)
        chat.presses("다시 답해줘")
        chat.shop = works
        chat.taps(AnswerAgain(ticket))
        assert chat.fact.again_of == ticket

    def test_after_a_restart_the_second_answer_is_asked_for_still(self):
        chat = agreed().says(IN_DETAIL)
        chat.patient = True
        chat.presses("다시 답해줘").redrawn()
        assert chat.request.question.again and chat.request.again_of == 1

    def test_a_very_long_question_is_answered_once(self):
        assert texts.AGAIN not in answered(OF_A_MODEL, "가" * 301).labels


class TestReasons:
    @pytest.mark.parametrize(
        ("label", "reason"),
        [
            ("틀린 내용이에요", Reason.WRONG),
            ("질문과 달라요", Reason.BESIDE),
            ("너무 길어요", Reason.LONG),
            ("불친절해요", Reason.UNKIND),
        ],
    )
    def test_a_thumb_down_is_asked_why(self, label, reason):
        chat = agreed().says(QUESTION).presses("👎")
        assert chat.text == texts.WHY_BAD
        chat.presses(label)
        assert [(one.good, one.answer, one.reason) for one in given(chat)] == [
            (False, 1, None),
            (False, 1, reason),
        ]
        assert chat.toasts == [texts.REASON_THANKS[reason]]

    def test_the_reason_may_be_skipped(self):
        chat = agreed().says(QUESTION).presses("👎").presses("건너뛰기")
        assert [one.reason for one in given(chat)] == [None]
        assert chat.toasts == [texts.THANKS]

    def test_where_another_answer_can_be_had_it_is_offered_then(self):
        chat = agreed().says(IN_DETAIL).presses("👎").presses("질문과 달라요")
        assert chat.text == texts.REASON_THANKS[Reason.BESIDE]
        assert chat.presses("다시 답해줘").request.question.again

    def test_a_thumb_up_only_thanks(self):
        chat = agreed().says(QUESTION).presses("👍")
        assert chat.toasts == [texts.THANKS] and not chat.bubbles

    def test_amid_a_survey_nothing_else_is_asked(self):
        chat = agreed().presses("추천 받기").says(QUESTION).taps(RateAnswer(1, good=False))
        assert chat.toasts == [texts.THANKS] and not chat.bubbles
        assert isinstance(chat.scene, Surveying)

    def test_beside_recommendations_their_buttons_come_again(self):
        chat = recommended().says(QUESTION)
        chat.taps(RateAnswer(chat.dialogue.ticket, good=False))
        assert [bubble.text for bubble in chat.bubbles] == [texts.WHY_BAD, texts.CLOSING]

    def test_without_consent_no_reason_is_kept(self):
        chat = refused().says(QUESTION).taps(GiveReason(Reason.WRONG, 1))
        assert not given(chat)


class TestSaid:
    def test_what_was_said_is_saved_on_their_word(self):
        chat = picking().says("처음으로").says("저는 지성이에요. 크림 있어요?")
        before = chat.profile
        assert chat.text == texts.save_said(["지성"])
        assert chat.text.startswith("‘지성’이라고 하셨는데 프로필에 저장할까요?")
        assert chat.profile == before
        chat.presses("저장")
        assert chat.profile == replace(before, skin_type=SkinType.OILY)
        assert chat.fact == ProfileAmended(chat.fact.at, chat.profile)
        assert chat.toasts == [texts.SAVED]
        facts = len(chat.facts)
        chat.taps(KeepSaid(chat.dialogue.ticket, keep=True))
        assert len(chat.facts) == facts and chat.toasts == [texts.SAID_DECIDED]

    def test_what_was_refused_is_not_offered_again(self):
        chat = agreed().says("저는 지성이에요").presses("괜찮아요")
        assert chat.toasts == [texts.SAID_NOT_KEPT] and chat.profile is None
        chat.says("저는 지성이에요")
        assert texts.SAVE_SAID not in chat.labels
        assert texts.SAVE_SAID in chat.says("저는 건성이에요").labels

    def test_what_the_profile_says_already_is_not_offered(self):
        assert texts.SAVE_SAID not in picking().says("처음으로").says("저는 건성이에요").labels

    def test_without_consent_nothing_is_offered(self):
        chat = refused().says("저는 지성이에요")
        assert texts.SAVE_SAID not in chat.labels
        chat.taps(KeepSaid(chat.dialogue.ticket, keep=True))
        assert chat.profile is None and chat.dialogue.heard is None

    def test_amid_a_survey_nothing_is_offered(self):
        chat = agreed().presses("추천 받기").says("저는 지성이에요")
        assert texts.SAVE_SAID not in chat.labels

    def test_several_are_joined_with_what_is_known(self):
        said = SkinProfile(
            AgeBand.TEENS,
            Gender.MALE,
            concerns=(Concern.PORES, Concern.REDNESS),
            avoided=("향료", "에탄올"),
        )
        chat = picking().says("처음으로")
        before = chat.profile
        answered(replace(OF_A_MODEL, said=said), someone=chat)
        chat.presses("저장")
        assert chat.profile.concerns == (Concern.REDNESS, Concern.PORES)
        assert chat.profile.avoided == before.avoided
        assert (chat.profile.age_band, chat.profile.gender) == (AgeBand.TEENS, Gender.MALE)
        assert chat.profile.skin_type == before.skin_type

    def test_health_is_never_offered(self):
        chat = answered(replace(OF_A_MODEL, said=SkinProfile(health=(Health.PREGNANCY,))))
        assert texts.SAVE_SAID not in chat.labels

    @pytest.mark.parametrize(
        ("intent", "offered"),
        [(Intent.MEDICAL, False), (Intent.ABUSE, False), (Intent.CHITCHAT, True)],
    )
    def test_where_something_else_matters_nothing_is_offered(self, intent, offered):
        said = SkinProfile(skin_type=SkinType.OILY)
        set_answer = Answer("답", writer=Writer.GUARD, said=said, intent=intent)
        assert (texts.SAVE_SAID in answered(set_answer).labels) == offered

    def test_an_older_offer_does_not_save_the_newer(self):
        chat = agreed().says("저는 지성이에요").says("저는 건성이에요").taps(KeepSaid(1, keep=True))
        assert chat.profile is None and chat.toasts == [texts.SAID_DECIDED]


class TestWaysOn:
    def test_a_routine_is_one_tap_away(self):
        chat = answered(Answer("답", intent=Intent.ROUTINE))
        assert chat.button("루틴 추천").action == Open(Menu.ROUTINE)

    def test_recommendations_are_one_tap_away(self):
        chat = answered(Answer("답", intent=Intent.RECOMMEND))
        assert chat.button("추천 받기").action == Open(Menu.RECOMMEND)

    def test_two_products_can_be_laid_side_by_side(self):
        sources = (
            Source(1, DocumentKind.PRODUCT, "달빛 수분 크림", product=1),
            Source(2, DocumentKind.REVIEWS, "달빛 수분 크림 리뷰", product=1),
        )
        alone = answered(Answer("답", sources, intent=Intent.COMPARE))
        assert texts.SIDE_BY_SIDE not in alone.labels
        both = (*sources, Source(3, DocumentKind.PRODUCT, "온결 보습 크림", product=5))
        chat = answered(Answer("답", both, intent=Intent.COMPARE))
        assert chat.button("나란히 보기").action == LaySideBySide(1, 5)

    def test_beside_recommendations_nothing_else_leads_away(self):
        chat = answered(Answer("답", intent=Intent.ROUTINE), someone=recommended())
        assert texts.ROUTINE not in chat.labels

    def test_the_shop_can_be_reached_where_it_is_known_how(self):
        chat = agreed()
        chat.dialogue = replace(chat.dialogue, contact="02-123-4567")
        assert "02-123-4567" in answered(Answer("답", intent=Intent.SHOP), someone=chat).text
        assert "02-123-4567" not in answered(Answer("답"), someone=chat).text
        assert "물어보시려면" not in answered(Answer("답", intent=Intent.SHOP)).text


class TestLimit:
    def limited(self, answers: int = 2) -> Chat:
        chat = agreed()
        chat.dialogue = replace(chat.dialogue, daily_answers=answers)
        return chat

    def test_a_model_answers_so_often_a_day_and_it_is_told_once(self):
        chat = self.limited()
        for _ in range(2):
            chat.says(IN_DETAIL)
            assert not chat.request.question.spent and texts.SPENT not in chat.text
        chat.says(IN_DETAIL)
        assert chat.request.question.spent and texts.SPENT in chat.text
        chat.says(IN_DETAIL)
        assert chat.request.question.spent and texts.SPENT not in chat.text

    def test_what_the_model_did_not_write_costs_nothing(self):
        chat = self.limited(1).says(QUESTION).says(QUESTION).says(IN_DETAIL)
        assert not chat.request.question.spent

    def test_a_second_answer_counts_and_is_not_offered_beyond_the_limit(self):
        chat = self.limited(2).says(IN_DETAIL).presses("다시 답해줘").says(QUESTION)
        assert chat.request.question.spent
        assert texts.AGAIN not in self.limited(1).says(IN_DETAIL).labels

    def test_the_day_ends_at_midnight_in_seoul(self):
        chat = self.limited(1)
        late = datetime(2026, 11, 2, 14, 50, tzinfo=UTC) - START  # 23:50 there
        chat.seconds = int(late.total_seconds())
        chat.says(IN_DETAIL).says(IN_DETAIL)
        assert chat.request.question.spent
        chat.seconds += int(timedelta(minutes=10).total_seconds())
        chat.says(IN_DETAIL)
        assert not chat.request.question.spent

    def test_without_a_limit_nothing_is_spent(self):
        chat = self.limited(0)
        for _ in range(5):
            chat.says(IN_DETAIL)
        assert not chat.request.question.spent

    def test_a_withdrawal_gives_no_more_of_them(self):
        chat = self.limited(1).says(IN_DETAIL).says("처음으로").presses("내 정보")
        chat.presses("동의 거두기").presses("거두고 지우기").says(IN_DETAIL)
        assert chat.request.question.spent


class TestState:
    def test_it_is_read_back_as_it_was_written(self):
        chat = picking().says("처음으로").says(f"저는 지성이에요. {IN_DETAIL}")
        assert chat.dialogue.spoken and chat.dialogue.heard and chat.dialogue.today
        assert recalled(kept(chat.dialogue)) == chat.dialogue

    def test_a_dialogue_of_before_is_read(self):
        scene = '{"_type":"Consulting","question":"크림 있어요?"}'
        old = f'{{"form":1,"dialogue":{{"scene":{scene},"old_enough":true,"ticket":3}}}}'
        assert recalled(old) == Dialogue(Consulting("크림 있어요?"), old_enough=True, ticket=3)

    def test_the_longest_of_everything_keeps_within_8_kib(self):
        names = tuple(f"{'가' * 14}{number:02}" for number in range(20))
        profile = SkinProfile(concerns=tuple(Concern), avoided=names)
        chat = agreed()
        chat.dialogue = replace(
            chat.dialogue,
            profile=profile,
            recent=tuple(range(10**9, 10**9 + 10)),
            picks=tuple(range(10)),
        )
        talk = Talk(("p" * 30,) * 20, ("나" * 20,) * 20, "다" * 1_000)
        long = replace(OF_A_MODEL, talk=talk, said=SkinProfile(avoided=names))
        for question in ("가" * 1_000, "가" * 300, "가" * 1_000):
            answered(long, question, chat)
            assert len(kept(chat.dialogue).encode()) <= 8 * 1024
            asked(question, chat)
            assert len(kept(chat.dialogue).encode()) <= 8 * 1024
