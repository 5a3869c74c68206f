// soak.mjs - long runs against a real stack: what grows only after gigabytes, or gets lost only under load.
//
//   node tests/soak.mjs [--gib 5] [--parts-gib 1] [--seconds 30] [--dir DIR]
//
// 1. One picture of 5 GiB through upload-svc into Ceph RGW (bluestore): the resident size is printed on the way and must stay
//    flat; what comes back out of S3 has the SHA-256 of the row.
// 2. The same with a length that nobody foretells (a chunked request): parts.
// 3. Many small pictures at once: as many rows and objects as answers, nothing left behind.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readEnv } from '../local/client.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const TOOLS = process.env.SNAPKEY_BENCH ?? join(ROOT, 'build/gcc/bench');
const UPLOAD = '/api/admin/snapshots/upload';
const MIB = 1 << 20;
const GROWTH_MIB = 8;
const PEAK_MIB = 96;

const opt = { gib: 5, 'parts-gib': 1, seconds: 30 };
for (let i = 2; i < process.argv.length; i += 2) opt[process.argv[i].replace(/^--/, '')] = Number(process.argv[i + 1]);

const dir = mkdtempSync(join(tmpdir(), 'snapkey-soak-'));
const settings = { CEPH_STORE: 'bluestore', CEPH_STORE_GB: '24', FILE_MAX: '5GiB', BODY_TIMEOUT: '2h', ARRIVAL_STALE: '1m', SET_LINGER: '1s' };
let passed = 0;
let failed = 0;
function check(ok, what) {
  console.log(`${ok ? 'ok    ' : 'NOT OK'}  ${what}`);
  if (ok) passed++;
  else failed++;
}

const rssMib = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
const peakMib = (pid) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
function sql(env, query) {
  return execFileSync('psql', ['-X', '-q', '-At', '-d', env.ADMIN_DATABASE_URL, '-c', query], { encoding: 'utf8' }).trim();
}

// Watch the resident size while `work` runs. Flat: in the first quarter of the samples buffers are filled, after that nothing is added.
async function flat(env, what, work) {
  const pid = Number(env.PID_UPLOAD);
  const samples = [];
  let done = false;
  const end = work.finally(() => (done = true));
  for (let n = 0; !done; n++) {
    samples.push(rssMib(pid));
    if (n % 20 === 0) console.log(`        ${what}: ${samples.at(-1).toFixed(1)} MiB resident`);
    await Promise.race([end.catch(() => {}), sleep(500)]);
  }
  const result = await end;
  const settled = samples.slice(Math.ceil(samples.length / 4));
  const growth = Math.max(...settled) - settled[0];
  check(growth <= GROWTH_MIB, `${what}: resident size flat: it grew by ${growth.toFixed(1)} MiB (${GROWTH_MIB} allowed)`);
  check(peakMib(pid) <= PEAK_MIB, `${what}: peak ${peakMib(pid).toFixed(1)} MiB (${PEAK_MIB} allowed)`);
  return result;
}

function load(env, bytes, connections, count, seconds) {
  const child = spawn(join(TOOLS, 'bench_upload_load'), [env.UPLOAD_PORT, UPLOAD, String(bytes), String(connections), String(count), String(seconds), env.UPLOAD_TOKEN],
    { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (d) => (said += d));
  return new Promise((resolve, reject) => child.once('exit', (code) => (said ? resolve(JSON.parse(said)) : reject(new Error(`the load ended with ${code}`)))));
}

// The object's bytes out of S3, by curl: another signer than ours.
function sumOf(env, key) {
  const url = `${env.AWS_ENDPOINT_URL_S3}/${env.S3_BUCKET_NAME}/${key}`;
  const got = spawnSync('bash', ['-c', 'curl -sSf -H "x-amz-content-sha256: UNSIGNED-PAYLOAD" --aws-sigv4 "aws:amz:$AWS_REGION:s3" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" "$0" | sha256sum', url],
    { encoding: 'utf8', env: { ...process.env, ...env } });
  return got.stdout.slice(0, 64);
}
function newest(env) {
  const [key, bytes, sha256] = sql(env, 'SELECT s3_key, bytes, sha256 FROM upload.platform_snapshots ORDER BY id DESC LIMIT 1').split('|');
  return { key, bytes: Number(bytes), sha256 };
}

async function big(env) {
  const bytes = opt.gib * 1024 * MIB;
  const got = await flat(env, `${opt.gib} GiB in one PUT`, load(env, bytes, 1, 1, 7200));
  check(got.done === 1, `${opt.gib} GiB were taken in ${got.seconds} s (${(bytes / MIB / got.seconds).toFixed(0)} MiB/s)`);
  if (got.done !== 1) return;
  const row = newest(env);
  check(row.bytes === bytes, `its row says ${row.bytes} bytes`);
  check(sumOf(env, row.key) === row.sha256, 'what S3 gives back has the SHA-256 of the row');
}

// A picture whose length nobody knows: a chunked request, the client no faster than the service takes it.
async function unknown(env, bytes) {
  const hash = createHash('sha256');
  const text = (name, value) => `--soak\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const head = Buffer.from('89504e470d0a1a0a0000000d4948445200000500000003cb080200000063726321', 'hex');
  const chunk = Buffer.concat([Buffer.from([0, 0x10, 0, 0]), Buffer.from('IDAT'), randomBytes(MIB), Buffer.from('crc!')]);
  const end = Buffer.from('0000000049454e44ae426082', 'hex');
  const pieces = Math.floor((bytes - head.length - end.length) / chunk.length);
  let size = 0;
  const answer = await new Promise((resolve, reject) => {
    const req = request({ port: Number(env.UPLOAD_PORT), host: '127.0.0.1', method: 'POST', path: UPLOAD,
      headers: { Authorization: `Bearer ${env.UPLOAD_TOKEN}`, 'Content-Type': 'multipart/form-data; boundary=soak' } }, (res) => {
      let body = '';
      res.on('data', (d) => (body += d));
      res.on('end', () => resolve({ status: res.statusCode, body }));
    });
    req.on('error', reject);
    const write = (buffer) => new Promise((next) => (req.write(buffer) ? next() : req.once('drain', next)));
    const content = (buffer) => {
      hash.update(buffer);
      size += buffer.length;
      return write(buffer);
    };
    (async () => {
      await write(text('platformSource', 'cookie.fun') + text('snapshotDate', '2026-11-20')
        + '--soak\r\nContent-Disposition: form-data; name="screenshots"; filename="parts.png"\r\n\r\n');
      await content(head);
      for (let i = 0; i < pieces; i++) {
        chunk.writeUInt32BE(i, 16); // no two alike
        await content(chunk);
      }
      await content(end);
      req.end('\r\n--soak--\r\n');
    })().catch(reject);
  });
  return { ...answer, size, sha256: hash.digest('hex') };
}

async function parts(env) {
  const got = await flat(env, `${opt['parts-gib']} GiB in parts`, unknown(env, opt['parts-gib'] * 1024 * MIB));
  check(got.status === 201, `${opt['parts-gib']} GiB of unknown length were taken: ${got.status} ${got.status === 201 ? '' : got.body}`);
  if (got.status !== 201) return;
  const row = newest(env);
  check(row.bytes === got.size && row.sha256 === got.sha256, 'its row has the size and the SHA-256 that were sent');
  check(sumOf(env, row.key) === got.sha256, 'what S3 gives back is what was sent');
}

async function many(env) {
  const before = Number(sql(env, 'SELECT count(*) FROM upload.platform_snapshots'));
  const got = await flat(env, 'many small ones', load(env, 50000, 64, 0, opt.seconds));
  check(got.failed === 0 && got.done > 0, `${got.done} uploads of 50 kB, 64 at once, ${got.failed} failed, ${got.per_s} a second, p99 ${got.p99_ms} ms`);
  const rows = Number(sql(env, 'SELECT count(*) FROM upload.platform_snapshots')) - before;
  check(rows === got.done, `${rows} rows for ${got.done} answers`);
  check(sql(env, 'SELECT count(*) FROM upload.arrivals') === '0', 'no arrival is left');
}

let env;
try {
  const up = spawnSync(join(ROOT, 'local/up'), ['--dir', dir, '--only', 'postgres,s3,upload'], { env: { ...process.env, ...settings }, stdio: ['ignore', 'inherit', 'inherit'] });
  if (up.status !== 0) throw new Error('the stack did not start');
  env = readEnv(dir);
  await big(env);
  await parts(env);
  await many(env);
} catch (e) {
  console.error(e);
  failed++;
} finally {
  spawnSync(join(ROOT, 'local/down'), ['--dir', dir], { stdio: 'ignore' });
  rmSync(dir, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
