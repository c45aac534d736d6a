"""The gradebook: nbgrader's own tables and one of ours, and the only code that writes them.

Comes in: results of whole submissions. Goes out: points and states, as they are now. It must never know:
how a point was decided; what people have entered it never touches.
"""
