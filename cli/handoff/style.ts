/** Screen first, then A4. State is told by words and marks, colour only helps. Logical properties serve both directions. */
export const STYLE = `
:root { --ink: #1c2430; --soft: #5a6675; --rule: #d9dee5; --good: #0f6b3c; --bad: #a3181f; --open: #8a5a00; }
* { box-sizing: border-box; }
body { margin: 0; background: #f4f6f8; color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", "Noto Sans", "Noto Sans Hebrew", Arial, sans-serif; }
main { max-width: 60rem; margin: 2rem auto; padding: 2.5rem 3rem; background: #fff; border: 1px solid var(--rule); border-radius: 6px; }
h1 { margin: 0; font-size: 1.8rem; line-height: 1.2; }
h2 { margin: 2.2rem 0 .6rem; font-size: 1.1rem; }
header p { margin: .3rem 0; color: var(--soft); }
header .summary { color: var(--ink); font-size: 1.1rem; font-weight: 600; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .55rem .6rem; text-align: start; vertical-align: top; border-block-end: 1px solid var(--rule); }
thead th { color: var(--soft); font-size: .8rem; font-weight: 600; border-block-end: 2px solid var(--rule); }
tbody th { font-weight: 600; }
.rows { table-layout: fixed; }
col.area { width: 10.5rem; }
col.how { width: 9.5rem; }
.state { font-weight: 600; }
.proven .state { color: var(--good); }
.failed .state { color: var(--bad); }
.waits .state { color: var(--open); }
td p { margin: 0 0 .3rem; }
dl { display: grid; grid-template-columns: 11.5rem minmax(0, 1fr); gap: .1rem .9rem; margin: 0; font-size: .85rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
dl.meta { margin-top: 1rem; font-size: .9rem; }
.list { font-size: .8rem; }
.list td { overflow-wrap: anywhere; }
.list .whole { white-space: nowrap; }
code { display: inline-block; margin-block-start: .3rem; padding: .2rem .5rem; background: #f4f6f8; border-radius: 4px; font: .85rem ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.note { margin: .5rem 0 0; color: var(--soft); font-size: .85rem; }
.letter { margin: .4rem 0 1rem; padding: .6rem 1rem; border: 1px solid var(--rule); white-space: pre-wrap; font-size: .85rem; }
.sign { margin-top: 2.2rem; padding: 0 1.2rem 1rem; border: 2px solid var(--rule); border-radius: 6px; }
.sign h2 { margin-top: 1rem; }
.signed { color: var(--good); font-weight: 600; }
.void { color: var(--bad); }
.line { margin-top: 3rem; padding-top: .3rem; border-block-start: 1px solid var(--ink); max-width: 24rem; color: var(--soft); font-size: .85rem; }
.hash { font-size: .75rem; color: var(--soft); overflow-wrap: anywhere; }
footer { margin-top: 1.5rem; color: var(--soft); font-size: .85rem; }
@page { size: A4; margin: 14mm; }
@media (max-width: 40rem) {
  main { margin: 0; padding: 1.2rem; border: 0; }
  .rows, .rows tbody, .rows tr, .rows th, .rows td { display: block; border: 0; padding: .1rem 0; }
  .rows thead { display: none; }
  .rows tr { padding: .7rem 0; border-block-end: 1px solid var(--rule); }
  .list { display: block; overflow-x: auto; }
}
@media print {
  body { background: #fff; font-size: 10pt; }
  main { max-width: none; margin: 0; padding: 0; border: 0; }
  tr, .sign, header { break-inside: avoid; }
  h2 { break-after: avoid; }
  thead { display: table-header-group; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
`;
