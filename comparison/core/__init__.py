"""What the rest of the package stands on: child processes and signals."""
