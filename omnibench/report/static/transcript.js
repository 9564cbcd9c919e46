"use strict";
// One person's words as utterances that scroll along; each begins with a button that goes to its time.
function makeTranscript(list, onSeek) {
  const { h } = Omni;
  const PAUSE = 0.6;
  let utterances = [];

  function group(words) {
    const found = [];
    for (const word of words) {
      const last = found[found.length - 1];
      if (last && word[1] - last.end < PAUSE) last.words.push(word);
      else found.push({ words: [word], start: word[1], end: word[2] });
      const own = found[found.length - 1];
      own.end = Math.max(own.end, word[2]);
    }
    return found;
  }

  function show(words, name) {
    utterances = group(words).map((utterance) => {
      const said = utterance.words.map(([text, start, end]) => ({ start, end, node: h("span", { class: "said", onclick: () => onSeek(start) }, text) }));
      const clock = `${utterance.start.toFixed(1)} s`;
      const node = h("li", {}, h("button", { type: "button", "aria-label": `${name}: go to ${clock}`, onclick: () => onSeek(utterance.start) }, clock), h("span", {}, said.map(({ node: n }) => [n, " "])));
      return { ...utterance, said, node };
    });
    list.replaceChildren(...(utterances.length ? utterances.map(({ node }) => node) : [h("li", { class: "none" }, "no words")]));
    list.scrollTop = 0;
  }

  function move(time) {
    for (const { start, end, node, said } of utterances) {
      const here = time >= start && time < end + 0.15;
      if (here && !node.classList.contains("now")) list.scrollTop = node.offsetTop - list.clientHeight / 3;
      node.classList.toggle("now", here);
      for (const word of said) word.node.classList.toggle("current", here && time >= word.start && time < word.end);
    }
  }

  return { show, move, utterances: () => utterances };
}
