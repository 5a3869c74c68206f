// The page: sign in, upload pictures, watch them become rows, review them. No framework and no build step: each file is one matter.
import { call, follow, listen } from '/api.js';
import { $, say, show } from '/dom.js';
import { openForm } from '/form.js';
import { changed, clearHistory, openHistory, reload } from '/history.js';

const RANK = { viewer: 0, uploader: 1, admin: 2 };
let stop = null;

// What this person may do: the service refuses the rest, the page does not even offer it.
const rights = (role) => ({ upload: RANK[role] >= RANK.uploader, admin: RANK[role] >= RANK.admin });

async function enter() {
  const session = await call('GET', '/api/session');
  if (!session.ok) return gate(session.status === 401 ? '' : session.body?.message);
  const may = rights(session.body.role);
  const [meta, campaigns] = await Promise.all([call('GET', '/api/meta'), call('GET', '/api/admin/snapshots/campaigns')]);
  if (!meta.ok || !campaigns.ok) return gate((meta.ok ? campaigns : meta).body?.message);
  for (const id of ['recent', 'leave', 'who']) show($(id), true);
  show($('upload'), may.upload);
  show($('gate'), false);
  $('who').textContent = [session.body.name, session.body.role].filter(Boolean).join(' · ');
  const about = { meta: meta.body, may };
  if (may.upload) await openForm(about);
  await openHistory(about, campaigns.body.campaigns);
  stop?.();
  stop = follow({ changed, missed: reload, live: (on) => show($('live'), on) });
  return undefined;
}

function gate(fault) {
  stop?.();
  stop = null;
  clearHistory();
  for (const id of ['upload', 'recent', 'leave', 'live', 'who']) show($(id), false);
  show($('gate'), true);
  say($('gate-fault'), fault);
  $('token').focus();
}

$('gate-form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const answer = await call('POST', '/api/session', { token: $('token').value.trim() });
  if (!answer.ok) return gate(answer.body?.message ?? 'This token is not known here.');
  $('token').value = '';
  return enter();
});
$('leave').addEventListener('click', async () => {
  await call('DELETE', '/api/session');
  gate();
});
listen((text) => say($('waiting'), text), () => $('gate').hidden && gate('The session is over; sign in again.'));
enter();
