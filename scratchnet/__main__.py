"""python -m scratchnet COMMAND, or scratchnet COMMAND: what can be done without writing a program.

Only the module of the command that is asked for is imported: `scratchnet --help` answers at once.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys

from scratchnet.commands import SUMMARIES


def main(argv: list[str] | None = None) -> int:
    """Run a command; returns its exit status: see `scratchnet.commands`."""
    for console in (sys.stdout, sys.stderr):
        if hasattr(console, "reconfigure"):  # file names hold what a console may not know
            console.reconfigure(errors="backslashreplace")
    argv = sys.argv[1:] if argv is None else argv
    parser = argparse.ArgumentParser(
        prog="scratchnet",
        description="Facial expressions, recognised by a network written by hand.",
        epilog="scratchnet COMMAND --help tells more.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, summary in SUMMARIES.items():
        own = commands.add_parser(name, help=summary, description=summary.capitalize() + ".")
        if name in argv[:1]:
            module = importlib.import_module(f"scratchnet.commands.{name}")
            module.arguments(own)
            own.epilog = getattr(module, "EPILOG", None)
    options = parser.parse_args(argv)
    try:
        return module.run(options)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # who read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (OSError, ValueError, FloatingPointError) as error:
        print(f"scratchnet {options.command}:", " ".join(str(error).split()), file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
