// The upload form. Each file travels in a form of its own, so that it has its own progress, its own answer and its own Idempotency-Key;
// a shared setId keeps them together.
import { call, send } from '/api.js';
import { $, button, make, option, period, plural, say, show, size, tell, typeName } from '/dom.js';
import { refresh } from '/history.js';

const NEW = 'new';
let limits = {};
let may = {};
let types = []; // { value, timeframe, needsHandle }
let reads = []; // { snapshotType, platforms } of each extractor
let picked = []; // { file, key, fields it was sent with, done }

const kind = () => types.find((t) => t.value === document.querySelector('input[name=snapshotType]:checked').value);
const chosen = () => $('campaign').value;

export async function openForm(about) {
  ({ limits } = about.meta);
  may = about.may;
  reads = about.meta.extractors;
  kinds(about.meta.snapshotTypes);
  $('platform').replaceChildren(...about.meta.platforms.map((p) => option(p.value, p.label)));
  $('day').value = new Date().toISOString().slice(0, 10);
  $('day').max = $('day').value;
  $('limits').textContent = `PNG, JPEG, WebP or GIF, up to ${size(limits.fileBytes)} each, ${limits.files} at a time`;
  await campaigns();
}

// Every kind of picture that can be read, those of dropped-in folders too; what was chosen stays.
function kinds(list) {
  const before = types.length > 0 ? kind().value : list[0].value;
  types = list;
  const radios = types.map((t) => {
    const radio = Object.assign(make('input'), { type: 'radio', name: 'snapshotType', value: t.value, checked: t.value === before });
    radio.addEventListener('change', adapt);
    return make('label', 'choice', radio, ` ${typeName(t.value)} `, make('small', '', period(t.timeframe)));
  });
  $('kinds').replaceChildren($('kinds').querySelector('legend'), ...radios);
  if (!types.some((t) => t.value === before)) $('kinds').querySelector('input').checked = true;
}

// While a list is on its way none can be chosen from the one before; what was chosen stays where the new list has it too.
async function campaigns() {
  const platform = $('platform').value;
  const before = chosen();
  $('campaign').disabled = true;
  const { ok, body } = await call('GET', `/api/admin/snapshots/campaigns?platformSource=${encodeURIComponent(platform)}`);
  if (platform !== $('platform').value) return; // a later list is on its way
  const list = ok ? body.campaigns : [];
  $('campaign').replaceChildren(option('', 'No campaign'), ...list.map((c) => option(c.id, c.title)), ...(may.admin ? [option(NEW, 'New campaign …')] : []));
  if ([...$('campaign').options].some((o) => o.value === before)) $('campaign').value = before;
  $('campaign').disabled = false;
  adapt();
}

// Where no extractor of this kind reads a platform, it cannot be chosen.
function platforms() {
  const of = reads.filter((x) => x.snapshotType === kind().value);
  const select = $('platform');
  for (const o of select.options) o.disabled = of.length > 0 && !of.some((x) => (x.platforms ?? ['*']).some((p) => p === '*' || p === o.value));
  const free = [...select.options].find((o) => !o.disabled);
  if (!select.selectedOptions[0]?.disabled || !free) return;
  select.value = free.value;
  campaigns();
}

function adapt() {
  platforms();
  const profile = kind().needsHandle;
  show($('handle-field'), profile);
  show($('campaign-field'), !profile);
  show($('title-field'), !profile && chosen() === NEW);
  show($('archive'), may.admin && !profile && chosen() !== '' && chosen() !== NEW);
}
$('platform').addEventListener('change', campaigns);
$('campaign').addEventListener('change', adapt);

const keep = async (id, isActive) => {
  const answer = await call('PATCH', `/api/admin/campaigns/${id}`, { isActive });
  if (!answer.ok) return tell(answer.body?.message ?? 'The campaign could not be changed.');
  await campaigns();
  if (isActive) {
    $('campaign').value = id;
    adapt();
  }
  return true;
};
$('archive').addEventListener('click', async () => {
  const [id, name] = [chosen(), $('campaign').selectedOptions[0].textContent];
  if (await keep(id, false) === true) tell(`“${name}” is archived: its pictures stay, no new ones are taken for it.`, { label: 'Undo', act: () => keep(id, true) }, 15000);
});

// --- choosing -----------------------------------------------------------------------------------
const isPicture = (f) => f.type.startsWith('image/') || /\.(png|jpe?g|webp|gif)$/i.test(f.name);

function pick(files) {
  const fresh = [...files].filter(isPicture).map((file) => ({ file, key: `${Date.now().toString(36)}-${random()}` }));
  const room = picked.filter((p) => !p.done).concat(fresh);
  const faults = [];
  if (files.length > fresh.length) faults.push(`${plural(files.length - fresh.length, 'file')} left out: PNG, JPEG, WebP and GIF are taken.`);
  if (room.length > limits.files) faults.push(`Only ${limits.files} pictures at a time; ${plural(room.length - limits.files, 'picture')} left out. Upload these first.`);
  picked = room.slice(0, limits.files);
  list();
  say($('form-fault'), faults.join('\n'));
}

function list() {
  const left = picked.filter((p) => !p.done).length;
  $('picked').replaceChildren(...picked.map((item) => (item.row ??= line(item))));
  $('send').disabled = left === 0;
  $('send').textContent = left > 1 ? `Upload ${left} pictures` : 'Upload';
}

function line(item) {
  const { file } = item;
  const image = Object.assign(make('img'), { alt: '', src: URL.createObjectURL(file) });
  for (const end of ['load', 'error']) image.addEventListener(end, () => URL.revokeObjectURL(image.src), { once: true });
  item.remove = button('Remove', 'quiet', () => {
    picked = picked.filter((p) => p !== item);
    list();
    $('files').focus();
  });
  item.remove.setAttribute('aria-label', `Remove ${file.name}`);
  item.bar = Object.assign(make('progress'), { max: 1, value: 0, hidden: true });
  item.bar.setAttribute('aria-label', `Upload of ${file.name}`);
  item.note = Object.assign(make('span', 'note'), { hidden: true });
  item.note.setAttribute('role', 'alert');
  return make('li', '', image, make('span', 'name', `${file.name} `, make('small', '', size(file.size))), item.remove, item.bar, item.note);
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
// A picture that misses the drop zone would otherwise replace the page.
for (const name of ['dragover', 'drop']) window.addEventListener(name, (event) => event.preventDefault());
document.addEventListener('paste', (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  if (files.length === 0 || $('upload').hidden) return;
  event.preventDefault();
  pick(files);
  $('upload').scrollIntoView({ block: 'nearest' });
});

// --- sending ------------------------------------------------------------------------------------
// randomUUID exists on secure origins only; a service on the team's own network may be none.
const random = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');
function uuid() {
  const hex = random();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

async function campaignId() {
  if (chosen() !== NEW) return chosen();
  const answer = await call('POST', '/api/admin/campaigns', { title: $('title').value.trim(), platformSource: $('platform').value });
  if (!answer.ok) throw new Error(answer.body?.message ?? 'The campaign could not be made.');
  $('title').value = '';
  await campaigns();
  $('campaign').value = String(answer.body.campaign.id);
  adapt();
  return chosen();
}

async function common() {
  const type = kind();
  const fields = { platformSource: $('platform').value, snapshotDate: $('day').value, snapshotType: type.value, snapshotTimeframe: type.timeframe };
  if (type.needsHandle) fields.yapperTwitterHandle = $('handle').value.trim();
  else fields.campaignId = await campaignId();
  return fields;
}

const told = (body) => [...(body?.errors ?? []), ...(body?.rejected ?? [])].map((e) => e.message).join('\n') || body?.message;

// What a person can do about a file that was not taken.
function advice({ status, body }) {
  const codes = [body?.code, ...(body?.rejected ?? []).map((r) => r.code)];
  if (status === 0) return 'Check the connection and press Upload again: what has arrived is found, not stored twice.';
  if ((body?.errors ?? []).length > 0) return 'Correct the form above and press Upload again.';
  if (body?.rejected?.some((r) => r.retry) || status >= 500 || status === 429) return 'Press Upload again in a moment.';
  if (codes.includes('file_too_large')) return 'Crop it or save it smaller, then choose it again.';
  if (codes.includes('animated_image')) return 'Take a still screenshot and choose that.';
  return 'Choose another picture instead.';
}

// The same form sent again keeps its key, whatever became of the first answer; another form needs another.
function keyFor(item, fields) {
  const print = JSON.stringify(fields);
  if (item.print !== undefined && item.print !== print) item.key = random();
  item.print = print;
  return item.key;
}

async function sendOne(item, fields, open) {
  show(item.bar, true);
  item.remove.disabled = true;
  say(item.note, '');
  const answer = await send(item.file, fields, keyFor(item, fields), (share) => { item.bar.value = share; });
  item.done = answer.status === 201;
  item.remove.disabled = false;
  show(item.bar, false);
  if (!item.done) return say(item.note, `${told(answer.body) ?? 'The connection was lost.'} ${advice(answer)}`);
  const [stored] = answer.body.snapshots;
  item.remove.replaceWith(make('span', `pill ${stored.duplicateOf ? 'needs_review' : 'completed'}`, stored.duplicateOf ? 'Already here' : 'Stored'));
  if (stored.duplicateOf) say(item.note, `The same picture is there already as number ${stored.duplicateOf}; nothing was stored twice.`);
  item.note.classList.toggle('calm', true);
  return refresh(stored.duplicateOf ?? stored.id, open);
}

// Pictures chosen together stay one set, also when some are sent again.
function setOf(items, fields) {
  const print = JSON.stringify(fields);
  const sent = items.find((p) => p.set && p.setPrint === print);
  const set = sent?.set ?? uuid();
  for (const item of items) [item.set, item.setPrint] = [set, print];
  return set;
}

$('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  say($('form-fault'), '');
  $('send').disabled = true;
  try {
    const fields = await common();
    const set = setOf(picked, fields);
    const items = picked.filter((p) => !p.done);
    for (const item of items) await sendOne(item, picked.length > 1 ? { ...fields, setId: set } : fields, item === items[0]);
  } catch (fault) {
    say($('form-fault'), fault.message);
  }
  list();
});
