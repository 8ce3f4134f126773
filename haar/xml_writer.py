"""A cascade as a file of OpenCV's new format, which OpenCV 2.4 to 4 and this package read.

Numbers are rounded to single precision, as detection does, and nine significant digits keep every
single: what is read back detects the same. A cascade of the old format becomes one of the new.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from haar.cascade import Cascade, Node
from haar.features import HaarFeature, LBPFeature


def write_cascade(cascade: Cascade) -> str:
    """The text of the file; ASCII."""
    return "\n".join(_lines(cascade)) + "\n"


def _lines(cascade: Cascade) -> Iterator[str]:
    lbp = cascade.feature_type == "lbp"
    most = max(len(stage.weak) for stage in cascade.stages)
    yield '<?xml version="1.0"?>'
    yield "<opencv_storage>"
    yield '<cascade type_id="opencv-cascade-classifier">'
    yield "  <stageType>BOOST</stageType>"
    yield f"  <featureType>{cascade.feature_type.upper()}</featureType>"
    yield f"  <height>{cascade.height}</height>"
    yield f"  <width>{cascade.width}</width>"
    yield f"  <stageParams><maxWeakCount>{most}</maxWeakCount></stageParams>"
    yield f"  <featureParams><maxCatCount>{256 if lbp else 0}</maxCatCount></featureParams>"
    yield f"  <stageNum>{len(cascade.stages)}</stageNum>"
    yield "  <stages>"
    for k, stage in enumerate(cascade.stages):
        yield f"    <!-- stage {k} -->"
        yield f"    <_><maxWeakCount>{len(stage.weak)}</maxWeakCount>"
        yield f"      <stageThreshold>{_single(stage.threshold)}</stageThreshold>"
        yield "      <weakClassifiers>"
        for weak in stage.weak:
            nodes = " ".join(_node(node, lbp) for node in weak.nodes)
            leaves = " ".join(map(_single, weak.leaves))
            yield f"        <_><internalNodes>{nodes}</internalNodes>"
            yield f"          <leafValues>{leaves}</leafValues></_>"
        yield "      </weakClassifiers></_>"
    yield "  </stages>"
    yield "  <features>"
    for feature in cascade.features:
        yield f"    <_>{_feature(feature)}</_>"
    yield "  </features>"
    yield "</cascade>"
    yield "</opencv_storage>"


def _node(node: Node, lbp: bool) -> str:
    question = " ".join(map(str, node.subset)) if lbp else _single(node.threshold)
    return f"{node.left} {node.right} {node.feature} {question}"


def _feature(feature: HaarFeature | LBPFeature) -> str:
    if isinstance(feature, LBPFeature):
        return "<rect>{} {} {} {}</rect>".format(*feature)
    rectangles = "".join(
        f"<_>{x} {y} {width} {height} {_single(weight)}</_>"
        for x, y, width, height, weight in feature.rectangles
    )
    return f"<rects>{rectangles}</rects><tilted>{feature.tilted:d}</tilted>"


def _single(number: float) -> str:
    """The nearest single in decimals, with a point: a real number to any reader."""
    text = f"{array('f', (number,))[0]:.9g}"
    return text if "." in text or "e" in text else f"{text}."
