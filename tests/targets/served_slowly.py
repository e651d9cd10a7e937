"""An app that takes longer to load than anybody waits."""

import sys
import threading

sys.stdout.write("still loading\n")
sys.stdout.flush()
threading.Event().wait(60)
