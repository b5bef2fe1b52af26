"""The local API as one ASGI application."""

from __future__ import annotations

from fastapi import FastAPI

from aiproxy_desktop.server.asgi import App
from aiproxy_desktop.server.backend import ApiBackend
from aiproxy_desktop.server.chat.routes import chat_routes
from aiproxy_desktop.server.demo import demo_routes
from aiproxy_desktop.server.gate.guard import Guard
from aiproxy_desktop.server.handlers import HANDLERS
from aiproxy_desktop.server.images.routes import image_routes
from aiproxy_desktop.server.lanes import Lanes
from aiproxy_desktop.server.live.models import live_model_routes
from aiproxy_desktop.server.live.routes import live_routes
from aiproxy_desktop.server.model_routes import model_routes
from aiproxy_desktop.server.responses.routes import responses_routes
from aiproxy_desktop.server.seed_routes import seed_routes


def build_application(backend: ApiBackend) -> App:
    """Every route, behind the guard."""
    app = FastAPI(
        title="AI Proxy Desktop",
        version=backend.version,
        docs_url=None,  # its page would come from elsewhere
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,  # an address is right or it is not; and bodies are not sent twice
        exception_handlers=HANDLERS,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # the core has its own, of its words
    )
    routers = (
        *(seed_routes(backend), chat_routes(backend), model_routes(backend), image_routes(backend)),
        *(responses_routes(backend), demo_routes(), live_routes(backend), live_model_routes(backend)),
    )
    for router in routers:
        app.include_router(router)
    return Guard(Lanes(app, routers), backend)
