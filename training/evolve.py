"""Evol-Instruct: questions made harder and broader, answered from what the shop shows for them.

    python -m training.evolve --teacher URL --teacher-model NAME \
        --seed data/seed/consultations.jsonl --held-out .llm/data/questions.jsonl \
        --out .llm/data/evolved.jsonl [--judge URL --judge-model NAME] [--rounds 1] [--limit N]

After Xu et al., «WizardLM» (2023): in depth (a constraint, several concerns, a follow-up) and in
breadth (another question of the same field), by a teacher behind `LanguageModel`. The teacher's
answer is written from the passages and the prompt of serving, and is kept only where the rules,
the guards and, where one is given, the judge have nothing against it. Whatever the teacher says and
every try are kept as they come (`<out>.said.jsonl`, `<out>.tries.jsonl`): the same command goes on
after a kill, and asks nothing twice. `<out>` (conversations) and
`<out>.card.json` (shares, reasons of rejection) are written at the end. A row keeps its seed's
family, so that no idea lies on both sides of a split.

Exit status 0 done, 1 refused or no teacher, 2 wrong usage.
"""

import argparse
import asyncio
import json
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from engine.domain import Question, SkinProfile
from engine.errors import EngineError, ModelUnavailable
from engine.generation.checks.sentences import sentences
from engine.generation.evaluate import Unloaded
from engine.generation.model import Deadlines, ServerModel
from engine.generation.prompts import PROMPT_VERSION, Message, profile_line
from engine.settings import LanguageModelSettings
from training import judge
from training.asked import profile, questions
from training.automatic import REFUSALS, repetition
from training.cleaning import (
    Near,
    is_advertising,
    is_long,
    is_profane,
    is_short,
    is_unsafe,
    letters,
)
from training.ledger import Ledger
from training.rows import Conversation, read, write
from training.teacher import Dictated, Teacher
from training.together import together
from training.yardstick import Yardstick, opened

NO_TEACHER: Final = (
    "교사 모델이 있어야 해요. OpenAI 호환 서버의 주소와 모델 이름을 주세요: "
    "--teacher http://127.0.0.1:8000/v1 --teacher-model 이름 (7B보다 큰 한국어 모델을 권해요)"
)
COPIED: Final = 0.6
"""Jaccard of letter pairs from which a question is taken for one that is there."""
LIFTED: Final = 0.9
"""… and an answer for one of those before it."""
CITED: Final = re.compile(r"\[\d")
"""What cites is an answer."""
SHORTEST, LONGEST = 8, 200
"""Letters of a question."""
REPEATS: Final = 0.2
GOOD_ENOUGH: Final = 4
"""Of the judge's 1 to 5, in every criterion."""
QUESTIONS_WARM, ANSWERS_WARM = 0.8, 0.3
"""Temperatures."""


class Way(StrEnum):
    CONSTRAINT = "constraint"
    CONCERNS = "concerns"
    FOLLOW_UP = "follow_up"
    BREADTH = "breadth"


_RULES: Final = (
    "당신은 화장품 가게의 손님이 할 법한 질문을 짓는 사람이에요. 질문 하나만, 설명이나 따옴표 없이 "
    "한국어로 써요. 손님이 메신저에 치듯 자연스럽게, 150자 안으로 써요. 병을 진단하거나 치료해 "
    "달라는 질문, 실제 상표 이름은 쓰지 않아요. 주어진 질문을 그대로 옮기지 않아요."
)
_WAYS: Final = {
    Way.CONSTRAINT: "이 질문에 조건을 하나나 둘 더해 더 까다롭게 만들어 주세요. 예산, 용량, 피하는 "
    "성분, 쓰는 때와 계절, 향, 바르는 순서 같은 조건이 어울려요.",
    Way.CONCERNS: "이 질문의 손님에게 피부 고민이 둘이나 셋 함께 있게 해 주세요. 서로 부딪히는 "
    "고민이면 더 좋아요. 한 질문 안에 자연스럽게 담아요.",
    Way.FOLLOW_UP: "이 질문에 답을 들은 손님이 이어서 물을 질문을 만들어 주세요. 앞의 대화를 "
    "몰라도 뜻이 통하도록 제품이나 성분의 이름을 다시 말해요.",
    Way.BREADTH: "같은 화장품 가게에 올 만하지만 주제와 말투가 다른, 더 드문 질문을 새로 만들어 "
    "주세요.",
}


class Reason(StrEnum):
    """Why a try is not learned from."""

    FORM = "form"
    """The question is too short, too long, not Korean, or more than one line."""
    COPY = "copy"
    """The question resembles its seed, an earlier one or a held-out one."""
    SET_WORDS = "set words"
    """Nothing is shown for it: set words or no answer meet it."""
    EMPTY = "empty"
    REFUSED = "refused"
    """The answer only says that the data hold none."""
    LENGTH = "length"
    REPEATS = "repeats"
    ADVERTISING = "advertising"
    UNSAFE = "unsafe"
    GUARDS = "guards"
    """The guards would drop a sentence."""
    LIFTED = "lifted"
    """An earlier answer says the same."""
    JUDGE = "judge"


KOREAN: Final = {
    Reason.FORM: "질문의 꼴",
    Reason.COPY: "있던 질문과 닮음",
    Reason.SET_WORDS: "보여 줄 자료 없음",
    Reason.EMPTY: "빈 답",
    Reason.REFUSED: "모른다고만 함",
    Reason.LENGTH: "답의 길이",
    Reason.REPEATS: "되풀이",
    Reason.ADVERTISING: "광고·욕",
    Reason.UNSAFE: "해로운 권유",
    Reason.GUARDS: "자료가 받치지 않음",
    Reason.LIFTED: "있던 답과 닮음",
    Reason.JUDGE: "심판의 점수",
}


NOBODY: Final = SkinProfile()


@dataclass(frozen=True, slots=True)
class Seed:
    id: str
    family: str
    question: str
    profile: SkinProfile = NOBODY


@dataclass(frozen=True, slots=True)
class Try:
    """One seed made into another question one way."""

    key: str
    seed: Seed
    way: Way
    question: str = ""
    answer: str = ""
    prompt: tuple[Message, ...] = ()
    reason: Reason | None = None

    @property
    def row(self) -> dict[str, Any]:
        prompt = [{"role": one.role, "content": one.content} for one in self.prompt]
        return {
            "key": self.key,
            "seed": self.seed.id,
            "family": self.seed.family,
            "way": self.way.value,
            "question": self.question,
            "answer": self.answer,
            "prompt": prompt if self.reason is None else [],
            "reason": None if self.reason is None else self.reason.value,
        }


def seeds(path: Path) -> list[Seed]:
    """Rows `{"id", "family", "question", "profile"}`. Raises OSError, Unreadable."""
    return list(read(path, _seed))


def _seed(row: dict[str, Any]) -> Seed:
    return Seed(
        str(row["id"]),
        str(row["family"]),
        str(row["question"]),
        profile(row.get("profile") or {}),
    )


# --- one try ------------------------------------------------------------------------------------


class School:
    """A teacher, and what its work is held against."""

    def __init__(
        self,
        teacher: Teacher,
        shop: Yardstick,
        held_out: Sequence[str] = (),
        bench: judge.Bench | None = None,
    ) -> None:
        self._teacher = teacher
        self._shop = shop
        self._bench = bench
        self._asked = Near(map(letters, held_out), COPIED)
        self._answers = Near((), LIFTED)

    @property
    def name(self) -> str:
        return self._teacher.name

    def knows(self, question: str, answer: str = "") -> None:
        """Nothing that resembles them is kept from now on."""
        self._asked.add(letters(question))
        if answer:
            self._answers.add(letters(answer))

    async def tries(self, key: str, seed: Seed, way: Way) -> Try:
        """Raises ModelUnavailable, JudgeUnavailable, EngineError."""
        question = _one_line(
            await self._teacher.says(key, asks(seed, way, key), temperature=QUESTIONS_WARM)
        )
        made = Try(key, seed, way, question)
        if reason := self._against_question(seed, question):
            return _rejected(made, reason)
        asked = Question(question, seed.profile)
        prompt, passages = await self._shop.prompt(asked)
        if not passages:
            return _rejected(made, Reason.SET_WORDS)
        answer = await self._teacher.says(key, prompt, temperature=ANSWERS_WARM)
        made = Try(key, seed, way, question, answer, prompt)
        if reason := against_answer(answer) or self._lifted(answer):
            return _rejected(made, reason)
        if self._shop.guard.checked(answer, passages, question).dropped:
            return _rejected(made, Reason.GUARDS)
        if self._bench is not None:
            scores = await self._bench.scores(judge.Case(key, asked, passages), answer)
            if min(scores.values()) < GOOD_ENOUGH:
                return _rejected(made, Reason.JUDGE)
        if self._copied(question) or self._lifted(answer):
            return _rejected(made, Reason.COPY)  # another try came first meanwhile
        self.knows(question, answer)
        return made

    def _against_question(self, seed: Seed, question: str) -> Reason | None:
        hangul = sum("가" <= one <= "힣" for one in question)
        if not SHORTEST <= len(question) <= LONGEST or hangul * 2 < len(question):
            return Reason.FORM
        if CITED.search(question):
            return Reason.FORM
        alike = Near([letters(seed.question)], COPIED).holds(letters(question))
        return Reason.COPY if alike or self._copied(question) else None

    def _copied(self, question: str) -> bool:
        return self._asked.holds(letters(question))

    def _lifted(self, answer: str) -> Reason | None:
        return Reason.LIFTED if self._answers.holds(letters(answer)) else None


def asks(seed: Seed, way: Way, key: str) -> tuple[Message, ...]:
    """What the teacher is told; the key's round asks for another one than before."""
    again = "" if key.endswith("#0") else "\n\n먼저 떠오르는 것과는 다른 질문을 지어 주세요."
    told = f"손님: {profile_line(seed.profile)}\n질문: {seed.question}\n\n{_WAYS[way]}{again}"
    return (Message("system", _RULES), Message("user", told))


def against_answer(answer: str) -> Reason | None:
    """What rules have against it, whatever was shown."""
    found = sentences(answer, finished=True)
    if not found:
        return Reason.EMPTY
    if all(REFUSALS.search(one.text) for one in found):
        return Reason.REFUSED
    if is_short(answer) or is_long(answer) or not 2 <= len(found) <= 6:
        return Reason.LENGTH
    if repetition(answer) > REPEATS:
        return Reason.REPEATS
    if is_advertising(answer) or is_profane(answer):
        return Reason.ADVERTISING
    return Reason.UNSAFE if is_unsafe(answer) else None


def _rejected(made: Try, reason: Reason) -> Try:
    return Try(made.key, made.seed, made.way, made.question, made.answer, made.prompt, reason)


def _one_line(text: str) -> str:
    """Without the quotes and the label that models like to put around it."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    first = lines[0] if lines else ""
    return first.removeprefix("질문:").strip().strip("\"'«»“”").strip()


# --- all of them --------------------------------------------------------------------------------


async def evolve(
    school: School, found: Sequence[Seed], kept: Ledger, rounds: int = 1, at_once: int = 4
) -> None:
    """Every seed in every way, so many times; what was tried is not tried again.

    Raises ModelUnavailable, JudgeUnavailable, EngineError.
    """
    for row in kept:
        if row["reason"] is None:
            school.knows(row["question"], row["answer"])
    wanted = [
        (key, seed, way)
        for number in range(rounds)
        for seed in found
        for way in Way
        if kept.find(key := f"{seed.id}/{way}#{number}") is None
    ]
    gate = asyncio.Semaphore(at_once)

    async def tried(key: str, seed: Seed, way: Way) -> None:
        async with gate:
            kept.add((await school.tries(key, seed, way)).row)
        if len(kept) % 20 == 0:
            sys.stderr.write(f"{len(kept)}번 지어 {len(rows_of(kept))}개를 남겼어요\n")

    await together(*(tried(*one) for one in wanted))


def rows_of(kept: Ledger) -> list[Conversation]:
    """What stands, in the order of the keys: the same tries make the same file."""
    return [
        Conversation(
            f"e{sha256(row['key'].encode()).hexdigest()[:10]}",
            row["family"],
            "evolved",
            (*(Message(**one) for one in row["prompt"]), Message("assistant", row["answer"])),
        )
        for row in sorted(kept, key=lambda one: str(one["key"]))
        if row["reason"] is None
    ]


def card(kept: Ledger, teacher: str, judged: str, out: Path) -> dict[str, Any]:
    """How much was kept, by way, and why the rest was not."""
    rows = list(kept)
    stands = [one for one in rows if one["reason"] is None]
    reasons = Counter(str(one["reason"]) for one in rows if one["reason"])
    return {
        "teacher": teacher,
        "judge": judged or None,
        "prompt_version": PROMPT_VERSION,
        "tries": len(rows),
        "kept": len(stands),
        "share": round(len(stands) / len(rows), 4) if rows else 0.0,
        "kept_by_way": {way.value: sum(one["way"] == way for one in stands) for way in Way},
        "rejected": dict(reasons.most_common()),
        "sha256": sha256(out.read_bytes()).hexdigest(),
    }


def told(found: Mapping[str, Any]) -> str:
    lines = [f"{found['tries']}번 지어 {found['kept']}개를 남겼어요({100 * found['share']:.0f} %)."]
    lines += [f"- {KOREAN[Reason(name)]}: {n}" for name, n in found["rejected"].items()]
    if not found["judge"]:
        lines.append("심판 모델 없이 규칙과 가드로만 걸렀어요.")
    return "\n".join(lines) + "\n"


# --- the command --------------------------------------------------------------------------------


async def _run(chosen: argparse.Namespace) -> dict[str, Any]:
    found = seeds(chosen.seed)[: chosen.limit]
    if not found:
        raise ValueError(f"{chosen.seed}: 씨앗 질문이 없어요")
    held_out = [one.question.text for one in questions(chosen.held_out)]
    async with AsyncExitStack() as stack:
        kept = stack.enter_context(Ledger(_beside(chosen.out, "tries.jsonl"), _key))
        settings = LanguageModelSettings(
            chosen.teacher, chosen.teacher_model, api_key=_secret(chosen), at_once=chosen.at_once
        )
        teacher = ServerModel(settings, Deadlines(10.0, chosen.patience, chosen.patience))
        stack.push_async_callback(teacher.close)
        if not await teacher.alive():
            raise ModelUnavailable(f"교사 서버 {chosen.teacher}가 답하지 않아요")
        bench = None
        if chosen.judge:
            server = judge.JudgeServer(chosen.judge, chosen.judge_model, patience=chosen.patience)
            stack.push_async_callback(server.close)
            spoken = stack.enter_context(Ledger(_beside(chosen.out, "verdicts.jsonl"), _key))
            bench = judge.Bench(server, spoken, chosen.at_once)
        shop = await stack.enter_async_context(opened(chosen.artifacts, chosen.tables))
        spelt = stack.enter_context(Ledger(_beside(chosen.out, "said.jsonl"), _key))
        school = School(Dictated(teacher, spelt), shop, held_out, bench)
        await evolve(school, found, kept, chosen.rounds, chosen.at_once)
        rows = rows_of(kept)
        if not rows:
            raise ValueError(f"남은 것이 하나도 없어요. {told(_rejections(kept))}")
        write(chosen.out, rows)
        made = card(kept, school.name, chosen.judge_model or "", chosen.out)
        made["catalogue"] = shop.catalogue
    text = json.dumps(made, ensure_ascii=False, indent=2)
    _beside(chosen.out, "card.json").write_text(f"{text}\n", encoding="utf-8")
    return made


def _rejections(kept: Ledger) -> dict[str, Any]:
    reasons = Counter(str(one["reason"]) for one in kept if one["reason"])
    return {
        "tries": len(kept), "kept": 0, "share": 0.0, "judge": True,
        "rejected": dict(reasons.most_common()),
    }  # fmt: skip


def _key(row: Mapping[str, Any]) -> str:
    return str(row["key"])


def _beside(out: Path, ending: str) -> Path:
    return out.with_name(f"{out.stem}.{ending}")


def _secret(chosen: argparse.Namespace) -> str | None:
    if chosen.teacher_key is None:
        return None
    return str(chosen.teacher_key.read_text(encoding="utf-8").strip())


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if not chosen.teacher or not chosen.teacher_model:
        sys.stderr.write(f"{NO_TEACHER}\n")
        return 1
    if bool(chosen.judge) != bool(chosen.judge_model):
        parser.error("--judge와 --judge-model은 함께 주세요")
    try:
        sys.stdout.write(told(asyncio.run(_run(chosen))))
    except ModelUnavailable as error:
        sys.stderr.write(f"{error}. 교사 서버를 켠 뒤 같은 명령을 다시 실행하면 이어서 해요.\n")
        return 1
    except (OSError, ValueError, LookupError, Unloaded, EngineError, judge.JudgeUnavailable) as no:
        sys.stderr.write(f"{no}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("멈췄어요. 같은 명령을 다시 실행하면 이어서 해요.\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    seed = Path("data/seed")
    parser = argparse.ArgumentParser(prog="python -m training.evolve")
    parser.add_argument("--teacher", metavar="URL", help="교사 모델의 OpenAI 호환 서버 /v1")
    parser.add_argument("--teacher-model", metavar="NAME")
    parser.add_argument("--teacher-key", type=Path, metavar="FILE", help="키가 적힌 파일")
    parser.add_argument("--seed", type=Path, default=seed / "consultations.jsonl")
    parser.add_argument("--held-out", type=Path, default=Path(".llm/data/questions.jsonl"))
    parser.add_argument("--out", type=Path, default=Path(".llm/data/evolved.jsonl"))
    parser.add_argument("--artifacts", type=Path, help="열어 볼 불러오기 (없으면 새로 불러와요)")
    parser.add_argument("--tables", type=Path, default=seed, help="새로 불러올 표가 있는 폴더")
    parser.add_argument("--judge", metavar="URL")
    parser.add_argument("--judge-model", metavar="NAME")
    parser.add_argument("--rounds", type=int, default=1, help="질문마다 네 갈래를 몇 번씩")
    parser.add_argument("--limit", type=int, help="씨앗 질문을 앞에서 이만큼만")
    parser.add_argument("--at-once", type=int, default=4, help="한 번에 묻는 수")
    parser.add_argument("--patience", type=float, default=300.0, help="답 하나를 기다리는 초")
    return parser


if __name__ == "__main__":
    sys.exit(main())
