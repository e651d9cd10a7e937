"""Sweep through every status code on every server."""
