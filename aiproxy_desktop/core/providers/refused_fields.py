"""Fields of the caller's own that a model does not know, or was found not to: left out, with a note."""

from __future__ import annotations

import re
from collections.abc import Callable, Set
from dataclasses import replace

from aiproxy_desktop.core.errors import RequestError
from aiproxy_desktop.core.events import Noted
from aiproxy_desktop.core.messages import CompletionRequest

# As Gemini and Anthropic word it, and servers that speak like them: not known, or not taken by this model.
_UNKNOWN = re.compile(
    r"unknown (?:name|field|parameter|argument)|cannot find field|extra inputs are not permitted"
    r"|unrecogni[sz]ed|is not (?:enabled|supported)|cannot both be specified"
)


# OpenAI's words for what others have not (`chat/completion_create_params` of openai-python 3.57.0): programs
# send them to whatever speaks its dialect, and a service may refuse them one at a time.
FIELDS_OF_OPENAI = frozenset(
    {"prediction", "prompt_cache_key", "prompt_cache_retention", "safety_identifier", "user", "verbosity"}
    | {"web_search_options"}
)


class RefusedFields:
    """What one provider learnt, by model.

    Args:
        foreign: fields that none of its models knows.
        words_for: what a refusal may call a field of the caller's.
    """

    def __init__(
        self,
        foreign: Set[str],
        words_for: Callable[[str], tuple[str, ...]] = lambda name: (name,),
    ) -> None:
        self._words_for = words_for
        self._foreign = frozenset(foreign)
        self._names: dict[str, frozenset[str]] = {}

    def learn(self, request: CompletionRequest, error: RequestError) -> bool:
        """Whether a refusal names one of the caller's own fields for the first time."""
        words = error.detail.lower()
        if error.status not in {400, 422} or not _UNKNOWN.search(words):
            return False
        known = self._names.get(request.model, self._foreign)
        found = {name for name in request.extra if name not in known and self._named(name, words)}
        if found:
            self._names[request.model] = known | found
        return bool(found)

    def left_out(self, request: CompletionRequest) -> tuple[CompletionRequest, tuple[Noted, ...]]:
        """The request without the fields that its model's service does not know, a note for each."""
        known = self._names.get(request.model, self._foreign)
        names = [name for name in request.extra if name in known]
        if not names:
            return request, ()
        extra = {name: value for name, value in request.extra.items() if name not in names}
        notes = (Noted(name, f"{request.model} does not take {name}, so it was left out.") for name in names)
        return replace(request, extra=extra), tuple(notes)

    def _named(self, name: str, words: str) -> bool:
        return any(
            re.search(rf"(?<!\w){re.escape(one.lower())}(?!\w)", words) is not None
            for one in self._words_for(name)
        )
