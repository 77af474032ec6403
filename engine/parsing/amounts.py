"""How much is in a package, and what ten of it cost."""

import re
from dataclasses import dataclass
from typing import Final

_UNITS: Final = {
    "ml": ("ml", 1.0),
    "㎖": ("ml", 1.0),
    "cc": ("ml", 1.0),
    "l": ("ml", 1000.0),
    "g": ("g", 1.0),
    "kg": ("g", 1000.0),
    "㎏": ("g", 1000.0),
    "mg": ("g", 0.001),
    "㎎": ("g", 0.001),
}
_NUMBER: Final = r"\d+(?:,\d{3})*(?:\.\d+)?"
_TIMES: Final = r"[x*×]"
_COUNTERS: Final = r"(?:ea|pcs?|p|매입|개입|매|개|장|입|캡슐|포|팩)?"
_PART: Final = re.compile(
    rf"(?:(?P<before>\d+){_COUNTERS}{_TIMES})?"
    rf"(?P<number>{_NUMBER})(?P<unit>ml|㎖|cc|l|kg|㎏|mg|㎎|g)"
    rf"(?:{_TIMES}(?P<after>\d+){_COUNTERS})?"
)


@dataclass(frozen=True, slots=True)
class Amount:
    value: float
    """Above 0."""
    unit: str
    """ml or g."""


def amount(volume: str | None) -> Amount | None:
    """«50ml» → 50 ml, «18ml*4매» → 72 ml, «100ml+30ml» → 130 ml; None where it is not said."""
    if not volume:
        return None
    parts = [_part(part) for part in re.split(r"[+&]", "".join(volume.casefold().split()))]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or len({part.unit for part in known}) != 1:
        return None
    return Amount(sum(part.value for part in known), known[0].unit)


def price_of_ten(price: int | None, volume: str | None) -> tuple[int, str] | None:
    """Won for 10 ml or 10 g, rounded, and the unit; None where price or amount is not known."""
    held = amount(volume)
    if price is None or held is None:
        return None
    return round(price * 10 / held.value), held.unit


def _part(text: str) -> Amount | None:
    found = _PART.fullmatch(text)
    if found is None:
        return None
    unit, factor = _UNITS[found["unit"]]
    times = int(found["before"] or 1) * int(found["after"] or 1)
    value = float(found["number"].replace(",", "")) * factor * times
    return Amount(value, unit) if value > 0 else None
