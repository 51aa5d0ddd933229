// The form on the phone: keeps a draft until it is sent, sends once, sends again by itself.
// Everything here is an extra; the form works without it.
(() => {
  const form = document.forms.answer;
  if (!form) return;
  const one = (selector) => form.querySelector(selector);
  const action = form.getAttribute("action"); // form.action could be a question of that name
  const { pathname: path } = new URL(action, location.href);
  const idField = one("[name=response_id]");
  const token = one("[name=token]").value;
  const [asked] = token.split("."); // questionnaire, office and sectors of this page
  const state = one("[role=status]");
  const button = one("button.send");
  const note = one(".draft");
  const gone = document.querySelector(".done");
  const box = one("textarea");
  const key = "hailong " + path;
  const DAY = 864e5;
  const WAIT = [2, 4, 8, 15, 30]; // seconds between tries
  const PATIENCE = 2e4; // a reply that takes longer is not waited for

  // In-app browsers may forbid storage: then the draft lives only as long as the page.
  const store = {
    get() {
      try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
    },
    set(draft) {
      try { localStorage.setItem(key, JSON.stringify(draft)); } catch { /* forbidden */ }
    },
    clear() {
      try { localStorage.removeItem(key); } catch { /* forbidden */ }
    },
  };

  // Sent from this place of the history: said before anything is typed. Who opens the address anew
  // has a form at once, whatever the server remembers of this browser.
  gone.hidden = !history.state?.sent;
  form.hidden = !gone.hidden;
  gone.querySelector("a")?.addEventListener("click", () => history.replaceState(null, ""));

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
  const shown = "again" in form.dataset; // the server showed our answers again
  const kept = store.get();
  const age = Math.abs(Date.now() - kept?.at); // also where the clock was set back
  const young = age < DAY ? kept : null;
  // Answers to another form than this one are none to it. What waits to be sent goes as it was
  // asked; what was only begun is dropped.
  const waiting = young?.armed && young.asked !== asked && !shown ? young : null;
  const mine = young?.asked === asked ? young : null;
  const past = young && !mine && history.state?.id === young.id ? null : history.state?.id;
  const id = shown ? idField.value : past ?? mine?.id ?? newId();
  const draft = mine?.id === id ? mine : null;
  if (!form.hidden) history.replaceState({ id }, "");
  idField.value = id;

  let armed = false; // sending was asked for and has not worked yet
  const go = () => HTMLFormElement.prototype.submit.call(form); // as without a script
  const hidden = (name) => form.querySelector(`[type=hidden][name="${name}"]`);
  const fields = () => [...new FormData(form)].filter(([name, value]) => value && !hidden(name));
  const save = () => store.set(
    { id, at: Date.now(), armed, asked, token, fields: fields() });
  // A draft that is gone or another's was sent, here or in another tab: never bring it back.
  const keep = () => store.get()?.id === id && save();
  const refill = (saved) => {
    for (const [name, value] of saved) {
      for (const input of form.querySelectorAll("[name]")) {
        if (input.name !== name) continue;
        if (input.type !== "radio" && input.type !== "checkbox") input.value = value;
        else if (input.value === value) input.checked = true;
      }
    }
  };
  if (draft && !shown) {
    refill(draft.fields);
    note.hidden = !draft.fields.length;
  }
  if (!waiting && (draft || !past)) save();
  note.querySelector("button").addEventListener("click", () => {
    store.clear();
    history.replaceState(null, "");
    form.reset();
    location.reload();
  });

  const live = one("[aria-live]");
  const told = (words, value) => form.dataset[words].replace("#", value);
  const groups = [...form.querySelectorAll("[data-rated]")];
  const answer = (group) => [...group.querySelectorAll(":checked")].find((input) => input.value);
  const refresh = () => {
    const count = groups.filter(answer).length;
    one(".count").textContent = count ? told("count", count) : "";
    for (const part of form.querySelectorAll("[data-item]")) {
      const score = +new FormData(form).get(part.dataset.item);
      const closed = part.hidden;
      part.hidden = !(score >= (part.dataset.atLeast || 1) && score <= (part.dataset.atMost || 99));
      // Heard, not jumped to: who does not look learns that something opened below.
      if (closed && !part.hidden && ready) {
        live.textContent = told("why", part.firstElementChild.textContent);
      }
    }
  };

  // An answered question folds to a line, so that the next one comes to where the finger is. Only
  // after a touch: keys walk through the levels, each of which is an answer for a moment.
  let last = { timeStamp: -1e9 }, moved = -1e9, shifted = false, ready = false;
  const sendAt = () => button.getBoundingClientRect().top;
  const unfold = (group) => {
    group.classList.remove("f");
    group.firstElementChild.classList.remove("unseen");
    group.querySelector(".fold")?.remove();
  };
  const fold = (group) => {
    const chosen = answer(group);
    if (!chosen || group.querySelector(".err, .fold")) return;
    const line = document.createElement("button");
    line.type = "button";
    line.className = "fold";
    line.setAttribute("aria-expanded", "false");
    for (const from of [group.firstElementChild, chosen.nextElementSibling]) {
      const words = from.cloneNode(true);
      words.querySelector("small")?.remove();
      const part = document.createElement("span");
      part.textContent = words.textContent.trim();
      line.append(part, " ");
    }
    line.addEventListener("click", () => {
      unfold(group);
      chosen.focus();
    });
    group.firstElementChild.classList.add("unseen");
    group.classList.add("f");
    group.append(line);
    return line;
  };
  // The overall question stays as it is, unless something opens below the answer.
  const folds = (group) => "folds" in group.dataset
    || group.parentElement.querySelector("[data-item]:not([hidden])");
  form.addEventListener("click", (event) => {
    const group = event.target.closest("fieldset");
    const near = (side) => Math.abs(event[side] - last[side]) < 30;
    // The second half of a double tap would answer, or send, what has come to its place, and so
    // would a touch that was aimed before the page moved: of Send, where it did not stay in its
    // place, nobody sees that in a quarter of a second. A key is aimed at what has the focus.
    const twice = event.timeStamp - last.timeStamp < 400 && near("clientX") && near("clientY");
    const since = event.detail ? event.timeStamp - moved : 1e9;
    const late = event.target === button ? shifted && since < 250 : since < 0;
    if (twice || late) return event.preventDefault();
    if (!event.detail || event.target.type !== "radio") return; // of a key, or no answer
    last = event;
    setTimeout(() => {
      const before = sendAt(), line = folds(group) && fold(group);
      if (!line) return;
      shifted = sendAt() !== before;
      moved = performance.now();
      line.focus({ preventScroll: true });
    });
  });
  const unmark = (group) => {
    group.querySelector(".err")?.remove();
    group.removeAttribute("aria-describedby");
  };
  const mark = (group) => {
    unmark(group);
    const words = document.createElement("p");
    words.className = "err";
    words.id = group.id + "-error";
    words.setAttribute("role", "alert");
    words.textContent = group.dataset.required;
    group.firstElementChild.after(words);
    group.setAttribute("aria-describedby", words.id);
  };
  form.addEventListener("input", (event) => {
    const group = event.target.closest("[data-required]");
    if (group) unmark(group);
    keep();
    refresh();
  });
  refresh();
  ready = true;
  for (const group of form.querySelectorAll("[data-rated], [data-folds]")) {
    if (folds(group)) fold(group);
  }

  const count = () => {
    const room = box.maxLength - box.value.length;
    const words = box.dataset.left.replace("#", room);
    box.nextElementSibling.textContent = room <= 100 ? words : "";
    if ([100, 50, 10, 0].includes(room)) live.textContent = words;
  };
  box?.addEventListener("input", count);
  if (box) count();

  let busy = false, timer = 0, tries = 0, due = 0, excuse = "";
  const say = (text) => {
    state.textContent = text;
    if (text) state.scrollIntoView({ block: "nearest" });
  };
  // By the steady clock: the network that is back may put the phone's calendar right.
  const left = () => (due - performance.now()) / 1000;
  const explain = () => say(excuse.replace("#", Math.ceil(left())));
  const rest = (why, ordered) => {
    busy = false;
    button.removeAttribute("aria-disabled");
    button.textContent = form.dataset.sendAgain;
    excuse = form.dataset[why];
    due = performance.now() + 1000 * ordered;
    explain();
    const seconds = ordered || WAIT[Math.min(tries++, 4)];
    timer = setTimeout(send, 1000 * (seconds + Math.random()), true); // not all phones at once
  };
  const refused = (reply) => {
    if (reply.status === 409) store.clear();
    armed = false;
    keep();
    go(); // once more: the server's page says what is wrong
  };
  const taken = async (reply) => {
    const html = await reply.text().catch(() => "");
    // A network that asks for a sign-in answers anything with a page of its own.
    if (!html || new URL(reply.url).pathname !== path + "/thanks") return rest("busy", 0);
    store.clear();
    armed = false;
    // The page of thanks is here already: a second request for it could fail.
    const page = new DOMParser().parseFromString(html, "text/html");
    history.replaceState({ sent: 1 }, "");
    history.pushState(null, "", reply.url);
    addEventListener("popstate", () => location.reload()); // back to the form, as it is now
    document.title = page.title;
    document.body.replaceWith(page.body);
    scrollTo(0, 0);
    document.querySelector("h1").focus();
  };
  const post = async (body) => {
    const limit = new AbortController();
    const late = setTimeout(() => limit.abort(), PATIENCE);
    try {
      return await fetch(action, { method: "POST", body, signal: limit.signal });
    } catch {
      return null;
    } finally {
      clearTimeout(late);
    }
  };
  async function send(inTime) {
    if (busy) return; // a double tap is one sending
    if (!inTime && left() > 0) return explain(); // the server asked to wait
    busy = armed = true;
    keep(); // who closes the page now has sent: the next one goes on
    clearTimeout(timer);
    button.setAttribute("aria-disabled", "true");
    say(form.dataset.sending);
    const reply = await post(new URLSearchParams(new FormData(form)));
    if (!reply) rest("offline", 0);
    else if (reply.ok) taken(reply);
    else {
      const later = Number(reply.headers.get("Retry-After"));
      const ordered = later || 0;
      const soon = reply.status === 429 && !isNaN(later); // else on a date: the page says which
      if (reply.status < 500 && !soon) refused(reply);
      else rest(ordered && soon ? "wait" : "busy", ordered);
    }
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const open = [...form.querySelectorAll("[data-required]")].filter(
      (group) => !group.querySelector(":checked"));
    if (!open.length) return send();
    open.forEach(mark);
    open[0].querySelector("input").focus({ preventScroll: true });
    open[0].scrollIntoView();
  });
  addEventListener("online", () => armed && send());
  document.addEventListener("visibilitychange", () => armed && !document.hidden && send());
  addEventListener("pageshow", (event) => {
    refresh(); // the browser may have put answers back
    if (!event.persisted) return; // back to the page as it was
    busy = false;
    button.removeAttribute("aria-disabled");
    say("");
    if (armed) send();
  });
  // The phone dropped the page while it was waiting for the network: go on.
  if (draft?.armed && !shown) send();
  // And meanwhile the counter asks something else: the answers go with what they answer.
  const deliver = async () => {
    const reply = await post(new URLSearchParams(
      [...waiting.fields, ["response_id", waiting.id], ["token", waiting.token]]));
    if (reply?.ok) return taken(reply);
    if (!reply || reply.status >= 500 || reply.status === 429) {
      timer = setTimeout(deliver, 1000 * (WAIT[Math.min(tries++, 4)] + Math.random()));
    } else save(); // not taken: this page's own draft takes its place
  };
  if (waiting) deliver();

  // The draft keeps what was chosen, so that the other language is a page like any other. Where
  // nothing is kept, what was chosen goes there by way of the server.
  document.querySelector("header button[value]")?.addEventListener("click", (event) => {
    event.preventDefault();
    const { value, formAction } = event.target;
    if (form.hidden || store.get()?.id === id) return location.assign("?lang=" + value);
    form.setAttribute("action", formAction);
    go();
  });
})();
