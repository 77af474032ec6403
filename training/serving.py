"""vLLM on the CPU: the small base and every adapter beside it, on one address.

.llm/venv/bin/python -m training.serving --home .llm --port 8000

Standard library only. The address and the two settings for the bot are printed when the server
answers; it runs until it is interrupted, and writes its own log to `.llm/serving.log`.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

ROOT = Path(__file__).parents[1]
BASE_NAME = "gemma3-270m"
TOKENS_AT_MOST = 4096
"""Of a prompt and its answer: a prompt has 1,200, an answer 400."""
PEOPLE_AT_ONCE = 8
ASKED_AT_ONCE = 2
"""By the bot: it waits 15 s for a first token, and two cores read 300 tokens a second."""
RANK = 16
"""Of the adapters that training makes, and of those that may come at run time."""
RANKS = (8, 16, 32, 64, 128, 256)
"""That vLLM has slots for."""
STARTS_WITHIN = 600.0
"""Seconds; 43–152 on two cores."""
STOPS_WITHIN = 20.0


@dataclass(frozen=True, slots=True)
class Serving:
    """What is served, and where."""

    base: Path
    adapters: tuple[Path, ...]
    port: int = 8000
    more: int = 1
    """Adapters that may be loaded beside them at run time."""
    cache: int = 1
    """GiB for keys and values; this base takes 18 KiB a token."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def arguments(self) -> list[str]:
        """For `python`. The `vllm` command of the CPU build does not start."""
        return [
            "-m", "vllm.entrypoints.openai.api_server",
            "--model", str(self.base), "--served-model-name", BASE_NAME,
            "--host", "127.0.0.1", "--port", str(self.port),
            "--dtype", "bfloat16", "--enforce-eager",
            "--max-model-len", str(TOKENS_AT_MOST), "--max-num-seqs", str(PEOPLE_AT_ONCE),
            "--enable-prefix-caching",
            "--enable-lora", "--max-loras", str(self.slots), "--max-lora-rank", str(self.rank),
            "--worker-extension-cls", "training.lora_cpu.GroupedLora",
            *self._modules(),
        ]  # fmt: skip

    @property
    def slots(self) -> int:
        """One is always left empty: vLLM's own LoRA for the CPU computes a request for the base
        that shares a batch with adapters with the last slot, whatever lies there."""
        return len(self.adapters) + self.more + 1

    @property
    def rank(self) -> int:
        """No wider than needed: on the CPU each token of a prompt copies its adapter's slot."""
        widest = max((rank(path) for path in self.adapters), default=RANK)
        if self.more:
            widest = max(widest, RANK)
        return next((one for one in RANKS if one >= widest), widest)

    def environment(self, given: Mapping[str, str]) -> dict[str, str]:
        """Every processor works on the model, unless `given` keeps some back."""
        every = {"VLLM_CPU_NUM_OF_RESERVED_CPU": "0"}
        return {
            **every,
            **given,
            "VLLM_TARGET_DEVICE": "cpu",
            "VLLM_CPU_KVCACHE_SPACE": str(self.cache),
            "VLLM_ALLOW_RUNTIME_LORA_UPDATING": "True",
            "VLLM_NO_USAGE_STATS": "1",
            "HF_HUB_OFFLINE": "1",
            "PYTHONPATH": str(ROOT),
        }

    def _modules(self) -> list[str]:
        named = [f"{path.name}={path}" for path in self.adapters]
        return ["--lora-modules", *named] if named else []


def adapters(folder: Path) -> tuple[Path, ...]:
    """Every adapter as PEFT writes it, by name."""
    return tuple(sorted(path.parent for path in folder.glob("*/adapter_config.json")))


def rank(adapter: Path) -> int:
    return int(json.loads((adapter / "adapter_config.json").read_text())["r"])


def answers(url: str) -> bool:
    try:
        with build_opener(ProxyHandler({})).open(f"{url}/health", timeout=2) as response:
            return bool(response.status == 200)
    except (URLError, OSError):
        return False


def start(
    serving: Serving, log: Path, python: Path = Path(sys.executable)
) -> subprocess.Popen[bytes]:
    """In a group of its own: the engine is a second process, and both are ended together."""
    with log.open("wb") as out:
        return subprocess.Popen(  # noqa: S603 - our own arguments
            [str(python), *serving.arguments()],
            env=serving.environment(os.environ),
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def stop(server: subprocess.Popen[bytes], within: float = STOPS_WITHIN) -> None:
    """Asked, and made to after `within` seconds; nothing of its group is left."""
    if server.poll() is None:
        server.terminate()
        with suppress(subprocess.TimeoutExpired):
            server.wait(within)
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()


def wait(serving: Serving, server: subprocess.Popen[bytes], within: float = STARTS_WITHIN) -> bool:
    """Whether it answers in time."""
    end = time.monotonic() + within
    while time.monotonic() < end and server.poll() is None:
        if answers(serving.url):
            return True
        time.sleep(0.5)
    return False


def settings(serving: Serving) -> str:
    lines = [
        f"PPOYAMI_LLM__BASE_URL={serving.url}/v1",
        f"PPOYAMI_LLM__MODEL={BASE_NAME}",
        f"PPOYAMI_LLM__AT_ONCE={ASKED_AT_ONCE}",
        f"PPOYAMI_LLM__ADAPTERS={(serving.base.parent / 'adapters').resolve()}",
    ]
    if serving.adapters:
        lines.append(f"PPOYAMI_LLM__ADAPTER={serving.adapters[0].name}")
    return "\n".join(lines)


def serve(serving: Serving, log: Path) -> int:
    if answers(serving.url):
        return _say(
            f"{serving.port}번 포트에 이미 서버가 있어요. LLM_PORT=8001처럼 바꿔 주세요.", 1
        )
    _say(_found(serving))
    server = start(serving, log)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        if not wait(serving, server):
            return _say(f"모델 서버가 켜지지 않았어요. 이유는 {log}에 있어요.\n{tail(log)}", 1)
        _say(f"\n모델 서버가 준비됐어요. 봇의 .env에 이렇게 적어 주세요:\n\n{settings(serving)}\n")
        _say("끝내려면 Ctrl+C를 눌러 주세요.")
        server.wait()
        return _say(f"모델 서버가 멈췄어요. 이유는 {log}에 있어요.\n{tail(log)}", 1)
    except KeyboardInterrupt:
        return 0
    finally:
        stop(server)


def tail(log: Path, lines: int = 5) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def _found(serving: Serving) -> str:
    if not serving.adapters:
        return (
            "어댑터가 아직 없어서 기본 모델만 켜요. training으로 만들면 .llm/adapters에서 찾아요."
        )
    return f"어댑터와 함께 켜요(1~3분): {', '.join(path.name for path in serving.adapters)}"


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _say(text: str, status: int = 0) -> int:
    print(text, flush=True)  # noqa: T201
    return status


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.serving")
    parser.add_argument("--home", type=Path, default=Path(".llm"))
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--more", type=int, default=1)
    asked = parser.parse_args(arguments)
    found = adapters(asked.home / "adapters")
    serving = Serving(asked.home / "base", found, asked.port, asked.more)
    return serve(serving, asked.home / "serving.log")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
