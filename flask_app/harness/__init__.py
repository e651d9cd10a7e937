"""Views for the comparison tool: its fuzzer, its load test and its page call them.

They teach nothing, so the index does not list them.
"""

HARNESS = ("composed", "work")
