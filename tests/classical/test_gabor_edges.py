"""Gabor edges and salient points: on pictures of one line, one step, one dot."""

import numpy as np
import pytest

from scratchnet.classical.gabor import GaborBank
from scratchnet.classical.gabor_edges import gabor_edges, gabor_energy, salient_points


def energy_of(image, **options):
    bank = GaborBank(**({"scales": 2, "orientations": 8} | options))
    return gabor_energy(image[None], bank.fit(image.reshape(1, -1)))


def test_a_row_of_energies_keeps_its_peak_only():
    energy = np.zeros((1, 4, 1, 5))
    energy[0, 0, 0] = [1, 3, 2, 0, 1]  # direction 0: neighbours left and right
    energy[0, 2, 0, 4] = 2  # direction 90°: neighbours above and below, and there are none
    strength, direction = gabor_edges(energy)
    assert strength[0, 0].tolist() == [0, 3, 0, 0, 2]
    assert direction[0, 0].tolist() == [0, 0, 0, 0, 2]


def test_weak_peaks_and_the_second_pixel_of_a_plateau_are_no_edges():
    energy = np.zeros((1, 1, 1, 6))
    energy[0, 0, 0] = [0, 4, 4, 0, 0.9, 0]
    assert gabor_edges(energy, share=0.25)[0][0, 0].tolist() == [0, 4, 0, 0, 0, 0]
    assert gabor_edges(energy, share=0.2)[0][0, 0].tolist() == [0, 4, 0, 0, 0.9, 0]


@pytest.mark.parametrize("light", [1, -1])
def test_a_step_from_dark_to_light_is_one_thin_line(light):
    image = np.zeros((32, 32))
    image[:, 16:] = 100 * light
    strength, direction = gabor_edges(energy_of(image), share=0.5)
    edge = strength[0] > 0
    assert edge.sum(axis=1).tolist() == [1] * 32
    assert set(np.nonzero(edge)[1]) <= {15, 16}
    assert set(direction[0][edge]) == {0}


def test_a_line_has_its_edge_on_itself_and_its_direction_across():
    image = np.zeros((32, 32))
    image[20] = 100
    strength, direction = gabor_edges(energy_of(image), share=0.5)
    assert np.array_equal(np.nonzero(strength[0].any(axis=1))[0], [20])
    assert set(direction[0, 20]) == {4}  # 90°: the wave runs down


def test_an_even_picture_has_neither_edges_nor_points():
    energy = energy_of(np.full((16, 16), 80.0))
    energy[energy < 1e-3] = 0  # what float32 leaves of a difference
    assert not gabor_edges(energy)[0].any()
    assert salient_points(energy)[0].shape == (0, 2)


def test_dots_are_the_salient_points_the_brightest_first():
    image = np.zeros((48, 48))
    image[10, 12], image[30, 36] = 100, 200
    (points,) = salient_points(energy_of(image), radius=4)
    assert points[:2].tolist() == [[36, 30], [12, 10]]
    assert salient_points(energy_of(image), limit=1)[0].tolist() == [[36, 30]]


def test_equal_neighbours_give_one_point():
    energy = np.zeros((1, 1, 9, 9))
    energy[0, 0, 4, 3:6] = 1
    assert salient_points(energy, radius=3)[0].tolist() == [[3, 4]]


def test_wrong_inputs_are_named():
    with pytest.raises(ValueError, match=r"\(n, O, H, W\), got \(8, 8\)"):
        gabor_edges(np.zeros((8, 8)))
    with pytest.raises(ValueError, match="from 0 to 1, got 2"):
        gabor_edges(np.zeros((1, 1, 8, 8)), share=2)
    with pytest.raises(ValueError, match="radius of at least 1"):
        salient_points(np.zeros((1, 1, 8, 8)), radius=0)
