"""`/v1/responses`: `routes` is the face."""
