"""Each provider's dialect in bytes: the rows of the parity matrix."""

from tests.dialects.base import KEY, USAGE, Call, Dialect, Sent, line, sse
from tests.dialects.gemini import GEMINI
from tests.dialects.ollama import OLLAMA
from tests.dialects.openai import OPENAI
from tests.dialects.responses import RESPONSES

DIALECTS = (OPENAI, RESPONSES, GEMINI, OLLAMA)
KEYED = (OPENAI, RESPONSES, GEMINI)

__all__ = [
    "DIALECTS",
    "GEMINI",
    "KEY",
    "KEYED",
    "OLLAMA",
    "OPENAI",
    "RESPONSES",
    "USAGE",
    "Call",
    "Dialect",
    "Sent",
    "line",
    "sse",
]
