"""The environment of a run: behaviour depends on versions, so each report has them."""

import platform
from functools import cache
from importlib import metadata

from comparison.models import Environment

PACKAGES = (
    "flask", "quart", "werkzeug", "asgiref", "jinja2", "itsdangerous", "httpx",
    "hypercorn", "h11", "httptools", "gunicorn", "waitress", "granian", "uvicorn", "daphne",
    "twisted",
)  # fmt: skip


@cache
def environment() -> Environment:
    """Return the versions of Python, the platform and the installed packages."""
    packages = {}
    for name in PACKAGES:
        try:
            packages[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    system = f"{platform.system()} {platform.machine()}"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return Environment(python, system, packages)
