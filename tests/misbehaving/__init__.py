"""Apps that hang, end, hold, flood, fork, patch, leak and lie, and how runs take them."""
