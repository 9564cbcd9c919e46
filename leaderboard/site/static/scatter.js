"use strict";
// Any two metrics of the board against each other, with their intervals. Marks differ in shape as well as in colour.
function startScatter(board) {
  const { h, svg, byId, number, arrow, ticks, tickText } = Omni;
  const WIDTH = 860;
  const HEIGHT = 470;
  const LEFT = 74;
  const BOTTOM = 54;
  const EDGE = 18;
  const KINDS = { submission: "submission", local: "local run, not a submission", control: "control", reported: "reported in the paper" };

  const kindOf = (row) => ({ "local run": "local", control: "control", reported: "reported" })[row.badge] || "submission";

  function mark(kind, x, y) {
    const at = { class: kind };
    if (kind === "submission") return svg("circle", { ...at, cx: x, cy: y, r: 6.5 });
    if (kind === "local") return svg("rect", { ...at, x: x - 5.8, y: y - 5.8, width: 11.6, height: 11.6, transform: `rotate(45 ${x} ${y})` });
    if (kind === "control") return svg("rect", { ...at, x: x - 5, y: y - 5, width: 10, height: 10 });
    return svg("path", { ...at, d: `M${x} ${y - 7.5} L${x + 7} ${y + 5.5} L${x - 7} ${y + 5.5} Z` });
  }

  function axisScale(cells) {
    const found = Omni.columnScale(cells);
    const room = (found.high - found.low || Math.abs(found.high) || 1) * 0.06;
    return { low: found.low - room, high: found.high + room };
  }

  // The first of a few places around a mark where its name covers no other name and no mark.
  function label(text, x, y, taken) {
    const width = text.length * 7.1;
    for (const [dx, dy, anchor] of [[11, 4, "start"], [-11, 4, "end"], [0, -13, "middle"], [0, 22, "middle"], [11, 18, "start"], [11, -10, "start"]]) {
      const left = x + dx - { start: 0, end: width, middle: width / 2 }[anchor];
      const box = [left, y + dy - 12, left + width, y + dy + 3];
      const inside = box[0] > LEFT && box[2] < WIDTH && box[1] > 0 && box[3] < HEIGHT - BOTTOM;
      if (inside && taken.every((t) => box[0] > t[2] || box[2] < t[0] || box[1] > t[3] || box[3] < t[1])) {
        taken.push(box);
        return svg("text", { x: x + dx, y: y + dy, "text-anchor": anchor, "font-size": 13, "aria-hidden": "true" }, text);
      }
    }
    return null;
  }

  function plot(b, nameX, nameY) {
    const [helpX, helpY] = [board.about(nameX), board.about(nameY)];
    const rows = board.visible(b).filter(({ cells }) => cells[nameX]?.v !== undefined && cells[nameY]?.v !== undefined && !cells[nameX].key && !cells[nameY].key);
    if (!rows.length) return h("p", { class: "soft" }, "No row has both of them.");
    const sx = axisScale(rows.map(({ cells }) => cells[nameX]));
    const sy = axisScale(rows.map(({ cells }) => cells[nameY]));
    const px = (v) => LEFT + (WIDTH - LEFT - EDGE) * (v - sx.low) / (sx.high - sx.low);
    const py = (v) => HEIGHT - BOTTOM - (HEIGHT - BOTTOM - EDGE) * (v - sy.low) / (sy.high - sy.low);
    const tx = ticks(sx.low, sx.high, 8);
    const ty = ticks(sy.low, sy.high, 6);
    const grid = [
      tx.map((v) => [svg("line", { class: "grid", x1: px(v), x2: px(v), y1: EDGE, y2: HEIGHT - BOTTOM }), svg("text", { class: "soft", x: px(v), y: HEIGHT - BOTTOM + 20, "text-anchor": "middle", "font-size": 12.5 }, tickText(v, tx))]),
      ty.map((v) => [svg("line", { class: "grid", x1: LEFT, x2: WIDTH - EDGE, y1: py(v), y2: py(v) }), svg("text", { class: "soft", x: LEFT - 9, y: py(v) + 4, "text-anchor": "end", "font-size": 12.5 }, tickText(v, ty))]),
    ];
    const titled = (help) => `${help.title}${help.unit ? ` (${help.unit})` : ""} ${arrow(help.direction)}`;
    const names = [
      svg("text", { x: (LEFT + WIDTH - EDGE) / 2, y: HEIGHT - 10, "text-anchor": "middle", "font-size": 14, "font-weight": 600 }, titled(helpX)),
      svg("text", { x: 0, y: 0, transform: `translate(18 ${(HEIGHT - BOTTOM + EDGE) / 2}) rotate(-90)`, "text-anchor": "middle", "font-size": 14, "font-weight": 600 }, titled(helpY)),
    ];
    const places = rows.map(({ slug, cells }) => ({ row: board.all.rows[slug], x: px(cells[nameX].v), y: py(cells[nameY].v), cells }));
    const taken = places.map(({ x, y }) => [x - 8, y - 8, x + 8, y + 8]);
    const whiskers = places.map(({ x, y, cells }) => [
      cells[nameX].l === undefined ? null : svg("line", { class: "whisker", x1: px(cells[nameX].l), x2: px(cells[nameX].h), y1: y, y2: y }),
      cells[nameY].l === undefined ? null : svg("line", { class: "whisker", x1: x, x2: x, y1: py(cells[nameY].l), y2: py(cells[nameY].h) }),
    ]);
    const marks = places.map(({ row, x, y, cells }) => {
      const text = `${row.name} (${row.badge}): ${helpX.title} ${number(cells[nameX].v, helpX.decimals)}, ${helpY.title} ${number(cells[nameY].v, helpY.decimals)}`;
      const inner = [svg("title", {}, text), mark(kindOf(row), x, y)];
      return row.page ? svg("a", { href: row.page, "aria-label": text }, inner) : svg("g", { role: "img", "aria-label": text }, inner);
    });
    const labels = places.map(({ row, x, y }) => label(row.name, x, y, taken));
    const kinds = [...new Set(rows.map(({ slug }) => kindOf(board.all.rows[slug])))];
    return [
      svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "group", "aria-label": `${helpY.title} against ${helpX.title}` }, grid, names, whiskers, labels, marks),
      h("p", { class: "key small soft" }, kinds.map((kind) => h("span", {}, svg("svg", { viewBox: "-9 -9 18 18", "aria-hidden": "true" }, mark(kind, 0, 0)), KINDS[kind]))),
    ];
  }

  function draw() {
    const b = board.current();
    const names = b ? b.metrics : [];
    const [first, second] = b && b.main.length > 1 ? b.main : names;
    if (!names.includes(board.state.x)) board.state.x = first || "";
    if (!names.includes(board.state.y)) board.state.y = names.includes("fd") ? "fd" : second || "";
    const pairs = names.map((name) => [name, board.about(name).title]);
    board.options(byId("x-metric"), pairs, board.state.x);
    board.options(byId("y-metric"), pairs, board.state.y);
    byId("scatter").replaceChildren(...(b ? [plot(b, board.state.x, board.state.y)].flat() : []));
  }

  for (const [id, key] of [["x-metric", "x"], ["y-metric", "y"]]) {
    byId(id).addEventListener("change", (event) => { board.state[key] = event.target.value; draw(); board.remember(); });
  }
  board.listen(draw);
}
