"""The skin survey: six questions, each skippable, then a summary that is saved or amended.

The last is about health. It is asked only with a consent of its own, which is its first screen.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Final, assert_never

from bot.dialogue import labels, mine, picking, texts
from bot.dialogue.model import (
    Amend,
    Bubble,
    Button,
    Choose,
    DecideOn,
    Dialogue,
    Finish,
    GoTo,
    Mark,
    MarkHealth,
    Menu,
    Open,
    ProfileAmended,
    Review,
    ReviewingSurvey,
    Rows,
    SaveProfile,
    Skip,
    Step,
    SurveyCompleted,
    Surveying,
    Toast,
    Turn,
)
from bot.dialogue.proofs import stands
from bot.dialogue.turns import TO_HOME, grid, moved, preceded, profile_of, say, with_facts
from engine.domain import AgeBand, Concern, Gender, Health, Purpose, SkinProfile, SkinType
from engine.parsing.ingredients import ingredient_names

NAMES_AT_MOST: Final = 20
SYLLABLES_AT_MOST: Final = 40
"""Of one avoided name, and `ALL_SYLLABLES_AT_MOST` of all: the dialogue keeps within 8 KiB."""
ALL_SYLLABLES_AT_MOST: Final = 300

NONE: Final = frozenset({"없음", "없어요", "없습니다", "없어", "없다"})
"""Typed where names are asked for, these say that there are none."""

SINGLE: Final[dict[Step, Sequence[StrEnum]]] = {
    Step.AGE_BAND: tuple(AgeBand),
    Step.GENDER: tuple(Gender),
    Step.SKIN_TYPE: tuple(SkinType),
}
STEPS: Final = tuple(Step)
CONCERNS: Final = tuple(Concern)
HEALTH: Final = tuple(Health)

Press = GoTo | Choose | Mark | MarkHealth | Skip | Finish | Review


def begin(dialogue: Dialogue) -> Turn:
    """The first question, the saved answers marked; a survey under way goes on where it is."""
    match dialogue.scene:
        case Surveying(mine=False) as scene:
            return show(dialogue, scene)
        case ReviewingSurvey() as scene:
            return review(dialogue, scene)
        case _:
            return _ask(dialogue, Surveying(STEPS[0], profile_of(dialogue)))


def taken(dialogue: Dialogue) -> bool:
    """Avoiding an ingredient from its page makes a profile, but answers no question."""
    profile = dialogue.profile
    if profile is None:
        return False
    return not profile.avoided or replace(profile, avoided=()) != SkinProfile()


def amend(dialogue: Dialogue, action: Amend) -> Turn | None:
    """One answer, from «내 정보»; None without consent."""
    if not dialogue.agreed:
        return None
    return _ask(dialogue, Surveying(action.step, profile_of(dialogue), mine=True))


def show(dialogue: Dialogue, scene: Surveying, note: str = "") -> Turn:
    if scene.step is Step.HEALTH and not stands(dialogue, Purpose.HEALTH):
        return _asking_consent(dialogue, scene)
    rows = (*_options(scene), *_ways(scene))
    text = "\n\n".join(part for part in (_question(scene), note) if part)
    return say(dialogue, Bubble(text, rows, replaces=True))


def _asking_consent(dialogue: Dialogue, scene: Surveying) -> Turn:
    """Whoever skips it has decided nothing."""
    shop, days = dialogue.shop, dialogue.retention_days
    agree = DecideOn(Purpose.HEALTH, agreed=True)
    rows: Rows = (
        (Button(texts.AGREE_AND_ANSWER, agree, tone="good"),),
        *_others(scene),
        (_back(scene), Button(texts.SKIP, Skip(scene.step))),
    )
    text = texts.health_consent(shop, days, mine=scene.mine)
    return say(dialogue, Bubble(text, rows, replaces=True))


def review(dialogue: Dialogue, scene: ReviewingSurvey) -> Turn:
    rows: Rows = (
        (Button(texts.SAVE, SaveProfile(), tone="good"),),
        (Button(texts.AMEND, GoTo(STEPS[0])), TO_HOME),
    )
    return say(dialogue, Bubble(texts.summary(scene.draft), rows, replaces=True))


def move(dialogue: Dialogue, action: Press, at: datetime) -> Turn | None:
    """One press inside the survey; None where no survey is under way or the option is unknown."""
    here = _under_way(dialogue)
    if here is None:
        return None
    match action:
        case _ if here.mine and not _answers(action, here.step):
            return None
        case GoTo(step):
            return _ask(dialogue, replace(here, step=step))
        case Choose(step, option):
            return _chosen(dialogue, replace(here, step=step), option, at)
        case Mark(option, on):
            return _marked(dialogue, here, option, on)
        case MarkHealth(option, on):
            return _health_marked(dialogue, here, option, on)
        case Skip(step):
            skipped = replace(here, step=step, draft=_skipped(here.draft, step))
            return _onward(dialogue, skipped, at)
        case Finish(step):
            return _onward(dialogue, replace(here, step=step), at)
        case Review():
            return _summarise(dialogue, here.draft)
        case _:
            assert_never(action)


def _answers(action: Press, step: Step) -> bool:
    """Whether the press belongs to this one question."""
    match action:
        case Choose(asked) | Skip(asked) | Finish(asked):
            return asked is step
        case Mark():
            return step is Step.CONCERNS
        case MarkHealth():
            return step is Step.HEALTH
        case _:
            return False


def _under_way(dialogue: Dialogue) -> Surveying | None:
    """The question on the screen; from the summary every question is an amendment."""
    match dialogue.scene:
        case Surveying() as scene:
            return scene
        case ReviewingSurvey(draft):
            return Surveying(STEPS[0], draft, amending=True)
        case _:
            return None


def save(dialogue: Dialogue, at: datetime) -> Turn | None:
    if not isinstance(dialogue.scene, ReviewingSurvey):
        return None
    profile = dialogue.scene.draft
    if profile == dialogue.profile:
        return preceded(picking.begin(dialogue), Toast(texts.SAVED))
    # The round stood on the answers before, and so did what was spoken of.
    here = replace(dialogue, profile=profile, round=None, spoken=None)
    saved = preceded(picking.begin(here), Toast(texts.SAVED))
    return with_facts(saved, SurveyCompleted(at, profile))


def typed(dialogue: Dialogue, scene: Surveying, text: str, at: datetime) -> Turn | None:
    """A typed answer; None where the text is none of the options, so a question."""
    if scene.step not in (Step.AVOIDED, Step.HEALTH):
        return None
    if labels.key(text) in NONE:
        return _onward(dialogue, replace(scene, draft=_skipped(scene.draft, scene.step)), at)
    if scene.step is Step.HEALTH:
        return None
    names = ingredient_names(text)
    if not names:
        return show(dialogue, scene, texts.NO_NAMES)
    kept = fitting(names)
    surveying = replace(scene, draft=replace(scene.draft, avoided=kept))
    note = "" if len(kept) == len(names) else texts.names_left_out(NAMES_AT_MOST)
    return show(moved(dialogue, surveying), surveying, note)


def _question(scene: Surveying) -> str:
    parts = [texts.amending_mine(scene.step) if scene.mine else texts.question(scene.step)]
    if scene.step is Step.AVOIDED and scene.draft.avoided:
        parts.append(texts.avoided_now(scene.draft.avoided))
    if scene.amending:
        parts.append(texts.AMENDING)
    return "\n\n".join(parts)


def _options(scene: Surveying) -> Rows:
    match scene.step:
        case Step.AVOIDED:
            return ()
        case Step.CONCERNS:
            marked = scene.draft.concerns
            buttons = [
                _option(concern, Mark(place, concern not in marked), concern in marked)
                for place, concern in enumerate(CONCERNS)
            ]
        case Step.HEALTH:
            told = scene.draft.health
            buttons = [
                _option(one, MarkHealth(place, one not in told), one in told)
                for place, one in enumerate(HEALTH)
            ]
        case step:
            chosen = _answer(scene.draft, step)
            buttons = [
                _option(option, Choose(step, place), option == chosen)
                for place, option in enumerate(SINGLE[step])
            ]
    return grid(buttons, width=3)


def _option(label: str, action: Choose | Mark | MarkHealth, marked: bool) -> Button:
    return Button(f"{texts.CHOSEN if marked else ''}{label}", action)


def _ways(scene: Surveying) -> Rows:
    """«선택 완료», the other questions while amending, then back and skip."""
    done = ((Button(texts.DONE, Finish(scene.step), tone="good"),),) if _has_done(scene) else ()
    skip = Button(texts.CLEAR if scene.mine else texts.SKIP, Skip(scene.step))
    return (*done, *_others(scene), (_back(scene), skip))


def _others(scene: Surveying) -> Rows:
    others = [
        Button(texts.QUESTION_LABELS[step], GoTo(step)) for step in STEPS if step is not scene.step
    ]
    return grid(others, width=2) if scene.amending else ()


def _has_done(scene: Surveying) -> bool:
    several = scene.step in (Step.CONCERNS, Step.HEALTH)
    return several or (scene.step is Step.AVOIDED and bool(scene.draft.avoided))


def _back(scene: Surveying) -> Button:
    if scene.mine:
        return Button(texts.BACK, Open(Menu.MINE))
    if scene.amending:
        return Button(texts.BACK, Review())
    place = STEPS.index(scene.step)
    return Button(texts.BACK, GoTo(STEPS[place - 1])) if place else TO_HOME


def _answer(draft: SkinProfile, step: Step) -> StrEnum | None:
    match step:
        case Step.AGE_BAND:
            return draft.age_band
        case Step.GENDER:
            return draft.gender
        case Step.SKIN_TYPE:
            return draft.skin_type
        case _:
            return None


def _chosen(dialogue: Dialogue, scene: Surveying, option: int, at: datetime) -> Turn | None:
    if option >= len(SINGLE.get(scene.step, ())):
        return None
    answered = replace(scene, draft=_with_answer(scene.draft, scene.step, option))
    return _onward(dialogue, answered, at)


def _with_answer(draft: SkinProfile, step: Step, option: int) -> SkinProfile:
    match step:
        case Step.AGE_BAND:
            return replace(draft, age_band=tuple(AgeBand)[option])
        case Step.GENDER:
            return replace(draft, gender=tuple(Gender)[option])
        case Step.SKIN_TYPE:
            return replace(draft, skin_type=tuple(SkinType)[option])
        case _:
            return draft


def _marked(dialogue: Dialogue, scene: Surveying, option: int, on: bool) -> Turn | None:
    """Concerns keep the order of the enum, so that the same marks are the same profile."""
    if option >= len(CONCERNS):
        return None
    draft = scene.draft
    wanted = {*draft.concerns, CONCERNS[option]} if on else {*draft.concerns} - {CONCERNS[option]}
    concerns = tuple(concern for concern in CONCERNS if concern in wanted)
    marked = replace(draft, concerns=concerns)
    return _ask(dialogue, replace(scene, step=Step.CONCERNS, draft=marked))


def _health_marked(dialogue: Dialogue, scene: Surveying, option: int, on: bool) -> Turn | None:
    """None without the consent: its button is older than a withdrawal."""
    if option >= len(HEALTH) or not stands(dialogue, Purpose.HEALTH):
        return None
    draft = scene.draft
    wanted = {*draft.health, HEALTH[option]} if on else {*draft.health} - {HEALTH[option]}
    marked = replace(draft, health=tuple(one for one in HEALTH if one in wanted))
    return _ask(dialogue, replace(scene, step=Step.HEALTH, draft=marked))


def _skipped(draft: SkinProfile, step: Step) -> SkinProfile:
    match step:
        case Step.AGE_BAND:
            return replace(draft, age_band=None)
        case Step.GENDER:
            return replace(draft, gender=None)
        case Step.SKIN_TYPE:
            return replace(draft, skin_type=None)
        case Step.CONCERNS:
            return replace(draft, concerns=())
        case Step.AVOIDED:
            return replace(draft, avoided=())
        case Step.HEALTH:
            return replace(draft, health=())


def _onward(dialogue: Dialogue, scene: Surveying, at: datetime) -> Turn:
    """The question after this one; the summary after the last one or an amendment."""
    if scene.mine:
        return _amended(dialogue, scene.draft, at)
    if scene.amending or scene.step is STEPS[-1]:
        return _summarise(dialogue, scene.draft)
    return _ask(dialogue, Surveying(STEPS[STEPS.index(scene.step) + 1], scene.draft))


def _amended(dialogue: Dialogue, profile: SkinProfile, at: datetime) -> Turn:
    """Saved, and back in «내 정보»."""
    turn = preceded(mine.show(replace(dialogue, profile=profile)), Toast(texts.SAVED))
    return turn if profile == dialogue.profile else with_facts(turn, ProfileAmended(at, profile))


def _ask(dialogue: Dialogue, scene: Surveying) -> Turn:
    return show(moved(dialogue, scene), scene)


def _summarise(dialogue: Dialogue, draft: SkinProfile) -> Turn:
    scene = ReviewingSurvey(draft)
    return review(moved(dialogue, scene), scene)


def fitting(names: Sequence[str]) -> tuple[str, ...]:
    """The first names that fit the limits above."""
    kept: list[str] = []
    for name in names:
        room = ALL_SYLLABLES_AT_MOST - sum(map(len, kept))
        if len(kept) < NAMES_AT_MOST and len(name) <= min(SYLLABLES_AT_MOST, room):
            kept.append(name)
    return tuple(kept)
