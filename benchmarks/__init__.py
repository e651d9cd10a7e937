"""Measurements, as commands: `python -m benchmarks.in_process`."""
