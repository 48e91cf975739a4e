// Lead the keyboard into a dialog that has opened; Unfold leaves it on the page below.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "modal-content") return;
  const first = event.target.querySelector(
    "select, textarea, input:not([type=hidden]), button",
  );
  // A dialog is shown one frame after its content has come.
  requestAnimationFrame(() => requestAnimationFrame(() => first?.focus()));
});
