"""The local API over the application's settings, keys and providers: for a command, and for the window."""

from aiproxy_desktop.serving.backend import api_backend
from aiproxy_desktop.serving.hosted import Hosted

__all__ = ["Hosted", "api_backend"]
