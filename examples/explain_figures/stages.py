"""Heat maps over the picture: the stages that the window centred at each place passed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explain_figures.explanation import Explanation
from explain_figures.style import (
    HEAT,
    entitle,
    grid_of_pictures,
    headline,
    outline,
    scale_bar,
)
from haar import explain

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def stages_figure(e: Explanation) -> Figure:
    """Heat maps of the stages that the windows pass, each at its centre."""
    W, H = e.grey.shape[::-1]
    window = e.cascade.width, e.cascade.height
    scan = e.cascade.scan(e.grey, e.level.scale, e.level.step)
    here = explain.stage_map(np.maximum(scan.reached, 0), scan.scale, scan.step, window, (W, H))
    all_scales = np.full((H, W), np.nan)
    for at in e.watched:
        passed = np.maximum(at.passed, 0)  # a skipped window's neighbour failed the first stage
        grid = at.level.scale, at.level.step, window, (W, H)
        all_scales = np.fmax(all_scales, explain.stage_map(passed, *grid))

    figure, panels = grid_of_pictures(e, 2, 1)
    NS = len(e.cascade.stages)
    titles = (
        f"Windows of {e.level.box_width}×{e.level.box_height} pixels, the size of {e.about}",
        f"The best of all {len(e.watched)} sizes of windows",
    )
    for axes, values, title in zip(panels, (here, all_scales), titles, strict=True):
        axes.imshow(e.grey, cmap="gray", vmin=0, vmax=1.6 * 255)  # dimmed: the heat shines
        shown = axes.imshow(values, cmap=growing(HEAT), vmin=0, vmax=NS)
        for rectangle in e.faces:
            outline(axes, rectangle, "white", thin=True)
        entitle(axes, title)
        bar = scale_bar(axes, shown, f"stages passed by the window centred here, of {NS}")
        bar.ax.set_facecolor("#404040")
        bar.ax.yaxis.get_major_locator().set_params(integer=True)
    headline(figure, stages_headline(all_scales, NS))
    return figure


def growing(name: str) -> Any:
    """A colour map that lets the picture through where values are low."""
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    colors = colormaps[name](np.linspace(0, 1, 256))
    colors[:, 3] = np.linspace(0.2, 0.95, 256)
    return ListedColormap(colors)


def stages_headline(furthest: NDArray[np.float64], NS: int) -> str:
    """What share of the picture gets past half of the stages."""
    known = furthest[~np.isnan(furthest)]
    share = 100 * float((known > NS / 2).mean()) if len(known) else 0.0
    return f"Most windows fail early: {share:.1f} % of the places get past half of the {NS} stages"
