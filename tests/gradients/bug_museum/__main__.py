"""Print the catalogue: `python -m tests.gradients.bug_museum`."""

from tests.gradients.bug_museum import table

print(table())
