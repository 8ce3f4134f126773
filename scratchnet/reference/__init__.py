"""The definition of each heavy operation in plain NumPy: to read, and to test kernels against."""
