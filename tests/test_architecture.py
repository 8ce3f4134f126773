"""Who may import whom: the direction of dependency, read out of every file's imports.

Imports under `if TYPE_CHECKING:` do not run, so they do not count.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]

INSTALLED = {"numpy", "numba", "llvmlite", "PIL", "pandas"}
"""What pip brings along with the library."""
EXTRAS = {"tqdm", "matplotlib"}
"""What only some functions need: imported inside of them."""

DIRECTION = {
    "haar": [],
    "scratchnet": ["*"],  # the public names
    "scratchnet.reference": [],
    "scratchnet.kernels": [],
    "scratchnet.initializers": [],
    "scratchnet.schedules": [],
    "scratchnet.metrics": [],
    "scratchnet.serialization": [],
    "scratchnet.ops": ["reference", "kernels"],
    "scratchnet.vision": ["ops"],
    "scratchnet.layers": ["ops", "initializers"],
    "scratchnet.losses": ["ops"],
    "scratchnet.optimizers": ["ops", "schedules"],
    "scratchnet.plan": ["layers", "kernels", "ops", "optimizers"],
    "scratchnet.training": ["layers", "serialization"],
    "scratchnet.callbacks": ["serialization"],
    "scratchnet.sequential": [
        *("layers", "losses", "optimizers", "plan", "training", "serialization"),
    ],
    "scratchnet.gradcheck": ["layers", "losses"],
    "scratchnet.explain": ["layers", "vision"],
    "scratchnet.visualize": ["metrics"],
    "scratchnet.classical": ["ops", "vision", "sequential", "layers", "losses", "optimizers"],
    "scratchnet.learn": ["gradcheck", "layers", "losses", "optimizers", "sequential", "training"],
    "scratchnet.fer": ["*", "haar"],
    "scratchnet.warmup": ["kernels", "layers", "ops", "optimizers", "sequential", "vision"],
    "scratchnet.commands": ["*", "fer", "haar"],
    "scratchnet.__main__": ["commands"],
}
"""What each part may import besides itself and third parties; * is all of scratchnet but the
application, which is fer, and the commands."""


class Import(NamedTuple):
    """One module that a file imports, and whether only inside of a function."""

    path: Path
    line: int
    module: str
    lazy: bool

    def __str__(self):
        return f"{self.path.relative_to(ROOT).as_posix()}:{self.line} imports {self.module}"


def module_name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def exists(module):
    path = ROOT.joinpath(*module.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


class Visitor(ast.NodeVisitor):
    def __init__(self, path):
        self.path, self.depth, self.found = path, 0, []

    def add(self, node, module):
        self.found.append(Import(self.path, node.lineno, module, self.depth > 0))

    def visit_Import(self, node):
        for alias in node.names:
            self.add(node, alias.name)

    def visit_ImportFrom(self, node):
        base = node.module or ""
        if node.level:  # from . import x
            package = module_name(self.path).split(".")
            if self.path.name != "__init__.py":
                package = package[:-1]
            base = ".".join([*package[: len(package) - node.level + 1], *filter(None, [base])])
        for alias in node.names:
            inner = f"{base}.{alias.name}"
            self.add(node, inner if exists(inner) else base)

    def visit_Call(self, node):
        if getattr(node.func, "id", getattr(node.func, "attr", None)) == "import_module":
            text = ast.unparse(node.args[0]).strip("f'\"")
            for package in ("reference", "kernels") if "{implementation()}" in text else ():
                self.add(node, f"scratchnet.{package}")
        self.generic_visit(node)

    def visit_If(self, node):
        if "TYPE_CHECKING" not in ast.unparse(node.test):
            self.generic_visit(node)

    def visit_FunctionDef(self, node):
        self.depth += 1
        self.generic_visit(node)
        self.depth -= 1

    visit_AsyncFunctionDef = visit_Lambda = visit_FunctionDef


def imports_of(path):
    visitor = Visitor(path)
    visitor.visit(ast.parse(path.read_text(encoding="utf-8")))
    return visitor.found


def sources(*folders):
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


LIBRARY = sources("scratchnet", "haar")
IMPORTS = [found for path in LIBRARY for found in imports_of(path)]


def part(module):
    """The part of the architecture that a module belongs to: "scratchnet.layers", "haar", …"""
    return ".".join(module.split(".")[: 1 if module.startswith("haar") else 2])


def allowed(importer, imported):
    own, other = part(importer), part(imported)
    if own == other:
        return True
    for name in DIRECTION[own]:
        application = ("scratchnet.fer", "scratchnet.commands")
        if name == "*" and other.startswith("scratchnet.") and other not in application:
            return True
        if other in (name, f"scratchnet.{name}"):
            return True
    return False


def ours(found):
    return found.module.split(".")[0] in ("scratchnet", "haar")


# -- the direction --------------------------------------------------------------------------------


def test_every_part_has_its_place_in_the_direction():
    parts = {part(module_name(path)) for path in LIBRARY}
    assert parts <= set(DIRECTION), "say in DIRECTION what the new part may import"


def test_imports_point_in_one_direction():
    wrong = [
        str(found)
        for found in IMPORTS
        if ours(found) and not allowed(module_name(found.path), found.module)
    ]
    assert wrong == []


def test_only_ops_sees_both_references_and_kernels():
    seen = {}
    for found in IMPORTS:
        if part(found.module) in ("scratchnet.reference", "scratchnet.kernels"):
            importer = part(module_name(found.path))
            if importer != part(found.module):
                seen.setdefault(importer, set()).add(part(found.module))
    assert seen.pop("scratchnet.ops") == {"scratchnet.reference", "scratchnet.kernels"}
    assert set(seen) <= {"scratchnet.plan", "scratchnet.warmup"}
    assert all(packages == {"scratchnet.kernels"} for packages in seen.values())


def test_only_the_application_knows_haar_and_only_the_command_line_the_application():
    knows_haar = {part(module_name(f.path)) for f in IMPORTS if f.module.split(".")[0] == "haar"}
    assert knows_haar <= {"haar", "scratchnet.fer", "scratchnet.commands"}
    knows_fer = {part(module_name(f.path)) for f in IMPORTS if part(f.module) == "scratchnet.fer"}
    assert knows_fer <= {"scratchnet.fer", "scratchnet.commands"}


def test_there_is_no_circle_of_files():
    """Of imports at the top of files; one inside of a function may close a circle."""
    edges = {module_name(path): set() for path in LIBRARY}
    for found in IMPORTS:
        if ours(found) and not found.lazy and found.module in edges:
            edges[module_name(found.path)].add(found.module)
    done, open_ = set(), []

    def visit(module):
        assert module not in open_, " -> ".join([*open_, module])
        if module not in done:
            open_.append(module)
            for imported in sorted(edges[module] - {module}):
                visit(imported)
            done.add(open_.pop())

    for module in edges:
        visit(module)


def test_the_rules_catch_what_they_forbid(tmp_path):
    assert allowed("scratchnet.layers.dense", "scratchnet.ops")
    assert allowed("scratchnet.fer.train", "haar.cascade")
    for importer, imported in [
        ("scratchnet.reference.dense", "scratchnet.kernels.dense"),
        ("scratchnet.kernels.dense", "scratchnet.reference.dense"),
        ("scratchnet.layers.dense", "scratchnet.kernels.dense"),
        ("scratchnet.layers.dense", "scratchnet.sequential"),
        ("scratchnet.sequential", "scratchnet.fer.train"),
        ("scratchnet.visualize.faces", "haar.cascade"),
        ("scratchnet", "scratchnet.fer"),
        ("haar.cascade", "scratchnet.kernels.jit"),
    ]:
        assert not allowed(importer, imported)

    tree = ast.parse(
        "import numpy\n"
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n"
        "    import torch\n"
        "from scratchnet import ops, Sequential\n"
        "from .jit import kernel\n"
        "from . import simd\n"
        "def f():\n"
        "    import tqdm\n"
    )
    visitor = Visitor(ROOT / "scratchnet" / "kernels" / "dense.py")
    visitor.visit(tree)
    assert [(found.module, found.lazy) for found in visitor.found] == [
        ("numpy", False),
        ("typing", False),
        ("scratchnet.ops", False),
        ("scratchnet", False),
        ("scratchnet.kernels.jit", False),
        ("scratchnet.kernels.simd", False),
        ("tqdm", True),
    ]


# -- third parties --------------------------------------------------------------------------------


def test_the_library_imports_only_what_it_is_installed_with():
    wrong = []
    for found in IMPORTS:
        package = found.module.split(".")[0]
        if package in sys.stdlib_module_names or package in INSTALLED or ours(found):
            continue
        if package in EXTRAS and found.lazy:
            continue
        wrong.append(str(found))
    assert wrong == []


def test_matplotlib_is_for_figures_only():
    users = {part(module_name(f.path)) for f in IMPORTS if f.module.split(".")[0] == "matplotlib"}
    assert users <= {"scratchnet.visualize"}


@pytest.mark.parametrize(
    "package", ["scratchnet", "scratchnet.fer", "scratchnet.classical", "haar"]
)
def test_importing_is_light_and_compiles_nothing(package):
    heavy = {"numba", "llvmlite", "pandas", "matplotlib", "tqdm", "PIL", "torch"}
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {package}; "
        f"print(sorted({heavy!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout.strip() == "[]"


# -- no traces ------------------------------------------------------------------------------------

ABSOLUTE = re.compile(r"""(?:^|[\s'"(=`])(?:/\w[\w.-]*/\w|[A-Za-z]:\\\w)""")
"""A path of somebody's machine: /a/b or C:\\a."""
SHARED = re.compile(r"/usr/local|/opt/homebrew|/opt/local")
"""Where package managers install, on everybody's machine."""


def test_no_file_names_a_path_of_somebodys_machine():
    assert ABSOLUTE.search("see /some/folder")
    assert ABSOLUTE.search(r"open('D:\data')")
    assert not ABSOLUTE.search("dy / (KH·KW), and/or https://example.org/a/b")
    wrong = []
    for path in [*LIBRARY, *sources("examples", "tests")]:
        if path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if ABSOLUTE.search(SHARED.sub("", line)):
                wrong.append(f"{path.relative_to(ROOT).as_posix()}:{number} {line.strip()}")
    assert wrong == []


def test_the_library_is_silent():
    """Callbacks and examples speak; a print elsewhere is a forgotten one."""
    speakers = {"scratchnet/__main__.py"} | {
        path.relative_to(ROOT).as_posix() for path in sources("scratchnet/commands")
    }
    wrong = []
    for path in LIBRARY:
        name = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print":
                wrong += [f"{name}:{node.lineno}"] if name not in speakers else []
    assert wrong == []
