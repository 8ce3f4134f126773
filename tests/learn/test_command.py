"""`python -m scratchnet learn` as people use it: what it says, and its exit status."""

import os
import stat
import sys

import pytest

from scratchnet.learn import EXERCISES, find
from scratchnet.learn.loading import MODULE
from scratchnet.learn.writing import skeleton, write_skeleton

RIGHT = """\
N, C, H, width = x.shape
F, C, KH, KW = W.shape
y = np.zeros((N, F, H - KH + 1, width - KW + 1))
for n, f, i, j in np.ndindex(y.shape):
    y[n, f, i, j] = np.sum(W[f] * x[n, :, i : i + KH, j : j + KW]) + b[f]
return y"""

# -- the list and the file ------------------------------------------------------------------------


def test_the_list_has_every_exercise_with_its_page(run):
    status, out, err = run()
    assert (status, err) == (0, "")
    for exercise in EXERCISES:
        assert exercise.summary in out and exercise.teaches in out and exercise.read in out


def test_a_file_is_written_here_and_never_over_another(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, out, _ = run("conv2d")
    assert status == 0 and "learn check conv2d.py" in out
    path = tmp_path / "conv2d.py"
    assert path.read_text(encoding="utf-8") == skeleton(find("conv2d"))
    path.write_text("my work")
    status, out, err = run("conv2d")
    assert (status, out) == (2, "")
    assert err == (
        "scratchnet learn: conv2d.py is there already, and is not overwritten; "
        "give another name with --out\n"
    )
    assert path.read_text() == "my work"
    assert [path.name for path in tmp_path.iterdir()] == ["conv2d.py"]


def test_out_is_a_folder_or_a_file(run, tmp_path):
    assert run("relu", "--out", tmp_path)[0] == 0
    assert run("relu", "--out", tmp_path / "new" / "mine.py")[0] == 0
    assert (tmp_path / "relu.py").is_file() and (tmp_path / "new" / "mine.py").is_file()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_file_can_be_read_as_any_other(tmp_path):
    (tmp_path / "ordinary").touch()
    path = write_skeleton(find("relu"), tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE((tmp_path / "ordinary").stat().st_mode)


def test_who_comes_second_does_not_overwrite(tmp_path, monkeypatch):
    """Between the look and the writing somebody else has written the file."""
    path = tmp_path / "relu.py"
    path.write_text("my work")
    monkeypatch.setattr(os.path, "lexists", lambda path: False)
    with pytest.raises(FileExistsError, match="is not overwritten"):
        write_skeleton(find("relu"), path)
    assert path.read_text() == "my work" and len(list(tmp_path.iterdir())) == 1


def test_without_hard_links_the_file_is_written_too(tmp_path, monkeypatch):
    def refuse(self, target):
        raise OSError("no such thing here")

    monkeypatch.setattr("pathlib.Path.hardlink_to", refuse)
    path = write_skeleton(find("relu"), tmp_path)
    assert path.read_text(encoding="utf-8") == skeleton(find("relu"))
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["conv"], "near it: conv2d, conv2d_backward"),
        (["conv2d.py"], "conv2d.py is a file; python -m scratchnet learn check conv2d.py"),
        (["check"], "expected `learn`, `learn EXERCISE` or `learn check FILE`"),
        (["relu", "relu.py"], "expected `learn`, `learn EXERCISE` or `learn check FILE`"),
        (["--out", "x"], "--out goes with the name of an exercise"),
        (["check", "nowhere.py"], "No such file"),
    ],
)
def test_wrong_usage_is_said_in_a_line(run, arguments, complaint):
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert complaint in err and err.count("\n") == 1


# -- reports --------------------------------------------------------------------------------------


def test_a_right_file(run, written):
    status, out, _ = run("check", written("conv2d", RIGHT))
    assert status == 0
    assert out == (
        "✓ conv2d_forward: right on 3 cases\n\n"
        "Right. The library's own: scratchnet/reference/conv2d.py\n"
        "Next: python -m scratchnet learn conv2d_backward\n"
    )


def test_a_gradient_has_difference_quotients_for_witnesses(run, written):
    path = written("relu", "return x * (x > 0)", "return np.where(x > 0, dy, 0)")
    status, out, _ = run("check", path)
    assert status == 0
    assert "so say difference quotients of L: dx, to 9 digits" in out


LOOP = """\
losses = []
for _ in range(epochs):
    total, order = 0.0, rng.permutation(len(x))
    for first in range(0, len(x), batch_size):
        batch = order[first : first + batch_size]
        total += len(batch) * loss.forward(model.forward(x[batch], training=True), labels[batch])
        model.backward(loss.backward())
        optimizer.step(model.plan.parameters)
    losses.append(total / len(x))
return losses"""


def test_the_whole_training_loop(run, written):
    status, out, _ = run("check", written("training_loop", LOOP))
    assert status == 0 and "✓ train: right on 2 cases" in out
    path = written("training_loop", LOOP.replace("labels[batch]", "labels[: len(batch)]"))
    assert run("check", path)[0] == 1
    path = written("training_loop", LOOP.replace("rng.permutation(len(x))", "np.arange(len(x))"))
    status, out, _ = run("check", path)
    assert status == 1 and "It looks like: not shuffled" in out


def test_a_file_that_is_not_begun(run, written):
    status, out, _ = run("check", written("conv2d"))
    assert status == 1
    assert out.startswith("✗ conv2d_forward is still to be written\n")
    assert "docs/conv2d.md#equation" in out


def test_a_known_mistake_is_named_with_advice_and_chapter(run, written):
    status, out, _ = run("check", written("conv2d", RIGHT.replace("W[f]", "W[f, :, ::-1, ::-1]")))
    assert status == 1
    lines = out.splitlines()
    assert lines[:3] == [
        "✗ conv2d_forward",
        "  y[0, 0, 0, 0]: expected 13, got -14",
        "  4 of 4 entries are wrong",
    ]
    assert lines[3] == "  It looks like: kernel flipped"
    assert "Lay it on as it is" in out and "Read docs/conv2d.md#a-pitfall" in out
    assert "    b = [1]" in lines


def test_an_argument_that_was_changed_is_named(run, written):
    _, out, _ = run("check", written("conv2d", RIGHT.replace("W[f]", "W[f, :, ::-1]")))
    assert "It is what comes out if `W` is turned around along its last axis but one." in out


def test_another_mistake_is_described(run, written):
    status, out, _ = run("check", written("conv2d", RIGHT.replace("return y", "return 7 * y")))
    assert status == 1
    assert "It is 7 times what it should be, everywhere." in out
    assert "Read docs/conv2d.md#equation" in out


def test_each_result_has_a_mistake_of_its_own(run, written):
    _, out, _ = run(
        "check", written("dense_backward", "return dy @ W.T, x.T @ dy / len(x), dy[0].copy()")
    )
    assert "dx" not in out.replace("dx, dW", "")
    assert out.count("It looks like: mean over the batch") == 1
    assert out.count("It looks like: first sample only") == 1
    assert out.count("Case 1 of 3") == 1


def test_the_same_mistake_is_explained_once(run, written):
    body = "mask = (rng.random(x.shape) >= rate) * 1.0 if training else np.ones_like(x)\n"
    path = written("dropout", body + "return x * mask, mask", "return dy * mask")
    _, out, _ = run("check", path)
    assert out.count("It looks like: inverted scaling forgotten") == 2
    assert out.count("then y is x on average") == 1
    assert "✓ dropout_backward" in out


def test_a_square_matrix_hides_a_mistake_that_raises_elsewhere(run, written):
    _, out, _ = run("check", written("dense", "return x @ W.T + b"))
    assert "It looks like: weights transposed" in out and "Error" not in out


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("y = x + 1", "relu_forward returned None; is there a `return y`?"),
        ("x *= x > 0\nreturn x", "It changes `x`, which belongs to the caller"),
        ("return np.random.random(x.shape)", "The same call, made again, gives another result"),
        ("return np.maximum(x, 0).astype(np.float32)", "`y` has dtype float32, expected float64"),
        ("return np.maximum(x, 0).astype(int)", "`y` has dtype int64, expected float64"),
        ("return x / 0 * 0", "not finite"),
        ("return np.maximum(x, 0).T", "expected the shape (1, 4), got (4, 1)"),
        ("return 'seven'", "got 'seven'"),
    ],
)
def test_habits_and_what_is_no_result(run, written, body, sentence):
    status, out, _ = run("check", written("relu", body, "return dy * (x > 0)"))
    assert status == 1 and sentence in out
    assert "✓ relu_backward" in out


# -- files that do not run ------------------------------------------------------------------------


def test_a_syntax_error_has_its_line(run, tmp_path):
    path = tmp_path / "relu.py"
    path.write_text("def relu_forward(x):\n    return (x\n")
    status, out, _ = run("check", path)
    assert status == 1
    assert out.splitlines()[1:] == [
        "SyntaxError: '(' was never closed",
        "  relu.py, line 2",
        "    return (x",
        "           ^",
    ]


def test_an_exception_has_the_learner_s_line(run, written):
    path = written("relu", "return helper(x)\n", "return dy * (x > 0)")
    with path.open("a") as file:
        file.write("\ndef helper(x):\n    return x[7]\n")
    line = path.read_text().splitlines().index("    return x[7]") + 1
    status, out, _ = run("check", path)
    assert status == 1
    assert (
        f"  IndexError: index 7 is out of bounds for axis 0 with size 1\n"
        f"    relu.py, line {line}, in helper\n      return x[7]\n" in out
    )
    assert "x = [[2, -1, 3, 0]]" in out


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("import nosuchmodule\n", "ModuleNotFoundError: No module named 'nosuchmodule'"),
        ("import sys\nsys.exit(3)\n", "SystemExit: 3\n  relu.py, line 2\n    sys.exit(3)"),
        ("x = 1\0", "null bytes"),
        ("def relu_forward(x):\n    return x * (x > 0)\n", "defines no function `relu_backward`"),
        ("relu_forward = 3\n", "defines no function `relu_forward`"),
        ("def relu_forward():\n    return 1\n", "takes 0 positional arguments but 1 was given"),
        ("def relu_forward(x):\n    exit()\n", "SystemExit"),
    ],
)
def test_files_that_cannot_be_checked_are_reported(run, tmp_path, text, sentence):
    path = tmp_path / "relu.py"
    path.write_text(text)
    status, out, err = run("check", path)
    assert (status, err) == (1, "")
    assert sentence in out and "Traceback" not in out


def test_a_file_may_have_another_name_and_use_its_neighbours(run, written, tmp_path):
    (tmp_path / "my_helper.py").write_text("def gate(x):\n    return x > 0\n")
    path = written("relu", "return x * gate(x)", "return dy * gate(x)", file="monday.py")
    path.write_text("from my_helper import gate\n" + path.read_text())
    try:
        assert run("check", path)[0] == 0
    finally:
        sys.modules.pop("my_helper", None), sys.modules.pop(MODULE, None)
    assert str(tmp_path) not in sys.path


def test_a_file_that_is_no_exercise(run, tmp_path):
    path = tmp_path / "shopping.py"
    path.write_text("milk = 2\n")
    status, out, err = run("check", path)
    assert (status, out) == (2, "")
    assert 'a file says which it is: EXERCISE = "conv2d"' in err


def test_own_experiments_under_main_do_not_run(run, written):
    path = written("relu", "return np.maximum(x, 0)", "return dy * (x > 0)")
    with path.open("a") as file:
        file.write('\nif __name__ == "__main__":\n    raise RuntimeError\n')
    assert run("check", path)[0] == 0
