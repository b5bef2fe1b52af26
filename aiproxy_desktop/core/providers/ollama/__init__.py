"""Ollama's native interface."""
