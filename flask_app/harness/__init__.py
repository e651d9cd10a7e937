"""Views for the comparison tool: its fuzzer, its load test and its page call them.

They are no topics to learn from, so the index does not list them.
"""

HARNESS = ("composed", "work")
