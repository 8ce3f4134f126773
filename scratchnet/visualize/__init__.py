"""Figures: arrays and tables in, a matplotlib `Figure` out, and `save_figure` writes it.

matplotlib is optional (`pip install "scratchnet[examples]"`) and imported by the first figure.
"""

from scratchnet.visualize.activity import activity_bars
from scratchnet.visualize.agreement import vote_comparison
from scratchnet.visualize.confusion import confusion_heatmap
from scratchnet.visualize.contour import contour_faces, contour_steps
from scratchnet.visualize.coverage import coverage_plot
from scratchnet.visualize.curves import training_curves
from scratchnet.visualize.decision_boundary import decision_boundary
from scratchnet.visualize.distribution import class_distribution
from scratchnet.visualize.eigenfaces import eigenface_grid, reconstruction_strip
from scratchnet.visualize.explanations import explanation_grid, overlay
from scratchnet.visualize.faces import face_predictions, sample_grid
from scratchnet.visualize.feature_maps import feature_map_grid
from scratchnet.visualize.figure import save_figure
from scratchnet.visualize.filters import filter_grid
from scratchnet.visualize.gabor import gabor_bank_grid, gabor_edge_pictures, gabor_space_grid
from scratchnet.visualize.mesh import face_meshes
from scratchnet.visualize.palette import class_colors
from scratchnet.visualize.ranks import rank_bars
from scratchnet.visualize.reliability import reliability_diagram

__all__ = [
    "activity_bars",
    "class_colors",
    "class_distribution",
    "confusion_heatmap",
    "contour_faces",
    "contour_steps",
    "coverage_plot",
    "decision_boundary",
    "eigenface_grid",
    "explanation_grid",
    "face_meshes",
    "face_predictions",
    "feature_map_grid",
    "filter_grid",
    "gabor_bank_grid",
    "gabor_edge_pictures",
    "gabor_space_grid",
    "overlay",
    "rank_bars",
    "reconstruction_strip",
    "reliability_diagram",
    "sample_grid",
    "save_figure",
    "training_curves",
    "vote_comparison",
]
