"""scratchnet crop PHOTOS OUT: labelled photos become grey faces of 48 × 48 pixels to train on."""

from __future__ import annotations

import argparse
from pathlib import Path

from scratchnet.commands.looking import cascade_options, progress, search, teller, the_cascade
from scratchnet.fer.cropping import crop_faces, labelled_photos
from scratchnet.fer.pretrained import load_cascade

EPILOG = (
    "A photo with several faces gives its largest. Exit status: 0 if all photos were read, 1 if "
    "some were not, 2 for wrong options."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("photos", type=Path, help="a folder with one sub-folder an expression")
    parser.add_argument("out", type=Path, help="where the faces go, in the same sub-folders")
    parser.add_argument("--size", type=int, default=48, help="side in pixels; default: 48")
    parser.add_argument("--eyes", metavar="CASCADE", help="turn faces upright by their eyes")
    cascade_options(parser)


def run(options: argparse.Namespace) -> int:
    tell = teller("crop")
    if options.size < 1:
        raise ValueError(f"--size expects at least 1, got {options.size}")
    photos = labelled_photos(options.photos)
    cascade = the_cascade(options)
    eyes = None if options.eyes is None else load_cascade(options.eyes)
    how = search(options)
    faces, without, broken = 0, 0, 0
    crops = crop_faces(photos, options.out, cascade, eyes=eyes, size=options.size, **how)
    for cropped in progress(crops, len(photos), "cropping"):
        if cropped.error is not None:
            broken += 1
            tell(cropped.error)
        elif cropped.face is None:
            without += 1
            tell(f"{cropped.photo}: no face found")
        else:
            faces += 1
    print(
        f"{faces:,} faces of {len(photos):,} photos are in {options.out}; {without:,} photos "
        f"without a face, {broken:,} that cannot be read"
    )
    return 1 if broken else 0
