"""Measure throughput and latency of each stack at rising concurrency."""
