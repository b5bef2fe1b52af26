"""`/v1/images/…`: `routes` is the face."""
