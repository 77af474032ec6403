"""What an operator's tools ask for: /health and /metrics."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from aiohttp import web

from bot.metrics import Metrics

Health = Callable[[], Awaitable[dict[str, str]]]


class Delivery(Protocol):
    """How well Telegram reaches the bot, as last heard: nobody who asks waits for it."""

    @property
    def well(self) -> bool: ...

    def told(self) -> Mapping[str, object]: ...


def add_operations(
    app: web.Application,
    health: Health,
    channels: Mapping[str, str],
    metrics: Metrics,
    telegram: Delivery | None = None,
) -> None:
    """`health` tells of store, index and llm; `channels` of how each one is run."""

    async def tell_health(_: web.Request) -> web.Response:
        parts = await health()
        serving = parts["store"] == parts["index"] == "ok"
        well = (
            serving
            and parts["llm"] not in ("down", "resting")
            and (telegram is None or telegram.well)
        )
        content = {
            "status": "ok" if well else "degraded",
            **parts,
            "channels": dict(channels),
            **({"telegram": telegram.told()} if telegram else {}),
        }
        return web.json_response(content, status=200 if serving else 503)

    async def tell_metrics(_: web.Request) -> web.Response:
        body = metrics.exposition()
        return web.Response(body=body, content_type="text/plain", charset="utf-8")

    app.router.add_get("/health", tell_health)
    app.router.add_get("/metrics", tell_metrics)
