"""`/admin`: the shop's figures behind a key, drawn on the server; no script at all.

The key travels once, in a form, and is exchanged for a signed cookie of eight hours.
"""

import hmac
import secrets
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from html import escape
from typing import Final, Protocol

from aiohttp import web

from bot.dialogue import statistics_texts as words
from bot.dialogue.admin_texts import GOING, counts
from bot.dialogue.statistics import as_csv, file_name
from bot.web.session import Door
from engine.advertising import SEOUL, Tally
from engine.figures import Counts, Figures
from engine.store.audit import Audit, Noted
from engine.store.broadcasts import Broadcast

COOKIE: Final = "ppoyami_admin"
LASTS: Final = timedelta(hours=8)
TRIES: Final = 5
"""Wrong keys of one address in a minute; then it waits."""
MINUTE: Final = timedelta(minutes=1)
ADDRESSES: Final = 1_000
"""Whose wrong keys are remembered."""
ACTIONS: Final = 30
SENDINGS: Final = 10
PERIODS: Final = (7, 30, 0)
"""Days; 0: since the beginning."""

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self'; style-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    # With «no-referrer» a browser would send the form with an Origin of «null».
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}

WRONG_KEY: Final = "열쇠가 맞지 않아요."
TOO_MANY: Final = "너무 여러 번 틀렸어요. 1분 뒤에 다시 해 주세요."
ELSEWHERE: Final = "이 페이지에서 보낸 것이 아니에요. 다시 열어 주세요."
WHO: Final = {"page": "이 페이지"}
DONE: Final = {
    "statistics": "통계를 봤어요",
    "statistics csv": "표를 내려받았어요",
    "login": "들어왔어요",
    "login failed": "열쇠를 틀렸어요",
    "logout": "나갔어요",
    "broadcast asked for": "메시지를 보내기로 했어요",
    "broadcast steered": "보내던 메시지를 조정했어요",
}


class Reports(Protocol):
    async def figures(self, days: int | None) -> Figures: ...

    async def chart(self, figures: Figures) -> bytes: ...


class Broadcasts(Protocol):
    async def latest(self, n: int) -> tuple[Broadcast, ...]: ...

    async def tally(self, number: int) -> Tally: ...


def add_admin(
    app: web.Application,
    reports: Reports,
    audit: Audit,
    broadcasts: Broadcasts,
    *,
    key: str,
    secret: bytes,
    public_url: str | None,
) -> None:
    """`key` opens the page, `secret` is the house's and signs its cookie."""
    desk = AdminPage(reports, audit, broadcasts, Keys(key, secret), Door(secret, public_url))
    app.router.add_get("/admin", desk.page)
    app.router.add_post("/admin", desk.enter)
    app.router.add_post("/admin/leave", desk.leave)
    app.router.add_get("/admin/chart.png", desk.chart)
    app.router.add_get("/admin/statistics.csv", desk.csv)


class Keys:
    """Who may come in: a key in a form, then a cookie that only this server can have made."""

    def __init__(self, key: str, secret: bytes) -> None:
        self._key = key
        # A changed key ends every visit.
        self._signing = hmac.new(secret, b"admin cookie " + key.encode(), sha256).digest()
        self._wrong: dict[str, deque[datetime]] = {}
        self._left: dict[str, datetime] = {}
        """Cookies given back, until they would have ended."""

    def fits(self, key: str) -> bool:
        return hmac.compare_digest(key.encode("utf-8", "replace"), self._key.encode())

    def waits(self, address: str, now: datetime) -> bool:
        """Whether this address had too many wrong keys just now."""
        wrong = self._wrong.get(address, deque())
        return sum(now - at < MINUTE for at in wrong) >= TRIES

    def failed(self, address: str, now: datetime) -> None:
        self._wrong.setdefault(address, deque(maxlen=TRIES)).append(now)
        while len(self._wrong) > ADDRESSES:
            del self._wrong[next(iter(self._wrong))]

    def made(self, now: datetime) -> str:
        ends = int((now + LASTS).timestamp())
        content = f"{ends}.{secrets.token_urlsafe(12)}"
        return f"{content}.{self._signed(content)}"

    def admits(self, cookie: str, now: datetime) -> bool:
        content, _, signature = cookie.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._signed(content).encode()):
            return False
        return now.timestamp() < int(content.partition(".")[0]) and cookie not in self._left

    def give_back(self, cookie: str, now: datetime) -> None:
        if self.admits(cookie, now):
            self._left = {each: ends for each, ends in self._left.items() if ends > now}
            self._left[cookie] = now + LASTS

    def _signed(self, content: str) -> str:
        return hmac.new(self._signing, content.encode("utf-8", "replace"), sha256).hexdigest()


class AdminPage:
    def __init__(
        self, reports: Reports, audit: Audit, broadcasts: Broadcasts, keys: Keys, door: Door
    ) -> None:
        self._reports = reports
        self._audit = audit
        self._broadcasts = broadcasts
        self._keys = keys
        self._door = door

    async def page(self, request: web.Request) -> web.StreamResponse:
        if not self._is_in(request):
            return _html(_form())
        days = _days(request)
        await self._note("statistics", _period(days))
        figures = await self._reports.figures(days or None)
        noted = await self._audit.latest(ACTIONS)
        return _html(_dashboard(figures, days, await self._sent(), noted))

    async def enter(self, request: web.Request) -> web.StreamResponse:
        now, address = _now(), request.remote or ""
        if not self._door.admits(request):
            return _html(_form(ELSEWHERE), 403)
        if self._keys.waits(address, now):
            return _html(_form(TOO_MANY), 429)
        if not self._keys.fits(await _key(request)):
            self._keys.failed(address, now)
            await self._note("login failed", "")
            return _html(_form(WRONG_KEY), 403)
        await self._note("login", "")
        response = _to_page()
        response.set_cookie(
            COOKIE,
            self._keys.made(now),
            max_age=int(LASTS.total_seconds()),
            path="/admin",
            httponly=True,
            samesite="Strict",
            secure=self._door.secure,
        )
        return response

    async def leave(self, request: web.Request) -> web.StreamResponse:
        if not self._door.admits(request) or not self._is_in(request):
            return _html(_form(ELSEWHERE), 403)
        self._keys.give_back(request.cookies.get(COOKIE, ""), _now())
        await self._note("logout", "")
        response = _to_page()
        response.del_cookie(COOKIE, path="/admin", httponly=True, samesite="Strict")
        return response

    async def chart(self, request: web.Request) -> web.StreamResponse:
        if not self._is_in(request):
            return _html(_form(), 403)
        figures = await self._reports.figures(_days(request) or None)
        content = await self._reports.chart(figures)
        return web.Response(body=content, content_type="image/png", headers=HEADERS)

    async def csv(self, request: web.Request) -> web.StreamResponse:
        if not self._is_in(request):
            return _html(_form(), 403)
        days = _days(request)
        await self._note("statistics csv", _period(days))
        figures = await self._reports.figures(days or None)
        name = {"Content-Disposition": f'attachment; filename="{file_name(figures)}"'}
        return web.Response(
            text=as_csv(figures), content_type="text/csv", charset="utf-8", headers=HEADERS | name
        )

    def _is_in(self, request: web.Request) -> bool:
        return self._keys.admits(request.cookies.get(COOKIE, ""), _now())

    async def _sent(self) -> list[tuple[Broadcast, Tally]]:
        latest = await self._broadcasts.latest(SENDINGS)
        return [(each, await self._broadcasts.tally(each.id)) for each in latest]

    async def _note(self, what: str, detail: str) -> None:
        await self._audit.note("page", what, detail, _now())


async def _key(request: web.Request) -> str:
    """What the form brought; empty where it is no form of ours."""
    try:
        key = (await request.post()).get("key", "")
    except (ValueError, LookupError):
        return ""
    return key if isinstance(key, str) else ""


# --- what it looks like ---------------------------------------------------------------------------


def _form(complaint: str = "") -> str:
    told = f'<p class="complaint" role="alert">{escape(complaint)}</p>' if complaint else ""
    return _page(
        f"""<main class="door"><h1>뽀야미 관리</h1>{told}
<form method="post" action="/admin">
<label for="key">관리 열쇠</label>
<input id="key" name="key" type="password" autocomplete="current-password" required autofocus>
<button>들어가기</button>
</form></main>"""
    )


def _dashboard(
    figures: Figures,
    days: int,
    sent: Sequence[tuple[Broadcast, Tally]],
    noted: Sequence[Noted],
) -> str:
    survey, query = figures.survey, f"days={days}"
    alt = f"{words.title(figures)} 그림. 같은 수가 아래 표에 있어요."
    return _page(
        f"""<header><h1>뽀야미 관리</h1>
<form method="post" action="/admin/leave"><button class="quiet">나가기</button></form></header>
<main>
<nav aria-label="기간">{"".join(_tab(each, days) for each in PERIODS)}</nav>
<p class="period">{escape(words.period(figures))}
<a href="/admin/statistics.csv?{query}" download>표로 받기(CSV)</a></p>
<div class="columns">
<figure><img src="/admin/chart.png?{query}" alt="{escape(alt)}" width="1080"></figure>
<div class="tables">
{_funnel(figures)}
{_weeks(figures)}
{_counts(words.SKIN_TYPES, survey.skin_types)}
{_counts(words.AGE_BANDS, survey.age_bands)}
{_counts(words.GENDERS, survey.genders)}
{_counts(words.CONCERNS, survey.concerns)}
{_favourites(figures)}
{_verdicts(figures)}
{_table(words.REASONS, ("이유", "번"), words.reasons(figures))}
{_table(words.IN_VAIN, ("찾은 말", "명"), figures.in_vain)}
{_links(figures)}
{_table(words.CAMPAIGNS, ("이름", "명"), figures.campaigns)}
</div></div>
<div class="wide">
{_crossed(f"{words.SKIN_TYPES} × {words.CONCERNS}", survey.by_concern)}
{_crossed(f"{words.SKIN_TYPES} × {words.AGE_BANDS}", survey.by_age)}
{_sendings(sent)}
{_actions(noted)}
</div></main>"""
    )


def _page(body: str) -> str:
    return f"""<!doctype html>
<html lang="ko"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>뽀야미 관리</title>
<link rel="icon" href="/static/fairy.svg">
<link rel="stylesheet" href="/static/admin.css">
</head><body>{body}</body></html>"""


def _tab(days: int, chosen: int) -> str:
    current = ' aria-current="page"' if days == chosen else ""
    return f'<a href="/admin?days={days}"{current}>{escape(words.PERIODS[days])}</a>'


def _table(title: str, head: Sequence[str], rows: Iterable[Sequence[str | int]]) -> str:
    """A first cell heads its row; numbers stand to the right."""
    lines = "".join(f"<tr>{_row(row)}</tr>" for row in rows)
    if not lines:
        lines = f'<tr><td colspan="{len(head)}" class="none">아직 없어요</td></tr>'
    heads = "".join(f'<th scope="col">{escape(each)}</th>' for each in head)
    name = escape(title)
    return (
        f'<section><h2>{name}</h2><div class="scroll" role="region" aria-label="{name}" '
        f'tabindex="0"><table><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>'
        "</div></section>"
    )


def _row(cells: Sequence[str | int]) -> str:
    first, *rest = cells
    return f'<th scope="row">{escape(str(first))}</th>' + "".join(map(_cell, rest))


def _cell(cell: str | int) -> str:
    if isinstance(cell, int):
        return f'<td class="number">{cell:,}</td>'
    return f"<td>{escape(cell)}</td>"


def _funnel(figures: Figures) -> str:
    rows = [(stage.value, f"{count or 0:,}{words.unit(stage)}") for stage, count in figures.funnel]
    return _table(words.FUNNEL, ("단계", "수"), rows)


def _weeks(figures: Figures) -> str:
    head = ("월요일", words.ARRIVALS, words.RECOMMENDATIONS, words.QUESTIONS)
    rows = [
        (f"{week.monday:%m.%d}", week.arrived, week.recommended, week.asked)
        for week in reversed(figures.weeks)
    ]
    return _table(words.WEEKS, head, rows)


def _counts(title: str, counts: Counts[str]) -> str:
    return _table(title, ("답", "명"), [(name, count or 0) for name, count in counts])


def _crossed(title: str, crossing: Sequence[tuple[str, Counts[str]]]) -> str:
    columns = [name for name, _ in crossing[0][1]] if crossing else []
    rows: list[Sequence[str | int]] = [
        (name, *(count or 0 for _, count in counts)) for name, counts in crossing
    ]
    return _table(title, (words.SKIN_TYPES, *columns), rows)


def _favourites(figures: Figures) -> str:
    rows = [
        (skin_type, each.title, each.people)
        for skin_type, liked in figures.favourites
        for each in liked
    ]
    return _table(words.FAVOURITES, (words.SKIN_TYPES, "제품", "명"), rows)


def _verdicts(figures: Figures) -> str:
    verdicts = (figures.answers, *figures.products)
    rows = [(each.title or words.ANSWERS, each.good, each.bad) for each in verdicts]
    return _table(words.VERDICTS, ("무엇", words.GOOD, words.BAD), rows)


def _links(figures: Figures) -> str:
    rows = [
        (each.title or words.source(each.source), each.url, each.clicks) for each in figures.links
    ]
    return _table(words.LINKS, ("어디에", "주소", "번"), rows)


def _actions(noted: Sequence[Noted]) -> str:
    rows = [
        (_moment(each.at), WHO.get(each.who, each.who), DONE.get(each.what, each.what), each.detail)
        for each in noted
    ]
    return _table("관리 기록", ("언제", "누가", "무엇을", "자세히"), rows)


def _sendings(sent: Sequence[tuple[Broadcast, Tally]]) -> str:
    rows = [
        (f"{each.id}번", _moment(each.at), each.body, GOING[each.going], counts(tally))
        for each, tally in sent
    ]
    return _table("보낸 메시지", ("번호", "언제", "글", "상태", "결과"), rows)


def _html(text: str, status: int = 200) -> web.Response:
    return web.Response(
        text=text, status=status, content_type="text/html", charset="utf-8", headers=HEADERS
    )


def _to_page() -> web.Response:
    return web.Response(status=303, headers={**HEADERS, "Location": "/admin"})


def _days(request: web.Request) -> int:
    written = request.query.get("days", "")
    known = {str(days): days for days in PERIODS}
    return known.get(written, 30)


def _period(days: int) -> str:
    return f"{days} days" if days else "all"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(SEOUL):%m.%d %H:%M}"


def _now() -> datetime:
    return datetime.now(UTC)
