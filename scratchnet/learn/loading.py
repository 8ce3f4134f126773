"""The learner's file: run it, call what is in it, and say where it fails, in its own lines.

A check *imports* the file, so everything in it runs, as if its author had started it: that is what
a check is for. Check your own files, not strangers'.
"""

from __future__ import annotations

import linecache
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

MODULE = "scratchnet_learner"
"""The name under which the file runs: not `__main__`, so that its own experiments stay quiet."""
CAUGHT = (Exception, SystemExit)
"""What a learner's code may raise; Ctrl-C stays Ctrl-C."""


class Broken(Exception):
    """The file cannot be run; the text says why, and in which line."""


def load(path: Path) -> Mapping[str, Any]:
    """The names that a file defines.

    Raises:
        OSError: there is no such file.
        Broken: it is no Python, or raises when it is imported.
    """
    source = path.read_bytes()
    linecache.checkcache(str(path))
    try:
        code = compile(source, str(path), "exec", dont_inherit=True)
    except SyntaxError as error:
        raise Broken(_syntax(error, path)) from error
    except ValueError as error:  # null bytes
        raise Broken(f"{path.name} is not Python: {error}") from error
    module = ModuleType(MODULE)
    module.__file__ = str(path)
    with _importing(module, path.resolve().parent):
        try:
            exec(code, vars(module))
        except CAUGHT as error:
            raise Broken(explain(error, path)) from error
    return vars(module)


@contextmanager
def _importing(module: ModuleType, folder: Path) -> Iterator[None]:
    """As when Python runs a file: it is a module, and finds the files beside it."""
    sys.modules[MODULE] = module
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def explain(error: BaseException, path: Path) -> str:
    """What was raised, and the last line of the learner's file on the way to it."""
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    own = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
    if not own:
        return what
    place = f"{path.name}, line {own[-1].lineno}"
    if own[-1].name != "<module>":
        place += f", in {own[-1].name}"
    return "\n".join([what, f"  {place}", f"    {own[-1].line}"])


def _syntax(error: SyntaxError, path: Path) -> str:
    lines = [f"{type(error).__name__}: {error.msg}", f"  {path.name}, line {error.lineno}"]
    if error.text is not None:
        text = error.text.rstrip("\n")
        lines.append(f"    {text.lstrip()}")
        if error.offset is not None:
            column = error.offset - 1 - (len(text) - len(text.lstrip()))
            lines.append(f"    {' ' * max(column, 0)}^")
    return "\n".join(lines)
