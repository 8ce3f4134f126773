"""Schedules: their rates by hand, their ends, and their way through JSON."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchnet.schedules import (
    SCHEDULES,
    Constant,
    Cosine,
    OneCycle,
    Schedule,
    StepDecay,
    WarmUp,
    as_schedule,
    schedule_from_spec,
    schedule_spec,
)

ONE_OF_EACH = [
    Constant(0.1),
    StepDecay(0.1, every=3, factor=0.5),
    Cosine(0.1, total_steps=20, final=0.01, warmup=4),
    OneCycle(0.1, total_steps=20),
    WarmUp(WarmUp(Cosine(0.1, 20), 3), 5),
]


def rates(schedule: Schedule, steps: int) -> list[float]:
    return [schedule(step) for step in range(steps)]


def test_constant_never_changes() -> None:
    assert rates(Constant(0.1), 3) == [0.1, 0.1, 0.1]


def test_step_decay_drops_after_every_so_many_steps() -> None:
    assert rates(StepDecay(8.0, every=2, factor=0.5), 7) == [8, 8, 4, 4, 2, 2, 1]


def test_cosine_by_hand() -> None:
    # cos 0, cos 60°, cos 90°, cos 120°, cos 180° = 1, 1/2, 0, -1/2, -1
    cosine = Cosine(1.0, total_steps=6, final=0.2)
    hand = [1.0, 0.8, 0.6, 0.4, 0.2]
    assert [cosine(s) for s in (0, 2, 3, 4, 6)] == pytest.approx(hand, abs=1e-15)


def test_cosine_spends_no_step_on_a_final_rate_of_zero() -> None:
    cosine = Cosine(1.0, total_steps=10)
    assert cosine(9) > 0
    assert cosine(10) == 0
    assert cosine(1000) == 0


def test_cosine_with_warmup_climbs_in_a_line_to_its_peak() -> None:
    cosine = Cosine(1.0, total_steps=10, warmup=4)
    assert rates(cosine, 5) == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0], abs=1e-15)
    assert cosine(7) == pytest.approx(0.5)  # half way between 4 and 10
    assert cosine(10) == 0


def test_warm_up_precedes_the_schedule() -> None:
    warm = WarmUp(StepDecay(1.0, every=2, factor=0.5), steps=4)
    assert rates(warm, 9) == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0, 1.0, 0.5, 0.5, 0.25])


def test_warm_up_of_a_number_stays_there() -> None:
    assert rates(WarmUp(3.0, steps=2), 4) == [1, 2, 3, 3]


def test_warm_up_of_no_steps_is_the_schedule() -> None:
    assert rates(WarmUp(Cosine(1.0, 5), 0), 6) == rates(Cosine(1.0, 5), 6)


def test_cosine_with_warmup_is_a_warmed_up_cosine() -> None:
    assert rates(Cosine(0.3, 30, 0.01, warmup=7), 40) == rates(WarmUp(Cosine(0.3, 23, 0.01), 7), 40)


def test_one_cycle_by_hand() -> None:
    cycle = OneCycle(1.0, total_steps=20, start_fraction=0.2, end_fraction=0.0, peak=0.4)
    assert cycle(0) == pytest.approx(0.2)
    assert cycle(4) == pytest.approx(0.6)  # half way up: the mean of 0.2 and 1
    assert cycle(8) == pytest.approx(1.0)
    assert cycle(14) == pytest.approx(0.5)  # half way down
    assert cycle(20) == 0
    assert cycle(999) == 0


@given(st.integers(2, 300), st.floats(0.05, 0.95))
def test_one_cycle_climbs_then_falls(total_steps: int, peak: float) -> None:
    cycle = rates(OneCycle(1.0, total_steps, peak=peak), total_steps + 3)
    top = cycle.index(max(cycle))
    assert cycle[: top + 1] == sorted(cycle[: top + 1])
    assert cycle[top:] == sorted(cycle[top:], reverse=True)
    assert all(1e-4 <= rate <= 1 for rate in cycle)
    assert cycle[-1] == pytest.approx(1e-4)


@given(st.integers(1, 300), st.floats(0, 0.5))
def test_cosine_never_rises(total_steps: int, final: float) -> None:
    cosine = rates(Cosine(0.5, total_steps, final), total_steps + 3)
    assert cosine[0] == 0.5
    assert cosine[-1] == pytest.approx(final)
    assert all(a >= b - 1e-15 for a, b in pairwise(cosine))


@pytest.mark.parametrize("schedule", ONE_OF_EACH, ids=repr)
def test_a_schedule_survives_json(schedule: Schedule) -> None:
    again = schedule_from_spec(json.loads(json.dumps(schedule_spec(schedule))))
    assert type(again) is type(schedule)
    assert repr(again) == repr(schedule)
    assert rates(again, 30) == rates(schedule, 30)


def test_every_schedule_is_registered_and_tested() -> None:
    assert {type(schedule).__name__ for schedule in ONE_OF_EACH} == set(SCHEDULES)


def test_as_schedule_takes_a_number_a_schedule_or_data() -> None:
    cosine = Cosine(0.1, 5)
    assert as_schedule(cosine) is cosine
    assert as_schedule(0.25)(7) == 0.25
    assert as_schedule(schedule_spec(cosine))(3) == cosine(3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Constant(-1.0), "Constant expects a finite rate of at least 0, got -1.0"),
        (lambda: Constant(float("nan")), "Constant expects a finite rate"),
        (lambda: StepDecay(0.1, every=0), "StepDecay expects a whole every of at least 1, got 0"),
        (lambda: StepDecay(0.1, every=2, factor=3), "expects factor between 0 and 1, got 3"),
        (lambda: Cosine(0.1, 1.5), "Cosine expects a whole total_steps"),  # type: ignore[arg-type]
        (lambda: Cosine(0.1, 5, warmup=5), "total_steps counts the warm-up too"),
        (lambda: OneCycle(0.1, 5, peak=0.0), "OneCycle expects 0 < peak < 1, got 0.0"),
        (lambda: schedule_from_spec({"type": "Linear", "config": {}}), "unknown schedule 'Linear'"),
        (lambda: schedule_from_spec({"type": "Cosine"}), "described by 'type' and 'config'"),
        (lambda: schedule_from_spec({"type": "Cosine", "config": {}}), "Cosine cannot be made"),
    ],
)
def test_wrong_arguments_are_named(make, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_a_rate_that_is_no_number_is_named() -> None:
    with pytest.raises(TypeError, match="Constant expects a number for rate, got 'fast'"):
        Constant("fast")  # type: ignore[arg-type]
