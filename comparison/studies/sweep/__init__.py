"""The sweep: every status code on every server."""
