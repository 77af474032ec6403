"""A list of ingredients as a person reads it: what is of note first, what carries it last.

Roles are the Korean dictionary's 배합목적 (대한화장품협회 성분사전); the groups are ours.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.domain import Ingredient


class Group(StrEnum):
    """In the order of the page; an ingredient stands in the first that takes it."""

    AVOIDED = "피할 성분"
    LIMITED = "한도·표시 기준"
    ACTIVE = "눈여겨볼 성분"
    SUN = "자외선 차단"
    CARE = "피부 컨디셔닝·보호"
    MOISTURE = "보습·유연"
    CLEANSING = "유화·세정"
    TEXTURE = "점도·제형"
    KEEPING = "보존·산화 방지"
    SCENT = "향·청량감"
    COLOUR = "색"
    OTHER = "그 밖의 성분"
    BASE = "정제수·용제"


@dataclass(frozen=True, slots=True)
class Line:
    ingredient: Ingredient
    group: Group


_WATER: Final = "정제수"
_ROLES: Final = {
    Group.SUN: "자외선차단제 자외선흡수제 광안정제 태닝제",
    Group.CARE: "피부컨디셔닝제 피부보호제 진정제 미백제 피부결개선제 각질제거제 피지조절제 수렴제"
    " 토닉제 헤어컨디셔닝제 손톱컨디셔닝제 구강관리제 땀억제제",
    Group.MOISTURE: "보습제 유연제 유분보충제 밀폐제",
    Group.CLEANSING: "유화제 유화안정제 계면활성제 기포형성제 기포증진제 가용화제 분산제 소포제",
    Group.TEXTURE: "점증제 결합제 피막형성제 증량제 흡수제 불투명화제 고결방지제 가소제 연마제"
    " 미끄럼조절제 표면개질제 정전기방지제 헤어고정제",
    Group.KEEPING: "보존제 항균제 산화방지제 환원제 부식방지제 산화제",
    Group.SCENT: "착향제 향미제 청량제 탈취제",
    Group.COLOUR: "착색제 펄광택제 염모제",
    Group.BASE: "용제 pH조절제 킬레이트제 분사제 변성제",
}
_GROUP_OF: Final[Mapping[str, Group]] = {
    role: group for group, roles in _ROLES.items() for role in roles.split()
}
_AIMED: Final = frozenset(
    ("미백제", "피부결개선제", "진정제", "각질제거제", "피지조절제", "피부보호제")
)
"""Roles that aim at the skin; the plain 피부컨디셔닝제 says so little that it must stand alone."""


def ordered(ingredients: Iterable[Ingredient], avoided: Collection[int]) -> tuple[Line, ...]:
    """Group by group; within one, in the list's own order."""
    lines = [Line(each, _group(each, avoided)) for each in ingredients]
    places = {group: place for place, group in enumerate(Group)}
    return tuple(sorted(lines, key=lambda line: places[line.group]))


def counts(lines: Iterable[Line]) -> dict[Group, int]:
    """Of the groups that have any, in the page's order."""
    found = [line.group for line in lines]
    return {group: found.count(group) for group in Group if group in found}


def _group(ingredient: Ingredient, avoided: Collection[int]) -> Group:
    if ingredient.id in avoided:
        return Group.AVOIDED
    if ingredient.limits:
        return Group.LIMITED
    if ingredient.name == _WATER:
        return Group.BASE
    return Group.ACTIVE if _is_active(ingredient) else _of_role(ingredient)


def _is_active(ingredient: Ingredient) -> bool:
    roles = frozenset(ingredient.roles)
    aimed = bool(roles & _AIMED) or roles == {"피부컨디셔닝제"}
    return aimed and bool(ingredient.definition)


def _of_role(ingredient: Ingredient) -> Group:
    """By the first role, which the dictionary puts first; a solvent is a solvent first of all."""
    groups = [_GROUP_OF.get(role, Group.OTHER) for role in ingredient.roles]
    if Group.BASE in groups and Group.MOISTURE not in groups:
        return Group.BASE
    return groups[0] if groups else Group.OTHER
