"""Where a shop's loads live, and what they are made with."""

from dataclasses import dataclass

from langchain_core.embeddings import Embeddings

from ingest.artifacts import Artifacts
from ingest.catalogue import Store
from ingest.settings import IngestSettings


@dataclass(frozen=True, slots=True)
class Shop:
    artifacts: Artifacts
    store: Store
    embedding: str
    chroma_url: str | None = None
    embeddings: Embeddings | None = None
    """The opened embedder of that name, where somebody has one."""

    @classmethod
    def of(cls, settings: IngestSettings, embeddings: Embeddings | None = None) -> "Shop":
        return cls(
            Artifacts(settings.artifacts),
            Store(settings.database_url),
            settings.embedding,
            settings.chroma_url,
            embeddings,
        )
