"use strict";
// Two videos on one clock. The speaker's leads; the answer's is kept beside it: small drifts by playing a little faster or
// slower, large ones by a jump. Where nobody has a clip the clock is the computer's.
function makePlayer(videos, onTime, onState) {
  const NEAR = 0.012;
  const FAR = 0.2;
  const elements = Object.values(videos);
  let present = [];
  let duration = 0;
  let rate = 1;
  let playing = false;
  let wanted = false; // what the person asked for: a seek interrupts playing, and does not end it
  let virtual = { at: 0, since: 0 };
  let turn = 0;

  const leader = () => present[0];
  const lengthOf = (video) => (Number.isFinite(video.duration) ? video.duration : duration);

  function time() {
    if (leader()) return Math.min(duration, leader().currentTime);
    const passed = playing ? rate * (performance.now() - virtual.since) / 1000 : 0;
    return Math.min(duration, virtual.at + passed);
  }

  function drift() {
    return present.length < 2 ? 0 : present[1].currentTime - present[0].currentTime;
  }

  function tune() {
    for (const video of present.slice(1)) {
      const off = video.currentTime - leader().currentTime;
      if (video.ended || leader().currentTime >= lengthOf(video) - 0.05 || video.seeking) video.playbackRate = rate;
      else if (Math.abs(off) > FAR) video.currentTime = leader().currentTime;
      else video.playbackRate = Math.abs(off) > NEAR ? rate * (1 - Math.max(-0.1, Math.min(0.1, 2 * off))) : rate;
    }
  }

  function tick(mine) {
    if (!playing || mine !== turn) return;
    tune();
    onTime(time());
    if (time() >= duration - 0.001 || leader()?.ended) return pause();
    requestAnimationFrame(() => tick(mine));
  }

  function halt() {
    virtual = { at: time(), since: 0 };
    playing = false;
    for (const video of present) {
      video.pause();
      video.playbackRate = rate;
    }
  }

  function pause() {
    turn += 1;
    wanted = false;
    halt();
    onState(false);
    onTime(time());
  }

  const settled = (video) => new Promise((resolve) => {
    if (!video.seeking) return resolve();
    const done = () => { clearTimeout(limit); video.removeEventListener("seeked", done); resolve(); };
    const limit = setTimeout(done, 4000);
    video.addEventListener("seeked", done);
  });

  async function seek(to) {
    turn += 1;
    const mine = turn;
    const target = Math.max(0, Math.min(duration, to));
    halt();
    virtual = { at: target, since: 0 };
    for (const video of present) video.currentTime = Math.min(target, lengthOf(video));
    onTime(target);
    await Promise.all(present.map(settled));
    if (mine === turn && wanted) await play();
  }

  async function play() {
    if (time() >= duration - 0.05) {
      wanted = false;
      await seek(0);
    }
    turn += 1;
    const mine = turn;
    wanted = true;
    onState(true);
    for (const video of present.slice(1)) {
      if (Math.abs(video.currentTime - leader().currentTime) > NEAR) video.currentTime = Math.min(leader().currentTime, lengthOf(video));
    }
    await Promise.all(present.map(settled));
    if (mine !== turn) return;
    virtual.since = performance.now();
    playing = true;
    for (const video of present) video.playbackRate = rate;
    try {
      await Promise.all(present.filter((video) => !video.ended).map((video) => video.play()));
    } catch (error) {
      if (error.name !== "AbortError") Omni.announce(`The browser did not play: ${error.message}`);
      if (mine === turn) pause();
      return;
    }
    requestAnimationFrame(() => tick(mine));
  }

  async function load(addresses, seconds) {
    pause();
    duration = seconds;
    virtual = { at: 0, since: 0 };
    present = [];
    for (const [name, video] of Object.entries(videos)) {
      if (video.src.startsWith("blob:")) URL.revokeObjectURL(video.src);
      video.parentElement.classList.toggle("empty", !addresses[name]);
      if (!addresses[name]) {
        video.removeAttribute("src");
        video.load();
        continue;
      }
      video.src = addresses[name];
      present.push(video);
    }
    await Promise.all(present.map((video) => new Promise((resolve) => {
      if (video.readyState >= 2) return resolve();
      video.addEventListener("loadeddata", resolve, { once: true });
      video.addEventListener("error", resolve, { once: true });
    })));
  }

  return {
    load, play, seek, drift, time,
    pause,
    toggle: () => (wanted ? pause() : play()),
    playing: () => playing,
    setRate: (value) => { rate = value; virtual = { at: time(), since: performance.now() }; for (const v of elements) v.playbackRate = value; },
  };
}
