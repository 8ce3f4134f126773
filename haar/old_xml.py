"""OpenCV's cascade files of before version 2.4, read: Haar features, each inside of its node.

    <size>     width height
    <stages>   each with a <stage_threshold> and <trees> of nodes, each of these with
                   <feature>                       as in the new format
                   <threshold>
                   <left_val> or <left_node>       a leaf's value, or the number of a later node
                   <right_val> or <right_node>

Leaves are numbered left, right, node by node. <parent> and <next>, which once made a tree of
stages, have no meaning any more.
"""

from __future__ import annotations

from haar.cascade import Cascade, Node, Stage, WeakClassifier
from haar.checks import MAX_NODES, MAX_STAGES, CascadeError
from haar.features import HaarFeature
from haar.fields import Fields, each, need, placed, rows_of
from haar.storage import Element, find

NO_WEIGHT = 1.2e-7  # the third rectangle counts from this weight on


def read_old_format(element: Element) -> Cascade:
    """The cascade in an element of the old format.

    Raises:
        CascadeError: it is malformed; the message names the element.
    """
    return _OldFormat().cascade(element)


class _OldFormat(Fields):
    """A method for each kind of element; `features` collects those of all nodes."""

    def cascade(self, element: Element) -> Cascade:
        self.features: list[HaarFeature] = []
        width, height = self.integers(element, "size", 2)
        stages = each("stage", rows_of(element, "stages", MAX_STAGES), self.stage)
        return Cascade(width, height, "haar", stages, tuple(self.features), old_format=True)

    def stage(self, row: Element) -> Stage:
        weak = each("tree", rows_of(row, "trees", MAX_NODES), self.tree)
        return Stage(self.single(row, "stage_threshold"), weak)

    def tree(self, row: Element) -> WeakClassifier:
        self.count_nodes(len(row[2]))
        leaves: list[float] = []
        nodes = each("node", row[2], lambda node: self.node(node, leaves))
        return WeakClassifier(nodes, tuple(leaves))

    def node(self, row: Element, leaves: list[float]) -> Node:
        left, right = (self.child(row, side, leaves) for side in ("left", "right"))
        node = Node(len(self.features), self.single(row, "threshold"), left, right)
        self.features.append(self.feature(row))
        return node

    def child(self, row: Element, side: str, leaves: list[float]) -> int:
        """The number of another node, or −k for leaf k, which is then appended."""
        if find(row, f"{side}_val") is None:
            child = self.integer(row, f"{side}_node")
            if child <= 0:
                raise CascadeError(f"<{side}_node>: expected a later node, got {child}")
            return child
        leaves.append(self.single(row, f"{side}_val"))
        return 1 - len(leaves)

    def feature(self, row: Element) -> HaarFeature:
        element = need(row, "feature")
        try:
            feature = self.haar_feature(element)
        except CascadeError as error:
            raise placed("<feature>", error) from error
        if len(feature.rectangles) == 3 and abs(feature.rectangles[2].weight) < NO_WEIGHT:
            return feature._replace(rectangles=feature.rectangles[:2])
        return feature
