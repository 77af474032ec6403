"""What answers are measured against: the shop's names, guards, documents, composed answers."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from engine.domain import Answer, DocumentKind, Passage, Question, Talk, Writer
from engine.engine import Engine
from engine.generation.checks.names import Known
from engine.generation.consult import Consultant
from engine.generation.evaluate import _hybrid, _url, shop
from engine.generation.guard import Guard
from engine.generation.prompts import Message
from engine.settings import EngineSettings
from engine.store.database import Database
from training.shop import Shop, catalogue_of


@dataclass(frozen=True, slots=True)
class Written:
    text: str
    passages: tuple[Passage, ...] = ()
    """What its numbers mean."""
    refused: bool = False
    """Set words: the guards let nobody answer."""


class Yardstick(Protocol):
    @property
    def known(self) -> Known: ...

    @property
    def guard(self) -> Guard: ...

    def passages(self, ids: Iterable[str]) -> tuple[Passage, ...]:
        """Raises LookupError for a document that is not there."""
        ...

    async def composed(self, question: Question, turns: Sequence[str] = ()) -> Written:
        """`turns`: what was said before, oldest first."""
        ...

    async def prompt(self, question: Question) -> tuple[tuple[Message, ...], tuple[Passage, ...]]:
        """What a model would be sent and shown; nothing where set words meet the question."""
        ...


@asynccontextmanager
async def opened(artifacts: Path | None, tables: Path) -> AsyncIterator["Loaded"]:
    """The load in `artifacts`, else a fresh one of the tables.

    Raises EngineError, Unloaded, LookupError where nothing is loaded.
    """
    async with AsyncExitStack() as stack:
        if artifacts is None:
            artifacts = await stack.enter_async_context(shop(tables))
        database = await Database.open(_url(artifacts))
        stack.push_async_callback(database.close)
        engine = await Engine.open(EngineSettings(artifacts), database)
        stack.push_async_callback(engine.close)
        if engine.consultant is None or engine.load is None:
            raise LookupError(f"{artifacts}: 불러온 자료가 없어요: python -m ingest load")
        told = catalogue_of(artifacts, engine.load)
        yield Loaded(engine, engine.consultant, engine.load.digest, told)


class Loaded:
    """One opened engine without a model."""

    def __init__(
        self, engine: Engine, consultant: Consultant, load: str, catalogue: Mapping[str, Any]
    ) -> None:
        """`load`: the digest of what was loaded; `catalogue`: what a card tells of it."""
        self.catalogue = dict(catalogue)
        self._engine = engine
        self._consultant = consultant
        self._shop = Shop(consultant, load)
        documents = _hybrid(consultant).index.documents
        self.known = Known.of_metadata(one.metadata for one in documents)
        self._about = {
            (one.metadata["kind"], one.metadata["title"]): str(one.metadata["key"])
            for one in documents
        }

    @property
    def guard(self) -> Guard:
        return self._consultant.judge

    def passages(self, ids: Iterable[str]) -> tuple[Passage, ...]:
        return tuple(self._passage(*id.split(":", 1)) for id in ids)

    async def composed(self, question: Question, turns: Sequence[str] = ()) -> Written:
        talk = Talk()
        for turn in turns:
            talk = (await self._answer(replace(question, text=turn, talk=talk))).talk
        return self._written(await self._answer(replace(question, talk=talk)))

    async def prompt(self, question: Question) -> tuple[tuple[Message, ...], tuple[Passage, ...]]:
        served = await self._shop.ask((), question)
        return served.prompt, served.passages

    async def _answer(self, question: Question) -> Answer:
        async with aclosing(self._engine.consult(question)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Answer):
                    return piece
        raise RuntimeError("a consultation ended without an answer")

    def _written(self, answer: Answer) -> Written:
        """Without the closing line, which says who wrote it and answers nothing."""
        if answer.writer is Writer.GUARD:
            return Written(answer.text, refused=True)
        cited = tuple(
            self._passage(one.kind.value, self._about[one.kind.value, one.title])
            for one in sorted(answer.sources, key=lambda one: one.number)
        )
        return Written(answer.text.split("\n\n", 1)[0], cited)

    def _passage(self, kind: str, key: str) -> Passage:
        found = _hybrid(self._consultant).about(key, DocumentKind(kind))
        if found is None:
            raise LookupError(f"자료에 «{kind}:{key}» 문서가 없어요")
        return found
