// The rows of a picture as a grid that is worked with from the keyboard (WAI-ARIA APG, grid pattern): one cell has the focus, arrows move
// it, Enter or F2 opens it, Enter saves, Escape leaves it as it was. A line below tells where the cell's value came from.
import { review } from '/deeds.js';
import { button, make, moment, title } from '/dom.js';

const NUMBERS = new Set(['integer', 'number', 'percent']);
const nothing = (cell) => cell === undefined || (cell.value === null && !cell.text);
const told = (value) => (typeof value === 'number' ? value.toLocaleString('en', { maximumFractionDigits: 6 }) : `${value}`);
const shown = (cell) => (nothing(cell) ? '' : typeof cell.value === 'number' ? told(cell.value) : cell.text || `${cell.value}`);

// The extractor's own order, without what no row has; of a single subject all, where what is missing may be told.
function columnsOf(shot, rows, all) {
  const kind = (shot.snapshot.sheet ?? shot.snapshot.document).kind ?? shot.snapshot.snapshotType;
  const known = shot.about.meta.extractors.find((e) => e.name === kind)?.columns ?? [];
  const there = new Set(rows.flatMap((row) => Object.keys(row.cells).filter((name) => !nothing(row.cells[name]))));
  const rest = [...there].filter((name) => !known.some((c) => c.name === name)).map((name) => ({ name, kind: 'text' }));
  return [...known.filter((c) => all || there.has(c.name)), ...rest];
}

// Why a cell is what it is, in words.
function story(shot, row, column) {
  const cell = row.cells[column.name];
  const ids = shot.snapshot.sheet?.snapshotIds ?? [shot.snapshot.id];
  const parts = [];
  if (nothing(cell)) parts.push(cell?.edited ? 'taken away' : 'not in the picture');
  else if (!cell.edited) parts.push(`printed “${cell.text}”`, cell.value === null ? 'could not be read as a value' : typeof cell.value === 'number' ? `read as ${told(cell.value)}` : null);
  if (cell?.edited) {
    const { by, at, was } = cell.edited;
    parts.push(`corrected by ${by} on ${moment(at)}`, was?.text ? `“${was.text}” had been read` : 'nothing had been read there');
  }
  const from = (cell?.from ?? []).map((id) => (ids.length > 1 ? `picture ${ids.indexOf(id) + 1}` : `this picture`));
  if (from.length > 0) parts.push(`from ${[...new Set(from)].join(' and ')}`);
  for (const c of cell?.conflict ?? []) parts.push(`picture ${(c.from ?? []).map((id) => ids.indexOf(id) + 1).join(' and ')} says “${c.text}”`);
  if (row.doubtful?.includes(column.name)) parts.push(row.notes?.length ? 'doubtful: compare it with the picture' : 'doubtful: the model was not sure, or it does not fit the rest');
  return [...parts.filter(Boolean), ...(row.notes ?? [])].join(' · ');
}

// A handle looks the same whether its page prints the '@' or not.
const shownIn = (column, cell) => (column.kind === 'handle' && shown(cell) ? shown(cell).replace(/^@?/, '@') : shown(cell));
const nameOf = (row) => shown(row.cells.display_name) || shown(row.cells.handle) || row.key;

function cellOf(shot, row, column, index) {
  const cell = row.cells[column.name];
  const marks = [NUMBERS.has(column.kind) && 'number', row.doubtful?.includes(column.name) && 'doubtful', cell?.edited && 'edited', cell?.conflict && 'doubtful'];
  const element = make('td', marks.filter(Boolean).join(' '), make('span', 'value', shownIn(column, cell)));
  element.tabIndex = -1;
  Object.assign(element.dataset, { row: row.key, field: column.name, focus: `${index}/${column.name}` });
  element.setAttribute('role', 'gridcell');
  if (marks[1] || marks[3]) element.append(make('span', 'said', ', doubtful'));
  if (cell?.edited) element.append(make('span', 'said', ', corrected'));
  return element;
}

// --- editing ------------------------------------------------------------------------------------
function edit(grid, element, typed) {
  const { shot, rows } = grid;
  const row = rows.find((r) => r.key === element.dataset.row);
  const cell = row.cells[element.dataset.field];
  const before = nothing(cell) ? '' : cell.text || `${cell.value}`;
  const input = Object.assign(make('input'), { value: typed ?? before, spellcheck: false, maxLength: 1000 });
  const kept = [...element.childNodes];
  let over = false;
  input.setAttribute('aria-label', `${title(element.dataset.field)} of ${nameOf(row)}`);
  shot.busy = true;
  element.classList.add('editing');
  element.replaceChildren(input);
  input.focus();
  if (typed === undefined) input.select();
  const end = (save, focus) => {
    if (over) return;
    over = true;
    shot.busy = false;
    element.classList.remove('editing');
    element.replaceChildren(...kept);
    if (focus) element.focus();
    if (save && input.value.trim() !== before) keep(grid, element, input.value.trim());
  };
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' || event.key === 'Escape') {
      event.preventDefault();
      end(event.key === 'Enter', true);
    }
    event.stopPropagation();
  });
  input.addEventListener('blur', () => end(true, false));
}

async function keep({ shot }, element, value) {
  const { row, field } = element.dataset;
  element.classList.add('saving');
  await review(shot, { action: 'edit', edits: [{ rowKey: row, field, value }] }, value === null ? 'The correction is withdrawn' : 'Correction kept');
}

// --- keyboard -----------------------------------------------------------------------------------
function move(grid, element, key, far) {
  const lines = [...grid.body.rows].map((r) => [...r.querySelectorAll('td')]);
  let y = lines.findIndex((r) => r.includes(element));
  let x = lines[y].indexOf(element);
  const steps = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0], Home: [-x, far ? -y : 0], End: [lines[y].length, far ? lines.length : 0] };
  if (!steps[key]) return false;
  y = Math.min(lines.length - 1, Math.max(0, y + steps[key][1]));
  x = Math.min(lines[y].length - 1, Math.max(0, x + steps[key][0]));
  lines[y][x].focus();
  return true;
}

function press(grid, event) {
  const element = event.target.closest('td');
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
  if (!element || element.classList.contains('editing')) return;
  if (move(grid, element, event.key, event.ctrlKey)) event.preventDefault();
  else if (grid.editable && plain && (event.key === 'Enter' || event.key === 'F2')) {
    event.preventDefault();
    edit(grid, element);
  } else if (grid.editable && plain && event.key.length === 1 && event.key !== ' ') {
    event.preventDefault();
    edit(grid, element, event.key);
  }
}

// It bears the cell's mark, so that the keyboard is back there when it has gone.
function withdrawal(grid, element) {
  const one = button('Withdraw', 'link', () => keep(grid, element, null));
  one.dataset.focus = element.dataset.focus;
  return one;
}

function focused(grid, element) {
  const { shot, rows, line } = grid;
  const row = rows.find((r) => r.key === element.dataset.row);
  const column = grid.columns.find((c) => c.name === element.dataset.field);
  const cell = row.cells[column.name];
  for (const other of grid.body.querySelectorAll('td[tabindex="0"]')) other.tabIndex = -1;
  element.tabIndex = 0;
  shot.cell = element.dataset.focus;
  line.replaceChildren(make('strong', '', `${title(column.name)}, ${nameOf(row)}: `), story(shot, row, column));
  if (grid.editable && cell?.edited) line.append(' ', withdrawal(grid, element));
  if (cell?.from?.length && !cell.from.includes(shot.picture)) shot.look(cell.from[0]);
}

function listen(grid) {
  grid.table.addEventListener('keydown', (event) => press(grid, event));
  grid.table.addEventListener('focusin', (event) => event.target.tagName === 'TD' && focused(grid, event.target));
  grid.table.addEventListener('dblclick', (event) => {
    const element = event.target.closest('td');
    if (grid.editable && element && !element.classList.contains('editing')) edit(grid, element);
  });
  // A second tap on the cell that has the focus opens it: a phone has no double click.
  grid.table.addEventListener('pointerdown', (event) => { grid.had = document.activeElement === event.target.closest('td'); });
  grid.table.addEventListener('click', (event) => {
    const element = event.target.closest('td');
    if (grid.editable && grid.had && element && !element.classList.contains('editing')) edit(grid, element);
  });
}

// --- the table ----------------------------------------------------------------------------------
// Across: a line a row. Down, for a single subject: a line a field.
function fill(grid, single) {
  const { shot, rows, columns } = grid;
  if (single) {
    for (const c of columns) grid.body.append(make('tr', '', make('th', '', title(c.name)), cellOf(shot, rows[0], { ...c, kind: NUMBERS.has(c.kind) ? 'text' : c.kind }, 0)));
    for (const th of grid.body.querySelectorAll('th')) th.scope = 'row';
    return;
  }
  const head = grid.table.createTHead().insertRow();
  for (const c of columns) head.append(Object.assign(make('th', NUMBERS.has(c.kind) ? 'number' : '', c.name === 'rank' ? '#' : title(c.name)), { scope: 'col' }));
  rows.forEach((row, i) => grid.body.append(make('tr', '', ...columns.map((c) => cellOf(shot, row, c, i)))));
}

// An entry shows its prints; what is doubtful in it bears a question mark.
function entryOf(entry) {
  const shown = Object.entries(entry).filter(([name, v]) => (typeof v === 'string' || typeof v === 'number') && v !== '' && !(`${name}_text` in entry));
  const mark = (name) => ((entry.doubtful ?? []).includes(name.replace(/_text$/, '')) ? ' (?)' : '');
  return shown.map(([name, v]) => `${v}${mark(name)}`).join(' ');
}

function listsOf(row) {
  const items = (list) => (Array.isArray(list) ? list.map((i) => (typeof i === 'object' ? entryOf(i) : i)).filter(Boolean).join(', ') : `${list}`);
  const full = Object.entries({ ...row.lists, ...row.derived }).filter(([, list]) => list !== null && list.length !== 0);
  return full.length === 0 ? null : make('dl', 'lists', ...full.flatMap(([name, list]) => [make('dt', '', title(name)), make('dd', '', items(list))]));
}

// What stands on the right of the picture: the grid in its scroller, the line about a cell, the lists of a single subject.
export function gridOf(shot, editable) {
  const { rows } = shot.snapshot.sheet ?? shot.snapshot.document;
  const single = shot.snapshot.snapshotType === 'yapper_profile' && rows.length === 1;
  const table = make('table');
  const hint = editable ? 'Arrow keys move, Enter edits and saves, Escape leaves. Click a cell to see where it came from; click again to edit.' : 'Click a cell to see where it came from.';
  const grid = { shot, rows, editable, table, columns: columnsOf(shot, rows, single && editable), body: null, line: make('p', 'story', hint) };
  table.setAttribute('role', 'grid');
  table.setAttribute('aria-label', `What was read of ${shot.snapshot.fileName}`);
  table.setAttribute('aria-readonly', String(!editable));
  grid.line.setAttribute('aria-live', 'polite');
  if (!single) table.createTHead();
  grid.body = table.createTBody();
  fill(grid, single);
  listen(grid);
  (table.querySelector(`td[data-focus="${CSS.escape(shot.cell ?? '')}"]`) ?? table.querySelector('td'))?.setAttribute('tabindex', '0');
  return [make('div', `scroll ${single ? 'single' : ''}`, table), grid.line, single ? listsOf(rows[0]) : null].filter(Boolean);
}
