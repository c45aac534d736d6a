"""One number for every time limit of the tests: what must succeed may take this many seconds.

It is a limit, not a wait: nothing takes longer because it is large, and everything that a test waits for
needs less than a tenth of it on two idle processors. On a slower machine `COURSE_PATIENCE=3` makes it three
times as long; while a test is written, `COURSE_PATIENCE=0.1` lets it fail soon.
"""

import os

LIMIT = 300 * float(os.environ.get("COURSE_PATIENCE", "1"))
MILLISECONDS = 1000 * LIMIT  # as Playwright counts
