"""Conversations in and out: our own lossless export, documents to read, and what others export. No Qt."""
