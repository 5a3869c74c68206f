// One picture of the list: its state in the summary; inside, the picture and its rows side by side and what may be done with it.
import { readingOf } from '/about.js';
import { call } from '/api.js';
import { correction, deletion, rejection, review } from '/deeds.js';
import { button, make, moment, percent, tell } from '/dom.js';
import { gridOf } from '/grid.js';

const IN_WORK = new Set(['pending', 'processing']);
const address = (id) => `/api/admin/snapshots/${id}/image`;

function summary(shot) {
  const { snapshot } = shot;
  const image = shot.thumb ??= Object.assign(make('img'), { alt: '', loading: 'lazy', src: address(snapshot.id) });
  image.hidden = Boolean(snapshot.imageGone);
  const parts = [snapshot.platformSource, snapshot.campaignTitle ?? (snapshot.yapperTwitterHandle && `@${snapshot.yapperTwitterHandle}`), snapshot.snapshotDate];
  const confidence = snapshot.confidenceScore === null ? null : make('span', 'sure', percent(snapshot.confidenceScore));
  if (confidence) confidence.title = 'Confidence in what was read';
  return make('summary', '', make('span', 'thumb', image),
    make('span', 'text', make('span', 'name', snapshot.fileName), make('span', 'about', parts.filter(Boolean).join(' · '))),
    confidence ?? make('span'), make('span', `pill ${snapshot.state}`, snapshot.statusDisplay));
}

// --- the picture --------------------------------------------------------------------------------
function pictureOf(shot) {
  const { snapshot } = shot;
  const figure = make('figure', 'picture');
  const ids = snapshot.sheet?.snapshotIds ?? [snapshot.id];
  if (snapshot.imageGone && ids.length < 2) return make('p', 'hint', 'The picture itself is no longer kept; what was read of it stays.');
  const whole = shot.whole ??= make('img');
  const frame = button('', 'whole', () => frame.setAttribute('aria-pressed', String(shot.big = !shot.big)));
  frame.append(whole);
  frame.setAttribute('aria-pressed', String(Boolean(shot.big)));
  frame.dataset.focus = 'picture';
  const link = Object.assign(make('a', '', 'Open it in full size'), { target: '_blank', rel: 'noopener' });
  const tabs = make('div', 'tabs');
  shot.look = (id) => {
    shot.picture = ids.includes(id) ? id : snapshot.id;
    if (whole.dataset.id !== String(shot.picture)) whole.src = address(shot.picture);
    whole.dataset.id = shot.picture;
    whole.alt = shot.picture === snapshot.id ? `Screenshot ${snapshot.fileName}` : `Screenshot number ${shot.picture} of the same set`;
    link.href = address(shot.picture);
    frame.setAttribute('aria-label', `Look nearer: ${whole.alt}`);
    for (const tab of tabs.children) tab.setAttribute('aria-pressed', String(Number(tab.dataset.id) === shot.picture));
  };
  if (ids.length > 1) {
    tabs.append(...ids.map((id, i) => Object.assign(button(`Picture ${i + 1}`, 'quiet', () => shot.look(id)), { title: `Number ${id}` })));
    ids.forEach((id, i) => { tabs.children[i].dataset.id = id; });
    figure.append(tabs);
  }
  figure.append(frame, make('figcaption', '', 'Click to look nearer. ', link));
  shot.look(shot.picture);
  return figure;
}

// --- what may be done ---------------------------------------------------------------------------
function deedsOf(shot) {
  const { snapshot, about: { may } } = shot;
  const bar = make('div', 'deeds');
  const add = (label, className, act) => {
    const one = button(label, className, act);
    one.dataset.focus = label;
    bar.append(one);
  };
  const read = snapshot.document !== null && !IN_WORK.has(snapshot.state);
  if (!may.upload || snapshot.state === 'deleted') return snapshot.state === 'deleted' && may.admin ? make('div', 'deeds', deletion.undo(shot)) : bar;
  if (read && snapshot.state !== 'validated') add('Approve', 'primary', () => review(shot, { action: 'approve' }, 'Approved'));
  if (read && snapshot.failCode !== 'review_rejected') add('Reject', '', () => panel(shot, rejection));
  if (!IN_WORK.has(snapshot.state) && !snapshot.imageGone) add('Read again', '', () => again(shot));
  add('Correct details', '', () => panel(shot, correction));
  if (may.admin) add('Delete', 'danger', () => deletion.ask(shot));
  return bar;
}

async function again(shot) {
  const { ok, body } = await call('POST', `/api/admin/snapshots/${shot.snapshot.id}/retry`, {});
  tell(ok ? 'It is read once more; corrections stay.' : body?.message ?? 'That did not work.');
  shot.refresh();
}

// A small form in the place of the buttons; while it is open nothing is drawn anew.
function panel(shot, form) {
  const bar = shot.element.querySelector('.deeds');
  shot.busy = true;
  const close = (focus) => {
    shot.busy = false;
    drawShot(shot, shot.next ?? shot.snapshot);
    shot.element.querySelector(`[data-focus="${focus}"]`)?.focus();
  };
  const element = form(shot, close);
  element.addEventListener('keydown', (event) => event.key === 'Escape' && close(form.opener));
  bar.replaceWith(element);
  element.querySelector('input, select, textarea').focus();
}

// --- all of it ----------------------------------------------------------------------------------
const LOOK = 'Not sure enough to be taken without a look: compare the marked cells with the picture, then approve or reject.';
const WAITS = { pending: 'Waiting for its turn. The rows appear here as soon as the picture has been read.', processing: 'Being read now. The rows appear here as soon as they are there.',
  deleted: 'Deleted. For a short while an admin can bring it back.' };

function why(snapshot) {
  const text = WAITS[snapshot.state] ?? (snapshot.errorLog || (snapshot.state === 'needs_review' ? LOOK : ''));
  if (text) return make('p', `why ${snapshot.state}`, text);
  const last = (snapshot.reviews ?? []).find((r) => r.action === 'approve');
  return snapshot.state === 'validated' && last ? make('p', 'why validated', `Approved by ${last.by} on ${moment(last.at)}.`) : null;
}

function inside(shot) {
  const { snapshot } = shot;
  const rows = (snapshot.sheet ?? snapshot.document)?.rows ?? [];
  if (snapshot.state === 'deleted') return make('div', 'inside', why(snapshot), deedsOf(shot));
  const right = make('div', 'rows');
  if (rows.length > 0) right.append(...gridOf(shot, !IN_WORK.has(snapshot.state) && shot.about.may.upload));
  else if (!WAITS[snapshot.state]) right.append(make('p', 'hint', 'There are no rows of this picture.'));
  right.append(readingOf(shot));
  return make('div', 'inside', why(snapshot), deedsOf(shot), make('div', 'pair', pictureOf(shot), right));
}

// Where the keyboard was and how far the table was scrolled, kept over a drawing anew.
function keeping(element, draw) {
  const focus = element.contains(document.activeElement) ? document.activeElement.dataset?.focus ?? (document.activeElement.tagName === 'SUMMARY' ? 'summary' : null) : null;
  const left = element.querySelector('.scroll')?.scrollLeft ?? 0;
  const top = element.querySelector('.scroll')?.scrollTop ?? 0;
  draw();
  const scroll = element.querySelector('.scroll');
  if (scroll) [scroll.scrollLeft, scroll.scrollTop] = [left, top];
  if (focus === 'summary') element.querySelector('summary').focus();
  else if (focus) element.querySelector(`[data-focus="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
}

export function drawShot(shot, snapshot) {
  shot.next = snapshot;
  if (shot.busy) return;
  shot.snapshot = snapshot;
  shot.element.dataset.id = snapshot.id;
  shot.element.dataset.state = snapshot.state;
  const whole = snapshot.attempts !== undefined; // the list knows little of each
  keeping(shot.element, () => {
    const was = shot.element.querySelector('.inside');
    shot.element.replaceChildren(summary(shot), ...(whole ? [inside(shot)] : was ? [was] : [make('p', 'hint inside', 'One moment …')]));
  });
}
