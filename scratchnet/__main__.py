"""python -m scratchnet warmup: what can be done without writing a program."""

from __future__ import annotations

import argparse
import time


def warmup() -> None:
    """Compile all kernels, and say how long each group of them takes."""
    from scratchnet.warmup import tasks

    start = time.perf_counter()
    for name, run in tasks():
        print(f"{name} … ", end="", flush=True)
        began = time.perf_counter()
        run()
        print(f"{time.perf_counter() - began:.1f} s", flush=True)
    print(f"All kernels are compiled: {time.perf_counter() - start:.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m scratchnet", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    command = commands.add_parser("warmup", help="compile every kernel now, once and for all")
    command.set_defaults(run=warmup)
    parser.parse_args().run()


if __name__ == "__main__":
    main()
