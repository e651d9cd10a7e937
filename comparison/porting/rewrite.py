"""Apply edits to a tree. Nodes without an edit stay the same objects and keep their text."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from .blocks import add_imports, async_with, iterated, yielded
from .calls import client_call, keywords, middleware, with_context
from .imports import (
    add_alias,
    context_managers,
    import_lines,
    ported_imports,
    rename_alias,
)
from .syntax import fields_of, numbered, parents

NEEDED = {
    "asyncio.run": "import asyncio",
    "run_sync": "from quart.utils import run_sync",
}
"""The import that an edit needs."""


class Rewritten:
    """A module with its edits applied.

    `lines` has the line in the new source for each node of `line_nodes`.
    """

    def __init__(
        self,
        module: cst.Module,
        edits: Mapping[int, set[str]],
        line_nodes: Sequence[int],
        comments: Mapping[int, str] | None = None,
    ) -> None:
        nodes = numbered(module)
        self._parents = parents(nodes)
        self._edits = {nodes[number]: set(each) for number, each in edits.items()}
        self._line_nodes = {nodes[number]: number for number in line_nodes}
        self._new: dict[cst.CSTNode, cst.CSTNode] = {}
        self._structure()
        imports = ported_imports(nodes, self._parents)
        changed = {
            n for n, each in self._edits.items() if "asynccontextmanager" in each
        }
        imports |= context_managers(nodes, self._parents, changed)
        for node, edit in imports.items():
            self._edits.setdefault(node, set()).add(edit)
        self._first, self._header = next(iter(module.body), None), module.header
        self._comments: dict[cst.CSTNode, list[str]] = {}
        for number, text in (comments or {}).items():
            statement = self._statement(nodes[number])
            self._comments.setdefault(statement, []).append(text)
        self._touched = self._above([*self._edits, *self._comments])
        self.count = 0
        new = self._visit(module)
        assert isinstance(new, cst.Module)
        needed = {
            NEEDED[edit]
            for each in self._edits.values()
            for edit in each
            if edit in NEEDED
        }
        self.module = add_imports(new, sorted(needed))

    def _structure(self) -> None:
        """Move edits to the statement that changes as a whole."""
        for node in list(self._edits):
            edits = self._edits[node]
            parent = self._parents.get(node)
            if isinstance(node, cst.WithItem):
                edits.discard("async")
                assert isinstance(parent, cst.With)
                index = next(i for i, item in enumerate(parent.items) if item is node)
                above = self._edits.setdefault(parent, set())
                earlier = next((e for e in above if e.startswith("async with:")), None)
                above.discard(earlier or "")
                above.add(f"{earlier},{index}" if earlier else f"async with:{index}")
            elif isinstance(node, cst.Yield) and edits & {"async", "loop"}:
                line = self._statement(node)
                value = "async" if "async" in edits else ""
                self._edits.setdefault(line, set()).add(f"yield:{value}")
                edits.difference_update({"async", "loop"})
            elif "wsgi_app" in edits:
                edits.discard("wsgi_app")
                self._edits.setdefault(self._statement(node), set()).add("wsgi_app")

    def lines(self) -> dict[int, int]:
        """Return the line of each of the `line_nodes` in the new source."""
        if not self._line_nodes:
            return {}
        wrapper = MetadataWrapper(self.module, unsafe_skip_copy=True)
        positions = wrapper.resolve(PositionProvider)
        found = {}
        for node, number in self._line_nodes.items():
            above: cst.CSTNode | None = node
            placed = self._new.get(node, node)
            while placed not in positions and above is not None:
                above = self._parents.get(above)
                placed = self._new.get(above, above) if above else placed
            found[number] = positions[placed].start.line if placed in positions else 1
        return found

    def _statement(self, node: cst.CSTNode) -> cst.CSTNode:
        while not isinstance(node, cst.SimpleStatementLine | cst.BaseCompoundStatement):
            node = self._parents[node]
        return node

    def _above(self, nodes: Sequence[cst.CSTNode]) -> set[cst.CSTNode]:
        found: set[cst.CSTNode] = set()
        for node in [*nodes, *self._line_nodes]:
            above: cst.CSTNode | None = node
            while above is not None and above not in found:
                found.add(above)
                above = self._parents.get(above)
        return found

    def _visit(self, node: cst.CSTNode) -> Any:
        if node not in self._touched:
            return node
        changes: dict[str, Any] = {}
        for name in fields_of(node):
            value = getattr(node, name)
            if isinstance(value, cst.CSTNode) and value in self._touched:
                changes[name] = self._visit(value)
            elif isinstance(value, list | tuple) and not self._touched.isdisjoint(
                each for each in value if isinstance(each, cst.CSTNode)
            ):
                items: list[Any] = []
                for each in value:
                    done = self._visit(each) if isinstance(each, cst.CSTNode) else each
                    items += done if isinstance(done, list) else [done]
                changes[name] = items
        new: Any = node.with_changes(**changes) if changes else node
        # A name changes before what it is called with, and `await` comes around both.
        for edit in sorted(self._edits.get(node, ()), key=_order):
            edited = self._edit(edit, new, node)
            self.count += edited is not new
            new = edited
        if node in self._comments:
            header = self._header if node is self._first else ()
            new = _commented(new, self._comments[node], header)
        self._new[node] = new[0] if isinstance(new, list) else new
        return new

    def _edit(self, edit: str, new: Any, node: cst.CSTNode) -> Any:
        name, _, value = edit.partition(":")
        if name == "await":
            return self._awaited(new, node)
        if name == "run_sync":
            called = cst.Call(cst.Name("run_sync"), [cst.Arg(new.func)])
            return self._awaited(new.with_changes(func=called), node)
        return EDITS[name](new, value)

    def _awaited(self, new: Any, node: cst.CSTNode) -> cst.Await:
        lpar, rpar = new.lpar, new.rpar
        parent = self._parents.get(node)
        inner = (
            (isinstance(parent, cst.Attribute | cst.Subscript) and parent.value is node)
            or (isinstance(parent, cst.Call) and parent.func is node)
            or isinstance(parent, cst.Await)
        )
        if inner and not lpar:
            lpar, rpar = [cst.LeftParen()], [cst.RightParen()]
        return cst.Await(new.with_changes(lpar=[], rpar=[]), lpar=lpar, rpar=rpar)


_ORDER = ("rename", "keywords", "client", "collect", "attribute", "async", "list")


def _order(edit: str) -> tuple[int, str]:
    name = edit.partition(":")[0]
    return (_ORDER.index(name) if name in _ORDER else len(_ORDER), edit)


def _async(new: Any, _: str) -> Any:
    return new.with_changes(asynchronous=cst.Asynchronous())


def _list(new: Any, _: str) -> Any:
    return cst.ListComp(new.elt, new.for_in)


def _renamed(new: Any, value: str) -> Any:
    return new.with_changes(value=value)


def _attribute(new: Any, value: str) -> Any:
    return new.with_changes(attr=cst.Name(value))


def _asyncio_run(new: Any, _: str) -> Any:
    run = cst.Attribute(cst.Name("asyncio"), cst.Name("run"))
    return cst.Call(run, [cst.Arg(new)])


def _context_manager(new: Any, _: str) -> Any:
    name = new.decorator
    if isinstance(name, cst.Attribute):
        changed: Any = name.with_changes(attr=cst.Name("asynccontextmanager"))
    else:
        changed = name.with_changes(value="asynccontextmanager")
    return new.with_changes(decorator=changed)


def _test_case(new: Any, _: str) -> Any:
    bases = []
    for base in new.bases:
        value = base.value
        if isinstance(value, cst.Attribute) and value.attr.value == "TestCase":
            value = value.with_changes(attr=cst.Name("IsolatedAsyncioTestCase"))
        elif isinstance(value, cst.Name) and value.value == "TestCase":
            value = value.with_changes(value="IsolatedAsyncioTestCase")
        bases.append(base.with_changes(value=value))
    return new.with_changes(bases=bases)


def _set_up(new: Any, _: str) -> Any:
    name = new.name.value
    return new.with_changes(name=cst.Name(f"async{name[0].upper()}{name[1:]}"))


EDITS: dict[str, Callable[[Any, str], Any]] = {
    "async": _async,
    "list": _list,
    "rename": _renamed,
    "attribute": _attribute,
    "asyncio.run": _asyncio_run,
    "asynccontextmanager": _context_manager,
    "IsolatedAsyncioTestCase": _test_case,
    "asyncSetUp": _set_up,
    "keywords": keywords,
    "client": client_call,
    "with_context": with_context,
    "wsgi_app": middleware,
    "collect": iterated,
    "async with": async_with,
    "yield": yielded,
    "import": import_lines,
    "rename_alias": rename_alias,
    "add_alias": add_alias,
}


def _commented(new: Any, texts: Sequence[str], header: Sequence[Any]) -> Any:
    first = new[0] if isinstance(new, list) else new
    present = {
        line.comment.value for line in (*header, *first.leading_lines) if line.comment
    }
    comments = [f"# port: {text}" for text in dict.fromkeys(texts)]
    added = [
        cst.EmptyLine(comment=cst.Comment(text))
        for text in comments
        if text not in present
    ]
    first = first.with_changes(leading_lines=[*first.leading_lines, *added])
    return [first, *new[1:]] if isinstance(new, list) else first
