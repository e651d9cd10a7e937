"""Questions that take many cases."""
