// Rows as a table that is sorted and paged by TanStack Table, and drawn as a plain HTML table.

import { html, plural, shown, useMemo, useState } from "./ui.js";

const { createTable, getCoreRowModel, getPaginationRowModel, getSortedRowModel } = window.TableCore;
const PAGE_SIZES = [10, 25, 100];
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

export const isNumber = (cell) => typeof cell === "number" || (typeof cell === "string" && NUMBER.test(cell));

function compare(one, other) {
  if (isNumber(one) && isNumber(other)) return Number(one) - Number(other);
  return String(one).localeCompare(String(other), "en", { numeric: true });
}

const byValue = (one, other, column) => compare(one.getValue(column), other.getValue(column));

function useTable(columns, rows) {
  const definitions = useMemo(
    () =>
      columns.map((label, index) => ({
        id: String(index),
        header: label,
        accessorFn: (row) => row[index] ?? undefined,
        sortingFn: byValue,
        sortUndefined: "last",
        sortDescFirst: false,
        numeric: rows.some((row) => row[index] !== null) && rows.every((row) => row[index] === null || isNumber(row[index])),
      })),
    [columns, rows],
  );
  const [state, setState] = useState({ sorting: [], pagination: { pageIndex: 0, pageSize: PAGE_SIZES[0] } });
  const models = {
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
    getPaginationRowModel: getPaginationRowModel(),
  };
  const table = useMemo(
    () => createTable({ data: rows, columns: definitions, ...models, state: {}, onStateChange() {}, renderFallbackValue: null }),
    [definitions],
  );
  table.setOptions((before) => ({
    ...before,
    autoResetPageIndex: false,
    state: { ...table.initialState, ...state },
    onStateChange: (update) => setState((now) => update({ ...table.initialState, ...now })),
  }));
  return table;
}

export function Rows({ columns, rows, truncated, name }) {
  const table = useTable(columns, rows);
  if (!columns.length) return null;
  const { pageIndex, pageSize } = table.getState().pagination;
  const first = pageIndex * pageSize + 1;
  const last = Math.min(first + pageSize - 1, rows.length);
  return html`<div class="rows">
    <div class="scroll" tabindex="0" role="region" aria-label=${name}>
      <table>
        <thead><tr>${table.getFlatHeaders().map((header) => html`<${Head} key=${header.id} header=${header} table=${table} />`)}</tr></thead>
        <tbody>${table.getRowModel().rows.map((row) => html`<tr key=${row.id}>${row.getVisibleCells().map(cell)}</tr>`)}</tbody>
      </table>
    </div>
    <div class="pages">
      <span role="status">${rows.length ? `Rows ${first} to ${last} of ${rows.length.toLocaleString("en")}` : "No rows"}
        ${truncated ? " (there are more in the database)" : ""}</span>
      ${rows.length > PAGE_SIZES[0] &&
      html`<div class="pager">
        <button type="button" class="quiet" disabled=${!table.getCanPreviousPage()} onClick=${() => table.previousPage()}>Previous</button>
        <button type="button" class="quiet" disabled=${!table.getCanNextPage()} onClick=${() => table.nextPage()}>Next</button>
        <select aria-label="Rows per page" value=${pageSize} onChange=${(event) => table.setPageSize(Number(event.target.value))}>
          ${PAGE_SIZES.map((size) => html`<option value=${size}>${plural(size, "row")}</option>`)}
        </select>
      </div>`}
    </div>
  </div>`;
}

function Head({ header }) {
  const sorted = header.column.getIsSorted();
  const order = sorted === "asc" ? "ascending" : sorted === "desc" ? "descending" : "none";
  const { numeric, header: label } = header.column.columnDef;
  return html`<th scope="col" aria-sort=${order} class=${numeric ? "number" : ""}>
    <button type="button" onClick=${header.column.getToggleSortingHandler()}>
      ${shown(label) || "(no name)"}${sorted && html`<span class="arrow" aria-hidden="true">${sorted === "asc" ? "▲" : "▼"}</span>`}
    </button>
  </th>`;
}

function cell(one) {
  const value = one.getValue();
  if (value === undefined) return html`<td key=${one.id} class="null">NULL</td>`;
  return html`<td key=${one.id} class=${one.column.columnDef.numeric ? "number" : ""}>${shown(value)}</td>`;
}
