"""A slice of the fuzzer: mutated files get an answer or a CascadeError, nothing else."""

from pathlib import Path

import numpy as np
import pytest

from tests.haar.fuzz import kind, make_file, sources, try_file

MATERIAL = sources(1, [])


def test_a_file_depends_on_its_number_alone() -> None:
    assert make_file(MATERIAL, 1, 17) == make_file(sources(1, []), 1, 17)
    assert make_file(MATERIAL, 1, 17) != make_file(MATERIAL, 1, 18)


def test_the_sources_themselves_are_accepted(tmp_path: Path) -> None:
    for number, data in enumerate(MATERIAL.small[:16]):
        assert try_file(data, tmp_path / "a.xml", MATERIAL, 7 * number) == "accepted"


@pytest.mark.parametrize("part", range(4))
def test_mutated_files_are_answered_or_refused(part: int, tmp_path: Path) -> None:
    results = [
        try_file(make_file(MATERIAL, 1, number), tmp_path / "a.xml", MATERIAL, number)
        for number in range(100 * part, 100 * part + 100)
    ]
    accepted = results.count("accepted")
    assert 5 <= accepted <= 70
    assert len({kind(result) for result in results}) > 10


def test_kinds_of_messages_leave_out_what_is_particular() -> None:
    assert (
        kind("stage 3, <a>: expected a number, got 'x'\n")
        == "stage #, <a>: expected a number, got …"
    )
    assert kind("feature 1: rectangle (x 1) leaves") == kind("feature 22: rectangle (x 3) leaves")


@pytest.mark.parametrize("seed", range(3))
def test_bytes_without_any_structure_are_refused(seed: int, tmp_path: Path) -> None:
    noise = np.random.default_rng(seed).bytes(2000)
    for start in (b"", b"<?xml?>", b"<?xml?><opencv_storage>", b"\x1f\x8b"):
        assert try_file(start + noise, tmp_path / "a.xml", MATERIAL, 1) != "accepted"
