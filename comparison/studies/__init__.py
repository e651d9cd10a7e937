"""Studies that take many cases: load runs, status sweeps and fuzzing."""
