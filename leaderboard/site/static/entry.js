"use strict";
// A row's own page: help, copies, and for each board its dialogues by any metric, worst first.
function startEntry() {
  const { h, svg, byId, number, arrow, ticks, tickText } = Omni;
  const data = Omni.data("entry-data");
  const views = [];

  // The table is readable without a script; here its titles explain themselves, its values lead to their dialogues.
  for (const line of document.querySelectorAll(".metrics tr[id]")) {
    const name = line.id.split("/")[1];
    const help = HELP.metrics[name];
    const [head, value, interval] = line.children;
    head.replaceChildren(h("button", { type: "button", class: "asker", "aria-label": `About ${help.title}`,
      onclick: () => Omni.helpDialog(name, help) }, help.title), " ", h("span", { "aria-hidden": "true" }, arrow(help.direction)));
    if (line.hasAttribute("data-dialogues")) {
      const text = value.textContent;
      value.replaceChildren(h("a", { href: `#${line.id}`, "aria-label": `${help.title} ${text}: its dialogues, worst first` }, text));
    }
    if (interval.dataset.bar) {
      const [l, v, high] = interval.dataset.bar.split(" ").map(Number);
      interval.append(Omni.bar({ l, v, h: high }, { low: 0, high: 100 }));
    }
  }
  for (const lines of document.querySelectorAll("pre[data-end]")) {
    lines.textContent = lines.textContent.replaceAll(/$/gm, () => lines.dataset.end);
  }
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", () => Omni.copy(byId(button.dataset.copy).textContent, button.dataset.what));
  }

  const failed = (reason) => Boolean(reason) && !/^(outside|skipped)/.test(reason);

  // Worst first; largest first where no direction is better. Failures come before all, what is outside the metric last.
  function worstFirst(board, name) {
    const sign = HELP.metrics[name].direction === "higher" ? 1 : -1;
    const values = board.values[name];
    const rank = (i) => (values[i] === null ? (failed(board.reasons[name]?.[i]) ? 0 : 2) : 1);
    return board.ids.map((_, i) => i).sort((a, b) => rank(a) - rank(b) || sign * (values[a] - values[b]) || a - b);
  }

  function lollipops(board, name, order) {
    const help = HELP.metrics[name];
    const shown = order.filter((i) => board.values[name][i] !== null);
    if (!shown.length) return h("p", { class: "soft" }, "No dialogue has a value of its own.");
    const whole = board.whole[name];
    const values = shown.map((i) => board.values[name][i]);
    const low = Math.min(0, ...values, whole.l ?? 0);
    const high = Math.max(...values, whole.v ?? -Infinity, whole.h ?? -Infinity) || 1;
    const [width, height, left, bottom, top] = [860, 250, 58, shown.length <= 30 ? 74 : 26, 12];
    const step = (width - left - 12) / shown.length;
    const x = (n) => left + step * (n + 0.5);
    const y = (v) => height - bottom - (height - bottom - top) * (v - low) / (high - low || 1);
    const marks = ticks(low, high, 5);
    return svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img",
      "aria-label": `${help.title} of ${shown.length} dialogues, worst first, from ${number(values[0], help.decimals)} to ${number(values[values.length - 1], help.decimals)}` },
      whole.l === undefined ? null : svg("rect", { class: "band", x: left, width: width - left - 12, y: y(whole.h), height: Math.max(0, y(whole.l) - y(whole.h)) }),
      marks.map((v) => [svg("line", { class: "grid", x1: left, x2: width - 12, y1: y(v), y2: y(v) }), svg("text", { class: "soft", x: left - 8, y: y(v) + 4, "text-anchor": "end", "font-size": 12 }, tickText(v, marks))]),
      whole.v === undefined ? null : svg("line", { class: "level", x1: left, x2: width - 12, y1: y(whole.v), y2: y(whole.v) }),
      shown.map((i, n) => [svg("line", { class: "stem", x1: x(n), x2: x(n), y1: y(Math.max(low, 0)), y2: y(values[n]) }), svg("circle", { class: n === 0 ? "worst" : "dot", cx: x(n), cy: y(values[n]), r: Math.min(5, step / 2.6) })]),
      shown.length > 30 ? null : shown.map((i, n) => svg("text", { class: "soft", "font-size": 11, "text-anchor": "end", transform: `translate(${x(n) + 4} ${height - bottom + 10}) rotate(-60)` }, board.ids[i])));
  }

  function dialogueTable(board, name, order) {
    const others = board.main.filter((other) => other !== name && board.values[other]);
    const shown = [name, ...others];
    const cell = (other, i) => {
      const value = board.values[other][i];
      const reason = board.reasons[other]?.[i];
      return h("td", { class: "number" }, value === null ? h("span", { class: failed(reason) ? "mark" : "soft", title: reason || false }, failed(reason) ? "!" : "\u2013", h("span", { class: "hidden-text" }, reason || "no value")) : number(value, HELP.metrics[other].decimals));
    };
    return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Dialogues by ${HELP.metrics[name].title}` },
      h("table", { class: "dialogues" },
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Dialogue"), shown.map((other) => h("th", { scope: "col", class: "number" }, `${HELP.metrics[other].title} ${arrow(HELP.metrics[other].direction)}`)))),
        h("tbody", {}, order.map((i, n) => h("tr", { class: n === 0 ? "first" : false },
          h("th", { scope: "row" }, data.media ? h("a", { href: `../${data.media}#${encodeURIComponent(`${board.ids[i]}/${name}`)}` }, board.ids[i]) : board.ids[i],
            board.people[i] ? h("span", { class: "soft small" }, ` ${board.people[i]}`) : null),
          shown.map((other) => cell(other, i)))))));
  }

  function view(place, board) {
    const names = board.metrics;
    const select = h("select", { id: `metric-${board.protocol}`, onchange: () => draw(select.value) }, names.map((name) => h("option", { value: name }, HELP.metrics[name].title)));
    const output = h("div", { class: "lollipops" });
    place.replaceChildren(h("h3", { id: `dialogues-${board.protocol}` }, "Dialogue by dialogue"),
      h("label", {}, h("span", { class: "label" }, "Worst first by"), select), output);
    function draw(name) {
      select.value = name;
      const order = worstFirst(board, name);
      output.replaceChildren(lollipops(board, name, order), dialogueTable(board, name, order));
    }
    draw(names.includes(board.main[0]) ? board.main[0] : names[0]);
    views.push({ board, place, draw });
  }

  for (const place of document.querySelectorAll(".per-dialogue")) view(place, data.boards[Number(place.dataset.board)]);

  function follow() {
    const [protocol, name] = Omni.decoded(location.hash.slice(1)).split("/");
    const found = views.find(({ board }) => board.protocol === protocol && board.metrics.includes(name));
    if (!found) return;
    found.draw(name);
    found.place.scrollIntoView({ block: "start", behavior: "instant" });
    found.place.querySelector("select").focus({ preventScroll: true });
  }
  window.addEventListener("hashchange", follow);
  // After the browser has gone to the line of the table that the address names.
  window.addEventListener("load", () => setTimeout(follow, 0));
}
