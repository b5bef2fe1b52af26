"""Fields of the caller's own that a model was found not to know: left out from then on, with a note."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from aiproxy_desktop.core.errors import RequestError
from aiproxy_desktop.core.events import Noted
from aiproxy_desktop.core.messages import CompletionRequest

# As Gemini and Anthropic word it, and servers that speak like them.
_UNKNOWN = re.compile(
    r"unknown (?:name|field|parameter|argument)|cannot find field|extra inputs are not permitted"
    r"|unrecogni[sz]ed"
)


class RefusedFields:
    """What one provider learnt, by model. `spell` is how a field of the caller's is written there."""

    def __init__(self, spell: Callable[[str], str] = str) -> None:
        self._spell = spell
        self._names: dict[str, frozenset[str]] = {}

    def learn(self, request: CompletionRequest, error: RequestError) -> bool:
        """Whether a refusal names one of the caller's own fields as unknown, which was not known yet."""
        words = error.detail.lower()
        if error.status not in {400, 422} or not _UNKNOWN.search(words):
            return False
        known = self._names.get(request.model, frozenset())
        found = {name for name in request.extra if name not in known and self._named(name, words)}
        if found:
            self._names[request.model] = known | found
        return bool(found)

    def left_out(self, request: CompletionRequest) -> tuple[CompletionRequest, tuple[Noted, ...]]:
        """The request without the fields that its model's service does not know, a note for each."""
        known = self._names.get(request.model)
        names = [name for name in request.extra if name in known] if known else []
        if not names:
            return request, ()
        extra = {name: value for name, value in request.extra.items() if name not in names}
        notes = (Noted(name, f"{request.model} does not take {name}, so it was left out.") for name in names)
        return replace(request, extra=extra), tuple(notes)

    def _named(self, name: str, words: str) -> bool:
        return re.search(rf"(?<!\w){re.escape(self._spell(name).lower())}(?!\w)", words) is not None
