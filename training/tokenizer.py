"""Words of the shop added to a base's tokenizer, where that pays.

    python -m training.tokenizer --base .llm/base --texts data/seed/reviews.csv --column text \\
        --words data/seed/ingredients.csv --words-column name [--out .llm/base-words] \\
        [--least 0.03]

A word that the tokenizer breaks into several pieces becomes one token; its row of the embedding
(and of the head, where that is another) begins as the mean of its pieces' rows, and nothing else
changes. What it saves is measured on the texts, in tokens a sentence. Under `--least`, a share of
the tokens, it says that it does not pay and writes nothing. A model with added words is another
base: adapters of the old one do not fit it.

Exit status 0 done or not worth it, 1 refused, 2 wrong usage.
"""

import argparse
import csv
import json
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from training.preflight import Refused

LEAST: Final = 0.03
"""Share of the tokens that has to be saved: every added word is untrained until SFT has seen it."""
OFTEN: Final = 3
"""Texts a word has to stand in."""
AT_MOST: Final = 2_000


@dataclass(frozen=True, slots=True)
class Gain:
    """Tokens a sentence, before and after."""

    words: tuple[str, ...]
    before: float
    after: float

    @property
    def share(self) -> float:
        return 1 - self.after / self.before if self.before else 0.0


def column(path: Path, name: str) -> list[str]:
    """Texts of a CSV; several names of one cell are parted by `|`. Raises OSError, Refused."""
    with path.open(encoding="utf-8", newline="") as opened:
        rows = csv.DictReader(opened)
        if name not in (rows.fieldnames or ()):
            raise Refused(f"{path}에 {name} 열이 없어요.")
        return [row[name] for row in rows if row[name].strip()]


def candidates(names: Iterable[str]) -> list[str]:
    """Single words of at least two letters, those of longer names too."""
    split = (word.strip("()[],·") for name in names for word in name.replace("|", " ").split())
    return sorted({word for word in split if len(word) >= 2 and not word.isdecimal()})


def chosen(words: Any, names: Iterable[str], texts: Sequence[str]) -> tuple[str, ...]:
    """Those that save tokens and stand in `OFTEN` texts or more, the most saving first."""
    saved: Counter[str] = Counter()
    for word in candidates(names):
        standing = sum(word in text for text in texts)
        pieces = len(words.encode(f" {word}", add_special_tokens=False))
        if standing >= OFTEN and pieces > 2:
            saved[word] = standing * (pieces - 1)
    return tuple(word for word, _ in saved.most_common(AT_MOST))


def gain(words: Any, more: Any, added: tuple[str, ...], texts: Sequence[str]) -> Gain:
    """`words` the tokenizer as it was, `more` the one with the added words."""
    return Gain(added, _mean(words, texts), _mean(more, texts))


def extend(model: Any, words: Any, more: Any, added: Sequence[str]) -> None:
    """`model` gets a row for each of `added`, the mean of its pieces; every other row stays."""
    import torch  # noqa: PLC0415

    model.resize_token_embeddings(
        max(len(more), model.config.get_text_config().vocab_size), mean_resizing=False
    )
    tables = {id(one.weight): one.weight for one in _tables(model)}
    with torch.no_grad():
        for word in added:
            pieces = words.encode(word, add_special_tokens=False)
            for table in tables.values():
                table[more.convert_tokens_to_ids(word)] = table[pieces].float().mean(0)


def add(
    base: Path, out: Path | None, names: Iterable[str], texts: Sequence[str], least: float
) -> Gain:
    """Written to `out` where it pays, whole or not at all. Raises OSError, Refused."""
    from transformers import AutoTokenizer  # noqa: PLC0415 - seconds, after what is refused

    if not texts:
        raise Refused("재어 볼 글이 한 줄도 없어요.")
    words, more = (AutoTokenizer.from_pretrained(base) for _ in range(2))
    added = chosen(words, names, texts)
    more.add_tokens(list(added))
    told = gain(words, more, added, texts)
    if out is not None and told.share >= least:
        _write(base, out, words, more, told)
    return told


def _write(base: Path, out: Path, words: Any, more: Any, told: Gain) -> None:
    from transformers import AutoModelForCausalLM  # noqa: PLC0415

    model = AutoModelForCausalLM.from_pretrained(base)
    extend(model, words, more, told.words)
    making = out.with_name(f".{out.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    model.save_pretrained(making)
    more.save_pretrained(making)
    (making / "words.json").write_text(json.dumps(told.words, ensure_ascii=False, indent=1))
    shutil.rmtree(out, ignore_errors=True)
    making.rename(out)


def _tables(model: Any) -> list[Any]:
    found = (model.get_input_embeddings(), model.get_output_embeddings())
    return [one for one in found if one is not None]


def _mean(words: Any, texts: Sequence[str]) -> float:
    counted = words(list(texts), add_special_tokens=False)["input_ids"]
    return sum(map(len, counted)) / len(texts)


def said(told: Gain, least: float, out: Path | None) -> str:
    line = (
        f"낱말 {len(told.words)}개: 글 하나에 {told.before:.1f} → {told.after:.1f}토큰 "
        f"({told.share:.1%} 줄어요)."
    )
    if told.share < least:
        return f"{line} {least:.0%}보다 적어서 넣지 않는 편이 나아요."
    return f"{line} 새 기본 모델: {out}" if out else f"{line} --out을 적으면 만들어요."


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.tokenizer")
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--column", default="text")
    parser.add_argument("--words", type=Path, action="append", required=True)
    parser.add_argument("--words-column", default="name")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--least", type=float, default=LEAST)
    asked = parser.parse_args(argv)
    try:
        names = [name for path in asked.words for name in column(path, asked.words_column)]
        told = add(asked.base, asked.out, names, column(asked.texts, asked.column), asked.least)
    except (OSError, Refused) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    print(said(told, asked.least, asked.out))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
