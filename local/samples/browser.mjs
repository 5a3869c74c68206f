/*
 * browser.mjs - one headless Chromium that turns HTML into pictures.
 *
 * It is driven through its debugging pipe (file descriptors 3 and 4, messages ended by a NUL byte;
 * Chrome DevTools Protocol), so that one process makes all pictures, a picture is exactly as high
 * as its page, and PNG, JPEG and WebP all come from the same place. Nothing listens on a port.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FLAGS = ['--headless', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars',
    '--no-first-run', '--disable-background-networking', '--disable-component-update',
    '--disable-sync', '--remote-debugging-pipe', '--font-render-hinting=none'];

function listen(stream, heard) {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk) => {
        const parts = (rest + chunk).split('\0');
        rest = parts.pop();
        parts.forEach((part) => heard(JSON.parse(part)));
    });
}

function makeCaller(child) {
    const waiting = new Map();
    let last = 0;
    listen(child.stdio[4], (message) => {
        const call = waiting.get(message.id);
        waiting.delete(message.id);
        if (message.error)
            call?.reject(new Error(`Chromium refused ${call.method}: ${message.error.message}`));
        else
            call?.resolve(message.result);
    });
    const failAll = (why) => {
        for (const call of waiting.values())
            call.reject(new Error(why));
        waiting.clear();
    };
    child.on('error', (error) => failAll(`Chromium did not start: ${error.message}`));
    child.on('exit', (code) => failAll(`Chromium ended early (status ${code})`));
    return (method, params = {}, sessionId = undefined) => new Promise((resolve, reject) => {
        last += 1;
        waiting.set(last, { resolve, reject, method });
        child.stdio[3].write(`${JSON.stringify({ id: last, method, params, sessionId })}\0`);
    });
}

/* Runs in the page: its height, and the text of every cell that does not fit its box. */
const MEASURE = `(async () => {
    await document.fonts.ready;
    await Promise.all([...document.images].map((image) => image.decode()));
    const cells = [...document.querySelectorAll('[data-cell]')];
    const edge = document.documentElement.clientWidth;
    const tight = cells.filter((cell) => cell.scrollWidth > cell.clientWidth + 1
        || cell.getBoundingClientRect().right > edge);
    return { height: Math.ceil(document.body.getBoundingClientRect().height),
             tight: tight.map((cell) => cell.textContent.trim()) };
})()`;

async function takePicture(call, page, shot) {
    const size = { width: shot.width, deviceScaleFactor: shot.scale, mobile: false };
    await call('Emulation.setDeviceMetricsOverride', { ...size, height: 600 }, page.session);
    await call('Page.setDocumentContent', { frameId: page.frame, html: shot.html }, page.session);
    const measured = await call('Runtime.evaluate',
        { expression: MEASURE, awaitPromise: true, returnByValue: true }, page.session);
    const { height, tight } = measured.result.value;
    if (tight.length > 0)
        throw new Error(`${shot.name}: too narrow for ${JSON.stringify(tight)}; widen its columns`);
    await call('Emulation.setDeviceMetricsOverride', { ...size, height }, page.session);
    const quality = shot.format === 'png' ? {} : { quality: shot.quality ?? 85 };
    const picture = await call('Page.captureScreenshot',
        { format: shot.format, ...quality }, page.session);
    return { bytes: Buffer.from(picture.data, 'base64'), height };
}

export async function openBrowser(program = process.env.CHROMIUM ?? '/usr/bin/chromium') {
    const profile = await mkdtemp(join(tmpdir(), 'samples-'));
    const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const child = spawn(program, [...FLAGS, ...root, `--user-data-dir=${profile}`, 'about:blank'],
        { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    const gone = new Promise((resolve) => {
        child.on('exit', resolve);
        child.on('error', resolve);
    });
    child.stdio[3].on('error', () => {});
    const call = makeCaller(child);
    const { targetId } = await call('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await call('Target.attachToTarget', { targetId, flatten: true });
    const tree = await call('Page.getFrameTree', {}, sessionId);
    const page = { session: sessionId, frame: tree.frameTree.frame.id };
    return {
        /* shot: {name, html, width, scale, format: png|jpeg|webp, quality} -> {bytes, height} */
        take: (shot) => takePicture(call, page, shot),
        close: async () => {
            await call('Browser.close').catch(() => {});
            await gone;
            await rm(profile, { recursive: true, force: true, maxRetries: 5 });
        },
    };
}
