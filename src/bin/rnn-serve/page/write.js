import { events, headers, errorMessage, key } from "/page/stream.js";

const at = (id) => document.getElementById(id);
const number = new Intl.NumberFormat("en");
const dark = matchMedia("(prefers-color-scheme: dark)");

/** For each slider, the format of its value and the meaning of values up to a limit. */
const SLIDERS = {
  "num-words": [(v) => `${v} words`, [
    [20, "A sentence or two."],
    [60, "A short paragraph."],
    [150, "A long paragraph."],
    [300, "About a page of a paperback."],
    [Infinity, "Several pages. The longer the text, the less the network remembers its beginning."],
  ]],
  "temperature": [(v) => v.toFixed(2).replace(/0$/, ""), [
    [0.001, "Always the most probable word: no randomness, and soon repetitive."],
    [0.45, "Careful: familiar phrases, few surprises."],
    [0.75, "Steady: mostly familiar, with some variety."],
    [0.95, "Lively: mostly likely words, and an occasional rare one."],
    [1.05, "Neutral: words are as frequent as the network predicts."],
    [1.4, "Daring: more rare words, less coherent."],
    [Infinity, "Wild: words are chosen almost at random."],
  ]],
  "top-p": [(v) => (v < 1 ? `${Math.round(v * 100)} %` : "all"), [
    [0.3, "Only the few most probable words (top p)."],
    [0.8, "The most probable words that together have this probability (top p)."],
    [0.99, "Nearly all words; only the least likely are excluded (top p)."],
    [Infinity, "Every word that the model knows."],
  ]],
  "repetition-penalty": [(v) => (v > 1 ? v.toFixed(2) : "off"), [
    [1, "Words may repeat freely."],
    [1.25, "Recent words are slightly less likely."],
    [1.6, "Recent words are avoided."],
    [Infinity, "Words hardly ever repeat: the text becomes strange."],
  ]],
  "min-p": [(v) => (v > 0 ? `${Math.round(v * 100)} %` : "off"), [
    [0, "No word is excluded."],
    [Infinity, "Excludes words whose probability is below this fraction of the most probable word's (min p)."],
  ]],
  "num-samples": [(v) => String(v), null],
};

let running = null;
/** The element of each sample and its text so far. */
let samples = [];

function explain() {
  for (const [id, [show, meanings]] of Object.entries(SLIDERS)) {
    const value = Number(at(id).value);
    at(`${id}-value`).textContent = show(value);
    if (meanings) at(`${id}-meaning`).textContent = meanings.find(([limit]) => value <= limit)[1];
  }
}

/** Returns the request. The random seed remains a string, since it may exceed JavaScript's integers. */
function request(seedText) {
  const body = {
    seed_text: seedText,
    num_words: Number(at("num-words").value),
    temperature: Number(at("temperature").value),
    top_p: Number(at("top-p").value),
    min_p: Number(at("min-p").value),
    repetition_penalty: Number(at("repetition-penalty").value),
    num_samples: Number(at("num-samples").value),
    stream: true,
  };
  if (!at("model").hidden) body.model = at("model").value;
  for (const [name, id] of [["random_seed", "random-seed"], ["top_k", "top-k"], ["stop", "stop-text"]]) {
    const value = at(id).value;
    if (value.trim()) body[name] = name === "stop" ? value : value.trim();
  }
  return body;
}

function showError(text) {
  at("error").textContent = text;
  at("error").hidden = !text;
  if (text) at("error").scrollIntoView({ block: "nearest" });
}

/** Returns the error of a response, and shows the key field if a key is required. */
async function refusal(response) {
  const body = await response.json().catch(() => null);
  if (response.status !== 401) return new Error(errorMessage(response.status, body));
  at("key-field").hidden = false;
  at("key-field").closest("details").open = true;
  at("key").focus();
  return new Error(key.get() ? "The server does not accept this key." : "This server requires a key: enter it under More settings.");
}

function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function clear(begun, count) {
  samples = Array.from({ length: count }, (_, index) => {
    const whole = element("div", "sample");
    const text = element("p", "text");
    text.tabIndex = 0;
    text.setAttribute("aria-label", count > 1 ? `Text ${index + 1}` : "The text");
    text.append(element("span", "begun", begun), element("span", "caret"));
    text.lastChild.setAttribute("aria-hidden", "true");
    if (count > 1) whole.append(element("span", "number", `Text ${index + 1}`));
    whole.append(text);
    return { whole, text, written: begun };
  });
  at("texts").replaceChildren(...samples.map((sample) => sample.whole));
  at("texts").classList.toggle("several", count > 1);
}

/** The probabilities below which a word is marked as surprising, increasingly so. */
const SURPRISING = [0.2, 0.05, 0.01, 0.002];

/** Appends to a text, and keeps its end in view if it already was. */
function append({ text, probability, sample = 0 }) {
  const { text: at, written } = samples[sample];
  samples[sample].written = written + text;
  const caret = at.lastChild;
  const inView = caret.getBoundingClientRect().bottom <= window.innerHeight;
  const bare = text.trim();
  if (!bare) {
    caret.before(text);
  } else {
    const word = element("span", `word p${SURPRISING.filter((limit) => probability < limit).length}`, bare);
    word.dataset.probability = probability;
    const [before, after] = text.split(bare);
    caret.before(before, word, after);
  }
  if (inView && samples.length === 1) caret.scrollIntoView({ block: "nearest" });
}

function percent(probability) {
  if (probability >= 0.9995) return "certain";
  const percentage = probability * 100;
  return `${percentage >= 10 ? percentage.toFixed(0) : percentage >= 0.1 ? percentage.toFixed(1) : percentage.toPrecision(1)} %`;
}

function showTip(word) {
  document.querySelector(".word.chosen")?.classList.remove("chosen");
  at("tip").hidden = !word;
  if (!word) return;
  word.classList.add("chosen");
  at("tip").textContent = `${word.textContent}: ${percent(Number(word.dataset.probability))}`;
  const place = word.getClientRects()[0];
  const tip = at("tip").getBoundingClientRect();
  const left = Math.min(Math.max(8, place.left + place.width / 2 - tip.width / 2), innerWidth - tip.width - 8);
  at("tip").style.left = `${left}px`;
  at("tip").style.top = `${place.top > tip.height + 12 ? place.top - tip.height - 8 : place.bottom + 8}px`;
}

/** Moves from word to word with the arrow keys and announces the probability. */
function walk(event) {
  if (!["ArrowLeft", "ArrowRight"].includes(event.key) || !event.target.classList.contains("text")) return;
  const words = [...event.target.querySelectorAll(".word")];
  const now = words.findIndex((word) => word.classList.contains("chosen"));
  const next = words[event.key === "ArrowRight" ? now + 1 : now < 0 ? words.length - 1 : now - 1];
  if (!next) return;
  event.preventDefault();
  next.scrollIntoView({ block: "nearest" });
  showTip(next);
  at("status").textContent = at("tip").textContent;
}

function busy(is) {
  at("write").hidden = is;
  at("stop").hidden = !is;
  for (const id of ["continue", "again", "copy"]) at(id).hidden = is;
  document.querySelectorAll(".caret").forEach((caret) => { caret.hidden = !is; });
  at("texts").setAttribute("aria-busy", is);
  const focused = document.activeElement;
  if (is && focused === document.body) at("stop").focus();
  if (!is && (focused === document.body || focused === at("stop"))) at("write").focus({ preventScroll: true });
}

async function write(seedText) {
  if (running) return;
  const start = performance.now();
  const body = request(seedText);
  running = new AbortController();
  showError("");
  showTip(null);
  clear(body.seed_text, body.num_samples);
  at("status").textContent = "Writing …";
  busy(true);
  try {
    const response = await fetch("/generate", {
      method: "POST",
      headers: headers({ "Content-Type": "application/json" }),
      body: JSON.stringify(body),
      signal: running.signal,
    });
    if (!response.ok) throw await refusal(response);
    at("result").hidden = false;
    at("result").scrollIntoView({ block: "nearest" });
    for await (const event of events(response)) {
      if ("text" in event) append(event);
      else summarize(event, (performance.now() - start) / 1000);
    }
  } catch (error) {
    if (error.name === "AbortError") {
      at("status").textContent = "Stopped.";
    } else {
      showError(error instanceof TypeError ? "The server cannot be reached. Is it running?" : error.message);
      at("status").textContent = "";
      at("result").hidden = samples.every((sample) => sample.written === body.seed_text);
    }
  } finally {
    running = null;
    busy(false);
  }
}

const duration = (seconds) => seconds < 1 ? `${Math.ceil(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`;

function summarize(summary, seconds) {
  const words = (summary.samples ?? [summary]).reduce((sum, sample) => sum + sample.num_words_generated, 0);
  const parts = [`${number.format(words)} words in ${duration(seconds)}`, `random seed ${summary.random_seed}`];
  if (summary.unknown_words.length > 0) {
    parts.push(`unknown to the model: ${[...new Set(summary.unknown_words)].join(", ")}`);
  }
  at("status").textContent = parts.join(" · ");
}

async function copy() {
  const text = samples.map((sample) => sample.written).join("\n\n");
  let copied = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Browsers deny clipboard access to plain-HTTP pages from another machine; execCommand still works.
    getSelection().selectAllChildren(at("texts"));
    copied = document.execCommand("copy");
  }
  at("copy").textContent = copied ? "Copied" : "Press Ctrl+C";
  setTimeout(() => { at("copy").textContent = "Copy"; }, 2000);
}

/** Returns the query that selects the model. */
const query = (more = "") => {
  const parts = [at("model").hidden ? "" : `model=${encodeURIComponent(at("model").value)}`, more].filter(Boolean);
  return parts.length ? `?${parts.join("&")}` : "";
};

async function showPicture(id, path) {
  const response = await fetch(path + query(`theme=${dark.matches ? "dark" : "light"}`), { headers: headers({ Accept: "image/svg+xml" }) });
  at(id).hidden = !response.ok;
  if (!response.ok) return;
  const image = at(id).querySelector("img");
  URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(await response.blob());
}

async function showModel() {
  const response = await fetch(`/model/info${query()}`, { headers: headers() });
  if (!response.ok) throw await refusal(response);
  const info = await response.json();
  const { training } = info;
  const facts = [
    ["parameters", number.format(info.num_parameters)],
    ["vocabulary", number.format(info.vocab_size - 1)],
    [info.num_layers === 1 ? "layer" : "layers", String(info.num_layers)],
    ["units per layer", number.format(info.hidden_size)],
  ];
  if (training.epochs > 0) {
    const loss = training.mixed_val_loss ?? training.val_loss;
    facts.push(["training epochs", number.format(training.epochs)]);
    facts.push(["perplexity on unseen text", number.format(Number(Math.exp(loss).toPrecision(3)))]);
  }
  at("facts").replaceChildren(...facts.map(([name, value]) => {
    const group = element("div", "");
    group.append(element("dt", "", name), element("dd", "", value));
    return group;
  }));
  at("seed-text").maxLength = info.limits.seed_text.max_length;
  await Promise.all([
    showPicture("training", "/visualizations/training"),
    showPicture("architecture", "/visualizations/architecture"),
  ]);
}

async function begin() {
  const { models } = await (await fetch("/", { headers: { Accept: "application/json" } })).json();
  at("model").replaceChildren(...models.map((name) => new Option(name)));
  at("model").hidden = models.length < 2;
  await showModel();
}

const report = (error) => showError(error instanceof TypeError ? "The server cannot be reached. Is it running?" : error.message);

at("form").addEventListener("submit", (event) => { event.preventDefault(); write(at("seed-text").value); });
at("form").addEventListener("input", explain);
at("seed-text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) at("form").requestSubmit();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { running?.abort(); showTip(null); }
});
at("stop").addEventListener("click", () => running?.abort());
at("continue").addEventListener("click", () => {
  at("seed-text").value = samples[0].written.slice(-at("seed-text").maxLength);
  at("num-samples").value = 1;
  explain();
  write(at("seed-text").value);
});
at("again").addEventListener("click", () => { at("random-seed").value = ""; write(at("seed-text").value); });
at("copy").addEventListener("click", copy);
at("likely").addEventListener("change", () => at("texts").classList.toggle("likely", at("likely").checked));
at("texts").addEventListener("pointerover", (event) => showTip(event.target.closest?.(".word")));
at("texts").addEventListener("pointerleave", () => showTip(null));
at("texts").addEventListener("focusout", () => showTip(null));
at("texts").addEventListener("keydown", walk);
document.addEventListener("scroll", () => { if (!document.activeElement?.classList.contains("text")) showTip(null); }, { passive: true });
at("model").addEventListener("change", () => showModel().catch(report));
at("key").addEventListener("change", () => { key.set(at("key").value); showError(""); begin().catch(report); });
dark.addEventListener("change", () => showModel().catch(report));
at("example").textContent = `curl ${location.origin}/generate -H 'Content-Type: application/json' \\
  -d '{"seed_text": "the", "num_words": 50, "temperature": 1}'`;
explain();
begin().catch(report);
