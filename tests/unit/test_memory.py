"""The written form of a dialogue."""

import json
from dataclasses import replace

import pytest

from bot.dialogue.model import (
    Compare,
    Comparing,
    Consult,
    Dialogue,
    Finding,
    FindPeers,
    ListCategories,
    ListFormula,
    NarrowingPrice,
    Offer,
    Picking,
    ReadingProduct,
    ReadingWhy,
    Recommend,
    Recommending,
    Request,
    Resting,
    ReviewingPicks,
    Scene,
    ShowProduct,
    Step,
    Surveying,
    ViewingRecent,
    Weighing,
)
from bot.memory import read, written
from engine.domain import Concern, Conditions, Query, Question, SkinProfile, SkinType

PROFILE = SkinProfile(skin_type=SkinType.DRY, concerns=(Concern.ACNE,), avoided=("향료",))
DIALOGUE = Dialogue(
    old_enough=True,
    agreed=True,
    profile=PROFILE,
    picks=(3, 4),
    grades={4: 1},
    recent=(9, 3),
    picker=Picking("달빛", 2),
    finder=Finding("크림", 3),
    rated={3: True, 4: False},
    ticket=7,
    offers=(Offer("✅ 크림", "", "pick:3"),),
)


@pytest.mark.parametrize(
    "scene",
    [
        Resting(),
        Surveying(Step.CONCERNS, PROFILE),
        ReadingWhy(3, Recommending((3,), (4,), 2)),
        Recommending((3,), (4,), 2, Conditions("크림", 0, 20_000, ("향료",))),
        ReviewingPicks(2),
        ViewingRecent(1, picking=True),
        Weighing((3, 4), 2),
        Comparing((3, 4)),
        NarrowingPrice(),
        ReadingProduct(3, "compare:3:4:0"),
    ],
)
@pytest.mark.parametrize(
    "request_",
    [
        None,
        Recommend(7, Query({3: 5.0}, PROFILE, excluded=frozenset({9, 1}))),
        ShowProduct(7, 3),
        ListFormula(7, 3),
        Consult(7, Question("뭐가 좋아요?", PROFILE)),
        Compare(7, (3, 4), PROFILE),
        FindPeers(7, PROFILE),
        ListCategories(7),
    ],
)
def test_a_dialogue_is_read_as_it_was_written(scene: Scene, request_: Request | None) -> None:
    dialogue = replace(DIALOGUE, scene=scene, open=request_)
    assert read(written(dialogue)) == dialogue


def test_a_scene_of_another_version_goes_on_at_the_menu_with_everything_else_kept() -> None:
    content = json.loads(written(replace(DIALOGUE, scene=Surveying(Step.GENDER, PROFILE))))
    content["dialogue"]["scene"] = {"_type": "Dreaming", "of": "spring"}
    assert read(json.dumps(content)) == replace(DIALOGUE, scene=Resting(), rated={}, offers=())


def test_fields_that_a_newer_version_added_are_left_alone() -> None:
    content = json.loads(written(DIALOGUE))
    content["dialogue"]["mood"] = "good"
    assert read(json.dumps(content)) == DIALOGUE
