"""Child processes that end with this one, and signals."""
