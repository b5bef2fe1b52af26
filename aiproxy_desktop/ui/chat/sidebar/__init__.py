"""The left side of the chat tab: conversations in lists, folders and search results."""
