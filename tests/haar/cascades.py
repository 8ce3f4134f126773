"""Small cascades whose answers are computed by hand in the tests of this folder.

HALVES is a window of 6 × 6 with two stages over two features:

    feature 0   lower half minus upper half:   −1 · (whole) + 2 · (lower half)
    feature 1   middle minus the two outer columns pairs:  −1 · (whole) + 3 · (two middle columns)

    stage 0     one stump on feature 0 at 0.5: below → −1, else 1;        threshold 0
    stage 1     the same on feature 0 at 1.5:  below → 0.25, else 2
                a stump on feature 1 at −0.25: below → −0.5, else 0.75;   threshold 0.9
"""

from haar import Cascade, HaarFeature, Node, Rectangle, Stage, WeakClassifier

WHOLE = Rectangle(0, 0, 6, 6, -1.0)
LOWER = HaarFeature((WHOLE, Rectangle(0, 3, 6, 3, 2.0)))
MIDDLE = HaarFeature((WHOLE, Rectangle(2, 0, 2, 6, 3.0)))


def stump(feature: int, threshold: float, below: float, above: float) -> WeakClassifier:
    return WeakClassifier((Node(feature, threshold),), (below, above))


HALVES = Cascade(
    6,
    6,
    "haar",
    (
        Stage(0.0, (stump(0, 0.5, -1.0, 1.0),)),
        Stage(0.9, (stump(0, 1.5, 0.25, 2.0), stump(1, -0.25, -0.5, 0.75))),
    ),
    (LOWER, MIDDLE),
)

HALVES_XML = """<?xml version="1.0"?>
<opencv_storage>
<cascade type_id="opencv-cascade-classifier">
  <stageType>BOOST</stageType>
  <featureType>HAAR</featureType>
  <height>6</height>
  <width>6</width>
  <stageParams><maxWeakCount>2</maxWeakCount></stageParams>
  <featureParams><maxCatCount>0</maxCatCount></featureParams>
  <stageNum>2</stageNum>
  <stages>
    <!-- stage 0 -->
    <_><maxWeakCount>1</maxWeakCount>
      <stageThreshold>0.</stageThreshold>
      <weakClassifiers>
        <_><internalNodes>0 -1 0 0.5</internalNodes>
          <leafValues>-1. 1.</leafValues></_>
      </weakClassifiers></_>
    <!-- stage 1 -->
    <_><maxWeakCount>2</maxWeakCount>
      <stageThreshold>0.899999976</stageThreshold>
      <weakClassifiers>
        <_><internalNodes>0 -1 0 1.5</internalNodes>
          <leafValues>0.25 2.</leafValues></_>
        <_><internalNodes>0 -1 1 -0.25</internalNodes>
          <leafValues>-0.5 0.75</leafValues></_>
      </weakClassifiers></_>
  </stages>
  <features>
    <_><rects><_>0 0 6 6 -1.</_><_>0 3 6 3 2.</_></rects><tilted>0</tilted></_>
    <_><rects><_>0 0 6 6 -1.</_><_>2 0 2 6 3.</_></rects><tilted>0</tilted></_>
  </features>
</cascade>
</opencv_storage>
"""

OLD_XML = """<?xml version="1.0"?>
<opencv_storage>
<my_cascade type_id="opencv-haar-classifier">
  <size>6 6</size>
  <stages>
    <_>
      <trees>
        <_>
          <_>
            <feature><rects><_>0 0 6 6 -1.</_><_>0 3 6 3 2.</_></rects><tilted>0</tilted></feature>
            <threshold>0.5</threshold>
            <left_val>-1.</left_val>
            <right_node>1</right_node></_>
          <_>
            <feature><rects><_>3 0 3 3 -1.</_><_>3 1 1 1 9.</_><_>1 1 1 1 0.</_></rects>
                     <tilted>1</tilted></feature>
            <threshold>-0.25</threshold>
            <left_val>0.5</left_val>
            <right_val>2.</right_val></_></_></trees>
      <stage_threshold>0.75</stage_threshold>
      <parent>-1</parent>
      <next>-1</next></_></stages></my_cascade>
</opencv_storage>
"""

LBP_XML = """<?xml version="1.0"?>
<opencv_storage><cascade type_id="opencv-cascade-classifier">
  <stageType>BOOST</stageType><featureType>LBP</featureType><height>3</height><width>3</width>
  <featureParams><maxCatCount>256</maxCatCount></featureParams>
  <stages><_><stageThreshold>0.5</stageThreshold><weakClassifiers>
    <_><internalNodes>0 -1 0 1 0 0 0 0 -2147483648 0 4294967295</internalNodes>
       <leafValues>1. -1.</leafValues></_></weakClassifiers></_></stages>
  <features><_><rect>0 0 1 1</rect></_></features>
</cascade></opencv_storage>
"""
