/* The forms that lose nothing: for one stop, for a full audit, for paper by keyboard. What is typed
   is kept on the device as it is typed; what is saved waits in a queue until the server has said
   that it is stored. Each answer has a key of its own, so that one sent twice is stored once. What
   one person typed is never shown to another who signs in on the same device. Nothing is asked of
   anybody but this server. */
"use strict";

(() => {
  const main = document.querySelector("main");
  const words = JSON.parse(main.dataset.words);
  const form = document.getElementById("answer");
  const byId = (id) => document.getElementById(id);
  const field = (name) => form.elements[name];
  const kind = words.kind;
  const isPaper = kind === "paper";
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

  /* Keeping: localStorage survives a lock, a reload and a restart. Where a browser refuses it, the
     page says so and keeps for as long as it is open. */
  const keeper = (() => {
    const memory = {};
    const named = (name) => `safer-walks.${words.mark}.${name}`;
    let works = true;
    try {
      localStorage.setItem("safer-walks.try", "1");
      localStorage.removeItem("safer-walks.try");
    } catch { works = false; }
    return {
      works: () => works,
      read(name) {
        try {
          const text = works ? localStorage.getItem(named(name)) : memory[name];
          return text ? JSON.parse(text) : null;
        } catch { return null; }
      },
      write(name, value) {
        const text = JSON.stringify(value);
        memory[name] = text;
        if (!works) return;
        try { localStorage.setItem(named(name), text); } catch { works = false; show(); }
      },
      /* Drafts that somebody left on this device and never sent go after a month. */
      sweep(now) {
        if (!works) return;
        for (const name of Object.keys(localStorage)) {
          if (!/^safer-walks\.\w+\.draft\./.test(name)) continue;
          try {
            if (now - (JSON.parse(localStorage.getItem(name)).at || 0) > 30 * 86400000) localStorage.removeItem(name);
          } catch { localStorage.removeItem(name); }
        }
      },
    };
  })();
  const DRAFT = `draft.${kind}`;
  const WALKS = isPaper || kind === "audit" ? "walks.every" : "walks";

  const newKey = () =>
    [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");
  const twoDigits = (n) => String(n).padStart(2, "0");
  const day = (at) => `${at.getFullYear()}-${twoDigits(at.getMonth() + 1)}-${twoDigits(at.getDate())}`;

  /* The walks, and the stops of the one that is picked. */
  let walks = keeper.read(WALKS) || [];
  const asked = new URLSearchParams(location.search).get("walk");
  const picked = () => walks.find((one) => one.event_id === field("event_id").value);

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
    const walk = picked();
    if (isPaper) {
      byId("stop-list").textContent = (walk ? walk.stops : []).map((stop, n) => `${n + 1} ${stop.name}`).join(", ");
      return;
    }
    const before = form.querySelector("input[name=stop]:checked");
    // What was ticked because nothing else could be is nobody's choice once there is more.
    const chosen = wanted ?? (before && !("alone" in before.dataset) ? before.value : "");
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
    const one = choices.find((choice) => choice.value === chosen);
    if (one) one.checked = true;
    else if (choices.length === 1) Object.assign(choices[0], { checked: true }).dataset.alone = "";
    // Nobody was at the place on a virtual walk: what was not seen there is never said to be.
    const onSite = form.querySelector("#experience option[value=today_on_site]");
    if (onSite) onSite.hidden = onSite.disabled = Boolean(walk?.is_virtual);
    if (onSite?.disabled && onSite.selected) field("experience").value = "";
    showParts();
  }

  async function fetchWalks() {
    try {
      const answer = await fetch(`phone/walks.json${WALKS === "walks" ? "" : "?every=1"}`, { cache: "no-store" });
      if (answer.ok) {
        walks = (await answer.json()).walks;
        keeper.write(WALKS, walks);
        showWalks(field("event_id").value || asked || keeper.read(DRAFT)?.event_id);
        const draft = keeper.read(DRAFT);
        if (draft) showStops(draft.stop);
        map?.prepare(field("event_id").value);
      } else if (answer.status === 401 || answer.status === 403) signIn = true;
    } catch { /* no connection: the walks kept from before are shown */ }
    show();
  }

  /* The draft: every field of the form by its name; a list is all that are ticked of it. */
  const inputs = () => [...form.elements].filter((one) => one.name);

  function typed() {
    const said = {};
    for (const one of inputs()) {
      if (one.type === "radio") said[one.name] = one.checked ? one.value : said[one.name] || "";
      else if ("list" in one.dataset) (said[one.name] ||= []).push(...(one.checked ? [one.value] : []));
      else said[one.name] = one.type === "checkbox" ? one.checked : one.value;
    }
    return said;
  }

  function put(said) {
    if (walks.some((walk) => walk.event_id === said.event_id)) field("event_id").value = said.event_id;
    showStops(said.stop);
    for (const one of inputs()) {
      const value = said[one.name];
      if (one.name === "event_id" || value === undefined) continue;
      if (one.type === "radio") one.checked = one.value === value;
      else if ("list" in one.dataset) one.checked = value.includes(one.value);
      else if (one.type === "checkbox") one.checked = Boolean(value);
      else one.value = value;
    }
    form.querySelectorAll("details.list").forEach((part) => {
      part.open = Boolean(part.querySelector("input:checked")) || [...part.querySelectorAll("select")].some((one) => one.value);
    });
    showParts();
  }

  function keepDraft() { keeper.write(DRAFT, { ...typed(), raised: draftRaised, at: Date.now() }); }

  function showParts() {
    byId("risk").hidden = !field("at_risk").checked;
    if (isPaper) return;
    byId("other").hidden = form.querySelector("input[name=stop]:checked")?.value !== "other";
    byId("group").hidden = form.querySelector("input[name=mode]:checked")?.value !== "group_consensus";
  }

  /* Saving: into the queue first, then to the server. */
  let draftRaised = false;
  let signIn = false;
  let sending = false;
  let sendAgain = false;

  function missing(said) {
    if (!said.event_id) return words.needs_walk;
    if (isPaper) return "";
    if (!said.stop || (said.stop === "other" && !said.place_text.trim() && !said.lon)) return words.needs_place;
    if (!said.feel_now && kind === "quick") return words.needs_feel;
    return said.consent_store ? "" : words.needs_consent;
  }

  function placeOf(said) {
    const stop = said.stop && said.stop !== "other" ? { stop_id: said.stop } : { place_text: said.place_text.trim() };
    return said.lon ? { ...stop, lon: Number(said.lon), lat: Number(said.lat) } : stop;
  }

  const APART = ["at_risk", "detail", "contact"];

  function paperBody(said) {
    return Object.fromEntries(Object.entries(said).filter(([name]) => !APART.includes(name)));
  }

  function quickBody(said) {
    return {
      event_id: said.event_id, ...placeOf(said), mode: said.mode,
      n_people: said.mode === "group_consensus" ? Number(said.n_people) : 1,
      said_on: day(new Date()), feel_now: said.feel_now ? Number(said.feel_now) : null,
      open_reason: said.open_reason.trim(), issues: said.issues, suggestion: said.suggestion.trim(),
      consent_store: said.consent_store, consent_quote: said.consent_quote,
    };
  }

  /* The full audit is the quick form and the rest: ratings, lists, and what is counted apart. */
  function auditBody(said) {
    const body = quickBody(said);
    const about = {};
    const ratings = [...form.querySelectorAll("[data-rating]")].map((one) => one.name);
    for (const [name, value] of Object.entries(said)) {
      if (name in body || [...APART, "stop", "place_text", "lon", "lat"].includes(name)) continue;
      if (name.startsWith("about.")) { if (value) about[name.slice(6)] = value; }
      else if (ratings.includes(name)) body[name] = /^\d$/.test(value) ? Number(value) : null;
      else body[name] = typeof value === "string" ? value.trim() : value;
    }
    for (const when of ["feel_day", "feel_dark"]) {
      body[when] = said[when] ? Number(said[when]) : null;
      body[`${when}_recalled`] = said[when] ? said[`${when}_recalled`] : null;
    }
    body.not_applicable = ratings.filter((name) => said[name] === "n");
    return { ...body, monitoring: about };
  }

  const SENDS = { quick: ["send", quickBody], audit: ["audit", auditBody], paper: ["paper", paperBody] };

  function labelOf(said) {
    const walk = walks.find((one) => one.event_id === said.event_id);
    if (isPaper) return walk ? walk.name : said.event_id;
    const stop = walk?.stops.find((one) => one.stop_id === said.stop);
    return stop ? stop.name : said.place_text.trim() || words.other_place;
  }

  function queue(to, said, body) {
    const at = new Date();
    const isAnswer = to !== "raise";
    const item = {
      key: newKey(), kind: to, form: kind, state: "kept", why: "", body, typed: isAnswer ? said : null,
      label: isAnswer ? labelOf(said) : words.safeguarding.tick,
      at: `${twoDigits(at.getHours())}:${twoDigits(at.getMinutes())}`,
    };
    const sent = items().filter((one) => one.state === "sent").slice(0, -SENT_SHOWN).map((one) => one.key);
    keeper.write("queue", [...items().filter((one) => !sent.includes(one.key)), item]);
    return item.key;
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
    const [to, body] = SENDS[kind];
    const key = queue(to, { ...said, detail: "", contact: "", at_risk: false }, body(said));
    clear(said);
    send().then(() => backIfRefused(key));
  }

  /* By keyboard, paper follows paper: what the server refuses comes straight back to be mended. */
  function backIfRefused(key) {
    const item = items().find((one) => one.key === key);
    if (!isPaper || !item) return;
    const isEmpty = JSON.stringify(said0(typed())) === JSON.stringify(said0(empty));
    if (item.state === "refused" && isEmpty) {
      mend(item);
      byId("fault").textContent = item.why;
    } else if (item.state === "sent") {
      byId("done").textContent = fill(words.stored, { record: item.record || "" });
    }
  }

  const said0 = (said) => ({ ...said, event_id: "" });

  function clear(said) {
    draftRaised = false;
    byId("raised").textContent = "";
    byId("done").textContent = "";
    if (!isPaper) byId("here-said").textContent = "";
    map?.unpin();
    const stays = isPaper ? {} : { stop: said.stop, place_text: said.place_text };
    put({ ...empty, event_id: said.event_id, ...stays });
    keepDraft();
    show();
    if (isPaper) field("stop").focus();
    else byId("state").scrollIntoView({ block: "start" });
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
      const told = await answer.json().catch(() => ({}));
      change(item.key, { state: "sent", why: "", body: null, typed: null, record: told.stored });
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
      const isHere = item.form === kind;
      const button = isHere
        ? Object.assign(document.createElement("button"), { type: "button", textContent: words.state.mend })
        : Object.assign(document.createElement("a"), { href: words.addresses[item.form], textContent: words.state.mend_there });
      button.className = isHere ? "second" : "";
      if (isHere) button.addEventListener("click", () => { mend(item); form.scrollIntoView(); });
      line.append(document.createElement("br"), button);
    }
    return line;
  }

  function mend(item) {
    keeper.write("queue", items().filter((one) => one.key !== item.key));
    put(item.typed);
    keepDraft();
    show();
  }

  /* Where: the phone's own place, or a tap on the map. */
  function noted(lat, lon, text) {
    field("lon").value = lon.toFixed(6);
    field("lat").value = lat.toFixed(6);
    byId("here-said").textContent = text;
    if (!form.querySelector("input[name=stop]:checked")) form.querySelector("input[name=stop][value=other]").checked = true;
    showParts();
    keepDraft();
  }

  const map = isPaper || !window.saferWalksMap ? null : window.saferWalksMap({
    holder: byId("map"), walk: () => field("event_id").value, at: () => [field("lat").value, field("lon").value],
    picked: (lat, lon) => noted(lat, lon, words.map_found),
    failed: () => { byId("here-said").textContent = words.map_none; },
  });

  async function openMap() {
    const isOpen = byId("map-part").hidden;
    byId("map-part").hidden = !isOpen;
    byId("map-open").textContent = isOpen ? words.map_close : words.map;
    byId("map-open").setAttribute("aria-expanded", String(isOpen));
    if (isOpen && !(await map.open())) openMap();
  }

  function here() {
    const said = byId("here-said");
    if (!navigator.geolocation || !window.isSecureContext) { said.textContent = words.here_none; return; }
    said.textContent = words.here_asking;
    navigator.geolocation.getCurrentPosition(
      (found) => {
        noted(found.coords.latitude, found.coords.longitude, fill(words.here_found, { n: Math.round(found.coords.accuracy) }));
        map?.pin();
      },
      () => { said.textContent = words.here_failed; },
      { enableHighAccuracy: true, timeout: 20000, maximumAge: 15000 },
    );
  }

  const empty = typed();
  keeper.sweep(Date.now());
  const draft = keeper.read(DRAFT);
  showWalks(asked || draft?.event_id);
  if (draft) {
    put(asked ? { ...draft, event_id: asked, stop: asked === draft.event_id ? draft.stop : "" } : draft);
    draftRaised = Boolean(draft.raised);
    if (draftRaised) byId("raised").textContent = words.safeguarding.raised;
    if (draft.lon) byId("here-said").textContent = words.here_kept;
  }
  keeper.write("queue", items().map((item) => (item.state === "kept" ? { ...item, why: "" } : item)));
  byId("insecure").hidden = window.isSecureContext;

  form.addEventListener("submit", save);
  for (const kind of ["input", "change"]) form.addEventListener(kind, () => { showParts(); keepDraft(); });
  field("event_id").addEventListener("change", () => { showStops(""); map?.prepare(field("event_id").value); keepDraft(); });
  if (!isPaper) {
    byId("here").addEventListener("click", here);
    byId("map-open").addEventListener("click", openMap);
    byId("map-middle").addEventListener("click", () => map.middle());
  }
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
