"""Runs a student's code where it can harm nobody, within limits, and answers the judge's calls.

Comes in: cells and limits; later a function's name and arguments. Goes out: outputs and plain values,
checked for form, never believed. It must never know: a reference, a hidden case, a student's name, the
gradebook.
"""
