"""SQLite, files, settings, keyring. No Qt."""
