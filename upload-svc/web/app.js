// The page: sign in, choose pictures, watch them become rows. No framework; everything of a user's or a model's is set
// as text, never as HTML. Each file travels in a form of its own, so that it has its own progress and its own answer;
// a shared setId keeps them together.
import { call, send, follow } from '/api.js';
import { drawShot } from '/shot.js';

const $ = (id) => document.getElementById(id);
const TIMEFRAME = { leaderboard: '24H', yapper_profile: '7D' };
const PAGE = 20;
const state = { limits: {}, picked: [], cursor: null, stop: null };
const shots = new Map(); // id -> element
const NEW = 'new';

const kind = () => document.querySelector('input[name=snapshotType]:checked').value;
const show = (element, on) => { element.hidden = !on; };
const say = (element, text) => { element.textContent = text ?? ''; show(element, Boolean(text)); };
const size = (n) => (n >= 1048576 ? `${Number((n / 1048576).toFixed(1))} MiB` : `${Math.max(1, Math.round(n / 1024))} KiB`);
const make = (tag, className, text) => Object.assign(document.createElement(tag), { className: className ?? '', textContent: text ?? '' });

// --- signing in ---------------------------------------------------------------------------------
async function enter() {
  const meta = await call('GET', '/api/meta');
  if (meta.status === 401) return gate();
  state.limits = meta.body.limits ?? {};
  for (const id of ['upload', 'recent', 'leave']) show($(id), true);
  show($('gate'), false);
  await Promise.all([platforms(), history()]);
  describeLimits();
  state.stop?.();
  state.stop = follow(changed, (on) => show($('live'), on));
}

function gate(fault) {
  state.stop?.();
  for (const id of ['upload', 'recent', 'leave', 'live']) show($(id), false);
  show($('gate'), true);
  say($('gate-fault'), fault);
  $('token').focus();
}

$('gate-form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const answer = await call('POST', '/api/session', { token: $('token').value.trim() });
  if (answer.status >= 300) return gate(answer.body?.message ?? 'This token is not known here.');
  $('token').value = '';
  return enter();
});
$('leave').addEventListener('click', async () => {
  await call('DELETE', '/api/session');
  shots.clear();
  $('list').replaceChildren();
  gate();
});

// --- the form -----------------------------------------------------------------------------------
const option = (value, label) => Object.assign(document.createElement('option'), { value, textContent: label });

async function platforms() {
  const { body } = await call('GET', '/api/admin/snapshots/platforms');
  $('platform').replaceChildren(...body.platforms.map((p) => option(p.value, p.label)));
  $('day').value = new Date().toISOString().slice(0, 10);
  $('day').max = $('day').value;
  await campaigns();
}

async function campaigns() {
  const { body } = await call('GET', `/api/admin/snapshots/campaigns?platformSource=${encodeURIComponent($('platform').value)}`);
  $('campaign').replaceChildren(option('', 'No campaign'), ...body.campaigns.map((c) => option(c.value, c.label)), option(NEW, 'New campaign …'));
  show($('title-field'), false);
}

function describeLimits() {
  const { files, fileBytes } = state.limits;
  $('limits').textContent = `PNG, JPEG, WebP or GIF${fileBytes ? `, up to ${size(fileBytes)} each` : ''}${files ? `, ${files} at a time` : ''}`;
}

function adapt() {
  const profile = kind() === 'yapper_profile';
  show($('handle-field'), profile);
  show($('campaign-field'), !profile);
  show($('title-field'), !profile && $('campaign').value === NEW);
}
document.querySelectorAll('input[name=snapshotType]').forEach((radio) => radio.addEventListener('change', adapt));
$('platform').addEventListener('change', campaigns);
$('campaign').addEventListener('change', adapt);

function pick(files) {
  const fresh = [...files].filter((f) => f.type.startsWith('image/') || /\.(png|jpe?g|webp|gif)$/i.test(f.name));
  const most = state.limits.files ?? 10;
  state.picked = [...state.picked.filter((p) => !p.done), ...fresh.map((file) => ({ file }))].slice(0, most);
  $('picked').replaceChildren(...state.picked.map(line));
  $('send').disabled = state.picked.length === 0;
  $('send').textContent = state.picked.length > 1 ? `Upload ${state.picked.length} pictures` : 'Upload';
  const left = files.length - fresh.length;
  say($('form-fault'), left ? `${left} of the files ${left > 1 ? 'are no pictures' : 'is no picture'} of a kind that is taken.` : '');
}

function line(item) {
  const row = make('li');
  const image = make('img');
  image.alt = '';
  image.src = URL.createObjectURL(item.file);
  image.addEventListener('load', () => URL.revokeObjectURL(image.src), { once: true });
  const remove = make('button', 'quiet', 'Remove');
  remove.type = 'button';
  remove.addEventListener('click', () => {
    state.picked = state.picked.filter((p) => p !== item);
    pick([]);
  });
  const name = make('span', 'name', `${item.file.name} `);
  name.append(make('small', '', size(item.file.size)));
  item.bar = Object.assign(make('progress'), { max: 1, value: 0, hidden: true });
  item.bar.setAttribute('aria-label', `Upload of ${item.file.name}`);
  item.note = Object.assign(make('span', 'note'), { hidden: true });
  item.remove = remove;
  row.append(image, name, remove, item.bar, item.note);
  return row;
}

$('files').addEventListener('change', (event) => {
  pick(event.target.files);
  event.target.value = '';
});
for (const name of ['dragover', 'dragleave', 'drop']) $('drop').addEventListener(name, (event) => {
  event.preventDefault();
  $('drop').classList.toggle('over', name === 'dragover');
  if (name === 'drop') pick(event.dataTransfer.files);
});

async function campaignId() {
  if (kind() !== 'leaderboard' || $('campaign').value !== NEW) return $('campaign').value;
  const answer = await call('POST', '/api/admin/campaigns', { title: $('title').value.trim(), platformSource: $('platform').value });
  if (answer.status >= 300) throw new Error(answer.body?.message ?? 'The campaign could not be made.');
  const { id } = answer.body.campaign;
  await campaigns();
  $('campaign').value = String(id);
  return id;
}

async function common() {
  const type = kind();
  const fields = { platformSource: $('platform').value, snapshotDate: $('day').value, snapshotType: type, snapshotTimeframe: TIMEFRAME[type] };
  if (type === 'yapper_profile') fields.yapperTwitterHandle = $('handle').value.trim();
  else {
    const id = await campaignId();
    if (id) fields.campaignId = id;
  }
  if (state.picked.length > 1) fields.setId = crypto.randomUUID?.() ?? undefined;
  return fields;
}

const told = (body) => [...(body?.errors ?? []), ...(body?.rejected ?? [])].map((e) => e.message).join('\n') || body?.message;

async function sendOne(item, fields) {
  show(item.bar, true);
  item.remove.disabled = true;
  say(item.note, '');
  const answer = await send(item.file, fields, (share) => { item.bar.value = share; });
  item.done = answer.status === 201;
  item.remove.disabled = false;
  if (!item.done) {
    show(item.bar, false);
    say(item.note, told(answer.body) ?? 'The connection was lost. Upload again: what is there already is found, not stored twice.');
    return;
  }
  item.remove.replaceWith(make('span', 'pill completed', answer.body.snapshots[0].duplicateOf ? 'Already here' : 'Stored'));
  await refresh(answer.body.snapshots[0].duplicateOf ?? answer.body.snapshots[0].id, true);
}

$('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  say($('form-fault'), '');
  $('send').disabled = true;
  try {
    const fields = await common();
    for (const item of state.picked.filter((p) => !p.done)) await sendOne(item, fields);
  } catch (fault) {
    say($('form-fault'), fault.message);
  }
  $('send').disabled = state.picked.every((p) => p.done);
});

// --- the pictures -------------------------------------------------------------------------------
async function history() {
  const query = new URLSearchParams({ limit: PAGE, ...(state.cursor ? { cursor: state.cursor } : {}) });
  const { body } = await call('GET', `/api/admin/snapshots/history?${query}`);
  for (const snapshot of body.snapshots) place(snapshot, false);
  state.cursor = body.pagination?.nextCursor ?? null;
  show($('more'), Boolean(state.cursor));
  $('count').textContent = body.pagination?.total ? `${body.pagination.total}` : '';
}
$('more').addEventListener('click', history);

function place(snapshot, first) {
  const was = shots.get(snapshot.id);
  const element = drawShot(snapshot, was);
  shots.set(snapshot.id, element);
  if (!was && first) $('list').prepend(element);
  else if (!was) $('list').append(element);
  show($('empty'), shots.size === 0);
}

async function refresh(id, open = false) {
  const { status, body } = await call('GET', `/api/admin/snapshots/${id}`);
  if (status !== 200) return;
  place(body.snapshot, true);
  if (open) shots.get(id).open = true;
}

// The list knows little of each; what a person opens is asked for.
$('list').addEventListener('opened', (event) => refresh(Number(event.target.dataset.id)));

function changed({ id }) {
  if (id) refresh(id);
}

adapt();
enter();
