"use strict";
// Without this script, the page shows every case; with it, readers can filter them.
const form = document.querySelector("form");
const cases = [...document.querySelectorAll("details[data-verdict]")];
const texts = cases.map((element) => element.dataset.search);
const layers = [...document.querySelectorAll("main > section")];
const shown = document.querySelector("output");

function choose() {
  const words = form.elements.search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const verdicts = new Set(new FormData(form).getAll("verdict"));
  let count = 0;
  cases.forEach((element, index) => {
    const match = verdicts.has(element.dataset.verdict)
      && words.every((word) => texts[index].includes(word));
    element.hidden = !match;
    count += match;
  });
  layers.forEach((section) => {
    section.hidden = !section.querySelector("details:not([hidden])");
  });
  shown.value = `${count} of ${cases.length} cases`;
}

form.hidden = false;
form.addEventListener("input", choose);
form.addEventListener("submit", (event) => event.preventDefault());
choose();
