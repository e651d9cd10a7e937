"""Child processes that end with us, and signals."""
