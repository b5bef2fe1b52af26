"""How a conversation is answered: its options, as a panel and as values."""
