/* The app's own map layer: Leaflet beside a page's filters, told what to draw as numbers and words
   (analysis/report/screen_map.py). What lies under the areas and the shapes of the areas come as
   packs, once; a filter sends colours and numbers only, and the view stays where it was.

   Every word is written as text, never as HTML. Nothing is fetched but our own copy of Leaflet. */

const NAME = 32; // characters at the start of a pack
const MOST = 24; // packs kept; one that is needed again comes again
const STEP = 1e-5; // degrees, as in screen_map.py
const packs = new Map();
const awaited = new Map();
const screens = new Map();
const views = new Map();
let leaflet = null;

/* Packs */

function put(bytes) {
  const name = new TextDecoder().decode(bytes.subarray(0, NAME));
  const content = packs.get(name) ?? JSON.parse(new TextDecoder().decode(bytes.subarray(NAME)));
  packs.delete(name); // so that it is the newest
  packs.set(name, content);
  if (packs.size > MOST) packs.delete(packs.keys().next().value);
  (awaited.get(name) ?? []).forEach((ready) => ready());
  awaited.delete(name);
}

async function pack(name) {
  if (!packs.has(name)) {
    await new Promise((ready) => awaited.set(name, [...(awaited.get(name) ?? []), ready]));
  }
  return packs.get(name);
}

/* Our own copy of Leaflet, found from where the page's own script came: under any base path. */

function root() {
  const script = document.querySelector("script[type=module][src*='static/js/']");
  return script ? new URL("../../", script.src) : new URL("./", document.baseURI);
}

function loaded(tag, words) {
  return new Promise((ready, failed) => {
    const node = Object.assign(document.createElement(tag), words);
    node.onload = ready;
    node.onerror = () => failed(new Error("Leaflet did not come"));
    document.head.append(node);
  });
}

function needLeaflet() {
  leaflet ??= Promise.all([
    window.L || loaded("script", { src: new URL("vendor/leaflet/leaflet.js", root()).href }),
    loaded("link", { rel: "stylesheet", href: new URL("vendor/leaflet/leaflet.css", root()).href }),
  ]);
  return leaflet;
}

/* Shapes: whole numbers, each the difference from the one before */

function* shapesOf({ xy, corners, rings, parts, count }) {
  const size = (given, at) => (typeof given === "number" ? given : given[at]);
  let lon = 0, lat = 0, next = 0, ring = 0, part = 0;
  const ringOf = () => Array.from({ length: size(corners, ring++) }, () => {
    lon += xy[next++];
    lat += xy[next++];
    return new L.LatLng(lat * STEP, lon * STEP);
  });
  const partOf = () => Array.from({ length: size(rings, part++) }, ringOf);
  for (let shape = 0; shape < count; shape++) {
    yield Array.from({ length: size(parts, shape) }, partOf);
  }
}

/* A map */

function begin(screen, ground) {
  const { box } = screen;
  const [[south, west], [north, east]] = ground.bounds;
  const moves = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = (screen.map = L.map(box, {
    zoomAnimation: moves, fadeAnimation: moves, inertia: moves, attributionControl: false, maxZoom: 18, zoomSnap: 0.25, trackResize: false,
    maxBounds: [[2 * south - north, 2 * west - east], [2 * north - south, 2 * east - west]],
  }));
  screen.bounds = ground.bounds;
  // Leaflet focuses the map when it is pressed. The page would then move under the finger, and the
  // press would end elsewhere: no click at all.
  box.focus = () => HTMLElement.prototype.focus.call(box, { preventScroll: true });
  box.setAttribute("role", "region");
  for (const [name, height] of [["ground", 350], ["outlines", 450]]) {
    map.createPane(name).style.zIndex = height;
    map.getPane(name).style.pointerEvents = "none";
  }
  // Shapes say nothing to a screen reader: the words under the map and the table do.
  for (const name of ["ground", "overlayPane", "outlines"]) {
    map.getPane(name).setAttribute("aria-hidden", "true");
  }
  frameIt(screen);
  layGround(screen, ground);
  for (const event of ["pointerdown", "wheel", "keydown"]) {
    box.addEventListener(event, () => { screen.touched = true; });
  }
  map.on("moveend", () => {
    if (screen.touched) {
      views.set(screen.name, { ground: screen.ground, at: map.getCenter(), zoom: map.getZoom() });
    }
  });
  map.on("zoomend resize", () => declutter(box));
  map.on("click", (event) => tell(screen, "", event.latlng));
  declutter(box);
}

function frameIt(screen) {
  const kept = views.get(screen.name);
  if (kept && kept.ground === screen.ground) {
    screen.map.setView(kept.at, kept.zoom, { animate: false });
    screen.touched = true;
  } else {
    screen.map.fitBounds(screen.bounds, { animate: false, padding: [8, 8] });
  }
}

function layGround(screen, ground) {
  const under = { interactive: false, smoothFactor: 0 };
  const wards = [...shapesOf(ground.wards)];
  const drawn = (make, shapes, pane, style) => {
    const options = { ...under, pane, ...style(screen.colours) };
    const layer = make(shapes, options).addTo(screen.map);
    screen.painted.push(() => layer.setStyle(style(screen.colours)));
  };
  drawn(L.polygon, wards, "ground", (c) => ({ stroke: false, fillColor: c.land, fillOpacity: 1 }));
  if (ground.water) {
    const water = [...shapesOf(ground.water)];
    drawn(L.polygon, water, "ground", (c) => ({ stroke: false, fillColor: c.water, fillOpacity: 1 }));
  }
  if (ground.roads) {
    const roads = [...shapesOf(ground.roads)].flat(2);
    drawn(L.polyline, roads, "outlines", (c) => ({ color: c.muted, weight: 1.5, opacity: 0.45 }));
  }
  drawn(L.polygon, wards, "outlines", (c) => ({ fill: false, color: c.halo, weight: 4.5, opacity: 0.9 }));
  drawn(L.polygon, wards, "outlines", (c) => ({ fill: false, color: c.text, weight: 1.6 }));
  for (const [kind, at, lines] of ground.labels) {
    if (kind === "place") {
      drawn((where, options) => L.circleMarker(where, { ...options, radius: 3.5 }), at, "outlines", (c) =>
        ({ color: c.halo, weight: 1.5, fillColor: c.text, fillOpacity: 1 }));
    }
    const options = { permanent: true, direction: "center", className: `sw-label sw-${kind}` };
    L.tooltip(at, { ...options, content: written(lines) }).addTo(screen.map);
  }
}

/* Lines of words, the first in bold where it is a heading. */
function written(lines, first = "span") {
  const box = document.createElement("div");
  lines.forEach((line, number) => {
    if (number) box.append(document.createElement("br"));
    const node = document.createElement(number ? "span" : first);
    node.textContent = line;
    box.append(node);
  });
  return box;
}

/* Hide names that would lie on top of one another. */
function declutter(box) {
  const kept = [];
  const meets = (a, b) =>
    a.right >= b.left && a.left <= b.right && a.bottom >= b.top && a.top <= b.bottom;
  for (const label of box.querySelectorAll(".sw-label")) {
    const isFree = (label.classList.contains("sw-ward") ? [0, -14, 14] : [11]).some((shift) => {
      label.style.marginTop = `${shift}px`;
      const place = label.getBoundingClientRect();
      const free = !kept.some((other) => meets(place, other));
      if (free) kept.push(place);
      return free;
    });
    label.style.visibility = isFree ? "" : "hidden";
  }
}

/* What a filter changes */

function paint(screen, shapes, data) {
  if (JSON.stringify(screen.colours) !== screen.paintedIn) {
    for (const [name, colour] of Object.entries(screen.colours)) {
      screen.box.style.setProperty(`--map-${name}`, colour);
    }
    screen.painted.forEach((one) => one());
    screen.paintedIn = JSON.stringify(screen.colours);
  }
  screen.data = data;
  if (screen.shapes !== data.shapes) layAreas(screen, shapes);
  screen.areas.forEach((area, at) => colour(screen, area, at));
  screen.areas[data.selected]?.bringToFront();
  layLines(screen, data.over);
  screen.box.setAttribute("aria-label", data.label);
  screen.box.classList.toggle("sw-drawing", data.drawing);
  screen.box.dataset.drawn = "yes";
}

function layAreas(screen, shapes) {
  screen.group?.remove();
  screen.shapes = screen.data.shapes;
  screen.about = shapes;
  const all = [...shapesOf(shapes)];
  screen.areas = all.map((shape, at) => {
    const style = styleOf(screen, at);
    const area = new L.Polygon(shape, { smoothFactor: 0, ...style });
    area.at = at;
    area.look = JSON.stringify(style);
    return area;
  });
  screen.group = L.featureGroup(screen.areas).addTo(screen.map);
  const tip = { sticky: true, className: "sw-tip", opacity: 1 };
  screen.group.bindTooltip((area) => aboutArea(screen, area.at), tip);
  // A tooltip makes an area a stop of the Tab key: hundreds of them. Lists name the same places.
  screen.areas.forEach((area) => area.getElement()?.setAttribute("tabindex", "-1"));
  screen.group.on("click", (event) => {
    L.DomEvent.stopPropagation(event);
    tell(screen, shapes.ids[event.layer.at], event.latlng);
  });
}

function styleOf(screen, at) {
  const { data, colours, hatch } = screen;
  const fill = data.fills[data.classes[at]];
  const isMarked = at === data.selected;
  return {
    fillColor: fill.startsWith("#") ? fill : `url(#${hatch}-${fill})`, fillOpacity: 1,
    color: isMarked ? colours.accent : colours.outline, weight: isMarked ? 4 : 0.8,
  };
}

function colour(screen, area, at) {
  const style = styleOf(screen, at);
  const look = JSON.stringify(style);
  if (area.look !== look) {
    area.look = look;
    area.setStyle(style);
  }
}

function aboutArea(screen, at) {
  const said = screen.data.tip.map(([label, words, which]) => `${label}: ${words[which[at]]}`);
  return written([screen.about.names[at], ...said], "b");
}

function layLines(screen, over) {
  const look = JSON.stringify([over, screen.paintedIn]);
  if (screen.overLook === look) return;
  screen.overLook = look;
  screen.over?.remove();
  screen.over = L.featureGroup();
  const kept = over ? [...shapesOf(over)] : [];
  for (const [color, weight] of [[screen.colours.halo, 7], [screen.colours.line, 3.5]]) {
    kept.forEach((shape, at) => {
      const dashArray = weight < 5 ? over.dashes[at] : ""; // the rim is whole
      const options = { fill: false, interactive: false, smoothFactor: 0, pane: "outlines" };
      screen.over.addLayer(L.polygon(shape, { ...options, color, weight, dashArray }));
    });
  }
  screen.over.addTo(screen.map);
}

function tell(screen, id, at) {
  const { data } = screen;
  if (data.drawing) {
    screen.say({ id: "", lng: at.lng, lat: at.lat });
  } else if (id && id !== screen.about.ids[data.selected]) {
    const before = data.selected; // shown at once; the page's answer says the same
    data.selected = screen.about.ids.indexOf(id);
    for (const one of [before, data.selected]) {
      if (screen.areas[one]) colour(screen, screen.areas[one], one);
    }
    screen.areas[data.selected].bringToFront();
    screen.say({ id, lng: at.lng, lat: at.lat });
  }
}

/* Hatching for areas without a number, which Leaflet can only point to. */
function hatching(name) {
  const node = (tag, words, ...inside) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    Object.entries(words).forEach(([key, value]) => made.setAttribute(key, value));
    made.append(...inside);
    return made;
  };
  const units = { patternUnits: "userSpaceOnUse" };
  const land = "fill:var(--map-land)", muted = "fill:var(--map-muted)";
  return node("svg", { width: 0, height: 0, "aria-hidden": "true", style: "position:absolute" },
    node("defs", {},
      node("pattern", { ...units, id: `${name}-no-data`, width: 8, height: 8, patternTransform: "rotate(45)" },
        node("rect", { width: 8, height: 8, style: land }),
        node("rect", { width: 2, height: 8, style: muted })),
      node("pattern", { ...units, id: `${name}-withheld`, width: 7, height: 7 },
        node("rect", { width: 7, height: 7, style: land }),
        node("circle", { cx: 3.5, cy: 3.5, r: 1.5, style: muted }))));
}

/* Screens: one for each place of a page that shows a map */

function screenIn(element) {
  for (const [other, screen] of screens) {
    if (!other.isConnected) close(other, screen);
  }
  if (!screens.has(element)) {
    const box = document.createElement("div");
    const hatch = `sw-${Math.random().toString(36).slice(2, 8)}`;
    box.className = "sw-map";
    element.append(hatching(hatch), box);
    const screen = { box, hatch, painted: [], areas: [] };
    screen.watch = new ResizeObserver(() => resized(screen));
    screen.watch.observe(box);
    screens.set(element, screen);
  }
  return screens.get(element);
}

function close(element, screen) {
  screen.watch.disconnect();
  screen.map?.remove();
  screens.delete(element);
}

function resized(screen) {
  if (!screen.box.clientWidth) return;
  screen.wide?.();
  if (!screen.map) return;
  screen.map.invalidateSize({ animate: false, pan: false });
  if (!screen.touched) frameIt(screen);
}

async function wide(screen) {
  if (!screen.map && !screen.box.clientWidth) {
    await new Promise((ready) => { screen.wide = ready; });
  }
}

async function draw({ parentElement, data, setTriggerValue }) {
  const screen = screenIn(parentElement);
  screen.say = (what) => setTriggerValue("click", what);
  delete screen.box.dataset.drawn;
  screen.wanted = data; // the newest is drawn, also where an older one is still waited for
  screen.box.style.height = `min(${data.height}px, 115vw)`; // on a phone, room to scroll past it
  try {
    await needLeaflet();
  } catch {
    const words = "The map could not be drawn. The list and the table hold the same numbers.";
    screen.box.replaceChildren(written([words]));
    return;
  }
  const [ground, shapes] = await Promise.all([pack(data.ground), pack(data.shapes), wide(screen)]);
  if (screen.wanted !== data || !parentElement.isConnected) return;
  screen.colours = data.colours;
  screen.data = data;
  if (screen.ground !== data.ground) {
    screen.map?.remove();
    Object.assign(screen, { painted: [], areas: [], group: null, over: null });
    Object.assign(screen, { shapes: "", overLook: "", touched: false });
    Object.assign(screen, { name: data.name, ground: data.ground });
    begin(screen, ground);
  }
  paint(screen, shapes, data);
}

window.saferWalksMap = { draw, screens };
window.dispatchEvent(new Event("safer-walks-map"));
needLeaflet().catch(() => {});

export default ({ data }) => put(data);
