"""`comparison serve`."""

import click

from comparison.core.escaping import echo
from comparison.runner.settings import RunSettings

from .options import run_options, tracebacks


@click.command()
@run_options
@click.option(
    "--host", default="127.0.0.1", show_default=True,
    help="An address of this machine alone.",
)  # fmt: skip
@click.option(
    "--port", default=5050, show_default=True, type=click.IntRange(0, 65535),
    help="Port; 0 takes a free one.",
)  # fmt: skip
@click.option("--open", "opened", is_flag=True, help="Open the page in the browser.")
@tracebacks
def serve(
    targets: tuple[str, ...],
    paths: tuple[str, ...],
    known: tuple[str, ...],
    timeout: float | None,
    allow_files: bool,
    host: str,
    port: int,
    opened: bool,
) -> int:
    """Serve the playground: run the catalogue and watch it in a browser.

    It listens on this machine alone, until Ctrl-C.
    """
    from comparison.playground.serving import address, listen
    from comparison.playground.serving import serve as serve_it
    from comparison.playground.state import Playground
    from comparison.tracing import captured_logs

    listener = listen(host, port)
    options = [
        *(part for target in targets for part in ("--target", target)),
        *(part for path in paths for part in ("--cases", path)),
        *(part for path in known for part in ("--known", path)),
        *(("--allow-files",) if allow_files else ()),
        *(("--timeout", f"{timeout:g}") if timeout else ()),
    ]
    with listener, captured_logs():
        settings = RunSettings(targets, paths, known, timeout, allow_files=allow_files)
        state = Playground(settings, tuple(options))
        url = address(host, listener)

        def announce() -> None:
            echo(f"The playground is served at {url} until Ctrl-C")
            if opened:
                click.launch(url)

        return serve_it(state, listener, announce)
