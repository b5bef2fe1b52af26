"""What several commands need: the application without a window, the prompt, a word on standard error."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

from aiproxy_desktop.core.errors import RequestError
from aiproxy_desktop.core.provider import Provider
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.runtime import Runtime
from aiproxy_desktop.services.attachments import MAX_INPUT_BYTES, as_text
from aiproxy_desktop.storage.paths import AppPaths


@asynccontextmanager
async def open_runtime(
    options: argparse.Namespace,
    redactor: Redactor,
    *,
    stand_ins: Iterable[Provider] = (),
    for_others: bool = False,
) -> AsyncIterator[Runtime]:
    """The application without a window, its settings read and its providers built."""
    paths = AppPaths.resolve(options.data_dir, os.environ)
    runtime = Runtime.build(paths, os.environ, redactor, stand_ins=stand_ins, for_others=for_others)
    try:
        notice = await runtime.settings.load()
        if notice:
            note(notice)
        await runtime.providers.start()
        yield runtime
    finally:
        await runtime.aclose()


def prompt_of(options: argparse.Namespace) -> str:
    """The prompt, as an argument or on standard input.

    Raises:
        RequestError: it is empty, or no text.
    """
    if options.text is None and sys.stdin.isatty():
        options.usage("a PROMPT is needed, here or on standard input")
    if options.text not in {None, "-"}:
        text: str = options.text
    else:
        text = as_text(sys.stdin.buffer.read(MAX_INPUT_BYTES + 1), "The prompt on standard input")
    if not text.strip():
        raise RequestError("There is nothing to ask", "Give a prompt as an argument or on standard input.")
    return text


class StatusLine:
    """One line on standard error that changes while something goes on, where somebody sees it."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._shown = sys.stderr.isatty() and environ.get("TERM") != "dumb"
        self._text = ""

    def show(self, text: str) -> None:
        """Say how far it is, in place of what was said before."""
        if self._shown and text != self._text:
            self._text = text
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()

    def end(self) -> None:
        """Take the line away."""
        self.show("")


def note(sentence: str) -> None:
    """Something worth knowing that is no failure."""
    sys.stderr.write(f"{sentence}\n")
