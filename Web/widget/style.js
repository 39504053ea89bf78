/// The panel's style. Lengths are in pixels, for the page's font size must not count here; a site sets the colours by
/// custom properties (`--mynah-…`).
export const sheet = new CSSStyleSheet();

sheet.replaceSync(`
.panel, .panel::backdrop { --page: var(--mynah-background, light-dark(#ffffff, #1f1c19)); }
.panel {
    --sunken: var(--mynah-surface, light-dark(#f3f1ec, #2d2925));
    --ink: var(--mynah-text, light-dark(#211d18, #ece7de));
    --muted: var(--mynah-muted, light-dark(#655e53, #aaa294)); --line: var(--mynah-line, light-dark(#e3ded5, #3b362f));
    --radius: var(--mynah-radius, 16px);
    --mono: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace;
    position: fixed; inset: auto var(--right) calc(var(--y) + 68px) var(--left); display: none; flex-direction: column;
    box-sizing: border-box; width: min(392px, 100vw - 2 * var(--x)); max-width: none;
    height: min(640px, 100dvh - var(--y) - 88px); max-height: none; margin: 0; padding: 0; overflow: hidden;
    border: 1px solid var(--line); border-radius: var(--radius); outline: none; background: var(--page);
    color: var(--ink); text-align: start; box-shadow: 0 4px 12px rgb(0 0 0 / 8%), 0 16px 48px rgb(0 0 0 / 20%);
}
.panel[open] { display: flex; animation: rise 160ms ease-out; }
@keyframes rise { from { opacity: 0; transform: translateY(12px); } }
.panel:modal {
    inset: 0 auto auto 0; width: 100vw; height: var(--screen, 100dvh); border: 0; border-radius: 0; box-shadow: none;
    padding: env(safe-area-inset-top) env(safe-area-inset-right) env(safe-area-inset-bottom) env(safe-area-inset-left);
}
.panel::backdrop { background: var(--page); }
.panel *, .panel ::before, .panel ::after { box-sizing: border-box; }
.panel [hidden] { display: none !important; }
.panel :where(h2, h3, h4, h5, h6, p, ul, ol, pre, blockquote) { margin: 0; padding: 0; }
.panel :where(button, textarea) { font: inherit; color: inherit; letter-spacing: inherit; }
.panel :focus-visible { outline: 2px solid var(--ink); outline-offset: 2px; }
.panel .sr-only {
    position: absolute; width: 1px; height: 1px; margin: -1px; padding: 0; border: 0; overflow: hidden;
    clip-path: inset(50%); white-space: nowrap;
}
.panel .icon {
    flex: none; width: 20px; height: 20px; fill: none; stroke: currentColor; stroke-width: 1.7; stroke-linecap: round;
    stroke-linejoin: round;
}

.header {
    display: flex; flex: none; align-items: center; gap: 4px; padding: 12px 10px 12px 16px;
    border-bottom: 1px solid var(--line);
}
[dir="rtl"] .header { padding: 12px 16px 12px 10px; }
.face {
    display: grid; flex: none; place-items: center; width: 36px; height: 36px; margin-inline-end: 8px;
    border-radius: 50%; background: var(--accent); color: var(--on-accent); font-size: 16px; font-weight: 600; line-height: 1;
}
.face:empty { visibility: hidden; }
.title {
    display: -webkit-box; flex: 1; min-width: 0; overflow: hidden; -webkit-box-orient: vertical; -webkit-line-clamp: 2;
    font-size: 16px; font-weight: 650; line-height: 1.3; text-align: start; overflow-wrap: anywhere;
}
.button {
    display: inline-flex; flex: none; align-items: center; justify-content: center; gap: 8px; min-height: 36px;
    padding: 4px 14px; border: 1px solid var(--line); border-radius: 10px; background: var(--page); font-size: 14px;
    cursor: pointer;
}
.panel .quiet { border-color: transparent; background: none; color: var(--muted); }
.button:hover { background: var(--sunken); }
.panel .quiet:hover { color: var(--ink); }
.panel .square { width: 36px; padding: 0; }
.panel .primary {
    width: 36px; padding: 0; border-color: transparent; border-radius: 50%; background: var(--accent);
    color: var(--on-accent);
}
.panel .link {
    padding: 0; border: 0; background: none; font-weight: 600; text-decoration: underline; text-underline-offset: 2px;
    cursor: pointer;
}
.notice {
    display: flex; flex: none; flex-wrap: wrap; gap: 2px 10px; justify-content: center; padding: 8px 16px;
    background: light-dark(#fbefd9, #3a2e18); color: light-dark(#5f3b00, #f7cb77); font-size: 14px; text-align: center;
}
.notice:empty { display: none; }

.thread { position: relative; flex: 1; min-height: 0; }
.scroller { height: 100%; overflow-y: auto; overscroll-behavior: contain; }
.panel .scroller:focus-visible { outline-offset: -2px; }
.column { display: flex; flex-direction: column; gap: 16px; min-height: 100%; padding: 20px 16px; }
.older { align-self: center; }
.panel .latest {
    position: absolute; bottom: 10px; left: 50%; border-radius: 50%; box-shadow: 0 2px 8px rgb(0 0 0 / 18%);
    transform: translateX(-50%);
}
.messages { display: grid; grid-template-columns: minmax(0, 1fr); gap: 16px; list-style: none; }
.messages:empty { display: none; }
.message { overflow-wrap: anywhere; }
.ours { display: flex; flex-direction: column; align-items: flex-end; }
.text {
    width: fit-content; max-width: 88%; padding: 10px 14px; border-radius: 16px 16px 16px 4px;
    background: var(--sunken);
}
[dir="rtl"] .text { border-radius: 16px 16px 4px 16px; }
.ours .text {
    border-radius: 16px 16px 4px 16px; background: var(--accent); color: var(--on-accent); white-space: pre-wrap;
}
[dir="rtl"] .ours .text { border-radius: 16px 16px 16px 4px; }
.panel .chip {
    display: inline-block; min-width: 22px; margin: 0 2px; padding: 0 6px; border: 1px solid var(--line); border-radius: 11px;
    background: var(--page); font-size: 12px; line-height: 20px; text-align: center; vertical-align: 1px; cursor: pointer;
}
.panel .chip:hover, .panel .chip[aria-expanded="true"] { border-color: var(--ink); }
.passage { max-width: 88%; margin: 6px 0 0; padding: 6px 6px 10px 14px; border: 1px solid var(--line); border-radius: 12px; font-size: 14px; }
[dir="rtl"] .passage { padding: 6px 14px 10px 6px; }
.passage figcaption { display: flex; gap: 8px; align-items: center; justify-content: space-between; font-weight: 600; }
.passage .above { color: var(--muted); font-size: 13px; }
.passage blockquote { max-height: 240px; padding-inline-end: 8px; overflow-y: auto; white-space: pre-wrap; }
.panel .speaker { margin: 0 0 2px 2px; color: var(--muted); font-size: 13px; font-weight: 600; }
.note { display: flex; flex-wrap: wrap; gap: 2px 10px; margin-top: 4px; color: var(--muted); font-size: 13px; }
.note .link { color: var(--ink); }
.thumbs { display: flex; gap: 2px; margin: 4px 0 0 -4px; }
.panel .thumbs .button { width: 32px; min-height: 32px; }
.thumbs .icon { width: 17px; height: 17px; }
.thumbs [aria-pressed="true"] { color: var(--ink); }
.thumbs [aria-pressed="true"] .icon { fill: currentColor; }
.waiting .actions { display: none; }
.thanks { color: var(--muted); font-size: 13px; }
.why { display: grid; gap: 8px; justify-items: start; margin-top: 4px; }
.why label { display: grid; gap: 4px; width: 100%; color: var(--muted); font-size: 13px; }
.why textarea {
    width: 100%; padding: 8px 10px; border: 1px solid var(--muted); border-radius: 10px; background: none;
    color: var(--ink); font-size: 14px; resize: vertical;
}
.waiting .text:empty { display: flex; gap: 5px; padding: 16px 14px; }
.waiting .text:empty::before { content: ""; }
.waiting .text:empty::before, .waiting .text:empty::after {
    content: ""; width: 8px; height: 8px; border-radius: 50%; background: var(--muted);
    animation: breathe 1.2s ease-in-out infinite alternate;
}
.waiting .text:empty::after { animation-delay: 400ms; }
@keyframes breathe { from { opacity: 0.25; } }

.starters { display: flex; flex-direction: column; align-items: flex-end; gap: 8px; margin-top: auto; }
.starter {
    max-width: 88%; padding: 8px 14px; border: 1px solid var(--muted); border-radius: 18px; background: var(--page);
    text-align: start; overflow-wrap: anywhere; cursor: pointer;
}
.starter:hover { border-color: var(--ink); background: var(--sunken); }

.text, .text :is(p, li, blockquote, td, th, .heading), .text li > div:not(.code, .table) { unicode-bidi: plaintext; }
.text > * + *, .text blockquote > * + *, .text li > * + * { margin-top: 10px; }
.text li > div + :is(ul, ol) { margin-top: 4px; }
.text .heading { font-size: 15px; font-weight: 650; line-height: 1.35; }
.text h3 { font-size: 17px; }
.text :is(ul, ol) { padding-inline-start: 22px; }
.text ul { list-style: disc; }
.text ol { list-style: decimal; }
.text li + li { margin-top: 4px; }
.text .task { display: flex; gap: 6px; margin-inline-start: -20px; list-style: none; }
.text .task > div { margin-top: 0; }
.text a { color: inherit; text-underline-offset: 2px; }
.text blockquote { padding-inline-start: 12px; border-inline-start: 3px solid var(--line); color: var(--muted); }
.text hr { height: 1px; border: 0; background: var(--line); }
.text code { font: 13px/1.5 var(--mono); }
.text :not(pre) > code {
    padding: 1px 5px; border-radius: 5px; background: light-dark(rgb(0 0 0 / 7%), rgb(255 255 255 / 10%));
}
.code {
    max-width: 100%; overflow: hidden; border: 1px solid var(--line); border-radius: 10px; background: var(--page);
}
.code-bar {
    display: flex; align-items: center; justify-content: space-between; padding-inline-start: 12px; color: var(--muted);
    font-size: 13px;
}
.code-bar .icon { width: 16px; height: 16px; }
.code pre { padding: 2px 12px 12px; overflow-x: auto; overflow-wrap: normal; }
.table { max-width: 100%; overflow-x: auto; overflow-wrap: normal; }
.text table { border-collapse: collapse; font-size: 14px; }
.text :is(th, td) { padding: 5px 10px; border-bottom: 1px solid var(--line); text-align: start; vertical-align: top; }
.text .center { text-align: center; }
.text .right { text-align: right; }
.text:has(.code, .table) { width: 100%; }
.raw { white-space: pre-wrap; }

.composer {
    display: flex; flex: none; flex-wrap: wrap; align-items: flex-end; gap: 6px; margin: 0 12px 12px; padding: 5px;
    border: 1px solid var(--muted); border-radius: 24px; background: var(--page);
}
.attached, .files { display: flex; flex-wrap: wrap; gap: 6px; max-width: 100%; list-style: none; }
.attached { flex: 1 0 100%; max-height: 120px; padding: 5px 7px 0; overflow-y: auto; }
.ours .files { justify-content: flex-end; margin-bottom: 6px; }
.files li, .attached li { max-width: 100%; }
.file {
    display: flex; flex-wrap: wrap; align-items: center; gap: 4px 6px; max-width: 100%; padding: 6px 10px;
    border: 1px solid var(--line); border-radius: 12px; background: var(--page); font-size: 13px; line-height: 20px; text-align: start;
}
.attached .file { flex-wrap: nowrap; padding: 0 0 0 10px; }
[dir="rtl"] .attached .file { padding: 0 10px 0 0; }
.panel button.file { cursor: pointer; }
.panel button.file:hover { border-color: var(--ink); }
.file canvas { max-width: 100%; border-radius: 6px; }
.file:has(canvas) { flex-direction: column; align-items: start; }
.file:has(canvas) .icon { display: none; }
.file:has(canvas) .file-name { max-width: min(100%, 220px); }
.file-name { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.dropping .composer { border-style: dashed; border-color: var(--ink); }
.composer:focus-within { border-color: var(--ink); box-shadow: 0 0 0 3px var(--sunken); }
.panel .composer textarea {
    display: block; flex: 1; min-width: 0; height: 36px; max-height: 120px; padding: 6px 4px 6px 10px; border: 0;
    background: none; outline: none; resize: none; line-height: 24px;
}
[dir="rtl"] .composer textarea { padding: 6px 10px 6px 4px; }
.composer textarea::placeholder { color: var(--muted); opacity: 1; }
.panel .credit {
    flex: none; padding: 0 12px 10px; color: var(--muted); font-size: 12px; line-height: 1.3; text-align: center;
}
/* Below this size, browsers of phones enlarge the page around what is being written. */
@media (pointer: coarse) { .panel textarea { font-size: 16px; } }
@media (prefers-reduced-motion: reduce) { .panel[open], .text::before, .text::after { animation: none !important; } }
`);
