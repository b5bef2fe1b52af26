"""`/v1/chat/completions`, and what the seed's route of the same kind shares with it: `routes` is the face."""
