"""Active appearance model: a face as a shape and a texture, found in an image by their own doing.

    shape        s = T (mean + p S)                 `shape_model`: T pose, p shape parameters
    texture      g = mean + λ A                     `texture_model`, over the pixels x of the mean
                                                    shape, which W(x; s) finds in the image
    combined     c = Q (w p, λ)                     one PCA of both: a grin moves lips *and* shows
                                                    teeth; w² = Σ var λ / Σ var p makes units equal

To fit is to find s and λ of an image. Let r = image(W(·; s)) - mean be what it shows within s.
Inverse compositional: not the shape is moved over the image but, by δ, the *template* under it; the
change of the template is known beforehand, and the shape then takes the move back:

    minimise  |r - λ A - J δ|² / σ² + Σ λ²/v + Σ (p - δ)²/λ_p     over λ and δ at once
        J = ∇(mean + λ A) ∂W/∂δ                     steepest-descent images, at λ = D A r
        B = J Aᵀ,  D = v / (v + σ²)                 λ, eliminated:
        (J Jᵀ - B D Bᵀ + σ² P) δ = J r - B D A r + σ² P p            P = 1/λ_p; 0 for the pose
    s <- W(mean - δ; s), its p back within 3 standard deviations

D = 1 and σ²P = 0 would be the simultaneous algorithm of Matthews and Baker (what texture explains
is projected out). Textures are edges (`edge_texture`). The model is fitted to a blurred image
first, where edges are felt from afar, then to the sharp one.

Sources: Cootes, Edwards, Taylor, "Active appearance models", 2001 (the model); Matthews, Baker,
"Active appearance models revisited", 2004, and Gross, Matthews, Baker, "Generic vs. person specific
active appearance models", 2005 (the fitting); Papandreou, Maragos, "Adaptive and constrained
algorithms for inverse compositional active appearance model fitting", 2008 (the priors).
Chapter: docs/appearance_model.md
"""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike

from scratchnet.classical.base import Array, Estimator, check_fitted
from scratchnet.classical.edge_texture import edge_texture, gradient_field
from scratchnet.classical.pca import PCA
from scratchnet.classical.piecewise_affine import PiecewiseAffine
from scratchnet.classical.procrustes import check_shapes, scale_of
from scratchnet.classical.shape_model import ShapeModel
from scratchnet.classical.texture_model import TextureModel


class FittedFace(NamedTuple):
    """Where the model came to rest in one image."""

    landmarks: Array
    """(L, 2): x, y in pixels of the image."""
    parameters: Array
    """(C,): c, shape and texture in one; pose is left out."""
    errors: tuple[Array, ...]
    """For each blur, the error before each step: the root mean square of r that λ leaves
    unexplained. Each blur has a texture, and so an error, of its own."""
    path: Array
    """(steps + 1, L, 2): the landmarks from the start to the end."""


class ActiveAppearanceModel(Estimator):
    """Active appearance model.

    Args:
        width: of the mean shape in the reference frame, in pixels. About as wide as the faces are
            in the images: more is slow and tells nothing new.
        explained_shape, explained_texture, explained: shares of variance that shape, texture and
            combined parameters keep.
        rim: how far beyond the outermost landmarks the texture goes (`shape_model`); above 1.
        blurs: of the images, the strongest first, in pixels of the reference frame.
        max_iter: steps for each blur.
        tol: a step that moves no landmark farther than this ends it; pixels of the reference frame.

    Attributes:
        mean_shape_: (L, 2), about the origin, in the reference frame.
        triangles_: (T, 3), of the mesh over the L landmarks and the rim's points.
        shape_model_, texture_models_ (one for each blur), combined_ (a PCA), mesh_.
    """

    def __init__(
        self,
        *,
        width: float = 32.0,
        explained_shape: float = 0.98,
        explained_texture: float = 0.9,
        explained: float = 0.98,
        rim: float = 1.3,
        blurs: tuple[float, ...] = (2.5, 0.7),
        max_iter: int = 30,
        tol: float = 0.01,
    ) -> None:
        self.width = width
        self.explained_shape = explained_shape
        self.explained_texture = explained_texture
        self.explained = explained
        self.rim = rim
        self.blurs = blurs
        self.max_iter = max_iter
        self.tol = tol

    def fit(self, images: ArrayLike, landmarks: ArrayLike) -> Self:
        """Learn from grey images (N, H, W) and their landmarks (N, L, 2), x and y in pixels.

        Raises:
            ValueError: shapes that don't fit together, NaN, fewer than three faces, faces that
                are all the same, or a mean shape whose landmarks can't be triangulated.
        """
        shapes = check_shapes(landmarks, at_least=3)
        images = _check_images(images, len(shapes))
        self._check_options()
        self.shape_model_ = ShapeModel.fit(shapes, self.width, self.explained_shape)
        self.mean_shape_ = self.shape_model_.mean
        self._rim = self.shape_model_.with_rim(self.rim)
        self._directions = self._rim @ self.shape_model_.directions()
        base = self._rim @ self.mean_shape_
        self.mesh_ = PiecewiseAffine.over(base - base.min(axis=0))
        self.triangles_ = self.mesh_.triangles
        self._moves = self.mesh_.points(self._directions)

        self.texture_models_ = []
        for blur in self.blurs:
            pairs = zip(images, shapes, strict=True)
            textures = np.stack([self._texture(image, shape, blur) for image, shape in pairs])
            model = TextureModel.fit(textures, self.mesh_, self.explained_texture)
            self.texture_models_.append(model)

        p = np.stack([self.shape_model_.split(shape)[1] for shape in shapes])
        amounts = (textures - model.mean) @ model.modes.T
        self.weight_ = float(np.sqrt(model.variances.sum() / self.shape_model_.variances.sum()))
        self.combined_ = PCA(n_components=self.explained).fit(
            np.hstack([self.weight_ * p, amounts])
        )
        return self

    def fit_face(self, image: ArrayLike, start: ArrayLike) -> FittedFace:
        """Find the face in an image (H, W), from landmarks (L, 2) that are roughly right.

        The mean shape in the place of the face, `move(similarity(...), model.mean_shape_)` of
        `vision.geometry`, is such a start. The error need not fall with every step.

        Raises:
            NotFittedError: before `fit`.
            ValueError: another shape of image or start, NaN, or an image with no edge at all.
        """
        picture, landmarks = self._check_face(image, start)
        if picture.min() == picture.max():
            raise ValueError("the image has no edge at all, so there is nothing to fit to")
        scale = scale_of(self.shape_model_.split(landmarks)[0])
        landmarks = self.shape_model_.plausible(landmarks)
        path, errors = [landmarks], []
        for blur, model in zip(self.blurs, self.texture_models_, strict=True):
            field, history = gradient_field(picture, blur * scale), []
            for _ in range(self.max_iter):
                before = landmarks
                landmarks, error = self._step(field, before, model)
                path.append(landmarks)
                history.append(error)
                if np.abs(landmarks - before).max() <= self.tol * scale:
                    break
            errors.append(np.array(history))
        c = self.parameters(picture, landmarks)
        return FittedFace(landmarks, c, tuple(errors), np.stack(path))

    def transform(self, images: ArrayLike, starts: ArrayLike) -> Array:
        """The combined parameters (N, C) of the faces found in images (N, H, W) from their starts.

        Raises:
            NotFittedError, ValueError: as `fit_face`.
        """
        check_fitted(self)
        starts = check_shapes(starts)
        images = _check_images(images, len(starts))
        pairs = zip(images, starts, strict=True)
        return np.stack([self.fit_face(image, start).parameters for image, start in pairs])

    def parameters(self, image: ArrayLike, landmarks: ArrayLike) -> Array:
        """The combined parameters c (C,) of a face whose landmarks (L, 2) are known.

        Raises:
            NotFittedError, ValueError: as `fit_face`.
        """
        image, landmarks = self._check_face(image, landmarks)
        model = self.texture_models_[-1]
        texture = self._texture(image, landmarks, self.blurs[-1])
        _, p = self.shape_model_.split(landmarks)
        both = np.concatenate([self.weight_ * p, model.modes @ (texture - model.mean)])
        c: Array = self.combined_.transform(both[None])[0]
        return c

    def shape_free(self, image: ArrayLike, landmarks: ArrayLike) -> Array:
        """The face within landmarks (L, 2), warped to the mean shape: (h, w), 0 beyond the mesh.

        Raises:
            NotFittedError, ValueError: as `fit_face`.
        """
        image, landmarks = self._check_face(image, landmarks)
        return self.mesh_.picture(self.mesh_.texture(image, self._rim @ landmarks))

    def _texture(self, image: ArrayLike, landmarks: ArrayLike, blur: float) -> Array:
        """(2M,): what an image shows within landmarks, blurred as strongly as the face is large."""
        pose, _ = self.shape_model_.split(landmarks)
        field = gradient_field(image, blur * scale_of(pose))
        return edge_texture(field, self.mesh_.points(self._rim @ landmarks), pose)

    def _step(self, field: Array, landmarks: Array, model: TextureModel) -> tuple[Array, float]:
        """One step of the inverse composition: the new landmarks, and the error before it."""
        pose, p = self.shape_model_.split(landmarks)
        mesh, D = self.mesh_, model.certainty
        r = edge_texture(field, mesh.points(self._rim @ landmarks), pose) - model.mean
        projected = model.modes @ r
        J = model.steepest_descent(D * projected, self._moves)
        B = J @ model.modes.T
        prior = np.concatenate([np.zeros(4), model.noise / self.shape_model_.variances])
        H = J @ J.T - (B * D) @ B.T + np.diag(prior)
        delta = np.linalg.solve(H, J @ r - B @ (D * projected) + prior * [0, 0, 0, 0, *p])

        moved = mesh.shape - np.tensordot(delta, self._directions, axes=1)
        taken = mesh.compose(self._rim @ landmarks, moved)[: len(landmarks)]
        unexplained = r @ r - projected @ (D * projected)
        return self.shape_model_.plausible(taken), float(np.sqrt(unexplained / len(r)))

    def _check_face(self, image: ArrayLike, landmarks: ArrayLike) -> tuple[Array, Array]:
        """A grey image (H, W) and as many landmarks as the model has, all finite."""
        check_fitted(self)
        images = _check_images(np.asarray(image)[None], 1)
        shapes = check_shapes(np.asarray(landmarks, np.float64)[None])
        if shapes[0].shape != self.mean_shape_.shape:
            raise ValueError(
                f"the model has {len(self.mean_shape_)} landmarks, got {len(shapes[0])} of the face"
            )
        return images[0], shapes[0]

    def _check_options(self) -> None:
        """Refuse options that can't be meant."""
        if not self.width >= 8:
            raise ValueError(f"width expects 8 pixels or more, got {self.width}: no face is seen")
        if not self.rim > 1:
            raise ValueError(f"rim expects a factor above 1, got {self.rim}")
        if not self.blurs or not min(self.blurs) > 0:
            raise ValueError(f"blurs expects one number above 0 or more, got {self.blurs}")
        if not self.max_iter >= 1:
            raise ValueError(f"max_iter expects one step or more, got {self.max_iter}")


def _check_images(images: ArrayLike, N: int) -> Array:
    """Images as (N, H, W), real and finite, at least 2 × 2."""
    images = np.asarray(images)
    if images.ndim != 3 or len(images) != N or min(images.shape[1:]) < 2:
        raise ValueError(
            f"expected {N} grey images ({N}, H, W), one for each shape, got {images.shape}; "
            "a batch (N, 1, H, W) is images[:, 0]"
        )
    if images.dtype.kind not in "uif" or not np.isfinite(images).all():
        raise ValueError("expected images of finite real pixels, got NaN, infinity or objects")
    return images
