"""Record what OpenCV finds with small cascades of every kind, for `tests/haar/test_golden.py`.

    python -m tests.haar.golden.record

writes, beside this file, one XML file for each kind of cascade, made of random numbers, and
`golden.json`: what OpenCV, on one thread, finds with it on images that are made in integers. Needs
cv2 4.x. The files are kept; there is no need to run this again, unless other cases are wanted.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from haar import Cascade
from tests.haar.synthetic import hashed_image, random_cascade, write

FOLDER = Path(__file__).parent
IMAGES = ((97, 71, 1), (120, 90, 2))  # width, height, seed
FACTOR = 1.2


KINDS: dict[str, dict[str, Any]] = {
    "new-stumps": {"deepest": 1, "style": "whole", "tilted": 0},
    "new-stumps-real": {"deepest": 1, "style": "real", "tilted": 0},
    "new-stumps-tilted": {"deepest": 1, "style": "whole"},
    "new-trees-tilted": {"deepest": 3, "style": "whole"},
    "new-trees-tilted-real": {"deepest": 5, "style": "real"},
    "new-many-nodes": {"deepest": 16, "style": "whole", "tilted": 0.1},
    "old-stumps": {"deepest": 1, "style": "whole", "tilted": 0},
    "old-stumps-tilted-real": {"deepest": 1, "style": "real"},
    "old-trees": {"deepest": 3, "style": "whole", "tilted": 0},
    "old-trees-tilted": {"deepest": 2, "style": "whole"},
    "lbp-stumps": {"deepest": 1},
    "lbp-trees": {"deepest": 4},
}


def small_cascade(rng: np.random.Generator, name: str) -> Cascade:
    """A cascade of this kind with a few nodes, or a few hundred."""
    least, most = (165, 220) if "many" in name else (8, 50)
    while True:
        cascade = random_cascade(rng, "lbp" if "lbp" in name else "haar", **KINDS[name])
        if (
            least <= len(cascade.tables().node_feature) <= most
            and len(cascade.stages) > 1  # of a single one OpenCV's levels are wrong
            and cascade.old_format == ("old" in name)
        ):
            return cascade


def found(classifier: Any, image: np.ndarray, neighbors: int) -> tuple[Any, Any, Any]:
    """Rectangles, levels, scores."""
    return classifier.detectMultiScale3(image, FACTOR, neighbors, outputRejectLevels=True)


def md5(array: Any, dtype: str) -> str:
    return hashlib.md5(np.ascontiguousarray(array, dtype).tobytes()).hexdigest()


def record(classifier: Any, image: np.ndarray) -> dict[str, Any]:
    """Groups in full; of the candidates the number, and the digests of all of them in order."""
    rectangles, levels, scores = found(classifier, image, 3)
    raw, _, raw_scores = found(classifier, image, 0)
    return {
        "candidates": len(raw),
        "candidates_md5": md5(raw, "<i4"),
        "scores_md5": md5(raw_scores, "<f8"),
        "groups": np.array(rectangles).reshape(-1, 4).tolist(),
        "levels": np.array(levels).ravel().tolist(),
        "scores": np.array(scores).ravel().tolist(),
    }


def main() -> None:
    import cv2

    cv2.setNumThreads(1)
    results: dict[str, Any] = {}
    for number, name in enumerate(KINDS):
        rng = np.random.default_rng(number)
        path = FOLDER / f"{name}.xml"
        while True:
            path.write_text(write(small_cascade(rng, name)), encoding="ascii")
            classifier = cv2.CascadeClassifier(str(path))
            records = [record(classifier, hashed_image(*image)) for image in IMAGES]
            if all(30 <= r["candidates"] <= 2000 and 0 < len(r["groups"]) < 25 for r in records):
                break
        results[name] = records
        print(name, [(r["candidates"], len(r["groups"])) for r in records])
    text = json.dumps({"opencv": cv2.__version__, "cascades": results}, indent=1)
    (FOLDER / "golden.json").write_text(text + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
