"""Explanations: which pixels a network's answer rests on, by its own backward passes.

    saliency       how the score changes with each pixel                  one backward pass
    grad_cam       where the maps are that speak for a class              half a backward pass
    occlusion      how the answer changes when a part is hidden           forward passes only
    activity       which units are ever active, and which are dead        forward passes only

They ask different questions. Saliency is exact for the smallest changes and noisy to look at;
occlusion asks about large ones; Grad-CAM is as coarse as the maps it reads, and the smoothest.
"""

from scratchnet.explain.activity import UnitActivity, unit_activity
from scratchnet.explain.grad_cam import default_layer, grad_cam
from scratchnet.explain.occlusion import occlusion
from scratchnet.explain.saliency import saliency, score_gradient
from scratchnet.explain.tap import Tap, find_layer

__all__ = [
    "Tap",
    "UnitActivity",
    "default_layer",
    "find_layer",
    "grad_cam",
    "occlusion",
    "saliency",
    "score_gradient",
    "unit_activity",
]
