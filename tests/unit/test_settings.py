"""What the environment may say, and what is answered where it is wrong."""

from pathlib import Path

import pytest

from bot.settings import WrongSettings, read_settings
from engine.settings import LanguageModelSettings

NO_FILE = Path("no such .env")


def test_nothing_needs_to_be_set() -> None:
    settings = read_settings(NO_FILE)
    assert (settings.web.host, settings.web.port) == ("127.0.0.1", 8080)
    assert (settings.telegram, settings.llm, settings.kakao) == (None, None, None)


def test_lists_are_parted_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PPOYAMI_TELEGRAM__TOKEN", "1:a")
    monkeypatch.setenv("PPOYAMI_TELEGRAM__ADMINS", "12, 13")
    telegram = read_settings(NO_FILE).telegram
    assert telegram is not None
    assert telegram.admins == (12, 13)


def test_a_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PPOYAMI_TELEGRAM__TOKEN", "1:very-secret")
    assert "very-secret" not in repr(read_settings(NO_FILE))


def test_an_unknown_name_is_refused_with_the_nearest_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PPOYAMI_LLM__BASEURL", "http://x")
    with pytest.raises(WrongSettings, match="혹시 PPOYAMI_LLM__BASE_URL인가요"):
        read_settings(NO_FILE)


def test_an_unknown_name_in_the_file_is_refused_too(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("PPOYAMI_WBE__PORT=1\nOTHER=2\n")
    with pytest.raises(WrongSettings, match="PPOYAMI_WBE__PORT"):
        read_settings(file)


def _model(monkeypatch: pytest.MonkeyPatch, **values: str) -> LanguageModelSettings:
    given = {"BASE_URL": "http://127.0.0.1:8000/v1/", "MODEL": "base", **values}
    for name, value in given.items():
        monkeypatch.setenv(f"PPOYAMI_LLM__{name}", value)
    model = read_settings(NO_FILE).engine().llm
    assert model is not None
    return model


def test_a_model_needs_no_more_than_an_address_and_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    model = _model(monkeypatch)
    assert model == LanguageModelSettings("http://127.0.0.1:8000/v1", "base")
    llm = read_settings(NO_FILE).llm
    assert llm is not None and llm.daily == 50


def test_the_engine_is_told_everything_about_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    model = _model(
        monkeypatch,
        ADAPTER="warm",
        API_KEY="k",
        ABROAD="true",
        AT_ONCE="64",
        QUEUE="0",
        TEMPERATURE="0.7",
        ADAPTERS="made/adapters",
    )
    assert (model.adapter, model.api_key, model.abroad) == ("warm", "k", True)
    assert (model.at_once, model.queue, model.temperature) == (64, 0, 0.7)
    assert model.adapters == Path("made/adapters")


@pytest.mark.parametrize(
    ("name", "value"),
    [("AT_ONCE", "0"), ("QUEUE", "-1"), ("TEMPERATURE", "2.1"), ("DAILY", "-1")],
)
def test_a_number_that_makes_no_sense_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(
        WrongSettings, match=f"PPOYAMI_LLM__{name} 설정을 읽을 수 없어요: 쓸 수 있는"
    ):
        _model(monkeypatch, **{name: value})
