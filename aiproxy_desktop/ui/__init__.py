"""All that is Qt, by feature."""
