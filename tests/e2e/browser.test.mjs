// A person's way: sign in, pick pictures, see their rows, correct a cell, approve, reject, read again, delete and undo, filter. Headless
// Chromium, real parts behind it; what was clicked is asserted in Postgres. Screenshots are kept in build/screenshots.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { png, ROOT, until, up } from './kit.mjs';
import { openBrowser, watch as watchPage, signIn as signInTo } from './page.mjs';

const SHOTS = `${ROOT}build/screenshots`;
const truth = JSON.parse(readFileSync(`${ROOT}local/samples/dark-desktop.json`));
const phone = JSON.parse(readFileSync(`${ROOT}local/samples/phone.json`));
let stack, browser, page;
const problems = [];

const watch = (one) => watchPage(one, problems);
const signIn = (one, token) => signInTo(one, stack.env.UPLOAD_URL, token);
const picture = (name) => page.locator('.shot', { has: page.locator('.name', { hasText: name }) });
const button = (shot, name) => shot.getByRole('button', { name, exact: true });
const cell = (shot, row, field) => shot.locator(`td[data-focus="${row}/${field}"]`);
const toast = (text) => page.locator('#toast').filter({ hasText: text }).waitFor();
const keep = (name, one = page, options = {}) => one.screenshot({ path: `${SHOTS}/${name}.png`, ...options });
const stateOf = (name) => stack.sql(`SELECT a.state, a.fail_code, s.deleted_at FROM upload.platform_snapshots s
  JOIN analysis.snapshot_status a ON a.snapshot_id = s.id WHERE s.original_file_name = '${name}'`)[0];

async function fill(form, { campaign }) {
  await page.locator('#platform').selectOption(form.platformSource);
  await page.getByLabel('Day', { exact: true }).fill(form.snapshotDate);
  await page.locator('#campaign').selectOption('new');
  await page.locator('#title').fill(campaign);
}

before(async () => {
  mkdirSync(SHOTS, { recursive: true });
  stack = await up({ DELETE_UNDO: '20s' });
  browser = await openBrowser();
  page = watch(await browser.newPage({ viewport: { width: 1280, height: 900 } }));
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
  await signIn(page, stack.env.UPLOAD_TOKEN);
  await page.getByRole('heading', { name: 'Upload screenshots' }).waitFor();
  const { body } = await stack.api.call('GET', '/api/meta');
  const kinds = page.locator('input[name=snapshotType]');
  assert.deepEqual(await kinds.evaluateAll((list) => list.map((radio) => radio.value)), body.snapshotTypes.map((t) => t.value));
  await page.getByLabel('Token table 24 hours').check();
  assert.ok(await page.locator('#campaign-field').isVisible());
  await page.getByLabel("One person's profile 7 days").check();
  assert.ok(await page.locator('#handle-field').isVisible());
  await keep('1-signed-in');
  await page.getByLabel('Leaderboard 24 hours').check();
  const cookies = await page.context().cookies();
  assert.ok(cookies.some((c) => c.httpOnly && c.sameSite === 'Strict'), JSON.stringify(cookies.map((c) => [c.name, c.httpOnly, c.sameSite])));
});

test('from picking a file to seeing its rows; a busy service is waited for, and the form sent again keeps its key', async () => {
  const keys = [];
  await page.route('**/upload', (route) => {
    keys.push(route.request().headers()['idempotency-key']);
    return keys.length > 1 ? route.continue() : route.fulfill({ status: 503, headers: { 'retry-after': '1' }, json: { success: false, code: 'busy', message: 'busy', requestId: 'r1' } });
  });
  await fill(truth.form, truth.form);
  await page.locator('#files').setInputFiles(`${ROOT}local/samples/dark-desktop.png`);
  await page.locator('.files li', { hasText: 'dark-desktop.png' }).waitFor();
  await keep('2-picked');
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
  await page.locator('#waiting').filter({ hasText: 'busy' }).waitFor();
  const shot = picture('dark-desktop.png');
  await shot.waitFor();
  await page.unroute('**/upload');
  assert.equal(keys.length, 2);
  assert.match(keys[0], /^[\x21-\x7e]{16,}$/);
  assert.equal(keys[1], keys[0]);
  await keep('3-waiting');
  await shot.and(page.locator('[data-state=completed], [data-state=needs_review]')).waitFor({ timeout: 40000 });
  await shot.locator('tbody tr').first().waitFor();
  assert.equal(await shot.locator('tbody tr').count(), truth.rows.length);
  assert.ok((await shot.locator('tbody tr').first().innerText()).includes(truth.rows[0].display_name));
  assert.equal((await cell(shot, 0, 'handle').locator('.value').innerText()).toLowerCase(), `@${truth.rows[0].handle}`);
  await shot.getByText('Confidence').first().click();
  await keep('4-rows', page, { fullPage: true });
});

test('the same picture again is told as such, and what is no picture is refused with what to do', async () => {
  await page.locator('#files').setInputFiles([{ name: 'dark-desktop.png', mimeType: 'image/png', buffer: readFileSync(`${ROOT}local/samples/dark-desktop.png`) },
    { name: 'fake.png', mimeType: 'image/png', buffer: Buffer.from('only words, no picture at all') }]);
  await page.getByRole('button', { name: 'Upload 2 pictures' }).click();
  await page.locator('.files li', { hasText: 'Already here' }).waitFor();
  await page.locator('.files .note').filter({ hasText: 'Choose another picture' }).waitFor();
  await keep('5-refused');
  await page.getByRole('button', { name: 'Remove fake.png' }).click();
  assert.equal(stack.sql('SELECT count(*)::int AS n FROM upload.platform_snapshots')[0].n, 1);
});

test('a cell is corrected from the keyboard; Escape leaves it; the correction stands in Postgres with who and when', async () => {
  const shot = picture('dark-desktop.png');
  await cell(shot, 0, 'display_name').focus();
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.evaluate(() => document.activeElement.dataset.focus), '1/display_name');
  const before = await cell(shot, 1, 'display_name').innerText();
  await page.keyboard.press('Enter');
  await page.keyboard.type('not this');
  await page.keyboard.press('Escape');
  assert.equal(await cell(shot, 1, 'display_name').innerText(), before);
  await page.keyboard.press('Enter');
  await page.keyboard.type('<b>Ada Moon</b>');
  await page.keyboard.press('Enter');
  await toast('Correction kept');
  await cell(shot, 1, 'display_name').filter({ hasText: '<b>Ada Moon</b>' }).waitFor();
  await shot.locator('.story').filter({ hasText: 'corrected by UPLOAD_TOKEN' }).waitFor();
  const [row] = stack.sql('SELECT display_name, edited FROM analysis.leaderboard WHERE row_no = (SELECT min(row_no) + 1 FROM analysis.leaderboard)');
  assert.equal(row.display_name, '<b>Ada Moon</b>');
  assert.equal(row.edited.display_name.by, 'UPLOAD_TOKEN');
  assert.ok(Date.now() - Date.parse(row.edited.display_name.at) < 60000);
  await keep('6-corrected');
  await cell(shot, 2, 'followers').or(cell(shot, 2, 'smart_followers')).first().press('Enter');
  await page.keyboard.type('many');
  await page.keyboard.press('Enter');
  await toast('"many" is no');
  await cell(shot, 2, 'total_snaps').press('1');
  await page.keyboard.type('2.5K');
  await page.keyboard.press('Enter');
  await cell(shot, 2, 'total_snaps').filter({ hasText: '12,500' }).waitFor();
  await button(shot, 'Withdraw').click();
  await cell(shot, 2, 'total_snaps').filter({ hasNotText: '12,500' }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.dataset.focus), '2/total_snaps');
});

test('an approval ends the review, live for who else looks on; a viewer is offered no button that he may not use', async () => {
  const made = spawnSync(`${process.env.SNAPKEY_BIN ?? `${ROOT}build/gcc/bin`}/upload-svc`, ['--token-create', 'onlooker', '--role', 'viewer'], { env: { ...process.env, ...stack.env }, encoding: 'utf8' });
  const other = watch(await (await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: 'dark' })).newPage());
  await signIn(other, made.stdout.trim());
  await other.getByText('live', { exact: true }).waitFor();
  await other.locator('.shot summary').first().click();
  await other.locator('.shot tbody tr').first().waitFor();
  assert.equal(await other.locator('#upload').isVisible(), false);
  assert.equal(await other.locator('.deeds button').count(), 0);
  await other.locator('.shot td').first().press('Enter');
  assert.equal(await other.locator('.shot td input').count(), 0);
  await cell(picture('dark-desktop.png'), 3, 'display_name').press('N');
  await page.keyboard.type('ova Reed');
  await page.keyboard.press('Enter');
  await cell(other.locator('.shot').first(), 3, 'display_name').filter({ hasText: 'Nova Reed' }).waitFor();
  await button(picture('dark-desktop.png'), 'Approve').click();
  await toast('Approved');
  await other.locator('.shot[data-state=validated]').waitFor();
  await other.getByText('Approved by UPLOAD_TOKEN').waitFor();
  await keep('7-viewer-dark', other);
  await other.context().close();
  assert.equal(stateOf('dark-desktop.png').state, 'validated');
});

test('another is rejected with a reason, read again, and its details corrected', async () => {
  await fill(phone.form, phone.form);
  await page.locator('#files').setInputFiles(`${ROOT}local/samples/phone.png`);
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
  const shot = picture('phone.png');
  await shot.locator('tbody tr').first().waitFor({ timeout: 40000 });
  await button(shot, 'Reject').click();
  await shot.getByLabel('Why?').fill('cut off at the right');
  await button(shot, 'Reject').click();
  await shot.and(page.locator('[data-state=failed]')).waitFor();
  assert.deepEqual([stateOf('phone.png').state, stateOf('phone.png').fail_code], ['failed', 'review_rejected']);
  assert.equal(stack.sql("SELECT note FROM analysis.snapshot_reviews WHERE action = 'reject'")[0].note, 'cut off at the right');
  await keep('8-rejected');
  await button(shot, 'Read again').click();
  await shot.and(page.locator('[data-state=completed], [data-state=needs_review]')).waitFor({ timeout: 40000 });
  assert.notEqual(stateOf('phone.png').state, 'failed');
  await button(shot, 'Correct details').click();
  await shot.getByLabel('Day').fill('2025-11-12');
  await keep('9-details');
  await button(shot, 'Save').click();
  await shot.locator('.about', { hasText: '2025-11-12' }).waitFor();
  const sheets = () => stack.sql("SELECT snapshot_date::text AS day FROM analysis.sheet WHERE platform_source = 'arbus' AND jsonb_array_length(document->'rows') > 0");
  await until(() => sheets()[0]?.day === '2025-11-12', 10, 'the sheet of the other day');
});

test('a deletion is undone while there is time', async () => {
  const shot = picture('phone.png');
  await shot.locator('tbody tr').first().waitFor();
  await button(shot, 'Delete').click();
  await toast('is deleted');
  await until(() => stateOf('phone.png').deleted_at !== null, 5, 'the mark');
  await keep('10-deleted');
  await page.locator('#toast').getByRole('button', { name: 'Undo' }).click();
  await toast('It is back');
  await shot.and(page.locator('[data-state=completed], [data-state=needs_review]')).waitFor();
  assert.equal(stateOf('phone.png').deleted_at, null);
});

test('filters and search narrow the list, stand in the address, and go with the export', async () => {
  await page.locator('#filters [name=state]').selectOption('validated');
  await picture('phone.png').waitFor({ state: 'detached' });
  assert.equal(await page.locator('.shot').count(), 1);
  await page.reload();
  await picture('dark-desktop.png').waitFor();
  assert.equal(await page.locator('.shot').count(), 1);
  await page.getByRole('button', { name: 'Clear' }).click();
  await picture('phone.png').waitFor();
  await page.getByLabel('Search').fill('PHONE');
  await picture('dark-desktop.png').waitFor({ state: 'detached' });
  await page.getByLabel('Search').fill('nothing like it');
  await page.getByText('No picture fits').waitFor();
  await page.getByRole('button', { name: 'Clear' }).click();
  await picture('dark-desktop.png').waitFor();
  const csv = await page.evaluate(async () => (await fetch(document.getElementById('csv').href)).text());
  assert.ok(csv.includes('<b>Ada Moon</b>'), csv.slice(0, 400));
});

test('a picture is dropped and one is pasted; a campaign is archived and brought back', async () => {
  for (const [kind, name] of [['drop', 'dropped.png'], ['paste', 'pasted.png']]) await page.evaluate(([type, file, bytes]) => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(bytes)], file, { type: 'image/png' }));
    if (type === 'paste') document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
    else document.getElementById('drop').dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true }));
  }, [kind, name, [...png(80, 80)]]);
  await page.locator('.files li', { hasText: 'dropped.png' }).waitFor();
  await page.locator('.files li', { hasText: 'pasted.png' }).waitFor();
  await page.locator('#platform').selectOption(truth.form.platformSource);
  await page.locator('#campaign').selectOption({ label: truth.form.campaign });
  await page.getByRole('button', { name: 'Archive this campaign' }).click();
  await toast('is archived');
  assert.equal(stack.sql(`SELECT is_active FROM upload.campaigns WHERE title = '${truth.form.campaign}'`)[0].is_active, false);
  await page.locator('#toast').getByRole('button', { name: 'Undo' }).click();
  await until(() => stack.sql(`SELECT is_active FROM upload.campaigns WHERE title = '${truth.form.campaign}'`)[0].is_active, 5, 'the campaign');
});

test('the rows are there on a phone too, and the page does not scroll sideways', async () => {
  await page.setViewportSize({ width: 390, height: 800 });
  await page.reload();
  await picture('dark-desktop.png').locator('summary').first().click();
  await picture('dark-desktop.png').locator('tbody tr').first().waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), true, 'the page does not scroll sideways');
  await keep('11-phone', page, { fullPage: true });
});

test('the browser had nothing to complain about, the content policy included', () => assert.deepEqual(problems, []));
