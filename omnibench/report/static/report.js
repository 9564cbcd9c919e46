"use strict";
// The page: a metric chooses the order of the dialogues, a dialogue fills the viewer, the clock moves everything in it.
(() => {
  const { h, byId, number, arrow } = Omni;
  const data = Omni.data("report-data");
  const SIDES = ["speaker", "answer", "human"];
  const state = { metric: "", dialogue: null };
  const videos = { speaker: byId("video-speaker"), answer: byId("video-answer") };
  const scored = new Set(data.dialogues.flatMap((d) => Object.entries(d.scores).filter(([, s]) => s.v !== undefined).map(([name]) => name)));
  const tracks = Object.fromEntries(Object.entries(videos).map(([name, video]) => [name, video.addTextTrack("captions", "Words", "en")]));

  const player = makePlayer(videos, moved, (playing) => { byId("play").textContent = playing ? "Pause" : "Play"; });
  const timeline = makeTimeline(byId("timeline"), data.curves, (time) => player.seek(time));
  const transcripts = Object.fromEntries(SIDES.map((side) => [side, makeTranscript(byId(`words-${side}`), (time) => player.seek(time))]));

  function moved(time) {
    timeline.move(time);
    const slider = byId("seek");
    slider.value = time;
    const text = `${time.toFixed(1)} of ${state.dialogue.duration.toFixed(1)} s`;
    slider.setAttribute("aria-valuetext", text);
    byId("clock").textContent = text;
    for (const side of SIDES) transcripts[side].move(time);
    for (const [side, video] of Object.entries(videos)) {
      const speaking = (state.dialogue.sides[side].speech || []).some(([a, b]) => time >= a && time < b);
      video.parentElement.classList.toggle("speaking", speaking);
    }
  }

  function address(key) {
    if (!data.embedded) return key;
    const raw = Lanes.bytes(byId(`clip:${key}`).textContent);
    return URL.createObjectURL(new Blob([raw], { type: "video/mp4" }));
  }

  function caption(side, utterances) {
    const track = tracks[side];
    for (const cue of [...(track.cues || [])]) track.removeCue(cue);
    for (const { start, end, words } of utterances) track.addCue(new VTTCue(start, end + 0.3, words.map(([text]) => text).join(" ").replace(/[&<>]/g, " ")));
  }

  // Worst first; largest first where no direction is better. Failures come before all, what is outside the metric last.
  function order() {
    if (!state.metric) return data.dialogues;
    const sign = data.metrics[state.metric].direction === "higher" ? 1 : -1;
    const place = (d) => { const s = d.scores[state.metric]; return s?.v !== undefined ? 1 : s && !["outside", "skipped"].includes(s.s) ? 0 : 2; };
    const value = (d) => d.scores[state.metric]?.v ?? 0;
    return [...data.dialogues].sort((a, b) => place(a) - place(b) || sign * (value(a) - value(b)));
  }

  function scoreText(dialogue, name) {
    const score = dialogue.scores[name];
    if (score?.v !== undefined) return number(score.v, data.metrics[name].decimals);
    // A dialogue that a metric does not ask about, such as words where the human listener said none.
    return score ? { outside: "does not apply" }[score.s] || score.s.replace("_", " ") : "–";
  }

  function drawList() {
    const list = order();
    const values = list.map((d) => Math.abs(d.scores[state.metric]?.v ?? 0));
    const most = Math.max(...values, 1e-12);
    byId("list-order").textContent = state.metric ? `By ${data.metrics[state.metric].title}, ${data.metrics[state.metric].direction === "none" ? "largest" : "worst"} first.` : "In the data set’s order.";
    byId("dialogues").replaceChildren(...list.map((d, i) => {
      const share = h("span", {});
      share.style.width = `${100 * values[i] / most}%`;
      return h("li", {}, h("button", { type: "button", "data-id": d.id, "aria-current": state.dialogue?.id === d.id ? "true" : false, onclick: () => open(d.id, true) },
        h("span", {}, d.id, d.status === "ok" ? null : h("span", { class: "badge flag" }, d.status.replace("_", " "))),
        state.metric ? h("span", { class: "soft" }, scoreText(d, state.metric)) : null,
        state.metric ? h("span", { class: "share", "aria-hidden": "true" }, share) : null));
    }));
  }

  function drawScores() {
    const names = Object.keys(data.whole);
    const cell = (name) => {
      const [whole, help] = [data.whole[name], data.metrics[name]];
      const inside = [h("span", {}, `${help.title} `, h("span", { "aria-hidden": "true" }, arrow(help.direction))),
        h("b", {}, whole.v === undefined ? "–" : number(whole.v, help.decimals), whole.v !== undefined && help.unit ? h("span", { class: "unit" }, ` ${help.unit}`) : null,
          whole.n === undefined ? null : h("span", { class: "mark" }, ` ${whole.n}/${whole.of} !`)),
        h("span", { class: "range" }, whole.v === undefined ? whole.s.replace("_", " ") : whole.l === undefined ? "" : `[${number(whole.l, help.decimals)}, ${number(whole.h, help.decimals)}]`)];
      const extra = [whole.r ? [h("h3", {}, "Why there is no number"), h("p", {}, whole.r)] : null, whole.signature ? [h("h3", {}, "Signature"), h("pre", { tabindex: "0" }, whole.signature)] : null];
      return h("li", {}, h("button", { type: "button", class: "metric", "data-metric": name, disabled: !scored.has(name), "aria-pressed": scored.has(name) ? String(state.metric === name) : false,
        title: scored.has(name) ? false : "no value of its own for a dialogue", onclick: () => choose(name) }, inside),
        h("button", { type: "button", class: "asker", "aria-label": `About ${help.title}`, onclick: () => Omni.helpDialog(name, help, extra) }, "?"));
    };
    byId("scores").replaceChildren(...Object.entries(data.families).map(([family, title]) => [title, names.filter((name) => data.metrics[name].family === family)])
      .filter(([, own]) => own.length).map(([title, own]) => h("div", {}, h("h3", {}, title), h("ul", {}, own.map(cell)))));
  }

  function choose(name) {
    state.metric = name;
    for (const button of document.querySelectorAll("#scores .metric[aria-pressed]")) button.setAttribute("aria-pressed", String(button.dataset.metric === name));
    drawList();
    const list = byId("dialogues");
    list.scrollTop = 0;
    list.querySelector("button").focus({ preventScroll: true });
    document.querySelector(".workbench").scrollIntoView({ block: "nearest" });
    remember();
  }

  async function open(id, focus) {
    const dialogue = data.dialogues.find((d) => d.id === id) || order()[0];
    state.dialogue = dialogue;
    byId("dialogue-title").textContent = dialogue.id;
    const shown = Object.keys(data.whole).filter((name) => scored.has(name)).slice(0, 7);
    const reason = dialogue.status === "ok" ? "" : `${dialogue.status.replace("_", " ")}: ${dialogue.reason}`;
    byId("dialogue-scores").replaceChildren(...(reason ? [h("span", { class: "mark" }, `${reason}. `)] : []),
      h("span", { class: "soft" }, [...new Set([state.metric, ...shown])].filter(Boolean).map((name) => `${data.metrics[name].title} ${scoreText(dialogue, name)}`).join(" · ")));
    const slider = byId("seek");
    slider.max = dialogue.duration;
    for (const side of SIDES) transcripts[side].show(dialogue.sides[side].words, side);
    for (const side of Object.keys(videos)) caption(side, transcripts[side].utterances());
    timeline.show(dialogue);
    for (const button of document.querySelectorAll("#dialogues button")) {
      if (button.dataset.id === dialogue.id) button.setAttribute("aria-current", "true"); else button.removeAttribute("aria-current");
    }
    const loading = player.load(Object.fromEntries(Object.entries(dialogue.media).map(([side, key]) => [side, address(key)])), dialogue.duration);
    moved(0);
    remember();
    if (focus) {
      byId("dialogue-title").focus({ preventScroll: true });
      byId("viewer").scrollIntoView({ block: "nearest" });
    }
    await loading;
  }

  function step(by) {
    const list = order();
    const at = list.findIndex((d) => d.id === state.dialogue.id) + by;
    if (at >= 0 && at < list.length) open(list[at].id, false);
  }

  function remember() {
    const text = [state.dialogue?.id, state.metric].filter(Boolean).map(encodeURIComponent).join("/");
    try { history.replaceState(null, "", `#${text}`); } catch { /* a browser that allows none for files */ }
  }

  function keys(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const own = event.target.closest("button, select, input, textarea, [role=region]");
    const actions = { ArrowLeft: () => player.seek(player.time() - 1), ArrowRight: () => player.seek(player.time() + 1),
      ",": () => player.seek(player.time() - 1 / state.dialogue.fps), ".": () => player.seek(player.time() + 1 / state.dialogue.fps),
      j: () => step(1), k: () => step(-1), " ": () => player.toggle() };
    const action = actions[event.key];
    if (!action || (own && [" ", "ArrowLeft", "ArrowRight"].includes(event.key))) return;
    event.preventDefault();
    action();
  }

  function start() {
    Omni.startTheme();
    byId("play").addEventListener("click", () => player.toggle());
    byId("seek").addEventListener("input", (event) => player.seek(Number(event.target.value)));
    byId("speed").addEventListener("change", (event) => player.setRate(Number(event.target.value)));
    byId("previous").addEventListener("click", () => step(-1));
    byId("next").addEventListener("click", () => step(1));
    for (const side of Object.keys(videos)) {
      byId(`mute-${side}`).addEventListener("click", (event) => {
        videos[side].muted = !videos[side].muted;
        event.target.setAttribute("aria-pressed", String(videos[side].muted));
      });
    }
    byId("captions").addEventListener("click", (event) => {
      const on = event.target.getAttribute("aria-pressed") !== "true";
      for (const track of Object.values(tracks)) track.mode = on ? "showing" : "hidden";
      event.target.setAttribute("aria-pressed", String(on));
    });
    for (const track of Object.values(tracks)) track.mode = "hidden";
    document.addEventListener("keydown", keys);
    const [id, metric] = location.hash.slice(1).split("/").map(Omni.decoded);
    state.metric = scored.has(metric) ? metric : "";
    drawScores();
    drawList();
    open(id, false);
    window.addEventListener("hashchange", () => { const wanted = Omni.decoded(location.hash.slice(1).split("/")[0]); if (wanted !== state.dialogue.id) open(wanted, true); });
    window.omnibenchPlayer = player;
  }

  start();
})();
