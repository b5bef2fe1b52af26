"""What stands in the column, one below the other."""
