// The public API of upload-svc, as a script of a user's calls it. Runs on Node 18, needs no package.
//
//   const api = connect(readEnv('.run'));
//   const campaign = await api.campaign('Spring race', 'cookie.fun');
//   const sent = await api.upload([file('a.png')], { platformSource: 'cookie.fun', ... });
//   const done = await api.settle(sent.snapshots.map(snapshotOf), { seconds: 60 });
//
// call() never throws for an answer: it gives { status, body } of whatever came. The others throw an
// Error that says what was asked and what the service answered.
import { readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const TYPES = { '.png': 'image/png', '.jpg': 'image/jpeg', '.jpeg': 'image/jpeg',
    '.webp': 'image/webp', '.gif': 'image/gif' };

// States that nothing leaves by itself (proto/snapshot_state.def).
export const TERMINAL = ['completed', 'needs_review', 'validated', 'failed', 'deleted'];

// DIR/env of local/up as an object. Quoted values are those that a caller of local/up had set.
export function readEnv(dir) {
    const env = {};
    for (const line of readFileSync(join(dir, 'env'), 'utf8').split('\n')) {
        const at = line.indexOf('=');
        if (at > 0) env[line.slice(0, at)] = line.slice(at + 1).replace(/\\(.)/g, '$1');
    }
    return env;
}

// A file of a form: from a path, or from bytes under any name and type.
export const file = (path, bytes = readFileSync(path), type = TYPES[extname(path).toLowerCase()]) =>
    ({ name: basename(path), bytes, type: type ?? 'application/octet-stream' });

// What an upload answers for a picture that is there already is the older one's number.
export const snapshotOf = (result) => result.duplicateOf ?? result.id;

// Waits until an address answers 200, as /readyz does; false when it did not in time.
export async function ready(url, seconds = 30) {
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(100)) {
        const answer = await fetch(url).catch(() => null);
        await answer?.arrayBuffer();
        if (answer?.status === 200) return true;
    }
    return false;
}

function formOf(files, fields) {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) {
        if (value !== undefined && value !== null)
            form.append(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
    }
    for (const { name, bytes, type } of files)
        form.append('screenshots', new Blob([bytes], { type }), name);
    return form;
}

function must({ status, body }, what) {
    if (status >= 200 && status < 300) return body;
    throw new Error(`${what}: ${status} ${body?.message ?? JSON.stringify(body)}`);
}

// In: the names of DIR/env. Every call is made with the bearer token.
export function connect({ UPLOAD_URL, UPLOAD_TOKEN }) {
    const root = '/api/admin/snapshots';

    async function call(method, path, { json, form, headers = {} } = {}) {
        const answer = await fetch(UPLOAD_URL + path, {
            method,
            redirect: 'manual',
            body: form ?? (json === undefined ? undefined : JSON.stringify(json)),
            headers: {
                ...(UPLOAD_TOKEN ? { authorization: `Bearer ${UPLOAD_TOKEN}` } : {}),
                ...(json === undefined ? {} : { 'content-type': 'application/json' }),
                ...headers,
            },
        });
        const text = await answer.text();
        const isJson = (answer.headers.get('content-type') ?? '').includes('json');
        return { status: answer.status, headers: answer.headers, body: isJson && text ? JSON.parse(text) : text };
    }

    // Everything of one form, whatever the answer: { status, body }.
    const post = (files, fields, key) => call('POST', `${root}/upload`, {
        form: formOf(files, fields),
        headers: key ? { 'idempotency-key': key } : {},
    });

    // The same, but a form of which nothing was stored is an Error.
    const upload = async (files, fields, key) => must(await post(files, fields, key), 'upload');

    // The number of the campaign of that title; made where there is none.
    async function campaign(title, platformSource) {
        const { campaigns } = must(await call('GET', `${root}/campaigns`), 'campaigns');
        const found = campaigns.find((one) =>
            one.platformSource === platformSource && one.title === title);
        if (found) return found.id;
        const made = must(await call('POST', '/api/admin/campaigns',
            { json: { title, platformSource } }), `campaign "${title}"`);
        return made.campaign.id;
    }

    // The sites that can be uploaded from: [{ value, label }].
    const platforms = async () => must(await call('GET', `${root}/platforms`), 'platforms').platforms;
    const status = async (id) => must(await call('GET', `${root}/status/${id}`), `status ${id}`).snapshot;
    const snapshot = async (id) => must(await call('GET', `${root}/${id}`), `snapshot ${id}`).snapshot;

    // What the pictures of one set say together (proto/README.md), null when none was read.
    const sheet = async (id) => (await snapshot(id)).sheet ?? null;

    // Follows snapshots until each is in a terminal state; gives them in the order asked.
    // onChange(snapshot) is called for every state that is seen anew.
    async function settle(ids, { seconds = 120, every = 300, onChange = () => {} } = {}) {
        const end = Date.now() + seconds * 1000;
        const seen = new Map();
        for (;;) {
            for (const id of new Set(ids)) {
                if (TERMINAL.includes(seen.get(id)?.state)) continue;
                const now = await snapshot(id);
                if (seen.get(id)?.state !== now.state) onChange(now);
                seen.set(id, now);
            }
            const open = ids.filter((id) => !TERMINAL.includes(seen.get(id).state));
            if (open.length === 0) return ids.map((id) => seen.get(id));
            if (Date.now() > end)
                throw new Error(`after ${seconds} s still in progress: snapshots ${open.join(', ')}`);
            await sleep(every);
        }
    }

    return { call, post, upload, campaign, platforms, status, snapshot, sheet, settle };
}
