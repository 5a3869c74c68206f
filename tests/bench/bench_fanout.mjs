// bench_fanout.mjs - analysis-svc end to end (claim, presign, build, call, judge, store) against a scripted provider.
//
//   node tests/bench/bench_fanout.mjs [--rounds N] [--calls N] [--pictures 4] [--per-set 12] [--rows 10] [--latency 50] [--in-flight 8,64,256]
//
// Everything is on this machine: a private Postgres (fsync on), the provider (tests/bench/bench_fanout_model.c, a fixed latency).
// Batches are accepted first and held back, so that a round begins with all its jobs ready and counts no intake. Processor time is
// the service's own (user and system, all its threads); Postgres's and the provider's are told beside it.
import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const pg = createRequire(import.meta.url)('pg');
const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const BIN = process.env.SNAPKEY_BIN ?? join(ROOT, 'build/gcc/bin');
const TOOLS = process.env.SNAPKEY_BENCH ?? join(ROOT, 'build/gcc/bench');
const DEPLOYMENT = 'be9c0001';

function options() {
  const got = { rounds: 3, calls: 300, pictures: 4, 'per-set': 12, rows: 10, latency: 50, 'in-flight': '8,64,256' };
  for (let i = 2; i < process.argv.length; i++) got[process.argv[i].replace(/^--/, '')] = process.argv[++i];
  for (const name of Object.keys(got)) got[name] = name === 'in-flight' ? String(got[name]).split(',').map(Number) : Number(got[name]);
  return got;
}
const opt = options();
const cores = availableParallelism?.() ?? cpus().length;

// ---- processes: known by pid, ended by pid -----------------------------------------------------------------------------
const dir = mkdtempSync(join(tmpdir(), 'snapkey-bench-'));
const running = [];
function start(name, command, args, env) {
  const log = openSync(join(dir, `${name}.log`), 'a');
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', log, log] });
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

// ---- figures out of /proc: nanoseconds on a processor, of all threads ---------------------------------------------------
const tasks = (pid) => readdirSync(`/proc/${pid}/task`).map((t) => `/proc/${pid}/task/${t}`);
const number = (path) => {
  try {
    return Number(readFileSync(`${path}/schedstat`, 'utf8').split(' ')[0]);
  } catch {
    return 0; // it has ended
  }
};
const cpuMs = (pid) => tasks(pid).reduce((sum, t) => sum + number(t), 0) / 1e6;
const peakMib = (pid) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
const TICK_MS = 1000 / Number(execFileSync('getconf', ['CLK_TCK']));
function postgresMs(pid) { // with the backends that have ended
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ').map(Number);
  const kids = readdirSync('/proc').filter((p) => /^\d+$/.test(p)).filter((p) => {
    try {
      return Number(readFileSync(`/proc/${p}/stat`, 'utf8').split(') ')[1].split(' ')[1]) === pid;
    } catch {
      return false;
    }
  });
  return (fields[11] + fields[12] + fields[13] + fields[14]) * TICK_MS + kids.reduce((sum, p) => sum + number(`/proc/${p}`), 0) / 1e6;
}
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

// ---- the stage -----------------------------------------------------------------------------------------------------------
function readEnv(text) {
  return Object.fromEntries(text.split('\n').filter((l) => l.includes('=')).map((l) => [l.slice(0, l.indexOf('=')), l.slice(l.indexOf('=') + 1)]));
}
async function stage() {
  execFileSync(join(ROOT, 'local/up'), ['--dir', dir, '--only', 'postgres'], { stdio: ['ignore', 'ignore', 'inherit'] });
  const env = readEnv(readFileSync(join(dir, 'env'), 'utf8'));
  const port = Number(env.UPLOAD_PORT) + 6;
  const model = start('model', join(TOOLS, 'bench_fanout_model'), [String(port), String(opt.latency), String(opt.rows)], {});
  const s = { env, model, modelUrl: `http://127.0.0.1:${port}`, postgres: Number(env.PID_POSTGRES) };
  await answers(`${s.modelUrl}/stats`);
  s.db = new pg.Client({ connectionString: env.ADMIN_DATABASE_URL });
  await s.db.connect();
  return s;
}
const ask = (s, path) => fetch(`${s.modelUrl}${path}`).then((r) => r.json());

// ---- analysis-svc ----------------------------------------------------------------------------------------------------------
async function service(s, inFlight) {
  const child = start('analysis-svc', join(BIN, 'analysis-svc'), [], { ...s.env, OPENAI_BASE_URL: `${s.modelUrl}/v1`, OPENAI_MODEL: 'bench-model',
    CALLS_IN_FLIGHT: String(inFlight), IMAGES_PER_CALL: String(opt.pictures), QUEUE_MAX: '1000000', OPENAI_PRICE_IN: '100000', OPENAI_PRICE_OUT: '500000',
    AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9', S3_MODEL_ENDPOINT: 'http://127.0.0.1:9', ...JSON.parse(process.env.BENCH_ENV ?? '{}') });
  await answers(`${s.env.ANALYSIS_OPS_URL}/healthz`);
  return child;
}
let lastId = 0;
function batchOf(pictures) {
  const items = [];
  for (let i = 0; i < pictures; i++) {
    const uuid = randomUUID();
    items.push({ snapshot_id: ++lastId, uuid, s3_key: `${DEPLOYMENT}/snapshots/2026-11-20/${uuid}.png`, content_type: 'image/png', bytes: 181233,
      sha256: lastId.toString(16).padStart(64, '0'), width: 1280, height: 971 });
  }
  return { batch_id: randomUUID(), op: 'extract', set_id: randomUUID(), snapshot_type: 'leaderboard', platform_source: 'cookie.fun', snapshot_date: '2026-11-20',
    timeframe: '24H', campaign: { id: 7, title: 'Race' }, yapper_handle: null, priority: 0, deadline_s: 86400, items };
}
async function intake(s, calls) {
  let left = calls * opt.pictures;
  const post = async () => {
    while (left > 0) {
      const n = Math.min(left, opt['per-set']);
      left -= n;
      const r = await fetch(`${s.env.ANALYSIS_URL}/internal/v1/batches`, { method: 'POST', body: JSON.stringify(batchOf(n)),
        headers: { authorization: `Bearer ${s.env.INTERNAL_TOKEN}`, 'content-type': 'application/json' } });
      if (r.status !== 202) throw new Error(`a batch was answered ${r.status}: ${await r.text()}`);
    }
  };
  await s.db.query(`CREATE OR REPLACE FUNCTION analysis.bench_hold() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.due_at = now() + interval ''1 day''; RETURN NEW; END'`);
  await s.db.query('CREATE TRIGGER bench_hold BEFORE INSERT ON analysis.jobs FOR EACH ROW EXECUTE FUNCTION analysis.bench_hold()');
  await Promise.all([post(), post(), post(), post()]);
  await s.db.query('DROP TRIGGER bench_hold ON analysis.jobs');
  await s.db.query('VACUUM ANALYZE');
}
async function finished(s) {
  for (;;) {
    const { rows: [{ n }] } = await s.db.query("SELECT count(*)::int AS n FROM analysis.jobs WHERE state IN ('ready', 'leased')");
    if (n === 0) return;
    await sleep(20);
  }
}
async function ourRound(s, pid, calls) {
  await intake(s, calls);
  await ask(s, '/set');
  const { rows: [{ first }] } = await s.db.query('SELECT COALESCE(max(attempt_id), 0)::bigint AS first FROM analysis.attempts');
  const before = [cpuMs(pid), postgresMs(s.postgres), (await ask(s, '/stats')).cpu_ms];
  const began = performance.now();
  await s.db.query("UPDATE analysis.jobs SET due_at = now() WHERE state = 'ready'");
  await s.db.query("NOTIFY analysis_jobs");
  await finished(s);
  const seconds = (performance.now() - began) / 1000;
  const told = await ask(s, '/stats');
  const { rows: [{ added }] } = await s.db.query(`SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY total_us) / 1000.0 - $2::float8 AS added FROM analysis.attempts
    WHERE attempt_id > $1 AND class = 'ok'`, [first, opt.latency]);
  return { seconds, images: (calls * opt.pictures) / seconds, cpu: (cpuMs(pid) - before[0]) / told.calls, postgres: (postgresMs(s.postgres) - before[1]) / told.calls,
    model: (told.cpu_ms - before[2]) / told.calls, calls: told.calls, added };
}

async function main() {
  const s = await stage();
  for (const c of opt['in-flight']) {
    const child = await service(s, c);
    await ourRound(s, child.pid, c);
    const list = [];
    for (let i = 0; i < opt.rounds; i++) list.push(await ourRound(s, child.pid, opt.calls));
    const mid = (key) => Number(median(list.map((r) => r[key])).toFixed(3));
    console.log(`${c} in flight: ${mid('images')} images/s, CPU ${mid('cpu')} ms/call, Postgres ${mid('postgres')}, model ${mid('model')}, calls ${mid('calls')}, added p50 ${mid('added')} ms, peak ${peakMib(child.pid).toFixed(1)} MiB`);
    await stop(child);
  }
  await s.db.end();
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
