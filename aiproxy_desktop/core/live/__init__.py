"""Realtime sessions: sound and text both ways over one connection."""
