"""The web messenger: the page, its socket and the pictures, on a given aiohttp application."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from weakref import WeakSet

from aiohttp import WSCloseCode, web

from bot.pictures import Pictures
from bot.web.read import FRAME_BYTES
from bot.web.session import Door
from bot.web.socket import Line, Talk
from engine.domain import Person
from engine.errors import UnknownProduct

STATIC = Path(__file__).parent / "static"
HEARTBEAT = 25.0
"""Seconds between pings."""
NO_SESSION = 4401
"""Close code: the browser brought no cookie."""
PICTURES = {
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}
"""No SVG: a shop's file may hold a script."""

Picture = Callable[[int], Awaitable[Path | str | None]]
"""A product's picture: a file, an http(s) address, or None without one."""


def add_routes(
    app: web.Application,
    conversation: Talk,
    *,
    secret: bytes,
    public_url: str | None,
    picture: Picture,
    embed_origins: Sequence[str] = (),
) -> None:
    """`/`, `/ws`, `/static/…`, `/image/<id>`, and safe headers on every response of `app`.

    `secret` keys the hash of the session cookie and signs pictures' addresses. `public_url` is
    the address people use where a proxy stands before this server. `embed_origins` are the sites
    that may show the page in a frame; where there are some, `/embed.js` is the one line that
    does it.
    """
    door = Door(secret, public_url, framed=bool(embed_origins))
    policy = _policy(" ".join(embed_origins) or "'none'")
    site = Site(conversation, door, picture, Pictures(secret, public_url), policy)
    if embed_origins:
        app.router.add_get("/embed.js", site.embed)
    app.router.add_get("/", site.page)
    app.router.add_get("/ws", site.socket)
    app.router.add_get(r"/image/{id:\d{1,15}}", site.picture)
    app.router.add_static("/static", STATIC)
    app.on_response_prepare.append(_add_headers)
    app.on_shutdown.append(site.close)


class Site:
    def __init__(
        self, talk: Talk, door: Door, picture: Picture, pictures: Pictures, policy: str
    ) -> None:
        self._talk = talk
        self._policy = policy
        self._door = door
        self._picture = picture
        self._pictures = pictures
        self._open: WeakSet[web.WebSocketResponse] = WeakSet()

    async def page(self, request: web.Request) -> web.StreamResponse:
        # Private: a cache between would hand one person's cookie to the next.
        headers = {
            "Cache-Control": "private, no-cache",
            "Content-Security-Policy": self._policy,
        }
        response = web.FileResponse(STATIC / "index.html", headers=headers)
        self._door.welcome(request, response)
        return response

    async def embed(self, _request: web.Request) -> web.StreamResponse:
        headers = {
            "Cache-Control": "public, max-age=600",
            "Cross-Origin-Resource-Policy": "cross-origin",  # a shop's page loads it
        }
        return web.FileResponse(STATIC / "embed.js", headers=headers)

    async def socket(self, request: web.Request) -> web.StreamResponse:
        if not self._door.admits(request):
            raise web.HTTPForbidden(text="이 주소에서는 연결할 수 없어요.")
        socket = web.WebSocketResponse(
            heartbeat=HEARTBEAT, max_msg_size=FRAME_BYTES, compress=False
        )
        await socket.prepare(request)
        person = self._door.person(request)
        if person is None:
            # Accepted first: a page cannot read the status of a refused handshake.
            await socket.close(code=NO_SESSION)
        else:
            await self._serve(socket, person)
        return socket

    async def picture(self, request: web.Request) -> web.StreamResponse:
        """A file only, and only at the address that was signed for it. A picture kept at another
        site is not shown: this server fetches nothing."""
        file = await self._signed_file(int(request.match_info["id"]), request.query.get("s", ""))
        kind = PICTURES.get(file.suffix.lower()) if file is not None else None
        if file is None or kind is None or not file.is_file():
            raise web.HTTPNotFound(text="그림이 없어요.")
        headers = {
            "Content-Type": kind,
            "Cache-Control": "public, max-age=31536000, immutable",
            "Cross-Origin-Resource-Policy": "cross-origin",  # a messenger's own page shows it
        }
        return web.FileResponse(file, headers=headers)

    async def _signed_file(self, product: int, signature: str) -> Path | None:
        try:
            file = await self._picture(product)
        except UnknownProduct:
            return None
        if not isinstance(file, Path) or not self._pictures.signed(product, file.name, signature):
            return None
        return file

    async def close(self, _app: web.Application) -> None:
        """Let every page go at once, so that the server's stop does not wait for them."""
        for socket in set(self._open):
            await socket.close(code=WSCloseCode.GOING_AWAY)

    async def _serve(self, socket: web.WebSocketResponse, person: Person) -> None:
        self._open.add(socket)
        try:
            await Line(self._talk, person, socket, self._pictures.path).serve()
        finally:
            self._open.discard(socket)


def _policy(frame_ancestors: str) -> str:
    return (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        f"frame-ancestors {frame_ancestors}"
    )


HEADERS = {
    "Content-Security-Policy": _policy("'none'"),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # A new version of the page is seen at the next visit; unchanged files answer 304.
    "Cache-Control": "no-cache",
}


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
