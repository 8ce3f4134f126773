"""Find faces in photos, with this project's own cascade, and draw a box around each.

    python examples/detect_faces.py photo.jpg                       runs/faces/photo_faces.png
    python examples/detect_faces.py holiday/ "more/*.png" --out found --label neighbors
    python examples/detect_faces.py photo.jpg --json                the boxes, for programs
    python examples/detect_faces.py photo.jpg --explain             and how the cascade thought
    python examples/detect_faces.py photo.jpg --cascade frontalface_alt2     OpenCV's, or a file

A photo is turned upright first, as its EXIF orientation says; boxes are in the pixels of the
upright picture. An original is never overwritten: a name that is taken gets a number.
Exit status: 0 if all photos were read, 1 if some were not, 2 for wrong options.
"""

from __future__ import annotations

import argparse
import glob
import json
import math
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps
from PIL.PngImagePlugin import PngInfo

import haar
from haar.grouping import Groups

DEFAULT_CASCADE = "own"
COORDINATES = (
    "pixels of the upright picture (its EXIF orientation is applied), x to the right and y down "
    "from the upper left corner"
)
ENDINGS = {".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm"}
FIGURES = ("integral", "features", "stages", "windows", "grouping")
MANY = 10  # photos that deserve a progress bar
MARK = "haar: examples/detect_faces.py"
"""Stands as "Software" in each PNG that is written here: those are no originals."""

BOX, HALO = "#FFB000", "#1A1A1A"  # an amber that shows on skin and on grass, and its dark edge


# -- options --------------------------------------------------------------------------------------


def size(text: str) -> tuple[int, int]:
    """40 or 40x60."""
    sides = text.lower().replace("×", "x").split("x")
    if len(sides) > 2 or not all(side.isdecimal() for side in sides):
        raise argparse.ArgumentTypeError(f"expects 40 or 40x60 (width x height), got {text!r}")
    return int(sides[0]), int(sides[-1])


def arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Find faces in photos and draw a box around each.",
        epilog=f"Boxes are in {COORDINATES}. Exit status: 0 if all photos were read, "
        "1 if some were not, 2 for wrong options.",
    )
    parser.add_argument("photos", nargs="+", metavar="PHOTO", help="files, folders, patterns")
    parser.add_argument(
        "--cascade",
        default=DEFAULT_CASCADE,
        help="a file, or a name of OpenCV's; default: this project's own",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="default: runs/faces")
    parser.add_argument(
        "--json",
        action="store_true",
        help="print the boxes as one JSON document; pictures only with --out or --explain",
    )
    parser.add_argument(
        "--explain",
        action="store_true",
        help="draw how the cascade thought, for each photo; seconds for each megapixel",
    )
    parser.add_argument(
        "--label", choices=("neighbors", "score"), help="write it beside each box; default: neither"
    )
    parser.add_argument(
        "--scale-factor", type=float, default=1.1, help="from one size to the next; default: 1.1"
    )
    parser.add_argument(
        "--min-neighbors", type=int, default=3, help="a face needs more windows; default: 3"
    )
    parser.add_argument("--min-size", type=size, metavar="W[xH]", help="of a face, in pixels")
    parser.add_argument("--max-size", type=size, metavar="W[xH]", help="of a face, in pixels")
    parser.add_argument("--threads", type=int, help="default: one for each core")
    return parser.parse_args(argv)


def load_cascade(wanted: str) -> haar.Cascade:
    """This project's own, a file, or a name such as "eye" that `haar.find_cascade` knows."""
    if wanted == DEFAULT_CASCADE:
        return haar.Cascade.frontal_face()
    if Path(wanted).is_file():
        return haar.Cascade.load(wanted)
    if Path(wanted).name != wanted:
        raise ValueError(f"--cascade expects a file or a name, and there is no file {wanted}")
    return haar.Cascade.load(haar.find_cascade(wanted))


# -- photos and their names -----------------------------------------------------------------------


def find_photos(wanted: Iterable[str]) -> list[Path]:
    """Files as given, the pictures in folders and below, and what matches patterns; each once."""
    found: dict[Path, Path] = {}
    for text in wanted:
        path = Path(text)
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in ENDINGS)
            if not inside:
                print(f"detect_faces: {text} holds no pictures", file=sys.stderr)
        elif not path.exists() and glob.has_magic(text):
            inside = sorted(p for p in matching(text) if p.is_file())
            if not inside:
                print(f"detect_faces: nothing matches {text}", file=sys.stderr)
        else:
            inside = [path]
        for photo in inside:
            found.setdefault(photo.resolve(), photo)
    return [photo for photo in found.values() if not drawn_here(photo)]


def matching(pattern: str) -> Iterator[Path]:
    """What a pattern of the shell finds, ** included; `Path.glob` takes no absolute ones."""
    return map(Path, glob.iglob(pattern, recursive=True))  # noqa: PTH207


def drawn_here(path: Path) -> bool:
    """Whether this program drew it: then it is no photo, and may be overwritten."""
    if path.suffix.lower() != ".png" or not path.is_file():
        return False
    try:
        with Image.open(path) as picture:
            return picture.info.get("Software") == MARK
    except Exception:  # a damaged picture is somebody's, too
        return False


def choose_names(photos: list[Path], folder: Path, endings: Iterable[str]) -> Iterator[str]:
    """The beginning of the pictures' names for each photo: its stem, with a number if taken."""
    endings = tuple(endings)
    taken: set[str] = set()

    def free(name: str) -> bool:
        paths = [folder / f"{name}_{ending}.png" for ending in endings]
        return name.casefold() not in taken and all(
            drawn_here(path) or not os.path.lexists(path) for path in paths
        )

    for photo in photos:
        name, number = photo.stem, 2
        while not free(name):
            name, number = f"{photo.stem}-{number}", number + 1
        taken.add(name.casefold())
        yield name


# -- pictures -------------------------------------------------------------------------------------


def read_photo(path: Path) -> Image.Image:
    """The upright picture, "L" or "RGB"; transparency is ignored, as in detection."""
    with Image.open(path) as picture:
        upright = ImageOps.exif_transpose(picture)
        if upright.mode.startswith("I"):  # 16 bits: the upper eight
            deep = np.asarray(upright)
            return Image.fromarray((deep >> (8 if deep.max() > 255 else 0)).astype(np.uint8))
        if upright.mode in ("RGBA", "LA"):
            return upright.convert(upright.mode[:-1])
        return upright if upright.mode == "L" else upright.convert("RGB")


def draw_faces(picture: Image.Image, faces: Groups, label: str | None) -> Image.Image:
    """A copy with a box around each face, as thick as the picture is large."""
    drawn = picture.convert("RGB")
    draw = ImageDraw.Draw(drawn)
    shorter = min(drawn.size)
    thick = max(1, round(shorter / 180))
    edge = max(1, thick // 3)
    font: Any = ImageFont.load_default(max(10, round(shorter / 32)))
    corners = [(x, y, x + w - 1, y + h - 1) for x, y, w, h in faces.rectangles.tolist()]
    for x0, y0, x1, y1 in corners:
        outer = (x0 - edge, y0 - edge, x1 + edge, y1 + edge)
        draw.rectangle(outer, outline=HALO, width=thick + 2 * edge)
        draw.rectangle((x0, y0, x1, y1), outline=BOX, width=thick)
    for (x0, y0, _, _), count, score in zip(corners, faces.counts, faces.scores, strict=True):
        if label is None:
            break
        text = f"{count}" if label == "neighbors" else f"{score:.1f}"
        left, top, right, bottom = draw.textbbox((0, 0), text, font=font)
        pad = thick + 2
        width, height = right - left + 2 * pad, bottom - top + 2 * pad
        x = min(max(x0, 0), max(drawn.width - width, 0))  # a tab on the box, inside of the picture
        y = y0 - height if y0 >= height else y0 + thick
        draw.rectangle((x, y, x + width - 1, y + height - 1), fill=BOX, outline=HALO, width=edge)
        draw.text((x + pad - left, y + pad - top), text, font=font, fill=HALO)
    return drawn


def write_png(picture: Image.Image, path: Path) -> None:
    """Under a temporary name, then renamed: there is a whole picture or none."""
    software = PngInfo()
    software.add_text("Software", MARK)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        picture.save(temporary, format="PNG", pnginfo=software)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


# -- the answer -----------------------------------------------------------------------------------


def described(photo: Path, picture: Image.Image, faces: Groups) -> dict[str, Any]:
    """A photo as --json tells of it."""
    rows = zip(faces.rectangles.tolist(), faces.counts.tolist(), faces.scores.tolist(), strict=True)
    return {
        "file": str(photo),
        "width": picture.width,
        "height": picture.height,
        "faces": [
            dict(
                zip(("x", "y", "width", "height"), box, strict=True),
                neighbors=count,
                score=score if math.isfinite(score) else None,
            )
            for box, count, score in rows
        ],
    }


def summary(photo: Path, answer: dict[str, Any], seconds: float) -> str:
    number = len(answer["faces"])
    faces = "no face" if not number else "1 face" if number == 1 else f"{number} faces"
    extent = f"{answer['width']}×{answer['height']}"
    return f"{photo}: {extent} pixels, {faces}, {1000 * seconds:.0f} ms"


def progress(photos: list[Any]) -> tuple[Iterable[Any], Callable[..., None]]:
    """The photos, with a bar if they are many and somebody watches; and how to print beside it."""
    if len(photos) < MANY or find_spec("tqdm") is None:
        return photos, print
    from tqdm import tqdm

    return tqdm(photos, desc="looking for faces", unit="photo", disable=None), tqdm.write


def main(argv: list[str] | None = None) -> int:
    options = arguments(argv)
    for console in (sys.stdout, sys.stderr):
        if hasattr(console, "reconfigure"):  # file names hold what a console may not know
            console.reconfigure(errors="backslashreplace")
    if options.explain and find_spec("matplotlib") is None:
        raise ValueError('--explain needs matplotlib: pip install -e ".[examples]"')
    cascade = load_cascade(options.cascade)
    names = ("scale_factor", "min_neighbors", "min_size", "max_size", "threads")
    search = {name: getattr(options, name) for name in names}
    cascade.search(np.zeros((cascade.height, cascade.width), np.uint8), **search)
    # > wrong numbers are refused here, and the kernels are loaded before the first photo is timed

    photos = find_photos(options.photos)
    if not photos:
        raise ValueError("no photo to look at (pictures drawn by this program do not count)")
    drawing = options.explain or options.out is not None or not options.json
    folder = options.out or Path("runs") / "faces"
    if drawing:
        folder.mkdir(parents=True, exist_ok=True)
    endings = ("faces", *FIGURES) if options.explain else ("faces",)

    if options.explain:
        from explain_figures import draw_explanation

    answers: list[dict[str, Any]] = []
    stream = sys.stderr if options.json else sys.stdout
    chosen = list(choose_names(photos, folder, endings))
    watched, say = progress(list(zip(photos, chosen, strict=True)))
    for photo, name in watched:
        try:
            picture = read_photo(photo)
            start = time.perf_counter()
            faces = cascade.search(picture, **search)
            seconds = time.perf_counter() - start
        except Exception as error:  # Pillow's decoders raise all kinds on damaged files
            reason = " ".join(str(getattr(error, "strerror", None) or error).split())
            answers.append({"file": str(photo), "error": reason or type(error).__name__})
            say(f"detect_faces: {photo}: {answers[-1]['error']}", file=sys.stderr)
            continue
        answers.append(described(photo, picture, faces))
        say(summary(photo, answers[-1], seconds), file=stream)
        if drawing:
            answers[-1]["picture"] = str(folder / f"{name}_faces.png")
            write_png(draw_faces(picture, faces, options.label), folder / f"{name}_faces.png")
        if options.explain and not draw_explanation(picture, cascade, folder / name, MARK, search):
            say(f"detect_faces: {photo} is smaller than the window", file=sys.stderr)

    if options.json:
        document = {"cascade": options.cascade, "coordinates": COORDINATES, "photos": answers}
        print(json.dumps(document, indent=2))
    elif any("picture" in answer for answer in answers):
        print(f"pictures: {folder}")
    return 1 if any("error" in answer for answer in answers) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except (OSError, ValueError) as error:
        print("detect_faces:", " ".join(str(error).split()), file=sys.stderr)
        sys.exit(2)
