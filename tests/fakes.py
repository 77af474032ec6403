"""Small real implementations that one could run the program with."""

import hashlib
from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
from langchain_core.embeddings import Embeddings

from engine.domain import DocumentKind, Passage
from engine.errors import ModelBusy, ModelUnavailable
from engine.generation.model import Queued
from engine.generation.prompts import Message
from engine.parsing.korean import squeeze


@dataclass
class ScriptedModel:
    """Says the same pieces to every prompt, and may break off after some of them."""

    pieces: Sequence[str]
    breaks_after: int | None = None
    prompts: list[tuple[Message, ...]] = field(default_factory=list)
    abandoned: bool = False
    name: str = "scripted"
    ahead: Sequence[int] = ()
    """Places in a queue, told before the first piece."""
    chosen: str | None = None
    """What it chooses; None: it cannot."""
    busy: bool = False
    """Nobody else is let into the queue."""
    temperatures: list[float | None] = field(default_factory=list)

    async def stream(
        self,
        prompt: Sequence[Message],
        *,
        temperature: float | None = None,
        patience: float | None = None,
    ) -> AsyncGenerator[str | Queued, None]:
        if self.busy:
            raise ModelBusy("the script's queue is full")
        self.prompts.append(tuple(prompt))
        self.temperatures.append(temperature)
        for place in self.ahead:
            yield Queued(place)
        try:
            for number, piece in enumerate(self.pieces):
                if number == self.breaks_after:
                    raise ModelUnavailable("the script breaks off here")
                yield piece
            if self.breaks_after is not None and self.breaks_after >= len(self.pieces):
                raise ModelUnavailable("the script breaks off here")
        except GeneratorExit:
            self.abandoned = True
            raise

    async def choose(self, prompt: Sequence[Message], choices: Sequence[str]) -> str:
        self.prompts.append(tuple(prompt))
        if self.chosen not in choices:
            raise ModelUnavailable("the script chooses nothing")
        return str(self.chosen)

    async def close(self) -> None:
        return


@dataclass
class Bookshelf:
    """A retriever over passages in memory: those that it is told to find, in their order."""

    found: Sequence[Passage]
    others: Sequence[Passage] = ()
    """Known by key, found by no question."""
    formulas: dict[str, tuple[str, ...]] = field(default_factory=dict)
    asked: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = field(default_factory=list)
    """(question, avoided, holding) of each call."""

    async def passages(
        self,
        question: str,
        kinds: Collection[DocumentKind] | None = None,
        n: int = 8,
        *,
        avoided: Collection[str] = (),
        holding: Collection[str] = (),
        strict: bool = True,
        category: str | None = None,
        prices: tuple[float, float] | None = None,
        meant: Sequence[str] = (),
    ) -> list[Passage]:
        self.asked.append((question, tuple(avoided), tuple(holding)))
        return [one for one in self.found if kinds is None or one.kind in kinds][:n]

    def about(self, key: str, kind: DocumentKind) -> Passage | None:
        shelves = (*self.found, *self.others)
        return next((one for one in shelves if (one.key, one.kind) == (key, kind)), None)

    def formula(self, key: str) -> tuple[str, ...]:
        return self.formulas.get(key, ())


class BigramEmbeddings(Embeddings):
    """Character bigrams hashed into 64 dimensions: quick, the same everywhere, no weights."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        vector = np.zeros(64)
        letters = squeeze(text)
        for start in range(len(letters) - 1):
            digest = hashlib.sha256(letters[start : start + 2].encode()).digest()
            vector[digest[0] % 64] += 1
        length = float(np.linalg.norm(vector))
        unit: list[float] = (vector / length if length else np.eye(64)[0]).tolist()
        return unit
