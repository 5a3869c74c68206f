// One picture of the list: its state in the summary, its rows inside. Everything is set as text.
const NUMBERS = new Set(['rank', 'total_snaps', 'snaps_24h', 'snaps_7d', 'mindshare_percent', 'mindshare_change', 'followers', 'smart_followers']);
const ORDER = ['rank', 'display_name', 'handle', ...[...NUMBERS].slice(1), 'status', 'badge'];
const TITLES = { display_name: 'Name', mindshare_percent: 'Mindshare %', mindshare_change: 'Change %', snaps_24h: 'Snaps 24h', snaps_7d: 'Snaps 7d' };
const make = (tag, className, text) => Object.assign(document.createElement(tag), { className: className ?? '', textContent: text ?? '' });
const title = (name) => TITLES[name] ?? name.replaceAll('_', ' ').replace(/^./, (c) => c.toUpperCase());
const shown = (cell) => (cell === undefined ? '' : cell.value === null ? cell.text : typeof cell.value === 'number' ? cell.value.toLocaleString('en', { maximumFractionDigits: 6 }) : cell.text || String(cell.value));

function summary(snapshot) {
  const line = make('summary');
  const image = make('img');
  image.alt = '';
  image.loading = 'lazy';
  image.src = `/api/admin/snapshots/${snapshot.id}/image`;
  const text = make('div', 'text');
  text.append(make('div', 'name', snapshot.fileName));
  const about = [snapshot.platformSource, snapshot.campaignTitle ?? (snapshot.yapperTwitterHandle && `@${snapshot.yapperTwitterHandle}`), snapshot.snapshotDate];
  text.append(make('div', 'about', about.filter(Boolean).join(' · ')));
  line.append(image, text, make('span', `pill ${snapshot.state}`, snapshot.statusDisplay));
  return line;
}

// Columns in the usual order first, then whatever else an extractor has.
function columnsOf(rows) {
  const there = new Set(rows.flatMap((r) => Object.keys(r.cells)));
  return [...ORDER.filter((c) => there.has(c)), ...[...there].filter((c) => !ORDER.includes(c))].filter((c) => rows.some((r) => shown(r.cells[c]) !== ''));
}

function table(rows) {
  const columns = columnsOf(rows);
  const grid = make('table');
  const head = grid.createTHead().insertRow();
  for (const c of columns) head.append(make('th', NUMBERS.has(c) ? 'number' : '', title(c)));
  const body = grid.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const c of columns) {
      const doubtful = row.doubtful?.includes(c);
      const cell = make('td', `${NUMBERS.has(c) ? 'number' : ''} ${doubtful ? 'doubtful' : ''}`.trim(), shown(row.cells[c]));
      if (row.cells[c]) cell.title = `printed: ${row.cells[c].text}${row.cells[c].from ? ` · from picture ${row.cells[c].from.join(', ')}` : ''}${doubtful ? ' · doubtful' : ''}`;
      line.append(cell);
    }
  }
  const scroll = make('div', 'scroll');
  scroll.tabIndex = 0;
  scroll.append(grid);
  return scroll;
}

// A single subject reads better as a list of its fields.
function fieldsOf(row) {
  const flat = Object.keys(row.cells).filter((name) => shown(row.cells[name]) !== '');
  const grid = make('table');
  const body = grid.createTBody();
  for (const name of flat) {
    const line = body.insertRow();
    line.append(make('th', '', title(name)), make('td', row.doubtful?.includes(name) ? 'doubtful' : '', shown(row.cells[name])));
  }
  for (const [name, items] of Object.entries(row.lists ?? {})) {
    if (items.length === 0) continue;
    const line = body.insertRow();
    line.append(make('th', '', title(name)), make('td', '', items.map((i) => Object.values(i).filter((v) => typeof v === 'string' && v).join(' ')).join(', ')));
  }
  const scroll = make('div', 'scroll');
  scroll.append(grid);
  return scroll;
}

function inside(snapshot) {
  const box = make('div', 'inside');
  const document_ = snapshot.sheet ?? snapshot.extractedData;
  const rows = document_?.rows ?? [];
  if (rows.length > 0) box.append(snapshot.snapshotType === 'yapper_profile' ? fieldsOf(rows[0]) : table(rows));
  const confidence = snapshot.confidenceScore === null || snapshot.confidenceScore === undefined ? '' : `Confidence ${Math.round(snapshot.confidenceScore * 100)} %. `;
  const text = snapshot.errorLog || (rows.length > 0 ? `${confidence}${rows.some((r) => r.doubtful?.length) ? 'Marked cells are doubtful: look at the picture.' : ''}` : 'The rows appear here as soon as the picture has been read.');
  if (text) box.append(make('p', 'notes', text));
  return box;
}

// Draw a picture, into the element that it had before when there was one.
export function drawShot(snapshot, was) {
  const element = was ?? make('details', 'shot');
  element.dataset.id = snapshot.id;
  element.dataset.state = snapshot.state;
  const parts = [summary(snapshot), inside(snapshot)];
  element.replaceChildren(...parts);
  if (!was) element.addEventListener('toggle', () => element.open && element.dispatchEvent(new CustomEvent('opened', { bubbles: true })));
  return element;
}
