"""Dictionaries in: what a caller writes, read into the core's own values or refused by name."""

from __future__ import annotations

from aiproxy_desktop.core.reading.messages import MessageLike, are_large, listed, read_messages
from aiproxy_desktop.core.reading.options import Options, read_options

__all__ = ["MessageLike", "Options", "are_large", "listed", "read_messages", "read_options"]
