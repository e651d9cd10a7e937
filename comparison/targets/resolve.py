"""Make targets from SPECs and from Python objects."""

from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

from comparison.core.errors import UsageError
from comparison.models import TargetInfo
from comparison.targets.in_process.target import InProcessTarget
from comparison.tracing import framework_of

from .session import Target
from .spec import (
    from_factory,
    interface_of,
    is_factory,
    load_factory,
    parse_spec,
    parse_target,
    ready_made,
)
from .url import RateLimiter, UrlTarget, is_url, parse_url


def resolve_target(what: Any, name: str | None = None) -> Target:
    """Make a target from a SPEC, an app, a factory, a module, or a target.

    The target of a SPEC loads its app when it first needs it. Raises UsageError for a
    malformed SPEC.
    """
    if isinstance(what, Target):
        return what
    if isinstance(what, ModuleType):
        # The module may have been changed since its import, so it stays in this process.
        spec = parse_spec(what.__name__)
        factory = load_factory(spec, what.__name__)
        return InProcessTarget(name or spec.module, what.__name__, factory)
    if isinstance(what, str) and is_url(what):
        return UrlTarget(name or parse_url(what).address.host, what)
    if isinstance(what, str):
        spec = parse_spec(what)
        if spec.server is not None:
            from .servers.target import ServerTarget

            return ServerTarget(name or spec.module, what)
        return InProcessTarget(name or spec.module, what)
    text = _describe(what)
    if is_factory(what):
        return InProcessTarget(name or text, text, from_factory(what, text))
    interface_of(what, text)
    return InProcessTarget(
        name or framework_of(what) or text, text, ready_made(what, text)
    )


def resolve_targets(
    arguments: Iterable[str],
    *,
    keep_alive: bool = False,
    alone: bool = False,
    rate: float | None = None,
) -> dict[str, Target]:
    """Make the targets of `NAME=SPEC` arguments, in order, the reference first.

    This does not load anything. `keep_alive` is for targets on servers (see
    `ServerTarget`). `rate`, in requests a second, is for targets at URLs (see `RateLimiter`).

    Raises UsageError for a malformed argument or a name used twice. Raises it for fewer
    than two targets (one if `alone`), and for a `rate` without a target at a URL.
    """
    specs: dict[str, str] = {}
    for argument in arguments:
        name, spec = parse_target(argument)
        if name in specs:
            raise UsageError(f"--target {argument!r}: the name {name!r} is used twice")
        specs[name] = spec
    if len(specs) < 2 and not (specs and alone):
        raise UsageError("give two targets or more: --target NAME=SPEC --target …")
    targets = {name: resolve_target(spec, name) for name, spec in specs.items()}
    at_urls = [t for t in targets.values() if isinstance(t, UrlTarget)]
    if rate is not None:
        if not at_urls:
            raise UsageError(
                "--rate is for targets at URLs: give a target at a URL too"
            )
        for each in at_urls:
            each.rate_limiter = RateLimiter(rate)
    for target in targets.values():
        if hasattr(target, "keep_alive"):
            target.keep_alive = keep_alive
    return targets


def _describe(what: Any) -> str:
    label = getattr(what, "import_name", None) or getattr(what, "__name__", None)
    return str(label or type(what).__name__)


def infos_of(targets: Mapping[str, Target]) -> tuple[TargetInfo, ...]:
    """Describe the targets for reports, under the names of this run. Raises TargetError."""
    return tuple(
        TargetInfo(name, info.spec, info.framework, info.server, info.settings)
        for name, info in ((n, t.info()) for n, t in targets.items())
    )
