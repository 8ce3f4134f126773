"""Cascade files that are a little wrong: the mutations of `tests.haar.fuzz`.

A mutation takes the bytes of a file, other files' bytes to borrow from, and a random generator; it
returns other bytes. Some break the XML, some only what it means, and some leave a good cascade.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Sequence

import numpy as np

Mutation = Callable[[np.random.Generator, bytes, Sequence[bytes]], bytes]

EXTREMES = [
    *(b"-1", b"0", b"1", b"2", b"3", b"4", b"7", b"8", b"24", b"255", b"256", b"257", b"-2", b"-7"),
    *(b"32767", b"65536", b"10000", b"10001", b"1000000", b"2147483647", b"2147483648"),
    *(b"-2147483648", b"4294967295", b"4294967296", b"999999999999999999", b"9" * 19, b"9" * 5000),
    *(b"1e9", b"1e38", b"-3.4028235e38", b"3.5e38", b"-1e400", b"1e-45", b"1e-400", b"0.1", b"-0."),
    *(b"1.5", b"2.5", b"-0.5", b".5", b"5.", b".", b"-", b"+1", b"+-1", b"1e", b"1e+", b"1.2.3"),
    *(b".Nan", b".Inf", b"-.Inf", b"nan", b"inf", b"infinity", b"1_0", b"0x7f", b"0x", b"010"),
    *(b"08", b"\xb2", b"\x00", b"one", b"1,5", b"", b" ", b"1 1", b"--1", b"1f", b"True", b"&lt;"),
    *(b"1" * 400 + b".0", b"0." + b"3" * 3000, b"1" * 3000 + b"x"),
]
TAG = re.compile(rb"<[^<>]*>")
LEAF = re.compile(rb"<(\w+)>[^<>]*</\1>")
NUMBER = re.compile(rb"(?<=[\s>])[-+.\w]+(?=[\s<])")
FIELDS = (b"internalNodes", b"leafValues", b"rect", b"_", b"width", b"height", b"size", b"tilted",
          b"threshold", b"stageThreshold", b"stage_threshold", b"left_node", b"right_node",
          b"left_val", b"right_val", b"maxCatCount")  # fmt: skip
FIELD = re.compile(rb"<(" + rb"|".join(FIELDS) + rb")>([^<>]+)</")
INSERTS = (
    b"<!-- -- -->", b"<!--", b"-->", b"<", b">", b"</_>", b"<_>", b"<_/>", b"</opencv_storage>",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"<![CDATA[1]]>", b"<?xml?>", b"\x00", b"x",
    b"<_ a='1'>", b"<tilted>1</tilted>", b"<_>" * 50, b"<a b=\"", b"\xff\xfe", b"\n" * 100,
)  # fmt: skip


def mutate(rng: np.random.Generator, data: bytes, others: Sequence[bytes]) -> bytes:
    """One to four mutations; few files are hurt in many places, or every one would be rejected."""
    for _ in range(int(rng.choice([1, 1, 1, 1, 2, 2, 3, 4]))):
        data = MUTATIONS[int(rng.choice(len(MUTATIONS), p=SHARES))](rng, data, others)
    return data


def _place(rng: np.random.Generator, data: bytes) -> int:
    return int(rng.integers(len(data) + 1))


def _pick(rng: np.random.Generator, items: Sequence) -> object:
    return items[int(rng.integers(len(items)))]


def _match(rng: np.random.Generator, pattern: re.Pattern[bytes], data: bytes) -> re.Match | None:
    """A match of the pattern, from a random place on."""
    return pattern.search(data, _place(rng, data)) or pattern.search(data)


def _replace(data: bytes, match: re.Match, new: bytes, group: int = 0) -> bytes:
    start, end = match.span(group)
    return data[:start] + new + data[end:]


# -- bytes ----------------------------------------------------------------------------------------


def flip(rng, data, others):
    changed = bytearray(data)
    for at in rng.integers(len(data), size=int(rng.integers(1, 5))) if data else ():
        changed[at] ^= 1 << int(rng.integers(8))
    return bytes(changed)


def truncate(rng, data, others):
    return data[: _place(rng, data)]


def cut(rng, data, others):
    at = _place(rng, data)
    return data[:at] + data[at + int(rng.integers(1, 80)) :]


def repeat(rng, data, others):
    at, length = _place(rng, data), int(rng.integers(1, 400))
    return data[:at] + data[at : at + length] * int(rng.choice([2, 2, 3, 20])) + data[at + length :]


def insert(rng, data, others):
    at = _place(rng, data)
    return data[:at] + _pick(rng, INSERTS) + data[at:]


def noise(rng, data, others):
    at = _place(rng, data)
    return data[:at] + rng.bytes(int(rng.integers(1, 9))) + data[at:]


def splice(rng, data, others):
    other = _pick(rng, others)
    return data[: _place(rng, data)] + other[_place(rng, other) :]


def pack(rng, data, others):
    packed = gzip.compress(data, 1)
    return packed if rng.random() < 0.5 else _pick(rng, (flip, truncate))(rng, packed, others)


# -- tags -----------------------------------------------------------------------------------------


def drop_tag(rng, data, others):
    match = _match(rng, TAG, data)
    return _replace(data, match, b"") if match else data


def rename_tag(rng, data, others):
    match, other = _match(rng, TAG, data), _match(rng, TAG, _pick(rng, others))
    return _replace(data, match, other[0]) if match and other else data


def drop_leaf(rng, data, others):
    match = _match(rng, LEAF, data)
    return _replace(data, match, b"") if match else data


def copy_leaf(rng, data, others):
    match = _match(rng, LEAF, data)
    return _replace(data, match, match[0] * int(rng.integers(2, 5))) if match else data


def swap_leaf(rng, data, others):
    match, other = _match(rng, LEAF, data), _match(rng, LEAF, _pick(rng, others))
    return _replace(data, match, other[0]) if match and other else data


# -- numbers --------------------------------------------------------------------------------------


def extreme(rng, data, others):
    match = _match(rng, NUMBER, data)
    return _replace(data, match, _pick(rng, EXTREMES)) if match else data


def swap_numbers(rng, data, others):
    match, other = _match(rng, NUMBER, data), _match(rng, NUMBER, data)
    return _replace(data, match, other[0]) if match and other else data


def field(rng, data, others):
    """A number of one field: replaced, dropped, doubled, or a little larger or smaller."""
    match = _match(rng, FIELD, data)
    if not match:
        return data
    tokens = match[2].split() or [b""]
    i = int(rng.integers(len(tokens)))
    how = rng.random()
    if how < 0.4:
        tokens[i] = _pick(rng, EXTREMES)
    elif how < 0.5:
        tokens.pop(i)
    elif how < 0.6:
        tokens.insert(i, tokens[i])
    else:
        tokens[i] = _nudge(rng, tokens[i])
    return _replace(data, match, b" ".join(tokens), 2)


def _nudge(rng, token):
    if re.fullmatch(rb"-?\d{1,18}", token):
        return str(int(token) + int(rng.choice([-3, -2, -1, 1, 2, 3]))).encode()
    try:
        return f"{float(token) * rng.normal():.9g}".encode()
    except ValueError:
        return token


WEIGHTED: dict[Mutation, float] = {
    field: 16, extreme: 5, swap_numbers: 4, flip: 3, drop_leaf: 2, copy_leaf: 2, swap_leaf: 3,
    drop_tag: 1, rename_tag: 1, truncate: 1, cut: 1, repeat: 2, insert: 2, noise: 1, splice: 2,
    pack: 1,
}  # fmt: skip
MUTATIONS = list(WEIGHTED)
SHARES = np.array(list(WEIGHTED.values())) / sum(WEIGHTED.values())
