"use strict";
// What the timeline draws with: each function one kind of lane on a canvas, between two times of a dialogue.
const Lanes = (() => {
  function bytes(text) {
    return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  }

  // Centres as near to the words' middles as their widths allow, in order: least squares by pooling adjacent violators.
  function placeWords(middles, widths, gap) {
    const room = [0];
    for (let i = 1; i < middles.length; i += 1) room.push(room[i - 1] + (widths[i - 1] + widths[i]) / 2 + gap);
    const pools = [];
    middles.forEach((middle, i) => {
      let [value, count] = [middle - room[i], 1];
      while (pools.length && pools[pools.length - 1][0] > value) {
        const [earlier, n] = pools.pop();
        value = (earlier * n + value * count) / (n + count);
        count += n;
      }
      pools.push([value, count]);
    });
    const first = widths.length ? widths[0] / 2 : 0;
    return pools.flatMap(([value, count]) => Array(count).fill(Math.max(value, first))).map((value, i) => value + room[i]);
  }

  function wave(ctx, view, side, y, height, colour, tint) {
    for (const [start, end] of side.speech || []) {
      if (end < view.t0 || start > view.t1) continue;
      ctx.fillStyle = tint;
      ctx.fillRect(view.x(start), y, view.x(end) - view.x(start), height);
    }
    ctx.fillStyle = colour;
    ctx.fillRect(view.left, y + height / 2 - 0.5, view.x(Math.min(view.t1, view.duration)) - view.left, 1);
    if (!side.peaks) return;
    const rate = side.peaks.length / view.duration;
    const [from, to] = [Math.max(0, Math.floor(view.t0 * rate)), Math.min(side.peaks.length, Math.ceil(view.t1 * rate))];
    const width = Math.max(1, (view.x(1) - view.x(0)) / rate) + 0.5; // a little over the next: no gaps between bars
    for (let i = from; i < to; i += 1) {
      const half = side.peaks[i] / 255 * height / 2;
      if (half > 0.4) ctx.fillRect(view.x(i / rate), y + height / 2 - half, width, 2 * half);
    }
  }

  function words(ctx, view, side, y, colour, current, accent) {
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    side.words.forEach(([text, start, end], i) => {
      const x = view.at(side.places[i]);
      if (x < view.left - 80 || x > view.right + 80) return;
      ctx.fillStyle = current >= start && current < end ? accent : colour;
      ctx.fillText(text, x, y);
    });
  }

  function pictures(ctx, view, side, every, y, size, colour, line) {
    if (!side.image || !side.image.complete || !side.image.naturalWidth) return;
    const edge = side.image.naturalHeight;
    const width = Math.min(size, view.x(every) - view.x(0) - 2);
    for (let i = 0; i < side.pictures; i += 1) {
      const [start, end] = [i * every, (i + 1) * every];
      if (end < view.t0 || start > view.t1) continue;
      const x = view.x(start) + 1;
      const crop = edge * (1 - width / size) / 2;
      const speaking = (side.speech || []).some(([a, b]) => a <= start + every / 2 && start + every / 2 < b);
      ctx.drawImage(side.image, i * edge + crop, 0, edge - 2 * crop, edge, x, y, width, size);
      ctx.strokeStyle = speaking ? colour : line;
      ctx.lineWidth = speaking ? 2.5 : 1;
      ctx.strokeRect(x + 0.5, y + 0.5, width - 1, size - 1);
    }
  }

  // One curve; where a face was lost there is a gap.
  function curve(ctx, view, values, y, height, low, high, style) {
    const rate = values.length / view.duration;
    const at = (value) => y + height - height * (Math.min(high, Math.max(low, value)) - low) / (high - low || 1);
    const [from, to] = [Math.max(0, Math.floor(view.t0 * rate) - 1), Math.min(values.length, Math.ceil(view.t1 * rate) + 1)];
    const base = at(Math.max(low, Math.min(high, 0)));
    ctx.beginPath();
    let open = false;
    for (let i = from; i < to; i += 1) {
      if (values[i] === null) { open = false; continue; }
      const x = view.x((i + 0.5) / rate);
      if (style.fill) { ctx.moveTo(x, base); ctx.lineTo(x, at(values[i])); } else if (open) ctx.lineTo(x, at(values[i])); else ctx.moveTo(x, at(values[i]));
      open = true;
    }
    ctx.strokeStyle = style.colour;
    ctx.lineWidth = style.fill ? Math.max(1, (view.x(1) - view.x(0)) / rate) : 1.4;
    ctx.globalAlpha = style.fill ? 0.5 : 1;
    ctx.stroke();
    ctx.globalAlpha = 1;
  }

  // A bar a step, against the time that a frame takes; steps that are longer reach into the warning's colour.
  function steps(ctx, view, values, fps, y, height, colours) {
    const budget = 1000 / fps;
    const top = Math.max(budget * 1.25, ...values);
    const width = Math.max(1, (view.x(1) - view.x(0)) / fps - 0.5);
    const at = (ms) => height * Math.min(1, ms / top);
    values.forEach((ms, i) => {
      const time = i / fps;
      if (time + 1 / fps < view.t0 || time > view.t1) return;
      ctx.fillStyle = ms > budget ? colours.warn : colours.soft;
      ctx.fillRect(view.x(time), y + height - at(ms), width, at(ms));
    });
    ctx.strokeStyle = colours.warn;
    ctx.setLineDash([5, 4]);
    ctx.lineWidth = 1;
    ctx.beginPath();
    ctx.moveTo(view.left, y + height - at(budget));
    ctx.lineTo(view.x(view.t1), y + height - at(budget));
    ctx.stroke();
    ctx.setLineDash([]);
  }

  return { bytes, placeWords, wave, words, pictures, curve, steps };
})();
