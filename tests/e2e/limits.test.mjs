// What one client, or a thousand, may take of the front door; what real clients send; and how the door closes.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { connect as socket } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fields, freePort, judgedRaw, picture, png, sleep, until, up } from './kit.mjs';
import { model } from './model.mjs';

let stack, provider;
before(async () => {
  provider = await model();
  stack = await up({ ...provider.settings, SHUTDOWN_WAIT: '8s' }, 'postgres,s3,analysis,upload');
});
after(async () => {
  await stack?.down();
  await provider?.close();
});

const rows = () => stack.sql('SELECT count(*)::int AS n FROM upload.platform_snapshots')[0].n;
const arrivals = () => stack.sql('SELECT count(*)::int AS n FROM upload.arrivals')[0].n;
const nothingStays = () => until(async () => arrivals() === 0 && (await stack.objects()).length === rows(), 10, 'nothing to be left behind');

// A raw connection that remembers what came.
function raw(url, { from, say = '' } = {}) {
  const { hostname, port } = new URL(url);
  const s = socket({ host: hostname, port: Number(port), localAddress: from });
  const talk = { s, got: '', open: true, send: (x) => s.write(x) };
  s.on('data', (d) => (talk.got += d));
  s.on('error', () => (talk.open = false));
  s.on('close', () => {
    talk.open = false;
    if (/^HTTP/.test(talk.got)) judgedRaw(url, say, talk.got);
  });
  if (say) s.write(say);
  return talk;
}
const head = (length, ...more) => ['POST /api/admin/snapshots/upload HTTP/1.1', 'Host: snapkey', `Authorization: Bearer ${stack.env.UPLOAD_TOKEN}`,
  'Content-Type: multipart/form-data; boundary=b', ...(length === undefined ? [] : [`Content-Length: ${length}`]), ...more, '', ''].join('\r\n');
const part = (name, file) => `--b\r\nContent-Disposition: form-data; name="${name}"${file ? `; filename="${file}"\r\nContent-Type: image/png` : ''}\r\n\r\n`;
function form() {
  const texts = Object.entries(fields()).map(([k, v]) => `${part(k)}${v}\r\n`).join('');
  return Buffer.concat([Buffer.from(texts + part('screenshots', 'slow.png')), png(320, 200, { bytes: 120000 }), Buffer.from('\r\n--b--\r\n')]);
}

test('1,000 clients that drip a byte a second hold up nobody, and are gone within the deadline', async () => {
  const door = await stack.replica({ HEADER_TIMEOUT: '6s', BODY_RATE_WINDOW: '6s', UPLOAD_WORKERS: '12', UPLOADS_AT_ONCE: '8', SSE_MAX: '2' }, 'upload');
  const begins = ['GET /api/meta HTTP/1.1\r\nX-Drip: ', head(1000000), head(undefined, 'Transfer-Encoding: chunked') + '1ff\r\n', head(1000000) + part('platformSource')];
  const drips = Array.from({ length: 1000 }, (_, i) => raw(door.url, { from: `127.${1 + (i % 250)}.${i >> 8}.1`, say: begins[i % 4] }));
  await until(() => drips.every((d) => !d.s.connecting), 10, 'all to be there');
  const start = Date.now();
  const timer = setInterval(() => drips.forEach((d) => d.open && d.send('-')), 1000);
  const sent = [];
  while (Date.now() - start < 2000) {
    const at = Date.now();
    sent.push(await door.api.post([picture()], fields()));
    assert.ok(Date.now() - at < 4000, `an upload took ${Date.now() - at} ms`);
  }
  assert.deepEqual(sent.map((a) => a.status), sent.map(() => 201));
  assert.ok(drips.filter((d) => d.open).length > 900, 'they were there all the while');
  await until(() => drips.every((d) => !d.open), 20, 'all to be gone');
  clearInterval(timer);
  const told = drips.filter((d) => /^HTTP\/1\.1 408 /.test(d.got)).length;
  assert.ok(told > 900, `${told} were told why; another was told ${drips.find((d) => !/ 408 /.test(d.got))?.got}`);
  assert.ok(await door.metric('upload_http_answers_total{status="4xx"}') >= 900);
  await door.stop();
});

test('forms over UPLOADS_AT_ONCE are told 503 with Retry-After before their body is read', async () => {
  const door = await stack.replica({ UPLOADS_AT_ONCE: '2' }, 'upload');
  const body = form();
  const held = [1, 2].map(() => raw(door.url, { say: head(body.length) }));
  held.forEach((h) => h.send(body.subarray(0, 60000)));
  await until(async () => (await door.metric('upload_forms_in_flight')) === 2, 5, 'two forms in flight');
  const third = raw(door.url, { say: head(body.length) });
  await until(() => /\r\n\r\n\{/.test(third.got), 2, 'an answer without a byte of the body');
  assert.match(third.got, /^HTTP\/1\.1 503 [^]*\r\nRetry-After: 5\r\n[^]*"code":"busy"/);
  assert.ok(await door.metric('upload_refused_total{code="busy"}') >= 1);
  held.forEach((h) => h.send(body.subarray(60000)));
  await until(() => held.every((h) => /^HTTP\/1\.1 201 /.test(h.got)), 10, 'the two to be stored');
  assert.equal((await door.api.post([picture()], fields())).status, 201);
  await door.stop();
});

test('an address over CONNECTIONS_PER_ADDRESS is told 429, other addresses are served, and a trusted proxy is many', async () => {
  const door = await stack.replica({ CONNECTIONS_PER_ADDRESS: '3', TRUSTED_PROXIES: '127.0.9.0/24' }, 'upload');
  const ask = 'GET /healthz HTTP/1.1\r\nHost: snapkey\r\n\r\n';
  const held = [1, 2, 3].map(() => raw(door.url, { from: '127.0.5.1', say: ask }));
  await until(() => held.every((h) => h.got.startsWith('HTTP/1.1 200')), 5, 'three connections');
  const fourth = raw(door.url, { from: '127.0.5.1', say: ask });
  await until(() => !fourth.open || fourth.got, 3, 'a refusal');
  assert.match(fourth.got, /^HTTP\/1\.1 429 [^]*\r\nRetry-After: \d+\r\n[^]*"code":"rate_limited"/);
  assert.equal(await door.metric('upload_refused_total{code="rate_limited"}'), 1);
  const other = raw(door.url, { from: '127.0.5.2', say: ask });
  const proxied = [1, 2, 3, 4, 5].map((i) => raw(door.url, { from: '127.0.9.1', say: ask.replace('\r\n\r\n', `\r\nX-Forwarded-For: 203.0.113.${i}\r\n\r\n`) }));
  await until(() => [other, ...proxied].every((t) => t.got.startsWith('HTTP/1.1 200')), 5, 'the others to be served');
  [...held, other, ...proxied].forEach((t) => t.s.destroy());
  await door.stop();
});

function curl(...args) {
  return new Promise((resolve) => {
    const child = spawn('curl', ['-isS', '-H', `Authorization: Bearer ${stack.env.UPLOAD_TOKEN}`, ...args, `${stack.env.UPLOAD_URL}/api/admin/snapshots/upload`],
      { stdio: ['ignore', 'pipe', 'ignore'] });
    let said = '';
    child.stdout.on('data', (d) => (said += d));
    child.on('close', () => {
      judgedRaw(stack.env.UPLOAD_URL, 'POST /api/admin/snapshots/upload', said);
      resolve(said.replace(/^[^]*?\r\n\r\n(?=\{)/, ''));
    });
  });
}

test("curl's forms are taken: with Expect, in chunks, with names of every kind", async () => {
  const texts = Object.entries(fields()).flatMap(([k, v]) => ['-F', `${k}=${v}`]);
  const names = ['plain.png', 'a b;c.png', 'übersicht "7".png'];
  const files = names.map((name) => {
    const path = join(stack.dir, name);
    writeFileSync(path, png(320, 200, { bytes: 1300000 }));
    return ['-F', `screenshots=@"${path.replace(/"/g, '\\"')}"`];
  });
  const expected = JSON.parse(await curl('-v', '-H', 'Expect: 100-continue', ...files.flat(), ...texts));
  assert.deepEqual(expected.snapshots?.map((s) => s.fileName), names, JSON.stringify(expected));
  assert.ok(expected.snapshots.every((s) => s.bytes === 1300000));
  const chunked = JSON.parse(await curl('-H', 'Transfer-Encoding: chunked', ...texts, '-F', 'screenshots=@-;filename=stdin.png;type=image/png', ...files[0]).catch(() => '{}') || '{}');
  assert.equal(chunked.snapshots?.length ?? 0, 1, JSON.stringify(chunked)); // nothing stands on standard input
  assert.deepEqual(chunked.rejected.map((r) => r.code), ['empty_file']);
});

test('SIGTERM: an upload in flight is stored and answered, one that stands still is cut at SHUTDOWN_WAIT and leaves nothing', async () => {
  const door = await stack.replica({ SHUTDOWN_WAIT: '2500ms' }, 'upload');
  const before = rows();
  const body = form();
  const slow = raw(door.url, { say: head(body.length) });
  const stuck = raw(door.url, { say: head(body.length) });
  [slow, stuck].forEach((t) => t.send(body.subarray(0, 70000)));
  await until(async () => (await door.metric('upload_forms_in_flight')) === 2, 5, 'two forms in flight');
  const start = Date.now();
  process.kill(door.pid, 'SIGTERM');
  await sleep(400);
  await assert.rejects(fetch(`${door.url}/healthz`), 'nobody comes in any more');
  slow.send(body.subarray(70000));
  await until(() => /^HTTP\/1\.1 201 [^]*"snapshots":\[\{/.test(slow.got), 2, 'the upload in flight to be answered');
  assert.equal(await door.ended, 0);
  assert.ok(Date.now() - start > 2000 && Date.now() - start < 6000, `${Date.now() - start} ms`);
  assert.doesNotMatch(stuck.got, /HTTP\/1\.1 20/);
  assert.equal(rows(), before + 1);
  await nothingStays();
});

test('a rolling restart under load loses nothing and fails nothing that was accepted', async () => {
  const ports = await Promise.all([0, 1].map(async () => ({ UPLOAD_PORT: `${await freePort()}`, UPLOAD_OPS_PORT: `${await freePort()}`, SHUTDOWN_WAIT: '8s' })));
  const doors = [];
  for (const p of ports) doors.push(await stack.replica(p, 'upload'));
  const urls = doors.map((d) => d.api);
  const before = rows();
  let on = true, retried = 0;
  const stored = [], wrong = [];
  async function client(n) {
    for (let i = 0; on; i++) {
      const file = picture(`roll-${n}-${i}.png`, { bytes: 30000 });
      for (let turn = n + i; ; turn++) { // the same form, until somebody takes it
        const answer = await urls[turn % 2].post([file], fields(), `roll-${n}-${i}-${before}`).catch(() => null);
        if (answer?.status === 201) {
          stored.push(answer.body.snapshots[0].id);
          break;
        }
        retried++;
        if (answer && answer.status !== 503 && answer.status !== 409) wrong.push(answer.body);
        await sleep(20);
      }
    }
  }
  const clients = [0, 1, 2, 3].map(client);
  await sleep(500);
  for (const i of [0, 1]) { // one after the other
    assert.equal(await doors[i].stop(), 0);
    await sleep(200);
    doors[i] = await stack.replica(ports[i], 'upload');
    await sleep(300);
  }
  on = false;
  await Promise.all(clients);
  assert.deepEqual(wrong, []);
  assert.ok(stored.length > 20 && retried > 0, `${stored.length} uploads, ${retried} retries`);
  assert.equal(new Set(stored).size, stored.length);
  assert.equal(rows(), before + stored.length, 'each once');
  await nothingStays();
  await Promise.all(doors.map((d) => d.stop()));
});
