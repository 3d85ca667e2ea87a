/* The phone form. What is typed is kept on the phone as it is typed; what is saved waits in a queue
   until the server has said that it is stored. Each answer has a key of its own, so that one sent
   twice is stored once. Nothing is asked of anybody but this server. */
"use strict";

(() => {
  const main = document.querySelector("main");
  const words = JSON.parse(main.dataset.words);
  const form = document.getElementById("answer");
  const byId = (id) => document.getElementById(id);
  const field = (name) => form.elements[name];
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

  /* Keeping: localStorage survives a lock, a reload and a restart. Where a browser refuses it, the
     page says so and keeps for as long as it is open. */
  const keeper = (() => {
    const memory = {};
    let works = true;
    try {
      localStorage.setItem("safer-walks.try", "1");
      localStorage.removeItem("safer-walks.try");
    } catch { works = false; }
    return {
      works: () => works,
      read(name) {
        try {
          const text = works ? localStorage.getItem(`safer-walks.${name}`) : memory[name];
          return text ? JSON.parse(text) : null;
        } catch { return null; }
      },
      write(name, value) {
        const text = JSON.stringify(value);
        memory[name] = text;
        if (!works) return;
        try { localStorage.setItem(`safer-walks.${name}`, text); } catch { works = false; show(); }
      },
    };
  })();

  const newKey = () =>
    [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");
  const twoDigits = (n) => String(n).padStart(2, "0");
  const day = (at) => `${at.getFullYear()}-${twoDigits(at.getMonth() + 1)}-${twoDigits(at.getDate())}`;

  /* The walks, and the stops of the one that is picked. */
  let walks = keeper.read("walks") || [];

  function showWalks(wanted) {
    const select = field("event_id");
    select.replaceChildren(...walks.map((walk) => {
      const date = walk.date.split("-").reverse().join("/");
      return new Option(date ? `${date} ${walk.name}` : walk.name, walk.event_id);
    }));
    if (walks.some((walk) => walk.event_id === wanted)) select.value = wanted;
    byId("no-walk").hidden = walks.length > 0;
    showStops();
  }

  function showStops(wanted) {
    const walk = walks.find((one) => one.event_id === field("event_id").value);
    const chosen = wanted ?? field("stop")?.value;
    const stops = [...(walk ? walk.stops : []), { stop_id: "", name: words.other_place }];
    byId("stops").replaceChildren(...stops.map((stop) => {
      const label = document.createElement("label");
      const input = document.createElement("input");
      Object.assign(input, { type: "radio", name: "stop", value: stop.stop_id || "other" });
      const name = document.createElement("span");
      name.textContent = stop.name;
      label.append(input, name);
      return label;
    }));
    const choices = [...form.querySelectorAll("input[name=stop]")];
    const one = choices.find((choice) => choice.value === chosen) || (stops.length === 1 ? choices[0] : null);
    if (one) one.checked = true;
    showParts();
  }

  async function fetchWalks() {
    try {
      const answer = await fetch("phone/walks.json", { cache: "no-store" });
      if (answer.ok) {
        walks = (await answer.json()).walks;
        keeper.write("walks", walks);
        showWalks(field("event_id").value || keeper.read("draft")?.event_id);
        restoreStop();
      } else if (answer.status === 401 || answer.status === 403) signIn = true;
    } catch { /* no connection: the walks kept from before are shown */ }
    show();
  }

  /* The draft. */
  const TEXTS = ["event_id", "place_text", "lon", "lat", "open_reason", "suggestion", "n_people", "detail", "contact"];
  const CHOICES = ["stop", "feel_now", "mode"];
  const TICKS = ["consent_store", "consent_quote", "at_risk"];

  function typed() {
    const said = {};
    for (const name of TEXTS) said[name] = field(name).value;
    for (const name of CHOICES) said[name] = form.querySelector(`input[name=${name}]:checked`)?.value || "";
    for (const name of TICKS) said[name] = field(name).checked;
    said.issues = [...form.querySelectorAll("input[name=issues]:checked")].map((box) => box.value);
    return said;
  }

  function put(said) {
    for (const name of TEXTS) if (said[name] !== undefined && name !== "event_id") field(name).value = said[name];
    if (walks.some((walk) => walk.event_id === said.event_id)) field("event_id").value = said.event_id;
    for (const name of TICKS) field(name).checked = Boolean(said[name]);
    form.querySelectorAll("input[name=issues]").forEach((box) => { box.checked = (said.issues || []).includes(box.value); });
    showStops(said.stop);
    for (const name of CHOICES) {
      form.querySelectorAll(`input[name=${name}]`).forEach((one) => { one.checked = one.value === said[name]; });
    }
    if (said.issues?.length) byId("issues").open = true;
    showParts();
  }

  function restoreStop() {
    const draft = keeper.read("draft");
    if (draft) showStops(draft.stop);
  }

  function keepDraft() { keeper.write("draft", { ...typed(), raised: draftRaised }); }

  function showParts() {
    byId("other").hidden = form.querySelector("input[name=stop]:checked")?.value !== "other";
    byId("group").hidden = form.querySelector("input[name=mode]:checked")?.value !== "group_consensus";
    byId("risk").hidden = !field("at_risk").checked;
  }

  /* Saving: into the queue first, then to the server. */
  let draftRaised = false;
  let signIn = false;
  let sending = false;
  let sendAgain = false;

  function missing(said) {
    if (!said.event_id) return words.needs_walk;
    if (!said.stop || (said.stop === "other" && !said.place_text.trim() && !said.lon)) return words.needs_place;
    if (!said.feel_now) return words.needs_feel;
    return said.consent_store ? "" : words.needs_consent;
  }

  function placeOf(said) {
    const stop = said.stop && said.stop !== "other" ? { stop_id: said.stop } : { place_text: said.place_text.trim() };
    return said.lon ? { ...stop, lon: Number(said.lon), lat: Number(said.lat) } : stop;
  }

  function labelOf(said) {
    const walk = walks.find((one) => one.event_id === said.event_id);
    const stop = walk?.stops.find((one) => one.stop_id === said.stop);
    return stop ? stop.name : said.place_text.trim() || words.other_place;
  }

  function queue(kind, said, body) {
    const at = new Date();
    const item = {
      key: newKey(), kind, state: "kept", why: "", body, typed: kind === "send" ? said : null,
      label: kind === "send" ? labelOf(said) : words.safeguarding.tick,
      at: `${twoDigits(at.getHours())}:${twoDigits(at.getMinutes())}`,
    };
    const sent = items().filter((one) => one.state === "sent").slice(0, -SENT_SHOWN).map((one) => one.key);
    keeper.write("queue", [...items().filter((one) => !sent.includes(one.key)), item]);
  }

  const SENT_SHOWN = 20;
  const items = () => keeper.read("queue") || [];

  function change(key, changes) {
    keeper.write("queue", items().map((item) => (item.key === key ? { ...item, ...changes } : item)));
  }

  function raise(said) {
    if (draftRaised) return;
    const stop = said.stop && said.stop !== "other" ? said.stop : null;
    queue("raise", said, {
      event_id: said.event_id, stop_id: stop, detail: said.detail.trim(), contact: said.contact.trim(),
    });
    draftRaised = true;
    byId("raised").textContent = words.safeguarding.raised;
    keepDraft();
  }

  function save(event) {
    event.preventDefault();
    const said = typed();
    const what = missing(said);
    byId("fault").textContent = what ? fill(words.save_first, { what }) : "";
    if (what) return;
    if (said.at_risk) raise(said);
    queue("send", { ...said, detail: "", contact: "", at_risk: false }, {
      event_id: said.event_id, ...placeOf(said), mode: said.mode,
      n_people: said.mode === "group_consensus" ? Number(said.n_people) : 1,
      said_on: day(new Date()), feel_now: Number(said.feel_now), open_reason: said.open_reason.trim(),
      issues: said.issues, suggestion: said.suggestion.trim(),
      consent_store: said.consent_store, consent_quote: said.consent_quote,
    });
    clear(said);
    send();
  }

  function clear(said) {
    draftRaised = false;
    byId("raised").textContent = "";
    byId("here-said").textContent = "";
    byId("issues").open = false;
    put({ ...empty, event_id: said.event_id, stop: said.stop, place_text: said.place_text });
    keepDraft();
    show();
    byId("state").scrollIntoView({ block: "start" });
  }

  async function send() {
    if (sending) { sendAgain = true; return; }
    sending = true;
    sendAgain = false;
    signIn = false;
    try {
      for (const item of items().filter((one) => one.state === "kept")) {
        if (!(await sendOne(item))) break;
      }
    } finally {
      sending = false;
      show();
    }
    if (sendAgain) send();
  }

  /* True where the next one may be tried. */
  async function sendOne(item) {
    change(item.key, { why: words.state.sending });
    show();
    let answer;
    try {
      answer = await fetch(`phone/${item.kind}`, {
        method: "POST", credentials: "same-origin", redirect: "error",
        headers: { "Content-Type": "application/json", "X-Safer-Walks": "form" },
        body: JSON.stringify({ key: item.key, said: item.body }),
      });
    } catch {
      change(item.key, { why: "" });
      return false;
    }
    if (answer.ok) {
      change(item.key, { state: "sent", why: "", body: null, typed: null });
      return true;
    }
    if ([400, 409, 413, 415, 422].includes(answer.status)) {
      const told = await answer.json().catch(() => ({}));
      change(item.key, { state: "refused", why: told.error || "" });
      return true;
    }
    signIn = answer.status === 401 || answer.status === 403;
    change(item.key, { why: "" });
    return false;
  }

  /* What is on this phone. */
  function show() {
    const all = items();
    const waiting = all.filter((item) => item.state !== "sent").length;
    const state = byId("state");
    state.dataset.state = waiting ? "kept" : "sent";
    const said = waiting ? fill(words.state.waiting, { n: waiting }) : all.length ? words.state.all_sent : words.state.draft;
    const hint = !waiting ? "" : signIn ? words.state.sign_in : navigator.onLine ? "" : words.state.offline;
    const text = [said, hint].filter(Boolean).join(" ");
    if (state.textContent !== text) state.textContent = text;
    if (signIn && waiting) {
      const link = Object.assign(document.createElement("a"), { href: "sign-in?next=phone", textContent: words.state.sign_in_link });
      state.append(" ", link);
    }
    byId("no-keeping").hidden = keeper.works();
    byId("again").hidden = !all.some((item) => item.state === "kept");
    byId("forget").hidden = !all.some((item) => item.state === "sent");
    const rows = all.map(row).reverse();
    byId("queue").replaceChildren(...(rows.length ? rows : [note(words.state.none)]));
  }

  function note(text) { return Object.assign(document.createElement("li"), { textContent: text }); }

  function row(item) {
    const line = document.createElement("li");
    line.className = item.state;
    const state = Object.assign(document.createElement("strong"), { textContent: words.state[item.state] });
    line.append(state, `${item.at} ${item.label}`);
    if (item.why) line.append(document.createElement("br"), item.why);
    if (item.state === "refused" && item.typed) {
      const mend = Object.assign(document.createElement("button"), { type: "button", className: "second", textContent: words.state.mend });
      mend.addEventListener("click", () => {
        keeper.write("queue", items().filter((one) => one.key !== item.key));
        put(item.typed);
        keepDraft();
        show();
        form.scrollIntoView();
      });
      line.append(document.createElement("br"), mend);
    }
    return line;
  }

  function here() {
    const said = byId("here-said");
    if (!navigator.geolocation || !window.isSecureContext) { said.textContent = words.here_none; return; }
    said.textContent = words.here_asking;
    navigator.geolocation.getCurrentPosition(
      (found) => {
        field("lon").value = found.coords.longitude.toFixed(6);
        field("lat").value = found.coords.latitude.toFixed(6);
        said.textContent = fill(words.here_found, { n: Math.round(found.coords.accuracy) });
        if (!form.querySelector("input[name=stop]:checked")) form.querySelector("input[name=stop][value=other]").checked = true;
        showParts();
        keepDraft();
      },
      () => { said.textContent = words.here_failed; },
      { enableHighAccuracy: true, timeout: 20000, maximumAge: 15000 },
    );
  }

  const empty = typed();
  showWalks(keeper.read("draft")?.event_id);
  const draft = keeper.read("draft");
  if (draft) {
    put(draft);
    draftRaised = Boolean(draft.raised);
    if (draftRaised) byId("raised").textContent = words.safeguarding.raised;
    if (draft.lon) byId("here-said").textContent = words.here_kept;
  }
  keeper.write("queue", items().map((item) => (item.state === "kept" ? { ...item, why: "" } : item)));
  byId("insecure").hidden = window.isSecureContext;

  form.addEventListener("submit", save);
  for (const kind of ["input", "change"]) form.addEventListener(kind, () => { showParts(); keepDraft(); });
  field("event_id").addEventListener("change", () => { showStops(""); keepDraft(); });
  byId("here").addEventListener("click", here);
  byId("raise").addEventListener("click", () => {
    const said = typed();
    byId("fault").textContent = said.event_id ? "" : fill(words.save_first, { what: words.needs_walk });
    if (said.event_id) { raise(said); send(); }
  });
  byId("again").addEventListener("click", send);
  byId("forget").addEventListener("click", () => {
    keeper.write("queue", items().filter((item) => item.state !== "sent"));
    show();
  });
  window.addEventListener("online", send);
  window.addEventListener("offline", show);
  window.addEventListener("storage", show);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) send(); });
  setInterval(() => { if (items().some((item) => item.state === "kept")) send(); }, 20000);
  if ("serviceWorker" in navigator && window.isSecureContext) {
    navigator.serviceWorker.register("phone/worker.js", { scope: "./phone" }).catch(() => {});
  }
  show();
  fetchWalks().then(send);
})();
