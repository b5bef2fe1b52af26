"""What is being fetched, above the table; and the panel that fetches more."""
