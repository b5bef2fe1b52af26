"""How a WebSocket ends: close codes of RFC 6455, and what is said last."""

from __future__ import annotations

from typing import Final

import msgspec

from aiproxy_desktop.server.errors import Refusal

# Section 7.4: it is over; the other side named none; against a rule; the service failed; try again later.
OVER: Final = 1000
NONE_NAMED: Final = 1005
REFUSED: Final = 1008
FAILED: Final = 1011
LATER: Final = 1013

# Section 5.5: bytes of a reason.
_LONGEST_REASON = 123


def code_of(no: Refusal) -> int:
    """With what a connection is closed that was refused."""
    if no.status == 503:
        return LATER
    return FAILED if no.status >= 500 else REFUSED


def reason_of(sentence: str) -> str:
    """As much of a sentence as a close frame holds."""
    return sentence.encode()[:_LONGEST_REASON].decode("utf-8", "ignore")


def told(no: Refusal, *, fatal: bool) -> str:
    """What went wrong, as a message. The seed's documentation looks in `data`, its page in `error`."""
    said = {"type": "error", "data": no.sentence, "error": no.sentence, "code": no.code, "fatal": fatal}
    return msgspec.json.encode(said).decode()
