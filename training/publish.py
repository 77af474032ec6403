"""A version of a model sent out: merged weights, adapter and data, each with its card.

    python -m training.publish --version 1.2.0 --to hub:OWNER/NAME | DIR \\
        [--adapter DIR] [--merged DIR] [--data DIR] [--public] [--accept-terms] [--push]

A dry run unless `--push` is there: it says what would go where and how large it is. A hub gets a
repository each (`NAME`, `NAME-adapter`, `NAME-data`), private unless `--public`, and the version as
a tag that is never moved; a folder gets `DIR/VERSION/{model,adapter,data}`. Weights made from
Gemma stay under the Gemma Terms of Use: they go to no hub without `--accept-terms`. The login is
the hub's own (`hf auth login`); none is read or kept here.

Exit status 0 done, 1 refused, 2 wrong usage.
"""

import argparse
import json
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from training.ground import GIB
from training.preflight import Refused

VERSION: Final = re.compile(r"\d+\.\d+\.\d+")
Part = Literal["model", "adapter", "data"]
SUFFIX: Final[Mapping[Part, str]] = {"model": "", "adapter": "-adapter", "data": "-data"}
TERMS: Final = "https://ai.google.dev/gemma/terms"
NOTICE: Final = f"Gemma is provided under and subject to the Gemma Terms of Use found at {TERMS}\n"
"""As section 3.1 of the terms asks of whoever passes a derivative on."""
CARD: Final = "README.md"
TOLD: Final = frozenset(
    ["manifest.json", "adapter_config.json", "card.json", "merged.json", "config.json"]
)
"""Where a maker may have written down what it was called with."""
MACHINE: Final = re.compile(r"(?<=[\"\s=])/[\w.~-]+/[^\"\s]*")


@dataclass(frozen=True, slots=True)
class Parcel:
    """One folder that goes out, with the card that is written into it."""

    part: Part
    folder: Path
    card: str
    gemma: bool

    @property
    def files(self) -> list[Path]:
        """Without hidden ones, a card of before, and checkpoints."""
        return sorted(
            path
            for path in self.folder.iterdir()
            if path.is_file() and not path.name.startswith(".") and path.name != CARD
        )

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(path.stat().st_size for path in self.files)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where to: a hub's `OWNER/NAME` or a folder."""

    hub: str | None
    folder: Path | None

    @classmethod
    def of(cls, told: str) -> "Shelf":
        """Raises Refused."""
        if not told.startswith("hub:"):
            return cls(None, Path(told))
        name = told.removeprefix("hub:")
        if not re.fullmatch(r"[\w.-]+/[\w.-]+", name):
            raise Refused(f"허브의 저장소는 hub:OWNER/NAME으로 적어 주세요: {told}")
        return cls(name, None)

    def place(self, parcel: Parcel, version: str) -> str:
        if self.folder is not None:
            return str(self.folder / version / parcel.part)
        return f"{self.hub}{SUFFIX[parcel.part]}@v{version}"


def parcels(
    version: str, *, merged: Path | None, adapter: Path | None, data: Path | None
) -> Iterator[Parcel]:
    """Raises Refused where a folder is not whole."""
    told: Mapping[str, Any] = _json(adapter / "manifest.json") if adapter else {}
    gemma = _gemma(merged) or (adapter is not None and _is_gemma(told))
    if merged is not None:
        _json(merged / "config.json")
        made = _json(merged / "merged.json")
        yield Parcel("model", merged, model_card(version, made, gemma=gemma), gemma)
    if adapter is not None:
        yield Parcel("adapter", adapter, adapter_card(version, told, gemma=gemma), gemma)
    if data is not None:
        counted = _json(data / "card.json")
        yield Parcel("data", data, data_card(version, counted), gemma=False)


def check(found: Sequence[Parcel], shelf: Shelf, version: str, *, accepted: bool) -> None:
    """Raises Refused."""
    if not VERSION.fullmatch(version):
        raise Refused(f"판은 1.2.0처럼 적어 주세요: {version}")
    if not found:
        raise Refused("보낼 것이 없어요: --merged, --adapter, --data 가운데 하나는 있어야 해요.")
    paths = [told for one in found for told in _machine(one)]
    if paths:
        raise Refused(f"이 컴퓨터의 경로가 적혀 있어서 보내지 않아요: {', '.join(paths)}")
    if shelf.hub is not None and any(one.gemma for one in found) and not accepted:
        raise Refused(
            f"Gemma로 만든 가중치예요. 약관({TERMS})을 함께 주고 같은 제한을 지키게 해야 해요. "
            "동의하면 --accept-terms를 붙여 주세요."
        )


def plan(found: Sequence[Parcel], shelf: Shelf, version: str, *, public: bool) -> str:
    lines = []
    for one in found:
        seen = "" if shelf.hub is None else (" (공개)" if public else " (비공개)")
        lines.append(f"{one.folder} → {shelf.place(one, version)}{seen}")
        lines += [f"  {path.name}  {_size(path.stat().st_size)}" for path in one.files]
        lines.append(f"  {CARD}  새로 써요" + (", NOTICE 새로 써요" if one.gemma else ""))
    lines.append(f"모두 {_size(sum(one.size for one in found))}")
    return "\n".join(lines)


def to_folder(found: Sequence[Parcel], folder: Path, version: str) -> None:
    """Whole or not at all. Raises Refused where the version is there: it is never changed."""
    out = folder / version
    if out.exists():
        raise Refused(f"{out}은 이미 있어요. 한 번 낸 판은 바꾸지 않아요: 새 번호를 적어 주세요.")
    making = folder / f".{version}.making"
    shutil.rmtree(making, ignore_errors=True)
    for one in found:
        (making / one.part).mkdir(parents=True)
        for path in one.files:
            shutil.copy2(path, making / one.part / path.name)
        for name, text in _written(one).items():
            (making / one.part / name).write_text(text, encoding="utf-8")
    making.rename(out)


def to_hub(found: Sequence[Parcel], hub: str, version: str, *, public: bool) -> None:
    """One commit and one tag a repository. Raises Refused where a tag is there, or no login."""
    from huggingface_hub import CommitOperationAdd, HfApi  # noqa: PLC0415
    from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError  # noqa: PLC0415

    api = HfApi()
    try:
        for one in found:
            kind = "dataset" if one.part == "data" else "model"
            name = hub + SUFFIX[one.part]
            api.create_repo(name, repo_type=kind, private=not public, exist_ok=True)
            tags = {ref.name for ref in api.list_repo_refs(name, repo_type=kind).tags}
            if f"v{version}" in tags:
                raise Refused(f"{name}에 v{version}이 이미 있어요. 새 번호를 적어 주세요.")
            added = [CommitOperationAdd(path.name, path) for path in one.files]
            added += [
                CommitOperationAdd(card, text.encode()) for card, text in _written(one).items()
            ]
            api.create_commit(name, added, commit_message=f"v{version}", repo_type=kind)
            api.create_tag(name, tag=f"v{version}", repo_type=kind)
    except (HfHubHTTPError, LocalTokenNotFoundError) as error:
        raise Refused(f"허브가 받지 않았어요(hf auth login을 했나요?): {_first(error)}") from error


def model_card(version: str, made: Mapping[str, Any], *, gemma: bool) -> str:
    return _card(
        {"license": "gemma" if gemma else "other", "language": "ko", "tags": ["ppoyami"]},
        f"# 뽀야미 상담 모델 {version}",
        "화장품 상담 대화로 조정한 모델이에요. 진단과 처방은 하지 않아요. "
        "검색한 자료와 함께 물어야 하고, 답은 확인을 거쳐 보여 주세요.",
        _table({key: made[key] for key in ("adapter_name", "adapter", "base")}),
    )


def adapter_card(version: str, told: Mapping[str, Any], *, gemma: bool) -> str:
    config = told["config"]
    last = told["evaluation"][-1] if told["evaluation"] else {}
    keys = ("rank", "alpha", "rate", "epochs", "beta", "batch", "accumulation", "quantize", "seed")
    return _card(
        {"license": "gemma" if gemma else "other", "language": "ko", "library_name": "peft"},
        f"# 뽀야미 LoRA 어댑터 {version} ({told['method']})",
        "기본 모델의 해시가 아래와 같아야 맞아요.",
        _table(
            {
                **{key: config[key] for key in keys if key in config},
                "steps": told["steps"],
                "tokens": told["tokens"],
                "seconds": told["seconds"],
                **{key: value for key, value in last.items() if key != "step"},
                **{f"sha256 {name}": one for name, one in told["hashes"].items()},
                **told["versions"],
            }
        ),
    )


def data_card(version: str, counted: Mapping[str, Any]) -> str:
    return _card(
        {"language": "ko", "tags": ["ppoyami"]},
        f"# 뽀야미 상담 데이터 {version}",
        "개인정보는 가렸고, 사람의 대화는 동의한 것만 있어요.",
        "```json\n" + json.dumps(counted, ensure_ascii=False, indent=1) + "\n```",
    )


def _written(parcel: Parcel) -> dict[str, str]:
    return {CARD: parcel.card} | ({"NOTICE": NOTICE} if parcel.gemma else {})


def _card(head: Mapping[str, Any], *parts: str) -> str:
    return "\n".join(["---", json.dumps(head, ensure_ascii=False), "---", "", *parts, ""])


def _table(rows: Mapping[str, Any]) -> str:
    return "\n".join(["| | |", "|---|---|", *(f"| {key} | {one} |" for key, one in rows.items())])


def _is_gemma(told: Mapping[str, Any]) -> bool:
    """Where nothing tells of what model it is, it is taken for one."""
    return str(told.get("model_type") or "gemma").startswith("gemma")


def _gemma(merged: Path | None) -> bool:
    return merged is not None and _is_gemma(_json(merged / "config.json"))


def _machine(parcel: Parcel) -> Iterator[str]:
    """What in its JSON is a path of the machine it was made on."""
    for path in parcel.files:
        if path.name in TOLD:
            text = json.dumps(_json(path), ensure_ascii=False)
            yield from (f"{path.name} {one}" for one in MACHINE.findall(text))


def _json(path: Path) -> dict[str, Any]:
    """Raises Refused."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Refused(f"{path.parent}가 다 만들어지지 않았어요: {path.name}이 없어요.") from error
    if not isinstance(found, dict):
        raise Refused(f"{path}을 읽을 수 없어요.")
    return found


def _size(size: int) -> str:
    return f"{size / GIB:.2f} GiB" if size >= GIB else f"{size / 2**20:.1f} MiB"


def _first(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.publish")
    parser.add_argument("--version", required=True)
    parser.add_argument("--to", required=True, metavar="hub:OWNER/NAME | DIR")
    parser.add_argument("--merged", type=Path)
    parser.add_argument("--adapter", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--public", action="store_true")
    parser.add_argument("--accept-terms", action="store_true")
    parser.add_argument("--push", action="store_true", help="without it nothing is sent")
    asked = parser.parse_args(argv)
    try:
        shelf = Shelf.of(asked.to)
        found = list(
            parcels(asked.version, merged=asked.merged, adapter=asked.adapter, data=asked.data)
        )
        print(plan(found, shelf, asked.version, public=asked.public))  # noqa: T201
        check(found, shelf, asked.version, accepted=asked.accept_terms)
        if not asked.push:
            print("아무것도 보내지 않았어요. 보내려면 --push를 붙여 주세요.")  # noqa: T201
        elif shelf.folder is not None:
            to_folder(found, shelf.folder, asked.version)
        else:
            to_hub(found, str(shelf.hub), asked.version, public=asked.public)
    except (OSError, Refused, KeyError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
