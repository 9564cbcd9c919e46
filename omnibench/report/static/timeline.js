"use strict";
// The timeline: pictures, words and voices of both people, the human listener, face curves, step times; one canvas that
// shows the stretch around the current time.
function makeTimeline(canvas, curveTitles, onSeek) {
  const FONT = '13px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';
  const SMALL = FONT.replace("13px", "11.5px");
  const SPEED = 118; // least pixels a second, so that words and pictures have room
  const PICTURE = 78;
  const ctx = canvas.getContext("2d");
  let shown = null;
  let now = 0;
  let colours = {};

  function readColours() {
    const probe = document.createElement("span");
    document.body.append(probe);
    for (const name of ["ink", "soft", "line", "surface", "speaker", "answer", "human", "speaker-tint", "answer-tint", "human-tint", "warn"]) {
      probe.style.color = `var(--${name})`;
      colours[name] = getComputedStyle(probe).color;
    }
    probe.remove();
  }

  function lanes(dialogue) {
    const { speaker, answer, human } = dialogue.sides;
    const found = [];
    const add = (height, title, colour, draw) => found.push({ height, title, colour, draw });
    const voice = (side, name) => add(38, name === "human" ? "human listener" : "", name, (v, y, h) => Lanes.wave(ctx, v, side, y + 2, h - 4, colours[name], colours[`${name}-tint`]));
    const said = (side, name) => add(20, "", name, (v, y, h) => { ctx.font = FONT; Lanes.words(ctx, v, side, y + h / 2, colours.ink, now, colours[name]); });
    const faces = (side, name, title) => { if (side.pictures) add(PICTURE + 4, title, name, (v, y) => Lanes.pictures(ctx, v, side, dialogue.every, y + 2, PICTURE, colours[name], colours.line)); };
    faces(speaker, "speaker", "speaker");
    said(speaker, "speaker");
    voice(speaker, "speaker");
    add(20, "", "soft", axis);
    voice(answer, "answer");
    said(answer, "answer");
    faces(answer, "answer", "listener");
    add(8, "", "soft", () => {});
    voice(human, "human");
    said(human, "human");
    for (const [name, title] of Object.entries(curveTitles)) {
      const both = [answer.curves[name], human.curves[name]].filter(Boolean);
      const values = both.flat().filter((value) => value !== null);
      if (!values.length) continue;
      const [low, high] = name === "pitch" ? [Math.min(...values, -3), Math.max(...values, 3)] : [0, Math.max(0.25, ...values)];
      add(36, title, "soft", (v, y, h) => {
        if (answer.curves[name]) Lanes.curve(ctx, v, answer.curves[name], y + 3, h - 6, low, high, { colour: colours.answer, fill: true });
        if (human.curves[name]) Lanes.curve(ctx, v, human.curves[name], y + 3, h - 6, low, high, { colour: colours.human });
      });
    }
    if (dialogue.steps.length) {
      const most = Math.max(...dialogue.steps);
      add(44, `step time, ≤ ${Omni.number(most, most < 10 ? 2 : 0)} ms`, "soft", (v, y, h) => Lanes.steps(ctx, v, dialogue.steps, dialogue.fps, y + 4, h - 8, colours));
    }
    return found;
  }

  function axis(view, y, height) {
    ctx.font = SMALL;
    ctx.fillStyle = colours.soft;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    for (let second = Math.ceil(view.t0); second <= view.t1; second += 1) ctx.fillText(`${second} s`, Math.max(view.x(second), view.left + 10), y + height / 2);
  }

  function label(lane, y, left) {
    if (!lane.title) return;
    ctx.font = SMALL;
    ctx.fillStyle = colours[lane.colour];
    ctx.textAlign = "right";
    ctx.textBaseline = "middle";
    const words = lane.title.split(" ");
    const lines = words.reduce((all, word) => {
      const last = all[all.length - 1];
      if (last !== undefined && ctx.measureText(`${last} ${word}`).width < left - 12) all[all.length - 1] = `${last} ${word}`;
      else all.push(word);
      return all;
    }, []);
    lines.forEach((text, i) => ctx.fillText(text, left - 10, y + lane.height / 2 + (i - (lines.length - 1) / 2) * 13));
  }

  function viewOf(width) {
    const left = width < 560 ? 62 : 92;
    const speed = Math.max(SPEED, (width - left) / shown.duration);
    const span = Math.min(shown.duration, (width - left) / speed);
    const t0 = Math.max(0, Math.min(now - span / 2, shown.duration - span));
    const x = (time) => left + (time - t0) * speed;
    return { left, right: width, t0, t1: t0 + span, duration: shown.duration, speed, x, at: (place) => left + place - t0 * speed };
  }

  function place(speed) {
    ctx.font = FONT;
    for (const side of Object.values(shown.sides)) {
      const widths = side.words.map(([text]) => ctx.measureText(text).width);
      side.places = Lanes.placeWords(side.words.map(([, a, b]) => speed * (a + b) / 2), widths, 5);
    }
    shown.placedFor = speed;
  }

  function draw() {
    if (!shown) return;
    const width = canvas.clientWidth;
    const ratio = window.devicePixelRatio || 1;
    const rows = shown.lanes;
    const height = rows.reduce((sum, lane) => sum + lane.height, 0) + 6;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.height = `${height}px`;
    }
    const view = viewOf(width);
    if (shown.placedFor !== view.speed) place(view.speed);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, width, height);
    ctx.save();
    ctx.beginPath();
    ctx.rect(view.left - 1, 0, width, height);
    ctx.clip();
    let y = 3;
    for (const lane of rows) {
      lane.draw(view, y, lane.height);
      y += lane.height;
    }
    ctx.fillStyle = colours.ink;
    ctx.fillRect(view.x(now) - 0.75, 0, 1.5, height);
    ctx.restore();
    y = 3;
    for (const lane of rows) {
      label(lane, y, view.left);
      y += lane.height;
    }
  }

  function show(dialogue) {
    for (const side of Object.values(dialogue.sides)) {
      if (side.wave && !side.peaks) side.peaks = Lanes.bytes(side.wave);
      if (side.strip && !side.image) {
        side.image = new Image();
        side.image.addEventListener("load", draw);
        side.image.src = `data:image/jpeg;base64,${side.strip}`;
      }
    }
    shown = { ...dialogue, placedFor: 0 };
    shown.lanes = lanes(shown);
    now = 0;
    canvas.setAttribute("aria-label", `Timeline of ${dialogue.id}: ${Object.entries(dialogue.sides).map(([name, side]) => `${name}, ${side.words.length} words`).join("; ")}`);
    draw();
  }

  canvas.addEventListener("click", (event) => {
    const view = viewOf(canvas.clientWidth);
    const time = view.t0 + (event.offsetX - view.left) / view.speed;
    if (shown && event.offsetX >= view.left) onSeek(Math.min(shown.duration, Math.max(0, time)));
  });
  const recolour = () => { readColours(); draw(); };
  new MutationObserver(recolour).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
  new ResizeObserver(draw).observe(canvas.parentElement);
  readColours();
  return { show, move: (time) => { now = time; draw(); } };
}
