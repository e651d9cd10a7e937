"""An app that ends its process while it is loaded."""

import os
import sys

sys.stdout.write("that was it\n")
sys.stdout.flush()
os._exit(4)
