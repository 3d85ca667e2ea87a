/* Lets the form open without a connection, once it has been opened with one. It keeps the page and
   its files, never an answer: those are the page's own to keep. The network is always asked first. */
"use strict";

const KEPT = "safer-walks-form-1";
const FILES = ["phone", "phone/form.js", "phone/form.css", "own/plain.css", "own/icon.svg"];
const base = new URL("../", self.location);
const kept = FILES.map((name) => new URL(name, base).href);

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(kept)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (names) => names.filter((name) => name.startsWith("safer-walks-") && name !== KEPT);
  event.waitUntil(
    caches.keys().then((names) => Promise.all(old(names).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const address = event.request.url.split(/[?#]/)[0];
  if (event.request.method !== "GET" || !kept.includes(address)) return;
  const fromNetwork = fetch(event.request).then((answer) => {
    if (answer.ok && !answer.redirected) {
      const copy = answer.clone();
      event.waitUntil(caches.open(KEPT).then((cache) => cache.put(address, copy)));
    }
    return answer;
  });
  event.respondWith(fromNetwork.catch(() => caches.match(address).then((held) => held || Response.error())));
});
