"""Explain differences: the cause, its place in the app, and what to do.

We look at what happened inside both apps first: exceptions, coroutines that were never
awaited, hooks and routes. Then we look at the fields that differ, then at the code of the
two apps. An explanation is data, see `data`.
"""

from .explain import Explainer
from .load import load_explanations
from .models import Explanation
from .startup import why_ended, why_not_answered, why_not_loaded

__all__ = [
    "Explainer",
    "Explanation",
    "load_explanations",
    "why_ended",
    "why_not_answered",
    "why_not_loaded",
]
