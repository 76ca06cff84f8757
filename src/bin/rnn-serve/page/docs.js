import { headers, key } from "/page/stream.js";

const at = (id) => document.getElementById(id);
let description = null;

function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/** Follows a `$ref`. */
function resolve(schema) {
  if (!schema?.$ref) return schema ?? {};
  return schema.$ref.split("/").slice(1).reduce((value, name) => value[name], description);
}

/** Describes the type and limits of a schema. */
function kind(whole) {
  const parts = [];
  // A number may also be given as a string; describe only the number.
  const first = whole.anyOf?.find((one) => ["integer", "number", "boolean"].includes(one.type));
  const schema = { ...whole, ...first };
  const types = first ? [first.type] : schema.anyOf ? schema.anyOf.map((one) => one.type) : [schema.type].flat();
  parts.push([...new Set(types)].filter((type) => type !== "null").join(" or "));
  if (schema.enum) parts.push(schema.enum.join(", "));
  const low = schema.minimum ?? schema.exclusiveMinimum;
  const above = schema.exclusiveMinimum === undefined ? "from" : "above";
  // A 64-bit bound is not a limit in practice.
  const high = schema.maximum < 1e15 ? schema.maximum : undefined;
  if (low > -1e15) parts.push(high === undefined ? `${above} ${low}` : `${above} ${low} to ${high}`);
  if (schema.maxLength) parts.push(`at most ${schema.maxLength.toLocaleString("en")} characters`);
  if (schema.default !== undefined && schema.default !== null) parts.push(`default ${JSON.stringify(schema.default)}`);
  return parts.join(" · ");
}

/** Returns a paragraph in which text between backticks is code. */
function prose(text, tag = "p") {
  const made = element(tag);
  made.append(...text.split("`").map((part, index) => (index % 2 ? element("code", "", part) : part)));
  return made;
}

function fields(properties, required) {
  const list = element("dl", "fields");
  for (const [name, schema] of Object.entries(properties)) {
    const row = element("div");
    const term = element("dt", "", name);
    if (required.includes(name)) term.append(" ", element("span", "required", "required"));
    const detail = prose(schema.description ?? "", "dd");
    detail.append(schema.description ? document.createElement("br") : "", element("span", "kind", kind(schema)));
    row.append(term, detail);
    list.append(row);
  }
  return list;
}

/** Returns the description of a call with a form to try it. */
function call(path, method, operation) {
  const box = element("details", "call sheet");
  box.id = operation.operationId;
  const head = element("summary");
  head.append(element("span", `method ${method}`, method.toUpperCase()), element("span", "path", path), element("span", "summary", operation.summary));
  box.append(head);
  // Built when it is first opened.
  box.addEventListener("toggle", () => {
    if (box.open && !box.querySelector(".details")) box.append(details(path, method, operation));
  });
  return box;
}

function details(path, method, operation) {
  const whole = element("div", "details");
  whole.append(prose(operation.description));
  const content = operation.requestBody?.content["application/json"];
  const schema = content && resolve(content.schema);
  const id = operation.operationId;
  let body = null;
  const inputs = [];

  if (schema) {
    const part = element("div");
    const label = element("label", "", "Body");
    label.htmlFor = `${id}-body`;
    body = element("textarea");
    body.id = `${id}-body`;
    body.spellcheck = false;
    body.value = JSON.stringify(schema.example ?? {}, null, 2);
    body.rows = body.value.split("\n").length + 1;
    const more = element("details");
    more.append(element("summary", "", "Fields"), fields(schema.properties, schema.required ?? []));
    part.append(label, body, more);
    whole.append(part);
  }
  if (operation.parameters) {
    const part = element("div", "inputs");
    for (const parameter of operation.parameters) {
      const field = element("div");
      const label = element("label", "", parameter.name);
      const input = parameter.schema.enum ? element("select") : element("input");
      input.id = label.htmlFor = `${id}-${parameter.name}`;
      if (parameter.schema.enum) input.append(...parameter.schema.enum.map((value) => new Option(value)));
      const meaning = element("p", "meaning", parameter.description);
      meaning.id = `${input.id}-meaning`;
      input.setAttribute("aria-describedby", meaning.id);
      field.append(label, input, meaning);
      part.append(field);
      inputs.push([parameter, input]);
    }
    whole.append(part);
  }

  const row = element("div", "row");
  const send = element("button", "primary small", "Send");
  send.type = "button";
  row.append(send);
  const kinds = Object.keys(operation.responses["200"].content ?? {}).filter((type) => type !== "text/event-stream");
  let accept = null;
  if (kinds.length > 1) {
    accept = element("select");
    accept.setAttribute("aria-label", "Response format");
    accept.append(...kinds.map((type) => new Option(type)));
    row.append(accept);
  }
  whole.append(row);

  const curl = element("div", "curl");
  const line = element("pre", "code");
  line.tabIndex = 0;
  const copy = element("button", "", "Copy");
  copy.type = "button";
  curl.append(line, copy);
  whole.append(curl);
  const answer = element("div", "answer");
  answer.setAttribute("aria-live", "polite");
  whole.append(answer);

  const target = () => {
    const query = inputs
      .filter(([parameter, input]) => input.value && input.value !== parameter.schema.default)
      .map(([parameter, input]) => `${parameter.name}=${encodeURIComponent(input.value)}`);
    return path + (query.length ? `?${query.join("&")}` : "");
  };
  const show = () => { line.textContent = curlLine(method, target(), body?.value, accept?.value); };
  whole.addEventListener("input", show);
  at("key").addEventListener("change", show);
  show();
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(line.textContent);
      copy.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(line);
      copy.textContent = document.execCommand("copy") ? "Copied" : "Ctrl+C";
    }
    setTimeout(() => { copy.textContent = "Copy"; }, 2000);
  });
  let running = null;
  send.addEventListener("click", async () => {
    if (running) return running.abort();
    running = new AbortController();
    send.textContent = "Stop";
    try {
      await request(answer, target(), {
        method: method.toUpperCase(),
        headers: headers({ ...(body && { "Content-Type": "application/json" }), ...(accept && { Accept: accept.value }) }),
        body: body?.value,
        signal: running.signal,
      });
    } finally {
      running = null;
      send.textContent = "Send";
    }
  });
  return whole;
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function curlLine(method, target, body, accept) {
  const parts = [`curl ${/[?&]/.test(target) ? quoted(location.origin + target) : location.origin + target}`];
  if (accept) parts.push(`-H ${quoted(`Accept: ${accept}`)}`);
  if (accept?.startsWith("image/")) parts.push(`-o picture.${accept === "image/png" ? "png" : "svg"}`);
  if (key.get()) parts.push("-H \"Authorization: Bearer $RNN_API_KEY\"");
  if (body !== undefined) {
    parts.push("-H 'Content-Type: application/json'");
    let shown = body;
    try { shown = JSON.stringify(JSON.parse(body)); } catch { /* not JSON: shown unchanged */ }
    parts.push(`-d ${quoted(shown)}`);
  }
  return parts.join(" \\\n  ");
}

async function request(answer, target, options) {
  const start = performance.now();
  const said = element("p", "said", "…");
  answer.replaceChildren(said);
  try {
    const response = await fetch(target, options);
    const type = response.headers.get("Content-Type") ?? "";
    const tell = () => {
      said.className = `said${response.ok ? "" : " bad"}`;
      said.replaceChildren(element("strong", "", `${response.status} ${response.statusText}`), ` · ${type.split(";")[0]} · ${Math.ceil(performance.now() - start)} ms`);
    };
    tell();
    if (type.startsWith("image/")) {
      const image = element("img");
      image.alt = "The returned picture";
      image.src = URL.createObjectURL(await response.blob());
      await image.decode();
      answer.append(image);
      return tell();
    }
    const text = element("pre", "code");
    text.tabIndex = 0;
    answer.append(text);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let part; !(part = await reader.read()).done;) text.append(part.value);
    if (type.startsWith("application/json")) text.textContent = JSON.stringify(JSON.parse(text.textContent), null, 2);
    tell();
  } catch (error) {
    if (error.name === "AbortError") said.append(" stopped");
    else said.textContent = "The server cannot be reached. Is it running?";
  }
}

async function begin() {
  const response = await fetch("/openapi.json");
  description = await response.json();
  at("about").textContent = `${description.info.title} ${description.info.version}: try every endpoint.`;
  at("key-field").hidden = !description.security;
  at("key").value = key.get();
  for (const tag of description.tags) {
    const group = element("section", "group");
    group.append(element("h2", "", tag.name), element("p", "", tag.description));
    for (const [path, methods] of Object.entries(description.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        if (operation.tags.includes(tag.name)) group.append(call(path, method, operation));
      }
    }
    at("calls").append(group);
  }
  const asked = location.hash && at(location.hash.slice(1));
  if (asked) asked.open = true;
}

at("key").addEventListener("change", () => key.set(at("key").value));
begin().catch(() => {
  at("error").textContent = "The server cannot be reached. Is it running?";
  at("error").hidden = false;
});
