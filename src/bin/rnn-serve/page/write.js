"use strict";

const at = (id) => document.getElementById(id);
const number = new Intl.NumberFormat("en");
const ABOUT_LENGTH = [
  [20, "A sentence or two."],
  [60, "A short paragraph."],
  [150, "A long paragraph."],
  [300, "About a page of a paperback."],
  [Infinity, "Several pages. The longer, the less it remembers how it began."],
];
const ABOUT_TEMPERATURE = [
  [0.001, "Always the likeliest word: no chance at all, and soon in circles."],
  [0.45, "Careful: well-worn phrases, few surprises."],
  [0.75, "Steady: keeps to what it knows, with some variety."],
  [0.95, "Lively: mostly likely words, now and then a rare one."],
  [1.05, "As the book: words as often as the network expects them."],
  [1.4, "Daring: rare words come forward, sense gives way."],
  [Infinity, "Wild: close to picking words out of a hat."],
];

let running = null;

function explain() {
  const [words, temperature] = [Number(at("num-words").value), Number(at("temperature").value)];
  const find = (table, value) => table.find(([limit]) => value <= limit)[1];
  at("num-words-value").textContent = `${words} words`;
  at("num-words-meaning").textContent = find(ABOUT_LENGTH, words);
  at("temperature-value").textContent = temperature.toFixed(2).replace(/0$/, "");
  at("temperature-meaning").textContent = find(ABOUT_TEMPERATURE, temperature);
}

/** What the form asks for. The seed stays a string, since it may be too large for a JavaScript number. */
function order() {
  const asked = {
    seed_text: at("seed-text").value,
    num_words: Number(at("num-words").value),
    temperature: Number(at("temperature").value),
    stream: true,
  };
  for (const [name, id] of [["random_seed", "random-seed"], ["top_k", "top-k"], ["top_p", "top-p"]]) {
    const value = at(id).value.trim();
    if (value) asked[name] = value;
  }
  return asked;
}

function showError(text) {
  at("error").textContent = text;
  at("error").hidden = !text;
  if (text) at("error").scrollIntoView({ block: "nearest" });
}

/** A refusal in words: FastAPI's list of faults, or one sentence. */
function inWords(status, body) {
  const { detail } = body ?? {};
  if (Array.isArray(detail)) {
    return detail
      .map(({ loc, msg, type }) => {
        const text = msg.replace(/^Value error, /, "");
        return type === "value_error" ? sentence(text) : `${loc.slice(1).join(" ").replaceAll("_", " ")}: ${text}.`;
      })
      .join("\n");
  }
  return detail ? sentence(String(detail)) : `The server answered with status ${status}.`;
}

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}.`;

/** The events of a stream, as they come. */
async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw new Error("The text broke off: the server has closed the connection.");
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const data = part.replace(/^data: /, "");
      if (data === "[DONE]") return;
      yield JSON.parse(data);
    }
  }
}

/** Adds to the text, and stays with its end where that is in sight. */
function append(text) {
  const inSight = at("caret").getBoundingClientRect().bottom <= window.innerHeight;
  at("written").append(text);
  if (inSight) at("caret").scrollIntoView({ block: "nearest" });
}

function busy(is) {
  at("write").hidden = is;
  at("stop").hidden = !is;
  at("caret").hidden = !is;
  at("copy").hidden = is;
  at("text").setAttribute("aria-busy", is);
  const focused = document.activeElement;
  if (is && focused === document.body) at("stop").focus();
  if (!is && (focused === document.body || focused === at("stop"))) at("write").focus({ preventScroll: true });
}

async function write() {
  if (running) return;
  const start = performance.now();
  const asked = order();
  running = new AbortController();
  showError("");
  at("written").replaceChildren();
  at("begun").textContent = asked.seed_text;
  at("status").textContent = "Writing …";
  busy(true);
  try {
    const response = await fetch("/generate", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(asked),
      signal: running.signal,
    });
    if (!response.ok) {
      const body = await response.json().catch(() => null);
      throw new Error(inWords(response.status, body));
    }
    at("result").hidden = false;
    at("result").scrollIntoView({ block: "nearest" });
    for await (const event of events(response)) {
      if ("text" in event) append(event.text);
      else summarize(event, (performance.now() - start) / 1000);
    }
  } catch (error) {
    if (error.name === "AbortError") {
      at("status").textContent = "Stopped.";
    } else {
      showError(error instanceof TypeError ? "The server cannot be reached. Is it still running?" : error.message);
      at("status").textContent = "";
      at("result").hidden = !at("written").textContent;
    }
  } finally {
    running = null;
    busy(false);
  }
}

const duration = (seconds) => seconds < 1 ? `${Math.ceil(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`;

function summarize(summary, seconds) {
  const parts = [
    `${number.format(summary.num_words_generated)} words in ${duration(seconds)}`,
    `random seed ${summary.random_seed}`,
  ];
  if (summary.unknown_words.length > 0) {
    parts.push(`not known to the model: ${[...new Set(summary.unknown_words)].join(", ")}`);
  }
  at("status").textContent = parts.join(" · ");
}

async function copy() {
  const text = at("begun").textContent + at("written").textContent;
  let copied = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Over plain HTTP from another machine browsers have no clipboard to give; the old way still works.
    getSelection().selectAllChildren(at("text"));
    copied = document.execCommand("copy");
  }
  at("copy").textContent = copied ? "Copied" : "Press Ctrl C";
  setTimeout(() => { at("copy").textContent = "Copy"; }, 2000);
}

async function showModel() {
  const info = await (await fetch("/model/info")).json();
  const { training } = info;
  const facts = [
    ["weights", number.format(info.num_parameters)],
    ["words and marks known", number.format(info.vocab_size - 1)],
    [info.num_layers === 1 ? "layer" : "layers", String(info.num_layers)],
    ["units a layer", number.format(info.hidden_size)],
  ];
  if (training.epochs > 0) {
    facts.push(["epochs of training", number.format(training.epochs)]);
    facts.push(["perplexity on unseen text", number.format(Number(Math.exp(training.val_loss).toPrecision(3)))]);
  }
  at("facts").replaceChildren(...facts.map(([name, value]) => {
    const [group, term, detail] = ["div", "dt", "dd"].map((tag) => document.createElement(tag));
    term.textContent = name;
    detail.textContent = value;
    group.append(term, detail);
    return group;
  }));
  at("seed-text").maxLength = info.limits.seed_text.max_length;
}

at("form").addEventListener("submit", (event) => { event.preventDefault(); write(); });
at("form").addEventListener("input", explain);
at("seed-text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) at("form").requestSubmit();
});
document.addEventListener("keydown", (event) => { if (event.key === "Escape") running?.abort(); });
at("stop").addEventListener("click", () => running?.abort());
at("copy").addEventListener("click", copy);
at("example").textContent = `curl ${location.origin}/generate -H 'Content-Type: application/json' \\
  -d '{"seed_text": "the", "num_words": 50, "temperature": 1}'`;
explain();
showModel().catch(() => showError("The server cannot be reached. Is it still running?"));
