"""The base of all other packages: errors, documents, escaping, locks, child processes."""
