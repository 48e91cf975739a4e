// The numbers beside a chart take the colour of the page's text, in both themes.
(() => {
  const recolour = () => {
    for (const canvas of document.querySelectorAll("canvas.chart")) {
      const chart = Chart.getChart(canvas);
      if (!chart) continue;
      const { color } = getComputedStyle(canvas);
      for (const scale of Object.values(chart.options.scales)) {
        scale.ticks.color = color;
      }
      chart.update();
    }
  };

  window.addEventListener("load", () => {
    recolour();
    new MutationObserver(recolour).observe(document.documentElement, {
      attributeFilter: ["class"],
    });
  });
})();
