"""The heavy operations in Numba: the same names and arguments as in `scratchnet.reference`.

Nothing here is imported before the first operation runs, and nothing compiles before that.
"""
