"""Clients of Chroma: over a folder, or of a server."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import chromadb
from chromadb.api import ClientAPI
from chromadb.api.client import Client
from chromadb.api.fastapi import FastAPI
from chromadb.config import Settings
from chromadb.errors import ChromaError

from engine.errors import IndexUnavailable
from engine.retrieval.generations import REBUILD


@contextmanager
def connected(folder: Path, chroma_url: str | None) -> Iterator[Client]:
    client = connect(folder, chroma_url)
    try:
        yield client
    finally:
        disconnect(client)


def disconnect(client: Client) -> None:
    """Chroma itself leaves the connections to its server open."""
    servers = [getattr(one, "_server", None) for one in (client, client._admin_client)]
    client.close()
    for server in servers:
        if isinstance(server, FastAPI):
            server._session.close()


def connect(folder: Path, chroma_url: str | None) -> Client:
    """A client of its own for each opening; Chroma shares one system for each path and counts."""
    try:
        if chroma_url is None:
            path = (folder / "chroma").resolve()
            client = chromadb.PersistentClient(path=path, settings=_settings())
        else:
            client = _served(chroma_url)
    except (OSError, ValueError, KeyError, ChromaError) as error:
        place = _host(chroma_url) if chroma_url else str(folder)
        raise IndexUnavailable(f"검색 색인 {place}을 열 수 없어요. {REBUILD}") from error
    # Its `close` is missing from the interface that Chroma declares.
    return cast(Client, client)


def _served(chroma_url: str) -> ClientAPI:
    parts = urlsplit(chroma_url)
    secure = parts.scheme == "https"
    return chromadb.HttpClient(
        host=parts.hostname or "localhost",
        port=parts.port or (443 if secure else 8000),
        ssl=secure,
        settings=_settings(),
    )


def _host(chroma_url: str) -> str:
    """The address without a name or password that may stand in it."""
    parts = urlsplit(chroma_url)
    return f"{parts.scheme}://{parts.hostname}:{parts.port or ''}"


def _settings() -> Settings:
    """Telemetry off, and the project's own `.env` is not Chroma's to read."""
    quiet: dict[str, Any] = {"_env_file": None}
    return Settings(anonymized_telemetry=False, **quiet)
