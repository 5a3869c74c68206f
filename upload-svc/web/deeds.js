// What a person does with a picture: approve, reject, correct what it is for, delete and undo. Each gives the service's own sentence.
import { call } from '/api.js';
import { button, make, option, tell } from '/dom.js';

const root = (shot) => `/api/admin/snapshots/${shot.snapshot.id}`;
const fault = (body) => [...(body?.errors ?? [])].map((e) => e.message).join(' ') || body?.message || 'That did not work.';

// said: { action, edits, note } of proto/README.md; true when it was taken.
export async function review(shot, said, done) {
  const { ok, status, body } = await call('POST', `${root(shot)}/review`, said);
  tell(!ok ? fault(body) : status === 202 ? 'Kept; the analysis takes it up as soon as it answers.' : done);
  await shot.refresh();
  return ok;
}

function formOf(close, opener, label, className, fields, send) {
  const message = Object.assign(make('p', 'fault'), { hidden: true });
  message.setAttribute('role', 'alert');
  const form = make('form', 'deeds panel', ...fields, make('span', 'ends', make('button', className, label), button('Cancel', '', () => close(opener))), message);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const text = await send();
    message.textContent = text ?? '';
    message.hidden = !text;
  });
  return form;
}

const labelled = (text, field) => make('label', '', text, field);

export function rejection(shot, close) {
  const note = Object.assign(make('input'), { maxLength: 1000, placeholder: 'Say what is wrong with it' });
  return formOf(close, 'Reject', 'Reject', 'danger', [labelled('Why? (may stay empty)', note)], async () => {
    close('Reject');
    await review(shot, { action: 'reject', note: note.value.trim() }, 'Rejected: its rows are out of the table. An approval brings them back.');
  });
}
rejection.opener = 'Reject';

// Platform, day, campaign or handle were chosen wrongly: it moves to another set, and both are merged again.
export function correction(shot, close) {
  const { snapshot, about: { meta } } = shot;
  const profile = snapshot.snapshotType === 'yapper_profile';
  const platform = make('select', '', ...meta.platforms.map((p) => option(p.value, p.label)));
  const day = Object.assign(make('input'), { type: 'date', required: true, value: snapshot.snapshotDate });
  const campaign = make('select');
  const handle = Object.assign(make('input'), { value: snapshot.yapperTwitterHandle ?? '', spellcheck: false });
  const fill = async () => {
    const { body } = await call('GET', `/api/admin/snapshots/campaigns?platformSource=${encodeURIComponent(platform.value)}`);
    campaign.replaceChildren(option('', 'No campaign'), ...(body?.campaigns ?? []).map((c) => option(c.id, c.title)));
    if (snapshot.campaignId && platform.value === snapshot.platformSource && ![...campaign.options].some((o) => o.value === String(snapshot.campaignId)))
      campaign.append(option(snapshot.campaignId, `${snapshot.campaignTitle} (archived)`));
    campaign.value = platform.value === snapshot.platformSource ? String(snapshot.campaignId ?? '') : '';
  };
  platform.value = snapshot.platformSource;
  platform.addEventListener('change', fill);
  fill();
  const fields = [labelled('Platform', platform), labelled('Day', day), profile ? labelled('X handle', handle) : labelled('Campaign', campaign)];
  return formOf(close, correction.opener, 'Save', 'primary', fields, async () => {
    const said = { platformSource: platform.value, snapshotDate: day.value,
      ...(profile ? { yapperTwitterHandle: handle.value.trim() } : { campaignId: campaign.value === '' ? null : Number(campaign.value) }) };
    const { ok, body } = await call('PATCH', root(shot), said);
    if (!ok) return fault(body);
    tell(`${body.message}.`);
    close(correction.opener);
    return shot.refresh();
  });
}
correction.opener = 'Correct details';

async function undelete(shot) {
  const { ok, body } = await call('POST', `${root(shot)}/undelete`, {});
  tell(ok ? 'It is back.' : fault(body));
  await shot.refresh();
}

export const deletion = {
  async ask(shot) {
    const { ok, body } = await call('DELETE', root(shot));
    tell(ok ? `“${shot.snapshot.fileName}” is deleted.` : fault(body), ok && body.undoMs > 0 ? { label: 'Undo', act: () => undelete(shot) } : undefined, body?.undoMs || undefined);
    if (ok) setTimeout(() => shot.snapshot.state === 'deleted' && shot.remove(), body.undoMs + 500);
    await shot.refresh();
  },
  undo: (shot) => button('Undo deletion', '', () => undelete(shot)),
};
