"use strict";
// What the report and the leaderboard share. Whatever comes from data becomes text nodes and attributes, never markup.
const Omni = (() => {
  const SVG = "http://www.w3.org/2000/svg";

  function fill(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === false || value === null || value === undefined) continue;
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value === true) node.setAttribute(name, "");
      else node.setAttribute(name, String(value));
    }
    for (const child of children.flat(Infinity)) {
      if (child !== null && child !== undefined && child !== false) node.append(child);
    }
    return node;
  }

  const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
  const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);
  const byId = (id) => document.getElementById(id);
  const data = (id) => JSON.parse(byId(id).textContent);

  // A number as the tables print it; a minus sign that is one.
  function number(value, decimals) {
    const text = value.toFixed(decimals);
    return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "\u2212");
  }

  function arrow(direction) {
    return { higher: "\u2191", lower: "\u2193" }[direction] || "";
  }

  function directionText(direction) {
    return { higher: "higher is better", lower: "lower is better" }[direction] || "no better direction";
  }

  // About `count` round values that cover low to high.
  function ticks(low, high, count) {
    const span = high - low || Math.abs(high) || 1;
    const power = 10 ** Math.floor(Math.log10(span / count));
    const step = [1, 2, 5, 10].map((m) => m * power).find((s) => span / s <= count);
    const found = [];
    for (let n = Math.ceil(low / step - 1e-9); n * step <= high + step * 1e-9; n += 1) found.push(n * step);
    return found;
  }

  function tickText(value, all) {
    const step = all.length > 1 ? Math.abs(all[1] - all[0]) : Math.abs(value) || 1;
    return number(value, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
  }

  let announced = 0;
  function announce(text) {
    // What lies outside an open dialog is not read out.
    const place = document.querySelector("dialog[open] [role=status]") || byId("announcement");
    place.textContent = text;
    announced += 1;
    const mine = announced;
    setTimeout(() => { if (mine === announced) place.textContent = ""; }, 4000);
  }

  // navigator.clipboard is not there on pages from disk in every browser; a selection and the old command are.
  async function copy(text, what) {
    let done = false;
    try {
      await navigator.clipboard.writeText(text);
      done = true;
    } catch {
      const holder = h("textarea", { class: "hidden-text", "aria-hidden": "true" });
      holder.value = text;
      (document.querySelector("dialog[open]") || document.body).append(holder);
      holder.select();
      done = document.execCommand("copy");
      holder.remove();
    }
    announce(done ? `${what} copied.` : `Could not copy: select the text instead.`);
  }

  function dialog(title, ...content) {
    const name = "dialog-title";
    const box = h("dialog", { "aria-labelledby": name },
      h("h2", { id: name }, title),
      content,
      h("div", { class: "actions" }, h("button", { type: "button", onclick: () => box.close() }, "Close"), h("span", { role: "status", class: "soft" })));
    box.addEventListener("close", () => box.remove());
    box.addEventListener("click", (event) => { if (event.target === box) box.close(); });
    document.body.append(box);
    box.showModal();
    return box;
  }

  function textDialog(title, text, what) {
    const box = dialog(title, h("pre", { tabindex: "0" }, text));
    box.querySelector(".actions").prepend(h("button", { type: "button", onclick: () => copy(text, what) }, "Copy"));
  }

  function helpDialog(name, help, extra) {
    dialog(help.title,
      h("p", { class: "soft" }, h("code", {}, name), ` \u00b7 ${directionText(help.direction)}`,
        help.unit ? ` \u00b7 ${help.unit}` : ""),
      h("h3", {}, "What it is"), h("p", {}, help.definition),
      help.pitfalls ? [h("h3", {}, "What to look out for"), h("p", {}, help.pitfalls)] : null,
      extra || null);
  }

  // A value with its whiskers on a scale that all rows of a column share.
  function bar(cell, scale) {
    if (cell.v === undefined || !scale) return null;
    const at = (value) => scale.high === scale.low ? 50 : 2 + 96 * (value - scale.low) / (scale.high - scale.low);
    return svg("svg", { class: "bar", viewBox: "0 0 100 9", preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("line", { class: "axis", x1: 0, x2: 100, y1: 4.5, y2: 4.5 }),
      cell.l === undefined ? null : svg("line", { x1: at(cell.l), x2: at(cell.h), y1: 4.5, y2: 4.5 }),
      svg("rect", { x: at(cell.v) - 1.6, y: 1, width: 3.2, height: 7 }));
  }

  function columnScale(cells) {
    const ends = cells.filter((c) => c && c.v !== undefined).flatMap((c) => [c.v, c.l ?? c.v, c.h ?? c.v]);
    return ends.length ? { low: Math.min(...ends), high: Math.max(...ends) } : null;
  }

  const THEMES = ["auto", "light", "dark"];
  function setTheme(theme) {
    if (theme === "auto") document.documentElement.removeAttribute("data-theme");
    else document.documentElement.setAttribute("data-theme", theme);
    try { localStorage.setItem("omnibench-theme", theme); } catch { /* a page from disk may have no storage */ }
    const button = byId("theme");
    if (button) button.textContent = `Theme: ${theme}`;
  }

  function startTheme() {
    let theme = "auto";
    try { theme = localStorage.getItem("omnibench-theme") || "auto"; } catch { /* as above */ }
    setTheme(THEMES.includes(theme) ? theme : "auto");
    byId("theme")?.addEventListener("click", () => {
      const now = document.documentElement.getAttribute("data-theme") || "auto";
      setTheme(THEMES[(THEMES.indexOf(now) + 1) % THEMES.length]);
    });
  }

  // An address may have been typed by hand, with a "%" that begins nothing.
  function decoded(text) {
    try { return decodeURIComponent(text); } catch { return text; }
  }

  return { h, svg, decoded, byId, data, number, arrow, directionText, ticks, tickText, announce, copy, dialog, textDialog,
    helpDialog, bar, columnScale, startTheme };
})();
