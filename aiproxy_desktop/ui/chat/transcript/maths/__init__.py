"""Formulas: set on a thread, drawn as outlines."""
