"""The canvas of the image studio: a picture, its mask, and the tools that draw on it."""
