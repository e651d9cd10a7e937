// Without this a lesson is there to be read; with it the quiz checks what was chosen.
const TRIES = 2;

function quiz(form) {
  for (const question of form.querySelectorAll("fieldset")) {
    question.querySelector(".check").hidden = false;
    question.querySelector(".answer").hidden = true;
    question.dataset.tries = TRIES;
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    check(event.submitter.closest("fieldset"));
  });
}

function check(question) {
  const chosen = question.querySelector("input:checked");
  const said = question.querySelector("[role=status]");
  if (chosen === null) {
    said.textContent = "Choose an answer first.";
    return;
  }
  const { answer } = question.dataset;
  const right = chosen.value === answer;
  const left = --question.dataset.tries;
  question.querySelector(".hint").open ||= !right;
  if (right) {
    said.textContent = `Right: ${answer}.`;
  } else if (left > 0) {
    said.textContent = `${chosen.value} is wrong. You have another try; look at the hint.`;
  } else {
    said.textContent = `${chosen.value} is wrong too. The answer is ${answer}.`;
    question.querySelector(".answer").hidden = false;
    question.querySelector(".answer").open = true;
  }
  if (right || left === 0) {
    question.dataset.done = right ? "right" : "wrong";
    for (const input of question.querySelectorAll("input")) input.disabled = true;
    question.querySelector("button").disabled = true;
  }
}

document.querySelectorAll(".quiz form").forEach(quiz);
