"""`/preview/kakao`: a page that draws skill responses as KakaoTalk would, to click through a talk.

For whoever sets the bot up, on their own machine: it is there only with PPOYAMI_WEB__PREVIEW. What
is typed and tapped goes the skill's own way, as a test user of the browser's cookie; neither the
skill's key nor the person's real id is in the page.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.kakao.schema import NotASkillRequest

STATIC: Final = Path(__file__).parent / "static"
COOKIE: Final = "kakao_preview"
BODY_BYTES: Final = 16 * 1024
POLICY: Final = (
    "default-src 'self'; img-src 'self' https:; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""As the messenger's page, and the shop's own pictures."""

Answer = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
"""A skill request → the response; raises NotASkillRequest."""


class _Doing(BaseModel):
    """What the page sends: something typed, or a tap with what its button carries."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    utterance: str = Field(max_length=5_000)
    trigger: str = Field("TEXT_INPUT", max_length=40, pattern=r"^[A-Z_]+$")
    extra: dict[str, Any] | None = None


def add_preview(app: web.Application, answer: Answer, bot: str) -> None:
    """`bot` is the id that the skill takes requests for."""
    preview = _Preview(answer, bot)
    app.router.add_get("/preview/kakao", preview.page)
    app.router.add_post("/preview/kakao/say", preview.say)
    app.router.add_static("/preview/kakao/static", STATIC)


class _Preview:
    def __init__(self, answer: Answer, bot: str) -> None:
        self._answer = answer
        self._bot = bot

    async def page(self, request: web.Request) -> web.StreamResponse:
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "private, no-cache"}
        response = web.FileResponse(STATIC / "preview.html", headers=headers)
        if COOKIE not in request.cookies:
            response.set_cookie(
                COOKIE, secrets.token_hex(16), httponly=True, samesite="Strict", path="/preview"
            )
        return response

    async def say(self, request: web.Request) -> web.StreamResponse:
        """Strict cookies and JSON only: no other site can speak for this browser."""
        user = request.cookies.get(COOKIE, "")
        if not user or request.content_type != "application/json":
            raise web.HTTPForbidden(text="미리보기 화면에서만 쓸 수 있어요.")
        if (request.content_length or 0) > BODY_BYTES:
            raise web.HTTPRequestEntityTooLarge(BODY_BYTES, request.content_length or 0)
        try:
            doing = _Doing.model_validate_json(await request.read())
            return web.json_response(await self._answer(self._payload(user, doing)))
        except (ValidationError, NotASkillRequest):
            raise web.HTTPBadRequest(text="읽을 수 없는 요청이에요.") from None

    def _payload(self, user: str, doing: _Doing) -> Mapping[str, Any]:
        """As KakaoTalk sends it. The console's kind of user: nobody that could be pushed to."""
        return {
            "bot": {"id": self._bot, "name": "preview"},
            "userRequest": {
                "timezone": "Asia/Seoul",
                "lang": "ko",
                "utterance": doing.utterance,
                "params": {"surface": "preview"},
                "block": {"id": "preview", "name": "preview"},
                "user": {"id": f"preview-{user}", "type": "accountId", "properties": {}},
            },
            "action": {
                "id": "preview",
                "name": "preview",
                "params": {},
                "detailParams": {},
                "clientExtra": doing.extra,
            },
            "flow": {"trigger": {"type": doing.trigger}},
            "contexts": [],
        }
