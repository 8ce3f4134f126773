"""Mutated cascade files through the reader and a detection: an answer or a CascadeError, always.

    python -m tests.haar.fuzz --files 100000 --seed 0 [--cascades FOLDER …] [--keep FOLDER]

Files are made of random cascades of both formats, Haar and LBP, stumps and trees, upright and
tilted; a small share of those in the folders given. What is accepted searches a small image with
the kernels, and now and then with the reference, which must find the same. Anything else than an
answer or a CascadeError, a wrong answer, more than 2 s of computing, much memory, or a death of the
process is a failure: it is counted, and the file is kept.

File n depends on the seed and n alone. The files go through a process of their own, so that a crash
or an endless loop costs nothing but the file that caused it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import re
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from haar import Cascade, CascadeError, reference
from haar.kernels.detect import find_candidates
from haar.opencv_xml import read_cascade
from haar.scales import plan_levels
from haar.storage import read_bytes
from haar.xml_writer import write_cascade
from tests.haar.mutate import mutate
from tests.haar.synthetic import old_format, random_cascade, random_image

SECONDS = 2.0  # of computing, for one file
PATIENCE = 60.0  # seconds by the clock, until a file's process is ended
MEMORY = 300 * 2**20  # bytes beyond what the process had before
REFERENCE_SHARE = 0.05


class Sources(NamedTuple):
    """What is mutated."""

    small: list[bytes]
    large: list[bytes]
    images: list[np.ndarray]
    large_share: float


def sources(seed: int, folders: list[Path], large_share: float = 0.005) -> Sources:
    """64 random cascades, the files of the folders, and four images."""
    rng = np.random.default_rng(seed)
    small = []
    for _ in range(64):
        cascade = random_cascade(rng)
        text = old_format(cascade) if cascade.old_format else write_cascade(cascade)
        small.append(text.encode())
    names = sorted(name for folder in folders for name in folder.rglob("*.xml"))
    images = [random_image(rng, width, height) for width, height in ((40, 33), (25, 60), (64, 48))]
    images.append(np.full((40, 40), 90, np.uint8))
    return Sources(small, [name.read_bytes() for name in names], images, large_share)


def make_file(material: Sources, seed: int, number: int) -> bytes:
    """The file of this number, always the same."""
    rng = np.random.default_rng([seed, number])
    large = material.large and rng.random() < material.large_share
    files = material.large if large else material.small
    return mutate(rng, files[int(rng.integers(len(files)))], material.small)


def try_file(data: bytes, path: Path, material: Sources, number: int) -> str:
    """Read the file and search with it: "accepted", or why it was rejected.

    Raises:
        AssertionError: kernels and reference found different rectangles.
        Exception: whatever should not have happened.
    """
    path.write_bytes(data)
    try:
        cascade = read_cascade(read_bytes(path))
    except CascadeError as error:
        assert 10 < len(str(error)) < 500, f"a message of {len(str(error))} characters"
        return str(error)
    image = material.images[number % len(material.images)]
    height, width = image.shape
    levels = plan_levels((width, height), (cascade.width, cascade.height), 1.4)
    rectangles, sums = find_candidates(image, cascade, levels, 1)
    if (number // 7 % 100) / 100 < REFERENCE_SHARE:
        compare(cascade, image, levels, rectangles, sums)
    return "accepted"


def compare(cascade: Cascade, image: Any, levels: Any, rectangles: Any, sums: Any) -> None:
    """The reference finds the same, and what is written is read as the same cascade."""
    with np.errstate(all="ignore"):
        expected, expected_sums = reference.find_candidates(image, cascade, levels, 1)
    assert np.array_equal(rectangles, expected), "kernels and reference differ"
    assert np.array_equal(sums, expected_sums), "sums of kernels and reference differ"
    assert read_cascade(write_cascade(cascade).encode()) == cascade, "another cascade came back"


def kind(message: str) -> str:
    """A message without what is particular to its file."""
    message = re.sub(r"(got|both:|tag|data:|failed) .*", r"\1 …", message, flags=re.DOTALL)
    return re.sub(r"\([^()]*\)|['\"].*['\"]|-?\d+", "#", message)


# -- the process ----------------------------------------------------------------------------------


def work(material: Sources, seed: int, last: int, at: Any, began: Any, queue: Any) -> None:
    """Try files at.value … last − 1; (number, result) into the queue, in batches."""
    results: list[tuple[int, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cascade.xml"
        for first in range(len(material.small)):  # compile before the clock runs
            try_file(material.small[first], path, material, 7 * first)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for number in range(at.value, last):
            at.value, began.value = number, time.monotonic()
            start = time.thread_time()
            try:
                data = make_file(material, seed, number)
                result = try_file(data, path, material, number)
            except Exception as error:
                result = f"FAILED {type(error).__name__}: {error}"
            seconds = time.thread_time() - start
            if seconds > SECONDS:
                result = f"FAILED slow: {seconds:.1f} s"
            used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            if (used - memory) * 1024 > MEMORY:
                result, memory = f"FAILED memory: {(used - memory) // 1024} MB more", used
            results.append((number, result))
            if len(results) == 100 or number == last - 1:
                queue.put(results)
                results = []
        at.value = last


def run(material: Sources, seed: int, files: int, first: int = 0) -> tuple[Counter[str], dict]:
    """Counts of outcomes by kind, and the failures by number."""
    context = multiprocessing.get_context("fork")
    at, began = context.Value("q", first), context.Value("d", time.monotonic() + 600)
    counts: Counter[str] = Counter()
    failures: dict[int, str] = {}
    while at.value < first + files:
        queue = context.Queue()
        process = context.Process(
            target=work, args=(material, seed, first + files, at, began, queue)
        )
        process.start()
        while process.is_alive() or not queue.empty():
            collect(queue, counts, failures)
            if time.monotonic() - began.value > PATIENCE:
                process.kill()
                failures[at.value] = f"FAILED: no answer for {PATIENCE:.0f} s"
                break
        process.join()
        collect(queue, counts, failures)
        if at.value < first + files:
            failures.setdefault(at.value, f"FAILED: the process died, {process.exitcode}")
            at.value, began.value = at.value + 1, time.monotonic() + 600
    return counts, failures


def collect(queue: Any, counts: Counter[str], failures: dict[int, str]) -> None:
    """What has come in within a second."""
    try:
        results = queue.get(timeout=1)
    except Exception:
        return
    for number, result in results:
        counts[kind(result)] += 1
        if result.startswith("FAILED"):
            failures[number] = result
    if sum(counts.values()) % 5000 < len(results):
        accepted = counts["accepted"]
        print(f"{sum(counts.values())} files, {accepted} accepted, {len(failures)} failures")
        sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first file")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cascades", type=Path, nargs="*", default=[])
    parser.add_argument("--keep", type=Path, help="folder for files that fail")
    arguments = parser.parse_args()

    material = sources(arguments.seed, arguments.cascades)
    start = time.perf_counter()
    counts, failures = run(material, arguments.seed, arguments.files, arguments.first)
    seconds = time.perf_counter() - start
    done, accepted = sum(counts.values()), counts["accepted"]
    for text, count in counts.most_common():
        print(f"{count:7}  {text}")
    keep = arguments.keep or Path(tempfile.gettempdir()) / f"fuzz-{arguments.seed}"
    for number, failure in sorted(failures.items()):
        keep.mkdir(parents=True, exist_ok=True)
        (keep / f"{number}.xml").write_bytes(make_file(material, arguments.seed, number))
        print(f"file {number}, kept in {keep}: {failure}")
    print(
        f"{done} files in {seconds:.0f} s ({done / seconds:.0f}/s): {accepted} accepted, "
        f"{done - accepted - len(failures)} rejected, {len(failures)} failures"
    )
    return min(len(failures), 1)


if __name__ == "__main__":
    sys.exit(main())
