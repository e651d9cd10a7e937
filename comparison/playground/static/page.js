// For every page. Without this script the pages do not notice changes by themselves.

// Tables that scroll say so.
function hint() {
  for (const frame of document.querySelectorAll(".scroll, .keep pre, .copies pre")) {
    const more = frame.scrollWidth - frame.clientWidth > 1;
    frame.classList.toggle("scrolls", more);
  }
}
const resized = new ResizeObserver(hint);
resized.observe(document.body);
for (const frame of document.querySelectorAll(".scroll")) resized.observe(frame);
hint();

// Own apps: load the page again when their files have changed.
const { changes } = document.body.dataset;
const EVERY = 700; // milliseconds
async function watch() {
  if (document.visibilityState === "visible") {
    try {
      const answer = await fetch(changes);
      if (answer.status === 200) {
        location.reload();
        return;
      }
    } catch {
      // The playground has stopped, or is starting again.
    }
  }
  setTimeout(watch, EVERY);
}
if (changes) setTimeout(watch, EVERY);
