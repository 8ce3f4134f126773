"""The classical systems and the CNN, measured on the same faces (`examples/compare_classical.py`).

faces        who is learned from, who is asked about
systems      each system, as one line of the comparison's table
chain network appearance     what a system is made of, besides `scratchnet.classical`
measuring    accuracy, time and size of one system
table figure     what is printed and saved
"""
