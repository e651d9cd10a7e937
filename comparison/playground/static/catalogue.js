// Without this script, searching and watching a run reload the page.
const choose = document.querySelector(".choose");
const cases = document.querySelector(".cases");
const groups = [...document.querySelectorAll(".cases details")].map((element) => ({
  element,
  counts: element.querySelector("summary small"),
  lines: [...element.querySelectorAll("li")].map((line) => ({
    line,
    id: decodeURIComponent(line.querySelector("a").pathname.slice("/cases/".length)),
    text: "",
  })),
}));
const FEW = 3; // topics that start open
const VERDICTS = ["identical", "known", "different", "failed", "skipped"];
const lines = new Map();
for (const { element, lines: here } of groups) {
  const topic = `${element.querySelector("summary span").textContent} ${element.querySelector("[name=topic]").value}`;
  for (const entry of here) {
    const [link, code] = entry.line.querySelectorAll("a, code");
    entry.text = `${entry.id} ${topic} ${link.textContent} ${code.textContent}`.toLowerCase();
    lines.set(entry.id, entry.line);
  }
}

function show() {
  const query = choose.elements.q.value;
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const { verdict } = Object.fromEntries(new FormData(choose));
  const wanted = words.length > 0 || verdict !== "";
  let count = 0;
  for (const { element, lines: here } of groups) {
    let any = 0;
    for (const { line, text } of here) {
      const fits = (!verdict || line.className === verdict) && words.every((word) => text.includes(word));
      line.hidden = !fits;
      any += fits;
    }
    element.hidden = any === 0;
    if (wanted || groups.length > FEW) element.open = wanted;
    count += any;
  }
  cases.elements.q.value = query;
  cases.elements.verdict.value = verdict;
  const what = cases.querySelector("[data-what]");
  what.textContent = wanted ? "these cases" : what.dataset.what;
  cases.querySelector(".none").hidden = count > 0;
  cases.querySelector(".buttons button").disabled = count === 0;
  cases.querySelector("[data-shown]").value = `${count} of ${lines.size} ${lines.size === 1 ? "case" : "cases"}`;
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

// After a search on the server, the page lacks the cases that do not match.
if (!new URLSearchParams(location.search).size) {
  choose.querySelector("button").hidden = true;
  choose.addEventListener("input", show);
  choose.addEventListener("submit", (event) => event.preventDefault());
  // On navigation back, the browser restores the form after this script has run.
  addEventListener("pageshow", () => {
    if (choose.elements.q.value || choose.elements.verdict.value) show();
  });
}
// Cases that the visitor ran meanwhile have new verdicts.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});
const run = document.querySelector("[data-events]");
if (run) watch(run);
