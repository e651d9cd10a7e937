// A lesson is readable without this script. The script shows code, flow and state on one
// screen, with one step position for all modes, turns the modes into tabs where the screen is
// wide, and checks the answers to the quiz. The address keeps step, mode and answers.

const TRIES = 2;
const KEEP = "comparison-keys";
const KEYS = { ArrowLeft: "previous", ArrowRight: "next", Home: "first", End: "last", "?": "help" };
const TYPING = "input, select, textarea, dialog, [contenteditable], [role=tablist]";
const WIDE = matchMedia("(min-width: 48rem)");
const CLIENT = "client receives";
const UNSET = "N/A";
const LEAST = 388; // pixels of a stage with the tabs below it
const SETTLED = 200; // milliseconds without a step, after which the address changes

function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

// The numbers of the steps at which an element happens, or is held.
function steps(element, kind = "at") {
  return element.dataset[kind].split(" ").map(Number);
}

class Stepper {
  constructor(lesson) {
    this.lesson = lesson;
    this.stage = lesson.querySelector(".lesson-stage");
    this.bar = lesson.querySelector(".stepper");
    this.said = this.bar.querySelector(".position");
    this.dialog = this.bar.querySelector("dialog");
    this.keys = this.dialog.querySelector("[type=checkbox]");
    this.keys.checked = keysWanted();
    this.keys.addEventListener("change", () => wantKeys(this.keys.checked));
    const summaries = [...this.bar.querySelectorAll(".summaries li")];
    this.summaries = summaries.map((item) => item.textContent);
    this.labels = summaries.map((item) => item.dataset.label);
    this.now = this.byStep("at");
    this.held = this.byStep("held");
    this.flows = [...lesson.querySelectorAll(".stations")].map((list) => [...list.children]);
    this.marked = [];
    this.position = 0;
    this.state = new State(lesson, this.stage.querySelector(".lesson-state"));
    this.rows = [...lesson.querySelectorAll(".rows tbody tr[data-at]")].map((row) => ({ row, first: steps(row)[0] }));
    this.sums = [...lesson.querySelectorAll(".summed")].map((row) => new Sum(row));
    addEventListener("resize", () => this.fit());
    addEventListener("beforeprint", () => this.sums.forEach((sum) => sum.show(Infinity)));
    addEventListener("afterprint", () => this.sums.forEach((sum) => sum.show(this.position)));
    lesson.classList.add("stepping");
    this.stage.hidden = false;
    this.fit();
    this.bar.addEventListener("click", (event) => {
      const { go } = event.target.dataset;
      if (go) this.act(go);
    });
    this.stage.addEventListener("click", (event) => this.clicked(event.target));
    for (const fold of lesson.querySelectorAll(".lesson-fold")) this.foldable(fold);
  }

  // The screen holds the panels and the tabs, if the stage begins high enough on the page.
  fit() {
    const above = this.stage.getBoundingClientRect().top + scrollY;
    const fits = above + LEAST < innerHeight;
    this.stage.style.setProperty("--above", fits ? `${Math.round(above)}px` : "15.25rem");
  }

  // The elements of each step. The index is built once, so that steps stay fast.
  byStep(kind) {
    const found = this.summaries.map(() => []);
    for (const element of this.lesson.querySelectorAll(`[data-${kind}]`)) {
      for (const step of steps(element, kind)) found[step - 1].push(element);
    }
    return found;
  }

  // A station of the stage leads to its step.
  clicked(target) {
    const station = target.closest(".stations li");
    if (station) this.go(Number(station.dataset.at));
  }

  // The steps inside the rows are folded until they are wanted.
  foldable(fold) {
    const section = fold.closest(".lesson-mode");
    const button = fold.querySelector("button");
    if (!section.querySelector(".fine")) return;
    fold.hidden = false;
    section.classList.add("folded");
    button.addEventListener("click", () => {
      const folded = section.classList.toggle("folded");
      button.textContent = `${folded ? "Show" : "Hide"} the steps inside the rows`;
      for (const sum of this.sums) sum.show(this.position);
    });
  }

  unfold(row) {
    if (row.classList.contains("fine") && row.closest(".folded")) {
      row.closest(".lesson-mode").querySelector(".lesson-fold button").click();
    }
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
      if (row.id.startsWith("step-") && !row.matches(".summed")) row.setAttribute("aria-current", "step");
    }
    for (const stations of this.flows) this.pass(stations);
    for (const { row, first } of this.rows) row.classList.toggle("ahead", first > step);
    for (const sum of this.sums) sum.show(step);
    this.state.show(step);
    this.say();
    if (follow) this.follow();
    address.changed();
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
    const { position, summaries, labels } = this;
    const where = make("b", {}, `Step ${labels[position - 1]}`);
    const of = make("small", {}, `${position} of ${summaries.length}`);
    this.said.replaceChildren(where, " ", of, ` ${summaries[position - 1]}`);
    for (const button of this.bar.querySelectorAll("[data-go]")) {
      const back = ["first", "previous"].includes(button.dataset.go);
      const end = back ? position === 1 : position === summaries.length;
      button.setAttribute("aria-disabled", String(button.dataset.go !== "help" && end));
    }
    this.bar.style.setProperty("--done", position / summaries.length);
  }

  // Panels and long tables scroll to the current step. The page scrolls only if the stage
  // and the mode in sight do not show it.
  follow() {
    const shown = this.marked.filter((element) => element.checkVisibility());
    const current = this.flows.map((stations) => stations.find((station) => station.ariaCurrent));
    shown.push(...current.filter((station) => station?.checkVisibility()));
    const frameOf = (element) => element.closest(".scroll, .lesson-panel") ?? element;
    const firsts = new Map(shown.map((element) => [frameOf(element), element]).reverse());
    const top = this.bar.getBoundingClientRect().bottom;
    const boxes = [...firsts].map(([frame, element]) => {
      const [inner, outer] = [element.getBoundingClientRect(), frame.getBoundingClientRect()];
      return { frame, element, inner, outer, away: Math.max(top - inner.bottom, inner.top - innerHeight, 0) };
    });
    for (const { frame, element, inner, outer } of boxes) {
      if (frame === element) continue;
      if (inner.bottom > outer.bottom || inner.top < outer.top) {
        frame.scrollTop += inner.top - outer.top - outer.height / 3;
      }
      if (!element.matches(".tracker *")) continue;
      // The first column stays where it is, and covers what is scrolled below it.
      const first = element.closest("tr").cells[0].getBoundingClientRect();
      const room = outer.right - first.right;
      if (inner.right > outer.right || inner.left < first.right) {
        frame.scrollLeft += inner.left - first.right - Math.max(room - inner.width, 0) / 2;
      }
    }
    if (boxes.length === 0) return;
    const nearest = boxes.reduce((one, other) => (other.away < one.away ? other : one));
    if (nearest.away > 0) nearest.element.scrollIntoView({ block: "center" });
  }
}

// A row that sums up its steps. While they are folded, it shows what is true so far.
class Sum {
  constructor(row) {
    this.section = row.closest(".lesson-mode");
    this.cells = [...row.cells].slice(2);
    this.whole = this.cells.map((cell) => [...cell.childNodes]);
    this.inside = [];
    for (let fine = row.nextElementSibling; fine?.matches(".fine"); fine = fine.nextElementSibling) {
      this.inside.push({ at: steps(fine)[0], cells: [...fine.cells].slice(2) });
    }
  }

  show(step) {
    const passed = this.inside.filter(({ at }) => at <= step);
    const partly = passed.length > 0 && passed.length < this.inside.length && this.section.matches(".folded");
    this.cells.forEach((cell, column) => {
      const values = passed.map(({ cells }) => cells[column]);
      const value = values.findLast(({ textContent }) => textContent !== UNSET) ?? values[0];
      cell.replaceChildren(...(partly ? value.cloneNode(true).childNodes : this.whole[column]));
    });
  }
}

// The state at a step: the response so far, the variables, and what the client has. It is
// read from the variable tracker and the execution table, with a column for each tracker.
class State {
  constructor(lesson, panel) {
    this.trackers = [...lesson.querySelectorAll(".tracker")].map(tracked);
    this.clients = [...lesson.querySelectorAll(".lesson-mode.table .targets > .target")].map(clientAt);
    panel.hidden = this.trackers.length === 0;
    this.table = make("table");
    panel.append(this.table);
    if (this.trackers.length > 1) {
      const names = this.trackers.map(({ name }) => make("th", { scope: "col" }, name));
      this.table.append(make("thead", {}, make("tr", {}, make("td"), ...names)));
    }
    const known = (local) => this.trackers.flatMap(({ values, locals }) => [...values.keys()].filter((name) => locals.has(name) === local));
    this.cells = new Map();
    this.part("Response so far", [...known(false), ...(this.clients.length ? [CLIENT] : [])]);
    this.part("Variables", known(true));
  }

  part(title, names) {
    const columns = String(this.trackers.length + 1);
    const rows = [...new Set(names)].map((name) => {
      this.cells.set(name, this.trackers.map(() => make("td")));
      return make("tr", {}, make("th", { scope: "row" }, name), ...this.cells.get(name));
    });
    if (rows.length === 0) rows.push(make("tr", {}, make("td", { colspan: columns, class: "lesson-unset" }, "none")));
    const head = make("th", { colspan: columns, scope: "rowgroup" }, title);
    this.table.append(make("tbody", {}, make("tr", {}, head), ...rows));
  }

  show(step) {
    this.trackers.forEach((tracker, index) => {
      for (const [name, cells] of this.cells) {
        const values = name === CLIENT ? this.clients[Math.min(index, this.clients.length - 1)] : tracker.values.get(name);
        const found = values?.findLast(({ at }) => at <= step);
        const cell = cells[index];
        cell.textContent = found?.value ?? "";
        cell.classList.toggle("now", found?.at === step && found.changed);
        cell.classList.toggle("lesson-unset", ["None", "–"].includes(found?.value));
      }
    });
  }
}

// The values of each variable of a tracker, with the steps from which they hold.
function tracked(table) {
  const positions = [...table.querySelectorAll("thead [data-at]")].map((head) => Number(head.dataset.at));
  const values = new Map();
  const locals = new Set();
  [...table.querySelectorAll("tbody tr")].forEach((row, index) => {
    const name = row.cells[0].textContent;
    const cells = [...row.cells].slice(2, -1);
    const later = cells.map((cell, place) => ({ at: positions[place], value: cell.textContent, changed: cell.matches(".changed") }));
    values.set(name, [{ at: 0, value: row.cells[1].textContent, changed: false }, ...later]);
    if (index >= Number(table.dataset.local)) locals.add(name);
  });
  return { name: table.dataset.names, values, locals };
}

function clientAt(target) {
  const rows = [...target.querySelectorAll("tbody tr:not(.summed)")];
  let before = "";
  return rows.map((row) => {
    const value = row.cells[4].textContent;
    const changed = value !== before;
    before = value;
    return { at: Number(row.dataset.at.split(" ")[0]), value, changed };
  });
}

// The modes as tabs, as in the ARIA Authoring Practices Guide, with automatic activation.
// On a narrow screen they are stacked.
class Tabs {
  constructor(lesson) {
    this.list = lesson.querySelector(".lesson-modes ol");
    this.tabs = [...this.list.querySelectorAll("a")];
    this.panels = this.tabs.map((tab) => document.getElementById(tab.hash.slice(1)));
    this.first = Math.max(0, this.panels.findIndex((panel) => panel.matches(".table")));
    this.chosen = this.first;
    this.list.addEventListener("click", (event) => {
      const index = this.tabs.indexOf(event.target.closest("a"));
      if (index < 0 || !WIDE.matches) return;
      event.preventDefault();
      this.choose(index);
    });
    this.list.addEventListener("keydown", (event) => this.pressed(event));
    this.panels.forEach((panel, index) => panel.addEventListener("beforematch", () => this.choose(index)));
    WIDE.addEventListener("change", () => this.arrange());
    addEventListener("beforeprint", () => this.stack());
    addEventListener("afterprint", () => this.arrange());
    this.arrange();
  }

  arrange() {
    if (!WIDE.matches || this.tabs.length < 2) return this.stack();
    this.list.setAttribute("role", "tablist");
    this.list.setAttribute("aria-label", "Modes");
    this.tabs.forEach((tab, index) => {
      tab.parentElement.setAttribute("role", "presentation");
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", this.panels[index].id);
      this.panels[index].setAttribute("role", "tabpanel");
      this.panels[index].setAttribute("aria-labelledby", tab.id);
    });
    this.choose(this.chosen);
  }

  stack() {
    this.list.removeAttribute("role");
    this.list.removeAttribute("aria-label");
    this.tabs.forEach((tab, index) => {
      for (const name of ["role", "aria-controls", "aria-selected", "tabindex"]) tab.removeAttribute(name);
      tab.parentElement.removeAttribute("role");
      this.panels[index].removeAttribute("role");
      this.panels[index].setAttribute("aria-labelledby", `${this.panels[index].id}-title`);
      this.panels[index].removeAttribute("hidden");
    });
  }

  choose(index) {
    this.chosen = index;
    if (this.list.role !== "tablist") return;
    this.tabs.forEach((tab, place) => {
      tab.setAttribute("aria-selected", String(place === index));
      tab.tabIndex = place === index ? 0 : -1;
      if (place === index) this.panels[place].removeAttribute("hidden");
      else this.panels[place].setAttribute("hidden", "until-found");
    });
    address.changed();
  }

  // Show the mode that has an element.
  reveal(element) {
    const index = this.panels.findIndex((panel) => panel.contains(element));
    if (index >= 0) this.choose(index);
  }

  pressed(event) {
    if (this.list.role !== "tablist") return;
    const last = this.tabs.length - 1;
    const to = { ArrowLeft: this.chosen - 1, ArrowRight: this.chosen + 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.choose(to < 0 ? last : to > last ? 0 : to);
    this.tabs[this.chosen].focus();
  }
}

class Quiz {
  constructor(form) {
    this.questions = [...form.querySelectorAll("fieldset")];
    for (const question of this.questions) {
      question.querySelector(".check").hidden = false;
      question.querySelector(".answer").hidden = true;
      question.dataset.tries = TRIES;
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.check((event.submitter ?? document.activeElement).closest("fieldset"));
    });
  }

  check(question) {
    const chosen = question.querySelector("input:checked");
    const said = question.querySelector("[role=status]");
    if (question.querySelector("button").ariaDisabled === "true") return;
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
    }
    question.dataset.result = right ? "right" : "wrong";
    if (right || left === 0) {
      question.querySelector(".answer").hidden = false;
      question.querySelector(".answer").open = true;
      for (const input of question.querySelectorAll("input")) input.disabled = true;
      question.querySelector("button").setAttribute("aria-disabled", "true");
    }
    address.changed();
  }

  // The checked answers as letters; "-" for a question that is open.
  get answers() {
    const letters = this.questions.map((question) =>
      question.dataset.result ? question.querySelector("input:checked").value : "-");
    return letters.join("").replace(/-+$/, "");
  }

  set answers(letters) {
    this.questions.forEach((question, index) => {
      const input = question.querySelector(`input[value="${CSS.escape(letters[index] ?? "-")}"]`);
      if (!input || question.dataset.result) return;
      input.checked = true;
      this.check(question);
    });
  }
}

// Step, mode and answers in the address, so that reload, back and a shared link keep them.
// A page with several lessons has none of it.
const address = {
  ready: false,
  timer: 0,

  // The first change is in the address at once, those that soon follow once they settle.
  changed() {
    if (!this.ready || lessons.length !== 1) return;
    if (!this.timer) this.write();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), SETTLED);
  },

  // A step makes no entry in the history: back leads to the page before.
  write() {
    const { stepper, tabs, quiz } = parts.get(lessons[0]);
    const found = new URLSearchParams();
    if (stepper.position > 1) found.set("step", stepper.labels[stepper.position - 1]);
    if (tabs.chosen !== tabs.first) found.set("mode", tabs.panels[tabs.chosen].classList[1]);
    if (quiz?.answers) found.set("quiz", quiz.answers);
    const hash = found.size ? `#${found}` : "";
    try {
      history.replaceState(null, "", hash || location.pathname + location.search);
    } catch {
      // A browser may limit how often an address changes.
    }
  },

  flush() {
    if (!this.timer) return;
    clearTimeout(this.timer);
    this.timer = 0;
    this.write();
  },

  read(popped = false) {
    if (lessons.length === 1 && (location.hash.includes("=") || (popped && !location.hash))) {
      const { stepper, tabs, quiz } = parts.get(lessons[0]);
      const found = new URLSearchParams(location.hash.slice(1));
      const step = stepper.labels.indexOf(found.get("step") ?? stepper.labels[0]);
      const mode = tabs.panels.findIndex((panel) => panel.matches(`.${CSS.escape(found.get("mode") ?? "none")}`));
      stepper.go(Math.max(step, 0) + 1, false);
      tabs.choose(mode < 0 ? tabs.first : mode);
      if (quiz) quiz.answers = found.get("quiz") ?? "";
    } else if (location.hash && !jump(location.hash)) {
      const panel = document.getElementById(location.hash.slice(1));
      parts.get(panel?.closest(".lesson"))?.tabs.reveal(panel);
    }
  },
};

// Go to the row in the address, and to its step.
function jump(hash) {
  const row = hash.startsWith("#step-") && document.getElementById(decodeURIComponent(hash.slice(1)));
  if (!row) return false;
  const { stepper, tabs } = parts.get(row.closest(".lesson"));
  tabs.reveal(row);
  stepper.unfold(row);
  stepper.go(Number(row.dataset.at.split(" ").at(-1)), false);
  row.focus();
  return true;
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
  for (const { stepper } of parts.values()) stepper.keys.checked = wanted;
  try {
    localStorage.setItem(KEEP, wanted ? "on" : "off");
  } catch {
    // Without storage, the setting holds for this page only.
  }
}

const lessons = [...document.querySelectorAll(".lesson")];
const parts = new Map(lessons.map((lesson) => {
  const form = lesson.querySelector(".quiz form");
  return [lesson, { stepper: new Stepper(lesson), tabs: new Tabs(lesson), quiz: form && new Quiz(form) }];
}));

// Return the lesson that keys control: the one with the focus, or the first in sight.
function meant(target) {
  const seen = lessons.find((lesson) => lesson.getBoundingClientRect().bottom > innerHeight / 2);
  return parts.get(target.closest(".lesson") ?? seen ?? lessons[0])?.stepper;
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
  if (!link) return;
  // A link makes an entry in the history: back leads to where the link is.
  address.flush();
  address.ready = false;
  const jumped = jump(link.hash);
  address.ready = true;
  if (!jumped) return;
  event.preventDefault();
  history.pushState(null, "", location.href);
  address.write();
});
addEventListener("popstate", () => address.read(true));
addEventListener("pagehide", () => address.flush());

for (const { stepper } of parts.values()) stepper.go(1, false);
address.ready = true;
address.read();
