// Without this script, searching and watching a run reload the page.
const choose = document.querySelector(".choose");
const cases = document.querySelector(".cases");
const VERDICTS = ["failed", "different", "known", "identical", "skipped"];
const UNEXPECTED = ["different", "failed"];
const FEW = 3; // topics that start open
const FILTERS = ["q", "verdict", "cause", "place"];

// The id of a case, by the address of its page.
function idOf(link) {
  return new URL(link.href).searchParams.get("id")
    ?? decodeURIComponent(link.pathname.slice("/cases/".length));
}

const groups = [...document.querySelectorAll(".cases details")].map((element) => ({
  element,
  counts: element.querySelector("summary small"),
  lines: [...element.querySelectorAll("li")].map((line) => ({ line, text: "" })),
}));
const lines = new Map();
for (const { element, lines: here } of groups) {
  const topic = `${element.querySelector("summary span").textContent} ${element.querySelector("[name=topic]").value}`;
  for (const entry of here) {
    const [link, code] = entry.line.querySelectorAll("a, code");
    const id = idOf(link);
    entry.text = `${id} ${topic} ${link.textContent} ${code.textContent}`.toLowerCase();
    lines.set(id, entry.line);
  }
}

function fits({ line, text }, values, words) {
  const { verdict, cause, place } = values;
  const wanted = verdict === "unexpected" ? UNEXPECTED.includes(line.className) : !verdict || line.className === verdict;
  const among = (value, list) => !value || (list ?? "").split("\n").includes(value);
  return wanted && among(cause, line.dataset.causes) && among(place, line.dataset.places)
    && words.every((word) => text.includes(word));
}

function show() {
  const values = Object.fromEntries(new FormData(choose));
  const words = values.q.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = FILTERS.some((name) => values[name]);
  let count = 0;
  for (const { element, lines: here } of groups) {
    let any = 0;
    for (const entry of here) {
      entry.line.hidden = !fits(entry, values, words);
      any += !entry.line.hidden;
    }
    element.hidden = any === 0;
    if (wanted || groups.length > FEW) element.open = wanted;
    count += any;
  }
  for (const name of FILTERS) cases.elements[name].value = values[name] ?? "";
  const what = cases.querySelector("[data-what]");
  what.textContent = wanted ? "these cases" : what.dataset.what;
  cases.querySelector(".none").hidden = count > 0;
  cases.querySelector(".buttons button").disabled = count === 0;
  cases.querySelector("[data-shown]").value = `${count} of ${lines.size} ${lines.size === 1 ? "case" : "cases"}`;
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value));
  history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
}

function count() {
  const totals = Object.fromEntries(VERDICTS.map((name) => [name, 0]));
  for (const { counts, lines: here } of groups) {
    const found = new Map();
    for (const { line } of here) {
      const name = line.className || "not run";
      found.set(name, (found.get(name) ?? 0) + 1);
      if (name in totals) totals[name] += 1;
    }
    counts.textContent = [...VERDICTS, "not run"]
      .filter((name) => found.has(name)).map((name) => `${found.get(name)} ${name}`).join(", ");
  }
  for (const [name, total] of Object.entries(totals)) {
    choose.querySelector(`[data-count=${name}]`).textContent = total;
  }
}

function watch(run) {
  const source = new EventSource(run.dataset.events);
  const bar = run.querySelector("progress");
  const words = run.querySelector(".words");
  // Screen readers should announce the end of the run, not every step.
  words.removeAttribute("role");
  source.addEventListener("message", ({ data }) => {
    const news = JSON.parse(data);
    // The page of an ended run has its causes, and the worst cases first.
    if (news.state !== "running" && "reload" in run.dataset) {
      source.close();
      location.reload();
      return;
    }
    for (const [id, verdict] of news.verdicts) {
      const line = lines.get(id);
      if (line === undefined) continue;
      line.className = verdict;
      line.querySelector("b").textContent = verdict;
    }
    bar.value = news.done;
    if (news.state !== "running") {
      source.close();
      words.setAttribute("role", "status");
      run.className = `run ${news.state}`;
      run.querySelector("form")?.remove();
    }
    words.textContent = news.words;
    count();
    if (choose.elements.verdict.value) show();
  });
}

choose.querySelector("button").hidden = true;
choose.addEventListener("input", show);
choose.addEventListener("submit", (event) => event.preventDefault());
// On navigation back, the browser restores the form after this script has run.
addEventListener("pageshow", ({ persisted }) => {
  // Cases that the visitor ran meanwhile have new verdicts.
  if (persisted) location.reload();
  else if (FILTERS.some((name) => choose.elements[name]?.value)) show();
});
const run = document.querySelector("[data-events]");
if (run) watch(run);
