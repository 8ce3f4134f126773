"""From the settings of a run to its samples: what is trained with, and what is held out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import haar
from cascade_training.backgrounds import read_backgrounds
from cascade_training.generated import generated_backgrounds, generated_positives
from cascade_training.positives import eyes_of, frame, hold_out, read_positives, sheets
from cascade_training.run import Samples, Settings
from haar.samples import Sample, Variation, cut_all, vary

Grey = NDArray[np.uint8]

HELD_OUT = 0.05
"""The share of the positives and backgrounds that is not trained on, but looked at in the end."""
MOST_HELD_OUT = 40
"""Backgrounds; they have some hundred thousand windows each."""
MOST_LOWER = 3600
"""Faces without their eyes that are among the backgrounds of eyes."""

GENERATED = {"positives": 2000, "backgrounds": 300}


def prepare_samples(settings: Settings, rng: np.random.Generator) -> Samples:
    """The windows to train with, those held out, and what is left of faces without their eyes."""
    objects: list[Sample] = []
    lower: list[Grey] = []
    framing, eyes = (list(map(load_cascade, names)) for names in (settings.align, settings.eyes))
    for source in settings.positives:
        found = read_positives(source, settings.size)
        if settings.limit is not None:
            found = [found[k] for k in np.sort(rng.permutation(len(found))[: settings.limit])]
        name = Path(source).name
        with bar(len(found), f"{name}: framing", "picture") as progress:
            framed = frame(found, framing, settings.agree, progress)
        if eyes:
            with bar(len(framed), f"{name}: eyes", "face") as progress:
                framed, without = eyes_of(framed, eyes, progress)
            lower += without
        print(f"{name}: {len(framed):,} objects in {len(found):,} pictures")
        objects += framed
    if not settings.positives:
        objects = generated_positives(GENERATED["positives"], rng)
    if len(objects) < 2:
        raise ValueError(f"--positives: expected two objects at least, got {len(objects)}")
    train, apart = hold_out(objects, HELD_OUT, rng)
    windows = [cut_all(train, settings.size, area=True)]
    with bar(settings.copies, "varied copies", "copy") as progress:
        for k in range(settings.copies):
            windows.append(vary(train, settings.size, 1, rng, Variation()))
            progress(k + 1)
    chosen = [lower[k] for k in rng.permutation(len(lower))[:MOST_LOWER]]
    others = np.array(sheets(chosen), np.uint8)
    return Samples(np.concatenate(windows), cut_all(apart, settings.size), others)


@contextmanager
def bar(total: int, title: str, unit: str) -> Iterator[Callable[[int], None]]:
    """A progress bar, as a function that is told how many are done; hidden if nobody watches."""
    from tqdm import tqdm

    with tqdm(total=total, desc=title, unit=unit, disable=None) as shown:

        def progress(done: int) -> None:
            shown.update(done - shown.n)

        yield progress


def prepare_backgrounds(
    settings: Settings, rng: np.random.Generator
) -> tuple[Sequence[Grey], Sequence[Grey]]:
    """The pictures to train with, and those held out."""
    if not settings.negatives:
        drawn = generated_backgrounds(GENERATED["backgrounds"], rng)
        apart = round(HELD_OUT * len(drawn))
        return drawn[apart:], drawn[:apart]
    backgrounds = read_backgrounds(Path(settings.negatives))
    order = rng.permutation(len(backgrounds))
    apart = min(max(1, round(HELD_OUT * len(order))), MOST_HELD_OUT, len(order) - 1)
    chosen = np.sort(order[apart:]).tolist(), np.sort(order[:apart]).tolist()
    return backgrounds.choose(chosen[0]), backgrounds.choose(chosen[1])


def load_cascade(wanted: str) -> haar.Cascade:
    """A file, or the name of one of OpenCV's."""
    return haar.Cascade.load(wanted if Path(wanted).is_file() else haar.find_cascade(wanted))
