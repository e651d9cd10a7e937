// A lesson is readable without this script. The script adds one step position for all
// modes and both frameworks, and checks the answers to the quiz.

const TRIES = 2;
const KEEP = "comparison-keys";
const KEYS = { ArrowLeft: "previous", ArrowRight: "next", Home: "first", End: "last", "?": "help" };
const TYPING = "input, select, textarea, dialog, [contenteditable]";

class Stepper {
  constructor(lesson) {
    this.lesson = lesson;
    this.bar = lesson.querySelector(".stepper");
    this.said = this.bar.querySelector(".position");
    this.dialog = this.bar.querySelector("dialog");
    this.keys = this.dialog.querySelector("[type=checkbox]");
    this.keys.checked = keysWanted();
    this.keys.addEventListener("change", () => wantKeys(this.keys.checked));
    this.summaries = [...this.bar.querySelectorAll(".summaries li")].map((item) => item.textContent);
    this.now = this.byStep("at");
    this.held = this.byStep("held");
    this.flows = [...lesson.querySelectorAll(".stations")].map((list) => [...list.children]);
    this.marked = [];
    this.position = 0;
    lesson.classList.add("stepping");
    this.bar.hidden = false;
    this.bar.addEventListener("click", (event) => {
      const { go } = event.target.dataset;
      if (go) this.act(go);
    });
  }

  // The elements of each step. The index is built once, so that steps stay fast.
  byStep(kind) {
    const found = this.summaries.map(() => []);
    for (const element of this.lesson.querySelectorAll(`[data-${kind}]`)) {
      for (const step of element.dataset[kind].split(" ")) found[step - 1].push(element);
    }
    return found;
  }

  act(name) {
    const last = this.summaries.length;
    if (name === "help") this.dialog.showModal();
    else if (name === "first") this.go(1);
    else if (name === "last") this.go(last);
    else if (name === "previous") this.go(Math.max(1, this.position - 1));
    else this.go(Math.min(last, this.position + 1));
  }

  go(step, follow = true) {
    if (step === this.position) return;
    this.position = step;
    for (const element of this.marked) {
      element.classList.remove("now", "held");
      if (element.localName === "tr") element.removeAttribute("aria-current");
    }
    const [now, held] = [this.now[step - 1], this.held[step - 1]];
    for (const element of now) element.classList.add("now");
    for (const element of held) element.classList.add("held");
    this.marked = [...now, ...held];
    for (const row of this.marked) {
      if (row.id.startsWith("step-")) row.setAttribute("aria-current", "step");
    }
    for (const stations of this.flows) this.pass(stations);
    this.say();
    if (follow) this.follow();
  }

  // Each station is passed, current or ahead. The last one until this step is current.
  pass(stations) {
    const passed = stations.filter((station) => Number(station.dataset.at) <= this.position);
    stations.forEach((station, index) => {
      station.classList.toggle("ahead", index >= passed.length);
      if (index === passed.length - 1) station.setAttribute("aria-current", "step");
      else station.removeAttribute("aria-current");
    });
  }

  say() {
    const { position, summaries } = this;
    const where = document.createElement("b");
    where.textContent = `Step ${position} of ${summaries.length}`;
    this.said.replaceChildren(where, ` ${summaries[position - 1]}`);
    for (const button of this.bar.querySelectorAll("[data-go]")) {
      const back = ["first", "previous"].includes(button.dataset.go);
      const end = back ? position === 1 : position === summaries.length;
      button.setAttribute("aria-disabled", String(button.dataset.go !== "help" && end));
    }
    this.bar.style.setProperty("--done", position / summaries.length);
  }

  // Long tables scroll to the current step. The page scrolls only if it is out of sight.
  follow() {
    const firsts = new Map(this.marked.map((element) => [element.closest(".scroll") ?? element, element]).reverse());
    const top = this.bar.getBoundingClientRect().bottom;
    const boxes = [...firsts].map(([frame, element]) => {
      const [inner, outer] = [element.getBoundingClientRect(), frame.getBoundingClientRect()];
      return { frame, element, inner, outer, away: Math.max(top - inner.bottom, inner.top - innerHeight, 0) };
    });
    for (const { frame, element, inner, outer } of boxes) {
      if (inner.bottom > outer.bottom || inner.top < outer.top) {
        frame.scrollTop += inner.top - outer.top - outer.height / 3;
      }
      const across = element.matches(".tracker *");
      if (across && (inner.right > outer.right || inner.left < outer.left)) {
        frame.scrollLeft += inner.left - outer.left - outer.width / 3;
      }
    }
    const nearest = boxes.reduce((one, other) => (other.away < one.away ? other : one));
    if (nearest.away > 0) nearest.element.scrollIntoView({ block: "center" });
  }
}

// Go to the row in the address, and to its step.
function jump(hash) {
  const row = hash.startsWith("#step-") && document.getElementById(hash.slice(1));
  if (!row) return false;
  steppers.get(row.closest(".lesson"))?.go(Number(row.dataset.at), false);
  row.focus();
  return true;
}

function quiz(form) {
  for (const question of form.querySelectorAll("fieldset")) {
    question.querySelector(".check").hidden = false;
    question.querySelector(".answer").hidden = true;
    question.dataset.tries = TRIES;
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    check((event.submitter ?? document.activeElement).closest("fieldset"));
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
  if (right) {
    said.textContent = `✓ ${answer} is right.`;
  } else if (left > 0) {
    said.textContent = `✗ ${chosen.value} is wrong. Look at the hint and try once more.`;
    question.querySelector(".hint").open = true;
  } else {
    said.textContent = `✗ ${chosen.value} is wrong too. The answer is ${answer}.`;
    question.querySelector(".answer").hidden = false;
    question.querySelector(".answer").open = true;
  }
  question.dataset.result = right ? "right" : "wrong";
  if (right || left === 0) {
    for (const input of question.querySelectorAll("input")) input.disabled = true;
    question.querySelector("button").setAttribute("aria-disabled", "true");
  }
}

// Return whether keys change the step, in all lessons. The default is yes.
function keysWanted() {
  try {
    return localStorage.getItem(KEEP) !== "off";
  } catch {
    return true;
  }
}

function wantKeys(wanted) {
  for (const { keys } of steppers.values()) keys.checked = wanted;
  try {
    localStorage.setItem(KEEP, wanted ? "on" : "off");
  } catch {
    // Without storage, the setting holds for this page only.
  }
}

const lessons = [...document.querySelectorAll(".lesson")];
const steppers = new Map(lessons.map((lesson) => [lesson, new Stepper(lesson)]));

// Return the lesson that keys control: the one with the focus, or the first in sight.
function meant(target) {
  const seen = lessons.find((lesson) => lesson.getBoundingClientRect().bottom > innerHeight / 2);
  return steppers.get(target.closest(".lesson") ?? seen ?? lessons[0]);
}

document.addEventListener("keydown", (event) => {
  const name = KEYS[event.key];
  const { target } = event;
  if (!name || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (target.closest(TYPING)) return;
  const frame = target.closest(".scroll");
  if (frame && frame.scrollWidth > frame.clientWidth && name !== "help") return;
  const stepper = meant(target);
  if (!stepper?.keys.checked) return;
  event.preventDefault();
  stepper.act(name);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.('a[href^="#step-"]');
  if (link && jump(link.hash)) {
    event.preventDefault();
    history.pushState(null, "", link.hash);
  }
});
addEventListener("popstate", () => jump(location.hash));

document.querySelectorAll(".quiz form").forEach(quiz);
for (const stepper of steppers.values()) stepper.go(1, false);
jump(location.hash);
