"""A conversation with a script, for the page alone: what is said or pressed looks up its answer."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

from bot.conversation import Shown, Waiting
from bot.dialogue import actions
from bot.dialogue.model import Message, Pressed, Said
from engine.domain import Person

Script = Mapping[str, Sequence[Shown | Exception]]
"""A typed text, or an action's written form → what is shown; an exception is raised there."""


class ScriptedTalk:
    """Applies an event's id once, like the real one; `events` and `resumed` tell what came."""

    def __init__(self, greeting: Sequence[Shown], script: Script, *, pause: float = 0.0) -> None:
        self.greeting = greeting
        self.script = script
        self.pause = pause
        self.gate = asyncio.Event()
        """Answers wait while it is cleared."""
        self.gate.set()
        self.engine = asyncio.Event()
        """What is waited for does not come while it is cleared."""
        self.engine.set()
        self.events: list[tuple[Person, Message]] = []
        self.resumed: list[Person] = []
        self.owed = False
        self.left = 0
        """Conversations that were left before their end."""

    async def converse(self, person: Person, event: Message) -> AsyncIterator[Shown]:
        if any(event.id == applied.id for _, applied in self.events):
            return
        answer = self.script.get(_key(event), ())
        if not any(isinstance(step, Exception) for step in answer):
            self.events.append((person, event))
        async for shown in self._play(answer):
            yield shown

    async def resume(self, person: Person) -> AsyncIterator[Shown]:
        self.resumed.append(person)
        self.owed = False
        async for shown in self._play(self.greeting):
            yield shown

    async def unshown(self, person: Person) -> bool:
        return self.owed

    async def _play(self, steps: Sequence[Shown | Exception]) -> AsyncIterator[Shown]:
        ended = False
        try:
            for step in steps:
                if isinstance(step, Exception):
                    raise step
                await self.gate.wait()
                await asyncio.sleep(self.pause)
                yield step
                if isinstance(step, Waiting):
                    await self.engine.wait()
            ended = True
        finally:
            self.left += not ended


def _key(event: Message) -> str:
    match event:
        case Said(text=text):
            return text
        case Pressed(action=action):
            return actions.written(action)
        case _:
            return type(event).__name__
