// Without this the Python is shown by a button; with it, as the form is filled in.
const form = document.querySelector(".compose");
const sources = document.querySelector(".sources");
let asked;

async function show() {
  asked?.abort();
  asked = new AbortController();
  const query = new URLSearchParams(new FormData(form));
  try {
    const answer = await fetch(`/try/source?${query}`, { signal: asked.signal });
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
// A browser that comes back fills in what was typed when this has run already.
const first = String(new URLSearchParams(new FormData(form)));
addEventListener("pageshow", () => {
  if (String(new URLSearchParams(new FormData(form))) !== first) show();
});
document.querySelector("#result")?.focus({ preventScroll: true });
