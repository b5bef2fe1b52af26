"""The local API: an ASGI application over the routing core, and what runs it. No Qt.

`application` joins what stands in front (`gate`) and the routes: `chat`, `images`, `responses`, `live`, whose
faces are called `routes`, and `seed_routes`, `model_routes`, `demo`. `running` opens it on sockets.

FastAPI is imported by `application`, which nothing imports before a server is wanted.
"""
