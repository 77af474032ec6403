"""Words for whole groups of ingredients that people avoid, and who belongs to each.

Membership goes by the Korean standard name, squeezed. Sources: the names are those of the Korean
cosmetic ingredient dictionary (대한화장품협회); fragrance allergens are the 25 of the Korean
labelling rule (식약처 고시, 화장품 사용 시의 주의사항 및 알레르기 유발성분 표시에 관한 규정).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from engine.parsing.korean import squeeze

_ENDINGS = re.compile(r"(?<=..)(?:성분|종류|계열|류|계)$")


@dataclass(frozen=True, slots=True)
class Group:
    words: frozenset[str]
    """What people call it, squeezed."""
    pattern: re.Pattern[str] | None = None
    """Found in a member's squeezed name."""
    names: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    """Every ingredient of one of these roles (배합목적) belongs."""

    def holds(self, name: str, roles: Collection[str]) -> bool:
        """Whether an ingredient of this (squeezed) name and these roles belongs."""
        return (
            name in self.names
            or (self.pattern is not None and self.pattern.search(name) is not None)
            or not self.roles.isdisjoint(roles)
        )


def stem(text: str) -> str:
    """«파라벤 성분», «실리콘류» → «파라벤», «실리콘»; squeezed."""
    return _ENDINGS.sub("", squeeze(text))


def _group(words: str, pattern: str = "", *, names: str = "", roles: str = "") -> Group:
    return Group(
        words=frozenset(map(squeeze, words.split())),
        pattern=re.compile(pattern) if pattern else None,
        names=frozenset(map(squeeze, names.split())),
        roles=frozenset(roles.split()),
    )


GROUPS = (
    # The drying ones. Fatty alcohols (세틸알코올) soften the skin, 벤질알코올 preserves.
    _group(
        "알코올 알콜 에탄올 에틸알코올 주정 alcohol ethanol",
        r"^변성알코올|^(?:무수|발효|곡물)?(?:에탄올|에틸알코올|주정)$",
        names="알코올 아이소프로필알코올 이소프로필알코올 메틸알코올",
    ),
    _group(
        "향료 향 인공향 인공향료 합성향료 착향제 향수 fragrance parfum perfume",
        names="향료 착향제 아밀신남알 벤질알코올 신나밀알코올 시트랄 유제놀 하이드록시시트로넬알 "
        "아이소유제놀 아밀신나밀알코올 벤질살리실레이트 신남알 쿠마린 제라니올 아니스알코올 "
        "벤질신나메이트 파네솔 부틸페닐메틸프로피오날 리날룰 벤질벤조에이트 시트로넬올 헥실신남알 "
        "리모넨 메틸2-옥티노에이트 알파-아이소메틸아이오논 참나무이끼추출물 나무이끼추출물",
    ),
    _group("파라벤 parabens paraben", r"파라벤$"),
    # Not the water-soluble ones made of an oil (피이지-40하이드로제네이티드캐스터오일).
    _group("오일 기름 유분 oil", r"^(?!.*(?:피이지|피피지|폴리글리세릴)).*오일$"),
    _group("미네랄오일 광물성오일 mineraloil", names="미네랄오일 파라핀 바셀린 페트롤라툼"),
    _group("실리콘 실리콘오일 실록산 silicone", r"메티콘|실록세인|실록산|실리콘"),
    _group(
        "설페이트 황산염 설페이트계면활성제 sulfate sulfates",
        r"(?:라우릴|라우레스|미레스|코코|세테아릴|데실|올레일|라우릴알코올)설페이트$",
    ),
    _group("색소 타르 타르색소 인공색소 착색제 colorant", r"^[적황청녹자등흑]색\d", roles="착색제"),
    _group("방부제 보존제 preservative", roles="보존제 방부제"),
    _group("자외선차단제 선스크린 sunscreen", roles="자외선차단제 자외선흡수제"),
    _group("aha 아하", names="글라이콜릭애씨드 락틱애씨드 만델릭애씨드 말릭애씨드 타타릭애씨드"),
    _group("bha 바하 살리실산", r"살리실릭애씨드$", names="베타인살리실레이트 소듐살리실레이트"),
    # «임신·수유 중» stands for it too: vitamin A and what acts like it is left alone then. The
    # last of the names are medicines, which a list that someone types may hold.
    _group(
        "레티노이드 레티놀 비타민a retinol retinoid 임신·수유중",
        r"^레티놀$|^레티닐|^레틴|^레티날$|레티노에이트$|레티노익애씨드$|레티노일|트레티노인$",
        names="아다팔렌 타자로텐",
    ),
    _group("피이지 peg", r"^피이지|/피이지"),
)


_PARTS = "나무|잎|씨|꽃|열매|과육|과일|뿌리|줄기|껍질|겉|속|싹|순|눈|가지|세포|캘러스|전초|지상부"
_FORMS = (
    "추출물|추출액|추출수|오일|수|워터|가루|파우더|즙|주스|버터|왁스|단백질"
    "|여과물|발효물|발효여과물"
)


def preparations(name: str) -> re.Pattern[str]:
    """What is plainly made of a (squeezed) ingredient: parts of it, then a form."""
    return re.compile(rf"^{re.escape(name)}(?:{_PARTS})*(?:{_FORMS}|{_PARTS})$")


def group_of(word: str) -> Group | None:
    """The group that a squeezed word stands for."""
    return next((group for group in GROUPS if word in group.words), None)
