"""Ollama's part of the models tab: its servers, what they have loaded, and what is made and deleted there."""
