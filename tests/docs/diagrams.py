"""Mermaid diagrams of the book: what they claim of the code, and whether the code does it.

a["fer.train"]  b["haar.cascade"]    modules, those of scratchnet without its name
c[("a file")]  d(["a person"])       neither
subgraph s["training"]               a frame: the module that uses those inside
a -->|"what"| b                      both modules: one of them calls the other
a -.->|"what"| b                     both modules: that of a frame around both uses the two
"""

from __future__ import annotations

import ast
import inspect
import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from tests.docs.chapters import ROOT

MERMAID = re.compile(r"^```mermaid\n(.*?)^```$", re.M | re.S)
BOX = re.compile(r'(\w+)\["([^"]+)"\]')
OTHER = re.compile(r'(\w+)(?:\[\("[^"]+"\)\]|\(\["[^"]+"\]\))')
ARROW = re.compile(r'^(\w+) (-->|-\.->)\|"([^"]+)"\| (\w+)$')
FRAME = re.compile(r'^subgraph (\w+)\["([^"]+)"\]$')


class Arrow(NamedTuple):
    """What flows from where to where; `frames` are the modules of the frames around it."""

    start: str
    end: str
    solid: bool
    frames: tuple[str, ...]


class Diagram:
    """One diagram: its modules by their ids, and its arrows.

    Raises:
        ValueError: a line that is none of the above.
    """

    def __init__(self, source: str) -> None:
        self.modules: dict[str, str] = {}
        self.frames: dict[str, str] = {}
        self.arrows: list[Arrow] = []
        outside: set[str] = set()
        lines = [line.strip() for line in source.strip().splitlines()]
        if not re.fullmatch(r"flowchart (TB|LR)", lines[0]):
            raise ValueError(f"expected a flowchart, got {lines[0]!r}")
        within: dict[str, tuple[str, ...]] = {}
        around: list[str] = []
        unread: list[tuple[str, str, str]] = []
        for line in lines[1:]:
            if frame := FRAME.match(line):
                self.frames[frame[1]] = _whole(frame[2])
                around.append(_whole(frame[2]))
                continue
            if line == "end":
                around.pop()
                continue
            for name, title in BOX.findall(line):
                self.modules[name] = _whole(title)
                within[name] = tuple(around)
            outside.update(OTHER.findall(line))
            bare = OTHER.sub(r"\1", BOX.sub(r"\1", line))
            if arrow := ARROW.match(bare):
                unread.append((arrow[1], arrow[2], arrow[4]))
            elif not re.fullmatch(r"\w+", bare):
                raise ValueError(f"not a box and not an arrow: {line!r}")
        for start, kind, end in unread:
            if lost := {start, end} - self.modules.keys() - outside:
                raise ValueError(f"an arrow leads to {lost}, which is no box")
            both = [frame for frame in within.get(start, ()) if frame in within.get(end, ())]
            self.arrows.append(Arrow(start, end, kind == "-->", tuple(both)))

    def untrue(self) -> list[str]:
        """Modules that do not exist, and arrows for which the source gives no reason."""
        named = [*self.modules.values(), *self.frames.values()]
        wrong = [f"there is no module {name}" for name in named if not _path(name).is_file()]
        for arrow in self.arrows if not wrong else []:
            if arrow.start in self.modules and arrow.end in self.modules:
                a, b = self.modules[arrow.start], self.modules[arrow.end]
                if arrow.solid:
                    if b not in calls(a) and a not in calls(b):
                        wrong.append(f"neither of {a} and {b} calls the other")
                elif not any({a, b} <= uses(frame) for frame in arrow.frames):
                    frames = " or ".join(arrow.frames) or "no frame"
                    wrong.append(f"{frames} does not use both {a} and {b}")
        return wrong


def diagrams(page: str) -> list[Diagram]:
    """The diagrams of a page, in their order."""
    return [Diagram(source) for source in MERMAID.findall(page)]


# -- what the source does -------------------------------------------------------------------------


def uses(module: str) -> set[str]:
    """The modules from which a module imports something, itself or under TYPE_CHECKING."""
    return set(_found(module))


def calls(module: str) -> set[str]:
    """Those of which it calls a function, makes an object, or calls a method of their classes."""
    return {other for other, called in _found(module).items() if called}


@cache
def _found(module: str) -> dict[str, bool]:
    """For each of the project's modules that is imported: is something of it called?"""
    tree = ast.parse(_path(module).read_text(encoding="utf-8"))
    roots, methods = _called(tree)
    found: dict[str, bool] = {}
    for name, home, thing in _imported(tree):
        own = set(dir(thing)) - set(dir(object)) if inspect.isclass(thing) else set()
        called = name in roots or bool(own & methods)
        found[home] = found.get(home, False) or called
    return found


def _called(tree: ast.AST) -> tuple[set[str], set[str]]:
    """What is called, as `f`, or as `a` and `a.b` of a.b(…); and the methods of whatever object."""
    roots, methods = set(), set()
    for call in ast.walk(tree):
        if isinstance(call, ast.Call):
            words: list[str] = []
            function = call.func
            while isinstance(function, ast.Attribute):
                words.insert(0, function.attr)
                function = function.value
            methods.update(words[-1:])
            if isinstance(function, ast.Name):
                roots |= {function.id, ".".join([function.id, *words[:1]])}
    return roots, methods


def _imported(tree: ast.AST) -> list[tuple[str, str, Any]]:
    """(name in this file, module that defines it, the thing) of all that is this project's."""
    names: dict[str, Any] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and _ours(node.module or ""):
            for alias in node.names:
                names[alias.asname or alias.name] = _thing(node.module or "", alias.name)
        elif isinstance(node, ast.Import):
            names |= {
                a.asname or a.name: (a.name, import_module(a.name))
                for a in node.names
                if _ours(a.name)
            }
    found = [(name, _home(thing, module), thing) for name, (module, thing) in names.items()]
    for node in ast.walk(tree):  # haar.Cascade: what is taken out of an imported module
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            _, thing = names.get(node.value.id, ("", None))
            if inspect.ismodule(thing) and hasattr(thing, node.attr):
                taken = getattr(thing, node.attr)
                found.append((f"{node.value.id}.{node.attr}", _home(taken, thing.__name__), taken))
    return found


def _thing(module: str, name: str) -> tuple[str, Any]:
    inner = f"{module}.{name}"
    if _path(inner).is_file():
        return inner, import_module(inner)
    return module, getattr(import_module(module), name)


def _home(thing: Any, module: str) -> str:
    """The module that defines a thing; of plain values, the one it was imported from."""
    home = thing.__name__ if inspect.ismodule(thing) else getattr(thing, "__module__", None)
    return home if isinstance(home, str) and _ours(home) else module


def _whole(name: str) -> str:
    """The module's own name: fer.train is scratchnet.fer.train."""
    return name if _ours(name) else f"scratchnet.{name}"


def _ours(module: str) -> bool:
    return module.partition(".")[0] in ("scratchnet", "haar")


def _path(module: str) -> Path:
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
