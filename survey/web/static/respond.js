// The form without a network: keeps a draft on the phone until it is sent, sends once, sends again.
// Everything here is an extra; the form works without it.
(() => {
  const form = document.forms.answer;
  if (!form) return;
  const idField = form.elements.response_id;
  const state = document.getElementById("state");
  const button = form.querySelector("button");
  const bar = document.querySelector("progress");
  const key = "hailong " + form.getAttribute("action").split("?")[0];
  const DAY = 864e5;
  const WAIT = [2, 4, 8, 15, 30]; // seconds between tries

  // In-app browsers may forbid storage: then the draft lives only as long as the page.
  const store = {
    get() {
      try {
        const kept = JSON.parse(localStorage.getItem(key));
        return kept && Date.now() - kept.at < DAY ? kept : null;
      } catch { return null; }
    },
    set(draft) { try { localStorage.setItem(key, JSON.stringify(draft)); } catch { /* forbidden */ } },
    clear() { try { localStorage.removeItem(key); } catch { /* forbidden */ } },
  };

  // randomUUID needs a secure context; an office network may be plain http.
  const newId = () => {
    const b = crypto.getRandomValues(new Uint8Array(16));
    b[6] = (b[6] & 15) | 64;
    b[8] = (b[8] & 63) | 128;
    const hex = Array.from(b, (x) => x.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  };

  // One response for this page, its reloads and its place in the history (history.state), and for
  // a second tab opened before sending (the draft). A later visit is a new response.
  const kept = store.get();
  const shown = form.dataset.sent === "again"; // the server showed our answers again
  const id = shown ? idField.value : history.state?.id ?? kept?.id ?? newId();
  history.replaceState({ id }, "");
  idField.value = id;

  const fields = () => [...new FormData(form)].filter(([name]) => !["response_id", "token", "lang"].includes(name));
  const save = () => store.set({ id, at: Date.now(), fields: fields() });
  const refill = (saved) => {
    for (const [name, value] of saved) {
      for (const input of form.querySelectorAll("[name]")) {
        if (input.name !== name) continue;
        if (input.type === "radio" || input.type === "checkbox") input.checked ||= input.value === value;
        else input.value = value;
      }
    }
  };
  if (!shown && kept?.id === id && kept.fields) refill(kept.fields);
  save();

  const groups = [...form.querySelectorAll("fieldset[data-rated]")];
  const refresh = () => {
    bar.value = groups.filter((g) => g.querySelector(":checked")).length / groups.length;
    for (const part of form.querySelectorAll("[data-item]")) {
      const score = +form.elements[part.dataset.item].value;
      part.hidden = !(score && score <= (part.dataset.atMost || 99) && score >= (part.dataset.atLeast || 0));
    }
  };
  bar.hidden = false;
  form.addEventListener("input", () => { save(); refresh(); });
  refresh();

  let busy = false, timer = 0, tries = 0, armed = false;
  const say = (name) => { state.textContent = name ? form.dataset[name] : ""; };
  const rest = (name, seconds) => {
    busy = false;
    armed = true;
    button.removeAttribute("aria-disabled");
    button.textContent = form.dataset.sendAgain;
    say(name);
    timer = setTimeout(send, 1000 * seconds);
  };
  async function send() {
    if (busy) return; // a double tap is one sending
    busy = true;
    clearTimeout(timer);
    button.setAttribute("aria-disabled", "true");
    say("sending");
    let reply;
    const limit = new AbortController();
    const late = setTimeout(() => limit.abort(), 20000);
    try {
      reply = await fetch(form.action, {
        method: "POST", body: new URLSearchParams(new FormData(form)), signal: limit.signal,
      });
    } catch {
      rest("offline", WAIT[Math.min(tries++, 4)]);
      return;
    } finally {
      clearTimeout(late);
    }
    if (reply.ok) {
      store.clear();
      location.assign(reply.url);
    } else if (reply.status >= 500 || reply.status === 429) {
      rest("busy", +reply.headers.get("Retry-After") || WAIT[Math.min(tries++, 4)]);
    } else {
      if (reply.status === 409) store.clear();
      form.submit(); // the same request again: the server's page says what is wrong
    }
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const open = [...form.querySelectorAll("fieldset[data-required]")].find((g) => !g.querySelector(":checked"));
    if (open) {
      open.querySelector("input").focus();
      say("missing");
      return;
    }
    send();
  });
  addEventListener("online", () => armed && send());
  document.addEventListener("visibilitychange", () => armed && !document.hidden && send());
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return; // back from the thanks page to the page as it was
    busy = armed = false;
    button.removeAttribute("aria-disabled");
    say("");
  });
})();
