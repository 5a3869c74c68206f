// How bytes are covered on their way to S3, by every setting: over plain HTTP by their sum or in signed chunks, over TLS with a checksum behind them,
// or without where the store refuses that. Judged by a store that computes everything anew, and by a real one behind TLS.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import net from 'node:net';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { certificate, chunk, fields, file, png, up } from './kit.mjs';
import { strictS3 } from '../kit/strict_s3.mjs';

const MIB = 1 << 20;
let stack, tlsOf;
before(async () => {
  stack = await up({}, 'postgres,s3');
  tlsOf = certificate(stack.dir);
});
after(() => stack?.down());

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
// A picture of about n bytes that no other is like.
const noise = (n) => {
  const whole = png(320, 200), end = whole.length - 12;
  return Buffer.concat([whole.subarray(0, end), chunk('noIs', randomBytes(Math.max(n - whole.length - 12, 4))), whole.subarray(end)]);
};
const keys = () => ({ access: stack.env.AWS_ACCESS_KEY_ID, secret: stack.env.AWS_SECRET_ACCESS_KEY });
const strict = (more = {}) => strictS3({ keys: keys(), bucket: stack.env.S3_BUCKET_NAME, ...more });
const service = (url, more = {}, seconds = 20) => stack.replica({ AWS_ENDPOINT_URL_S3: url, S3_BROWSER_ENDPOINT: '', S3_MODEL_ENDPOINT: '', AWS_CA_BUNDLE: tlsOf.ca, ...more }, 'upload', seconds);

// Known length, several files of a form, and one that becomes parts; what came of each.
const ALL = [[1000], [65536], [300001], [70000, 5 * MIB + 100000]]; // a second file comes out of buffers, or in parts
async function send(one, sizes) {
  const sent = [];
  for (const list of sizes) {
    const bytes = list.map(noise);
    const told = (await one.api.upload(bytes.map((b, i) => file(`${i}.png`, b, 'image/png')), fields())).snapshots;
    told.forEach((s, i) => {
      assert.equal(s.sha256, sha256(bytes[i]), `the sum of ${bytes[i].length} bytes`);
      sent.push({ id: s.id, key: s.s3Key, sha256: s.sha256 });
    });
  }
  for (const s of sent) {
    const image = await fetch(`${one.url}/api/admin/snapshots/${s.id}/image`, { headers: { authorization: `Bearer ${stack.env.UPLOAD_TOKEN}` } });
    assert.equal(sha256(Buffer.from(await image.arrayBuffer())), s.sha256, `what is read back of ${s.key}`);
  }
  return sent;
}
async function proves(store, settings, wanted, sizes = ALL) {
  const one = await service(store.url, settings);
  try {
    const sent = await send(one, sizes);
    assert.deepEqual(store.faults, []);
    for (const s of sent) assert.equal(sha256(store.objects.get(s.key)), s.sha256, s.key);
    const kinds = [...new Set(store.puts().filter((p) => !p.refused).map((p) => (/^[0-9a-f]{64}$/.test(p.payload) ? 'sum' : p.payload)))].sort();
    assert.deepEqual(kinds, wanted);
  } finally {
    await one.stop();
    await store.close();
  }
}

test('over plain HTTP what fits into spare buffers is signed by its own sum', async () => {
  await proves(await strict(), {}, ['sum']);
});
test('over plain HTTP without a buffer to spare every chunk is signed, and every signature is right', async () => {
  const alone = [[1000], [65536], [300001], [5 * MIB + 100000]]; // a form of several may be refused so, to be sent again
  await proves(await strict(), { UPLOAD_BUFFERS: '10MiB' }, ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD'], alone);
});
test('with S3_CHECKSUM the chunks have a signed checksum behind them', async () => {
  await proves(await strict(), { S3_CHECKSUM: 'on' }, ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER', 'sum']);
});
test('over TLS a checksum stands behind the unsigned bytes, and it is right', async () => {
  await proves(await strict({ tls: tlsOf }), {}, ['STREAMING-UNSIGNED-PAYLOAD-TRAILER', 'UNSIGNED-PAYLOAD']);
});
for (const [status, code] of [[501, 'NotImplemented'], [400, 'InvalidRequest'], [403, 'SignatureDoesNotMatch'], [411, 'MissingContentLength']])
  test(`a store that refuses trailers with ${status} gets the bytes without, and is not asked again`, async () => {
    const lacks = (req) => (req.headers['x-amz-trailer'] ? [status, {}, `<Error><Code>${code}</Code></Error>`] : undefined);
    const store = await strict({ tls: tlsOf, lacks });
    await proves(store, {}, ['UNSIGNED-PAYLOAD'], [[1000], [70000]]);
    assert.ok(store.puts().filter((p) => p.refused).length <= 2, 'asked once, and once without the condition where that may be the reason');
  });
test('a certificate that nobody vouches for is refused, and AWS_CA_BUNDLE is what to set', async () => {
  const store = await strict({ tls: tlsOf });
  await assert.rejects(service(store.url, { AWS_CA_BUNDLE: '' }, 3));
  assert.equal(store.heard(), 0);
  await store.close();
});
test('the strict store finds a wrong secret out', async () => {
  const store = await strict();
  await assert.rejects(service(store.url, { AWS_SECRET_ACCESS_KEY: 'of somebody else, not of ours' }, 3));
  assert.match(store.faults[0], /the signature of the request/);
  await store.close();
});

// Ceph's gateway as it is, with TLS before it; what passes is seen.
test('the real store behind TLS is fallen back to, and holds the bytes', async (t) => {
  const heads = [];
  const there = new URL(stack.env.AWS_ENDPOINT_URL_S3);
  const front = tls.createServer(tlsOf, (near) => {
    const far = net.connect(Number(there.port), there.hostname);
    near.on('data', (bytes) => /^PUT \S+ HTTP/.test(bytes.toString('latin1', 0, 2000)) && heads.push(bytes.toString('latin1', 0, 4000)));
    for (const [a, b] of [[near, far], [far, near]]) a.on('error', () => b.destroy()).on('close', () => b.destroy());
    near.pipe(far).pipe(near);
  });
  await new Promise((resolve) => front.listen(0, '127.0.0.1', resolve));
  t.after(() => front.close());
  const one = await service(`https://127.0.0.1:${front.address().port}`);
  t.after(() => one.stop());
  await send(one, ALL); // which reads back what it has sent
  const kinds = heads.map((h) => /x-amz-content-sha256: (\S+)/i.exec(h)?.[1]);
  const tried = heads.filter((_, i) => kinds[i] === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER').map((h) => /^PUT ([^ ?]+)/.exec(h)[1]);
  assert.equal(new Set(tried).size, 1, 'tried with one picture, and with no other after it was refused');
  assert.ok(tried.length <= 2, 'asked once, and once without the condition where that may be the reason');
  assert.ok(kinds.filter((k) => k === 'UNSIGNED-PAYLOAD').length >= 5);
});
