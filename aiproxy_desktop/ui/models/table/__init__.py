"""The table of models: rows as values, their order, and how they are painted."""
