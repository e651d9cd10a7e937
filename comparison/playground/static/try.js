// Without this script, a button shows the Python; with it, every change to the form.
const form = document.querySelector(".compose");
const sources = document.querySelector(".sources");
let pending;

async function show() {
  pending?.abort();
  pending = new AbortController();
  const query = new URLSearchParams(new FormData(form));
  try {
    const answer = await fetch(`/try/source?${query}`, { signal: pending.signal });
    if (answer.ok) sources.innerHTML = await answer.text();
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

let soon;
form.querySelector(".show").hidden = true;
form.addEventListener("input", () => {
  clearTimeout(soon);
  soon = setTimeout(show, 150);
});
// On navigation back, the browser restores the form after this script has run.
const first = String(new URLSearchParams(new FormData(form)));
addEventListener("pageshow", () => {
  if (String(new URLSearchParams(new FormData(form))) !== first) show();
});
document.querySelector("#result")?.focus({ preventScroll: true });
