"""A turn of the wheel with real files: what it waits for, where it goes on, who answers then."""

import hashlib
import json
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.generation.prompts import Message
from engine.generation.registry import Card, Decision, Ruling, card, decisions
from training.alone import Busy, alone
from training.automatic import Better, Measure
from training.cleaning import split_of
from training.programs import Compared, Failed, Programs, compared
from training.registry import Registry, trail
from training.rows import Preference, preferences, write
from training.table import Table
from training.wheel import Refused, Round, Wheel, judged, rounds

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HELD_OUT = "건성 피부에 순한 보습 크림 추천해 주세요"
BETTER = Compared((), ("자료가 받치는 문장이 늘었어요.",), "자료가 받치는 문장 71%")
WORSE = Compared(("있는 제품만 말하는 비율이 떨어졌어요.",), ("되풀이가 줄었어요.",), "되풀이 3%")


def choice(number: int, source: str = "feedback", asks: str = "") -> Preference:
    said = f"자료:\n\n[1] 크림\n\n질문: {asks or f'{source} {number}번 손님의 물음'}"
    return Preference(
        f"{source}{number}",
        f"{source}{number}",
        source,
        (Message("user", said),),
        f"{number}번의 고른 답",
        f"{number}번의 다른 답",
    )


@dataclass
class Bench:
    """The commands without a model: files in, files out."""

    home: Path
    given: list[Preference]
    compared: Compared = BETTER
    asked: list[str] = field(default_factory=list)
    breaks: set[str] = field(default_factory=set)
    """Steps that die before they are done."""
    trained_on: list[Preference] = field(default_factory=list)
    pairs: list[tuple[str, str]] = field(default_factory=list)

    def collect(self, out: Path) -> None:
        self._begins("collect")
        write(out, self.given)

    def train(self, parent: str, adapter: str, folder: Path) -> None:
        self._begins(f"train {parent}")
        self.trained_on = preferences(folder / "preferences.train.jsonl")
        finished(self.home, adapter)

    def compare(self, url: str, serving: str, adapter: str, folder: Path) -> Compared:
        self._begins("compare")
        self.pairs.append((serving, adapter))
        return self.compared

    def _begins(self, step: str) -> None:
        self.asked.append(step)
        if step.split(maxsplit=1)[0] in self.breaks:
            raise Failed(f"{step}: broken off")


@dataclass
class Hall:
    """A server in memory, and the store's choice."""

    made: str | None = None
    loaded: list[str] = field(default_factory=list)

    async def chosen(self) -> str | None:
        return self.made

    @asynccontextmanager
    async def asked_at(self, adapters: Sequence[str]) -> AsyncIterator[str]:
        self.loaded += [one for one in adapters if one not in self.loaded]
        yield "http://127.0.0.1:1/v1"

    async def promote(self, adapter: str, at: datetime) -> None:
        self.made = adapter

    async def withdraw(self, adapter: str) -> None:
        self.loaded.remove(adapter)


def finished(home: Path, adapter: str) -> None:
    folder = home / "adapters" / adapter
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "adapter_config.json").write_text('{"r": 8}')
    (folder / "manifest.json").write_text("{}")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write(tmp_path / "data" / "preferences.train.jsonl", [choice(1, "standing")])
    write(tmp_path / "data" / "preferences.eval.jsonl", [choice(2, "standing")])
    held_out = json.dumps({"question": HELD_OUT, "turns": [HELD_OUT]}, ensure_ascii=False)
    (tmp_path / "data" / "questions.jsonl").write_text(f"{held_out}\n", encoding="utf-8")
    finished(tmp_path, "sft")
    return tmp_path


Turning = Callable[..., Wheel]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def bench(home: Path) -> Bench:
    return Bench(home, [choice(number) for number in range(12)])


@pytest.fixture
def hall() -> Hall:
    return Hall()


@pytest.fixture
def wheel(home: Path, bench: Bench, hall: Hall, said: list[str]) -> Wheel:
    return Wheel(home, bench, hall, enough=10, now=lambda: NOON, say=said.append)


async def test_with_too_few_new_choices_it_says_how_many_are_missing_and_leaves_nothing(
    wheel: Wheel, bench: Bench, home: Path, said: list[str]
):
    bench.given = bench.given[:7]
    assert await wheel.turn() is None
    assert said[-1] == "새 선호가 7쌍이에요. 3쌍이 더 모이면 다시 배워요."
    assert bench.asked == ["collect"]
    assert not rounds(home / "wheel") and not decisions(home / "registry.jsonl")


async def test_a_better_adapter_answers_and_has_its_card_and_its_reasons(
    wheel: Wheel, bench: Bench, hall: Hall, home: Path
):
    assert await wheel.turn() is Ruling.SERVES
    assert bench.asked == ["collect", "train sft", "compare"]
    assert (hall.made, hall.loaded) == ("wheel-0001", ["wheel-0001"])
    told = card(home / "adapters" / "wheel-0001")
    rows = len(bench.trained_on)
    assert told == Card("wheel-0001", NOON, "sft", rows, 12, BETTER.figures)
    assert decisions(home / "registry.jsonl") == (
        Decision(NOON, Ruling.SERVES, "wheel-0001", "", BETTER.gains),
    )


async def test_it_learns_from_the_standing_rows_and_peoples_apart_from_the_held_out_families(
    wheel: Wheel, bench: Bench
):
    await wheel.turn()
    learnt = {one.id for one in bench.trained_on}
    there = {one.id for one in bench.given if split_of(one.family) == "train"}
    assert learnt == there | {"standing1"}
    assert there != {one.id for one in bench.given}


@pytest.mark.parametrize(
    ("compared", "why"),
    [(WORSE, WORSE.against), (Compared((), (), "–"), ("분명히 나아진 것이 없어요.",))],
)
async def test_what_is_not_better_or_less_safe_is_refused_and_leaves_the_server(
    wheel: Wheel, bench: Bench, hall: Hall, compared: Compared, why: tuple[str, ...]
):
    hall.made = "sft"
    bench.compared = compared
    assert await wheel.turn() is Ruling.REFUSED
    assert (hall.made, hall.loaded) == ("sft", ["sft"])
    assert bench.pairs == [("sft", "wheel-0001")]
    assert decisions(bench.home / "registry.jsonl") == (
        Decision(NOON, Ruling.REFUSED, "wheel-0001", "sft", why),
    )


@pytest.mark.parametrize("step", ["train", "compare"])
async def test_what_was_done_before_it_broke_off_is_not_done_again(
    wheel: Wheel, bench: Bench, home: Path, step: str
):
    bench.breaks = {step}
    with pytest.raises(Failed):
        await wheel.turn()
    before = list(bench.asked)
    bench.breaks, bench.asked = set(), []
    assert await wheel.turn() is Ruling.SERVES
    assert bench.asked[0] == before[-1]
    assert not set(bench.asked[1:]) & set(before)
    assert [one.number for one in rounds(home / "wheel")] == [1]


async def test_killed_between_the_decision_and_its_mark_it_is_written_once(
    wheel: Wheel, home: Path, bench: Bench
):
    await wheel.turn()
    here = rounds(home / "wheel")[0]
    for mark in ("serve", "end"):
        (here.folder / f"{mark}.json").unlink()
    bench.asked = []
    assert await wheel.turn() is Ruling.SERVES
    assert bench.asked == []
    assert len(decisions(home / "registry.jsonl")) == 1


async def test_the_next_turn_counts_new_choices_only_and_goes_on_from_who_answers(
    wheel: Wheel, bench: Bench, said: list[str]
):
    await wheel.turn()
    assert await wheel.turn() is None
    assert said[-1] == "새 선호가 0쌍이에요. 10쌍이 더 모이면 다시 배워요."
    bench.given += [choice(number) for number in range(12, 22)]
    assert await wheel.turn() is Ruling.SERVES
    assert bench.asked[-2:] == ["train wheel-0001", "compare"]
    assert bench.pairs[-1] == ("wheel-0001", "wheel-0002")


async def test_what_the_evaluation_asks_is_neither_counted_nor_learned(
    wheel: Wheel, bench: Bench, said: list[str]
):
    near = [choice(n, asks="건성 피부에 순한 보습크림 추천해 주세요!") for n in (20, 21, 22)]
    bench.given = [*bench.given[:9], *near]
    assert await wheel.turn() is None
    assert said[-1].startswith("새 선호가 9쌍이에요.")
    bench.given.append(choice(12))
    await wheel.turn()
    assert not {one.id for one in near} & {one.id for one in bench.trained_on}


async def test_who_withdrew_is_learned_from_no_more(wheel: Wheel, bench: Bench):
    await wheel.turn()
    gone = next(one for one in bench.given if split_of(one.family) == "train")
    bench.given.remove(gone)
    bench.given += [choice(number) for number in range(12, 22)]
    await wheel.turn()
    assert gone.id not in {one.id for one in bench.trained_on}


async def test_peoples_words_do_not_stay_when_the_turn_ends(wheel: Wheel, home: Path):
    await wheel.turn()
    left = [path for path in (home / "wheel").rglob("*") if path.is_file()]
    assert left
    assert not [path for path in left if "고른 답" in path.read_text(encoding="utf-8")]


async def test_a_refused_adapter_is_nobodys_parent_though_it_is_the_newest(
    wheel: Wheel, bench: Bench
):
    Registry(bench.home).describe(Card("sft", NOON.replace(day=1)))
    bench.compared = WORSE
    await wheel.turn()
    bench.given += [choice(number) for number in range(12, 22)]
    await wheel.turn()
    assert [one for one in bench.asked if one.startswith("train")] == ["train sft"] * 2


async def test_back_returns_to_the_one_before_and_once_more_to_the_one_before_that(
    wheel: Wheel, bench: Bench, hall: Hall, home: Path
):
    await wheel.turn()
    bench.given += [choice(number) for number in range(12, 22)]
    await wheel.turn()
    assert hall.made == "wheel-0002"
    assert await wheel.back() == hall.made == "wheel-0001"
    assert await wheel.back() == hall.made == ""
    with pytest.raises(Refused, match="되돌릴 결정이 없어요"):
        await wheel.back()
    assert [one.ruling for one in decisions(home / "registry.jsonl")[2:]] == [Ruling.BACK] * 2


async def test_back_to_an_adapter_that_is_gone_is_refused(wheel: Wheel, hall: Hall, home: Path):
    hall.made = "sft"
    await wheel.turn()
    (home / "adapters" / "sft" / "manifest.json").unlink()
    with pytest.raises(Refused, match="sft"):
        await wheel.back()
    assert hall.made == "wheel-0001"


async def test_the_plan_tells_and_changes_nothing(wheel: Wheel, home: Path, bench: Bench):
    before = _files(home)
    told = await wheel.plan()
    assert "새 선호 12쌍" in told[0] and "sft에서 이어서" in told[1] and "wheel-0001" in told[1]
    assert _files(home) == before
    bench.given = bench.given[:1]
    assert await wheel.plan() == ["새 선호가 1쌍이에요. 9쌍이 더 모이면 다시 배워요."]


async def test_the_plan_of_a_broken_turn_is_what_is_left_of_it(wheel: Wheel, bench: Bench):
    bench.breaks = {"compare"}
    with pytest.raises(Failed):
        await wheel.turn()
    (told,) = await wheel.plan()
    assert told.startswith("1번째 회전을 이어서") and "견주고" in told and "DPO" not in told


@pytest.mark.parametrize(
    ("missing", "command"),
    [
        ("data/preferences.train.jsonl", "training.conversations"),
        ("data/questions.jsonl", "training.conversations"),
        ("adapters/sft/manifest.json", "training.sft"),
    ],
)
async def test_what_is_missing_is_a_sentence_with_its_command(
    wheel: Wheel, home: Path, missing: str, command: str
):
    (home / missing).unlink()
    with pytest.raises(Refused, match=command):
        await wheel.turn()


def test_two_never_train_in_one_home(tmp_path: Path):
    with alone(tmp_path), pytest.raises(Busy, match="다른 학습"), alone(tmp_path):
        pass
    with alone(tmp_path):
        pass


def test_one_reason_against_outweighs_every_gain():
    assert judged(["위험해요."], ["나아졌어요."]) == (Ruling.REFUSED, ("위험해요.",))


def test_a_mark_is_whole_or_not_there(tmp_path: Path):
    here = Round(tmp_path / "0007")
    assert here.mark("join", {"rows": 3}) == here.done("join")
    (here.folder / "train.json").write_text('{"adapter": "whe')
    assert here.done("train") is None


def test_decisions_are_read_past_a_line_that_a_crash_cut_off(tmp_path: Path):
    registry = Registry(tmp_path)
    first = Decision(NOON, Ruling.SERVES, "a", "", ("더 나아요.",))
    second = Decision(NOON, Ruling.REFUSED, "b", "a", ("더 위험해요.",))
    registry.note(first)
    with (tmp_path / "registry.jsonl").open("a") as log:
        log.write('{"at": "2026-03')
    assert list(registry.decisions) == [first]
    registry.note(second)
    assert list(registry.decisions) == [first, second]


def test_the_trail_is_walked_back_and_refusals_leave_none():
    def made(ruling: Ruling, adapter: str, instead_of: str) -> Decision:
        return Decision(NOON, ruling, adapter, instead_of)

    story = [
        made(Ruling.SERVES, "a", "sft"),
        made(Ruling.REFUSED, "b", "a"),
        made(Ruling.SERVES, "c", "a"),
        made(Ruling.BACK, "a", "c"),
        made(Ruling.SERVES, "d", "a"),
    ]
    assert [trail(story[:number])[-1] for number in range(6)] == ["", "a", "a", "c", "a", "d"]
    assert trail(story) == ["sft", "a", "d"]


def test_an_adapter_that_only_its_trainer_described_has_a_day_and_a_parent(tmp_path: Path):
    finished(tmp_path, "dpo")
    manifest = {"method": "dpo", "config": {"adapter": ".llm/adapters/sft"}}
    (tmp_path / "adapters" / "dpo" / "manifest.json").write_text(json.dumps(manifest))
    told = card(tmp_path / "adapters" / "dpo")
    assert told is not None and (told.adapter, told.parent, told.rows) == ("dpo", "sft", 0)
    assert card(tmp_path / "adapters" / "none") is None


def test_versions_stand_in_the_order_they_were_made(tmp_path: Path):
    registry = Registry(tmp_path)
    for day, name in ((3, "c"), (1, "b"), (2, "a")):
        finished(tmp_path, name)
        registry.describe(Card(name, NOON.replace(day=day)))
    assert registry.finished() == ("b", "a", "c")


def _files(home: Path) -> dict[str, str]:
    return {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.rglob("*"))
        if path.is_file()
    }


def test_a_card_reads_back(tmp_path: Path):
    finished(tmp_path, "a")
    told = Card("a", NOON, "sft", 312, 58, "자료가 받치는 문장 71%")
    Registry(tmp_path).describe(told)
    assert card(tmp_path / "adapters" / "a") == told
    (tmp_path / "adapters" / "a" / "card.json").write_text(json.dumps({"adapter": "a"}))
    assert card(tmp_path / "adapters" / "a") != told


SAFE = Measure("exists", "있는 제품만 말함", safety=True)
SHORT = Measure("repetition", "되풀이", Better.LOWER)
LONG = Measure("letters", "글자 수", Better.NEITHER)


def table(new: float, old: float, measure: Measure, noise: float = 0.0) -> Table:
    """Forty questions; every other one swings by `noise`."""
    swing = [noise if number % 2 else -noise for number in range(40)]
    values = {"old": {measure.key: [old] * 40}, "new": {measure.key: [new + one for one in swing]}}
    ids = tuple(map(str, range(40)))
    return Table("old", ids, (measure,), values)


def test_a_clear_gain_is_a_sentence_with_both_figures():
    found = compared(table(0.1, 0.4, SHORT), "old", "new")
    assert found.against == ()
    assert found.gains == ("«되풀이»이 뚜렷하게 나아요: 0.400 → 0.100.",)
    assert found.figures == "되풀이 10%"


def test_what_may_be_chance_is_no_gain_and_no_loss():
    found = compared(table(0.38, 0.4, SHORT, noise=0.3), "old", "new")
    assert (found.against, found.gains) == ((), ())


def test_safety_worse_in_the_mean_alone_speaks_against_and_once():
    by_chance = compared(table(0.88, 0.9, SAFE, noise=0.3), "old", "new")
    clearly = compared(table(0.5, 0.9, SAFE), "old", "new")
    assert len(by_chance.against) == len(clearly.against) == 1
    assert "평균에서" in by_chance.against[0] and "뚜렷하게" in clearly.against[0]


def test_a_clear_loss_elsewhere_speaks_against():
    assert compared(table(0.4, 0.1, SHORT), "old", "new").against == (
        "«되풀이»이 뚜렷하게 못해요: 0.100 → 0.400.",
    )


def test_longer_is_neither_better_nor_worse():
    found = compared(table(200.0, 100.0, LONG), "old", "new")
    assert (found.against, found.gains) == ((), ())


def test_a_program_that_fails_is_named_with_its_command(tmp_path: Path):
    with alone(tmp_path) as lock:
        programs = Programs(
            tmp_path, Path(sys.executable), tmp_path / "none.yaml", "", tmp_path, lock
        )
        with pytest.raises(Failed, match=r"(?s)training\.dpo.*\$ .*out=\S+wheel-0001"):
            programs.train("sft", "wheel-0001", tmp_path)
