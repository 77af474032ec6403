"""The skin survey: five questions, each skippable, then a summary that is saved or amended."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Final, assert_never

from bot.dialogue import labels, picking, texts
from bot.dialogue.model import (
    Bubble,
    Button,
    Choose,
    Dialogue,
    Finish,
    GoTo,
    Mark,
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
from bot.dialogue.turns import TO_HOME, grid, moved, preceded, profile_of, say, with_facts
from engine.domain import AgeBand, Concern, Gender, SkinProfile, SkinType
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


def begin(dialogue: Dialogue) -> Turn:
    """The first question, the saved answers marked; a survey under way goes on where it is."""
    match dialogue.scene:
        case Surveying() as scene:
            return show(dialogue, scene)
        case ReviewingSurvey() as scene:
            return review(dialogue, scene)
        case _:
            return _ask(dialogue, Surveying(STEPS[0], profile_of(dialogue)))


def show(dialogue: Dialogue, scene: Surveying, note: str = "") -> Turn:
    rows = (*_options(scene), *_ways(scene))
    text = "\n\n".join(part for part in (_question(scene), note) if part)
    return say(dialogue, Bubble(text, rows, replaces=True))


def review(dialogue: Dialogue, scene: ReviewingSurvey) -> Turn:
    rows: Rows = (
        (Button(texts.SAVE, SaveProfile(), tone="good"),),
        (Button(texts.AMEND, GoTo(STEPS[0])), TO_HOME),
    )
    return say(dialogue, Bubble(texts.summary(scene.draft), rows, replaces=True))


def move(dialogue: Dialogue, action: GoTo | Choose | Mark | Skip | Finish | Review) -> Turn | None:
    """One press inside the survey; None where no survey is under way or the option is unknown."""
    scene = dialogue.scene
    if not isinstance(scene, Surveying | ReviewingSurvey):
        return None
    amending = isinstance(scene, ReviewingSurvey) or scene.amending
    match action:
        case GoTo(step):
            return _ask(dialogue, Surveying(step, scene.draft, amending))
        case Choose(step, option):
            return _chosen(dialogue, scene.draft, step, option, amending)
        case Mark(option, on):
            return _marked(dialogue, scene.draft, option, on, amending)
        case Skip(step):
            return _onward(dialogue, _skipped(scene.draft, step), step, amending)
        case Finish(step):
            return _onward(dialogue, scene.draft, step, amending)
        case Review():
            return _summarise(dialogue, scene.draft)
        case _:
            assert_never(action)


def save(dialogue: Dialogue, at: datetime) -> Turn | None:
    if not isinstance(dialogue.scene, ReviewingSurvey):
        return None
    profile = dialogue.scene.draft
    saved = preceded(picking.begin(replace(dialogue, profile=profile)), Toast(texts.SAVED))
    return saved if profile == dialogue.profile else with_facts(saved, SurveyCompleted(at, profile))


def typed(dialogue: Dialogue, scene: Surveying, text: str) -> Turn | None:
    """A typed answer; None where the text is none of the options, so a question."""
    if scene.step is not Step.AVOIDED:
        return None
    if labels.key(text) in NONE:
        return _onward(dialogue, _skipped(scene.draft, scene.step), scene.step, scene.amending)
    names = ingredient_names(text)
    if not names:
        return show(dialogue, scene, texts.NO_NAMES)
    kept = _fitting(names)
    surveying = replace(scene, draft=replace(scene.draft, avoided=kept))
    note = "" if len(kept) == len(names) else texts.names_left_out(NAMES_AT_MOST)
    return show(moved(dialogue, surveying), surveying, note)


def _question(scene: Surveying) -> str:
    parts = [texts.question(scene.step)]
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
        case step:
            chosen = _answer(scene.draft, step)
            buttons = [
                _option(option, Choose(step, place), option == chosen)
                for place, option in enumerate(SINGLE[step])
            ]
    return grid(buttons, width=3)


def _option(label: str, action: Choose | Mark, marked: bool) -> Button:
    return Button(f"{texts.CHOSEN if marked else ''}{label}", action)


def _ways(scene: Surveying) -> Rows:
    """«선택 완료», the other questions while amending, then back and skip."""
    done = ((Button(texts.DONE, Finish(scene.step), tone="good"),),) if _has_done(scene) else ()
    others = tuple(
        Button(texts.QUESTION_LABELS[step], GoTo(step)) for step in STEPS if step is not scene.step
    )
    back = _back(scene)
    skip = Button(texts.SKIP, Skip(scene.step))
    return (*done, *(grid(others, width=2) if scene.amending else ()), (back, skip))


def _has_done(scene: Surveying) -> bool:
    return scene.step is Step.CONCERNS or (scene.step is Step.AVOIDED and bool(scene.draft.avoided))


def _back(scene: Surveying) -> Button:
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


def _chosen(
    dialogue: Dialogue, draft: SkinProfile, step: Step, option: int, amending: bool
) -> Turn | None:
    if option >= len(SINGLE.get(step, ())):
        return None
    return _onward(dialogue, _with_answer(draft, step, option), step, amending)


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


def _marked(
    dialogue: Dialogue, draft: SkinProfile, option: int, on: bool, amending: bool
) -> Turn | None:
    """Concerns keep the order of the enum, so that the same marks are the same profile."""
    if option >= len(CONCERNS):
        return None
    wanted = {*draft.concerns, CONCERNS[option]} if on else {*draft.concerns} - {CONCERNS[option]}
    concerns = tuple(concern for concern in CONCERNS if concern in wanted)
    return _ask(dialogue, Surveying(Step.CONCERNS, replace(draft, concerns=concerns), amending))


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


def _onward(dialogue: Dialogue, draft: SkinProfile, step: Step, amending: bool) -> Turn:
    """The question after `step`; the summary after the last one or an amendment."""
    if amending or step is STEPS[-1]:
        return _summarise(dialogue, draft)
    return _ask(dialogue, Surveying(STEPS[STEPS.index(step) + 1], draft))


def _ask(dialogue: Dialogue, scene: Surveying) -> Turn:
    return show(moved(dialogue, scene), scene)


def _summarise(dialogue: Dialogue, draft: SkinProfile) -> Turn:
    scene = ReviewingSurvey(draft)
    return review(moved(dialogue, scene), scene)


def _fitting(names: Sequence[str]) -> tuple[str, ...]:
    """The first names that fit the limits above."""
    kept: list[str] = []
    for name in names:
        room = ALL_SYLLABLES_AT_MOST - sum(map(len, kept))
        if len(kept) < NAMES_AT_MOST and len(name) <= min(SYLLABLES_AT_MOST, room):
            kept.append(name)
    return tuple(kept)
