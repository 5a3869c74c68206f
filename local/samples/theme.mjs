/*
 * theme.mjs - what all invented product pages share: colours, the bar on top, the heading.
 *
 * In:  a page description (see pages.mjs) and the HTML of its content.
 * Out: a whole HTML document. A page with `scrolled` has neither bar nor heading, like a
 *      screenshot taken further down.
 */

const INTER = '"Inter", "Liberation Sans", sans-serif';
const ROBOTO = '"Roboto", "Liberation Sans", sans-serif';
const LIBERATION = '"Liberation Sans", sans-serif';
const DEJAVU = '"DejaVu Sans", sans-serif';
const MONO = '"JetBrains Mono", "DejaVu Sans Mono", monospace';

const THEMES = {
    dark: {
        back: '#0d0f14', panel: '#151922', head: '#11141b', zebra: '#181d27', line: '#242a36',
        ink: '#f2f4f8', soft: '#8d97a8', accent: '#2dd4bf', bar: '#17433f', font: INTER,
    },
    light: {
        back: '#f5f7fa', panel: '#ffffff', head: '#f0f3f7', zebra: '#f7f9fb', line: '#e3e8ef',
        ink: '#111827', soft: '#667085', accent: '#2563eb', bar: '#dbe7ff', font: ROBOTO,
        up: '#0a8f4d', down: '#d92d3a',
    },
    purple: {
        back: '#170b2e', panel: '#22123f', head: '#1d0f37', zebra: '#281647', line: '#3a2360',
        ink: '#f6f0ff', soft: '#b09fd0', accent: '#d8a6ff', bar: '#432272', font: INTER,
    },
    neon: {
        back: '#020403', panel: '#070d0a', head: '#0a130e', zebra: '#0b1610', line: '#12402a',
        ink: '#d9ffe9', soft: '#6fae8c', accent: '#39ff88', bar: '#0d4a2b', font: DEJAVU,
        up: '#39ff88', down: '#ff4d9d',
    },
    paper: {
        back: '#faf6ee', panel: '#fffdf8', head: '#f3ecdd', zebra: '#f8f2e6', line: '#e8dfcc',
        ink: '#2b2418', soft: '#85775c', accent: '#b4530a', bar: '#fbe3c5', font: LIBERATION,
        up: '#2f7d32', down: '#c0392b', round: '4px',
    },
    midnight: {
        back: '#0a1428', panel: '#101d38', head: '#0d1830', zebra: '#132243', line: '#1f315a',
        ink: '#eaf1ff', soft: '#8fa5cf', accent: '#6cb6ff', bar: '#1a3c6e', font: ROBOTO,
    },
    amber: {
        back: '#14100a', panel: '#1e180f', head: '#19130c', zebra: '#231c12', line: '#3a2e1b',
        ink: '#fff4df', soft: '#b39f7c', accent: '#ffb627', bar: '#4d3a10', font: DEJAVU,
    },
    terminal: {
        back: '#101010', panel: '#101010', head: '#1c1c1c', zebra: '#161616', line: '#2a2a2a',
        ink: '#e4e4e4', soft: '#9a9a9a', accent: '#ffd75f', bar: '#3a3a20', font: MONO,
        round: '0',
    },
    rose: {
        back: '#fff5f7', panel: '#ffffff', head: '#ffeef2', zebra: '#fff7f9', line: '#f6d9e1',
        ink: '#2a1620', soft: '#8f6a78', accent: '#c2185b', bar: '#fbd5e1', font: INTER,
        up: '#15803d', down: '#b91c1c', round: '18px',
    },
};

const SHARED = { up: '#34d399', down: '#fb7185', round: '12px' };

export const escape = (text) => String(text).replace(/[&<>"]/g,
    (letter) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[letter]);

/* A small round picture: two hues and a soft shape, or the first letter on pages that do so. */
export function avatar(page, row, size = page.avatar ?? 34) {
    if (size === 0)
        return '';
    const [one, two] = [row.hue, (row.hue + 70) % 360];
    const box = `width:${size}px;height:${size}px;flex:none;border-radius:50%`;
    if (page.initials)
        return `<div style="${box};background:hsl(${one} 55% 45%);color:#fff;font-weight:600;
            display:grid;place-items:center;font-size:${size * 0.45}px">${row.handle
    .replace(/[^A-Za-z]/g, '')[0].toUpperCase()}</div>`;
    return `<svg viewBox="0 0 40 40" style="${box}"><rect width="40" height="40"
        fill="hsl(${one} 62% 48%)"/><circle cx="${12 + (one % 16)}" cy="15" r="8"
        fill="hsl(${two} 80% 78%)"/><ellipse cx="20" cy="38" rx="15" ry="11"
        fill="hsl(${two} 60% 32%)"/></svg>`;
}

function bar(page) {
    const places = ['Campaigns', 'Rewards'].map((text) => `<span>${text}</span>`).join('');
    const links = page.narrow ? ''
        : `<nav><span class="here">Leaderboard</span>${places}</nav>`;
    return `<header><svg viewBox="0 0 24 24" class="logo"><circle cx="12" cy="12" r="11"
        fill="var(--accent)"/><path d="M7 16l3.2-5 3 3L17 8" fill="none" stroke="var(--back)"
        stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"/></svg>
        <b class="brand">${page.platform}</b>${links}
        ${page.narrow ? '' : '<span class="button">Connect wallet</span>'}</header>`;
}

/* Pages with tabs show the other periods too; the chosen one is filled. */
function period(page) {
    const shown = page.tabs ? ['24H', '7D', '30D'] : [page.timeframe];
    return `<div class="tabs">${shown.map((text) =>
        `<span class="${text === page.timeframe ? 'chosen' : ''}">${text}</span>`).join('')}</div>`;
}

function heading(page) {
    const below = page.kind === 'profile' ? 'Yapper profile' : 'Top voices of the campaign';
    return `<section><div><h1>${escape(page.title)}</h1>
        <p>${escape(page.subtitle ?? below)}</p></div>${period(page)}</section>`;
}

function css(page) {
    const theme = { ...SHARED, ...THEMES[page.theme], ...page.look };
    const vars = Object.entries(theme).map(([key, value]) => `--${key}: ${value}`).join('; ');
    const side = page.narrow ? 12 : 32;
    return `:root { ${vars} }
    * { box-sizing: border-box; margin: 0 }
    body { background: var(--back); color: var(--ink); font: ${page.size ?? 15}px/1.4 var(--font);
        padding: 0 ${side}px ${page.scrolled ? 0 : 28}px; -webkit-font-smoothing: antialiased }
    header { display: flex; align-items: center; gap: 10px; height: 60px; margin: 0 -${side}px;
        padding: 0 ${side}px; border-bottom: 1px solid var(--line) }
    .logo { width: 24px; height: 24px }
    .brand { font-size: 17px }
    nav { display: flex; gap: 24px; margin-left: 28px; color: var(--soft); font-size: 14px }
    .here { color: var(--ink); font-weight: 600 }
    .button { margin-left: auto; border: 1px solid var(--accent); color: var(--accent);
        border-radius: 99px; padding: 6px 16px; font-size: 13px; font-weight: 600 }
    section { display: flex; align-items: flex-end; justify-content: space-between; gap: 16px;
        margin: ${page.narrow ? '20px 0 16px' : '28px 0 20px'} }
    h1 { font-size: ${page.narrow ? 21 : 27}px; line-height: 1.2; letter-spacing: -.01em }
    section p { color: var(--soft); font-size: 14px; margin-top: 4px }
    .tabs { display: flex; gap: 4px; font-size: 13px; font-weight: 700 }
    .tabs span { padding: 6px 13px; border-radius: 8px; color: var(--soft) }
    .tabs .chosen { background: var(--accent); color: var(--panel) }`;
}

export function frame(page, content, moreCss) {
    const above = page.scrolled ? '' : bar(page) + heading(page);
    return `<!doctype html><html lang="en"><meta charset="utf-8"><style>${css(page)}${moreCss}
        </style><body>${above}${content}</body></html>`;
}
