/* What jupyterquiz's page lacks: a keyboard, labels, words for right and wrong, care with what is typed.
 *
 * It runs beside jupyterquiz's own script, which builds the questions and judges the answers. Each
 * choice becomes a button that a keyboard reaches and its letter presses, each feedback is announced, the text field keeps what
 * was typed, allows pasting and has a button, and what is no number is never judged as one.
 */
function dressQuiz(id, questions) {
  const root = document.getElementById(id);
  const cards = [...root.querySelectorAll(':scope > .Quiz')];
  root.querySelector(':scope > .quiz-text')?.remove();
  // In JupyterLab single letters add, cut and delete cells: none gets there from a quiz. Ctrl+S and Shift+Enter do.
  root.addEventListener('keydown', (event) => {
    if (plain(event) && event.key !== 'Escape') event.stopPropagation();
  });
  cards.forEach((card, index) => {
    const question = questions[index];
    const [prompt, answers, feedback] = card.children;
    const task = make('div', 'quiz-task', describe(question, index));
    task.id = `${prompt.id}-task`;
    card.prepend(task);
    card.setAttribute('role', 'group');
    card.setAttribute('aria-labelledby', `${task.id} ${prompt.id}`);
    feedback.setAttribute('role', 'status');
    if (question.type === 'numeric' || question.type === 'string') {
      dressField(question, prompt, answers, feedback);
    } else {
      dressChoices(question, answers, feedback);
    }
  });

  function make(tag, name, text = '') {
    const element = document.createElement(tag);
    element.className = name;
    element.textContent = text;
    return element;
  }

  function describe(question, index) {
    const places = question.decimals;
    const number =
      places === undefined ? '' : places === 0 ? ', rounded to a whole number' : `, rounded to ${places} decimal${places > 1 ? 's' : ''}`;
    const what = {
      multiple_choice: 'Choose one answer',
      many_choice: 'Find all that are right',
      numeric: `Type a number${number}`,
      string: 'Type your answer',
    }[question.type];
    return questions.length > 1 ? `Question ${index + 1} of ${questions.length}. ${what}.` : `${what}.`;
  }

  function letterOf(index) {
    return String.fromCharCode(65 + index);
  }

  function mark(right) {
    return make('span', 'quiz-mark', right ? '\u2713 Right' : '\u2717 Wrong');
  }

  function announce(feedback, found = '') {
    // A page that keeps a reader's progress listens; nothing else does.
    const number = cards.indexOf(feedback.closest('.Quiz')) + 1;
    const question = `${root.closest('[data-name]').dataset.name}#${number}`;
    document.dispatchEvent(new CustomEvent('course-question', { detail: { question, right: feedback.classList.contains('correct') } }));
    const verdict = mark(feedback.classList.contains('correct'));
    verdict.append(found ? `. ${found}. ` : '. ');
    feedback.prepend(verdict);
  }

  function dressChoices(question, answers, feedback) {
    const labels = [...answers.children];
    const total = question.answers.filter((answer) => answer.correct).length;
    labels.forEach((label, index) => {
      // The radio button would be a second way to the same click, and the arrow keys would answer.
      label.querySelector('input').remove();
      const answer = make('span', 'quiz-answer');
      answer.append(...label.children);
      const button = make('button', 'quiz-choice');
      button.type = 'button';
      button.append(make('span', 'quiz-letter', letterOf(index)), answer);
      label.append(button);
      button.addEventListener('keydown', (event) => {
        const chosen = labels[event.key.length === 1 ? labels.findIndex((_, i) => letterOf(i) === event.key.toUpperCase()) : -1];
        if (chosen && plain(event)) {
          chosen.firstChild.focus();
          chosen.firstChild.click();
        }
      });
      // jupyterquiz's own handler was attached first: it has judged the answer when this one runs.
      label.addEventListener('click', () => {
        labels.forEach((other) => {
          other.querySelector('.quiz-mark')?.remove();
          if (other.matches('.correctButton, .incorrectButton')) {
            other.firstChild.append(mark(other.classList.contains('correctButton')));
          }
        });
        let found = '';
        if (question.type === 'many_choice') {
          feedback.innerHTML = feedback.innerHTML.replace(/ \[\d+\/\d+\]$/, '');
          const count = labels.filter((other) => other.classList.contains('correctButton')).length;
          found = `Found ${feedback.classList.contains('correct') ? count : 0} of ${total}`;
        }
        announce(feedback, found);
      });
    });
  }

  function dressField(question, prompt, answers, feedback) {
    const [label, theirs] = answers.children;
    const field = theirs.cloneNode(); // without the listener that empties it when it gets the focus
    const button = make('button', 'quiz-check', 'Check');
    const row = make('div', `quiz-typed quiz-${question.type}`);
    button.type = 'button';
    label.textContent = 'Your answer';
    label.htmlFor = field.id;
    field.setAttribute('aria-describedby', `${prompt.id}-task`);
    Object.assign(field, { autocomplete: 'off', autocapitalize: 'off', spellcheck: false });
    row.append(label, field, button);
    answers.replaceChildren(row);

    function check() {
      const typed = field.value;
      const answer = question.type === 'numeric' ? number(typed) : spelling(typed);
      if (answer.problem) {
        field.className = 'Input-text';
        feedback.className = 'Feedback';
        feedback.style.display = 'block';
        feedback.textContent = answer.problem;
        return;
      }
      field.value = answer.value;
      theirs.onkeypress.call(field, { which: 13, keyCode: 13 });
      field.value = typed;
      field.focus(); // jupyterquiz moves the focus to the next card's field, away from the feedback
      announce(feedback);
    }

    button.addEventListener('click', check);
    field.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && plain(event)) check();
    });
  }

  function plain(event) {
    const shifted = event.shiftKey && event.key === 'Enter';
    return !event.ctrlKey && !event.metaKey && !event.altKey && !shifted;
  }

  /* jupyterquiz takes an empty field for 0, drops commas and letters while one types, and divides by 0. */
  function number(typed) {
    const text = typed.replace(/[\u2212\u2013]/g, '-').replace(/\s+/g, '');
    const decimal = '[-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[-+]?\\d+)?';
    if (!text) return { problem: 'Type a number first.' };
    if (/^[-+\d.]*\d,\d/.test(text)) return { problem: 'Write a point before the decimals, and no commas: 1234.5' };
    if (!new RegExp(`^${decimal}(?:/${decimal})?$`, 'i').test(text) || Number(text.split('/')[1] ?? 1) === 0) {
      return { problem: 'This is not a number. Write it like 13, -0.5, 1/3 or 2e-3.' };
    }
    return { value: text };
  }

  /* The same as `spelling` in course/quizzes/values.py. */
  function spelling(typed) {
    const text = typed.trim().replace(/\s+/g, ' ').toLowerCase();
    if (!text) return { problem: 'Type an answer first.' };
    return { value: text.replace(/ ?([^\p{L}\p{N}_\s]) ?/gu, '$1') };
  }
}
