"""What only the shop's admins see: the way to a broadcast, and how far the latest are."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Final, assert_never

from bot.dialogue import admin_texts as words
from bot.dialogue import texts
from bot.dialogue.model import (
    AddChart,
    Aim,
    BroadcastPreviewed,
    BroadcastQueued,
    BroadcastRefused,
    BroadcastsListed,
    BroadcastSteered,
    Bubble,
    Button,
    Compose,
    Composing,
    Dialogue,
    Dispatch,
    Dispatching,
    Draft,
    EnqueueBroadcast,
    LeaveEmpty,
    ListBroadcasts,
    Media,
    Menu,
    Open,
    Part,
    Picture,
    PreviewBroadcast,
    Reply,
    Rows,
    Sent,
    Steer,
    SteerBroadcast,
    Toast,
    Turn,
    ViewingBroadcasts,
)
from bot.dialogue.turns import TO_HOME, ask, column, grid, moved, preceded, say
from engine.advertising import Fault, Going, Link, Segment, Unlawful
from engine.domain import AgeBand, Concern, SkinType

ACTIVE_DAYS: Final = (7, 30, 90)
CHANNELS: Final = tuple(words.CHANNELS)
LEAVE: Final = Button(words.LEAVE, Open(Menu.HOME))
ORDER: Final = (Part.TEXT, Part.PICTURE, Part.LINK, Part.AIM, Part.PREVIEW)
AMENDING: Final[Rows] = (
    (
        Button(words.AMEND_TEXT, Compose(Part.TEXT)),
        Button(words.AMEND_AIM, Compose(Part.AIM)),
    ),
    (LEAVE,),
)


def broadcast(dialogue: Dialogue) -> Turn:
    """A new one."""
    return show(dialogue, Composing(Part.TEXT, Draft()))


def act(
    dialogue: Dialogue,
    action: Compose | LeaveEmpty | AddChart | Aim | Dispatch | Steer,
    at: datetime,
) -> Turn | None:
    """None where nothing is being written, or not at that step."""
    if isinstance(action, Steer):
        return _steer(dialogue, action)
    if not isinstance(dialogue.scene, Composing):
        return None
    part, draft = dialogue.scene.part, dialogue.scene.draft
    match action:
        case Compose(wanted):
            return _compose(dialogue, draft, wanted)
        case LeaveEmpty(Part.PICTURE) if part is Part.PICTURE:
            return _on(dialogue, part, replace(draft, photo="", chart=False))
        case LeaveEmpty(Part.LINK) if part is Part.LINK:
            return _on(dialogue, part, replace(draft, link=None))
        case AddChart() if part is Part.PICTURE:
            return _on(dialogue, part, replace(draft, photo="", chart=True))
        case Aim(facet, option):
            segment = _aimed(draft.segment, facet, option)
            if segment is None:
                return None
            return show(dialogue, Composing(Part.AIM, replace(draft, segment=segment)))
        case Dispatch() if part is Part.CONFIRM:
            return dispatch(dialogue, Dispatching(draft, at))
        case LeaveEmpty() | AddChart() | Dispatch():
            return None
        case _:
            assert_never(action)


def typed(dialogue: Dialogue, scene: Composing, text: str) -> Turn:
    match scene.part:
        case Part.TEXT:
            return _on(dialogue, scene.part, replace(scene.draft, text=text))
        case Part.LINK:
            link = _link(text)
            if link is None:
                return preceded(show(dialogue, scene), Bubble(words.WRONG_LINK))
            return _on(dialogue, scene.part, replace(scene.draft, link=link))
        case _:
            return preceded(show(dialogue, scene), Bubble(words.PRESS_A_BUTTON))


def takes(dialogue: Dialogue, event: Sent) -> bool:
    """Whether this photo is what the present step asks for."""
    scene = dialogue.scene
    wanted = isinstance(scene, Composing) and scene.part is Part.PICTURE and dialogue.admin
    return wanted and event.media is Media.PHOTO and bool(event.file)


def pictured(dialogue: Dialogue, event: Sent) -> Turn | None:
    if not takes(dialogue, event) or not isinstance(dialogue.scene, Composing):
        return None
    draft = replace(dialogue.scene.draft, photo=event.file, chart=False)
    return _on(dialogue, Part.PICTURE, draft)


def show(dialogue: Dialogue, scene: Composing) -> Turn:
    here = moved(dialogue, scene)
    match scene.part:
        case Part.TEXT:
            rows: Rows = ((Button(words.LATEST, Open(Menu.BROADCASTS)), LEAVE),)
            return say(here, Bubble(words.ASK_TEXT, rows, replaces=True))
        case Part.PICTURE:
            rows = (
                (
                    Button(words.WITHOUT_PICTURE, LeaveEmpty(Part.PICTURE)),
                    Button(words.WITH_CHART, AddChart()),
                ),
                (_back(Part.TEXT), LEAVE),
            )
            return say(here, Bubble(words.ASK_PICTURE, rows, replaces=True))
        case Part.LINK:
            rows = (
                (Button(words.WITHOUT_LINK, LeaveEmpty(Part.LINK)),),
                (_back(Part.PICTURE), LEAVE),
            )
            return say(here, Bubble(words.ASK_LINK, rows, replaces=True))
        case Part.AIM:
            return say(here, _aim(scene.draft.segment))
        case Part.PREVIEW | Part.CONFIRM:
            return ask(here, lambda ticket: PreviewBroadcast(ticket, scene.draft))
        case _:
            return say(here, _facet(scene.part))


def previewed(dialogue: Dialogue, scene: Composing, result: BroadcastPreviewed) -> Turn:
    counted = words.reach(scene.draft, result)
    if not any(result.reach.reachable.values()):
        bubble = Bubble(f"{words.NOBODY}\n\n{counted}", AMENDING)
        return say(dialogue, *_as_it_looks(result), bubble)
    if scene.part is Part.CONFIRM:
        rows: Rows = (
            (Button(words.SEND_REALLY, Dispatch(), tone="good"),),
            (_back(Part.PREVIEW), LEAVE),
        )
        return say(dialogue, Bubble(f"{words.SURE}\n\n{counted}", rows))
    rows = ((Button(words.SEND, Compose(Part.CONFIRM), tone="good"),), *AMENDING)
    return say(dialogue, Bubble(words.LOOK), *_as_it_looks(result), Bubble(counted, rows))


def refused(dialogue: Dialogue, scene: Composing | Dispatching, result: BroadcastRefused) -> Turn:
    """Back to where it can be mended."""
    reason = Bubble(words.fault(result.fault, result.limit))
    match result.fault:
        case Fault.NAMELESS:
            here = moved(dialogue, ViewingBroadcasts())
            return say(here, replace(reason, rows=((TO_HOME,),)))
        case Fault.LINK:
            return preceded(show(dialogue, Composing(Part.LINK, scene.draft)), reason)
        case Fault.EMPTY | Fault.MARKED | Fault.LONG:
            return preceded(show(dialogue, Composing(Part.TEXT, scene.draft)), reason)
        case _:
            assert_never(result.fault)


def dispatch(dialogue: Dialogue, scene: Dispatching) -> Turn:
    """Drawn again after a crash, it asks under the same key, and so for the same broadcast."""
    here = moved(dialogue, scene)
    key = scene.at.isoformat()
    return ask(here, lambda ticket: EnqueueBroadcast(ticket, scene.draft, key))


def queued(dialogue: Dialogue, result: BroadcastQueued) -> Turn:
    rows: Rows = ((Button(words.LATEST, Open(Menu.BROADCASTS)), TO_HOME),)
    text = words.queued(result.broadcast, result.tally)
    return say(moved(dialogue, ViewingBroadcasts()), Bubble(text, rows))


def latest(dialogue: Dialogue) -> Turn:
    return ask(moved(dialogue, ViewingBroadcasts()), ListBroadcasts)


def listed(dialogue: Dialogue, result: BroadcastsListed) -> Turn:
    steered = [
        replace(button, label=f"#{number} {button.label}")
        for number, _, going, _, _ in result.broadcasts
        for row in steering(number, going)
        for button in row
    ]
    rows: Rows = (
        *grid(steered, width=2),
        (Button(words.NEW, Open(Menu.BROADCAST)), Button(words.LOOK_AGAIN, Open(Menu.BROADCASTS))),
        (TO_HOME,),
    )
    text = words.list_of([words.entry(*each) for each in result.broadcasts])
    return say(dialogue, Bubble(text, rows, replaces=True))


def steering(number: int, going: Going) -> Rows:
    """The buttons under its progress."""
    off = Button(words.CALL_OFF, Steer(number, Going.CANCELLED), tone="danger")
    match going:
        case Going.RUNNING:
            return ((Button(words.PAUSE, Steer(number, Going.PAUSED)), off),)
        case Going.PAUSED:
            return ((Button(words.GO_ON, Steer(number, Going.RUNNING), tone="good"), off),)
        case Going.CANCELLED | Going.DONE:
            return ()
        case _:
            assert_never(going)


def steered(dialogue: Dialogue, result: BroadcastSteered) -> Turn:
    if result.going is None:
        return say(dialogue, Toast(words.NO_SUCH))
    return say(dialogue, Toast(words.steered(result.broadcast, result.going)))


def _steer(dialogue: Dialogue, action: Steer) -> Turn | None:
    if action.going is Going.DONE:
        return None
    return ask(dialogue, lambda ticket: SteerBroadcast(ticket, action.broadcast, action.going))


def _compose(dialogue: Dialogue, draft: Draft, wanted: Part) -> Turn | None:
    """None for a step that nothing leads to yet: without a text there is nothing to send."""
    if wanted is not Part.TEXT and not draft.text:
        return None
    return show(dialogue, Composing(wanted, draft))


def _on(dialogue: Dialogue, done: Part, draft: Draft) -> Turn:
    return show(dialogue, Composing(ORDER[ORDER.index(done) + 1], draft))


def _back(part: Part) -> Button:
    return Button(texts.BACK, Compose(part))


def _link(text: str) -> Link | None:
    """«기획전 보기 https://…», or the address alone."""
    label, _, url = text.strip().rpartition(" ")
    try:
        return Link(" ".join(label.split()) or words.DEFAULT_LINK, url)
    except Unlawful:
        return None


def _aim(segment: Segment) -> Bubble:
    chosen = {
        Part.CHANNEL: words.CHANNELS.get(segment.channel or "", ""),
        Part.SKIN_TYPE: segment.skin_type or "",
        Part.CONCERN: segment.concern or "",
        Part.AGE_BAND: segment.age_band or "",
        Part.ACTIVITY: words.active_within(segment.active_days) if segment.active_days else "",
    }
    facets = [Button(words.facet(part, now), Compose(part)) for part, now in chosen.items()]
    rows: Rows = (
        *column(facets),
        (Button(words.PREVIEW, Compose(Part.PREVIEW), tone="good"),),
        (_back(Part.LINK), LEAVE),
    )
    return Bubble(words.ASK_AIM, rows, replaces=True)


def _facet(part: Part) -> Bubble:
    options = [
        Button(label, Aim(part, place)) for place, label in enumerate(_labels(part), start=1)
    ]
    rows: Rows = (
        (Button(words.EVERYBODY, Aim(part, 0)),),
        *grid(options, width=3),
        (_back(Part.AIM), LEAVE),
    )
    return Bubble(words.ask_facet(part), rows, replaces=True)


def _labels(part: Part) -> Sequence[str]:
    match part:
        case Part.CHANNEL:
            return tuple(words.CHANNELS.values())
        case Part.ACTIVITY:
            return tuple(map(words.active_within, ACTIVE_DAYS))
        case _:
            return tuple(map(str, _options(part)))


def _options(part: Part) -> Sequence[StrEnum]:
    match part:
        case Part.SKIN_TYPE:
            return tuple(SkinType)
        case Part.CONCERN:
            return tuple(Concern)
        case Part.AGE_BAND:
            return tuple(AgeBand)
        case _:
            return ()


def _aimed(segment: Segment, part: Part, option: int) -> Segment | None:
    """None for an option that the step does not have."""
    if option > len(_labels(part)):
        return None
    match part:
        case Part.CHANNEL:
            return replace(segment, channel=(None, *CHANNELS)[option])
        case Part.SKIN_TYPE:
            return replace(segment, skin_type=(None, *SkinType)[option])
        case Part.CONCERN:
            return replace(segment, concern=(None, *Concern)[option])
        case Part.AGE_BAND:
            return replace(segment, age_band=(None, *AgeBand)[option])
        case Part.ACTIVITY:
            return replace(segment, active_days=(None, *ACTIVE_DAYS)[option])
        case _:
            return None


def _as_it_looks(result: BroadcastPreviewed) -> tuple[Reply, ...]:
    rows = offered(result.link)
    if result.picture is None:
        return (Bubble(result.text, rows),)
    return (Picture(result.picture, result.text, rows),)


def offered(link: Link | None) -> Rows:
    """The buttons under an advertisement: its link, and the way out."""
    out = (Button(words.OPT_OUT, Open(Menu.OPT_OUT)),)
    return (out,) if link is None else ((Button(link.label, url=link.url),), out)
