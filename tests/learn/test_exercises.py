"""The exercises: skeletons that work, solutions that are right, mistakes that are recognised."""

import ast
import doctest
import inspect
from pathlib import Path

import numpy as np
import pytest

import haar
from scratchnet.classical import AdaBoostClassifier
from scratchnet.layers import Dropout
from scratchnet.learn import EXERCISES, after, find
from scratchnet.learn.activations import (
    dropout_backward,
    dropout_forward,
    relu_backward,
    relu_forward,
)
from scratchnet.learn.boosting import adaboost_update
from scratchnet.learn.checking import check, solved
from scratchnet.learn.convolution import conv2d_backward, conv2d_forward
from scratchnet.learn.dense import dense_backward, dense_forward
from scratchnet.learn.normalisation import batch_norm_backward, batch_norm_forward
from scratchnet.learn.optimisers import adam_step, momentum_step
from scratchnet.learn.pooling import max_pool_backward, max_pool_forward
from scratchnet.learn.probabilities import cross_entropy_backward, softmax
from scratchnet.learn.rectangles import haar_feature, integral_image, rectangle_sum
from scratchnet.learn.report import as_text
from scratchnet.learn.training import TRAINING_LOOP, _loop
from scratchnet.learn.writing import skeleton
from scratchnet.losses import SoftmaxCrossEntropy
from scratchnet.reference import batch_norm, conv2d, dense, max_pool, optimizers, relu
from tests.docs.chapters import Chapter

ROOT = Path(__file__).parents[2]
HERE = Path("learner.py")
each_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)


def solutions(exercise):
    """The names that a right file defines."""
    return {task.name: task.solution for task in exercise.tasks}


def names_of(exercise):
    """The names that the skeleton defines."""
    names = {"__name__": "skeleton"}
    exec(compile(skeleton(exercise), f"{exercise.name}.py", "exec"), names)
    return names


# -- skeletons ------------------------------------------------------------------------------------


def test_there_are_enough_of_them_and_no_two_of_one_name():
    names = [exercise.name for exercise in EXERCISES]
    assert len(names) >= 14 and len(set(names)) == len(names)
    assert after(EXERCISES[0]) is EXERCISES[1] and after(EXERCISES[-1]) is None
    folder = ROOT / "scratchnet" / "learn" / "skeletons"
    assert sorted(path.stem for path in folder.glob("*.py")) == sorted(names)


@each_exercise
def test_a_skeleton_defines_what_is_asked_for_and_nothing_is_done(exercise):
    names = names_of(exercise)
    assert names["EXERCISE"] == exercise.name
    for task in exercise.tasks:
        function = names[task.name]
        assert tuple(inspect.signature(function).parameters) == task.parameters
        with pytest.raises(NotImplementedError):
            function(*task.cases()[0])
    assert all(report.todo for report in check(exercise, names, HERE))


@each_exercise
def test_a_skeleton_shows_its_equation_shapes_and_what_to_do_next(exercise):
    text = skeleton(exercise)
    doc = ast.get_docstring(ast.parse(text))
    assert "=" in doc or "←" in doc
    assert f"python -m scratchnet learn check {exercise.name}.py" in doc
    assert f"Read {exercise.read.partition('#')[0]}" in doc


@each_exercise
def test_the_examples_in_a_skeleton_are_right(exercise):
    names = names_of(exercise)
    for task in exercise.tasks:
        found = doctest.DocTestParser().get_doctest(
            names[task.name].__doc__, {**names, **solutions(exercise)}, task.name, None, 0
        )
        complaints = []
        failed, tried = doctest.DocTestRunner(verbose=False).run(found, out=complaints.append)
        assert not failed, "".join(complaints)
        assert tried or exercise is TRAINING_LOOP


@each_exercise
def test_what_is_to_be_read_is_there(exercise):
    mistakes = [mistake for task in exercise.tasks for mistake in task.mistakes]
    for page in [exercise.read, exercise.library, *(m.read for m in mistakes if m.read)]:
        place, _, heading = page.partition("#")
        assert (ROOT / place).is_file(), page
        if heading:
            chapter = Chapter(Path(place).name)
            chapter.text = f"[here](#{heading})"
            assert chapter.broken_links() == [], page


# -- solutions and mistakes -----------------------------------------------------------------------


@each_exercise
def test_the_solution_passes(exercise):
    for report in check(exercise, solutions(exercise), HERE):
        assert report.right
        if report.task.slopes is not None:
            assert report.slope_error < 1e-9


@each_exercise
def test_cases_are_the_same_each_time_and_end_with_axes_of_different_lengths(exercise):
    for task in exercise.tasks:
        for one, other in zip(task.cases(), task.cases(), strict=True):
            for a, b in zip(solved(task, one), solved(task, other), strict=True):
                assert np.array_equal(a, b)


@each_exercise
def test_every_known_mistake_is_recognised_by_its_own_name(exercise):
    for task in exercise.tasks:
        names = [mistake.name for mistake in task.mistakes]
        assert len(set(names)) == len(names) >= 3
        for mistake in task.mistakes:
            assert mistake.advice.endswith((".", ")")) and len(mistake.advice) > 20, mistake.name
            given = {**solutions(exercise), task.name: mistake.function}
            reports = {report.task.name: report for report in check(exercise, given, HERE)}
            report = reports[task.name]
            assert report.error is None and report.wrong, mistake.name
            assert {wrong.mistake.name for wrong in report.wrong} == {mistake.name}


GARBAGE = [
    *(None, "seven", {"a": 1}, object(), [[1], [2, 3]], (), [], True, 1j, float("nan"), 10**30),
    *(np.zeros(0), np.zeros((0, 3)), np.array("a"), np.array([None]), np.zeros((1,) * 9)),
    np.array([[1 + 2j, 0]]),
]


@each_exercise
def test_no_result_is_so_odd_that_there_is_no_report(exercise):
    for value in GARBAGE:
        names = {}
        for task in exercise.tasks:
            results = (value,) * len(task.results)
            answer = value if len(results) == 1 else results
            names[task.name] = lambda *arguments, answer=answer: answer
        reports = check(exercise, names, HERE)
        assert not any(report.right for report in reports), repr(value)
        text = as_text(exercise, reports, None)
        assert text.count("✗") == len(exercise.tasks) and len(text) < 6000


@each_exercise
def test_results_that_are_the_arguments_are_reported(exercise):
    for task in exercise.tasks:
        for place in range(len(task.parameters)):

            def echo(*arguments, task=task, place=place):
                results = (arguments[place],) * len(task.results)
                return results[0] if len(results) == 1 else results

            reports = check(exercise, {**solutions(exercise), task.name: echo}, HERE)
            (report,) = [report for report in reports if report.task is task]
            assert not report.right and as_text(exercise, reports, None)


# -- the library does the same --------------------------------------------------------------------

EDGES = ((0, 0), (0, 0))


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def same(results, others):
    for result, other in zip(results, others, strict=True):
        np.testing.assert_allclose(result, other, rtol=1e-12, atol=1e-12)


def test_convolution_is_the_library_s():
    x, W, b, dy = numbers(2, 3, 6, 5), numbers(4, 3, 2, 3), numbers(4), numbers(2, 4, 5, 3)
    geometry = (1, 1), EDGES, (1, 1), 1
    same([conv2d_forward(x, W, b)], [conv2d.conv2d_forward(x, W, b, *geometry)])
    same(conv2d_backward(dy, x, W), conv2d.conv2d_backward(dy, x, W, *geometry))


def test_max_pooling_is_the_library_s():
    x, dy = np.round(numbers(2, 3, 7, 6)), numbers(2, 3, 3, 2)
    y, winner = max_pool.max_pool_forward(x, (3, 3), (2, 2), EDGES)
    same([max_pool_forward(x, 3, 2)], [y])
    dx = max_pool.max_pool_backward(dy, winner, x.shape, (3, 3), (2, 2), EDGES)
    same([max_pool_backward(dy, x, 3, 2)], [dx])


def test_dense_and_relu_are_the_library_s():
    x, W, b, dy = numbers(3, 4), numbers(4, 2), numbers(2), numbers(3, 2)
    same([dense_forward(x, W, b)], [dense.dense_forward(x, W, b)])
    same(dense_backward(dy, x, W), dense.dense_backward(dy, x, W))
    same([relu_forward(x)], [relu.relu_forward(x)])
    same([relu_backward(x * x, x)], [relu.relu_backward(x * x, relu.relu_forward(x))])


def test_batch_norm_is_the_library_s():
    x, gamma, beta, dy = numbers(3, 2, 4, 5), numbers(2), numbers(2), numbers(3, 2, 4, 5, seed=1)
    y, x_hat, _, _, inv_std = batch_norm.batch_norm_forward(x.reshape(3, 2, -1), gamma, beta, 0.1)
    same([batch_norm_forward(x, gamma, beta, 0.1)], [y.reshape(x.shape)])
    dx, dgamma, dbeta = batch_norm.batch_norm_backward(dy.reshape(3, 2, -1), x_hat, gamma, inv_std)
    same(batch_norm_backward(dy, x, gamma, 0.1), (dx.reshape(x.shape), dgamma, dbeta))


def test_dropout_is_the_library_s_but_for_the_draws():
    layer, x = Dropout(0.25), numbers(4, 5)
    layer.build((5,), np.random.default_rng(0), np.float64)
    y = layer.forward(x, training=True)
    assert set(np.unique(layer.cache)) == {0, 1 / 0.75}
    same([dropout_backward(x, layer.cache)], [layer.backward(x)])
    mine, mask = dropout_forward(x, 0.25, np.random.default_rng(0), True)
    assert set(np.unique(mask)) == {0, 1 / 0.75}
    same([mine, y], [x * mask, x * layer.cache])


def test_the_loss_is_the_library_s():
    scores, labels = numbers(4, 3), np.array([0, 2, 1, 1])
    loss = SoftmaxCrossEntropy()
    loss.forward(scores, labels)
    same([cross_entropy_backward(scores, labels)], [loss.backward()])
    same([softmax(scores)], [loss.link(scores)])


def test_the_optimisers_are_the_library_s():
    w, dw, m, v = numbers(4, 5) ** 2
    mine, mine_velocity = momentum_step(w, dw, m, 0.1, 0.9)
    theirs, velocity = w.copy(), m.copy()
    optimizers.sgd_step(theirs, dw, velocity, 0.1, 0.9, False, 0.0)
    same((mine, mine_velocity), (theirs, velocity))
    results = adam_step(w, dw, m, v, 0.1, 0.9, 0.99, 1e-8, 3)
    optimizers.adam_step(w, dw, m, v, 0.1, 0.9, 0.99, 1e-8, 3, 0.0)
    same(results, (w, m, v))


def test_rectangles_are_haar_s():
    grey = np.random.default_rng(0).integers(0, 256, (9, 8), np.uint8)
    S = haar.integral_image(grey)
    assert np.array_equal(integral_image(grey), S)
    assert rectangle_sum(S, 2, 3, 4, 5) == haar.integral.rectangle_sum(S, 2, 3, 4, 5)
    left, right = grey[3:8, 2:4].sum(dtype=int), grey[3:8, 4:6].sum(dtype=int)
    assert haar_feature(S, 2, 3, 4, 5) == right - left


def test_the_update_is_adaboost_s():
    X = np.array([[1, 1], [2, 3], [3, 2], [4, 5], [5, 4]], float)
    y = np.array([0, 0, 1, 0, 1])
    model = AdaBoostClassifier(3).fit(X, y)
    for t in range(2):
        wrong = model.estimators_[t].predict(X) != y
        w, alpha = adaboost_update(model.sample_weights_[t], wrong)
        same([w, alpha], [model.sample_weights_[t + 1], model.estimator_weights_[t]])
        assert w[wrong].sum() == pytest.approx(0.5)


def test_the_loop_by_hand_reaches_the_losses_of_the_library():
    (task,) = TRAINING_LOOP.tasks
    for mine, theirs in zip(task.cases(), task.cases(), strict=True):
        same([_loop()(*mine)], [task.solution(*theirs)])


def test_an_unknown_exercise_names_its_neighbours():
    for name, near in [("conv", "conv2d"), ("maxpool", "max_pool"), ("adaboot", "adaboost")]:
        with pytest.raises(ValueError, match=f"near it: .*{near}"):
            find(name)
    with pytest.raises(ValueError, match="there are relu, dense"):
        find("")
