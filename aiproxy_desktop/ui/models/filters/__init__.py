"""What narrows the table: a search field, and chips that combine."""
