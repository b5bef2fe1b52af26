"""Each provider's dialect in bytes: the rows of the parity matrix."""

from tests.dialects.base import KEY, USAGE, Call, Dialect, Sent, line, sse
from tests.dialects.gemini import GEMINI
from tests.dialects.ollama import OLLAMA
from tests.dialects.openai import OPENAI

DIALECTS = (OPENAI, GEMINI, OLLAMA)
KEYED = (OPENAI, GEMINI)

__all__ = [
    "DIALECTS",
    "GEMINI",
    "KEY",
    "KEYED",
    "OLLAMA",
    "OPENAI",
    "USAGE",
    "Call",
    "Dialect",
    "Sent",
    "line",
    "sse",
]
