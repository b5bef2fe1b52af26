"""Talking with live models: `routes` is the face, and says every message; `talk` holds one session."""
