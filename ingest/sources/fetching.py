"""Asking the web, politely: what robots.txt allows, one at a time and slowly, each address once.

What came is kept in a folder, so that a run that was cut off goes on where it stopped and asks
nothing twice. It is a cache to resume from, without an age: `emptied` makes it forget.

Every address is looked at before it is asked, a redirect's target like any other: no private
address (neither written out nor behind a name), no other scheme than http(s), and for everything
but an API with one's own key what robots.txt says (RFC 9309).
"""

import asyncio
import contextlib
import json
import os
import random
import re
import shutil
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256
from importlib import metadata
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from pathlib import Path
from socket import AF_INET, AddressFamily
from types import MappingProxyType, TracebackType
from typing import Any, Final, Self
from urllib.parse import quote, unquote, urlencode

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from protego import Protego
from tqdm import tqdm
from w3lib.encoding import html_to_unicode
from yarl import URL

from engine.parsing.korean import with_particle
from ingest.errors import InputRefused

AGENT: Final = "ppoyami-ingest"
"""How robots.txt names us."""
BODY_AT_MOST: Final = 16 * 1024 * 1024
"""Bytes, unpacked."""
REDIRECTS_AT_MOST: Final = 5
WAIT_AT_MOST: Final = 120.0
"""Seconds: who asks us to come back later than that is left in peace until the next run."""
ROBOTS_AT_MOST: Final = 500 * 1024
"""Bytes of robots.txt that are read; RFC 9309 asks for no fewer."""
ROBOTS_GOOD_FOR: Final = 24 * 60 * 60.0
"""Seconds that a robots.txt may be kept, by RFC 9309."""
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_GONE: Final = frozenset({404, 410})
_CONTACT: Final = re.compile(r"(?=.*(?:@|https?://))[!-'*-~]{3,200}")
_NAT64: Final = IPv6Network("64:ff9b::/96")
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class NotFetched(InputRefused):
    """An address that gave nothing, in a sentence."""


class Disallowed(NotFetched):
    """robots.txt asks not to."""


class PrivateAddress(NotFetched):
    """The address leads into a private network."""


class Unreachable(NotFetched):
    """No answer, or one that could not be read, after all attempts."""


class Refused(NotFetched):
    """The server answered with an error."""

    def __init__(self, sentence: str, answer: "Fetched") -> None:
        super().__init__(sentence)
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Manners:
    contact: str
    """An e-mail or web address; it stands in the user agent."""
    delay: float = 1.0
    """Seconds from one request to a host to the next; a longer Crawl-delay counts."""
    timeout: float = 30.0
    """Seconds for one request."""
    retries: int = 4
    robots: bool = True
    allow_local: bool = False

    def __post_init__(self) -> None:
        if not _CONTACT.fullmatch(self.contact):
            raise InputRefused(
                "--contact나 PPOYAMI_CONTACT에 이메일이나 웹 주소를 적어 주세요(영문, 빈칸 없이): "
                "누가 묻는지 상대 서버가 알 수 있어야 해요."
            )

    @property
    def agent(self) -> str:
        return f"{AGENT}/{metadata.version('ppoyami')} (+{self.contact})"


@dataclass(frozen=True, slots=True)
class Fetched:
    url: str
    """Where it stood in the end, after redirects; without secrets."""
    status: int
    content_type: str
    body: bytes
    from_cache: bool = False
    at: float | None = field(default=None, compare=False)
    """When it came, in seconds since 1970, where it is in the folder."""

    @property
    def text(self) -> str:
        """Decoded as its header, its BOM or its <meta> says, else as utf-8."""
        return html_to_unicode(self.content_type, self.body)[1]


Check = Callable[[Fetched], object]
"""Looks at an answer, whatever its status, before it is kept or asked again; raises what is wrong
with it, and that is final."""


class Fetcher:
    """An async context manager over one session and one folder.

    `get` raises NotFetched, and OSError where the folder cannot be written.
    """

    def __init__(
        self,
        cache: Path,
        manners: Manners,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        private: Callable[[str], bool] | None = None,
    ) -> None:
        """`private`: whether an address that is written out must not be asked."""
        self.asked = 0
        """Requests that this run has made."""
        self.hosts: dict[str, None] = {}
        """Whose answers this run has given, its own and those of the folder."""
        self.since: datetime | None = None
        """When the oldest of them came."""
        self._cache = _Cache(cache)
        self._private = (lambda host: False) if manners.allow_local else private or is_private
        self._manners = manners
        self._sleep = sleep
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._robots: dict[URL, _Rules] = {}
        self._asking: dict[URL, asyncio.Lock] = {}
        self._turns: dict[str, float] = {}

    async def __aenter__(self) -> Self:
        self._cache.tidy()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=_Public(self._private)),
            timeout=aiohttp.ClientTimeout(total=self._manners.timeout),
            headers={"User-Agent": self._manners.agent},
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] = _NOTHING,
        secret: Mapping[str, str] = _NOTHING,
        api: bool = False,
        check: Check | None = None,
    ) -> Fetched:
        """What stands at the address, from the folder where it is there.

        `secret` are query parameters that stand in no error and no file; headers never do. Neither
        follows to another origin, and an API's request is not led there at all. `api` is for a
        documented API with one's own key: robots.txt is not asked.
        """
        ask = _Ask(_address(url), headers, secret, api, check)
        kept = self._cache.find(ask.url)
        if kept is None:
            kept = await self._followed(ask)
            if kept.status == 200 or not api:
                self._cache.keep(ask.url, kept)
        if kept.status != 200:
            raise Refused(_answered(ask.url, kept.status), kept)
        self._given(kept)
        return kept

    def _given(self, answer: Fetched) -> None:
        came = _now() if answer.at is None else datetime.fromtimestamp(answer.at, UTC)
        self.since = min(self.since or came, came)
        self.hosts[URL(answer.url).authority] = None

    async def _followed(self, ask: "_Ask") -> Fetched:
        start = ask.url
        for _ in range(REDIRECTS_AT_MOST + 1):
            if not ask.api and self._manners.robots:
                await self._ask_robots(ask.url)
            answer, location = await self._patient(ask)
            if location is None:
                return answer
            ask = ask.led_to(location)
        raise Unreachable(f"{start}: 다른 주소로 {REDIRECTS_AT_MOST}번 넘게 넘겨요.")

    # --- robots.txt -------------------------------------------------------------------------------

    async def _ask_robots(self, url: URL) -> None:
        origin = url.origin()
        async with self._asking.setdefault(origin, asyncio.Lock()):
            if origin not in self._robots:
                self._robots[origin] = await self._rules(origin)
        rules = self._robots[origin]
        if rules.robots is None:
            raise Disallowed(f"{url}: {rules.why} 그래서 묻지 않았어요.")
        if not rules.robots.can_fetch(str(url), AGENT):
            raise Disallowed(f"{url}: 이 사이트의 robots.txt가 모으지 말라고 해서 묻지 않았어요.")

    async def _rules(self, origin: URL) -> "_Rules":
        """RFC 9309: no file allows everything, a file that cannot be had nothing."""
        ask = _Ask(origin.with_path("/robots.txt"), _NOTHING, _NOTHING, api=True, check=None)
        answer = self._cache.find(ask.url, ROBOTS_GOOD_FOR)
        try:
            if answer is None:
                answer = await self._robots_file(ask)
                self._cache.keep(ask.url, answer)
        except Refused as error:
            if not 400 <= error.answer.status < 500 or error.answer.status == 429:
                return _Rules(None, f"robots.txt를 읽지 못했어요({error.answer.status}).")
            answer = replace(error.answer, body=b"")
            self._cache.keep(ask.url, answer)
        except Unreachable:
            return _Rules(None, "robots.txt를 읽지 못했어요.")
        text = answer.body[:ROBOTS_AT_MOST] if answer.status == 200 else b""
        return _Rules(Protego.parse(text.decode("utf-8", "replace")))

    async def _robots_file(self, ask: "_Ask") -> Fetched:
        """Of its redirects too, as RFC 9309 says, whatever host they lead to."""
        for _ in range(REDIRECTS_AT_MOST + 1):
            answer, location = await self._patient(ask)
            if location is None:
                return answer
            ask = replace(ask, url=_joined(ask.url, location))
        return Fetched(str(ask.url), 404, "", b"")

    # --- one request ------------------------------------------------------------------------------

    async def _patient(self, ask: "_Ask") -> tuple[Fetched, str | None]:
        """An answer that is one, or where it leads; asked again while that may help."""
        for attempt in range(self._manners.retries + 1):
            last = attempt == self._manners.retries
            try:
                answer = await self._once(ask)
            except Unreachable:
                if last:
                    raise
                await self._sleep(_back_off(attempt))
                continue
            if ask.check is not None and answer.location is None:
                ask.check(answer.fetched)
            status = answer.fetched.status
            if status == 200 or answer.location is not None or status in _GONE:
                return answer.fetched, answer.location
            if last or not (status == 429 or status >= 500):
                break
            wait = max(answer.wait, _back_off(attempt))
            if wait > WAIT_AT_MOST:
                raise Refused(
                    f"{ask.url.host}: {wait:,.0f}초 뒤에 다시 오라고 해서 그만뒀어요. "
                    "나중에 같은 명령을 다시 실행하면 이어서 해요.",
                    answer.fetched,
                )
            await self._sleep(wait)
        raise Refused(_answered(ask.url, status), answer.fetched)

    async def _once(self, ask: "_Ask") -> "_Answer":
        if self._session is None:
            raise RuntimeError("async with Fetcher(…) comes first")
        if self._private(ask.url.host or ""):
            raise PrivateAddress(_inward(ask.url))
        await self._turn(ask.url)
        self.asked += 1
        try:
            async with self._session.get(
                ask.whole, headers=ask.headers, allow_redirects=False
            ) as response:
                location = response.headers.get("Location")
                led = location if response.status in _REDIRECTS else None
                body = b"" if led else await _body(response, ask.url)
                kind = response.headers.get("Content-Type", "")
                fetched = Fetched(str(ask.url), response.status, kind, body)
                return _Answer(fetched, led, _retry_after(response.headers))
        # An error's own text may hold the whole address with its key: it is not passed on.
        except aiohttp.InvalidURL:
            raise NotFetched(f"{ask.url}: 물을 수 있는 주소가 아니에요.") from None
        except aiohttp.ClientSSLError:
            raise NotFetched(f"{ask.url}: 서버의 인증서를 믿을 수 없어요.") from None
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, _LeadsInside):
                raise PrivateAddress(_inward(ask.url)) from None
            raise Unreachable(_unreached(ask.url, error)) from None
        except TimeoutError:
            seconds = f"{self._manners.timeout:g}초"
            raise Unreachable(f"{ask.url}: {seconds} 안에 답이 없었어요.") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unreachable(f"{ask.url}: 답을 읽지 못했어요({_name(error)}).") from None

    async def _turn(self, url: URL) -> None:
        """Wait until this host may be asked again; whoever comes next waits for the one after."""
        host = url.authority
        rules = self._robots.get(url.origin())
        told = rules.robots.crawl_delay(AGENT) if rules and rules.robots else None
        delay = max(self._manners.delay, told or 0.0)
        now = self._clock()
        turn = max(now, self._turns.get(host, now))
        self._turns[host] = turn + delay
        if turn > now:
            await self._sleep(turn - now)


def is_private(host: str) -> bool:
    """Of an address that is written out; a name is none."""
    try:
        address = ip_address(host.partition("%")[0].strip("[]"))
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        inner = _inside(address)
        if inner is not None:
            return is_private(str(inner))
    return not address.is_global or address.is_multicast or address.is_reserved


def emptied(cache: Path) -> None:
    """Forget what was fetched: all of it at once, whenever the process dies."""
    gone = _gone(cache)
    shutil.rmtree(gone, ignore_errors=True)
    with contextlib.suppress(FileNotFoundError):
        cache.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def swept(folder: Path, name: str = "*") -> None:
    """Remove what `write_whole` left when its process died; nobody else may be writing there.
    `name`: of the file, as a pattern."""
    for making in folder.glob(f".{name}.*.making"):
        making.unlink(missing_ok=True)


def _gone(cache: Path) -> Path:
    return cache.with_name(f".{cache.name}.gone")


def write_whole(path: Path, content: bytes) -> None:
    """The file has its name once it is whole, whenever the process dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    making = path.with_name(f".{path.name}.{os.getpid()}-{random.getrandbits(32):08x}.making")
    try:
        making.write_bytes(content)
        making.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            making.unlink(missing_ok=True)
        raise


class Progress:
    """A bar on a terminal, a line for each step elsewhere; both on stderr."""

    def __init__(self, title: str, total: int | None = None) -> None:
        self._title = title
        self._done = 0
        self._bar = tqdm(total=total, desc=title, file=sys.stderr) if sys.stderr.isatty() else None
        self._total = total

    def expect(self, total: int) -> None:
        self._total = total
        if self._bar is not None:
            self._bar.total = total
            self._bar.refresh()

    def step(self, what: str) -> None:
        self._done += 1
        if self._bar is not None:
            self._bar.set_postfix_str(what, refresh=False)
            self._bar.update()
        else:
            of = f"/{self._total}" if self._total else ""
            print(f"{self._title} {self._done}{of}: {what}", file=sys.stderr, flush=True)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


# --- small parts ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rules:
    robots: Protego | None
    """None: nothing may be asked, and `why`."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Answer:
    fetched: Fetched
    location: str | None
    wait: float
    """Seconds that the server asks for."""


@dataclass(frozen=True, slots=True)
class _Ask:
    url: URL
    """Without secrets."""
    headers: Mapping[str, str]
    secret: Mapping[str, str]
    api: bool
    check: Check | None

    @property
    def whole(self) -> URL:
        if not self.secret:
            return self.url
        more = urlencode(self.secret, quote_via=quote, safe="")
        return URL(f"{self.url}{'&' if self.url.raw_query_string else '?'}{more}", encoded=True)

    def led_to(self, location: str) -> "_Ask":
        """The next request. A target that repeats a secret loses it, and gets it anew only at the
        same origin."""
        target = _joined(self.url, location)
        target = target.without_query_params(*self.secret)
        if any(value and value in unquote(str(target)) for value in self.secret.values()):
            raise Unreachable(
                f"{self.url}: 열쇠를 주소에 담아 다른 곳으로 넘겨서 따라가지 않았어요."
            )
        if target.origin() == self.url.origin():
            return replace(self, url=target)
        if self.api or self.secret:
            raise Unreachable(
                f"{self.url}: API가 {with_particle(str(target.host), '으로/로')} 넘겨서 따라가지 "
                "않았어요."
            )
        return replace(self, url=target, headers=_NOTHING)


class _Cache:
    """A file for each address: a line of JSON, then the body. A file that is there is whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, url: URL, good_for: float | None = None) -> Fetched | None:
        path = self._path(url)
        try:
            came = path.stat().st_mtime
            if good_for is not None and time.time() - came > good_for:
                return None
            head, _, body = path.read_bytes().partition(b"\n")
            told = json.loads(head)
            return Fetched(
                told["url"], told["status"], told["type"], body, from_cache=True, at=came
            )
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def tidy(self) -> None:
        """Remove what a process that died left unfinished."""
        swept(self._folder)
        shutil.rmtree(_gone(self._folder), ignore_errors=True)

    def keep(self, url: URL, fetched: Fetched) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        head = {"url": fetched.url, "status": fetched.status, "type": fetched.content_type}
        write_whole(self._path(url), json.dumps(head).encode() + b"\n" + fetched.body)

    def _path(self, url: URL) -> Path:
        return self._folder / f"{sha256(str(url).encode()).hexdigest()}.fetched"


class _LeadsInside(OSError):
    """A name of a private address."""


class _Public(AbstractResolver):
    """Names that lead to a private address do not resolve: what is connected to is what was
    looked at, so a name that changes its mind in between helps nobody."""

    def __init__(self, private: Callable[[str], bool]) -> None:
        self._resolver = aiohttp.ThreadedResolver()
        self._private = private

    async def resolve(
        self, host: str, port: int = 0, family: AddressFamily = AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        if any(self._private(each["host"]) for each in found):
            raise _LeadsInside("a private address")
        return found

    async def close(self) -> None:
        await self._resolver.close()


def _inside(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for."""
    if address in _NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]


def _address(url: str) -> URL:
    try:
        address = URL(url.strip())
        good = address.scheme in ("http", "https") and bool(address.host)
        named = address.user is not None or address.password is not None
    except ValueError:
        good = named = False
    if named:
        raise NotFetched("이름이나 비밀번호가 든 주소는 묻지 않아요.")
    if not good:
        raise NotFetched(f"{url.strip()[:200]}: http나 https로 시작하는 주소여야 해요.")
    return address.with_fragment(None)


def _joined(url: URL, location: str) -> URL:
    try:
        target = url.join(URL(location))
    except ValueError:
        raise Unreachable(f"{url}: 읽을 수 없는 주소로 넘겨요.") from None
    if target.scheme not in ("http", "https") or not target.host or target.user is not None:
        raise Unreachable(f"{url}: http나 https가 아닌 주소로 넘겨요.")
    return target.with_fragment(None)


async def _body(response: aiohttp.ClientResponse, url: URL) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > BODY_AT_MOST:
            answer = Fetched(str(url), response.status, response.content_type, b"")
            size = BODY_AT_MOST // 1024**2
            raise Refused(f"{url}: {size}MB보다 큰 것은 받지 않아요.", answer)
    return bytes(body)


def _retry_after(headers: Mapping[str, str]) -> float:
    """Seconds; 0 where the server does not say."""
    told = headers.get("Retry-After", "").strip()
    if told.isdecimal():
        return float(told[:9])
    with contextlib.suppress(ValueError, TypeError):
        at = parsedate_to_datetime(told)
        return max(0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - _now()).total_seconds())
    return 0.0


def _now() -> datetime:
    return datetime.now(UTC)


def _back_off(attempt: int) -> float:
    """Seconds: half to all of 1, 2, 4 … 60."""
    return float(min(2.0**attempt, 60.0)) * random.uniform(0.5, 1.0)


def _answered(url: URL, status: int) -> str:
    match status:
        case 404 | 410:
            return f"{url}: 그런 쪽이 없어요({status})."
        case 429:
            return f"{url}: 너무 자주 묻는다고 해요(429). 나중에 다시 하면 이어서 해요."
        case 401 | 403:
            return f"{url}: 보여 주지 않아요({status})."
        case _:
            return f"{url}: 서버가 {with_particle(str(status), '으로/로')} 답했어요."


def _unreached(url: URL, error: aiohttp.ClientConnectorError) -> str:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"{url}: 그런 서버를 찾지 못했어요. 주소와 인터넷 연결을 확인해 주세요."
    return f"{url}: 서버에 닿지 못했어요. 인터넷 연결을 확인하고 나중에 다시 해 주세요."


def _inward(url: URL) -> str:
    return f"{url}: 사설 주소로 이어져서 묻지 않았어요. 내 서버라면 --allow-local을 붙여 주세요."


def _name(error: Any) -> str:
    return type(error).__name__
