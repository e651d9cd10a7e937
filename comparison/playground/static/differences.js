// Without this script, a button filters the list.
const form = document.querySelector(".choose");
const lines = [...document.querySelectorAll(".severity li")];
const sections = [...document.querySelectorAll(".severity")];
const shown = document.querySelector("[data-shown]");
const NAMES = ["impact", "topic", "quart", "server"];

function show() {
  const values = Object.fromEntries(new FormData(form));
  const words = values.q.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const line of lines) {
    const fits = NAMES.every((name) => !values[name] || line.dataset[name].split("|").includes(values[name]))
      && words.every((word) => line.dataset.text.includes(word));
    line.hidden = !fits;
    count += fits;
  }
  for (const section of sections) {
    const number = section.querySelectorAll("li:not([hidden])").length;
    section.hidden = number === 0;
    section.querySelector("[data-number]").textContent = number;
  }
  shown.value = `${count} of ${lines.length} differences`;
  document.querySelector(".none").hidden = count > 0;
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value));
  history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
}

form.querySelector("button").hidden = true;
form.addEventListener("input", show);
form.addEventListener("submit", (event) => event.preventDefault());
// On navigation back, the browser restores the form after this script has run.
addEventListener("pageshow", show);
