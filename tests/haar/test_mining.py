"""Negatives: windows that the detector accepts, pixel for pixel as it saw them."""

import numpy as np
import pytest

from haar.cascade import Cascade, Node, Stage, WeakClassifier
from haar.feature_pool import FeaturePool
from haar.mining import Place, Quarry, mine, vary
from haar.strip import Strip, accept_all
from haar.training_stage import assemble
from tests.haar.faces import draw_wall

POOL = FeaturePool("basic", 12, 12)


def walls(number: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [draw_wall(40, 50 + 7 * i, rng) for i in range(number)]


def picky() -> Cascade:
    """Accepts about a tenth of all windows."""
    stages = [Stage(0.5, (WeakClassifier((Node(f, 0.02),), (0.0, 1.0)),)) for f in (9000, 3000)]
    return assemble(POOL, stages)


def catch(cascade: Cascade, backgrounds, threads: int = 1, place: Place = Place(), **changes):  # noqa: B008
    quarry = Quarry(backgrounds, 12, 12, changes.pop("scale_factor", 1.2), 5, threads)
    given = {"wanted": 50, "passes": 2, "rate": 0.0, **changes}
    return mine(cascade, quarry, place, given["wanted"], given["passes"], given["rate"], note)


def note(found: int, seen: int) -> None: ...


def test_a_pass_sees_a_picture_mirrored_turned_transposed_and_smaller() -> None:
    picture = np.arange(35 * 40, dtype=np.uint8).reshape(35, 40)
    assert (vary(picture, 0, 1.1) == picture).all()
    assert (vary(picture, 1, 1.0) == picture[:, ::-1]).all()
    assert (vary(picture, 2, 1.0) == picture[::-1]).all()
    assert (vary(picture, 7, 1.0) == picture[::-1, ::-1].T).all()
    assert vary(picture, 1, 2.0).shape == (round(35 / 2**0.618034), round(40 / 2**0.618034))


@pytest.mark.parametrize("scale_factor", [1.05, 1.2, 2.0])
def test_what_is_mined_is_accepted(scale_factor: float) -> None:
    found = catch(picky(), walls(5), scale_factor=scale_factor)
    assert len(found.windows) == 50
    assert Strip(found.windows, POOL).accepted(picky()).all()
    assert found.accepted < 0.5 * found.seen


def test_it_is_the_same_on_any_number_of_threads() -> None:
    one, three = (catch(picky(), walls(40), threads, wanted=60) for threads in (1, 3))
    assert (one.windows == three.windows).all()
    assert one[1:] == three[1:]


def test_it_goes_on_where_it_stood() -> None:
    first = catch(picky(), walls(6), wanted=10)
    second = catch(picky(), walls(6), wanted=10, place=first.place)
    both = {window.tobytes() for window in (*first.windows, *second.windows)}
    assert len(both) == 20


def test_large_pictures_are_searched_level_by_level(monkeypatch) -> None:
    together = catch(picky(), walls(5))
    monkeypatch.setattr("haar.mining.MANY", 100)
    alone = catch(picky(), walls(5))
    assert (together.windows == alone.windows).all()
    assert together[1:] == alone[1:]


def test_windows_are_taken_from_many_pictures() -> None:
    found = catch(accept_all(POOL), walls(20), wanted=100)
    assert found.place == Place(0, 5)


def test_it_ends_after_so_many_passes() -> None:
    nothing = assemble(POOL, [Stage(2.0, (WeakClassifier((Node(9, 0.0),), (0.0, 1.0)),))])
    found = catch(nothing, walls(3), passes=4)
    assert (len(found.windows), found.place, found.accepted) == (0, Place(4, 0), 0)
    assert found.seen > 0


def test_it_ends_when_the_rate_is_known_to_be_reached() -> None:
    nothing = assemble(POOL, [Stage(2.0, (WeakClassifier((Node(9, 0.0),), (0.0, 1.0)),))])
    found = catch(nothing, walls(3), passes=1000, rate=1e-2)
    assert 50 <= found.seen * 1e-2 < 300


def test_pictures_smaller_than_the_window_have_none() -> None:
    found = catch(accept_all(POOL), [np.zeros((5, 300), np.uint8)])
    assert (len(found.windows), found.seen) == (0, 0)
