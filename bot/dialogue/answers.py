"""What a person does with an answer that stands: rates it, says why, prefers another, lets their
profile learn from the question."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.dialogue import texts
from bot.dialogue.model import (
    AnswerAgain,
    AnswerPreferred,
    Bubble,
    Button,
    Dialogue,
    FeedbackGiven,
    GiveReason,
    Heard,
    KeepSaid,
    Prefer,
    ProfileAmended,
    RateAnswer,
    Reason,
    ReviewingSurvey,
    Rows,
    Surveying,
    Toast,
    Turn,
)
from bot.dialogue.turns import TO_HOME, profile_of, say, with_facts
from engine.domain import Concern, SkinProfile

ASKING: Final = (Surveying, ReviewingSurvey)
"""Where something else is being asked."""


# --- 👍 and 👎 -----------------------------------------------------------------------------------


def rate(dialogue: Dialogue, action: RateAnswer, at: datetime) -> Turn | None:
    """None where no such answer was kept. The store keeps one verdict for each answer; after 👎 it
    is asked why."""
    if not _is_kept(dialogue, action.ticket):
        return None
    given = FeedbackGiven(at, action.good, answer=action.ticket)
    if action.good or isinstance(dialogue.scene, ASKING):
        return with_facts(say(dialogue, Toast(texts.THANKS)), given)
    return with_facts(say(dialogue, Bubble(texts.WHY_BAD, _reasons(action.ticket))), given)


def give_reason(dialogue: Dialogue, action: GiveReason, at: datetime) -> Turn | None:
    if not _is_kept(dialogue, action.ticket):
        return None
    turn = say(dialogue, _thanks(dialogue, action))
    if action.reason is Reason.UNSAID:
        return turn
    given = FeedbackGiven(at, good=False, answer=action.ticket, reason=action.reason)
    return with_facts(turn, given)


def _thanks(dialogue: Dialogue, action: GiveReason) -> Bubble | Toast:
    """Where another answer can be had, the way to it."""
    words = texts.REASON_THANKS[action.reason]
    if dialogue.redo != action.ticket or action.reason is Reason.UNSAID:
        return Toast(words)
    return Bubble(words, ((Button(texts.AGAIN, AnswerAgain(action.ticket)), TO_HOME),))


def prefer(dialogue: Dialogue, action: Prefer, at: datetime) -> Turn | None:
    if not _is_kept(dialogue, action.ticket):
        return None
    preferred = AnswerPreferred(at, action.ticket, action.second)
    return with_facts(say(dialogue, Toast(texts.PREFERENCE_THANKS)), preferred)


def choice(ticket: int) -> Rows:
    """Which of two answers is better; the second one's ticket."""
    return (
        (
            Button(texts.FIRST_BETTER, Prefer(ticket, second=False)),
            Button(texts.SECOND_BETTER, Prefer(ticket, second=True)),
        ),
    )


def _is_kept(dialogue: Dialogue, ticket: int) -> bool:
    return bool(dialogue.agreed) and 0 < ticket <= dialogue.ticket


def _reasons(ticket: int) -> Rows:
    buttons = [Button(label, GiveReason(one, ticket)) for one, label in texts.REASONS.items()]
    return (tuple(buttons[:2]), tuple(buttons[2:4]), tuple(buttons[4:]))


# --- what a question told of the person -----------------------------------------------------------


def offering_profile(turn: Turn, ticket: int, said: SkinProfile) -> Turn:
    """«프로필에 저장할까요?» under the answer, for what the profile does not say and was never
    offered. Only with consent, and not amid a survey, which asks the same."""
    dialogue = turn.dialogue
    new = _new(dialogue, said)
    if new == SkinProfile() or not dialogue.agreed or isinstance(dialogue.scene, ASKING):
        return turn
    offered = dict.fromkeys((*dialogue.heard_before, *_values(new)))
    here = replace(dialogue, heard=Heard(ticket, new), heard_before=tuple(offered))
    rows: Rows = (
        (
            Button(texts.SAVE_SAID, KeepSaid(ticket, keep=True), tone="good"),
            Button(texts.NOT_NEEDED, KeepSaid(ticket, keep=False)),
        ),
    )
    question = Bubble(texts.save_said(_values(new)), rows)
    return replace(turn, dialogue=here, replies=(*turn.replies, question))


def keep_said(dialogue: Dialogue, action: KeepSaid, at: datetime) -> Turn:
    """Saved on their word alone; a second tap changes nothing."""
    heard, here = dialogue.heard, replace(dialogue, heard=None)
    if heard is None or heard.ticket != action.ticket or not dialogue.agreed:
        return say(dialogue, Toast(texts.SAID_DECIDED))
    if not action.keep:
        return say(here, Toast(texts.SAID_NOT_KEPT))
    profile = _merged(profile_of(dialogue), heard.profile)
    saved = say(replace(here, profile=profile), Toast(texts.SAVED))
    return saved if profile == dialogue.profile else with_facts(saved, ProfileAmended(at, profile))


def _new(dialogue: Dialogue, said: SkinProfile) -> SkinProfile:
    """What the profile does not say. Never of health: that has a consent and questions of its
    own; what is to be avoided has its button on the ingredient's page."""
    passed = {*_values(profile_of(dialogue)), *dialogue.heard_before}
    return SkinProfile(
        age_band=None if said.age_band in passed else said.age_band,
        gender=None if said.gender in passed else said.gender,
        skin_type=None if said.skin_type in passed else said.skin_type,
        concerns=tuple(one for one in said.concerns if one not in passed),
    )


def _values(profile: SkinProfile) -> tuple[str, ...]:
    single = (profile.age_band, profile.gender, profile.skin_type)
    return (*(str(one) for one in single if one), *map(str, profile.concerns))


def _merged(known: SkinProfile, said: SkinProfile) -> SkinProfile:
    """What was said takes the place of one answer and joins several; concerns keep the order of
    the enum, as the survey's do."""
    concerns = {*known.concerns, *said.concerns}
    return replace(
        known,
        age_band=said.age_band or known.age_band,
        gender=said.gender or known.gender,
        skin_type=said.skin_type or known.skin_type,
        concerns=tuple(one for one in Concern if one in concerns),
    )
