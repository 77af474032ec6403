"""The dialogue's whole language on one page: what comes in, what goes out, what is remembered.

Everything here is frozen data. `step(dialogue, event) -> Turn` in `step.py` is the only machine.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from engine.advertising import Fault, Going, Link, Reach, Segment, Tally
from engine.domain import (
    Answer,
    Comparison,
    Conditions,
    Ingredient,
    IngredientSheet,
    Page,
    Peers,
    Product,
    Purpose,
    Query,
    Question,
    Reading,
    Recommendation,
    Routine,
    SkinProfile,
    Talk,
)
from engine.figures import Figures

PICKS_AT_MOST = 10
RECENT_AT_MOST = 10
COMPARED_AT_MOST = 3
PAGE_SIZE = 5

# --- actions: what a button means. Absolute, never toggles; written form in actions.py ----------


class Menu(StrEnum):
    """Rooms that a button or a command leads to."""

    HOME = "home"
    RECOMMEND = "recommend"
    ROUTINE = "routine"
    """Asks for the budget."""
    FIND = "find"
    FIND_ANEW = "find_anew"
    """Ask for another text; FIND goes on with the last list."""
    RECENT = "recent"
    INGREDIENT = "ingredient"
    CONSULT = "consult"
    MINE = "mine"
    HELP = "help"
    PRIVACY = "privacy"
    SURVEY = "survey"
    PICK = "pick"
    PICK_ALL = "pick_all"
    """The picker's first page; PICK goes on where the person left it."""
    PICK_RECENT = "pick_recent"
    PICKS = "picks"
    COMPARE = "compare"
    PEERS = "peers"
    PRICES = "prices"
    CATEGORIES = "categories"
    EXPORT = "export"
    WITHDRAW = "withdraw"
    DELETE = "delete"
    CONSENTS = "consents"
    """The optional consents, each by itself."""
    OPT_OUT = "opt_out"
    """/stop: no more advertising."""
    STATISTICS = "statistics"
    """For admins, as BROADCAST is."""
    BROADCAST = "broadcast"
    BROADCASTS = "broadcasts"
    """The latest, and how far they are."""
    MODELS = "models"
    """Who writes the answers. For admins."""


@dataclass(frozen=True, slots=True)
class Open:
    room: Menu


@dataclass(frozen=True, slots=True)
class DeclareAge:
    """«만 14세 이상이에요» or «아니요»."""

    old_enough: bool


@dataclass(frozen=True, slots=True)
class DecideConsent:
    agreed: bool


@dataclass(frozen=True, slots=True)
class DecideOn:
    """One of the optional consents."""

    purpose: Purpose
    agreed: bool


@dataclass(frozen=True, slots=True)
class ReadConsent:
    """The whole text of one of the optional consents, and its choice."""

    purpose: Purpose


class Step(StrEnum):
    """The survey's questions in their order; `len(Step)` is the «/6» of «2/6»."""

    AGE_BAND = "age_band"
    GENDER = "gender"
    SKIN_TYPE = "skin_type"
    CONCERNS = "concerns"
    AVOIDED = "avoided"
    HEALTH = "health"
    """Asked only with the consent to `Purpose.HEALTH`."""


@dataclass(frozen=True, slots=True)
class GoTo:
    """Show this question of the survey («← 이전», «수정하기»)."""

    step: Step


@dataclass(frozen=True, slots=True)
class Choose:
    """Answer a one-choice question with the option at this place in its enum."""

    step: Step
    option: int


@dataclass(frozen=True, slots=True)
class Mark:
    """Set (not toggle) one option of the several-choice question."""

    option: int
    on: bool


@dataclass(frozen=True, slots=True)
class MarkHealth:
    """Set (not toggle) one of the answers on health."""

    option: int
    on: bool


@dataclass(frozen=True, slots=True)
class Skip:
    step: Step


@dataclass(frozen=True, slots=True)
class Finish:
    """«선택 완료» of a several-choice step."""

    step: Step


@dataclass(frozen=True, slots=True)
class Review:
    """Show the survey's summary."""


@dataclass(frozen=True, slots=True)
class SaveProfile:
    """«이대로 저장»."""


@dataclass(frozen=True, slots=True)
class Pick:
    product: int
    on: bool


@dataclass(frozen=True, slots=True)
class Grade:
    """좋았어요 (5), 보통 (3) or 별로 (1) on something picked."""

    product: int
    stars: int


@dataclass(frozen=True, slots=True)
class TurnTo:
    """Show this page (from 1) of the list in the present scene."""

    page: int


@dataclass(frozen=True, slots=True)
class FinishPicking:
    """«선택 완료» of the picker: recommend now."""


@dataclass(frozen=True, slots=True)
class RecommendOthers:
    """«다른 추천» after these products."""

    turn: int
    """The recommending scene's round, so that a second tap on the same button does nothing."""


@dataclass(frozen=True, slots=True)
class PlanWithin:
    """A routine for at most so many won; a `budget` of 0 is any. The one that stands, where there
    is one of this budget."""

    budget: int


@dataclass(frozen=True, slots=True)
class PlanOther:
    """«다른 루틴»."""

    turn: int
    """As that of RecommendOthers."""


@dataclass(frozen=True, slots=True)
class NarrowPrice:
    """Won, both ends within; a `top` of 0 is none."""

    bottom: int
    top: int


@dataclass(frozen=True, slots=True)
class NarrowCategory:
    name: str


@dataclass(frozen=True, slots=True)
class LeaveOutPerfume:
    """«무향만»."""


@dataclass(frozen=True, slots=True)
class Widen:
    """«조건 지우기»."""


@dataclass(frozen=True, slots=True)
class LaySideBySide:
    """«비교하기»; a `third` of 0 is none."""

    first: int
    second: int
    third: int = 0


@dataclass(frozen=True, slots=True)
class Weigh:
    """Choose (not toggle) one of what is to be compared."""

    product: int
    on: bool


@dataclass(frozen=True, slots=True)
class ShowDetails:
    product: int


@dataclass(frozen=True, slots=True)
class ShowWhy:
    product: int


@dataclass(frozen=True, slots=True)
class ShowFormula:
    """«성분 보기»: the product's ingredient list."""

    product: int
    page: int = 1


@dataclass(frozen=True, slots=True)
class ShowIngredient:
    ingredient: int
    page: int = 1


@dataclass(frozen=True, slots=True)
class ShowList:
    """This page of the typed list of ingredients that the person reads."""

    page: int


@dataclass(frozen=True, slots=True)
class Avoid:
    """«피할 성분에 추가», «피할 성분에서 빼기» on an ingredient's page."""

    ingredient: int
    on: bool


@dataclass(frozen=True, slots=True)
class LookUpName:
    """A near name that was offered."""

    name: str


@dataclass(frozen=True, slots=True)
class Rate:
    """👍 or 👎 on a recommended product."""

    product: int
    good: bool


@dataclass(frozen=True, slots=True)
class RateAnswer:
    """👍 or 👎 on the answer of this ticket."""

    ticket: int
    good: bool


class Reason(StrEnum):
    """Why an answer was no good."""

    WRONG = "wrong"
    BESIDE = "beside"
    """It answers something else."""
    LONG = "long"
    UNKIND = "unkind"
    UNSAID = "unsaid"
    """«건너뛰기»."""


@dataclass(frozen=True, slots=True)
class GiveReason:
    """… for the 👎 on the answer of this ticket."""

    reason: Reason
    ticket: int


@dataclass(frozen=True, slots=True)
class AnswerAgain:
    """«다시 답해줘» under the answer of this ticket."""

    ticket: int


@dataclass(frozen=True, slots=True)
class Prefer:
    """Which of two answers to one question is better; the ticket is the second's."""

    ticket: int
    second: bool


@dataclass(frozen=True, slots=True)
class KeepSaid:
    """«저장» or «괜찮아요»: what the question of this ticket told of the person's skin."""

    ticket: int
    keep: bool


@dataclass(frozen=True, slots=True)
class Stop:
    """«그만» under the answer of this ticket while it grows."""

    ticket: int


@dataclass(frozen=True, slots=True)
class Amend:
    """One answer of the profile, from «내 정보»: asked, saved, and back there."""

    step: Step


@dataclass(frozen=True, slots=True)
class Resume:
    """«이어서 하기» after days away."""


class Part(StrEnum):
    """The steps of writing a broadcast; those after AIM are its questions."""

    TEXT = "text"
    PICTURE = "picture"
    LINK = "link"
    AIM = "aim"
    CHANNEL = "channel"
    SKIN_TYPE = "skin_type"
    CONCERN = "concern"
    AGE_BAND = "age_band"
    ACTIVITY = "activity"
    PREVIEW = "preview"
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True)
class Compose:
    """Show this step of the broadcast that is being written. For admins, as the next ones are."""

    part: Part


@dataclass(frozen=True, slots=True)
class LeaveEmpty:
    """«사진 없이», «링크 없이»: nothing there, and on."""

    part: Part


@dataclass(frozen=True, slots=True)
class AddChart:
    """The statistics' chart as its picture."""


@dataclass(frozen=True, slots=True)
class Aim:
    """Narrow whom it is for; an `option` of 0 is everybody, n the n-th of the step's options."""

    part: Part
    option: int


@dataclass(frozen=True, slots=True)
class Dispatch:
    """«정말 보내기»: the second tap."""


@dataclass(frozen=True, slots=True)
class ShowStatistics:
    """Of the last days; 0: since the beginning."""

    days: int


ADAPTER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
"""The name of an adapter that can be a button."""


class Deed(StrEnum):
    """What is done about a model or an adapter."""

    SPEAK = "speak"
    """It answers from now on."""
    LOAD = "load"
    UNLOAD = "unload"


@dataclass(frozen=True, slots=True)
class Adapt:
    """Let an adapter answer, load it or unload it; empty is the base model."""

    deed: Deed
    adapter: str
    """`ADAPTER` or empty."""


@dataclass(frozen=True, slots=True)
class Steer:
    """Pause, go on with or cancel this broadcast."""

    broadcast: int
    going: Going


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The second step of «동의 거두기»."""


@dataclass(frozen=True, slots=True)
class ConfirmDelete:
    """The second step of /delete."""


Action = (
    Open
    | DeclareAge
    | DecideConsent
    | DecideOn
    | ReadConsent
    | GoTo
    | Choose
    | Mark
    | MarkHealth
    | Skip
    | Finish
    | Review
    | SaveProfile
    | Pick
    | Grade
    | TurnTo
    | FinishPicking
    | RecommendOthers
    | PlanWithin
    | PlanOther
    | NarrowPrice
    | NarrowCategory
    | LeaveOutPerfume
    | Widen
    | LaySideBySide
    | Weigh
    | ShowDetails
    | ShowWhy
    | ShowFormula
    | ShowIngredient
    | ShowList
    | Avoid
    | LookUpName
    | Rate
    | RateAnswer
    | GiveReason
    | AnswerAgain
    | Prefer
    | KeepSaid
    | Stop
    | Amend
    | Resume
    | Compose
    | LeaveEmpty
    | AddChart
    | Aim
    | Dispatch
    | Steer
    | ShowStatistics
    | Adapt
    | Withdraw
    | ConfirmDelete
)

# --- events: what happened ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """A typed text; commands too («/start», «/ingredient 나이아신아마이드»)."""

    id: str | None
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Pressed:
    id: str | None
    at: datetime
    action: Action


@dataclass(frozen=True, slots=True)
class PressedUnknown:
    """A button whose written action no longer reads: another version drew it."""

    id: str | None
    at: datetime


class Media(StrEnum):
    STICKER = "sticker"
    PHOTO = "photo"
    VOICE = "voice"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Sent:
    """Something the dialogue cannot read."""

    id: str | None
    at: datetime
    media: Media
    file: str = ""
    """What the channel calls the file, where it can bring it; empty where it cannot."""


@dataclass(frozen=True, slots=True)
class Recommended:
    ticket: int
    at: datetime
    recommendations: tuple[Recommendation, ...]
    unknown: tuple[str, ...] = ()
    """Names to leave out that name no ingredient."""


@dataclass(frozen=True, slots=True)
class Planned:
    ticket: int
    at: datetime
    routine: Routine


@dataclass(frozen=True, slots=True)
class Explained:
    ticket: int
    at: datetime
    recommendation: Recommendation
    words: str = ""
    """The grounds (`evidence.grounds`) as a language model tells them; empty: as they are."""


@dataclass(frozen=True, slots=True)
class Compared:
    ticket: int
    at: datetime
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class PeersFound:
    ticket: int
    at: datetime
    peers: Peers


@dataclass(frozen=True, slots=True)
class CategoriesListed:
    """Of what is sold, the fullest first."""

    ticket: int
    at: datetime
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProductsFound:
    ticket: int
    at: datetime
    page: Page[Product]


@dataclass(frozen=True, slots=True)
class ProductsNamed:
    """The person's picks, those that are still in the catalogue."""

    ticket: int
    at: datetime
    products: tuple[Product, ...]


@dataclass(frozen=True, slots=True)
class ProductShown:
    ticket: int
    at: datetime
    product: Product


@dataclass(frozen=True, slots=True)
class FormulaListed:
    """A product's ingredients in the label's order."""

    ticket: int
    at: datetime
    product: Product
    ingredients: tuple[Ingredient, ...]
    avoided: frozenset[int] = frozenset()
    """Ids of those that the person avoids, groups of ingredients included."""


@dataclass(frozen=True, slots=True)
class FormulaAnalysed:
    """A typed list, read."""

    ticket: int
    at: datetime
    reading: Reading
    avoided: frozenset[int] = frozenset()


class Unread(StrEnum):
    """Why no list was read off a photo."""

    UNCLEAR = "unclear"
    """No name was found in it."""
    OFF = "off"
    """This installation, or this channel, reads no photos."""
    GONE = "gone"
    """The channel brings it no more, or it is larger than is read."""
    BUSY = "busy"
    """Reading it took too long."""


@dataclass(frozen=True, slots=True)
class LabelUnread:
    ticket: int
    at: datetime
    reason: Unread


@dataclass(frozen=True, slots=True)
class IngredientFound:
    ticket: int
    at: datetime
    sheet: IngredientSheet


@dataclass(frozen=True, slots=True)
class IngredientMissed:
    ticket: int
    at: datetime
    name: str
    near: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    ticket: int
    at: datetime
    answer: Answer


@dataclass(frozen=True, slots=True)
class NoticeRead:
    """Who runs the shop and how it treats personal data; empty where the operator set nothing."""

    ticket: int
    at: datetime
    name: str = ""
    contact: str = ""
    notice: str = ""
    """The operator's own text; it stands in the place of ours."""


@dataclass(frozen=True, slots=True)
class Exported:
    """Everything kept about the person, as JSON."""

    ticket: int
    at: datetime
    content: str


@dataclass(frozen=True, slots=True)
class BroadcastPreviewed:
    """As it will look, and how many it would reach now."""

    ticket: int
    at: datetime
    text: str
    link: Link | None
    picture: bytes | None
    reach: Reach
    seconds: float
    """How long it takes."""
    night: bool


@dataclass(frozen=True, slots=True)
class BroadcastRefused:
    """It cannot be sent as it is."""

    ticket: int
    at: datetime
    fault: Fault
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class BroadcastQueued:
    ticket: int
    at: datetime
    broadcast: int
    tally: Tally


@dataclass(frozen=True, slots=True)
class BroadcastsListed:
    """(number, asked for at, how far, tally, its text), the newest first."""

    ticket: int
    at: datetime
    broadcasts: tuple[tuple[int, datetime, Going, Tally, str], ...]


@dataclass(frozen=True, slots=True)
class StatisticsGathered:
    ticket: int
    at: datetime
    figures: Figures
    picture: bytes
    """PNG."""


class ModelTrouble(StrEnum):
    NO_MODEL = "no_model"
    UNREACHABLE = "unreachable"
    LOADING_OFF = "loading_off"
    """The server loads nothing at run time."""
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """There is no such adapter."""
    IN_USE = "in_use"


@dataclass(frozen=True, slots=True)
class Made:
    """An adapter's past, as training tells it."""

    at: datetime
    parent: str = ""
    """What it was trained on from; empty is the base model."""
    rows: int = 0
    """That it learned from; 0: not known."""
    feedback: int = 0
    """Of the rows, those that people chose."""
    figures: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """An adapter that was made after the one that answers, and was not given the answers."""

    adapter: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class ModelsListed:
    """Who can answer, after what was asked for; no `base` where the server's state is unknown."""

    ticket: int
    at: datetime
    base: str = ""
    chosen: str = ""
    """The base model or an adapter."""
    loaded: tuple[str, ...] = ()
    loadable: tuple[str, ...] = ()
    """Adapters that the server has, and those that it could load."""
    deed: Deed | None = None
    """Asked for, and done where there was no trouble."""
    adapter: str = ""
    trouble: ModelTrouble | None = None
    made: Made | None = None
    """Of the chosen one; None for the base model, and where nothing is known."""
    rejected: Rejected | None = None


@dataclass(frozen=True, slots=True)
class BroadcastSteered:
    """How it stands now; None where there is no such broadcast."""

    ticket: int
    at: datetime
    broadcast: int
    going: Going | None


class Failure(StrEnum):
    PRODUCT_GONE = "product_gone"
    INGREDIENT_GONE = "ingredient_gone"
    INDEX_UNAVAILABLE = "index_unavailable"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Failed:
    ticket: int
    at: datetime
    failure: Failure


Result = (
    Recommended
    | Planned
    | Explained
    | Compared
    | PeersFound
    | CategoriesListed
    | ProductsFound
    | ProductsNamed
    | ProductShown
    | FormulaListed
    | FormulaAnalysed
    | LabelUnread
    | IngredientFound
    | IngredientMissed
    | Answered
    | NoticeRead
    | Exported
    | BroadcastPreviewed
    | BroadcastRefused
    | BroadcastQueued
    | BroadcastsListed
    | BroadcastSteered
    | StatisticsGathered
    | ModelsListed
    | Failed
)
Message = Said | Pressed | PressedUnknown | Sent
"""What a person does; carries the channel's event id, None where the channel gives none."""
Event = Message | Result

# --- replies: what the person sees --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Button:
    """Either an action or a link, never both."""

    label: str
    action: Action | None = None
    url: str | None = None
    about: str = ""
    """What tells it from buttons of the same label: the product's name."""
    tone: str = "plain"
    """plain, good (동의) or danger (삭제)."""


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Bubble:
    text: str
    """Plain text; paragraphs are parted by an empty line. No markup."""
    rows: Rows = ()
    replaces: bool = False
    """Take the place of the bubble whose button was pressed, where there is one."""


@dataclass(frozen=True, slots=True)
class Card:
    """A product with its picture."""

    product: Product
    facts: str
    """One line: price, rating, number of reviews."""
    note: str = ""
    """Why it is shown."""
    rows: Rows = ()


@dataclass(frozen=True, slots=True)
class Toast:
    """One short line that goes by itself (Telegram: the callback's answer)."""

    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """A file to keep; the page offers it as a download."""

    name: str
    content: str
    caption: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn picture, for admins only; a channel without admins shows its caption."""

    content: bytes
    """PNG."""
    caption: str
    rows: Rows = ()


Reply = Bubble | Card | Toast | Document | Picture

# --- requests: what a turn wants done, outside the lock -----------------------------------------


@dataclass(frozen=True, slots=True)
class Recommend:
    ticket: int
    query: Query


@dataclass(frozen=True, slots=True)
class Plan:
    """A morning and an evening routine that is none of those before."""

    ticket: int
    query: Query
    budget: int | None = None
    """Won; None: any."""
    before: tuple[tuple[int, ...], ...] = ()
    """`Routine.combination` of each."""


@dataclass(frozen=True, slots=True)
class Explain:
    ticket: int
    query: Query
    product: int
    abroad: bool = False
    """The person lets a model abroad see it."""


@dataclass(frozen=True, slots=True)
class Compare:
    ticket: int
    products: tuple[int, ...]
    profile: SkinProfile


@dataclass(frozen=True, slots=True)
class FindPeers:
    """What people of the profile's skin type choose."""

    ticket: int
    profile: SkinProfile


@dataclass(frozen=True, slots=True)
class ListCategories:
    ticket: int


@dataclass(frozen=True, slots=True)
class SearchProducts:
    """An empty text finds everything, most reviewed first."""

    ticket: int
    text: str
    page: int
    size: int = PAGE_SIZE


@dataclass(frozen=True, slots=True)
class NameProducts:
    ticket: int
    products: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ShowProduct:
    ticket: int
    product: int


@dataclass(frozen=True, slots=True)
class ListFormula:
    ticket: int
    product: int
    avoided: tuple[str, ...] = ()
    """What the person avoids, in their own words."""


@dataclass(frozen=True, slots=True)
class AnalyseFormula:
    """A typed list; what of it was read before is asked for by id."""

    ticket: int
    names: tuple[str, ...]
    known: tuple[int, ...] = ()
    avoided: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadLabel:
    """A photo of a label, by what the channel calls it; comes back as FormulaAnalysed."""

    ticket: int
    file: str
    avoided: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LookUp:
    """An ingredient by id where it is known, else by name."""

    ticket: int
    name: str
    ingredient: int | None
    page: int
    picks: tuple[int, ...] = ()
    avoided: tuple[str, ...] = ()
    product: int | None = None
    """The product whose list the person came from."""


@dataclass(frozen=True, slots=True)
class Consult:
    ticket: int
    question: Question
    again_of: int | None = None
    """The ticket of the first answer, where a second one is wanted."""


@dataclass(frozen=True, slots=True)
class ReadNotice:
    ticket: int


@dataclass(frozen=True, slots=True)
class ExportMine:
    ticket: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A broadcast while it is written; nobody but its author has it."""

    text: str = ""
    photo: str = ""
    """What the channel calls the picture's file."""
    chart: bool = False
    """The statistics' chart is its picture."""
    link: Link | None = None
    segment: Segment = field(default_factory=Segment)


@dataclass(frozen=True, slots=True)
class PreviewBroadcast:
    ticket: int
    draft: Draft


@dataclass(frozen=True, slots=True)
class EnqueueBroadcast:
    """Asked for twice under one `key`, it is one broadcast."""

    ticket: int
    draft: Draft
    key: str


@dataclass(frozen=True, slots=True)
class ListBroadcasts:
    ticket: int


@dataclass(frozen=True, slots=True)
class AskStatistics:
    ticket: int
    days: int
    """The last ones; 0: since the beginning."""


@dataclass(frozen=True, slots=True)
class AskModels:
    """Who can answer; before it is looked, the deed is done."""

    ticket: int
    deed: Deed | None = None
    adapter: str = ""


@dataclass(frozen=True, slots=True)
class SteerBroadcast:
    ticket: int
    broadcast: int
    going: Going


Request = (
    Recommend
    | Plan
    | Explain
    | Compare
    | FindPeers
    | ListCategories
    | SearchProducts
    | NameProducts
    | ShowProduct
    | ListFormula
    | AnalyseFormula
    | ReadLabel
    | LookUp
    | Consult
    | ReadNotice
    | ExportMine
    | PreviewBroadcast
    | EnqueueBroadcast
    | ListBroadcasts
    | SteerBroadcast
    | AskStatistics
    | AskModels
)

# --- facts: what the store keeps for good -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ConsentDecided:
    """Appended, never changed; a withdrawal is a later row with agreed=False."""

    at: datetime
    agreed: bool
    version: str
    text: str
    """The consent text as shown; the store keeps its SHA-256."""
    purpose: Purpose = Purpose.SERVICE


@dataclass(frozen=True, slots=True)
class ConfirmationAsked:
    """The person was asked whether they still want advertising; counts from `at`."""

    at: datetime


@dataclass(frozen=True, slots=True)
class SurveyCompleted:
    at: datetime
    profile: SkinProfile


@dataclass(frozen=True, slots=True)
class ProfileAmended:
    """One answer was changed outside the survey; `profile` is the whole of it."""

    at: datetime
    profile: SkinProfile


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn:
    """Profile, likes, answers and feedback go; the person may talk on without them."""

    at: datetime


@dataclass(frozen=True, slots=True)
class ProductLiked:
    at: datetime
    product: int
    rating: float = 5.0


@dataclass(frozen=True, slots=True)
class ProductUnliked:
    at: datetime
    product: int


@dataclass(frozen=True, slots=True)
class QuestionAnswered:
    at: datetime
    ticket: int
    question: str
    answer: Answer
    again_of: int | None = None
    """The ticket of the first answer to the same question."""


@dataclass(frozen=True, slots=True)
class AnswerPreferred:
    """Of two answers to one question; the ticket is the second's."""

    at: datetime
    ticket: int
    second: bool


@dataclass(frozen=True, slots=True)
class FeedbackGiven:
    """On a product (recommended) or on an answer (by its ticket): exactly one is set."""

    at: datetime
    good: bool
    product: int | None = None
    answer: int | None = None
    reason: Reason | None = None


class Milestone(StrEnum):
    """What the shop's statistics count besides the answers themselves."""

    ARRIVED = "arrived"
    """Someone new said that they are old enough; the detail is the campaign's name, if they came
    by its link. Of who is too young nothing is counted."""
    CONSENTED = "consented"
    """To what is needed for recommendations; written beside the consent itself, whose proof names
    nobody."""
    RECOMMENDED = "recommended"
    """Cards or a routine were shown."""
    SEARCHED_IN_VAIN = "searched_in_vain"
    """The detail is what was searched for, personal data masked."""


@dataclass(frozen=True, slots=True)
class Noted:
    """Counted. Names its person only where they agreed to be known."""

    at: datetime
    milestone: Milestone
    detail: str = ""


@dataclass(frozen=True, slots=True)
class PersonErased:
    """Everything kept about the person goes, the dialogue too; the proof of withdrawal stays."""

    at: datetime


Fact = (
    ConsentDecided
    | ConfirmationAsked
    | SurveyCompleted
    | ProfileAmended
    | ConsentWithdrawn
    | ProductLiked
    | ProductUnliked
    | QuestionAnswered
    | AnswerPreferred
    | FeedbackGiven
    | Noted
    | PersonErased
)

# --- scenes: where the person is. Each can be drawn again from the Dialogue alone ---------------


@dataclass(frozen=True, slots=True)
class AskingAge:
    pass


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """Under 14: nothing is kept, so this scene never reaches the store."""


@dataclass(frozen=True, slots=True)
class AskingConsent:
    pass


@dataclass(frozen=True, slots=True)
class Resting:
    """At the menu."""


@dataclass(frozen=True, slots=True)
class Helping:
    pass


@dataclass(frozen=True, slots=True)
class ReadingPrivacy:
    pass


@dataclass(frozen=True, slots=True)
class Surveying:
    step: Step
    draft: SkinProfile
    amending: bool = False
    """Came from the summary; the answer leads back to it."""
    mine: bool = False
    """Came from «내 정보»; the answer is saved and leads back there."""


@dataclass(frozen=True, slots=True)
class ReviewingSurvey:
    draft: SkinProfile


@dataclass(frozen=True, slots=True)
class Picking:
    text: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class ReviewingPicks:
    """«내가 고른 제품»."""

    page: int = 1


@dataclass(frozen=True, slots=True)
class ViewingRecent:
    """«최근 본 제품»."""

    page: int = 1
    picking: bool = False
    """Opened from the picker: its products can be picked."""


@dataclass(frozen=True, slots=True)
class Recommending:
    shown: tuple[int, ...] = ()
    """The three on the screen."""
    before: tuple[int, ...] = ()
    """Shown in earlier rounds; never again in this scene."""
    turn: int = 1
    conditions: Conditions = field(default_factory=Conditions)


@dataclass(frozen=True, slots=True)
class Budgeting:
    """«루틴 추천» asks what it may cost."""


@dataclass(frozen=True, slots=True)
class Planning:
    """Before a routine."""

    budget: int | None = None
    """Won; None: any."""
    shown: tuple[int, ...] = ()
    """Which: `Routine.combination`."""
    before: tuple[tuple[int, ...], ...] = ()
    """Shown in earlier rounds; never again in this scene."""
    turn: int = 1


@dataclass(frozen=True, slots=True)
class NarrowingPrice:
    """«가격대» of the round."""


@dataclass(frozen=True, slots=True)
class NarrowingCategory:
    """«카테고리» of the round."""


@dataclass(frozen=True, slots=True)
class Weighing:
    """Choosing what to compare."""

    chosen: tuple[int, ...] = ()
    page: int = 1


@dataclass(frozen=True, slots=True)
class Comparing:
    products: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MeetingPeers:
    """«나와 비슷한 사람들»."""


@dataclass(frozen=True, slots=True)
class Finding:
    """«제품 찾기»: text None asks for one."""

    text: str | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class ReadingProduct:
    product: int
    back: str = ""
    """The written press that leads to the list it was opened from; empty where there is none."""


@dataclass(frozen=True, slots=True)
class ReadingFormula:
    product: int
    page: int = 1


@dataclass(frozen=True, slots=True)
class ReadingWhy:
    product: int
    back: Recommending


@dataclass(frozen=True, slots=True)
class AskingIngredient:
    pass


@dataclass(frozen=True, slots=True)
class ReadingList:
    """A typed list of ingredients: the ids of those known, and the names that were not."""

    known: tuple[int, ...]
    unknown: tuple[str, ...]
    page: int = 1


@dataclass(frozen=True, slots=True)
class ReadingIngredient:
    name: str
    ingredient: int | None = None
    page: int = 1
    back: ReadingFormula | ReadingList | None = None
    """The list that the person came from."""


@dataclass(frozen=True, slots=True)
class Consulting:
    """`question` None invites one; else it is the one being or just answered."""

    question: str | None = None


@dataclass(frozen=True, slots=True)
class ViewingMine:
    pass


@dataclass(frozen=True, slots=True)
class ManagingConsents:
    """«동의 관리»."""


@dataclass(frozen=True, slots=True)
class ReadingConsent:
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Composing:
    """An admin writes a broadcast."""

    part: Part
    draft: Draft


@dataclass(frozen=True, slots=True)
class Dispatching:
    """It was confirmed, at this time, and is being enqueued."""

    draft: Draft
    at: datetime


@dataclass(frozen=True, slots=True)
class ViewingBroadcasts:
    pass


@dataclass(frozen=True, slots=True)
class ViewingModels:
    pass


@dataclass(frozen=True, slots=True)
class ViewingStatistics:
    days: int = 30
    """The last ones; 0: since the beginning."""


@dataclass(frozen=True, slots=True)
class ConfirmingWithdrawal:
    pass


@dataclass(frozen=True, slots=True)
class ConfirmingDelete:
    pass


Scene = (
    AskingAge
    | TurnedAway
    | AskingConsent
    | Resting
    | Helping
    | ReadingPrivacy
    | Surveying
    | ReviewingSurvey
    | Picking
    | ReviewingPicks
    | ViewingRecent
    | Recommending
    | Budgeting
    | Planning
    | NarrowingPrice
    | NarrowingCategory
    | Weighing
    | Comparing
    | MeetingPeers
    | Finding
    | ReadingProduct
    | ReadingFormula
    | ReadingWhy
    | AskingIngredient
    | ReadingList
    | ReadingIngredient
    | Consulting
    | ViewingMine
    | ManagingConsents
    | ReadingConsent
    | Composing
    | Dispatching
    | ViewingBroadcasts
    | ViewingStatistics
    | ViewingModels
    | ConfirmingWithdrawal
    | ConfirmingDelete
)


@dataclass(frozen=True, slots=True)
class Given:
    """The last decision on an optional consent."""

    agreed: bool
    at: datetime
    """… or when it was last confirmed."""
    version: str
    asked: datetime | None = None
    """When the person was asked to confirm it after two years."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A button on the screen, remembered so that its label may be typed."""

    label: str
    about: str
    action: str
    """The written form (actions.py)."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was spoken of last, and until when that is remembered."""

    talk: Talk
    at: datetime
    before: Talk = field(default_factory=Talk)
    """What was spoken of when the last question was put: «다시 답해줘» puts it there again."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the question of this ticket told of the person's skin: offered for the profile."""

    ticket: int
    profile: SkinProfile


@dataclass(frozen=True, slots=True)
class Today:
    """The answers that a language model wrote on this day in Seoul."""

    day: date
    answers: int = 0
    told: bool = False
    """The person was told that there are no more."""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """All that is remembered of one person's conversation; at most 8 KiB as JSON."""

    scene: Scene = AskingAge()
    old_enough: bool = False
    agreed: bool | None = None
    """The consent; None before it was asked."""
    agreed_at: datetime | None = None
    agreed_to: str = ""
    """The version of the text; empty where it was decided before versions were remembered."""
    bound_for: str = ""
    """The payload of the link that they came by, until it has led them there."""
    consents: Mapping[Purpose, Given] = field(default_factory=dict)
    """The optional ones that were decided on."""
    profile: SkinProfile | None = None
    picks: tuple[int, ...] = ()
    grades: Mapping[int, int] = field(default_factory=dict)
    """Picked product → 5, 3 or 1; one that is not here was liked."""
    recent: tuple[int, ...] = ()
    """Products whose card or list was opened, the last first."""
    picker: Picking | None = None
    """Where the person left the picker."""
    finder: Finding | None = None
    """The last list of «제품 찾기»."""
    round: Recommending | None = None
    """The last recommendations, kept while the person looks elsewhere."""
    planner: Planning | None = None
    """The last routine."""
    rated: Mapping[int, bool] = field(default_factory=dict)
    """Product id → 👍; for the recommendations of this scene."""
    ticket: int = 0
    """The last one given out."""
    open: Request | None = None
    """Asked for and not yet come back."""
    offers: tuple[Offer, ...] = ()
    seen: datetime | None = None
    """When the person last did something, to the hour."""
    retention_days: int = 365
    """The operator's; put in whenever the dialogue is recalled, and told in the consent."""
    shop: str = ""
    """The operator's name, put in likewise; empty where it is not set."""
    abroad: bool = False
    """Whether the model stands abroad, put in likewise: then there is a consent to that."""
    told_of_abroad: bool = False
    """The person was told once that there is such a model."""
    spoken: Spoken | None = None
    redo: int = 0
    """The ticket of the answer that can be asked for again; 0 where there is none."""
    heard: Heard | None = None
    """Offered, and not decided on."""
    heard_before: tuple[str, ...] = ()
    """Values that were offered for the profile: each once."""
    today: Today | None = None
    daily_answers: int = 0
    """The operator's limit of model answers a day, put in likewise; 0 is none."""
    contact: str = ""
    """How to reach the shop, put in likewise."""
    admin: bool = False
    """Whether the operator named this person; put in likewise. To others the admin's commands are
    as unknown as any other word."""


@dataclass(frozen=True, slots=True)
class Turn:
    dialogue: Dialogue
    replies: tuple[Reply, ...] = ()
    facts: tuple[Fact, ...] = ()
    request: Request | None = None
    forget: bool = False
    """Keep no dialogue of this person at all (under 14)."""
