"""The one machine: `step(dialogue, event) -> Turn`. Pure; `Event.at` is its only clock."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final, assert_never

from bot.dialogue import (
    consent,
    consulting,
    failing,
    ingredients,
    labels,
    menu,
    mine,
    picking,
    recommending,
    survey,
    texts,
)
from bot.dialogue.actions import read
from bot.dialogue.model import (
    Action,
    Answered,
    AskingAge,
    AskingConsent,
    AskingIngredient,
    Bubble,
    Button,
    Choose,
    ConfirmDelete,
    ConfirmingDelete,
    Consult,
    Consulting,
    DecideConsent,
    DeclareAge,
    Dialogue,
    Event,
    Explained,
    Failed,
    Finding,
    Finish,
    FinishPicking,
    FormulaListed,
    GoTo,
    Helping,
    IngredientFound,
    IngredientMissed,
    LookUpName,
    Mark,
    Menu,
    Message,
    NoticeRead,
    Offer,
    Open,
    Pick,
    Picking,
    Pressed,
    PressedUnknown,
    ProductsFound,
    ProductShown,
    ProductsNamed,
    Rate,
    RateAnswer,
    ReadingFormula,
    ReadingIngredient,
    ReadingPrivacy,
    ReadingProduct,
    ReadingWhy,
    Recommended,
    Recommending,
    RecommendOthers,
    Reply,
    Resting,
    Result,
    Review,
    ReviewingSurvey,
    Rows,
    Said,
    SaveProfile,
    Sent,
    ShowDetails,
    ShowFormula,
    ShowIngredient,
    ShowWhy,
    Skip,
    Surveying,
    Toast,
    Turn,
    TurnedAway,
    TurnTo,
    ViewingMine,
)
from bot.dialogue.turns import column, grid, preceded, say

TEXT_AT_MOST: Final = 1_000
SHORT_LABEL: Final = 8

COMMANDS: Final[Mapping[str, Menu]] = {
    "start": Menu.HOME,
    "cancel": Menu.HOME,
    "recommend": Menu.RECOMMEND,
    "ingredient": Menu.INGREDIENT,
    "mydata": Menu.MINE,
    "help": Menu.HELP,
    "privacy": Menu.PRIVACY,
    "delete": Menu.DELETE,
}
STANDING: Final[Mapping[str, Menu]] = {
    labels.key(texts.HOME): Menu.HOME,
    labels.key(texts.HELP): Menu.HELP,
}
ROOMS: Final[Mapping[str, Menu]] = {
    labels.key(texts.RECOMMEND): Menu.RECOMMEND,
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
    ReadingIngredient,
)
"""Scenes whose bubble is worth keeping: what comes next stands under it, not in its place."""


def step(dialogue: Dialogue, event: Event) -> Turn:
    match event:
        case Said() | Pressed() | PressedUnknown() | Sent():
            if not dialogue.old_enough:
                return _offering(_stranger(dialogue, event))
            remark = _remark(dialogue, event)
            return _offering(_message(dialogue, event)) if remark is None else remark
        case _:
            return _arrived(dialogue, event)


def redraw(dialogue: Dialogue) -> Turn:
    """The present scene from state alone; where it needs data, the request with a new ticket."""
    return _offering(_drawn(dialogue))


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
    return declared or consent.greet(dialogue)


def _remark(dialogue: Dialogue, event: Message) -> Turn | None:
    """One line about what cannot be read; the dialogue stays as it is, nothing is lost."""
    match event:
        case Sent():
            return say(dialogue, Bubble(texts.MEDIA, _rows_again(dialogue)))
        case Said(_, _, text) if len(text) > TEXT_AT_MOST:
            return say(dialogue, Bubble(texts.TOO_LONG))
        case Said(_, _, text) if not text.strip():
            return say(dialogue, Bubble(texts.NOTHING_SAID, _rows_again(dialogue)))
        case Said(_, _, text) if _is_command(text) and _command(text)[0] not in COMMANDS:
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
        case PressedUnknown() | Sent():
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
    if word == labels.key(texts.RESULT):
        return _drawn(dialogue)
    if word in STANDING:
        return _enter(dialogue, STANDING[word])
    if offers := labels.matching(dialogue, text):
        return _by_label(dialogue, offers, at)
    if word in ROOMS:
        return _enter(dialogue, ROOMS[word])
    return _typed(dialogue, text)


def _is_command(text: str) -> bool:
    return text.lstrip().startswith("/")


def _command(text: str) -> tuple[str, str]:
    """«/Ingredient@ppoyami_bot 판테놀» → («ingredient», «판테놀»)."""
    word, *rest = text.strip().removeprefix("/").split(maxsplit=1) or [""]
    return word.partition("@")[0].casefold(), rest[0].strip() if rest else ""


def _commanded(dialogue: Dialogue, name: str, rest: str) -> Turn:
    if name == "cancel":
        return _cancelled(dialogue)
    if name == "ingredient" and rest:
        return ingredients.look_up(dialogue, rest)
    return _enter(dialogue, COMMANDS[name])


def _cancelled(dialogue: Dialogue) -> Turn:
    if dialogue.agreed is None:
        return consent.show(dialogue)
    return menu.home(dialogue, texts.CANCELLED)


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


def _typed(dialogue: Dialogue, text: str) -> Turn:
    """The answer a scene asks for by typing; everywhere else a question."""
    match dialogue.scene:
        case Picking() | Finding() as scene:
            return picking.typed(dialogue, scene, text)
        case AskingIngredient():
            return ingredients.look_up(dialogue, text)
        case Surveying() as scene:
            answer = survey.typed(dialogue, scene, text)
            return consulting.put(dialogue, text) if answer is None else answer
        case _:
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
    match action:
        case Open(room):
            return _enter(dialogue, room)
        case DeclareAge(old_enough):
            return consent.declare(dialogue, old_enough)
        case DecideConsent(agreed):
            return consent.decide(dialogue, agreed, at)
        case GoTo() | Choose() | Mark() | Skip() | Finish() | Review():
            return survey.move(dialogue, action)
        case SaveProfile():
            return survey.save(dialogue, at)
        case Pick():
            return picking.pick(dialogue, action, at)
        case TurnTo(page):
            return picking.turn_to(dialogue, page)
        case FinishPicking():
            return recommending.begin(dialogue)
        case RecommendOthers():
            return recommending.others(dialogue, action)
        case ShowDetails(product):
            return picking.show_product(dialogue, ReadingProduct(product))
        case ShowWhy(product):
            return recommending.why(dialogue, product)
        case ShowFormula(product, page):
            return ingredients.show_formula(dialogue, ReadingFormula(product, max(page, 1)))
        case ShowIngredient(ingredient, page):
            return ingredients.show_by_id(dialogue, ingredient, page)
        case LookUpName(name):
            return ingredients.look_up(dialogue, name)
        case Rate():
            return recommending.rate(dialogue, action, at)
        case RateAnswer():
            return consulting.rate(dialogue, action, at)
        case ConfirmDelete():
            return mine.erase(dialogue, at)
        case _:
            assert_never(action)


def _enter(dialogue: Dialogue, room: Menu) -> Turn:
    match room:
        case Menu.HOME:
            return consent.show(dialogue) if dialogue.agreed is None else menu.home(dialogue)
        case Menu.RECOMMEND if dialogue.profile is None:
            return _with_consent(dialogue, survey.begin)
        case Menu.RECOMMEND | Menu.PICK:
            return _with_consent(dialogue, picking.begin)
        case Menu.SURVEY:
            return _with_consent(dialogue, survey.begin)
        case Menu.FIND:
            return picking.find(dialogue)
        case Menu.INGREDIENT:
            return ingredients.invite(dialogue)
        case Menu.CONSULT:
            return consulting.invite(dialogue)
        case Menu.MINE:
            return mine.show(dialogue)
        case Menu.DELETE:
            return mine.confirm(dialogue)
        case Menu.HELP:
            return menu.help_(dialogue)
        case Menu.PRIVACY:
            return menu.privacy(dialogue)
        case _:
            assert_never(room)


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
    here = replace(dialogue, open=None)
    match result, here.scene:
        case Failed(), _:
            turn = failing.failed(here, asked, result)
        case Answered(), _ if isinstance(asked, Consult):
            turn = consulting.answered(here, asked, result)
            turn = replace(turn, replies=(*turn.replies, *failing.under_answer(here)))
        case ProductsFound(), _:
            turn = picking.found(here, result)
        case ProductsNamed(), ViewingMine():
            turn = mine.named(here, result)
        case ProductShown(), _:
            turn = picking.product_shown(here, result.product)
        case Recommended(), Recommending() as scene:
            turn = recommending.recommended(here, scene, result)
        case Explained(), _:
            turn = recommending.explained(here, result)
        case FormulaListed(), ReadingFormula() as scene:
            turn = ingredients.listed(here, scene, result)
        case IngredientFound(), _:
            turn = ingredients.found(here, result)
        case IngredientMissed(), _:
            turn = ingredients.missed(here, result)
        case NoticeRead(), _:
            turn = menu.notice(here, result)
        case _:
            turn = Turn(here)
    return _offering(turn)


# --- drawing ------------------------------------------------------------------------------------


def _drawn(dialogue: Dialogue) -> Turn:
    if isinstance(dialogue.open, Consult):
        return consulting.put(dialogue, dialogue.open.question.text)
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
        case ReadingIngredient() as scene:
            return ingredients.show(dialogue, scene)
        case Consulting() as scene:
            return consulting.show(dialogue, scene)
        case ViewingMine():
            return mine.show(dialogue)
        case ConfirmingDelete():
            return mine.confirm(dialogue)
        case _:
            assert_never(dialogue.scene)


def _offering(turn: Turn) -> Turn:
    """Remember the buttons drawn; a turn that draws none leaves those before."""
    offers = labels.offered(turn.replies)
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
