"""How long live sessions last, for telemetry; nothing where that is off."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiproxy_desktop.core.telemetry import Session, Telemetry, telemetry_from_environment

if TYPE_CHECKING:
    from aiproxy_desktop.core.client_context import ClientContext

# After the provider: `gemini_live_session`.
OPERATION = "{provider}_live_session"


class SessionClock:
    """Times one session after the other.

    Args:
        telemetry: where to report; by default, at each start, what OTEL_ENABLED asks for.
        client_context: who talks; see `ClientContext`.

    Raises:
        InvalidRequestError: the context is none.
    """

    def __init__(
        self, telemetry: Telemetry | None, client_context: ClientContext | Mapping[str, Any] | None
    ) -> None:
        self._given = telemetry
        self._context = _facts(client_context)
        self._own: Telemetry | None = None
        self._session: Session | None = None

    async def begin(self, provider: str, model: str) -> None:
        """A session is about to start."""
        telemetry = self._given or self._own
        if telemetry is None:
            telemetry = self._own = telemetry_from_environment(os.environ)
        if telemetry is not None:
            self._session = await telemetry.begin_session(
                OPERATION.format(provider=provider), provider, model, self._context
            )

    def ended(self, error: Exception | None = None) -> None:
        """It is over; only the first time counts."""
        session, self._session = self._session, None
        if session is not None:
            session.ended(error)

    async def aclose(self) -> None:
        """Hand over what is left; what was given stays open."""
        self.ended()
        own, self._own = self._own, None
        if own is not None:
            await own.aclose()


def _facts(context: ClientContext | Mapping[str, Any] | None) -> dict[str, Any]:
    if context is None:
        return {}
    from aiproxy_desktop.core.reading import read_options

    read = read_options({"client_context": context}).context
    return asdict(read) if read is not None else {}
