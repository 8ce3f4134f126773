"""The ground under all figures: made without pyplot, saved whole, honest about a missing extra."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from scratchnet.visualize import palette, save_figure
from scratchnet.visualize.figure import DPI, as_picture, blank_figure, headline, mosaic

matplotlib = pytest.importorskip("matplotlib")


def test_saved_figure_has_its_inches_times_dpi_pixels(tmp_path):
    figure = blank_figure(3, 2)
    headline(figure, "a fact")
    path = save_figure(figure, tmp_path / "fact.png")
    with Image.open(path) as image:
        assert image.format == "PNG"
        assert image.size == (3 * DPI, 2 * DPI)


def test_saving_replaces_the_old_picture_and_leaves_nothing_else(tmp_path):
    for _ in range(2):
        save_figure(blank_figure(1, 1), tmp_path / "a.png")
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_a_failed_save_leaves_the_old_picture_whole(tmp_path):
    class Broken:
        def savefig(self, path, format):
            path.write_bytes(b"half a pict")
            raise OSError("disk full")

    save_figure(blank_figure(1, 1), tmp_path / "a.png")
    before = (tmp_path / "a.png").read_bytes()
    with pytest.raises(OSError, match="disk full"):
        save_figure(Broken(), tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_other_formats_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"saved as \.png, got a\.jpg"):
        save_figure(blank_figure(1, 1), tmp_path / "a.jpg")


def test_importing_visualize_imports_neither_matplotlib_nor_pandas():
    code = (
        "import sys, scratchnet.visualize; "
        "print(sorted({'matplotlib', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_figures_do_not_touch_pyplot():
    code = (
        "import sys; from scratchnet.visualize import rank_bars; rank_bars([3, 1]); "
        "print('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_without_matplotlib_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r'pip install "scratchnet\[examples\]"'):
        blank_figure(1, 1)


# -- pictures -------------------------------------------------------------------------------


def test_bytes_are_shown_as_they_are_and_floats_are_stretched():
    assert as_picture(np.array([[0, 51]], np.uint8)).tolist() == [[0.0, 0.2]]
    assert as_picture(np.array([[-1.0, 0.0, 1.0]])).tolist() == [[0.0, 0.5, 1.0]]


def test_a_flat_float_image_is_mid_grey():
    assert as_picture(np.full((2, 2), 3.0)).tolist() == [[0.5, 0.5], [0.5, 0.5]]


def test_channels_go_last_and_a_single_one_goes_away():
    assert as_picture(np.zeros((1, 4, 5))).shape == (4, 5)
    assert as_picture(np.zeros((3, 4, 5))).shape == (4, 5, 3)
    with pytest.raises(ValueError, match=r"got \(2, 4, 5\)"):
        as_picture(np.zeros((2, 4, 5)))


def test_mosaic_puts_tiles_in_rows_with_gaps():
    tiles = np.array([[[1.0]], [[2.0]], [[3.0]]])
    nan = np.nan
    expected = [[1, nan, 2], [nan, nan, nan], [3, nan, nan]]
    np.testing.assert_equal(mosaic(tiles, columns=2, zoom=1, gap=1), expected)


# -- colours --------------------------------------------------------------------------------


def test_an_expression_keeps_its_colour_when_another_is_left_out():
    seven = ["Angry", "Disgust", "Fear", "Happy", "Sad", "Surprise", "Neutral"]
    six = [name for name in seven if name != "Disgust"]
    colors = dict(zip(seven, palette.class_colors(seven), strict=True))
    assert palette.class_colors(six) == [colors[name] for name in six]
    assert len(set(colors.values())) == 7


def test_unknown_classes_take_the_palette_in_turn():
    assert palette.class_colors(["cat", "dog"]) == list(palette.OKABE_ITO[:2])
    assert len(palette.class_colors([str(k) for k in range(20)])) == 20
