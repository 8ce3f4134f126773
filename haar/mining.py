"""Mining: the background windows that the cascade so far takes for faces.

The detector itself finds them, as in any other picture: what a stage learns from are the false
alarms that it will meet. At first, `haar.strip.accept_all` accepts every window with contrast.

A *pass* goes through all backgrounds once, in an order of its own. No two passes see the same
windows: in pass p a picture is mirrored, turned upside down, transposed (the three bits of p), and
shrunk by  factor^(p·φ mod 1),  φ the golden ratio, so that the scales of the passes lie evenly
between those of the detector. Of one picture only a few windows are taken, at random: false alarms
stand in crowds around one place, and many places teach more than one.

Every picture has its own random numbers, derived from the seed, the pass and the picture. So the
result is the same on any number of threads, and mining goes on from any place.

Chapter: docs/cascade_training.md
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from haar import ops
from haar.cascade import Cascade
from haar.image import Grey, resize, to_grey
from haar.scales import Level, f32, plan_levels
from haar.strip import Windows

GOLDEN = 0.618033988749895
GENEROUS = 4
"""A picture may give so many times its share of the windows that are wanted."""
BATCH = 8
"""Pictures a thread looks at between two looks at whether it is enough."""
MANY = 2_000_000
"""Windows of a picture up to which all its levels are searched at once; all may be accepted."""
CERTAIN = 50
"""Windows that should have been accepted at the rate in question, for it to be known."""


class Place(NamedTuple):
    """Where mining stands: before the i-th picture of a pass."""

    round: int = 0
    picture: int = 0


class Catch(NamedTuple):
    """What mining found."""

    windows: Windows  # (n, h, w)
    place: Place  # where to go on
    accepted: int
    seen: int  # windows that the detector's grid has, of which so many were accepted


class Quarry(NamedTuple):
    """What does not change in a training."""

    backgrounds: Sequence[Any]
    width: int
    height: int
    scale_factor: float
    seed: int
    threads: int


def mine(
    cascade: Cascade,
    quarry: Quarry,
    place: Place,
    wanted: int,
    passes: int,
    rate: float,
    report: Callable[[int, int], None],
) -> Catch:
    """Up to `wanted` windows that the cascade accepts.

    It ends early after so many passes, or as soon as it is clear that a smaller share of the
    windows than `rate` is accepted. `report(found, seen)` is called from time to time.
    """
    found: list[Windows] = [np.zeros((0, quarry.height, quarry.width), np.uint8)]
    number = accepted = seen = 0
    if wanted <= 0:
        return Catch(found[0], place, accepted, seen)
    quota = -(-GENEROUS * wanted // len(quarry.backgrounds))
    last = Place(place.round + passes, place.picture)
    for windows, hits, size, following in _pictures(cascade, quarry, place, last, quota):
        place = following
        found.append(windows[: wanted - number])
        number, accepted, seen = number + len(found[-1]), accepted + hits, seen + size
        report(number, seen)
        if number == wanted or (seen * rate >= CERTAIN and accepted <= seen * rate):
            break
    return Catch(np.concatenate(found), place, accepted, seen)


def _pictures(
    cascade: Cascade, quarry: Quarry, place: Place, last: Place, quota: int
) -> Iterator[tuple[Windows, int, int, Place]]:
    """Of one picture after the other: windows, how many were accepted and seen, what is next."""

    def look(at: Place) -> tuple[Windows, int, int]:
        order = np.random.default_rng((quarry.seed, at.round)).permutation(len(quarry.backgrounds))
        picture = to_grey(quarry.backgrounds[int(order[at.picture])])
        rng = np.random.default_rng((quarry.seed, at.round, at.picture))
        return mine_picture(
            vary(picture, at.round, quarry.scale_factor), cascade, quarry, quota, rng
        )

    def following(at: Place) -> Place:
        if at.picture + 1 < len(quarry.backgrounds):
            return Place(at.round, at.picture + 1)
        return Place(at.round + 1)

    with ThreadPoolExecutor(quarry.threads, thread_name_prefix="mine") as executor:
        while place != last:
            batch: list[Place] = []
            while place != last and len(batch) < BATCH * quarry.threads:
                batch.append(place)
                place = following(place)
            for at, result in zip(batch, executor.map(look, batch), strict=True):
                yield *result, following(at)


# -- one picture ----------------------------------------------------------------------------------


def vary(picture: Grey, number: int, factor: float) -> Grey:
    """A background as pass `number` sees it; pass 0 sees it as it is."""
    if number & 1:
        picture = picture[:, ::-1]
    if number & 2:
        picture = picture[::-1]
    if number & 4:
        picture = picture.T
    picture = np.ascontiguousarray(picture)
    shrink = factor ** (number * GOLDEN % 1)
    height, width = (max(1, round(side / shrink)) for side in picture.shape)
    return resize(picture, width, height)


def mine_picture(
    grey: Grey, cascade: Cascade, quarry: Quarry, quota: int, rng: np.random.Generator
) -> tuple[Windows, int, int]:
    """Up to `quota` of the windows that the cascade accepts; how many it accepts, and has seen."""
    size = quarry.width, quarry.height
    levels = plan_levels((grey.shape[1], grey.shape[0]), size, quarry.scale_factor)
    seen = sum(-(-level.columns // level.step) * -(-level.rows // level.step) for level in levels)
    boxes = {(level.box_width, level.box_height) for level in levels}
    searches = [[level] for level in levels]
    if len(boxes) == len(levels) and 0 < seen <= MANY:  # their results can be told apart
        searches = [levels]
    found: list[tuple[Level, NDArray[np.int32]]] = []
    for search in searches:
        rectangles, _ = ops.find_candidates(grey, cascade, search, 1)
        sides = [level.box_width + level.box_height for level in search]
        ends = np.searchsorted(rectangles[:, 2] + rectangles[:, 3], sides, side="right")
        found += zip(search, np.split(rectangles[:, :2], ends[:-1]), strict=True)
    accepted = sum(len(corners) for _, corners in found)
    chosen = np.sort(rng.permutation(accepted)[:quota])
    windows = np.zeros((len(chosen), quarry.height, quarry.width), np.uint8)
    first = 0
    for level, corners in found:
        here = np.flatnonzero((first <= chosen) & (chosen < first + len(corners)))
        if len(here):
            windows[here] = cut(grey, level, corners[chosen[here] - first], size)
        first += len(corners)
    return windows, accepted, seen


def cut(grey: Grey, level: Level, corners: NDArray[np.int32], size: tuple[int, int]) -> Windows:
    """The pixels that the detector saw in windows of a level; `corners` (n, 2) are its results."""
    width, height = size
    shrunk = resize(grey, level.width, level.height)
    X, Y = (
        np.searchsorted(np.rint(np.arange(end, dtype=f32) * f32(level.scale)), corners[:, axis])
        for axis, end in enumerate((level.width, level.height))
    )
    views = np.lib.stride_tricks.sliding_window_view(shrunk, (height, width))
    return views[Y, X]
