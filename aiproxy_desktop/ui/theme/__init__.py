"""Tokens, palettes, icons, fonts."""
