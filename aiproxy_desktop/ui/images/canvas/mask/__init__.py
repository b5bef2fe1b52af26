"""The mask of a picture: its bytes, its history, what strokes and fills do to it. QtGui at the most."""
