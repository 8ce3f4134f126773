"""How a cascade thought about a photo, in five figures: for `detect_faces.py --explain`.

    NAME_integral.png    the grey picture, its integral images, the contrast of each window
    NAME_features.png    the first questions to the best window, and the answers
    NAME_stages.png      how many stages each window passed: at the face's scale, and at all
    NAME_windows.png     windows left after each stage; features computed for a window
    NAME_grouping.png    the accepted windows, and the faces that they make

`haar.explain` and `haar.trace` compute it, here it is only drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

import haar
from explain_figures.explanation import Explanation, explain_search
from explain_figures.features import features_figure
from explain_figures.grouping import grouping_figure
from explain_figures.integral import integral_figure
from explain_figures.stages import stages_figure
from explain_figures.style import save
from explain_figures.windows import windows_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIGURES: dict[str, Callable[[Explanation], Figure]] = {
    "integral": integral_figure,
    "features": features_figure,
    "stages": stages_figure,
    "windows": windows_figure,
    "grouping": grouping_figure,
}


def draw_explanation(
    picture: Image.Image, cascade: haar.Cascade, path: Path, mark: str, search: dict[str, Any]
) -> bool:
    """Leave the figures; False if the picture is smaller than the window of the cascade.

    Args:
        path: of the figures, without "_integral.png" and the like.
        mark: stands in each PNG as its "Software".
        search: the options of `Cascade.detect`.
    """
    explanation = explain_search(picture, cascade, search)
    if explanation is None:
        return False
    for name, draw in FIGURES.items():
        save(draw(explanation), path.with_name(f"{path.name}_{name}.png"), mark)
    return True
