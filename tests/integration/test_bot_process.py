"""The bot as an operator meets it: one clear sentence for each thing that is wrong."""

import asyncio
import json
import shutil
import socket
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.bot_api import TOKEN, bot_api
from tests.running import RunningBot, WebPerson, running_bot, told


async def refusal(artifacts: Path, **settings: str) -> str:
    """What a bot that cannot start prints."""
    with pytest.raises(RuntimeError) as refused:
        await RunningBot(artifacts, settings).start()
    return str(refused.value)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("WEB__PROT", "80", "PPOYAMI_WEB__PROT라는 설정은 없어요. 혹시 PPOYAMI_WEB__PORT인가요?"),
        ("WEB__PORT", "many", "PPOYAMI_WEB__PORT 설정을 읽을 수 없어요: 숫자여야 해요."),
        ("WEB__PORT", "70000", "PPOYAMI_WEB__PORT 설정을 읽을 수 없어요"),
        ("RECOMMENDER", "best", "PPOYAMI_RECOMMENDER 설정을 읽을 수 없어요: 'default', 'plain'"),
        ("TELEGRAM__ADMINS", "1", "PPOYAMI_TELEGRAM__TOKEN 설정이 필요해요."),
        ("LLM__BASE_URL", "vllm", "PPOYAMI_LLM__BASE_URL 설정을 읽을 수 없어요: http://"),
        ("DATABASE_URL", "mysql://x", "데이터베이스"),
        ("EMBEDDING", "hf:some/model", "ppoyami[embed]"),
    ],
)
async def test_a_wrong_setting_is_one_sentence(
    artifacts: Path, name: str, value: str, sentence: str
) -> None:
    said = await refusal(artifacts, **{name: value})
    assert sentence in said
    assert "Traceback" not in said


async def test_an_empty_catalogue_names_the_command(tmp_path: Path) -> None:
    said = await refusal(tmp_path / "artifacts")
    assert "python -m ingest load" in said
    assert "Traceback" not in said


async def test_a_port_in_use_is_one_sentence(artifacts: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = await refusal(artifacts, WEB__PORT=str(taken.getsockname()[1]))
    assert "PPOYAMI_WEB__PORT" in said
    assert "Traceback" not in said


async def test_a_disk_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    said = await refusal(tmp_path / "file" / "artifacts")
    assert "쓸 수 없어요" in said
    assert "Traceback" not in said


async def test_the_secret_is_made_once_and_only_its_owner_reads_it(artifacts: Path) -> None:
    async with running_bot(artifacts):
        pass
    path = artifacts / "secret"
    made = path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    async with running_bot(artifacts):
        pass
    assert path.read_text() == made


async def test_health_tells_a_missing_index_and_the_rest_goes_on(artifacts: Path) -> None:
    for index in artifacts.glob("*/index"):
        shutil.rmtree(index)
    async with running_bot(artifacts) as bot, aiohttp.ClientSession() as session:
        async with session.get(f"{bot.address}/health") as response:
            assert response.status == 503
            health = await response.json()
        assert health["status"] == "degraded"
        assert (health["store"], health["index"]) == ("ok", "down")
        assert any("python -m ingest index" in line for line in bot.output)
        person = await consented(bot)
        assert "상담 자료를 열 수 없어요" in "\n".join(
            told(await person.says(bot, "크림 뭐가 좋아요?"))
        )
        await person.says(bot, "/ingredient 글리세린")
        assert "Glycerin" in "\n".join(told(person.screens))


async def test_health_is_well_and_metrics_count(artifacts: Path) -> None:
    async with running_bot(artifacts) as bot, aiohttp.ClientSession() as session:
        await WebPerson("one").says(bot, "/start")
        async with session.get(f"{bot.address}/health") as response:
            assert response.status == 200
            assert await response.json() == {
                "status": "ok",
                "store": "ok",
                "index": "ok",
                "llm": "off",
                "channels": {"web": "on", "telegram": "off", "kakao": "off"},
            }
        async with session.get(f"{bot.address}/metrics") as response:
            assert 'ppoyami_events_total{channel="web",kind="Said"} 1.0' in await response.text()


async def test_a_dead_model_server_still_answers_with_a_word_about_it(artifacts: Path) -> None:
    dead = {"LLM__BASE_URL": "http://127.0.0.1:9/v1", "LLM__MODEL": "gone"}
    async with running_bot(artifacts, **dead) as bot, aiohttp.ClientSession() as session:
        async with session.get(f"{bot.address}/health") as response:
            assert response.status == 200
            assert (await response.json())["status"] == "degraded"
        person = await consented(bot)
        answer = "\n".join(told(await person.says(bot, "건성에 좋은 크림 추천해 주세요")))
        assert "답변 모델" in answer
        assert "출처" in answer


async def test_the_token_is_never_printed(artifacts: Path) -> None:
    async with bot_api() as api:
        settings = {"TELEGRAM__TOKEN": TOKEN, "TELEGRAM__BASE_URL": api.address}
        async with running_bot(artifacts, **settings) as bot:
            api.says(5, "/start")
            await api.until(5, "만 14세 이상이에요")
            await asyncio.sleep(0.2)
    assert TOKEN not in "".join(bot.output)
    assert TOKEN.split(":")[1] not in "".join(bot.output)


async def test_health_tells_how_telegram_reaches_the_bot_and_no_token(artifacts: Path) -> None:
    async with bot_api() as api, aiohttp.ClientSession() as session:
        api.trouble = {
            "last_error_date": int(datetime.now(UTC).timestamp()),
            "last_error_message": f"Wrong response from /bot{TOKEN}: 502 Bad Gateway",
        }
        settings = {
            "TELEGRAM__TOKEN": TOKEN,
            "TELEGRAM__BASE_URL": api.address,
            "TELEGRAM__WEBHOOK_URL": "https://shop.example/telegram",
        }
        async with running_bot(artifacts, **settings) as bot:
            await api.until_webhook()
            async with asyncio.timeout(10):
                while (told := await health(session, bot))["telegram"]["last_error_date"] is None:
                    await asyncio.sleep(0.05)
    assert told["status"] == "degraded"
    assert told["channels"]["telegram"] == "webhook"
    assert told["telegram"]["pending_update_count"] == 0
    assert "502 Bad Gateway" in told["telegram"]["last_error_message"]
    assert TOKEN not in json.dumps(told)


async def test_what_waits_at_telegram_is_dropped_by_hand_only(artifacts: Path) -> None:
    async with bot_api() as api:
        api.says(5, "/start")
        settings = {"TELEGRAM__TOKEN": TOKEN, "TELEGRAM__BASE_URL": api.address}
        bot = RunningBot(artifacts, settings, arguments=("--drop-pending-updates",))
        await bot.start()
        try:
            await api.until_asked()
            api.says(6, "/start")
            await api.until(6, "만 14세 이상이에요")
        finally:
            await bot.stop()
        assert 5 not in api.chats
    assert any("버리" in line for line in bot.output)


async def test_a_wrong_argument_shows_how_it_is_used(artifacts: Path) -> None:
    bot = RunningBot(artifacts, arguments=("--drop",))
    with pytest.raises(RuntimeError) as refused:
        await bot.start()
    assert "--drop-pending-updates" in str(refused.value)


async def health(session: aiohttp.ClientSession, bot: RunningBot) -> dict[str, Any]:
    async with session.get(f"{bot.address}/health") as response:
        content: dict[str, Any] = await response.json()
        return content


async def consented(bot: RunningBot) -> WebPerson:
    person = WebPerson("one")
    await person.says(bot, "/start")
    await person.presses(bot, "만 14세 이상이에요")
    await person.presses(bot, "동의하고 시작")
    return person
