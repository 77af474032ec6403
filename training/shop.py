"""The loaded shop as training asks it: its documents, and the prompt that serving would send."""

import copy
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from engine.domain import Answer, DocumentKind, Load, Passage, Question, Talk, Writer
from engine.engine import Engine
from engine.generation.composed import CLOSING
from engine.generation.consult import Consultant, Consulted
from engine.generation.model import Queued
from engine.generation.prompts import Message, prompt
from engine.generation.unknown import Stock
from engine.parsing.instructions import disarmed
from engine.settings import EngineSettings
from engine.store.database import Database

_NUMBERED: Final = re.compile(r"(?:^자료:\n|\n\n)\[\d+\] ")
"""Before each passage of a prompt; within one no such mark is left (`parsing.instructions`)."""
_SILENCE: Final = " "
"""A piece that the guards leave nothing of: the composed answer stands then, and the trace."""
BARE_SYSTEM: Final = "당신은 화장품 상담사 뽀야미예요. 한국어 해요체로 짧고 다정하게 답해요."
"""Where no passages are shown; the rules about passages would make no sense there."""


class Gone(LookupError):
    """A document that the loaded shop does not have; says which."""


@dataclass(frozen=True, slots=True)
class Served:
    """What came of one question."""

    prompt: tuple[Message, ...]
    """As the model was sent it; empty where set words met the question."""
    passages: tuple[Passage, ...]
    """As the model was shown them, whole."""
    answer: Answer
    """The composed one, or the set words."""

    @property
    def composed(self) -> str:
        """The composed answer without the sentence that says it was composed."""
        if self.answer.writer is Writer.GUARD:
            return self.answer.text
        return self.answer.text.removesuffix(CLOSING).strip()

    @property
    def fitted(self) -> tuple[Passage, ...]:
        """As they stand in the prompt, cut to their room there."""
        shown = _NUMBERED.split(self.prompt[-1].content.partition("\n\n고객: ")[0])[1:]
        pairs = zip(self.passages, shown, strict=False)
        return tuple(replace(one, text=text) for one, text in pairs)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(id_of(one) for one in self.passages)


class Listener:
    """A language model that keeps what it is asked and says nothing."""

    name = "listener"

    def __init__(self) -> None:
        self.heard: tuple[Message, ...] = ()

    async def stream(
        self,
        prompt: Sequence[Message],
        *,
        temperature: float | None = None,
        patience: float | None = None,
    ) -> AsyncGenerator[str | Queued, None]:
        self.heard = tuple(prompt)
        yield _SILENCE

    async def choose(self, prompt: Sequence[Message], choices: Sequence[str]) -> str:
        return choices[0]

    async def close(self) -> None:
        return None


class Shop:
    """One opened engine; what it says depends on the load alone."""

    def __init__(
        self, consultant: Consultant, load: str, catalogue: Mapping[str, Any] | None = None
    ) -> None:
        """`load`: the digest of what was loaded; `catalogue`: what a card tells of it."""
        self.load = load
        self.catalogue = dict(catalogue or {})
        self._listener = Listener()
        self._consultant = consultant
        self._served = _listened(consultant, self._listener, None)
        self._unguarded = _listened(consultant, self._listener, Stock())

    async def ask(
        self, turns: Sequence[str], question: Question, *, unguarded: bool = False
    ) -> Served:
        """`turns`: what was said before, oldest first. `unguarded`: a name that nothing bears
        reaches the model too, which serving answers with set words. Raises EngineError."""
        consultant = self._unguarded if unguarded else self._served
        talk = Talk()
        for turn in turns:
            talk = (await _answered(consultant, replace(question, text=turn, talk=talk))).talk
        self._listener.heard = ()
        answer = await _answered(consultant, replace(question, talk=talk))
        heard = self._listener.heard
        ids: tuple[str, ...] = answer.trace.passages if heard else ()
        shown = [await self._shown(id) for id in ids]
        return Served(heard, tuple(shown), answer)

    async def prompt(self, question: Question, ids: Iterable[str]) -> tuple[Message, ...]:
        """In serving's form, with these documents in this order. Raises Gone."""
        return prompt(question, await self.passages(ids))

    async def passages(self, ids: Iterable[str]) -> list[Passage]:
        """As they are shown. Raises Gone."""
        return [await self._shown(one) for one in ids]

    def checked(self, text: str, passages: Sequence[Passage], question: str) -> str:
        """What the guards leave of an answer."""
        return self._consultant.judge.checked(text, passages, question).text

    async def _shown(self, id: str) -> Passage:
        kind, _, key = id.partition(":")
        if kind not in list(DocumentKind):
            raise Gone(id)
        found = self._consultant._retriever.about(key, DocumentKind(kind))
        if found is None and kind == DocumentKind.INGREDIENT and self._consultant._dictionary:
            named = await self._consultant._dictionary(key)
            found = next((one for one in named if one.key == key), None)
        if found is None:
            raise Gone(id)
        return replace(found, text=disarmed(found.text))


def bare(question: Question) -> tuple[Message, ...]:
    """The prompt without passages: what a model is asked that has only its memory."""
    person, asked = prompt(question, ())[1].content.split("\n\n")[-2:]
    return (Message("system", BARE_SYSTEM), Message("user", f"{person}\n\n{asked}"))


def id_of(passage: Passage) -> str:
    return f"{passage.kind}:{passage.key}"


@asynccontextmanager
async def opened(artifacts: Path, url: str) -> AsyncIterator[Shop]:
    """The current load. Raises EngineError, LookupError where nothing is loaded."""
    async with AsyncExitStack() as stack:
        database = await Database.open(url)
        stack.push_async_callback(database.close)
        engine = await Engine.open(EngineSettings(artifacts), database)
        stack.push_async_callback(engine.close)
        if engine.consultant is None or engine.load is None:
            raise LookupError("적재된 자료가 없어요: 먼저 python -m ingest load를 실행해 주세요.")
        told = catalogue_of(artifacts, engine.load)
        yield Shop(engine.consultant, engine.load.digest, told)


def catalogue_of(artifacts: Path, load: Load) -> dict[str, Any]:
    """The load's id, counts and digest, and of its manifest the program that made it and every
    file that it was read from, with its SHA-256. Without a manifest only what the store knows."""
    try:
        manifest = json.loads((artifacts / load.id / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        manifest = {}
    return {
        "id": load.id,
        "at": load.at.isoformat(),
        "digest": load.digest,
        "products": load.products,
        "ingredients": load.ingredients,
        "reviews": load.reviews,
        "code": manifest.get("code", ""),
        "sources": manifest.get("sources", []),
    }


def _listened(consultant: Consultant, listener: Listener, stock: Stock | None) -> Consultant:
    twin = copy.copy(consultant)
    twin._model = listener
    if stock is not None:
        twin._stock = stock
    return twin


async def _answered(consultant: Consultant, question: Question) -> Answer:
    async with aclosing(consultant.consult(question)) as pieces:
        async for piece in pieces:
            if isinstance(piece, Consulted):
                return piece.answer
    raise RuntimeError("a consultation ended without an answer")
