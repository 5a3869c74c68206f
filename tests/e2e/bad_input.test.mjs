// Bad input is answered with a sentence that says what is wrong, a code of proto/err.def, and nothing is left behind.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connect as socket } from 'node:net';
import { chunk, fields, file, judgedRaw, picture, png, until, up } from './kit.mjs';
import { connect } from '../../local/client.mjs';
import { model } from './model.mjs';

let stack, api, provider;
before(async () => {
  provider = await model();
  stack = await up(provider.settings, 'postgres,s3,analysis,upload');
  api = stack.api;
});
after(async () => {
  await stack?.down();
  await provider?.close();
});

const nothingStays = () => until(async () =>
  stack.sql('SELECT uuid FROM upload.arrivals').length === 0 && (await stack.objects()).length ===
    stack.sql("SELECT id FROM upload.platform_snapshots WHERE deleted_at IS NULL").length, 10, 'nothing to be left behind');

async function refused(files, form, status, code) {
  const rows = () => stack.sql('SELECT count(*)::int AS n FROM upload.platform_snapshots')[0].n;
  const before = rows();
  const answer = await api.post(files, form);
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  assert.equal(answer.body.success, false);
  const said = [answer.body.code, ...(answer.body.errors ?? []).map((e) => e.code), ...(answer.body.rejected ?? []).map((r) => r.code)];
  assert.ok(said.includes(code), `${code} is not among ${said}`);
  const sentences = [answer.body.message, ...(answer.body.rejected ?? []).map((r) => r.message), ...(answer.body.errors ?? []).map((e) => e.message)];
  for (const s of sentences) assert.ok(typeof s === 'string' && s.length > 8, `no sentence: ${s}`);
  assert.equal(rows(), before);
  await nothingStays();
  return answer.body;
}

test('a form without a file is refused', () => refused([], fields(), 400, 'no_file'));

test('text under the name and type of a PNG is refused', () =>
  refused([file('board.png', Buffer.from('this is no picture at all, whatever its name says'), 'image/png')], fields(), 415, 'unsupported_type'));

test('a PDF under the name of a JPEG is refused', () =>
  refused([file('board.jpg', Buffer.from('%PDF-1.7\n%âãÏÓ\n1 0 obj\n<<>>\nendobj\n'), 'image/jpeg')], fields(), 415, 'unsupported_type'));

test('a file of 0 bytes is refused', () => refused([file('board.png', Buffer.alloc(0), 'image/png')], fields(), 422, 'empty_file'));

test('a PNG that ends within its header is refused', () =>
  refused([file('board.png', png().subarray(0, 20), 'image/png')], fields(), 422, 'broken_image'));

test('a picture of 10 pixels is refused', () => refused([file('tiny.png', png(10, 10), 'image/png')], fields(), 422, 'bad_dimensions'));

test('a small file that claims 12000 by 12000 pixels is refused', () =>
  refused([file('bomb.png', png(12000, 12000).subarray(0, 4000), 'image/png')], fields(), 422, 'bad_dimensions'));

test('an animated PNG is refused', () => {
  const actl = chunk('acTL', Buffer.from([0, 0, 0, 2, 0, 0, 0, 0]));
  return refused([file('moving.png', png(320, 200, { before: [actl] }), 'image/png')], fields(), 415, 'animated_image');
});

test('eleven files are refused, and none of the ten before stays', () =>
  refused(Array.from({ length: 11 }, (_, i) => picture(`p${i}.png`)), fields(), 413, 'too_many_files'));

test('a file over the limit is refused while it streams', () =>
  refused([file('big.png', png(320, 200, { bytes: 21 << 20 }), 'image/png')], fields(), 413, 'file_too_large'));

for (const [title, more, code] of [
  ['a day that does not exist', { snapshotDate: '2026-02-30' }, 'bad_date'],
  ['a day in the future', { snapshotDate: '2126-01-01' }, 'bad_date'],
  ['a day before 2015', { snapshotDate: '2014-12-31' }, 'bad_date'],
  ['an unknown platform', { platformSource: 'myspace.example' }, 'unknown_platform'],
  ['an unknown type', { snapshotType: 'hologram' }, 'bad_snapshot_type'],
  ['a timeframe that does not fit the type', { snapshotTimeframe: '7D' }, 'bad_timeframe'],
  ['a campaign that does not exist', { campaignId: '987654321' }, 'unknown_campaign'],
  ['a profile without a handle', { snapshotType: 'yapper_profile', snapshotTimeframe: '7D' }, 'field_missing'],
  ['a handle that cannot be one', { snapshotType: 'yapper_profile', snapshotTimeframe: '7D', yapperTwitterHandle: '@no spaces here' }, 'bad_handle'],
  ['metadata that is no object', { metadata: '[1]' }, 'bad_metadata'],
  ['a setId that is no UUID', { setId: 'my-set' }, 'bad_set_id'],
]) test(`${title} is refused before a byte goes to S3`, () => refused([picture()], fields(more), 422, code));

test('a form without platform and day is told both faults at once', async () => {
  const body = await refused([picture()], { snapshotType: 'leaderboard' }, 422, 'field_missing');
  const named = (body.errors ?? []).map((e) => e.field);
  assert.ok(named.includes('platformSource') && named.includes('snapshotDate'), JSON.stringify(body));
});

test('bad fields after the files leave nothing either', async () => {
  const form = new FormData();
  form.append('screenshots', new Blob([png()], { type: 'image/png' }), 'first.png');
  for (const [k, v] of Object.entries(fields({ snapshotDate: 'yesterday' }))) form.append(k, v);
  const answer = await api.call('POST', '/api/admin/snapshots/upload', { form });
  assert.equal(answer.status, 422);
  await nothingStays();
});

test('one bad file does not stop the good ones, and the answer says which to mend', async () => {
  const answer = await api.post([picture('good.png'), file('bad.png', Buffer.from('no picture here, only some words'), 'image/png'), picture('fine.png')], fields());
  assert.equal(answer.status, 207);
  assert.equal(answer.body.success, false);
  assert.deepEqual(answer.body.snapshots.map((s) => s.fileName), ['good.png', 'fine.png']);
  assert.deepEqual(answer.body.rejected.map((r) => [r.fileName, r.code, r.retry]), [['bad.png', 'unsupported_type', false]]);
  await nothingStays();
});

for (const [title, token] of [['a wrong token', 'wrong'], ['no token', '']]) test(`${title} is refused`, async () => {
  const stranger = connect({ ...stack.env, UPLOAD_TOKEN: token });
  const answer = await stranger.post([picture()], fields());
  assert.equal(answer.status, 401);
  assert.equal(answer.body.code, 'unauthenticated');
  await nothingStays();
});

// --- what only a raw socket can send --------------------------------------------------------------
function raw(head, body = '') {
  const { hostname, port } = new URL(stack.env.UPLOAD_URL);
  return new Promise((resolve, reject) => {
    let got = '';
    const request = `${head.join('\r\n')}\r\n\r\n`;
    const s = socket(Number(port), hostname, () => s.write(request) && s.write(body));
    s.setTimeout(8000, () => s.destroy());
    s.on('data', (d) => {
      got += d;
      if (/"requestId"/.test(got)) s.end();
    });
    s.on('error', reject);
    s.on('close', () => {
      assert.ok(judgedRaw(stack.env.UPLOAD_URL, request, got), `no whole answer: ${got}`);
      resolve(got);
    });
  });
}
const head = (...more) => ['POST /api/admin/snapshots/upload HTTP/1.1', 'Host: snapkey', `Authorization: Bearer ${stack.env.UPLOAD_TOKEN}`, ...more];

test('a form without a boundary is refused', async () => {
  assert.match(await raw(head('Content-Type: multipart/form-data', 'Content-Length: 4'), 'abcd'), /^HTTP\/1\.1 4(00|15) [\s\S]*"code":"(bad_form|unsupported_media)"/);
});

test('a boundary that is given twice is refused', async () => {
  const answer = await raw(head('Content-Type: multipart/form-data; boundary=a; boundary=b', 'Content-Length: 9'), '--a--\r\n\r\n');
  assert.match(answer, /^HTTP\/1\.1 400 [\s\S]*"code":"bad_form"/);
});

test('a form that ends before its closing boundary is refused', async () => {
  const body = '--b\r\nContent-Disposition: form-data; name="platformSource"\r\n\r\ncookie.fun';
  assert.match(await raw(head('Content-Type: multipart/form-data; boundary=b', `Content-Length: ${body.length}`), body), /^HTTP\/1\.1 400 [\s\S]*"code":"bad_form"/);
});

test('something that is no form is refused', async () => {
  assert.match(await raw(head('Content-Type: application/json', 'Content-Length: 2'), '{}'), /^HTTP\/1\.1 415 [\s\S]*"code":"unsupported_media"/);
});

test('two lengths, or a length beside chunks, are refused', async () => {
  assert.match(await raw(head('Content-Type: multipart/form-data; boundary=b', 'Content-Length: 5', 'Content-Length: 50'), 'abcde'), /^HTTP\/1\.1 400 /);
  assert.match(await raw(head('Content-Type: multipart/form-data; boundary=b', 'Content-Length: 5', 'Transfer-Encoding: chunked'), '0\r\n\r\n'), /^HTTP\/1\.1 400 /);
});

test('a form that does not say its length, or says too much, is told before a byte of it comes', async () => {
  const multipart = 'Content-Type: multipart/form-data; boundary=b';
  assert.match(await raw(head(multipart)), /^HTTP\/1\.1 411 [\s\S]*"code":"length_required"/);
  assert.match(await raw(head(multipart, 'Content-Length: 999999999999')), /^HTTP\/1\.1 413 [\s\S]*\r\nConnection: close\r\n[\s\S]*"code":"too_large"/);
  assert.match(await raw(head(multipart, 'Content-Length: 999999999999', 'Expect: 100-continue')), /^HTTP\/1\.1 413 /);
});

test('a head that is too large, or said twice, or never one, is told at once', async () => {
  assert.match(await raw(['GET /api/meta HTTP/1.1', 'Host: x', `X-Long: ${'a'.repeat(20000)}`]), /^HTTP\/1\.1 431 [\s\S]*"code":"head_too_large"/);
  assert.match(await raw(head('Idempotency-Key: a', 'Idempotency-Key: b', 'Content-Length: 0')), /^HTTP\/1\.1 400 [\s\S]*send Idempotency-Key once/);
  assert.match(await raw(['\x16\x03\x01\x02\x00\x01\x00\x01\xfc']), /^HTTP\/1\.1 400 [\s\S]*"code":"bad_request"/);
});

test('pictures as text are told to come as files', async () => {
  const form = new FormData();
  for (const [k, v] of Object.entries(fields())) form.append(k, v);
  form.append('screenshots', 'a data URL, perhaps');
  const { status, body } = await api.call('POST', '/api/admin/snapshots/upload', { form });
  assert.equal(status, 422);
  assert.deepEqual(body.errors.map((e) => [e.field, e.code]), [['screenshots', 'field_unknown'], ['screenshots', 'no_file']]);
  assert.match(body.errors[0].message, /come as files/);
});

test('the old calls that mended keys and addresses are gone, and say so', async () => {
  for (const [method, path] of [['PUT', '/7/s3-url'], ['POST', '/fix-s3-keys'], ['POST', '/fix-orphaned-files']]) {
    const answer = await api.call(method, `/api/admin/snapshots${path}`, { json: { s3Url: 'https://elsewhere.example/x.png', s3Key: 'x.png' } });
    assert.deepEqual([answer.status, answer.body.code], [410, 'gone'], path);
    assert.match(answer.body.message, /this call is gone/);
  }
});

test('an unknown path and a wrong method say so', async () => {
  assert.equal((await api.call('GET', '/api/admin/nothing')).status, 404);
  const answer = await api.call('PUT', '/api/admin/snapshots/upload');
  assert.equal(answer.status, 405);
  assert.equal(answer.headers.get('allow'), 'POST'); // not what /:id allows
});

test('an id that is none is not found', async () => {
  for (const id of ['0', '-1', '99999999', 'abc', '9223372036854775808', '1%00']) {
    const answer = await api.call('GET', `/api/admin/snapshots/status/${id}`);
    assert.ok([400, 404].includes(answer.status), `${id}: ${answer.status}`);
  }
});

test('refusals are counted by their code', async () => {
  assert.ok(await stack.metric('upload', 'upload_files_total{code="unsupported_type"}') >= 3);
  assert.ok(await stack.metric('upload', 'upload_files_total{code="empty_file"}') >= 1);
});

test('no token and no signature stands in a log', () => {
  for (const part of ['upload', 'analysis']) {
    const text = stack.log(part);
    for (const secret of ['UPLOAD_TOKEN', 'INTERNAL_TOKEN', 'AWS_SECRET_ACCESS_KEY']) assert.ok(!text.includes(stack.env[secret]), `${secret} in ${part}.log`);
    assert.doesNotMatch(text, /X-Amz-Signature=(?!\*\*\*)/);
  }
});

