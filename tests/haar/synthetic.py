"""Cascades and images made of random numbers, for the tests and scripts of this folder.

The cascades look like trained ones from outside (any window, stumps or trees, upright and tilted
features, LBP) and decide at random, at thresholds where about half of the windows pass.
"""

from __future__ import annotations

import numpy as np

from haar import Cascade, HaarFeature, LBPFeature, Node, Rectangle, Stage, WeakClassifier
from haar.xml_writer import write_cascade


def random_image(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    """Texture of several sizes: (height, width) uint8."""
    image = rng.normal(0, rng.uniform(2, 20), (height, width))
    for cell in rng.choice([2, 3, 5, 8, 13, 21], 3, replace=False):
        coarse = rng.normal(0, rng.uniform(5, 50), (height // cell + 2, width // cell + 2))
        image += np.kron(coarse, np.ones((cell, cell)))[:height, :width]
    return np.clip(image + rng.uniform(80, 170), 0, 255).astype(np.uint8)


def hashed_image(width: int, height: int, seed: int) -> np.ndarray:
    """The same kind of texture in integer arithmetic alone: the same bits everywhere, for ever.

    A cell of c × c pixels takes the upper byte of a hash of its place (c = 2, 5, 11, 23); a pixel
    is the mean of its four cells. A corner of the image is flat.
    """
    y, x = np.mgrid[0:height, 0:width].astype(np.uint32)
    total = np.zeros((height, width), np.uint32)
    for cell in (2, 5, 11, 23):
        place = (y // cell) * np.uint32(7919) + x // cell + np.uint32(seed * 104729 + cell)
        for multiplier in (0x85EBCA6B, 0xC2B2AE35):
            place = (place ^ place >> np.uint32(15)) * np.uint32(multiplier)
        total += place >> np.uint32(24)
    total[: height // 4, : width // 4] = 400
    return (total // np.uint32(4)).astype(np.uint8)


def kind_of(cascade: Cascade) -> str:
    """What a cascade is made of, such as "old haar trees tilted"."""
    tables = cascade.tables()
    kind = ["old" if cascade.old_format else "new", cascade.feature_type]
    kind += ["stumps" if tables.stumps else "trees"]
    return " ".join(kind + ["tilted"] * bool(tables.tilted.any()))


def write(cascade: Cascade) -> str:
    """A file of the cascade, in its own format."""
    return old_format(cascade) if cascade.old_format else write_cascade(cascade)


def random_cascade(
    rng: np.random.Generator,
    kind: str | None = None,
    deepest: int | None = None,
    style: str | None = None,
    tilted: float = 0.3,
) -> Cascade:
    """A cascade; what is not given is a matter of chance, as the format of a Haar cascade is.

    Args:
        kind: "haar" or "lbp".
        deepest: the most nodes of a tree.
        style: the weights of Haar features, "whole" or "real".
        tilted: the share of tilted features.
    """
    kind = kind or str(rng.choice(["haar", "haar", "lbp"]))
    least, most = [(6, 32), (6, 32), (6, 32), (3, 9), (32, 90)][rng.integers(5)]
    least = max(least, 9) if kind == "lbp" else least
    width, height = (int(v) for v in rng.integers(least, most + 1, 2))
    deepest = deepest or int(rng.choice([1, 1, 2, 3, 5]))
    style = style or str(rng.choice(["whole", "real"]))
    features: list = []
    stages = []
    for _ in range(rng.integers(1, 6)):
        weak = []
        for _ in range(rng.integers(1, 9)):
            count = int(rng.integers(1, deepest + 1))
            weak.append(_tree(rng, kind, count, len(features)))
            for _ in range(count):
                if kind == "lbp":
                    features.append(_lbp_feature(rng, width, height))
                else:
                    turned = bool(rng.random() < tilted)
                    features.append(_haar_feature(rng, width, height, style, turned))
        low, high = (sum(f(w.leaves) for w in weak) for f in (min, max))
        threshold = single(rng.uniform(low, (low + high) / 2))
        stages.append(Stage(threshold, tuple(weak)))
    old = kind == "haar" and bool(rng.random() < 0.5)
    return Cascade(width, height, kind, tuple(stages), tuple(features), old_format=old)


def single(value: float) -> float:
    return float(np.float32(value))


def _tree(rng: np.random.Generator, kind: str, count: int, first: int) -> WeakClassifier:
    """A random tree; its leaves are numbered left, right, node by node, as the old format must."""
    children: list[list[int | None]] = [[None, None] for _ in range(count)]
    free = [(0, 0), (0, 1)]
    for node in range(1, count):
        parent, side = free.pop(int(rng.integers(len(free))))
        children[parent][side] = node
        free += [(node, 0), (node, 1)]
    nodes, leaves = [], 0
    for i, sides in enumerate(children):
        for side in (0, 1):
            if sides[side] is None:
                sides[side] = -leaves
                leaves += 1
        left, right = sides
        if kind == "lbp":
            words = rng.integers(-(2**31), 2**31, 8)
            nodes.append(Node(first + i, 0.0, left, right, tuple(int(word) for word in words)))
        else:
            nodes.append(Node(first + i, single(rng.normal(0, 0.3)), left, right))
    return WeakClassifier(tuple(nodes), tuple(single(v) for v in rng.normal(0, 1, count + 1)))


def _haar_feature(
    rng: np.random.Generator, width: int, height: int, style: str, tilted: bool
) -> HaarFeature:
    number = int(rng.integers(2, 4)) if style == "whole" else int(rng.integers(1, 4))
    rectangles = []
    for i in range(number):
        x, y, w, h = _tilted(rng, width, height) if tilted else _upright(rng, width, height)
        if style == "whole":
            weight = -1.0 if i == 0 else float(rng.choice([2, 3, 9]))
        else:
            weight = single(rng.normal(0, 2))
        rectangles.append(Rectangle(x, y, w, h, weight))
    return HaarFeature(tuple(rectangles), tilted)


def _upright(rng: np.random.Generator, width: int, height: int) -> tuple[int, int, int, int]:
    x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
    return x, y, int(rng.integers(1, width - x + 1)), int(rng.integers(1, height - y + 1))


def _tilted(rng: np.random.Generator, width: int, height: int) -> tuple[int, int, int, int]:
    while True:
        x, y, w, h = (int(v) for v in rng.integers((1, 0, 1, 1), (width, height, width, height)))
        if x >= h and x + w <= width and y + w + h <= height:
            return x, y, w, h


def _lbp_feature(rng: np.random.Generator, width: int, height: int) -> LBPFeature:
    w, h = int(rng.integers(1, width // 3 + 1)), int(rng.integers(1, height // 3 + 1))
    x, y = int(rng.integers(0, width - 3 * w + 1)), int(rng.integers(0, height - 3 * h + 1))
    return LBPFeature(x, y, w, h)


def old_format(cascade: Cascade) -> str:
    """A Haar cascade as a file of OpenCV 1."""
    lines = ['<?xml version="1.0"?>', "<opencv_storage>"]
    lines += ['<any_name type_id="opencv-haar-classifier">']
    lines += [f"<size>{cascade.width} {cascade.height}</size>", "<stages>"]
    for k, stage in enumerate(cascade.stages):
        lines.append("<_><trees>")
        for weak in stage.weak:
            lines.append("<_>")
            for node in weak.nodes:
                lines.append(_old_node(cascade, weak, node))
            lines.append("</_>")
        lines.append(f"</trees><stage_threshold>{stage.threshold:.9g}</stage_threshold>")
        lines.append(f"<parent>{k - 1}</parent><next>-1</next></_>")
    return "\n".join([*lines, "</stages></any_name></opencv_storage>", ""])


def _old_node(cascade: Cascade, weak: WeakClassifier, node: Node) -> str:
    feature = cascade.features[node.feature]
    rectangles = "".join("<_>{} {} {} {} {:.9g}</_>".format(*r) for r in feature.rectangles)
    sides = ""
    for side, child in (("left", node.left), ("right", node.right)):
        if child > 0:
            sides += f"<{side}_node>{child}</{side}_node>"
        else:
            sides += f"<{side}_val>{weak.leaves[-child]:.9g}</{side}_val>"
    return (
        f"<_><feature><rects>{rectangles}</rects><tilted>{feature.tilted:d}</tilted></feature>"
        f"<threshold>{node.threshold:.9g}</threshold>{sides}</_>"
    )
