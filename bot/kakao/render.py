"""Replies → skill responses. KakaoTalk's limits live here: what does not fit is split, paged or
written out in full before its short form; never cut.

`pages` is a pure function of the replies: whoever serves «더 보기» draws the scene again and takes
the page. How a screen looks:

- A text is a bubble, or several of at most 900 characters.
- Buttons are quick replies under it; products and ingredients to choose from are lists of five.
- A label that several buttons bear stands once and carries no meaning: the core asks which.
- Cards stand beside each other, all of one type, with three buttons each; before them stands what
  no card holds.
- Links, and the choices of a consent, are the buttons of a text card: they stay in the chat.
- An ingredient's sheet is an item card.

KakaoTalk edits nothing, has no toasts and takes no files: a toast is the first line of what comes
with it, a document is its lines.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final, TypeAlias, assert_never

from bot.dialogue import texts
from bot.dialogue.model import (
    Bubble,
    Button,
    Card,
    Document,
    Menu,
    Open,
    Picture,
    Reply,
    Rows,
    ShowDetails,
    ShowFormula,
    ShowWhy,
    Toast,
)
from bot.kakao import schema
from bot.kakao.choices import by_subject, framed, heading, is_address, is_details, is_label, listed
from bot.kakao.paging import Piece, Press, paged
from bot.kakao.schema import (
    Carousel,
    CommerceCard,
    ListCard,
    ListItem,
    Operator,
    Output,
    SimpleText,
    SkillResponse,
    TextCard,
    Thumbnail,
    WebLink,
)
from bot.kakao.sheet import sheet
from bot.kakao.words import Legend, as_lines, head, joined, split
from engine.domain import Product

LINE: Final = 32
"""Characters of a list's line or heading: two lines on a phone."""
BESIDE: Final = 5
"""Cards of a carousel: ten of the longest would be over the size of a body."""
ON_CARD: Final = (ShowWhy, ShowFormula, ShowDetails)
TO_HOME: Final = Button(texts.HOME, Open(Menu.HOME))

Cards: TypeAlias = tuple[Card, ...]


def _without(_product: Product) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Look:
    """What is drawn besides the replies."""

    version: int = 0
    """Of the dialogue: every button carries it."""
    picture: Callable[[Product], str | None] = _without
    """A product's picture at an address that KakaoTalk reaches."""
    public_url: str | None = None
    """Makes links to this server's own pages whole."""
    privacy_url: str | None = None
    """Where the whole notice stands; «전문 보기» leads there."""
    operator: bool = False
    """The help offers «상담원 연결»."""
    standing: Rows = ((TO_HOME,),)
    """Under replies that bring no button: the quick replies before them are gone from the
    screen."""


PLAIN: Final = Look()


def pages(replies: Sequence[Reply], look: Look = PLAIN) -> tuple[SkillResponse, ...]:
    """Every page of the screen in order; none where there is nothing to show."""
    drawing = _Drawing(look)
    pieces = [piece for part in _gathered(replies) for piece in drawing.pieces(part)]
    if pieces and not drawing.sorted(_rows(replies)):
        pieces.append(Piece((), drawing.sorted(look.standing).presses))
    return paged(pieces, look.version)


def _rows(replies: Sequence[Reply]) -> Rows:
    having = (reply for reply in replies if isinstance(reply, Bubble | Card | Picture))
    return tuple(row for reply in having for row in reply.rows)


# --- the replies, brought together --------------------------------------------------------------


def _gathered(replies: Sequence[Reply]) -> Iterator[tuple[Bubble, Cards]]:
    """Texts without buttons go before what follows them; cards that follow each other are one."""
    waiting = ""
    parts = [part for reply in replies for part in _plain(reply)]
    for _, group in groupby(parts, lambda part: isinstance(part, Card)):
        beside = tuple(group)
        cards = tuple(part for part in beside if isinstance(part, Card))
        if cards:
            yield Bubble(waiting), cards
            waiting = ""
        for bubble in (part for part in beside if isinstance(part, Bubble)):
            waiting = joined(waiting, bubble.text)
            if bubble.rows:
                yield replace(bubble, text=waiting), ()
                waiting = ""
    if waiting:
        yield Bubble(waiting), ()


def _plain(reply: Reply) -> tuple[Bubble | Card, ...]:
    match reply:
        case Bubble() | Card():
            return (reply,)
        case Toast(text):
            return (Bubble(text),)
        case Document(_, content, caption):
            return (Bubble(caption), Bubble(as_lines(content)))
        case Picture(_, caption, rows):
            return (Bubble(caption, rows),)
        case _:
            assert_never(reply)


# --- drawing ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Link:
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Buttons by what they need; those that cannot be pressed here are left out."""

    links: tuple[_Link, ...]
    presses: tuple[Press, ...]

    def __bool__(self) -> bool:
        return bool(self.links or self.presses)


@dataclass(frozen=True, slots=True)
class _Ways:
    """Where the buttons of a reply stand."""

    legend: str
    """Labels that are too long for their place, in full."""
    links: tuple[schema.Button, ...]
    cards: tuple[Output, ...]
    lists: tuple[ListCard, ...]
    chips: tuple[Press, ...]

    @property
    def outputs(self) -> tuple[Output, ...]:
        return (*self.cards, *self.lists)


@dataclass(frozen=True, slots=True)
class _Face:
    """A card as it is drawn."""

    card: schema.Card
    untold: str
    """What does not stand on it."""
    rest: _Sorted


class _Drawing:
    def __init__(self, look: Look) -> None:
        self._look = look

    def pieces(self, part: tuple[Bubble, Cards]) -> Iterator[Piece]:
        bubble, cards = part
        if not cards:
            yield self._bubble(bubble)
        for start in range(0, len(cards), BESIDE):
            yield self._cards("" if start else bubble.text, cards[start : start + BESIDE])

    def sorted(self, rows: Rows) -> _Sorted:
        links: list[_Link] = []
        presses: list[Press] = []
        for button in (each for row in rows for each in row if each.label.strip()):
            label, url = button.label.strip(), self._whole(button.url or "")
            if button.action is not None:
                leads = button.tone == "good"
                presses.append(Press(label, button.action, button.about.strip(), leads))
            elif is_address(url):
                links.append(_Link(label, url))
        return _Sorted(tuple(links), tuple(presses))

    def _whole(self, url: str) -> str:
        inside = url.startswith("/") and not url.startswith("//")
        return f"{self._look.public_url}{url}" if inside and self._look.public_url else url

    # --- a bubble -------------------------------------------------------------------------------

    def _bubble(self, bubble: Bubble) -> Piece:
        buttons = self.sorted(bubble.rows)
        choices = self._framed(buttons.presses)
        presses = tuple(each for each in buttons.presses if each not in choices)
        ways = self._ways(replace(buttons, presses=presses))
        text = joined(bubble.text, ways.legend)
        if choices:
            outputs = (*self._frame(text, choices), *_link_cards(ways.links), *ways.outputs)
        else:
            outputs = self._told(text, ways, self._help(bubble))
        if not outputs and ways.chips:
            outputs = (SimpleText(texts.LIST_CHOICES),)
        return Piece(outputs, ways.chips)

    def _told(
        self, text: str, ways: _Ways, more: tuple[schema.Button, ...] = ()
    ) -> tuple[Output, ...]:
        """The text in the form that suits what stands with it."""
        links = (*more, *ways.links)
        card = () if links else sheet(text)
        if card and len(card) + len(ways.outputs) <= schema.OUTPUTS:
            return (*card, *ways.outputs)
        if links and 0 < len(text) <= schema.TEXT_CARD and len(links) <= schema.BUTTONS:
            return (_text_card(text, links), *ways.outputs)
        if ways.lists and not links and _is_line(text):
            first, *others = ways.lists
            return (*ways.cards, replace(first, header=text), *others)
        return (*_texts(text), *_link_cards(links), *ways.outputs)

    def _framed(self, presses: Sequence[Press]) -> tuple[Press, ...]:
        """Where the whole notice has an address, «전문 보기» takes the details' place."""
        choices = framed(presses)
        if not self._look.privacy_url:
            return choices
        return tuple(each for each in choices if not is_details(each))

    def _frame(self, text: str, choices: Sequence[Press]) -> tuple[Output, ...]:
        """A consent: its choices stay in the chat, under its text."""
        buttons = tuple(map(self._button, choices))
        if self._look.privacy_url and len(buttons) < schema.BUTTONS:
            buttons = (*buttons, schema.Button(texts.FULL_TEXT, WebLink(self._look.privacy_url)))
        if 0 < len(text) <= schema.TEXT_CARD:
            return (_text_card(text, buttons),)
        return (*_texts(text), TextCard(texts.CONSENT_BELOW, buttons=buttons))

    def _help(self, bubble: Bubble) -> tuple[schema.Button, ...]:
        if not self._look.operator or not bubble.text.endswith(texts.help_text()):
            return ()
        return (schema.Button(texts.OPERATOR, Operator()),)

    # --- cards ----------------------------------------------------------------------------------

    def _cards(self, intro: str, cards: Cards) -> Piece:
        kind = self._kind(cards)
        faces = [self._face(card, kind, alone=len(cards) == 1) for card in cards]
        rest = _Sorted(
            tuple(link for face in faces for link in face.rest.links),
            tuple(press for face in faces for press in face.rest.presses),
        )
        ways = self._ways(rest)
        together: Output = faces[0].card
        if len(faces) > 1:
            together = Carousel(tuple(face.card for face in faces))
        text = joined(intro, *_untold(faces), ways.legend)
        outputs = (*_texts(text), together, *_link_cards(ways.links), *ways.outputs)
        return Piece(outputs, ways.chips)

    def _kind(self, cards: Cards) -> str:
        """What all of them can be: KakaoTalk shows no carousel of several types."""
        if any(self._picture(card.product) is None for card in cards):
            return TextCard.name
        prices = [card.product.price for card in cards]
        sold = all(price is not None and price >= 0 for price in prices)
        return CommerceCard.name if sold else schema.BasicCard.name

    def _face(self, card: Card, kind: str, *, alone: bool) -> _Face:
        title = card.product.title.strip() or texts.LIST_PRODUCTS
        short = head(title, schema.COMMERCE_TITLE if kind == CommerceCard.name else CARD_TITLE)
        room = _room(kind, short, alone=alone)
        facts = card.facts.strip()
        if kind == CommerceCard.name and len(facts) > room:
            facts = _without_price(card.product, facts)
        description, untold = _described(facts, card.note.strip(), room)
        if untold or short != title:
            untold = "\n".join(part for part in (title, untold) if part)
        buttons, rest = self._above(card)
        return _Face(self._drawn(card.product, kind, short, description, buttons), untold, rest)

    def _drawn(
        self,
        product: Product,
        kind: str,
        title: str,
        description: str,
        buttons: tuple[schema.Button, ...],
    ) -> schema.Card:
        address = self._picture(product)
        if address is None or kind == TextCard.name:
            return TextCard(title, description, buttons)
        thumbnail = Thumbnail(address, alt=head(title, schema.ALT_TEXT))
        if kind == CommerceCard.name:
            price = product.price or 0
            return CommerceCard(thumbnail, price, title, description, buttons=buttons)
        return schema.BasicCard(thumbnail, title, description, buttons)

    def _above(self, card: Card) -> tuple[tuple[schema.Button, ...], _Sorted]:
        """What stands on the card, and the rest. A recommendation without a link has «자세히
        보기» all the same: it leads to the product's own page here."""
        buttons = self.sorted(card.rows)
        links = [link for link in buttons.links if is_label(link.label)][: schema.BUTTONS]
        presses = [
            each
            for each in buttons.presses
            if isinstance(each.action, ON_CARD) and is_label(each.label)
        ]
        if not links and any(isinstance(each.action, ShowWhy) for each in presses):
            presses.insert(0, Press(texts.LINK, ShowDetails(card.product.id)))
        presses = presses[: schema.BUTTONS - len(links)]
        above = (*map(_link_button, links), *map(self._button, presses))
        rest = _Sorted(
            tuple(link for link in buttons.links if link not in links),
            tuple(each for each in buttons.presses if each not in presses),
        )
        return above, rest

    def _picture(self, product: Product) -> str | None:
        address = self._look.picture(product)
        return address if address and is_address(address) else None

    # --- buttons --------------------------------------------------------------------------------

    def _ways(self, buttons: _Sorted) -> _Ways:
        legend = Legend()
        lines = listed(buttons.presses)
        chips = tuple(each for each in buttons.presses if each not in lines)
        subjects = by_subject(chips)
        carded = {each for theirs in subjects.values() for each in theirs}
        cards = self._subject_cards(subjects, legend)
        lists = tuple(self._lists(lines, legend))
        links = tuple(
            _link_button(_Link(legend.short(link.label, schema.LABEL), link.url))
            for link in buttons.links
        )
        chips = tuple(each for each in chips if each not in carded)
        return _Ways(legend.text, links, cards, lists, chips)

    def _lists(self, lines: Sequence[Press], legend: Legend) -> Iterator[ListCard]:
        for start in range(0, len(lines), schema.LIST_ITEMS):
            part = lines[start : start + schema.LIST_ITEMS]
            items = (
                ListItem(legend.short(each.label, LINE), tap=each.tap(self._look.version))
                for each in part
            )
            yield ListCard(heading(part), tuple(items))

    def _subject_cards(
        self, subjects: dict[str, tuple[Press, ...]], legend: Legend
    ) -> tuple[Output, ...]:
        """What can be done with each of several products: a card for each, beside each other."""
        cards = [
            TextCard(legend.short(about, CARD_TITLE), buttons=tuple(map(self._button, presses)))
            for about, presses in subjects.items()
        ]
        return tuple(
            Carousel(tuple(cards[start : start + BESIDE])) for start in range(0, len(cards), BESIDE)
        )

    def _button(self, press: Press) -> schema.Button:
        return schema.Button(press.label, press.tap(self._look.version))


# --- links, texts and cards ----------------------------------------------------------------------


def _link_button(link: _Link) -> schema.Button:
    return schema.Button(link.label, WebLink(link.url))


def _link_cards(links: Sequence[schema.Button]) -> tuple[TextCard, ...]:
    parts = [
        tuple(links[start : start + schema.BUTTONS])
        for start in range(0, len(links), schema.BUTTONS)
    ]
    return tuple(TextCard(_over(part), buttons=part) for part in parts)


def _over(links: Sequence[schema.Button]) -> str:
    people = any(isinstance(link.tap, Operator) for link in links)
    return texts.OPERATOR_BELOW if people else texts.LINKS_BELOW


# --- texts and cards ----------------------------------------------------------------------------

CARD_TITLE: Final = schema.CARD_TITLE


def _texts(text: str) -> tuple[SimpleText, ...]:
    return tuple(map(SimpleText, split(text)))


def _is_line(text: str) -> bool:
    return 0 < len(text) <= LINE and "\n" not in text


def _text_card(text: str, buttons: tuple[schema.Button, ...]) -> TextCard:
    """A first paragraph of one short line is the title."""
    first, _, rest = text.partition("\n\n")
    if rest.strip() and len(first) <= CARD_TITLE and "\n" not in first:
        return TextCard(first, rest.strip(), buttons)
    return TextCard("", text, buttons)


def _room(kind: str, title: str, *, alone: bool) -> int:
    """Characters of a card's description that are sure to be seen."""
    if kind == CommerceCard.name:
        return schema.COMMERCE_DESCRIPTION
    if kind == schema.BasicCard.name:
        return schema.BASIC_DESCRIPTION if alone else schema.COMMERCE_DESCRIPTION
    return (schema.TEXT_CARD if alone else schema.TEXT_CARD_IN_CAROUSEL) - len(title)


def _without_price(product: Product, facts: str) -> str:
    """A commerce card tells the price itself."""
    price = texts.price(product.price or 0)
    return facts.removeprefix(price).removeprefix(" · ").strip() if product.price else facts


def _described(facts: str, note: str, room: int) -> tuple[str, str]:
    """The description, and what of facts and note it does not hold."""
    whole = joined(facts, note)
    if len(whole) <= room:
        return whole, ""
    if len(facts) <= room:
        return facts, note
    return "", "\n".join(part for part in (facts, note) if part)


def _untold(faces: Sequence[_Face]) -> Iterator[str]:
    """Numbered in the order of the cards, where there are several."""
    for place, face in enumerate(faces, start=1):
        if face.untold:
            yield f"{place}. {face.untold}" if len(faces) > 1 else face.untold
