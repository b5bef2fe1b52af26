"""Models side by side: one question, several answers at once."""
