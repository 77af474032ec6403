"""Who writes what others learn from."""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Protocol

from engine.generation.model import LanguageModel
from engine.generation.prompts import Message
from training.evaluate import said
from training.ledger import Ledger


class Teacher(Protocol):
    @property
    def name(self) -> str: ...

    async def says(self, key: str, prompt: Sequence[Message], temperature: float) -> str:
        """`key`: of the try; in another one it may say something else to the same words. Raises
        ModelUnavailable."""
        ...


class Dictated:
    """A teacher whose words are kept as they come; what it said it is not asked again."""

    def __init__(self, teacher: LanguageModel, kept: Ledger) -> None:
        self.name = teacher.name
        self._teacher = teacher
        self._kept = kept

    async def says(self, key: str, prompt: Sequence[Message], temperature: float) -> str:
        told = [(one.role, one.content) for one in prompt]
        asked = sha256(json.dumps([self.name, key, told]).encode()).hexdigest()[:24]
        if found := self._kept.find(asked):
            return str(found["text"])
        text = await said(self._teacher, prompt, temperature=temperature)
        self._kept.add({"key": asked, "try": key, "text": text})
        return text
