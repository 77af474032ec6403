"""What the environment may say, and what is answered where it is wrong."""

from pathlib import Path

import pytest

from bot.settings import WrongSettings, read_settings

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
