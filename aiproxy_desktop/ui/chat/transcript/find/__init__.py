"""Finding words in a conversation."""
