/*
 * pages.mjs - the list of pages: which picture shows what, how large, in which clothes.
 *
 * COMMITTED are the pictures that lie in this folder. MORE are further layouts, rendered on
 * demand, for whoever tunes or judges a reader. Widths are CSS pixels, `scale` is the device's
 * pixel ratio, `rows` is [first, last] of the leaderboard (default [1, count]), `columns` are in
 * truth words, `size` is the body font in CSS pixels, `shrink` resamples the finished picture.
 */

const ALL = ['snaps', 'snaps_7d', 'mindshare', 'change', 'followers', 'smart_followers'];

/* One leaderboard of 24 rows in three screenshots; the later two were taken further down. */
const LONG = {
    kind: 'leaderboard', set: 'long', platform: 'yap.market', date: '2025-11-14',
    theme: 'midnight', width: 1180, scale: 1.5, count: 24,
    columns: ['mindshare', 'change', 'snaps'], number: 'comma', rank: 'plain', rowHeight: 58,
    format: 'png', subtitle: 'All yappers, ranked',
};

export const COMMITTED = [
    { name: 'dark-desktop', kind: 'leaderboard', platform: 'cookie.fun', date: '2025-11-10',
        theme: 'dark', width: 1280, scale: 1, count: 12, upper: true, number: 'k2',
        columns: ['mindshare', 'change', 'snaps', 'smart_followers'], format: 'png' },
    { name: 'light-split', kind: 'leaderboard', platform: 'yaps.kaito.ai', date: '2025-11-11',
        theme: 'light', width: 1240, scale: 1.5, count: 10, split: true, avatar: 28,
        columns: ['mindshare', 'change', 'followers', 'smart_followers'], change: 'arrow',
        format: 'png' },
    { name: 'purple-retina', kind: 'leaderboard', platform: 'bantr', date: '2025-11-12',
        theme: 'purple', width: 1120, scale: 2, count: 10, number: 'comma', rank: 'hash',
        columns: ['snaps', 'snaps_7d', 'followers'], rowHeight: 62, avatar: 36,
        format: 'png' },
    { name: 'neon-jpeg', kind: 'leaderboard', platform: 'amplifi.now', date: '2025-11-12',
        theme: 'neon', width: 1080, scale: 1.25, count: 15, number: 'k1', upper: true,
        columns: ['mindshare', 'snaps', 'snaps_7d'], format: 'jpeg', quality: 88 },
    { name: 'phone', kind: 'leaderboard', platform: 'arbus', date: '2025-11-13', theme: 'amber',
        width: 412, scale: 2, count: 9, narrow: true, columns: ['mindshare', 'change'],
        change: 'minus', widths: '16px 1fr 60px 64px', labels: { change: '24H' }, avatar: 28,
        size: 13, format: 'png' },
    { name: 'paper-all-columns', kind: 'leaderboard', platform: 'trendsage.xyz', date: '2025-11-13',
        theme: 'paper', width: 1440, scale: 1, count: 14, zebra: true, number: 'comma',
        columns: ALL, format: 'webp', quality: 92, widths: '40px 2fr repeat(6, 1fr)' },
    { ...LONG, name: 'long-1', rows: [1, 10] },
    { ...LONG, name: 'long-2', rows: [8, 17], scrolled: true },
    { ...LONG, name: 'long-3', rows: [15, 24], scrolled: true },
    { name: 'profile-dark', kind: 'profile', platform: 'cookie.fun', date: '2025-11-14',
        theme: 'dark', width: 1120, scale: 1, format: 'png' },
    { name: 'profile-light', kind: 'profile', platform: 'trendsage.xyz', date: '2025-11-15',
        theme: 'light', width: 1000, scale: 1.5, number: 'k1', followers: 'comma', format: 'png' },
];

const board = (name, more) => ({ name, kind: 'leaderboard', date: '2025-11-16', scale: 1.5,
    width: 1100, count: 12, format: 'png', platform: 'cookie.fun', theme: 'dark',
    columns: ['mindshare', 'change', 'snaps'], ...more });

const profile = (name, more) => ({ name, kind: 'profile', date: '2025-11-16', scale: 1.5,
    width: 1000, format: 'png', platform: 'cookie.fun', theme: 'dark', ...more });

const PHONE = { width: 400, scale: 2.5, narrow: true, count: 8, size: 13, avatar: 28 };

export const MORE = [
    board('cards-phone', { ...PHONE, layout: 'cards', theme: 'purple', platform: 'bantr' }),
    board('cards-grid', { layout: 'cards', across: '1fr 1fr 1fr', theme: 'rose', width: 1280,
        columns: ['mindshare', 'snaps', 'followers'] }),
    board('table-phone', { ...PHONE, theme: 'light', platform: 'arbus',
        columns: ['snaps', 'change'], widths: '16px 1fr 58px 60px', labels: { change: 'Change' } }),
    board('zebra-light', { theme: 'light', zebra: true, number: 'comma', platform: 'yap.market',
        labels: { name: 'Yapper', snaps: 'Total Snaps', rank: 'Rank' },
        columns: ['snaps', 'mindshare', 'followers', 'smart_followers'], width: 1240 }),
    board('compact-mono', { theme: 'terminal', compact: true, rowHeight: 30, split: true, avatar: 0,
        size: 14, count: 20, number: 'comma', platform: 'bantr', columns: ['snaps', 'snaps_7d',
            'mindshare'], scale: 1, width: 1160 }),
    board('no-at', { at: false, theme: 'midnight', platform: 'yaps.kaito.ai' }),
    board('no-at-split', { at: false, split: true, theme: 'paper', avatar: 26, width: 1200,
        platform: 'trendsage.xyz' }),
    board('two-columns', { layout: 'two', width: 1440, count: 16, columns: ['mindshare', 'snaps'],
        theme: 'purple', platform: 'amplifi.now', widths: '34px 1.6fr 90px 90px' }),
    board('two-columns-light', { layout: 'two', width: 1440, count: 16, theme: 'light', at: false,
        columns: ['mindshare', 'change'], headHeight: 38, widths: '34px 1.6fr 90px 90px' }),
    board('bars', { bars: ['mindshare'], theme: 'light', number: 'comma' }),
    board('bars-dark', { bars: ['mindshare', 'snaps'], theme: 'neon', platform: 'amplifi.now',
        columns: ['mindshare', 'snaps', 'followers'] }),
    board('pills', { pills: true, theme: 'amber', platform: 'arbus' }),
    board('pills-split', { pills: true, split: true, theme: 'light', width: 1240, scale: 1 }),
    board('commas', { number: 'comma', followers: 'comma', columns: ALL, width: 1440, scale: 1,
        theme: 'midnight', platform: 'yap.market', widths: '40px 2fr repeat(6, 1fr)',
        labels: { snaps_7d: 'Snaps (7d)', change: 'Change 24h', name: 'Creator' } }),
    board('medals', { rank: 'medals', theme: 'rose', platform: 'trendsage.xyz' }),
    board('initials', { initials: true, theme: 'light', rank: 'hash', platform: 'yap.market',
        labels: { name: 'User', change: 'Δ 24h', mindshare: 'Mindshare %', rank: 'Rank' } }),
    board('tabs', { tabs: true, theme: 'dark', upper: true, columns: ALL, width: 1440, scale: 2,
        widths: '40px 2fr repeat(6, 1fr)' }),
    board('shrunk', { shrink: 0.75, scale: 1.5, format: 'jpeg', quality: 75, theme: 'dark' }),
    board('shrunk-light', { shrink: 0.75, scale: 1.5, format: 'jpeg', quality: 80, theme: 'paper',
        change: 'arrow', platform: 'trendsage.xyz' }),
    board('tilted', { tilt: 0.8, scale: 2, format: 'jpeg', quality: 70, theme: 'light' }),
    board('tiny', { scale: 0.8, theme: 'dark', format: 'png' }),
    board('scrolled', { scrolled: true, rows: [6, 17], count: 17, theme: 'purple',
        columns: ['mindshare', 'change', 'smart_followers'] }),
    board('huge', { scale: 2.5, width: 1120, count: 25, theme: 'light', number: 'k1',
        columns: ['snaps', 'snaps_7d', 'mindshare'] }),
    profile('profile-phone', { width: 412, scale: 2, narrow: true, across: 2, theme: 'purple',
        platform: 'bantr' }),
    profile('profile-neon', { theme: 'neon', platform: 'amplifi.now', number: 'comma' }),
    profile('profile-paper', { theme: 'paper', platform: 'arbus', number: 'k1', across: 2 }),
];
