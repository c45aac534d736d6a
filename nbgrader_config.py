"""Read by every nbgrader command that is started in this folder. The course itself is in course.toml."""

from pathlib import Path

from course import config
from course.nbgrader import graders, settings

course = config.load(Path(__file__).parent)
settings.prepare(course)
graders.note_graders()
get_config().merge(settings.configuration(course))  # noqa: F821 - nbgrader's own name
