"""A load told in sections: what was read, what was cleaned, and what there is now."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engine.advertising import SEOUL
from engine.parsing.korean import with_particle
from ingest import clouds, tallies
from ingest.artifacts import Manifest
from ingest.columns import FAQ, REVIEWS, TABLES
from ingest.parts import Bar, Bars, Cloud, Columns, Cut, Listing, Section
from ingest.tables import Tables
from ingest.tallies import Bin, Writers

TITLE: Final = "적재 보고서"
STEPS: Final = "줄 수의 흐름"
RATINGS: Final = "평점"
LENGTHS: Final = "리뷰 길이"
WRITERS: Final = "한 사람이 쓴 리뷰"
SKIN_TYPES: Final = "피부 타입"
SPENDING: Final = "피부 타입별 평균 지출"
CATEGORIES: Final = "분류"
CLOUDS: Final = "분류별 말 구름"
INGREDIENTS: Final = "자주 쓰인 성분"
ROLES: Final = "자주 쓰인 배합목적"
UNMATCHED: Final = "사전에 없는 성분 이름"
DOUBTFUL: Final = "같은 제품인지 살펴볼 짝"
REASONS: Final = "뺀 까닭"
TRUST: Final = "믿을 만한 리뷰인지"
ABOUT: Final = "이 적재에 대해"

BARS_AT_MOST: Final = 15
ROWS_AT_MOST: Final = 30
TITLES: Final = {**{name: table.title for name, table in TABLES.items()}, FAQ.name: FAQ.title}
_SHOWN_ELSEWHERE: Final = (
    "id", "at", "steps", "files", "matched", "read", "products", "ingredients", "reviews", "faq",
)  # fmt: skip
_NAMES: Final = {
    "id": "적재",
    "at": "때",
    "digest": "내용의 합",
    "code": "프로그램",
    "command": "명령",
    "embedding": "임베딩",
    "options": "선택",
    "inputs": "파일",
    "sources": "출처",
    "table": "표",
    "file": "파일",
    "rows": "줄",
    "load": "읽은 적재",
    "bytes": "바이트",
    "sha256": "SHA-256",
    "max_reviews": "한 사람의 리뷰 한도",
    "sponsored": "협찬 글",
    "counts": "센 것",
    "origin": "받은 곳",
    **TITLES,
}
_HEADINGS: Final = {
    "name": "이름",
    "brand": "브랜드",
    "other_name": "다른 이름",
    "other_brand": "다른 브랜드",
    "other_file": "다른 파일",
    "id": "번호",
    "other_id": "다른 번호",
    "taken_for": "이렇게 읽음",
    "way": "찾은 길",
    "products": "제품",
    "count": "개수",
    "times": "번",
    "score": "점수",
    "reason": "까닭",
    "why": "까닭",
    "file": "파일",
    "line": "줄",
    "decision": "결정",
    "nearest": "가장 비슷한 이름",
    "label": "성분표의 이름",
}


@dataclass(frozen=True, slots=True)
class Figures:
    title: str
    subtitle: str
    tiles: tuple[tuple[str, str], ...]
    """What there is now: name, figure."""
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """All that a report is made of."""

    manifest: Manifest
    tables: Tables
    folder: Path
    """Of the load."""
    clouds: tuple[Cloud, ...] | None = None
    """None: what they need is not installed."""


def figures(material: Material) -> Figures:
    manifest, tables = material.manifest, material.tables
    people = tables.reviews["reviewer"].nunique()
    counts = {
        "제품": manifest.products,
        "성분": manifest.ingredients,
        "리뷰": manifest.reviews,
        "리뷰를 쓴 사람": people,
        "FAQ": manifest.faq,
    }
    return Figures(
        TITLE,
        f"{manifest.id} · {manifest.at.astimezone(SEOUL):%Y년 %m월 %d일 %H:%M}",
        tuple((name, f"{count:,}") for name, count in counts.items()),
        tuple(_sections(material)),
    )


def _sections(material: Material) -> Iterator[Section]:
    products, reviews = material.tables.products, material.tables.reviews
    lines = [line for name in TITLES for line in _rejects(material.folder, name)]
    yield _steps(material.manifest)
    if lines:
        yield _reasons(lines)
    yield from _reviewed(material, [line[2] for line in lines])
    yield from _trust(material.manifest)
    yield _categories(tallies.categories(products, reviews))
    yield _clouds(material.clouds)
    yield from _labels(material)
    yield from _for_review(material.folder)
    yield _about(material.manifest)


def _rejects(folder: Path, table: str) -> list[tuple[str, str, str]]:
    found = tallies.rows(folder / "rejects" / f"{table}.csv")[1:]
    return [(row[0], row[1], row[2]) for row in found if len(row) >= 3]


# --- what was read and cleaned --------------------------------------------------------------------


def _steps(manifest: Manifest) -> Section:
    says = [f"{_told(manifest, name)}" for name in manifest.read]
    flows = [_flow(manifest, name) for name in manifest.read]
    rows = tuple(
        (
            TITLES.get(step.table, step.table),
            step.step,
            *(f"{n:,}" for n in (step.changed, step.emptied, step.dropped, step.marked)),
        )
        for step in manifest.steps
    )
    heads = ("표", "단계", "고친 칸", "비운 칸", "뺀 줄", "눈여겨볼 줄")
    listing = Listing("모든 단계", heads, rows, folded=True)
    return Section("steps", STEPS, tuple(says), (*flows, listing) if rows else tuple(flows))


def _told(manifest: Manifest, name: str) -> str:
    """«리뷰: 4,682줄을 읽어서 12줄을 뺐어요.»"""
    read, gone = manifest.read[name], _dropped(manifest, name)
    end = f"{gone:,}줄({_percent(gone, read)})을 뺐어요." if gone else "뺀 줄이 없어요."
    return f"{TITLES[name]}: {read:,}줄을 읽었고, {end}"


def _flow(manifest: Manifest, name: str) -> Bars:
    left = read = manifest.read[name]
    bars = [Bar("읽은 줄", read, f"{read:,}")]
    for step in manifest.steps:
        if step.table == name and step.dropped:
            left -= step.dropped
            bars.append(Bar(step.step, left, f"{left:,} (−{step.dropped:,})"))
    final = {"faq": manifest.faq}.get(name, getattr(manifest, name))
    if final != left:
        more = f"+{final - left:,}" if final > left else f"−{left - final:,}"
        bars.append(Bar(_OTHER_ROWS.get(name, "다른 단계"), final, f"{final:,} ({more})"))
    bars.append(Bar("남은 것", final, f"{final:,}"))
    return Bars(f"steps-{name}", TITLES[name], tuple(bars))


_OTHER_ROWS: Final = {"ingredients": "성분표에만 있는 이름"}


def _dropped(manifest: Manifest, name: str) -> int:
    return sum(step.dropped for step in manifest.steps if step.table == name)


def _reasons(lines: Sequence[tuple[str, str, str]]) -> Section:
    found = tallies.reasons(lines)
    rows = tuple((kind, f"{count:,}", first) for kind, count, first in found)
    listing = Listing(REASONS, ("까닭", "줄", "처음 나온 곳"), rows[:ROWS_AT_MOST])
    told = f"모두 {len(lines):,}줄을 뺐어요. 줄마다의 까닭은 적재 폴더의 rejects에 있어요."
    return Section("reasons", REASONS, (told,), (listing,))


def _trust(manifest: Manifest) -> Iterator[Section]:
    """What of the reviews went because it looked copied or arranged, and what stays to be seen."""
    steps = [step for step in manifest.steps if step.table == REVIEWS.name]
    gone = [step for step in steps if step.step in _WARY and not step.marked]
    seen = [step for step in steps if step.marked]
    rows = [(step.step, "뺐어요", f"{step.dropped:,}") for step in gone]
    rows += [(step.step, "남겼어요", f"{step.marked:,}") for step in seen]
    if rows:
        says = ("남긴 것은 세기만 했어요. 추천에는 다른 리뷰와 똑같이 쓰여요.",) if seen else ()
        listing = Listing(TRUST, ("무엇", "어떻게", "리뷰"), tuple(rows))
        yield Section("trust", TRUST, says, (listing,))


_BUSY: Final = "리뷰가 유난히 많은 사람"
_WARY: Final = (
    "되풀이된 글",
    "거의 같은 글",
    "한 사람이 한 제품에 여러 번",
    _BUSY,
    "협찬·체험단이라고 밝힌 글",
)

# --- reviews --------------------------------------------------------------------------------------


def _reviewed(material: Material, gone: Iterable[str]) -> Iterator[Section]:
    manifest, reviews = material.manifest, material.tables.reviews
    if reviews.empty:
        yield Section("reviews", "리뷰", ("이 적재에는 리뷰가 없어요.",))
        return
    yield _ratings(tallies.ratings(reviews), float(reviews["rating"].astype(float).mean()))
    yield _lengths(tallies.lengths(reviews), tallies.median_length(reviews))
    asked = manifest.options.get("max_reviews")
    dropped = _dropped_by(manifest, _BUSY) if REVIEWS.name in manifest.read else None
    yield _writers(tallies.writers(reviews, gone, asked, dropped), dropped or 0)
    yield _skin_types(tallies.skin_types(reviews))
    yield _spending(tallies.spending(material.tables.products, reviews))


def _ratings(counts: Sequence[tuple[float, int]], mean: float) -> Section:
    bars = tuple(Bar(f"{rating:g}점", count, f"{count:,}") for rating, count in counts)
    all_ = sum(count for _, count in counts)
    high = sum(count for rating, count in counts if rating >= 4)
    says = f"평균 {mean:.2f}점이고, 4점 이상이 {_percent(high, all_)}예요."
    chart = Columns("ratings", RATINGS, bars, ("평점", "리뷰"))
    return Section("ratings", RATINGS, (says,), (chart,), half=True)


def _lengths(bins: Sequence[Bin], median: int) -> Section:
    bars = tuple(map(_bin, bins))
    says = f"가운데 길이는 띄어쓰기를 뺀 {median:,}자예요. 칸은 오른쪽으로 갈수록 넓어요."
    chart = Columns("lengths", LENGTHS, bars, ("글자 수", "리뷰"))
    return Section("lengths", LENGTHS, (says,), (chart,), half=True)


def _bin(one: Bin) -> Bar:
    start = f"{one.first:,}"
    alone = one.first == one.last
    name = start if alone else f"{start} 이상" if one.last is None else f"{start}~{one.last:,}"
    return Bar(name, one.count, f"{one.count:,}", start if alone else f"{start}~")


def _writers(found: Writers, dropped: int) -> Section:
    bars = tuple(map(_bin, found.bins))
    says = [f"{found.people:,}명이 썼고, 가장 많이 쓴 사람은 {found.most:,}개를 썼어요."]
    cut = None
    if found.cut is None:
        says.append("자른 자리는 이 적재에 적혀 있지 않아요.")
    else:
        says.append(f"{found.cut:,}개까지 쓴 사람을 남겨요.")
        cut = _cut(found.bins, found.cut)
    if dropped:
        who = f"{found.gone:,}명의" if found.gone else "사람의"
        says.append(f"유난히 많이 쓴 {who} 리뷰 {dropped:,}개를 뺐어요.")
    elif found.cut is not None:
        says.append("더 많이 쓴 사람이 없어서 아무도 빼지 않았어요.")
    says.append("칸은 오른쪽으로 갈수록 넓어요.")
    chart = Columns("writers", WRITERS, bars, ("한 사람의 리뷰", "사람"), cut)
    return Section("writers", WRITERS, tuple(says), (chart,))


def _dropped_by(manifest: Manifest, title: str) -> int:
    return sum(step.dropped for step in manifest.steps if step.step == title)


def _cut(bins: Sequence[Bin], most: int) -> Cut | None:
    """Nothing where it lies far to the right of all columns."""
    starts = [one.first for one in bins]
    return Cut(starts.index(most + 1), f"{most:,}개까지") if most + 1 in starts else None


def _skin_types(counts: Sequence[tuple[str, int]]) -> Section:
    whole = sum(count for _, count in counts)
    bars = [Bar(name, count, f"{count:,} · {_percent(count, whole)}") for name, count in counts]
    untold = dict(counts)[tallies.UNTOLD]
    bars = bars if untold else bars[:-1]
    says = (
        "모든 리뷰에 피부 타입이 있어요."
        if not untold
        else f"리뷰 {untold:,}개({_percent(untold, whole)})는 피부 타입을 몰라요."
    )
    chart = Bars("skin-types", SKIN_TYPES, tuple(bars))
    return Section("skin-types", SKIN_TYPES, (says,), (chart,), half=True)


def _spending(found: Sequence[tallies.Spending]) -> Section:
    if not found:
        says = "가격을 아는 제품의 리뷰가 없어요."
        return Section("spending", SPENDING, (says,), half=True)
    bars = tuple(
        Bar(one.skin_type, one.mean, f"{one.mean:,.0f}원 · {one.people:,}명") for one in found
    )
    says = "그 피부 타입의 사람들이 리뷰를 쓴 제품의 평균 가격이에요. 실제로 산 값은 아니에요."
    chart = Bars("spending", SPENDING, bars)
    return Section("spending", SPENDING, (says,), (chart,), half=True)


# --- the catalogue --------------------------------------------------------------------------------


def _categories(found: Sequence[tallies.Category]) -> Section:
    if not found:
        return Section("categories", CATEGORIES, ("이 적재에는 제품이 없어요.",))
    bars = tuple(
        Bar(one.name, one.reviews, f"리뷰 {one.reviews:,} · 제품 {one.products:,}{_price(one)}")
        for one in found[:BARS_AT_MOST]
    )
    says = [f"분류가 {len(found):,}가지예요."]
    if len(found) > BARS_AT_MOST:
        says.append(f"리뷰가 많은 {BARS_AT_MOST}가지를 보여 줘요.")
    return Section("categories", CATEGORIES, tuple(says), (Bars("categories", CATEGORIES, bars),))


def _price(one: tallies.Category) -> str:
    return "" if one.price is None else f" · 평균 {one.price:,.0f}원"


def _clouds(found: Sequence[Cloud] | None) -> Section:
    if found is None:
        return Section(
            "clouds",
            CLOUDS,
            (
                f"말 구름을 그리려면 {with_particle(', '.join(clouds.NEEDED), '이/가')} 필요해요.",
                f"이렇게 설치하고 다시 만들어 주세요: {clouds.INSTALL}",
            ),
        )
    if not found:
        few = f"글이 있는 리뷰가 {clouds.REVIEWS_AT_LEAST}개 넘는 분류가 없어서 그리지 않았어요."
        return Section("clouds", CLOUDS, (few,))
    says = (
        "리뷰에 나온 명사예요. 큰 말일수록 여러 리뷰에 나와요. 한 분류에서 고르게 뽑은 "
        f"{clouds.REVIEWS_AT_MOST:,}개까지를 세었어요."
    )
    return Section("clouds", CLOUDS, (says,), tuple(found))


def _labels(material: Material) -> Iterator[Section]:
    products, dictionary = material.tables.products, material.tables.ingredients
    labelled = sum(1 for label in products["ingredients"] if label)
    if not labelled:
        yield Section("ingredients", INGREDIENTS, ("성분표가 있는 제품이 없어요.",))
        return
    common = tallies.ingredients(products)
    says = f"제품 {labelled:,}개에 성분표가 있고, 이름이 {len(common):,}가지 나와요."
    yield Section(
        "ingredients",
        INGREDIENTS,
        (says,),
        (
            _of_products("ingredients", INGREDIENTS, common, labelled),
            _of_products("roles", ROLES, tallies.roles(products, dictionary), labelled),
        ),
    )
    yield _unmatched(material, common)


def _of_products(key: str, title: str, counts: Sequence[tuple[str, int]], labelled: int) -> Bars:
    return Bars(
        key,
        title,
        tuple(
            Bar(name, count, f"{count:,}개 · {_percent(count, labelled)}")
            for name, count in counts[:BARS_AT_MOST]
        ),
        whole=labelled,
    )


def _unmatched(material: Material, common: Sequence[tuple[str, int]]) -> Section:
    """What the load wrote of them, or else what can be seen in its tables."""
    unknown = tallies.unknown(material.tables.products, material.tables.ingredients)
    ways = _ways(material.manifest)
    heads, *written = tallies.rows(material.folder / "rejects" / "unmatched.csv") or [()]
    names, places = len(common), sum(count for _, count in common)
    lost = sum(count for _, count in unknown)
    says = [
        f"성분표의 이름 {names:,}가지 가운데 {names - len(unknown):,}가지"
        f"({_percent(names - len(unknown), names)})를 사전이 알아요. "
        f"나온 횟수로는 {_percent(places - lost, places)}예요."
    ]
    if not written:
        heads, written = ("name", "products"), [(name, f"{n:,}") for name, n in unknown]
    listing = [_listing(UNMATCHED, heads, written)] if written else []
    says.extend(_first_of(len(written)))
    return Section("unmatched", UNMATCHED, tuple(says), (*ways, *listing))


def _ways(manifest: Manifest) -> list[Listing]:
    """How the names of each file's labels were found."""
    rows = tuple(
        (one.file, " · ".join(f"{way} {times:,}" for way, times in one.ways.items()))
        for one in manifest.matched
    )
    return [Listing("파일마다 찾은 길", ("파일", "찾은 길과 횟수"), rows)] if rows else []


def _for_review(folder: Path) -> Iterator[Section]:
    """The pairs that the operator is to decide, where the load wrote some."""
    for file in sorted(folder.glob("**/doubtful.csv")):
        heads, *rows = tallies.rows(file) or [()]
        if rows:
            says = (f"{len(rows):,}쌍이 {file.relative_to(folder)}에 있어요.",)
            listing = _listing(DOUBTFUL, heads, rows)
            yield Section("doubtful", DOUBTFUL, (*says, *_first_of(len(rows))), (listing,))


def _listing(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Listing:
    """As wide as its heading, whatever the rows hold."""
    named = tuple(_HEADINGS.get(head, head) for head in heads)
    width = len(named)
    even = tuple((*row[:width], *[""] * (width - len(row))) for row in rows[:ROWS_AT_MOST])
    return Listing(title, named, even)


def _first_of(rows: int) -> list[str]:
    return [f"그 가운데 {ROWS_AT_MOST}개를 보여 줘요."] if rows > ROWS_AT_MOST else []


# --- the manifest ---------------------------------------------------------------------------------


def _about(manifest: Manifest) -> Section:
    """All that the manifest holds and no other section shows."""
    told = {
        name: value
        for name, value in manifest.model_dump(mode="json").items()
        if name not in _SHOWN_ELSEWHERE
    }
    grids = {name: value for name, value in told.items() if _is_grid(value)}
    plain = {name: value for name, value in told.items() if name not in grids}
    files = tuple(
        (name, f"{content.bytes:,}", content.sha256) for name, content in manifest.files.items()
    )
    return Section(
        "about",
        ABOUT,
        ("무엇을 무엇으로 만들었는지예요.",),
        (
            Listing(ABOUT, ("이름", "값"), tuple(_leaves(plain))),
            *(_grid(name, rows) for name, rows in grids.items()),
            Listing("만든 파일", ("파일", "바이트", "SHA-256"), files, folded=True),
        ),
    )


def _is_grid(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, Mapping) for v in value)


def _grid(name: str, rows: Iterable[Any]) -> Listing:
    """Things of one kind below each other, a column for each of their leaves."""
    told = [dict(_leaves(row)) for row in rows]
    heads = tuple(dict.fromkeys(head for row in told for head in row))
    cells = tuple(tuple(row.get(head, "") for head in heads) for row in told)
    return Listing(_NAMES.get(name, name), heads, cells)


def _leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """«선택 › 한 사람의 리뷰 한도» → its value; what is empty is left out."""
    match value:
        case Mapping():
            for name, inner in value.items():
                yield from _leaves(inner, (*path, _NAMES.get(str(name), str(name))))
        case list() | tuple():
            for place, inner in enumerate(value, 1):
                yield from _leaves(inner, (*path, f"{place}"))
        case None | "":
            return
        case int() if not isinstance(value, bool):
            yield " › ".join(path), f"{value:,}"
        case _:
            yield " › ".join(path), TITLES.get(str(value), str(value))


def _percent(part: float, whole: float) -> str:
    """«0%» only of nothing, «100%» only of all."""
    share = part / whole if whole else 0.0
    if 0 < share < 0.005:
        return "1% 미만"
    return f"{min(share, 0.999):.1%}" if 0.995 <= share < 1 else f"{share:.0%}"
