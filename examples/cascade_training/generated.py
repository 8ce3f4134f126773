"""Generated faces, backgrounds and a scene: so that a cascade can be trained with no download.

Backgrounds are what a detector meets: grain in all sizes, bars, plates and discs, light from one
side. And bits of faces in a wrong order, lest an eye alone, or hair, be taken for a face.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from haar.image import resize
from haar.samples import Sample, cut
from scratchnet.fer.faces import generate_faces

Grey = NDArray[np.uint8]
Numbers = NDArray[np.float64]

FACE = 64  # pixels of a picture of one face
TILE = 16
SCENE = (420, 640)
SIDES = (36, 150)  # of the faces in a scene


def generated_positives(count: int, rng: np.random.Generator) -> list[Sample]:
    """Faces, each with its box."""
    faces = generate_faces(count, rng, size=FACE)
    return [
        Sample(grey, tuple(box.tolist()))
        for grey, box in zip(faces.images, faces.boxes, strict=True)
    ]


def generated_backgrounds(
    count: int, rng: np.random.Generator, shape: tuple[int, int] = (240, 320)
) -> list[Grey]:
    """Pictures (H, W) without a face."""
    faces = generate_faces(min(count, 100), rng, size=FACE).images
    return [background(rng, shape, faces) for _ in range(count)]


def background(rng: np.random.Generator, shape: tuple[int, int], faces: Grey) -> Grey:
    picture = grain(rng, shape)
    for _ in range(int(rng.integers(10, 50))):
        draw_shape(picture, rng)
    for _ in range(int(rng.integers(0, 5))):
        bits = scrambled(faces[rng.integers(len(faces))], rng)
        side = min(int(rng.integers(24, 120)), *shape)
        paste(picture, resize(bits, side, side), rng)
    return finished(picture, rng)


def grain(rng: np.random.Generator, shape: tuple[int, int]) -> Numbers:
    """Noise of grains of 2 … 64 pixels, about a middle grey; the large ones are smooth."""
    H, W = shape
    picture = np.full(shape, rng.uniform(60, 190))
    for size in (2, 4, 8, 16, 32, 64):
        small = rng.integers(0, 256, (H // size + 2, W // size + 2)).astype(np.uint8)
        picture += (resize(small, W, H) - 128.0) * rng.uniform(0, 0.5)
    return picture


def draw_shape(picture: Numbers, rng: np.random.Generator) -> None:
    """A plate, a disc, or bars, darker or brighter than what is there."""
    H, W = picture.shape
    h, w = (int(v) for v in rng.integers(6, 90, 2))
    y, x = int(rng.integers(0, H - 6)), int(rng.integers(0, W - 6))
    part = picture[y : y + h, x : x + w]
    down, across = np.mgrid[: part.shape[0], : part.shape[1]]
    kind = rng.integers(3)
    inside = np.ones(part.shape, np.bool_)
    if kind == 1:
        inside = ((down - h / 2) / h) ** 2 + ((across - w / 2) / w) ** 2 <= 0.25
    elif kind == 2:
        period, along = int(rng.integers(4, 24)), rng.random() < 0.5
        inside = (down if along else across) % period < period // 2
    part[inside] += rng.uniform(-90, 90)


def scrambled(face: Grey, rng: np.random.Generator) -> Grey:
    """The tiles of a face in another order."""
    tiles = face.reshape(FACE // TILE, TILE, FACE // TILE, TILE).swapaxes(1, 2)
    mixed = rng.permutation(tiles.reshape(-1, TILE, TILE)).reshape(tiles.shape)
    return np.ascontiguousarray(mixed.swapaxes(1, 2).reshape(FACE, FACE))


def paste(picture: Numbers, tile: Grey, rng: np.random.Generator) -> None:
    y, x = (int(rng.integers(0, n - len(tile) + 1)) for n in picture.shape)
    picture[y : y + len(tile), x : x + len(tile)] = tile


def finished(picture: Numbers, rng: np.random.Generator) -> Grey:
    """With light from one side, noise, and 0 … 255."""
    H, W = picture.shape
    direction = rng.uniform(0, 2 * np.pi)
    across, down = np.linspace(-1, 1, W)[None, :], np.linspace(-1, 1, H)[:, None]
    light = 1 + rng.uniform(0, 0.35) * (np.cos(direction) * across + np.sin(direction) * down)
    return np.rint(picture * light + rng.normal(0, 4, (H, W))).clip(0, 255).astype(np.uint8)


def generated_scene(rng: np.random.Generator, faces: int = 12) -> tuple[Grey, Numbers]:
    """A wall with faces on it, (H, W), and their boxes (N, 4)."""
    H, W = SCENE
    drawn = generate_faces(faces, rng, size=160)
    picture = grain(rng, SCENE)
    for _ in range(30):
        draw_shape(picture, rng)
    boxes: list[Any] = []
    for grey, own in zip(drawn.images, drawn.boxes.astype(np.float64), strict=True):
        side = float(rng.uniform(*SIDES))
        for _ in range(100):
            x, y = rng.uniform(0.3 * side, (W - 1.3 * side, H - 1.3 * side))
            if all(max(abs(x + side / 2 - X - S / 2), abs(y + side / 2 - Y - S / 2))
                   > 0.65 * (side + S) for X, Y, S, _ in boxes):  # fmt: skip
                paste_face(picture, grey, own, (x, y, side))
                boxes.append((x, y, side, side))
                break
    return finished(picture, rng), np.array(boxes)


def paste_face(
    picture: Numbers, grey: Grey, box: Numbers, place: tuple[float, float, float]
) -> None:
    """A face, and what is around it, fading out: so large that its box comes to `place`."""
    x, y, side = place
    scale, rim = box[2] / side, 0.22 * side
    left, top, wide = round(x - rim), round(y - rim), round(side + 2 * rim)
    size = wide * scale
    window = cut(
        grey,
        (box[0] + (left - x) * scale, box[1] + (top - y) * scale, size, size),
        (wide, wide),
        area=True,
    )
    from_middle = np.abs(np.linspace(-1, 1, wide))
    radius = np.hypot(from_middle[:, None], from_middle[None, :] * 1.1)
    opacity = np.clip((1.05 - radius) / 0.25, 0, 1)
    part = picture[top : top + wide, left : left + wide]
    part += opacity * (window - part)
