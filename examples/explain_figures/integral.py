"""The picture, its integral images, and what they are good for: contrast at no cost.

D − B − C + A           the sum of a box, from the integral image at its corners
σ² = Σp²/n − (Σp/n)²    the contrast of a window, from both
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

import haar
from explain_figures.explanation import Explanation
from explain_figures.style import (
    CONTRAST,
    FACE,
    INK,
    SUMS,
    entitle,
    grid_of_pictures,
    headline,
    inside,
    outline,
    scale_bar,
)
from haar import explain
from haar.integral import rectangle_sum

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def integral_figure(e: Explanation) -> Figure:
    """The picture, its integral images, and what they are good for: contrast at no cost."""
    haar_like = e.cascade.feature_type == "haar"
    figure, panels = grid_of_pictures(e, 2, 2 if haar_like else 1)
    S = haar.integral_image(e.grey)
    x, y, w, h = inside(e.box, e.grey.shape)
    total = int(rectangle_sum(S, x, y, w, h))

    shown = panels[0].imshow(e.grey, cmap="gray", vmin=0, vmax=255)
    outline(panels[0], (x, y, w, h), FACE)
    scale_bar(panels[0], shown, "grey level")
    entitle(panels[0], f"The grey picture, and {e.about}: {w}×{h} pixels")

    shown = panels[1].imshow(S[1:, 1:] / 1e6, cmap=SUMS)
    corners = {"A": (x, y), "B": (x + w, y), "C": (x, y + h), "D": (x + w, y + h)}
    outline(panels[1], (x, y, w, h), "white", thin=True)
    for name, (across, down) in corners.items():
        panels[1].plot(across - 0.5, down - 0.5, "o", color=FACE, markersize=5, mec=INK)
        offset = (-7 if across == x else 7, 6 if down == y else -6)
        panels[1].annotate(
            name, (across, down), offset, textcoords="offset points", ha="center", va="center",
            color="white", weight="bold", fontsize=9,
        )  # fmt: skip
    a, b, c, d = (int(S[down, across]) for across, down in corners.values())
    entitle(
        panels[1],
        f"Its integral image: D − B − C + A is the sum of the box,\n"
        f"{d:,} − {b:,} − {c:,} + {a:,} = {total:,}",
    )
    scale_bar(panels[1], shown, "sum of all pixels above and to the left, millions")
    if haar_like:
        Q = haar.squared_integral_image(e.grey).view(np.uint32)
        exact = float(np.square(e.grey, dtype=np.float64).sum())
        shown = panels[2].imshow(Q[1:, 1:] / 1e9, cmap=SUMS)
        wraps = int(exact // 2**32)
        times = "once" if wraps == 1 else f"{wraps} times"
        folded = f"32 bits overflow {times}: differences stay right" if wraps else "no overflow yet"
        entitle(panels[2], f"The integral image of the squares\n{folded}")
        scale_bar(panels[2], shown, "sum of the squares modulo 2³², thousand millions")
        sigma = explain.deviations(e.grey, e.cascade, e.level)
        W, H = e.grey.shape[::-1]
        window = e.cascade.width, e.cascade.height
        contrast = explain.stage_map(sigma, e.level.scale, e.level.step, window, (W, H))
        panels[3].imshow(e.grey, cmap="gray", vmin=0, vmax=255, alpha=0.25)
        shown = panels[3].imshow(contrast, cmap=CONTRAST, vmin=0)
        entitle(
            panels[3],
            f"Both together: the contrast of each window of {w}×{h} pixels,\n"
            "which divides its features (black: flat, rejected at once)",
        )
        scale_bar(panels[3], shown, "standard deviation of the window, grey levels")
    headline(figure, "The sum of any rectangle takes four look-ups, however large it is")
    return figure
