"""`comparison serve`."""

import click

from comparison.core.escaping import echo

from .options import RunOptions, run_options, tracebacks


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
    options: RunOptions,
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
    arguments = [
        *(part for target in options.targets for part in ("--target", target)),
        *(part for path in options.paths for part in ("--cases", path)),
        *(part for path in options.known for part in ("--known", path)),
        *(("--allow-files",) if options.allow_files else ()),
        *(("--timeout", f"{options.timeout:g}") if options.timeout else ()),
    ]
    with listener, captured_logs():
        settings = options.settings()
        state = Playground(settings, tuple(arguments))
        url = address(host, listener)

        def announce() -> None:
            echo(f"The playground is served at {url} until Ctrl-C")
            if opened:
                click.launch(url)

        return serve_it(state, listener, announce)
