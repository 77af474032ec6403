"""What a report is made of: sections of charts and tables, before anybody draws them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    name: str
    value: float
    told: str
    """The value in words, «1,203개 · 25%»."""
    short: str = ""
    """The name where there is little room."""


@dataclass(frozen=True, slots=True)
class Bars:
    """One below the other; the longest is as wide as the chart, or as `whole` says."""

    key: str
    """Name of its picture: small Latin letters and dashes."""
    title: str
    bars: tuple[Bar, ...]
    whole: float | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a histogram's columns end that were kept."""

    after: int
    """So many columns are left of it."""
    told: str


@dataclass(frozen=True, slots=True)
class Columns:
    """A histogram: `bars` from left to right."""

    key: str
    title: str
    bars: tuple[Bar, ...]
    heads: tuple[str, str]
    """What the names and the values are, for the table."""
    cut: Cut | None = None


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    count: int
    x: float
    """Left edge, in pixels of the cloud."""
    y: float
    """Baseline."""
    width: float
    size: int
    """Of the letters, in pixels."""


@dataclass(frozen=True, slots=True)
class Cloud:
    key: str
    title: str
    subject: str
    """A shop's own word, drawn beside the title."""
    words: tuple[Word, ...]
    """The most frequent first."""
    reviews: int
    """Of which the words were counted."""
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Listing:
    """A table; `folded` ones are opened by who wants them."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    folded: bool = False


Part = Bars | Columns | Cloud | Listing


@dataclass(frozen=True, slots=True)
class Section:
    key: str
    title: str
    says: tuple[str, ...]
    """Sentences before the charts."""
    parts: tuple[Part, ...] = ()
    half: bool = False
    """Whether it stands beside its neighbour where there is room."""
