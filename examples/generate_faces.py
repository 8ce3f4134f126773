"""Draw faces from action units: a sheet with one row for each expression, and FER2013's CSV.

python examples/generate_faces.py --count 56 --size 96 --out faces.png
python examples/generate_faces.py --count 8000 --csv faces.csv
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from scratchnet.fer.faces import GeneratedFaces, generate_faces
from scratchnet.fer.labels import SEVEN

COLUMNS = 12
MARGIN = 64


def sheet(faces: GeneratedFaces, zoom: int, landmarks: bool) -> Image.Image:
    """The first faces of each expression, a row each, with landmarks and boxes if asked for."""
    cell = faces.images.shape[1] * zoom
    rows = [np.flatnonzero(faces.labels == label)[:COLUMNS] for label in range(len(SEVEN))]
    width = MARGIN + cell * max(len(row) for row in rows)
    picture = Image.new("RGB", (width, cell * len(rows)), "white")
    draw = ImageDraw.Draw(picture)
    for r, (name, row) in enumerate(zip(faces.class_names, rows, strict=True)):
        draw.text((4, r * cell + cell // 2 - 6), name, fill="black")
        for c, i in enumerate(row):
            corner = np.array([MARGIN + c * cell, r * cell])
            face = Image.fromarray(faces.images[i]).resize((cell, cell), Image.Resampling.BICUBIC)
            picture.paste(face, tuple(corner.tolist()))
            if landmarks:
                # A pixel's centre has whole coordinates, so its edge is half a pixel before it.
                for x, y in (faces.landmarks[i] + 0.5) * zoom + corner:
                    draw.ellipse((x - 1, y - 1, x + 1, y + 1), fill="red")
                x, y = (faces.boxes[i, :2] + 0.5) * zoom + corner
                w, h = faces.boxes[i, 2:] * zoom
                draw.rectangle((x, y, x + w, y + h), outline="yellow")
    return picture


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=56, help="how many faces (default 56)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--size", type=int, default=48, help="pixels a side (default 48)")
    parser.add_argument("--zoom", type=int, default=2, help="enlarge the sheet (default 2)")
    parser.add_argument("--landmarks", action="store_true", help="mark landmarks and face boxes")
    parser.add_argument("--out", type=Path, default=Path("faces.png"), help="the sheet, a PNG")
    parser.add_argument("--csv", type=Path, help="all faces, as FER2013's CSV (80:10:10 by Usage)")
    options = parser.parse_args()
    if options.count < 1 or options.zoom < 1 or options.seed < 0:
        parser.error("--count and --zoom expect 1 or more, --seed 0 or more")

    try:
        rng = np.random.default_rng(options.seed)
        balanced = np.arange(options.count) % len(SEVEN)
        faces = generate_faces(options.count, rng, size=options.size, emotions=balanced)
        sheet(faces, options.zoom, options.landmarks).save(options.out)
        print(f"{options.out}: up to {COLUMNS} faces of each expression")
        if options.csv:
            tenth = options.count // 10
            usage = ["Training"] * (options.count - 2 * tenth)
            usage += ["PublicTest"] * tenth + ["PrivateTest"] * tenth
            faces.to_kaggle_csv(options.csv, usage)
            print(f"{options.csv}: {len(faces)} faces")
    except (ValueError, OSError) as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
