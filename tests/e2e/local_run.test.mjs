// What a newcomer sees: local/run from nothing to rows and a page, and its clean end by Ctrl-C.
// Real parts throughout; the store on disk, as "make run" has it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readEnv } from '../../local/client.mjs';
import { ROOT, hear, kept, until } from './kit.mjs';

const base = mkdtempSync(join(tmpdir(), 'snapkey-run-'));
const dir = join(base, 'stack');
const env = { ...process.env, RUN_DIR: dir, TMPDIR: base };
let child;
let said = '';

function start(program, args = []) {
    // Its own process group: a Ctrl-C at a terminal goes to all of one.
    const started = spawn(program, args, { env, cwd: base, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    started.said = '';
    for (const stream of [started.stdout, started.stderr])
        stream.on('data', (text) => (started.said += text));
    return started;
}

async function end(started) {
    const [code] = await once(started, 'close');
    return { code, said: started.said };
}

function leftovers() {
    return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid)).filter((pid) => {
        try {
            return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(dir) &&
                !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
        } catch {
            return false; // it ended while we looked
        }
    });
}

before(async () => {
    child = start(join(ROOT, 'local/run'));
    await until(() => child.said.includes('Ctrl-C stops every part.') || child.exitCode !== null, 180, 'the page');
    said = child.said;
    assert.equal(child.exitCode, null, said);
});

after(async () => {
    if (child.exitCode === null) {
        process.kill(-child.pid, 'SIGINT');
        await once(child, 'close');
    }
    rmSync(base, { recursive: true, force: true });
});

test('the rows of the samples are printed with the pictures they came from', () => {
    const truth = JSON.parse(readFileSync(join(ROOT, 'local/samples/long-1.json'), 'utf8'));
    const [first] = truth.rows;
    const line = said.split('\n').find((one) => one.includes('long-1.png') && / 1 {2}/.test(one.slice(0, 7)));

    assert.ok(line, said);
    assert.match(line.toLowerCase(), new RegExp(`@${first.handle.toLowerCase()}`));
    assert.match(line, new RegExp(` ${first.values.snaps} `));
    assert.match(said, /long-1\.png, long-2\.png\n/, 'a row that two pictures show names both');
    assert.match(said, /read by the offline reader \(Tesseract/);
});

test('the page answers, and the printed token opens the API', async () => {
    const [, url] = said.match(/page +(\S+)/);
    const [, token] = said.match(/token +(\S+)/);
    const root = `${url}api/admin/snapshots/history`;

    hear(url);
    assert.equal((await fetch(url)).status, 200);
    assert.equal((await fetch(root)).status, 401);
    assert.equal((await fetch(root, { headers: { authorization: `Bearer ${token}` } })).status, 200);
    await kept();
});

test('a second run in the same folder is refused and harms nothing', async () => {
    const second = await end(start(join(ROOT, 'local/run')));

    assert.equal(second.code, 1);
    assert.match(second.said, /Another "make run" is at work/);
    assert.equal((await fetch(`${readEnv(dir).UPLOAD_OPS_URL}/readyz`)).status, 200);
});

test('a row that was not found makes the check fail', async () => {
    const folder = join(base, 'wrong');
    const truth = JSON.parse(readFileSync(join(ROOT, 'local/samples/phone.json'), 'utf8'));
    const check = () => end(start(process.execPath,
        ['--no-warnings', join(ROOT, 'local/main_job.mjs'), dir, '--check', '--samples', folder]));

    mkdirSync(folder);
    copyFileSync(join(ROOT, 'local/samples/phone.png'), join(folder, 'phone.png'));
    writeFileSync(join(folder, 'phone.json'), JSON.stringify(truth));
    const right = await check();
    assert.equal(right.code, 0, right.said);
    truth.rows.push({ rank: 99, display_name: 'Nobody', handle: 'nobody_at_all', values: {} });
    writeFileSync(join(folder, 'phone.json'), JSON.stringify(truth));
    const wrong = await check();
    assert.equal(wrong.code, 1);
    assert.match(wrong.said, /Not good enough: 9 of 10 rows/);
});

test('Ctrl-C stops every part and ends well', async () => {
    process.kill(-child.pid, 'SIGINT');
    const { code, said: last } = await end(child);

    assert.equal(code, 0);
    assert.match(last, /Stopped\. Data and logs stay/);
    assert.deepEqual(leftovers(), []);
});
