"""What stands in front of every route: `guard` for requests, `ws_door` for WebSockets. No framework."""
