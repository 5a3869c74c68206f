/*
 * fresh.mjs - layouts that no reader is tuned on: other fonts, spacing, colours and words than
 * those of pages.mjs (which says what the entries mean). `look` overrides a theme's colours and
 * font. When a reader was tuned on one of these it belongs there, and a new one here.
 */

const SERIF = '"Nimbus Roman", "Liberation Serif", serif';
const BOOK = '"C059", "Liberation Serif", serif';
const NARROW = '"Nimbus Sans Narrow", "Liberation Sans Narrow", sans-serif';
const GOTHIC = '"URW Gothic", "DejaVu Sans", sans-serif';
const DEJAVU_SERIF = '"DejaVu Serif", serif';

const board = (name, more) => ({ name, kind: 'leaderboard', date: '2025-11-17', scale: 1.5,
    width: 1080, count: 12, format: 'png', platform: 'yap.market', theme: 'light',
    columns: ['mindshare', 'change', 'snaps'], ...more });

export const FRESH = [
    board('serif', { look: { font: SERIF }, size: 17, number: 'comma', rowHeight: 52,
        labels: { name: 'Account', rank: 'Pos', snaps: 'Total Yaps' },
        columns: ['snaps', 'mindshare', 'followers'] }),
    board('book-grid', { layout: 'two', width: 1500, count: 14, theme: 'midnight', rank: 'hash',
        look: { font: BOOK, back: '#06251c', panel: '#0a3327', head: '#082b21', line: '#14503d' },
        columns: ['mindshare', 'snaps'], widths: '44px 1.6fr 100px 110px', platform: 'arbus' }),
    board('narrow-jpeg', { look: { font: NARROW }, compact: true, rowHeight: 34, split: true,
        avatar: 0, count: 18, number: 'comma', format: 'jpeg', quality: 62, width: 980,
        platform: 'bantr', columns: ['snaps', 'snaps_7d', 'mindshare'],
        labels: { snaps_7d: 'Snaps 7D' } }),
    board('gothic-bars', { theme: 'amber', look: { font: GOTHIC, bar: '#5c2a1e' }, width: 1240,
        bars: ['snaps', 'mindshare'], number: 'k1', columns: ['snaps', 'mindshare', 'change'],
        labels: { change: 'Δ 24h' }, platform: 'amplifi.now' }),
    board('serif-cards', { layout: 'cards', across: '1fr 1fr', theme: 'purple', scale: 1.25,
        look: { font: DEJAVU_SERIF, accent: '#ffd166' }, format: 'jpeg', quality: 70, width: 1000,
        count: 10, columns: ['mindshare', 'change', 'followers'], platform: 'cookie.fun' }),
    board('badges', { theme: 'rose', look: { font: GOTHIC }, pills: true, initials: true,
        at: false, size: 14, width: 1180, zebra: true, platform: 'trendsage.xyz',
        columns: ['snaps', 'change', 'smart_followers'], change: 'arrow',
        labels: { name: 'Snapper', smart_followers: 'Smart followers' } }),
    { name: 'serif-profile', kind: 'profile', date: '2025-11-17', scale: 1.25, width: 900,
        format: 'jpeg', quality: 75, platform: 'yap.market', theme: 'midnight', across: 2,
        look: { font: DEJAVU_SERIF } },
];
