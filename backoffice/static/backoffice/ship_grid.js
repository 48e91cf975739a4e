// Fill the rows of the shipping grid from one paste or one choice.
const grid = document.getElementById("ship-grid");
const column = (name) => [...grid.querySelectorAll(`[data-column="${name}"]`)];

grid?.addEventListener("paste", (event) => {
  const text = event.clipboardData.getData("text").trim();
  const lines = text.split(/\r?\n/);
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

function choose(select, label) {
  const wanted = label.toLowerCase();
  const found = [...select.options].find((one) => one.value.toLowerCase() === wanted);
  if (found) select.value = found.value;
}
