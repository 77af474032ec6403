"""One ingredient's sheet, near names where it is unknown, and whole lists: a product's, a typed."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.dialogue import consulting, formulas, survey, texts
from bot.dialogue.actions import fits, read
from bot.dialogue.formulas import Group, Line
from bot.dialogue.model import (
    Action,
    Amend,
    AnalyseFormula,
    AskingIngredient,
    Avoid,
    Bubble,
    Button,
    Consulting,
    Dialogue,
    Failure,
    FormulaAnalysed,
    FormulaListed,
    IngredientFound,
    IngredientMissed,
    ListFormula,
    LookUp,
    LookUpName,
    Menu,
    Open,
    ProfileAmended,
    ReadingFormula,
    ReadingIngredient,
    ReadingList,
    ReadingWhy,
    Recommending,
    ReviewingSurvey,
    Rows,
    Scene,
    ShowDetails,
    ShowFormula,
    ShowIngredient,
    ShowList,
    Step,
    Surveying,
    Toast,
    Turn,
)
from bot.dialogue.turns import (
    TO_HOME,
    ask,
    back_to_cards,
    column,
    grid,
    leafing,
    moved,
    page_row,
    preceded,
    profile_of,
    say,
    searched_in_vain,
    with_facts,
)
from engine.domain import (
    Health,
    Ingredient,
    IngredientSheet,
    Reading,
    SkinProfile,
    UnknownName,
)
from engine.parsing.ingredients import ingredient_names
from engine.parsing.korean import squeeze

A_PAGE: Final = 10
NAME_AT_MOST: Final = 60
NEAR_AT_MOST: Final = 6
NAMES_AT_MOST: Final = 80
"""Of one typed list."""
UNREAD_AT_MOST: Final = 150
"""Syllables of the names that were not found, as far as they are told and remembered."""

ASK_OTHER: Final = Button(texts.ASK_OTHER, Open(Menu.INGREDIENT))
_NOTABLE: Final = (Group.AVOIDED, Group.LIMITED, Group.ACTIVE)


def invite(dialogue: Dialogue) -> Turn:
    here = moved(dialogue, AskingIngredient())
    return say(here, Bubble(texts.ASK_INGREDIENT_NAME, ((TO_HOME,),), replaces=True))


def typed(dialogue: Dialogue, text: str) -> Turn:
    """A name, or a list of them, where a name was asked for."""
    names = ingredient_names(text)
    if len(names) > 1:
        return analyse(moved(dialogue, AskingIngredient()), names)
    return look_up(dialogue, text)


# --- one ingredient -----------------------------------------------------------------------------


def look_up(dialogue: Dialogue, name: str) -> Turn:
    """By a typed or offered name; a text too long for a name leaves everything as it is."""
    if len(name) > NAME_AT_MOST:
        return say(dialogue, Bubble(texts.INGREDIENT_TOO_LONG))
    return show(dialogue, ReadingIngredient(name, back=_came_from(dialogue.scene)))


def show_by_id(dialogue: Dialogue, ingredient: int, page: int) -> Turn:
    back = _came_from(dialogue.scene)
    return show(dialogue, ReadingIngredient("", ingredient, max(page, 1), back))


def show(dialogue: Dialogue, scene: ReadingIngredient) -> Turn:
    wanted = LookUp(
        0,
        scene.name,
        scene.ingredient,
        scene.page,
        picks=dialogue.picks,
        avoided=profile_of(dialogue).unwanted,
        product=scene.back.product if isinstance(scene.back, ReadingFormula) else None,
    )
    return ask(moved(dialogue, scene), lambda ticket: replace(wanted, ticket=ticket))


def found(dialogue: Dialogue, scene: ReadingIngredient, result: IngredientFound) -> Turn:
    sheet = result.sheet
    ingredient, page = sheet.ingredient, sheet.products
    rows: Rows = (
        *column(Button(product.title, ShowDetails(product.id)) for product in page.items),
        *page_row(page.number, page.pages, lambda to: ShowIngredient(ingredient.id, to)),
        *_avoiding(dialogue, sheet),
        *_back(scene.back),
        *back_to_cards(dialogue),
        (ASK_OTHER, TO_HOME),
    )
    here = replace(
        dialogue, scene=ReadingIngredient(ingredient.name, ingredient.id, page.number, scene.back)
    )
    turned = _leafed(dialogue, ingredient) or _switched(dialogue, ingredient)
    return say(here, Bubble(_sheet(dialogue, sheet), rows, replaces=turned))


def missed(dialogue: Dialogue, result: IngredientMissed) -> Turn:
    """Near names as buttons, those too long for one as text; the next text is a look-up again."""
    near = result.near[:NEAR_AT_MOST]
    text = texts.FAILURES[Failure.INGREDIENT_GONE]
    buttons = [Button(name, LookUpName(name)) for name in near if fits(LookUpName(name))]
    unbuttoned = [name for name in near if not fits(LookUpName(name))]
    rows: Rows = (*grid(buttons, width=2), (TO_HOME,))
    if _known(dialogue.scene):
        return say(moved(dialogue, AskingIngredient()), Bubble(text, rows))
    text = texts.ingredient_missed(result.name, near, unbuttoned)
    turn = say(moved(dialogue, AskingIngredient()), Bubble(text, rows))
    return searched_in_vain(turn, result.name, result.at)


def avoid(dialogue: Dialogue, action: Avoid, at: datetime) -> Turn | None:
    """Set whether the ingredient on the screen is avoided; None without consent.

    The button of a sheet further up opens that sheet again: the name stands only there.
    """
    scene = dialogue.scene
    if not dialogue.agreed:
        return None
    if not isinstance(scene, ReadingIngredient) or scene.ingredient != action.ingredient:
        return show_by_id(dialogue, action.ingredient, 1)
    if not scene.name or _named(profile_of(dialogue), scene.name) == action.on:
        return show(dialogue, scene)
    profile = _with(profile_of(dialogue), scene.name) if action.on else None
    if action.on and profile is None:
        return say(dialogue, Toast(texts.AVOIDED_FULL))
    profile = profile or _without(profile_of(dialogue), scene.name)
    words = texts.AVOIDED_NOW if action.on else texts.AVOIDED_NO_MORE
    turn = preceded(show(replace(dialogue, profile=profile), scene), Toast(words))
    return with_facts(turn, ProfileAmended(at, profile))


def _sheet(dialogue: Dialogue, sheet: IngredientSheet) -> str:
    ingredient = sheet.ingredient
    parts = (
        texts.ingredient(ingredient, sheet.avoided_as),
        texts.why_in(ingredient, sheet.place) if sheet.place else "",
        texts.minding(ingredient, profile_of(dialogue), sheet.cares),
        texts.picks_holding(sheet.picked, len(dialogue.picks)),
        texts.products_holding(sheet.products),
    )
    return "\n\n".join(part for part in parts if part)


def _avoiding(dialogue: Dialogue, sheet: IngredientSheet) -> Rows:
    """What can be done about it: by its own name here, by a word for many in the profile."""
    ingredient = sheet.ingredient
    if not dialogue.agreed:
        return ()
    if _named(profile_of(dialogue), ingredient.name):
        return ((Button(texts.UNAVOID, Avoid(ingredient.id, on=False)),),)
    if sheet.avoided_as:
        return ((Button(texts.AMEND_AVOIDED, Amend(Step.AVOIDED)),),)
    return ((Button(texts.AVOID, Avoid(ingredient.id, on=True)),),)


def _back(back: ReadingFormula | ReadingList | None) -> Rows:
    match back:
        case ReadingFormula(product, page):
            return ((Button(texts.BACK_TO_LIST, ShowFormula(product, page)),),)
        case ReadingList(_, _, page):
            return ((Button(texts.BACK_TO_LIST, ShowList(page)),),)
        case None:
            return ()


def _came_from(scene: Scene) -> ReadingFormula | ReadingList | None:
    """The list under whose bubble the person looks from ingredient to ingredient."""
    match scene:
        case ReadingFormula() | ReadingList():
            return scene
        case ReadingIngredient(_, _, _, back):
            return back
        case _:
            return None


def _leafed(dialogue: Dialogue, ingredient: Ingredient) -> bool:
    return any(
        isinstance(action, ShowIngredient) and action.ingredient == ingredient.id
        for action in leafing(dialogue)
    )


def _switched(dialogue: Dialogue, ingredient: Ingredient) -> bool:
    """The screen's button offers what is so by now: it was just pressed."""
    now = _named(profile_of(dialogue), ingredient.name)
    return Avoid(ingredient.id, on=now) in _offered(dialogue)


def _offered(dialogue: Dialogue) -> tuple[Action | None, ...]:
    return tuple(read(offer.action) for offer in dialogue.offers)


def _known(scene: Scene) -> bool:
    """Asked for by its number: it was in the catalogue once, and a name says little."""
    return isinstance(scene, ReadingIngredient) and scene.ingredient is not None


def _named(profile: SkinProfile, name: str) -> bool:
    return squeeze(name) in map(squeeze, profile.avoided)


def _with(profile: SkinProfile, name: str) -> SkinProfile | None:
    """None where the profile is full, or the name too long for it."""
    wanted = (*profile.avoided, name)
    return replace(profile, avoided=wanted) if survey.fitting(wanted) == wanted else None


def _without(profile: SkinProfile, name: str) -> SkinProfile:
    kept = tuple(word for word in profile.avoided if squeeze(word) != squeeze(name))
    return replace(profile, avoided=kept)


# --- a product's list ---------------------------------------------------------------------------


def show_formula(dialogue: Dialogue, scene: ReadingFormula) -> Turn:
    avoided = profile_of(dialogue).unwanted
    return ask(moved(dialogue, scene), lambda ticket: ListFormula(ticket, scene.product, avoided))


def listed(dialogue: Dialogue, scene: ReadingFormula, result: FormulaListed) -> Turn:
    """Ten ingredients a page, group by group; what is avoided or of note comes first."""
    product = result.product
    lines = formulas.ordered(result.ingredients, result.avoided)
    page, pages = _place(scene.page, lines)
    rows: Rows = (
        *grid([_button(line) for line in _part(lines, page)], width=2),
        *page_row(page, pages, lambda to: ShowFormula(product.id, to)),
        *back_to_cards(dialogue),
        (Button(texts.SHOW_PRODUCT, ShowDetails(product.id), about=product.title), TO_HOME),
    )
    title = _noted(dialogue, product.title, lines)
    text = _text(title, lines, page, pages) if lines else texts.no_formula(product)
    turned = any(
        isinstance(action, ShowFormula) and action.product == product.id
        for action in leafing(dialogue)
    )
    return say(replace(dialogue, scene=replace(scene, page=page)), Bubble(text, rows, turned))


# --- a typed list -------------------------------------------------------------------------------


def analyse(dialogue: Dialogue, names: tuple[str, ...]) -> Turn:
    """A typed list. While it is read only the request holds the names: they may be long."""
    scene = dialogue.scene
    staying = (AskingIngredient, Surveying, ReviewingSurvey, Recommending, ReadingWhy)
    here = moved(dialogue, scene if isinstance(scene, staying) else Consulting())
    wanted = AnalyseFormula(0, names[:NAMES_AT_MOST], avoided=profile_of(dialogue).unwanted)
    notes = (Bubble(texts.list_cut(NAMES_AT_MOST)),) if len(names) > NAMES_AT_MOST else ()
    return ask(replace(here, offers=()), lambda ticket: replace(wanted, ticket=ticket), *notes)


def again(dialogue: Dialogue, asked: AnalyseFormula) -> Turn:
    """The same list, as after a restart."""
    return ask(dialogue, lambda ticket: replace(asked, ticket=ticket))


def show_list(dialogue: Dialogue, scene: ReadingList) -> Turn:
    wanted = AnalyseFormula(0, scene.unknown, scene.known, profile_of(dialogue).unwanted)
    return ask(moved(dialogue, scene), lambda ticket: replace(wanted, ticket=ticket))


def turn_list(dialogue: Dialogue, page: int) -> Turn | None:
    """None where no typed list is being read."""
    back = _came_from(dialogue.scene)
    if not isinstance(back, ReadingList):
        return None
    return show_list(dialogue, replace(back, page=max(page, 1)))


def analysed(dialogue: Dialogue, asked: AnalyseFormula, result: FormulaAnalysed) -> Turn:
    """Its groups; in a survey only what is of note, since the survey goes on. What was no list
    of ingredients after all is the question it was."""
    scene, reading = dialogue.scene, result.reading
    if not reading.known and isinstance(scene, AskingIngredient | ReadingList):
        return say(
            moved(dialogue, AskingIngredient()),
            Bubble(texts.NOTHING_READ, (*_nearest(reading.unknown), (TO_HOME,))),
        )
    if not reading.known:
        return consulting.put(dialogue, ", ".join(asked.names))
    lines = formulas.ordered(reading.known, result.avoided)
    if isinstance(scene, Surveying | ReviewingSurvey):
        return say(dialogue, Bubble(_in_short(lines)))
    return _list(dialogue, reading, lines)


def _list(dialogue: Dialogue, reading: Reading, lines: tuple[Line, ...]) -> Turn:
    scene = dialogue.scene
    page, pages = _place(scene.page if isinstance(scene, ReadingList) else 1, lines)
    told, first = _told(reading.unknown), page == 1
    known = tuple(each.id for each in reading.known)
    here = moved(dialogue, ReadingList(known, tuple(each.name for each in told), page))
    rows: Rows = (
        *grid([_button(line) for line in _part(lines, page)], width=2),
        *(_nearest(told) if first else ()),
        *page_row(page, pages, ShowList),
        *back_to_cards(here),
        (ASK_OTHER, TO_HOME),
    )
    text = _text(_noted(dialogue, texts.LIST_TITLE, lines), lines, page, pages)
    if told and first:
        names = [each.name for each in told]
        left = len(reading.unknown) - len(told)
        text = f"{text}\n\n{texts.unread(names, left, near=bool(_nearest(told)))}"
    turned = any(isinstance(action, ShowList) for action in leafing(dialogue))
    return say(here, Bubble(text, rows, turned))


def _told(unknown: tuple[UnknownName, ...]) -> tuple[UnknownName, ...]:
    """The first that fit."""
    room, told = UNREAD_AT_MOST, []
    for each in unknown:
        room -= len(each.name)
        if room < 0:
            break
        told.append(each)
    return tuple(told)


def _nearest(unknown: tuple[UnknownName, ...]) -> Rows:
    names = dict.fromkeys(name for each in unknown for name in each.near)
    buttons = [Button(name, LookUpName(name)) for name in names if fits(LookUpName(name))]
    return grid(buttons[:NEAR_AT_MOST], width=2)


# --- both lists ---------------------------------------------------------------------------------


def _place(page: int, lines: tuple[Line, ...]) -> tuple[int, int]:
    """The page brought into range, and of how many."""
    pages = max(1, -(-len(lines) // A_PAGE))
    return min(page, pages), pages


def _part(lines: tuple[Line, ...], page: int) -> tuple[Line, ...]:
    return lines[(page - 1) * A_PAGE : page * A_PAGE]


def _text(title: str, lines: tuple[Line, ...], page: int, pages: int) -> str:
    head = texts.formula_head(title, len(lines), texts.place(page, pages))
    contents = texts.group_counts(formulas.counts(lines)) if page == 1 else ""
    parts = (head, contents, texts.grouped(_part(lines, page)))
    return "\n\n".join(part for part in parts if part)


def _noted(dialogue: Dialogue, title: str, lines: tuple[Line, ...]) -> str:
    """Why something is marked that the person never named."""
    marked = any(line.group is Group.AVOIDED for line in lines)
    unnamed = Health.PREGNANCY in profile_of(dialogue).health
    return f"{texts.PREGNANCY_NOTE}\n\n{title}" if marked and unnamed else title


def _in_short(lines: tuple[Line, ...]) -> str:
    notable = [line for line in lines if line.group in _NOTABLE][:A_PAGE]
    head = texts.formula_head(texts.LIST_TITLE, len(lines))
    parts = (head, texts.group_counts(formulas.counts(lines)), texts.grouped(notable))
    return "\n\n".join(part for part in parts if part)


def _button(line: Line) -> Button:
    mark = texts.WARNING if line.group is Group.AVOIDED else ""
    return Button(f"{mark}{line.ingredient.name}", ShowIngredient(line.ingredient.id))
