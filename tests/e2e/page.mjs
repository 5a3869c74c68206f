// What the tests that drive the page share: one headless Chromium, pages whose complaints are kept, signing in.
import { chromium } from 'playwright-core';
import { judged } from './kit.mjs';

export const openBrowser = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: [...(process.getuid() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu', '--disable-dev-shm-usage', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'] });

// Errors of a page and of its console are pushed to problems; answers that a test asks for are none.
export function watch(page, problems) {
  page.on('response', judged); // held against proto/openapi.yaml like those that a test fetches itself
  page.on('pageerror', (e) => problems.push(e.message));
  page.on('console', (m) => m.type() === 'error' && !/status of (4\d\d|503)/.test(m.text()) && problems.push(m.text()));
  page.setDefaultTimeout(15000);
  return page;
}

export async function signIn(page, url, token) {
  await page.goto(url);
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Pictures' }).waitFor();
}
