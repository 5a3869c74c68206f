// Small tools of the page: elements, words for values, a line that tells what happened. Everything of a user's or a model's is set as
// text, never as HTML.
export const $ = (id) => document.getElementById(id);
export const show = (element, on) => { element.hidden = !on; };
export const say = (element, text) => { element.textContent = text ?? ''; show(element, Boolean(text)); };

// make('p', 'hint', 'text', child, …): an element with its class and what it holds; null is left out.
export function make(tag, className, ...inside) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...inside.filter((part) => part !== null && part !== undefined));
  return element;
}

export const option = (value, label) => Object.assign(make('option', '', label), { value });

export function button(label, className, act) {
  const element = Object.assign(make('button', className, label), { type: 'button' });
  element.addEventListener('click', act);
  return element;
}

export const size = (n) => (n >= 1048576 ? `${Number((n / 1048576).toFixed(1))} MiB` : `${Math.max(1, Math.round(n / 1024))} KiB`);
export const plural = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;
export const percent = (share) => `${Math.round(share * 100)} %`;
export const moment = (iso) => new Date(iso).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

// "smart_followers" -> "Smart followers", "mindshare_percent_ytd" -> "Mindshare % YTD". A few read better by other words.
const WORDS = { display_name: 'Name', twitter_handle: 'Handle', mindshare_change: 'Change %', snaps_24h: 'Snaps 24h',
  snaps_7d: 'Snaps 7d', totals_fall: 'Totals fall with rank', rank_sequence: 'Ranks in order', columns: 'Column headings', timeframe: 'Period',
  platform: 'Platform', handle: 'Handle', agreement: 'Overlapping pictures agree',
  day_before: 'Follows from the day before' };
// Ours by the words people use, those of a dropped-in folder by its name; 24H is 24 hours.
export const typeName = (type) => ({ leaderboard: 'Leaderboard', yapper_profile: 'One person\'s profile' })[type] ?? title(type);
export const period = (code) => {
  const [, n, unit] = /^(\d+)([HDWM])$/.exec(code) ?? [];
  return unit ? plural(Number(n), { H: 'hour', D: 'day', W: 'week', M: 'month' }[unit]) : code;
};
export const title = (name) => WORDS[name] ?? name.replaceAll('_', ' ').replace(/\bpercent\b/, '%').replace(/\bytd\b/, 'YTD').replace(/^./, (c) => c.toUpperCase());

// What happened last, for eyes and for screen readers; one deed may be offered with it (undo).
let timer;
export function tell(text, deed, ms = 6000) {
  const toast = $('toast');
  clearTimeout(timer);
  toast.replaceChildren(make('span', '', text));
  if (deed) toast.append(button(deed.label, '', () => {
    show(toast, false);
    deed.act();
  }));
  show(toast, true);
  timer = setTimeout(() => show(toast, false), ms);
}
