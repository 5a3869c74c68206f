/*
 * profile.mjs - the HTML of one invented profile page.
 *
 * In:  a page description (see pages.mjs) and a person from people.mjs.
 * Out: a whole HTML document; boxes that must not be cut bear data-cell.
 */
import { frame, escape, avatar } from './theme.mjs';

const CARDS = [['snaps_7d', '7D SNAPS'], ['snaps_30d', '30D SNAPS'], ['mindshare', 'MINDSHARE'],
    ['smart_followers', 'SMART FOLLOWERS'], ['smart_engagement', 'SMART ENGAGEMENT'],
    ['followers', 'FOLLOWERS']];

const stat = (person, [key, label]) => `<div class="stat" data-cell>
    <div class="label">${label}</div><div class="figure">${person.text[key]}</div></div>`;

const token = (text, mood) => `<div class="token ${mood.toLowerCase()}" data-cell><i></i>
    <b>${text}</b><span>${mood}</span></div>`;

function css(page) {
    return `
    .person { display: flex; align-items: center; gap: 20px; padding: 22px; margin-bottom: 16px }
    .box, .stat { background: var(--panel); border: 1px solid var(--line);
        border-radius: var(--round) }
    .person .name { font-size: 25px; font-weight: 700; line-height: 1.25 }
    .person .handle { font-size: 16px; color: var(--soft) }
    .badges { display: flex; flex-wrap: wrap; gap: 8px; margin-left: auto; max-width: 50% }
    .person.stacked { flex-wrap: wrap } .stacked .badges { margin-left: 0; max-width: 100% }
    .badge { border-radius: 99px; padding: 6px 14px; font-size: 12px; font-weight: 700;
        white-space: nowrap; color: var(--accent); border: 1px solid var(--accent) }
    .stats { display: grid; grid-template-columns: repeat(${page.across ?? 3}, 1fr); gap: 14px }
    .stat { padding: 18px 20px; white-space: nowrap }
    .label { color: var(--soft); font-size: 12px; font-weight: 600; letter-spacing: .04em }
    .figure { font-size: 27px; font-weight: 700; margin-top: 6px;
        font-variant-numeric: tabular-nums }
    h2 { font-size: 17px; margin: 24px 0 12px }
    .tokens { display: grid; grid-template-columns: repeat(${page.across ?? 3}, 1fr); gap: 10px }
    .token { display: flex; align-items: center; gap: 10px; padding: 12px 16px;
        white-space: nowrap; background: var(--panel); border: 1px solid var(--line);
        border-radius: var(--round) }
    .token i { width: 10px; height: 10px; border-radius: 50%; background: var(--up); flex: none }
    .token span { color: var(--up); font-weight: 600 }
    .bearish i { background: var(--down) } .bearish span { color: var(--down) }`;
}

export function profileHtml(page, person) {
    const badges = person.badges.map((text) => `<span class="badge">${escape(text)}</span>`);
    const tokens = [...person.bullish.map((text) => token(text, 'Bullish')),
        ...person.bearish.map((text) => token(text, 'Bearish'))];
    const content = `<div class="person box ${page.narrow ? 'stacked' : ''}">
        ${avatar(page, person, 72)}<div data-cell>
        <div class="name">${escape(person.display_name)}</div>
        <div class="handle">@${person.handle}</div></div>
        <div class="badges">${badges.join('')}</div></div>
        <div class="stats">${CARDS.map((card) => stat(person, card)).join('')}</div>
        <h2>Token sentiment</h2><div class="tokens">${tokens.join('')}</div>`;
    return frame(page, content, css(page));
}
