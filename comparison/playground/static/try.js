// Without this script, a button shows the Python; with it, every change to the form.
const form = document.querySelector(".compose");
const sources = document.querySelector(".sources");
const result = document.querySelector("#result");
const values = () => String(new URLSearchParams(new FormData(form)));
const first = values();
let pending;

async function show() {
  pending?.abort();
  pending = new AbortController();
  try {
    const answer = await fetch(`/try/source?${values()}`, { signal: pending.signal });
    if (answer.ok) sources.innerHTML = await answer.text();
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

// A result is that of the form as it was sent.
function mark() {
  const stale = values() !== first;
  for (const part of [result, document.querySelector("#steps")]) part?.classList.toggle("old", stale);
  if (result) result.querySelector(".stale").hidden = !stale;
}

let soon;
form.querySelector(".show").hidden = true;
form.addEventListener("input", () => {
  mark();
  clearTimeout(soon);
  soon = setTimeout(show, 150);
});
// On navigation back, the browser restores the form after this script has run.
addEventListener("pageshow", () => {
  if (values() === first) return;
  mark();
  show();
});
const wrong = form.querySelector("[aria-invalid]");
if (wrong) wrong.focus();
else result?.focus({ preventScroll: matchMedia("(min-width: 60rem)").matches });
