// What the end-to-end tests share: a stack of real processes in a folder of its own, pictures that are new each time,
// SQL, metrics, and ways to make parts die. Every answer that a test fetches from our services is held against proto/openapi*.yaml:
// `down` fails when one broke it. Everything started is stopped by `down`, by pid, through local/down.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { deflateSync } from 'node:zlib';
import { connect, file, readEnv } from '../../local/client.mjs';
import { readOpenapi, watch } from '../kit/openapi.mjs';

export const ROOT = new URL('../..', import.meta.url).pathname;
export { file, sleep };

// Settings that make waiting short; a test's own win.
const QUICK = { CEPH_STORE: 'memstore', PG_FSYNC: 'off', SET_LINGER: '300ms', RELAY_RETRY_CAP: '1s', SWEEP_PERIOD: '1s',
  ARRIVAL_STALE: '3s', LEASE_TIME: '4s', HEARTBEAT: '1s', RETRY_BASE: '100ms', RETRY_CAP: '500ms', QUEUE_POLL: '500ms',
  REAPER_PERIOD: '1s', BREAKER_TIME: '1s', BLOCK_TIME: '2s' };

const contract = watch();
export const judged = contract.browser; // for a page: page.on('response', judged)
export const judgedRaw = contract.raw; // (address, what was said, what came): true when it was a whole answer
const [OUTSIDE, INSIDE] = ['openapi.yaml', 'openapi-internal.yaml'].map((name) => readOpenapi(new URL(`../../proto/${name}`, import.meta.url)));
// For a stack that a test starts by itself: hear it, and ask in the end whether all that was heard kept to the contract.
export const [hear, kept] = [(url) => contract.hear(url, OUTSIDE), contract.end];

// A shell that has sourced a stack's env file must not lend its settings to ours.
const KEPT = ['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TMPDIR', 'SNAPKEY_PORTS', 'SNAPKEY_BIN', 'CHROMIUM', 'LD_LIBRARY_PATH'];
const plain = Object.fromEntries(KEPT.filter((k) => process.env[k] !== undefined).map((k) => [k, process.env[k]]));

const program = (part) => join(process.env.SNAPKEY_BIN ?? join(ROOT, 'build/gcc/bin'), `${part}-svc`);

function run(command, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(join(ROOT, command), args, { cwd: ROOT, env: { ...plain, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.on('data', (d) => (said += d));
    child.stderr.on('data', (d) => (said += d));
    child.on('exit', (code) => (code === 0 ? resolve(said) : reject(new Error(`${command} ${args.join(' ')}: ${said}`))));
  });
}

export async function up(settings = {}, only = undefined) {
  const dir = mkdtempSync(join(tmpdir(), 'snapkey-e2e-'));
  const given = { ...QUICK, ...settings };
  const args = ['--dir', dir, ...(only ? ['--only', only] : [])];
  const stack = { dir, given, env: {}, api: null };
  const replicas = [];
  stack.start = async (more = {}) => {
    Object.assign(given, more);
    await run('local/up', args, given);
    stack.env = readEnv(dir);
    stack.api = connect(stack.env);
    for (const [name, file] of [['UPLOAD_URL', OUTSIDE], ['ANALYSIS_URL', INSIDE], ['ANALYSIS_OPS_URL', INSIDE]])
      if (stack.env[name]) contract.hear(stack.env[name], file);
  };
  stack.down = async () => {
    await Promise.all(replicas.map((r) => r.stop()));
    await run('local/down', ['--dir', dir], {}).catch((e) => console.error(e.message));
    rmSync(dir, { recursive: true, force: true });
    await contract.end();
  };
  stack.pid = (part) => Number(readEnv(dir)[`PID_${part.toUpperCase()}`]);
  stack.signal = (part, name) => process.kill(stack.pid(part), name);
  stack.kill = async (part, signal = 'SIGKILL') => {
    const pid = stack.pid(part);
    process.kill(pid, signal);
    await until(() => !existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '), 30, `${part} to end`);
  };
  // One more of a service beside the stack's own, on the same database; a test may give it ports.
  stack.replica = async (more = {}, part = 'analysis', seconds = 20) => {
    const name = part.toUpperCase();
    const env = { ...plain, ...given, ...readEnv(dir), [`${name}_PORT`]: `${await freePort()}`, [`${name}_OPS_PORT`]: `${await freePort()}`, ...more };
    const child = spawn(program(part), { cwd: ROOT, stdio: 'ignore', env });
    const ended = new Promise((resolve) => child.on('exit', resolve));
    const base = `http://127.0.0.1:${env[`${name}_OPS_PORT`]}`;
    const url = `http://127.0.0.1:${env[`${name}_PORT`]}`;
    const replica = { url, ended, pid: child.pid, metric: (line) => metric(base, line), stop: () => child.kill('SIGTERM') && ended };
    if (part === 'upload') contract.hear(url, OUTSIDE);
    replica.api = connect({ ...readEnv(dir), UPLOAD_URL: url });
    replicas.push(replica);
    await until(async () => (await fetch(`${base}/readyz`)).ok, seconds, `the second ${part}-svc`);
    return replica;
  };
  // What a service does on the command line, with the stack's settings.
  stack.command = (part, ...args) => spawnSync(program(part), args, { cwd: ROOT, encoding: 'utf8', env: { ...plain, ...given, ...readEnv(dir) } });
  stack.sql = (query) => sql(stack.env.ADMIN_DATABASE_URL, query);
  stack.metric = (part, line) => metric(part === 'upload' ? stack.env.UPLOAD_OPS_URL : stack.env.ANALYSIS_OPS_URL, line);
  stack.log = (part) => readFileSync(join(dir, 'log', `${part}.log`), 'utf8');
  stack.s3 = (method, path, options = {}) => s3(stack.env, method, path, options);
  stack.objects = async () => [...(await stack.s3('GET', '?list-type=2&max-keys=1000')).matchAll(/<Key>([^<]*)<\/Key>/g)].map((m) => m[1]).filter((key) => !key.endsWith('/sweep-mark'));
  try {
    await stack.start();
  } catch (e) {
    await stack.down();
    throw e;
  }
  return stack;
}

// A certificate for 127.0.0.1 that signs itself, its own authority: { ca: path of its PEM, key, cert: for a server }.
export function certificate(dir, name = 'tls') {
  const [key, ca] = [join(dir, `${name}.key`), join(dir, `${name}.pem`)];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=a server of this test',
    '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', ca], { stdio: 'ignore' });
  return { ca, key: readFileSync(key), cert: readFileSync(ca) };
}

// A batch of n pictures told to analysis-svc as upload-svc tells it, with the first free snapshot ids; nobody can fetch them.
export const DEPLOYMENT = '0a1b2c3d';
let nextSnapshot = 1;
export function batchOf(n, more = {}) {
  const items = Array.from({ length: n }, () => {
    const uuid = randomUUID();
    return { snapshot_id: nextSnapshot++, uuid, s3_key: `${DEPLOYMENT}/snapshots/2026-11-20/${uuid}.png`, content_type: 'image/png',
      bytes: 1000, sha256: (uuid + uuid).replaceAll('-', ''), width: 1280, height: 900 };
  });
  return { batch_id: randomUUID(), op: 'extract', set_id: randomUUID(), snapshot_type: 'leaderboard', platform_source: 'cookie.fun',
    snapshot_date: '2026-11-20', timeframe: '24H', campaign: { id: 7, title: 'Race' }, yapper_handle: null, priority: 0, deadline_s: 3600, items, ...more };
}
export const tellBatch = (url, token, batch) => fetch(`${url}/internal/v1/batches`, { method: 'POST', body: JSON.stringify(batch),
  headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } });

// Rows of a query as objects, by psql as superuser.
export function sql(url, query) {
  const wrapped = /^\s*(select|with)/i.test(query) ? `SELECT coalesce(json_agg(t), '[]') FROM (${query}) t` : query;
  const got = spawnSync('psql', ['-X', '-q', '-At', '-v', 'ON_ERROR_STOP=1', '-d', url, '-c', wrapped], { encoding: 'utf8' });
  if (got.status !== 0) throw new Error(`${query}: ${got.stderr}`);
  return got.stdout.trim().startsWith('[') ? JSON.parse(got.stdout) : got.stdout.trim();
}

// A signed S3 request of the owner's, by curl: another signer than ours.
function s3(env, method, path, { body } = {}) {
  const args = ['-sS', '-X', method, '--aws-sigv4', `aws:amz:${env.AWS_REGION}:s3`, '--user', `${env.AWS_ACCESS_KEY_ID}:${env.AWS_SECRET_ACCESS_KEY}`,
    '-H', 'x-amz-content-sha256: UNSIGNED-PAYLOAD', ...(body === undefined ? [] : ['--data-binary', '@-']),
    `${env.AWS_ENDPOINT_URL_S3}/${env.S3_BUCKET_NAME}${path.startsWith('?') ? '' : '/'}${path}`];
  const got = spawnSync('curl', args, { encoding: 'utf8', input: body });
  if (got.status !== 0) throw new Error(`S3 ${method} ${path}: ${got.stderr}`);
  return got.stdout;
}

export async function metric(base, line) {
  const ask = () => fetch(`${base}/metrics`);
  const text = await (await ask().catch(ask)).text(); // the connection that was kept may have ended while psql held us up
  const hit = text.split('\n').find((l) => l.startsWith(`${line} `));
  return hit === undefined ? undefined : Number(hit.slice(line.length + 1));
}

export async function until(condition, seconds, what) {
  let last;
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(100)) {
    try {
      last = await condition();
      if (last) return last;
    } catch (e) {
      last = e.message;
    }
  }
  throw new Error(`waited ${seconds} s in vain for ${what}; last seen: ${JSON.stringify(last)}`);
}

// --- pictures -----------------------------------------------------------------------------------
const crcTable = Int32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});
function crc(bytes) { // of our own: zlib.crc32 came after Node 18
  let c = -1;
  for (const b of bytes) c = crcTable[(c ^ b) & 255] ^ (c >>> 8);
  return (c ^ -1) >>> 0;
}

export function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(8 + data.length + 4);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc(body), 8 + data.length);
  return out;
}

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
function header(width, height) {
  const ihdr = Buffer.alloc(13);
  ihdr.writeUInt32BE(width, 0);
  ihdr.writeUInt32BE(height, 4);
  ihdr[8] = 8; // bits, gray
  return chunk('IHDR', ihdr);
}

// A whole PNG of noise, so that no two are the same bytes. `bytes` pads it up to a size with a private chunk.
export function png(width = 320, height = 200, { bytes = 0, before = [] } = {}) {
  const rows = Buffer.alloc((width + 1) * height);
  randomBytes(64).copy(rows, 1);
  const parts = [SIGNATURE, header(width, height), ...before, chunk('IDAT', deflateSync(rows))];
  const soFar = parts.reduce((n, p) => n + p.length, 12);
  if (bytes > soFar + 12) parts.push(chunk('paDd', randomBytes(bytes - soFar - 12)));
  parts.push(chunk('IEND', Buffer.alloc(0)));
  return Buffer.concat(parts);
}

export const picture = (name = 'board.png', options = {}) => file(name, png(320, 200, options), 'image/png');
export const fields = (more = {}) => ({ platformSource: 'cookie.fun', snapshotDate: '2026-11-20', snapshotType: 'leaderboard',
  snapshotTimeframe: '24H', ...more });

export async function freePort() {
  for (;;) {
    const port = 12000 + Math.floor(Math.random() * 6000);
    const free = await new Promise((resolve) => {
      const server = createServer().once('error', () => resolve(false)).once('listening', () => server.close(() => resolve(true)));
      server.listen(port, '127.0.0.1');
    });
    if (free) return port;
  }
}
