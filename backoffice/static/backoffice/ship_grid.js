// Fill the rows of the shipping grid from one paste or one choice.
const grid = document.getElementById("ship-grid");
const column = (name) => [...grid.querySelectorAll(`[data-column="${name}"]`)];

grid?.addEventListener("paste", (event) => {
  const text = event.clipboardData.getData("text");
  // A line that is empty keeps its place, at the top too.
  const lines = text.replace(/[\r\n]+$/, "").split(/\r?\n/);
  if (event.target.dataset.column !== "tracking_number" || lines.length < 2) return;
  event.preventDefault();
  const fields = column("tracking_number");
  const first = fields.indexOf(event.target);
  lines.slice(0, fields.length - first).forEach((line, place) => {
    const cells = line.split("\t").map((cell) => cell.trim());
    fields[first + place].value = cells.at(-1);
    if (cells.length > 1) choose(column("carrier")[first + place], cells.at(-2));
  });
});

grid?.addEventListener("change", (event) => {
  const carriers = column("carrier");
  if (event.target !== carriers[0]) return;
  carriers.filter((one) => !one.value).forEach((one) => choose(one, event.target.value));
});

// A carrier is chosen from a list, or typed where the shop takes any.
function choose(field, label) {
  const wanted = label.toLowerCase();
  const labels = field.options ? [...field.options].map((one) => one.value) : [label];
  const found = labels.find((one) => one.toLowerCase() === wanted);
  if (found) field.value = found;
}
