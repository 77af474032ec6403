"""What is agreed to: which optional consents stand, and the proof that each decision leaves."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.dialogue import texts
from bot.dialogue.model import ConsentDecided, Dialogue, Given
from engine.domain import CONSENT_LASTS, Purpose, SkinProfile

VERSIONS: Final[Mapping[Purpose, str]] = {
    Purpose.SERVICE: "2026-11b",
    Purpose.HEALTH: "2026-11",
    Purpose.TRAINING: "2026-11b",
    Purpose.ABROAD: "2026-11",
    Purpose.ADVERTISING: "2026-11",
    Purpose.NIGHT: "2026-11",
}
"""Each changes with its text in `texts`: the store keeps which text was agreed to."""
OPTIONAL: Final = tuple(purpose for purpose in Purpose if purpose is not Purpose.SERVICE)
WITH_ADVERTISING: Final = (Purpose.ADVERTISING, Purpose.NIGHT)
"""Asked again and withdrawn together."""


def stands(dialogue: Dialogue, purpose: Purpose) -> bool:
    given = dialogue.consents.get(purpose)
    return given is not None and given.agreed


def standing(dialogue: Dialogue, among: Iterable[Purpose] = OPTIONAL) -> tuple[Purpose, ...]:
    return tuple(purpose for purpose in among if stands(dialogue, purpose))


def offered(dialogue: Dialogue) -> tuple[Purpose, ...]:
    """What this person may decide on: what needs kept data only where data is kept, advertising
    at night only beside advertising, a model abroad only where there is one."""
    return tuple(purpose for purpose in OPTIONAL if _fits(dialogue, purpose))


def _fits(dialogue: Dialogue, purpose: Purpose) -> bool:
    match purpose:
        case Purpose.ABROAD:
            return dialogue.abroad or stands(dialogue, purpose)
        case Purpose.NIGHT:
            return bool(dialogue.agreed) and stands(dialogue, Purpose.ADVERTISING)
        case _:
            return bool(dialogue.agreed)


def due(dialogue: Dialogue, at: datetime) -> bool:
    """Whether advertising was agreed to, or confirmed, two years ago or more."""
    given = dialogue.consents.get(Purpose.ADVERTISING)
    return given is not None and given.agreed and at - given.at >= CONSENT_LASTS


def with_decided(
    dialogue: Dialogue, purposes: Iterable[Purpose], agreed: bool, at: datetime
) -> Dialogue:
    given = {purpose: Given(agreed, at, VERSIONS[purpose]) for purpose in purposes}
    decided = replace(dialogue, consents={**dialogue.consents, **given})
    return decided if agreed or Purpose.HEALTH not in given else _without_health(decided)


def _without_health(dialogue: Dialogue) -> Dialogue:
    """What stood on those answers, the round of recommendations too, goes with them."""
    profile = dialogue.profile
    if profile is None or not profile.health:
        return dialogue
    return replace(dialogue, profile=without_health(profile), round=None)


def without_health(profile: SkinProfile) -> SkinProfile:
    return replace(profile, health=())


def proof(dialogue: Dialogue, purpose: Purpose, agreed: bool, at: datetime) -> ConsentDecided:
    text = text_of(dialogue, purpose)
    return ConsentDecided(at, agreed, VERSIONS[purpose], text, purpose)


def text_of(dialogue: Dialogue, purpose: Purpose) -> str:
    """As it is shown to this person."""
    if purpose is Purpose.SERVICE:
        return texts.consent(dialogue.retention_days)
    return texts.optional_consent(purpose, dialogue.shop, dialogue.retention_days)


def withdrawals(dialogue: Dialogue, at: datetime) -> tuple[ConsentDecided, ...]:
    """A proof for everything that is agreed to: it all ends now."""
    service = (Purpose.SERVICE,) if dialogue.agreed else ()
    ended = (*service, *standing(dialogue))
    return tuple(proof(dialogue, purpose, agreed=False, at=at) for purpose in ended)
