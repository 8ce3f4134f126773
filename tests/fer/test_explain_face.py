"""Maps of a crop, and their place on the photo."""

from __future__ import annotations

import numpy as np

from scratchnet import Sequential
from scratchnet.explain import saliency
from scratchnet.fer.answers import Box
from scratchnet.fer.explain_face import explain_face, on_photo
from scratchnet.fer.preprocess import Preprocessing
from scratchnet.layers import Conv2D, Dense, Flatten, ReLU


def test_the_maps_are_those_of_the_networks_own_input():
    layers = [Conv2D(2, 3, stride=4), ReLU(), Flatten(), Dense(3)]
    model = Sequential(layers).build((1, 48, 48), np.random.default_rng(0))
    model.preprocessing = Preprocessing().config()
    crop = np.random.default_rng(1).integers(0, 256, (48, 48), dtype=np.uint8)
    maps = explain_face(model, crop, 2)
    assert {kind: heat.shape for kind, heat in maps.items()} == dict.fromkeys(
        ("Grad-CAM", "saliency", "occlusion"), (48, 48)
    )
    x = Preprocessing()(crop[np.newaxis])
    assert (maps["saliency"] == saliency(model, x, 2)[0]).all()


def test_a_map_lies_where_the_crop_was_cut_out():
    heat = np.full((48, 48), 3.0)
    whole = on_photo(heat, Box(20, 10, 45, 45), (100, 120))  # 48 pixels, from 18, 8 on
    expected = np.zeros((100, 120))
    expected[8:56, 18:66] = 3
    assert (whole == expected).all()


def test_a_map_is_cut_off_at_the_edge_of_the_photo():
    heat = np.tile(np.arange(48.0), (48, 1))  # the column's number
    whole = on_photo(heat, Box(-8, 5, 45, 45), (40, 30))  # columns -10 to 37
    assert whole[20].tolist() == list(range(10, 40))
    assert whole[:3].max() == 0
