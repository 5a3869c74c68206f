// bench_upload.mjs - the way of a picture, form -> S3 -> row, beside two Node servers that do the same whole job, and beside
// nginx, which only passes the same bytes through.
//
//   node tests/bench/bench_upload.mjs [--rounds N] [--seconds N] [--sizes 102400,2097152,10485760] [--skip-memory]
//                                     [--connections 16] [--memory-files 64] [--memory-big BYTES]
//
// Everything is on this machine: a private Postgres (fsync on), a sink that looks like S3, the load. The server has one core
// for itself, all the rest shares the others. Cells are run in turns (size by size, server after server, round after round, every
// other round backwards); each figure is the median of its rounds, and each ratio the median of the rounds' own ratios, so that a
// machine which is busy for a while is so for both sides. Processor time is the server's own (user and system, all its threads), without the
// kernel's work on the other side of a socket; Postgres's is told beside it. upload-svc also packs and sends its batches
// meanwhile (the sink accepts them); the peers have nothing to send.
// upload-svc runs as shipped: over plain HTTP S3_PAYLOAD=auto signs every chunk, a second SHA-256 of all bytes. With hashing off
// nobody takes any sum: payloads are unsigned and without a checksum on both sides. A third table has the row's SHA-256 and the
// payload unsigned, as it is behind TLS where the store refuses checksums.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const BIN = process.env.SNAPKEY_BIN ?? join(ROOT, 'build/gcc/bin');
const TOOLS = process.env.SNAPKEY_BENCH ?? join(ROOT, 'build/gcc/bench');
const MIB = 1 << 20;
const TICK_MS = 1000 / Number(execFileSync('getconf', ['CLK_TCK']));

function options() {
  const got = { rounds: 5, seconds: 2, sizes: '102400,2097152,10485760', connections: 16, 'memory-files': 64, 'memory-big': 1024 * MIB };
  for (let i = 2; i < process.argv.length; i++) {
    const name = process.argv[i].replace(/^--/, '');
    got[name] = name.startsWith('skip-') ? true : process.argv[++i];
  }
  return { ...got, sizes: String(got.sizes).split(',').map(Number), rounds: Number(got.rounds), seconds: Number(got.seconds) };
}
const opt = options();
const cores = availableParallelism?.() ?? cpus().length;
const SERVER_CORE = '0';
const REST = cores > 1 ? `1-${cores - 1}` : '0';

// ---- processes: known by pid, ended by pid -----------------------------------------------------------------------------
const dir = mkdtempSync(join(tmpdir(), 'snapkey-bench-'));
const running = [];
function start(name, core, command, args, env) {
  const log = openSync(join(dir, `${name}.log`), 'a');
  const child = spawn('taskset', ['-c', core, command, ...args], { env: { ...process.env, ...env }, stdio: ['ignore', log, log] });
  closeSync(log);
  running.push(child);
  return child;
}
async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await Promise.race([gone, sleep(30000).then(() => child.kill('SIGKILL'))]);
  running.splice(running.indexOf(child), 1);
}
async function answers(url) {
  for (let i = 0; i < 300; i++) {
    if (await fetch(url).then((r) => r.ok, () => false)) return;
    await sleep(100);
  }
  throw new Error(`${url} does not answer; the logs are in ${dir}`);
}

// ---- figures out of /proc ----------------------------------------------------------------------------------------------
function cpuMs(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return 0;
  }
}
const peakMib = (pid) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
function children(pid) {
  return readdirSync('/proc').filter((p) => /^\d+$/.test(p)).filter((p) => {
    try {
      return Number(readFileSync(`/proc/${p}/stat`, 'utf8').split(') ')[1].split(' ')[1]) === pid;
    } catch {
      return false;
    }
  }).map(Number);
}
const postgresMs = (pid) => [pid, ...children(pid)].reduce((sum, p) => sum + cpuMs(p), 0);
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

// ---- the stage: Postgres, the sink, and a port for each server -----------------------------------------------------------
function readEnv(text) {
  return Object.fromEntries(text.split('\n').filter((l) => l.includes('=')).map((l) => [l.slice(0, l.indexOf('=')), l.slice(l.indexOf('=') + 1)]));
}
async function stage() {
  execFileSync('taskset', ['-c', REST, join(ROOT, 'local/up'), '--dir', dir, '--only', 'postgres'], { stdio: ['ignore', 'ignore', 'inherit'] });
  const env = readEnv(readFileSync(join(dir, 'env'), 'utf8'));
  const base = Number(env.UPLOAD_PORT);
  const sink = start('sink', REST, join(TOOLS, 'bench_upload_sink'), [String(base + 5)], {});
  await sleep(300);
  return { env, base, sink, postgres: Number(env.PID_POSTGRES), url: `http://127.0.0.1:${base + 5}` };
}

const SERVERS = {
  'upload-svc': {
    path: '/api/admin/snapshots/upload', port: 0,
    run: (s, hash, more = {}) => start('upload-svc', SERVER_CORE, join(BIN, 'upload-svc'), [], { ...s.env, AWS_ENDPOINT_URL_S3: s.url, S3_BROWSER_ENDPOINT: s.url,
      ANALYSIS_URL: s.url, AWS_SECRET_ACCESS_KEY: 'bench-secret-bench-secret', UPLOAD_SHA256: hash, ...more }),
  },
  'express + multer + PutObject': { path: '/upload', port: 6, run: (s, hash, more) => peer(s, 'peer_memory.mjs', 6, hash, more) },
  'busboy + lib-storage': { path: '/upload', port: 7, run: (s, hash, more) => peer(s, 'peer_stream.mjs', 7, hash, more) },
  'nginx, PUT passed through': { path: '/bench/picture', port: 8, method: 'PUT', run: nginx },
};
const BESIDE = 'nginx, PUT passed through'; // does not do the job
function nginx(s) {
  const file = join(dir, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((what) => `${what}_temp_path ${dir}/nginx-${what};`).join('\n');
  writeFileSync(file, `daemon off; master_process off; pid ${dir}/nginx.pid; events { worker_connections 1024; }
http { access_log off; client_max_body_size 0; keepalive_requests 1000000; ${temporary}
upstream sink { server ${s.url.slice('http://'.length)}; keepalive 64; keepalive_requests 1000000; }
server { listen 127.0.0.1:${s.base + 8};
location = /healthz { return 200; }
location / { proxy_pass http://sink; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_request_buffering off; } } }
`);
  return start('nginx', SERVER_CORE, 'nginx', ['-e', 'stderr', '-c', file], { PATH: `${process.env.PATH}:/usr/sbin` });
}
function peer(s, file, port, hash, more = {}) {
  return start(file, SERVER_CORE, process.execPath, [join(ROOT, 'tests/bench', file)], { PORT: String(s.base + port), DATABASE_URL: s.env.ADMIN_DATABASE_URL,
    AWS_ENDPOINT_URL_S3: s.url, AWS_ACCESS_KEY_ID: s.env.AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: 'bench-secret-bench-secret',
    S3_BUCKET_NAME: s.env.S3_BUCKET_NAME, UPLOAD_SHA256: hash, NODE_ENV: 'production', ...more });
}

async function load(s, name, bytes, connections, count, seconds) {
  const server = SERVERS[name];
  const child = spawn('taskset', ['-c', REST, join(TOOLS, 'bench_upload_load'), String(s.base + server.port), server.path, String(bytes), String(connections),
    String(count), String(seconds), s.env.UPLOAD_TOKEN ?? 'none', server.method ?? 'POST'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (d) => (said += d));
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (said === '') throw new Error(`${name}: the load ended with ${code}`);
  return JSON.parse(said);
}

// Until the server has nothing left to do: its batches are sent, its heap is tidied.
async function quiet(pid) {
  for (let i = 0; i < 60; i++) {
    const before = cpuMs(pid);
    await sleep(200);
    if (cpuMs(pid) - before <= 2 * TICK_MS) return;
  }
}

async function cell(s, name, pid, bytes) {
  const before = [cpuMs(pid), postgresMs(s.postgres)];
  const got = await load(s, name, bytes, opt.connections, 0, opt.seconds);
  const after = [cpuMs(pid), postgresMs(s.postgres)];
  await quiet(pid);
  if (got.failed > 0) throw new Error(`${name}: ${got.failed} of ${got.done + got.failed} uploads of ${bytes} bytes failed`);
  return { perS: got.per_s, cpuMs: (after[0] - before[0]) / got.done, settledMs: (cpuMs(pid) - before[0]) / got.done,
    postgresMs: (after[1] - before[1]) / got.done, p50: got.p50_ms, p99: got.p99_ms };
}

// All servers live at once and idle but for the one that is asked.
async function rounds(s, hash, names = Object.keys(SERVERS), more = {}) {
  const pids = {};
  const children = [];
  for (const name of names) {
    const child = SERVERS[name].run(s, hash, more);
    children.push(child);
    pids[name] = child.pid;
    await answers(`http://127.0.0.1:${s.base + SERVERS[name].port}/healthz`);
  }
  const cells = {};
  for (const name of names) await load(s, name, 102400, opt.connections, 0, 2); // warm: Node compiles what is hot
  for (let round = 0; round < opt.rounds; round++)
    for (const bytes of opt.sizes)
      for (const name of round % 2 ? [...names].reverse() : names) (cells[`${name} ${bytes}`] ??= []).push(await cell(s, name, pids[name], bytes));
  for (const child of children) await stop(child);
  const rows = [];
  for (const bytes of opt.sizes)
    for (const name of names) {
      const list = cells[`${name} ${bytes}`];
      const mid = (key) => Number(median(list.map((c) => c[key])).toFixed(3));
      rows.push({ server: name, bytes, sha256: hash, payload: more.S3_PAYLOAD ?? 'auto', per_s: mid('perS'), cpu_ms: mid('cpuMs'), cpu_ms_settled: mid('settledMs'), postgres_ms: mid('postgresMs'),
        p50_ms: mid('p50'), p99_ms: mid('p99'), per_s_rounds: list.map((c) => c.perS), cpu_ms_rounds: list.map((c) => Number(c.cpuMs.toFixed(3))) });
    }
  return rows;
}

async function memory(s, bytes) {
  const limit = { FILE_MAX: String(5 * 1024 * MIB), BODY_TIMEOUT: '1h' };
  const child = SERVERS['upload-svc'].run(s, 'on', limit);
  await answers(`http://127.0.0.1:${s.base}/healthz`);
  const files = Number(opt['memory-files']);
  const got = await load(s, 'upload-svc', bytes, files, files, 3600);
  const peak = peakMib(child.pid);
  await stop(child);
  return { server: 'upload-svc', files, bytes, done: got.done, failed: got.failed, seconds: got.seconds, peak_mib: Number(peak.toFixed(1)) };
}

// ---- what it means -------------------------------------------------------------------------------------------------------
const label = (bytes) => (bytes >= MIB ? `${bytes / MIB} MiB` : `${bytes / 1024} KiB`);
function bars(rows, hash) {
  const out = [];
  const least = { 102400: 4, [2 * MIB]: 4, [10 * MIB]: 3 };
  for (const bytes of opt.sizes) {
    const of = rows.filter((r) => r.bytes === bytes && r.sha256 === hash && r.payload === (hash === 'on' ? 'auto' : 'unsigned'));
    const ours = of.find((r) => r.server === 'upload-svc');
    const peers = of.filter((r) => r !== ours && r.server !== BESIDE);
    const ratio = (key, best) => median(ours[key].map((own, round) => own / best(...peers.map((p) => p[key][round]))));
    const speed = Number(ratio('per_s_rounds', Math.max).toFixed(2));
    const cpu = Number(ratio('cpu_ms_rounds', Math.min).toFixed(3));
    if (hash === 'off') {
      if (bytes >= MIB) out.push({ name: `uploads/s against the better peer, ${label(bytes)}, hashing off`, value: speed, bar: 6, better: 'higher' });
      continue;
    }
    out.push({ name: `CPU per upload against the better peer, ${label(bytes)}`, value: cpu, bar: 0.25, better: 'lower' });
    out.push({ name: `uploads/s against the better peer, ${label(bytes)}`, value: speed, bar: least[bytes] ?? 3, better: 'higher' });
  }
  return out;
}
// The wish: ahead of nginx, which neither reads the form nor keeps anything in mind.
function wishes(rows) {
  return rows.filter((r) => r.server === 'upload-svc' && r.per_s).map((r) => {
    const beside = rows.find((x) => x.server === BESIDE && x.bytes === r.bytes && x.sha256 === r.sha256 && x.payload === r.payload);
    return `beside   nginx passing ${label(r.bytes)} through (SHA-256 ${r.sha256}, payload ${r.payload}): ${(r.per_s / beside.per_s).toFixed(2)} of its uploads/s, ${(r.cpu_ms / beside.cpu_ms).toFixed(2)} of its CPU`;
  });
}
function table(rows, payload) {
  const line = (c) => console.log(c.map((t, i) => (i === 0 ? String(t).padEnd(30) : String(t).padStart(14))).join(''));
  for (const hash of ['on', 'off']) {
    if (!rows.some((r) => r.sha256 === hash)) continue;
    console.log(`\n${opt.connections} connections, SHA-256 ${hash}, ${payload}; medians of ${opt.rounds} rounds of ${opt.seconds} s`);
    line(['', 'size', 'uploads/s', 'worst, best', 'CPU ms', 'with batches', 'Postgres ms', 'p50 ms', 'p99 ms']);
    for (const r of rows.filter((x) => x.sha256 === hash)) line([r.server, label(r.bytes), r.per_s, `${Math.round(Math.min(...r.per_s_rounds))}, ${Math.round(Math.max(...r.per_s_rounds))}`, r.cpu_ms, r.cpu_ms_settled, r.postgres_ms, r.p50_ms, r.p99_ms]);
  }
}

async function main() {
  const s = await stage();
  const rows = await rounds(s, 'on');
  table(rows, 'as shipped: chunks signed');
  const off = await rounds(s, 'off', Object.keys(SERVERS), { S3_PAYLOAD: 'unsigned' });
  table(off, 'payload unsigned');
  const unsigned = await rounds(s, 'on', ['upload-svc', BESIDE], { S3_PAYLOAD: 'unsigned' });
  table(unsigned, 'payload unsigned');
  rows.push(...off, ...unsigned);
  const all = [...bars(rows, 'on'), ...bars(rows, 'off')];
  if (!opt['skip-memory'])
    for (const bytes of [10 * MIB, Number(opt['memory-big'])]) {
      const row = await memory(s, bytes);
      rows.push(row);
      console.log(`\npeak memory of upload-svc, ${row.files} uploads of ${label(bytes)} at once: ${row.peak_mib} MiB (${row.done} done, ${row.failed} failed, ${row.seconds} s)`);
      all.push({ name: `peak memory, ${row.files} uploads of ${label(bytes)} at once, MiB`, value: row.peak_mib, bar: 96, better: 'lower' });
      if (row.failed > 0) all.push({ name: `failed uploads of ${label(bytes)}`, value: row.failed, bar: 0, better: 'lower' });
    }
  console.log('');
  for (const line of wishes(rows)) console.log(line);
  for (const b of all) console.log(`${(b.better === 'higher' ? b.value >= b.bar : b.value <= b.bar) ? 'reached' : 'MISSED '}  ${b.name}: ${b.value} (bar ${b.bar})`);
  console.log(JSON.stringify({ bench: 'upload', machine: `${cores} x ${cpus()[0].model.trim()}`, rows, bars: all }));
}

let failed = false;
try {
  await main();
} catch (e) {
  console.error(e);
  failed = true;
} finally {
  for (const child of [...running]) await stop(child);
  execFileSync(join(ROOT, 'local/down'), ['--dir', dir], { stdio: 'ignore' });
  if (!failed) rmSync(dir, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
