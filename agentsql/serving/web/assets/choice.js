// Which charts suit a result, by the types of its columns and its shape. No page is needed for this.

const DATE = /^\d{4}-\d{2}(-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?)?$/;
const DECIMAL = /^[+-]?\d+\.\d+$/;
const AN_ID = /(^|_|\s)(id|key|code|zip|phone)$/i;
const A_YEAR = /(^|_|\s)year$/i;
const MOST_POINTS = 2000;
const MOST_BARS = 40;
const MOST_SERIES = 4;
const MOST_SLICES = 6;
const MOST_APART = 20; // times that one column of an axis may be larger than another

/** Give each column's kind: "time", "number", "text", "id", or "none" where it has no values. */
export function columnKinds(columns, rows) {
  return columns.map((label, index) => {
    const cells = rows.map((row) => row[index]).filter((cell) => cell !== null);
    if (!cells.length) return "none";
    const whole = cells.every(Number.isInteger);
    if (AN_ID.test(label)) return "id";
    if (whole && A_YEAR.test(label)) return "time";
    if (cells.every((cell) => typeof cell === "number" || DECIMAL.test(cell))) return "number";
    if (cells.every((cell) => typeof cell === "string" && DATE.test(cell))) return "time";
    return "text";
  });
}

/**
 * Give the charts that suit, the best first, as {kind, x, ys, series}: indexes of columns, `series` the column that
 * tells lines or bars apart, or -1. Empty where a table says it better.
 */
export function suitable(columns, rows) {
  if (rows.length < 2 || rows.length > MOST_POINTS) return [];
  const kinds = columnKinds(columns, rows);
  const of = (kind) => kinds.flatMap((one, index) => (one === kind ? [index] : []));
  const [numbers, times, texts] = [of("number"), of("time"), of("text")];
  const ys = numbers.filter((one) => alike(rows, numbers[0], one)).slice(0, MOST_SERIES);
  if (!ys.length) return [];
  const distinct = (index) => new Set(rows.map((row) => row[index])).size;
  const each = (index) => distinct(index) === rows.length;
  const chart = (kind, x, values = ys, series = -1) => ({ kind, x, ys: values, series });
  const pairs = (x, series) => new Set(rows.map((row) => JSON.stringify([row[x], row[series]]))).size === rows.length;
  const found = [];
  for (const x of times.slice(0, 1)) {
    if (each(x)) found.push(chart("line", x), ...(rows.length <= MOST_BARS ? [chart("bar", x)] : []));
    const [series] = texts.filter((one) => distinct(one) <= 8 && pairs(x, one));
    if (!each(x) && series !== undefined) found.push(chart("line", x, ys.slice(0, 1), series));
  }
  const label = texts.find(each);
  if (label !== undefined && rows.length <= MOST_BARS) {
    found.push(chart("bar", label));
    if (rows.length <= MOST_SLICES && shares(rows, ys[0])) found.push(chart("pie", label, ys.slice(0, 1)));
  } else if (label === undefined && !times.length && texts.length === 2) {
    const [x, series] = distinct(texts[0]) >= distinct(texts[1]) ? texts : [texts[1], texts[0]];
    if (pairs(x, series) && distinct(x) <= MOST_BARS && distinct(series) <= 8) found.push(chart("bar", x, ys.slice(0, 1), series));
  }
  if (numbers.length >= 2 && rows.length >= 5) found.push(chart("scatter", numbers[0], [numbers[1]]));
  return found;
}

/** True if one axis shows both columns: neither lies flat at the bottom of the other. */
function alike(rows, one, other) {
  const [a, b] = [one, other].map((index) => Math.max(...rows.map((row) => Math.abs(Number(row[index])))));
  return Math.max(a, b) <= MOST_APART * Math.min(a, b) || a === b;
}

const shares = (rows, index) => rows.every((row) => Number(row[index]) >= 0) && rows.some((row) => Number(row[index]) > 0);
