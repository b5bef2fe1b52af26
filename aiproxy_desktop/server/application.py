"""The local API as one ASGI application."""

from __future__ import annotations

from fastapi import FastAPI

from aiproxy_desktop.server.backend import ApiBackend
from aiproxy_desktop.server.demo import demo_routes
from aiproxy_desktop.server.gemini_ws import live_routes
from aiproxy_desktop.server.guard import App, Guard
from aiproxy_desktop.server.handlers import HANDLERS
from aiproxy_desktop.server.live_models import live_model_routes
from aiproxy_desktop.server.seed_routes import seed_routes
from aiproxy_desktop.server.v1_chat import chat_routes
from aiproxy_desktop.server.v1_images import image_routes
from aiproxy_desktop.server.v1_models import model_routes
from aiproxy_desktop.server.v1_responses import responses_routes


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
    )
    app.include_router(seed_routes(backend))
    app.include_router(chat_routes(backend))
    app.include_router(model_routes(backend))
    app.include_router(image_routes(backend))
    app.include_router(responses_routes(backend))
    app.include_router(demo_routes())
    app.include_router(live_routes(backend))
    app.include_router(live_model_routes(backend))
    return Guard(app, backend)
