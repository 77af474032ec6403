"""The one machine: `step(dialogue, event) -> Turn`. Pure; `Event.at` is its only clock."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, assert_never

from bot.dialogue import (
    admin,
    answers,
    arriving,
    comparing,
    consent,
    consulting,
    failing,
    ingredients,
    labelled,
    labels,
    lately,
    menu,
    mine,
    models,
    narrowing,
    peers,
    picking,
    recommending,
    remembered,
    routines,
    statistics,
    survey,
    texts,
)
from bot.dialogue.actions import read
from bot.dialogue.model import (
    Action,
    Adapt,
    AddChart,
    Aim,
    Amend,
    AnalyseFormula,
    AnswerAgain,
    Answered,
    AskingAge,
    AskingConsent,
    AskingIngredient,
    Avoid,
    BroadcastPreviewed,
    BroadcastQueued,
    BroadcastRefused,
    BroadcastsListed,
    BroadcastSteered,
    Bubble,
    Budgeting,
    Button,
    CategoriesListed,
    Choose,
    Compared,
    Comparing,
    Compose,
    Composing,
    ConfirmDelete,
    ConfirmingDelete,
    ConfirmingWithdrawal,
    Consult,
    Consulting,
    DecideConsent,
    DecideOn,
    DeclareAge,
    Dialogue,
    Dispatch,
    Dispatching,
    Event,
    Explained,
    Exported,
    Failed,
    Finding,
    Finish,
    FinishPicking,
    FormulaAnalysed,
    FormulaListed,
    GiveReason,
    GoTo,
    Grade,
    Helping,
    IngredientFound,
    IngredientMissed,
    KeepSaid,
    LabelUnread,
    LaySideBySide,
    LeaveEmpty,
    LeaveOutPerfume,
    LookUpName,
    ManagingConsents,
    Mark,
    MarkHealth,
    Media,
    MeetingPeers,
    Menu,
    Message,
    ModelsListed,
    NarrowCategory,
    NarrowingCategory,
    NarrowingPrice,
    NarrowPrice,
    NoticeRead,
    Offer,
    Open,
    PeersFound,
    Pick,
    Picking,
    Planned,
    Planning,
    PlanOther,
    PlanWithin,
    Prefer,
    Pressed,
    PressedUnknown,
    ProductsFound,
    ProductShown,
    ProductsNamed,
    Rate,
    RateAnswer,
    ReadConsent,
    ReadingConsent,
    ReadingFormula,
    ReadingIngredient,
    ReadingList,
    ReadingPrivacy,
    ReadingProduct,
    ReadingWhy,
    ReadLabel,
    Recommended,
    Recommending,
    RecommendOthers,
    Reply,
    Resting,
    Result,
    Resume,
    Review,
    ReviewingPicks,
    ReviewingSurvey,
    Rows,
    Said,
    SaveProfile,
    Sent,
    ShowDetails,
    ShowFormula,
    ShowIngredient,
    ShowList,
    ShowStatistics,
    ShowWhy,
    Skip,
    StatisticsGathered,
    Steer,
    Stop,
    Surveying,
    Toast,
    Turn,
    TurnedAway,
    TurnTo,
    Unread,
    ViewingBroadcasts,
    ViewingMine,
    ViewingModels,
    ViewingRecent,
    ViewingStatistics,
    Weigh,
    Weighing,
    Widen,
    Withdraw,
)
from bot.dialogue.turns import TO_HOME, column, grid, moved, preceded, round_of, say
from engine.parsing.budgets import ROUTINE, routine_wish
from engine.parsing.ingredients import listed_names

TEXT_AT_MOST: Final = 1_000
SHORT_LABEL: Final = 8
AWAY: Final = timedelta(days=3)
"""Who comes back after it is asked whether to go on."""
SEEN_EVERY: Final = timedelta(hours=1)
"""A remark that changes nothing else need not be kept for the time alone."""

COMMANDS: Final[Mapping[str, Menu]] = {
    "start": Menu.HOME,
    "cancel": Menu.HOME,
    "recommend": Menu.RECOMMEND,
    "ingredient": Menu.INGREDIENT,
    "mydata": Menu.MINE,
    "help": Menu.HELP,
    "privacy": Menu.PRIVACY,
    "delete": Menu.DELETE,
    "stop": Menu.OPT_OUT,
}
ADMIN_COMMANDS: Final[Mapping[str, Menu]] = {
    "stats": Menu.STATISTICS,
    "broadcast": Menu.BROADCAST,
    "model": Menu.MODELS,
}
ADMIN_ROOMS: Final = frozenset(ADMIN_COMMANDS.values()) | {Menu.BROADCASTS}
ADMIN_ACTIONS: Final = (Compose, LeaveEmpty, AddChart, Aim, Dispatch, Steer, ShowStatistics, Adapt)
STANDING: Final[Mapping[str, Menu]] = {
    labels.key(texts.HOME): Menu.HOME,
    labels.key(texts.HELP): Menu.HELP,
}
WAYS: Final = frozenset(map(labels.key, (texts.CANCEL, texts.RESULT, texts.STOP)))
ROOMS: Final[Mapping[str, Menu]] = {
    labels.key(texts.RECOMMEND): Menu.RECOMMEND,
    labels.key(texts.ROUTINE): Menu.ROUTINE,
    labels.key(texts.FIND): Menu.FIND,
    labels.key(texts.ASK_INGREDIENT): Menu.INGREDIENT,
    labels.key(texts.CONSULT): Menu.CONSULT,
    labels.key(texts.MINE): Menu.MINE,
}
"""The menu's labels lead on where they are typed, also while the menu is not on the screen."""
CONTENT: Final = (
    Consulting,
    ReadingProduct,
    ReadingFormula,
    ReadingWhy,
    ReadingList,
    ReadingIngredient,
    Comparing,
    MeetingPeers,
    Planning,
)
"""Scenes whose bubble is worth keeping: what comes next stands under it, not in its place."""


def step(dialogue: Dialogue, event: Event) -> Turn:
    match event:
        case Said() | Pressed() | PressedUnknown() | Sent():
            if _opts_out(event):
                return _offering(_opted_out(dialogue, event.at))
            if not dialogue.old_enough:
                return _offering(_stranger(dialogue, event))
            here = lately.at_present(_seen(dialogue, event.at), event.at)
            remark = _remark(here, event)
            if remark is not None:
                return remark
            if _was_away(dialogue, event.at) and not _leads_elsewhere(event):
                return _offering(_welcomed_back(here))
            return _offering(consent.asking_again(_message(here, event), event.at))
        case _:
            return _arrived(dialogue, event)


def redraw(dialogue: Dialogue, at: datetime | None = None) -> Turn:
    """The present scene from state alone; where it needs data, the request with a new ticket.

    With the time, who was away for days is asked whether to go on instead.
    """
    if at is None or not dialogue.old_enough:
        return _offering(_drawn(dialogue))
    here = lately.at_present(_seen(dialogue, at), at)
    return _offering(_welcomed_back(here) if _was_away(dialogue, at) else _drawn(here))


# --- /stop --------------------------------------------------------------------------------------


def _opts_out(event: Message) -> bool:
    """Before the age, the consent, or where they were: refusing advertising may not be hindered
    (정보통신망법 제50조 제5항)."""
    match event:
        case Said(_, _, text) if _is_command(text):
            return COMMANDS.get(_command(text)[0]) is Menu.OPT_OUT
        case Said(_, _, text):
            return labels.key(text) == labels.key(texts.OPT_OUT)
        case Pressed(_, _, action):
            return action == Open(Menu.OPT_OUT)
        case _:
            return False


def _opted_out(dialogue: Dialogue, at: datetime) -> Turn:
    here = _seen(dialogue, at) if dialogue.old_enough else dialogue
    return consent.opt_out(here, at, _rows_again(here))


# --- coming back --------------------------------------------------------------------------------


def _seen(dialogue: Dialogue, at: datetime) -> Dialogue:
    recent = dialogue.seen is not None and at - dialogue.seen < SEEN_EVERY
    return dialogue if recent else replace(dialogue, seen=at)


def _was_away(dialogue: Dialogue, at: datetime) -> bool:
    """For days, in the middle of something."""
    if dialogue.seen is None or isinstance(dialogue.scene, Resting | AskingConsent):
        return False
    return at - dialogue.seen >= AWAY


def _leads_elsewhere(event: Message) -> bool:
    """A command, a standing word, a room's button: it says itself where it goes."""
    match event:
        case Said(_, _, text):
            word = labels.key(text)
            return _is_command(text) or word in WAYS or word in STANDING or word in ROOMS
        case Pressed(_, _, action):
            return isinstance(action, Open | Resume)
        case Sent(file=file):
            return bool(file)
        case _:
            return False


def _welcomed_back(dialogue: Dialogue) -> Turn:
    """The scene stays as it is; the question is asked once, since the person is here now."""
    rows: Rows = (
        (Button(texts.RESUME, Resume(), tone="good"), Button(texts.AFRESH, Open(Menu.HOME))),
    )
    return say(dialogue, Bubble(texts.RESUMING, rows))


# --- messages -----------------------------------------------------------------------------------


def _stranger(dialogue: Dialogue, event: Message) -> Turn:
    """Before the age is known there is only its question."""
    match event:
        case Pressed(_, _, DeclareAge(old_enough)):
            declared = consent.declare(dialogue, old_enough)
        case Said(_, _, text) if labels.key(text) == labels.key(texts.OLD_ENOUGH):
            declared = consent.declare(dialogue, old_enough=True)
        case Said(_, _, text) if labels.key(text) == labels.key(texts.TOO_YOUNG):
            declared = consent.declare(dialogue, old_enough=False)
        case _:
            declared = None
    turn = declared or consent.greet(arriving.bound(dialogue, event))
    return arriving.counted(turn, event.at)


def _remark(dialogue: Dialogue, event: Message) -> Turn | None:
    """One line about what cannot be read; the dialogue stays as it is, nothing is lost."""
    match event:
        case Sent() if admin.takes(dialogue, event):
            return None
        case Sent(media=Media.PHOTO, file=file):
            told = Bubble(texts.LABEL_UNREAD[Unread.OFF], _rows_again(dialogue))
            return None if file else say(dialogue, told)
        case Sent():
            return say(dialogue, Bubble(texts.MEDIA, _rows_again(dialogue)))
        case Said(_, _, text) if len(text) > TEXT_AT_MOST:
            return say(dialogue, Bubble(texts.TOO_LONG))
        case Said(_, _, text) if not text.strip():
            return say(dialogue, Bubble(texts.NOTHING_SAID, _rows_again(dialogue)))
        case Said(_, _, text) if _is_command(text) and _room(dialogue, _command(text)[0]) is None:
            help_button = Button(texts.HELP, Open(Menu.HELP))
            return say(dialogue, Bubble(texts.UNKNOWN_COMMAND, ((help_button,),)))
        case _:
            return None


def _message(dialogue: Dialogue, event: Message) -> Turn:
    match event:
        case Said(_, at, text):
            return _heard(dialogue, text.strip(), at)
        case Pressed(_, at, action):
            return _pressed(dialogue, action, at)
        case Sent(file=file):
            return admin.pictured(dialogue, event) or labelled.read(dialogue, file)
        case PressedUnknown():
            return _stale(dialogue)
        case _:
            assert_never(event)


def _heard(dialogue: Dialogue, text: str, at: datetime) -> Turn:
    """Standing words first, then labels on the screen, then what the scene asks for."""
    if _is_command(text):
        return _commanded(dialogue, *_command(text))
    word = labels.key(text)
    if word == labels.key(texts.CANCEL):
        return _cancelled(dialogue)
    if word == labels.key(texts.STOP):
        return _stopped(dialogue)
    if word == labels.key(texts.RESULT):
        return _drawn(dialogue)
    if word in STANDING:
        return _enter(dialogue, STANDING[word])
    if offers := labels.matching(dialogue, text):
        return _by_label(dialogue, offers, at)
    if word in ROOMS:
        return _enter(dialogue, ROOMS[word])
    return _typed(dialogue, text, at)


def _is_command(text: str) -> bool:
    return text.lstrip().startswith("/")


def _command(text: str) -> tuple[str, str]:
    """«/Ingredient@ppoyami_bot 판테놀» → («ingredient», «판테놀»)."""
    word, *rest = text.strip().removeprefix("/").split(maxsplit=1) or [""]
    return word.partition("@")[0].casefold(), rest[0].strip() if rest else ""


def _commanded(dialogue: Dialogue, name: str, rest: str) -> Turn:
    if name == "cancel":
        return _cancelled(dialogue)
    if name == "start" and (led := arriving.led(dialogue, rest)):
        return led
    if name == "ingredient" and rest:
        return ingredients.typed(dialogue, rest)
    if name == "mydata":
        return mine.export(dialogue)
    room = _room(dialogue, name)
    return _stale(dialogue) if room is None else _enter(dialogue, room)


def _room(dialogue: Dialogue, command: str) -> Menu | None:
    """Where the command leads; None where there is none for this person."""
    known = COMMANDS.get(command)
    return ADMIN_COMMANDS.get(command) if known is None and dialogue.admin else known


def _cancelled(dialogue: Dialogue) -> Turn:
    if dialogue.agreed is None:
        return consent.show(dialogue)
    return menu.home(dialogue, texts.CANCELLED)


def _stopped(dialogue: Dialogue) -> Turn:
    if dialogue.open is not None:
        return failing.stopped(dialogue, dialogue.open)
    rows = _rows_again(dialogue)
    way = () if any(TO_HOME.label == button.label for row in rows for button in row) else (TO_HOME,)
    text = f"{texts.NOTHING_TO_STOP}\n{texts.TO_LEAVE}"
    return say(dialogue, Bubble(text, (*rows, way) if way else rows))


def _by_label(dialogue: Dialogue, offers: tuple[Offer, ...], at: datetime) -> Turn:
    """A press of the one button; where several bear the label, which one is asked."""
    actions = [(offer, read(offer.action)) for offer in offers]
    buttons = [
        Button(offer.about or offer.label, action, about=offer.about)
        for offer, action in actions
        if action is not None
    ]
    match buttons:
        case [Button(action=action)] if action is not None:
            return _pressed(dialogue, action, at)
        case []:
            return _stale(dialogue)
        case _:
            return say(dialogue, Bubble(texts.WHICH_ONE, column(buttons)))


def _typed(dialogue: Dialogue, text: str, at: datetime) -> Turn:
    """The answer a scene asks for by typing; everywhere else a question."""
    match dialogue.scene:
        case Picking() | Finding() as scene:
            routine = labels.key(text) != ROUTINE and routine_wish(text) is not None
            return _asked(dialogue, text) if routine else picking.typed(dialogue, scene, text)
        case AskingIngredient():
            return ingredients.typed(dialogue, text)
        case Composing() as scene if dialogue.admin:
            return admin.typed(dialogue, scene, text)
        case Surveying() as scene:
            answer = survey.typed(dialogue, scene, text, at)
            return _asked(dialogue, text) if answer is None else answer
        case Recommending() | ReadingWhy() | NarrowingPrice() | NarrowingCategory():
            return narrowing.typed(dialogue, text) or _asked(dialogue, text)
        case Budgeting() | Planning():
            return routines.typed(dialogue, text) or _asked(dialogue, text)
        case _:
            return _asked(dialogue, text)


def _asked(dialogue: Dialogue, text: str) -> Turn:
    """A question; a list of ingredients asks what is in it, a wish for a routine asks for one."""
    if (wish := routine_wish(text)) is not None:
        return _with_consent(dialogue, lambda here: routines.wished(here, wish))
    if names := listed_names(text):
        return ingredients.analyse(dialogue, names)
    return consulting.put(dialogue, text)


def _pressed(dialogue: Dialogue, action: Action, at: datetime) -> Turn:
    turn = _act(dialogue, action, at)
    if turn is None:
        return _stale(dialogue)
    if isinstance(dialogue.scene, CONTENT) and turn.request is None:
        return replace(turn, replies=tuple(map(_beneath, turn.replies)))
    return turn


def _beneath(reply: Reply) -> Reply:
    return replace(reply, replaces=False) if isinstance(reply, Bubble) else reply


def _act(dialogue: Dialogue, action: Action, at: datetime) -> Turn | None:
    """None where the button does not fit the present state."""
    if isinstance(action, ADMIN_ACTIONS) and not dialogue.admin:
        return None
    match action:
        case Open(room):
            return _enter(dialogue, room)
        case DeclareAge(old_enough):
            return consent.declare(dialogue, old_enough)
        case DecideConsent(agreed):
            decided = consent.decide(dialogue, agreed, at)
            return None if decided is None else arriving.led_on(decided)
        case DecideOn():
            return consent.decide_on(dialogue, action, at)
        case ReadConsent(purpose):
            return consent.show_one(dialogue, purpose)
        case GoTo() | Choose() | Mark() | MarkHealth() | Skip() | Finish() | Review():
            return survey.move(dialogue, action, at)
        case SaveProfile():
            return survey.save(dialogue, at)
        case Pick():
            return _picked(dialogue, action, at)
        case Grade():
            return _graded(dialogue, action, at)
        case TurnTo(page):
            return _turned(dialogue, max(page, 1))
        case FinishPicking():
            return recommending.begin(dialogue)
        case RecommendOthers():
            return recommending.others(dialogue, action)
        case PlanWithin(budget):
            return routines.within(dialogue, budget or None)
        case PlanOther():
            return routines.other(dialogue, action)
        case NarrowPrice():
            return narrowing.price(dialogue, action)
        case NarrowCategory(name):
            return narrowing.category(dialogue, name)
        case LeaveOutPerfume():
            return narrowing.leave_out_perfume(dialogue)
        case Widen():
            return narrowing.widen(dialogue)
        case LaySideBySide():
            return comparing.lay(dialogue, action)
        case Weigh():
            return comparing.weigh(dialogue, action)
        case ShowDetails(product):
            return picking.open_product(dialogue, product)
        case ShowWhy(product):
            return recommending.why(dialogue, product)
        case ShowFormula(product, page):
            return ingredients.show_formula(dialogue, ReadingFormula(product, max(page, 1)))
        case ShowIngredient(ingredient, page):
            return ingredients.show_by_id(dialogue, ingredient, page)
        case ShowList(page):
            return ingredients.turn_list(dialogue, page)
        case Avoid():
            return ingredients.avoid(dialogue, action, at)
        case LookUpName(name):
            return ingredients.look_up(dialogue, name)
        case Rate():
            return recommending.rate(dialogue, action, at)
        case RateAnswer():
            return _beside(answers.rate(dialogue, action, at))
        case GiveReason():
            return answers.give_reason(dialogue, action, at)
        case AnswerAgain():
            return consulting.again(dialogue, action)
        case Prefer():
            return answers.prefer(dialogue, action, at)
        case KeepSaid():
            return answers.keep_said(dialogue, action, at)
        case Stop(ticket):
            return _stop(dialogue, ticket)
        case Amend():
            return survey.amend(dialogue, action)
        case Resume():
            return _drawn(dialogue)
        case Adapt():
            return models.adapt(dialogue, action)
        case ShowStatistics(days):
            return statistics.of_days(dialogue, days)
        case Compose() | LeaveEmpty() | AddChart() | Aim() | Dispatch() | Steer():
            return admin.act(dialogue, action, at)
        case Withdraw():
            return consent.withdraw(dialogue, at)
        case ConfirmDelete():
            return mine.erase(dialogue, at)
        case _:
            assert_never(action)


def _beside(turn: Turn | None) -> Turn | None:
    """With the kept scene's own bubble under a question that was asked beside it."""
    if turn is None or not any(isinstance(reply, Bubble) for reply in turn.replies):
        return turn
    return replace(turn, replies=(*turn.replies, *failing.under_answer(turn.dialogue)))


def _picked(dialogue: Dialogue, action: Pick, at: datetime) -> Turn | None:
    """None where no list of picks is on the screen."""
    match dialogue.scene:
        case Picking() | ReviewingPicks() | ViewingRecent(picking=True):
            return _and_drawn(picking.pick(dialogue, action, at))
        case _:
            return None


def _graded(dialogue: Dialogue, action: Grade, at: datetime) -> Turn | None:
    if not isinstance(dialogue.scene, ReviewingPicks):
        return None
    turn = picking.grade(dialogue, action, at)
    return None if turn is None else _and_drawn(turn)


def _and_drawn(turn: Turn) -> Turn:
    """The scene again, over what has just changed."""
    drawn = _drawn(turn.dialogue)
    return replace(drawn, replies=(*turn.replies, *drawn.replies), facts=turn.facts)


def _turned(dialogue: Dialogue, page: int) -> Turn | None:
    """The list that is on the screen, at this page; None where there is none."""
    match dialogue.scene:
        case Picking() | ReviewingPicks() | ViewingRecent() | Weighing() as scene:
            return _drawn(moved(dialogue, replace(scene, page=page)))
        case Finding(text):
            return picking.show_finding(dialogue, Finding(text or "", page))
        case _:
            return None


def _stop(dialogue: Dialogue, ticket: int) -> Turn:
    if dialogue.open is not None and dialogue.open.ticket == ticket:
        return failing.stopped(dialogue, dialogue.open)
    return say(dialogue, Toast(texts.NOTHING_TO_STOP))


def _enter(dialogue: Dialogue, room: Menu) -> Turn:
    if room in ADMIN_ROOMS and not dialogue.admin:
        return _stale(dialogue)
    match room:
        case Menu.HOME:
            return consent.show(dialogue) if dialogue.agreed is None else menu.home(dialogue)
        case Menu.RECOMMEND if not survey.taken(dialogue):
            return _with_consent(dialogue, survey.begin)
        case Menu.RECOMMEND | Menu.PICK:
            return _with_consent(dialogue, picking.begin)
        case Menu.ROUTINE:
            return _with_consent(dialogue, routines.begin)
        case Menu.SURVEY:
            return _with_consent(dialogue, survey.begin)
        case Menu.PICK_ALL:
            return _with_consent(dialogue, picking.begin_anew)
        case Menu.PICKS | Menu.PICK_RECENT | Menu.COMPARE | Menu.PEERS:
            return _with_consent(dialogue, lambda here: _drawn_anew(here, room))
        case Menu.PRICES | Menu.CATEGORIES:
            return _narrowing(dialogue, room)
        case Menu.RECENT:
            return remembered.show_recent(dialogue, ViewingRecent())
        case Menu.FIND:
            return picking.find(dialogue)
        case Menu.FIND_ANEW:
            return picking.find_anew(dialogue)
        case Menu.INGREDIENT:
            return ingredients.invite(dialogue)
        case Menu.CONSULT:
            return consulting.invite(dialogue)
        case Menu.MINE:
            return mine.show(dialogue)
        case Menu.EXPORT:
            return mine.export(dialogue)
        case Menu.WITHDRAW:
            return consent.ask_withdrawal(dialogue) or mine.show(dialogue)
        case Menu.DELETE:
            return mine.confirm(dialogue)
        case Menu.CONSENTS | Menu.OPT_OUT:  # /stop itself was heard before anything else
            return consent.show_optional(dialogue)
        case Menu.STATISTICS:
            return statistics.show(dialogue, ViewingStatistics())
        case Menu.MODELS:
            return models.show(dialogue)
        case Menu.BROADCAST:
            return admin.broadcast(dialogue)
        case Menu.BROADCASTS:
            return admin.latest(dialogue)
        case Menu.HELP:
            return menu.help_(dialogue)
        case Menu.PRIVACY:
            return menu.privacy(dialogue)
        case _:
            assert_never(room)


def _drawn_anew(dialogue: Dialogue, room: Menu) -> Turn:
    match room:
        case Menu.PICKS:
            return remembered.show_picks(dialogue, ReviewingPicks())
        case Menu.PICK_RECENT:
            return remembered.show_recent(dialogue, ViewingRecent(picking=True))
        case Menu.COMPARE:
            return comparing.begin(dialogue)
        case _:
            return peers.show(dialogue)


def _narrowing(dialogue: Dialogue, room: Menu) -> Turn:
    """Of a round of recommendations; where none stands, to the way to one."""
    if round_of(dialogue) is None:
        return _enter(dialogue, Menu.RECOMMEND)
    prices = room is Menu.PRICES
    return narrowing.show_prices(dialogue) if prices else narrowing.show_categories(dialogue)


def _with_consent(dialogue: Dialogue, go: Callable[[Dialogue], Turn]) -> Turn:
    return go(dialogue) if dialogue.agreed else consent.show(dialogue, texts.CONSENT_FIRST)


def _stale(dialogue: Dialogue) -> Turn:
    return preceded(_drawn(dialogue), Toast(texts.STALE))


# --- results ------------------------------------------------------------------------------------


def _arrived(dialogue: Dialogue, result: Result) -> Turn:
    """A late result, and one of another scene, changes nothing."""
    asked = dialogue.open
    if asked is None or asked.ticket != result.ticket:
        return Turn(dialogue)
    here = lately.looked_at(replace(dialogue, open=None), result)
    match result, here.scene:
        case Failed(), _:
            turn = failing.failed(here, asked, result)
        case Answered(), _ if isinstance(asked, Consult):
            turn = consulting.answered(here, asked, result)
            turn = replace(turn, replies=(*turn.replies, *failing.under_answer(here)))
        case ProductsFound(), _:
            turn = picking.found(here, result)
        case ProductsNamed(), _:
            turn = _named(here, result)
        case ProductShown(), _:
            seen = remembered.seen(here, result.product.id)
            turn = picking.product_shown(seen, result.product)
        case Compared(), Comparing():
            turn = comparing.compared(here, result)
        case PeersFound(), MeetingPeers():
            turn = peers.found(here, result)
        case CategoriesListed(), NarrowingCategory():
            turn = narrowing.categories_listed(here, result)
        case Recommended(), Recommending() as scene:
            turn = recommending.recommended(here, scene, result)
        case Planned(), Planning() as scene:
            turn = routines.planned(here, scene, result)
        case Explained(), _:
            turn = recommending.explained(here, result)
        case FormulaListed(), ReadingFormula() as scene:
            seen = remembered.seen(here, result.product.id)
            turn = ingredients.listed(seen, scene, result)
        case FormulaAnalysed(), _ if isinstance(asked, AnalyseFormula | ReadLabel):
            turn = _list_read(here, asked, result)
        case LabelUnread(), _:
            turn = say(here, Bubble(texts.LABEL_UNREAD[result.reason], _rows_again(here)))
        case IngredientFound(), ReadingIngredient() as scene:
            turn = ingredients.found(here, scene, result)
        case IngredientMissed(), _:
            turn = ingredients.missed(here, result)
        case NoticeRead(), _:
            turn = menu.notice(here, result)
        case Exported(), ViewingMine():
            turn = mine.exported(here, result)
        case _:
            turn = _at_the_desk(here, result)
    return _offering(consent.asking_again(turn, result.at))


def _at_the_desk(here: Dialogue, result: Result) -> Turn:
    """What an admin asked for."""
    match result, here.scene:
        case BroadcastPreviewed(), Composing() as scene:
            return admin.previewed(here, scene, result)
        case BroadcastRefused(), Composing() | Dispatching() as scene:
            return admin.refused(here, scene, result)
        case BroadcastQueued(), Dispatching():
            return admin.queued(here, result)
        case BroadcastsListed(), ViewingBroadcasts():
            return admin.listed(here, result)
        case BroadcastSteered(), _:
            return admin.steered(here, result)
        case StatisticsGathered(), ViewingStatistics() as scene:
            return statistics.gathered(here, scene, result)
        case ModelsListed(), ViewingModels():
            return models.listed(here, result)
        case _:
            return Turn(here)


def _list_read(here: Dialogue, asked: AnalyseFormula | ReadLabel, result: FormulaAnalysed) -> Turn:
    """A typed or a photographed list; under it the scene that it was asked beside."""
    if isinstance(asked, ReadLabel):
        turn = labelled.analysed(here, result)
    else:
        turn = ingredients.analysed(here, asked, result)
    if turn.request is not None:
        return turn
    return replace(turn, replies=(*turn.replies, *failing.under_answer(turn.dialogue)))


def _named(here: Dialogue, result: ProductsNamed) -> Turn:
    match here.scene:
        case ViewingMine():
            return mine.named(here, result)
        case ReviewingPicks() as scene:
            return remembered.picks_named(here, scene, result)
        case ViewingRecent() as scene:
            return remembered.recent_named(here, scene, result)
        case Weighing() as scene:
            return comparing.named(here, scene, result)
        case _:
            return Turn(here)


# --- drawing ------------------------------------------------------------------------------------


def _drawn(dialogue: Dialogue) -> Turn:
    if isinstance(dialogue.open, Consult):
        return consulting.anew(dialogue, dialogue.open)
    if isinstance(dialogue.open, AnalyseFormula):
        return ingredients.again(dialogue, dialogue.open)
    if isinstance(dialogue.open, ReadLabel):
        return labelled.again(dialogue, dialogue.open)
    match dialogue.scene:
        case AskingAge() | TurnedAway():
            return consent.greet(dialogue)
        case AskingConsent():
            return consent.show(dialogue)
        case Resting():
            return menu.home(dialogue)
        case Helping():
            return menu.help_(dialogue)
        case ReadingPrivacy():
            return menu.privacy(dialogue)
        case Surveying() as scene:
            return survey.show(dialogue, scene)
        case ReviewingSurvey() as scene:
            return survey.review(dialogue, scene)
        case Picking() as scene:
            return picking.show(dialogue, scene)
        case Recommending() as scene:
            return recommending.show(dialogue, scene)
        case Budgeting():
            return routines.begin(dialogue)
        case Planning() as scene:
            return routines.show(dialogue, scene)
        case ReviewingPicks() as scene:
            return remembered.show_picks(dialogue, scene)
        case ViewingRecent() as scene:
            return remembered.show_recent(dialogue, scene)
        case NarrowingPrice():
            return narrowing.show_prices(dialogue)
        case NarrowingCategory():
            return narrowing.show_categories(dialogue)
        case Weighing() as scene:
            return comparing.choose(dialogue, scene)
        case Comparing() as scene:
            return comparing.show(dialogue, scene)
        case MeetingPeers():
            return peers.show(dialogue)
        case Finding() as scene:
            return picking.show_finding(dialogue, scene)
        case ReadingProduct() as scene:
            return picking.show_product(dialogue, scene)
        case ReadingFormula() as scene:
            return ingredients.show_formula(dialogue, scene)
        case ReadingWhy() as scene:
            return recommending.show_why(dialogue, scene)
        case AskingIngredient():
            return ingredients.invite(dialogue)
        case ReadingList() as scene:
            return ingredients.show_list(dialogue, scene)
        case ReadingIngredient() as scene:
            return ingredients.show(dialogue, scene)
        case Consulting() as scene:
            return consulting.show(dialogue, scene)
        case ViewingMine():
            return mine.show(dialogue)
        case Composing() | Dispatching() | ViewingBroadcasts() | ViewingStatistics() if (
            not dialogue.admin
        ):
            return menu.home(dialogue)
        case ViewingModels():
            return models.show(dialogue) if dialogue.admin else menu.home(dialogue)
        case ViewingStatistics() as scene:
            return statistics.show(dialogue, scene)
        case Composing() as scene:
            return admin.show(dialogue, scene)
        case Dispatching() as scene:
            return admin.dispatch(dialogue, scene)
        case ViewingBroadcasts():
            return admin.latest(dialogue)
        case ManagingConsents():
            return consent.show_optional(dialogue)
        case ReadingConsent(purpose):
            return consent.show_one(dialogue, purpose) or consent.show_optional(dialogue)
        case ConfirmingWithdrawal():
            return consent.ask_withdrawal(dialogue) or mine.show(dialogue)
        case ConfirmingDelete():
            return mine.confirm(dialogue)
        case _:
            assert_never(dialogue.scene)


def _offering(turn: Turn) -> Turn:
    """Remember the buttons drawn; a turn that draws none leaves those before."""
    offers = labels.offered(turn.replies, consulting.room_for_offers(turn.dialogue))
    return replace(turn, dialogue=replace(turn.dialogue, offers=offers)) if offers else turn


def _rows_again(dialogue: Dialogue) -> Rows:
    """The scene's buttons, cards' own left out: three of one label would say little."""
    buttons = [
        Button(offer.label, action, about=offer.about)
        for offer in dialogue.offers
        if not offer.about and (action := read(offer.action)) is not None
    ]
    long = [button for button in buttons if len(button.label) > SHORT_LABEL]
    short = [button for button in buttons if len(button.label) <= SHORT_LABEL]
    return (*column(long), *grid(short, width=3))
