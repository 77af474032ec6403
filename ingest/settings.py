"""The few settings that ingest shares with the bot, under the same names."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class IngestSettings(BaseSettings):
    """Environment and `.env`; the bot's other names are the bot's to check."""

    model_config = SettingsConfigDict(
        env_prefix="PPOYAMI_", env_file=".env", extra="ignore", frozen=True
    )

    database_url: str = "sqlite+aiosqlite:///data/artifacts/ppoyami.db"
    artifacts: Path = Path("data/artifacts")
    embedding: str = "usem3"
    chroma_url: str | None = None
