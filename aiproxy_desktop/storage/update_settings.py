"""What is remembered of looking for new versions."""

from __future__ import annotations

from typing import Annotated

import msgspec

_Version = Annotated[str, msgspec.Meta(max_length=100)]
# Seconds since 1970; up to the year 3000, which every calendar can tell.
_Moment = Annotated[int, msgspec.Meta(ge=0, le=32_503_680_000)]


class UpdateSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Whether to look for new versions, which is off until somebody asks for it, and what came of it.

    `looked_at` is when the last request was sent, `told_at` when one was last answered, both in seconds since
    1970, 0 for never; `found` the newest version that was told of, empty before; `skipped` the one that the
    person does not want to hear of.
    """

    look: bool = False
    looked_at: _Moment = 0
    told_at: _Moment = 0
    found: _Version = ""
    skipped: _Version = ""
