"""Tables for a terminal: executions, variables, and how targets agree."""

from collections.abc import Iterable

from rich.box import SIMPLE
from rich.console import Group, RenderableType
from rich.table import Table

from comparison.core.escaping import visible_line
from comparison.lesson.model import TableRow
from comparison.models import Agreement, Recording, Row, Variable

from .layers import AGREEMENT, agreement_rows
from .terminal import Text


def agreement_grid(agreement: Iterable[Agreement]) -> Table:
    """Tabulate in how many cases each pair of targets agrees."""
    (_, *names), *rows = agreement_rows(agreement)
    table = Table(box=SIMPLE, title=Text(AGREEMENT), title_justify="left")
    table.add_column("")
    for name in names:
        table.add_column(Text(name), justify="right")
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def tables(recordings: dict[str, Recording]) -> RenderableType:
    """Format the execution table of each target."""
    return Group(*(execution_table(n, r.table) for n, r in recordings.items()))


def execution_table(name: str, rows: Iterable[Row | TableRow]) -> Table:
    """Format the execution table with its five columns."""
    table = Table(box=SIMPLE, title=Text(name), title_justify="left", expand=False)
    for heading in (
        "Step", "Action", "Status Code Set", "Response Content", "Client Receives",
    ):  # fmt: skip
        table.add_column(heading, justify="right" if heading == "Step" else "left")
    for row in rows:
        cells = (
            row.step, row.action, row.status_code_set, row.response_content,
            row.client_receives,
        )  # fmt: skip
        safe = (visible_line(str(cell)) for cell in cells)
        table.add_row(*(Text(cell, overflow="fold") for cell in safe))
    return table


def variable_tracker(name: str, variables: Iterable[Variable]) -> Table:
    """Tabulate each variable at the start, after each step, and at the end."""
    variables = list(variables)
    table = Table(box=SIMPLE, title=Text(name), title_justify="left", expand=False)
    table.add_column("Variable")
    table.add_column("Start")
    for step in variables[0].steps:
        table.add_column(f"After Step {step}")
    table.add_column("Final")
    for variable in variables:
        values = [variable.start, *variable.steps.values(), variable.final]
        cells: list[Text] = []
        for before, value in zip([None, *values], values, strict=False):
            changed = value != before and cells
            style = "bold" if changed else "dim"
            cells.append(Text(str(value), style=style, overflow="fold"))
        table.add_row(Text(variable.name), *cells)
    return table
