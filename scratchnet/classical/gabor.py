"""Gabor filters: how much of a wave of this length and direction is at this place of the picture.

    x' =  x cos θ + y sin θ                 along the wave; θ = 0 is a wave that runs to the right
    y' = -x sin θ + y cos θ                 along its crests

    w(x, y) = γ / 2πσ² · exp(-(x'² + γ² y'²) / 2σ²)                         the window, of sum 1
    g(x, y) = w(x, y) · (exp(2πi f x') - c)

    σ = κ / 2πf,  κ = √(2 ln 2) · (2ᵇ + 1) / (2ᵇ - 1)          b octaves wide, at every scale alike

The real part of g is even, a bar detector; its imaginary part is odd, an edge detector; together
they are a sine's two phases, and the magnitude |I * g| says "here is such a wave", whatever its
phase. Light adds a constant to a picture: c = exp(-κ²/2), which makes Σ g = 0, takes it away (here
c is the ratio of the sums on the pixels, so that Σ g is 0 to the last digits). A cell in the visual
cortex has b about 1½ and γ = ½: a window twice as long as wide.

The bank has S scales f₀, f₀/√2, f₀/2, … and O orientations 0, π/O, 2π/O, …; filter k = s · O + o.

**By FFT, with the mirror for a border.** A picture with its mirror images, period (2H, 2W), goes
on without a seam. Its circular convolution is what a direct one with the border mirrored gives, for
filters of any size, even larger than the picture; so one product a frequency does it:

    I * g = F⁻¹[F(mirrored I) · F(g)]       F(Re g) is real, F(Im g) imaginary: both are one array

Shapes: X (n, H·W) -> (n, filters · parts · rows · columns), in this order.

Sources: Daugman, "Uncertainty relation for resolution in space, spatial frequency, and orientation
optimized by two-dimensional visual cortical filters", 1985. Lee, "Image representation using 2D
Gabor wavelets", 1996 (κ, γ, c). The part of a bank: Deng, Jin, Zhen, Huang, "A new facial
expression recognition method based on local Gabor filter bank and PCA plus LDA", 2005.
Chapter: docs/gabor.md
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet import ops
from scratchnet.classical.base import Transformer, check_features, check_X
from scratchnet.vision.resize import resize

Array = NDArray[Any]

REACH = 3.0
"""A kernel ends after so many σ, where its window has fallen to exp(-4.5) = 1 %."""
BATCH_BYTES = 2**20
"""Pictures are filtered a batch at a time, whose spectra take so many bytes."""
PARTS: dict[str, tuple[str, ...]] = {
    "magnitude": ("magnitude",),
    "real": ("real",),
    "imaginary": ("imaginary",),
    "complex": ("real", "imaginary"),
}


def gabor_kernel(
    frequency: float,
    theta: float,
    bandwidth: float = 1.5,
    aspect: float = 0.5,
    dc_free: bool = True,
) -> Array:
    """g as (2ry+1, 2rx+1) complex128, the origin in its middle; it reaches 3 σ along both its axes.

    Args:
        frequency: f, waves a pixel, at most ½.
        theta: θ in radians, from the x axis downwards.
        bandwidth: b in octaves, between the frequencies where the response is half.
        aspect: γ, the window's width over its length.
        dc_free: subtract c.
    """
    kappa = np.sqrt(2 * np.log(2)) * (2**bandwidth + 1) / (2**bandwidth - 1)
    sigma = kappa / (2 * np.pi * frequency)
    across, along = REACH * sigma, REACH * sigma / aspect
    c, s = np.cos(theta), np.sin(theta)
    rx = int(np.ceil(max(abs(across * c), abs(along * s), 1.0)))
    ry = int(np.ceil(max(abs(across * s), abs(along * c), 1.0)))
    y, x = np.mgrid[-ry : ry + 1, -rx : rx + 1]
    xr, yr = x * c + y * s, y * c - x * s
    window = aspect / (2 * np.pi * sigma**2) * np.exp(-(xr**2 + (aspect * yr) ** 2) / 2 / sigma**2)
    wave: Array = np.exp(2j * np.pi * frequency * xr)
    if dc_free:
        wave -= (window * wave.real).sum() / window.sum()
    return window * wave


def kernel_spectrum(kernel: Array, shape: tuple[int, int]) -> Array:
    """F(Re g) and F(Im g) / i, both real, (2, 2H, W+1) float64, for mirrored pictures (H, W).

    A kernel that is larger than the period (2H, 2W) goes round and is added to itself.
    """
    H, W = shape
    ry, rx = kernel.shape[0] // 2, kernel.shape[1] // 2
    rows, columns = np.arange(-ry, ry + 1) % (2 * H), np.arange(-rx, rx + 1) % (2 * W)
    wrapped = np.zeros((2 * H, 2 * W), np.complex128)
    np.add.at(wrapped, (rows[:, None], columns), kernel)
    return np.stack([np.fft.rfft2(wrapped.real).real, np.fft.rfft2(wrapped.imag).imag])


def mirrored_spectrum(images: Array) -> Array:
    """F of pictures (n, H, W) continued by their mirror images, (n, 2H, W+1) complex."""
    mirrored = np.concatenate([images, images[:, ::-1]], axis=1)
    return np.fft.rfft2(np.concatenate([mirrored, mirrored[..., ::-1]], axis=2))


def unmirrored(spectrum: Array, shape: tuple[int, int]) -> Array:
    """F⁻¹ of (n, 2H, W+1), and of it the pictures (n, H, W) alone: the mirrors are not computed."""
    H, W = shape
    rows = np.fft.ifft(spectrum, axis=1)[:, :H]
    return np.fft.irfft(rows, 2 * W, axis=2)[..., :W]


def convolve_directly(images: Array, kernel: Array) -> Array:
    """The definition of I * g, pixel by pixel through `ops`: (n, H, W) -> (n, H, W) complex."""
    ry, rx = kernel.shape[0] // 2, kernel.shape[1] // 2
    mirrored = np.pad(images, ((0, 0), (ry, ry), (rx, rx)), mode="symmetric")[:, None]
    turned = kernel[::-1, ::-1]  # > ops correlates; a convolution turns its kernel by 180°
    weights = np.stack([turned.real, turned.imag]).astype(images.dtype)[:, None]
    y = ops.conv2d_forward(mirrored, weights, None, (1, 1), ((0, 0), (0, 0)), (1, 1), 1)
    return y[:, 0] + 1j * y[:, 1]


class GaborBank(Transformer):
    """A bank of Gabor filters; its features are the responses' means over the cells of a grid.

    Args:
        scales: S.
        orientations: O.
        frequency: f₀ of the finest scale, in waves a pixel.
        spacing: from one scale to the next the frequency is divided by this.
        bandwidth: b in octaves.
        aspect: γ.
        dc_free: take c away, so that even light gives no response.
        filters: "all", or "local": of each orientation one scale only, the scales in turn, as Deng
            et al. have it: O filters instead of S · O.
        part: "magnitude", "real", "imaginary" or "complex" (real, then imaginary).
        grid: rows and columns of cells.
        reduce: "mean" of each cell, or "sample", the pixel at its centre.
        shape: (H, W) of the pictures; None takes them for squares.

    Attributes:
        kernels_: the filters as arrays (2ry+1, 2rx+1) complex128.
        frequencies_, thetas_: of each filter.
        shape_: (H, W).
        n_features_in_: H · W.
    """

    def __init__(
        self,
        scales: int = 5,
        orientations: int = 8,
        *,
        frequency: float = 0.25,
        spacing: float = 2**0.5,
        bandwidth: float = 1.5,
        aspect: float = 0.5,
        dc_free: bool = True,
        filters: Literal["all", "local"] = "all",
        part: Literal["magnitude", "real", "imaginary", "complex"] = "magnitude",
        grid: tuple[int, int] = (8, 8),
        reduce: Literal["mean", "sample"] = "mean",
        shape: tuple[int, int] | None = None,
    ) -> None:
        self.scales = scales
        self.orientations = orientations
        self.frequency = frequency
        self.spacing = spacing
        self.bandwidth = bandwidth
        self.aspect = aspect
        self.dc_free = dc_free
        self.filters = filters
        self.part = part
        self.grid = grid
        self.reduce = reduce
        self.shape = shape

    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Make the filters for pictures of X's size; nothing is learned from its values.

        Raises:
            ValueError: an argument out of its range, or a row of X is no picture.
        """
        self._check_arguments()
        X = check_X(X, estimator=self)
        self.n_features_in_ = X.shape[1]
        self.shape_ = H, W = self._picture_shape(X.shape[1])
        if self.grid[0] > H or self.grid[1] > W:
            raise ValueError(
                f"GaborBank expects a grid of at most {H} × {W} cells, one a pixel, got {self.grid}"
            )
        chosen = [(s, o) for s in range(self.scales) for o in range(self.orientations)]
        if self.filters == "local":
            chosen = [(o % self.scales, o) for o in range(self.orientations)]
        scale, orientation = np.array(chosen).T
        self.frequencies_ = self.frequency / self.spacing ** scale.astype(np.float64)
        self.thetas_ = np.pi * orientation / self.orientations
        self.kernels_ = [
            gabor_kernel(f, theta, self.bandwidth, self.aspect, self.dc_free)
            for f, theta in zip(self.frequencies_, self.thetas_, strict=True)
        ]
        spectra = [kernel_spectrum(kernel, (H, W)) for kernel in self.kernels_]
        self.spectra_ = np.stack(spectra).astype(np.float32)
        return self

    def transform(self, X: ArrayLike) -> Array:
        """The features (n, filters · parts · rows · columns), float32."""
        images = check_features(self, X).reshape(-1, *self.shape_)
        features = np.zeros((len(images), len(self.kernels_), len(PARTS[self.part]), *self.grid))
        features = features.astype(np.float32)
        for part, k, response in self._batches(images, PARTS[self.part]):
            for j, values in enumerate(response):
                features[part, k, j] = self._reduced(values)
        return features.reshape(len(images), -1)

    def responses(self, images: ArrayLike) -> Array:
        """I * g of every filter at every pixel, (n, filters, H, W) complex64: the Gabor space.

        Args:
            images: (n, H, W), of the size that `fit` saw.
        """
        pictures = np.asarray(images)
        if pictures.ndim != 3:
            raise ValueError(f"GaborBank expects pictures (n, H, W), got shape {pictures.shape}")
        X = check_features(self, pictures.reshape(len(pictures), -1))
        space = np.zeros((len(X), len(self.kernels_), *self.shape_), np.complex64)
        for part, k, (re, im) in self._batches(X.reshape(-1, *self.shape_), PARTS["complex"]):
            space[part, k] = re + 1j * im
        return space

    def _batches(
        self, images: Array, parts: tuple[str, ...]
    ) -> Iterator[tuple[slice, int, list[Array]]]:
        """Batch by batch and filter by filter: which pictures, which filter, the parts wanted."""
        H, W = self.shape_
        size = max(1, BATCH_BYTES // (2 * H * (W + 1) * 8))
        for start in range(0, len(images), size):
            batch = slice(start, start + size)
            spectrum = mirrored_spectrum(images[batch].astype(np.float32))
            for k, (even, odd) in enumerate(self.spectra_):
                found = {}
                if parts != ("imaginary",):
                    found["real"] = unmirrored(spectrum * even, (H, W))
                if parts != ("real",):
                    found["imaginary"] = unmirrored(spectrum * (1j * odd), (H, W))
                if parts == ("magnitude",):
                    found["magnitude"] = np.sqrt(found["real"] ** 2 + found["imaginary"] ** 2)
                yield batch, k, [found[name] for name in parts]

    def _reduced(self, values: Array) -> Array:
        """(n, H, W) -> (n, rows, columns)."""
        if self.reduce == "mean":
            return resize(values, self.grid, "area")
        (H, W), (rows, columns) = self.shape_, self.grid
        y, x = (
            (2 * np.arange(rows) + 1) * H // (2 * rows),
            (2 * np.arange(columns) + 1) * W // (2 * columns),
        )
        return values[:, y[:, None], x]

    def _picture_shape(self, pixels: int) -> tuple[int, int]:
        if self.shape is None:
            side = round(pixels**0.5)
            if side * side != pixels:
                raise ValueError(
                    f"GaborBank expects rows of square pictures, got {pixels} pixels; say what "
                    "they are: GaborBank(shape=(H, W))"
                )
            return side, side
        H, W = self.shape
        if pixels != H * W:
            raise ValueError(f"GaborBank expects rows of {H} × {W} pixels, got {pixels}")
        return H, W

    def _check_arguments(self) -> None:
        for name in ("scales", "orientations"):
            if getattr(self, name) < 1:
                raise ValueError(
                    f"GaborBank expects {name} of at least 1, got {getattr(self, name)}"
                )
        if not 0 < self.frequency <= 0.5:
            raise ValueError(
                f"GaborBank expects a frequency in (0, ½] waves a pixel, got {self.frequency}"
            )
        for name in ("bandwidth", "aspect", "spacing"):
            if not getattr(self, name) > 0:
                raise ValueError(f"GaborBank expects {name} > 0, got {getattr(self, name)}")
        choices = (("part", PARTS), ("filters", ("all", "local")), ("reduce", ("mean", "sample")))
        for name, known in choices:
            given = getattr(self, name)
            if given not in known:
                raise ValueError(
                    f"GaborBank expects {name} among {', '.join(known)}, got {given!r}"
                )
        if len(self.grid) != 2 or min(self.grid) < 1:
            raise ValueError(f"GaborBank expects a grid (rows, columns) from 1, got {self.grid}")
