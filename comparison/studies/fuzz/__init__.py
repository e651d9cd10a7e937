"""Fuzz both frameworks: generate views and requests, and compare the responses."""
