"""Keys never leave in text: every log record, error detail and report passes through here."""

from __future__ import annotations

import re

MASK = "[redacted]"

# The shapes of keys in use (prefixes as each vendor documents them), bearer headers and key
# parameters in URLs. Long enough that no ordinary word matches.
_SHAPES = r"""
    \bsk-[A-Za-z0-9_-]{12,}
    | \bAIza[A-Za-z0-9_-]{20,}
    | \b(?:gsk|xai|csk|fw|pplx|hf|r8)[_-][A-Za-z0-9_-]{16,}
    | (?<=[?&]key=)[^&\s"']+
    | (?<=[?&]api_key=)[^&\s"']+
    | (?i:(?<=bearer\s))[^\s"',]+
    | (?i:(?<=api-key:\s)|(?<=goog-api-key:\s))[^\s"',]+
    """


class Redactor:
    """Replaces known secrets, and whatever looks like one, by a mask."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def add(self, secret: str) -> None:
        """Remember a secret of any shape; short strings are ignored, as they would mask words."""
        if len(secret) >= 6:
            self._known = self._known | {secret}  # another thread may be going through the former set

    def __call__(self, text: str) -> str:
        """The text without any secret."""
        for secret in sorted(self._known, key=len, reverse=True):
            text = text.replace(secret, MASK)
        return re.sub(_SHAPES, MASK, text, flags=re.VERBOSE)  # compiled when first needed
