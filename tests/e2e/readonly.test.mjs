// No byte of a picture is ever written to a disk by either service: both run where nothing at all can be written, and do the
// whole job there, a picture larger than any buffer included.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fields, file, picture, png, ROOT, up } from './kit.mjs';
import { model } from './model.mjs';

// A mount namespace of its own in which every mount is read-only; the same pid, so that local/down finds it.
const wrapper = (program, seen) => `#!/bin/bash
exec unshare ${process.getuid() === 0 ? '' : '--user --map-root-user'} --mount --propagation private bash -c '
  while read -r _ _ _ _ at _; do mount -o remount,bind,ro "$at" 2>/dev/null; done < /proc/self/mountinfo
  for at in / /tmp /dev/shm /var/tmp "$HOME"; do [ ! -d "$at" ] || ! touch "$at/.snapkey-probe" 2>/dev/null || { echo "$at can be written" >&2; exit 1; }; done
  exec -a "$0" "${program}" "$@"' "$0" "$@"
# ${seen}
`;
const can = spawnSync('unshare', [...(process.getuid() === 0 ? [] : ['--user', '--map-root-user']), '--mount', 'true']).status === 0;
let stack, provider, bin;
before(async () => {
  if (!can) return;
  bin = mkdtempSync(join(tmpdir(), 'snapkey-bin-'));
  for (const name of ['upload-svc', 'analysis-svc']) {
    writeFileSync(join(bin, name), wrapper(join(process.env.SNAPKEY_BIN ?? join(ROOT, 'build/gcc/bin'), name), name));
    chmodSync(join(bin, name), 0o755);
  }
  provider = await model();
  stack = await up({ ...provider.settings, SNAPKEY_BIN: bin }, 'postgres,s3,analysis,upload');
});
after(async () => {
  await stack?.down();
  await provider?.close();
  if (bin) rmSync(bin, { recursive: true, force: true });
});
const skip = can ? false : 'namespaces cannot be made here';

test('with nothing writable, small and large pictures are stored and analysed', { skip }, async () => {
  const big = file('big.png', png(320, 200, { bytes: 13 << 20 }), 'image/png');
  const sent = await stack.api.upload([picture('small.png'), big], fields());
  const done = await stack.api.settle(sent.snapshots.map((s) => s.id), { seconds: 60 });
  assert.deepEqual(done.map((d) => d.state), ['completed', 'completed'], JSON.stringify(done));
});

test('a picture that has to travel as bytes is not written either', { skip }, async () => {
  provider.script = ({ urls }) => (urls.some((u) => u.startsWith('http')) ? { status: 400,
    json: { error: { message: 'Error while downloading file. Upstream status code: 403.', type: 'invalid_request_error', param: 'url', code: 'invalid_value' } } } : undefined);
  const sent = await stack.api.upload([picture('bytes.png')], fields());
  const [done] = await stack.api.settle([sent.snapshots[0].id], { seconds: 60 });
  assert.equal(done.state, 'completed');
});

test('the services were really kept in: their root is read-only, and no file of theirs is open for writing', { skip }, async () => {
  for (const part of ['upload', 'analysis']) {
    const pid = stack.pid(part);
    const root = readFileSync(`/proc/${pid}/mountinfo`, 'utf8').split('\n').filter((l) => l.split(' ')[4] === '/').pop();
    assert.match(root.split(' ')[5], /^ro/);
    const writing = spawnSync('bash', ['-c', `for f in /proc/${pid}/fdinfo/*; do n=$(basename $f); m=$(sed -n 's/^flags:.*\\(.\\)$/\\1/p' $f);
      [ "$m" = 0 ] || [ "$n" -le 2 ] || readlink /proc/${pid}/fd/$n; done`], { encoding: 'utf8' }).stdout.split('\n').filter((l) => l.startsWith('/') && !l.startsWith('/dev/'));
    assert.deepEqual(writing, []);
    assert.ok(readlinkSync(`/proc/${pid}/exe`).endsWith(`${part}-svc`));
  }
});
