"""Timing on a machine that others use too: competitors take turns, and only quiet rounds count.

    load    = (seconds that the cores were busy − our own) / seconds of the round
    quiet   ⇔ load ≤ 8 % of a core
    median  = of the quiet rounds' seconds            ratio = median of theirs / ours, by round

A round lasts as long as every competitor takes for its calls, one competitor after the other, and
every second round goes backwards. Work of others hurts one more than another, so a comparison on a
busy machine says little: rounds with load are dropped. If there is no other, all are kept, and
the result says that it was not quiet. The load is known on Linux only; elsewhere all rounds count.
"""

from __future__ import annotations

import math
import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

QUIET = 0.08
"""Cores that others may keep busy in a quiet round."""
LONG_ENOUGH = 0.25
"""Seconds that a competitor works in a round, at least: the system counts in hundredths."""
_STAT = Path("/", "proc", "stat")

# -- how busy the others are ----------------------------------------------------------------------


def busy_ticks(stat: str) -> int:
    """The ticks that all cores were busy since the start, from the system's own count.

    The first line has user, nice, system, idle, iowait, irq, softirq and steal; all but idle and
    iowait are work, the last for another guest of the same machine.
    """
    user, nice, system, _idle, _iowait, *others = map(int, stat.split("\n", 1)[0].split()[1:9])
    return user + nice + system + sum(others)


def others_seconds() -> float | None:
    """Processor seconds of all other processes, counted from some moment; None if unknown."""
    if not _STAT.is_file():
        return None
    ticks = busy_ticks(_STAT.read_text(encoding="ascii"))
    return ticks / os.sysconf("SC_CLK_TCK") - time.process_time()


# -- rounds ---------------------------------------------------------------------------------------


class Round(NamedTuple):
    """What one round measured."""

    seconds: Mapping[str, float]
    """Of one call, by competitor."""
    load: float | None
    """Cores that other processes kept busy; None if unknown."""

    @property
    def quiet(self) -> bool:
        return self.load is None or self.load <= QUIET


class Rounds(NamedTuple):
    """The rounds that count."""

    kept: list[Round]
    dropped: int

    @property
    def quiet(self) -> bool:
        return all(one.quiet for one in self.kept)

    @property
    def names(self) -> list[str]:
        return list(self.kept[0].seconds)

    def median(self, name: str) -> float:
        """Seconds of one call."""
        return statistics.median(one.seconds[name] for one in self.kept)

    def best(self, name: str) -> float:
        return min(one.seconds[name] for one in self.kept)

    def ratio(self, name: str, ours: str) -> float:
        """How many times as long as ours it takes: the median of each round's own ratio."""
        return statistics.median(one.seconds[name] / one.seconds[ours] for one in self.kept)

    def __str__(self) -> str:
        """How many, and which."""
        if not self.quiet:
            return f"{len(self.kept)} not quiet"
        return f"{len(self.kept)} of {len(self.kept) + self.dropped}"

    def complaint(self) -> str:
        """If there was no quiet round: so much, and every round, a line each. Else nothing."""
        if self.quiet:
            return ""
        lines = ["no quiet round: others were at work all the time. All rounds, ms:"]
        for one in self.kept:
            times = "  ".join(f"{name} {1e3 * s:.3f}" for name, s in one.seconds.items())
            lines.append(f"  not quiet, {one.load:.2f} cores busy:  {times}")
        return "\n".join(lines) + "\n"


def keep_quiet(rounds: list[Round]) -> Rounds:
    """The quiet rounds; all of them if none is quiet."""
    quiet = [one for one in rounds if one.quiet]
    return Rounds(quiet or rounds, len(rounds) - len(quiet or rounds))


def measured(
    measure: Callable[[int], Mapping[str, float]],
    rounds: int,
    minutes: float,
    title: str = "",
    *,
    clock: Callable[[], float] = time.perf_counter,
    others: Callable[[], float | None] = others_seconds,
) -> Rounds:
    """Rounds until so many were quiet, or so many minutes are over; at least one.

    Args:
        measure: one round: its number → seconds by name.
        title: of the progress bar.
        clock, others: what time it is, and what the others have used.
    """
    done: list[Round] = []
    begin = clock()
    with progress(rounds, title) as bar:
        while True:
            start, before = clock(), others()
            seconds = measure(len(done))
            elapsed, after = clock() - start, others()
            known = before is not None and after is not None and elapsed > 0
            load = max(0.0, after - before) / elapsed if known else None  # type: ignore[operator]
            done.append(Round(seconds, load))
            bar.update(int(done[-1].quiet))
            if sum(one.quiet for one in done) >= rounds or clock() - begin >= 60 * minutes:
                return keep_quiet(done)


def repeats(seconds: float, long_enough: float = LONG_ENOUGH) -> int:
    """How many calls of so many seconds make a measurement."""
    return max(1, math.ceil(long_enough / max(seconds, 1e-6)))


def interleaved(
    calls: Mapping[str, Callable[[], Any]],
    rounds: int,
    minutes: float,
    title: str = "",
    long_enough: float = LONG_ENOUGH,
) -> Rounds:
    """The seconds of each call, in turns; each is called twice before, to compile and allocate."""

    def seconds(call: Callable[[], Any], times: int) -> float:
        start = time.perf_counter()
        for _ in range(times):
            call()
        return (time.perf_counter() - start) / times

    for call in calls.values():
        call()
    times = {name: repeats(seconds(call, 1), long_enough) for name, call in calls.items()}

    def measure(number: int) -> dict[str, float]:
        order = list(calls) if number % 2 == 0 else list(calls)[::-1]
        found = {name: seconds(calls[name], times[name]) for name in order}
        return {name: found[name] for name in calls}

    return measured(measure, rounds, minutes, title)


# -- memory ---------------------------------------------------------------------------------------


def peak_megabytes() -> float | None:
    """The most memory that this process ever held, in MB; None where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


# -- progress --------------------------------------------------------------------------------------


class _NoBar:
    def update(self, count: int) -> None: ...

    def __enter__(self) -> _NoBar:
        return self

    def __exit__(self, *error: object) -> None: ...


def progress(total: int, title: str, unit: str = "quiet round") -> Any:
    """A progress bar on a terminal; a context manager with `update(count)`."""
    if find_spec("tqdm") is None:
        return _NoBar()
    from tqdm import tqdm

    return tqdm(total=total, desc=title, unit=unit, leave=False, disable=None)
