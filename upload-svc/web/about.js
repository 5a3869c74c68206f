// How sure the system is of a picture and why, what reading it took, and who said what of it.
import { make, moment, percent, plural, title } from '/dom.js';

const money = (micro) => (micro === null || micro === undefined ? 'unknown' : micro === 0 ? 'free' : `$${(micro / 1e6).toFixed(micro < 10000 ? 5 : 3)}`);
const list = (className, items) => make('ul', className, ...items.map((i) => make('li', i.className ?? '', i.text)));

// Every check that was made, the ones that cost confidence with their words; then what was noted of single rows.
function reasons(sheet) {
  const checks = (sheet.checks ?? []).map((c) => ({ className: c.ok ? 'good' : 'bad',
    text: `${title(c.name)}: ${c.ok ? c.note || 'fits' : c.note || 'does not fit'}${c.loss ? ` (−${percent(c.loss)})` : ''}` }));
  const notes = (sheet.notes ?? []).map((text) => ({ text }));
  const rows = (sheet.rows ?? []).filter((r) => r.notes?.length || r.doubtful?.length).map((r) => ({ className: 'doubt',
    text: `${r.key}: ${[...(r.notes ?? []), ...(r.doubtful?.length ? [`${r.notes?.length ? 'doubtful' : 'not sure of'}: ${r.doubtful.map(title).join(', ')}`] : [])].join('; ')}` }));
  return [...checks, ...notes, ...rows];
}

function attempts(snapshot) {
  const line = (a) => {
    const took = a.finishedAt ? `${((Date.parse(a.finishedAt) - Date.parse(a.startedAt)) / 1000).toFixed(1)} s` : 'running';
    const tokens = a.inputTokens === null ? '' : `${a.inputTokens} + ${a.outputTokens} tokens`;
    return { text: [moment(a.startedAt), `${a.provider} ${a.model}`, a.class, a.httpStatus && `HTTP ${a.httpStatus}`, took, tokens, money(a.costMicroUsd), a.message].filter(Boolean).join(' · ') };
  };
  return (snapshot.attempts ?? []).map(line);
}

const WORDS = { approve: 'approved', reject: 'rejected', edit: 'corrected' };
function reviews(snapshot) {
  const edits = (r) => (r.edits ?? []).map((e) => `${title(e.field)} of ${e.rowKey}: ${e.value === null ? 'withdrawn' : `“${e.value}”`}`).join(', ');
  return (snapshot.reviews ?? []).map((r) => ({ text: [moment(r.at), `${r.by} ${WORDS[r.action] ?? r.action} it`, edits(r), r.note].filter(Boolean).join(' · ') }));
}

// Folded, and it stays as the person left it.
function fold(shot, name, head, items) {
  if (items.length === 0) return null;
  const element = make('details', 'fold', make('summary', '', head), list('', items));
  shot.unfolded ??= new Set();
  element.open = shot.unfolded.has(name);
  element.addEventListener('toggle', (event) => {
    event.stopPropagation();
    shot.unfolded[element.open ? 'add' : 'delete'](name);
  });
  return element;
}

export function readingOf(shot) {
  const { snapshot } = shot;
  const sheet = snapshot.sheet ?? snapshot.document;
  const bad = (sheet?.checks ?? []).filter((c) => !c.ok).length;
  const doubtful = (sheet?.rows ?? []).reduce((n, r) => n + (r.doubtful?.length ?? 0), 0);
  const state = [bad > 0 && plural(bad, 'check failed', 'checks failed'), doubtful > 0 && plural(doubtful, 'doubtful cell'), bad + doubtful === 0 && 'nothing doubtful'];
  const sure = sheet && snapshot.confidenceScore !== null && `Confidence ${percent(snapshot.confidenceScore)}: ${state.filter(Boolean).join(', ')}`;
  const calls = attempts(snapshot);
  const said = reviews(snapshot);
  return make('div', 'reading', sure ? fold(shot, 'sure', sure, reasons(sheet)) : null,
    fold(shot, 'calls', `${plural(calls.length, 'call', 'calls')} to a model, ${money(snapshot.costMicroUsd)}`, calls),
    fold(shot, 'reviews', `${plural(said.length, 'review')}`, said),
    make('p', 'facts', `Number ${snapshot.id} · ${snapshot.width} × ${snapshot.height} · uploaded by ${snapshot.uploadedBy || 'somebody'} on ${moment(snapshot.uploadedAt)}`));
}
