// The pictures, newest first: filters, search, older ones, and what the live events change. Filters stand in the address, so that a
// reload or a shared link shows the same.
import { call } from '/api.js';
import { $, make, option, plural, show, tell, typeName } from '/dom.js';
import { drawShot } from '/shot.js';

const PAGE = 20;
const shots = new Map(); // id -> { element, snapshot, … }, see shot.js
const asked = new Map(); // id -> { again, open }: an answer is under way; ask once more after it, open its rows
let about = {};
let cursor = null;
let round = 0; // answers of an older question are not shown

const fields = () => [...$('filters').elements].filter((e) => e.name);
const filters = () => Object.fromEntries(fields().filter((e) => e.value.trim() !== '').map((e) => [e.name, e.value.trim()]));
const later = (ms, act) => {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(act, ms);
  };
};

export async function openHistory(known, campaigns) {
  about = known;
  const [state, platform, campaign, type] = ['state', 'platformSource', 'campaignId', 'snapshotType'].map((name) => $('filters').elements[name]);
  state.replaceChildren(option('', 'All'), ...about.meta.snapshotStates.map((s) => option(s.state, s.label)));
  platform.replaceChildren(option('', 'All'), ...about.meta.platforms.map((p) => option(p.value, p.label)));
  type.replaceChildren(option('', 'All'), ...about.meta.snapshotTypes.map((t) => option(t.value, typeName(t.value))));
  campaign.replaceChildren(option('', 'All'), ...campaigns.map((c) => option(c.id, c.label)));
  for (const [name, value] of new URLSearchParams(window.location.hash.slice(1))) if ($('filters').elements[name]) $('filters').elements[name].value = value;
  await Promise.all([reload(), failed()]);
}

export function clearHistory() {
  round++;
  shots.clear();
  $('list').replaceChildren();
}

export async function reload() {
  const open = [...shots.values()].filter((s) => s.element.open).map((s) => s.snapshot.id);
  const mine = ++round;
  cursor = null;
  const body = await ask();
  if (mine !== round || !body) return;
  const busy = [...shots.values()].filter((s) => s.busy); // never away under somebody's hands
  for (const [id, shot] of shots) if (!shot.busy) shots.delete(id);
  $('list').replaceChildren(...busy.map((s) => s.element));
  take(body);
  for (const id of open) if (shots.has(id)) shots.get(id).element.open = true;
}

async function ask() {
  const { ok, body } = await call('GET', `/api/admin/snapshots/history?${new URLSearchParams({ limit: PAGE, ...(cursor ? { cursor } : {}), ...filters() })}`);
  if (!ok) tell(body?.message ?? 'The pictures could not be listed.');
  return ok ? body : null;
}

function take(body) {
  for (const snapshot of body.snapshots) place(snapshot, false);
  cursor = body.pagination.nextCursor;
  show($('more'), Boolean(cursor));
  $('count').textContent = body.pagination.total ? `${body.pagination.total}` : '';
  empty();
}

function empty() {
  const filtered = Object.keys(filters()).length > 0;
  $('empty').textContent = filtered ? 'No picture fits these filters.' : 'Nothing here yet. What is uploaded shows up here, with its state as it changes.';
  show($('empty'), shots.size === 0);
}

$('more').addEventListener('click', async () => {
  const mine = round;
  const body = await ask();
  if (body && mine === round) take(body);
});

// --- filters ------------------------------------------------------------------------------------
function links() {
  const { platformSource, campaignId, snapshotType = 'leaderboard' } = filters();
  for (const format of ['csv', 'json', 'ndjson']) {
    const query = new URLSearchParams({ format, snapshotType, ...(platformSource ? { platformSource } : {}), ...(campaignId ? { campaignId } : {}) });
    $(format).href = `/api/admin/snapshots/export?${query}`;
    $(format).title = `All rows of kind ${typeName(snapshotType)}${platformSource || campaignId ? ' of the platform and campaign chosen below' : ''}, as ${format.toUpperCase()}`;
  }
}
function filtered() {
  window.history.replaceState(null, '', `#${new URLSearchParams(filters())}`);
  links();
  return reload();
}
$('filters').addEventListener('input', later(250, filtered));
$('filters').addEventListener('reset', () => setTimeout(filtered, 0));
$('filters').addEventListener('submit', (event) => {
  event.preventDefault();
  filtered();
});
links();
// On a phone only the search stands there at first.
$('unfold').addEventListener('click', () => $('unfold').setAttribute('aria-expanded', String($('filters').classList.toggle('open'))));

// --- what failed, all of it at once -------------------------------------------------------------
async function failed() {
  if (!about.may?.upload) return show($('again'), false);
  const { ok, body } = await call('GET', '/api/admin/snapshots/pending-summary');
  const n = ok ? body.batches.reduce((sum, b) => sum + b.failed, 0) : 0;
  $('again').textContent = `Read ${plural(n, 'failed one')} again`;
  return show($('again'), n > 0);
}
const failedSoon = later(1000, failed);
$('again').addEventListener('click', async () => {
  const { body } = await call('POST', '/api/admin/snapshots/process-pending', {});
  tell(body?.message ?? 'That did not work.');
  failedSoon();
});

// --- one picture --------------------------------------------------------------------------------
function place(snapshot, first) {
  let shot = shots.get(snapshot.id);
  if (!shot) {
    shot = { element: make('details', 'shot'), snapshot: null, about, refresh: () => refresh(snapshot.id), remove: () => remove(snapshot.id), picture: snapshot.id };
    shot.element.addEventListener('toggle', () => shot.element.open && refresh(snapshot.id));
    shots.set(snapshot.id, shot);
    $('list')[first ? 'prepend' : 'append'](shot.element);
  }
  drawShot(shot, snapshot);
  empty();
  return shot;
}

function remove(id) {
  shots.get(id)?.element.remove();
  shots.delete(id);
  empty();
}

// Ask for a picture and draw it. open: put it on top and show its rows. Many calls in a row become two.
export async function refresh(id, open = false) {
  const running = asked.get(id);
  if (running) {
    asked.set(id, { again: true, open: running.open || open });
    return undefined;
  }
  asked.set(id, { again: false, open });
  const mine = round;
  const { ok, status, body } = await call('GET', `/api/admin/snapshots/${id}`);
  const wish = asked.get(id);
  asked.delete(id);
  if (status === 404) remove(id);
  if (!ok || (mine !== round && !shots.has(id) && !wish.open)) return undefined;
  const shot = place(body.snapshot, true);
  if (wish.open) shot.element.open = true;
  if ($('count').textContent < shots.size) $('count').textContent = shots.size;
  return wish.again ? refresh(id) : undefined;
}

const reloadSoon = later(800, reload);

// An event: whoever is shown is drawn anew, its set's tables too; a new one comes on top, where the filters allow it.
export function changed({ id, data }) {
  failedSoon();
  if (!id) return;
  for (const shot of shots.values()) if (shot.element.open && shot.snapshot.id !== id && shot.snapshot.setId === data?.setId) refresh(shot.snapshot.id);
  if (shots.has(id)) {
    refresh(id);
  } else if (Object.keys(filters()).length > 0) {
    reloadSoon();
  } else if (id > Math.max(0, ...shots.keys())) {
    refresh(id);
  }
}
