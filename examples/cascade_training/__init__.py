"""What `train_cascade.py` is made of: where samples come from, the run folder, bars and figures.

positives.py     sources ─▶ framed objects ─▶ windows          generated.py   both, drawn
backgrounds.py   pictures without objects, read when wanted
run.py           settings, windows and log of a run: what --resume needs
watching.py      progress bars; the log
report.py        the figures, each in a file of its own: *_figure.py
"""
