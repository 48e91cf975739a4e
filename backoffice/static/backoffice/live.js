// What the content policy has no room for inside a page.
// Of the theme's htmx: style sheets of its own, and code in attributes.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;

// Where live content did not come, say so in its place.
for (const kind of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(kind, ({ target }) => {
    if (target.dataset.failed) target.textContent = target.dataset.failed;
  });
}
