"""What runs in the sandbox, beside the student's code. It knows no exercise, no case and no point.

Everything here may be read, patched and lied to by a student. Nothing that it says is believed: it hands
back the values of calls, which are judged outside.
"""
