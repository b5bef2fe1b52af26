"""How many pages a PDF has and about how much text is on them. Files are hostile: reading is bounded."""

from __future__ import annotations

import asyncio
import ctypes
import io
import logging
import threading
from dataclasses import dataclass

from aiproxy_desktop.core.threads import outlasting, start_on_thread
from aiproxy_desktop.core.token_estimate import estimate_tokens

# Most papers take a fraction of a second; what takes longer is hostile or enormous.
_PATIENCE = 8.0
_SAMPLED_PAGES = 4


@dataclass(frozen=True, slots=True)
class PdfFacts:
    """`pages` and `text_tokens` (an estimate) are None where they could not be found out in time.

    `locked`: nothing in it can be read without a password. `damaged`: it is no PDF that can be read.
    """

    pages: int | None = None
    text_tokens: int | None = None
    locked: bool = False
    damaged: bool = False


UNKNOWN = PdfFacts()


class _TimeIsUp(BaseException):
    """Ends the reading; no handler in the library takes it for an error of its own."""


class _Reading:
    """What has been found out so far, by the thread that reads."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._ident: int | None = None
        self._done = False
        self._ending = threading.Lock()
        self.facts = UNKNOWN

    def run(self) -> None:
        self._ident = threading.get_ident()
        try:
            try:
                self._read()
            finally:
                with self._ending:
                    self._done = True
        except _TimeIsUp:
            pass

    def end(self) -> None:
        """Interrupt the thread: the library is plain Python, and takes it at its next step."""
        with self._ending:
            if self._ident is not None and not self._done:
                error = ctypes.py_object(_TimeIsUp)
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._ident), error)

    def _read(self) -> None:
        from pypdf import PdfReader
        from pypdf.errors import DependencyError

        # What it finds odd about a file is nothing to whoever reads our log.
        logging.getLogger("pypdf").setLevel(logging.CRITICAL)
        try:
            reader = PdfReader(io.BytesIO(self._data))
            if reader.is_encrypted and not reader.decrypt(""):
                self.facts = PdfFacts(locked=True)
                return
            pages = len(reader.pages)
            self.facts = PdfFacts(pages)
            step = max(1, pages // _SAMPLED_PAGES)
            sampled = [estimate_tokens(reader.pages[at].extract_text()) for at in range(0, pages, step)]
            self.facts = PdfFacts(pages, sum(sampled) * pages // max(1, len(sampled)))
        except DependencyError:
            return  # a cipher that is not at hand; a service may have it
        except Exception:  # noqa: BLE001 - a hostile file raises anything
            self.facts = self.facts if self.facts.pages else PdfFacts(damaged=True)


async def pdf_facts(data: bytes, patience: float = _PATIENCE) -> PdfFacts:
    """Read what can be read in `patience` seconds, on a thread that ends then."""
    reading = _Reading(data)
    future = start_on_thread(reading.run, "pdf")
    try:
        done, _ = await asyncio.wait([future], timeout=patience)
    except asyncio.CancelledError:
        reading.end()
        raise
    if done:
        await outlasting(future)
    else:
        reading.end()
    return reading.facts
