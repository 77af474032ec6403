"""What an operator's tools ask for: /health and /metrics."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from bot.metrics import Metrics

Health = Callable[[], Awaitable[dict[str, str]]]


def add_operations(
    app: web.Application, health: Health, channels: Mapping[str, str], metrics: Metrics
) -> None:
    """`health` tells of store, index and llm; `channels` of how each one is run."""

    async def tell_health(_: web.Request) -> web.Response:
        parts = await health()
        serving = parts["store"] == parts["index"] == "ok"
        well = serving and parts["llm"] != "down"
        content = {"status": "ok" if well else "degraded", **parts, "channels": dict(channels)}
        return web.json_response(content, status=200 if serving else 503)

    async def tell_metrics(_: web.Request) -> web.Response:
        body = metrics.exposition()
        return web.Response(body=body, content_type="text/plain", charset="utf-8")

    app.router.add_get("/health", tell_health)
    app.router.add_get("/metrics", tell_metrics)
