"""scratchnet predict: photos in, expressions out, as text, JSON or CSV, and drawn on the photos.

    scratchnet predict photo.jpg
    scratchnet predict holiday/ "more/*.png" --draw drawn
    scratchnet predict holiday/ --csv > expressions.csv

Answers are written as soon as they are known, so that the memory does not grow with the photos. One
that cannot be read is named on stderr (and in the document), and the others go on.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scratchnet.commands.looking import (
    cascade_options,
    count,
    model_options,
    progress,
    teller,
    the_recognizer,
)
from scratchnet.fer.answers import Answer, columns
from scratchnet.fer.photo_files import drawing_names, find_photos, save_drawing
from scratchnet.fer.photos import read_photo
from scratchnet.fer.recognizer import EmotionRecognizer

EPILOG = (
    "Boxes are in pixels of the upright picture (its EXIF orientation is applied). Exit status: 0 "
    "if all photos were read, 1 if some were not, 2 for wrong options."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("photos", nargs="+", metavar="PHOTO", help="files, folders, patterns")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON document")
    form.add_argument("--csv", action="store_true", help="a table with a row a face")
    parser.add_argument(
        "--with-faces", action="store_true", help="with --json: the faces, as data URIs"
    )
    parser.add_argument("--draw", type=Path, metavar="FOLDER", help="draw on copies of the photos")
    model_options(parser)
    cascade_options(parser)
    parser.add_argument(
        "--batch-size", type=int, default=32, help="photos answered together; default: 32"
    )


def run(options: argparse.Namespace) -> int:
    tell = teller("predict")
    if options.with_faces and not options.json:
        raise ValueError("--with-faces goes with --json")
    photos, complaints = find_photos(options.photos)
    for complaint in complaints:
        tell(complaint)
    if not photos:
        raise ValueError("no photo to look at")
    recognizer = the_recognizer(options)
    drawings: dict[str, Path] = {}
    if options.draw is not None:
        options.draw.mkdir(parents=True, exist_ok=True)
        drawings = dict(zip(map(str, photos), drawing_names(photos, options.draw), strict=True))

    faces = broken = 0
    answers = recognizer.many(photos, options.batch_size)
    with writer(options, recognizer) as write:
        for answer in progress(answers, len(photos), "recognising"):
            write(answer)
            faces += len(answer.faces)
            if answer.error is not None:
                broken += 1
                tell(answer.error)
            elif drawings:
                from scratchnet.fer.annotate import draw_answers  # who draws waits for it

                drawn = draw_answers(read_photo(answer.photo), answer.faces)
                save_drawing(drawn, drawings[answer.photo])
    if len(photos) > 1:
        unread = f", {broken:,} of them could not be read" if broken else ""
        tell(f"{count(faces, 'face')} in {count(len(photos), 'photo')}{unread}")
    return 1 if broken or complaints else 0


@contextmanager
def writer(options: argparse.Namespace, recognizer: EmotionRecognizer) -> Iterator[Any]:
    """A function that writes an answer to stdout, in the form that was asked for."""
    if options.csv:
        table = csv.DictWriter(sys.stdout, columns(recognizer.class_names), lineterminator="\n")
        table.writeheader()
        yield lambda answer: table.writerows(answer.rows(recognizer.class_names))
    elif options.json:
        between = iter(["\n"])
        print('{"classes": ' + json.dumps(recognizer.class_names) + ', "photos": [', end="")

        def write(answer: Answer) -> None:
            text = json.dumps(answer.to_dict(with_faces=options.with_faces), allow_nan=False)
            print(next(between, ",\n") + text, end="", flush=True)

        yield write
        print("\n]}")
    else:
        yield say


def say(answer: Answer) -> None:
    """An answer as text: a line for the photo, a line for each of its faces."""
    if answer.error is None:
        extent = f"{answer.width}×{answer.height} pixels"
        print(f"{answer.photo}: {extent}, {count(len(answer.faces), 'face')}")
        for number, face in enumerate(answer.faces, 1):
            print(f"  {number}  {face}")
    sys.stdout.flush()
