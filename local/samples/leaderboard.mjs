/*
 * leaderboard.mjs - the HTML of one invented leaderboard page.
 *
 * In:  a page description (see pages.mjs), a theme, rows from people.mjs.
 * Out: a whole HTML document without scripts or links; boxes that must not be cut bear data-cell.
 */
import { frame, escape, avatar } from './theme.mjs';

const LABELS = {
    snaps: 'Snaps', snaps_7d: '7D Snaps', mindshare: 'Mindshare', change: '24H Change',
    followers: 'Followers', smart_followers: 'Smart Followers',
};

const labelOf = (page, key) => page.labels?.[key] ?? LABELS[key];

function printRank(page, rank) {
    const medals = ['🥇', '🥈', '🥉'];
    if (page.rank === 'medals' && rank <= 3)
        return `<span class="medal">${medals[rank - 1]}</span>`;
    return page.rank === 'hash' ? `#${rank}` : String(rank);
}

const printHandle = (page, row) => `${page.at === false ? '' : '@'}${row.handle}`;

function printPill(page, row) {
    return page.pills && row.rank % 3 === 1 ? '<b class="pill">OG</b>' : '';
}

function person(page, row) {
    return `<div class="who" data-cell>${avatar(page, row)}<div class="both">
        <div class="name">${escape(row.display_name)}${printPill(page, row)}</div>
        <div class="handle">${escape(printHandle(page, row))}</div></div></div>`;
}

function splitPerson(page, row) {
    return `<div class="who" data-cell>${avatar(page, row)}
        <div class="name">${escape(row.display_name)}${printPill(page, row)}</div></div>
        <div class="handle cell left" data-cell>${escape(printHandle(page, row))}</div>`;
}

const tint = (row) => (row.values.change < 0 ? 'down' : 'up');

function figure(page, row, key, largest) {
    const share = Math.round((row.values[key] / largest[key]) * 100);
    const bar = page.bars?.includes(key)
        ? `<i class="bar" style="width:${share}%"></i>` : '';
    const kind = key === 'change' ? tint(row) : key;
    return `<div class="cell ${kind}" data-cell>${bar}<span>${row.text[key]}</span></div>`;
}

function table(page, rows) {
    const largest = Object.fromEntries(page.columns.map((key) =>
        [key, Math.max(...rows.map((row) => row.values[key]))]));
    const people = page.split ? ['Name', 'Handle'] : [page.labels?.name ?? 'Name'];
    const head = `<div class="row head"><div class="rank">${page.labels?.rank ?? '#'}</div>
        ${people.map((text) => `<div class="left">${text}</div>`).join('')}
        ${page.columns.map((key) => `<div>${labelOf(page, key)}</div>`).join('')}</div>`;
    const lines = rows.map((row) => `<div class="row"><div class="rank">${printRank(page, row.rank)}
        </div>${page.split ? splitPerson(page, row) : person(page, row)}
        ${page.columns.map((key) => figure(page, row, key, largest)).join('')}</div>`);
    return `<div class="table">${page.scrolled ? '' : head}${lines.join('')}</div>`;
}

function cards(page, rows) {
    const one = (row) => `<div class="card"><div class="top">
        <div class="rank">${printRank(page, row.rank)}</div>${person(page, row)}</div>
        <div class="stats">${page.columns.map((key) => `<div data-cell>
            <div class="label">${labelOf(page, key)}</div>
            <div class="value ${key === 'change' ? tint(row) : ''}">${row.text[key]}</div>
            </div>`).join('')}</div></div>`;
    return `<div class="cards">${rows.map(one).join('')}</div>`;
}

/* Two columns side by side: ranks 1..half on the left, the rest on the right. */
function twoColumns(page, rows) {
    const half = Math.ceil(rows.length / 2);
    const [left, right] = [rows.slice(0, half), rows.slice(half)];
    return `<div class="two">${table(page, left)}${table(page, right)}</div>`;
}

const LAYOUTS = { table, cards, two: twoColumns };

function tableCss(page) {
    const people = page.split ? '1.5fr 1.3fr' : '2.2fr';
    const widths = page.widths ?? `56px ${people} ${page.columns.map(() => '1fr').join(' ')}`;
    return `
    .table { background: var(--panel); border: 1px solid var(--line);
        border-radius: var(--round); overflow: hidden }
    .row { display: grid; grid-template-columns: ${widths}; align-items: center;
        column-gap: ${page.narrow ? 8 : 14}px; height: ${page.rowHeight ?? 56}px;
        padding: 0 ${page.narrow ? 10 : 20}px;
        border-top: 1px solid var(--line) }
    .row:first-child { border-top: 0 }
    .row > div { text-align: right; white-space: nowrap }
    .row > .left, .row > .who, .row > .rank { text-align: left }
    .head { height: ${page.headHeight ?? 42}px; color: var(--soft); font-size: 12px;
        ${page.upper ? 'text-transform: uppercase; letter-spacing: .05em;' : ''} font-weight: 600;
        background: var(--head) }
    ${page.scrolled ? '.table { border-radius: 0; border-width: 0 1px }' : ''}
    ${page.zebra ? '.row:nth-child(odd):not(.head) { background: var(--zebra) }' : ''}
    ${page.compact ? '.row { border-top: 0 }' : ''}`;
}

function cellCss(page) {
    return `
    .rank { color: var(--soft); font-weight: 600 }
    .medal { font-size: 1.35em }
    .who { display: flex; align-items: center; gap: ${page.narrow ? 8 : 12}px; overflow: hidden }
    .both { min-width: 0 }
    .name { font-weight: 600; line-height: 1.3 }
    .handle { color: var(--soft); font-size: .88em; line-height: 1.35 }
    .cell { position: relative; font-variant-numeric: tabular-nums; line-height: 1.5 }
    .cell.mindshare span { font-weight: 700; color: var(--accent) }
    .cell.handle { font-size: .95em }
    .up { color: var(--up) } .down { color: var(--down) }
    .bar { position: absolute; right: 0; top: -4px; bottom: -4px; border-radius: 5px;
        background: var(--bar) }
    .cell span { position: relative } .bar + span { padding-right: 8px }
    .pill { display: inline-block; margin-left: 8px; padding: 1px 8px; border-radius: 99px;
        font-size: .68em; vertical-align: 2px; color: var(--panel); background: var(--accent) }
    .cards { display: grid; gap: 12px; grid-template-columns: ${page.across ?? '1fr'} }
    .card { background: var(--panel); border: 1px solid var(--line); border-radius: var(--round);
        padding: 14px 16px }
    .card .top { display: flex; align-items: center; gap: 14px }
    .card .rank { font-size: 1.15em; min-width: 26px; color: var(--accent) }
    .stats { display: grid; grid-auto-flow: column; grid-auto-columns: 1fr; gap: 10px;
        margin-top: 12px; padding-top: 10px; border-top: 1px solid var(--line) }
    .stats > div { white-space: nowrap }
    .label { color: var(--soft); font-size: .78em }
    .value { font-weight: 700; margin-top: 2px; font-variant-numeric: tabular-nums }
    .value.up { color: var(--up) } .value.down { color: var(--down) }
    .two { display: grid; grid-template-columns: 1fr 1fr; gap: 18px }`;
}

export function leaderboardHtml(page, rows) {
    return frame(page, LAYOUTS[page.layout ?? 'table'](page, rows), tableCss(page) + cellCss(page));
}
