"""Why this answer? Grad-CAM, saliency, occlusion and feature maps of the faces in a photo.

    python examples/explain_face.py photo.jpg                       runs/explained/photo_1.png …
    python examples/explain_face.py photo.jpg --label Happy         what would speak for it
    python examples/explain_face.py photo.jpg --layer 7.body.5      Grad-CAM of another layer
    python examples/explain_face.py face.png --crop                 the picture is a face already
    python examples/explain_face.py                                 a face that the project draws

For each face NAME_1.png (the maps on its crop and on the photo) and NAME_1_maps.png (what the last
layer with maps makes of it, silent maps hatched). The model is the one in the box, or that of
--model RUN/model. Everything is a hand-written backward pass: see scratchnet/explain.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from scratchnet import explain, visualize
from scratchnet.fer.answers import Box
from scratchnet.fer.explain_face import explain_face, on_photo
from scratchnet.fer.faces import generate_faces
from scratchnet.fer.photos import read_photo
from scratchnet.fer.preprocess import Preprocessing
from scratchnet.fer.pretrained import load_cascade, pretrained_folder
from scratchnet.fer.recognizer import EmotionRecognizer, outputs
from scratchnet.sequential import Sequential

AROUND = 0.35
"""How much of the photo is shown around a face, in widths of its box."""


class Subject(NamedTuple):
    """A face, and where it is in which photo; without one the crop is all there is."""

    crop: Any
    photo: Any = None
    box: Box | None = None


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Show why a network answers as it does.")
    parser.add_argument("photo", type=Path, nargs="?", help="default: a generated face")
    parser.add_argument("--model", type=Path, help="a model folder; default: the one in the box")
    parser.add_argument("--cascade", help="a cascade file or name; default: the one in the box")
    parser.add_argument("--crop", action="store_true", help="the picture is a cut-out face")
    parser.add_argument("--label", help="explain this answer; default: the one that it gives")
    parser.add_argument("--layer", help="whose maps Grad-CAM looks at, such as 7 or 7.body.2")
    parser.add_argument("--out", type=Path, default=Path("runs/explained"))
    return parser.parse_args()


def subjects(options: argparse.Namespace, folder: Path, size: int) -> Iterator[Subject]:
    if options.photo is None:
        yield Subject(generate_faces(1, np.random.default_rng(3)).images[0])
        return
    picture = read_photo(options.photo)
    if options.crop:
        yield Subject(np.asarray(picture.convert("L").resize((size, size), Image.Resampling.BOX)))
        return
    cascade = None if options.cascade is None else load_cascade(options.cascade)
    for face in EmotionRecognizer.load(folder, cascade)(picture):
        yield Subject(face.crop, np.asarray(picture.convert("RGB")), face.box)


def draw(subject: Subject, model: Sequential, options: argparse.Namespace, place: Path) -> str:
    """Write both figures of one face; returns what the network says of it."""
    names, _ = outputs(model, None)
    if options.label is not None and options.label not in names:
        raise ValueError(f"--label expects one of {', '.join(names)}, got {options.label}")
    x = Preprocessing(**model.preprocessing)(subject.crop[np.newaxis])
    p = model.predict(x)[0]
    label = int(p.argmax()) if options.label is None else names.index(options.label)
    maps = explain_face(model, subject.crop, label, options.layer, stride=2)
    answer = f"{names[label]} {p[label]:.0%}".replace("%", " %")

    pictures, rows = [subject.crop], {kind: [heat] for kind, heat in maps.items()}
    titles = ["what the network sees"]
    if subject.box is not None:
        window = around(subject.box, subject.photo.shape)
        pictures.append(subject.photo[window])
        titles.append("in the photo")
        for kind, heat in maps.items():
            rows[kind].append(on_photo(heat, subject.box, subject.photo.shape[:2])[window])
    figure = visualize.explanation_grid(pictures, rows, titles, f"What speaks for {answer}")
    visualize.save_figure(figure, place.with_name(f"{place.name}.png"))

    path = options.layer or explain.default_layer(model)
    with explain.Tap(explain.find_layer(model, path)) as tap:
        model.forward(x)
    figure = visualize.feature_map_grid(tap.y[0], subject.crop, f"layer {path}")
    visualize.save_figure(figure, place.with_name(f"{place.name}_maps.png"))
    return answer


def around(box: Box, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """The part of a photo that shows a face and something around it."""
    x, y, w, h = box
    margin = round(AROUND * w)
    rows = slice(max(y - margin, 0), min(y + h + margin, shape[0]))
    return rows, slice(max(x - margin, 0), min(x + w + margin, shape[1]))


def main() -> None:
    options = arguments()
    folder = options.model or pretrained_folder()
    model = Sequential.load(folder)
    options.out.mkdir(parents=True, exist_ok=True)
    stem = "generated" if options.photo is None else options.photo.stem
    found = 0
    size = Preprocessing(**model.preprocessing).size
    for found, subject in enumerate(subjects(options, folder, size), 1):
        place = options.out / f"{stem}_{found}"
        print(f"{place}.png: {draw(subject, model, options, place)}")
    if not found:
        print("no face found; if the picture is a face and nothing else, say --crop")


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError, ImportError) as error:
        print("explain_face:", " ".join(str(error).split()), file=sys.stderr)
        sys.exit(2)
