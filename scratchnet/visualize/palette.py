"""Colours: one for each class, the same in every figure, and a few for everything else.

The class colours are Okabe and Ito's ("Color Universal Design", 2008), chosen so that the common
kinds of colour blindness keep them apart. The seven basic expressions have theirs by name, so
that dropping a class leaves the others' colours alone; any other class takes the next in turn.
"""

from __future__ import annotations

from collections.abc import Sequence

OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#8C8C8C")

BY_NAME = {
    "angry": "#D55E00",
    "disgust": "#009E73",
    "fear": "#CC79A7",
    "happy": "#E69F00",
    "sad": "#0072B2",
    "surprise": "#56B4E9",
    "neutral": "#8C8C8C",
}

INK = "#222222"  # titles and what matters
SOFT = "#6E6E6E"  # axis labels, small print
LINE = "#DDDDDD"  # grid, frames, empty bars
ACCENT = "#1F5A8A"  # the one thing to look at
PALE = "#A9C3D9"  # its companion in the background
WRONG = "#B3261E"  # a wrong answer, always with a mark beside the colour

SEQUENTIAL = "Blues"  # shares, 0 .. 1
DIVERGING = "PuOr"  # signed values around 0
INTENSITY = "magma"  # non-negative activations


def class_colors(class_names: Sequence[str]) -> list[str]:
    """One colour a class, in the order of the names."""
    return [
        BY_NAME.get(name.lower(), OKABE_ITO[position % len(OKABE_ITO)])
        for position, name in enumerate(class_names)
    ]
