// What people do with pictures after they are in: review, correct, send again, delete and undo, keep, export. All parts real, the
// model scripted, so that every call it gets can be counted.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fields, picture, until, up } from './kit.mjs';
import { model, ROW } from './model.mjs';

const ROOT = '/api/admin/snapshots';
const BEN = { ...ROW, rank: '2', display_name: 'Ben', handle: '@ben', total_snaps: '1.1K', mindshare_percent: '0.4%' };
let stack, api, provider;
before(async () => {
  provider = await model(() => ({ rows: [ROW, BEN] }));
  stack = await up({ ...provider.settings, DELETE_UNDO: '1s', S3_READ_PREFIXES: 'old/' }, 'postgres,s3,analysis,upload');
  api = stack.api;
});
after(async () => {
  await stack?.down();
  await provider?.close();
});

const read = async (more = {}) => {
  const sent = await api.upload([picture()], fields(more));
  const id = sent.snapshots[0].id;
  const [done] = await api.settle([id], { seconds: 30 });
  assert.ok(['completed', 'needs_review'].includes(done.state), JSON.stringify(done));
  return { id, key: sent.snapshots[0].s3Key, setId: sent.setId };
};
const call = (method, path, json) => api.call(method, `${ROOT}${path}`, json === undefined ? {} : { json });
const must = async (status, ...args) => {
  const answer = await call(...args);
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  return answer.body;
};
const state = async (id) => (await must(200, 'GET', `/status/${id}`)).snapshot.state;
const row = (setId, key) => stack.sql(`SELECT * FROM analysis.leaderboard WHERE set_id = '${setId}' AND row_key = '${key}'`)[0];

test('a correction and an approval are stored with who and when, and survive another run', async () => {
  const { id, setId } = await read();
  const edited = await must(200, 'POST', `/${id}/review`, { action: 'edit', edits: [{ rowKey: '@ben', field: 'total_snaps', value: '2.5K' }] });
  assert.notEqual(edited.snapshot.state, 'validated');
  assert.equal(row(setId, '@ben').total_snaps, 2500);
  assert.ok(row(setId, '@ben').edited.total_snaps.by);
  assert.equal((await must(200, 'POST', `/${id}/review`, { action: 'approve', note: 'checked' })).snapshot.state, 'validated');
  const shown = (await must(200, 'GET', `/${id}`)).snapshot;
  assert.equal(shown.processingStatus, 'validated');
  const cell = shown.sheet.rows.find((r) => r.key === '@ben').cells.total_snaps;
  assert.equal(cell.edited.was.value, 1100);
  const calls = provider.calls.length;
  await must(200, 'POST', `/${id}/retry`);
  await until(async () => provider.calls.length > calls && (await state(id)) === 'completed', 20, 'another run');
  assert.equal(row(setId, '@ben').total_snaps, 2500);
});

test('what cannot be is refused with the reason, at once', async () => {
  const { id } = await read();
  for (const [edit, reason] of [[{ rowKey: '@ben', field: 'total_snaps', value: 'many' }, /is no number/],
    [{ rowKey: '@nobody', field: 'total_snaps', value: '1' }, /no row "@nobody"/], [{ rowKey: '@ben', field: 'shoes', value: '1' }, /no field/]])
    assert.match((await must(422, 'POST', `/${id}/review`, { action: 'edit', edits: [edit] })).message, reason);
  assert.notEqual(await state(id), 'failed');
});

test('a rejected picture fails, its rows leave the sheet, and it may be sent in again', async () => {
  const { id, setId } = await read();
  const said = await must(200, 'POST', `/${id}/review`, { action: 'reject', note: 'an old page' });
  assert.equal(said.snapshot.state, 'failed');
  assert.match(said.snapshot.errorLog, /rejected.*an old page/);
  assert.equal(row(setId, '@ben'), undefined);
  assert.ok((await must(200, 'GET', '/pending-summary')).batches.every((b) => b.setId !== setId)); // people have the last word
});

test('a corrected picture moves to the right day without a call, and both sheets are right', async () => {
  const setId = '5d6f1b52-2f3c-4b53-9a86-8f6f3f0e7c11';
  const one = await read({ setId }), two = await read({ setId });
  await must(200, 'POST', `/${one.id}/review`, { action: 'edit', edits: [{ rowKey: '@ben', field: 'display_name', value: 'Benjamin' }] });
  const calls = provider.calls.length;
  await must(200, 'PATCH', `/${one.id}`, { snapshotDate: '2026-11-18' });
  const moved = await until(async () => {
    const now = (await must(200, 'GET', `/${one.id}`)).snapshot;
    return now.setId !== setId && now.sheet && now.state === 'completed' && now;
  }, 20, 'the sheet of the other day');
  assert.equal(moved.snapshotDate, '2026-11-18');
  assert.equal(row(moved.setId, '@ben').display_name, 'Benjamin'); // the correction came along
  assert.equal(row(setId, '@ben').display_name, 'Ben');
  assert.deepEqual((await must(200, 'GET', `/${two.id}`)).snapshot.sheet.snapshotIds, [two.id]);
  assert.equal(provider.calls.length, calls);
});

test('what failed is sent again with all that failed, once', async () => {
  provider.script = () => ({ text: '{"results":[]}' });
  const sent = await api.upload([picture()], fields());
  const id = sent.snapshots[0].id;
  const [failed] = await api.settle([id], { seconds: 30 });
  assert.equal(failed.state, 'failed');
  assert.ok((await must(200, 'GET', '/pending-summary')).totalPending >= 1);
  provider.script = () => ({ rows: [ROW, BEN] });
  const again = await must(200, 'POST', '/process-pending', {});
  assert.ok(again.batches.some((b) => b.snapshotIds.includes(id)));
  await until(async () => (await state(id)) === 'completed', 20, 'the picture to be read');
  assert.deepEqual((await must(200, 'POST', '/process', { snapshotIds: [id] })).processedIds, []);
});

test('a deletion can be undone for a while, and then takes object, rows and results', async () => {
  const { id, key, setId } = await read();
  await stack.s3('PUT', key.replace('/snapshots/', '/derived/').replace(/\d{4}-\d\d-\d\d\/(.*)\.png/, '$1/small.png'), { body: 'small' });
  assert.ok((await must(200, 'DELETE', `/${id}`)).undoMs > 0);
  assert.equal(await state(id), 'deleted');
  assert.equal((await must(200, 'POST', `/${id}/undelete`)).snapshot.state, 'completed');
  assert.ok(row(setId, '@ben'));
  await must(200, 'DELETE', `/${id}`);
  await must(200, 'DELETE', `/${id}`);
  await until(async () => (await call('GET', `/${id}`)).status === 404, 20, 'the row to be gone');
  const uuid = /([0-9a-f-]{36})\.png$/.exec(key)[1];
  assert.ok((await stack.objects()).every((k) => !k.includes(uuid)));
  assert.equal(row(setId, '@ben'), undefined);
  assert.equal(stack.sql(`SELECT 1 AS x FROM analysis.extractions WHERE snapshot_id = ${id}`).length, 0);
  await must(200, 'DELETE', `/${id}`);
  assert.ok(await stack.metric('upload', 'upload_swept_total{what="deleted"}') >= 1);
});

test('the export has every row of the newest sheets, safe for a spreadsheet', async () => {
  provider.script = () => ({ rows: [{ ...ROW, display_name: '=SUM(A1)' }] });
  const { setId } = await read({ snapshotDate: '2026-11-17' });
  const csv = (await call('GET', '/export?format=csv&startDate=2026-11-17&endDate=2026-11-17')).body.trim().split('\r\n');
  assert.equal(csv.length, 2);
  assert.ok(csv[1].includes(`"'=SUM(A1)"`) && csv[1].includes(setId) && csv[1].includes(',1200,'), csv[1]);
  const { rows } = (await call('GET', '/export?format=json')).body;
  assert.equal(rows.length, stack.sql('SELECT 1 AS x FROM analysis.leaderboard').length);
});

test("the old back end's pictures are adopted by command, and read when somebody asks", async () => {
  provider.script = () => ({ rows: [ROW, BEN] });
  await stack.s3('PUT', 'old/2025/board one.png'.replace(' ', '%20'), { body: picture().bytes });
  stack.sql(`CREATE TABLE public.platform_snapshots (id serial PRIMARY KEY, "platformSource" varchar(50), "filePath" varchar(500), "s3Key" varchar(500),
    "originalFileName" varchar(100), "processingStatus" varchar(20), "snapshotType" varchar(20), "snapshotDate" date, "uploadTimestamp" timestamp);
    GRANT USAGE ON SCHEMA public TO upload_svc; GRANT SELECT ON public.platform_snapshots TO upload_svc;
    INSERT INTO public.platform_snapshots ("platformSource", "filePath", "originalFileName", "processingStatus", "snapshotType", "snapshotDate", "uploadTimestamp")
    VALUES ('cookie.fun', 'https://storage.googleapis.com/${stack.env.S3_BUCKET_NAME}/old/2025/board%20one.png', 'board one.png', 'completed', 'leaderboard', '2025-08-01', '2025-08-01 09:00'),
      ('cookie.fun', '/uploads/snapshots/x.png', 'x.png', 'pending', 'leaderboard', '2025-08-01', '2025-08-01 09:00')`);
  const dry = stack.command('upload', '--adopt', 'public.platform_snapshots', '--dry-run');
  assert.match(dry.stdout, /would be adopted +1\n[^]*left +1\n/, dry.stderr);
  const { status, stdout } = stack.command('upload', '--adopt', 'public.platform_snapshots');
  assert.equal(status, 0);
  assert.match(stdout, /^left {2}2: it names no object of the bucket .*\n[^]*adopted +1\n[^]*S3_READ_PREFIXES=old\/\n$/);
  const [{ id }] = stack.sql("SELECT id FROM upload.platform_snapshots WHERE uploaded_by = 'adopted'");
  assert.equal(await state(id), 'pending');
  assert.deepEqual((await must(200, 'POST', '/process', { snapshotIds: [id] })).processedIds, [id]);
  const [done] = await api.settle([id], { seconds: 30 });
  assert.equal(done.state, 'completed', JSON.stringify(done));
  const { snapshot } = await must(200, 'GET', `/${id}`);
  assert.deepEqual([snapshot.snapshotDate, snapshot.uploadedAt, snapshot.sheet.rows.length], ['2025-08-01', '2025-08-01T09:00:00.000Z', 2]);
  await must(200, 'DELETE', `/${id}`);
  await until(async () => (await call('GET', `/${id}`)).status === 404, 20, 'the row to be gone');
  assert.ok((await stack.objects()).includes('old/2025/board one.png'), 'the object is not ours to delete');
  await stack.s3('DELETE', 'old/2025/board%20one.png');
});

test('after its retention time a picture leaves S3, and what was read stays', async () => {
  const { id, key, setId } = await read();
  await stack.kill('upload');
  await stack.start({ RETENTION: '1s' });
  await until(async () => !(await stack.objects()).includes(key), 20, 'the object to be gone');
  await until(async () => (await call('GET', `/${id}/image`)).status === 410, 10, 'the row to say so');
  assert.ok(row(setId, '@ada_moon'));
  assert.equal((await must(200, 'GET', `/${id}`)).snapshot.imageGone, true);
  assert.equal((await call('POST', `/${id}/retry`)).status, 410);
  assert.ok(await stack.metric('upload', 'upload_swept_total{what="retention"}') >= 1);
});
