"""«루틴 추천»: a morning and an evening within a budget; «다른 루틴» never repeats one."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.dialogue import evidence, picking, texts
from bot.dialogue.model import (
    Bubble,
    Budgeting,
    Button,
    Dialogue,
    Menu,
    Milestone,
    Noted,
    Open,
    Plan,
    Planned,
    Planning,
    PlanOther,
    PlanWithin,
    Rows,
    ShowDetails,
    Toast,
    Turn,
)
from bot.dialogue.turns import (
    TO_HOME,
    ask,
    back_to_cards,
    column,
    grid,
    moved,
    profile_of,
    say,
    with_facts,
)
from engine.domain import Query, Routine, RoutineStep, Stage
from engine.parsing.budgets import Allowance, allowance

BUDGETS: Final = (30_000, 50_000, 100_000)
ROUNDS_AT_MOST: Final = 10
"""Of one budget: the dialogue keeps within 8 KiB."""

OTHER_BUDGET: Final = Button(texts.OTHER_BUDGET, Open(Menu.ROUTINE))


def begin(dialogue: Dialogue) -> Turn:
    here = moved(dialogue, Budgeting())
    choices = (
        *(Button(evidence.price_band(0, won), PlanWithin(won)) for won in BUDGETS),
        Button(texts.ANY_BUDGET, PlanWithin(0)),
    )
    rows: Rows = (*grid(choices, width=2), *back_to_cards(here), (TO_HOME,))
    return say(here, Bubble(texts.ASK_BUDGET, rows, replaces=True))


def within(dialogue: Dialogue, budget: int | None) -> Turn | None:
    """The routine of this budget that stands, else a first one."""
    if not dialogue.agreed:
        return None
    last = dialogue.planner
    if last is None or last.budget != budget or not _stands(dialogue, last):
        return show(dialogue, Planning(budget))
    return say(dialogue, Toast(texts.WAITING)) if _waited_for(dialogue) else show(dialogue, last)


def other(dialogue: Dialogue, action: PlanOther) -> Turn | None:
    """The next round; a button of a round that is over changes nothing."""
    scene = dialogue.planner
    if not dialogue.agreed or scene is None:
        return None
    if action.turn != scene.turn or not scene.shown:
        words = texts.WAITING if _waited_for(dialogue) else texts.ROUTINE_BELOW
        return say(dialogue, Toast(words))
    before = (*scene.before, scene.shown)
    return show(dialogue, Planning(scene.budget, before=before, turn=scene.turn + 1))


def show(dialogue: Dialogue, scene: Planning) -> Turn:
    here = moved(dialogue, scene)
    if len(scene.before) >= ROUNDS_AT_MOST:
        return _none(here, scene, Routine())
    query = Query(picking.liked(dialogue), profile_of(dialogue))
    return ask(here, lambda ticket: Plan(ticket, query, scene.budget, scene.before))


def planned(dialogue: Dialogue, scene: Planning, result: Planned) -> Turn:
    routine = result.routine
    first = _first(scene)
    scene = replace(scene, shown=routine.combination)
    here = moved(dialogue, scene)
    if not routine.products:
        return _none(here, scene, routine)
    day = texts.routine_part(texts.MORNING, _lines(routine.morning))
    night = texts.routine_part(texts.EVENING, _lines(routine.evening, routine.morning))
    rows: Rows = (
        *column(Button(one.title, ShowDetails(one.id)) for one in routine.products),
        (Button(texts.OTHER_ROUTINE, PlanOther(scene.turn), tone="good"), OTHER_BUDGET),
        *back_to_cards(here),
        (TO_HOME,),
    )
    whole = f"{night}\n\n{_closing(scene, routine)}"
    turn = say(here, Bubble(day, replaces=first), Bubble(whole, rows))
    return with_facts(turn, Noted(result.at, Milestone.RECOMMENDED))


# --- typed --------------------------------------------------------------------------------------


def wished(dialogue: Dialogue, wanted: Allowance) -> Turn:
    """«3만원 안에서 루틴»; the budget is asked for where it was not told."""
    return (within(dialogue, wanted.won) if wanted.told else None) or begin(dialogue)


def typed(dialogue: Dialogue, text: str) -> Turn | None:
    """Another budget; None where the text tells none."""
    wanted = allowance(text)
    return None if wanted is None else within(dialogue, wanted.won)


# --- what is said -------------------------------------------------------------------------------


def _lines(steps: Sequence[RoutineStep], morning: Sequence[RoutineStep] = ()) -> tuple[str, ...]:
    """Each product with its price and why; of what was used in the morning only that."""
    earlier = {step.product.id for step in morning}
    return tuple(
        texts.routine_step(number, step.stage, step.product, _why(step, earlier))
        for number, step in enumerate(steps, start=1)
    )


def _why(step: RoutineStep, earlier: set[int]) -> str:
    if step.product.id in earlier:
        return texts.AS_IN_THE_MORNING
    reason = evidence.briefly(step.recommendation)
    return f"{reason}\n{texts.evening_only(step.evening_only)}" if step.evening_only else reason


def _closing(scene: Planning, routine: Routine) -> str:
    """The sum, what is missing, and the sun where the evening asks for it."""
    bare_in_the_sun = any(step.evening_only for step in routine.evening) and not any(
        step.stage is Stage.SUNSCREEN for step in routine.morning
    )
    lines = (
        texts.routine_sum(routine.products, scene.budget),
        texts.routine_without(routine.missing),
        texts.SUN_BY_DAY if bare_in_the_sun else "",
    )
    return "\n".join(line for line in lines if line)


def _none(dialogue: Dialogue, scene: Planning, routine: Routine) -> Turn:
    if routine.cheapest is not None:
        offer = Button(texts.for_won(routine.cheapest), PlanWithin(routine.cheapest), tone="good")
        words = texts.routine_too_dear(scene.budget or 0, routine.cheapest)
        rows: Rows = ((offer,), (OTHER_BUDGET, TO_HOME))
        return say(dialogue, Bubble(words, rows, replaces=_first(scene)))
    words = texts.NO_MORE_ROUTINES if scene.before else texts.NO_ROUTINE
    return say(dialogue, Bubble(words, ((OTHER_BUDGET, TO_HOME),), replaces=_first(scene)))


def _first(scene: Planning) -> bool:
    """It takes the place of the question for the budget; what was read stays whole."""
    return not scene.before and not scene.shown


def _stands(dialogue: Dialogue, scene: Planning) -> bool:
    """Shown, on its way, or failed with «다시 시도» on the screen."""
    retry = any(offer.label == texts.RETRY for offer in dialogue.offers)
    return bool(scene.shown) or retry or _waited_for(dialogue)


def _waited_for(dialogue: Dialogue) -> bool:
    return isinstance(dialogue.open, Plan)
