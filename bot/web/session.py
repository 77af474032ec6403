"""Who is at the page: a random cookie, known to the rest of the house only by its keyed hash."""

import hmac
import re
import secrets
from dataclasses import dataclass
from hashlib import sha256

from aiohttp import web
from yarl import URL

from engine.domain import Person

COOKIE = "ppoyami"
LASTS = 180 * 24 * 3600
"""Seconds."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Door:
    """Recognises people and turns strangers' pages away."""

    secret: bytes
    public_url: str | None = None
    framed: bool = False
    """Other sites show the page in a frame."""

    @property
    def secure(self) -> bool:
        """Whether people come by https."""
        return self._public is not None and self._public.scheme == "https"

    def person(self, request: web.BaseRequest) -> Person | None:
        """None where the browser brought no cookie of ours."""
        token = _token(request)
        if token is None:
            return None
        return Person("web", hmac.new(self.secret, token.encode(), sha256).hexdigest())

    def welcome(self, request: web.BaseRequest, response: web.StreamResponse) -> None:
        """Give a cookie, or the one that was brought for another 180 days.

        In another site's frame browsers keep only a cookie that is `SameSite=None; Secure`, and
        some only one `Partitioned` besides: each shop's visitors then have a cookie apart (CHIPS,
        developer.mozilla.org, «Cookies Having Independent Partitioned State»). Without https
        neither can be: then only pages of the same host, on whatever port, may show the frame.
        """
        secure = self.secure
        abroad = self.framed and secure
        site = "SameSite=None; Partitioned" if abroad else "SameSite=Lax"
        token = _token(request) or secrets.token_urlsafe(32)
        # Written by hand: Python's own cookies know «Partitioned» from 3.14 on.
        response.headers.add(
            "Set-Cookie",
            f"{COOKIE}={token}; Max-Age={LASTS}; Path=/; HttpOnly; {site}"
            f"{'; Secure' if secure else ''}",
        )

    def admits(self, request: web.BaseRequest) -> bool:
        """The socket was opened by a page of this site.

        Browsers let any page open a socket anywhere and send the cookies along; the Origin
        header, which a page cannot forge, is what tells them apart.
        """
        try:
            origin = URL(request.headers.get("Origin", "")).origin()
            here = URL(f"{origin.scheme}://{request.host}").origin()
        except ValueError:
            return False
        return origin == here or (self._public is not None and origin == self._public.origin())

    @property
    def _public(self) -> URL | None:
        return URL(self.public_url) if self.public_url else None


def _token(request: web.BaseRequest) -> str | None:
    token = request.cookies.get(COOKIE, "")
    return token if _TOKEN.fullmatch(token) else None
