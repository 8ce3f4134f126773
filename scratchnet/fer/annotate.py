"""A photo with the answers on it: a box around each face, and beside it how much of each emotion.

    ┌────────┐ Angry   ▏           of the places around a box (right, left, below, above of it, in
    │  face  │ Happy   ████ 83 %   it) and of five sizes, the last one a strip, that which costs the
    └────────┘ Neutral ▌    15 %   least:

    cost = area it covers of (other panels × 8 + other faces × 4 + its face × 2) / area of its face
           + 0.2 for each size that is smaller than wanted

Everything lies inside of the picture. One that is too small for text beside its faces is enlarged
first, so that the drawing may have more pixels than the photo; letters have 11 pixels at least.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PIL import Image, ImageDraw

from scratchnet.fer.answers import Face
from scratchnet.fer.panels import SHADE, Pane, Strip, color_of

SMALLEST_TEXT = 11
TEXT_SIZES = (1.0, 0.8, 0.64, 0.5)
SMALLER = 0.2
PANEL, OTHER, OWN = 8, 4, 2

ROOMY = 480  # pixels: the shorter side has at least so many
FACE_SIDE = 70  # and a face, as long as
LARGEST = 2400  # the longer side does not have more

Rectangle = tuple[float, float, float, float]
"""left, top, right, bottom; the last two are outside."""


def draw_answers(picture: Image.Image, faces: Sequence[Face]) -> Image.Image:
    """A copy of a photo in RGB, perhaps enlarged, with its faces drawn on it.

    Args:
        picture: the upright photo: what `read_photo` returns.
        faces: what the recogniser found in it.
    """
    factor = enlargement(picture.size, faces)
    drawn = picture.convert("RGB")
    if factor > 1:
        size = (round(picture.width * factor), round(picture.height * factor))
        drawn = drawn.resize(size, Image.Resampling.BICUBIC)
    boxes = [
        (x * factor, y * factor, (x + width) * factor, (y + height) * factor)
        for x, y, width, height in (face.box for face in faces)
    ]
    thick = max(2, round(min(drawn.size) / 300))
    for face, box in zip(faces, boxes, strict=True):
        outline(drawn, box, color_of(face), thick)
    taken: list[Rectangle] = []
    for i in sorted(range(len(faces)), key=lambda i: -faces[i].box.width):
        others = boxes[:i] + boxes[i + 1 :]
        panel, place = best_place(drawn.size, faces[i], boxes[i], others, taken)
        panel.draw(drawn, round(place[0]), round(place[1]))
        taken.append(place)
    return drawn


def enlargement(size: tuple[int, int], faces: Sequence[Face]) -> float:
    """By how much the picture has to grow for text beside its faces; 1 if it has room."""
    factor = max(1.0, ROOMY / min(size))
    if faces:
        narrowest = min(face.box.width for face in faces)
        factor = max(factor, min(FACE_SIDE / narrowest, LARGEST / max(size)))
    return factor


def outline(picture: Image.Image, box: Rectangle, color: str, thick: int) -> None:
    """The frame of a face, dark on both sides: it shows on light and on dark."""
    x0, y0, x1, y1 = (round(side) for side in box)
    edge = max(1, thick // 3)
    draw = ImageDraw.Draw(picture)
    outer = (x0 - edge, y0 - edge, x1 - 1 + edge, y1 - 1 + edge)
    draw.rectangle(outer, outline=SHADE, width=thick + 2 * edge)
    draw.rectangle((x0, y0, x1 - 1, y1 - 1), outline=color, width=thick)


# -- where ----------------------------------------------------------------------------------------


def best_place(
    size: tuple[int, int],
    face: Face,
    box: Rectangle,
    others: Sequence[Rectangle],
    taken: Sequence[Rectangle],
) -> tuple[Pane | Strip, Rectangle]:
    """The panel of the least cost, and where it belongs; of equal ones the first."""

    def cost(place: Rectangle) -> float:
        covered = OWN * overlap(place, box)
        covered += OTHER * sum(overlap(place, other) for other in others)
        covered += PANEL * sum(overlap(place, other) for other in taken)
        return covered / overlap(box, box)

    ranked = (
        (SMALLER * smaller + cost(place), panel, place)
        for smaller, panel in enumerate(panels(size, face, box))
        for place in places(panel, box, size)
    )
    _, panel, place = min(ranked, key=lambda candidate: candidate[0])
    return panel, place


def panels(size: tuple[int, int], face: Face, box: Rectangle) -> Iterator[Pane | Strip]:
    """The panes of a face, from the size that is wanted to the smallest, and its strip."""
    shorter, height = min(size), box[3] - box[1]
    wanted = min(shorter / 34, max(shorter / 80, height / 9))
    texts = [max(SMALLEST_TEXT, round(wanted * share)) for share in TEXT_SIZES]
    for text in texts:
        yield Pane(face, text)
    yield Strip(face, round(box[2] - box[0]), texts[-1])


def places(panel: Pane | Strip, box: Rectangle, size: tuple[int, int]) -> Iterator[Rectangle]:
    """Around a box, then in it, moved into the picture where they would stick out."""
    left, top, right, bottom = box
    w, h, gap = panel.width, panel.height, panel.pad
    across = (left, right - w, (left + right - w) / 2)
    down = (top, bottom - h, (top + bottom - h) / 2)
    corners = [(right + gap, y) for y in down] + [(left - gap - w, y) for y in down]
    corners += [(x, bottom + gap) for x in across] + [(x, top - gap - h) for x in across]
    corners += [(x, bottom - h) for x in across]
    for x, y in corners:
        x, y = max(0, min(x, size[0] - w)), max(0, min(y, size[1] - h))
        yield x, y, x + w, y + h


def overlap(a: Rectangle, b: Rectangle) -> float:
    """The area that two rectangles share."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return max(width, 0) * max(height, 0)
