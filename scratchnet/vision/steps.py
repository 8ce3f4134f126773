"""Steps: the operations of this folder by name, one after the other, in a list that JSON can hold.

    [{"step": "resize", "shape": [48, 48]}, {"step": "median", "size": 3}, {"step": "equalise"}]

`checked` completes such a list: every parameter is written out, also those at their defaults, so
that a model that was saved with it sees the same pixels in years, whatever the defaults are then.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from numpy.typing import NDArray

from scratchnet.vision.clahe import clahe
from scratchnet.vision.equalise import equalise
from scratchnet.vision.fit import cover_crop
from scratchnet.vision.gaussian import gaussian_blur
from scratchnet.vision.grey import to_grey
from scratchnet.vision.median import median_filter
from scratchnet.vision.resize import resize
from scratchnet.vision.tan_triggs import tan_triggs
from scratchnet.vision.threshold import otsu, threshold
from scratchnet.vision.tone import gamma, linear

Array = NDArray[Any]
Spec = dict[str, Any]
"""One step: {"step": name, parameter: value, …}."""


def grey(images: Array) -> Array:
    """A stack of colour pictures (N, H, W, 3) in grey; grey ones (N, H, W) as they are."""
    return to_grey(images) if images.ndim == 4 else images


STEPS: dict[str, Callable[..., Array]] = {
    "grey": grey,
    "resize": resize,
    "cover_crop": cover_crop,
    "gaussian": gaussian_blur,
    "median": median_filter,
    "threshold": threshold,
    "otsu": otsu,
    "linear": linear,
    "gamma": gamma,
    "equalise": equalise,
    "clahe": clahe,
    "tan_triggs": tan_triggs,
}
"""Each takes a stack (N, H, W), and its parameters by name."""


def checked(specs: Iterable[Mapping[str, Any]]) -> list[Spec]:
    """The same steps with every parameter written out, as JSON would give them back.

    Raises:
        ValueError: no such step, or a parameter that it does not have, or that it lacks.
    """
    return [_complete(spec) for spec in specs]


def _complete(spec: Mapping[str, Any]) -> Spec:
    if not isinstance(spec, Mapping) or str(spec.get("step")) not in STEPS:
        raise ValueError(f'a step expects {{"step": one of {", ".join(STEPS)}, …}}, got {spec!r}')
    name = spec["step"]
    given = {key: value for key, value in spec.items() if key != "step"}
    _, *parameters = inspect.signature(STEPS[name]).parameters.values()
    known = {p.name: p.default for p in parameters}
    needed = {key for key, default in known.items() if default is inspect.Parameter.empty}
    if wrong := [*(given.keys() - known), *(needed - given.keys())]:
        raise ValueError(
            f"step {name!r} expects {', '.join(known) or 'no parameters'}; "
            f"{wrong[0]!r} is {'unknown' if wrong[0] in given else 'missing'} in {dict(spec)!r}"
        )
    try:
        return json.loads(json.dumps({"step": name, **known, **given}))
    except TypeError as error:
        raise ValueError(f"step {name!r} expects plain values, got {dict(spec)!r}") from error


def run(specs: Iterable[Mapping[str, Any]], images: Array) -> Array:
    """A stack of pictures, (N, H, W) or (N, H, W, 3), through all steps."""
    for spec in specs:
        parameters = {key: value for key, value in spec.items() if key != "step"}
        images = STEPS[spec["step"]](images, **parameters)
    return images
