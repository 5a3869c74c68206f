// The promises of design section 3, each proved by killing something: no picture that was answered as stored is lost or
// stored twice, and nothing that was not recorded stays behind.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect as socket } from 'node:net';
import { join } from 'node:path';
import { fields, picture, png, ROOT, sleep, until, up } from './kit.mjs';
import { model } from './model.mjs';

let stack, api, provider;
before(async () => {
  provider = await model();
  stack = await up({ ...provider.settings, IMAGES_PER_CALL: '2', LEASE_TIME: '2s', HEARTBEAT: '500ms' }, 'postgres,s3,analysis,upload');
  api = stack.api;
});
after(async () => {
  await stack?.down();
  await provider?.close();
});
const idsOf = (sent) => sent.snapshots.map((s) => s.id);

const gate = () => {
  let open;
  const passed = new Promise((resolve) => (open = () => resolve(undefined)));
  return { passed, open };
};
const jobsOf = (id) => stack.sql(`SELECT DISTINCT j.job_id, j.state, j.deliveries, j.attempts FROM analysis.jobs j
  JOIN analysis.attempts USING (job_id) JOIN analysis.attempt_images USING (attempt_id) WHERE snapshot_id = ${id}`);
const readOf = (id) => stack.sql(`SELECT e.run, e.created_at, s.merged_at, r.* FROM analysis.extractions e JOIN analysis.images USING (snapshot_id)
  JOIN analysis.sheets s USING (set_id) JOIN analysis.leaderboard_rows r USING (sheet_id) WHERE snapshot_id = ${id}`);

async function eachOnce(ids) {
  const done = await api.settle(ids, { seconds: 60 });
  assert.deepEqual(done.map((d) => d.state), ids.map(() => 'completed'));
  const twice = stack.sql(`SELECT snapshot_id, count(*) FROM analysis.extractions WHERE snapshot_id IN (${ids.join()}) GROUP BY 1 HAVING count(*) <> 1`);
  assert.deepEqual(twice, []);
  assert.equal(stack.sql(`SELECT DISTINCT snapshot_id FROM analysis.extractions WHERE snapshot_id IN (${ids.join()})`).length, ids.length);
}

test('kill -9 of analysis-svc in the middle of a batch: after a restart each picture ends exactly once', async () => {
  provider.delay = 1500;
  const sent = await api.upload(Array.from({ length: 10 }, (_, i) => picture(`c${i}.png`)), fields());
  await until(() => provider.calls.length > 0, 20, 'a call under way');
  await stack.kill('analysis');
  provider.delay = 50;
  await stack.start();
  await eachOnce(idsOf(sent));
});

// A form whose second file never ends, so that the first is in S3 and its row is not written yet.
function halfForm() {
  const { hostname, port } = new URL(stack.env.UPLOAD_URL);
  const file = png();
  const part = (name, type) => `--b\r\nContent-Disposition: form-data; name="${name}"${
    type ? `; filename="${type}.png"\r\nContent-Type: image/png` : ''}\r\n\r\n`;
  const s = socket(Number(port), hostname);
  s.on('error', () => {});
  s.write(`POST /api/admin/snapshots/upload HTTP/1.1\r\nHost: snapkey\r\nAuthorization: Bearer ${stack.env.UPLOAD_TOKEN}\r\n` +
    'Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 10000000\r\n\r\n');
  for (const [k, v] of Object.entries(fields())) s.write(`${part(k)}${v}\r\n`);
  s.write(part('screenshots', 'first'));
  s.write(file);
  s.write(`\r\n${part('screenshots', 'second')}`);
  s.write(png(320, 200, { bytes: 1 << 20 }).subarray(0, 300000)); // more than a read's worth, so that the first is seen whole
  return s;
}

test('kill -9 of upload-svc between S3 and the row: after a restart no object and no arrival is left', async () => {
  const before = await stack.objects();
  const s = halfForm();
  await until(async () => (await stack.objects()).length > before.length, 15, 'the first file to be in S3');
  await stack.kill('upload');
  s.destroy();
  await stack.start();
  await until(async () => stack.sql('SELECT uuid FROM upload.arrivals').length === 0 && (await stack.objects()).length === before.length, 30, 'the sweeper');
  assert.ok(await stack.metric('upload', 'upload_swept_total{what="arrival"}') >= 1);
});

test('a client that goes away in the middle leaves nothing', async () => {
  const before = await stack.objects();
  const s = halfForm();
  await until(async () => (await stack.objects()).length > before.length, 15, 'the first file to be in S3');
  s.destroy();
  await until(async () => stack.sql('SELECT uuid FROM upload.arrivals').length === 0 && (await stack.objects()).length === before.length, 30, 'nothing to be left');
});

test('kill -9 of upload-svc right after its answer: what was answered as stored is analysed', async () => {
  const sent = await api.upload([picture('k1.png'), picture('k2.png')], fields());
  await stack.kill('upload');
  await stack.start();
  await eachOnce(idsOf(sent));
});

test('a worker that sleeps past its lease: another reads the picture, and its own late answer is dropped and counted', async () => {
  const held = gate();
  let first = true;
  const from = provider.calls.length;
  provider.script = () => {
    const mine = first;
    first = false;
    return mine ? held.passed : undefined;
  };
  const sent = await api.upload([picture('s1.png')], fields());
  const [id] = idsOf(sent);
  await until(() => provider.calls.length > from, 15, 'a call under way');
  const dropped = await stack.metric('analysis', 'analysis_answers_dropped_total');
  const lost = await stack.metric('analysis', 'analysis_leases_lost_total');
  const other = await stack.replica();
  stack.signal('analysis', 'SIGSTOP');

  // Should it have been stopped inside a transaction, Postgres ends that after 60 s; hence the long wait.
  await until(() => jobsOf(id).every((j) => j.state === 'done'), 80, 'the other replica to store');
  assert.equal(provider.calls.length, from + 2);
  assert.equal(await other.metric('analysis_images_total{state="extracted"}'), 1);
  assert.ok(await other.metric('analysis_leases_expired_total') >= 1);
  const stored = readOf(id);

  stack.signal('analysis', 'SIGCONT');
  held.open();
  await until(async () => (await stack.metric('analysis', 'analysis_answers_dropped_total')) === dropped + 1, 20, 'the late answer to be dropped');
  assert.ok(await stack.metric('analysis', 'analysis_leases_lost_total') > lost); // its heartbeat had seen it before
  await eachOnce([id]);
  assert.deepEqual(readOf(id), stored);
  assert.equal(stored.length, 1); // one row of one sheet
  const [job] = jobsOf(id);
  assert.deepEqual([job.deliveries, job.attempts], [2, 1]); // claimed twice, judged once
  assert.deepEqual(stack.sql(`SELECT class FROM analysis.attempts JOIN analysis.attempt_images USING (attempt_id)
    WHERE snapshot_id = ${id} ORDER BY attempt_id`).map((a) => a.class), ['stale', 'ok']);
  assert.equal(await other.metric('analysis_answers_dropped_total'), 0);
  provider.script = () => undefined;
  await other.stop();
});

test('/api/meta tells who can read what at present: another replica is counted, and one that ended is not', async () => {
  const meta = async () => (await api.call('GET', '/api/meta')).body;
  const alone = await meta();
  assert.deepEqual(alone.providers, [{ name: 'openai', model: 'scripted', api: 'responses', replicas: 1 }]);
  assert.deepEqual(alone.extractors.map((x) => [x.name, x.snapshotType, x.timeframe, x.replicas]),
    [['leaderboard', 'leaderboard', '24H', 1], ['token_table', 'token_table', '24H', 1], ['yapper_profile', 'yapper_profile', '7D', 1]]);
  assert.ok(alone.extractors[0].version >= 1);
  assert.deepEqual(alone.extractors[0].columns.find((c) => c.name === 'snaps_24h'), { name: 'snaps_24h', kind: 'number', period: '24H' });
  for (const name of ['INTERNAL_TOKEN', 'AWS_SECRET_ACCESS_KEY', 'OPENAI_BASE_URL', 'ANALYSIS_DATABASE_URL'])
    assert.ok(!JSON.stringify(alone).includes(stack.env[name]), name);
  const other = await stack.replica({ OPENAI_MODEL: 'scripted-2' });
  assert.deepEqual((await meta()).providers.map((p) => [p.model, p.replicas]), [['scripted', 1], ['scripted-2', 1]]);
  assert.equal((await meta()).extractors[0].replicas, 2);
  await until(async () => (await stack.metric('analysis', 'analysis_replicas')) === 2, 5, 'the first to hear of the second');
  await other.stop();
  assert.deepEqual(await meta(), alone);
  await stack.kill('analysis');
  await until(async () => (await meta()).providers.length === 0, 10, 'the dead one to be counted out');
  await stack.start();
  assert.deepEqual(await meta(), alone);
});

test('kill -9 of Postgres while a batch is read: after its restart each picture ends exactly once', async () => {
  provider.delay = 800;
  const sent = await api.upload(Array.from({ length: 6 }, (_, i) => picture(`d${i}.png`)), fields());
  await sleep(900);
  await stack.kill('postgres');
  await sleep(1000);
  provider.delay = 50;
  await stack.start();
  await eachOnce(idsOf(sent));
});

test('both services stop cleanly when asked, and go on where they were', async () => {
  const sent = await api.upload([picture('t1.png')], fields());
  for (const part of ['upload', 'analysis']) await stack.kill(part, 'SIGTERM');
  await stack.start();
  await eachOnce(idsOf(sent));
});

test('foreign objects in the bucket are never touched', async () => {
  const [{ deployment }] = stack.sql('SELECT name AS deployment FROM upload.deployment');
  const foreign = ['readme.txt', 'daily-snapshots/2025-08-30/7/old%20file.png', `${deployment}/snapshots/2025-01-01/not-a-uuid.png`, `${deployment}/notes.txt`,
    'ffffffff/snapshots/2025-01-01/6f1f7a52-2f3c-4b53-9a86-8f6f3f0e7c11.png'];
  for (const key of foreign) await stack.s3('PUT', key, { body: 'not ours' });
  await stack.kill('upload');
  await stack.start({ STRAY_PERIOD: '1s', STRAY_AGE: '0s' });
  await sleep(4000);
  const left = await stack.objects();
  for (const key of foreign) assert.ok(left.includes(decodeURIComponent(key)) || left.includes(key), key);
});

test('a fresh database on a full bucket deletes nothing: the fuse', async () => {
  const before = (await stack.objects()).length;
  stack.sql("DELETE FROM upload.platform_snapshots");
  await sleep(4000);
  assert.equal((await stack.objects()).length, before);
  assert.equal(await stack.metric('upload', 'upload_sweep_fuse'), 1);
});

// With keys that stand in a profile, and nowhere else.
test('a dry run counts what a sweep would delete and says that the fuse blows', async () => {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, ...env } = stack.env;
  const file = join(stack.dir, 'aws-credentials');
  writeFileSync(file, `[default]\n\n[sweeper]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`);
  const dry = (more) => spawnSync(join(process.env.SNAPKEY_BIN ?? join(ROOT, 'build/gcc/bin'), 'upload-svc'), ['--sweep-dry-run'],
    { env: { ...env, STRAY_AGE: '0s', AWS_EC2_METADATA_DISABLED: 'true', ...more }, encoding: 'utf8' });
  const counted = dry({ AWS_PROFILE: 'sweeper', AWS_SHARED_CREDENTIALS_FILE: file });
  assert.equal(counted.status, 0, counted.stderr);
  const number = (line) => Number(new RegExp(`^ *${line} +(\\d+)$`, 'm').exec(counted.stdout)?.[1]);
  assert.ok(number('in no row') > 0);
  assert.equal(number('in no row'), number('objects of ours'));
  assert.equal(number('abandoned uploads'), 0);
  assert.match(counted.stdout, /^fuse +blows: so many strays are no strays/m);
  const without = dry({ HOME: stack.dir });
  assert.equal(without.status, 1);
  assert.match(without.stderr, /no keys for S3 are set up: set AWS_ACCESS_KEY_ID/);
  assert.ok(!(counted.stdout + counted.stderr + without.stderr).includes(secret));
});
