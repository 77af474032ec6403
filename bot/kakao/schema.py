"""What Kakao's open builder sends a skill server, and what it takes back (response 2.0).

The request is read leniently: fields come, go and change without notice. A response cannot be made
wrong: every part refuses at its construction what Kakao would refuse or drop. Lengths are counted
in characters. Sources: the skill guide's answer format; the size of a body is third parties' word.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeAlias
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import from_json

Json: TypeAlias = dict[str, Any]

# --- the request --------------------------------------------------------------------------------


class NotASkillRequest(ValueError):
    """The body is no JSON object, or names no bot or nobody who speaks."""


def _text(value: object) -> str:
    """Anything that is not a text or a number counts as missing. What no database takes goes."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    try:
        told = str(value)
    except ValueError:  # a number of thousands of digits
        return ""
    return told.encode("utf-8", "replace").decode().replace("\0", "")


def _object(value: object) -> object:
    return value if isinstance(value, Mapping) else {}


def _extra(value: object) -> object:
    return value if isinstance(value, Mapping) and value else None


Text = Annotated[str, BeforeValidator(_text)]
Extra = Annotated[dict[str, Any] | None, BeforeValidator(_extra)]


class _Loose(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel)


class _Named(_Loose):
    id: Text = ""
    name: Text = ""


Named = Annotated[_Named, BeforeValidator(_object)]


class _Properties(_Loose):
    plusfriend_user_key: Text = ""
    app_user_id: Text = ""
    bot_user_key: Text = ""


class _User(_Loose):
    id: Text = ""
    type: Text = ""
    properties: Annotated[_Properties, BeforeValidator(_object)] = _Properties()


class _Media(_Loose):
    type: Text = ""
    url: Text = ""


class _Params(_Loose):
    surface: Text = ""
    media: Annotated[_Media, BeforeValidator(_object)] = _Media()


class _UserRequest(_Loose):
    utterance: Text = ""
    lang: Text = ""
    callback_url: Text = ""
    block: Named = _Named()
    user: Annotated[_User, BeforeValidator(_object)] = _User()
    params: Annotated[_Params, BeforeValidator(_object)] = _Params()


class _Action(_Loose):
    client_extra: Extra = None


class _Trigger(_Loose):
    type: Text = ""


class _Flow(_Loose):
    trigger: Annotated[_Trigger, BeforeValidator(_object)] = _Trigger()


class _Body(_Loose):
    bot: Named = _Named()
    user_request: Annotated[_UserRequest, BeforeValidator(_object)] = _UserRequest()
    action: Annotated[_Action, BeforeValidator(_object)] = _Action()
    flow: Annotated[_Flow, BeforeValidator(_object)] = _Flow()


@dataclass(frozen=True, slots=True)
class SkillRequest:
    """What a skill needs of a request; a text that did not come is empty."""

    bot: str
    """A development channel's ends with «!»."""
    user: str
    user_type: str
    """botUserKey; accountId in the console's test."""
    utterance: str
    push_key: str
    """Whom the Event API reaches: the channel's key of the person, else the bot's own."""
    push_type: str
    """plusfriendUserKey or botUserKey; empty without a key."""
    callback_url: str
    trigger: str
    """TEXT_INPUT, QUICKREPLY_BUTTON_MESSAGE, CARD_BUTTON_MESSAGE, LIST_ITEM_MESSAGE …"""
    extra: Mapping[str, Any] | None
    """The tapped button's own; None where there was none."""
    block: str
    block_name: str
    surface: str
    lang: str
    media: str
    """The address of a picture or a file that the person sent."""

    @property
    def tapped(self) -> bool:
        """Told from typing by the trigger; by what the button carried where none came."""
        if self.trigger:
            return self.trigger != "TEXT_INPUT"
        return self.extra is not None


def read_request(body: bytes | Mapping[str, Any]) -> SkillRequest:
    """Raises NotASkillRequest; nothing else, whatever stands in the body."""
    value = body if isinstance(body, Mapping) else _parsed(body)
    if not isinstance(value, Mapping):
        raise NotASkillRequest("the body is no JSON object")
    try:
        read = _Body.model_validate(value)
    except (ValidationError, RecursionError):
        raise NotASkillRequest("the body cannot be read") from None
    asked, user = read.user_request, read.user_request.user
    if not read.bot.id or not user.id:
        raise NotASkillRequest("the body names no bot or no user")
    push_type, push_key = _push_key(user)
    return SkillRequest(
        bot=read.bot.id,
        user=user.id,
        user_type=user.type,
        utterance=asked.utterance,
        push_key=push_key,
        push_type=push_type,
        callback_url=asked.callback_url,
        trigger=read.flow.trigger.type,
        extra=read.action.client_extra,
        block=asked.block.id,
        block_name=asked.block.name,
        surface=asked.params.surface,
        lang=asked.lang,
        media=asked.params.media.url,
    )


def _parsed(body: bytes) -> object:
    try:
        return from_json(body)
    except ValueError:
        raise NotASkillRequest("the body is no JSON") from None


def _push_key(user: _User) -> tuple[str, str]:
    known = user.properties
    if known.plusfriend_user_key:
        return "plusfriendUserKey", known.plusfriend_user_key
    if user.type == "botUserKey":
        return "botUserKey", user.id
    return ("botUserKey", known.bot_user_key) if known.bot_user_key else ("", "")


# --- the response: limits -----------------------------------------------------------------------

BODY_BYTES: Final = 30_720
OUTPUTS: Final = 3
QUICK_REPLIES: Final = 10
LABEL: Final = 14
LABEL_BESIDE: Final = 8
"""Of a button that stands beside another."""
BUTTONS: Final = 3
BUTTONS_BESIDE: Final = 2
SIMPLE_TEXT: Final = 1_000
ALT_TEXT: Final = 50
CARD_TITLE: Final = 50
TEXT_CARD: Final = 400
TEXT_CARD_IN_CAROUSEL: Final = 128
BASIC_DESCRIPTION: Final = 230
COMMERCE_TITLE: Final = 30
COMMERCE_DESCRIPTION: Final = 40
LIST_ITEMS: Final = 5
LIST_ITEMS_IN_CAROUSEL: Final = 4
ITEMS: Final = 10
ITEMS_IN_CAROUSEL: Final = 5
ITEM_TITLE: Final = 6
ITEM_LINES: Final = 2
SUMMARY_TITLE: Final = 6
SUMMARY_DESCRIPTION: Final = 14
ITEM_HEAD: Final = 15
ITEM_CARD_TEXT: Final = 200
ITEM_CARD_TEXT_IN_CAROUSEL: Final = 100
CAROUSEL: Final = 10
CAROUSEL_OF_LISTS: Final = 5


class Refused(ValueError):
    """Kakao would refuse the response, or drop a part of it."""


def _within(name: str, text: str, most: int, least: int = 0) -> None:
    if len(text) > most:
        raise Refused(f"{name}: {len(text)} characters, {most} at most")
    if least and not text.strip():
        raise Refused(f"{name} is empty")


def _count(name: str, parts: Sequence[object], most: int, least: int = 0) -> None:
    if not least <= len(parts) <= most:
        raise Refused(f"{name}: {len(parts)}, from {least} to {most}")


def _address(name: str, url: str) -> None:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise Refused(f"{name} is no address") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Refused(f"{name} is no http(s) address")
    if any(character.isspace() or not character.isprintable() for character in url):
        raise Refused(f"{name} holds a blank")


def _known(**parts: object) -> Json:
    """Only what is there: Kakao takes no nulls for optional parts."""
    return {name: part for name, part in parts.items() if part not in (None, "", (), [])}


# --- what a tap does ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Say:
    """The person is seen to say `text`; `extra` comes back as the action's clientExtra."""

    text: str
    extra: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        _within("messageText", self.text, SIMPLE_TEXT, least=1)

    def to_json(self) -> Json:
        extra = None if self.extra is None else dict(self.extra)
        return {"action": "message", "messageText": self.text, **_known(extra=extra)}


@dataclass(frozen=True, slots=True)
class ToBlock:
    block: str
    text: str = ""
    extra: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        _within("blockId", self.block, SIMPLE_TEXT, least=1)
        _within("messageText", self.text, SIMPLE_TEXT)

    def to_json(self) -> Json:
        extra = None if self.extra is None else dict(self.extra)
        return {
            "action": "block",
            "blockId": self.block,
            **_known(messageText=self.text, extra=extra),
        }


@dataclass(frozen=True, slots=True)
class WebLink:
    url: str

    def __post_init__(self) -> None:
        _address("webLinkUrl", self.url)

    def to_json(self) -> Json:
        return {"action": "webLink", "webLinkUrl": self.url}


@dataclass(frozen=True, slots=True)
class Phone:
    """Hidden on a PC."""

    number: str

    def __post_init__(self) -> None:
        if not self.number or set(self.number) - set("0123456789+-"):
            raise Refused("phoneNumber is no number")

    def to_json(self) -> Json:
        return {"action": "phone", "phoneNumber": self.number}


@dataclass(frozen=True, slots=True)
class Share:
    def to_json(self) -> Json:
        return {"action": "share"}


@dataclass(frozen=True, slots=True)
class Operator:
    """Hands the chat over to a person of the shop."""

    def to_json(self) -> Json:
        return {"action": "operator"}


Tap: TypeAlias = Say | ToBlock | WebLink | Phone | Share | Operator


@dataclass(frozen=True, slots=True)
class Button:
    label: str
    tap: Tap

    def __post_init__(self) -> None:
        _within("a button's label", self.label, LABEL, least=1)

    def to_json(self) -> Json:
        return {"label": self.label, **self.tap.to_json()}


@dataclass(frozen=True, slots=True)
class QuickReply:
    label: str
    tap: Say | ToBlock

    def __post_init__(self) -> None:
        _within("a quick reply's label", self.label, LABEL, least=1)
        if not isinstance(self.tap, Say | ToBlock):
            raise Refused("a quick reply says something or leads to a block")

    def to_json(self) -> Json:
        return {"label": self.label, **self.tap.to_json()}


def _buttons(buttons: Sequence[Button], beside: bool = False) -> None:
    _count("buttons", buttons, BUTTONS_BESIDE if beside else BUTTONS)
    for button in buttons:
        _within("a button's label", button.label, LABEL_BESIDE if beside else LABEL)


def _layout(beside: bool) -> str:
    return "horizontal" if beside else ""


def _all(parts: Sequence[Any]) -> list[Json]:
    return [part.to_json() for part in parts]


# --- components ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Thumbnail:
    url: str
    alt: str = ""
    link: str = ""
    square: bool = True
    """1:1; else cropped to 2:1."""

    def __post_init__(self) -> None:
        _address("imageUrl", self.url)
        _within("altText", self.alt, ALT_TEXT)
        if self.link:
            _address("link", self.link)

    def to_json(self) -> Json:
        link = {"web": self.link} if self.link else None
        return {
            "imageUrl": self.url,
            "fixedRatio": self.square,
            **_known(altText=self.alt, link=link),
        }


@dataclass(frozen=True, slots=True)
class SimpleText:
    """More than 500 characters fold behind «전체보기»."""

    text: str
    name = "simpleText"

    def __post_init__(self) -> None:
        _within("text", self.text, SIMPLE_TEXT, least=1)

    def to_json(self) -> Json:
        return {"text": self.text}


@dataclass(frozen=True, slots=True)
class SimpleImage:
    url: str
    alt: str
    name = "simpleImage"

    def __post_init__(self) -> None:
        _address("imageUrl", self.url)
        _within("altText", self.alt, ALT_TEXT, least=1)

    def to_json(self) -> Json:
        return {"imageUrl": self.url, "altText": self.alt}


@dataclass(frozen=True, slots=True)
class TextCard:
    title: str = ""
    description: str = ""
    buttons: tuple[Button, ...] = ()
    beside: bool = False
    name = "textCard"

    def __post_init__(self) -> None:
        _within("title", self.title, CARD_TITLE)
        _within("title and description", self.title + self.description, TEXT_CARD, least=1)
        _buttons(self.buttons, self.beside)

    def to_json(self) -> Json:
        return _known(
            title=self.title,
            description=self.description,
            buttons=_all(self.buttons),
            buttonLayout=_layout(self.beside),
        )


@dataclass(frozen=True, slots=True)
class BasicCard:
    thumbnail: Thumbnail
    title: str = ""
    description: str = ""
    """A carousel shows two lines of it."""
    buttons: tuple[Button, ...] = ()
    beside: bool = False
    name = "basicCard"

    def __post_init__(self) -> None:
        _within("title", self.title, CARD_TITLE)
        _within("description", self.description, BASIC_DESCRIPTION)
        _buttons(self.buttons, self.beside)

    def to_json(self) -> Json:
        return _known(
            title=self.title,
            description=self.description,
            thumbnail=self.thumbnail.to_json(),
            buttons=_all(self.buttons),
            buttonLayout=_layout(self.beside),
        )


@dataclass(frozen=True, slots=True)
class Profile:
    nickname: str
    image: str = ""

    def __post_init__(self) -> None:
        _within("nickname", self.nickname, CARD_TITLE, least=1)
        if self.image:
            _address("imageUrl", self.image)

    def to_json(self) -> Json:
        return _known(nickname=self.nickname, imageUrl=self.image)


@dataclass(frozen=True, slots=True)
class CommerceCard:
    """Prices in won. A discounted price is told with its rate or the discount."""

    thumbnail: Thumbnail
    price: int
    title: str = ""
    description: str = ""
    discounted_price: int | None = None
    discount_rate: int | None = None
    """Percent; shown only with a discounted price."""
    discount: int | None = None
    profile: Profile | None = None
    buttons: tuple[Button, ...] = ()
    beside: bool = False
    name = "commerceCard"

    def __post_init__(self) -> None:
        _within("title", self.title, COMMERCE_TITLE)
        _within("description", self.description, COMMERCE_DESCRIPTION)
        _buttons(self.buttons, self.beside)
        for number in (self.price, self.discounted_price, self.discount_rate, self.discount):
            if number is not None and (isinstance(number, bool) or number < 0):
                raise Refused("a price below zero")
        if self.discount_rate is not None and self.discounted_price is None:
            raise Refused("a discount's rate without the discounted price")

    def to_json(self) -> Json:
        return _known(
            title=self.title,
            description=self.description,
            price=self.price,
            currency="won",
            discount=self.discount,
            discountRate=self.discount_rate,
            discountedPrice=self.discounted_price,
            thumbnails=[self.thumbnail.to_json()],
            profile=self.profile.to_json() if self.profile else None,
            buttons=_all(self.buttons),
            buttonLayout=_layout(self.beside),
        )


@dataclass(frozen=True, slots=True)
class ListItem:
    title: str
    description: str = ""
    image: str = ""
    link: str = ""
    tap: Say | ToBlock | None = None

    def __post_init__(self) -> None:
        _within("a list item's title", self.title, CARD_TITLE, least=1)
        _within("a list item's description", self.description, CARD_TITLE)
        for name, url in (("imageUrl", self.image), ("link", self.link)):
            if url:
                _address(name, url)

    def to_json(self) -> Json:
        link = {"web": self.link} if self.link else None
        return {
            **_known(
                title=self.title, description=self.description, imageUrl=self.image, link=link
            ),
            **(self.tap.to_json() if self.tap else {}),
        }


@dataclass(frozen=True, slots=True)
class ListCard:
    header: str
    items: tuple[ListItem, ...]
    buttons: tuple[Button, ...] = ()
    beside: bool = False
    name = "listCard"

    def __post_init__(self) -> None:
        _within("header", self.header, CARD_TITLE, least=1)
        _count("items", self.items, LIST_ITEMS, least=1)
        _buttons(self.buttons, self.beside)

    def to_json(self) -> Json:
        return _known(
            header={"title": self.header},
            items=_all(self.items),
            buttons=_all(self.buttons),
            buttonLayout=_layout(self.beside),
        )


@dataclass(frozen=True, slots=True)
class Item:
    title: str
    description: str

    def __post_init__(self) -> None:
        _within("an item's title", self.title, ITEM_TITLE, least=1)
        _within("an item's description", self.description, CARD_TITLE, least=1)
        if len(self.description.splitlines()) > ITEM_LINES:
            raise Refused(f"an item's description of more than {ITEM_LINES} lines")

    def to_json(self) -> Json:
        return {"title": self.title, "description": self.description}


@dataclass(frozen=True, slots=True)
class Summary:
    title: str
    description: str

    def __post_init__(self) -> None:
        _within("a summary's title", self.title, SUMMARY_TITLE, least=1)
        _within("a summary's description", self.description, SUMMARY_DESCRIPTION, least=1)

    def to_json(self) -> Json:
        return {"title": self.title, "description": self.description}


@dataclass(frozen=True, slots=True)
class ItemCard:
    items: tuple[Item, ...]
    head: str = ""
    profile: Profile | None = None
    """In the head's place."""
    summary: Summary | None = None
    title: str = ""
    description: str = ""
    thumbnail: Thumbnail | None = None
    buttons: tuple[Button, ...] = ()
    beside: bool = False
    name = "itemCard"

    def __post_init__(self) -> None:
        _count("items", self.items, ITEMS, least=1)
        if self.head and self.profile:
            raise Refused("a head and a profile")
        _within("head", self.head, ITEM_HEAD)
        if self.profile:
            _within("the profile's name", self.profile.nickname, ITEM_HEAD)
        _within("title and description", self.title + self.description, ITEM_CARD_TEXT)
        _buttons(self.buttons, self.beside)

    def to_json(self) -> Json:
        profile = self.profile and _known(title=self.profile.nickname, imageUrl=self.profile.image)
        return _known(
            thumbnail=self.thumbnail.to_json() if self.thumbnail else None,
            head={"title": self.head} if self.head else None,
            profile=profile,
            itemList=_all(self.items),
            itemListSummary=self.summary.to_json() if self.summary else None,
            title=self.title,
            description=self.description,
            buttons=_all(self.buttons),
            buttonLayout=_layout(self.beside),
        )


Card: TypeAlias = TextCard | BasicCard | CommerceCard | ListCard | ItemCard


@dataclass(frozen=True, slots=True)
class CarouselHeader:
    title: str
    description: str
    thumbnail: Thumbnail

    def __post_init__(self) -> None:
        _within("a carousel's title", self.title, CARD_TITLE, least=1)
        _within("a carousel's description", self.description, BASIC_DESCRIPTION, least=1)

    def to_json(self) -> Json:
        thumbnail = {"imageUrl": self.thumbnail.url}
        return {"title": self.title, "description": self.description, "thumbnail": thumbnail}


@dataclass(frozen=True, slots=True)
class Carousel:
    """Cards of one type, their pictures of one ratio."""

    items: tuple[Card, ...]
    header: CarouselHeader | None = None
    name = "carousel"

    def __post_init__(self) -> None:
        kinds = {item.name for item in self.items}
        if len(kinds) != 1:
            raise Refused(f"a carousel of {len(kinds)} types")
        lists = kinds == {"listCard"}
        _count("a carousel's items", self.items, CAROUSEL_OF_LISTS if lists else CAROUSEL, 1)
        if self.header and kinds & {"textCard", "listCard"}:
            raise Refused("a header over text or list cards")
        pictures = [getattr(item, "thumbnail", None) for item in self.items]
        if len({picture.square for picture in pictures if picture}) > 1:
            raise Refused("pictures of different ratios")
        for item in self.items:
            _in_carousel(item)

    def to_json(self) -> Json:
        return _known(
            type=self.items[0].name,
            header=self.header.to_json() if self.header else None,
            items=_all(self.items),
        )


def _in_carousel(card: Card) -> None:
    """The limits that are tighter there."""
    match card:
        case TextCard():
            _within("title and description", card.title + card.description, TEXT_CARD_IN_CAROUSEL)
        case ListCard():
            _count("items", card.items, LIST_ITEMS_IN_CAROUSEL, least=1)
        case ItemCard():
            _count("items", card.items, ITEMS_IN_CAROUSEL, least=1)
            text = card.title + card.description
            _within("title and description", text, ITEM_CARD_TEXT_IN_CAROUSEL)
        case _:
            pass


Output: TypeAlias = SimpleText | SimpleImage | Card | Carousel


# --- the whole ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Context:
    """`life_span` counts turns, 0 ends it; `ttl` in seconds."""

    name: str
    life_span: int
    ttl: int | None = None
    params: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        _within("a context's name", self.name, CARD_TITLE, least=1)
        if self.life_span < 0 or (self.ttl is not None and self.ttl < 0):
            raise Refused("a context's life below zero")

    def to_json(self) -> Json:
        return {
            "name": self.name,
            "lifeSpan": self.life_span,
            **_known(ttl=self.ttl, params=dict(self.params) if self.params else None),
        }


@dataclass(frozen=True, slots=True)
class SkillResponse:
    outputs: tuple[Output, ...]
    quick_replies: tuple[QuickReply, ...] = ()
    contexts: tuple[Context, ...] = ()

    def __post_init__(self) -> None:
        _count("outputs", self.outputs, OUTPUTS, least=1)
        _count("quick replies", self.quick_replies, QUICK_REPLIES)
        size = len(self.body())
        if size > BODY_BYTES:
            raise Refused(f"{size} bytes, {BODY_BYTES} at most")

    def to_json(self) -> Json:
        outputs = [{output.name: output.to_json()} for output in self.outputs]
        template = {"outputs": outputs, **_known(quickReplies=_all(self.quick_replies))}
        whole: Json = {"version": "2.0", "template": template}
        if self.contexts:
            whole["context"] = {"values": _all(self.contexts)}
        return whole

    def body(self) -> bytes:
        """As it must go out: in UTF-8, Korean unescaped, else it is twice as long."""
        return _bytes(self.to_json())


@dataclass(frozen=True, slots=True)
class CallbackPromised:
    """«The answer comes to your callback address»; `text` stands until then."""

    text: str

    def __post_init__(self) -> None:
        _within("text", self.text, SIMPLE_TEXT, least=1)

    def to_json(self) -> Json:
        return {"version": "2.0", "useCallback": True, "data": {"text": self.text}}

    def body(self) -> bytes:
        return _bytes(self.to_json())


def _bytes(whole: Json) -> bytes:
    text = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")
