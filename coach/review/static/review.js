// Draws the figures of the page with Plotly, in the colours of the page's theme; fills the comparison.
"use strict";

(function () {
  const specs = JSON.parse(document.getElementById("charts").textContent);
  const root = document.documentElement;
  const narrow = window.matchMedia("(max-width: 36rem)");
  // With a finger a drag scrolls the page; with a mouse it looks closer.
  const fine = window.matchMedia("(pointer: fine)");
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  // Inside A4's margins; 0 on a screen.
  const PAPER_PX = 690;
  const PAPER_HEIGHT_PX = 220;
  let paper = 0;

  function colour(name) {
    return getComputedStyle(root).getPropertyValue("--" + name).trim();
  }

  // "@lift" becomes the page's own colour of that name.
  function coloured(value) {
    if (typeof value === "string") {
      return /^@[a-z-]+$/.test(value) ? colour(value.slice(1)) : value;
    }
    if (Array.isArray(value)) {
      // Long rows of numbers hold no colours.
      return value.length > 60 ? value : value.map(coloured);
    }
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, coloured(one)]));
    }
    return value;
  }

  function dressed(layout) {
    const full = Object.assign({
      autosize: true,
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: getComputedStyle(document.body).fontFamily, size: paper ? 10.5 : narrow.matches ? 12 : 14, color: colour("ink") },
      margin: paper ? { l: 60, r: 12, t: 24, b: 38 } : narrow.matches ? { l: 50, r: 12, t: 26, b: 58 } : { l: 66, r: 24, t: 36, b: 64 },
      legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: { size: paper ? 10 : narrow.matches ? 11 : 13 } },
      hoverlabel: { font: { size: 14 } },
      dragmode: fine.matches ? "zoom" : false,
    }, coloured(layout));
    for (const key of Object.keys(full)) {
      if (/^[xy]axis\d*$/.test(key)) {
        full[key] = Object.assign({ gridcolor: colour("grid"), linecolor: colour("grid"), zeroline: false, automargin: true }, full[key]);
        if (full[key].title) {
          // Long names of two axes stand one above the other.
          const room = paper ? { font: { size: 8 }, standoff: 6 } : { font: { size: narrow.matches ? 11 : 14 }, standoff: 12 };
          full[key].title = Object.assign({}, full[key].title, room);
        }
      }
    }
    if (full.annotations) {
      full.legend.y = 1.1;
    }
    return full;
  }

  // Dates on an axis are the page's language's, the day first as in its words.
  const months = document.body.dataset.months.split("|");
  Plotly.register({
    moduleType: "locale",
    name: "page",
    dictionary: {},
    format: { months, shortMonths: months, dayMonth: "%-d %b", dayMonthYear: "%-d %b %Y" },
  });
  const config = { displayModeBar: false, responsive: true, scrollZoom: false, showTips: false, locale: "page" };

  function draw() {
    for (const place of document.querySelectorAll("[data-chart]")) {
      const spec = specs[place.dataset.chart];
      if (spec) {
        const { height, ...layout } = spec.layout;
        // A narrow page needs room for the legend above the picture.
        const tall = paper ? Math.min(height, PAPER_HEIGHT_PX) : height + (narrow.matches ? 70 : 0);
        place.style.height = tall + "px";
        place.style.width = paper ? paper + "px" : "";
        Plotly.react(place, coloured(spec.data), Object.assign(dressed(layout), paper ? { width: paper, height: tall } : {}), config);
      }
    }
  }

  const button = document.getElementById("theme");
  button.hidden = false;
  button.addEventListener("click", () => {
    const now = root.dataset.theme || (dark.matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
    draw();
  });
  dark.addEventListener("change", draw);
  narrow.addEventListener("change", draw);
  // Paper is white whatever the screen was.
  let before;
  window.addEventListener("beforeprint", () => { before = root.dataset.theme; root.dataset.theme = "light"; paper = PAPER_PX; draw(); });
  window.addEventListener("afterprint", () => {
    paper = 0;
    if (before) { root.dataset.theme = before; } else { delete root.dataset.theme; }
    draw();
  });

  const form = document.getElementById("compare-form");
  if (form && specs.lines) {
    const table = document.getElementById("compare-table");
    const rows = table.querySelectorAll("tbody tr");
    const names = table.querySelectorAll("thead .name");
    const fill = () => {
      ["compare-a", "compare-b"].forEach((id, n) => {
        const chosen = document.getElementById(id);
        const cells = specs.lines[chosen.value];
        names[n].textContent = chosen.selectedOptions[0].text;
        rows.forEach((row, at) => { row.children[n + 1].textContent = cells[at]; });
      });
    };
    form.hidden = false;
    form.addEventListener("change", fill);
    // Who comes back by the browser's button finds the choice as it was left, and its figures with it.
    window.addEventListener("pageshow", fill);
  }

  // Two runs in step: one slider moves both.
  const range = document.getElementById("step-range");
  if (range && specs.step) {
    range.parentElement.hidden = false;
    range.addEventListener("input", () => {
      document.querySelectorAll(".pair figure").forEach((figure, n) => {
        for (const [line, points] of Object.entries(specs.step[n].frames[range.value])) {
          figure.querySelector("." + line).setAttribute("points", points);
        }
        figure.querySelector(".angle").textContent = specs.step[n].angles[range.value];
      });
    });
  }

  // The lowest and the best stride in step: one slider moves both through their pictures.
  const film = document.getElementById("film-range");
  if (film && specs.film) {
    const sheets = document.querySelectorAll(".film");
    const move = () => {
      sheets.forEach((sheet, n) => {
        const [x, y] = specs.film[n].corners[film.value];
        sheet.firstElementChild.setAttribute("x", -x);
        sheet.firstElementChild.setAttribute("y", -y);
      });
      film.setAttribute("aria-valuetext", specs.film.map((one) => one.angles[film.value]).join(" · "));
    };
    film.parentElement.hidden = false;
    move();
    film.addEventListener("input", () => {
      sheets.forEach((sheet) => {
        sheet.removeAttribute("hidden");
        sheet.parentElement.classList.add("moving");
      });
      move();
    });
  }

  draw();
})();
