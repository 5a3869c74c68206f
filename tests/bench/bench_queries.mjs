// bench_queries.mjs - what people ask of very many rows, through upload-svc's own door.
//
//   node tests/bench/bench_queries.mjs [--rows 1000000] [--snapshots 1000000] [--calls 100] [--explain FILE] [--env FILE] [--export all|SECONDS]
//
// A private Postgres is filled (queries_fill.mjs). Then each route is called with other campaigns, days and people each time; the
// figures are of whole answers, one at a time, with the CPU that they cost upload-svc and Postgres. --explain: Postgres's plans of all that took more than 5 ms, into
// a file. --env: the env file of a stack (local/up) that was filled before, instead. --export: CSV of all rows, or for so many
// seconds, with upload-svc's memory before and at most. Last, what it costs to keep the boards: a sheet's rows stored with their
// triggers and without, in turn.
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, readdirSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { ROOT as HOME, sql, until, up } from '../e2e/kit.mjs';
import { CAMPAIGNS, PLATFORMS, PROFILES, fill } from './queries_fill.mjs';

const BAR_MS = 50, WRITES = 30;
const opt = { rows: 1000000, snapshots: 1000000, calls: 100, explain: '', env: '', export: '0' };
for (let i = 2; i < process.argv.length; i += 2) opt[process.argv[i].replace(/^--/, '')] = /^\d+$/.test(process.argv[i + 1]) ? Number(process.argv[i + 1]) : process.argv[i + 1];

const pick = (n) => Math.floor(Math.random() * n);
const dayBefore = (n) => new Date(Date.now() - n * 86400e3).toISOString().slice(0, 10);
const ROOT = '/api/admin/snapshots', METRICS = ['totalSnaps', 'followers', 'mindsharePercent'];
const asks = (days) => ({
  'leaderboard of a day': () => `/api/leaderboards/${1 + pick(CAMPAIGNS)}?date=${dayBefore(1 + pick(days - 2))}`,
  'newest leaderboard': () => `/api/leaderboards/${1 + pick(CAMPAIGNS)}`,
  'movers and new entrants': () => `/api/leaderboards/${1 + pick(CAMPAIGNS)}/movers?date=${dayBefore(1 + pick(days - 2))}`,
  'profile timeline': () => `/api/yapper-profiles/person_${1 + pick(PROFILES)}/timeline?limit=90`,
  'top by metric, all campaigns': () => `/api/top/${METRICS[pick(3)]}?date=${dayBefore(1 + pick(days - 2))}`,
  'top by metric, a platform': () => `/api/top/${METRICS[pick(3)]}?platformSource=${PLATFORMS[pick(7)]}`,
  'top 200 by metric, all campaigns': () => `/api/top/${METRICS[pick(3)]}?limit=200&date=${dayBefore(1 + pick(days - 2))}`,
  'intelligence, 7 days': () => `${ROOT}/intelligence/${PLATFORMS[pick(7)]}`,
  'pending summary': () => `${ROOT}/pending-summary`,
  'history': () => `${ROOT}/history?page=${1 + pick(50)}`,
  'history of a campaign': () => `${ROOT}/history?campaignId=${1 + pick(CAMPAIGNS)}`,
  'history of a platform and day': () => { const day = dayBefore(1 + pick(200)); return `${ROOT}/history?platformSource=${PLATFORMS[pick(7)]}&startDate=${day}&endDate=${day}`; },
  'history of what failed': () => `${ROOT}/history?status=failed&page=${1 + pick(20)}`,
  'history of what needs review': () => `${ROOT}/history?state=needs_review&page=${1 + pick(20)}`,
  'history of what is processed': () => `${ROOT}/history?state=processing`,
  'history of what is complete': () => `${ROOT}/history?status=completed&page=${1 + pick(50)}`,
  'history of what failed of a campaign': () => `${ROOT}/history?status=failed&campaignId=${1 + pick(CAMPAIGNS)}`,
});

// Not by fetch: the kit's holds each answer against the contract, and that takes time.
const agent = new Agent({ keepAlive: true });
const call = (env, path, each = () => {}) => new Promise((resolve, reject) => {
  get(env.UPLOAD_URL + path, { agent, headers: { authorization: `Bearer ${env.UPLOAD_TOKEN}` } }, (answer) => {
    let bytes = 0, head = '';
    answer.on('data', (d) => {
      if (bytes === 0) head = d.toString('utf8', 0, 300);
      bytes += d.length;
      if (each(d, bytes)) answer.destroy();
    }).on('close', () => resolve({ status: answer.statusCode, bytes, head }));
  }).on('error', reject);
});

// CPU of upload-svc and of Postgres's processes so far, in ms: on a busy machine it says more than the clock does.
function cpu(env) {
  const mine = new Set([env.PID_UPLOAD, env.PID_POSTGRES]);
  let ticks = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    let text = '';
    try {
      text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    } catch {
      continue; // it has ended
    }
    const f = text.slice(text.lastIndexOf(')') + 2).split(' '); // state, parent, ...
    if (mine.has(pid) || f[1] === env.PID_POSTGRES) ticks += Number(f[11]) + Number(f[12]);
  }
  return ticks * 10;
}

async function measureOne(env, query, ask) {
  const times = [];
  let bytes = 0, before = 0;
  for (let i = -3; i < opt.calls; i++) { // the first three fill caches
    if (i === 0) before = cpu(env);
    const path = ask(), from = performance.now(), answer = await call(env, path);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.head}`);
    if (i >= 0) times.push(performance.now() - from);
    bytes = Math.max(bytes, answer.bytes);
  }
  times.sort((a, b) => a - b);
  const at = (part) => Number(times[Math.ceil(times.length * part) - 1].toFixed(2));
  return { query, p50_ms: at(0.5), p95_ms: at(0.95), cpu_ms: Number(((cpu(env) - before) / opt.calls).toFixed(2)), bytes };
}

async function measure(env, days) {
  const table = [];
  for (const [query, ask] of Object.entries(asks(days))) table.push(await measureOne(env, query, ask));
  return table;
}

// ---- what the boards cost whoever stores a sheet ----
function statement(name, values) { // as analysis-svc says it, with these for its parameters
  const text = execFileSync('cc', ['-E', '-P', '-xc', '-I', HOME, '-'], { encoding: 'utf8', input: '#define QUERY(name, shape, late, ...) @name@ __VA_ARGS__\n#include "analysis-svc/queries.def"\n' });
  const query = text.split(`@${name}@`)[1].split('@')[0];
  return [...query.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((m) => JSON.parse(`"${m[1]}"`)).join('').replace(/\$(\d+)::[a-z0-9]+(\[\])?/g, (_, n) => values[n - 1]);
}

// What LEADERBOARD_WRITE is given: lists of a sheet's rows, which are its columns as they stand.
const METRIC = ['total_snaps', 'snaps_24h', 'snaps_7d', 'mindshare_percent', 'mindshare_change', 'followers', 'smart_followers'];
const LISTS = [['sources', 'jsonb'], ['sheet_id', 'bigint'], ['row_no', 'bigint'], ['row_key', 'text'], ['rank', 'bigint'], ['display_name', 'text'], ['handle', 'text'],
  ...METRIC.map((m) => [m, 'float8']), ['status', 'text'], ['badge', 'text'], ['confidence', 'float8'], ['doubtful', 'text'], ['row_no', 'bigint'], ['notes', 'jsonb'], ['edited', 'jsonb']];
const list = (i) => `list_${i}`;

// What a sheet was before it is stored: nothing, the same but for some rows, the same.
const STORED = {
  'for the first time': 'DELETE FROM analysis.leaderboard_rows WHERE sheet_id = id',
  'with ten rows of 250 changed': 'UPDATE analysis.leaderboard_rows SET followers = -1 WHERE sheet_id = id AND row_no % 25 = 0',
  'as it was': 'PERFORM 1',
};

// In one session and by its clock; all of it is undone. As a replica's, only the triggers of the foreign key run.
function storing(url) {
  const one = (what, before) => `FOREACH mode IN ARRAY ARRAY['replica', 'origin', 'origin', 'replica'] LOOP
        PERFORM set_config('session_replication_role', mode, true);
        ${before};
        t := clock_timestamp();
        ${statement('LEADERBOARD_CLEAR', ['ARRAY[id]', `ARRAY[cardinality(${list(0)})]`])};
        ${statement('LEADERBOARD_WRITE', LISTS.map((_, i) => list(i)))};
        INSERT INTO took VALUES ('${what}', mode, extract(epoch FROM clock_timestamp() - t) * 1000);
      END LOOP;`;
  const work = `DO $$ DECLARE id bigint; mode text; t timestamptz; ${LISTS.map(([, type], i) => `${list(i)} ${type}[];`).join(' ')} BEGIN
    FOR mode IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'analysis.leaderboard_rows'::regclass AND tgisinternal LOOP
      EXECUTE format('ALTER TABLE analysis.leaderboard_rows ENABLE ALWAYS TRIGGER %I', mode);
    END LOOP;
    CREATE TEMP TABLE took (what text, role text, ms float8);
    FOR id IN SELECT sheet_id FROM analysis.sheets WHERE extractor = 'leaderboard' AND jsonb_array_length(document -> 'rows') BETWEEN 235 AND 265 ORDER BY snapshot_date DESC, sheet_id LIMIT ${WRITES} LOOP
      SELECT ${LISTS.map(([column, type]) => `array_agg(${column}::${type} ORDER BY row_no)`).join(', ')} INTO ${LISTS.map((_, i) => list(i)).join(', ')}
        FROM analysis.leaderboard_rows WHERE sheet_id = id;
      ${Object.entries(STORED).map(([what, before]) => one(what, before)).join('\n      ')}
    END LOOP;
    RAISE EXCEPTION 'figures %', (SELECT json_agg(x) FROM (SELECT what, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE role = 'replica') AS without,
      percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE role = 'origin') AS kept FROM took GROUP BY what) AS x); END $$`;
  let said = '';
  try {
    sql(url, work);
  } catch (e) {
    said = e.message;
  }
  const figures = /ERROR: +figures (\[[^\]]*\])/.exec(said);
  if (!figures) throw new Error(said.slice(said.indexOf('ERROR:')));
  return JSON.parse(figures[1]).map((f) => ({ stored: f.what, without_ms: Number(f.without.toFixed(2)), kept_ms: Number(f.kept.toFixed(2)) }));
}

async function exported(env) {
  const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${env.PID_UPLOAD}/status`, 'utf8'))[1]) / 1024;
  const before = rss(), from = Date.now();
  let most = before, lines = 0, seen = 0;
  const answer = await call(env, `${ROOT}/export?format=csv`, (d, bytes) => {
    for (const c of d) lines += c === 10;
    if (bytes - seen > 1e6) [most, seen] = [Math.max(most, rss()), bytes];
    return opt.export !== 'all' && Date.now() - from > opt.export * 1000;
  });
  return { rows: lines - 1, bytes: answer.bytes, seconds: Math.round((Date.now() - from) / 1000), rss_before_mib: Math.round(before), rss_most_mib: Math.round(most) };
}

async function filled() {
  const began = Date.now();
  const stack = await up({ SWEEP_PERIOD: '1h' }, 'postgres,s3,analysis,upload');
  try {
    await stack.kill('analysis'); // its schema is made; it would start to read what is not there
    await stack.kill('upload');
    const url = stack.env.ADMIN_DATABASE_URL;
    for (const setting of ["shared_buffers = '1GB'", "max_wal_size = '8GB'", "checkpoint_timeout = '30min'"]) sql(url, `ALTER SYSTEM SET ${setting}`);
    stack.signal('postgres', 'SIGINT');
    await until(() => { try { return process.kill(stack.pid('postgres'), 0) && false; } catch { return true; } }, 30, 'Postgres to end');
    await stack.start();
    await stack.kill('analysis');
    await fill(url, opt, (text) => console.log(`  ${text}`));
    if (opt.explain)
      for (const setting of ["session_preload_libraries = 'auto_explain'", "auto_explain.log_min_duration = '5ms'", 'auto_explain.log_analyze = on']) {
        sql(url, `ALTER SYSTEM SET ${setting}`); // the first lets the next sessions know the others
        sql(url, 'DO $$ BEGIN PERFORM pg_reload_conf(); END $$');
      }
    await stack.kill('upload');
    await stack.start(); // connections of after the filling
    await stack.kill('analysis');
    await until(async () => (await stack.api.call('GET', '/api/session')).status === 200, 10, 'upload-svc');
    console.log(`filled in ${Math.round((Date.now() - began) / 1000)} s`);
    return stack;
  } catch (e) {
    await stack.down();
    throw e;
  }
}

const readEnv = (file) => Object.fromEntries(readFileSync(file, 'utf8').split('\n').filter((l) => l.includes('=')).map((l) => [l.slice(0, l.indexOf('=')), l.slice(l.indexOf('=') + 1)]));
const stack = opt.env ? { env: readEnv(opt.env), down: () => {} } : await filled();
try {
  const { rows, snapshots, days } = sql(stack.env.ADMIN_DATABASE_URL, `SELECT (SELECT count(*) FROM analysis.leaderboard_rows) AS rows, (SELECT count(*) FROM upload.platform_snapshots) AS snapshots,
    (SELECT count(DISTINCT snapshot_date) FROM analysis.sheets WHERE extractor = 'leaderboard') AS days`)[0];
  console.log(`${rows} leaderboard rows, ${snapshots} pictures; ${opt.calls} calls each, one at a time`);
  const table = await measure(stack.env, days);
  console.log(`${'query'.padEnd(38)}${'p50 ms'.padStart(9)}${'p95 ms'.padStart(9)}${'CPU ms'.padStart(9)}${'at most KiB'.padStart(13)}`);
  for (const t of table) console.log(`${t.query.padEnd(38)}${t.p50_ms.toFixed(1).padStart(9)}${t.p95_ms.toFixed(1).padStart(9)}${t.cpu_ms.toFixed(1).padStart(9)}${(t.bytes / 1024).toFixed(0).padStart(13)}`);
  const export_csv = String(opt.export) !== '0' ? await exported(stack.env) : undefined;
  if (export_csv) console.log(`export: ${export_csv.rows} rows, ${(export_csv.bytes / 1048576).toFixed(0)} MiB in ${export_csv.seconds} s; upload-svc ${export_csv.rss_before_mib} MiB before, at most ${export_csv.rss_most_mib} MiB`);
  const storing_a_sheet = storing(stack.env.ADMIN_DATABASE_URL);
  for (const s of storing_a_sheet) console.log(`rows of a sheet (about 250) stored ${s.stored}: ${s.without_ms} ms without the boards, ${s.kept_ms} ms with them (medians, Postgres's own time)`);
  if (opt.explain) cpSync(join(stack.dir, 'log', 'postgres.log'), opt.explain);
  console.log(JSON.stringify({ bench: 'queries', machine: `${cpus().length} x ${cpus()[0]?.model}`, leaderboard_rows: rows, snapshots, rows: table, export_csv, storing_a_sheet,
    bars: table.map((t) => ({ name: `p95 ms: ${t.query}`, value: t.p95_ms, bar: BAR_MS, better: 'lower' })) }));
} finally {
  await stack.down();
  agent.destroy();
}
