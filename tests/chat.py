"""A person before the pure core: `Chat().says("/start").presses("만 14세 이상이에요")`.

What the dialogue asks for is answered by `Shop`, a small shop in memory that really searches,
recommends, looks up and answers.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Any, Self, assert_never

from bot.desk import DeskRequest
from bot.dialogue import texts
from bot.dialogue.labels import buttons, key
from bot.dialogue.model import (
    PAGE_SIZE,
    Action,
    AnalyseFormula,
    Answered,
    AskModels,
    AskStatistics,
    BroadcastPreviewed,
    BroadcastQueued,
    BroadcastRefused,
    BroadcastsListed,
    BroadcastSteered,
    Bubble,
    Button,
    Card,
    CategoriesListed,
    Compare,
    Compared,
    Consult,
    Deed,
    Dialogue,
    Document,
    Draft,
    EnqueueBroadcast,
    Event,
    Explain,
    Explained,
    Exported,
    ExportMine,
    Fact,
    Failed,
    Failure,
    FindPeers,
    FormulaAnalysed,
    FormulaListed,
    IngredientFound,
    IngredientMissed,
    LabelUnread,
    ListBroadcasts,
    ListCategories,
    ListFormula,
    LookUp,
    Made,
    Media,
    Message,
    ModelsListed,
    ModelTrouble,
    NameProducts,
    NoticeRead,
    PeersFound,
    Plan,
    Planned,
    Pressed,
    PressedUnknown,
    PreviewBroadcast,
    ProductsFound,
    ProductShown,
    ProductsNamed,
    ReadLabel,
    ReadNotice,
    Recommend,
    Recommended,
    Rejected,
    Reply,
    Request,
    Result,
    Said,
    SearchProducts,
    Sent,
    ShowProduct,
    StatisticsGathered,
    SteerBroadcast,
    Toast,
    Unread,
)
from bot.dialogue.step import redraw, step
from engine.advertising import (
    Advertisement,
    Delivery,
    Fault,
    Going,
    Reach,
    Sender,
    Tally,
    Unlawful,
)
from engine.domain import (
    Answer,
    Basis,
    Comparison,
    Conditions,
    DocumentKind,
    Effect,
    Evidence,
    Favourite,
    Health,
    Ingredient,
    IngredientSheet,
    Page,
    Peers,
    Place,
    Product,
    Query,
    Question,
    Quote,
    Reading,
    Recommendation,
    Routine,
    RoutineStep,
    SkinProfile,
    SkinType,
    Source,
    Stage,
    Talk,
    Trace,
    UnknownName,
    Writer,
)
from engine.figures import Figures
from engine.recommend.routine import Shelves, plan

LABEL = "label"
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

INGREDIENTS = tuple(
    Ingredient(
        number,
        name,
        inci=inci,
        roles=roles,
        origin="합성" if number % 2 else "식물",
        definition=f"{name} 설명",
    )
    for number, (name, inci, roles) in enumerate(
        (
            ("정제수", "Water", ("용제",)),
            ("글리세린", "Glycerin", ("보습제",)),
            ("나이아신아마이드", "Niacinamide", ("피부컨디셔닝제",)),
            ("판테놀", "Panthenol", ("피부컨디셔닝제",)),
            ("향료", "Fragrance", ("착향제",)),
            ("에탄올", "Alcohol", ("용제", "수렴제")),
            ("1,2-헥산다이올", "1,2-Hexanediol", ("용제",)),
            ("부틸렌글라이콜", "Butylene Glycol", ("보습제",)),
            ("스쿠알란", "Squalane", ("유연제",)),
            ("알란토인", "Allantoin", ("피부보호제",)),
            ("토코페롤", "Tocopherol", ("산화방지제",)),
            ("잔탄검", "Xanthan Gum", ("점증제",)),
            ("레티놀", "Retinol", ("피부컨디셔닝제",)),
            ("병풀추출물", "Centella Asiatica Extract", ("피부컨디셔닝제",)),
            (
                "하이드록시프로필비스라우라마이드엠이에이와긴이름",
                "Hydroxypropyl Bislauramide MEA",
                (),
            ),
        ),
        start=1,
    )
)

PRODUCTS = tuple(
    Product(
        number,
        f"p{number:03}",
        brand,
        name,
        category,
        price=9_000 + number * 1_500,
        url=None if number == 2 else f"https://shop.example/{number}",
        rating=None if number == 13 else round(3.5 + number % 14 / 10, 1),
        reviews=0 if number == 13 else 1_300 - number * 97,
    )
    for number, (brand, name, category) in enumerate(
        (
            ("달빛", "수분 크림", "크림"),
            ("달빛", "진정 토너", "스킨/토너"),
            ("숲속", "시카 로션", "로션"),
            ("숲속", "비타 에센스", "에센스"),
            ("온결", "보습 크림", "크림"),
            ("온결", "맑은 미스트", "미스트/오일"),
            ("바다", "히알 에센스", "에센스"),
            ("바다", "순한 로션", "로션"),
            ("하루", "쌀겨 토너", "스킨/토너"),
            ("하루", "동백 오일", "미스트/오일"),
            ("이슬", "장벽 크림", "크림"),
            ("이슬", "레티 에센스", "에센스"),
            ("새벽", "첫 로션", "로션"),
        ),
        start=1,
    )
)


@dataclass
class Desk:
    """An admin's desk in memory: ten people of the segment, six consent, five can be reached."""

    sender: Sender | None = field(default_factory=lambda: Sender("달빛상점", "02-123-4567"))
    reachable: int = 5
    held: int = 0
    asked: dict[str, Draft] = field(default_factory=dict)
    """Key → what was asked for; its number is its place."""
    going: dict[int, Going] = field(default_factory=dict)

    def fulfil(self, request: DeskRequest, at: datetime) -> Result:
        try:
            return self._fulfil(request, at)
        except Unlawful as error:
            return BroadcastRefused(request.ticket, at, error.fault, error.limit)

    def _fulfil(self, request: DeskRequest, at: datetime) -> Result:
        match request:
            case PreviewBroadcast(ticket, draft):
                ad = self._written(draft)
                picture = b"PNG" if draft.photo or draft.chart else None
                reach = Reach(10, 6, {"telegram": self.reachable}, self.held)
                return BroadcastPreviewed(
                    ticket, at, ad.text, ad.link, picture, reach, 120, bool(self.held)
                )
            case EnqueueBroadcast(ticket, draft, key):
                self._written(draft)
                self.asked.setdefault(key, draft)
                number = [*self.asked].index(key) + 1
                self.going.setdefault(number, Going.RUNNING)
                return BroadcastQueued(ticket, at, number, self._tally())
            case ListBroadcasts(ticket):
                listed = tuple(
                    (number, at, self.going[number], self._tally(), draft.text)
                    for number, draft in enumerate(self.asked.values(), start=1)
                )
                return BroadcastsListed(ticket, at, listed[::-1])
            case SteerBroadcast(ticket, number, going):
                if number in self.going:
                    self.going[number] = going
                return BroadcastSteered(ticket, at, number, self.going.get(number))
            case _:
                assert_never(request)

    def _written(self, draft: Draft) -> Advertisement:
        if self.sender is None:
            raise Unlawful(Fault.NAMELESS)
        return Advertisement(self.sender, draft.text, draft.link, bool(draft.photo) or draft.chart)

    def _tally(self) -> Tally:
        return Tally(10, {Delivery.WAITING: 5, Delivery.BLOCKED: 1, Delivery.HELD_BACK: 4})


@dataclass
class Models:
    """A model's server in memory with the adapter `warm`; `plain` may be loaded."""

    chosen: str = "base"
    loaded: list[str] = field(default_factory=lambda: ["warm"])
    shelf: tuple[str, ...] = ("plain", "warm")
    trouble: ModelTrouble | None = None
    made: Made | None = None
    rejected: Rejected | None = None

    def fulfil(self, request: AskModels, at: datetime) -> ModelsListed:
        match request.deed:
            case Deed.SPEAK:
                self.chosen = request.adapter or "base"
            case Deed.LOAD:
                self.loaded.append(request.adapter)
            case Deed.UNLOAD:
                self.loaded.remove(request.adapter)
            case None:
                pass
        return ModelsListed(
            request.ticket,
            at,
            "base",
            self.chosen,
            tuple(self.loaded),
            tuple(one for one in self.shelf if one not in self.loaded),
            request.deed,
            request.adapter,
            self.trouble,
            self.made,
            self.rejected,
        )


@dataclass(frozen=True)
class Shop:
    products: tuple[Product, ...] = PRODUCTS
    ingredients: tuple[Ingredient, ...] = INGREDIENTS
    failing: Failure | None = None
    """Every request fails so, where set."""
    desk: Desk = field(default_factory=Desk)
    models: Models = field(default_factory=Models)

    def fulfil(self, request: Request, at: datetime) -> Result:
        if self.failing is not None:
            return Failed(request.ticket, at, self.failing)
        try:
            return self._fulfil(request, at)
        except LookupError:
            return Failed(request.ticket, at, Failure.PRODUCT_GONE)

    def product(self, number: int) -> Product:
        """Raises LookupError."""
        return next(iter([each for each in self.products if each.id == number]), None) or _gone()

    def formula(self, product: Product) -> tuple[Ingredient, ...]:
        """1 holds everything, 6 the perfume too, 13 nothing; the rest two of three."""
        if product.id in (1, 13):
            return self.ingredients if product.id == 1 else ()
        return tuple(
            each
            for each in self.ingredients
            if (product.id == 6 if each.name == "향료" else (each.id + product.id) % 3)
        )

    def recommend(self, query: Query) -> tuple[Recommendation, ...]:
        candidates = [
            each
            for each in sorted(self.products, key=lambda product: -product.reviews)
            if each.id not in query.liked
            and each.id not in query.excluded
            and not self._avoided(self.formula(each), query.profile.unwanted)
            and self._meets(each, query.conditions)
        ]
        return tuple(self._recommendation(query, each) for each in candidates[: query.n])

    def routine(
        self, query: Query, budget: int | None, before: Collection[tuple[int, ...]]
    ) -> Routine:
        """The engine's own search, over what `recommend` says; what is called «레티 …» is for
        the evening."""
        everything = self.recommend(replace(query, n=len(self.products)))
        told = {one.product.id: one for one in everything}
        categories = {Stage.TONER: "스킨/토너", Stage.ESSENCE: "에센스", Stage.CREAM: "크림"}
        shelves = Shelves(
            stages={
                stage: frozenset(i for i, one in told.items() if one.product.category == category)
                for stage, category in categories.items()
            },
            prices={one: each.product.price for one, each in told.items()},
            acting={one: ("레티놀",) for one, each in told.items() if "레티" in each.product.name},
        )
        outcome = plan(
            shelves, lambda some, n: [one for one in told if one in some][:n], budget, before
        )
        found = outcome.plan
        if found is None:
            return Routine(missing=outcome.missing, cheapest=outcome.cheapest)
        morning, evening = (
            tuple(
                RoutineStep(stage, told[one.product], next(iter(one.evening_names), ""))
                for stage, one in part
            )
            for part in (found.morning, found.evening)
        )
        return Routine(morning, evening, found.combination, outcome.missing)

    def _meets(self, product: Product, wanted: Conditions) -> bool:
        price, top = product.price or 0, wanted.price_to
        return (
            (wanted.category or "") in product.category
            and price >= wanted.price_from
            and (top is None or price <= top)
            and not {one.name for one in self.formula(product)} & {*wanted.without}
        )

    def compare(self, products: Iterable[int], profile: SkinProfile) -> Comparison:
        """Raises LookupError."""
        found = [self.product(number) for number in products]
        query = Query(profile=profile)
        sides = tuple((each, self._recommendation(query, each).evidence) for each in found)
        return Comparison(sides, ("판테놀",), profile.skin_type)

    def peers(self, profile: SkinProfile) -> Peers:
        assert profile.skin_type is not None
        best = sorted(self.products, key=lambda product: -product.reviews)[:3]
        favourites = tuple(Favourite(each, each.reviews // 10, 4.5) for each in best)
        return Peers(profile.skin_type, 400, favourites if self.products[5:] else ())

    def _explained(self, query: Query, product: Product) -> Recommendation:
        why = self._recommendation(query, product)
        liked = [self.product(one) for one, stars in query.liked.items() if stars >= 4]
        return replace(
            why,
            evidence=replace(
                why.evidence,
                companions=tuple((one.title, 3) for one in liked) if query.liked else (),
                quotes=(Quote("겨울에도 당기지 않아요.", praise=True),),
            ),
        )

    def _recommendation(self, query: Query, product: Product) -> Recommendation:
        skin_type = query.profile.skin_type
        neighbours = product.reviews // 10 if query.liked else 0
        evidence = Evidence(
            neighbours=neighbours,
            admirers=neighbours * 3 // 4,
            shared=("판테놀",) if query.liked else (),
            skin_type=skin_type,
            skin_reviews=product.reviews // 5 if skin_type else 0,
            gentle_share=0.82 if product.reviews > 500 else None,
            skin_rating=4.4,
            effects=((Effect.MOISTURE, product.reviews // 9),) if skin_type else (),
            told=50 if product.reviews > 500 else 0,
            irritated=9 if product.reviews > 500 else 0,
            notable=("알란토인",),
        )
        alone = Basis.SKIN_TYPE if skin_type else Basis.POPULARITY
        basis = Basis.TASTE if neighbours else alone
        return Recommendation(product, float(product.reviews), basis, evidence)

    def _fulfil(self, request: Request, at: datetime) -> Result:
        match request:
            case Recommend(ticket, query):
                known = {each.name for each in self.ingredients}
                unknown = tuple(one for one in query.conditions.without if one not in known)
                return Recommended(ticket, at, self.recommend(query), unknown)
            case Plan(ticket, query, budget, before):
                return Planned(ticket, at, self.routine(query, budget, before))
            case Explain(ticket, query, product):
                return Explained(ticket, at, self._explained(query, self.product(product)))
            case Compare(ticket, products, profile):
                return Compared(ticket, at, self.compare(products, profile))
            case FindPeers(ticket, profile):
                return PeersFound(ticket, at, self.peers(profile))
            case ListCategories(ticket):
                categories = dict.fromkeys(each.category for each in self.products)
                return CategoriesListed(ticket, at, tuple(categories))
            case SearchProducts(ticket, text, number, size):
                return ProductsFound(ticket, at, _page(self._search(text), number, size))
            case ReadNotice(ticket):
                return NoticeRead(ticket, at)
            case NameProducts(ticket, wanted):
                named = [each for one in wanted for each in self.products if each.id == one]
                return ProductsNamed(ticket, at, tuple(named))
            case ShowProduct(ticket, product):
                return ProductShown(ticket, at, self.product(product))
            case ListFormula(ticket, product, avoided):
                shown = self.product(product)
                formula = self.formula(shown)
                return FormulaListed(ticket, at, shown, formula, self._avoided(formula, avoided))
            case AnalyseFormula(ticket, _, _, avoided):
                reading = self._analyse(request)
                minded = self._avoided(reading.known, avoided)
                return FormulaAnalysed(ticket, at, reading, minded)
            case ReadLabel():
                return self._read_label(request, at)
            case LookUp():
                return self._look_up(request, at)
            case PreviewBroadcast() | EnqueueBroadcast() | ListBroadcasts() | SteerBroadcast():
                return self.desk.fulfil(request, at)
            case AskModels():
                return self.models.fulfil(request, at)
            case AskStatistics(ticket, days):
                return StatisticsGathered(ticket, at, Figures(at, days or None), b"PNG")
            case ExportMine(ticket):
                return Exported(ticket, at, '{"profile": []}')
            case Consult(ticket, question):
                return Answered(ticket, at, self.consulted(question))
            case _:
                assert_never(request)

    def _search(self, text: str) -> list[Product]:
        wanted = key(text) if text else ""
        found = [each for each in self.products if wanted in key(each.title)]
        return sorted(found, key=lambda product: -product.reviews)

    def _look_up(self, wanted: LookUp, at: datetime) -> Result:
        for each in self.ingredients:
            if each.id == wanted.ingredient or each.name == wanted.name:
                return IngredientFound(wanted.ticket, at, self._sheet(wanted, each))
        near = self._near(wanted.name, 5)
        return IngredientMissed(wanted.ticket, at, wanted.name, near)

    def _sheet(self, wanted: LookUp, found: Ingredient) -> IngredientSheet:
        holding = [one for one in self.products if found in self.formula(one)]
        meant = [word for word in wanted.avoided if self._avoided((found,), (word,))]
        picked = [one for one in holding if one.id in wanted.picks]
        return IngredientSheet(
            found,
            _page(holding, wanted.page),
            picked=tuple(picked),
            place=self._place(found, wanted.product),
            avoided_as=tuple(meant),
        )

    def _place(self, found: Ingredient, product: int | None) -> Place | None:
        shown = next((one for one in self.products if one.id == product), None)
        if shown is None or found not in self.formula(shown):
            return None
        formula = self.formula(shown)
        return Place(shown, formula.index(found) + 1, len(formula))

    def _analyse(self, wanted: AnalyseFormula) -> Reading:
        names = {each.name: each for each in self.ingredients}
        known = [each for each in self.ingredients if each.id in wanted.known]
        known += [names[name] for name in wanted.names if name in names]
        missed = [name for name in wanted.names if name not in names]
        return Reading(
            tuple(known), tuple(UnknownName(each, self._near(each, 2)) for each in missed)
        )

    def _read_label(self, wanted: ReadLabel, at: datetime) -> Result:
        """A photo called `label` holds four ingredients, one called by a reason is not read for it,
        and of others nothing is read here."""
        if wanted.file != LABEL:
            reason = Unread(wanted.file) if wanted.file in [*Unread] else Unread.OFF
            return LabelUnread(wanted.ticket, at, reason)
        named = AnalyseFormula(wanted.ticket, ("정제수", "글리세린", "향료", "판테놀"))
        reading = self._analyse(named)
        minded = self._avoided(reading.known, wanted.avoided)
        return FormulaAnalysed(wanted.ticket, at, reading, minded)

    def _avoided(self, ingredients: Iterable[Ingredient], words: Sequence[str]) -> frozenset[int]:
        """«알코올» means 에탄올, «임신·수유 중» 레티놀; else a name or its INCI."""
        wanted = {key(word) for word in words}
        return frozenset(
            each.id
            for each in ingredients
            if {key(each.name), key(each.inci or "")} & wanted
            or (each.name == "에탄올" and "알코올" in wanted)
            or (each.name == "레티놀" and Health.PREGNANCY in words)
        )

    def _near(self, name: str, n: int) -> tuple[str, ...]:
        names = [each.name for each in self.ingredients]
        return tuple(get_close_matches(name, names, n=n, cutoff=0.3))

    def consulted(self, question: Question) -> Answer:
        """«그건 …» is about what was spoken of; «자세히 …» is written by a model; «저는 지성이에요»
        tells of the person; «루틴 …», «비교 …», «배송 …» are intents of their own."""
        text, spoken = question.text, question.talk.products
        if "그건" in text and spoken:
            about = [one for one in self.products if one.key in spoken][:1]
            told = "".join(f"{one.title}: {one.price}원이에요. [1]" for one in about)
            answer = Answer(told, _sources(about), talk=Talk(spoken, question=text))
        else:
            answer = self._answer(text)
            named = tuple(one.key for one in self.products if one.id in _ids(answer))
            answer = replace(answer, talk=Talk(named, question=text) if named else Talk())
        said = next((one for one in SkinType if f"저는 {one}" in text), None)
        intents = {"루틴": "routine", "추천": "recommend", "비교": "compare", "배송": "shop"}
        intent = next((intent for word, intent in intents.items() if word in text), "")
        answer = replace(answer, said=SkinProfile(skin_type=said), intent=intent)
        if "자세히" not in text or question.spent:
            return answer
        prefix = "다르게 말하면, " if question.again else ""
        trace = Trace("3", "tiny", tuple(f"product:{key}" for key in answer.talk.products))
        return replace(answer, text=f"{prefix}{answer.text}", writer=Writer.MODEL, trace=trace)

    def _answer(self, text: str) -> Answer:
        asked = [each for each in self.products if any(word in text for word in each.name.split())]
        sources = _sources(asked)
        return Answer(f"{len(asked)}개를 찾았어요. [1]" if asked else "자료가 없어요.", sources)


def _sources(products: Sequence[Product]) -> tuple[Source, ...]:
    return tuple(
        Source(number, DocumentKind.PRODUCT, each.title, each.id)
        for number, each in enumerate(products[:5], start=1)
    )


def _ids(answer: Answer) -> set[int]:
    return {source.product for source in answer.sources if source.product is not None}


def _page(items: Iterable[Product], number: int, size: int = PAGE_SIZE) -> Page[Product]:
    everything = tuple(items)
    pages = max(1, -(-len(everything) // size))
    page = min(max(number, 1), pages)
    part = everything[(page - 1) * size : page * size]
    return Page(part, page, pages, len(everything))


def _gone() -> Product:
    raise LookupError


@dataclass
class Chat:
    """Everything a person does is a method that returns the chat."""

    shop: Shop = field(default_factory=Shop)
    dialogue: Dialogue = field(default_factory=Dialogue)
    patient: bool = False
    """Requests stay open until `answered` is called."""
    said: list[Reply] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    screen: tuple[Reply, ...] = ()
    """The replies to the last message that drew buttons."""
    last: tuple[Reply, ...] = ()
    """The replies to the last message, whatever they are."""
    waiting: Request | None = None
    forgotten: bool = False
    seconds: int = 0

    def says(self, text: str) -> Self:
        return self._message(Said(self._id(), self._now(), text))

    def presses(self, label: str, about: str = "") -> Self:
        """A button on the screen; `about` names the product where cards share the label."""
        return self.taps(self.button(label, about))

    def presses_above(self, label: str, about: str = "") -> Self:
        """A button further up, of the newest reply that has it."""
        for reply in reversed(self.said):
            if found := _labelled(buttons((reply,)), label, about):
                return self.taps(found[0])
        raise AssertionError(f"no button {label!r} was ever shown")

    def taps(self, what: Button | Action) -> Self:
        action = what.action if isinstance(what, Button) else what
        assert action is not None, f"{what} is a link"
        return self._message(Pressed(self._id(), self._now(), action))

    def presses_unknown(self) -> Self:
        return self._message(PressedUnknown(self._id(), self._now()))

    def after(self, days: int) -> Self:
        """Nothing happens for so long."""
        self.seconds += days * 24 * 3600
        return self

    def sends(self, media: Media, file: str = "") -> Self:
        return self._message(Sent(self._id(), self._now(), media, file))

    def late(self, result: Result) -> Self:
        """A result that comes by itself."""
        return self._begin()._apply(result)

    def answered(self) -> Self:
        """What is waited for comes."""
        assert self.waiting is not None, "nothing is waited for"
        return self._begin()._fulfil(self.waiting)

    def redrawn(self) -> Self:
        """As after a restart."""
        return self._begin()._take(redraw(self.dialogue))

    def button(self, label: str, about: str = "") -> Button:
        found = _labelled(buttons(self.screen), label, about)
        assert found, f"no button {label!r} {about!r} among {self.labels}"
        return found[0]

    @property
    def scene(self) -> Any:
        """Where the person is; a test knows the kind that it reads fields of."""
        return self.dialogue.scene

    @property
    def request(self) -> Any:
        """The last one."""
        return self.requests[-1]

    @property
    def profile(self) -> Any:
        """The saved one; a test knows whether there is any."""
        return self.dialogue.profile

    @property
    def fact(self) -> Any:
        """The last one."""
        return self.facts[-1]

    @property
    def labels(self) -> list[str]:
        return [button.label for button in buttons(self.screen)]

    @property
    def text(self) -> str:
        """The last bubble's."""
        return next(reply.text for reply in reversed(self.said) if isinstance(reply, Bubble))

    @property
    def cards(self) -> list[Card]:
        return [reply for reply in self.last if isinstance(reply, Card)]

    @property
    def bubbles(self) -> list[Bubble]:
        return [reply for reply in self.last if isinstance(reply, Bubble)]

    @property
    def documents(self) -> list[Document]:
        return [reply for reply in self.last if isinstance(reply, Document)]

    @property
    def toasts(self) -> list[str]:
        return [reply.text for reply in self.last if isinstance(reply, Toast)]

    def copy(self) -> "Chat":
        return replace(self, said=[*self.said], facts=[*self.facts], requests=[*self.requests])

    def _message(self, event: Message) -> Self:
        self._begin()
        return self._apply(event)

    def _begin(self) -> Self:
        self.last = ()
        return self

    def _apply(self, event: Event) -> Self:
        return self._take(step(self.dialogue, event))

    def _take(self, turn) -> Self:
        self.forgotten = turn.forget
        self.dialogue = Dialogue() if turn.forget else turn.dialogue
        self.said += turn.replies
        self.last += turn.replies
        self.facts += turn.facts
        if buttons(turn.replies):
            self.screen = self.last
        if turn.request is None:
            return self
        self.requests.append(turn.request)
        self.waiting = turn.request
        return self if self.patient else self._fulfil(turn.request)

    def _fulfil(self, request: Request) -> Self:
        self.waiting = None
        return self._apply(self.shop.fulfil(request, self._now()))

    def _now(self) -> datetime:
        self.seconds += 1
        return START + timedelta(seconds=self.seconds)

    def _id(self) -> str:
        return f"event-{self.seconds}"


def _labelled(among: Iterable[Button], label: str, about: str) -> list[Button]:
    return [
        button
        for button in among
        if button.label.removeprefix(texts.CHOSEN) == label.removeprefix(texts.CHOSEN)
        and about in ("", button.about)
    ]


# --- the path in strides ------------------------------------------------------------------------


def of_age(chat: Chat | None = None) -> Chat:
    """Before the consent."""
    return (chat or Chat()).says("/start").presses("만 14세 이상이에요")


def agreed(chat: Chat | None = None) -> Chat:
    """At the menu, with consent."""
    return of_age(chat).presses("동의하고 시작")


def refused(chat: Chat | None = None) -> Chat:
    return of_age(chat).presses("동의 안 함")


def reviewing(chat: Chat | None = None) -> Chat:
    """At the survey's summary: 20대, 여성, 건성, 홍조, avoiding 향료."""
    chat = agreed(chat).presses("추천 받기").presses("20대").presses("여성").presses("건성")
    chat.presses("홍조").presses("선택 완료").says("향료").presses("선택 완료")
    return chat.presses("건너뛰기")


def picking(chat: Chat | None = None) -> Chat:
    """In the picker, with a saved profile."""
    return reviewing(chat).presses("이대로 저장")


def recommended(chat: Chat | None = None) -> Chat:
    """Before three cards, after two picks."""
    chat = picking(chat).presses("달빛 수분 크림").presses("달빛 진정 토너")
    return chat.presses("선택 완료")
