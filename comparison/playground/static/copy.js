// A button for each text to copy, and one for the link to this page.
async function copy(button, text) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Select the text and copy it";
  }
}

function button(label, text) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  made.setAttribute("aria-live", "polite");
  made.addEventListener("click", () => copy(made, text()));
  return made;
}

const copies = document.querySelector(".copies");
if (copies) {
  const buttons = document.createElement("p");
  buttons.className = "buttons";
  for (const each of copies.querySelectorAll("details")) {
    const text = each.querySelector("pre").textContent;
    buttons.append(button(`Copy ${each.querySelector("summary").textContent}`, () => text));
  }
  buttons.append(button("Copy link", () => location.href));
  copies.querySelector("h2").after(buttons);
}
