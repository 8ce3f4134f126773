"""scratchnet info: what a model is, and what its card says of it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from scratchnet.fer.pack import load_packed, members
from scratchnet.fer.pretrained import is_packed, pretrained_folder, read_card
from scratchnet.sequential import Sequential

CARD = "card.md"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model", type=Path, metavar="FOLDER", help="a model folder; default: the one in the box"
    )
    parser.add_argument("--layers", action="store_true", help="the layers, one a line, too")


def run(options: argparse.Namespace) -> int:
    folder = pretrained_folder() if options.model is None else options.model
    packed = is_packed(folder)
    model = load_packed(folder) if packed else Sequential.load(folder)
    size = sum(file.stat().st_size for file in folder.rglob("*.npz")) / 1e6
    checksum = ", SHA-256 as it was packed" if packed else ""
    print(f"model          {folder}")
    if further := members(folder):
        print(f"networks       {1 + len(further)}, of which this is the first")
    print(f"classes        {', '.join(model.class_names or ['not named'])}")
    print(f"input          {' × '.join(map(str, model.input_shape or ()))}")
    print(f"pre-processing {json.dumps(model.preprocessing)}")
    print(f"parameters     {model.parameter_count():,}, {size:.1f} MB on disk{checksum}")
    print(f"arithmetic     {model.macs() / 1e6:.1f} million multiply-accumulates a pass")
    if options.layers:
        print(f"\n{model.summary()}")
    if (folder / CARD).is_file():
        print(f"\n{(folder / CARD).read_text(encoding='utf-8').rstrip()}")
    elif card := read_card(folder):
        print(f"\ncard {json.dumps(card, indent=2)}")
    return 0
