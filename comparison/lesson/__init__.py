"""A recording told as a lesson: nine modes, as data; reports render them."""
