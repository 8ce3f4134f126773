"""How it went: false alarms of each stage, feature by feature, and what came to the next one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.visualize.figure import blank_figure, headline, save_figure, tidy
from scratchnet.visualize.palette import ACCENT, INK, OKABE_ITO, PALE

FEW = 200
"""Features up to which each has its dot."""


def draw_rounds(log: Sequence[Mapping[str, Any]], path: Path) -> None:
    """False alarms of each stage, feature by feature; and how few windows are left to the next."""
    rounds = [e for e in log if e["event"] == "Boosting"]
    stages = [e for e in log if e["event"] == "Trained"]
    figure = blank_figure(11, 5)
    left, right = figure.subplots(1, 2, width_ratios=[1.6, 1])
    dots = "o" if len(rounds) <= FEW else ""
    done = 0
    for stage in sorted({e["stage"] for e in rounds}):
        own = [e["false_alarms"] for e in rounds if e["stage"] == stage]
        color = (ACCENT, OKABE_ITO[5])[stage % 2]
        x = np.arange(done + 1, done + len(own) + 1)
        left.plot(x, own, "-", marker=dots, color=color, markersize=2.5, linewidth=1.3)
        left.plot(x[-1], own[-1], "o", color=color, markersize=4.5)
        if len(own) > len(rounds) / 40:
            left.annotate(
                str(stage + 1), (x[-1], own[-1]), (0, -6), textcoords="offset points",
                ha="center", va="top", fontsize=8.5, color=INK,
            )  # fmt: skip
        done += len(own)
    left.set(xlabel="features, stage after stage", ylim=(0, 1.02))
    left.set_title("of each stage's negatives, still taken for the object", loc="left", fontsize=10)
    left.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
    shares = [max(e["accepted"], 1) / max(e["windows"], 1) for e in stages]
    numbers = [e["stage"] + 1 for e in stages]
    right.plot(numbers, shares, "-o", color=ACCENT, markersize=4.5, markerfacecolor=PALE)
    right.set(yscale="log", xlabel="stage")
    right.xaxis.get_major_locator().set_params(integer=True)
    right.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g} %")
    right.set_title("of all background windows, come to this stage", loc="left", fontsize=10)
    for axes in (left, right):
        tidy(axes)
        axes.tick_params(which="minor", length=0)
    headline(figure, "Each stage learns from what the stages before it took for the object")
    save_figure(figure, path)
