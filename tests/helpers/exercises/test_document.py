"""docs/checks.md says what the checks do today."""

from tests.helpers.exercises.document import PATH, document


def test_the_table_of_mistakes_is_current():
    assert PATH.read_text(encoding="utf-8") == document(), (
        "run `python -m tests.helpers.exercises.document` and commit docs/checks.md"
    )
