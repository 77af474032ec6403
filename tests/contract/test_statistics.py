"""The shop's figures, its counted links and its audit, on every store."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from bot.conversation import Remembered
from bot.dialogue.model import ConsentDecided, ConsentWithdrawn, Dialogue, Milestone, Noted, Turn
from bot.memory import StoredMemory
from engine.domain import AgeBand, Concern, Gender, Person, SkinProfile, SkinType
from engine.figures import Figures, Followed, Liked, Stage, Verdict
from engine.store.audit import Audit
from engine.store.audit import Noted as Done
from engine.store.catalogue import Catalogue
from engine.store.database import Database
from engine.store.links import Links
from engine.store.people import Keeping, People
from engine.store.statistics import Statistics, period
from engine.store.tables import ClickRow, LinkRow, MilestoneRow
from tests import builders
from tests.builders import NOON, frames, product_row

DAY = timedelta(days=1)
LONG_AGO = NOON - 60 * DAY
PROFILE = SkinProfile(AgeBand.TWENTIES, Gender.FEMALE, SkinType.DRY, (Concern.PORES,))


def someone(number: int) -> Person:
    return builders.person(id=f"visitor-{number}")


async def keep(people: People, number: int, *does, at: datetime = NOON) -> None:
    """A person of this number comes at `at` and does these."""
    async with people.keeping(someone(number), at=at, event=None, expected=0) as keeping:
        await keeping.state("{}")
        for each in does:
            await each(keeping, at)


def surveyed(profile: SkinProfile = PROFILE):
    async def does(keeping: Keeping, at: datetime) -> None:
        await keeping.profile(profile, at)

    return does


def likes(product: int, rating: float = 5.0):
    async def does(keeping: Keeping, at: datetime) -> None:
        await keeping.like(product, rating, at)

    return does


def notes(milestone: Milestone, detail: str = "", *, known: bool = True):
    async def does(keeping: Keeping, at: datetime) -> None:
        await keeping.note(milestone.value, detail, at, known=known)

    return does


def thumbs(good: bool, product: int | None = None, answer: int | None = None, why: str = ""):
    async def does(keeping: Keeping, at: datetime) -> None:
        await keeping.feedback(good, product, answer, at, why)

    return does


async def asks(keeping: Keeping, at: datetime) -> None:
    await keeping.answer(1, "질문", builders.answer(), at)


@pytest.fixture
async def product(catalogue: Catalogue) -> int:
    await catalogue.replace(builders.load(), *frames([product_row("p001", name="이슬 크림")]))
    return (await catalogue.ids_by_key())["p001"]


@pytest.fixture
def statistics(database: Database) -> Statistics:
    return Statistics(database)


class TestSurvey:
    async def test_before_anybody_came_there_is_nothing(self, statistics: Statistics):
        figures = await statistics.gather(None, NOON)
        assert figures.empty
        assert len(figures.weeks) == 12

    async def test_answers_are_counted_and_crossed(self, people: People, statistics: Statistics):
        await keep(people, 1, surveyed())
        await keep(people, 2, surveyed())
        both = SkinProfile(None, Gender.MALE, SkinType.OILY, (Concern.PORES, Concern.ACNE))
        await keep(people, 3, surveyed(both))
        survey = (await statistics.gather(None, NOON)).survey
        assert survey.people == 3
        assert dict(survey.skin_types)["건성"] == 2
        assert dict(survey.age_bands) == dict.fromkeys(AgeBand, 0) | {"20대": 2}
        assert dict(survey.genders)["남성"] == 1
        assert dict(survey.concerns)["모공"] == 3
        assert dict(dict(survey.by_concern)["지성"])["여드름"] == 1
        assert dict(dict(survey.by_age)["건성"])["20대"] == 2

    async def test_what_was_answered_before_the_period_is_not_in_it(
        self, people: People, statistics: Statistics
    ):
        await keep(people, 1, surveyed(), at=LONG_AGO)
        await keep(people, 2, surveyed())
        assert (await statistics.gather(30, NOON)).survey.people == 1
        assert (await statistics.gather(None, NOON)).survey.people == 2

    def test_a_period_begins_at_midnight_in_seoul_and_has_today_in_it(self):
        late = datetime(2026, 3, 2, 16, tzinfo=UTC)  # the 3rd in Seoul
        assert period(1, late) == datetime(2026, 3, 2, 15, tzinfo=UTC)
        assert period(7, late) == datetime(2026, 2, 24, 15, tzinfo=UTC)


class TestFunnel:
    async def test_each_stage_counts_people_once(
        self, people: People, product: int, statistics: Statistics, database: Database
    ):
        shown = notes(Milestone.RECOMMENDED)
        await keep(people, 1)
        await keep(people, 2, notes(Milestone.CONSENTED))
        await keep(people, 3, notes(Milestone.CONSENTED), surveyed(), shown, shown)
        await keep(people, 4, surveyed(), likes(product))
        link = await Links(database).address_of("product 1", "https://shop.example/1")
        await Links(database).follow(link, NOON)
        funnel = (await statistics.gather(30, NOON)).funnel
        assert funnel == (
            (Stage.ARRIVED, 4),
            (Stage.CONSENTED, 3),
            (Stage.SURVEYED, 2),
            (Stage.PICKED, 1),
            (Stage.RECOMMENDED, 1),
            (Stage.CLICKED, 1),
        )

    async def test_it_follows_those_who_came_in_the_period(
        self, people: People, statistics: Statistics
    ):
        await keep(people, 1, surveyed(), at=LONG_AGO)
        funnel = dict((await statistics.gather(30, NOON)).funnel)
        assert (funnel[Stage.ARRIVED], funnel[Stage.SURVEYED]) == (0, 0)


class TestWeeks:
    async def test_a_week_begins_on_monday_in_seoul(self, people: People, statistics: Statistics):
        sunday = datetime(2026, 3, 1, 14, 59, tzinfo=UTC)  # 23:59 in Seoul
        await keep(people, 1, asks, at=sunday)
        await keep(people, 2, at=sunday + timedelta(minutes=1))
        *_, before, now = (await statistics.gather(7, NOON)).weeks
        assert (before.monday, now.monday) == (date(2026, 2, 23), date(2026, 3, 2))
        assert (before.arrived, before.asked, now.arrived, now.asked) == (1, 1, 1, 0)

    async def test_recommendations_are_counted_each_time(
        self, people: People, statistics: Statistics
    ):
        shown = notes(Milestone.RECOMMENDED)
        await keep(people, 1, shown, shown)
        assert (await statistics.gather(7, NOON)).weeks[-1].recommended == 2


class TestLists:
    async def test_a_favourite_is_liked_by_five_or_more_of_a_skin_type(
        self, people: People, product: int, statistics: Statistics
    ):
        for number in range(4):
            await keep(people, number, surveyed(), likes(product))
        await keep(people, 8, surveyed(), likes(product, 3.0))
        assert (await statistics.gather(None, NOON)).favourites == ()
        await keep(people, 9, surveyed(), likes(product))
        favourites = (await statistics.gather(None, NOON)).favourites
        assert favourites == (("건성", (Liked("새벽숲 이슬 크림", 5),)),)

    async def test_what_one_person_alone_searched_for_is_not_told(
        self, people: People, statistics: Statistics
    ):
        mine = notes(Milestone.SEARCHED_IN_VAIN, "나만의 비밀")
        common = notes(Milestone.SEARCHED_IN_VAIN, "달팽이 크림")
        await keep(people, 1, mine, mine, common)
        await keep(people, 2, common)
        assert (await statistics.gather(None, NOON)).in_vain == (("달팽이 크림", 2),)

    async def test_thumbs_are_told_by_product_and_for_answers(
        self, people: People, product: int, statistics: Statistics
    ):
        await keep(people, 1, thumbs(True, product=product), thumbs(False, answer=1))
        await keep(people, 2, thumbs(False, product=product), thumbs(False, answer=1))
        figures = await statistics.gather(None, NOON)
        assert figures.products == (Verdict("새벽숲 이슬 크림", 1, 1),)
        assert figures.answers == Verdict("", 0, 2)

    async def test_reasons_are_of_answers_that_were_no_good(
        self, people: People, product: int, statistics: Statistics
    ):
        await keep(people, 1, thumbs(False, answer=1), thumbs(False, answer=2, why="long"))
        await keep(people, 2, thumbs(False, answer=1, why="long"), thumbs(True, answer=2))
        await keep(people, 3, thumbs(False, product=product), thumbs(False, answer=1, why="wrong"))
        figures = await statistics.gather(None, NOON)
        assert figures.reasons == (("long", 2), ("", 1), ("wrong", 1))
        assert sum(count or 0 for _, count in figures.reasons) == figures.answers.bad

    async def test_a_reason_before_the_period_is_not_in_it(
        self, people: People, statistics: Statistics
    ):
        await keep(people, 1, thumbs(False, answer=1, why="long"))
        assert (await statistics.gather(7, NOON)).reasons == (("long", 1),)
        assert (await statistics.gather(7, NOON + timedelta(days=8))).reasons == ()

    async def test_campaigns_are_counted_by_name(self, people: People, statistics: Statistics):
        for number, name in enumerate(("spring", "", "spring", "autumn")):
            await keep(people, number, notes(Milestone.ARRIVED, name, known=False))
        figures = await statistics.gather(None, NOON)
        assert figures.campaigns == (("spring", 2), ("autumn", 1))

    async def test_the_most_followed_link_is_first_and_bears_its_products_name(
        self, database: Database, product: int, statistics: Statistics
    ):
        links = Links(database)
        first = await links.address_of(f"product {product}", "https://shop.example/p001")
        second = await links.address_of("broadcast 3", "https://shop.example/sale")
        for link, at in ((first, NOON), (first, NOON - DAY), (second, NOON), (second, LONG_AGO)):
            await links.follow(link, at)
        figures = await statistics.gather(30, NOON)
        assert figures.links == (
            Followed(f"product {product}", "새벽숲 이슬 크림", "https://shop.example/p001", 2),
            Followed("broadcast 3", "", "https://shop.example/sale", 1),
        )
        assert dict(figures.funnel)[Stage.CLICKED] == 3


class TestMilestones:
    """What the memory writes; by name only of those who agreed."""

    async def named(self, database: Database) -> list[tuple[str, bool]]:
        query = select(MilestoneRow.name, MilestoneRow.person_id.is_not(None))
        async with database.read() as connection:
            rows = await connection.execute(query.order_by(MilestoneRow.id))
            return [(name, bool(known)) for name, known in rows]

    async def keep(self, people: People, agreed: bool, *facts) -> None:
        turn = Turn(Dialogue(old_enough=True, agreed=agreed), facts=facts)
        memory = StoredMemory(people)
        remembered = await memory.recall(someone(1), fresh=True)
        await memory.keep(someone(1), Remembered(turn.dialogue, remembered.version), turn, None)

    async def test_a_stranger_is_counted_without_a_name(self, people: People, database: Database):
        await self.keep(people, False, Noted(NOON, Milestone.SEARCHED_IN_VAIN, "달팽이"))
        assert await self.named(database) == [("searched_in_vain", False)]

    async def test_who_agrees_is_counted_by_name(self, people: People, database: Database):
        await self.keep(people, True, ConsentDecided(NOON, True, "1", "동의문"))
        assert await self.named(database) == [("consented", True)]

    async def test_who_refuses_did_not_consent(self, people: People, database: Database):
        await self.keep(people, False, ConsentDecided(NOON, False, "1", "동의문"))
        assert await self.named(database) == []

    async def test_a_withdrawal_leaves_no_name(self, people: People, database: Database):
        await self.keep(people, True, Noted(NOON, Milestone.RECOMMENDED))
        await self.keep(people, False, ConsentWithdrawn(NOON))
        assert ("recommended", True) not in await self.named(database)


class TestLinks:
    async def test_the_same_link_has_one_id_in_every_process(self, database: Database):
        first = await Links(database).address_of("product 1", "https://shop.example/1")
        assert await Links(database).address_of("product 1", "https://shop.example/1") == first
        assert await Links(database).address_of("broadcast 1", "https://shop.example/1") != first

    async def test_clicks_of_one_day_of_seoul_are_one_row(self, database: Database):
        links = Links(database)
        link = await links.address_of("product 1", "https://shop.example/1")
        evening = datetime(2026, 3, 2, 14, 59, tzinfo=UTC)
        for at in (evening, evening, evening + timedelta(minutes=1)):
            assert await links.follow(link, at) == "https://shop.example/1"
        async with database.read() as connection:
            rows = await connection.execute(
                select(ClickRow.day, ClickRow.count).order_by(ClickRow.day)
            )
            assert [tuple(row) for row in rows] == [(date(2026, 3, 2), 2), (date(2026, 3, 3), 1)]

    @pytest.mark.parametrize("link", [0, 1, 10**10, -1])
    async def test_an_unknown_id_leads_nowhere(self, database: Database, link: int):
        assert await Links(database).follow(link, NOON) is None
        assert await Links(database).address(link) is None

    async def test_looking_where_it_leads_counts_nothing(self, database: Database):
        links = Links(database)
        link = await links.address_of("product 1", "https://shop.example/1")
        assert await links.address(link) == "https://shop.example/1"
        async with database.read() as connection:
            clicks = await connection.execute(select(func.count()).select_from(ClickRow))
            assert clicks.scalar_one() == 0

    @pytest.mark.parametrize(
        "url",
        [
            "javascript:alert(1)",
            "//shop.example",
            "/here",
            "ftp://shop.example",
            "https://",
            "https://shop.example/\r\nSet-Cookie: a=b",
            "http://[",
        ],
    )
    async def test_only_a_web_address_is_a_link(self, database: Database, url: str):
        with pytest.raises(ValueError, match="http"):
            await Links(database).address_of("product 1", url)

    async def test_an_address_that_was_changed_in_the_store_is_not_followed(
        self, database: Database
    ):
        links = Links(database)
        link = await links.address_of("product 1", "https://shop.example/1")
        async with database.begin() as connection:
            await connection.execute(update(LinkRow).values(url="javascript:alert(1)"))
        assert await links.follow(link, NOON) is None


async def test_the_audit_tells_who_did_what_and_when_the_last_first(database: Database):
    audit = Audit(database)
    await audit.note("page", "login", "", NOON)
    await audit.note("telegram 7", "statistics", "30 days", NOON + DAY)
    assert await audit.latest(1) == (Done(NOON + DAY, "telegram 7", "statistics", "30 days"),)
    assert [each.what for each in await audit.latest(9)] == ["statistics", "login"]


async def test_figures_are_of_the_moment_that_was_asked_for(statistics: Statistics):
    assert await statistics.gather(7, NOON) == Figures(
        NOON,
        7,
        (await statistics.gather(7, NOON)).survey,
        tuple((stage, 0) for stage in Stage),
        (await statistics.gather(7, NOON)).weeks,
    )
