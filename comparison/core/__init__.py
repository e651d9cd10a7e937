"""What everything else uses: errors, documents, escaping, locks, child processes."""
