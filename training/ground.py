"""Whether `make llm` may begin: the model's terms, room on the disk, memory.

python3 -m training.ground --home .llm --accepted "$ACCEPT_GEMMA_TERMS"

Standard library only: it runs before anything is installed.
"""

import argparse
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

GIB = 1024**3
DISK_FOR_ALL = 8 * GIB
"""The environment takes 4.0 GiB, pip as much again at its worst moment less what it caches."""
DISK_FOR_BASE = 2 * GIB
MEMORY = 5 * GIB
"""Serving; converting takes 3 GiB and is over by then."""
TERMS = """\
기본 모델 Gemma 3 270M은 오픈 소스가 아니라 Gemma 이용 약관을 따라요.
  약관      https://ai.google.dev/gemma/terms
  금지된 일  https://ai.google.dev/gemma/prohibited_use_policy
- 모델과, 이 모델로 만든 어댑터는 이 컴퓨터의 .llm 안에만 있어요. 저장소에 넣지 마세요.
- 다른 사람에게 주려면 약관을 함께 주고 같은 제한을 지키게 해야 해요(약관 3.1절)."""
ASK = "약관에 동의하면 yes라고 적어 주세요: "
REFUSED = "약관에 동의해야 시작할 수 있어요: make llm ACCEPT_GEMMA_TERMS=yes"


def agreed(home: Path, accepted: str, ask: Callable[[str], str] | None) -> bool:
    """Shown once, kept as a file; `ask` is None where nobody sits at the terminal."""
    kept = home / "gemma-terms-accepted"
    if kept.exists():
        return True
    print(TERMS, flush=True)  # noqa: T201
    if accepted.strip().lower() != "yes" and (ask is None or ask(ASK).strip().lower() != "yes"):
        return False
    kept.write_text("https://ai.google.dev/gemma/terms\n")
    return True


def lacking(home: Path, installed: bool, *, free: int, available: int | None) -> str | None:
    """The sentence that says what is missing; sizes in bytes, None where the system says none."""
    built = (home / "base" / "ppoyami.json").exists()
    disk = (0 if installed else DISK_FOR_ALL) + (0 if built else DISK_FOR_BASE)
    if free < disk:
        return (
            f"디스크가 모자라요: {home.resolve()}에 {disk // GIB} GiB가 필요한데 "
            f"{free / GIB:.1f} GiB가 남아 있어요."
        )
    if available is not None and available < MEMORY:
        return (
            f"메모리가 모자라요: {MEMORY // GIB} GiB가 필요한데 쓸 수 있는 것은 "
            f"{available / GIB:.1f} GiB예요. 다른 프로그램을 닫고 다시 해 주세요."
        )
    return None


def memory(report: str) -> int | None:
    """Bytes available, of Linux's /proc/meminfo."""
    found = re.search(r"^MemAvailable:\s+(\d+) kB$", report, re.MULTILINE)
    return int(found[1]) * 1024 if found else None


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.ground")
    parser.add_argument("--home", type=Path, default=Path(".llm"))
    parser.add_argument("--accepted", default="")
    parser.add_argument("--installed", action="store_true")
    asked = parser.parse_args(arguments)
    asked.home.mkdir(parents=True, exist_ok=True)
    if not agreed(asked.home, asked.accepted, input if sys.stdin.isatty() else None):
        return _refuse(REFUSED)
    told = Path("/proc/meminfo")
    missing = lacking(
        asked.home,
        asked.installed,
        free=shutil.disk_usage(asked.home).free,
        available=memory(told.read_text()) if told.exists() else None,
    )
    return _refuse(missing) if missing else 0


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
