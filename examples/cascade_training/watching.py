"""Watching a training: a bar for the stages, one for what a stage is about; and the log.

stages: 3/15 [02:10<08:40]
stage 4, negatives: 1,240/2,000 [00:04<00:02, 310 windows/s]  0.041 % of 3.0 M pass
stage 4, features: 14/100 [00:12<…, 1.2 features/s]  hits 99.6 %, false alarms 61.3 %
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from haar.training import Boosting, Event, Finished, Mining, Trained


class Watcher:
    """An observer for `train_cascade`; a context manager, that closes its bars."""

    def __init__(self, stages: int, log: Path, hidden: bool | None = None) -> None:
        from tqdm import tqdm

        self.make_bar, self.hidden = tqdm, hidden
        self.log = log.open("a", encoding="utf-8")
        self.start = time.perf_counter()
        self.stages = tqdm(total=stages, desc="stages", unit="stage", position=0, disable=hidden)
        self.bar: Any = None

    def __call__(self, event: Event) -> None:
        if isinstance(event, Mining):
            self.show(f"stage {event.stage + 1}, negatives", event.found, event.wanted, "window")
            self.bar.set_postfix_str(f"{millions(event.windows)} windows searched")
            return
        self.write(event)
        if isinstance(event, Boosting):
            self.show(f"stage {event.stage + 1}, features", event.weak, event.max_weak, "feature")
            self.bar.set_postfix_str(
                f"hits {100 * event.hit_rate:.2f} %, false alarms {100 * event.false_alarms:.1f} %"
            )
        elif isinstance(event, Trained):
            self.close_bar()
            self.stages.update(event.stage + 1 - self.stages.n)
            self.make_bar.write(told(event))
        elif isinstance(event, Finished):
            self.make_bar.write(f"{event.stages} stages: {event.reason}")

    def show(self, title: str, done: int, total: int, unit: str) -> None:
        """Move the lower bar, or begin a new one."""
        if self.bar is None or self.bar.desc != title:
            self.close_bar()
            options: dict[str, Any] = {
                "unit": unit,
                "position": 1,
                "leave": False,
                "disable": self.hidden,
            }
            self.bar = self.make_bar(desc=title, total=total, **options)
            self.bar.desc = title
        self.bar.update(done - self.bar.n)

    def write(self, event: Event) -> None:
        seconds = round(time.perf_counter() - self.start, 2)
        row = {"event": type(event).__name__, "seconds": seconds, **event._asdict()}
        print(json.dumps(row), file=self.log, flush=True)

    def close_bar(self) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None

    def __enter__(self) -> Watcher:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close_bar()
        self.stages.close()
        self.log.close()


def told(stage: Trained) -> str:
    """A line about a stage."""
    features = f"{stage.weak} feature{'s' * (stage.weak != 1)}"
    return (
        f"stage {stage.stage + 1:2}: {features:>12}, hits {100 * stage.hit_rate:.2f} %, false "
        f"alarms {100 * stage.false_alarms:.1f} %; {percent(stage.accepted, stage.windows)} of "
        f"{millions(stage.windows)} windows came here"
    )


def percent(part: int, whole: int) -> str:
    share = 100 * part / max(whole, 1)
    return f"{share:.2g} %" if share < 99.5 else "all"


def millions(number: int) -> str:
    return f"{number / 1e6:.1f} M" if number >= 1e6 else f"{number:,}"
