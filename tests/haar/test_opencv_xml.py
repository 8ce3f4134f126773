"""OpenCV's files, read: both formats by hand, and every malformed element refused by its name."""

import re

import numpy as np
import pytest

from haar import CascadeError, LBPFeature, Node, Rectangle, Stage, WeakClassifier, fields
from haar.opencv_xml import read_cascade
from tests.haar.cascades import HALVES, HALVES_XML, LBP_XML, OLD_XML


def read(text: str):
    return read_cascade(text.encode("ascii"))


def single(value: float) -> float:
    return float(np.float32(value))


# -- what is read ---------------------------------------------------------------------------------


def test_the_new_format() -> None:
    cascade = read(HALVES_XML)
    assert (cascade.width, cascade.height, cascade.feature_type) == (6, 6, "haar")
    assert cascade.stages[0] == HALVES.stages[0]
    assert cascade.stages[1] == Stage(single(0.9), HALVES.stages[1].weak)
    assert cascade.features == HALVES.features
    assert not cascade.old_format


def test_the_old_format_numbers_leaves_left_right_node_by_node() -> None:
    cascade = read(OLD_XML)
    tree = WeakClassifier((Node(0, 0.5, 0, 1), Node(1, -0.25, -1, -2)), (-1.0, 0.5, 2.0))
    assert cascade.stages == (Stage(0.75, (tree,)),)
    assert [feature.tilted for feature in cascade.features] == [False, True]
    assert cascade.features[1].rectangles == (  # the third, whose weight is 0, is left out
        Rectangle(3, 0, 3, 3, -1.0),
        Rectangle(3, 1, 1, 1, 9.0),
    )
    assert cascade.old_format


def test_lbp_words_are_signed_and_unsigned_ones_are_understood() -> None:
    cascade = read(LBP_XML)
    assert cascade.features == (LBPFeature(0, 0, 1, 1),)
    assert cascade.stages[0].weak[0].nodes[0].subset == (1, 0, 0, 0, 0, -(2**31), 0, -1)


def test_a_tree_of_the_new_format() -> None:
    text = HALVES_XML.replace("0 -1 0 0.5", "1 -1 0 0.5  0 -2 1 -0.5").replace("-1. 1.", "1. 2. 3.")
    tree = read(text).stages[0].weak[0]
    assert tree == WeakClassifier((Node(0, 0.5, 1, -1), Node(1, -0.5, 0, -2)), (1.0, 2.0, 3.0))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<stageNum>2</stageNum>", ""),
        ("<stageNum>2</stageNum>", "<stageNum>1000000000</stageNum><unknown><_>1</_></unknown>"),
        ("<maxWeakCount>2</maxWeakCount>", "<maxWeakCount>x</maxWeakCount>"),
        ("<tilted>0</tilted>", ""),
        ("<width>6</width>", "<width>6.4</width>"),
        ("<width>6</width>", "<width>0x6</width><width>7</width>"),
        ("0 3 6 3 2.", "0 3 6 3 2"),
        ("0 -1 0 0.5", "0 -1 0 5e-1"),
        ("<cascade type_id", "<anything kind"),
        ("</cascade>", "</cascade><second>1</second>"),
    ],
)
def test_what_has_no_meaning_may_differ(old: str, new: str) -> None:
    text = HALVES_XML.replace(old, new)
    if new.startswith("<anything"):
        text = text.replace("</cascade>", "</anything>")
    assert text != HALVES_XML
    assert read(text) == read(HALVES_XML)


# -- what is refused ------------------------------------------------------------------------------

FIRST = "stage 0, weak classifier 0"
MALFORMED = [
    ("opencv_storage", "storage", "expected <opencv_storage> as the first element, got <storage>"),
    ("BOOST", "CART", "<stageType>: expected BOOST, got 'CART'"),
    ("HAAR", "HOG", "<featureType>: expected HAAR or LBP, got 'HOG'"),
    ("HAAR", "LBP", "<maxCatCount>: expected 256 for LBP features, got 0"),
    ("<maxCatCount>0", "<maxCatCount>256", "<maxCatCount>: expected 0 for HAAR features, got 256"),
    ("featureParams>", "x>", "<featureParams> is missing"),
    ("stages>", "x>", "<stages> is missing"),
    ("features>", "x>", "<features> is missing"),
    ("width>", "x>", "<width> is missing"),
    ("<width>6", "<width>6 6", "<width>: expected 1 number, got 2"),
    ("<width>6", "<width>six", "<width>: expected a number, got 'six'"),
    ("<width>6", "<width>.Inf", "<width>: expected a whole number, got .Inf"),
    ("<height>6", "<height>0", "height: expected a whole number, 1 to 10000, got 0"),
    ("<height>6", "<height>-6", "height: expected a whole number, 1 to 10000, got -6"),
    ("<width>6", "<width>999999999", "width: expected a whole number, 1 to 10000, got 999999999"),
    ("stageThreshold>", "x>", "stage 0: <stageThreshold> is missing"),
    (">0.899999976", ">.Nan", "stage 1, threshold: expected a finite single-precision number, got"),
    (">0.899999976", ">1e39", "stage 1, threshold: expected a finite single-precision number, got"),
    (">0.899999976", ">high", "stage 1, <stageThreshold>: expected a number, got 'high'"),
    ("weakClassifiers>", "x>", "stage 0: <weakClassifiers> is missing"),
    ("internalNodes>", "x>", f"{FIRST}: <internalNodes> is missing"),
    ("leafValues>", "x>", f"{FIRST}: <leafValues> is missing"),
    ("0 -1 0 0.5", "0 -1 0", f"{FIRST}: <internalNodes>: expected 4 numbers for each node, got 3"),
    ("0 -1 0 0.5", "", f"{FIRST}: <internalNodes>: expected 4 numbers for each node, got 0"),
    ("0 -1 0 0.5", "0 -1 2 0.5", f"{FIRST}, node 0: feature 2 does not exist; there are 2"),
    ("0 -1 0 0.5", "0 -1 -1 0.5", f"{FIRST}, node 0: feature -1 does not exist; there are 2"),
    ("0 -1 0 0.5", "0 -1 0 .Nan", f"{FIRST}, node 0, threshold: expected a finite number, got nan"),
    ("0 -1 0 0.5", "0 -1 0 x", f"{FIRST}, <internalNodes> or <leafValues>: expected a number, got"),
    ("-1. 1.", "-1. 1. 1.", f"{FIRST}: <leafValues>: expected 2 numbers for 1 nodes, got 3"),
    ("-1. 1.", "-1. .Inf", f"{FIRST}, leaves: expected finite single-precision numbers, got inf"),
    (
        "0 -1 0 0.5</internalNodes>\n          <leafValues>-1. 1.",
        "1 0 0 0.5 1 0 1 0.5</internalNodes><leafValues>-1. 1. 2.",
        f"{FIRST}, node 1: expected a leaf (0 to -2) as a child, got 1; trees must not point back",
    ),
    (
        "0 3 6 3 2.",
        "0 3 6 3",
        "feature 0, rectangle 1: expected x, y, width, height, weight, got 4",
    ),
    ("0 3 6 3 2.", "0 x 6 3 2.", "feature 0, rectangle 1: expected a number, got 'x'"),
    ("0 3 6 3 2.", "0 4 6 3 2.", "feature 0: rectangle (x 0, y 4, width 6, height 3) leaves"),
    ("0 3 6 3 2.", "0 3 6 3 .Nan", "feature 0, weight: expected a finite single-precision number"),
    ("0 3 6 3 2.</_>", "0 3 6 3 2.</_>" + "<_>0 0 1 1 1.</_>" * 2, "feature 0: <rects>: expected"),
    ("rects>", "x>", "feature 0: <rects> is missing"),
    ("<tilted>0", "<tilted>1", "feature 0: tilted rectangle (x 0, y 0, width 6, height 6) leaves"),
    ("<tilted>0", "<tilted>no", "feature 0, <tilted>: expected a number, got 'no'"),
    ("<width>6</width>", "<width/>", "unexpected tag '<width/>'; empty elements"),
    ("<cascade type_id", "<!DOCTYPE a><cascade type_id", "declarations and entities are not part"),
]


@pytest.mark.parametrize(("old", "new", "message"), MALFORMED)
def test_malformed_files_are_refused_by_the_elements_name(old: str, new: str, message: str) -> None:
    assert old in HALVES_XML
    with pytest.raises(CascadeError, match=re.escape(message)):
        read(HALVES_XML.replace(old, new))


TREE = "stage 0, tree 0, node"
MALFORMED_OLD = [
    ("6 6</size>", "6</size>", "<size>: expected 2 numbers, got 1"),
    ("trees>", "x>", "stage 0: <trees> is missing"),
    ("stage_threshold>", "x>", "stage 0: <stage_threshold> is missing"),
    ("right_node>", "x>", f"{TREE} 0: <right_node> is missing"),
    (">1</right_node>", ">0</right_node>", f"{TREE} 0: <right_node>: expected a later node, got 0"),
    (">1</right_node>", ">2</right_node>", "node 0: expected a later node (1 to 1) or a leaf"),
    ("<threshold>-0.25", "<threshold>", f"{TREE} 1: <threshold>: expected 1 number, got 0"),
    ("<feature>", "<f><feature>", "unexpected tag '</_>'"),
    ("feature>", "x>", f"{TREE} 0: <feature> is missing"),
    ("1 1 9.", "1 1 x", f"{TREE} 1, <feature>, rectangle 1: expected a number, got 'x'"),
    ("3 1 1 1 9.", "1 3 3 1 9.", "feature 1: tilted rectangle (x 1, y 3, width 3, height 1)"),
    ("size>", "x>", "<my_cascade> is no cascade: it holds neither a <stageType>"),
]


@pytest.mark.parametrize(("old", "new", "message"), MALFORMED_OLD)
def test_malformed_files_of_the_old_format(old: str, new: str, message: str) -> None:
    assert old in OLD_XML
    with pytest.raises(CascadeError, match=re.escape(message)):
        read(OLD_XML.replace(old, new))


def test_a_file_cut_anywhere_is_refused() -> None:
    for text in (HALVES_XML, OLD_XML, LBP_XML):
        for length in range(0, text.rindex("</opencv_storage>") + 16, 7):
            with pytest.raises(CascadeError):
                read(text[:length])


def test_an_empty_storage_is_refused() -> None:
    with pytest.raises(CascadeError, match="<opencv_storage> is empty"):
        read("<?xml version='1.0'?><opencv_storage></opencv_storage>")


def test_hostile_numbers_of_things_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fields, "MAX_NODES", 2)
    with pytest.raises(CascadeError, match=r"stage 1, weak classifier 1: .* at most 2 nodes"):
        read(HALVES_XML)
    stage = "<_><stageThreshold>1</stageThreshold><weakClassifiers></weakClassifiers></_>"
    with pytest.raises(CascadeError, match="<stages>: expected at most 10000 of them, got 10001"):
        read(HALVES_XML.replace("</stages>", stage * 9_999 + "</stages>"))
