// The same upload twice: by Idempotency-Key it is answered as the first time, by its bytes it is found; also when the service dies
// in between, and when both run at once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { randomUUID } from 'node:crypto';
import { connect as socket } from 'node:net';
import { fields, picture, png, until, up } from './kit.mjs';
import { model } from './model.mjs';

const PATH = '/api/admin/snapshots/upload';
let stack, api, provider;
before(async () => {
  provider = await model();
  stack = await up({ ...provider.settings, IDEMPOTENCY_STALE: '1500ms' }, 'postgres,s3,analysis,upload');
  api = stack.api;
});
after(async () => {
  await stack?.down();
  await provider?.close();
});
const rows = () => Number(stack.sql('SELECT count(*) AS n FROM upload.platform_snapshots')[0].n);
const key = (what) => stack.metric('upload', `upload_idempotency_total{key="${what}"}`);

// The answer as bytes, and the request with its parts in any order.
async function send(parts, idempotencyKey, query = '') {
  const form = new FormData();
  for (const [name, value] of parts) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, new Blob([value.bytes], { type: value.type }), value.name);
  }
  const answer = await fetch(stack.env.UPLOAD_URL + PATH + query, { method: 'POST', body: form,
    headers: { authorization: `Bearer ${stack.env.UPLOAD_TOKEN}`, ...(idempotencyKey ? { 'idempotency-key': idempotencyKey } : {}) } });
  const text = await answer.text();
  return { status: answer.status, text, body: JSON.parse(text), headers: answer.headers };
}
const partsOf = (...files) => [...Object.entries(fields()), ...files.map((f) => ['screenshots', f])];

test('the same key and content gives the first answer byte for byte, and nothing is stored again', async () => {
  const [one, two] = [picture('one.png'), picture('two.png')];
  const id = randomUUID();
  const [objects, snapshots, replayed] = [(await stack.objects()).length, rows(), await key('replayed')];
  const first = await send(partsOf(one, two), id);
  assert.equal(first.status, 201, first.text);
  const again = await send(partsOf(one, two).reverse(), id); // fields after the files, and a boundary of its own
  assert.equal(again.status, 201);
  assert.equal(again.text, first.text);
  assert.equal(again.headers.get('idempotent-replayed'), 'true');
  assert.equal(rows(), snapshots + 2);
  assert.equal((await stack.objects()).length, objects + 2);
  assert.equal(await key('replayed'), replayed + 1);
});

test('the same key with other content is refused and stores nothing', async () => {
  const id = randomUUID();
  assert.equal((await send(partsOf(picture()), id)).status, 201);
  const [snapshots, reused] = [rows(), await key('reused')];
  const other = await send(partsOf(picture()), id);
  assert.equal(other.status, 422);
  assert.equal(other.body.code, 'idempotency_reused');
  assert.equal(rows(), snapshots);
  assert.equal(await key('reused'), reused + 1);
});

test('of many with one key at once one is taken in, and the others are told to come back', async () => {
  const parts = partsOf(picture('crowd.png', { bytes: 2 << 20 }));
  const id = randomUUID();
  const snapshots = rows();
  const all = await Promise.all(Array.from({ length: 6 }, () => send(parts, id)));
  const [stored] = all.filter((a) => a.status === 201);
  assert.ok(stored, JSON.stringify(all.map((a) => a.text)));
  for (const a of all) {
    assert.ok(a.status === 409 ? a.body.code === 'in_progress' && Number(a.headers.get('retry-after')) >= 1 : a.text === stored.text, a.text);
  }
  assert.equal((await send(parts, id)).text, stored.text);
  assert.equal(rows(), snapshots + 1);
});

// A request whose body stops in the middle of its only file.
function halfForm(id, bytes) {
  const { hostname, port } = new URL(stack.env.UPLOAD_URL);
  const s = socket(Number(port), hostname);
  s.on('error', () => {});
  s.write(`POST ${PATH} HTTP/1.1\r\nHost: snapkey\r\nAuthorization: Bearer ${stack.env.UPLOAD_TOKEN}\r\nIdempotency-Key: ${id}\r\n` +
    'Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 3000000\r\n\r\n');
  for (const [k, v] of Object.entries(fields())) s.write(`--b\r\nContent-Disposition: form-data; name="${k}"\r\n\r\n${v}\r\n`);
  s.write('--b\r\nContent-Disposition: form-data; name="screenshots"; filename="half.png"\r\nContent-Type: image/png\r\n\r\n');
  s.write(bytes.subarray(0, 600000));
  return s;
}

test('kill -9 in the middle of an upload: a repeat with its key waits a moment, takes over, and is stored once', async () => {
  const bytes = png(320, 200, { bytes: 1 << 20 });
  const id = randomUUID();
  const [objects, snapshots] = [(await stack.objects()).length, rows()];
  const s = halfForm(id, bytes);
  await until(() => stack.sql('SELECT uuid FROM upload.arrivals').length === 1, 15, 'the file to be on its way');
  await stack.kill('upload');
  s.destroy();
  await stack.start();
  stack.sql(`UPDATE upload.idempotency SET heartbeat_at = now() WHERE key = '${id}'`); // it died just now
  const parts = partsOf({ name: 'half.png', bytes, type: 'image/png' });
  assert.equal((await send(parts, id)).status, 409);
  const done = await until(async () => {
    const answer = await send(parts, id);
    return answer.status === 201 && answer;
  }, 10, 'the key to be taken over');
  assert.equal(await key('taken_over'), 1);
  assert.equal((await send(parts, id)).text, done.text);
  assert.equal(rows(), snapshots + 1);
  await until(async () => (await stack.objects()).length === objects + 1 && stack.sql('SELECT uuid FROM upload.arrivals').length === 0, 20, 'what the dead one left to be swept');
});

test('kill -9 right after the answer: the repeat gets that answer from the new process', async () => {
  const parts = partsOf(picture());
  const id = randomUUID();
  const first = await send(parts, id);
  await stack.kill('upload');
  await stack.start();
  assert.equal((await send(parts, id)).text, first.text);
});

test('the same picture from many at once is stored once, analysed once, and named to all', async () => {
  const same = picture('same.png');
  const [objects, snapshots, doubles] = [(await stack.objects()).length, rows(), await stack.metric('upload', 'upload_duplicates_total')];
  const all = await Promise.all(Array.from({ length: 8 }, () => send(partsOf(same))));
  assert.deepEqual(all.map((a) => a.status), all.map(() => 201));
  const made = all.filter((a) => a.body.snapshots[0].duplicateOf === undefined);
  assert.equal(made.length, 1);
  const [{ id }] = made[0].body.snapshots;
  for (const a of all) assert.equal(a.body.snapshots[0].id, id);
  await api.settle([id], { seconds: 30 });
  const late = await send(partsOf(same));
  assert.deepEqual([late.body.snapshots[0].duplicateOf, late.body.snapshots[0].state], [id, 'completed']);
  assert.equal(await stack.metric('upload', 'upload_duplicates_total'), doubles + 8);
  assert.equal(rows(), snapshots + 1);
  await until(async () => (await stack.objects()).length === objects + 1, 10, 'the losers\' objects to be gone');
  assert.equal(stack.sql(`SELECT * FROM analysis.snapshot_attempts WHERE snapshot_id = ${id}`).length, 1);
});

test('?force=true stores the same picture once more, with an analysis of its own', async () => {
  const same = picture('forced.png');
  const first = (await send(partsOf(same))).body.snapshots[0];
  const forced = (await send(partsOf(same), undefined, '?force=true')).body.snapshots[0];
  assert.equal(forced.duplicateOf, undefined);
  assert.notEqual(forced.s3Key, first.s3Key);
  const done = await api.settle([first.id, forced.id], { seconds: 30 });
  assert.deepEqual(done.map((d) => d.state), ['completed', 'completed']);
  assert.equal((await send(partsOf(same))).body.snapshots[0].duplicateOf, first.id);
});

test('one picture twice in one form is one picture, and a failed one does not count as there', async () => {
  const same = picture('twin.png');
  const answer = await send(partsOf(same, { ...same, name: 'other name.png' }));
  const [a, b] = answer.body.snapshots;
  assert.equal(b.duplicateOf, a.id);
  stack.sql(`UPDATE upload.platform_snapshots SET failed_at = now(), fail_code = 'batch_rejected' WHERE id = ${a.id}`);
  const again = (await send(partsOf(same))).body.snapshots[0];
  assert.equal(again.duplicateOf, undefined);
  assert.notEqual(again.id, a.id);
});
