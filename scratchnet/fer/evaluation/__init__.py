"""An honest evaluation of a model folder: numbers, tables, pictures, and a page of all of them.

evaluate(model_folder, data, out, classes)

candidate.py    the model, answering exactly as the recogniser answers
parts.py        which faces it is asked about, and which it may be calibrated on
votes.py        a second opinion: ten people's votes on each face
pictures.py     the figures that a training run's report does not have
tables.py       the numbers as CSV and Markdown
page.py         everything in one HTML file
"""

from scratchnet.fer.evaluation.run import as_text, evaluate

__all__ = ["as_text", "evaluate"]
