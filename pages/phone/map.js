/* A map to tap, without tiles and without a signal: the ward, the streets near the walk and its
   stops as lines, kept on the device once they have been there. Leaflet comes from this server and
   is asked for when the map is first opened. */
"use strict";

window.saferWalksMap = ({ holder, walk, at, picked, failed }) => {
  const KEPT = "safer-walks-maps-1";
  const NAMES_FROM = 16.5; // from farther away the names of streets lie upon each other
  let map = null;
  let drawn = "";
  let mark = null;

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function load(tag, attributes) {
    return new Promise((done, fail) => {
      const part = Object.assign(document.createElement(tag), attributes);
      part.addEventListener("load", done);
      part.addEventListener("error", fail);
      document.head.append(part);
    });
  }

  async function leaflet() {
    if (window.L) return;
    await Promise.all([
      load("link", { rel: "stylesheet", href: "vendor/leaflet/leaflet.css" }),
      load("script", { src: "vendor/leaflet/leaflet.js" }),
    ]);
  }

  /* The network first; without one, what was kept. */
  async function lines(event) {
    const address = `phone/map.json?walk=${encodeURIComponent(event)}`;
    const box = "caches" in window ? await caches.open(KEPT) : null;
    try {
      const answer = await fetch(address, { cache: "no-store" });
      if (answer.ok) {
        await box?.put(address, answer.clone());
        return answer.json();
      }
    } catch { /* no connection */ }
    const held = await box?.match(address);
    return held ? held.json() : null;
  }

  function label(text) { return Object.assign(document.createElement("span"), { textContent: text }); }

  function draw(found) {
    map.eachLayer((layer) => map.removeLayer(layer));
    mark = null;
    const quiet = { interactive: false };
    L.polyline(found.streets, { ...quiet, color: colour("--line"), weight: 1.5 }).addTo(map);
    L.polyline(found.main, { ...quiet, color: colour("--line"), weight: 4 }).addTo(map);
    L.polyline(found.wards, { ...quiet, color: colour("--ink"), weight: 2, dashArray: "6 6" }).addTo(map);
    for (const [name, lat, lon] of found.names) {
      L.circleMarker([lat, lon], { ...quiet, radius: 0, stroke: false, fill: false })
        .bindTooltip(label(name), { permanent: true, direction: "center", className: "street-name" }).addTo(map);
    }
    for (const [name, lat, lon] of found.stops) {
      L.circleMarker([lat, lon], { ...quiet, radius: 7, color: colour("--main"), fillColor: colour("--ground"), fillOpacity: 1, weight: 3 })
        .bindTooltip(label(name), { permanent: true, direction: "right", className: "stop-name" }).addTo(map);
    }
    document.getElementById("map-credit").textContent = found.credit;
    const [south, west, north, east] = found.bounds;
    const stops = found.stops.map((stop) => stop.slice(1));
    const whole = L.latLngBounds([[south, west], [north, east]]);
    map.fitBounds(stops.length ? L.latLngBounds(stops).pad(0.5) : whole, { maxZoom: 17 });
    pin();
  }

  function pin() {
    const [lat, lon] = at();
    if (!map || !lat) return;
    mark?.remove();
    mark = L.circleMarker([lat, lon], { interactive: false, radius: 11, color: "#F46A25", weight: 5, fillOpacity: 0 }).addTo(map);
  }

  function put(where) {
    picked(where.lat, where.lng);
    pin();
  }

  /* True where there is a map to tap. */
  async function open() {
    try {
      await leaflet();
    } catch { failed(); return false; }
    if (!map) {
      map = L.map(holder, { attributionControl: false, preferCanvas: true, maxZoom: 19, zoomSnap: 0.5 });
      map.on("click", (event) => put(event.latlng));
      map.on("zoomend", () => holder.classList.toggle("far", map.getZoom() < NAMES_FROM));
    }
    map.invalidateSize();
    if (drawn !== walk()) {
      const found = await lines(walk());
      if (!found) { failed(); return false; }
      draw(found);
      drawn = walk();
    }
    return true;
  }

  return {
    open,
    pin,
    middle: () => put(map.getCenter()),
    unpin: () => { mark?.remove(); mark = null; },
    /* Another walk, or a fresh list of them: fetch its lines now, while there may be a signal. */
    prepare: (event) => { if (event && event !== drawn) lines(event).then((found) => { if (found && map && !holder.closest("[hidden]")) { draw(found); drawn = event; } }).catch(() => {}); },
  };
};
