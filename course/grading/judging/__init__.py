"""Gives the points, outside the sandbox: one submission, text in, text out.

Comes in: the lesson's description and the files of one submission. Goes out: points, comments, diagnoses
and a notebook in which nothing is alive. It must never know: the gradebook, other submissions, whose this
one is.
"""
