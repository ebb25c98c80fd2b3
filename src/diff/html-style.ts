/** How the page of html.ts looks: two ladders side by side, in light and dark. */
export const STYLE = `
:root { color-scheme: light dark; --line: #8886;
  --bad: #c62828; --good: #2e7d32; --up: #00838f; --down: #2e7d32 }
@media (prefers-color-scheme: dark) {
  :root { --bad: #ff8a80; --good: #81c784; --up: #80deea; --down: #a5d6a7 } }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 90rem; padding: 0 1rem }
h1 { font-size: 1.3rem }
table { border-collapse: collapse }
.overview td, .overview th { padding: .1rem 1.2rem .1rem 0; text-align: left }
.equal i, i.equal, tr.equal td:nth-child(3) { color: var(--good) }
tr.decided td:nth-child(3), i.decided { opacity: .7 }
i.differs, tr.differs td:nth-child(3) { color: var(--bad); font-weight: 600 }
details { border-top: 1px solid var(--line); padding: .5rem 0 }
.ladder { width: 100%; table-layout: fixed; margin: .5rem 0 }
.ladder th { text-align: left; padding: .2rem .5rem }
.ladder td:first-child, .ladder th:first-child {
  width: 3rem; opacity: .6; text-align: right; padding-right: .5rem }
.ladder td { vertical-align: top; padding: 0 .5rem }
.step td { border-top: 1px dashed var(--line); font-weight: 600; padding-top: .4rem }
.lane td { font-size: .8rem; opacity: .7; padding-top: .3rem }
.ends { display: flex; justify-content: space-between }
.mark td { font-size: .8rem; color: var(--bad); padding: .15rem .5rem .4rem }
.rung, .none { font-family: ui-monospace, monospace; font-size: .85rem; overflow-wrap: anywhere;
  border-left: 2px solid var(--line); border-right: 2px solid var(--line); padding: .1rem .7rem }
.up { color: var(--up) }
.down { color: var(--down); text-align: right }
.none { opacity: .5; font-style: italic }
.diff .rung, .diff .none { background: color-mix(in srgb, var(--bad) 12%, transparent) }
.first .rung, .first .none { outline: 2px solid var(--bad) }
.uses span { opacity: .7 }
`
