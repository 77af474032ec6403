"""The classifier that comes with the package, and the sentences it was trained on."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.domain import DocumentKind, Named, Talk
from engine.generation import cues
from engine.generation.classifier import NOTHING, SIZE, Classifier, Guess, card
from engine.generation.intent import Intent, parts, understand
from engine.parsing.korean import squeeze
from engine.retrieval.embedding import DEFAULT

SEED = Path(__file__).resolve().parents[2] / "data" / "seed"
NO_VECTOR = [0.0] * 512
CREAM = Named("이슬수분크림", DocumentKind.PRODUCT, ("p1",))
PANTHENOL = Named("판테놀", DocumentKind.INGREDIENT, ("판테놀",))


CLASSIFIER = Classifier.open()


def guessed(text: str, named: Sequence[Named] = (), talk: Talk = NOTHING) -> Guess:
    return CLASSIFIER.guess(NO_VECTOR, text, named, talk)


def rows(name: str) -> list[dict[str, object]]:
    lines = (SEED / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_the_card_tells_of_the_sentences_that_lie_beside_it():
    known, told = rows("intents.jsonl"), card()
    assert told["sha256"] == hashlib.sha256((SEED / "intents.jsonl").read_bytes()).hexdigest()
    assert told["sentences"] == len(known) >= 700
    assert told["by_intent"] == Counter(str(row["intent"]) for row in known)
    assert told["embedder"] == DEFAULT
    assert told["features"] == SIZE


def test_every_intent_but_unclear_has_its_sentences():
    counts = Counter(row["intent"] for row in rows("intents.jsonl"))
    assert set(counts) == {one.value for one in Intent} - {"unclear"}
    assert min(counts.values()) >= 50


def test_no_sentence_is_there_twice_nor_in_two_families():
    said = Counter((row["text"], row["talk"]) for row in rows("intents.jsonl"))
    assert said.most_common(1)[0][1] == 1
    intents: dict[object, set[object]] = {}
    for row in rows("intents.jsonl"):
        intents.setdefault(row["family"], set()).add(row["intent"])
    assert all(len(of_family) == 1 for of_family in intents.values())


@pytest.mark.skipif(not (SEED / "questions.jsonl").exists(), reason="no labelled questions")
def test_nothing_that_is_asked_in_the_test_half_was_trained_on():
    known = {squeeze(str(row["text"])) for row in rows("intents.jsonl")}
    asked = [row["turns"] for row in rows("questions.jsonl") if row["half"] == "test"]
    assert sum(squeeze(turns[-1]) in known for turns in asked) == 0  # type: ignore[index]


def test_a_name_stands_as_one_sign_whichever_it_is():
    other = Named("맑은토너", DocumentKind.PRODUCT, ("p2",))
    one = guessed("이슬 수분 크림 얼마예요?", [CREAM])
    assert one == guessed("맑은 토너 얼마예요?", [other]) != guessed("얼마예요?")


def test_blanks_do_not_matter_to_what_is_looked_at():
    assert guessed("판테놀이 뭐예요?", [PANTHENOL]) == guessed("판테놀이뭐예요?", [PANTHENOL])


def test_what_was_spoken_of_is_looked_at():
    assert guessed("얼마예요?") != guessed("얼마예요?", talk=Talk(products=("p1",)))


def test_every_cue_has_its_place_and_one_name():
    assert len(set(cues.FEATURES)) == len(cues.FEATURES)
    assert len(cues.cues("안녕?", "안녕")) == len(cues.FEATURES)


def test_a_guess_is_a_probability_and_the_weights_are_no_pickle():
    guess = guessed("배송 언제 와요?")
    assert guess.intent is Intent.SHOP
    assert 0 < guess.probability <= 1
    runs = len(CLASSIFIER.grams.places)
    assert CLASSIFIER.weights.shape == (SIZE + runs, len(CLASSIFIER.intents))
    assert CLASSIFIER.grams.rarity.shape == (runs,)


def test_a_run_that_was_never_seen_says_nothing():
    assert guessed("배송 언제 와요? ☃") == guessed("배송 언제 와요?")


# --- the rules alone ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "several"),
    [
        ("성분도 알려줘 그리고 가격은 얼마야?", 2),
        ("이거 순해요? 얼마예요? 어디서 사요?", 3),
        ("순해요? 얼마예요? 향은 어때요? 용량은요 몇 ml?", 3),
        ("건성이에요. 크림 추천해 주세요.", 0),
        ("12,000원대 토너 있어요?", 0),
    ],
)
def test_a_question_is_split_where_it_asks_for_more(text: str, several: int):
    assert len(parts(text)) == several


def test_the_parts_together_are_the_whole():
    text = "저는 건성이에요. 크림 추천해 주시고, 순서도 알려 주세요!"
    assert squeeze("".join(parts(text))) == squeeze(text)


@pytest.mark.parametrize("text", ["더 싼 거 있어?", "너무 비싸요", "좀 더 저렴한 걸로"])
def test_cheaper_is_heard(text: str):
    assert understand(text).cheaper


@pytest.mark.parametrize("text", ["여드름 말고 건조함이 고민이에요", "건성 말고 지성용이요"])
def test_a_denial_asks_for_no_other_product(text: str):
    assert not understand(text).alike
