"""How a tournament's page looks: dark, or light where the reader's browser asks for it."""

STYLE = """
:root { color-scheme: dark; --page: #10151b; --panel: #171e27; --text: #dce1e8; --quiet: #98a2b3;
  --rule: #2a3440; --grid: #222a34; --open: #e6c35c; --bad: #e5707a; --win: 76 201 240; --lose: 244 162 89;
  --s0: #4cc9f0; --s1: #f4a259; --s2: #8bd450; --s3: #d679d2; --s4: #e6d35c; --s5: #8f9bff; --s6: #e5707a;
  --s7: #5fd3b4; --sx: #6b7482; }
@media (prefers-color-scheme: light) {
  :root { color-scheme: light; --page: #fcfdfe; --panel: #f2f5f8; --text: #1c2530; --quiet: #596474;
    --rule: #d5dce4; --grid: #e6ebf0; --open: #8a6500; --bad: #b92f3c; --win: 14 140 186; --lose: 214 112 20;
    --s0: #0c8cba; --s1: #c96d12; --s2: #4c9316; --s3: #ab45a5; --s4: #968000; --s5: #5561d6; --s6: #c23b48;
    --s7: #0f8f70; --sx: #8a94a2; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  font-variant-numeric: tabular-nums; }
main { max-width: 1120px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 8px; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 44px 0 4px; }
h3 { font-size: 14px; margin: 20px 0 4px; color: var(--quiet); }
h4 { font-size: 13px; margin: 0 14px 4px; }
h3, h4, th { font-weight: 600; }
i, em { font-style: normal; color: var(--quiet); font-weight: 400; }
em { color: var(--open); overflow-wrap: anywhere; }
code { font: 13px/1 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
.note, small { color: var(--quiet); font-size: 13px; }
.note { margin: 0 0 12px; max-width: 90ch; }
.lead { font-size: 17px; margin: 0 0 16px; }
.open { margin: 0 0 16px; padding: 10px 14px; border-left: 3px solid var(--open); background: var(--panel); }
.open strong { color: var(--open); }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); gap: 10px 24px; margin: 0; }
dt { color: var(--quiet); font-size: 12px; }
dd { margin: 0; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
.c0 { --seat: var(--s0); } .c1 { --seat: var(--s1); } .c2 { --seat: var(--s2); } .c3 { --seat: var(--s3); }
.c4 { --seat: var(--s4); } .c5 { --seat: var(--s5); } .c6 { --seat: var(--s6); } .c7 { --seat: var(--s7); }
.cx { --seat: var(--sx); }
.who { display: inline-flex; align-items: center; gap: 7px; min-width: 0; max-width: 100%;
  vertical-align: bottom; }
.who::before { content: ""; flex: none; width: 8px; height: 8px; border-radius: 50%;
  background: var(--seat); }
.who bdi { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
table { border-collapse: collapse; }
th, td { padding: 5px 10px; text-align: left; border-bottom: 1px solid var(--rule); white-space: nowrap; }
thead th { color: var(--quiet); font-size: 12px; vertical-align: bottom; }
.standings tr:hover > *, .matches tr:hover > * { background-color: var(--panel); }
.n { text-align: right; }
.name { position: sticky; left: 0; background: var(--page); max-width: 260px; }
.standings { width: 100%; }
.standings .name small { display: block; padding-left: 15px; font-weight: 400; overflow: hidden;
  text-overflow: ellipsis; }
.place { color: var(--quiet); width: 1%; }
.ratings { display: grid; grid-template-columns: fit-content(220px) minmax(0, 1fr) auto; column-gap: 12px; }
.ratings > div { min-width: 0; }
.ratings > div > div { height: 24px; line-height: 24px; display: flex; white-space: nowrap; gap: 4px; }
.figures > div { justify-content: flex-end; }
svg { display: block; width: 100%; overflow: visible; }
svg line, svg path { stroke: var(--seat); stroke-width: 2; fill: none; vector-effect: non-scaling-stroke;
  stroke-linejoin: round; stroke-linecap: round; }
svg circle { fill: var(--seat); }
svg .grid { stroke: var(--grid); stroke-width: 1; }
svg .zero { stroke: var(--quiet); stroke-width: 1; }
svg text { fill: var(--quiet); font-size: 12px; text-anchor: middle; }
.lines .dots { stroke-width: 6; }
.lines .cx path { stroke-width: 1; opacity: .6; }
.progress { display: grid; grid-template-columns: auto minmax(0, 1fr) minmax(90px, 180px); column-gap: 14px;
  padding-top: 8px; color: var(--quiet); font-size: 12px; }
.progress .left { position: relative; width: 36px; }
.progress .left span { position: absolute; right: 0; transform: translateY(-50%); }
.progress .below { position: relative; height: 22px; margin-top: 6px; }
.progress .below span { position: absolute; transform: translateX(-50%); }
.progress .right { position: relative; color: var(--text); font-size: 13px; line-height: 18px; }
.progress .right div { position: absolute; transform: translateY(-50%); max-width: 100%; display: flex; }
.cross td { min-width: 46px; text-align: center; border: 1px solid var(--page); padding: 5px 6px; }
.cross thead th { text-align: center; padding: 5px 2px; }
.cross thead .name { text-align: left; padding-left: 10px; }
.cross .name { border-bottom-color: var(--page); }
.cross .name i { display: inline-block; min-width: 2ch; text-align: right; margin-right: 4px; }
.cross .name .who { max-width: 160px; }
.cross .self { background: var(--panel); }
.cross.small td { min-width: 15px; width: 15px; height: 15px; padding: 0; }
.cross.small th { padding: 0 4px; font-size: 12px; line-height: 15px; }
.cross.small thead th { padding: 0; font-size: 10px; max-width: 15px; overflow: visible; }
.h0 { background-color: rgb(var(--lose) / .62); } .h1 { background-color: rgb(var(--lose) / .5); }
.h2 { background-color: rgb(var(--lose) / .38); } .h3 { background-color: rgb(var(--lose) / .26); }
.h4 { background-color: rgb(var(--lose) / .15); } .h5 { background-color: rgb(128 140 155 / .16); }
.h6 { background-color: rgb(var(--win) / .15); } .h7 { background-color: rgb(var(--win) / .26); }
.h8 { background-color: rgb(var(--win) / .38); } .h9 { background-color: rgb(var(--win) / .5); }
.h10 { background-color: rgb(var(--win) / .62); }
.cross td i { color: inherit; opacity: .65; font-size: 12px; }
details { margin: 6px 0; }
summary { cursor: pointer; padding: 4px 0; font-weight: 600; }
summary:focus-visible { outline: 2px solid var(--s0); outline-offset: 2px; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); gap: 8px;
  padding: 4px 0 10px; }
.card { width: 100%; background: var(--panel); border: 1px solid var(--rule); border-radius: 6px;
  padding: 5px 10px; font-size: 14px; }
.card div { display: flex; justify-content: space-between; gap: 10px; }
.card:has(.won) div:not(.won) { color: var(--quiet); }
.card b { font-weight: inherit; }
.card .won, .seat.won { color: var(--text); font-weight: 600; }
.card p { margin: 0; font-size: 12px; color: var(--quiet); }
.bracket { display: flex; width: max-content; padding: 4px 0 10px; }
.round { width: 205px; display: flex; flex-direction: column; }
.slots { flex: 1; display: flex; flex-direction: column; }
.slot { flex: 1; display: flex; align-items: center; position: relative; padding: 4px 14px; }
.round:first-child .slot { padding-left: 0; }
.round:first-child h4 { margin-left: 0; }
.tree .slot::before, .tree .slot::after { content: ""; position: absolute; width: 14px;
  border: 0 solid var(--rule); }
.tree .round + .round .slot::before { left: 0; top: 50%; border-top-width: 1px; }
.tree .slot:nth-child(odd)::after { right: 0; top: 50%; bottom: 0; border-width: 1px 1px 0 0; }
.tree .slot:nth-child(even)::after { right: 0; top: 0; bottom: 50%; border-width: 0 1px 1px 0; }
.tree .round:last-child .slot::after { display: none; }
.matches { font-size: 13px; width: 100%; }
.matches td { padding: 3px 10px; }
.seats { min-width: 300px; white-space: normal; }
.seat { display: inline-block; margin-right: 18px; color: var(--quiet); }
.seat .who { max-width: 200px; }
@media (max-width: 600px) {
  main { padding: 20px 14px 48px; }
  h1 { font-size: 21px; }
  dl { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 8px 14px; }
  th, td { padding: 5px 7px; }
  .name { max-width: 150px; }
  .cross .name .who { max-width: 96px; }
  .ratings { grid-template-columns: fit-content(110px) minmax(0, 1fr) auto; column-gap: 8px;
    font-size: 13px; }
  .progress { column-gap: 8px; grid-template-columns: auto minmax(0, 1fr) 86px; }
  .progress .left { width: 26px; }
}
"""
