"""Fuzzing: views and requests that nobody thought of, asked of both frameworks."""
