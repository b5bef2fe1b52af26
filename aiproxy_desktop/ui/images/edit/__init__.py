"""Editing one picture: tools, canvas, versions."""
