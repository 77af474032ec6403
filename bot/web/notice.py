"""`GET /privacy`: how personal data is treated, as a plain page that any messenger may link to."""

from html import escape
from typing import Final

from aiohttp import web

_PAGE: Final = """<!doctype html>
<html lang="ko">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>개인정보 안내</title>
<link rel="stylesheet" href="/static/notice.css">
</head>
<body>
<main>
<h1>개인정보 안내</h1>
{paragraphs}
</main>
</body>
</html>
"""
POLICY: Final = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def add_privacy(app: web.Application, notice: str) -> None:
    """`notice` is plain text; an empty line parts paragraphs."""
    page = privacy_page(notice)

    async def privacy(_: web.Request) -> web.Response:
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "public, max-age=300"}
        return web.Response(text=page, content_type="text/html", headers=headers)

    app.router.add_get("/privacy", privacy)


def privacy_page(notice: str) -> str:
    parts = (part.strip() for part in notice.split("\n\n"))
    paragraphs = "\n".join(
        f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in parts if part
    )
    return _PAGE.format(paragraphs=paragraphs)
