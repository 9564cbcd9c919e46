"use strict";
// The table of the index page: one board at a time, so that protocols and data sets never mix.
function makeBoard() {
  const { h, byId, number, arrow } = Omni;
  const all = Omni.data("leaderboard-data");
  const state = { protocol: all.protocol, board: "", columns: "main", sort: "", order: "best", filter: "", controls: true,
    reported: true, grouped: true, x: "", y: "" };
  const listeners = [];

  const boards = () => all.boards.filter((board) => board.protocol === state.protocol);
  const current = () => boards().find((board) => board.id === state.board) || boards()[0];
  const about = (name) => HELP.metrics[name];

  function columns(board) {
    if (state.columns === "main") return board.main;
    if (state.columns === "all") return board.metrics;
    return board.metrics.filter((name) => about(name).family === state.columns && !board.said.includes(name));
  }

  function visible(board) {
    const words = state.filter.toLowerCase().split(/\s+/).filter(Boolean);
    return board.rows.filter(({ slug }) => {
      const row = all.rows[slug];
      if (row.badge === "control" && !state.controls) return false;
      if (row.badge === "reported" && !state.reported) return false;
      const text = [row.name, row.team, row.group, row.badge].join(" ").toLowerCase();
      return words.every((word) => text.includes(word));
    });
  }

  // Rows without a value stay at the end whichever way the others are turned.
  function inOrder(rows) {
    const name = state.sort;
    if (!name) return rows;
    const sign = (about(name).direction === "higher" ? -1 : 1) * (state.order === "best" ? 1 : -1);
    const value = (row) => row.cells[name]?.v;
    const key = (row) => row.cells[name]?.key || 0;
    return [...rows].sort((a, b) => {
      if (value(a) === undefined || value(b) === undefined) return (value(a) === undefined) - (value(b) === undefined);
      return key(a) - key(b) || sign * (value(a) - value(b));
    });
  }

  function sortBy(name) {
    state.order = state.sort === name && state.order === "best" ? "worst" : "best";
    state.sort = name;
    update(`sort-${name}`);
  }

  // Words never break; the arrows stay with the last of them.
  function titled(title, ...signs) {
    const words = title.split(" ");
    const last = words.pop();
    const mark = h("span", { "aria-hidden": "true" }, signs.filter(Boolean).map((sign) => `\u00a0${sign}`));
    return [words.map((word) => [h("span", { class: "word" }, word), " "]), h("span", { class: "word" }, last, mark)];
  }

  function header(board, shown) {
    const head = (name) => {
      const help = about(name);
      const sorted = state.sort === name;
      const rising = (help.direction === "higher") === (state.order === "worst");
      return h("th", { scope: "col", class: "number", role: "columnheader",
        "aria-sort": sorted ? (rising ? "ascending" : "descending") : "none" },
        h("span", { class: "head" },
          h("button", { type: "button", class: "sorter", id: `sort-${name}`, onclick: () => sortBy(name) },
            titled(help.title, arrow(help.direction), wins(board, name) ? "\u2021" : "", sorted ? { best: "\u25be", worst: "\u25b4" }[state.order] : "")),
          h("button", { type: "button", class: "asker", "aria-label": `About ${help.title}`,
            onclick: () => Omni.helpDialog(name, help, [winsNote(board, name), keyNote(board, name)]) }, "?"),
          wins(board, name) ? h("span", { class: "hidden-text" }, wins(board, name)) : null));
    };
    const metric = state.sort ? ` by ${about(state.sort).title}` : "";
    return h("thead", { role: "rowgroup" }, h("tr", { role: "row" },
      h("th", { scope: "col", class: "rank", role: "columnheader" }, h("span", { class: "head" }, "Rank", h("span", { class: "hidden-text" }, metric))),
      h("th", { scope: "col", class: "name", role: "columnheader" }, h("span", { class: "head" }, "Model")),
      shown.map(head),
      h("th", { scope: "col", role: "columnheader" }, h("span", { class: "head" }, "Cite"))));
  }

  function wins(board, name) {
    const above = board.sticks[name]?.above || [];
    return above.length ? `${above.join(", ")}: above people here; it does not measure listening.` : "";
  }

  function winsNote(board, name) {
    return wins(board, name) ? [h("h3", {}, "Who wins"), h("p", {}, wins(board, name))] : null;
  }

  function over(board, cell, name, decimals) {
    if (!cell.d) return null;
    const signed = (value) => `${value < 0 ? "" : "+"}${number(value, decimals)}`;
    const [value, low, high] = cell.d.map(signed);
    const best = board.sticks[name].best;
    return h("span", { class: "range", title: `over ${best}, the best control` }, `\u0394\u00a0${value}${low === undefined ? "" : ` [${low}, ${high}]`}`,
      h("span", { class: "hidden-text" }, ` over ${best}, the best control`));
  }

  function keyNote(board, name) {
    const keys = board.keys[name] || [];
    if (!keys.length) return null;
    return [h("h3", {}, "Measured as"), keys.map((key) => h("pre", { tabindex: "0" }, key))];
  }

  function rankText(row, cell) {
    if (!["self-reported", "re-scored", "reproduced", "local run"].includes(row.badge)) {
      return [h("span", { "aria-hidden": "true" }, "\u2013"), h("span", { class: "hidden-text" }, `not ranked: ${row.badge}`)];
    }
    if (!cell?.rank) return [h("span", { "aria-hidden": "true" }, "\u2013"), h("span", { class: "hidden-text" }, "no rank")];
    const [best, worst] = cell.rank;
    return best === worst ? String(best) : `${best}\u2013${worst}`;
  }

  function cellOf(board, row, cells, name, scale) {
    const help = about(name);
    const cell = cells[name];
    const attributes = { class: `number${cell?.l === undefined ? "" : " wide"}${state.sort === name ? " sorted" : ""}`, role: "cell", "data-label": `${help.title} ${arrow(help.direction)}` };
    const sign = (text, meaning) => h("td", attributes, h("span", { "aria-hidden": "true", class: "soft" }, text), h("span", { class: "hidden-text" }, meaning));
    if (!cell) return sign("\u00b7", "not scored with it");
    if (cell.v === undefined && cell.s === "not_applicable") return sign("\u2013", `does not apply: ${cell.r}`);
    if (cell.rank && cell.rank[0] === 1) attributes.class += " best";
    const text = cell.v === undefined ? cell.s.replace("_", " ") : number(cell.v, help.decimals);
    const href = row.page ? `${row.page}#${encodeURIComponent(`${board.protocol}/${name}`)}` : "";
    return h("td", attributes,
      href ? h("a", { href, "aria-label": `${row.name}, ${help.title}: ${text}` }, text) : h("b", {}, text),
      cell.n === undefined ? null : h("span", { class: "mark" }, ` ${cell.n}/${cell.of}\u00a0!`),
      cell.key ? h("span", { class: "mark", title: board.unlike[name][cell.key] }, " \u2260", h("span", { class: "hidden-text" }, ` measured differently: ${board.unlike[name][cell.key]}`)) : null,
      cell.l === undefined ? null : h("span", { class: "range" }, `[${number(cell.l, help.decimals)}, ${number(cell.h, help.decimals)}]`),
      over(board, cell, name, help.decimals),
      cell.l === undefined ? null : Omni.bar(cell, scale));
  }

  function signatures(board, cells) {
    return board.metrics.filter((name) => cells[name]?.seal !== undefined)
      .map((name) => `${board.keys[name][cells[name].key || 0]} || ${board.seals[cells[name].seal]}`).join("\n");
  }

  function line(board, { slug, cells }, shown, scales) {
    const row = all.rows[slug];
    const badge = { "local run": "local" }[row.badge] || row.badge;
    return h("tr", { role: "row", class: badge, "data-row": slug },
      h("td", { class: "rank", role: "cell", "data-label": "Rank" }, rankText(row, cells[state.sort])),
      h("th", { scope: "row", role: "rowheader" },
        row.page ? h("a", { href: row.page }, row.name) : row.name, " ",
        h("span", { class: `badge ${badge}` }, row.badge),
        row.kind === "offline" ? [" ", h("span", { class: "badge" }, "offline")] : null,
        row.flags.length ? [" ", h("span", { class: "badge flag" }, `\u2691 ${row.flags.length}`, h("span", { class: "hidden-text" }, ` flags: ${row.flags.join("; ")}`))] : null,
        row.team ? h("span", { class: "small soft" }, row.team, row.date ? [", ", h("span", { class: "word" }, row.date)] : null) : null),
      shown.map((name) => cellOf(board, row, cells, name, scales[name])),
      h("td", { class: "cite", role: "cell" },
        row.badge === "reported" ? null : h("button", { type: "button", class: "quiet", "aria-label": `Signature of ${row.name}`,
          onclick: () => Omni.textDialog(`${row.name}: signatures`, signatures(board, cells), "Signatures") }, "signature"),
        h("button", { type: "button", class: "quiet", "aria-label": `BibTeX of ${row.name}`,
          onclick: () => Omni.textDialog(`${row.name}: BibTeX`, row.bibtex, "BibTeX") }, "BibTeX")));
  }

  function bodies(board, rows, shown, scales) {
    const width = shown.length + 3;
    if (!state.grouped) return [h("tbody", { role: "rowgroup" }, inOrder(rows).map((row) => line(board, row, shown, scales)))];
    return all.groups.map((group) => [group, rows.filter(({ slug }) => all.rows[slug].group === group)])
      .filter(([, own]) => own.length)
      .map(([group, own]) => h("tbody", { role: "rowgroup" },
        group ? h("tr", { class: "group", role: "row" }, h("th", { colspan: width, scope: "rowgroup", role: "rowheader" }, group)) : null,
        inOrder(own).map((row) => line(board, row, shown, scales))));
  }

  function draw() {
    const board = current();
    const place = byId("board");
    byId("about-protocol").textContent = all.about[state.protocol];
    byId("headline").textContent = board ? board.headline : "";
    if (!board) {
      place.replaceChildren(h("p", { class: "soft" }, `No row has been scored under ${state.protocol} yet. `,
        h("code", {}, `omnibench score PREDICTIONS --protocol ${state.protocol}`)));
      byId("count").textContent = "";
      return;
    }
    const shown = columns(board);
    const rows = visible(board);
    const scales = Object.fromEntries(shown.map((name) => [name, Omni.columnScale(board.rows.map((row) => row.cells[name]))]));
    const caption = `${board.protocol}, ${board.data}${board.manifest ? `, manifest ${board.manifest}` : ""}`;
    place.replaceChildren(h("table", { class: "board", role: "table" }, h("caption", {}, `Protocol ${caption}`), header(board, shown), bodies(board, rows, shown, scales)));
    byId("count").textContent = `${rows.length} of ${board.rows.length} rows${rows.length ? "" : ": nothing matches the filter"}.`;
  }

  function options(select, pairs, chosen) {
    select.replaceChildren(...pairs.map(([value, text]) => h("option", { value, selected: value === chosen }, text)));
    select.value = chosen;
  }

  function controls() {
    const board = current();
    const names = board ? board.metrics : [];
    const families = [...new Set(names.map((name) => about(name).family))];
    if (!["main", "all", ...families].includes(state.columns)) state.columns = "main";
    if (!names.includes(state.sort)) state.sort = board ? board.main[0] || names[0] || "" : "";
    state.board = board ? board.id : "";
    byId("data-choice").hidden = boards().length < 2;
    options(byId("data"), boards().map((b) => [b.id, `${b.data}${b.manifest ? ` (${b.manifest})` : ""}`]), state.board);
    options(byId("columns"), [["main", "the paper\u2019s eight"], ...families.map((f) => [f, HELP.families[f]]), ["all", "all"]], state.columns);
    options(byId("sort"), names.map((name) => [name, about(name).title]), state.sort);
    byId("order").value = state.order;
    byId("filter").value = state.filter;
    byId("show-controls").checked = state.controls;
    byId("show-reported").checked = state.reported;
    byId("grouped").checked = state.grouped;
    byId("protocols").replaceChildren(...Object.keys(all.about).map((name) => h("label", {},
      h("input", { type: "radio", name: "protocol", value: name, id: `protocol-${name}`, checked: name === state.protocol,
        onchange: () => { state.protocol = name; state.board = ""; state.order = "best"; update(`protocol-${name}`); } }),
      h("span", {}, name))));
  }

  function remember() {
    const short = { protocol: state.protocol, data: state.board, columns: state.columns, sort: state.sort, order: state.order, q: state.filter, x: state.x, y: state.y };
    const flags = { controls: state.controls, reported: state.reported, grouped: state.grouped };
    const pairs = [...Object.entries(short).filter(([, v]) => v), ...Object.entries(flags).filter(([, v]) => !v).map(([k]) => [k, "no"])];
    try { history.replaceState(null, "", `#${new URLSearchParams(pairs)}`); } catch { /* a browser that allows none for files */ }
  }

  function recall() {
    const found = new URLSearchParams(location.hash.slice(1));
    const take = (key, name, allowed) => { const v = found.get(name); if (v !== null && (!allowed || allowed.includes(v))) state[key] = v; };
    take("protocol", "protocol", Object.keys(all.about));
    take("board", "data"); take("columns", "columns"); take("sort", "sort"); take("order", "order", ["best", "worst"]);
    take("filter", "q"); take("x", "x"); take("y", "y");
    for (const key of ["controls", "reported", "grouped"]) state[key] = found.get(key) !== "no";
  }

  function update(focus) {
    controls();
    draw();
    for (const listener of listeners) listener();
    remember();
    if (focus) byId(focus)?.focus();
  }

  function start() {
    recall();
    const on = (id, event, change) => byId(id).addEventListener(event, (e) => { change(e.target); update(); });
    on("data", "change", (t) => { state.board = t.value; });
    on("columns", "change", (t) => { state.columns = t.value; });
    on("sort", "change", (t) => { state.sort = t.value; state.order = "best"; });
    on("order", "change", (t) => { state.order = t.value; });
    on("filter", "input", (t) => { state.filter = t.value; });
    on("show-controls", "change", (t) => { state.controls = t.checked; });
    on("show-reported", "change", (t) => { state.reported = t.checked; });
    on("grouped", "change", (t) => { state.grouped = t.checked; });
    update();
  }

  return { all, state, current, visible, about, options, remember, start, listen: (f) => listeners.push(f) };
}
