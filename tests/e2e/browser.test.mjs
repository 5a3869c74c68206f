// A person's way: sign in, pick a picture, watch its state, read the rows. Headless Chromium, real parts behind it. The screenshots
// are kept in build/screenshots.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { ROOT, up } from './kit.mjs';

const SHOTS = `${ROOT}build/screenshots`;
let stack, browser, page;
const problems = [];
before(async () => {
  mkdirSync(SHOTS, { recursive: true });
  stack = await up();
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: [...(process.getuid() === 0 ? ['--no-sandbox'] : []),
    '--disable-gpu', '--disable-dev-shm-usage', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'] });
  page = await browser.newPage({ viewport: { width: 1100, height: 900 } });
  page.on('pageerror', (e) => problems.push(e.message));
  page.on('console', (m) => m.type() === 'error' && !/status of 4\d\d/.test(m.text()) && problems.push(m.text()));
});
after(async () => {
  await browser?.close();
  await stack?.down();
});

test('a wrong token is told so, the right one opens the page', async () => {
  await page.goto(stack.env.UPLOAD_URL);
  await page.getByLabel('Token').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').filter({ hasText: /\w{4,}/ }).waitFor();
  await page.getByLabel('Token').fill(stack.env.UPLOAD_TOKEN);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Upload screenshots' }).waitFor();
  await page.screenshot({ path: `${SHOTS}/1-signed-in.png` });
  const cookies = await page.context().cookies();
  assert.ok(cookies.some((c) => c.httpOnly && c.sameSite === 'Strict'), JSON.stringify(cookies.map((c) => [c.name, c.httpOnly, c.sameSite])));
});

test('from picking a file to seeing its rows', async () => {
  const truth = JSON.parse(readFileSync(`${ROOT}local/samples/dark-desktop.json`));
  await page.getByLabel('Platform').selectOption(truth.form.platformSource);
  await page.getByLabel('Day', { exact: true }).fill(truth.form.snapshotDate);
  await page.locator('#campaign').selectOption('new');
  await page.locator('#title').fill(truth.form.campaign);
  await page.locator('#files').setInputFiles(`${ROOT}local/samples/dark-desktop.png`);
  await page.getByText('dark-desktop.png').first().waitFor();
  await page.screenshot({ path: `${SHOTS}/2-picked.png` });
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
  await page.locator('.shot').first().waitFor({ timeout: 20000 });
  await page.screenshot({ path: `${SHOTS}/3-waiting.png` });
  await page.locator('.shot[data-state=completed], .shot[data-state=needs_review]').first().waitFor({ timeout: 60000 });
  const rows = page.locator('.shot').first().locator('tbody tr');
  await rows.first().waitFor({ timeout: 10000 });
  assert.equal(await rows.count(), truth.rows.length);
  const text = await rows.first().innerText();
  assert.ok(text.includes(truth.rows[0].display_name), text);
  await page.screenshot({ path: `${SHOTS}/4-rows.png`, fullPage: true });
});

test('what is no picture is refused with a sentence beside the file', async () => {
  await page.locator('#files').setInputFiles({ name: 'fake.png', mimeType: 'image/png', buffer: Buffer.from('only words, no picture at all') });
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
  await page.locator('.files .note').filter({ hasText: /\w{4,}/ }).waitFor();
  await page.screenshot({ path: `${SHOTS}/5-refused.png` });
});

test('the rows are still there after a reload, on a phone too', async () => {
  await page.setViewportSize({ width: 390, height: 800 });
  await page.reload();
  await page.locator('.shot summary').first().click();
  await page.locator('.shot').first().locator('tbody tr').first().waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), true, 'the page does not scroll sideways');
  await page.screenshot({ path: `${SHOTS}/6-phone.png` });
});

test('the browser had nothing to complain about, the content policy included', () => assert.deepEqual(problems, []));
