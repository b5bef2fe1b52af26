"""Everything known of one model, beside the table, and what can be done with it."""
