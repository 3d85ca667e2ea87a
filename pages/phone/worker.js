/* Lets the forms open without a connection, once one has been opened with one. It keeps the pages
   and their files, never an answer: those are the page's own to keep. The network is asked first. */
"use strict";

const KEPT = "safer-walks-form-2";
const MAPS = "safer-walks-maps-1"; // map.js keeps the lines of walks there
const FILES = [
  "phone", "phone-audit", "phone-paper", "phone/form.js", "phone/map.js", "phone/form.css", "own/plain.css",
  "own/icon.svg", "vendor/leaflet/leaflet.js", "vendor/leaflet/leaflet.css",
];
const base = new URL("../", self.location);
const kept = FILES.map((name) => new URL(name, base).href);

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(kept)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (names) => names.filter((name) => name.startsWith("safer-walks-") && ![KEPT, MAPS].includes(name));
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
