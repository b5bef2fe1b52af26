"""The local API: an ASGI application over the routing core, and what runs it. No Qt.

FastAPI is imported by `application`, which nothing imports before a server is wanted.
"""
