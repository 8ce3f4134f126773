"""Faces of 12 × 12 pixels and grainy walls, drawn from a few numbers: enough to train with."""

import numpy as np

SIDE = 12


def draw_faces(number, rng):
    """(number, 12, 12) uint8: two dark eyes and a mouth, in changing light."""
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    eyes = (abs(y - 0.35) < 0.13) & ((abs(x - 0.27) < 0.14) | (abs(x - 0.73) < 0.14))
    mouth = (abs(y - 0.78) < 0.08) & (abs(x - 0.5) < 0.25)
    light = rng.uniform(0.3, 1.3, (number, 1, 1))
    faces = (160.0 - 70 * eyes - 60 * mouth) * light
    faces += rng.normal(0, 34, faces.shape) + rng.uniform(-30, 30, (number, 1, 1))
    return np.clip(faces, 0, 255).astype(np.uint8)


def draw_wall(height, width, rng):
    """(height, width) uint8: grain of many sizes."""
    wall = np.full((height, width), 125.0)
    for grain in (2, 4, 8, 16, 32):
        patches = rng.normal(0, 22, (height // grain + 1, width // grain + 1))
        wall += np.kron(patches, np.ones((grain, grain)))[:height, :width]
    return np.clip(wall, 0, 255).astype(np.uint8)
