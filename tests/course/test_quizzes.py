"""The encoder of quizzes: every trap of jupyterquiz is refused with a sentence, the rest is encoded."""

# ruff: noqa: RUF001 (the signs of MathML)

import base64
import json
import re
from pathlib import Path

import pytest

from course.errors import CourseError
from course.quizzes import encode, outdated, read

ROOT = Path(__file__).parents[2]

CHOICE = """
[[a]]
type = "multiple_choice"
question = 'Which?'
answers = [
  {answer = 'one', correct = true, feedback = 'Yes.'},
  {answer = 'two', feedback = 'No.'},
]
"""
NUMERIC = """
[[a]]
type = "numeric"
question = 'How many?'
key = "1 + 2"
right = 'Yes.'
wrong = 'No.'
feedback = [ {value = "4", text = 'One less.'} ]
"""
STRING = """
[[a]]
type = "string"
question = 'What shape?'
key = ["(2, 3)", "2 x 3"]
right = 'Yes.'
wrong = 'No.'
feedback = [ {value = "(3, 2)", text = 'Turned.'} ]
"""


def write(folder: Path, text: str, name: str = "demo.toml") -> Path:
    (folder / "quizzes").mkdir(exist_ok=True)
    path = folder / "quizzes" / name
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(CourseError) as caught:
        encode_one(folder, text)
    return str(caught.value)


def encode_one(folder: Path, text: str) -> list[dict]:
    write(folder, text)
    encode(folder)
    quizzes = json.loads(base64.b64decode((folder / "quizzes" / "demo.b64").read_bytes()))
    return next(iter(quizzes.values()))


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


@pytest.mark.parametrize("text", [CHOICE, NUMERIC, STRING])
def test_the_plain_questions_are_accepted(tmp_path, text):
    assert len(encode_one(tmp_path, text)) == 1


# What is changed in a good file, and what the sentence says about it.
REFUSED = {
    "unknown field": (CHOICE, "question =", "hint = 'x'\nquestion =", "no field 'hint'"),
    "field of another type": (CHOICE, "question =", "decimals = 2\nquestion =", "no field 'decimals'"),
    "unknown type": (CHOICE, "multiple_choice", "multi_choice", "type is 'multi_choice'"),
    "no type": (CHOICE, 'type = "multiple_choice"', "", "type is None"),
    "no question": (CHOICE, "question = 'Which?'", "", "has no question"),
    "empty question": (CHOICE, "'Which?'", "' '", "has no question"),
    "question is a number": (CHOICE, "'Which?'", "3", "has no question"),
    "empty code": (CHOICE, "answers =", "code = ' '\nanswers =", "empty code"),
    "one answer": (CHOICE, "  {answer = 'two', feedback = 'No.'},\n", "", "two or more answers"),
    "unknown field of an answer": (CHOICE, "'two', ", "'two', value = 1, ", "answer 2 has no field 'value'"),
    "correct in quotes": (CHOICE, "correct = true", 'correct = "false"', "must be true or false"),
    "answer without text": (CHOICE, "answer = 'two', ", "", "neither answer nor code"),
    "answer without feedback": (CHOICE, "'two', feedback = 'No.'", "'two'", "answer 2 has no feedback"),
    "no right answer": (CHOICE, "correct = true, ", "", "0 answers have correct = true"),
    "two right answers": (CHOICE, "'two',", "'two', correct = true,", "2 answers have correct = true"),
    "keep_order in quotes": (CHOICE, "answers =", 'keep_order = "no"\nanswers =', "keep_order must be"),
    "same answers": (CHOICE, "'two'", "'one'", "answers 1 and 2 look alike"),
    "same but for case, space, stop": (CHOICE, "'two'", "' One. '", "answers 1 and 2 look alike"),
    "same in mathematics": (CHOICE, "'two'", "'$\\text{one}$'", "look alike"),
    "many: no right": (
        changed(CHOICE, "multiple_", "many_"),
        "correct = true, ",
        "",
        "0 of 2 answers",
    ),
    "many: no wrong": (
        changed(CHOICE, "multiple_", "many_"),
        "'two',",
        "'two', correct = true,",
        "2 of 2 answers",
    ),
    "no key": (NUMERIC, 'key = "1 + 2"', "", "has no key"),
    "key not in quotes": (NUMERIC, '"1 + 2"', "3", 'write "3"'),
    "key is no expression": (NUMERIC, '"1 + 2"', '"1 +"', "not a Python expression"),
    "key fails": (NUMERIC, '"1 + 2"', '"1 / 0"', "ZeroDivisionError"),
    "key of an unknown name": (NUMERIC, '"1 + 2"', '"nowhere.x"', "NameError"),
    "key is nan": (NUMERIC, '"1 + 2"', "\"float('nan')\"", "gives nan"),
    "key is inf": (NUMERIC, '"1 + 2"', '"np.inf"', "gives inf"),
    "key warns": (NUMERIC, '"1 + 2"', '"np.log(np.zeros(1)).sum()"', "RuntimeWarning"),
    "key is an array": (NUMERIC, '"1 + 2"', '"np.arange(3)"', "not one number"),
    "key is true": (NUMERIC, '"1 + 2"', '"1 < 2"', "not one number"),
    "key is complex": (NUMERIC, '"1 + 2"', '"3j"', "not one number"),
    "key not whole": (NUMERIC, '"1 + 2"', '"0.1 + 0.2"', "decimals = 2"),
    "decimals negative": (NUMERIC, "right =", "decimals = -1\nright =", "decimals must be"),
    "decimals true": (NUMERIC, "right =", "decimals = true\nright =", "decimals must be"),
    "too few decimals": (NUMERIC, '"1 + 2"', '"0.001"\ndecimals = 2', "0 to 2 decimals"),
    "numeric without right": (NUMERIC, "right = 'Yes.'", "", "has no right"),
    "numeric without wrong": (NUMERIC, "wrong = 'No.'", "", "has no wrong"),
    "value equals the key": (NUMERIC, '"4"', '"6 / 2"', "counts as the key"),
    "value rounds to the key": (
        changed(NUMERIC, '"1 + 2"', '"1 / 3"\ndecimals = 2'),
        '"4"',
        '"0.334"',
        "counts as the key",
    ),
    "value is on the border of the key": (
        changed(NUMERIC, '"1 + 2"', '"0.13"\ndecimals = 2'),
        '"4"',
        '"0.135"',
        "counts as the key",
    ),
    "value without text": (NUMERIC, ", text = 'One less.'", "", "has no text"),
    "feedback without value": (NUMERIC, 'value = "4", ', "", "feedback 1 has no value"),
    "feedback has another field": (NUMERIC, "text = 'One", "feedback = 'One", "no field 'feedback'"),
    "feedback is text": (NUMERIC, "[ {value = \"4\", text = 'One less.'} ]", "'no'", "must be a list"),
    "same value twice": (
        NUMERIC,
        "'One less.'}",
        "'One less.'}, {value = \"2 * 2\", text = 'x'}",
        "counts as value 1 in feedback",
    ),
    "string without key": (STRING, '["(2, 3)", "2 x 3"]', "[]", "has no key"),
    "string key is a number": (STRING, '["(2, 3)", "2 x 3"]', "6", "has no key"),
    "string value equals the key": (STRING, '"(3, 2)"', '"( 2,3 )"', "counts as spelling 1 of the key"),
    "string spellings alike": (STRING, '"2 x 3"]', '"(2,3)"]', "counts as spelling 1 of the key"),
    "string value is a number": (STRING, '"(3, 2)"', "3", "must be what the reader may type"),
    "string without wrong": (STRING, "wrong = 'No.'", "", "has no wrong"),
    "one dollar": (CHOICE, "'Which?'", "'Which $x?'", "a $ after 'Which ' has no partner"),
    "one backtick": (CHOICE, "'No.'", "'No `x.'", "a ` after 'No ' has no partner"),
    "empty formula": (CHOICE, "'Which?'", "'Which $ $?'", "nothing between two dollar signs"),
    "empty code span": (CHOICE, "'Which?'", "'Which ``?'", "nothing between two backticks"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refuses_with_a_sentence_that_names_the_place(tmp_path, case):
    text, old, new, sentence = REFUSED[case]
    message = refusal(tmp_path, changed(text, old, new))
    assert message.startswith("quizzes/demo.toml, quiz a, question 1: ")
    assert sentence in message
    assert "\n" not in message


BROKEN_LATEX = {
    r"\foo": "uses \\foo, which is not known",
    r"x \' y": "is not known",
    r"{a": "a brace without a partner",
    r"a}": "a brace without a partner",
    r"a_": "cannot be converted",
    r"^2": "an index without a base",
    r"\frac{a}": "lacks a part",
    r"x_1_2": "cannot be converted",
    r"a & b": "cannot be converted",
    r"\left( a": "cannot be converted",
    r"\begin{gathered} a \end{gathered}": "uses gathered, which would lose its shape",
    r"\href{https://x}{a}": "would carry href into the page",
    r"\begin{foo} a \end{foo}": "uses foo, which would lose its shape",
    r"\tag{1}": "uses \\tag, which would be lost",
    r"\mathds{1}": "write \\mathbb",
    r"\not= x": "write \\neq",
    r"\cancel{x}": "browsers do not draw",
    r"\boldsymbol{\theta}": "bold-italic",
    r"\,": "shows nothing",
}


@pytest.mark.parametrize("latex", BROKEN_LATEX)
def test_refuses_latex_that_would_be_garbled(tmp_path, latex):
    message = refusal(tmp_path, changed(CHOICE, "'Which?'", f"'''Which ${latex}$?'''"))
    assert message.startswith("quizzes/demo.toml, quiz a, question 1: in question ")
    assert BROKEN_LATEX[latex] in message
    assert latex in message


# Formulas of the course, and the MathML that a browser must get.
FORMULAS = {
    r"L = 2": "<mi>L</mi><mo>=</mo><mn>2</mn>",
    r"X_{i-1}": "<msub><mi>X</mi><mrow><mi>i</mi><mo>−</mo><mn>1</mn></mrow></msub>",
    r"\frac12": "<mfrac><mn>1</mn><mn>2</mn></mfrac>",
    r"x<y": "<mi>x</mi><mo>&lt;</mo><mi>y</mi>",
    r"W^\top": "<msup><mi>W</mi><mo>⊤</mo></msup>",
    r"W^{\mathrm{T}}": "<msup><mi>W</mi><mrow><mtext>T</mtext></mrow></msup>",
    r"\max(0, z)": '<mi>max</mi><mo stretchy="false">(</mo>',
    r"2 \log x": '<mn>2</mn><mspace width="0.167em" /><mi>log</mi><mspace width="0.167em" /><mi>x</mi>',
    r"\varphi_i'": '<msub><mi>φ</mi><mi>i</mi></msub><mo lspace="0" rspace="0">′</mo>',
    r"a = -1": '<mo>=</mo><mo form="prefix">−</mo><mn>1</mn>',
    r"(a) - 1": '<mo stretchy="false">)</mo><mo>−</mo><mn>1</mn>',
    r"z \sim u": "<mi>z</mi><mo>∼</mo><mi>u</mi>",
    r"\{0, 1\}": '<mo stretchy="false">{</mo><mn>0</mn>',
    r"\mathcal L": "<mi>ℒ</mi>",
    r"\mathbf 1": '<mn mathvariant="normal" style="font-weight: bold">1</mn>',
    r"\begin{aligned} a &= b \end{aligned}": '<mtr><mtd style="text-align: right"><mi>a</mi></mtd>',
    r"\begin{pmatrix} 1 & 2 \end{pmatrix}": "<mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr>",
}


@pytest.mark.parametrize("latex", FORMULAS)
def test_latex_becomes_mathml(tmp_path, latex):
    shown = encode_one(tmp_path, changed(CHOICE, "'Which?'", f"'''${latex}$'''"))[0]["question"]
    assert FORMULAS[latex] in shown
    assert shown.startswith('<math xmlns="http://www.w3.org/1998/Math/MathML" alttext="')


def test_nothing_that_jupyterquiz_would_change_reaches_it(tmp_path):
    text = changed(
        CHOICE, "'Which?'", r"'x<y, a[0](1), \$5, `b[0](1) <b>`, $a[0](1)$, <http://x>, *not* 2*3*4, é'"
    )
    text = changed(text, "'Yes.'", r"'[see](there) \$1 \$2'")
    question = encode_one(tmp_path, text)[0]
    shown = [question["question"], question["answers"][0]["feedback"], question["answers"][1]["feedback"]]
    for html in shown:
        assert not re.search(r"\$|\[|\]|\\|<http", html)
    assert shown[0].startswith(
        "x&lt;y, a&#91;0&#93;(1), &#36;5, <code>b&#91;0&#93;(1) &lt;b&gt;</code>, <math"
    )
    assert shown[0].endswith("&lt;http://x&gt;, <em>not</em> 2*3*4, é")


def test_code_is_escaped_and_keeps_its_lines(tmp_path):
    text = changed(CHOICE, "answers =", "code = '''\nif a < b:\n    c[0](1)\n'''\nanswers =")
    assert encode_one(tmp_path, text)[0]["code"] == "if a &lt; b:\n    c&#91;0&#93;(1)"


def test_answers_may_be_code(tmp_path):
    text = changed(changed(CHOICE, "answer = 'one'", "code = 'a < b'"), "answer = 'two'", "code = 'A < b'")
    assert {answer["code"] for answer in encode_one(tmp_path, text)[0]["answers"]} == {"a &lt; b", "A &lt; b"}
    assert "look alike" in refusal(tmp_path, text.replace("'A < b'", "'a  < b'"))


def test_different_mathematics_is_not_alike(tmp_path):
    for first, second in [("$W_1$", "$W^1$"), ("$x$", "$X$"), (r"$\frac12$", "$12$"), ("`w`", "`W`")]:
        text = changed(changed(CHOICE, "'one'", f"'{first}'"), "'two'", f"'{second}'")
        assert len(encode_one(tmp_path, text)[0]["answers"]) == 2


def test_the_file_is_ascii(tmp_path):
    source = write(tmp_path, changed(CHOICE, "'Which?'", "'Größe → $\\theta$?'"))
    encode(tmp_path)
    decoded = base64.b64decode(source.with_suffix(".b64").read_bytes())
    assert decoded.isascii()
    assert "Größe →" in json.loads(decoded)["a"][0]["question"]


def test_answers_are_mixed_alike_for_everybody_unless_in_order(tmp_path):
    options = ",\n".join(
        f"{{answer = '{n}', feedback = 'x', correct = {'true' if n == 0 else 'false'}}}" for n in range(8)
    )
    text = f"[[a]]\ntype = 'multiple_choice'\nquestion = 'Which?'\nanswers = [{options}]\n"
    mixed = [answer["answer"] for answer in encode_one(tmp_path, text)[0]["answers"]]
    assert mixed != sorted(mixed)
    assert mixed == [answer["answer"] for answer in encode_one(tmp_path, text)[0]["answers"]]
    kept = encode_one(tmp_path, text + "keep_order = true\n")[0]["answers"]
    assert [answer["answer"] for answer in kept] == [str(n) for n in range(8)]


def test_a_whole_key_is_compared_exactly_and_without_float_noise(tmp_path):
    answers = encode_one(tmp_path, changed(NUMERIC, '"1 + 2"', '"0.1 * 30"'))[0]["answers"]
    assert answers[0] == {"value": 3, "correct": True, "feedback": "Yes."}
    assert isinstance(answers[0]["value"], int)
    assert answers[1] == {"value": 4, "correct": False, "feedback": "One less."}
    assert answers[2] == {"type": "default", "feedback": "No."}


@pytest.mark.parametrize(
    ("key", "decimals", "right", "wrong"),
    [
        ("1 / 8", 2, [0.12, 0.125, 0.13], [0.11, 0.14]),
        ("0.1 + 0.2", 1, [0.3, 0.1 + 0.2, 0.25, 0.35], [0.2, 0.4]),
        ("-11.18993072", 2, [-11.19, -11.18993072, -11.185], [-11.18, -11.2, 11.19]),
        ("2.0", 2, [2, 1.999], [1.99, 2.01]),
        ("0", 2, [0, 0.004], [0.01]),
        ("65.4", 0, [65, 65.4], [66, 64]),
    ],
)
def test_every_number_that_rounds_to_the_key_is_right(tmp_path, key, decimals, right, wrong):
    text = changed(NUMERIC, '"1 + 2"', f'"{key}"\ndecimals = {decimals}')
    question = encode_one(tmp_path, text)[0]
    low, high = question["answers"][0]["range"]
    assert question["decimals"] == decimals
    # As jupyterquiz compares: the upper end is left out.
    assert all(low <= number < high for number in right)
    assert not any(low <= number < high for number in wrong)


def test_a_wrong_value_that_is_not_whole_is_known_although_the_key_is(tmp_path):
    answers = encode_one(tmp_path, changed(NUMERIC, '"4"', '"1.5"'))[0]["answers"]
    low, high = answers[1]["range"]
    assert low <= 1.5 < high
    assert high - low < 0.011


def test_keys_are_computed_from_helpers(tmp_path):
    key = "sum(activations.relu(np.array([z])).item() for z in (-1.0, 2.0))"
    assert encode_one(tmp_path, changed(NUMERIC, "1 + 2", key))[0]["answers"][0]["value"] == 2


def test_strings_are_compared_without_capitals_and_spaces_around_signs(tmp_path):
    answers = encode_one(tmp_path, changed(STRING, '"2 x 3"]', '" Two  X\\tThree "]'))[0]["answers"]
    assert [answer.get("answer") for answer in answers] == ["(2,3)", "two x three", "(3,2)", None]
    assert [answer.get("correct") for answer in answers] == [True, True, False, None]


def test_a_quiz_begun_twice_is_refused(tmp_path):
    text = CHOICE + NUMERIC.replace("[[a]]", "[[b]]") + STRING
    assert "quiz a is begun twice" in refusal(tmp_path, text)
    assert len(encode_one(tmp_path, CHOICE + NUMERIC + STRING)) == 3


def test_the_same_question_twice_is_refused(tmp_path):
    assert "question 2: it asks the same as question 1" in refusal(tmp_path, CHOICE + CHOICE)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a = []\n", "quiz a is empty"),
        ("# nothing\n", "holds no quiz"),
        ("[a]\ntype = 'numeric'\n", "begin each of its questions with [[a]]"),
        (CHOICE.replace("[[a]]", "[[The-first]]"), "small letters"),
        ("[[a]\n", "is not TOML"),
    ],
)
def test_refuses_files_without_proper_quizzes(tmp_path, text, sentence):
    message = refusal(tmp_path, text)
    assert message.startswith("quizzes/demo.toml")
    assert sentence in message


def test_answers_may_be_tables_of_their_own(tmp_path):
    text = """
[[a]]
type = "multiple_choice"
question = 'Which?'
[[a.answers]]
answer = 'one'
correct = true
feedback = '''
Two
lines.
'''
[[a.answers]]
answer = 'two'
feedback = 'No.'
[[a]]
type = "numeric"
question = 'How many?'
key = "3"
right = 'Yes.'
wrong = 'No.'
"""
    questions = encode_one(tmp_path, text)
    assert {answer["feedback"] for answer in questions[0]["answers"]} == {"Two lines.", "No."}


def test_every_mistake_is_told_at_once_and_good_files_are_written(tmp_path):
    write(tmp_path, CHOICE, "good.toml")
    bad = changed(CHOICE, "correct = true, ", "") + changed(NUMERIC, '"1 + 2"', '"1 / 0"')
    message = refusal(tmp_path, bad)
    assert [line.split(":")[0] for line in message.splitlines()] == [
        "quizzes/demo.toml, quiz a, question 1",
        "quizzes/demo.toml, quiz a, question 2",
    ]
    assert (tmp_path / "quizzes" / "good.b64").is_file()
    assert not (tmp_path / "quizzes" / "demo.b64").exists()
    assert outdated(tmp_path) == message.splitlines()


def test_outdated_names_what_is_missing_changed_or_orphaned(tmp_path):
    source = write(tmp_path, CHOICE)
    assert outdated(tmp_path) == ["quizzes/demo.b64 is missing: run `course sync`"]
    assert encode(tmp_path) == [source.with_suffix(".b64")]
    assert encode(tmp_path) == []
    assert outdated(tmp_path) == []
    source.write_text(CHOICE.replace("Which", "What"))
    assert outdated(tmp_path) == ["quizzes/demo.b64 is not what demo.toml says: run `course sync`"]
    encode(tmp_path)
    source.unlink()
    assert outdated(tmp_path) == ["quizzes/demo.b64 has no demo.toml: run `course sync`, which removes it"]
    encode(tmp_path)
    assert list((tmp_path / "quizzes").iterdir()) == []


def test_the_example_of_the_authors_page_is_accepted(tmp_path):
    page = (ROOT / "docs" / "quizzes.md").read_text(encoding="utf-8")
    example = re.search(r"```toml\n(# quizzes/structure.toml.*?)```", page, re.DOTALL)
    quizzes = read(write(tmp_path, example[1]))
    assert {name: len(questions) for name, questions in quizzes.items()} == {"layers": 2, "saturation": 2}
    assert quizzes["layers"][1]["answers"][0]["value"] == 13


def test_the_quizzes_of_the_course_are_encoded():
    assert outdated(ROOT) == []
