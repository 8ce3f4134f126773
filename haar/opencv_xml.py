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

from math import isfinite

from haar.cascade import Cascade, Node, Stage, WeakClassifier
from haar.checks import MAX_STAGES, CascadeError
from haar.features import MAX_RECTANGLES, HaarFeature, LBPFeature, Rectangle
from haar.storage import Element, Numbers, Singles, number, parse, shorten
from haar.tables import LBP_WORDS

NO_WEIGHT = 1.2e-7  # the old format's third rectangle counts from this weight on
FEATURE_TYPES = {"HAAR": "haar", "LBP": "lbp"}
LBP_CODES = range(32 * (LBP_WORDS - 1) + 1, 32 * LBP_WORDS + 1)


def read_cascade(data: bytes) -> Cascade:
    """The cascade in the contents of an XML file.

    Raises:
        CascadeError: it is not a cascade, or a malformed one; the message names the element.
    """
    root = parse(data)
    if root.name != "opencv_storage":
        raise CascadeError(f"expected <opencv_storage> as the first element, got <{root.name}>")
    if not root.children:
        raise CascadeError("<opencv_storage> is empty; expected a cascade in it")
    element = root.children[0]
    reader = _Reader()
    if element.find("stageType") is not None:
        return reader.new_format(element)
    if element.find("size") is not None:
        return reader.old_format(element)
    raise CascadeError(
        f"<{element.name}> is no cascade: it holds neither a <stageType> (the new format) "
        "nor a <size> (the old one)"
    )


class _Reader:
    """Both formats, and what numbers mean; each token is understood once."""

    def __init__(self) -> None:
        self.numbers = Numbers()
        self.singles = Singles()

    # -- the new format ---------------------------------------------------------------------------

    def new_format(self, cascade: Element) -> Cascade:
        if (kind := _need(cascade, "stageType", "").text.strip()) != "BOOST":
            raise CascadeError(f"<stageType>: expected BOOST, got {shorten(kind)}")
        kind = _need(cascade, "featureType", "").text.strip()
        if kind not in FEATURE_TYPES:
            raise CascadeError(f"<featureType>: expected HAAR or LBP, got {shorten(kind)}")
        codes = self.integer(_need(cascade, "featureParams", ""), "maxCatCount", "")
        if codes not in (LBP_CODES if kind == "LBP" else (0,)):
            expected = "0 for HAAR, 256 for LBP"
            raise CascadeError(f"<maxCatCount>: expected {expected}, got {codes} for {kind}")

        stages = []
        for k, element in enumerate(_limited(_need(cascade, "stages", ""))):
            where = f"stage {k}"
            rows = _need(element, "weakClassifiers", where).children
            weak = [self.weak(row, kind, f"{where}, weak {t}") for t, row in enumerate(rows)]
            stages.append(Stage(self.single(element, "stageThreshold", where), tuple(weak)))

        listed = list(enumerate(_need(cascade, "features", "").children))
        features: tuple[HaarFeature, ...] | tuple[LBPFeature, ...]
        if kind == "LBP":
            features = tuple(self.lbp_feature(row, f"feature {i}") for i, row in listed)
        else:
            features = tuple(self.haar_feature(row, f"feature {i}") for i, row in listed)
        width, height = (self.integer(cascade, name, "") for name in ("width", "height"))
        return Cascade(width, height, FEATURE_TYPES[kind], tuple(stages), features)

    def weak(self, row: Element, kind: str, where: str) -> WeakClassifier:
        tokens = _need(row, "internalNodes", where).text.split()
        words = LBP_WORDS if kind == "LBP" else 0
        length = 3 + max(words, 1)
        if not tokens or len(tokens) % length:
            raise CascadeError(
                f"{where}, <internalNodes>: expected {length} numbers a node, got {len(tokens)}"
            )
        nodes = []
        for i in range(0, len(tokens), length):
            row_tokens = tokens[i : i + length]
            left, right, feature = self.integers(row_tokens[:3], f"{where}, <internalNodes>")
            if words:
                subset = self.integers(row_tokens[3:], f"{where}, <internalNodes>")
                nodes.append(Node(feature, 0.0, left, right, tuple(map(_signed, subset))))
            else:
                (threshold,) = self.reals(row_tokens[3:], f"{where}, <internalNodes>")
                nodes.append(Node(feature, threshold, left, right))
        leaves = self.reals(_need(row, "leafValues", where).text.split(), f"{where}, <leafValues>")
        return WeakClassifier(tuple(nodes), tuple(leaves))

    def lbp_feature(self, row: Element, where: str) -> LBPFeature:
        tokens = _need(row, "rect", where).text.split()
        if len(tokens) != 4:
            raise CascadeError(f"{where}, <rect>: expected 4 numbers, got {len(tokens)}")
        return LBPFeature(*self.integers(tokens, f"{where}, <rect>"))

    def haar_feature(self, row: Element, where: str) -> HaarFeature:
        """The same in both formats."""
        rectangles = []
        rows = _need(row, "rects", where).children
        if len(rows) > MAX_RECTANGLES:
            raise CascadeError(
                f"{where}, <rects>: expected at most {MAX_RECTANGLES} rectangles, got {len(rows)}"
            )
        for rectangle in rows:
            tokens = rectangle.text.split()
            if len(tokens) != 5:
                raise CascadeError(f"{where}, <rects>: expected 5 numbers each, got {len(tokens)}")
            x, y, width, height = self.integers(tokens[:4], f"{where}, <rects>")
            (weight,) = self.reals(tokens[4:], f"{where}, <rects>")
            rectangles.append(Rectangle(x, y, width, height, weight))
        tilted = row.find("tilted") is not None and self.integer(row, "tilted", where) != 0
        return HaarFeature(tuple(rectangles), tilted)

    # -- the old format ---------------------------------------------------------------------------

    def old_format(self, cascade: Element) -> Cascade:
        tokens = _need(cascade, "size", "").text.split()
        if len(tokens) != 2:
            raise CascadeError(f"<size>: expected width and height, got {len(tokens)} numbers")
        width, height = self.integers(tokens, "<size>")
        features: list[HaarFeature] = []
        stages = []
        for k, element in enumerate(_limited(_need(cascade, "stages", ""))):
            where = f"stage {k}"
            trees = _need(element, "trees", where).children
            weak = [self.tree(row, features, f"{where}, tree {t}") for t, row in enumerate(trees)]
            stages.append(Stage(self.single(element, "stage_threshold", where), tuple(weak)))
        return Cascade(width, height, "haar", tuple(stages), tuple(features), old_format=True)

    def tree(self, row: Element, features: list[HaarFeature], where: str) -> WeakClassifier:
        """A tree of the old format; its features are appended to the common list."""
        nodes: list[Node] = []
        leaves: list[float] = []
        for i, element in enumerate(row.children):
            place = f"{where}, node {i}"
            feature = self.haar_feature(_need(element, "feature", place), place)
            if len(feature.rectangles) == 3 and abs(feature.rectangles[2].weight) < NO_WEIGHT:
                feature = feature._replace(rectangles=feature.rectangles[:2])
            children: list[int] = []
            for side in ("left", "right"):
                if element.find(f"{side}_val") is not None:
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

    def integers(self, tokens: list[str], where: str) -> list[int]:
        """Whole numbers; OpenCV rounds a real one where it wants a whole one."""
        try:
            return [v if type(v := self.numbers[token]) is int else round(v) for token in tokens]
        except (ValueError, OverflowError) as error:
            raise CascadeError(f"{where}: expected whole numbers, got {_odd(tokens)}") from error

    def reals(self, tokens: list[str], where: str) -> list[float]:
        """Numbers in single precision."""
        try:
            return [self.singles[token] for token in tokens]
        except ValueError as error:
            raise CascadeError(f"{where}: expected numbers, got {_odd(tokens)}") from error

    def integer(self, parent: Element, name: str, where: str) -> int:
        tokens = self.one(parent, name, where)
        return self.integers(tokens, _join(where, f"<{name}>"))[0]

    def single(self, parent: Element, name: str, where: str) -> float:
        tokens = self.one(parent, name, where)
        return self.reals(tokens, _join(where, f"<{name}>"))[0]

    def one(self, parent: Element, name: str, where: str) -> list[str]:
        """The text of a child that holds a single number."""
        tokens = _need(parent, name, where).text.split()
        if len(tokens) != 1:
            raise CascadeError(f"{_join(where, f'<{name}>')}: expected a number, got {len(tokens)}")
        return tokens


def _need(parent: Element, name: str, where: str) -> Element:
    child = parent.find(name)
    if child is None:
        raise CascadeError(f"{_join(where, f'<{name}>')} is missing")
    return child


def _join(where: str, what: str) -> str:
    return f"{where}, {what}" if where else what


def _limited(stages: Element) -> list[Element]:
    if len(stages.children) > MAX_STAGES:
        raise CascadeError(f"<stages>: expected at most {MAX_STAGES}, got {len(stages.children)}")
    return stages.children


def _signed(word: int) -> int:
    """A 32-bit word as the signed number that the file should have written."""
    return word - 2**32 if 2**31 <= word < 2**32 else word


def _odd(tokens: list[str]) -> str:
    """The first token that is not a finite number, to be quoted."""
    for token in tokens:
        try:
            if isfinite(number(token)):
                continue
        except ValueError:
            pass
        return shorten(token)
    return "an overflow"
