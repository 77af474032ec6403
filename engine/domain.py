"""The vocabulary of the house: what a product, a person's skin and a recommendation are.

Standard library only; everybody may import it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class SkinType(StrEnum):
    VERY_DRY = "악건성"
    DRY = "건성"
    NORMAL = "중성"
    COMBINATION = "복합성"
    OILY = "지성"
    SENSITIVE = "민감성"


class Concern(StrEnum):
    """피부 고민."""

    ACNE = "여드름"
    REDNESS = "홍조"
    PORES = "모공"
    FLAKES = "각질"
    BLACKHEADS = "블랙헤드"
    BUMPS = "요철"
    DRYNESS = "건조"
    WRINKLES = "주름"
    SPOTS = "잡티"


class AgeBand(StrEnum):
    TEENS = "10대"
    TWENTIES = "20대"
    THIRTIES = "30대"
    FORTIES = "40대"
    FIFTIES = "50대"
    SIXTIES = "60대 이상"


class Gender(StrEnum):
    FEMALE = "여성"
    MALE = "남성"
    UNDISCLOSED = "응답 안 함"


class Health(StrEnum):
    """What only a consent of its own allows to be asked and kept."""

    ALLERGY = "알레르기"
    PREGNANCY = "임신·수유 중"
    ATOPY = "아토피"


class Purpose(StrEnum):
    """What a person consents to, each by itself; all but SERVICE are optional."""

    SERVICE = "service"
    """Profile, picks and questions kept, so that there can be recommendations."""
    HEALTH = "health"
    """`SkinProfile.health`: sensitive data."""
    TRAINING = "training"
    """Chats make the model better."""
    ABROAD = "abroad"
    """Questions may be sent to a model abroad."""
    ADVERTISING = "advertising"
    NIGHT = "night"
    """Advertising from 21:00 to 08:00 in Seoul, too."""


CONSENT_LASTS = timedelta(days=2 * 365)
"""Consent to advertising is to be confirmed every two years (정보통신망법 제50조 제8항)."""


class Effect(StrEnum):
    """What a reviewer says the product did."""

    MOISTURE = "보습"
    SOOTHING = "진정"
    AGEING = "주름·미백"


class Irritation(StrEnum):
    GENTLE = "순해요"
    NORMAL = "보통"
    IRRITATING = "자극"


@dataclass(frozen=True, slots=True)
class Person:
    """Someone in a channel. `id` is what that channel calls them (web: a hash of the cookie)."""

    channel: str
    id: str
    address: str | None = field(default=None, compare=False, repr=False)
    """Where a channel can reach them, if `id` does not tell (KakaoTalk's is a hash). Known while
    they talk; kept, encrypted, only as long as they consent to advertising."""


@dataclass(frozen=True, slots=True)
class SkinProfile:
    """The survey's answers; None or empty where a step was skipped."""

    age_band: AgeBand | None = None
    gender: Gender | None = None
    skin_type: SkinType | None = None
    concerns: tuple[Concern, ...] = ()
    avoided: tuple[str, ...] = ()
    """Names of ingredients as the person typed them."""
    health: tuple[Health, ...] = ()
    """Only with the consent to `Purpose.HEALTH`."""

    @property
    def unwanted(self) -> tuple[str, ...]:
        """Words for what is to be left out: the person's own, and «임신·수유 중» for what is
        better left alone then (`engine.store.avoidance`)."""
        if Health.PREGNANCY not in self.health:
            return self.avoided
        return (*self.avoided, Health.PREGNANCY.value)

    def minds(self, care: "Care") -> bool:
        """Whether a rule holds for this person; the hints only where acne is a concern."""
        match care:
            case Care.VITAMIN_A | Care.SALICYLIC:
                return Health.PREGNANCY in self.health
            case Care.SCENT:
                tender = Health.ALLERGY in self.health or Health.ATOPY in self.health
                return tender or self.skin_type is SkinType.SENSITIVE
            case Care.STING:
                return self.skin_type is SkinType.SENSITIVE
            case Care.CLOGGING | Care.YEAST:
                return Concern.ACNE in self.concerns
            case Care.ALLERGEN | Care.SUN:
                return True


@dataclass(frozen=True, slots=True)
class Product:
    """A product of the catalogue. `id` is the store's and stays the same over loads."""

    id: int
    key: str
    """The shop's own product id, as its export writes it."""
    brand: str
    name: str
    category: str
    price: int | None = None
    """Won."""
    volume: str | None = None
    """As the label says it: «80ml»."""
    picture: str | None = None
    """A file beside the load, or an http(s) address."""
    url: str | None = None
    on_sale: bool = True
    rating: float | None = None
    """Mean of its reviews in [1, 5]; None without one."""
    reviews: int = 0

    @property
    def title(self) -> str:
        """Brand and name, the brand not said twice."""
        return self.name if self.name.startswith(self.brand) else f"{self.brand} {self.name}"


@dataclass(frozen=True, slots=True)
class Ingredient:
    id: int
    name: str
    """Korean standard name."""
    inci: str | None = None
    cas: str | None = None
    roles: tuple[str, ...] = ()
    """배합목적, in Korean: «보습제»."""
    origin: str | None = None
    definition: str | None = None
    limits: str | None = None
    """What the EU annexes say of it, in one Korean line."""


@dataclass(frozen=True, slots=True)
class Review:
    product: int
    reviewer: str
    rating: float
    """In [1, 5]."""
    text: str = ""
    skin_type: SkinType | None = None
    effect: Effect | None = None
    irritation: Irritation | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a longer list; `number` counts from 1 and `pages` is at least 1."""

    items: tuple[T, ...]
    number: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a recommendation is narrowed to; a product has to meet all of it."""

    category: str | None = None
    """As the catalogue writes it, or a word for it («토너»)."""
    price_from: int = 0
    """Won, both ends within."""
    price_to: int | None = None
    without: tuple[str, ...] = ()
    """Names of ingredients, as the person typed them."""

    @property
    def priced(self) -> bool:
        return self.price_from > 0 or self.price_to is not None


@dataclass(frozen=True, slots=True)
class Query:
    """What a recommendation is asked for."""

    liked: Mapping[int, float] = field(default_factory=dict)
    """Product id → rating in [1, 5]."""
    profile: SkinProfile = SkinProfile()
    n: int = 3
    excluded: frozenset[int] = frozenset()
    """Product ids that were shown already."""
    conditions: Conditions = Conditions()


class Basis(StrEnum):
    """What put a product on the list."""

    TASTE = "taste"
    """The ratings of people who liked the same products."""
    CONTENT = "content"
    """It is like what was liked (`Evidence.alike`)."""
    SKIN_TYPE = "skin_type"
    """Most reviewed by people of the same skin type."""
    POPULARITY = "popularity"
    """Most reviewed by everyone."""


class Likeness(StrEnum):
    """In what a product is like one that was liked."""

    BRAND = "브랜드"
    CATEGORY = "종류"
    INGREDIENTS = "성분"
    PRICE = "가격대"
    WORDS = "후기에 쓰인 말"


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of a review by someone of the person's own skin type."""

    text: str
    praise: bool


class Care(StrEnum):
    """Why an ingredient wants care (`engine.recommend.cautions` holds the rules)."""

    VITAMIN_A = "vitamin_a"
    """Left out while pregnant or nursing."""
    SALICYLIC = "salicylic"
    """Strong peels are a question for the doctor while pregnant or nursing."""
    ALLERGEN = "allergen"
    SCENT = "scent"
    STING = "sting"
    CLOGGING = "clogging"
    """A hint: it made comedones in rabbits' ears."""
    YEAST = "yeast"
    """A hint: what Malassezia grows on in a dish."""
    SUN = "sun"
    """AHA: sunscreen by day."""


@dataclass(frozen=True, slots=True)
class Caution:
    care: Care
    names: tuple[str, ...]
    """The ingredients that it is about."""


@dataclass(frozen=True, slots=True)
class Clash:
    """One product against another of the person's."""

    pairing: "Pairing"
    name: str
    """The ingredient of this product."""
    other: str
    """The ingredient of the other product."""
    product: int
    """The other product."""
    title: str


class Pairing(StrEnum):
    """Ingredients of two products that are better not put on the skin together
    (`engine.recommend.cautions` says why)."""

    RETINOID_ACID = "retinoid_acid"
    """Vitamin A and AHA or BHA."""
    RETINOID_PEROXIDE = "retinoid_peroxide"
    RETINOIDS = "retinoids"
    """Vitamin A twice."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Between the formulas at `first` and `second` of those that were asked about."""

    pairing: Pairing
    first: int
    second: int
    names: tuple[str, str]
    """The ingredient of each that speaks against the other."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Counts behind a recommendation, each of them true of the current load."""

    neighbours: int = 0
    """People of similar taste who rated this product."""
    admirers: int = 0
    """Those among them who gave 4 or more."""
    shared: tuple[str, ...] = ()
    """Notable ingredients that it shares with what was liked."""
    skin_type: SkinType | None = None
    skin_reviews: int = 0
    """Reviews of this product by people of `skin_type`."""
    gentle_share: float | None = None
    """Share in [0, 1] of those that told of irritation and told of none; None where none told."""
    skin_rating: float | None = None
    """Mean in [1, 5] of the `skin_reviews`."""
    effects: tuple[tuple[Effect, int], ...] = ()
    """Of the `skin_reviews` those that tell of an effect, the most told first."""
    told: int = 0
    """Of the `skin_reviews` those that say how it was on the skin."""
    irritated: int = 0
    """Those of `told` that tell of irritation."""
    unlisted: bool = False
    """What the product holds is not known."""
    notable: tuple[str, ...] = ()
    """Ingredients that few other products hold and that care for the skin; none of `shared`."""
    minded: tuple[str, ...] = ()
    """Ingredients that this person had better look at, for what the dictionary says of them."""
    health: tuple[Health, ...] = ()
    """Their answers on health that `minded` went by."""
    cautions: tuple[Caution, ...] = ()
    """What else this person's answers speak for a look at; hints among them."""
    clashes: tuple[Clash, ...] = ()
    """With the person's picks and with what is recommended beside it."""
    companions: tuple[tuple[str, int], ...] = ()
    """A liked product's title and how many of the `neighbours` gave it 4 or more."""
    quotes: tuple[Quote, ...] = ()
    alike: tuple[Likeness, ...] = ()
    """In what it is like something that was liked."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    product: Product
    score: float
    basis: Basis
    evidence: Evidence = Evidence()


class Stage(StrEnum):
    """Of a routine, in their order."""

    TONER = "토너"
    ESSENCE = "에센스"
    CREAM = "크림"
    """A cream or a lotion."""
    SUNSCREEN = "선케어"
    """In the morning, where the shop has one and it fits."""


@dataclass(frozen=True, slots=True)
class RoutineStep:
    stage: Stage
    recommendation: Recommendation
    evening_only: str = ""
    """The ingredient that keeps the product out of the morning."""

    @property
    def product(self) -> Product:
        return self.recommendation.product


@dataclass(frozen=True, slots=True)
class Routine:
    """What is used in the morning and in the evening; empty where nothing was found."""

    morning: tuple[RoutineStep, ...] = ()
    evening: tuple[RoutineStep, ...] = ()
    combination: tuple[int, ...] = ()
    """What tells it from other routines: product ids."""
    missing: tuple[Stage, ...] = ()
    """Stages that the shop has nothing suitable for."""
    cheapest: int | None = None
    """Won: where the budget is too small, the least that a routine costs."""

    @property
    def products(self) -> tuple[Product, ...]:
        """Each once, in the order of use."""
        steps = (*self.morning, *self.evening)
        return tuple({step.product.id: step.product for step in steps}.values())


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two or three products side by side."""

    sides: tuple[tuple[Product, Evidence], ...]
    common: tuple[str, ...] = ()
    """Ingredients that all of them hold and few other products do, the rarest first."""
    skin_type: SkinType | None = None


@dataclass(frozen=True, slots=True)
class Favourite:
    product: Product
    people: int
    """Of the skin type, who reviewed it."""
    rating: float
    """Their mean, in [1, 5]."""


@dataclass(frozen=True, slots=True)
class Peers:
    """What people of one skin type choose."""

    skin_type: SkinType
    people: int
    """Reviewers of the skin type."""
    favourites: tuple[Favourite, ...] = ()
    """Best first; none where too few people stand behind any."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an ingredient stands in a product's list: `number` of `of`, from 1."""

    product: Product
    number: int
    of: int


@dataclass(frozen=True, slots=True)
class IngredientSheet:
    """One ingredient and a page of the products that hold it."""

    ingredient: Ingredient
    products: Page[Product]
    picked: tuple[Product, ...] = ()
    """Those of the person's picks that hold it."""
    place: Place | None = None
    """In the list that the person came from."""
    avoided_as: tuple[str, ...] = ()
    """The person's own words for what they avoid that mean this ingredient: «알코올»."""
    cares: tuple[Care, ...] = ()
    """Rules that the ingredient falls under, for whomever they hold."""


@dataclass(frozen=True, slots=True)
class UnknownName:
    """A name on a list that no ingredient bears, and the names closest to it, best first."""

    name: str
    near: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """A typed list of ingredients: those known, in its order, and what could not be read."""

    known: tuple[Ingredient, ...] = ()
    unknown: tuple[UnknownName, ...] = ()


@dataclass(frozen=True, slots=True)
class Talk:
    """What was spoken of last, so that «그건 얼마야?» can be read; at most 1 KiB as JSON."""

    products: tuple[str, ...] = ()
    """The shop's keys, in the order in which they were named."""
    ingredients: tuple[str, ...] = ()
    """Standard names."""
    question: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    profile: SkinProfile = SkinProfile()
    abroad: bool = False
    """The person lets a model abroad see it."""
    talk: Talk = Talk()
    again: bool = False
    """Another answer than the one before is wanted: «다시 답해줘»."""
    spent: bool = False
    """The person's model answers of today are used up: it is composed."""


class DocumentKind(StrEnum):
    PRODUCT = "product"
    REVIEWS = "reviews"
    INGREDIENT = "ingredient"
    FAQ = "faq"
    """A question and answer that the shop wrote."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of the shop's own data that may answer a question."""

    kind: DocumentKind
    key: str
    """The product's key, the ingredient's name, or the number of the shop's own question."""
    title: str
    text: str
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Named:
    """One place in a question that names products or an ingredient, as the shop's data do."""

    words: str
    """Squeezed, as the data spell it; where the question has a slip, this is not in it."""
    kind: DocumentKind
    """PRODUCT or INGREDIENT."""
    keys: tuple[str, ...]
    """Several where they share a name."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where an answer's sentence comes from; `number` is the [1] in its text."""

    number: int
    kind: DocumentKind
    title: str
    product: int | None = None
    """The product's id where the passage is about one that is still in the catalogue."""


class Writer(StrEnum):
    COMPOSED = "composed"
    MODEL = "model"
    FALLBACK = "fallback"
    """The model was asked and did not answer; the text was composed."""
    GUARD = "guard"
    """A set answer: a doctor's matter, or nothing found."""


@dataclass(frozen=True, slots=True)
class Trace:
    """How an answer was written: kept with consent, for training."""

    prompt_version: str = ""
    """Empty where no model wrote it."""
    model: str = ""
    """The model's or adapter's name on its server; set, too, where it wrote nothing that could be
    shown and the answer was composed."""
    passages: tuple[str, ...] = ()
    """Ids of the documents that it was written from: «product:p001»."""


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    sources: tuple[Source, ...] = ()
    writer: Writer = Writer.COMPOSED
    intent: str = ""
    """What the question was understood to want (`engine.generation.intent.Intent`)."""
    said: SkinProfile = SkinProfile()
    """What the question told of the person's own skin, beyond their profile."""
    talk: Talk = Talk()
    """What the next question may refer to."""
    trace: Trace = Trace()


@dataclass(frozen=True, slots=True)
class Load:
    """One finished ingest. `id` names its folder in the artefacts."""

    id: str
    at: datetime
    products: int
    reviews: int
    ingredients: int
    digest: str
    """SHA-256 over the inputs and the cleaning options: the same digest is the same load."""
