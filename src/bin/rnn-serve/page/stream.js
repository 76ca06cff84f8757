// Requests to the server, for both pages.

const KEY = "rnn-serve-key";

export const key = {
  get: () => sessionStorage.getItem(KEY) ?? "",
  set: (value) => sessionStorage.setItem(KEY, value.trim()),
};

/** Returns the headers of a request, with the key if there is one. */
export const headers = (more = {}) => (key.get() ? { ...more, Authorization: `Bearer ${key.get()}` } : more);

/** Yields the data of a stream's events until [DONE]; throws if an event reports an error. */
export async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw new Error("The text is incomplete: the server closed the connection.");
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const field = (name) => part.split("\n").filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2)).join("\n");
      const data = field("data");
      if (data === "[DONE]") return;
      if (field("event") === "error") throw new Error(errorMessage(200, JSON.parse(data)));
      if (data) yield JSON.parse(data);
    }
  }
}

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}.`;

/** Returns the message of an error response: FastAPI's list of errors, or one sentence. */
export function errorMessage(status, body) {
  const detail = body?.detail ?? body?.error?.message;
  if (Array.isArray(detail)) {
    return detail
      .map(({ loc, msg, type }) => {
        const text = msg.replace(/^Value error, /, "");
        return type === "value_error" ? sentence(text) : `${loc.slice(1).join(" ").replaceAll("_", " ")}: ${text}.`;
      })
      .join("\n");
  }
  return detail ? sentence(String(detail)) : `The server responded with status ${status}.`;
}
