"""Runs every case on every target and yields the comparisons as they arrive.

    run = compare("flask_app", "quart_app", load_cases())
    for comparison in run:
        print(comparison.case.id, comparison.verdict)
    print(run.exit_code)

A target with a SPEC is loaded in worker processes (`pool`, `worker`). An app that hangs or
ends its process then affects a worker only. Apps that are objects of this process stay in
it and run on a thread (`threads`). A Flask app cannot be called where an event loop runs.
"""
