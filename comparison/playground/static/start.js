// The learning path remembers in this browser which cases have been opened.
const KEY = "comparison-progress";

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

function write(progress) {
  try {
    localStorage.setItem(KEY, JSON.stringify(progress));
  } catch {
    // Without storage, nothing is remembered.
  }
}

const progress = read();
const opened = (topic) => Object.keys(progress[topic] ?? {}).length;

function showPath(path) {
  const topics = [...path.querySelectorAll("[data-topic]")];
  let seen = 0;
  let next;
  for (const link of topics) {
    const cases = Number(link.dataset.cases);
    const done = Math.min(opened(link.dataset.topic), cases);
    seen += done;
    const item = link.closest("li");
    item.classList.toggle("done", done === cases);
    if (done > 0) item.querySelector("small").textContent = `${done} of ${cases}${done === cases ? " ✓" : ""}`;
    if (done < cases) next ??= link;
  }
  if (seen === 0) return;
  const line = path.querySelector(".progress-line");
  const forget = document.createElement("button");
  forget.type = "button";
  forget.textContent = "Forget";
  forget.addEventListener("click", () => {
    write({});
    location.reload();
  });
  line.replaceChildren(`You have opened ${seen} of ${path.dataset.total}. `);
  if (next) {
    const link = document.createElement("a");
    link.href = next.href;
    link.textContent = next.textContent;
    line.append("Continue with ", link, ". ");
  }
  line.append(forget);
  line.hidden = false;
}

const seen = document.querySelector("[data-seen]");
if (seen) {
  (progress[seen.dataset.topic] ??= {})[seen.dataset.seen] = 1;
  write(progress);
}
const path = document.querySelector(".path");
if (path) showPath(path);
const list = document.querySelector(".lines[data-topic]");
for (const link of list?.querySelectorAll("[data-case]") ?? []) {
  if (progress[list.dataset.topic]?.[link.dataset.case]) link.closest("li").classList.add("seen");
}
// On navigation back, show what was opened meanwhile.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});
