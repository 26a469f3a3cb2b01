// A chart of a result, drawn by ECharts, which is loaded when the first one is shown.

import { download, html, IconButton, isDark, shown, useEffect, useMemo, useRef, useState } from "./ui.js";
import { suitable } from "./choice.js";

const NAMES = { bar: "Bars", line: "Lines", pie: "Shares", scatter: "Points" };
const FILE_SIZE = { width: 1000, height: 560 };

const echarts = () => import("./vendor/echarts/echarts.js").then(() => window.echarts);

export const chartsOf = suitable;

const label = (cell) => (cell === null ? "NULL" : shown(cell));
const value = (cell) => (cell === null ? null : Number(cell));

function parts(chart, columns, rows) {
  const groups = chart.series < 0 ? null : [...new Set(rows.map((row) => row[chart.series]))];
  const labels = [...new Set(rows.map((row) => row[chart.x]))];
  if (chart.kind === "line") labels.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const line = (name, of, y) => {
    const at = new Map(of.map((row) => [row[chart.x], value(row[y])]));
    return { name: label(name), data: labels.map((one) => at.get(one) ?? null) };
  };
  const series = groups
    ? groups.map((group) => line(group, rows.filter((row) => row[chart.series] === group), chart.ys[0]))
    : chart.ys.map((y) => line(columns[y], rows, y));
  return { labels: labels.map(label), series };
}

/** Give ECharts' option for a chart; nothing in it is HTML, and tooltips are drawn as text. */
export function option(chart, columns, rows, dark) {
  const ink = dark ? "#c9d1d9" : "#373c44";
  const rule = dark ? "#3a4350" : "#d5d9e0";
  const base = {
    animation: false,
    aria: { enabled: true },
    backgroundColor: "transparent",
    color: dark ? ["#5fb0e8", "#f0a35e", "#6fcf97", "#d59cf0", "#f28b82", "#9ad1d4", "#d9c86a", "#b0b7c3"]
      : ["#0172ad", "#b8560b", "#23804a", "#8a3fb0", "#b3362b", "#27757a", "#7a6a10", "#5b6472"],
    textStyle: { color: ink, fontFamily: "system-ui, sans-serif" },
    tooltip: { renderMode: "richText", trigger: chart.kind === "scatter" || chart.kind === "pie" ? "item" : "axis" },
  };
  const axis = (more) => ({
    axisLabel: { color: ink, hideOverlap: true }, axisLine: { lineStyle: { color: rule } },
    splitLine: { lineStyle: { color: rule } }, nameTextStyle: { color: ink }, ...more,
  });
  const grid = { left: 12, right: 24, top: 40, bottom: chart.kind === "scatter" ? 36 : 12, containLabel: true };
  if (chart.kind === "pie") {
    const data = rows.map((row) => ({ name: label(row[chart.x]), value: value(row[chart.ys[0]]) }));
    return { ...base, series: [{ type: "pie", radius: ["35%", "68%"], label: { color: ink }, data }] };
  }
  if (chart.kind === "scatter") {
    const data = rows.map((row) => [value(row[chart.x]), value(row[chart.ys[0]])]);
    const named = (index, more) => axis({ type: "value", scale: true, name: shown(columns[index]), ...more });
    return { ...base, grid, xAxis: named(chart.x, { nameLocation: "middle", nameGap: 26 }), yAxis: named(chart.ys[0]), series: [{ type: "scatter", data }] };
  }
  const { labels, series } = parts(chart, columns, rows);
  const lying = chart.kind === "bar" && (labels.length > 8 || labels.some((one) => one.length > 12));
  const names = axis({ type: "category", data: labels, inverse: lying, name: "" });
  names.axisLabel = { ...names.axisLabel, width: 140, overflow: "truncate", ...(lying ? { interval: 0 } : {}) };
  const values = axis({ type: "value", name: series.length === 1 && !lying ? series[0].name : "" });
  return {
    ...base, grid, legend: series.length > 1 ? { textStyle: { color: ink }, type: "scroll", top: 0 } : undefined,
    xAxis: lying ? values : names, yAxis: lying ? names : values,
    series: series.map((one) => ({ ...one, type: chart.kind, barMaxWidth: 36, connectNulls: false, showSymbol: labels.length < 60 })),
  };
}

async function drawn(option, renderer) {
  const made = (await echarts()).init(document.createElement("div"), null, { renderer, ...FILE_SIZE });
  made.setOption({ ...option, backgroundColor: isDark() ? "#13171f" : "#ffffff" });
  return made;
}

async function save(option, format) {
  const made = await drawn(option, format === "svg" ? "svg" : "canvas");
  try {
    const blob = format === "svg"
      ? new Blob([made.renderToSVGString()], { type: "image/svg+xml" })
      : await new Promise((done) => made.renderToCanvas({ pixelRatio: 2 }).toBlob(done, "image/png"));
    download(blob, `chart.${format}`);
  } finally {
    made.dispose();
  }
}

const tall = (chart, rows) => (chart.kind === "bar" && rows.length > 8 ? Math.min(900, 90 + 24 * rows.length) : 340);

export function Chart({ columns, rows, charts }) {
  const [chosen, setChosen] = useState(0);
  const [dark, setDark] = useState(isDark());
  const [problem, setProblem] = useState("");
  const place = useRef(null);
  const chart = charts[Math.min(chosen, charts.length - 1)];
  const wanted = useMemo(() => option(chart, columns, rows, dark), [chart, columns, rows, dark]);
  useEffect(() => {
    const themed = () => setDark(isDark());
    const system = matchMedia("(prefers-color-scheme: dark)");
    addEventListener("theme", themed);
    system.addEventListener("change", themed);
    return () => {
      removeEventListener("theme", themed);
      system.removeEventListener("change", themed);
    };
  }, []);
  useEffect(() => {
    let made = null;
    let gone = false;
    const watch = new ResizeObserver(() => made?.resize());
    echarts().then(
      (library) => {
        if (gone) return;
        made = library.init(place.current, null, { renderer: "svg" });
        made.setOption(wanted);
        watch.observe(place.current);
      },
      () => setProblem("The chart library did not load; reload the page."),
    );
    return () => {
      gone = true;
      watch.disconnect();
      made?.dispose();
    };
  }, [wanted]);
  const said = `${NAMES[chart.kind]}: ${chart.ys.map((y) => shown(columns[y])).join(", ")} by ${shown(columns[chart.x])}. The table has the same values.`;
  return html`<div class="chart">
    <div class="tools">
      ${charts.length > 1 &&
      html`<select aria-label="Kind of chart" value=${chosen} onChange=${(event) => setChosen(Number(event.target.value))}>
        ${charts.map((one, index) => html`<option value=${index}>${NAMES[one.kind]}</option>`)}
      </select>`}
      <${IconButton} icon="download" label="Download chart as PNG" text="PNG" onClick=${() => save(wanted, "png")} />
      <${IconButton} icon="download" label="Download chart as SVG" text="SVG" onClick=${() => save(wanted, "svg")} />
    </div>
    ${problem && html`<p class="problem" role="alert">${problem}</p>`}
    <div class="drawing" ref=${place} role="img" aria-label=${said} style=${{ height: `${tall(chart, rows)}px` }}></div>
  </div>`;
}
