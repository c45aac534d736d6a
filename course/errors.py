"""The one error that the `course` command shows as a sentence and not as a traceback."""


class CourseError(Exception):
    """Something the reader can mend: the message names the file or field and says how."""
