"""OpenCV's cascade files, read: the format of `opencv_traincascade` and the older one before it.

    new   <stages> of <weakClassifiers>, whose <internalNodes> are rows of numbers that refer to one
          list of <features>:   left right feature threshold   (Haar)
                                left right feature word₀ … word₇   (LBP)
    old   <stages> of <trees> of nodes, each with its own <feature>, Haar only; the leaves are
          numbered left, right, node by node; <parent> and <next> have no meaning any more

The first element inside of <opencv_storage> is the cascade, whatever it is called. Elements that
the detector does not need may be missing, and unknown ones are skipped; everything else that is
wrong is a CascadeError that names its element.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from haar.cascade import Cascade, Node, Stage, WeakClassifier
from haar.checks import MAX_STAGES, CascadeError
from haar.features import MAX_RECTANGLES, HaarFeature, LBPFeature, Rectangle
from haar.storage import Element, Wholes, find, number, parse, shorten, singles
from haar.tables import LBP_WORDS

NO_WEIGHT = 1.2e-7  # the old format's third rectangle counts from this weight on
FEATURE_TYPES = {"HAAR": "haar", "LBP": "lbp"}
LBP_CODES = range(32 * (LBP_WORDS - 1) + 1, 32 * LBP_WORDS + 1)


def read_cascade(data: bytes) -> Cascade:
    """The cascade in the contents of an XML file.

    Raises:
        CascadeError: it is not a cascade, or a malformed one; the message names the element.
    """
    name, _, children = parse(data)
    if name != "opencv_storage":
        raise CascadeError(f"expected <opencv_storage> as the first element, got <{name}>")
    if not children:
        raise CascadeError("<opencv_storage> is empty; expected a cascade in it")
    reader = _Reader()
    if find(children[0], "stageType") is not None:
        return reader.new_format(children[0])
    if find(children[0], "size") is not None:
        return reader.old_format(children[0])
    raise CascadeError(
        f"<{children[0][0]}> is no cascade: it holds neither a <stageType> (the new format) "
        "nor a <size> (the old one)"
    )


class _Reader:
    """Both formats, and what numbers mean; each token is understood once."""

    def __init__(self) -> None:
        self.wholes = Wholes()
        self.weights = _Weights()

    # -- the new format ---------------------------------------------------------------------------

    def new_format(self, cascade: Element) -> Cascade:
        if (kind := _text(cascade, "stageType", "").strip()) != "BOOST":
            raise CascadeError(f"<stageType>: expected BOOST, got {shorten(kind)}")
        kind = _text(cascade, "featureType", "").strip()
        if kind not in FEATURE_TYPES:
            raise CascadeError(f"<featureType>: expected HAAR or LBP, got {shorten(kind)}")
        codes = self.integer(_need(cascade, "featureParams", ""), "maxCatCount", "")
        if codes not in (LBP_CODES if kind == "LBP" else (0,)):
            expected = "0 for HAAR, 256 for LBP"
            raise CascadeError(f"<maxCatCount>: expected {expected}, got {codes} for {kind}")

        stages = []
        for k, element in enumerate(_stages(cascade)):
            where = f"stage {k}"
            rows = _children(element, "weakClassifiers", where)
            weak = [self.weak(row, kind, f"{where}, weak {t}") for t, row in enumerate(rows)]
            stages.append(Stage(self.single(element, "stageThreshold", where), tuple(weak)))

        listed = list(enumerate(_children(cascade, "features", "")))
        features: tuple[HaarFeature, ...] | tuple[LBPFeature, ...]
        if kind == "LBP":
            features = tuple(self.lbp_feature(row, f"feature {i}") for i, row in listed)
        else:
            features = tuple(self.haar_feature(row, f"feature {i}") for i, row in listed)
        width, height = (self.integer(cascade, name, "") for name in ("width", "height"))
        return Cascade(width, height, FEATURE_TYPES[kind], tuple(stages), features)

    def weak(self, row: Element, kind: str, where: str) -> WeakClassifier:
        tokens = _text(row, "internalNodes", where).split()
        leaf_text = _text(row, "leafValues", where)
        words = LBP_WORDS if kind == "LBP" else 1
        length = 3 + words
        if not tokens or len(tokens) % length:
            raise CascadeError(
                f"{where}, <internalNodes>: expected {length} numbers a node, got {len(tokens)}"
            )
        try:
            if kind == "LBP":
                nodes = [
                    self.lbp_node(tokens[i : i + length]) for i in range(0, len(tokens), length)
                ]
            else:
                nodes = [
                    self.haar_node(tokens[i : i + length]) for i in range(0, len(tokens), length)
                ]
            return WeakClassifier(tuple(nodes), singles(leaf_text))
        except (ValueError, OverflowError) as error:
            raise _no_numbers([*tokens, *leaf_text.split()], where) from error

    def haar_node(self, tokens: list[str]) -> Node:
        left, right, feature, threshold = tokens
        wholes = self.wholes
        return Node(wholes[feature], singles(threshold)[0], wholes[left], wholes[right])

    def lbp_node(self, tokens: list[str]) -> Node:
        left, right, feature, *subset = (self.wholes[token] for token in tokens)
        return Node(feature, 0.0, left, right, tuple(map(_signed, subset)))

    def lbp_feature(self, row: Element, where: str) -> LBPFeature:
        tokens = _text(row, "rect", where).split()
        if len(tokens) != 4:
            raise CascadeError(f"{where}, <rect>: expected 4 numbers, got {len(tokens)}")
        try:
            return LBPFeature(*[self.wholes[token] for token in tokens])
        except (ValueError, OverflowError) as error:
            raise _no_numbers(tokens, f"{where}, <rect>") from error

    def haar_feature(self, row: Element, where: str) -> HaarFeature:
        """The same in both formats."""
        wholes, rectangles = self.wholes, []
        rows = _children(row, "rects", where)
        if len(rows) > MAX_RECTANGLES:
            raise CascadeError(
                f"{where}, <rects>: expected at most {MAX_RECTANGLES} rectangles, got {len(rows)}"
            )
        for rectangle in rows:
            tokens = rectangle[1].split()
            if len(tokens) != 5:
                raise CascadeError(f"{where}, <rects>: expected 5 numbers each, got {len(tokens)}")
            x, y, w, h, weight = tokens
            try:
                rectangles.append(
                    Rectangle(wholes[x], wholes[y], wholes[w], wholes[h], self.weights[weight])
                )
            except (ValueError, OverflowError) as error:
                raise _no_numbers(tokens, f"{where}, <rects>") from error
        tilted = find(row, "tilted") is not None and self.integer(row, "tilted", where) != 0
        return HaarFeature(tuple(rectangles), tilted)

    # -- the old format ---------------------------------------------------------------------------

    def old_format(self, cascade: Element) -> Cascade:
        tokens = _text(cascade, "size", "").split()
        if len(tokens) != 2:
            raise CascadeError(f"<size>: expected width and height, got {len(tokens)} numbers")
        try:
            width, height = (self.wholes[token] for token in tokens)
        except (ValueError, OverflowError) as error:
            raise _no_numbers(tokens, "<size>") from error
        features: list[HaarFeature] = []
        stages = []
        for k, element in enumerate(_stages(cascade)):
            where = f"stage {k}"
            trees = _children(element, "trees", where)
            weak = [self.tree(row, features, f"{where}, tree {t}") for t, row in enumerate(trees)]
            stages.append(Stage(self.single(element, "stage_threshold", where), tuple(weak)))
        return Cascade(width, height, "haar", tuple(stages), tuple(features), old_format=True)

    def tree(self, row: Element, features: list[HaarFeature], where: str) -> WeakClassifier:
        """A tree of the old format; its features are appended to the common list."""
        nodes: list[Node] = []
        leaves: list[float] = []
        for i, element in enumerate(row[2]):
            place = f"{where}, node {i}"
            feature = self.haar_feature(_need(element, "feature", place), place)
            if len(feature.rectangles) == 3 and abs(feature.rectangles[2].weight) < NO_WEIGHT:
                feature = feature._replace(rectangles=feature.rectangles[:2])
            children: list[int] = []
            for side in ("left", "right"):
                if find(element, f"{side}_val") is not None:
                    children.append(-len(leaves))
                    leaves.append(self.single(element, f"{side}_val", place))
                else:
                    child = self.integer(element, f"{side}_node", place)
                    if child <= i:
                        raise CascadeError(
                            f"{place}, <{side}_node>: expected a later node, got {child}"
                        )
                    children.append(child)
            threshold = self.single(element, "threshold", place)
            left, right = children
            nodes.append(Node(len(features), threshold, left, right))
            features.append(feature)
        return WeakClassifier(tuple(nodes), tuple(leaves))

    # -- numbers ----------------------------------------------------------------------------------

    def integer(self, parent: Element, name: str, where: str) -> int:
        text = _text(parent, name, where)
        try:
            (token,) = text.split()
            return self.wholes[token]
        except (ValueError, OverflowError) as error:
            raise _no_numbers(text.split(), _join(where, f"<{name}>")) from error

    def single(self, parent: Element, name: str, where: str) -> float:
        text = _text(parent, name, where)
        try:
            (value,) = singles(text)
            return value
        except ValueError as error:
            raise _no_numbers(text.split(), _join(where, f"<{name}>")) from error


class _Weights(dict[str, float]):
    """Weights of rectangles: a few values, again and again."""

    def __missing__(self, token: str) -> float:
        (value,) = singles(token)
        self[token] = value
        return value


def _need(parent: Element, name: str, where: str) -> Element:
    child = find(parent, name)
    if child is None:
        raise CascadeError(f"{_join(where, f'<{name}>')} is missing")
    return child


def _text(parent: Element, name: str, where: str) -> str:
    return _need(parent, name, where)[1]


def _children(parent: Element, name: str, where: str) -> Sequence[Element]:
    return _need(parent, name, where)[2]


def _stages(cascade: Element) -> Sequence[Element]:
    stages = _children(cascade, "stages", "")
    if len(stages) > MAX_STAGES:
        raise CascadeError(f"<stages>: expected at most {MAX_STAGES}, got {len(stages)}")
    return stages


def _join(where: str, what: str) -> str:
    return f"{where}, {what}" if where else what


def _signed(word: int) -> int:
    """A 32-bit word as the signed number that the file should have written."""
    return word - 2**32 if 2**31 <= word < 2**32 else word


def _no_numbers(tokens: list[str], where: str) -> CascadeError:
    """The error for tokens of which one is not a finite number."""
    for token in tokens:
        try:
            if isfinite(number(token)):
                continue
        except ValueError:
            pass
        return CascadeError(f"{where}: expected a number, got {shorten(token)}")
    return CascadeError(f"{where}: expected one number, got {len(tokens)}")
