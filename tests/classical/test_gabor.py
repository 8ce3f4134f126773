"""Gabor filters: values by hand, their laws, the convolution's definition, and scikit-image."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.classical import PCA, LinearDiscriminantAnalysis, gabor
from scratchnet.classical.gabor import (
    GaborBank,
    convolve_directly,
    gabor_kernel,
    kernel_spectrum,
    mirrored_spectrum,
    unmirrored,
)


def pictures(n, H, W, seed=0):
    return np.random.default_rng(seed).uniform(0, 255, (n, H, W))


# -- by hand --------------------------------------------------------------------------------------


def test_a_filter_of_a_quarter_wave_a_pixel_and_one_octave():
    # κ = 3 √(2 ln 2) = 3.5322, σ = κ / 2π·¼ = 2.2487; in the middle ½ / 2πσ² = 0.015738.
    g = gabor_kernel(0.25, 0.0, bandwidth=1, aspect=0.5, dc_free=False)
    assert g.shape == (29, 15)  # 3 · 2σ = 13.5 up and down, 3 σ = 6.7 across
    middle = g[14, 7]
    assert middle == pytest.approx(0.015738, abs=1e-6)
    # Two pixels on, half a wave: exp(-4 / 2σ²) = 0.6733, the sign turned.
    assert (g[14, 9] / middle).real == pytest.approx(-0.6733, abs=1e-4)
    # One pixel on, a quarter of a wave: exp(-1 / 2σ²) = 0.9058, all of it imaginary.
    assert g[14, 8] / middle == pytest.approx(0.9058j, abs=1e-4)
    # Along the crest the window is twice as long: four down are like two across.
    assert (g[18, 7] / middle).real == pytest.approx(0.6733, abs=1e-4)


def test_the_mean_of_the_wave_is_taken_away():
    # exp(-κ²/2) = 0.00195 for one octave: little, but a face's grey is 100 times its details.
    plain, free = (gabor_kernel(0.1, 0.3, 1.0, 0.5, dc) for dc in (False, True))
    assert plain.sum() == pytest.approx(np.exp(-(9 * np.log(2))), abs=3e-3)
    assert abs(free.sum()) < 1e-15
    ratio = (plain - free).real / np.abs(plain)
    np.testing.assert_allclose(ratio, ratio[0, 0], atol=1e-12)


def test_a_wave_of_the_filters_own_length_and_direction_has_magnitude_one_half():
    # cos = (e^{iωx} + e^{-iωx}) / 2, and the filter passes one of the two.
    y, x = np.mgrid[:96, :96]
    wave = np.cos(2 * np.pi * 0.125 * (x * np.cos(0.5) + y * np.sin(0.5)))
    for theta, expected in ((0.5, 0.5), (0.5 + np.pi / 2, 0.0)):
        g = gabor_kernel(0.125, theta)
        response = convolve_directly(wave[None], g)[0, 40:56, 40:56]
        np.testing.assert_allclose(np.abs(response), expected, atol=0.012)


def test_forty_filters_scale_by_scale():
    bank = GaborBank().fit(np.zeros((1, 2304)))
    assert bank.frequencies_[[0, 7, 8, 16, 39]] == pytest.approx(
        [0.25, 0.25, 0.1768, 0.125, 0.0625], abs=1e-4
    )
    np.testing.assert_allclose(
        np.rad2deg(bank.thetas_[:9]), [0, 22.5, 45, 67.5, 90, 112.5, 135, 157.5, 0]
    )
    assert bank.transform(np.zeros((3, 2304))).shape == (3, 40 * 64)


def test_a_local_bank_has_one_scale_of_each_orientation_the_scales_in_turn():
    bank = GaborBank(3, 4, filters="local", spacing=2).fit(np.zeros((1, 2304)))
    assert bank.frequencies_.tolist() == [0.25, 0.125, 0.0625, 0.25]
    np.testing.assert_allclose(bank.thetas_, np.pi * np.arange(4) / 4)


def test_features_are_means_of_cells_or_the_pixel_at_their_centre():
    X = pictures(2, 12, 12).reshape(2, -1)
    options = {"scales": 1, "orientations": 3, "grid": (2, 3)}
    magnitude = np.abs(GaborBank(**options).fit(X).responses(X.reshape(2, 12, 12)))
    mean = GaborBank(**options).fit_transform(X).reshape(2, 3, 2, 3)
    np.testing.assert_allclose(mean[1, 2, 1, 0], magnitude[1, 2, 6:, :4].mean(), rtol=1e-5)
    sample = GaborBank(**options, reduce="sample").fit_transform(X).reshape(2, 3, 2, 3)
    np.testing.assert_allclose(sample[1, 2], magnitude[1, 2][np.ix_([3, 9], [2, 6, 10])], rtol=1e-5)


def test_complex_features_are_all_real_parts_of_a_filter_and_then_all_imaginary_ones():
    X = pictures(2, 8, 8).reshape(2, -1)
    options = {"scales": 1, "orientations": 2, "grid": (8, 8)}
    both = GaborBank(**options, part="complex").fit_transform(X).reshape(2, 2, 2, 64)
    for index, part in enumerate(("real", "imaginary")):
        alone = GaborBank(**options, part=part).fit_transform(X).reshape(2, 2, 64)
        assert np.array_equal(both[:, :, index], alone)


# -- laws -----------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(
    st.integers(5, 20), st.integers(5, 20), st.floats(0.05, 0.5), st.floats(0, 2 * np.pi),
    st.floats(0.5, 2.0),
)  # fmt: skip
def test_the_fft_gives_the_definition_for_filters_of_any_size(H, W, frequency, theta, aspect):
    images = pictures(2, H, W)
    g = gabor_kernel(frequency, theta, 1.5, aspect)
    even, odd = kernel_spectrum(g, (H, W))
    spectrum = mirrored_spectrum(images)
    ours = unmirrored(spectrum * even, (H, W)) + 1j * unmirrored(spectrum * (1j * odd), (H, W))
    np.testing.assert_allclose(ours, convolve_directly(images, g), atol=1e-9)


def test_the_bank_in_float32_is_the_definition_in_float64():
    images = pictures(2, 48, 48)
    bank = GaborBank().fit(images.reshape(2, -1))
    space = bank.responses(images)
    for k in (0, 13, 39):
        np.testing.assert_allclose(
            space[:, k], convolve_directly(images, bank.kernels_[k]), atol=2e-4
        )


@settings(max_examples=30, deadline=None)
@given(st.floats(0.05, 0.5), st.floats(0, np.pi), st.booleans())
def test_a_filters_real_part_is_even_and_its_imaginary_part_odd(frequency, theta, dc_free):
    g = gabor_kernel(frequency, theta, dc_free=dc_free)
    np.testing.assert_allclose(g[::-1, ::-1], g.conj(), atol=1e-15)


def test_light_and_dark_pictures_look_alike_to_a_bank_without_the_mean():
    X = pictures(2, 16, 16).reshape(2, -1)
    features = GaborBank().fit_transform(X)
    np.testing.assert_allclose(GaborBank().fit_transform(X + 1000), features, atol=2e-3)
    np.testing.assert_allclose(GaborBank().fit_transform(3 * X), 3 * features, rtol=1e-4)
    assert np.abs(GaborBank(dc_free=False).fit_transform(X + 1000) - features).max() > 5


def test_a_turned_picture_turns_its_responses():
    image = pictures(1, 20, 20)
    bank = GaborBank(2, 2).fit(image.reshape(1, -1))
    upright, turned = (
        np.abs(bank.responses(image)),
        np.abs(bank.responses(np.rot90(image, 1, (1, 2)))),
    )
    expected = np.rot90(upright[:, [1, 0, 3, 2]], 1, (2, 3))
    np.testing.assert_allclose(turned, expected, atol=1e-3)


def test_batches_do_not_change_a_bit(monkeypatch):
    X = pictures(7, 16, 16).reshape(7, -1)
    together = GaborBank().fit_transform(X)
    monkeypatch.setattr(gabor, "BATCH_BYTES", 1)
    assert np.array_equal(GaborBank().fit_transform(X), together)


def test_wide_pictures_are_taken_with_their_shape():
    X = pictures(2, 10, 24).reshape(2, -1)
    bank = GaborBank(2, 4, shape=(10, 24), grid=(2, 6)).fit(X)
    assert bank.transform(X).shape == (2, 8 * 12)
    expected = convolve_directly(X.reshape(2, 10, 24), bank.kernels_[5])
    np.testing.assert_allclose(bank.responses(X.reshape(2, 10, 24))[:, 5], expected, atol=2e-4)


# -- as in the report -----------------------------------------------------------------------------


def test_local_gabor_and_pca_and_lda_compose(faces):
    """As the report's 97.33 %, on other faces: local bank, principal axes, Fisher's axes."""
    bank, pca = GaborBank(filters="local"), PCA(150)
    Z = pca.fit_transform(bank.fit_transform(faces.X))
    lda = LinearDiscriminantAnalysis().fit(Z, faces.y)
    Z_test = pca.transform(bank.transform(faces.X_test))
    assert lda.score(Z_test, faces.y_test) > 0.6 > 2 * faces.nearest_neighbour


# -- peers ----------------------------------------------------------------------------------------


@pytest.mark.oracle
@pytest.mark.parametrize("k", [0, 5, 14, 27, 39])
def test_scikit_image_filters_alike(k):
    filters = pytest.importorskip("skimage.filters")
    image = pictures(1, 32, 40)
    bank = GaborBank(dc_free=False, shape=(32, 40)).fit(image.reshape(1, -1))
    f, theta = bank.frequencies_[k], bank.thetas_[k]
    sigma = np.sqrt(2 * np.log(2)) * (2**1.5 + 1) / (2**1.5 - 1) / (2 * np.pi * f)
    expected = filters.gabor_kernel(f, theta, sigma_x=sigma, sigma_y=2 * sigma)
    np.testing.assert_allclose(bank.kernels_[k], expected, atol=1e-15)
    re, im = filters.gabor(image[0], f, theta, sigma_x=sigma, sigma_y=2 * sigma, mode="reflect")
    np.testing.assert_allclose(bank.responses(image)[0, k], re + 1j * im, atol=2e-4)


# -- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scales": 0}, "scales of at least 1, got 0"),
        ({"orientations": 0}, "orientations of at least 1"),
        ({"frequency": 0.6}, r"\(0, ½\] waves a pixel, got 0.6"),
        ({"bandwidth": 0}, "bandwidth > 0, got 0"),
        ({"spacing": -1}, "spacing > 0"),
        ({"part": "phase"}, "magnitude, real, imaginary, complex, got 'phase'"),
        ({"filters": "some"}, "all, local, got 'some'"),
        ({"reduce": "max"}, "mean, sample, got 'max'"),
        ({"grid": (0, 8)}, r"\(rows, columns\) from 1, got \(0, 8\)"),
        ({"grid": (17, 8)}, "at most 16 × 16 cells"),
        ({"shape": (10, 10)}, "rows of 10 × 10 pixels, got 256"),
    ],
)
def test_arguments_out_of_range_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        GaborBank(**options).fit(np.zeros((1, 256)))


def test_rows_that_are_no_pictures_are_refused():
    with pytest.raises(ValueError, match=r"square pictures, got 200 pixels; .*shape=\(H, W\)"):
        GaborBank().fit(np.zeros((1, 200)))
    with pytest.raises(ValueError, match="not fitted"):
        GaborBank().transform(np.zeros((1, 256)))
    bank = GaborBank().fit(np.zeros((1, 256)))
    with pytest.raises(ValueError, match="400 features, but GaborBank is expecting 256"):
        bank.transform(np.zeros((1, 400)))
    with pytest.raises(ValueError, match=r"\(n, H, W\), got shape \(16, 16\)"):
        bank.responses(np.zeros((16, 16)))
    with pytest.raises(ValueError, match=r"NaN in X\[0, 3\]"):
        bank.transform(np.where(np.arange(256) == 3, np.nan, 0.0)[None])
