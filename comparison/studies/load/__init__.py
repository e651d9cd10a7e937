"""The same work at rising concurrency on each stack: throughput and latency."""
