"""An admin's say in who writes the answers: done, written into the audit, and looked at again."""

import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import assert_never

from bot.dialogue.model import (
    AskModels,
    Deed,
    Made,
    ModelsListed,
    ModelTrouble,
    Rejected,
)
from engine.domain import Person
from engine.errors import (
    AdapterInUse,
    AdapterRefused,
    LoadingOff,
    ModelUnavailable,
    UnknownAdapter,
)
from engine.generation.adapters import Adapters
from engine.generation.registry import Card, Decision
from engine.store.audit import Audit

Trouble = AdapterInUse | AdapterRefused | ModelUnavailable | UnknownAdapter
TROUBLES = (AdapterInUse, AdapterRefused, ModelUnavailable, UnknownAdapter)
"""What an admin is told in a sentence."""

FIGURES_AT_MOST = 300
"""Characters of a line that training wrote."""

logger = logging.getLogger(__name__)


class Models:
    def __init__(self, adapters: Adapters | None, audit: Audit) -> None:
        """`adapters`: None without a language model."""
        self._adapters = adapters
        self._audit = audit

    async def __call__(self, person: Person, request: AskModels) -> ModelsListed:
        """Raises StoreUnavailable."""
        asked = ModelsListed(request.ticket, _now(), deed=request.deed, adapter=request.adapter)
        if self._adapters is None:
            return replace(asked, trouble=ModelTrouble.NO_MODEL)
        trouble = await self._tried(self._adapters, person, request)
        try:
            found = await self._adapters.speakers()
        except ModelUnavailable as error:
            logger.warning("the models cannot be listed: %s", error)
            return replace(asked, trouble=trouble or ModelTrouble.UNREACHABLE)
        return replace(
            asked,
            base=found.base,
            chosen=found.chosen,
            loaded=found.loaded,
            loadable=found.loadable,
            trouble=trouble,
            made=_made(found.card) if found.card else None,
            rejected=_rejected(found.refused) if found.refused else None,
        )

    async def _tried(
        self, adapters: Adapters, person: Person, request: AskModels
    ) -> ModelTrouble | None:
        """None where it was done, or nothing was to be done."""
        if request.deed is None:
            return None
        try:
            await _do(adapters, request.deed, request.adapter)
            trouble = None
        except TROUBLES as error:
            logger.warning("%s %r was not done: %s", request.deed, request.adapter, error)
            trouble = _trouble(error)
        what = f"model {request.deed}"
        detail = f"{request.adapter or 'base'}: {trouble or 'done'}"
        await self._audit.note(f"{person.channel} {person.id}", what, detail, _now())
        return trouble


async def _do(adapters: Adapters, deed: Deed, adapter: str) -> None:
    match deed:
        case Deed.SPEAK:
            await adapters.choose(adapter, _now())
        case Deed.LOAD:
            await adapters.load(adapter)
        case Deed.UNLOAD:
            await adapters.unload(adapter)
        case _:
            assert_never(deed)


def _made(card: Card) -> Made:
    figures = card.figures[:FIGURES_AT_MOST]
    return Made(card.made, card.parent, card.rows, card.feedback, figures)


def _rejected(decision: Decision) -> Rejected:
    reason = " ".join(decision.reasons)[:FIGURES_AT_MOST]
    return Rejected(decision.adapter, decision.at, reason)


def _trouble(error: Trouble) -> ModelTrouble:
    match error:
        case LoadingOff():
            return ModelTrouble.LOADING_OFF
        case AdapterRefused():
            return ModelTrouble.REFUSED
        case AdapterInUse():
            return ModelTrouble.IN_USE
        case UnknownAdapter():
            return ModelTrouble.UNKNOWN
        case ModelUnavailable():
            return ModelTrouble.UNREACHABLE
        case _:
            assert_never(error)


def _now() -> datetime:
    return datetime.now(UTC)
