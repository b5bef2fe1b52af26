"""What a client has configured so far, and what comes of it: with whom it talks, and how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiproxy_desktop.core.client_context import ClientContext
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.server.backend import ApiBackend
from aiproxy_desktop.server.errors import Refusal, refusal
from aiproxy_desktop.server.live.config import Setup, read_setup
from aiproxy_desktop.server.live.place import Place, place_of
from aiproxy_desktop.server.live.wire import encoded


class Plan:
    """How one client's session shall be. Each configuration adds to the ones before.

    Attributes:
        fields: all that was configured.
    """

    def __init__(self, backend: ApiBackend) -> None:
        self.fields: dict[str, Any] = {}
        self._backend = backend
        self._made: tuple[Place, Setup] | None = None

    @property
    def place(self) -> Place:
        """With whom; there is one after the first `add`."""
        return self._known[0]

    @property
    def setup(self) -> Setup:
        """How; likewise."""
        return self._known[1]

    async def add(self, fields: Mapping[str, Any]) -> None:
        """What is named changes, the rest stays; where that cannot be, all stays as it was.

        Raises:
            Refusal: it cannot be.
        """
        wanted = {**self.fields, **fields}
        try:
            place = await place_of(self._backend, wanted.get("model"))
        except AIProxyError as error:
            raise refusal(error) from None
        setup = read_setup(wanted, place.model, place.service)
        if self._made is not None and self.place.provider != place.provider:
            title = self.place.title
            raise Refusal(400, f"This session stays with {title}. Open another one for {place.title}.")
        self.fields, self._made = wanted, (place, setup)

    def acknowledged(self, client: ClientContext) -> str:
        """What a client is told of it."""
        return encoded(
            {
                "type": "config_success",
                "message": "Configuration acknowledged",
                "client_id": client.client_id,
                "ip": client.ip,
                "model": self.place.reference,
                "mode": self.setup.options.mode,
                "sampleRate": self.place.service.codec().input_rate,
                "ignored": list(self.setup.ignored),
            }
        )

    @property
    def _known(self) -> tuple[Place, Setup]:
        if self._made is None:
            raise LookupError("nothing is planned yet")
        return self._made
