"""`/go/<id>`: a counted link. It leads to the address that is kept under the id, nowhere else."""

import re
from datetime import UTC, datetime
from typing import Final

from aiohttp import web

from engine.store.links import Links

PREVIEWS: Final = re.compile(
    r"bot\b|crawler|spider|kakaotalk-scrap|facebookexternalhit|preview", re.IGNORECASE
)
"""Messengers and search engines look where a link leads; nobody clicked then."""
AHEAD: Final = ("Purpose", "Sec-Purpose", "X-Purpose", "X-Moz")
"""Headers by which a browser says that it only loads ahead."""
GONE: Final = """<!doctype html>
<html lang="ko"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>없는 링크예요</title></head>
<body><main><h1>없는 링크예요</h1>
<p>주소가 바뀌었거나 사라졌어요. <a href="/">뽀야미에게 물어보기</a></p></main></body></html>
"""
HEADERS: Final = {"Cache-Control": "no-store"}


def add_links(app: web.Application, links: Links) -> None:
    async def go(request: web.Request) -> web.StreamResponse:
        link = int(request.match_info["id"])
        if _only_looks(request):
            url = await links.address(link)
        else:
            url = await links.follow(link, datetime.now(UTC))
        if url is None:
            return web.Response(
                status=404, text=GONE, content_type="text/html", charset="utf-8", headers=HEADERS
            )
        return web.Response(status=302, headers={**HEADERS, "Location": url})

    app.router.add_get(r"/go/{id:\d{1,10}}", go)


def _only_looks(request: web.Request) -> bool:
    return (
        request.method == "HEAD"
        or any(name in request.headers for name in AHEAD)
        or bool(PREVIEWS.search(request.headers.get("User-Agent", "")))
    )
