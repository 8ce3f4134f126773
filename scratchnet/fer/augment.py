"""Augmentation: each epoch sees every face anew: mirrored, turned, nearer, shifted, dimmed, hidden.

    flip        one in two is mirrored (an expression is the same in a mirror)
    rotation    by an angle in ±rotation degrees            ┐
    scale       by a factor in 1 ± scale                    │ around the centre of the image
    shift       by ±shift of the width, ±shift of the height┘
    crop        a window of crop × crop pixels, at a random place; `evaluation` takes the middle one
    contrast    x → m + g (x - m), m the image's mean, g in 1 ± contrast
    brightness  x → x + a, a in ±brightness, in the units of x
    erase       with this probability, a rectangle of 2 to 20 % of the image takes the image's mean
                (Zhong et al., "Random erasing data augmentation", 2020)

Flip, rotation, scale, shift and crop are one matrix, hence one interpolation, not five:

    M = T(-corner) · T(centre) · shift · scale · rotation · flip · T(-centre)

All random numbers come from the generator that is passed in, a fixed number for each image and in
one block: image i of a batch gets the same ones however the stream is cut into batches, and an
option that is switched off changes nothing for the others.

Shapes: (N, 1, H, W) or (N, H, W), float32 or float64 -> the same, or crop × crop.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scratchnet.vision import geometry

Array = NDArray[Any]


class Draws(NamedTuple):
    """The random numbers of a batch: for each name, one in 0 … 1 for each image, (N,)."""

    flip: Array
    angle: Array
    factor: Array
    dx: Array
    dy: Array
    top: Array
    left: Array
    contrast: Array
    brightness: Array
    erase: Array
    erase_area: Array
    erase_aspect: Array
    erase_y: Array
    erase_x: Array


def spread(draw: Array, amount: float) -> Array:
    """Numbers in 0 … 1 spread over ±amount."""
    return (2.0 * draw - 1.0) * amount


@dataclass(frozen=True, kw_only=True)
class Augment:
    """Random faces from faces: `augment(x, rng) -> x`; `x` itself is left as it is.

    With a `crop`, the network sees smaller images (`output_shape`), and whatever is not training
    has to show it the middle of the picture: `augment.evaluation(x)`. `config()` is what a saved
    model keeps of it, and `Augment(**config)` makes it again.

    Raises:
        ValueError: an option is out of its range.
    """

    flip: bool = True
    rotation: float = 10.0
    scale: float = 0.1
    shift: float = 0.08
    crop: int | None = None
    contrast: float = 0.0
    brightness: float = 0.0
    erase: float = 0.0
    border: str = "edge"
    """What comes in from outside of the image: "edge", "reflect" or "constant" (zeros)."""

    def __post_init__(self) -> None:
        ranges = {
            "rotation": (0 <= self.rotation <= 180, "degrees in 0 … 180"),
            "scale": (0 <= self.scale < 1, "a share in 0 … 1, less than 1"),
            "shift": (0 <= self.shift < 1, "a share in 0 … 1, less than 1"),
            "crop": (
                self.crop is None or (isinstance(self.crop, int) and self.crop >= 1),
                "None or a whole number of pixels",
            ),
            "contrast": (0 <= self.contrast < 1, "a share in 0 … 1, less than 1"),
            "brightness": (0 <= self.brightness < np.inf, "a number of at least 0"),
            "erase": (0 <= self.erase <= 1, "a probability in 0 … 1"),
            "border": (self.border in geometry.BORDERS, f"one of {', '.join(geometry.BORDERS)}"),
        }
        for name, (fits, expected) in ranges.items():
            if not fits:
                raise ValueError(
                    f"Augment expects for {name} {expected}, got {getattr(self, name)!r}"
                )

    def __call__(self, x: Array, rng: np.random.Generator) -> Array:
        """A new batch of faces, every one changed at random.

        Raises:
            ValueError: x is not a batch of grey float images, or smaller than the crop.
        """
        *batch, OH, OW = self._check(x)
        images = x.reshape(len(x), *x.shape[-2:])
        draws = Draws(*rng.random((len(x), len(Draws._fields))).T)
        matrices = self._matrices(draws, x.shape)
        warped = geometry.warp_affine(images, matrices, (OH, OW), self.border)
        self._relight(warped, draws)
        self._erase(warped, draws)
        return warped.reshape(*batch, OH, OW)

    def evaluation(self, x: Array) -> Array:
        """What the network is shown outside of training: the middle of every face, or all of it."""
        OH, OW = self._check(x)[-2:]
        top, left = (x.shape[-2] - OH) // 2, (x.shape[-1] - OW) // 2
        return np.ascontiguousarray(x[..., top : top + OH, left : left + OW])

    def output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of the network's input, for images of shape (..., H, W)."""
        if self.crop is None:
            return input_shape
        if self.crop > min(input_shape[-2:]):
            raise ValueError(
                f"Augment(crop={self.crop}) expects images of at least {self.crop} × {self.crop} "
                f"pixels, got {input_shape[-2]} × {input_shape[-1]}; choose a smaller crop"
            )
        return (*input_shape[:-2], self.crop, self.crop)

    def config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return asdict(self)

    # -- the steps --------------------------------------------------------------------------------

    def _check(self, x: Array) -> tuple[int, ...]:
        if not (x.ndim == 3 or (x.ndim == 4 and x.shape[1] == 1)):
            raise ValueError(
                f"Augment expects grey images (N, 1, H, W) or (N, H, W), got {x.shape}"
            )
        if x.dtype not in (np.float32, np.float64):
            raise ValueError(
                f"Augment expects float32 or float64 pixels, got {x.dtype}; "
                "pre-process first, for example x.astype(np.float32) / 255"
            )
        return self.output_shape(x.shape)

    def _matrices(self, draws: Draws, shape: tuple[int, ...]) -> geometry.Matrix:
        """M of the header for every image, (N, 3, 3)."""
        H, W = shape[-2:]
        motion = geometry.compose(
            geometry.flip(self.flip & (draws.flip < 0.5)),
            geometry.rotation(spread(draws.angle, self.rotation)),
            geometry.scaling(1.0 + spread(draws.factor, self.scale)),
            geometry.translation(
                spread(draws.dx, self.shift * W), spread(draws.dy, self.shift * H)
            ),
        )
        OH, OW = self.output_shape(shape)[-2:]
        # Whole pixels: a crop alone copies pixels and blurs nothing.
        top, left = np.floor(draws.top * (H - OH + 1)), np.floor(draws.left * (W - OW + 1))
        return geometry.translation(-left, -top) @ geometry.around(geometry.centre(shape), motion)

    def _relight(self, images: Array, draws: Draws) -> None:
        """Contrast and brightness, in place."""
        if self.contrast == 0 and self.brightness == 0:
            return
        gain = spread(draws.contrast, self.contrast).astype(images.dtype)[:, None, None]
        offset = spread(draws.brightness, self.brightness).astype(images.dtype)[:, None, None]
        mean = images.mean(axis=(1, 2), keepdims=True)
        images += gain * (images - mean) + offset

    def _erase(self, images: Array, draws: Draws) -> None:
        """Rectangles of the mean, in place."""
        H, W = images.shape[1:]
        area = H * W * (0.02 + 0.18 * draws.erase_area)
        aspect = 3.0 ** spread(draws.erase_aspect, 1.0)  # height / width, from 1/3 to 3
        height = np.clip(np.rint(np.sqrt(area * aspect)), 1, H).astype(np.intp)
        width = np.clip(np.rint(np.sqrt(area / aspect)), 1, W).astype(np.intp)
        top = np.floor(draws.erase_y * (H - height + 1)).astype(np.intp)
        left = np.floor(draws.erase_x * (W - width + 1)).astype(np.intp)
        for n in np.flatnonzero(draws.erase < self.erase):
            rectangle = np.s_[n, top[n] : top[n] + height[n], left[n] : left[n] + width[n]]
            images[rectangle] = images[n].mean()


AUGMENTATIONS = {
    "usual": Augment(),
    "strong": Augment(rotation=15.0, scale=0.15, shift=0.1, erase=0.5),
    "none": None,
}
"""Augmentations by name, as recipes call them."""
