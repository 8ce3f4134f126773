"""How it went: the error of each stage, feature by feature, and what was left to the next one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.visualize.figure import blank_figure, headline, save_figure, tidy
from scratchnet.visualize.palette import OKABE_ITO


def draw_rounds(log: Sequence[Mapping[str, Any]], path: Path) -> None:
    """False alarms of each stage, feature by feature; and how few windows are left to the next."""
    rounds = [e for e in log if e["event"] == "Boosting"]
    stages = [e for e in log if e["event"] == "Trained"]
    figure = blank_figure(11, 5)
    left, right = figure.subplots(1, 2, width_ratios=[1.6, 1])
    done = 0
    for stage in sorted({e["stage"] for e in rounds}):
        own = [e["false_alarms"] for e in rounds if e["stage"] == stage]
        color = OKABE_ITO[stage % len(OKABE_ITO)]
        x = np.arange(done + 1, done + len(own) + 1)
        left.plot(x, own, "-o", color=color, markersize=2.5, linewidth=1.2)
        done += len(own)
    left.set(xlabel="features, stage after stage", ylim=(0, 1.02))
    left.set_title("of each stage's negatives, still taken for the object", loc="left", fontsize=10)
    left.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
    shares = [max(e["accepted"], 1) / max(e["windows"], 1) for e in stages]
    right.plot([e["stage"] + 1 for e in stages], shares, "-o", color=OKABE_ITO[0], markersize=4)
    right.set(yscale="log", xlabel="stage")
    right.xaxis.get_major_locator().set_params(integer=True)
    right.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g} %")
    right.set_title("of all background windows, come to this stage", loc="left", fontsize=10)
    for axes in (left, right):
        tidy(axes)
        axes.tick_params(which="minor", length=0)
    headline(figure, "The error falls with each feature, and the next stage gets harder negatives")
    save_figure(figure, path)
