"""An app that takes longer to load than anybody waits."""

import threading

print("still loading", flush=True)
threading.Event().wait(60)
