"""OpenCV's cascade files, read: the format of `opencv_traincascade`. The older one: `haar.old_xml`.

    <stages>     each with a <stageThreshold> and <weakClassifiers>, and each of these with
                     <internalNodes>  left right feature threshold         for every node (Haar)
                                      left right feature word₀ … word₇                    (LBP)
                     <leafValues>     one more than nodes
    <features>   each with <rects> of x y width height weight, and <tilted>               (Haar)
                      or a <rect>     x y width height                                    (LBP)

The first element inside of <opencv_storage> is the cascade, whatever it is called. Elements that
the detector does not need may be missing, and unknown ones are skipped; everything else that is
wrong is a CascadeError that names its element.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from haar.cascade import Cascade, Node, Stage, WeakClassifier
from haar.checks import MAX_FEATURES, MAX_NODES, MAX_STAGES, CascadeError
from haar.features import LBPFeature
from haar.fields import Fields, each, need, placed, rows_of, singles, text_of
from haar.old_xml import read_old_format
from haar.storage import Element, find, parse, shorten
from haar.tables import LBP_WORDS


def read_cascade(data: bytes) -> Cascade:
    """The cascade in the contents of an XML file.

    Raises:
        CascadeError: it is not a cascade, or a malformed one; the message names the element.
    """
    with _no_collection():
        return _read(parse(data))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Python looks for cycles after every 700 new objects; a file makes 100,000, and not one."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _read(root: Element) -> Cascade:
    name, _, children = root
    if name != "opencv_storage":
        raise CascadeError(f"expected <opencv_storage> as the first element, got <{name}>")
    if not children:
        raise CascadeError("<opencv_storage> is empty; expected a cascade in it")
    if find(children[0], "stageType") is not None:
        return _NewFormat().cascade(children[0])
    if find(children[0], "size") is not None:
        return read_old_format(children[0])
    raise CascadeError(
        f"<{children[0][0]}> is no cascade: it holds neither a <stageType> (the new format) "
        "nor a <size> (the old one)"
    )


class _NewFormat(Fields):
    """A method for each kind of element."""

    def cascade(self, element: Element) -> Cascade:
        if (kind := text_of(element, "stageType").strip()) != "BOOST":
            raise CascadeError(f"<stageType>: expected BOOST, got {shorten(kind)}")
        kind = text_of(element, "featureType").strip()
        if kind not in ("HAAR", "LBP"):
            raise CascadeError(f"<featureType>: expected HAAR or LBP, got {shorten(kind)}")
        codes = self.integer(need(element, "featureParams"), "maxCatCount")
        words = LBP_WORDS if kind == "LBP" else 0
        if -(-codes // 32) != words:
            raise CascadeError(
                f"<maxCatCount>: expected {32 * words} for {kind} features, got {codes}"
            )
        width, height = self.integer(element, "width"), self.integer(element, "height")
        self.weak = self.lbp_weak if words else self.haar_weak
        read_feature = self.lbp_feature if words else self.haar_feature
        stages = each("stage", rows_of(element, "stages", MAX_STAGES), self.stage)
        features = each("feature", rows_of(element, "features", MAX_FEATURES), read_feature)
        return Cascade(width, height, kind.lower(), stages, features)  # type: ignore[arg-type]

    def stage(self, row: Element) -> Stage:
        weak = each("weak classifier", rows_of(row, "weakClassifiers", MAX_NODES), self.weak)
        return Stage(self.single(row, "stageThreshold"), weak)

    def haar_weak(self, row: Element) -> WeakClassifier:
        tokens = self.node_tokens(row, 4)
        text = " ".join((*tokens[3::4], text_of(row, "leafValues")))
        wholes, nodes = self.wholes, []
        try:
            numbers = singles(text)  # thresholds, then leaves
            for i in range(0, len(tokens), 4):
                left, right, feature = tokens[i : i + 3]
                nodes.append(Node(wholes[feature], numbers[i // 4], wholes[left], wholes[right]))
        except CascadeError as error:
            raise placed("<internalNodes> or <leafValues>", error) from error
        return self.tree(nodes, numbers[len(nodes) :])

    def lbp_weak(self, row: Element) -> WeakClassifier:
        length = 3 + LBP_WORDS
        tokens = self.node_tokens(row, length)
        text = text_of(row, "leafValues")
        try:
            numbers = [self.wholes[token] for token in tokens]
            leaves = singles(text)
        except CascadeError as error:
            raise placed("<internalNodes> or <leafValues>", error) from error
        nodes = []
        for i in range(0, len(numbers), length):
            left, right, feature, *words = numbers[i : i + length]
            nodes.append(Node(feature, 0.0, left, right, tuple(map(_signed, words))))
        return self.tree(nodes, leaves)

    def tree(self, nodes: list[Node], leaves: tuple[float, ...]) -> WeakClassifier:
        if len(leaves) != len(nodes) + 1:  # checked here lest a hostile file piles up millions
            expected = f"{len(nodes) + 1} numbers for {len(nodes)} nodes"
            raise CascadeError(f"<leafValues>: expected {expected}, got {len(leaves)}")
        return WeakClassifier(tuple(nodes), leaves)

    def node_tokens(self, row: Element, length: int) -> list[str]:
        """What stands in <internalNodes>, `length` tokens for each node."""
        tokens = text_of(row, "internalNodes").split()
        if not tokens or len(tokens) % length:
            raise CascadeError(
                f"<internalNodes>: expected {length} numbers for each node, got {len(tokens)}"
            )
        self.count_nodes(len(tokens) // length)
        return tokens

    def lbp_feature(self, row: Element) -> LBPFeature:
        return LBPFeature(*self.integers(row, "rect", 4))


def _signed(word: int) -> int:
    """A 32-bit word as the signed number that the file should have written."""
    return word - 2**32 if 2**31 <= word < 2**32 else word
