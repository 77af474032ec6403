"""The way to people in KakaoTalk who did not just write: the Event API; off unless it is set up.

POST {api}/v2/bots/{bot}/talk takes at most 100 people and answers with a task, GET
{api}/v1/tasks/{task} tells whom it reached. The event's block in the bot's admin page shows
`text`, `link_label` and `link_url` of the event's data (docs/broadcast.md). Every message costs.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.courier import (
    Arrived,
    Busy,
    Faltered,
    Notice,
    Outcome,
    Refused,
    Unknown,
    Unreachable,
    Unsent,
)
from engine.advertising import Advertisement, Link
from engine.store.broadcasts import Recipient

PEOPLE_AT_ONCE: Final = 100
CALLS_A_SECOND: Final = 1.0
TEXT_AT_MOST: Final = 1000
"""Of one simpleText; the Event API sends one bubble."""
SECONDS: Final = aiohttp.ClientTimeout(total=20, sock_connect=5)
BUSY_SECONDS: Final = 30.0
KEY_SECONDS: Final = 60.0
"""Until a key that Kakao does not take is tried again."""
LOOKS: Final = 10
LOOKS_EVERY: Final = 1.0
"""A task's end is looked for so often, seconds apart."""
GATEWAY_TIMEOUT: Final = 504


class _Lenient(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Asked(_Lenient):
    """The answer to a call."""

    task: str = Field("", alias="taskId")
    status: str = "SUCCESS"
    message: str = ""


class _Missed(_Lenient):
    id: str = ""


class _Misses(_Lenient):
    count: int = 0
    list: tuple[_Missed, ...] = ()


class _Task(_Lenient):
    wanted: int = Field(0, alias="allRequestCount")
    reached: int = Field(0, alias="successCount")
    fail: _Misses = _Misses()

    @property
    def over(self) -> bool:
        return self.wanted > 0 and self.reached + self.fail.count >= self.wanted


class _Answered(Exception):
    """Kakao answered with something else than a task."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(str(outcome))
        self.outcome = outcome


class KakaoCourier:
    at_once = PEOPLE_AT_ONCE
    rate = CALLS_A_SECOND

    def __init__(
        self, api: str, bot: str, key: str, event: str, *, looks_every: float = LOOKS_EVERY
    ) -> None:
        """`key`: the REST key; `event`: the name of the bot's event block. In a running loop."""
        self._api = api
        self._bot = bot.removesuffix("!")
        self._event = event
        self._looks_every = looks_every
        headers = {"Authorization": f"KakaoAK {key}"}
        self._session = aiohttp.ClientSession(headers=headers, timeout=SECONDS)

    async def close(self) -> None:
        await self._session.close()

    async def deliver(
        self, recipients: Sequence[Recipient], ad: Advertisement, picture: bytes | None
    ) -> Sequence[Outcome]:
        """The picture stays out: an event's block shows texts and links."""
        return await self._deliver(recipients, ad.text, ad.link)

    async def notify(self, recipient: Recipient, notice: Notice) -> Outcome:
        """The event's block has no buttons to answer it: the dialogue itself will ask."""
        return Unreachable()

    async def _deliver(
        self, recipients: Sequence[Recipient], text: str, link: Link | None
    ) -> Sequence[Outcome]:
        if len(text) > TEXT_AT_MOST:
            return [Refused(f"over {TEXT_AT_MOST} characters")] * len(recipients)
        addresses = [each.address for each in recipients if each.address is not None]
        if not addresses:
            return [Unreachable()] * len(recipients)
        came = await self._talk(addresses, text, link)
        return [
            Unreachable() if each.address is None else came[each.address] for each in recipients
        ]

    async def _talk(
        self, addresses: Sequence[str], text: str, link: Link | None
    ) -> Mapping[str, Outcome]:
        """Address → what came of it."""
        try:
            task = await self._ask(addresses, text, link)
        except _Answered as answered:
            return dict.fromkeys(addresses, answered.outcome)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return dict.fromkeys(addresses, Unsent(type(error).__name__))
        except (aiohttp.ClientError, TimeoutError, ValidationError) as error:
            return dict.fromkeys(addresses, Unknown(type(error).__name__))
        return await self._follow(task, addresses)

    async def _ask(self, addresses: Sequence[str], text: str, link: Link | None) -> str:
        """The task's id. Raises _Answered where Kakao did not take it."""
        data = {"text": text}
        if link is not None:
            data |= {"link_label": link.label, "link_url": link.url}
        people: list[dict[str, Any]] = [{"type": "botUserKey", "id": each} for each in addresses]
        body = {"event": {"name": self._event, "data": data}, "user": people}
        address = f"{self._api}/v2/bots/{self._bot}/talk"
        async with self._session.post(address, json=body) as response:
            if response.status != 200:
                raise _Answered(_refusal(response))
            asked = _Asked.model_validate_json(await response.read())
        if not asked.task:
            raise _Answered(Refused(asked.message or asked.status))
        return asked.task

    async def _follow(self, task: str, addresses: Sequence[str]) -> Mapping[str, Outcome]:
        """What the task came to; where it does not say in time, nobody knows."""
        for _ in range(LOOKS):
            found = await self._look(task)
            if found is not None and found.over:
                return _told(found, addresses)
            await asyncio.sleep(self._looks_every)
        return dict.fromkeys(addresses, Unknown("the task did not end"))

    async def _look(self, task: str) -> _Task | None:
        try:
            async with self._session.get(f"{self._api}/v1/tasks/{task}") as response:
                if response.status != 200:
                    return None
                return _Task.model_validate_json(await response.read())
        except (aiohttp.ClientError, TimeoutError, ValidationError):
            return None


def _told(task: _Task, addresses: Sequence[str]) -> Mapping[str, Outcome]:
    """Misses that name nobody leave everybody uncertain."""
    missed = {each.id for each in task.fail.list} & set(addresses)
    if len(missed) < task.fail.count:
        return dict.fromkeys(addresses, Unknown("the task does not say whom it missed"))
    failed = Refused("the Event API did not reach them")
    return {each: failed if each in missed else Arrived() for each in addresses}


def _refusal(response: aiohttp.ClientResponse) -> Outcome:
    match response.status:
        case 429:
            told = response.headers.get("Retry-After", "")
            return Busy(float(told) if told.isdecimal() else BUSY_SECONDS)
        case 401 | 403:
            return Busy(KEY_SECONDS)  # the operator's matter, not these people's
        case status if status == GATEWAY_TIMEOUT:
            return Unknown("status 504")
        case status if status >= 500:
            return Faltered(f"status {status}")
        case status:
            return Refused(f"status {status}")
