"""scratchnet detect: the boxes of faces, and nothing about their expressions; needs no network."""

from __future__ import annotations

import argparse
import json

import numpy as np

from scratchnet.commands.looking import (
    cascade_options,
    count,
    progress,
    search,
    teller,
    the_cascade,
)
from scratchnet.fer.answers import Box
from scratchnet.fer.photo_files import find_photos
from scratchnet.fer.photos import PhotoError, read_photo


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("photos", nargs="+", metavar="PHOTO", help="files, folders, patterns")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    cascade_options(parser)


def run(options: argparse.Namespace) -> int:
    tell = teller("detect")
    photos, complaints = find_photos(options.photos)
    for complaint in complaints:
        tell(complaint)
    if not photos:
        raise ValueError("no photo to look at")
    cascade, how = the_cascade(options), search(options)
    cascade.detect(np.zeros((cascade.height, cascade.width), np.uint8), **how)  # refuses now

    answers: list[dict[str, object]] = []
    broken = False
    for photo in progress(photos, len(photos), "looking for faces"):
        try:
            picture = read_photo(photo)
        except PhotoError as error:
            tell(str(error))
            answers.append({"photo": str(photo), "error": str(error)})
            broken = True
            continue
        boxes = [Box(*row) for row in cascade.detect(picture, **how).tolist()]
        width, height = picture.size
        faces = [box._asdict() for box in boxes]
        answers.append({"photo": str(photo), "width": width, "height": height, "faces": faces})
        if not options.json:
            print(f"{photo}: {width}×{height} pixels, {count(len(boxes), 'face')}")
            for box in boxes:
                print(f"  {box.x},{box.y}, {box.width}×{box.height} pixels")
    if options.json:
        print(json.dumps({"photos": answers}, indent=2))
    return 1 if broken or complaints else 0
